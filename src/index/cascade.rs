//! Cheap passes over the rows, each over fewer and at a higher cost, then the full comparison of the best.

use std::cmp::Ordering;
use std::ops::Range;

use rayon::prelude::*;

use super::exhaustive::Span;
use super::params::{FINER_SHARE, FINER_TIMES, SCANNED_ROWS};
use super::rows::RowNumber;
use super::{Index, IndexError, Ranked, Search};
use crate::modality::Modality;

/// A row and how alike a cheap pass found it.
type Rated = (f32, RowNumber);

/// A cheap pass of a modality over neighboring rows of a block; false when the modality has none.
type Pass<M> = fn(
    &M,
    &<M as Modality>::Probe,
    &<M as Modality>::Block,
    Range<usize>,
    &mut <M as Modality>::Scratch,
    &mut Vec<f32>,
) -> bool;

impl<M: Modality> Index<M> {
    /// The best subjects among the `shortlist` rows of the highest cheap similarity.
    pub(super) fn cascade(
        &self,
        probe: &M::Probe,
        shortlist: usize,
        search: &Search<'_, M::Score>,
    ) -> Result<Ranked<M>, IndexError<M::Error>> {
        let shortlisted = if self.references <= shortlist {
            None
        } else {
            self.shortlist(probe, shortlist, &self.wanted_spans(SCANNED_ROWS, search), search)?
        };
        let spans = match shortlisted {
            Some(rows) => self.spans_of(&rows, M::COMPARISONS_PER_TASK),
            None => self.searched_spans(1, search),
        };
        Ok(self.scan(&[probe], &spans, search)?.pop().unwrap_or_default())
    }

    /// The rows of spans with the highest cheap similarity, in order; `None` when the modality has none.
    pub(super) fn shortlist(
        &self,
        probe: &M::Probe,
        count: usize,
        spans: &[Span],
        search: &Search<'_, M::Score>,
    ) -> Result<Option<Vec<RowNumber>>, IndexError<M::Error>> {
        let Some(mut rated) = self.rate(M::coarse_rows, probe, spans, search)? else { return Ok(None) };
        let finer = (rated.len() / FINER_SHARE).max(count.saturating_mul(FINER_TIMES));
        if rated.len() <= count {
            return Ok(Some(rated.into_iter().map(|(_, row)| row).collect()));
        }
        let survivors = self.best_rows(&mut rated, finer);
        let spans = self.spans_of(&survivors, M::COMPARISONS_PER_TASK);
        let mut rated = self.rate(M::finer_rows, probe, &spans, search)?.unwrap_or(rated);
        Ok(Some(self.best_rows(&mut rated, count)))
    }

    /// What a cheap pass makes of the rows of spans, without those of subjects that the search does not want; `None` when
    /// the modality has no such pass.
    fn rate(
        &self,
        pass: Pass<M>,
        probe: &M::Probe,
        spans: &[Span],
        search: &Search<'_, M::Score>,
    ) -> Result<Option<Vec<Rated>>, IndexError<M::Error>> {
        let new = || (M::Scratch::default(), Vec::new());
        let rated = spans
            .par_iter()
            .map_init(new, |(scratch, values), span| {
                if search.is_canceled() {
                    return Err(IndexError::Canceled);
                }
                let Some(shard) = self.shards.get(span.shard) else { return Ok(None) };
                values.clear();
                if !pass(&self.modality, probe, &shard.block, span.rows.clone(), scratch, values) {
                    return Ok(None);
                }
                let first = (span.shard * self.shard_rows + span.rows.start) as RowNumber;
                let mut rated: Vec<Rated> = values.iter().copied().zip(first..).collect();
                if search.asks_subjects() {
                    rated.retain(|&(_, row)| self.subject_of(row).is_some_and(|name| search.allows(name)));
                }
                Ok(Some(rated))
            })
            .collect::<Result<Option<Vec<Vec<Rated>>>, _>>()?;
        Ok(rated.map(|parts| parts.concat()))
    }

    /// The `count` best rows, in the order of rows; `rated` is put into another order.
    fn best_rows(&self, rated: &mut [Rated], count: usize) -> Vec<RowNumber> {
        if 0 < count && count < rated.len() {
            rated.select_nth_unstable_by(count - 1, |a, b| self.rank_rows(a, b));
        }
        let mut rows: Vec<RowNumber> = rated.iter().take(count).map(|&(_, row)| row).collect();
        rows.sort_unstable();
        rows
    }

    /// Ranks two rows: the higher similarity first, then the smaller id, then the row.
    fn rank_rows(&self, a: &Rated, b: &Rated) -> Ordering {
        b.0.total_cmp(&a.0).then_with(|| self.subject_of(a.1).cmp(&self.subject_of(b.1))).then_with(|| a.1.cmp(&b.1))
    }
}
