//! Calibrations as bytes, for storage.
//!
//! `SSCC`, version 1 (one byte), number of points (two bytes), comparisons (eight), decibels backed by data (four), then each
//! point's cosine and decibels (four each); little-endian, floats of single precision.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

use super::{CalibrationError, CosineCalibration};
use crate::score::Score;

/// The first bytes.
const MAGIC: [u8; 4] = *b"SSCC";
/// The only version so far.
const VERSION: u8 = 1;
/// Bytes before the points.
const HEADER: usize = 19;
/// Bytes of a point.
const POINT: usize = 8;
/// Most points: a fit of all comparisons that 64 bits can count makes fewer than 200.
const MAX_POINTS: usize = 4096;

impl CosineCalibration {
    /// The calibration as bytes, about 500 for a fitted one; they hold no embedding and no score of a single
    /// comparison.
    ///
    /// ```
    /// use selfsame::face::compare::CosineCalibration;
    /// use selfsame::{Cosine, Fmr};
    /// let model = CosineCalibration::from_table(&[(Fmr::new(1e-3)?, Cosine::new(0.25)?)])?;
    /// let bytes = model.encode();
    /// assert_eq!(CosineCalibration::decode(&bytes)?, model);
    /// assert!(CosineCalibration::decode(&bytes[1..]).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // Tables may have any length; those beyond the format's bound are thinned out evenly, and the ends are kept.
        let points = thinned(&self.points);
        let mut out = Vec::new();
        out.extend(MAGIC);
        out.push(VERSION);
        out.extend(u16::try_from(points.len()).unwrap_or(u16::MAX).to_le_bytes());
        out.extend(self.comparisons.to_le_bytes());
        out.extend(self.backed.to_le_bytes());
        for (cosine, decibels) in points {
            out.extend(cosine.to_le_bytes());
            out.extend(decibels.to_le_bytes());
        }
        out
    }

    /// Reads what [`CosineCalibration::encode`] wrote.
    ///
    /// # Errors
    /// [`CalibrationError::Bytes`] when the bytes are not a calibration, have another version or a wrong length, or
    /// when the points do not increase or lie out of range.
    pub fn decode(bytes: &[u8]) -> Result<Self, CalibrationError> {
        let bad = |reason, offset| CalibrationError::Bytes { reason, offset };
        let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else {
            return Err(bad("too short", bytes.len()));
        };
        let [m0, m1, m2, m3, version, n0, n1, c0, c1, c2, c3, c4, c5, c6, c7, b0, b1, b2, b3] = *header;
        if [m0, m1, m2, m3] != MAGIC {
            return Err(bad("wrong signature", 0));
        }
        if version != VERSION {
            return Err(bad("the version is unknown", 4));
        }
        let count = usize::from(u16::from_le_bytes([n0, n1]));
        if count == 0 || count > MAX_POINTS {
            return Err(bad("there are no points or too many", 5));
        }
        let (pairs, left) = rest.as_chunks::<POINT>();
        if pairs.len() != count || !left.is_empty() {
            return Err(bad("the length does not match the number of points", HEADER));
        }
        let backed = f32::from_le_bytes([b0, b1, b2, b3]);
        let mut points: Vec<(f32, f32)> = Vec::with_capacity(pairs.len());
        for (number, &[x0, x1, x2, x3, y0, y1, y2, y3]) in pairs.iter().enumerate() {
            let point = (f32::from_le_bytes([x0, x1, x2, x3]), f32::from_le_bytes([y0, y1, y2, y3]));
            let inside = (-1.0..=1.0).contains(&point.0) && (0.0..=Score::MAX).contains(&point.1);
            let grows = points.last().is_none_or(|last| point.0 > last.0 && point.1 > last.1);
            if !(inside && grows) {
                let offset = HEADER.saturating_add(number.saturating_mul(POINT));
                return Err(bad("points do not increase within their range", offset));
            }
            points.push(point);
        }
        // Data never back more than the calibration claims.
        if !(backed >= 0.0 && points.last().is_some_and(|last| backed <= last.1)) {
            return Err(bad("data are stated beyond the last point", 15));
        }
        let comparisons = u64::from_le_bytes([c0, c1, c2, c3, c4, c5, c6, c7]);
        Ok(Self { points, backed, comparisons })
    }
}

/// At most [`MAX_POINTS`] of the points, the first and the last among them.
fn thinned(points: &[(f32, f32)]) -> Vec<(f32, f32)> {
    let (Some(&last), true) = (points.last(), points.len() > MAX_POINTS) else { return points.to_vec() };
    let step = points.len().div_ceil(MAX_POINTS.saturating_sub(1));
    let mut kept: Vec<_> = points.iter().copied().step_by(step).collect();
    if kept.last() != Some(&last) {
        kept.push(last);
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::face::compare::Cosine;
    use crate::score::Fmr;

    fn model() -> CosineCalibration {
        let scores: Vec<f32> = (1..=3000).map(|rank| 0.06 * (3000.0 / rank as f32).log10()).collect();
        CosineCalibration::fit(&scores).unwrap()
    }

    #[test]
    fn what_was_written_is_read() {
        let bytes = model().encode();
        assert_eq!(CosineCalibration::decode(&bytes), Ok(model()));
        assert!(bytes.len() < 500);
        let rows = (1..=9000).map(|i| {
            let part = f64::from(i) / 9001.0;
            (Fmr::new(10f64.powf(-5.0 * part)).unwrap(), Cosine::new(part as f32).unwrap())
        });
        let long = CosineCalibration::from_table(&rows.collect::<Vec<_>>()).unwrap();
        let back = CosineCalibration::decode(&long.encode()).unwrap();
        assert_eq!(back.reach(), long.reach());
        for c in [0.1f32, 0.5, 0.77] {
            let score = |m: &CosineCalibration| m.score(Cosine::new(c).unwrap()).decibels();
            assert!((score(&back) - score(&long)).abs() < 0.01);
        }
    }

    #[test]
    fn every_cut_and_every_lie_is_refused() {
        let bytes = model().encode();
        for end in 0..bytes.len() {
            assert!(CosineCalibration::decode(&bytes[..end]).is_err(), "{end}");
        }
        assert!(CosineCalibration::decode(&[&bytes[..], &[0]].concat()).is_err());
        let changed = |offset: usize, new: &[u8]| {
            let mut bytes = bytes.clone();
            bytes[offset..offset + new.len()].copy_from_slice(new);
            CosineCalibration::decode(&bytes)
        };
        let refused = |offset: usize, new: &[u8], at: usize| match changed(offset, new) {
            Err(CalibrationError::Bytes { offset, .. }) => assert_eq!(offset, at),
            other => panic!("{other:?}"),
        };
        refused(0, b"x", 0);
        refused(4, &[2], 4);
        refused(5, &[0, 0], 5);
        refused(5, &[255, 255], 5);
        refused(15, &f32::NAN.to_le_bytes(), 15);
        refused(15, &99f32.to_le_bytes(), 15);
        refused(19, &f32::NAN.to_le_bytes(), 19);
        refused(19, &1f32.to_le_bytes(), 27);
        refused(31, &0f32.to_le_bytes(), 27);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_back_or_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..80), point in 0usize..8) {
            if bytes.len() > 19 + 8 * point {
                bytes.truncate(19 + 8 * point);
                bytes[..7].copy_from_slice(&[b'S', b'S', b'C', b'C', 1, point as u8, 0]);
            }
            if let Ok(model) = CosineCalibration::decode(&bytes) {
                prop_assert_eq!(model.encode(), bytes);
            }
        }
    }
}
