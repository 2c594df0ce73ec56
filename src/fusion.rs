//! Combines several scores of one pair of people into one.
//!
//! Scores are calibrated, so they can be combined by arithmetic on false match rates without training: fingers of one
//! hand are treated as independent evidence, impressions of one finger are not.

use crate::score::Score;

/// `ln(10) / 10`: a decibel in nats.
const NATS_PER_DECIBEL: f64 = std::f64::consts::LN_10 / 10.0;

/// Fuses scores of independent comparisons, one per finger (or per finger and face), each against the same claimed
/// person. The result is again `-10 * log10(FMR)`.
///
/// Under the hypothesis "another person" each score is an exponential variable, so their sum follows an Erlang
/// distribution; the fused score is its upper tail at the observed sum (R. A. Fisher's method of combining p-values).
/// Two scores of 30 dB become about 48 dB, not 60: a sum of two is easier to reach than one. A finger that was not
/// compared is left out, not counted as 0. No scores give [`Score::ZERO`]. Cost: linear.
///
/// Evidence is added: one strong score may outweigh one that speaks against the match. Where each comparison must
/// match, compare each score with the threshold.
///
/// ```
/// use selfsame::Score;
/// use selfsame::fusion::independent;
/// let fused = independent(&[Score::from_decibels(30.0), Score::from_decibels(30.0)]);
/// assert!((fused.decibels() - 48.3).abs() < 0.1);
/// ```
#[must_use]
pub fn independent(scores: &[Score]) -> Score {
    if let [single] = scores {
        return *single;
    }
    let sum: f64 = scores.iter().map(|s| f64::from(s.decibels())).sum::<f64>() * NATS_PER_DECIBEL;
    // ln of the sum of sum^i / i! for i below the number of scores, kept in range by factoring out the largest term.
    let mut term = 0.0;
    let mut terms = Vec::with_capacity(scores.len());
    for i in 0..scores.len() {
        if i > 0 {
            term += sum.ln() - (i as f64).ln();
        }
        terms.push(term);
    }
    let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if scores.is_empty() || !largest.is_finite() {
        return Score::ZERO;
    }
    let series = largest + terms.iter().map(|t| (t - largest).exp()).sum::<f64>().ln();
    Score::from_decibels(((sum - series) / NATS_PER_DECIBEL) as f32)
}

/// The best of several comparisons that are not independent: a probe against several impressions of one finger.
///
/// The best of `k` chances is easier to reach than one, so the false match rate is raised to `1 - (1 - FMR)^k`
/// (Sidak's bound, which holds for independent and for positively dependent comparisons). No scores give
/// [`Score::ZERO`].
///
/// ```
/// use selfsame::Score;
/// use selfsame::fusion::best_of;
/// let scores = [12.0, 45.0, 3.0].map(Score::from_decibels);
/// assert!((best_of(&scores).decibels() - 40.2).abs() < 0.1);
/// ```
#[must_use]
pub fn best_of(scores: &[Score]) -> Score {
    let Some(best) = scores.iter().max() else { return Score::ZERO };
    if scores.len() == 1 {
        return *best;
    }
    let tail = -f64::from(best.decibels()) * NATS_PER_DECIBEL;
    // This is ln(1 - (1 - f)^k); for the smallest f it is ln(k) + ln(f), which does not underflow.
    let k = scores.len() as f64;
    let fused = if tail < -30.0 { tail + k.ln() } else { (-(k * (-tail.exp()).ln_1p()).exp_m1()).ln() };
    Score::from_decibels((-fused / NATS_PER_DECIBEL) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random scores of strangers: FMR uniform in (0, 1].
    fn stranger(state: &mut u64) -> Score {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let uniform = ((*state >> 11) + 1) as f64 / (1u64 << 53) as f64;
        Score::from_decibels((-10.0 * uniform.log10()) as f32)
    }

    /// Share of strangers whose fused score reaches `decibels`, over `n` trials of `k` scores.
    fn reached(fuse: fn(&[Score]) -> Score, k: usize, decibels: f32, n: usize) -> f64 {
        let mut state = 7;
        let hit = |_: &usize| {
            let scores: Vec<Score> = (0..k).map(|_| stranger(&mut state)).collect();
            fuse(&scores).decibels() >= decibels
        };
        (0..n).filter(hit).count() as f64 / n as f64
    }

    #[test]
    fn a_fused_score_is_calibrated_again() {
        for fuse in [independent, best_of] {
            for k in [1, 2, 3, 10] {
                for decibels in [3.0, 10.0, 20.0] {
                    let expected = 10f64.powf(-f64::from(decibels) / 10.0);
                    let rate = reached(fuse, k, decibels, 40_000);
                    let sd = (expected / 40_000.0).sqrt();
                    assert!((rate - expected).abs() < 5.0 * sd, "{k} scores, {decibels} dB: {rate} for {expected}");
                }
            }
        }
    }

    #[test]
    fn extremes_stay_in_range() {
        assert_eq!(independent(&[]), Score::ZERO);
        assert_eq!(best_of(&[]), Score::ZERO);
        let most = Score::from_decibels(Score::MAX);
        assert!(independent(&[most; 10]).decibels() >= Score::MAX - 1.0);
        assert!(best_of(&[most; 10]).decibels() > Score::MAX - 11.0);
        assert_eq!(independent(&[Score::ZERO; 4]), Score::ZERO);
        assert_eq!(best_of(&[Score::ZERO; 4]), Score::ZERO);
    }

    #[test]
    fn order_does_not_matter_and_more_evidence_counts() {
        let s = [33.0, 7.0, 21.0].map(Score::from_decibels);
        let t = [7.0, 21.0, 33.0].map(Score::from_decibels);
        assert!((independent(&s).decibels() - independent(&t).decibels()).abs() < 1e-4);
        let better = [33.0, 7.0, 24.0].map(Score::from_decibels);
        assert!(independent(&better) > independent(&s));
    }
}
