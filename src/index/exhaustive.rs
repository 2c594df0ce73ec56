//! Full comparison of probes with rows.

use std::ops::Range;

use rayon::prelude::*;

use super::params::PROBES_PER_PASS;
use super::rows::{RowNumber, Slot};
use super::top_k::TopK;
use super::{Index, IndexError, Ranked, Search};
use crate::modality::Modality;

/// Neighboring rows of one shard.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) shard: usize,
    pub(super) rows: Range<usize>,
}

/// What one thread gathers.
struct Gathered<M: Modality> {
    tops: Vec<TopK<M::Score, Slot>>,
    scratch: M::Scratch,
    scores: Vec<M::Score>,
}

impl<M: Modality> Index<M> {
    /// The rows that an exhaustive search compares, cut into tasks of a size that depends on the modality and the number
    /// of probes alone.
    pub(super) fn searched_spans(&self, probes: usize, search: &Search<'_, M::Score>) -> Vec<Span> {
        self.wanted_spans((M::COMPARISONS_PER_TASK / probes.clamp(1, PROBES_PER_PASS)).max(1), search)
    }

    /// The rows that a search looks at, in spans of at most `longest`.
    pub(super) fn wanted_spans(&self, longest: usize, search: &Search<'_, M::Score>) -> Vec<Span> {
        match search.only {
            Some(only) => {
                let mut rows: Vec<RowNumber> = only.iter().flat_map(|subject| self.rows_of(subject)).collect();
                rows.retain(|&row| self.wants_row(row, search));
                rows.sort_unstable();
                self.spans_of(&rows, longest)
            }
            None if search.filters_labels() => {
                let rows: Vec<RowNumber> = self.all_rows().filter(|&row| self.wants_row(row, search)).collect();
                self.spans_of(&rows, longest)
            }
            None => (self.shards.iter().enumerate())
                .flat_map(|(shard, held)| {
                    let len = held.len();
                    (0..len).step_by(longest).map(move |start| Span { shard, rows: start..(start + longest).min(len) })
                })
                .collect(),
        }
    }

    /// Every row, in order.
    pub(super) fn all_rows(&self) -> impl Iterator<Item = RowNumber> {
        (self.shards.iter().enumerate())
            .flat_map(move |(shard, held)| (0..held.len()).map(move |row| (shard * self.shard_rows + row) as RowNumber))
    }

    /// Runs of neighboring rows among sorted ones, each at most `longest` long.
    pub(super) fn spans_of(&self, sorted: &[RowNumber], longest: usize) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        for &number in sorted {
            let (shard, row) = (number as usize / self.shard_rows, number as usize % self.shard_rows);
            match spans.last_mut() {
                Some(last) if last.shard == shard && last.rows.end == row && last.rows.len() < longest => {
                    last.rows.end += 1;
                }
                _ => spans.push(Span { shard, rows: row..row + 1 }),
            }
        }
        spans
    }

    /// The best subjects of the given rows for each probe.
    pub(super) fn scan(
        &self,
        probes: &[&M::Probe],
        spans: &[Span],
        search: &Search<'_, M::Score>,
    ) -> Result<Vec<Ranked<M>>, IndexError<M::Error>> {
        let order = |a: &_, b: &_| self.rank(a, b);
        let mut found = Vec::with_capacity(probes.len());
        for pass in probes.chunks(PROBES_PER_PASS) {
            let new = || Gathered::<M> {
                tops: pass.iter().map(|_| TopK::new(search.top)).collect(),
                scratch: M::Scratch::default(),
                scores: Vec::new(),
            };
            let gathered = spans
                .par_iter()
                .try_fold(new, |mut gathered, span| -> Result<_, IndexError<M::Error>> {
                    self.scan_span(pass, span, search, &mut gathered)?;
                    Ok(gathered)
                })
                .map(|gathered: Result<Gathered<M>, _>| gathered.map(|g| g.tops))
                .try_reduce_with(|a, b| Ok(a.into_iter().zip(b).map(|(a, b)| a.merge(b, &order)).collect()));
            match gathered {
                Some(tops) => found.extend(tops?.into_iter().map(|top| top.into_sorted(&order))),
                None => found.extend(pass.iter().map(|_| Vec::new())),
            }
        }
        Ok(found)
    }

    fn scan_span(
        &self,
        pass: &[&M::Probe],
        span: &Span,
        search: &Search<'_, M::Score>,
        gathered: &mut Gathered<M>,
    ) -> Result<(), IndexError<M::Error>> {
        if search.is_canceled() {
            return Err(IndexError::Canceled);
        }
        let Some(shard) = self.shards.get(span.shard) else { return Ok(()) };
        let Some(links) = shard.links.get(span.rows.clone()) else { return Ok(()) };
        let Gathered { tops, scratch, scores } = gathered;
        scores.clear();
        self.modality.compare_rows_batch(pass, &shard.block, span.rows.clone(), scratch, scores)?;
        let order = |a: &_, b: &_| self.rank(a, b);
        for (top, scores) in tops.iter_mut().zip(scores.chunks(links.len().max(1))) {
            for (&score, link) in scores.iter().zip(links) {
                let entry = (score, link.subject);
                let reaches = search.at_least.is_none_or(|least| score >= least);
                if reaches
                    && top.admits(entry, &order)
                    && self.subjects.name(link.subject).is_some_and(|name| search.allows(name))
                {
                    top.push(entry, &order);
                }
            }
        }
        Ok(())
    }
}
