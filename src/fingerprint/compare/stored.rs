//! Stored prints as probes.

use std::hash::Hasher;

use super::print::Print;
use super::{Finger, FingerBlock};
use crate::modality::SelfSearch;
use crate::score::Score;

impl SelfSearch for Finger {
    fn probe_of_row(&self, block: &FingerBlock, row: usize) -> Option<Print> {
        block.row(row).map(|print| Print::from(print.to_packed()))
    }

    fn digest_row(&self, block: &FingerBlock, row: usize, hasher: &mut dyn Hasher) {
        let Some(print) = block.row(row) else { return };
        hasher.write(&(print.len() as u64).to_le_bytes());
        for word in print.words() {
            hasher.write(&word.to_le_bytes());
        }
    }

    fn digest_score(&self, score: Score, hasher: &mut dyn Hasher) {
        hasher.write(&score.decibels().to_bits().to_le_bytes());
    }
}
