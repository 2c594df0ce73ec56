//! Rows that are stored, copied and scanned together.

use super::subjects::Slot;
use crate::modality::{Modality, Segment};

/// A segment and the subjects of its rows.
#[derive(Clone)]
pub(super) struct Shard<M: Modality> {
    pub(super) segment: M::Segment,
    /// The subject of each row.
    pub(super) slots: Vec<Slot>,
    /// The caller's label of each row; empty while all are 0.
    labels: Vec<u64>,
}

impl<M: Modality> Shard<M> {
    pub(super) fn new(modality: &M) -> Self {
        Self { segment: modality.new_segment(), slots: Vec::new(), labels: Vec::new() }
    }

    /// A segment whose rows belong to these subjects, with these labels.
    #[cfg(feature = "gallery")]
    pub(super) fn of_parts(segment: M::Segment, slots: Vec<Slot>, labels: Vec<u64>) -> Self {
        let labels = if labels.iter().all(|label| *label == 0) { Vec::new() } else { labels };
        Self { segment, slots, labels }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= M::SEGMENT_ROWS
    }

    /// The label of a row.
    pub(super) fn label(&self, row: usize) -> u64 {
        self.labels.get(row).copied().unwrap_or(0)
    }

    pub(super) fn push(&mut self, reference: M::Reference, slot: Slot, label: u64) {
        if label != 0 && self.labels.is_empty() {
            self.labels.resize(self.slots.len(), 0);
        }
        if label != 0 || !self.labels.is_empty() {
            self.labels.push(label);
        }
        self.segment.push(reference);
        self.slots.push(slot);
    }

    /// Removes a row; the last row takes its place.
    pub(super) fn swap_remove(&mut self, row: usize) {
        if row >= self.len() {
            return;
        }
        self.segment.swap_remove(row);
        self.slots.swap_remove(row);
        if !self.labels.is_empty() {
            self.labels.swap_remove(row);
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.segment.bytes() + self.slots.capacity() * size_of::<Slot>() + self.labels.capacity() * size_of::<u64>()
    }
}
