//! From raw similarity to decibels of false match rate.
//!
//! The tables hold quantiles of the raw similarity of impostor comparisons: every pair of different fingers within
//! each of twelve sets of prints (optical, capacitive, thermal and synthetic sensors), 837,000 comparisons of minutiae
//! alone and 814,000 with ridge flow. Comparisons between fingers of one person are left out, because such sets hold
//! labelling errors. Data back the scale up to 45 dB (20 or more comparisons at or above it). Beyond, it goes on with
//! at most 4 dB per unit of log odds, below the 4.34 dB that log odds would be worth if the model were exact: read
//! scores above 45 dB as an order of strength, not as a measured rate. A population whose prints are worse or smaller
//! than these sets has another rate; the rate of one pair of fingers may differ from the mean by far.

use super::params::{CALIBRATION_FLOW, CALIBRATION_PLAIN};
use crate::score::Score;

/// The calibrated score of a raw similarity: linear between the points of the table, and on beyond the last.
pub(crate) fn score(raw: f32, with_flow: bool) -> Score {
    let points: &[(f32, f32)] = if with_flow { &CALIBRATION_FLOW } else { &CALIBRATION_PLAIN };
    let mut low = points[0];
    let mut high = points[1];
    for &next in &points[2..] {
        if raw <= high.0 {
            break;
        }
        low = high;
        high = next;
    }
    Score::from_decibels(low.1 + (raw - low.0) * (high.1 - low.1) / (high.0 - low.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_everywhere() {
        for with_flow in [false, true] {
            let scores: Vec<Score> = (-1000..4000).map(|i| score(i as f32 * 0.05, with_flow)).collect();
            assert!(scores.is_sorted());
            assert_eq!(scores[0], Score::ZERO);
            assert!(scores[4999].decibels() > 100.0);
        }
    }
}
