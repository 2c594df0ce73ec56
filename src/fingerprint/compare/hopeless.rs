//! Early termination of comparisons that cannot become a match.
//!
//! Most comparisons of a search are of different fingers, and most of those can be recognized early. A logistic
//! regression estimates twice how likely the fingers are the same: after relaxation, and after the first matchings have
//! been grown. Below a bound the comparison ends there with a low score, which rises with the estimate.
//!
//! The regressions separate pairs of one finger that score 8 dB or more from pairs of different fingers, on twelve sets of
//! real prints and the templates of two other extractors. They were fitted with older weights of the model. The present
//! weights separate more pairs of poor prints; the bounds were lowered for them. How often a comparison ends trades
//! time for accuracy. Over eight sets, with the bounds after relaxation and after the matchings:
//!
//! | bounds | mean EER | |
//! |---|---|---|
//! | -6.8, -5.5 | 1.20 % | fastest |
//! | -8.0, -6.8 | 0.96 % | in use; a comparison of different fingers takes about a quarter longer |
//! | -9.0, -8.0 | 0.86 % | slower still |

use super::local::Pairs;
use super::matching::Matching;
use super::params::*;
use super::relax::Relaxation;
use crate::score::Score;

/// The score of a comparison that ends after relaxation; `None` when it continues. `counts` are the numbers of
/// minutiae.
#[inline(always)]
pub(crate) fn after_relaxation(pairs: &Pairs, relaxation: &Relaxation, counts: (usize, usize)) -> Option<Score> {
    let growth = relaxation.growth;
    let (best, worst) = range(pairs);
    let (few, many) = logs(counts);
    let says = [growth.ln_1p(), growth, relaxation.widest(pairs.len), best, worst, few, many];
    verdict(&says, &HOPELESS_RELAXED, HOPELESS_RELAXED_BOUND)
}

/// The score of a comparison that ends after the first matchings (best first); `None` when it continues.
#[inline(always)]
pub(crate) fn after_matchings(
    pairs: &Pairs,
    relaxation: &Relaxation,
    matchings: &[Matching],
    counts: (usize, usize),
) -> Option<Score> {
    let similar = |m: &Matching| m.matches.iter().map(|m| m.similarity).sum::<f32>();
    let of = |k: usize| matchings.get(k).map_or((0.0, 0.0, 0.0), |m| (m.value, m.matches.len() as f32, similar(m)));
    let (first, second) = (of(0), of(1));
    let all = matchings.iter().map(|m| m.value).sum::<f32>();
    let (few, many) = logs(counts);
    let says =
        [relaxation.growth.ln_1p(), first.0, first.1, first.2, second.0, second.2, few, many, range(pairs).1, all];
    verdict(&says, &HOPELESS_MATCHED, HOPELESS_MATCHED_BOUND)
}

/// Similarities of the best and the worst pair.
#[inline(always)]
fn range(pairs: &Pairs) -> (f32, f32) {
    let list = &pairs.similarity[..pairs.len];
    let best = list.iter().fold(0.0, |most, &s| if s > most { s } else { most });
    (best, list.iter().fold(best, |least, &s| if s < least { s } else { least }))
}

/// Logarithms of the smaller and the larger number of minutiae.
#[inline(always)]
fn logs((a, b): (usize, usize)) -> (f32, f32) {
    ((a.min(b).max(1) as f32).ln(), (a.max(b).max(1) as f32).ln())
}

/// `weights` ends with the constant.
#[inline(always)]
fn verdict<const N: usize, const M: usize>(says: &[f32; N], weights: &[f32; M], bound: f32) -> Option<Score> {
    let odds = says.iter().zip(weights).fold(weights[M - 1], |sum, (v, w)| sum + v * w);
    if odds >= bound {
        return None;
    }
    let share = 1.0 - (bound - odds) * (1.0 / HOPELESS_REACH);
    Some(Score::from_decibels(HOPELESS_MOST * share.max(0.0)))
}
