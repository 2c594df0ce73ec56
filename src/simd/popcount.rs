//! Similarities of bit vectors under masks, by counting common and differing bits.

/// Vectors per step of the widest kernel.
pub(crate) const LANES: usize = 8;

/// Bit vectors of `W` words, word after word for all of them (word `w` of vector `j` of `n` is `planes[w * n + j]`),
/// and for each vector a mask of known bits, which is the same for all its words.
#[derive(Clone, Copy)]
pub(crate) struct Masked<'a, const W: usize> {
    /// `W` words for each mask.
    pub(crate) planes: &'a [u64],
    pub(crate) masks: &'a [u64],
}

impl<const W: usize> Masked<'_, W> {
    /// Number of vectors.
    fn len(&self) -> usize {
        self.masks.len()
    }
}

/// Similarity of each vector of `a` with each of `b`, into a row of `out` for each of a's, `stride` values long (a
/// multiple of [`LANES`], at least the number of b's; the rest becomes 0): `1 - sqrt(|a xor b|) / (sqrt|a| + sqrt|b|)`
/// over the bits known in both; 0 if their masks have fewer than `least` bits in common or one side has no bit set
/// there. The result is the same to the last bit on every instruction set.
///
/// The readable form. On aarch64 `count_ones` is NEON's `cnt` already.
#[inline(always)]
pub(crate) fn similarities_scalar<const W: usize>(
    a: Masked<'_, W>,
    b: Masked<'_, W>,
    least: u32,
    stride: usize,
    out: &mut [f32],
) {
    for (i, row) in out.chunks_exact_mut(stride.max(1)).enumerate().take(a.len()) {
        let own: [u64; W] = std::array::from_fn(|w| a.planes[w * a.len() + i]);
        row.fill(0.0);
        for (j, (out, mask)) in row.iter_mut().zip(b.masks).enumerate() {
            let valid = mask & a.masks[i];
            let (mut ones_a, mut ones_b, mut apart) = (0, 0, 0);
            for (w, &bits) in own.iter().enumerate() {
                let (wa, wb) = (bits & valid, b.planes[w * b.len() + j] & valid);
                ones_a += wa.count_ones();
                ones_b += wb.count_ones();
                apart += (wa ^ wb).count_ones();
            }
            *out = if valid.count_ones() < least || ones_a == 0 || ones_b == 0 {
                0.0
            } else {
                1.0 - (apart as f32).sqrt() / ((ones_a as f32).sqrt() + (ones_b as f32).sqrt())
            };
        }
    }
}

/// The lanes of the step from `j` that exist among `n`.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn lanes(j: usize, n: usize) -> u8 {
    let left = n.saturating_sub(j);
    if left >= LANES { u8::MAX } else { (1 << left) - 1 }
}

/// See [`similarities_scalar`].
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512vpopcntdq")]
pub(crate) fn similarities_avx512<const W: usize>(
    a: Masked<'_, W>,
    b: Masked<'_, W>,
    least: u32,
    stride: usize,
    out: &mut [f32],
) {
    use std::arch::x86_64::*;
    let (na, nb) = (a.len(), b.len());
    assert!(a.planes.len() >= na * W && b.planes.len() >= nb * W);
    assert!(stride.is_multiple_of(LANES) && stride >= nb && out.len() >= na * stride);
    let one = _mm256_set1_ps(1.0);
    let zero = _mm512_setzero_si512();
    let least = _mm512_set1_epi64(i64::from(least));
    for j in (0..stride).step_by(LANES) {
        let lanes = lanes(j, nb);
        let at = |words: &[u64], start: usize| words.as_ptr().wrapping_add(start).cast();
        // SAFETY: masked loads touch words `j` to `min(j + 8, nb)` of b's masks, which exist.
        let mask = unsafe { _mm512_maskz_loadu_epi64(lanes, at(b.masks, j)) };
        let mut words = [zero; W];
        for (w, word) in words.iter_mut().enumerate() {
            // SAFETY: as above, of b's plane `w < W`.
            *word = unsafe { _mm512_maskz_loadu_epi64(lanes, at(b.planes, w * nb + j)) };
        }
        for i in 0..na {
            let valid = _mm512_and_si512(mask, _mm512_set1_epi64(a.masks[i] as i64));
            let (mut ones_a, mut ones_b, mut apart) = (zero, zero, zero);
            for (w, &word) in words.iter().enumerate() {
                let wa = _mm512_and_si512(_mm512_set1_epi64(a.planes[w * na + i] as i64), valid);
                let wb = _mm512_and_si512(word, valid);
                ones_a = _mm512_add_epi64(ones_a, _mm512_popcnt_epi64(wa));
                ones_b = _mm512_add_epi64(ones_b, _mm512_popcnt_epi64(wb));
                apart = _mm512_add_epi64(apart, _mm512_popcnt_epi64(_mm512_xor_si512(wa, wb)));
            }
            let root = |v| _mm256_sqrt_ps(_mm512_cvtepi64_ps(v));
            let s = _mm256_sub_ps(one, _mm256_div_ps(root(apart), _mm256_add_ps(root(ones_a), root(ones_b))));
            let good = _mm512_cmpge_epi64_mask(_mm512_popcnt_epi64(valid), least)
                & _mm512_test_epi64_mask(ones_a, ones_a)
                & _mm512_test_epi64_mask(ones_b, ones_b);
            // SAFETY: `i * stride + j + LANES <= na * stride <= out.len()`, because `j + LANES <= stride`.
            unsafe { _mm256_storeu_ps(out.as_mut_ptr().add(i * stride + j), _mm256_maskz_mov_ps(good, s)) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_is_like_itself_and_padding_like_nothing() {
        for (bits, like) in [([7u64, 1 << 40], 1.0), ([0, 0], 0.0), ([1 << 63, 0], 0.0)] {
            let set = Masked::<2> { planes: &bits, masks: &[u64::MAX >> 1] };
            let mut out = [9.0; LANES];
            similarities_scalar(set, set, 63, LANES, &mut out);
            assert_eq!(out, [like, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
            similarities_scalar(set, set, 64, LANES, &mut out);
            assert_eq!(out, [0.0; LANES]);
        }
    }
}
