//! Rows grouped around centers.

use std::sync::Arc;

use super::list::List;
use super::params::{LEAST_USUAL_ROWS, NEAR_SLACK, NEAR_TIMES, OUTGROWN_TIMES, USUAL_ROWS_SHARE};
use super::subjects::RowNumber;
use super::vectors::{Group, Vectors};
use crate::modality::{Modality, Rows, Segment};

/// Rows a partition should have in a gallery of `references`: the square root over four, so that finding the nearest
/// centers and reading their rows cost about the same.
pub(super) fn usual_rows(references: usize) -> usize {
    (references.isqrt() / USUAL_ROWS_SHARE).max(LEAST_USUAL_ROWS)
}

/// Most rows of a partition in a gallery of `references`: one with more is cut in two.
pub(super) fn most_rows(references: usize) -> usize {
    usual_rows(references) * OUTGROWN_TIMES
}

/// The rows of a partition in the form that ranks them, and their numbers.
#[derive(Clone)]
pub(super) struct Members<M: Modality> {
    pub(super) segment: M::Segment,
    pub(super) rows: Vec<RowNumber>,
}

/// Every row of an index belongs to the partition whose center was the most similar one when it came.
#[derive(Clone)]
pub(super) struct Partitions<M: Modality> {
    /// Settings of centers and of members.
    kinds: [M; 2],
    centers: M::Segment,
    pub(super) members: Vec<Arc<Members<M>>>,
    /// Of each segment of the index, the partition of each row.
    of_rows: Vec<Arc<Vec<u32>>>,
}

impl<M: Modality> Partitions<M> {
    /// No partitions: the first row makes one, and others come of cutting it.
    pub(super) fn new(kinds: [M; 2]) -> Self {
        Self { centers: kinds[0].new_segment(), kinds, members: Vec::new(), of_rows: Vec::new() }
    }

    /// Partitions without members around some centers.
    pub(super) fn around(kinds: [M; 2], centers: &[Vec<f32>]) -> Self {
        let mut partitions = Self::new(kinds);
        centers.iter().for_each(|center| partitions.push_center(center));
        partitions
    }

    /// Settings of centers and of members.
    pub(super) fn kinds(&self) -> &[M; 2] {
        &self.kinds
    }

    fn push_center(&mut self, center: &[f32]) {
        self.kinds[0].push_vector(&mut self.centers, center);
    }

    /// The vector of a center.
    pub(super) fn center(&self, number: usize) -> Option<Vec<f32>> {
        self.kinds[0].vector(&self.centers, number)
    }

    /// Number of partitions.
    pub(super) fn len(&self) -> usize {
        self.centers.len()
    }

    /// Gives rows to every partition; each row of the index must be in one list.
    pub(super) fn fill(&mut self, members: Vec<Members<M>>) {
        for (number, members) in members.iter().enumerate() {
            members.rows.iter().for_each(|&row| self.set(row, number as u32));
        }
        self.members = members.into_iter().map(Arc::new).collect();
    }

    /// The members of a partition.
    pub(super) fn members_of(kind: &M, rows: Vec<RowNumber>, vectors: &impl Vectors) -> Members<M> {
        let mut segment = kind.new_segment();
        for &row in &rows {
            kind.push_vector(&mut segment, &vectors.vector(row).unwrap_or_default());
        }
        Members { segment, rows }
    }

    /// The `count` partitions whose centers are most similar to a probe, best first. A few more are ranked by the cheap
    /// similarity and compared in full.
    pub(super) fn nearest(
        &self,
        probe: &M::Probe,
        count: usize,
        scratch: &mut M::Scratch,
    ) -> Result<Vec<u32>, M::Error> {
        let [kind, _] = &self.kinds;
        let kept = count.saturating_mul(NEAR_TIMES).saturating_add(NEAR_SLACK);
        let mut numbers: Vec<u32> = (0..self.len() as u32).collect();
        if kept < self.len() {
            let mut lists = [List::new(kept)];
            kind.rank(0, &[probe], &self.centers, Rows::all(0..self.len()), scratch, &mut lists)?;
            let [mut list] = lists;
            list.cut();
            list.rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
            numbers = list.rows.into_iter().take(kept).map(|(_, number)| number).collect();
        }
        let compare = |number| Ok((kind.compare_row(probe, &self.centers, number as usize, scratch)?, number));
        let mut compared = numbers.into_iter().map(compare).collect::<Result<Vec<_>, M::Error>>()?;
        compared.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        Ok(compared.into_iter().take(count).map(|(_, number)| number).collect())
    }

    /// The partition for a vector; the first when the vector resembles nothing.
    pub(super) fn nearest_to(&self, vector: &[f32], scratch: &mut M::Scratch) -> u32 {
        let probe = self.kinds[0].probe_of_vector(vector);
        let nearest = probe.and_then(|probe| self.nearest(&probe, 1, scratch).ok());
        nearest.and_then(|numbers| numbers.first().copied()).unwrap_or(0)
    }

    /// Adds the last row of a segment of the index, one of `references`.
    pub(super) fn insert(&mut self, row: RowNumber, references: usize, vectors: &impl Vectors) {
        let vector = vectors.vector(row).unwrap_or_default();
        if self.members.is_empty() {
            self.push_center(&vector);
            self.members.push(Arc::new(Members { segment: self.kinds[1].new_segment(), rows: Vec::new() }));
        }
        let number = self.nearest_to(&vector, &mut M::Scratch::default());
        self.set(row, number);
        let Some(members) = self.members.get_mut(number as usize).map(Arc::make_mut) else { return };
        self.kinds[1].push_vector(&mut members.segment, &vector);
        members.rows.push(row);
        if members.rows.len() > most_rows(references) {
            let rows = members.rows.clone();
            self.cut(number, &rows, vectors);
        }
    }

    /// Cuts a partition in two; the second gets the next number.
    fn cut(&mut self, number: u32, rows: &[RowNumber], vectors: &impl Vectors) {
        let Some(halves) = vectors.halves(rows) else { return };
        let next = self.len() as u32;
        for (number, (rows, center)) in [number, next].into_iter().zip(halves) {
            rows.iter().for_each(|&row| self.set(row, number));
            self.push_center(&center);
            let members = Arc::new(Self::members_of(&self.kinds[1], rows, vectors));
            match self.members.get_mut(number as usize) {
                Some(place) => {
                    *place = members;
                    // The last center takes the place of the old one.
                    self.centers.swap_remove(number as usize);
                }
                None => self.members.push(members),
            }
        }
    }

    /// Removes a row; row `last` of the same segment takes its number.
    pub(super) fn remove(&mut self, row: RowNumber, last: RowNumber) {
        let (segment, place) = (row as usize / M::SEGMENT_ROWS, row as usize % M::SEGMENT_ROWS);
        let Some(of_rows) = self.of_rows.get_mut(segment).map(Arc::make_mut).filter(|of| place < of.len()) else {
            return;
        };
        let number = of_rows.swap_remove(place);
        let moved = of_rows.get(place).copied();
        if let Some((members, place)) = self.find(number, row) {
            members.segment.swap_remove(place);
            members.rows.swap_remove(place);
        }
        if let Some((members, place)) = moved.and_then(|number| self.find(number, last)) {
            members.rows[place] = row;
        }
    }

    /// The partition of a row, and the row's place in it.
    fn find(&mut self, number: u32, row: RowNumber) -> Option<(&mut Members<M>, usize)> {
        let members = self.members.get_mut(number as usize)?;
        let place = members.rows.iter().position(|held| *held == row)?;
        Some((Arc::make_mut(members), place))
    }

    /// Notes the partition of a row, which is the next of its segment or known already.
    fn set(&mut self, row: RowNumber, number: u32) {
        let (segment, place) = (row as usize / M::SEGMENT_ROWS, row as usize % M::SEGMENT_ROWS);
        if segment >= self.of_rows.len() {
            self.of_rows.resize(segment + 1, Arc::default());
        }
        let of_rows = Arc::make_mut(&mut self.of_rows[segment]);
        if place >= of_rows.len() {
            of_rows.resize(place + 1, 0);
        }
        of_rows[place] = number;
    }

    /// Memory used, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let members = |m: &Arc<Members<M>>| m.segment.bytes() + m.rows.capacity() * size_of::<RowNumber>();
        self.centers.bytes()
            + self.members.iter().map(members).sum::<usize>()
            + self.of_rows.iter().map(|of| of.capacity() * size_of::<u32>()).sum::<usize>()
    }
}

/// Cuts groups until none has more than `most` rows.
pub(super) fn balanced(groups: Vec<Group>, most: usize, vectors: &impl Vectors) -> Vec<Group> {
    let mut done = Vec::with_capacity(groups.len());
    let mut left = groups;
    left.reverse();
    while let Some(group) = left.pop() {
        match if group.0.len() > most { vectors.halves(&group.0) } else { None } {
            Some([a, b]) => left.extend([b, a]),
            None => done.push(group),
        }
    }
    done
}
