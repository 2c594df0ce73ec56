//! Labeled embeddings, ready to be compared.

use crate::eval::EvalError;
use crate::face::compare::Face;
use crate::face::embedding::Embedding;
use crate::modality::{Block, Modality};

/// The references of all rows, prepared.
pub(super) struct Rows {
    pub face: Face,
    pub block: <Face as Modality>::Block,
    pub probes: Vec<<Face as Modality>::Probe>,
}

impl Rows {
    pub(super) fn new(embeddings: &[Embedding]) -> Result<Self, EvalError> {
        let face = Face::default();
        let mut block = face.new_block();
        let mut probes = Vec::with_capacity(embeddings.len());
        for (index, embedding) in embeddings.iter().enumerate() {
            let bad = |e: <Face as Modality>::Error| EvalError::Embedding { index, reason: e.to_string() };
            let reference = face.reference(embedding).map_err(bad)?;
            face.check_block(&block, &reference).map_err(bad)?;
            block.push(reference);
            probes.push(face.prepare(embedding).map_err(bad)?);
        }
        Ok(Self { face, block, probes })
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
        let mut scores = Vec::new();
        let mut scratch = <Face as Modality>::Scratch::default();
        self.face.compare_rows_batch(&probes, &self.block, from..self.block.len(), &mut scratch, &mut scores).map_err(
            |e| {
                let first = numbers.first().copied().unwrap_or(0);
                EvalError::Compare { probe: first, reference: from, reason: e.to_string() }
            },
        )?;
        let columns = self.block.len().saturating_sub(from).max(1);
        for (&number, scores) in numbers.iter().zip(scores.chunks_exact(columns)) {
            each(number, scores);
        }
        Ok(())
    }
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
