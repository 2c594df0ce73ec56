//! One block of rows against itself and all that follow it.

use std::ops::Range;

use rayon::prelude::*;

use super::super::params::PROBES_PER_PASS;
use super::super::shard::Shard;
use super::super::{Index, IndexError, RowNumber};
use super::{Dedup, Pair};
use crate::modality::SelfSearch;

/// What one thread gathers.
struct Gathered<M: SelfSearch> {
    pairs: Vec<Pair<M::Score>>,
    scratch: M::Scratch,
    scores: Vec<M::Score>,
}

impl<M: SelfSearch> Index<M> {
    /// The shard of a row, and the row in it.
    pub(super) fn place(&self, row: RowNumber) -> Option<(&Shard<M>, usize)> {
        Some((self.shards.get(row as usize / self.shard_rows)?, row as usize % self.shard_rows))
    }
}

impl<M: SelfSearch> Dedup<'_, M> {
    /// Pairs of the rows of a block with rows that follow them, in ascending order.
    pub(super) fn pass(&self, block: Range<usize>) -> Result<Vec<Pair<M::Score>>, IndexError<M::Error>> {
        let mut all = Vec::new();
        let mut start = block.start;
        // In parts that a modality can pass over the gallery together; most blocks are one part.
        while start < block.end {
            let end = (start + PROBES_PER_PASS).min(block.end);
            all.append(&mut self.part(start..end, self.options.at_most.saturating_sub(all.len()))?);
            start = end;
        }
        Ok(all)
    }

    fn part(&self, part: Range<usize>, at_most: usize) -> Result<Vec<Pair<M::Score>>, IndexError<M::Error>> {
        if let Some(shortlist) = self.options.shortlist
            && let Some(pairs) = self.shortlisted(part.clone(), shortlist, at_most)?
        {
            return Ok(pairs);
        }
        let probes: Vec<(usize, M::Probe)> =
            part.clone().filter_map(|position| Some((position, self.probe(position)?))).collect();
        let tasks = self.tasks(&part);
        let new = || Gathered::<M> { pairs: Vec::new(), scratch: M::Scratch::default(), scores: Vec::new() };
        let gathered = tasks
            .par_iter()
            .try_fold(new, |mut gathered, task| -> Result<_, IndexError<M::Error>> {
                if self.options.is_canceled() {
                    return Err(IndexError::Canceled);
                }
                self.compare_task(&probes, task, &mut gathered)?;
                if gathered.pairs.len() > at_most {
                    return Err(IndexError::TooManyPairs { limit: self.options.at_most });
                }
                Ok(gathered)
            })
            .map(|gathered: Result<Gathered<M>, _>| gathered.map(|g| g.pairs))
            .try_reduce(Vec::new, |mut a, mut b| {
                a.append(&mut b);
                Ok(a)
            });
        let mut pairs = gathered?;
        pairs.sort_unstable_by_key(|p| (p.a, p.b));
        Ok(pairs)
    }

    /// The rows to compare with, cut into runs of neighbors in one shard: inside the part one by one, for each meets other
    /// probes there.
    fn tasks(&self, part: &Range<usize>) -> Vec<Range<usize>> {
        let longest = (M::COMPARISONS_PER_TASK / part.len().max(1)).max(1);
        let shard = |position: usize| self.rows.get(position).map(|&row| row as usize / self.index.shard_rows);
        let mut tasks: Vec<Range<usize>> = (part.start + 1..part.end).map(|p| p..p + 1).collect();
        let mut start = part.end;
        while start < self.rows.len() {
            let mut end = (start + longest).min(self.rows.len());
            while shard(end - 1) != shard(start) {
                end -= 1;
            }
            tasks.push(start..end);
            start = end;
        }
        tasks
    }

    /// Compares the probes before a run of rows with it.
    fn compare_task(
        &self,
        probes: &[(usize, M::Probe)],
        task: &Range<usize>,
        gathered: &mut Gathered<M>,
    ) -> Result<(), IndexError<M::Error>> {
        let Some((shard, row)) = self.rows.get(task.start).and_then(|&row| self.index.place(row)) else {
            return Ok(());
        };
        let before = probes.partition_point(|(position, _)| *position < task.start);
        let probes = probes.get(..before).unwrap_or_default();
        let prepared: Vec<&M::Probe> = probes.iter().map(|(_, probe)| probe).collect();
        let rows = row..row + task.len();
        let Gathered { pairs, scratch, scores } = gathered;
        scores.clear();
        self.index.modality.compare_rows_batch(&prepared, &shard.block, rows.clone(), scratch, scores)?;
        let Some(links) = shard.links.get(rows) else { return Ok(()) };
        for ((position, _), scores) in probes.iter().zip(scores.chunks(task.len())) {
            let own = self.rows.get(*position).and_then(|&row| self.index.link(row)).map(|link| link.subject);
            for ((b, link), &score) in task.clone().zip(links).zip(scores) {
                if score >= self.options.at_least && own.is_some_and(|own| own != link.subject) {
                    pairs.push(Pair { a: *position as u32, b: b as u32, score });
                }
            }
        }
        Ok(())
    }

    /// The score of two rows of different subjects; `None` when they are of one or are not there.
    pub(super) fn compare(
        &self,
        a: usize,
        b: usize,
        scratch: &mut M::Scratch,
    ) -> Result<Option<M::Score>, IndexError<M::Error>> {
        let subject = |position: usize| Some(self.index.link(self.rows.get(position).copied()?)?.subject);
        if subject(a).is_none() || subject(a) == subject(b) {
            return Ok(None);
        }
        let Some(probe) = self.probe(a) else { return Ok(None) };
        let Some((shard, row)) = self.rows.get(b).and_then(|&row| self.index.place(row)) else { return Ok(None) };
        let mut scores = Vec::with_capacity(1);
        self.index.modality.compare_rows(&probe, &shard.block, row..row + 1, scratch, &mut scores)?;
        Ok(scores.pop())
    }

    pub(super) fn probe(&self, position: usize) -> Option<M::Probe> {
        let (shard, row) = self.index.place(self.rows.get(position).copied()?)?;
        self.index.modality.probe_of_row(&shard.block, row)
    }
}
