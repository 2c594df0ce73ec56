//! Stored embeddings as probes.

use std::hash::Hasher;

use super::{Cosine, Face, FaceBlock, FaceProbe};
use crate::face::embedding::Embedding;
use crate::modality::SelfSearch;
use crate::simd::chunk::as_floats;

/// The components of a row; none when there is no such row.
fn components(block: &FaceBlock, row: usize) -> Option<&[f32]> {
    as_floats(block.row_chunks(row..row.saturating_add(1))).get(..block.dimension()?)
}

impl SelfSearch for Face {
    fn probe_of_row(&self, block: &FaceBlock, row: usize) -> Option<FaceProbe> {
        // A stored row has unit length and is taken as it is.
        Embedding::from_slice(components(block, row)?).ok().map(FaceProbe)
    }

    fn digest_row(&self, block: &FaceBlock, row: usize, hasher: &mut dyn Hasher) {
        let Some(components) = components(block, row) else { return };
        hasher.write(&(components.len() as u64).to_le_bytes());
        for value in components {
            hasher.write(&value.to_bits().to_le_bytes());
        }
    }

    fn digest_score(&self, score: Cosine, hasher: &mut dyn Hasher) {
        hasher.write(&score.value().to_bits().to_le_bytes());
    }
}
