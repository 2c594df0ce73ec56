//! Verification over all pairs of a labeled set.

use super::each::{Pair, each_pair, sorted};
use super::rows::{Rows, check_lengths, identities};
use crate::eval::bootstrap::{self, Interval};
use crate::eval::params::{COSINE_BINS, HISTOGRAM_BINS};
use crate::eval::{EvalError, Histogram, ScoreSet};
use crate::face::embedding::Embedding;
use crate::score::Fmr;

/// Verification over all pairs of a labeled set.
#[derive(Clone, Debug)]
pub struct AllPairs {
    /// Identities.
    pub identities: usize,
    /// Identities with at least two images.
    pub with_mates: usize,
    /// Rates with equal weight for every genuine pair: identities with many images dominate.
    pub plain: ScoreSet,
    /// Rates with equal weight for every identity: its genuine pairs share one weight. Impostor pairs have equal
    /// weights.
    pub balanced: ScoreSet,
    /// Genuine (equal weight per pair) and impostor cosines.
    pub histogram: Histogram,
    /// Cosine of each genuine pair with its identity, `0..identities`.
    pub(super) genuine: Vec<(usize, f64)>,
}

impl AllPairs {
    /// Interval of the identity-balanced share of genuine pairs at or above `threshold`, by a bootstrap over identities.
    /// The threshold is held fixed, so its own uncertainty is not in the interval.
    #[must_use]
    pub fn tar_interval(&self, threshold: f64) -> Option<Interval> {
        let mut passed = vec![(0usize, 0usize); self.identities];
        for (identity, score) in &self.genuine {
            if let Some((good, all)) = passed.get_mut(*identity) {
                *good += usize::from(*score >= threshold);
                *all += 1;
            }
        }
        let shares: Vec<f64> =
            passed.into_iter().filter(|(_, all)| *all > 0).map(|(good, all)| good as f64 / all as f64).collect();
        bootstrap::mean_interval(&shares)
    }

    /// Threshold at a false accept rate and the identity-balanced true accept rate there.
    #[must_use]
    pub fn tar_at(&self, far: Fmr) -> (f64, f64) {
        (self.balanced.threshold_at(far), self.balanced.tar_at(far))
    }
}

/// Compares all pairs of rows, on the current rayon pool: `n * (n - 1) / 2` cosines.
///
/// `excluded` pairs of rows (label errors) are not counted. Impostor cosines are counted in bins of 2e-6, so rates are
/// exact at the bins' edges, and thresholds are exact to 2e-6.
///
/// # Errors
/// [`EvalError`] when lengths differ, embeddings differ in dimension, or there are no genuine or no impostor pairs.
pub fn all_pairs(embeddings: &[Embedding], labels: &[i64], excluded: &[(usize, usize)]) -> Result<AllPairs, EvalError> {
    check_lengths(embeddings, labels)?;
    let (identity, count) = identities(labels);
    let rows = Rows::new(embeddings)?;
    // Each thread counts separately; integer sums are the same in any order.
    let parts = each_pair(
        &rows,
        &sorted(excluded),
        || Counted { impostor: vec![0; COSINE_BINS], genuine: Vec::new() },
        |counted, Pair { probe, reference, cosine }| {
            if identity.get(reference) == identity.get(probe) {
                counted.genuine.push((probe, reference, cosine));
            } else if let Some(bin) = counted.impostor.get_mut(bin_of(cosine)) {
                *bin += 1;
            }
        },
    )?;
    let mut impostor = vec![0u64; COSINE_BINS];
    let mut genuine = Vec::new();
    for part in parts {
        impostor.iter_mut().zip(&part.impostor).for_each(|(sum, n)| *sum += n);
        genuine.extend(part.genuine);
    }
    genuine.sort_by_key(|g| (g.0, g.1));
    summarize(&identity, count, genuine, impostor)
}

/// Counts of one thread.
struct Counted {
    impostor: Vec<u64>,
    genuine: Vec<(usize, usize, f64)>,
}

/// The bin of a cosine.
pub(super) fn bin_of(cosine: f64) -> usize {
    (((cosine + 1.0) / 2.0 * COSINE_BINS as f64) as usize).min(COSINE_BINS - 1)
}

/// Lower edge of a bin.
pub(super) fn edge_of(bin: usize) -> f64 {
    2.0 * bin as f64 / COSINE_BINS as f64 - 1.0
}

fn summarize(
    identity: &[usize],
    count: usize,
    genuine: Vec<(usize, usize, f64)>,
    impostor: Vec<u64>,
) -> Result<AllPairs, EvalError> {
    let of = |row: usize| identity.get(row).copied().unwrap_or(0);
    let mut pairs = vec![0usize; count];
    for (row, _, _) in &genuine {
        if let Some(n) = pairs.get_mut(of(*row)) {
            *n += 1;
        }
    }
    let weight = |row: usize| 1.0 / pairs.get(of(row)).copied().unwrap_or(1).max(1) as f64;
    let bins: Vec<(f64, f64)> =
        impostor.iter().enumerate().filter(|(_, n)| **n > 0).map(|(bin, n)| (edge_of(bin), *n as f64)).collect();
    let counts = (genuine.len(), impostor.iter().sum::<u64>() as usize);
    let plain = ScoreSet::build(genuine.iter().map(|g| (g.2, 1.0)).collect(), bins.clone(), counts)?;
    let balanced = ScoreSet::build(genuine.iter().map(|g| (g.2, weight(g.0))).collect(), bins.clone(), counts)?;
    let histogram = histogram(&genuine, &bins);
    let with_mates = pairs.iter().filter(|n| **n > 0).count();
    let genuine = genuine.into_iter().map(|g| (of(g.0), g.2)).collect();
    Ok(AllPairs { identities: count, with_mates, plain, balanced, histogram, genuine })
}

/// A histogram of genuine scores and of bins of impostor scores.
fn histogram(genuine: &[(usize, usize, f64)], impostor: &[(f64, f64)]) -> Histogram {
    let scores: Vec<f64> = genuine.iter().map(|g| g.2).collect();
    let edges: Vec<f64> = impostor.iter().map(|i| i.0).collect();
    let mut histogram = Histogram::new(&scores, &edges, HISTOGRAM_BINS);
    // The axis is right, but each bin must count with its weight on the impostor side.
    histogram.impostor.iter_mut().for_each(|s| *s = 0.0);
    let total: f64 = impostor.iter().map(|i| i.1).sum();
    let last = histogram.impostor.len().saturating_sub(1);
    for (score, n) in impostor {
        let bin = (((score - histogram.low) / histogram.width) as usize).min(last);
        if let Some(share) = histogram.impostor.get_mut(bin) {
            *share += n / total;
        }
    }
    histogram
}
