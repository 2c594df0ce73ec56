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
    pub(super) fn new(kept: usize) -> Self {
        Self { kept, rows: Vec::new(), bar: f32::NEG_INFINITY, most: kept.saturating_mul(2).saturating_add(TOP_SLACK) }
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
