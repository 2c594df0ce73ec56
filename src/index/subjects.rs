//! The subjects and their rows.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use super::names::Names;
pub(super) use super::names::Slot;
use crate::subject::SubjectId;

/// The number of a row in the whole index: segment number times rows per segment, plus the row in the segment.
pub(super) type RowNumber = u32;

/// The rows of a subject in the order in which they were added; most subjects have one.
#[derive(Clone)]
enum Rows {
    One(RowNumber),
    /// In a box, because it is rare.
    #[allow(clippy::box_collection)]
    Many(Box<Vec<RowNumber>>),
}

impl Rows {
    fn as_slice(&self) -> &[RowNumber] {
        match self {
            Self::One(row) => std::slice::from_ref(row),
            Self::Many(rows) => rows,
        }
    }

    fn as_mut_slice(&mut self) -> &mut [RowNumber] {
        match self {
            Self::One(row) => std::slice::from_mut(row),
            Self::Many(rows) => rows,
        }
    }
}

/// Slots per part of the table of subjects, and parts of the map from names to slots. While a snapshot shares them, a
/// change copies one part of each, some 40 kB.
const SLOTS_PER_CHUNK: usize = 1024;
const MAPS: usize = 256;

/// A subject and its rows; `None` when the slot is free.
type Entry = Option<(SubjectId, Rows)>;

/// The subjects and their rows. Clones share the parts that neither changes.
#[derive(Clone)]
pub(super) struct Subjects {
    /// Hashes names with keys of its own, so that nobody can choose names that share a place.
    hasher: RandomState,
    slots: Vec<Arc<Names>>,
    entries: Vec<Arc<Vec<Entry>>>,
    free: Arc<Vec<Slot>>,
    /// Slots that have ever been in use.
    used: usize,
    len: usize,
}

impl Default for Subjects {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            slots: vec![Arc::default(); MAPS],
            entries: Vec::new(),
            free: Arc::default(),
            used: 0,
            len: 0,
        }
    }
}

/// The map that holds a name with this hash.
fn map_of(hash: u64) -> usize {
    (hash >> 32) as usize % MAPS
}

fn entry(entries: &[Arc<Vec<Entry>>], slot: Slot) -> Option<&(SubjectId, Rows)> {
    entries.get(slot as usize / SLOTS_PER_CHUNK)?.get(slot as usize % SLOTS_PER_CHUNK)?.as_ref()
}

impl Subjects {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn slot(&self, subject: &SubjectId) -> Option<Slot> {
        let hash = self.hasher.hash_one(subject);
        self.slots.get(map_of(hash))?.find(hash, |slot| self.name(slot) == Some(subject))
    }

    pub(super) fn name(&self, slot: Slot) -> Option<&SubjectId> {
        self.entry(slot).map(|e| &e.0)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &SubjectId> {
        self.entries.iter().flat_map(|chunk| chunk.iter()).flatten().map(|entry| &entry.0)
    }

    fn entry(&self, slot: Slot) -> Option<&(SubjectId, Rows)> {
        entry(&self.entries, slot)
    }

    fn entry_mut(&mut self, slot: Slot) -> Option<&mut Entry> {
        let chunk = self.entries.get_mut(slot as usize / SLOTS_PER_CHUNK)?;
        Arc::make_mut(chunk).get_mut(slot as usize % SLOTS_PER_CHUNK)
    }

    /// Changes the map that holds a name; the function is also given the name's hash, and what gives those of other slots.
    fn change_map(&mut self, subject: &SubjectId, change: impl FnOnce(&mut Names, u64, &dyn Fn(Slot) -> u64)) {
        let Self { hasher, slots, entries, .. } = self;
        let hash_of = |slot| entry(entries, slot).map_or(0, |entry| hasher.hash_one(&entry.0));
        let hash = hasher.hash_one(subject);
        if let Some(map) = slots.get_mut(map_of(hash)) {
            change(Arc::make_mut(map), hash, &hash_of);
        }
    }

    /// The rows of a subject, in the order in which they were added; empty for a free slot.
    pub(super) fn rows(&self, slot: Slot) -> &[RowNumber] {
        self.entry(slot).map_or(&[], |e| e.1.as_slice())
    }

    /// Slots that have ever been in use.
    pub(super) fn slots(&self) -> std::ops::Range<Slot> {
        0..self.used as Slot
    }

    /// Appends a row to a subject, who may be new, and returns the subject's slot.
    pub(super) fn push(&mut self, subject: &SubjectId, row: RowNumber) -> Slot {
        let slot = self.slot(subject).unwrap_or_else(|| self.new_slot(subject));
        match self.entry_mut(slot) {
            Some(Some((_, Rows::Many(rows)))) => rows.push(row),
            Some(Some((_, rows))) => {
                *rows = Rows::Many(Box::new(vec![rows.as_slice().first().copied().unwrap_or(row), row]))
            }
            Some(free) => *free = Some((subject.clone(), Rows::One(row))),
            None => {}
        }
        slot
    }

    /// Records the new number of a subject's row.
    pub(super) fn renumber(&mut self, slot: Slot, from: RowNumber, to: RowNumber) {
        if let Some(Some((_, rows))) = self.entry_mut(slot) {
            rows.as_mut_slice().iter_mut().filter(|row| **row == from).for_each(|row| *row = to);
        }
    }

    /// Removes a row from a subject who has others.
    pub(super) fn forget(&mut self, slot: Slot, row: RowNumber) {
        if let Some(Some((_, Rows::Many(rows)))) = self.entry_mut(slot) {
            rows.retain(|held| *held != row);
        }
    }

    /// A slot for a new subject, with no entry yet.
    fn new_slot(&mut self, subject: &SubjectId) -> Slot {
        let free = if self.free.is_empty() { None } else { Arc::make_mut(&mut self.free).pop() };
        let slot = free.unwrap_or_else(|| {
            if self.used == self.entries.len() * SLOTS_PER_CHUNK {
                self.entries.push(Arc::new(vec![None; SLOTS_PER_CHUNK]));
            }
            self.used += 1;
            (self.used - 1) as Slot
        });
        self.change_map(subject, |map, hash, hash_of| map.insert(hash, slot, hash_of));
        self.len += 1;
        slot
    }

    pub(super) fn remove(&mut self, subject: &SubjectId) {
        if let Some(slot) = self.slot(subject) {
            self.change_map(subject, |map, hash, hash_of| map.remove(hash, slot, hash_of));
            if let Some(place) = self.entry_mut(slot) {
                *place = None;
            }
            Arc::make_mut(&mut self.free).push(slot);
            self.len -= 1;
        }
    }

    /// Memory used, in bytes; of long names an estimate.
    pub(super) fn bytes(&self) -> usize {
        self.names().map(SubjectId::bytes_elsewhere).sum::<usize>()
            + self.slots.iter().map(|map| map.bytes()).sum::<usize>()
            + self.entries.len() * SLOTS_PER_CHUNK * size_of::<Entry>()
            + self.free.capacity() * size_of::<Slot>()
    }
}
