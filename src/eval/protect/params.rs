//! Constants of the attacks on renewable templates, and their secrets.

use crate::gallery::seal::SecretKey;

/// Pairs of each kind for measuring linkage, if available; with fewer, the measure is mostly noise.
pub(super) const LINKED_PAIRS: usize = 10_000;
/// Most pairs of one person in the measure of linkage.
pub(super) const PAIRS_PER_PERSON: usize = 20;
/// People whose templates are inverted or searched for.
pub(super) const INVERTED: usize = 1000;
/// Steps of the ascent that refines an inversion.
pub(super) const ASCENT: usize = 200;
/// False match rate of the unprotected comparison with inverted samples.
pub(super) const LEAK_FMR: f64 = 1e-3;
/// People whose pictures an attacker has, if there are three times as many people (design: more than dimensions).
pub(super) const POOL: usize = 1000;
/// Share of the attacker's covariance of faces that is the same in all directions, because a pool has few people
/// (design: a tenth).
pub(super) const SHRINKAGE: f64 = 0.1;
/// Variance that the regression assumes for an exactly known cosine (design: small).
pub(super) const EXACT: f64 = 1e-4;
/// Ridge strengths that are tried, as shares of a code's product with itself (design: from very weak to very strong).
pub(super) const RIDGES: [f64; 5] = [0.03, 0.1, 0.3, 1.0, 3.0];
/// Number of learned components on which the strength is chosen (design: enough for the choice).
pub(super) const CHOSEN_ON: usize = 64;
/// Rounds of matching the parts of two codes by the parts already matched (design: most matchings are stable by then).
pub(super) const STRUCTURE_ROUNDS: usize = 6;
/// Difference up to which two distances inside codes count as the same, bits: a standard deviation of the noise under
/// two keys (design: the square root of 2 times 256 times 1/4).
pub(super) const STRUCTURE_BITS: f32 = 11.3;
/// Weight of the mean difference of all sorted distances, bits, against the share that agrees (chosen on a real set
/// under one rotation: flat from 0.25 to 1).
pub(super) const STRUCTURE_ORDER: f32 = 0.5;

/// The secret of a trial, fixed so that measurements are reproducible.
pub(super) fn secret(trial: u64) -> SecretKey {
    SecretKey::from_bytes(&[0x5e; 32]).derive(b"eval/protect", &trial.to_be_bytes())
}
