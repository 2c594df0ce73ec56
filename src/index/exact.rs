//! Exact search: every row whose score may be among the best is compared in full.

use std::cmp::Ordering;

use super::bar::SharedBar;
use super::engine::Index;
use super::error::IndexError;
use super::params::PENDING_SLACK;
use super::search::Fusion;
use super::search::Search;
use super::shard::Shard;
use super::subjects::{RowNumber, Slot};
use super::top_k::{Order, TopK};
use super::walk::{Wanted, each_probe};
use crate::modality::{Modality, Offers};

/// A subject with its score and the row with that score.
#[derive(Clone, Copy)]
pub(super) struct Found<S> {
    pub(super) score: S,
    pub(super) slot: Slot,
    pub(super) row: RowNumber,
}

/// The best subjects of a search, best first.
pub(super) type Ranked<M> = Vec<Found<<M as Modality>::Score>>;

/// The higher score first, then the smaller id, then the earlier sample.
pub(super) struct ByScore<'a, M: Modality>(pub(super) &'a Index<M>);

impl<M: Modality> Order<Found<M::Score>> for ByScore<'_, M> {
    fn rank(&self, a: &Found<M::Score>, b: &Found<M::Score>) -> Ordering {
        b.score.cmp(&a.score).then_with(|| self.0.order_of_rows((a.slot, a.row), (b.slot, b.row)))
    }

    fn key(entry: &Found<M::Score>) -> u32 {
        entry.slot
    }
}

/// The higher bound first.
struct ByBound;

impl Order<(f32, Slot)> for ByBound {
    fn rank(&self, a: &(f32, Slot), b: &(f32, Slot)) -> Ordering {
        b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1))
    }

    fn key(entry: &(f32, Slot)) -> u32 {
        entry.1
    }
}

/// What a search knows about one probe.
struct List<M: Modality> {
    /// The value that a score must reach to be among the best.
    bar: f32,
    best: TopK<Found<M::Score>>,
    /// Lower bounds of the scores of subjects.
    lows: TopK<(f32, Slot)>,
    /// Rows not yet compared, with the upper bounds of their scores.
    pending: Vec<(f32, RowNumber)>,
    scratch: Option<Box<M::Scratch>>,
    /// Why a mean could not be computed.
    failed: Option<M::Error>,
}

impl<M: Modality> List<M> {
    fn new(search: &Search<'_, M::Score>) -> Self {
        Self {
            bar: search.at_least.map_or(f32::NEG_INFINITY, M::value),
            best: TopK::new(search.top),
            lows: TopK::new(search.top),
            pending: Vec::new(),
            scratch: None,
            failed: None,
        }
    }

    /// Adds a row that was compared.
    fn take(&mut self, index: &Index<M>, found: Found<M::Score>, search: &Search<'_, M::Score>) {
        let reaches = search.at_least.is_none_or(|least| found.score >= least);
        if reaches
            && self.best.admits(&found, &ByScore(index))
            && search.allows(index.subjects.name(found.slot))
            && self.best.push(found, &ByScore(index))
        {
            self.settle();
        }
    }

    /// Adds a row whose score lies between bounds.
    fn bound(&mut self, row: RowNumber, slot: Slot, (low, high): (f32, f32), top: usize) {
        if low >= self.bar && self.lows.push((low, slot), &ByBound) {
            self.settle();
        }
        self.pending.push((high, row));
        if self.pending.len() >= top.saturating_mul(4).saturating_add(PENDING_SLACK)
            && self.pending.len().is_power_of_two()
        {
            self.prune();
        }
    }

    /// Raises the bar as far as the known scores and bounds allow.
    fn settle(&mut self) {
        let scored = self.best.bar().map_or(f32::NEG_INFINITY, |worst| M::value(worst.score));
        let bounded = self.lows.bar().map_or(f32::NEG_INFINITY, |worst| worst.0);
        self.bar = self.bar.max(scored).max(bounded);
    }

    /// Discards rows that cannot be among the best.
    fn prune(&mut self) {
        self.lows.cut(&ByBound);
        self.settle();
        let bar = self.bar;
        self.pending.retain(|(high, _)| *high >= bar);
    }

    fn merge(&mut self, other: Self, index: &Index<M>) {
        self.bar = self.bar.max(other.bar);
        self.best.merge(other.best, &ByScore(index));
        self.lows.merge(other.lows, &ByBound);
        self.pending.extend(other.pending);
    }
}

/// Receives the rows of a part that a scan offers for a probe.
struct Sink<'a, 's, M: Modality> {
    list: &'a mut List<M>,
    index: &'a Index<M>,
    search: &'a Search<'s, M::Score>,
    probe: &'a M::Probe,
    number: usize,
    shard: &'a Shard<M>,
}

impl<M: Modality> Sink<'_, '_, M> {
    /// The mean score of the subject's wanted rows, where the search takes the mean.
    fn fused(&mut self, slot: Slot) -> Option<Found<M::Score>> {
        if self.search.fusion == Fusion::Max || self.index.subjects.rows(slot).len() < 2 {
            return None;
        }
        let scratch = self.list.scratch.get_or_insert_default();
        self.index.fused(self.probe, slot, self.search, scratch).unwrap_or_else(|error| {
            self.list.failed.get_or_insert(error);
            None
        })
    }
}

impl<M: Modality> Offers<M::Score> for Sink<'_, '_, M> {
    #[inline]
    fn bar(&self) -> f32 {
        self.list.bar
    }

    #[inline]
    fn exact(&mut self, row: usize, score: M::Score) {
        if M::value(score) < self.list.bar {
            return;
        }
        let Some(&slot) = self.shard.slots.get(row) else { return };
        let row = (self.number * M::SEGMENT_ROWS + row) as RowNumber;
        let found = self.fused(slot).unwrap_or(Found { score, slot, row });
        self.list.take(self.index, found, self.search);
    }

    fn bounded(&mut self, row: usize, low: f32, high: f32) {
        if high < self.list.bar {
            return;
        }
        let Some(&slot) = self.shard.slots.get(row) else { return };
        if !self.search.allows(self.index.subjects.name(slot)) {
            return;
        }
        // A mean is at most the best score, so the best row of every subject in the answer gets here.
        if let Some(found) = self.fused(slot) {
            return self.list.take(self.index, found, self.search);
        }
        let row = (self.number * M::SEGMENT_ROWS + row) as RowNumber;
        self.list.bound(row, slot, (low, high), self.search.top);
    }
}

impl<M: Modality> Index<M> {
    /// The best subjects for each of several probes that are compared together.
    pub(super) fn exact(
        &self,
        probes: &[&M::Probe],
        wanted: &Wanted,
        search: &Search<'_, M::Score>,
    ) -> Result<Vec<Ranked<M>>, IndexError<M::Error>> {
        let new = || (probes.iter().map(|_| List::new(search)).collect::<Vec<List<M>>>(), M::Scratch::default());
        let shared: Vec<SharedBar> = new().0.iter().map(|list| SharedBar::new(list.bar)).collect();
        let gathered =
            self.walk(wanted, (None, probes.len()), search.canceled_by(), new, |(lists, scratch), part| {
                lists.iter_mut().zip(&shared).for_each(|(list, shared)| list.bar = list.bar.max(shared.value()));
                let (number, shard) = (part.number, part.shard);
                let sink = |(list, &probe)| Sink { list, index: self, search, probe, number, shard };
                let mut sinks: Vec<Sink<'_, '_, M>> = lists.iter_mut().zip(probes).map(sink).collect();
                self.modality.scan(probes, &shard.segment, part.rows, scratch, &mut sinks)?;
                lists.iter_mut().find_map(|list| list.failed.take()).map_or(Ok(()), Err)?;
                lists.iter().zip(&shared).for_each(|(list, shared)| shared.raise(list.bar));
                Ok(())
            })?;
        let mut gathered = gathered.into_iter().map(|(lists, _)| lists);
        let mut merged = gathered.next().unwrap_or_default();
        for lists in gathered {
            merged.iter_mut().zip(lists).for_each(|(merged, list)| merged.merge(list, self));
        }
        let finish = |(probe, list): (&&M::Probe, List<M>)| self.finish(probe, list, search);
        each_probe(probes, merged, finish).into_iter().collect()
    }

    /// Compares the rows whose bounds do not decide whether they are among the best.
    fn finish(
        &self,
        probe: &M::Probe,
        mut list: List<M>,
        search: &Search<'_, M::Score>,
    ) -> Result<Ranked<M>, IndexError<M::Error>> {
        list.best.cut(&ByScore(self));
        list.prune();
        let mut pending = std::mem::take(&mut list.pending);
        pending.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let mut scratch = M::Scratch::default();
        for (high, row) in pending {
            // The remaining rows cannot reach what enough subjects have already reached.
            if high < list.bar {
                break;
            }
            let Some((shard, place)) = self.place(row) else { continue };
            let Some(&slot) = shard.slots.get(place) else { continue };
            let score = self.modality.compare_row(probe, &shard.segment, place, &mut scratch)?;
            list.take(self, Found { score, slot, row }, search);
        }
        Ok(list.best.into_sorted(&ByScore(self)))
    }

    /// The mean score of a subject's wanted rows, with the best of these rows; `None` when there are none.
    pub(super) fn fused(
        &self,
        probe: &M::Probe,
        slot: Slot,
        search: &Search<'_, M::Score>,
        scratch: &mut M::Scratch,
    ) -> Result<Option<Found<M::Score>>, M::Error> {
        let mut best: Option<Found<M::Score>> = None;
        let mut scores = Vec::new();
        for &row in self.subjects.rows(slot) {
            let Some((shard, place)) = self.place(row) else { continue };
            if search.labels.is_some_and(|wants| !wants(shard.label(place))) {
                continue;
            }
            let score = self.modality.compare_row(probe, &shard.segment, place, scratch)?;
            scores.push(score);
            if best.is_none_or(|best| score > best.score) {
                best = Some(Found { score, slot, row });
            }
        }
        // Sorting fixes the order of additions, whatever the history of the index.
        scores.sort_unstable();
        Ok(best.map(|best| Found { score: M::mean(&scores), ..best }))
    }

    /// The smaller id first, then the earlier sample.
    pub(super) fn order_of_rows(&self, a: (Slot, RowNumber), b: (Slot, RowNumber)) -> Ordering {
        if a.0 == b.0 {
            return self.sample_of(a.0, a.1).cmp(&self.sample_of(b.0, b.1));
        }
        self.subjects.name(a.0).cmp(&self.subjects.name(b.0))
    }

    /// The sample number of a subject's row.
    pub(super) fn sample_of(&self, slot: Slot, row: RowNumber) -> usize {
        self.subjects.rows(slot).iter().position(|&held| held == row).unwrap_or(usize::MAX)
    }
}
