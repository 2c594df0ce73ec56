//! Verification of a list of pairs, as in the LFW protocol.

use crate::eval::{EvalError, ScoreSet};
use crate::face::compare::Face;
use crate::face::embedding::Embedding;
use crate::modality::Modality;

/// A pair of rows of a list of embeddings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FacePair {
    /// One row.
    pub a: usize,
    /// The other.
    pub b: usize,
    /// Whether the two show the same person.
    pub same: bool,
    /// Part of the list that the pair belongs to, for cross-validation.
    pub fold: i64,
}

/// Rates of a list of pairs.
#[derive(Clone, Debug)]
pub struct PairVerification {
    /// Genuine and impostor cosines.
    pub scores: ScoreSet,
    /// Share of correct decisions at the best threshold of the other folds, averaged over the folds; a single fold uses
    /// its own best threshold.
    pub accuracy: f64,
    /// Number of folds.
    pub folds: usize,
}

/// Compares the pairs of a list.
///
/// # Errors
/// [`EvalError`] when a pair names a row beyond the list, embeddings differ in dimension, or one kind of pair is missing.
pub fn verify_pairs(embeddings: &[Embedding], pairs: &[FacePair]) -> Result<PairVerification, EvalError> {
    let face = Face::default();
    let row = |index: usize| {
        embeddings.get(index).ok_or(EvalError::Index { what: "row", index: index as i64, count: embeddings.len() })
    };
    let mut scratch = <Face as Modality>::Scratch::default();
    let mut scored = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let bad = |e: <Face as Modality>::Error| EvalError::Compare {
            probe: pair.a,
            reference: pair.b,
            reason: e.to_string(),
        };
        let probe = face.prepare(row(pair.a)?).map_err(bad)?;
        let reference = face.reference(row(pair.b)?).map_err(bad)?;
        let cosine = face.compare(&probe, &reference, &mut scratch).map_err(bad)?;
        scored.push((*pair, f64::from(cosine.value())));
    }
    let of = |same: bool| scored.iter().filter(|(p, _)| p.same == same).map(|(_, s)| *s).collect();
    let scores = ScoreSet::new(of(true), of(false))?;
    let mut folds: Vec<i64> = pairs.iter().map(|p| p.fold).collect();
    folds.sort_unstable();
    folds.dedup();
    let accuracy = if folds.len() < 2 {
        decide(&scored, best_threshold(scored.iter()))
    } else {
        let one = |fold: &i64| {
            let threshold = best_threshold(scored.iter().filter(|(p, _)| p.fold != *fold));
            let own: Vec<_> = scored.iter().filter(|(p, _)| p.fold == *fold).copied().collect();
            decide(&own, threshold)
        };
        folds.iter().map(one).sum::<f64>() / folds.len() as f64
    };
    Ok(PairVerification { scores, accuracy, folds: folds.len() })
}

/// Share of correct decisions.
fn decide(scored: &[(FacePair, f64)], threshold: f64) -> f64 {
    let right = scored.iter().filter(|(p, s)| (*s >= threshold) == p.same).count();
    right as f64 / scored.len().max(1) as f64
}

/// The lowest score that, as a threshold, decides the most pairs correctly.
fn best_threshold<'a>(scored: impl Iterator<Item = &'a (FacePair, f64)>) -> f64 {
    let mut sorted: Vec<(f64, bool)> = scored.map(|(p, s)| (*s, p.same)).collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    // At the lowest threshold all pairs match, so the genuine ones are correct.
    let mut right = sorted.iter().filter(|s| s.1).count() as i64;
    let mut best = (right, sorted.first().map_or(0.0, |s| s.0));
    let mut at = 0;
    while let Some(&(score, _)) = sorted.get(at) {
        if right > best.0 {
            best = (right, score);
        }
        while let Some(&(_, same)) = sorted.get(at).filter(|s| s.0 == score) {
            right += if same { -1 } else { 1 };
            at += 1;
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::super::tests::population;
    use super::*;

    #[test]
    fn the_best_threshold_decides_most() {
        let pair = |same, score| (FacePair { a: 0, b: 0, same, fold: 0 }, score);
        let scored = [pair(false, 0.1), pair(true, 0.2), pair(false, 0.3), pair(true, 0.4), pair(true, 0.5)];
        assert_eq!(best_threshold(scored.iter()), 0.2);
        assert_eq!(decide(&scored, 0.2), 0.8);
        assert_eq!(decide(&scored, 0.4), 0.8);
    }

    #[test]
    fn folds_are_decided_by_the_others() {
        let (embeddings, labels) = population(10, 2);
        let mut pairs = Vec::new();
        for i in 0..10 {
            pairs.push(FacePair { a: 2 * i, b: 2 * i + 1, same: true, fold: i as i64 % 5 });
            pairs.push(FacePair { a: 2 * i, b: (2 * i + 2) % 20, same: false, fold: i as i64 % 5 });
        }
        assert!(pairs.iter().all(|p| (labels[p.a] == labels[p.b]) == p.same));
        let report = verify_pairs(&embeddings, &pairs).unwrap();
        assert_eq!((report.folds, report.scores.genuine(), report.scores.impostor()), (5, 10, 10));
        assert!(report.accuracy > 0.9 && report.accuracy <= 1.0);
        pairs[3].b = 20;
        assert!(matches!(verify_pairs(&embeddings, &pairs), Err(EvalError::Index { index: 20, count: 20, .. })));
    }
}
