//! The rows that rank highest by a cheap similarity.

use super::params::TOP_SLACK;
use super::subjects::RowNumber;
use crate::modality::Ranks;

/// A row and its cheap similarity.
pub(super) type Ranked = (f32, RowNumber);

/// The rows that rank highest, including all that tie with the last.
pub(super) struct List {
    pub(super) kept: usize,
    pub(super) rows: Vec<Ranked>,
    /// Rows that rank below the bar are discarded.
    pub(super) bar: f32,
    /// The number of rows at which the list is cut back.
    most: usize,
}

impl List {
    /// A list of `kept` rows; of none, nothing reaches the bar.
    pub(super) fn new(kept: usize) -> Self {
        let bar = if kept == 0 { f32::INFINITY } else { f32::NEG_INFINITY };
        Self { kept, rows: Vec::new(), bar, most: kept.saturating_mul(2).saturating_add(TOP_SLACK) }
    }

    #[inline]
    pub(super) fn push(&mut self, entry: Ranked) {
        if entry.0 >= self.bar {
            self.rows.push(entry);
            if self.rows.len() >= self.most {
                self.cut();
            }
        }
    }

    pub(super) fn cut(&mut self) {
        if self.kept > 0 && self.rows.len() >= self.kept {
            let (_, last, _) = self.rows.select_nth_unstable_by(self.kept - 1, |a, b| b.0.total_cmp(&a.0));
            let last = last.0;
            self.bar = self.bar.max(last);
            self.rows.retain(|row| row.0 >= last);
        }
        // All rows that tie are kept, so the result does not depend on the order in which they arrived.
        self.most = self.most.max(self.rows.len().saturating_mul(2));
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.bar = self.bar.max(other.bar);
        other.rows.into_iter().for_each(|row| self.push(row));
    }
}

/// Rows under their own numbers.
impl Ranks for List {
    #[inline]
    fn bar(&self) -> f32 {
        self.bar
    }

    #[inline]
    fn rank(&mut self, row: usize, rank: f32) {
        self.push((rank, row as RowNumber));
    }
}

/// A list that receives rows of a part under the numbers that they have in the index: `of` gives them, and none of rows that
/// are not wanted. It is asked only of rows that reach the bar.
pub(super) struct Numbered<'a, F> {
    pub(super) list: &'a mut List,
    pub(super) of: F,
}

impl<F: Fn(usize) -> Option<RowNumber>> Ranks for Numbered<'_, F> {
    #[inline]
    fn bar(&self) -> f32 {
        self.list.bar
    }

    #[inline]
    fn rank(&mut self, row: usize, rank: f32) {
        if rank >= self.bar()
            && let Some(row) = (self.of)(row)
        {
            self.list.push((rank, row));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_are_kept_with_all_that_tie_and_of_none_nothing() {
        for (kept, expected) in [(0, vec![]), (1, vec![4, 7]), (3, vec![2, 4, 7]), (4, vec![0, 2, 4, 7, 9])] {
            let mut list = List::new(kept);
            let ranks = [1.0, 0.5, 3.0, 0.0, 5.0, 0.5, 0.25, 5.0, 0.75, 1.0];
            for (row, rank) in ranks.into_iter().enumerate() {
                Numbered { list: &mut list, of: |row| Some(row as RowNumber) }.rank(row, rank);
                Numbered { list: &mut list, of: |_| None }.rank(row, 9.0);
            }
            list.cut();
            let mut rows: Vec<RowNumber> = list.rows.iter().map(|(_, row)| *row).collect();
            rows.sort_unstable();
            assert_eq!(rows, expected, "{kept}");
        }
    }
}
