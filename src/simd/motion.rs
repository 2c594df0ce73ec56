//! How well one rotation and one shift map points of a plane to points of another.

/// Most pairs.
pub(crate) const MOST: usize = 48;
/// Number of separate sums; the order of their final addition is part of the definition.
const SUMS: usize = 16;

/// Pairs of points of a plane `a` and a plane `b`.
pub(crate) struct Pairs {
    pub(crate) weight: [f32; MOST],
    pub(crate) ax: [f32; MOST],
    pub(crate) ay: [f32; MOST],
    pub(crate) bx: [f32; MOST],
    pub(crate) by: [f32; MOST],
    /// The rotation from the direction at b's point to that at a's, 256ths of a turn.
    pub(crate) turn: [i32; MOST],
}

impl Default for Pairs {
    fn default() -> Self {
        let none = [0.0; MOST];
        Self { weight: none, ax: none, ay: none, bx: none, by: none, turn: [0; MOST] }
    }
}

/// A rotation of plane b, and a point of it that maps to a point of plane a.
#[derive(Clone, Copy)]
pub(crate) struct Motion {
    /// The point of plane b.
    pub(crate) from: (f32, f32),
    /// The point of plane a.
    pub(crate) to: (f32, f32),
    /// The rotation, 256ths of a turn.
    pub(crate) turn: i32,
    /// Its cosine and sine.
    pub(crate) unit: (f32, f32),
}

/// The sum of the weights of the first `count` pairs, each times `1 - distance^2 * reach` (0 when that is negative),
/// where `distance` is the distance of the pair's points after the motion; pairs whose rotation differs by more than
/// `turned` do not count. The readable form.
#[inline(always)]
pub(crate) fn explained_scalar(pairs: &Pairs, count: usize, motion: &Motion, reach: &[f32; MOST], turned: i32) -> f32 {
    let Motion { from: (bx, by), to: (ax, ay), turn, unit: (cos, sin) } = *motion;
    let mut sums = [0f32; SUMS];
    for start in (0..count.min(MOST)).step_by(SUMS) {
        for (lane, sum) in sums.iter_mut().enumerate() {
            let l = start + lane;
            let (dx, dy) = (pairs.bx[l] - bx, pairs.by[l] - by);
            let u = (cos * dx - sin * dy) - (pairs.ax[l] - ax);
            let v = (sin * dx + cos * dy) - (pairs.ay[l] - ay);
            let near = 1.0 - (u * u + v * v) * reach[l];
            // The difference of the rotations, from -128 to 127.
            let between = pairs.turn[l].wrapping_sub(turn) << 24 >> 24;
            let counts = (l < count) & (near > 0.0) & (between.abs() <= turned);
            *sum += if counts { pairs.weight[l] * near } else { 0.0 };
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

/// See [`explained_scalar`].
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn explained_avx512(pairs: &Pairs, count: usize, motion: &Motion, reach: &[f32; MOST], turned: i32) -> f32 {
    use std::arch::x86_64::*;
    let zero = _mm512_setzero_ps();
    let Motion { from: (bx, by), to: (ax, ay), turn, unit: (cos, sin) } = *motion;
    let [ax, ay, bx, by, cos, sin] = [ax, ay, bx, by, cos, sin].map(|v| _mm512_set1_ps(v));
    let (turn, turned) = (_mm512_set1_epi32(turn), _mm512_set1_epi32(turned));
    let count = count.min(MOST);
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
    _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
}
