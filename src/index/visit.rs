//! Searches the partitions nearest to a probe.

use super::engine::Index;
use super::error::IndexError;
use super::exact;
use super::list::List;
use super::partitions::Partitions;
use super::search::Search;
use super::subjects::RowNumber;
use super::walk::{Wanted, each_probe};
use crate::modality::{Modality, Ranks, Rows, Segment};

/// Receives the ranks of a partition's rows for a probe.
struct Sink<'a, 's, M: Modality> {
    list: &'a mut List,
    index: &'a Index<M>,
    search: &'a Search<'s, M::Score>,
    wanted: &'a Wanted,
    rows: &'a [RowNumber],
}

impl<M: Modality> Ranks for Sink<'_, '_, M> {
    #[inline]
    fn bar(&self) -> f32 {
        self.list.bar
    }

    #[inline]
    fn rank(&mut self, row: usize, rank: f32) {
        if rank < self.bar() {
            return;
        }
        let Some(&row) = self.rows.get(row) else { return };
        let (shard, place) = (row as usize / M::SEGMENT_ROWS, row as usize % M::SEGMENT_ROWS);
        if self.wanted.holds(shard, place) && self.index.allows(self.search, row) {
            self.list.push((rank, row));
        }
    }
}

impl<M: Modality> Index<M> {
    /// The best subjects for each of some probes among the `count` rows that rank highest in the partitions that it visits,
    /// of `visited` nearest centers. Each probe is the work of one thread.
    pub(super) fn of_partitions(
        &self,
        probes: &[&M::Probe],
        partitions: &Partitions<M>,
        (visited, count): (usize, usize),
        wanted: &Wanted,
        search: &Search<'_, M::Score>,
    ) -> Result<Vec<exact::Ranked<M>>, IndexError<M::Error>> {
        let [_, kind] = partitions.kinds();
        let best = |(&probe, ()): (&&M::Probe, ())| {
            let mut scratch = M::Scratch::default();
            let mut list = List::new(count);
            for number in partitions.nearest(probe, visited, &mut scratch)? {
                if search.is_canceled() {
                    return Err(IndexError::Canceled);
                }
                let Some(members) = partitions.members.get(number as usize) else { continue };
                let all = Rows::all(0..members.segment.len());
                let mut sinks = [Sink { list: &mut list, index: self, search, wanted, rows: &members.rows }];
                kind.rank(0, &[probe], &members.segment, all, &mut scratch, &mut sinks)?;
            }
            self.best_of(probe, &list.into_rows(self), search)
        };
        each_probe(probes, vec![(); probes.len()], best).into_iter().collect()
    }
}
