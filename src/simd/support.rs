//! How many pairs of points a rotation and a shift explain together, tried with some of the pairs as seeds.

use super::instruction_set::InstructionSet;

/// Most pairs.
pub(crate) const MOST: usize = 48;
/// Pairs that are tried as seeds: the heaviest of those whose numbers leave the same remainder, for each remainder.
pub(crate) const SEEDS: usize = 8;
/// Sums that are kept apart; how they are added up in the end is part of the definition.
const SUMS: usize = 16;

/// Pairs of points of a plane `a` and a plane `b`.
pub(crate) struct Pairs {
    pub(crate) weight: [f32; MOST],
    pub(crate) ax: [f32; MOST],
    pub(crate) ay: [f32; MOST],
    pub(crate) bx: [f32; MOST],
    pub(crate) by: [f32; MOST],
    /// The turn that carries the direction at b's point onto that at a's, 256ths of a turn.
    pub(crate) turn: [i32; MOST],
}

impl Default for Pairs {
    fn default() -> Self {
        let none = [0.0; MOST];
        Self { weight: none, ax: none, ay: none, bx: none, by: none, turn: [0; MOST] }
    }
}

/// What does not change from one set of pairs to the next.
pub(crate) struct Rule<'a> {
    /// Cosine and sine of each turn.
    pub(crate) turns: &'a [(f32, f32); 256],
    /// One over the square of the largest distance, for pair `l` and seed `k` in `[k][l]`.
    pub(crate) reach: &'a [[f32; MOST]],
    /// Largest difference of two turns, 256ths of a turn.
    pub(crate) turned: i32,
}

/// The largest sum of weights that a seed gathers among the first `count` pairs. A pair counts with its seed as far as the
/// seed's turn, and the shift that lays the seed's points on one another, lay its own points on one another:
/// `1 - distance^2 * reach` of its weight. The same to the last bit on every instruction set.
pub(crate) fn support(set: InstructionSet, pairs: &Pairs, count: usize, rule: &Rule<'_>) -> f32 {
    assert!(count <= MOST && rule.reach.len() >= count);
    match set {
        // SAFETY: the value proves that this machine has the features.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512(_) => unsafe { support_avx512(pairs, count, rule) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2(_) => unsafe { support_avx2(pairs, count, rule) },
        _ => support_scalar(pairs, count, rule),
    }
}

/// The heaviest pair of each remainder, the first of equal ones.
#[inline(always)]
fn seeds(pairs: &Pairs, count: usize) -> [usize; SEEDS] {
    let mut best = [0f32; SEEDS];
    let mut seeds = [0u32; SEEDS];
    for (g, weights) in pairs.weight.chunks_exact(SEEDS).take(count.div_ceil(SEEDS)).enumerate() {
        for (k, &weight) in weights.iter().enumerate() {
            let heavier = weight > best[k];
            seeds[k] = if heavier { (g * SEEDS + k) as u32 } else { seeds[k] };
            best[k] = if heavier { weight } else { best[k] };
        }
    }
    seeds.map(|seed| seed as usize)
}

/// The readable form.
#[inline(always)]
fn support_scalar(pairs: &Pairs, count: usize, rule: &Rule<'_>) -> f32 {
    seeds(pairs, count).into_iter().fold(0.0, |best, seed| best.max(gather(pairs, count, rule, seed)))
}

#[inline(always)]
fn gather(pairs: &Pairs, count: usize, rule: &Rule<'_>, seed: usize) -> f32 {
    let turn = pairs.turn[seed];
    let (cos, sin) = rule.turns[(turn & 255) as usize];
    let (ax, ay, bx, by) = (pairs.ax[seed], pairs.ay[seed], pairs.bx[seed], pairs.by[seed]);
    let mut sums = [0f32; SUMS];
    for (l, &reach) in rule.reach.get(seed).map_or(&[0.0; MOST], |row| row).iter().enumerate().take(count) {
        let (dx, dy) = (pairs.bx[l] - bx, pairs.by[l] - by);
        let u = (cos * dx - sin * dy) - (pairs.ax[l] - ax);
        let v = (sin * dx + cos * dy) - (pairs.ay[l] - ay);
        let near = 1.0 - (u * u + v * v) * reach;
        // The difference of the turns, from -128 to 127.
        let between = (pairs.turn[l] - turn) << 24 >> 24;
        if near > 0.0 && between.abs() <= rule.turned {
            sums[l % SUMS] += pairs.weight[l] * near;
        }
    }
    let mut width = SUMS / 2;
    while width > 0 {
        for l in 0..width {
            sums[l] += sums[l + width];
        }
        width /= 2;
    }
    sums[0]
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
fn support_avx512(pairs: &Pairs, count: usize, rule: &Rule<'_>) -> f32 {
    use std::arch::x86_64::*;
    let zero = _mm512_setzero_ps();
    let mut best = 0f32;
    for seed in seeds(pairs, count) {
        let turn = pairs.turn[seed];
        let (cos, sin) = rule.turns[(turn & 255) as usize];
        let (sin, cos) = (_mm512_set1_ps(sin), _mm512_set1_ps(cos));
        let [ax, ay] = [pairs.ax[seed], pairs.ay[seed]].map(|v| _mm512_set1_ps(v));
        let [bx, by] = [pairs.bx[seed], pairs.by[seed]].map(|v| _mm512_set1_ps(v));
        let (turn, turned) = (_mm512_set1_epi32(turn), _mm512_set1_epi32(rule.turned));
        let Some(reach) = rule.reach.get(seed) else { continue };
        let mut sums = zero;
        for start in (0..count).step_by(SUMS) {
            let lanes = if count - start >= SUMS { u16::MAX } else { (1 << (count - start)) - 1 };
            // SAFETY: masked loads of the values `start` to `min(start + 16, count)` of arrays of `MOST >= count`.
            let load = |values: &[f32; MOST]| unsafe { _mm512_maskz_loadu_ps(lanes, values.as_ptr().add(start)) };
            // SAFETY: as above.
            let turns = unsafe { _mm512_maskz_loadu_epi32(lanes, pairs.turn.as_ptr().add(start)) };
            let (dx, dy) = (_mm512_sub_ps(load(&pairs.bx), bx), _mm512_sub_ps(load(&pairs.by), by));
            let turned_x = _mm512_sub_ps(_mm512_mul_ps(cos, dx), _mm512_mul_ps(sin, dy));
            let turned_y = _mm512_add_ps(_mm512_mul_ps(sin, dx), _mm512_mul_ps(cos, dy));
            let u = _mm512_sub_ps(turned_x, _mm512_sub_ps(load(&pairs.ax), ax));
            let v = _mm512_sub_ps(turned_y, _mm512_sub_ps(load(&pairs.ay), ay));
            let apart = _mm512_add_ps(_mm512_mul_ps(u, u), _mm512_mul_ps(v, v));
            let near = _mm512_sub_ps(_mm512_set1_ps(1.0), _mm512_mul_ps(apart, load(reach)));
            let between = _mm512_srai_epi32::<24>(_mm512_slli_epi32::<24>(_mm512_sub_epi32(turns, turn)));
            let counts = _mm512_mask_cmple_epi32_mask(lanes, _mm512_abs_epi32(between), turned)
                & _mm512_cmp_ps_mask::<_CMP_GT_OQ>(near, zero);
            sums = _mm512_mask_add_ps(sums, counts, sums, _mm512_mul_ps(load(&pairs.weight), near));
        }
        // The same halves as in the scalar form.
        let eight = _mm256_add_ps(
            _mm512_castps512_ps256(sums),
            _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(sums))),
        );
        let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        best = best.max(_mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two))));
    }
    best
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn support_avx2(pairs: &Pairs, count: usize, rule: &Rule<'_>) -> f32 {
    support_scalar(pairs, count, rule)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::instruction_set::on_every_set;
    use super::*;

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
            on_every_set(|set| support(set, &pairs, values.len(), &rule).to_bits());
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
        assert!((support(InstructionSet::best(), &pairs, 30, &rule) - 30.0).abs() < 0.01);
        // One pair turns otherwise, one lies elsewhere.
        pairs.turn[3] = 50;
        pairs.ax[4] += 11.0;
        assert!((support(InstructionSet::best(), &pairs, 30, &rule) - 28.0).abs() < 0.01);
        assert_eq!(support(InstructionSet::best(), &pairs, 0, &rule), 0.0);
    }
}
