//! Conversion of raw similarity to decibels of false match rate.
//!
//! The tables hold quantiles of the raw similarity of impostor comparisons; `examples/calibration.rs` makes them.
//!
//! **With ridge flow** (templates of this crate's extraction): 3,066,555 comparisons of different fingers among 2,484 real
//! prints of twelve sets (optical, capacitive, swiped, thermal and synthetic sensors). Prints of one sensor are more alike
//! than prints of two, so the table uses only the 823,162 comparisons within a set; it holds the upper ends of the 95 %
//! intervals of their quantiles (bootstrap over the 425 fingers): +0.2 units at 30 dB, +0.4 at 40 dB, +0.5 at 45 dB.
//! Over all sets this errs by 1 to 3 dB on the safe side, but not for every sensor: in eight sets of ten fingers, 2,880
//! comparisons each, a stated 30 dB was a false match rate of 0 to 3.5e-3, on average 1.3e-3. Synthetic fingers are
//! left out: those of the generator `synth` are more alike than real ones (among them a stated 30 dB was a measured 19
//! dB, and a stated 40 dB was 25 dB), and no sensor sees them; a synthetic and a real finger are as different as two
//! real ones. Data support the scale up to 50 dB: of all real comparisons 30 reach 1.15, which the table maps to 44 dB,
//! and the highest is 3.22, which it maps to 53 dB.
//!
//! 69 comparisons of prints that show one finger under two names are left out.
//!
//! **Without ridge flow** (templates of other extractors): 12,266,216 comparisons among the same prints in the templates of
//! two extractors, this crate's without ridge flow and a minutiae network's; 280 of fingers under two names are left out.
//! The table holds the upper ends of the intervals of the 3,292,648 comparisons within a set: +0.15 units at 30 dB, +0.4 at
//! 40 dB, +1.0 at 50 dB, up to which data support it. Both extractors were run on the same 425 fingers, so the
//! intervals come from a bootstrap over fingers and not from the number of comparisons.
//!
//! Beyond that, both continue at the 4.34 dB per unit that log odds would be worth if the model were exact (the
//! measured tails fall by 6.0 +- 0.7 and 6.2 +- 0.3): such scores rank strength and are not a measured rate. Fingers of
//! one person were not compared, because such sets hold labeling errors. A population whose prints are worse or smaller
//! than these has another rate, and the rate of one pair of fingers may differ greatly from the mean.

use super::params::{CALIBRATION_FLOW, CALIBRATION_PLAIN, COMBED, SMALL, SMALL_FLOW, SMALL_LEAST, SMALL_RISE};
use crate::score::Score;

/// The calibrated score of a raw similarity: linear between the points of the table, and extrapolated beyond the last.
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

/// The largest score allowed when the number of matched pairs is `surprise` nats beyond chance and the smaller template
/// has `smaller` minutiae.
///
/// The tables were fitted on whole prints. In two templates of a handful of minutiae, chance alone matches most of
/// them, which never happens with whole prints; without this bound such a pair of strangers would score like a match.
pub(crate) fn most(surprise: f32, smaller: usize, with_flow: bool) -> Score {
    let flow = if with_flow { SMALL_FLOW } else { 0.0 };
    let rise = SMALL_RISE * smaller.saturating_sub(SMALL) as f32 + flow;
    Score::from_decibels((10.0 / std::f32::consts::LN_10 * surprise.max(0.0) + rise).max(SMALL_LEAST))
}

/// Lowers the score of two prints whose minutiae all point the same way; `combed` is the length of the mean unit vector
/// of directions in the more varied print.
///
/// Agreement of directions is most of what distinguishes mates from strangers. Where all directions are equal, as on no
/// finger, it says nothing, and strangers would score like mates.
pub(crate) fn doubted(score: Score, combed: f32) -> Score {
    let left = ((1.0 - combed) / (1.0 - COMBED)).clamp(0.0, 1.0);
    if left == 1.0 || score.decibels() <= SMALL_LEAST {
        return score;
    }
    Score::from_decibels(SMALL_LEAST + (score.decibels() - SMALL_LEAST) * left)
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
