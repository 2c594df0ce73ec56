//! From a model's cosines to decibels.

use std::fmt;

use thiserror::Error;

use super::cosine::Cosine;
use super::params::{MIN_FALSE_MATCHES, POINTS_PER_DECADE};
use crate::score::{Fmr, Score, Threshold};

/// Begins an encoded calibration.
const MAGIC: &[u8] = b"SSCC";
const VERSION: u8 = 1;
/// Most points of an encoded calibration.
const MAX_POINTS: usize = 256;
/// Highest score of an encoded calibration, dB: far beyond any data.
const MAX_DECIBELS: f32 = 300.0;

/// What false match rate a cosine of one embedding model stands for.
///
/// The relation belongs to the model and must be measured: from the model's published table of thresholds, or from the
/// cosines of comparisons between different people. Between two points the decibels are interpolated linearly; below the
/// first they fall to 0 at a cosine of -1. Above the last point the score stays where it is: a calibration never claims a
/// rate smaller than its data showed. Rank candidates by [`Cosine`], judge them by [`Score`].
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
/// assert!(model.score(Cosine::new(0.30)?).meets(Threshold::at_fmr(Fmr::new(1e-3)?)));
/// assert_eq!(model.score(Cosine::new(0.9)?).decibels(), 40.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct CosineCalibration {
    /// Cosine and decibels, both strictly growing; never empty.
    points: Vec<(f32, f32)>,
}

/// Why numbers do not calibrate.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// A table without a row.
    #[error("a calibration table needs at least one row")]
    Empty,
    /// Two rows where a smaller rate does not go with a larger cosine.
    #[error("row {row} of the table, sorted by falling rate, does not have a larger cosine than the row before")]
    NotMonotone {
        /// Which row, from 0.
        row: usize,
    },
    /// Too few impostor comparisons to state any rate.
    #[error("{count} impostor scores, at least {needed} are needed")]
    TooFew {
        /// How many were given.
        count: usize,
        /// How many are needed.
        needed: usize,
    },
    /// The bytes are no calibration.
    #[error("not a calibration of cosines")]
    Malformed,
    /// The impostor scores hardly differ.
    #[error("the impostor scores have no upper tail")]
    NoTail,
    /// The data do not reach down to the false match rate.
    #[error("a false match rate of {asked:e} was asked for, the calibration reaches down to {reached:e}")]
    BeyondReach {
        /// The rate asked for.
        asked: f64,
        /// The smallest rate known.
        reached: f64,
    },
}

impl CosineCalibration {
    /// From rows of (false match rate, cosine at or above which that rate is met), in any order.
    ///
    /// # Errors
    /// [`CalibrationError::Empty`] or [`CalibrationError::NotMonotone`].
    pub fn from_table(rows: &[(Fmr, Cosine)]) -> Result<Self, CalibrationError> {
        let decibels = |fmr: Fmr| Threshold::at_fmr(fmr).score().decibels();
        let mut points: Vec<(f32, f32)> = rows.iter().map(|&(fmr, cosine)| (cosine.value(), decibels(fmr))).collect();
        points.sort_by(|a, b| a.1.total_cmp(&b.1));
        if points.is_empty() {
            return Err(CalibrationError::Empty);
        }
        let broken = points.windows(2).position(|w| matches!(w, [a, b] if b.0 <= a.0 || b.1 <= a.1));
        match broken {
            Some(row) => Err(CalibrationError::NotMonotone { row: row + 1 }),
            None => Ok(Self { points }),
        }
    }

    /// From the cosines of comparisons between different people, in any order. They should be as many different people as
    /// possible; thirty of the highest scores are the end of what is stated, so 3 million comparisons reach 50 dB.
    ///
    /// Takes a copy and sorts it: `n log n`.
    ///
    /// # Errors
    /// [`CalibrationError::TooFew`] or [`CalibrationError::NoTail`].
    pub fn from_impostors(cosines: &[Cosine]) -> Result<Self, CalibrationError> {
        let needed = 2 * MIN_FALSE_MATCHES;
        let count = cosines.len();
        if count < needed {
            return Err(CalibrationError::TooFew { count, needed });
        }
        let mut sorted = cosines.to_vec();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        let mut points: Vec<(f32, f32)> = Vec::new();
        // Ranks from half of all scores down to the last that is stated, in equal steps of decibels.
        let span = (count as f64 / 2.0 / MIN_FALSE_MATCHES as f64).log10();
        let steps = (span * POINTS_PER_DECADE).ceil().max(1.0) as usize;
        for step in 0..=steps {
            let rank = MIN_FALSE_MATCHES as f64 * 10f64.powf(span * (steps - step) as f64 / steps as f64);
            let Some(&cosine) = sorted.get((rank as usize).saturating_sub(1)) else { continue };
            // All scores that tie with this one are at or above it.
            let at_or_above = sorted.partition_point(|&c| c >= cosine);
            let decibels = (10.0 * (count as f64 / at_or_above as f64).log10()) as f32;
            if points.last().is_none_or(|last| cosine.value() > last.0 && decibels > last.1) {
                points.push((cosine.value(), decibels));
            }
        }
        if points.len() < 2 {
            return Err(CalibrationError::NoTail);
        }
        Ok(Self { points })
    }

    /// The score of a cosine: never above [`CosineCalibration::reach`], never falling when the cosine grows.
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

    /// The smallest cosine whose score stands for `fmr` or less.
    ///
    /// # Errors
    /// [`CalibrationError::BeyondReach`] when the calibration's data do not go that far.
    pub fn threshold_at(&self, fmr: Fmr) -> Result<Cosine, CalibrationError> {
        let wanted = Threshold::at_fmr(fmr).score().decibels();
        let after = self.points.partition_point(|p| p.1 < wanted);
        let Some(&above) = self.points.get(after) else {
            return Err(CalibrationError::BeyondReach { asked: fmr.get(), reached: self.reach().fmr() });
        };
        let below = after.checked_sub(1).and_then(|i| self.points.get(i)).copied().unwrap_or((-1.0, 0.0));
        let part = if above.1 > below.1 { (wanted - below.1) / (above.1 - below.1) } else { 1.0 };
        let cosine = (below.0 + part * (above.0 - below.0)).clamp(below.0, above.0);
        Cosine::new(cosine).map_err(|_| CalibrationError::NoTail)
    }

    /// The calibration as bytes, to be kept beside the model: `SSCC | version u8 | points u16 | for each: cosine, decibels (f32)`, big-endian.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.push(VERSION);
        // A calibration has fewer points than MAX_POINTS by the way it is made, or was decoded.
        let points = self.points.get(..MAX_POINTS).unwrap_or(&self.points);
        out.extend_from_slice(&(points.len() as u16).to_be_bytes());
        for (cosine, decibels) in points {
            out.extend_from_slice(&cosine.to_be_bytes());
            out.extend_from_slice(&decibels.to_be_bytes());
        }
        out
    }

    /// Reads what [`CosineCalibration::encode`] gave.
    ///
    /// ```
    /// use selfsame::face::compare::CosineCalibration;
    /// use selfsame::{Cosine, Fmr};
    /// let model = CosineCalibration::from_table(&[(Fmr::new(1e-3)?, Cosine::new(0.246)?)])?;
    /// assert_eq!(CosineCalibration::decode(&model.encode())?, model);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CalibrationError::Malformed`] for other bytes; [`CalibrationError::Empty`] or [`CalibrationError::NotMonotone`] for points that are
    /// no calibration.
    pub fn decode(bytes: &[u8]) -> Result<Self, CalibrationError> {
        let malformed = CalibrationError::Malformed;
        let rest = bytes.strip_prefix(MAGIC).and_then(|rest| rest.strip_prefix(&[VERSION])).ok_or(malformed.clone())?;
        let (count, rest) = rest.split_first_chunk::<2>().ok_or(malformed.clone())?;
        let (points, []) = rest.as_chunks::<8>() else { return Err(malformed) };
        if points.len() != usize::from(u16::from_be_bytes(*count)) || points.len() > MAX_POINTS {
            return Err(malformed);
        }
        let mut read: Vec<(f32, f32)> = Vec::with_capacity(points.len());
        for (row, [a, b, c, d, e, f, g, h]) in points.iter().copied().enumerate() {
            let (cosine, decibels) = (f32::from_be_bytes([a, b, c, d]), f32::from_be_bytes([e, f, g, h]));
            if !(-1.0..=1.0).contains(&cosine) || !(0.0..=MAX_DECIBELS).contains(&decibels) {
                return Err(malformed);
            }
            if read.last().is_some_and(|last| cosine <= last.0 || decibels <= last.1) {
                return Err(CalibrationError::NotMonotone { row });
            }
            read.push((cosine, decibels));
        }
        if read.is_empty() { Err(CalibrationError::Empty) } else { Ok(Self { points: read }) }
    }

    /// The highest score that this calibration gives.
    #[must_use]
    pub fn reach(&self) -> Score {
        self.points.last().map_or(Score::ZERO, |p| Score::from_decibels(p.1))
    }
}

impl fmt::Debug for CosineCalibration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CosineCalibration")
            .field("points", &self.points.len())
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
    fn bytes_come_back_and_nothing_else_is_read() {
        let model = table(&[(1e-4, 0.308), (1e-2, 0.182), (1e-3, 0.246)]).unwrap();
        let bytes = model.encode();
        assert_eq!(CosineCalibration::decode(&bytes), Ok(model));
        assert!((0..bytes.len()).all(|end| CosineCalibration::decode(&bytes[..end]).is_err()));
        assert!(CosineCalibration::decode(&[&bytes[..], &[0]].concat()).is_err());
        let mut swapped = bytes.clone();
        swapped.copy_within(7..15, 15);
        assert_eq!(CosineCalibration::decode(&swapped), Err(CalibrationError::NotMonotone { row: 1 }));
        let mut nan = bytes;
        nan[7..11].copy_from_slice(&f32::NAN.to_be_bytes());
        assert_eq!(CosineCalibration::decode(&nan), Err(CalibrationError::Malformed));
        assert_eq!(CosineCalibration::decode(b"SSCC\x01\0\0"), Err(CalibrationError::Empty));
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

    #[test]
    fn impostor_scores_give_their_own_rates() {
        // 300,000 scores whose fraction at or above c is 10^(-10 c).
        let n = 300_000;
        let scores: Vec<Cosine> =
            (1..=n).map(|rank| Cosine::new((f64::from(n) / f64::from(rank)).log10() as f32 / 10.0).unwrap()).collect();
        let model = CosineCalibration::from_impostors(&scores).unwrap();
        assert!((model.reach().decibels() - 40.0).abs() < 1e-3);
        for c in [0.05f32, 0.123, 0.25, 0.333, 0.399] {
            assert!((model.score(Cosine::new(c).unwrap()).decibels() - 100.0 * c).abs() < 0.1, "{c}");
        }
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
                let wanted = Threshold::at_fmr(fmr).score().decibels();
                let near = |step: f32| model.score(Cosine::new((threshold.value() + step).clamp(-1.0, 1.0)).unwrap());
                prop_assert!(near(-1e-5).decibels() <= wanted + 1e-3 && near(1e-5).decibels() >= wanted - 1e-3);
            }
        }
    }
}
