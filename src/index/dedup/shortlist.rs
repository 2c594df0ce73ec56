//! Rows against the most alike of those that follow them.

use std::ops::Range;

use rayon::prelude::*;

use super::super::params::SCANNED_ROWS;
use super::super::{IndexError, RowNumber, Search};
use super::{Dedup, Pair};
use crate::modality::{Modality, SelfSearch};

type Pairs<M> = Vec<Pair<<M as Modality>::Score>>;

impl<M: SelfSearch> Dedup<'_, M> {
    /// Pairs of the rows of a block with those shortlisted of the rows that follow them, in ascending order; `None` when the
    /// modality has no cheap similarity.
    pub(super) fn shortlisted(
        &self,
        part: Range<usize>,
        shortlist: usize,
        at_most: usize,
    ) -> Result<Option<Pairs<M>>, IndexError<M::Error>> {
        let search = Search::of_all(self.options.canceled_by());
        let mut pairs = Vec::new();
        for position in part {
            let following = self.rows.get(position + 1..).unwrap_or_default();
            let Some(probe) = self.probe(position).filter(|_| !following.is_empty()) else { continue };
            let spans = self.index.spans_of(following, SCANNED_ROWS);
            let Some(rows) = self.index.shortlist(&probe, shortlist, &spans, &search)? else { return Ok(None) };
            pairs.append(&mut self.compare_rows(position, &probe, &rows)?);
            if pairs.len() > at_most {
                return Err(IndexError::TooManyPairs { limit: self.options.at_most });
            }
        }
        Ok(Some(pairs))
    }

    /// Pairs of a row with rows that follow it, in the order of those.
    fn compare_rows(
        &self,
        position: usize,
        probe: &M::Probe,
        rows: &[RowNumber],
    ) -> Result<Pairs<M>, IndexError<M::Error>> {
        let own = self.rows.get(position).and_then(|&row| self.index.link(row)).map(|link| link.subject);
        let compared = rows.par_iter().map_init(M::Scratch::default, |scratch, &row| {
            if self.options.is_canceled() {
                return Err(IndexError::Canceled);
            }
            let Some((shard, at)) = self.index.place(row) else { return Ok(None) };
            let other = self.index.link(row).map(|link| link.subject);
            let Ok(b) = self.rows.binary_search(&row) else { return Ok(None) };
            if own.is_none() || own == other {
                return Ok(None);
            }
            let mut scores = Vec::with_capacity(1);
            self.index.modality.compare_rows(probe, &shard.block, at..at + 1, scratch, &mut scores)?;
            let reached = scores.pop().filter(|score| *score >= self.options.at_least);
            Ok(reached.map(|score| Pair { a: position as u32, b: b as u32, score }))
        });
        Ok(compared.collect::<Result<Vec<_>, IndexError<M::Error>>>()?.into_iter().flatten().collect())
    }
}
