//! From raw similarity to decibels of false match rate.
//!
//! The tables hold quantiles of the raw similarity of impostor comparisons; `examples/calibration.rs` makes them.
//!
//! **With ridge flow** (templates of this crate's extraction): 3,066,555 comparisons of different fingers among 2,484 real
//! prints of twelve sets (optical, capacitive, swiped, thermal and synthetic sensors). Prints of one sensor are more alike
//! than prints of two, so the table holds the quantiles of the 823,162 comparisons within a set, and of these the upper ends
//! of the 95 % intervals (bootstrap over the 425 fingers): +0.2 units at 30 dB, +0.4 at 40 dB, +0.5 at 45 dB. Over
//! all sets that errs by 1 to 3 dB to the safe side, not for every sensor: in eight sets of ten fingers, 2,880 comparisons
//! each, a stated 30 dB was a false match rate of 0 to 3.5e-3, in the mean 1.3e-3. Synthetic fingers are left out: those of the generator
//! `synth` are more alike than real ones (among them a stated 30 dB was a measured 19 dB, a stated 40 dB 25 dB), and no sensor
//! sees them; a synthetic and a real finger are as little alike as two real ones. Data back the scale up to 50 dB: of all
//! real comparisons 30 reach 1.15, where the table says 44 dB, and the highest is 3.22, where it says 53.
//!
//! Left out are 69 comparisons of prints that show one finger under two names.
//!
//! **Without ridge flow** (templates of other extractors): 12,266,216 comparisons among the same prints in the templates of
//! two extractors, this crate's without ridge flow and a minutiae network's; 280 of fingers under two names are left out.
//! The table holds the upper ends of the intervals of the 3,292,648 comparisons within a set: +0.15 units at 30 dB, +0.4 at
//! 40 dB, +1.0 at 50 dB, up to which data back it. The two extractors show the same 425 fingers, which is why the intervals
//! come from a bootstrap over fingers and not from the number of comparisons.
//!
//! Beyond, both go on with no more than the 4.34 dB per unit that log odds would be worth if the model were exact (the
//! measured tails fall by 6.0 +- 0.7 and 6.2 +- 0.3): read such scores as an order of strength, not as a measured rate.
//! Fingers of one person were not compared, because such sets hold labeling errors. A population whose prints are worse or
//! smaller than these has another rate, and the rate of one pair of fingers may differ from the mean by far.

use super::params::{CALIBRATION_FLOW, CALIBRATION_PLAIN, COMBED, SMALL, SMALL_FLOW, SMALL_LEAST, SMALL_RISE};
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

/// The most that a score may be when the number of matched pairs is that many nats beyond chance and the smaller template
/// has that many minutiae.
///
/// The tables were fitted on whole prints. Two templates of a handful of minutiae have most of them matched by chance
/// alone, which whole prints never have; without this bound such a pair of strangers would score like a match.
pub(crate) fn most(surprise: f32, smaller: usize, with_flow: bool) -> Score {
    let flow = if with_flow { SMALL_FLOW } else { 0.0 };
    let rise = SMALL_RISE * smaller.saturating_sub(SMALL) as f32 + flow;
    Score::from_decibels((10.0 / std::f32::consts::LN_10 * surprise.max(0.0) + rise).max(SMALL_LEAST))
}

/// A score of two prints whose minutiae all point the same way, of which `combed` is the length of the mean unit vector in the
/// more varied one.
///
/// Agreement of directions is most of what tells mates from strangers. Where all are the same, as no finger's are, it says nothing,
/// and strangers would score like mates.
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
