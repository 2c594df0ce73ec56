//! Pairs of minutiae from a search for the nearest descriptors, and how many of them one rotation and shift explains,
//! tried with some of the pairs as seeds.

use super::params::SCAN_SEEDS;
use crate::simd::instruction_set::InstructionSet;
use crate::simd::look_up::{Points, look_up};
use crate::simd::motion::{self, Motion, Pairs};
use crate::simd::nearest::Nearest;
use crate::simd::wide::{self, Kernels, Task};

/// Most pairs.
pub(crate) const MOST: usize = motion::MOST;

/// The probe's side of the pairs, per lane.
#[derive(Clone, Copy)]
pub(crate) struct Own<'a> {
    /// Number of ones of each descriptor.
    pub(crate) ones: &'a [i32],
    /// Directions, 256ths of a turn.
    pub(crate) direction: &'a [i32],
}

/// Fills the weights, the positions in plane b and the rotations of `pairs`: each of the probe's descriptors with the
/// nearest one.
pub(crate) fn pair_up(found: &[Nearest], own: Own<'_>, points: Points<'_>, pairs: &mut Pairs) {
    let Pairs { weight, bx, by, turn, .. } = pairs;
    look_up(InstructionSet::best(), found, own.ones, points, [weight, bx, by], turn);
    for (turn, direction) in turn.iter_mut().zip(own.direction) {
        *turn = direction - *turn;
    }
}

/// Data that are the same for all sets of pairs.
pub(crate) struct Rule<'a> {
    /// Cosine and sine of each rotation.
    pub(crate) turns: &'a [(f32, f32); 256],
    /// One over the square of the largest distance, for pair `l` and seed `k` in `[k][l]`.
    pub(crate) reach: &'a [[f32; MOST]],
    /// Largest difference of two rotations, 256ths of a turn.
    pub(crate) turned: i32,
}

/// The largest sum of weights that a seed gathers among the first `count` pairs. The seed's rotation and the shift that
/// aligns its points map a pair's points to within `distance` of one another; the pair counts with
/// `1 - distance^2 * reach` of its weight. The result is the same to the last bit on every instruction set.
pub(crate) fn support(pairs: &Pairs, count: usize, rule: &Rule<'_>) -> f32 {
    assert!(count <= MOST && rule.reach.len() >= count);
    wide::run(Support { pairs, count, rule })
}

struct Support<'a> {
    pairs: &'a Pairs,
    count: usize,
    rule: &'a Rule<'a>,
}

impl Task for Support<'_> {
    type Output = f32;

    #[inline(always)]
    fn run(self, kernels: impl Kernels) -> f32 {
        let Self { pairs, count, rule } = self;
        let mut best = 0f32;
        for seed in seeds(pairs, count) {
            let Some(reach) = rule.reach.get(seed) else { continue };
            let motion = Motion {
                from: (pairs.bx[seed], pairs.by[seed]),
                to: (pairs.ax[seed], pairs.ay[seed]),
                turn: pairs.turn[seed],
                unit: rule.turns[(pairs.turn[seed] & 255) as usize],
            };
            best = best.max(kernels.explained(pairs, count, &motion, reach, rule.turned));
        }
        best
    }
}

/// The heaviest pair of each remainder, the first of equal ones.
#[inline(always)]
fn seeds(pairs: &Pairs, count: usize) -> [usize; SCAN_SEEDS] {
    let mut best = [0f32; SCAN_SEEDS];
    let mut seeds = [0u32; SCAN_SEEDS];
    for (g, weights) in pairs.weight.chunks_exact(SCAN_SEEDS).take(count.div_ceil(SCAN_SEEDS)).enumerate() {
        for (k, &weight) in weights.iter().enumerate() {
            let heavier = weight > best[k];
            seeds[k] = if heavier { (g * SCAN_SEEDS + k) as u32 } else { seeds[k] };
            best[k] = if heavier { weight } else { best[k] };
        }
    }
    seeds.map(|seed| seed as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::simd::instruction_set::on_every_set;

    fn turns() -> [(f32, f32); 256] {
        std::array::from_fn(|i| {
            let (sin, cos) = (i as f32 * (std::f32::consts::PI / 128.0)).sin_cos();
            (cos, sin)
        })
    }

    proptest! {
        #[test]
        fn every_set_supports_alike(values in prop::collection::vec((0f32..1.0, 0f32..300.0, 0f32..300.0, 0f32..300.0, 0f32..300.0, 0i32..256), 0..MOST), near in 1f32..1e6) {
            let mut pairs = Pairs::default();
            for (k, v) in values.iter().enumerate() {
                (pairs.weight[k], pairs.ax[k], pairs.ay[k], pairs.bx[k], pairs.by[k], pairs.turn[k]) = *v;
            }
            let (turns, reach) = (turns(), vec![[1.0 / near; MOST]; MOST]);
            let rule = Rule { turns: &turns, reach: &reach, turned: 20 };
            on_every_set(|set| set.run(Support { pairs: &pairs, count: values.len(), rule: &rule }).to_bits());
        }
    }

    #[test]
    fn a_turned_and_shifted_copy_is_explained_whole() {
        let (turns, reach) = (turns(), vec![[0.01; MOST]; MOST]);
        let rule = Rule { turns: &turns, reach: &reach, turned: 3 };
        let mut pairs = Pairs::default();
        let (cos, sin) = turns[40];
        for k in 0..30 {
            let (x, y) = ((k * 37 % 101) as f32, (k * 53 % 97) as f32);
            (pairs.weight[k], pairs.bx[k], pairs.by[k], pairs.turn[k]) = (1.0, x, y, 40);
            (pairs.ax[k], pairs.ay[k]) = (cos * x - sin * y + 5.0, sin * x + cos * y - 80.0);
        }
        assert!((support(&pairs, 30, &rule) - 30.0).abs() < 0.01);
        // One pair has another rotation, one lies elsewhere.
        pairs.turn[3] = 50;
        pairs.ax[4] += 11.0;
        assert!((support(&pairs, 30, &rule) - 28.0).abs() < 0.01);
        assert_eq!(support(&pairs, 0, &rule), 0.0);
    }
}
