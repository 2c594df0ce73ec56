//! From raw similarity to decibels of false match rate.
//!
//! The tables hold quantiles of the raw similarity of impostor comparisons; `examples/calibration.rs` makes them.
//!
//! **With ridge flow** (templates of this crate's extraction): 10,486,974 comparisons, all pairs of different fingers among
//! 2,484 real prints of twelve sets (optical, capacitive, swiped, thermal and synthetic sensors) and 2,100 synthetic fingers.
//! Data back the scale up to 55 dB (33 comparisons at or above it). At 30 dB the raw similarity is known to +-0.1, at
//! 40 dB to +-0.3, at 50 dB to -1.1 and +2.1 (95 %, bootstrap over fingers), with 2.2 dB per unit there. Synthetic fingers
//! are more alike than real ones, so the scale is conservative: among the real prints of one set a stated 30 dB was a
//! measured 38 dB, among synthetic ones 24 dB.
//!
//! **Without ridge flow** (templates of other extractors): 837,000 comparisons within the same twelve real sets, which back
//! the scale up to 45 dB.
//!
//! Beyond, both go on along the tail, with no more than the 4.34 dB per unit that log odds would be worth if the model
//! were exact: read such scores as an order of strength, not as a measured rate. Fingers of one person were not compared,
//! because such sets hold labelling errors. A population whose prints are worse or smaller than these has another rate,
//! and the rate of one pair of fingers may differ from the mean by far.

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
