//! Tests of many points or values, with results as bits.

/// Most points of a [`Points`].
pub(crate) const MOST: usize = 96;
/// Lanes that lists are padded to.
pub(crate) const LANES: usize = 16;

/// The next multiple of [`LANES`].
pub(crate) fn padded(n: usize) -> usize {
    n.div_ceil(LANES) * LANES
}

/// Points or values per result word.
pub(crate) const GROUP: usize = 64;

/// Points with directions, in lanes.
#[derive(Clone, Debug)]
#[repr(C, align(64))]
pub(crate) struct Points {
    pub(crate) x: [f32; MOST],
    pub(crate) y: [f32; MOST],
    /// 65,536ths of a turn; bits above the lowest 16 are ignored.
    pub(crate) direction: [i32; MOST],
}

impl Default for Points {
    fn default() -> Self {
        Self { x: [0.0; MOST], y: [0.0; MOST], direction: [0; MOST] }
    }
}

/// Tolerances of several points for others.
#[derive(Clone, Copy)]
pub(crate) struct Tolerance<'a> {
    /// Square of the largest distance of another point, for each.
    pub(crate) distance2: &'a [f32; MOST],
    /// Largest difference of directions of another point, 65,536ths of a turn.
    pub(crate) turn: u16,
}

/// For each of the first `rows` points of `a`, the points of `b` that are near: a bit for each of the [`GROUP`] from
/// `start` on (a multiple of it) that are among the first `n`. The readable form.
#[inline(always)]
#[allow(clippy::needless_range_loop)] // The index is used in several lists.
pub(crate) fn near_scalar(
    (a, rows): (&Points, usize),
    (b, start, n): (&Points, usize, usize),
    tolerance: Tolerance<'_>,
    out: &mut [u64; MOST],
) {
    for i in 0..rows.min(MOST) {
        let mut bits = 0;
        for j in start..n.min(MOST).min(start + GROUP) {
            let (dx, dy) = (a.x[i] - b.x[j], a.y[i] - b.y[j]);
            let turn = a.direction[i].wrapping_sub(b.direction[j]) as i16;
            let near = dx * dx + dy * dy < tolerance.distance2[i] && turn.unsigned_abs() < tolerance.turn;
            bits |= u64::from(near) << (j - start);
        }
        out[i] = bits;
    }
}

/// The values, at most [`GROUP`], that are at least `least`: a bit for each. The readable form.
#[inline(always)]
pub(crate) fn above_scalar(values: &[f32], least: f32) -> u64 {
    values.iter().take(GROUP).enumerate().fold(0, |bits, (j, &v)| bits | u64::from(v >= least) << j)
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn low_bits(n: usize) -> u64 {
    if n >= GROUP { u64::MAX } else { (1 << n) - 1 }
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
#[allow(clippy::needless_range_loop)] // The index is used in several lists.
pub(crate) fn near_avx2(
    (a, rows): (&Points, usize),
    (b, start, n): (&Points, usize, usize),
    tolerance: Tolerance<'_>,
    out: &mut [u64; MOST],
) {
    use std::arch::x86_64::*;
    let rows = rows.min(MOST);
    out[..rows].fill(0);
    // Differences are in the upper halves of the lanes, so that they wrap; |-32768| is compared as unsigned.
    let turn = _mm256_set1_epi32((u32::from(tolerance.turn) << 16) as i32);
    let left = n.min(MOST).saturating_sub(start).min(GROUP);
    for c in 0..left.div_ceil(8) {
        let at = start / 8 + c;
        let (xs, ys) = (&b.x.as_chunks::<8>().0[at], &b.y.as_chunks::<8>().0[at]);
        let directions = &b.direction.as_chunks::<8>().0[at];
        // SAFETY: each chunk is eight lanes long.
        let (xs, ys, directions) = unsafe {
            (_mm256_loadu_ps(xs.as_ptr()), _mm256_loadu_ps(ys.as_ptr()), _mm256_loadu_si256(directions.as_ptr().cast()))
        };
        for i in 0..rows {
            let (dx, dy) = (_mm256_sub_ps(_mm256_set1_ps(a.x[i]), xs), _mm256_sub_ps(_mm256_set1_ps(a.y[i]), ys));
            let d2 = _mm256_add_ps(_mm256_mul_ps(dx, dx), _mm256_mul_ps(dy, dy));
            let most = _mm256_set1_ps(tolerance.distance2[i]);
            let difference = _mm256_sub_epi32(_mm256_set1_epi32(a.direction[i]), directions);
            let difference = _mm256_abs_epi32(_mm256_slli_epi32::<16>(difference));
            let close = _mm256_castps_si256(_mm256_cmp_ps::<_CMP_LT_OQ>(d2, most));
            let far = _mm256_cmpeq_epi32(_mm256_max_epu32(difference, turn), difference);
            let near = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_andnot_si256(far, close))) as u32;
            out[i] |= u64::from(near) << (8 * c);
        }
    }
    for out in &mut out[..rows] {
        *out &= low_bits(left);
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx512f")]
#[allow(clippy::needless_range_loop)] // The index is used in several lists.
pub(crate) fn near_avx512(
    (a, rows): (&Points, usize),
    (b, start, n): (&Points, usize, usize),
    tolerance: Tolerance<'_>,
    out: &mut [u64; MOST],
) {
    use std::arch::x86_64::*;
    let rows = rows.min(MOST);
    out[..rows].fill(0);
    // Differences are in the upper halves of the lanes, so that they wrap; |-32768| is compared as unsigned.
    let turn = _mm512_set1_epi32((u32::from(tolerance.turn) << 16) as i32);
    let left = n.min(MOST).saturating_sub(start).min(GROUP);
    for c in 0..left.div_ceil(16) {
        let at = start / 16 + c;
        let (xs, ys) = (&b.x.as_chunks::<16>().0[at], &b.y.as_chunks::<16>().0[at]);
        let directions = &b.direction.as_chunks::<16>().0[at];
        // SAFETY: each chunk is sixteen lanes long.
        let (xs, ys, directions) = unsafe {
            (_mm512_loadu_ps(xs.as_ptr()), _mm512_loadu_ps(ys.as_ptr()), _mm512_loadu_si512(directions.as_ptr().cast()))
        };
        for i in 0..rows {
            let (dx, dy) = (_mm512_sub_ps(_mm512_set1_ps(a.x[i]), xs), _mm512_sub_ps(_mm512_set1_ps(a.y[i]), ys));
            let d2 = _mm512_add_ps(_mm512_mul_ps(dx, dx), _mm512_mul_ps(dy, dy));
            let most = _mm512_set1_ps(tolerance.distance2[i]);
            let difference = _mm512_sub_epi32(_mm512_set1_epi32(a.direction[i]), directions);
            let difference = _mm512_abs_epi32(_mm512_slli_epi32::<16>(difference));
            let close = _mm512_cmp_ps_mask::<_CMP_LT_OQ>(d2, most);
            let near = _mm512_mask_cmplt_epu32_mask(close, difference, turn);
            out[i] |= u64::from(near) << (16 * c);
        }
    }
    for out in &mut out[..rows] {
        *out &= low_bits(left);
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn above_avx2(values: &[f32], least: f32) -> u64 {
    use std::arch::x86_64::*;
    let (chunks, rest) = values[..values.len().min(GROUP)].as_chunks::<8>();
    let mut bits = above_scalar(rest, least).unbounded_shl(8 * chunks.len() as u32);
    let least = _mm256_set1_ps(least);
    for (c, chunk) in chunks.iter().enumerate() {
        // SAFETY: the chunk is eight lanes long.
        let v = unsafe { _mm256_loadu_ps(chunk.as_ptr()) };
        bits |= (_mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GE_OQ>(v, least)) as u32 as u64) << (8 * c);
    }
    bits
}

#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn above_avx512(values: &[f32], least: f32) -> u64 {
    use std::arch::x86_64::*;
    let (chunks, rest) = values[..values.len().min(GROUP)].as_chunks::<16>();
    let mut bits = above_scalar(rest, least).unbounded_shl(16 * chunks.len() as u32);
    let least = _mm512_set1_ps(least);
    for (c, chunk) in chunks.iter().enumerate() {
        // SAFETY: the chunk is sixteen lanes long.
        let v = unsafe { _mm512_loadu_ps(chunk.as_ptr()) };
        bits |= u64::from(_mm512_cmp_ps_mask::<_CMP_GE_OQ>(v, least)) << (16 * c);
    }
    bits
}
