//! Cosine comparison of embeddings.

mod block;
mod calibration;
mod cosine;
mod params;
mod stored;

use std::ops::Range;

use thiserror::Error;

pub use block::FaceBlock;
pub use calibration::{CalibrationError, CosineCalibration};
pub use cosine::{Cosine, CosineError};

use super::embedding::Embedding;
use crate::modality::Modality;
use crate::simd::dot::{dot, dot_rows};

/// Why embeddings cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FaceError {
    /// Two dimensions, hence two models.
    #[error("an embedding of {probe} dimensions cannot be compared with one of {reference}")]
    DimensionMismatch {
        /// Dimension of the probe, or of the reference that is new.
        probe: usize,
        /// Dimension of what is already there.
        reference: usize,
    },
}

/// An embedding that is searched for.
#[derive(Clone, Debug)]
pub struct FaceProbe(Embedding);

/// An embedding that is enrolled.
#[derive(Clone, Debug)]
pub struct FaceReference(Embedding);

impl FaceReference {
    fn embedding(&self) -> &Embedding {
        &self.0
    }
}

/// The face modality: embeddings compared by their cosine.
///
/// A comparison is one dot product with a fixed order of additions: the same bits on every machine, in either order.
///
/// ```
/// use selfsame::{Comparator, Embedding, Face};
/// let mut components = [1.0; 512];
/// let a = Embedding::from_slice(&components)?;
/// components[..256].fill(-1.0);
/// let b = Embedding::from_slice(&components)?;
/// let comparator = Comparator::<Face>::new();
/// assert!(comparator.compare_templates(&a, &b)?.value().abs() < 1e-6);
/// assert!(comparator.compare_templates(&a, &a)?.value() > 0.999_999);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Face {}

fn same_dimension(probe: usize, reference: usize) -> Result<(), FaceError> {
    if probe == reference { Ok(()) } else { Err(FaceError::DimensionMismatch { probe, reference }) }
}

/// Buffers of a scan.
#[derive(Clone, Debug, Default)]
pub struct FaceScratch {
    products: Vec<f32>,
}

impl Modality for Face {
    type Template = Embedding;
    type Probe = FaceProbe;
    type Reference = FaceReference;
    type Score = Cosine;
    type Block = FaceBlock;
    type Scratch = FaceScratch;
    type Error = FaceError;

    const COMPARISONS_PER_TASK: usize = params::COMPARISONS_PER_TASK;

    fn prepare(&self, template: &Embedding) -> Result<FaceProbe, FaceError> {
        Ok(FaceProbe(template.clone()))
    }

    fn reference(&self, template: &Embedding) -> Result<FaceReference, FaceError> {
        Ok(FaceReference(template.clone()))
    }

    fn compare(
        &self,
        probe: &FaceProbe,
        reference: &FaceReference,
        _scratch: &mut FaceScratch,
    ) -> Result<Cosine, FaceError> {
        same_dimension(probe.0.dimension(), reference.0.dimension())?;
        Ok(Cosine::rounded(dot(probe.0.chunks(), reference.0.chunks())))
    }

    fn new_block(&self) -> FaceBlock {
        FaceBlock::default()
    }

    fn check_block(&self, block: &FaceBlock, reference: &FaceReference) -> Result<(), FaceError> {
        block.dimension().map_or(Ok(()), |dimension| same_dimension(reference.0.dimension(), dimension))
    }

    fn compare_rows(
        &self,
        probe: &FaceProbe,
        block: &FaceBlock,
        rows: Range<usize>,
        scratch: &mut FaceScratch,
        out: &mut Vec<Cosine>,
    ) -> Result<(), FaceError> {
        self.compare_rows_batch(&[probe], block, rows, scratch, out)
    }

    fn compare_rows_batch(
        &self,
        probes: &[&FaceProbe],
        block: &FaceBlock,
        rows: Range<usize>,
        scratch: &mut FaceScratch,
        out: &mut Vec<Cosine>,
    ) -> Result<(), FaceError> {
        let Some(dimension) = block.dimension() else { return Ok(()) };
        for probe in probes {
            same_dimension(probe.0.dimension(), dimension)?;
        }
        let chunks = block.row_chunks(rows);
        let vectors: Vec<_> = probes.iter().map(|p| p.0.chunks()).collect();
        scratch.products.clear();
        scratch.products.resize(probes.len() * (chunks.len() / block.width()), 0.0);
        dot_rows(&vectors, chunks, block.width(), &mut scratch.products);
        out.extend(scratch.products.iter().map(|&p| Cosine::rounded(p)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modality::Block;

    fn embedding(dimension: usize, seed: usize) -> Embedding {
        let components: Vec<f32> = (0..dimension).map(|i| ((i * i + seed * 31 + 7) as f32).sin()).collect();
        Embedding::from_slice(&components).unwrap()
    }

    fn block(dimension: usize, rows: usize) -> FaceBlock {
        let face = Face::default();
        let mut block = face.new_block();
        for seed in 0..rows {
            block.push(face.reference(&embedding(dimension, seed)).unwrap());
        }
        block
    }

    #[test]
    fn rows_score_as_single_comparisons_do() {
        let face = Face::default();
        let mut scratch = FaceScratch::default();
        for dimension in [64, 100, 512] {
            let block = block(dimension, 29);
            let probes: Vec<_> = (0..6).map(|s| face.prepare(&embedding(dimension, s + 10)).unwrap()).collect();
            let mut scores = Vec::new();
            let views: Vec<_> = probes.iter().collect();
            face.compare_rows_batch(&views, &block, 3..29, &mut scratch, &mut scores).unwrap();
            let expected: Vec<Cosine> = probes
                .iter()
                .flat_map(|p| {
                    (3..29).map(|s| (p, face.reference(&embedding(dimension, s)).unwrap())).collect::<Vec<_>>()
                })
                .map(|(p, r)| face.compare(p, &r, &mut FaceScratch::default()).unwrap())
                .collect();
            assert_eq!(scores, expected);
            assert!(scores[7].value() > 0.999_999, "row 10 is probe 0");
        }
    }

    #[test]
    fn another_dimension_is_refused_with_both_numbers() {
        let face = Face::default();
        let block = block(128, 2);
        let (probe, reference) =
            (face.prepare(&embedding(512, 0)).unwrap(), face.reference(&embedding(512, 0)).unwrap());
        let refused = FaceError::DimensionMismatch { probe: 512, reference: 128 };
        let mut out = Vec::new();
        assert_eq!(face.check_block(&block, &reference), Err(refused.clone()));
        assert_eq!(
            face.compare_rows(&probe, &block, 0..2, &mut FaceScratch::default(), &mut out),
            Err(refused.clone())
        );
        assert!(out.is_empty());
        let other = face.reference(&embedding(128, 0)).unwrap();
        assert_eq!(face.compare(&probe, &other, &mut FaceScratch::default()), Err(refused));
    }

    #[test]
    fn removal_moves_the_last_row_into_the_gap() {
        let mut block = block(64, 4);
        let last = block.row_chunks(3..4).to_vec();
        block.swap_remove(1);
        assert_eq!(block.len(), 3);
        assert_eq!(block.row_chunks(1..2), last);
        block.swap_remove(2);
        block.swap_remove(2);
        assert_eq!(block.len(), 2);
        block.swap_remove(0);
        block.swap_remove(0);
        assert!(block.is_empty() && block.dimension().is_none());
        let other = Face::default().reference(&embedding(128, 1)).unwrap();
        assert_eq!(Face::default().check_block(&block, &other), Ok(()));
        block.push(other);
        assert_eq!(block.row_chunks(0..9).len(), 8);
    }

    #[test]
    fn a_row_pushed_unchecked_resembles_nobody() {
        let face = Face::default();
        let mut block = block(64, 1);
        block.push(face.reference(&embedding(128, 0)).unwrap());
        let mut out = Vec::new();
        let probe = face.prepare(&embedding(64, 0)).unwrap();
        face.compare_rows(&probe, &block, 0..2, &mut FaceScratch::default(), &mut out).unwrap();
        assert!(out.len() == 2 && out[0].value() > 0.999_999);
        assert_eq!(out[1].value(), 0.0);
    }

    #[test]
    fn debug_shows_no_components() {
        let shown = format!("{:?} {:?}", block(64, 3), Face::default().prepare(&embedding(64, 0)).unwrap());
        assert_eq!(shown, "FaceBlock { dimension: 64, rows: 3, .. } FaceProbe(Embedding { dimension: 64, .. })");
    }
}
