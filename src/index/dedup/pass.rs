//! Compares one block of rows with itself and all rows that follow it.

use std::ops::Range;

use super::super::engine::Index;
use super::super::error::IndexError;
use super::super::shard::Shard;
use super::super::subjects::{RowNumber, Slot};
use super::super::walk::Wanted;
use super::{Dedup, Pair};
use crate::modality::{Modality, Offers, Rows, SelfSearch};

/// A row of the block.
pub(super) struct Own<M: Modality> {
    position: usize,
    row: RowNumber,
    slot: Slot,
    pub(super) probe: M::Probe,
}

/// Receives the rows that a scan offers for a row of the block.
struct Sink<'a, 's, M: SelfSearch> {
    pairs: &'a mut Vec<Pair<M::Score>>,
    dedup: &'a Dedup<'s, M>,
    own: &'a Own<M>,
    number: usize,
    shard: &'a Shard<M>,
}

impl<M: SelfSearch> Offers<M::Score> for Sink<'_, '_, M> {
    fn bar(&self) -> f32 {
        M::value(self.dedup.options.at_least)
    }

    fn exact(&mut self, row: usize, score: M::Score) {
        let other = self.shard.slots.get(row).is_some_and(|slot| *slot != self.own.slot);
        // One pair over the limit is enough to fail.
        if score < self.dedup.options.at_least || !other || self.pairs.len() > self.dedup.options.at_most {
            return;
        }
        let row = (self.number * M::SEGMENT_ROWS + row) as RowNumber;
        if let Ok(b) = self.dedup.rows.binary_search(&row) {
            self.pairs.push(Pair { a: self.own.position as u32, b: b as u32, score });
        }
    }

    fn bounded(&mut self, row: usize, _: f32, high: f32) {
        let modality = self.dedup.index.modality();
        if high >= self.bar()
            && let Ok(score) =
                modality.compare_row(&self.own.probe, &self.shard.segment, row, &mut M::Scratch::default())
        {
            self.exact(row, score);
        }
    }
}

impl<M: SelfSearch> Index<M> {
    /// All rows, in order.
    pub(super) fn all_rows(&self) -> impl Iterator<Item = RowNumber> {
        let rows = |(number, shard): (usize, &std::sync::Arc<Shard<M>>)| {
            let first = number * M::SEGMENT_ROWS;
            first as RowNumber..(first + shard.len()) as RowNumber
        };
        self.shards.iter().enumerate().flat_map(rows)
    }
}

impl<M: SelfSearch> Dedup<'_, M> {
    /// Pairs of the rows of a block with rows that follow them, in ascending order.
    pub(super) fn pass(&self, block: Range<usize>) -> Result<Vec<Pair<M::Score>>, IndexError<M::Error>> {
        let mut all: Vec<Pair<M::Score>> = Vec::new();
        let mut start = block.start;
        // The block is split into the parts that a modality passes over the index together.
        while start < block.end {
            let end = (start + M::PROBES_PER_PASS.max(1)).min(block.end);
            let own: Vec<Own<M>> = (start..end).filter_map(|position| self.own(position)).collect();
            let mut found = match self.options.shortlist {
                Some(count) => self.shortlisted(&own, count)?,
                None => self.part(&own)?,
            };
            if found.len() > self.options.at_most.saturating_sub(all.len()) {
                return Err(IndexError::TooManyPairs { limit: self.options.at_most });
            }
            all.append(&mut found);
            start = end;
        }
        all.sort_unstable_by_key(|pair| (pair.a, pair.b));
        Ok(all)
    }

    fn part(&self, own: &[Own<M>]) -> Result<Vec<Pair<M::Score>>, IndexError<M::Error>> {
        let (Some(first), Some(last)) = (own.first(), own.last()) else { return Ok(Vec::new()) };
        let wanted = Wanted::from(first.row.saturating_add(1));
        let probes: Vec<&M::Probe> = own.iter().map(|own| &own.probe).collect();
        let new = || (vec![Vec::new(); own.len()], M::Scratch::default());
        let cancel = self.options.canceled_by();
        let gathered = self.index.walk(&wanted, (None, own.len()), cancel, new, |(lists, scratch), part| {
            let (number, shard) = (part.number, part.shard);
            let sink = |(pairs, own)| Sink { pairs, dedup: self, own, number, shard };
            let mut sinks: Vec<Sink<'_, '_, M>> = lists.iter_mut().zip(own).map(sink).collect();
            // Rows inside the block go one by one, because each meets only the rows before it; rows after the block go
            // at once.
            let (start, end) = (part.rows.range().start, part.rows.range().end);
            let inside = (last.row as usize + 1).saturating_sub(number * M::SEGMENT_ROWS).clamp(start, end);
            for row in start..inside {
                let before = own.partition_point(|own| (own.row as usize) < number * M::SEGMENT_ROWS + row);
                let (probes, sinks) = (probes.get(..before), sinks.get_mut(..before));
                let rows = Rows::all(row..row + 1);
                let (Some(probes), Some(sinks)) = (probes, sinks) else { continue };
                self.index.modality().scan(probes, &shard.segment, rows, scratch, sinks)?;
            }
            self.index.modality().scan(&probes, &shard.segment, Rows::all(inside..end), scratch, &mut sinks)
        })?;
        Ok(gathered.into_iter().flat_map(|(lists, _)| lists).flatten().collect())
    }

    /// Pairs of rows of the block with the shortlisted rows among those that follow them.
    fn shortlisted(&self, own: &[Own<M>], count: usize) -> Result<Vec<Pair<M::Score>>, IndexError<M::Error>> {
        if self.index.modality().stages() == 0 {
            return Err(IndexError::NoShortlist);
        }
        own.iter().try_fold(Vec::new(), |mut pairs, own| {
            pairs.append(&mut self.most_alike(own, count)?);
            Ok(pairs)
        })
    }

    /// The score of two rows of different subjects; `None` when they belong to one subject or do not exist.
    pub(super) fn compare(
        &self,
        a: usize,
        b: usize,
        scratch: &mut M::Scratch,
    ) -> Result<Option<M::Score>, IndexError<M::Error>> {
        let Some(own) = self.own(a) else { return Ok(None) };
        self.rows.get(b).map_or(Ok(None), |&row| self.compare_with(&own, row, scratch))
    }

    /// The score of a row of the block with another row; `None` when both belong to one subject or the other does not
    /// exist.
    pub(super) fn compare_with(
        &self,
        own: &Own<M>,
        row: RowNumber,
        scratch: &mut M::Scratch,
    ) -> Result<Option<M::Score>, IndexError<M::Error>> {
        let Some((shard, place)) = self.index.place(row) else { return Ok(None) };
        if shard.slots.get(place).is_none_or(|slot| *slot == own.slot) {
            return Ok(None);
        }
        Ok(Some(self.index.modality().compare_row(&own.probe, &shard.segment, place, scratch)?))
    }

    fn own(&self, position: usize) -> Option<Own<M>> {
        let row = *self.rows.get(position)?;
        let (shard, place) = self.index.place(row)?;
        let probe = self.index.modality().probe_of_row(&shard.segment, place)?;
        Some(Own { position, row, slot: *shard.slots.get(place)?, probe })
    }
}

impl<M: Modality> Own<M> {
    /// The position of this row, and the rows that follow it.
    pub(super) fn at(&self) -> (usize, Wanted) {
        (self.position, Wanted::from(self.row.saturating_add(1)))
    }
}
