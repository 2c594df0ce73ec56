//! Unlinkability after Gomez-Barrero, Galbally, Rathgeb and Busch, "General framework to evaluate unlinkability in biometric template
//! protection systems" (IEEE TIFS 13, 2018).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::super::params::SEED;

/// Number of relabelings that estimate the measure without linkage.
const RELABELED: usize = 20;
/// Most bins of a histogram (the authors' later version).
const MOST_BINS: usize = 100;
/// Mated scores per bin.
const SCORES_PER_BIN: usize = 10;

/// How well scores show whether two templates under two keys are of one person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linkage {
    /// The global measure D_sys: 0 is fully unlinkable, 1 fully linkable.
    pub d_sys: f64,
    /// Mean of the measure over random relabelings of the same scores: its value without linkage.
    pub null: f64,
    /// The largest value over those relabelings.
    pub null_most: f64,
    /// Number of mated pairs.
    pub mated: usize,
    /// Number of pairs of two people.
    pub non_mated: usize,
}

/// The linkage from the scores of mated and non-mated pairs. All values are 0 when either list is empty.
#[must_use]
pub fn unlinkability(mated: &[f64], non_mated: &[f64]) -> Linkage {
    let mut pooled: Vec<f64> = mated.iter().chain(non_mated).copied().collect();
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut nulls = Vec::with_capacity(RELABELED);
    for _ in 0..RELABELED {
        for i in (1..pooled.len()).rev() {
            let j = ((u64::from(random.next_u32()) * (i as u64 + 1)) >> 32) as usize;
            pooled.swap(i, j);
        }
        let (a, b) = pooled.split_at(mated.len());
        nulls.push(d_sys(a, b));
    }
    Linkage {
        d_sys: d_sys(mated, non_mated),
        null: nulls.iter().sum::<f64>() / RELABELED as f64,
        null_most: nulls.iter().copied().fold(0.0, f64::max),
        mated: mated.len(),
        non_mated: non_mated.len(),
    }
}

fn d_sys(mated: &[f64], non_mated: &[f64]) -> f64 {
    let all = || mated.iter().chain(non_mated).copied();
    let (low, high) = all().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), s| (low.min(s), high.max(s)));
    if mated.is_empty() || non_mated.is_empty() || low >= high {
        return 0.0;
    }
    let bins = (mated.len() / SCORES_PER_BIN).clamp(1, MOST_BINS);
    let shares = |scores: &[f64]| {
        let mut shares = vec![0.0; bins];
        for s in scores {
            let bin = ((s - low) / (high - low) * bins as f64) as usize;
            if let Some(share) = shares.get_mut(bin.min(bins - 1)) {
                *share += 1.0 / scores.len() as f64;
            }
        }
        shares
    };
    let (same, other) = (shares(mated), shares(non_mated));
    same.iter()
        .zip(&other)
        .map(|(&same, &other)| {
            // Twice the posterior minus one, with equal priors for one person and two; 1 where there are only mated
            // pairs.
            let local = if same <= other { 0.0 } else { 2.0 * same / (same + other) - 1.0 };
            local * same
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(seed: u64, n: usize, shift: f64) -> Vec<f64> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        // Sums of uniform numbers are close enough to normal.
        (0..n)
            .map(|_| (0..12).map(|_| f64::from(random.next_u32()) / 2f64.powi(32)).sum::<f64>() - 6.0 + shift)
            .collect()
    }

    #[test]
    fn the_same_distribution_is_unlinkable_and_two_far_apart_are_linkable() {
        let same = unlinkability(&numbers(1, 10_000, 0.0), &numbers(2, 10_000, 0.0));
        assert!(same.d_sys < 0.03 && same.null > 0.001 && same.d_sys < 2.0 * same.null_most, "{same:?}");
        let apart = unlinkability(&numbers(1, 10_000, 0.0), &numbers(2, 10_000, 20.0));
        assert!(apart.d_sys > 0.999 && apart.null < 0.03);
        let between = unlinkability(&numbers(1, 10_000, 1.0), &numbers(2, 10_000, 0.0));
        assert!((0.1..0.4).contains(&between.d_sys), "{between:?}");
    }

    #[test]
    fn nothing_to_compare_is_no_linkage() {
        assert_eq!(unlinkability(&[], &[1.0]).d_sys, 0.0);
        assert_eq!(unlinkability(&[1.0], &[1.0]).d_sys, 0.0);
    }
}
