//! Confidence intervals of error rates, by a bootstrap over subjects.
//!
//! Comparisons are not independent: all those of one finger rise or fall together. So fingers are drawn with
//! replacement, not comparisons: in a replicate where finger `f` was drawn `c_f` times, its genuine comparisons count
//! `c_f` times, an impostor comparison of `f` and `g` counts `c_f * c_g` times, and the rates are recomputed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::params::{CONFIDENCE, REPLICATES, SEED};
use super::score_set::{Rates, ScoreSet, Step};
use crate::score::Fmr;

/// The score of a comparison with the subjects of its two samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SubjectScore {
    /// Subject of the probe, `0..subjects`.
    pub probe: usize,
    /// Subject of the reference; the same for a genuine comparison.
    pub reference: usize,
    /// The score.
    pub score: f64,
}

/// Lower and upper end of an interval, shares of 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Intervals of the usual error rates.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RateIntervals {
    /// Interval of the equal error rate.
    pub eer: Interval,
    /// Interval of the FMR100.
    pub fmr100: Interval,
    /// Interval of the FMR1000.
    pub fmr1000: Interval,
    /// Interval of the ZeroFMR.
    pub zero_fmr: Interval,
    /// Share of the replicates inside each interval.
    pub confidence: f64,
    /// Number of replicates drawn.
    pub replicates: usize,
    /// The seed.
    pub seed: u64,
}

/// 95 % percentile intervals from 1,000 replicates with a fixed seed, so the result is always the same.
///
/// `None` when there are fewer than two subjects, or no genuine or no impostor comparisons.
/// Time is proportional to the number of comparisons times 1,000, on the current rayon pool.
#[must_use]
pub fn intervals(scores: &[SubjectScore], subjects: usize) -> Option<RateIntervals> {
    let rates = replicates(scores, subjects, |set| {
        let rates = set.rates();
        // A replicate of one finger alone has no impostors; one of fingers with one impression has no genuine
        // comparison.
        rates.percent().iter().all(|v| v.is_finite()).then_some(rates)
    })?;
    let of = |figure: fn(&Rates) -> f64| percentiles(rates.iter().map(figure).collect());
    Some(RateIntervals {
        eer: of(|r| r.eer)?,
        fmr100: of(|r| r.fmr100)?,
        fmr1000: of(|r| r.fmr1000)?,
        zero_fmr: of(|r| r.zero_fmr)?,
        confidence: CONFIDENCE,
        replicates: rates.len(),
        seed: SEED,
    })
}

/// The band of a DET curve: 95 % percentile intervals of the FNMR at each of some false match rates, from the same replicates
/// as [`intervals`]. The threshold follows the rate in each replicate.
///
/// `None` as for [`intervals`], which also has the time.
///
/// ```
/// use selfsame::Fmr;
/// use selfsame::eval::bootstrap::{SubjectScore, det_band};
/// let mut scores = Vec::new();
/// for probe in 0..5 {
///     scores.push(SubjectScore { probe, reference: probe, score: if probe == 0 { 1.0 } else { 50.0 } });
///     scores.extend((probe + 1..5).map(|reference| SubjectScore { probe, reference, score: 5.0 }));
/// }
/// // One finger of five fails, and may be drawn never or several times.
/// let band = det_band(&scores, 5, &[Fmr::new(0.01)?]).unwrap();
/// assert!(band[0].low == 0.0 && band[0].high > 0.2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn det_band(scores: &[SubjectScore], subjects: usize, rates: &[Fmr]) -> Option<Vec<Interval>> {
    let curves = replicates(scores, subjects, |set| {
        let curve: Vec<f64> = rates.iter().map(|fmr| set.fnmr_at(*fmr)).collect();
        (set.zero_fmr().is_finite() && curve.iter().all(|v| v.is_finite())).then_some(curve)
    })?;
    (0..rates.len()).map(|k| percentiles(curves.iter().filter_map(|curve| curve.get(k).copied()).collect())).collect()
}

/// A figure of each replicate that has one; `None` as [`intervals`] says.
fn replicates<T: Send>(
    scores: &[SubjectScore],
    subjects: usize,
    figure: impl Fn(&ScoreSet) -> Option<T> + Sync,
) -> Option<Vec<T>> {
    let genuine = scores.iter().any(|s| s.probe == s.reference);
    let impostor = scores.iter().any(|s| s.probe != s.reference);
    if subjects < 2 || !genuine || !impostor || scores.iter().any(|s| s.probe.max(s.reference) >= subjects) {
        return None;
    }
    let mut sorted: Vec<SubjectScore> = scores.to_vec();
    sorted.sort_by(|a, b| a.score.total_cmp(&b.score));
    let draw = |set: &mut ScoreSet, replicate: usize| {
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        random.set_stream(replicate as u64);
        let counts = draw_counts(&mut random, subjects);
        let count = |i: usize| f64::from(counts.get(i).copied().unwrap_or(0));
        let steps = sorted.iter().map(|s| {
            let weight = count(s.probe);
            if s.probe == s.reference {
                Step { score: s.score, genuine: weight, impostor: 0.0 }
            } else {
                Step { score: s.score, genuine: 0.0, impostor: weight * count(s.reference) }
            }
        });
        set.rebuild(steps);
        figure(set)
    };
    Some((0..REPLICATES).into_par_iter().map_init(ScoreSet::scratch, draw).filter_map(|r| r).collect())
}

/// Interval of the mean of one value per subject, by a bootstrap over subjects; `None` with fewer than two.
#[must_use]
pub fn mean_interval(values: &[f64]) -> Option<Interval> {
    if values.len() < 2 {
        return None;
    }
    let mean = |replicate: usize| {
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        random.set_stream(replicate as u64);
        let counts = draw_counts(&mut random, values.len());
        counts.iter().zip(values).map(|(c, v)| f64::from(*c) * v).sum::<f64>() / values.len() as f64
    };
    percentiles((0..REPLICATES).into_par_iter().map(mean).collect())
}

/// Interval of a figure of the subjects, by a bootstrap over them: `figure` gets the number of draws of each subject
/// and returns `None` if the replicate has no value. Returns `None` with fewer than two subjects or when half of the
/// replicates have none.
pub(super) fn figure_interval(subjects: usize, figure: impl Fn(&[u32]) -> Option<f64> + Sync) -> Option<Interval> {
    if subjects < 2 {
        return None;
    }
    let draw = |replicate: usize| {
        let mut random = ChaCha8Rng::seed_from_u64(SEED);
        random.set_stream(replicate as u64);
        figure(&draw_counts(&mut random, subjects))
    };
    let values: Vec<f64> = (0..REPLICATES).into_par_iter().filter_map(draw).collect();
    if 2 * values.len() > REPLICATES { percentiles(values) } else { None }
}

/// Number of times each subject is drawn in `subjects` draws with replacement.
fn draw_counts(random: &mut ChaCha8Rng, subjects: usize) -> Vec<u32> {
    let mut counts = vec![0u32; subjects];
    for _ in 0..subjects {
        // The high word of a product with the range: a bias below 2^-32 for any number of subjects here.
        let drawn = ((u128::from(random.next_u64()) * subjects as u128) >> 64) as usize;
        if let Some(c) = counts.get_mut(drawn) {
            *c += 1;
        }
    }
    counts
}

/// The central interval that holds the confidence's share of the values.
fn percentiles(mut values: Vec<f64>) -> Option<Interval> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let at = |share: f64| values.get((share * last as f64).round() as usize).copied();
    Some(Interval { low: at(tail)?, high: at(1.0 - tail)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `fingers` fingers of four impressions; finger `f` scores genuine pairs at `good(f)`.
    fn population(fingers: usize, good: impl Fn(usize) -> f64) -> Vec<SubjectScore> {
        let mut scores = Vec::new();
        for probe in 0..fingers {
            for pair in 0..6 {
                scores.push(SubjectScore { probe, reference: probe, score: good(probe) + f64::from(pair) });
            }
            for reference in probe + 1..fingers {
                scores.push(SubjectScore { probe, reference, score: ((probe * 7 + reference * 13) % 10) as f64 });
            }
        }
        scores
    }

    #[test]
    fn one_bad_finger_makes_a_wide_interval() {
        let scores = population(10, |f| if f == 0 { 0.0 } else { 50.0 });
        let set = ScoreSet::new(
            scores.iter().filter(|s| s.probe == s.reference).map(|s| s.score).collect(),
            scores.iter().filter(|s| s.probe != s.reference).map(|s| s.score).collect(),
        )
        .unwrap();
        let i = intervals(&scores, 10).unwrap();
        assert_eq!(set.zero_fmr(), 0.1);
        // The bad finger is drawn binomially: never in 35 % of replicates, three times or more in 7 %.
        assert_eq!(i.zero_fmr.low, 0.0);
        assert!((0.2..=0.4).contains(&i.zero_fmr.high), "{i:?}");
        assert!(i.eer.low <= set.eer() && set.eer() <= i.eer.high);
        // The band is that of the same replicates.
        let band = det_band(&scores, 10, &[0.001, 0.01, 1.0].map(|fmr| Fmr::new(fmr).unwrap())).unwrap();
        assert_eq!((band[0], band[1]), (i.fmr1000, i.fmr100));
        assert_eq!(band[2], Interval { low: 0.0, high: 0.0 });
    }

    #[test]
    fn same_at_any_number_of_threads_and_nothing_from_nothing() {
        let scores = population(8, |f| f as f64);
        let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let one = on(1).install(|| intervals(&scores, 8));
        assert!(one.is_some());
        assert_eq!(one, on(3).install(|| intervals(&scores, 8)));
        assert_eq!(intervals(&[], 8), None);
        assert_eq!(intervals(&scores, 1), None);
        assert_eq!(intervals(&scores, 3), None);
    }
}
