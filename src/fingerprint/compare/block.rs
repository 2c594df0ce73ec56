//! Many references stored for a scan.

use super::print::Print;
use crate::modality::Block;

/// Many references in rows.
#[derive(Clone, Debug, Default)]
pub struct FingerBlock {
    rows: Vec<Print>,
}

impl FingerBlock {
    /// The rows of a range that exist.
    pub(crate) fn rows(&self, range: std::ops::Range<usize>) -> &[Print] {
        let end = range.end.min(self.rows.len());
        self.rows.get(range.start.min(end)..end).unwrap_or_default()
    }
}

impl Block<Print> for FingerBlock {
    fn push(&mut self, reference: Print) {
        self.rows.push(reference);
    }

    fn swap_remove(&mut self, row: usize) {
        if row < self.rows.len() {
            self.rows.swap_remove(row);
        }
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn bytes(&self) -> usize {
        self.rows.iter().map(Print::bytes).sum()
    }
}
