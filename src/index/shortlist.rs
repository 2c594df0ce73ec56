//! Ranks rows by cheap similarities, then compares the highest in full.

use rayon::prelude::*;

use super::engine::Index;
use super::error::IndexError;
use super::exact::{self, ByScore, Found};
use super::list::{List, Numbered, Ranked};
use super::params::{FINER_SHARE, FINER_TIMES, ROWS_AHEAD};
use super::search::Fusion;
use super::search::Search;
use super::subjects::RowNumber;
use super::top_k::TopK;
use super::walk::{Wanted, each_probe};
use crate::modality::Modality;

impl List {
    /// The rows kept, in no particular order. Rows that tie for the last place are taken by smaller id, then by earlier
    /// sample.
    pub(super) fn into_rows<M: Modality>(mut self, index: &Index<M>) -> Vec<RowNumber> {
        self.cut();
        if self.rows.len() > self.kept {
            let last = self.rows.iter().map(|row| row.0).fold(f32::INFINITY, f32::min);
            let (mut rows, mut tied): (Vec<Ranked>, Vec<Ranked>) = self.rows.iter().partition(|row| row.0 > last);
            let slot = |row| index.slot_of(row).unwrap_or_default();
            tied.sort_unstable_by(|a, b| index.order_of_rows((slot(a.1), a.1), (slot(b.1), b.1)));
            tied.truncate(self.kept - rows.len());
            rows.append(&mut tied);
            self.rows = rows;
        }
        self.rows.into_iter().map(|(_, row)| row).collect()
    }
}

impl<M: Modality> Index<M> {
    /// The best subjects for each of some probes among the `count` rows that rank highest.
    pub(super) fn of_shortlist(
        &self,
        probes: &[&M::Probe],
        count: usize,
        wanted: &Wanted,
        search: &Search<'_, M::Score>,
    ) -> Result<Vec<exact::Ranked<M>>, IndexError<M::Error>> {
        let rows = self.shortlist(probes, count, wanted, self.references, search)?;
        let best = |(probe, rows): (&&M::Probe, Vec<RowNumber>)| self.best_of(probe, &rows, search);
        each_probe(probes, rows, best).into_iter().collect()
    }

    /// For each probe, the `count` rows that rank highest among `looked_at` wanted rows, in no particular order.
    pub(super) fn shortlist(
        &self,
        probes: &[&M::Probe],
        count: usize,
        wanted: &Wanted,
        looked_at: usize,
        search: &Search<'_, M::Score>,
    ) -> Result<Vec<Vec<RowNumber>>, IndexError<M::Error>> {
        let stages = self.modality.stages();
        let kept = |stage: usize, rows: usize| {
            if stage + 1 < stages { (rows / FINER_SHARE).max(count.saturating_mul(FINER_TIMES)) } else { count }
        };
        let mut lists = self.rank(0, probes, kept(0, looked_at), wanted, search)?;
        for stage in 1..stages {
            for (probe, rows) in probes.iter().zip(&mut lists) {
                if rows.len() > count {
                    let mask = self.mask_of(rows.iter().copied());
                    let ranked = self.rank(stage, &[*probe], kept(stage, rows.len()), &mask, search)?;
                    *rows = ranked.into_iter().next().unwrap_or_default();
                }
            }
        }
        Ok(lists)
    }

    /// For each probe, the `kept` rows that rank highest in a stage.
    fn rank(
        &self,
        stage: usize,
        probes: &[&M::Probe],
        kept: usize,
        wanted: &Wanted,
        search: &Search<'_, M::Score>,
    ) -> Result<Vec<Vec<RowNumber>>, IndexError<M::Error>> {
        let new = || (probes.iter().map(|_| List::new(kept)).collect::<Vec<_>>(), M::Scratch::default());
        let gathered =
            self.walk(wanted, (Some(stage), probes.len()), search.canceled_by(), new, |(lists, scratch), part| {
                let (number, shard) = (part.number, part.shard);
                let of = |row| {
                    let row = (number * M::SEGMENT_ROWS + row) as RowNumber;
                    self.allows(search, row).then_some(row)
                };
                let mut sinks: Vec<_> = lists.iter_mut().map(|list| Numbered { list, of }).collect();
                self.modality.rank(stage, probes, &shard.segment, part.rows, scratch, &mut sinks)
            })?;
        let mut gathered = gathered.into_iter().map(|(lists, _)| lists);
        let mut merged = gathered.next().unwrap_or_default();
        for lists in gathered {
            merged.iter_mut().zip(lists).for_each(|(merged, list)| merged.merge(list));
        }
        Ok(merged.into_iter().map(|list| list.into_rows(self)).collect())
    }

    /// Whether the search's filter allows the subject of a row.
    pub(super) fn allows(&self, search: &Search<'_, M::Score>, row: RowNumber) -> bool {
        let name = || self.slot_of(row).and_then(|slot| self.subjects.name(slot));
        search.filter.is_none_or(|filter| name().is_some_and(filter))
    }

    /// The best subjects among some rows.
    pub(super) fn best_of(
        &self,
        probe: &M::Probe,
        rows: &[RowNumber],
        search: &Search<'_, M::Score>,
    ) -> Result<exact::Ranked<M>, IndexError<M::Error>> {
        let score = |scratch: &mut M::Scratch, (i, &row): (usize, &RowNumber)| -> Result<_, IndexError<M::Error>> {
            if search.is_canceled() {
                return Err(IndexError::Canceled);
            }
            if let Some((shard, place)) = rows.get(i + ROWS_AHEAD).and_then(|&row| self.place(row)) {
                self.modality.prefetch_row(&shard.segment, place);
            }
            let Some((shard, place)) = self.place(row) else { return Ok(None) };
            let Some(&slot) = shard.slots.get(place) else { return Ok(None) };
            if search.fusion == Fusion::Mean && self.subjects.rows(slot).len() > 1 {
                return Ok(self.fused(probe, slot, search, scratch)?);
            }
            let score = self.modality.compare_row(probe, &shard.segment, place, scratch)?;
            Ok(Some(Found { score, slot, row }))
        };
        // Rows of a shortlist are far apart in memory, so a task takes a sixteenth of the rows that a task of a scan
        // takes.
        let least = (M::rows_per_task(None, 1) / 16).max(1);
        let scored: Vec<Option<Found<M::Score>>> = if rows.len() > 2 * least {
            let new = M::Scratch::default;
            rows.par_iter().enumerate().with_min_len(least).map_init(new, score).collect::<Result<_, _>>()?
        } else {
            let mut scratch = M::Scratch::default();
            rows.iter().enumerate().map(|row| score(&mut scratch, row)).collect::<Result<_, _>>()?
        };
        let mut best = TopK::new(search.top);
        for found in scored.into_iter().flatten() {
            let reaches = search.at_least.is_none_or(|least| found.score >= least);
            if reaches && best.admits(&found, &ByScore(self)) {
                best.push(found, &ByScore(self));
            }
        }
        Ok(best.into_sorted(&ByScore(self)))
    }
}
