//! Stored embeddings as probes.

use std::hash::Hasher;

use super::cosine::Cosine;
use super::face::Face;
use super::probe::FaceProbe;
use super::segment::FaceSegment;
use crate::face::embedding::Embedding;
use crate::modality::{InTheClear, Segment, SelfSearch};
use crate::simd::chunk::{Chunk, as_floats};

/// Calls `with` on the components of a row; `None` when there is no such row.
fn components<T>(segment: &FaceSegment, row: usize, with: impl FnOnce(&[f32]) -> T) -> Option<T> {
    let layout = segment.layout();
    let mut chunks = vec![Chunk::ZERO; layout.width()];
    segment.load(row, &mut chunks);
    let components = as_floats(&chunks).get(..layout.dimension)?;
    (row < segment.len()).then(|| with(components))
}

impl SelfSearch for Face {
    fn probe_of_row(&self, segment: &FaceSegment, row: usize) -> Option<FaceProbe> {
        // A row of floats has unit length and is used unchanged.
        let embedding = components(segment, row, Embedding::from_slice)?.ok()?;
        Some(FaceProbe::new(&embedding, self.forms))
    }

    fn digest_row(&self, segment: &FaceSegment, row: usize, hasher: &mut dyn Hasher) {
        components(segment, row, |components| {
            hasher.write(&(components.len() as u64).to_le_bytes());
            components.iter().for_each(|value| hasher.write(&value.to_bits().to_le_bytes()));
        });
    }

    fn digest_score(&self, score: Cosine, hasher: &mut dyn Hasher) {
        hasher.write(&score.value().to_bits().to_le_bytes());
    }
}

impl InTheClear for Face {
    fn read_row(&self, segment: &FaceSegment, row: usize) -> Option<Vec<f32>> {
        components(segment, row, <[f32]>::to_vec)
    }
}
