//! What a gallery holds, and how it changes.

use std::collections::hash_map::Entry as MapEntry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::error::FaceIndexError;
use super::model::FaceModel;
use super::params::{NAMES_PER_CHUNK, SEGMENT_ROWS};
use super::segment::{Buffers, Layout, Segment};
use crate::face::embedding::Embedding;
use crate::subject::SubjectId;

/// Row of the whole gallery: number of the segment times [`SEGMENT_ROWS`] plus row of the segment.
pub(super) type RowNumber = u32;
/// Place in the table of subjects; reused after removal.
pub(super) type Slot = u32;

/// The rows of a subject; most have one.
#[derive(Clone, Debug)]
enum Rows {
    One(RowNumber),
    Many(Vec<RowNumber>),
}

/// A subject and its rows.
#[derive(Clone)]
struct Entry {
    name: SubjectId,
    rows: Rows,
}

/// What searches see: never changed while somebody else holds it.
#[derive(Clone)]
pub(super) struct State {
    pub(super) model: FaceModel,
    pub(super) layout: Layout,
    pub(super) segments: Vec<Arc<Segment>>,
    names: Vec<Arc<Vec<Option<Entry>>>>,
    pub(super) subjects: usize,
    pub(super) rows: usize,
}

impl State {
    fn entry(&self, slot: Slot) -> Option<&Entry> {
        self.names.get(slot as usize / NAMES_PER_CHUNK)?.get(slot as usize % NAMES_PER_CHUNK)?.as_ref()
    }

    /// The name of a subject.
    pub(super) fn name(&self, slot: Slot) -> Option<&SubjectId> {
        self.entry(slot).map(|e| &e.name)
    }

    /// The rows of a subject.
    pub(super) fn rows_of(&self, slot: Slot) -> &[RowNumber] {
        match self.entry(slot).map(|e| &e.rows) {
            Some(Rows::One(row)) => std::slice::from_ref(row),
            Some(Rows::Many(rows)) => rows,
            None => &[],
        }
    }

    /// Places in the table of subjects, free ones included.
    pub(super) fn slots(&self) -> Slot {
        (self.names.len() * NAMES_PER_CHUNK) as Slot
    }

    /// The names, in no order.
    pub(super) fn all_names(&self) -> impl Iterator<Item = &SubjectId> {
        self.names.iter().flat_map(|chunk| chunk.iter()).flatten().map(|e| &e.name)
    }

    /// The segment of a row and the row in it.
    pub(super) fn place(&self, row: RowNumber) -> Option<(&Segment, usize)> {
        Some((self.segments.get(row as usize / SEGMENT_ROWS)?, row as usize % SEGMENT_ROWS))
    }

    fn segment_mut(&mut self, number: usize) -> Option<&mut Segment> {
        self.segments.get_mut(number).map(Arc::make_mut)
    }

    fn entry_mut(&mut self, slot: Slot) -> Option<&mut Option<Entry>> {
        let chunk = self.names.get_mut(slot as usize / NAMES_PER_CHUNK)?;
        Arc::make_mut(chunk).get_mut(slot as usize % NAMES_PER_CHUNK)
    }
}

/// What the owner of the gallery knows beyond that.
#[derive(Clone)]
pub(super) struct Gallery {
    state: Arc<State>,
    slots: HashMap<SubjectId, Slot>,
    free: Vec<Slot>,
    /// Segments with room, filled from the lowest on.
    open: BTreeSet<usize>,
    buffers: Buffers,
}

impl Gallery {
    pub(super) fn new(model: FaceModel, layout: Layout) -> Self {
        let state = State { model, layout, segments: Vec::new(), names: Vec::new(), subjects: 0, rows: 0 };
        Self {
            state: Arc::new(state),
            slots: HashMap::new(),
            free: Vec::new(),
            open: BTreeSet::new(),
            buffers: Buffers::default(),
        }
    }

    pub(super) fn state(&self) -> &Arc<State> {
        &self.state
    }

    pub(super) fn slot(&self, subject: &SubjectId) -> Option<Slot> {
        self.slots.get(subject).copied()
    }

    /// Refuses when there is no number left for so many more rows.
    pub(super) fn check_room(&self, more: usize) -> Result<(), FaceIndexError> {
        // Rows that are full of gaps take numbers too: one segment more than the rows need.
        let most = (u32::MAX as usize / SEGMENT_ROWS - 1) * SEGMENT_ROWS;
        let gaps = self.open.len() * SEGMENT_ROWS;
        match self.state.rows.checked_add(gaps).and_then(|n| n.checked_add(more)) {
            Some(rows) if rows <= most => Ok(()),
            _ => Err(FaceIndexError::Full { rows: self.state.rows }),
        }
    }

    /// Makes room for so many new subjects.
    pub(super) fn reserve(&mut self, more: usize) {
        self.slots.reserve(more);
    }

    /// Appends a row to a subject, who may be new. There must be room.
    pub(super) fn push(&mut self, subject: &SubjectId, embedding: &Embedding, label: u64) {
        self.push_if(subject, embedding, label, false);
    }

    /// Appends a row with label 0 to a subject who is new; false, and nothing is changed, when the subject is not.
    pub(super) fn push_new(&mut self, subject: &SubjectId, embedding: &Embedding) -> bool {
        self.push_if(subject, embedding, 0, true)
    }

    fn push_if(&mut self, subject: &SubjectId, embedding: &Embedding, label: u64, only_new: bool) -> bool {
        let places = self.slots.len() as Slot;
        let (slot, known) = match self.slots.entry(subject.clone()) {
            MapEntry::Occupied(_) if only_new => return false,
            MapEntry::Occupied(held) => (*held.get(), true),
            MapEntry::Vacant(place) => (*place.insert(self.free.pop().unwrap_or(places)), false),
        };
        let state = Arc::make_mut(&mut self.state);
        let number = self.open.first().copied().unwrap_or(state.segments.len());
        if number == state.segments.len() {
            state.segments.push(Arc::default());
            self.open.insert(number);
        }
        let layout = state.layout;
        let Some(segment) = state.segment_mut(number) else { return false };
        let row = (number * SEGMENT_ROWS + segment.len()) as RowNumber;
        segment.push(&layout, embedding, slot, label, &mut self.buffers);
        if segment.is_full() {
            self.open.remove(&number);
        }
        state.rows += 1;
        if !known {
            state.subjects += 1;
            if slot as usize / NAMES_PER_CHUNK >= state.names.len() {
                state.names.push(Arc::new(vec![None; NAMES_PER_CHUNK]));
            }
        }
        let Some(entry) = state.entry_mut(slot) else { return false };
        match entry {
            None => *entry = Some(Entry { name: subject.clone(), rows: Rows::One(row) }),
            Some(Entry { rows: Rows::Many(rows), .. }) => rows.push(row),
            Some(Entry { rows, .. }) => {
                if let Rows::One(first) = *rows {
                    *rows = Rows::Many(vec![first, row]);
                }
            }
        }
        true
    }

    /// Removes a subject; tells how many rows it had.
    pub(super) fn remove(&mut self, subject: &SubjectId) -> usize {
        let Some(slot) = self.slots.remove(subject) else { return 0 };
        let mut rows = self.state.rows_of(slot).to_vec();
        // The last row of a segment takes the place of a removed one: from the end on, rows still to go stay where they are.
        rows.sort_unstable_by(|a, b| b.cmp(a));
        for &row in &rows {
            self.remove_row(row);
        }
        let state = Arc::make_mut(&mut self.state);
        if let Some(entry) = state.entry_mut(slot) {
            *entry = None;
        }
        state.subjects -= 1;
        self.free.push(slot);
        rows.len()
    }

    fn remove_row(&mut self, row: RowNumber) {
        let state = Arc::make_mut(&mut self.state);
        let layout = state.layout;
        let (number, place) = (row as usize / SEGMENT_ROWS, row as usize % SEGMENT_ROWS);
        let Some(segment) = state.segment_mut(number) else { return };
        segment.swap_remove(&layout, place, &mut self.buffers);
        let moved = segment.slots.get(place).copied();
        let from = (number * SEGMENT_ROWS + segment.len()) as RowNumber;
        state.rows -= 1;
        self.open.insert(number);
        if let Some(Some(entry)) = moved.and_then(|slot| state.entry_mut(slot)) {
            match &mut entry.rows {
                Rows::One(held) => *held = row,
                Rows::Many(rows) => rows.iter_mut().filter(|held| **held == from).for_each(|held| *held = row),
            }
        }
    }

    /// Memory of names and of the tables that lead from and to them, bytes, estimated.
    pub(super) fn name_bytes(&self) -> usize {
        let text: usize = self.slots.keys().map(|s| s.as_str().len() + 2 * size_of::<usize>()).sum();
        let many: usize = (0..self.state.names.len() * NAMES_PER_CHUNK)
            .map(|slot| self.state.rows_of(slot as Slot).len())
            .filter(|n| *n > 1)
            .sum();
        text + self.slots.capacity() * (size_of::<(SubjectId, Slot)>() + 1)
            + self.state.names.len() * NAMES_PER_CHUNK * size_of::<Option<Entry>>()
            + many * size_of::<RowNumber>()
            + self.free.capacity() * size_of::<Slot>()
    }
}
