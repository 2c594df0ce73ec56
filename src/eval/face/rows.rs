//! Labeled embeddings, prepared for comparison.

use crate::eval::EvalError;
use crate::face::compare::Face;
use crate::face::embedding::Embedding;
use crate::modality::{self, Modality, Offers, Segment};

/// The references of all rows, prepared.
pub(super) struct Rows {
    pub face: Face,
    pub segment: <Face as Modality>::Segment,
    pub probes: Vec<<Face as Modality>::Probe>,
}

impl Rows {
    pub(super) fn new(embeddings: &[Embedding]) -> Result<Self, EvalError> {
        let face = Face::default();
        let mut segment = face.new_segment();
        let mut probes = Vec::with_capacity(embeddings.len());
        for (index, embedding) in embeddings.iter().enumerate() {
            let bad = |e: <Face as Modality>::Error| EvalError::Embedding { index, reason: e.to_string() };
            let reference = face.reference(embedding).map_err(bad)?;
            face.check_segment(&segment, &reference).map_err(bad)?;
            segment.push(reference);
            probes.push(face.prepare(embedding).map_err(bad)?);
        }
        Ok(Self { face, segment, probes })
    }

    /// Calls `each(probe, scores of the rows from `from` on)` for every probe of `range`; several probes are compared at
    /// once.
    pub(super) fn scan(
        &self,
        numbers: &[usize],
        from: usize,
        each: &mut impl FnMut(usize, &[<Face as Modality>::Score]),
    ) -> Result<(), EvalError> {
        let probes: Vec<_> = numbers.iter().filter_map(|&i| self.probes.get(i)).collect();
        let mut scores = vec![Scores(Vec::new()); probes.len()];
        let mut scratch = <Face as Modality>::Scratch::default();
        let rows = modality::Rows::all(from..self.segment.len());
        self.face.scan(&probes, &self.segment, rows, &mut scratch, &mut scores).map_err(|e| {
            let first = numbers.first().copied().unwrap_or(0);
            EvalError::Compare { probe: first, reference: from, reason: e.to_string() }
        })?;
        for (&number, Scores(scores)) in numbers.iter().zip(&scores) {
            each(number, scores);
        }
        Ok(())
    }
}

/// The scores of all rows, in their order.
#[derive(Clone)]
struct Scores(Vec<<Face as Modality>::Score>);

impl Offers<<Face as Modality>::Score> for Scores {
    fn bar(&self) -> f32 {
        f32::NEG_INFINITY
    }

    fn exact(&mut self, _: usize, score: <Face as Modality>::Score) {
        self.0.push(score);
    }

    /// Rows of floats are always compared.
    fn bounded(&mut self, _: usize, _: f32, _: f32) {}
}

/// Identities `0..n` of labels, in order of their first row.
pub(super) fn identities(labels: &[i64]) -> (Vec<usize>, usize) {
    let mut known = std::collections::HashMap::new();
    let numbers = labels
        .iter()
        .map(|l| {
            let next = known.len();
            *known.entry(*l).or_insert(next)
        })
        .collect();
    (numbers, known.len())
}

pub(super) fn check_lengths(embeddings: &[Embedding], labels: &[i64]) -> Result<(), EvalError> {
    if embeddings.len() == labels.len() {
        return Ok(());
    }
    Err(EvalError::Length { what: "embeddings and labels", left: embeddings.len(), right: labels.len() })
}
