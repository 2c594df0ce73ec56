//! Fitting a calibration to the cosines of different people.

use std::cmp::Reverse;

use super::super::params::{MIN_FALSE_MATCHES, POINTS_PER_DECADE, TAIL_DECIBELS, TAIL_RANKS};
use super::{CalibrationError, Cosine, CosineCalibration};

impl CosineCalibration {
    /// Makes a calibration from the cosines of comparisons between different people, in any order. They should come
    /// from as many people as possible. The calibration ends where thirty scores are left, so 3 million comparisons
    /// reach 50 dB.
    ///
    /// Sorts a copy: `n log n`.
    ///
    /// # Errors
    /// [`CalibrationError::TooFew`] or [`CalibrationError::NoTail`].
    pub fn from_impostors(cosines: &[Cosine]) -> Result<Self, CalibrationError> {
        Self::observed(&Tail::new(cosines.iter().map(|&cosine| (cosine, 1)).collect()))
    }

    /// Does the same with plain numbers, and extends the result by 20 dB (at most to a cosine of 1) with an exponential
    /// tail: beyond the last point that data back, decibels grow linearly with the cosine, `10 / ln(10)` for each mean
    /// excess of the 300 highest scores over the lowest of them. Real impostor cosines fell off at least as fast, as
    /// far as they were counted; people under two labels make the tail longer and so the score lower.
    ///
    /// ```
    /// use selfsame::face::compare::CosineCalibration;
    /// use selfsame::{Cosine, Fmr};
    /// // The number of strangers falls to a tenth for each 0.06 of cosine.
    /// let strangers: Vec<f32> = (1..=30_000).map(|rank| 0.06 * (30_000.0 / rank as f32).log10()).collect();
    /// let model = CosineCalibration::fit(&strangers)?;
    /// assert!((model.backed_to().decibels() - 30.0).abs() < 0.01);
    /// assert!((model.threshold_at(Fmr::new(1e-2)?)?.value() - 0.12).abs() < 0.001);
    /// // Beyond its data it follows an exponential tail.
    /// assert!((model.threshold_at(Fmr::new(1e-4)?)?.value() - 0.24).abs() < 0.005);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CalibrationError::NotACosine`] for a number outside -1..=1, [`CalibrationError::TooFew`] or
    /// [`CalibrationError::NoTail`].
    pub fn fit(impostors: &[f32]) -> Result<Self, CalibrationError> {
        let counts: Result<Vec<_>, _> = impostors.iter().enumerate().map(|(i, &c)| Ok((cosine(i, c)?, 1))).collect();
        Self::extrapolated(&Tail::new(counts?))
    }

    /// Does the same with counts, `(cosine, number of comparisons)`, in any order: billions of comparisons fit into a
    /// histogram.
    ///
    /// # Errors
    /// As [`CosineCalibration::fit`].
    pub fn fit_counts(impostors: &[(f32, u64)]) -> Result<Self, CalibrationError> {
        let counts: Result<Vec<_>, _> =
            impostors.iter().enumerate().map(|(i, &(c, count))| Ok((cosine(i, c)?, count))).collect();
        Self::extrapolated(&Tail::new(counts?))
    }

    /// A calibration of the observed scores, without extrapolation.
    fn observed(tail: &Tail) -> Result<Self, CalibrationError> {
        let needed = 2 * MIN_FALSE_MATCHES;
        let total = tail.total;
        if total < needed as u64 {
            return Err(CalibrationError::TooFew { count: total as usize, needed });
        }
        let mut points: Vec<(f32, f32)> = Vec::new();
        // Ranks from half of all scores down to the last stated one, in equal steps of decibels.
        let span = (total as f64 / 2.0 / MIN_FALSE_MATCHES as f64).log10();
        let steps = (span * POINTS_PER_DECADE).ceil().max(1.0) as usize;
        for step in 0..=steps {
            let rank = MIN_FALSE_MATCHES as f64 * 10f64.powf(span * (steps - step) as f64 / steps as f64);
            // All scores that tie with this one are at or above it.
            let Some((cosine, at_or_above)) = tail.at_rank(rank as u64) else { continue };
            let decibels = (10.0 * (total as f64 / at_or_above as f64).log10()) as f32;
            if points.last().is_none_or(|last| cosine.value() > last.0 && decibels > last.1) {
                points.push((cosine.value(), decibels));
            }
        }
        let Some(&(_, backed)) = points.last().filter(|_| points.len() >= 2) else {
            return Err(CalibrationError::NoTail);
        };
        Ok(Self { points, backed, comparisons: total })
    }

    fn extrapolated(tail: &Tail) -> Result<Self, CalibrationError> {
        let mut model = Self::observed(tail)?;
        let ranks = (TAIL_RANKS * MIN_FALSE_MATCHES) as u64;
        let Some(excess) = tail.mean_excess(ranks.min(tail.total / 2)) else { return Ok(model) };
        let per_cosine = 10.0 / std::f64::consts::LN_10 / excess;
        if let Some(&(last, decibels)) = model.points.last() {
            let end = (f64::from(last) + f64::from(TAIL_DECIBELS) / per_cosine).min(1.0) as f32;
            let gain = (f64::from(end - last) * per_cosine) as f32;
            // If the step is below the resolution of a float, nothing is added.
            if end > last && decibels + gain > decibels {
                model.points.push((end, decibels + gain));
            }
        }
        Ok(model)
    }
}

fn cosine(index: usize, value: f32) -> Result<Cosine, CalibrationError> {
    Cosine::new(value).map_err(|_| CalibrationError::NotACosine { index })
}

/// Scores from the highest down, each with the number at or above it.
struct Tail {
    scores: Vec<(Cosine, u64)>,
    total: u64,
}

impl Tail {
    fn new(mut counts: Vec<(Cosine, u64)>) -> Self {
        counts.sort_unstable_by_key(|count| Reverse(count.0));
        let mut total = 0u64;
        let mut scores: Vec<(Cosine, u64)> = counts;
        scores.retain(|s| s.1 > 0);
        for (_, count) in &mut scores {
            total = total.saturating_add(*count);
            *count = total;
        }
        // The last of equal scores has the full count.
        scores.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 = next.1;
            }
            same
        });
        Self { scores, total }
    }

    /// The score of a rank, from 1, and the number at or above it.
    fn at_rank(&self, rank: u64) -> Option<(Cosine, u64)> {
        self.scores.get(self.scores.partition_point(|s| s.1 < rank.max(1))).copied()
    }

    /// Mean excess of the highest `ranks` scores over the last of them; `None` when it is 0.
    fn mean_excess(&self, ranks: u64) -> Option<f64> {
        let (least, _) = self.at_rank(ranks)?;
        let mut before = 0;
        let mut sum = 0.0;
        for &(score, at_or_above) in self.scores.iter().take_while(|s| s.0 > least) {
            sum += (at_or_above - before) as f64 * f64::from(score.value() - least.value());
            before = at_or_above;
        }
        let mean = sum / ranks as f64;
        (mean > 0.0).then_some(mean)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::score::Fmr;

    /// `count` scores whose share at or above `c` is `10^(-10 c)`.
    fn exponential(count: u32) -> Vec<f32> {
        (1..=count).map(|rank| (f64::from(count) / f64::from(rank)).log10() as f32 / 10.0).collect()
    }

    #[test]
    fn impostor_scores_give_their_own_rates() {
        let scores: Vec<Cosine> = exponential(300_000).into_iter().map(|c| Cosine::new(c).unwrap()).collect();
        let model = CosineCalibration::from_impostors(&scores).unwrap();
        assert!((model.reach().decibels() - 40.0).abs() < 1e-3);
        assert_eq!((model.backed_to(), model.comparisons()), (model.reach(), 300_000));
        for c in [0.05f32, 0.123, 0.25, 0.333, 0.399] {
            assert!((model.score(Cosine::new(c).unwrap()).decibels() - 100.0 * c).abs() < 0.1, "{c}");
        }
    }

    #[test]
    fn the_tail_goes_on_as_it_went_and_says_where_data_end() {
        let model = CosineCalibration::fit(&exponential(300_000)).unwrap();
        assert!((model.backed_to().decibels() - 40.0).abs() < 1e-3);
        assert!((model.reach().decibels() - 60.0).abs() < 1e-3);
        for decibels in [45.0f32, 50.0, 59.0] {
            let cosine = model.threshold_at(Fmr::new(10f64.powf(-f64::from(decibels) / 10.0)).unwrap()).unwrap();
            // 300 scores of an exact exponential: the mean excess is short by about ln(300)/600.
            assert!((cosine.value() - decibels / 100.0).abs() < 0.004, "{decibels}: {cosine}");
        }
        // No cosine lies above 1, so no score is stated for one.
        let wide: Vec<f32> = exponential(3000).into_iter().map(|c| 2.8 * c).collect();
        let model = CosineCalibration::fit(&wide).unwrap();
        assert!(model.reach().decibels() < model.backed_to().decibels() + 19.0);
        assert_eq!(model.score(Cosine::new(1.0).unwrap()), model.reach());
    }

    #[test]
    fn scores_that_are_no_cosines_are_refused() {
        let mut scores = exponential(100);
        for bad in [f32::NAN, 1.5, f32::NEG_INFINITY] {
            scores[7] = bad;
            assert_eq!(CosineCalibration::fit(&scores), Err(CalibrationError::NotACosine { index: 7 }));
        }
        assert_eq!(CosineCalibration::fit(&[0.1; 59]), Err(CalibrationError::TooFew { count: 59, needed: 60 }));
        assert_eq!(CosineCalibration::fit(&[0.1; 600]), Err(CalibrationError::NoTail));
        assert_eq!(CosineCalibration::fit_counts(&[]), Err(CalibrationError::TooFew { count: 0, needed: 60 }));
    }

    proptest! {
        #[test]
        fn counts_are_scores_repeated(counts in prop::collection::vec((-100i32..=100, 0u64..40), 1..60)) {
            let counts: Vec<(f32, u64)> = counts.into_iter().map(|(c, n)| (c as f32 / 100.0, n)).collect();
            let repeated: Vec<f32> =
                counts.iter().flat_map(|&(c, n)| std::iter::repeat_n(c, n as usize)).collect();
            prop_assert_eq!(CosineCalibration::fit_counts(&counts), CosineCalibration::fit(&repeated));
        }

        #[test]
        fn a_tail_changes_nothing_that_data_back(scores in prop::collection::vec(-1.0f32..=1.0, 60..400), c in -1.0f32..=1.0) {
            let cosines: Vec<Cosine> = scores.iter().map(|&c| Cosine::new(c).unwrap()).collect();
            let (Ok(plain), Ok(fitted)) = (CosineCalibration::from_impostors(&cosines), CosineCalibration::fit(&scores)) else {
                return Ok(());
            };
            prop_assert_eq!(plain.backed_to(), fitted.backed_to());
            let cosine = Cosine::new(c).unwrap();
            let (a, b) = (plain.score(cosine), fitted.score(cosine));
            let kept = a == b || a == plain.reach() && b > a;
            prop_assert!(kept);
        }
    }
}
