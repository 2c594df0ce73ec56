//! Stored prints as probes.

use std::hash::Hasher;

use super::print::Print;
use super::{Finger, FingerBlock};
use crate::modality::SelfSearch;
use crate::score::Score;

impl SelfSearch for Finger {
    fn probe_of_row(&self, block: &FingerBlock, row: usize) -> Option<Print> {
        block.rows(row..row.saturating_add(1)).first().cloned()
    }

    fn digest_row(&self, block: &FingerBlock, row: usize, hasher: &mut dyn Hasher) {
        // Descriptors and hull follow from these.
        let Some(print) = block.rows(row..row.saturating_add(1)).first() else { return };
        hasher.write(&(print.len() as u64).to_le_bytes());
        for value in print.x.iter().chain(&print.y) {
            hasher.write(&value.to_bits().to_le_bytes());
        }
        for value in &print.direction {
            hasher.write(&value.to_le_bytes());
        }
        hasher.write(&print.kind);
        hasher.write(&print.quality);
        if let Some(flow) = &print.flow {
            hasher.write(&flow.cell.to_bits().to_le_bytes());
            hasher.write(&(flow.columns as u64).to_le_bytes());
            hasher.write(&(flow.rows as u64).to_le_bytes());
            hasher.write(&flow.orientation);
            hasher.write(&flow.coherence);
            hasher.write(&flow.period);
        }
    }

    fn digest_score(&self, score: Score, hasher: &mut dyn Hasher) {
        hasher.write(&score.decibels().to_bits().to_le_bytes());
    }
}
