//! Where references stand, and whose they are.

use std::collections::HashMap;

use crate::subject::SubjectId;

/// A row of the whole index: shard number times shard capacity plus row of the shard.
pub(super) type RowNumber = u32;
/// A place in the table of subjects; reused after removal.
pub(super) type Slot = u32;

/// No row.
pub(super) const NOWHERE: RowNumber = RowNumber::MAX;

/// Whose a row is, and the other rows of that subject.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) subject: Slot,
    pub(super) next: RowNumber,
    pub(super) previous: RowNumber,
}

/// The subjects and the first row of each.
#[derive(Clone, Default)]
pub(super) struct Subjects {
    slots: HashMap<SubjectId, Slot>,
    /// Per slot its subject and its first row; `None` where the slot is free.
    entries: Vec<Option<(SubjectId, RowNumber)>>,
    free: Vec<Slot>,
}

impl Subjects {
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn slot(&self, subject: &SubjectId) -> Option<Slot> {
        self.slots.get(subject).copied()
    }

    pub(super) fn name(&self, slot: Slot) -> Option<&SubjectId> {
        self.entries.get(slot as usize)?.as_ref().map(|e| &e.0)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &SubjectId> {
        self.slots.keys()
    }

    /// The first row of a subject, [`NOWHERE`] for a slot that is free.
    pub(super) fn head(&self, slot: Slot) -> RowNumber {
        self.entries.get(slot as usize).and_then(Option::as_ref).map_or(NOWHERE, |e| e.1)
    }

    pub(super) fn set_head(&mut self, slot: Slot, row: RowNumber) {
        if let Some(Some(entry)) = self.entries.get_mut(slot as usize) {
            entry.1 = row;
        }
    }

    /// The slot of a subject, a new one without rows if it is not known yet.
    pub(super) fn slot_or_new(&mut self, subject: SubjectId) -> Slot {
        if let Some(slot) = self.slot(&subject) {
            return slot;
        }
        let slot = self.free.pop().unwrap_or(self.entries.len() as Slot);
        let entry = Some((subject.clone(), NOWHERE));
        match self.entries.get_mut(slot as usize) {
            Some(place) => *place = entry,
            None => self.entries.push(entry),
        }
        self.slots.insert(subject, slot);
        slot
    }

    pub(super) fn remove(&mut self, subject: &SubjectId) {
        if let Some(slot) = self.slots.remove(subject) {
            if let Some(place) = self.entries.get_mut(slot as usize) {
                *place = None;
            }
            self.free.push(slot);
        }
    }

    /// Memory held, bytes; an estimate, for the map's layout is the standard library's.
    pub(super) fn bytes(&self) -> usize {
        let names: usize = self.slots.keys().map(|s| s.as_str().len() + 2 * size_of::<usize>()).sum();
        names
            + self.slots.capacity() * (size_of::<(SubjectId, Slot)>() + 1)
            + self.entries.capacity() * size_of::<Option<(SubjectId, RowNumber)>>()
            + self.free.capacity() * size_of::<Slot>()
    }
}
