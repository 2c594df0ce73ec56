//! Searches the partitions nearest to a probe.

use super::engine::Index;
use super::error::IndexError;
use super::exact;
use super::list::{List, Numbered};
use super::partitions::Partitions;
use super::search::Search;
use super::walk::{Wanted, each_probe};
use crate::modality::{Modality, Rows, Segment};

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
                let of = |row: usize| {
                    let row = *members.rows.get(row)?;
                    let (shard, place) = (row as usize / M::SEGMENT_ROWS, row as usize % M::SEGMENT_ROWS);
                    (wanted.holds(shard, place) && self.allows(search, row)).then_some(row)
                };
                let mut sinks = [Numbered { list: &mut list, of }];
                kind.rank(0, &[probe], &members.segment, all, &mut scratch, &mut sinks)?;
            }
            self.best_of(probe, &list.into_rows(self), search)
        };
        each_probe(probes, vec![(); probes.len()], best).into_iter().collect()
    }
}
