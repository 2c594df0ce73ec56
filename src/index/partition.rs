//! Makes the partitions of an index, and keeps them as it changes.

use std::sync::Arc;

use rayon::prelude::*;

use super::engine::Index;
use super::error::IndexError;
use super::params::{SAMPLES_PER_CENTER, TRAINING_ROUNDS, VECTORS_PER_TASK};
use super::partitions::{Partitions, balanced, most_rows, usual_rows};
use super::subjects::RowNumber;
use super::vectors::Vectors;
use crate::modality::Modality;

impl<M: Modality> Vectors for Index<M> {
    fn vector(&self, row: RowNumber) -> Option<Vec<f32>> {
        let (shard, place) = self.place(row)?;
        self.modality.vector(&shard.segment, place)
    }
}

impl<M: Modality> Index<M> {
    /// Groups the references around centers, for searches by [`Mode::Partitions`](super::Mode::Partitions), and drops
    /// earlier partitions. Only modalities whose references are vectors can: faces.
    ///
    /// The centers come of spherical k-means over a sample: about `4 sqrt(N)` for `N` references, and the same ones for
    /// the same rows, at any number of threads. From then on every change keeps the partitions: a new reference goes to
    /// the nearest center, and a partition with more than four times its share (`sqrt(N)`, at least 128) is cut into two
    /// equal halves. So no partition grows long, whatever comes; an index partitioned while it is empty has one
    /// partition, then two, and so on. Partitions that lose their references stay. What changes slowly is how well the
    /// centers fit: an index that has grown tenfold since, or shrunk to a tenth, is better partitioned anew.
    ///
    /// It runs on the caller's rayon pool: about 80 s for a million faces on two threads (`benches/face_search.rs`).
    /// Partitions take about 100 bytes more per face of 512 dimensions. A file of an index does not hold them.
    ///
    /// ```
    /// use selfsame::index::{Index, Mode, Search};
    /// use selfsame::synth::FaceGenerator;
    /// use selfsame::{Face, SubjectId};
    /// let people = FaceGenerator::new(1);
    /// let mut index = Index::<Face>::default();
    /// let rows = (0..300).map(|n| (SubjectId::new(format!("person-{n}")).unwrap(), 0, people.embedding(n, 0)));
    /// index.extend(rows)?;
    /// index.partition()?;
    /// let search = Search::top(1).mode(Mode::Partitions { visited: 4, rows: 20 });
    /// let probe = index.prepare(&people.embedding(7, 1))?;
    /// assert_eq!(index.identify(&probe, &search)?[0].subject.as_str(), "person-7");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`IndexError::NoPartitions`] when the references are not vectors.
    pub fn partition(&mut self) -> Result<(), IndexError<M::Error>> {
        let kinds = self.modality.partitioned().ok_or(IndexError::NoPartitions)?;
        let rows: Vec<RowNumber> = self
            .shards
            .iter()
            .enumerate()
            .flat_map(|(number, shard)| (0..shard.len()).map(move |row| (number * M::SEGMENT_ROWS + row) as RowNumber))
            .collect();
        let count = rows.len().div_ceil(usual_rows(rows.len()));
        let sample = spread(&rows, count.saturating_mul(SAMPLES_PER_CENTER));
        let centers: Vec<Vec<f32>> = spread(&sample, count).into_iter().filter_map(|row| self.vector(row)).collect();
        let mut partitions = Partitions::around(kinds.clone(), &centers);
        for _ in 0..TRAINING_ROUNDS {
            let groups = self.grouped(&sample, &partitions);
            let moved =
                |(number, rows): (usize, &Vec<RowNumber>)| self.mean(rows).or_else(|| partitions.center(number));
            let centers: Vec<Vec<f32>> = groups.par_iter().enumerate().filter_map(moved).collect();
            partitions = Partitions::around(kinds.clone(), &centers);
        }
        let groups = self.grouped(&rows, &partitions);
        let filled = groups.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty());
        let groups = filled.filter_map(|(number, rows)| Some((rows, partitions.center(number)?))).collect();
        let groups = balanced(groups, most_rows(rows.len()), self);
        let (lists, centers): (Vec<_>, Vec<_>) = groups.into_iter().unzip();
        let mut partitions = Partitions::around(kinds.clone(), &centers);
        let members = |rows| Partitions::members_of(&kinds[1], rows, self);
        partitions.fill(lists.into_par_iter().map(members).collect());
        self.partitions = Some(Arc::new(partitions));
        Ok(())
    }

    /// Number of partitions; `None` when the index is not partitioned.
    #[must_use]
    pub fn partitions(&self) -> Option<usize> {
        self.partitions.as_ref().map(|partitions| partitions.len())
    }

    /// The rows nearest to each center, in their order.
    fn grouped(&self, rows: &[RowNumber], partitions: &Partitions<M>) -> Vec<Vec<RowNumber>> {
        let nearest = |scratch: &mut M::Scratch, row: &RowNumber| {
            partitions.nearest_to(&self.vector(*row).unwrap_or_default(), scratch)
        };
        let numbers: Vec<u32> =
            rows.par_iter().with_min_len(VECTORS_PER_TASK).map_init(M::Scratch::default, nearest).collect();
        let mut groups = vec![Vec::new(); partitions.len()];
        for (row, number) in rows.iter().zip(numbers) {
            if let Some(group) = groups.get_mut(number as usize) {
                group.push(*row);
            }
        }
        groups
    }

    /// Gives a new row to a partition.
    pub(super) fn enter_partition(&mut self, row: RowNumber) {
        if let Some(mut partitions) = self.partitions.take() {
            Arc::make_mut(&mut partitions).insert(row, self.references, self);
            self.partitions = Some(partitions);
        }
    }

    /// Takes a removed row out of its partition; row `last` of the same segment has got its number.
    pub(super) fn leave_partition(&mut self, row: RowNumber, last: RowNumber) {
        let Some(partitions) = &mut self.partitions else { return };
        match self.modality.partitioned().filter(|_| self.references == 0) {
            // An empty index accepts any dimension.
            Some(kinds) => *partitions = Arc::new(Partitions::new(kinds)),
            None => Arc::make_mut(partitions).remove(row, last),
        }
    }
}

/// `count` of some rows, one at a fixed random place in each of as many equal parts; all when there are fewer.
fn spread(rows: &[RowNumber], count: usize) -> Vec<RowNumber> {
    if count >= rows.len() {
        return rows.to_vec();
    }
    let pick = |i: usize| {
        let (start, end) = (i * rows.len() / count, (i + 1) * rows.len() / count);
        rows.get(start + (mixed(i as u64) % (end - start).max(1) as u64) as usize).copied()
    };
    (0..count).filter_map(pick).collect()
}

/// A number that looks random (splitmix64).
fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_even_and_the_same_again() {
        let rows: Vec<RowNumber> = (0..1000).collect();
        let some = spread(&rows, 70);
        assert_eq!((some.len(), &some), (70, &spread(&rows, 70)));
        assert!(
            some.iter().enumerate().all(|(i, row)| (i * 1000 / 70..(i + 1) * 1000 / 70).contains(&(*row as usize)))
        );
        assert!(some.windows(2).any(|pair| pair[1] - pair[0] != 14));
        assert_eq!((spread(&rows, 5000), spread(&[], 3), spread(&rows, 0)), (rows, Vec::new(), Vec::new()));
    }
}
