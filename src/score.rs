//! Calibrated scores, false match rates and thresholds.

use std::cmp::Ordering;
use std::fmt;

use thiserror::Error;

/// A calibrated comparison score: `-10 * log10(FMR)` in decibels.
///
/// A score of 40 means that one comparison of two different fingers in 10,000 scores as high or higher. It is never
/// NaN, never negative and at most [`Score::MAX`]. The module that makes a score documents the range of its
/// calibration.
///
/// ```
/// use selfsame::{Fmr, Score, Threshold};
/// let score = Score::from_decibels(42.5);
/// assert!(score.meets(Threshold::at_fmr(Fmr::new(1e-4)?)?));
/// assert!(!score.meets(Threshold::at_fmr(Fmr::new(1e-5)?)?));
/// assert!(Score::from_decibels(42.5).backed_fmr().is_some());
/// assert_eq!(Score::from_decibels(220.0).backed_fmr(), None); // below 1e-5; nobody has counted how far
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Default)]
pub struct Score(f32);

impl Score {
    /// No evidence of a match: the score of a failed extraction or an empty template.
    pub const ZERO: Self = Self(0.0);
    /// The largest score, in decibels.
    pub const MAX: f32 = 1000.0;
    /// Where data end, dB: 3 million comparisons of different fingers back false match rates down to 1e-5. Beyond, a score of prints is an
    /// order of strength. A calibration of faces has a bound of its own
    /// ([`CosineCalibration::backed_to`](crate::face::compare::CosineCalibration::backed_to)).
    pub const BACKED_TO: f32 = 50.0;

    /// The score that stands for a false match rate, backed by data or not.
    #[must_use]
    pub fn from_fmr(fmr: Fmr) -> Self {
        Self::from_decibels((-10.0 * fmr.0.log10()) as f32)
    }

    /// Creates a score of `decibels`, clamped to `0..=Score::MAX`. NaN becomes 0, and so does negative zero, which
    /// would be equal to 0 but order below it.
    #[must_use]
    pub fn from_decibels(decibels: f32) -> Self {
        if decibels.is_nan() { Self::ZERO } else { Self(decibels.clamp(0.0, Self::MAX) + 0.0) }
    }

    /// The mean of some scores, in decibels; [`Score::ZERO`] when there are none.
    pub(crate) fn mean(scores: &[Self]) -> Self {
        let sum: f64 = scores.iter().map(|s| f64::from(s.0)).sum();
        Self::from_decibels((sum / scores.len().max(1) as f64) as f32)
    }

    /// The score in decibels.
    #[must_use]
    pub fn decibels(self) -> f32 {
        self.0
    }

    /// The false match rate that corresponds to this score, backed by data or not: `10^(-score / 10)`.
    #[must_use]
    pub fn fmr(self) -> f64 {
        10f64.powf(-f64::from(self.0) / 10.0)
    }

    /// The false match rate that this score stands for; `None` beyond [`Score::BACKED_TO`], where all that is known is that it is below 1e-5.
    #[must_use]
    pub fn backed_fmr(self) -> Option<f64> {
        (self.0 <= Self::BACKED_TO).then(|| self.fmr())
    }

    /// Whether the score is at or above the threshold.
    #[must_use]
    pub fn meets(self, threshold: Threshold) -> bool {
        self >= threshold.0
    }
}

impl Eq for Score {}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl fmt::Debug for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Score({:.2} dB)", self.0)
    }
}

/// The decibels without their unit, with one decimal unless a precision is given.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.precision().is_some() { self.0.fmt(f) } else { write!(f, "{:.1}", self.0) }
    }
}

/// A false match rate, a probability in `(0, 1]`.
///
/// ```
/// use selfsame::Fmr;
/// assert!(Fmr::new(1e-4).is_ok());
/// assert!(Fmr::new(0.0).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Fmr(f64);

/// The error for a rate that is not a probability in `(0, 1]`.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("a false match rate must be above 0 and at most 1, not {0}")]
pub struct FmrError(pub f64);

impl Fmr {
    /// Creates a rate in `(0, 1]`.
    ///
    /// # Errors
    /// [`FmrError`] when the rate is zero, negative, above one or NaN.
    pub fn new(rate: f64) -> Result<Self, FmrError> {
        if rate > 0.0 && rate <= 1.0 { Ok(Self(rate)) } else { Err(FmrError(rate)) }
    }

    /// The rate.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

/// A false match rate that no data back, asked for as a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error(
    "no data back a false match rate of {asked:e}: they reach down to 1e-5 (50 dB); `Threshold::at_score` takes any score"
)]
pub struct ThresholdError {
    /// The rate that was asked for.
    pub asked: f64,
}

/// The lowest score that counts as a match.
///
/// ```
/// use selfsame::{Fmr, Score, Threshold};
/// let t = Threshold::at_fmr(Fmr::new(1e-5)?)?;
/// assert_eq!(t.score().decibels(), Score::BACKED_TO);
/// // Nobody has seen how often prints of different fingers score 300 dB.
/// assert!(Threshold::at_fmr(Fmr::new(1e-30)?).is_err());
/// assert_eq!(Threshold::at_score(Score::from_decibels(300.0)).score().decibels(), 300.0);
///
/// // One false match in 100 searches against a gallery of 10,000 needs 60 dB per comparison.
/// let t = Threshold::at_fpir(Fmr::new(1e-2)?, 10_000);
/// assert!((t.score().decibels() - 60.0).abs() < 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Threshold(Score);

impl Threshold {
    /// The threshold that matches when a score is at or above `score`.
    #[must_use]
    pub fn at_score(score: Score) -> Self {
        Self(score)
    }

    /// The threshold whose false match rate per comparison is `fmr`, 1e-5 or more.
    ///
    /// # Errors
    /// [`ThresholdError`] below 1e-5, where data end.
    pub fn at_fmr(fmr: Fmr) -> Result<Self, ThresholdError> {
        let score = Score::from_fmr(fmr);
        if score.0 > Score::BACKED_TO { Err(ThresholdError { asked: fmr.0 }) } else { Ok(Self(score)) }
    }

    /// The threshold at which a search of a gallery of `gallery_size` references returns a stranger with probability
    /// `fpir`, if comparisons are independent: `FMR = 1 - (1 - FPIR)^(1/N)`.
    ///
    /// A gallery of more than `FPIR / 1e-5` references needs scores beyond [`Score::BACKED_TO`]: at an FPIR of 1e-2 one of more than 1,000. The
    /// threshold then rests on the order of scores, and the rate is an extrapolation.
    #[must_use]
    pub fn at_fpir(fpir: Fmr, gallery_size: usize) -> Self {
        let n = gallery_size.max(1) as f64;
        let fmr = if fpir.0 >= 1.0 { 1.0 } else { -((-fpir.0).ln_1p() / n).exp_m1() };
        Self(Score::from_decibels((-10.0 * fmr.max(f64::MIN_POSITIVE).log10()) as f32))
    }

    /// The score that must be reached.
    #[must_use]
    pub fn score(self) -> Score {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_order_alike() {
        let scores = [-1.0, -0.0, 0.0, f32::NAN, f32::NEG_INFINITY].map(Score::from_decibels);
        assert!(scores.iter().all(|s| *s == Score::ZERO && s.cmp(&Score::ZERO).is_eq()));
        assert!(Fmr::new(1.0).is_ok_and(|all| Score::from_fmr(all).cmp(&Score::ZERO).is_eq()));
        assert_eq!(Score::from_decibels(f32::INFINITY).decibels(), Score::MAX);
    }
}
