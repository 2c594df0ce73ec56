//! Constants of the attacks on renewable templates, and their secrets.

use crate::gallery::seal::SecretKey;

/// Pairs of each kind from which linkage is measured where there are as many; with fewer the measure is mostly noise.
pub(super) const LINKED_PAIRS: usize = 10_000;
/// Pairs of one person that enter the measure of linkage, at most.
pub(super) const PAIRS_PER_PERSON: usize = 20;
/// People whose templates are inverted or looked for.
pub(super) const INVERTED: usize = 1000;
/// Steps of the ascent that refines an inversion.
pub(super) const ASCENT: usize = 200;
/// False match rate of the unprotected comparison that inverted samples are presented to.
pub(super) const LEAK_FMR: f64 = 1e-3;
/// People of whom an attacker has pictures, if there are three times as many (design: more than dimensions).
pub(super) const POOL: usize = 1000;
/// Share of the attacker's covariance of faces that is the same in all directions, for a pool has few people (design: a tenth).
pub(super) const SHRINKAGE: f64 = 0.1;
/// Variance of a cosine that is told exactly, as the regression takes it (design: small).
pub(super) const EXACT: f64 = 1e-4;
/// Strengths of a ridge that are tried, as shares of a code's product with itself (design: from next to none to nearly all).
pub(super) const RIDGES: [f64; 5] = [0.03, 0.1, 0.3, 1.0, 3.0];
/// Components of what is learned on which the strength is chosen (design: enough to tell, and no more work than that).
pub(super) const CHOSEN_ON: usize = 64;
/// Rounds in which the parts of two codes are matched by what is already matched (design: most matchings have settled by then).
pub(super) const STRUCTURE_ROUNDS: usize = 6;
/// Bits that two distances inside codes may differ by to count as the same, a standard deviation of what is left of them under two keys
/// (design: the square root of 2 times 256 times 1/4).
pub(super) const STRUCTURE_BITS: f32 = 11.3;
/// How much the mean difference of all distances in order, bits, counts against the share that agrees (chosen on a real set under one rotation: flat
/// from 0.25 to 1).
pub(super) const STRUCTURE_ORDER: f32 = 0.5;

/// The secret of a trial; measurements are the same every time.
pub(super) fn secret(trial: u64) -> SecretKey {
    SecretKey::from_bytes(&[0x5e; 32]).derive(b"eval/protect", &trial.to_be_bytes())
}
