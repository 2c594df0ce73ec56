//! Conversion of a model's cosines to decibels.

mod codec;
mod fit;

use std::fmt;

use thiserror::Error;

use super::cosine::Cosine;
use crate::score::{Fmr, Score};

/// The relation between cosines of one embedding model and false match rates.
///
/// The relation belongs to the model and must be measured: from the model's published table of thresholds, or from the
/// cosines of comparisons between different people. Between two points the decibels are interpolated linearly; below
/// the first they fall to 0 at a cosine of -1. Above the last point the score is constant.
///
/// Data back a rate down to thirty false matches ([`CosineCalibration::backed_to`]), and tables and
/// [`CosineCalibration::from_impostors`] claim no smaller rate. [`CosineCalibration::fit`] continues for 20 dB with an
/// exponential tail, which is an assumption: compare a score with `backed_to` to see whether its rate was observed.
/// Rank candidates by [`Cosine`]; decide by [`Score`].
///
/// ```
/// use selfsame::face::compare::CosineCalibration;
/// use selfsame::{Cosine, Fmr, Threshold};
/// let model = CosineCalibration::from_table(&[
///     (Fmr::new(1e-2)?, Cosine::new(0.182)?),
///     (Fmr::new(1e-3)?, Cosine::new(0.246)?),
///     (Fmr::new(1e-4)?, Cosine::new(0.308)?),
/// ])?;
/// assert!((model.score(Cosine::new(0.246)?).decibels() - 30.0).abs() < 1e-3);
/// assert!(model.score(Cosine::new(0.30)?).meets(Threshold::at_fmr(Fmr::new(1e-3)?)?));
/// assert_eq!(model.score(Cosine::new(0.9)?).decibels(), 40.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct CosineCalibration {
    /// Cosine and decibels, both strictly increasing; never empty.
    points: Vec<(f32, f32)>,
    /// Decibels up to which data back the calibration.
    backed: f32,
    /// Impostor comparisons; 0 for a table.
    comparisons: u64,
}

/// The reason why a calibration cannot be made or used.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// A table without a row.
    #[error("a calibration table needs at least one row")]
    Empty,
    /// A row with a smaller rate does not have a larger cosine.
    #[error("row {row} of the table, sorted by falling rate, does not have a larger cosine than the row before")]
    NotMonotone {
        /// Index of the row, from 0.
        row: usize,
    },
    /// Too few impostor comparisons to state any rate.
    #[error("{count} impostor scores, at least {needed} are needed")]
    TooFew {
        /// Number given.
        count: usize,
        /// Number needed.
        needed: usize,
    },
    /// The impostor scores hardly differ.
    #[error("the impostor scores have no upper tail")]
    NoTail,
    /// A number among the impostor scores is not a cosine.
    #[error("score {index} is not a cosine")]
    NotACosine {
        /// Index of the score, from 0.
        index: usize,
    },
    /// The bytes do not hold a calibration.
    #[error("not a calibration: {reason} (offset {offset})")]
    Bytes {
        /// The fault.
        reason: &'static str,
        /// Offset, bytes.
        offset: usize,
    },
    /// The data do not reach down to the false match rate.
    #[error("the calibration reaches down to a false match rate of {reached:e}, not to {asked:e}")]
    BeyondReach {
        /// The requested rate.
        asked: f64,
        /// The smallest rate known.
        reached: f64,
    },
}

impl CosineCalibration {
    /// Makes a calibration from rows of (false match rate, lowest cosine that meets it), in any order.
    ///
    /// # Errors
    /// [`CalibrationError::Empty`] or [`CalibrationError::NotMonotone`].
    pub fn from_table(rows: &[(Fmr, Cosine)]) -> Result<Self, CalibrationError> {
        let decibels = |fmr: Fmr| Score::from_fmr(fmr).decibels();
        let mut points: Vec<(f32, f32)> = rows.iter().map(|&(fmr, cosine)| (cosine.value(), decibels(fmr))).collect();
        points.sort_by(|a, b| a.1.total_cmp(&b.1));
        if points.is_empty() {
            return Err(CalibrationError::Empty);
        }
        let broken = points.windows(2).position(|w| matches!(w, [a, b] if b.0 <= a.0 || b.1 <= a.1));
        match broken {
            Some(row) => Err(CalibrationError::NotMonotone { row: row + 1 }),
            None => {
                let backed = points.last().map_or(0.0, |p| p.1);
                Ok(Self { points, backed, comparisons: 0 })
            }
        }
    }

    /// The score of a cosine: at most [`CosineCalibration::reach`], and never decreasing as the cosine grows.
    #[must_use]
    pub fn score(&self, cosine: Cosine) -> Score {
        let x = cosine.value();
        let after = self.points.partition_point(|p| p.0 <= x);
        let below = after.checked_sub(1).and_then(|i| self.points.get(i)).copied().unwrap_or((-1.0, 0.0));
        let Some(&above) = self.points.get(after) else { return Score::from_decibels(below.1) };
        if above.0 <= below.0 {
            return Score::from_decibels(below.1);
        }
        let part = (x - below.0) / (above.0 - below.0);
        Score::from_decibels((below.1 + part * (above.1 - below.1)).clamp(below.1, above.1))
    }

    /// The smallest cosine whose score means `fmr` or less.
    ///
    /// # Errors
    /// [`CalibrationError::BeyondReach`] when the calibration's data do not go that far.
    pub fn threshold_at(&self, fmr: Fmr) -> Result<Cosine, CalibrationError> {
        let wanted = Score::from_fmr(fmr).decibels();
        let after = self.points.partition_point(|p| p.1 < wanted);
        let Some(&above) = self.points.get(after) else {
            return Err(CalibrationError::BeyondReach { asked: fmr.get(), reached: self.reach().fmr() });
        };
        let below = after.checked_sub(1).and_then(|i| self.points.get(i)).copied().unwrap_or((-1.0, 0.0));
        let part = if above.1 > below.1 { (wanted - below.1) / (above.1 - below.1) } else { 1.0 };
        let cosine = (below.0 + part * (above.0 - below.0)).clamp(below.0, above.0);
        Cosine::new(cosine).map_err(|_| CalibrationError::NoTail)
    }

    /// The score up to which the calibration rests on data: thirty impostor comparisons reached it, or the table ends
    /// there. Scores above are extrapolated.
    #[must_use]
    pub fn backed_to(&self) -> Score {
        Score::from_decibels(self.backed)
    }

    /// Number of impostor comparisons that it was made from; 0 for a table, where it is unknown.
    #[must_use]
    pub fn comparisons(&self) -> u64 {
        self.comparisons
    }

    /// The highest score that this calibration gives, extrapolated or not.
    #[must_use]
    pub fn reach(&self) -> Score {
        self.points.last().map_or(Score::ZERO, |p| Score::from_decibels(p.1))
    }
}

impl fmt::Debug for CosineCalibration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CosineCalibration")
            .field("points", &self.points.len())
            .field("comparisons", &self.comparisons)
            .field("backed_to", &self.backed_to())
            .field("reach", &self.reach())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(rows: &[(f64, f32)]) -> Result<CosineCalibration, CalibrationError> {
        let rows: Vec<_> = rows.iter().map(|&(f, c)| (Fmr::new(f).unwrap(), Cosine::new(c).unwrap())).collect();
        CosineCalibration::from_table(&rows)
    }

    #[test]
    fn a_table_in_any_order_gives_its_own_points_back() {
        let model = table(&[(1e-4, 0.308), (1e-2, 0.182), (1e-3, 0.246)]).unwrap();
        for (fmr, cosine) in [(1e-2, 0.182f32), (1e-3, 0.246), (1e-4, 0.308)] {
            let back = model.threshold_at(Fmr::new(fmr).unwrap()).unwrap();
            assert!((back.value() - cosine).abs() < 1e-6);
        }
        assert_eq!(model.score(Cosine::new(-1.0).unwrap()), Score::ZERO);
        assert_eq!(model.reach().decibels(), 40.0);
        let asked = model.threshold_at(Fmr::new(1e-5).unwrap());
        assert!(matches!(asked, Err(CalibrationError::BeyondReach { asked, .. }) if asked == 1e-5));
    }

    #[test]
    fn contradictions_are_refused() {
        assert_eq!(table(&[]), Err(CalibrationError::Empty));
        assert_eq!(table(&[(1e-2, 0.3), (1e-3, 0.2)]), Err(CalibrationError::NotMonotone { row: 1 }));
        assert_eq!(table(&[(1e-2, 0.3), (1e-2, 0.4)]), Err(CalibrationError::NotMonotone { row: 1 }));
        let equal = vec![Cosine::new(0.1).unwrap(); 1000];
        assert_eq!(CosineCalibration::from_impostors(&equal), Err(CalibrationError::NoTail));
        let few = CosineCalibration::from_impostors(&equal[..59]);
        assert_eq!(few, Err(CalibrationError::TooFew { count: 59, needed: 60 }));
    }

    proptest! {
        #[test]
        fn scores_never_fall_and_thresholds_hold(
            cosines in prop::collection::vec(-1.0f32..=1.0, 60..400),
            a in -1.0f32..=1.0,
            b in -1.0f32..=1.0,
            exponent in 0.0f64..1.0,
        ) {
            let cosines: Vec<Cosine> = cosines.into_iter().map(|c| Cosine::new(c).unwrap()).collect();
            let Ok(model) = CosineCalibration::from_impostors(&cosines) else { return Ok(()) };
            let (low, high) = (Cosine::new(a.min(b)).unwrap(), Cosine::new(a.max(b)).unwrap());
            prop_assert!(model.score(low) <= model.score(high));
            let fmr = Fmr::new(10f64.powf(-exponent)).unwrap();
            if let Ok(threshold) = model.threshold_at(fmr) {
                let wanted = Score::from_fmr(fmr).decibels();
                let near = |step: f32| model.score(Cosine::new((threshold.value() + step).clamp(-1.0, 1.0)).unwrap());
                prop_assert!(near(-1e-5).decibels() <= wanted + 1e-3 && near(1e-5).decibels() >= wanted - 1e-3);
            }
        }
    }
}
