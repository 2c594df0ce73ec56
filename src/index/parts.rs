//! An index taken apart and put together again, for files.

use std::sync::Arc;

use super::engine::Index;
use super::shard::Shard;
use super::subjects::{RowNumber, Subjects};
use crate::modality::{Modality, Segment};
use crate::subject::SubjectId;

/// A segment, and of each of its rows the subject, which of the subject's samples it is, and its label.
pub(crate) struct Part<M: Modality> {
    pub(crate) segment: M::Segment,
    pub(crate) rows: Vec<(SubjectId, u32, u64)>,
}

fn number<M: Modality>(segment: usize, row: usize) -> RowNumber {
    (segment * M::SEGMENT_ROWS + row) as RowNumber
}

impl<M: Modality> Index<M> {
    /// Number of segments.
    pub(crate) fn segments(&self) -> usize {
        self.shards.len()
    }

    /// A segment.
    pub(crate) fn segment(&self, number_of: usize) -> Option<&M::Segment> {
        self.shards.get(number_of).map(|shard| &shard.segment)
    }

    /// Of each row of a segment the subject, which of the subject's samples it is, and its label.
    pub(crate) fn rows_of(&self, number_of: usize) -> impl Iterator<Item = (&SubjectId, usize, u64)> {
        self.shards.get(number_of).into_iter().flat_map(move |shard| {
            shard.slots.iter().enumerate().filter_map(move |(place, slot)| {
                let sample = self.sample_of(*slot, number::<M>(number_of, place));
                Some((self.subjects.name(*slot)?, sample, shard.label(place)))
            })
        })
    }

    /// The index of these segments; `None` when samples of a subject are missing or come twice, or a segment is too long.
    pub(crate) fn of_parts(modality: M, parts: Vec<Part<M>>) -> Option<Self> {
        let mut order: Vec<(u32, RowNumber)> = Vec::new();
        for (segment, part) in parts.iter().enumerate() {
            let end = segment.checked_add(1).and_then(|end| end.checked_mul(M::SEGMENT_ROWS));
            if part.rows.len() > M::SEGMENT_ROWS
                || part.rows.len() != part.segment.len()
                || end.is_none_or(|end| end >= RowNumber::MAX as usize)
            {
                return None;
            }
            order
                .extend(part.rows.iter().enumerate().map(|(row, (_, sample, _))| (*sample, number::<M>(segment, row))));
        }
        // Subjects get their first samples first; of one number, rows stay in order.
        order.sort_unstable();
        let mut subjects = Subjects::default();
        let mut slots: Vec<Vec<_>> = parts.iter().map(|part| vec![0; part.rows.len()]).collect();
        for &(sample, number) in &order {
            let (segment, row) = (number as usize / M::SEGMENT_ROWS, number as usize % M::SEGMENT_ROWS);
            let slot = subjects.push(&parts.get(segment)?.rows.get(row)?.0, number);
            if subjects.rows(slot).len() != sample as usize + 1 {
                return None;
            }
            *slots.get_mut(segment)?.get_mut(row)? = slot;
        }
        let shard = |(part, slots): (Part<M>, Vec<_>)| {
            Arc::new(Shard::of_parts(part.segment, slots, part.rows.into_iter().map(|row| row.2).collect()))
        };
        let shards: Vec<_> = parts.into_iter().zip(slots).map(shard).collect();
        let open = shards.iter().enumerate().filter(|(_, shard)| !shard.is_full()).map(|(number, _)| number).collect();
        Some(Self { modality, shards, open, subjects, references: order.len(), partitions: None })
    }
}
