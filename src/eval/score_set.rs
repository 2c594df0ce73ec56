//! Error rates of a set of comparison scores.

use std::fmt;

use super::EvalError;
use crate::score::Fmr;

/// Genuine and impostor scores with their error rates. Larger scores are more alike.
///
/// At a threshold `t` a comparison matches when its score is at or above `t`; the FNMR is the share of genuine scores
/// below `t`, the FMR the share of impostor scores at or above it. Thresholds are the scores in the set and one above
/// all of them.
///
/// ```
/// use selfsame::Fmr;
/// use selfsame::eval::ScoreSet;
/// let set = ScoreSet::new(vec![9.0, 8.0, 3.0, 7.0], vec![1.0, 2.0, 4.0, 0.0, 1.0])?;
/// assert_eq!(set.fnmr_at(Fmr::new(0.1)?), 0.25);
/// assert!((set.eer() - 0.1).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ScoreSet {
    thresholds: Vec<f64>,
    /// Share of genuine weight below each threshold.
    fnmr: Vec<f64>,
    /// Share of impostor weight at or above each threshold.
    fmr: Vec<f64>,
    genuine: usize,
    impostor: usize,
}

/// One point of a detection error trade-off curve.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct DetPoint {
    /// Threshold: match at or above.
    pub threshold: f64,
    /// False match rate.
    pub fmr: f64,
    /// False non-match rate.
    pub fnmr: f64,
}

/// The usual error rates of a score set, shares of 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Rates {
    /// Equal error rate.
    pub eer: f64,
    /// FNMR at an FMR of at most 1 in 100.
    pub fmr100: f64,
    /// FNMR at an FMR of at most 1 in 1,000.
    pub fmr1000: f64,
    /// FNMR at the lowest threshold without a false match.
    pub zero_fmr: f64,
}

/// A score with its genuine and impostor weights.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub score: f64,
    pub genuine: f64,
    pub impostor: f64,
}

impl ScoreSet {
    /// A set from the scores of genuine and of impostor comparisons, in any order. `O(n log n)`.
    ///
    /// # Errors
    /// [`EvalError`] when either is empty or a score is not finite.
    pub fn new(genuine: Vec<f64>, impostor: Vec<f64>) -> Result<Self, EvalError> {
        let counts = (genuine.len(), impostor.len());
        let weigh = |scores: Vec<f64>| scores.into_iter().map(|s| (s, 1.0)).collect();
        Self::build(weigh(genuine), weigh(impostor), counts)
    }

    /// A set of scores with weights, `(score, weight)`: identity-balanced rates, for example.
    ///
    /// # Errors
    /// [`EvalError`] when either side is empty, a score is not finite, or weights are negative or all zero.
    pub fn weighted(genuine: Vec<(f64, f64)>, impostor: Vec<(f64, f64)>) -> Result<Self, EvalError> {
        let counts = (genuine.len(), impostor.len());
        Self::build(genuine, impostor, counts)
    }

    /// A weighted set that represents `counts` genuine and impostor comparisons.
    pub(super) fn build(
        genuine: Vec<(f64, f64)>,
        impostor: Vec<(f64, f64)>,
        counts: (usize, usize),
    ) -> Result<Self, EvalError> {
        if genuine.is_empty() {
            return Err(EvalError::NoGenuine);
        }
        if impostor.is_empty() {
            return Err(EvalError::NoImpostor);
        }
        for (index, (score, weight)) in genuine.iter().chain(&impostor).enumerate() {
            if !score.is_finite() {
                return Err(EvalError::Score { index });
            }
            if !(weight.is_finite() && *weight >= 0.0) {
                return Err(EvalError::Weight);
            }
        }
        let mut steps: Vec<Step> = Vec::with_capacity(genuine.len() + impostor.len());
        steps.extend(genuine.into_iter().map(|(score, w)| Step { score, genuine: w, impostor: 0.0 }));
        steps.extend(impostor.into_iter().map(|(score, w)| Step { score, genuine: 0.0, impostor: w }));
        // The sort is stable, so weights of one score are added in the given order.
        steps.sort_by(|a, b| a.score.total_cmp(&b.score));
        Self::from_steps(steps, counts)
    }

    /// Makes a set from steps in ascending order of score.
    fn from_steps(steps: Vec<Step>, counts: (usize, usize)) -> Result<Self, EvalError> {
        let mut set =
            Self { thresholds: Vec::new(), fnmr: Vec::new(), fmr: Vec::new(), genuine: counts.0, impostor: counts.1 };
        set.rebuild(steps.iter().copied());
        if set.fnmr.iter().chain(&set.fmr).all(|v| v.is_finite()) { Ok(set) } else { Err(EvalError::Weight) }
    }

    /// Replaces the curve with that of `steps` in ascending order of score, reusing memory.
    pub(super) fn rebuild(&mut self, steps: impl Iterator<Item = Step> + Clone) {
        let (total_genuine, total_impostor) =
            steps.clone().fold((0.0, 0.0), |(g, i), s| (g + s.genuine, i + s.impostor));
        self.thresholds.clear();
        self.fnmr.clear();
        self.fmr.clear();
        let (mut genuine, mut impostor) = (0.0, 0.0);
        let mut last = f64::NAN;
        for step in steps {
            if step.score != last {
                last = step.score;
                self.push(last, genuine / total_genuine, 1.0 - impostor / total_impostor);
            }
            genuine += step.genuine;
            impostor += step.impostor;
        }
        self.push(last + 1.0, genuine / total_genuine, 1.0 - impostor / total_impostor);
    }

    fn push(&mut self, threshold: f64, fnmr: f64, fmr: f64) {
        self.thresholds.push(threshold);
        self.fnmr.push(fnmr);
        self.fmr.push(fmr);
    }

    /// An empty set for the curves of a bootstrap.
    pub(super) fn scratch() -> Self {
        Self { thresholds: Vec::new(), fnmr: Vec::new(), fmr: Vec::new(), genuine: 0, impostor: 0 }
    }

    /// Number of genuine comparisons.
    #[must_use]
    pub fn genuine(&self) -> usize {
        self.genuine
    }

    /// Number of impostor comparisons.
    #[must_use]
    pub fn impostor(&self) -> usize {
        self.impostor
    }

    /// Equal error rate: the mean of FNMR and FMR at the first threshold where the FNMR is no longer below the FMR, or, if
    /// the two differ there, at the threshold before it if that mean is smaller.
    #[must_use]
    pub fn eer(&self) -> f64 {
        let mean = |k: usize| self.fnmr.get(k).zip(self.fmr.get(k)).map(|(a, b)| (a + b) / 2.0);
        let Some(k) = self.fnmr.iter().zip(&self.fmr).position(|(fnmr, fmr)| fnmr >= fmr) else { return f64::NAN };
        let here = mean(k).unwrap_or(f64::NAN);
        match k.checked_sub(1).and_then(mean) {
            Some(before) if self.fnmr.get(k) != self.fmr.get(k) => before.min(here),
            _ => here,
        }
    }

    /// The FNMR at the lowest threshold whose FMR is at most `fmr`: the FMR100 at 1e-2, the FMR1000 at 1e-3.
    ///
    /// The FMR is computed as one minus a share; if it equals the limit exactly, rounding may select the next, stricter
    /// threshold.
    #[must_use]
    pub fn fnmr_at(&self, fmr: Fmr) -> f64 {
        self.at(fmr.get()).map_or(f64::NAN, |p| p.fnmr)
    }

    /// The lowest threshold whose FMR is at most `fmr`. It is above all scores when no score satisfies that.
    #[must_use]
    pub fn threshold_at(&self, fmr: Fmr) -> f64 {
        self.at(fmr.get()).map_or(f64::NAN, |p| p.threshold)
    }

    /// The FNMR at the lowest threshold without a false match.
    #[must_use]
    pub fn zero_fmr(&self) -> f64 {
        self.at(0.0).map_or(f64::NAN, |p| p.fnmr)
    }

    /// The share of genuine scores at or above the lowest threshold whose FMR is at most `far`: TAR at FAR.
    #[must_use]
    pub fn tar_at(&self, far: Fmr) -> f64 {
        1.0 - self.fnmr_at(far)
    }

    /// The highest share of correct decisions at any threshold, with equal weight for genuine and impostor comparisons.
    #[must_use]
    pub fn accuracy(&self) -> f64 {
        self.fnmr.iter().zip(&self.fmr).map(|(fnmr, fmr)| 1.0 - (fnmr + fmr) / 2.0).fold(0.0, f64::max)
    }

    /// The usual error rates.
    #[must_use]
    pub fn rates(&self) -> Rates {
        let at = |limit| self.at(limit).map_or(f64::NAN, |p| p.fnmr);
        Rates { eer: self.eer(), fmr100: at(0.01), fmr1000: at(0.001), zero_fmr: at(0.0) }
    }

    fn at(&self, limit: f64) -> Option<DetPoint> {
        // The FMR falls with the threshold.
        let k = self.fmr.partition_point(|fmr| *fmr > limit);
        self.point(k)
    }

    fn point(&self, k: usize) -> Option<DetPoint> {
        Some(DetPoint { threshold: *self.thresholds.get(k)?, fmr: *self.fmr.get(k)?, fnmr: *self.fnmr.get(k)? })
    }

    /// FMR and FNMR at an arbitrary threshold.
    #[must_use]
    pub fn at_threshold(&self, threshold: f64) -> DetPoint {
        let k = self.thresholds.partition_point(|t| *t < threshold);
        let beyond = DetPoint { threshold, fmr: 0.0, fnmr: 1.0 };
        self.point(k).map_or(beyond, |p| DetPoint { threshold, ..p })
    }

    /// The detection error trade-off curve: one point per distinct score in ascending order, and one above all.
    #[must_use]
    pub fn det(&self) -> Vec<DetPoint> {
        (0..self.thresholds.len()).filter_map(|k| self.point(k)).collect()
    }

    /// The curve without points on straight lines: same shape, few points.
    #[must_use]
    pub fn det_corners(&self) -> Vec<DetPoint> {
        let all = self.det();
        let mut corners: Vec<DetPoint> = Vec::new();
        for (k, p) in all.iter().enumerate() {
            let flat = |a: &DetPoint, b: &DetPoint| a.fmr == b.fmr || a.fnmr == b.fnmr;
            let inner = match (corners.last(), all.get(k + 1)) {
                (Some(before), Some(after)) => {
                    flat(before, p) && flat(p, after) && flat(before, after) && before.threshold != after.threshold
                }
                _ => false,
            };
            if !inner {
                corners.push(*p);
            }
        }
        corners
    }
}

impl Rates {
    /// The rates in percent, in the order EER, FMR100, FMR1000, ZeroFMR.
    #[must_use]
    pub fn percent(&self) -> [f64; 4] {
        [self.eer, self.fmr100, self.fmr1000, self.zero_fmr].map(|v| 100.0 * v)
    }
}

impl fmt::Display for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [eer, fmr100, fmr1000, zero] = self.percent();
        write!(f, "EER {eer:.2} %, FMR100 {fmr100:.2} %, FMR1000 {fmr1000:.2} %, ZeroFMR {zero:.2} %")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The rates by definition, counted at each threshold in `O(n^2)`.
    fn naive(genuine: &[f64], impostor: &[f64]) -> Rates {
        let mut thresholds: Vec<f64> = genuine.iter().chain(impostor).copied().collect();
        thresholds.sort_by(f64::total_cmp);
        thresholds.dedup();
        thresholds.push(thresholds.last().unwrap() + 1.0);
        let below = |scores: &[f64], t: f64| scores.iter().filter(|s| **s < t).count() as f64 / scores.len() as f64;
        let curve: Vec<(f64, f64)> =
            thresholds.iter().map(|&t| (below(genuine, t), 1.0 - below(impostor, t))).collect();
        let k = curve.iter().position(|(a, b)| a >= b).unwrap();
        let mut eer = (curve[k].0 + curve[k].1) / 2.0;
        if k > 0 && curve[k].0 != curve[k].1 {
            eer = eer.min((curve[k - 1].0 + curve[k - 1].1) / 2.0);
        }
        let at = |limit: f64| curve.iter().find(|(_, fmr)| *fmr <= limit).unwrap().0;
        Rates { eer, fmr100: at(0.01), fmr1000: at(0.001), zero_fmr: at(0.0) }
    }

    proptest! {
        #[test]
        fn agrees_with_counting(
            genuine in prop::collection::vec(0u8..60, 1..40),
            impostor in prop::collection::vec(0u8..40, 1..120),
        ) {
            // Few distinct values, so that ties across the two sides are frequent.
            let scores = |v: Vec<u8>| v.into_iter().map(|s| f64::from(s) / 3.0).collect::<Vec<_>>();
            let (genuine, impostor) = (scores(genuine), scores(impostor));
            let set = ScoreSet::new(genuine.clone(), impostor.clone()).unwrap();
            prop_assert_eq!(set.rates(), naive(&genuine, &impostor));
            // Equal weights of any size change nothing but rounding.
            let weigh = |v: &[f64]| v.iter().map(|s| (*s, 0.25)).collect();
            let weighted = ScoreSet::weighted(weigh(&genuine), weigh(&impostor)).unwrap();
            prop_assert!((weighted.eer() - set.eer()).abs() < 1e-12);
            // Corners keep the first, the last and each turn.
            let (all, corners) = (set.det(), set.det_corners());
            prop_assert_eq!(all.first(), corners.first());
            prop_assert_eq!(all.last(), corners.last());
            prop_assert!(corners.iter().all(|c| all.contains(c)));
        }
    }

    #[test]
    fn separated_scores_have_no_errors() {
        let set = ScoreSet::new(vec![5.0, 6.0], vec![1.0, 2.0, 3.0]).unwrap();
        assert_eq!(set.rates().percent(), [0.0; 4]);
        assert_eq!(set.accuracy(), 1.0);
        assert_eq!(set.threshold_at(Fmr::new(0.4).unwrap()), 3.0);
        assert_eq!(set.at_threshold(2.5), DetPoint { threshold: 2.5, fmr: 1.0 - 2.0 / 3.0, fnmr: 0.0 });
        assert_eq!(set.at_threshold(100.0), DetPoint { threshold: 100.0, fmr: 0.0, fnmr: 1.0 });
    }

    #[test]
    fn useless_scores_have_all_errors() {
        let set = ScoreSet::new(vec![0.0; 10], vec![0.0; 10]).unwrap();
        assert_eq!(set.rates(), Rates { eer: 0.5, fmr100: 1.0, fmr1000: 1.0, zero_fmr: 1.0 });
        assert_eq!(set.accuracy(), 0.5);
    }

    #[test]
    fn refuses_what_has_no_rates() {
        assert_eq!(ScoreSet::new(vec![], vec![1.0]).unwrap_err(), EvalError::NoGenuine);
        assert_eq!(ScoreSet::new(vec![1.0], vec![]).unwrap_err(), EvalError::NoImpostor);
        assert_eq!(ScoreSet::new(vec![1.0], vec![0.0, f64::NAN]).unwrap_err(), EvalError::Score { index: 2 });
        assert_eq!(ScoreSet::weighted(vec![(1.0, 0.0)], vec![(0.0, 1.0)]).unwrap_err(), EvalError::Weight);
        assert_eq!(ScoreSet::weighted(vec![(1.0, -1.0)], vec![(0.0, 1.0)]).unwrap_err(), EvalError::Weight);
    }
}
