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

/// Words that add up the bits of others: word `k` holds bit `k` of the number of ones at each place.
#[cfg(target_arch = "x86_64")]
const SUMS: usize = 3;
/// Vectors of `a` whose words are made ready together.
#[cfg(target_arch = "x86_64")]
const ROWS: usize = 96;

/// See [`similarities_scalar`]. As the words lie within their masks, the bits in common need no mask; the ones of each vector are
/// counted under the other's mask after its words were added up place by place.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn similarities_avx2<const W: usize>(
    a: Masked<'_, W>,
    b: Masked<'_, W>,
    least: u32,
    stride: usize,
    out: &mut [f32],
) {
    use std::arch::x86_64::*;
    const { assert!(W < 1 << SUMS && W.is_multiple_of(2)) };
    let (na, nb) = (a.len(), b.len());
    assert!(a.planes.len() >= na * W && b.planes.len() >= nb * W);
    assert!(stride.is_multiple_of(LANES) && stride >= nb && out.len() >= na * stride);
    let zero = _mm256_setzero_si256();
    let low = _mm256_set1_epi8(15);
    let all = |word: u64| _mm256_set1_epi64x(word as i64);
    // The ones of each byte, times a weight that `ones` holds for each number of four bits.
    let count = |v, ones| {
        let high = _mm256_and_si256(_mm256_srli_epi16::<4>(v), low);
        _mm256_add_epi8(_mm256_shuffle_epi8(ones, _mm256_and_si256(v, low)), _mm256_shuffle_epi8(ones, high))
    };
    let ones = _mm256_setr_epi8(
        0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
    );
    let twos = _mm256_add_epi8(ones, ones);
    let fours = _mm256_add_epi8(twos, twos);
    let total = |sums: [__m256i; SUMS]| {
        let bytes = _mm256_add_epi8(_mm256_add_epi8(count(sums[0], ones), count(sums[1], twos)), count(sums[2], fours));
        _mm256_sad_epu8(bytes, zero)
    };
    // Two more words, place by place.
    let add = |[s, t, u]: [__m256i; SUMS], x, y| {
        let either = _mm256_xor_si256(s, x);
        let carry = _mm256_or_si256(_mm256_and_si256(s, x), _mm256_and_si256(either, y));
        let next = _mm256_and_si256(t, carry);
        [_mm256_xor_si256(either, y), _mm256_xor_si256(t, carry), _mm256_xor_si256(u, next)]
    };
    // Four counts each, as eight numbers of 32 bits.
    let lanes = |v: [__m256i; 2]| {
        let both = _mm256_shuffle_ps::<0b10_00_10_00>(_mm256_castsi256_ps(v[0]), _mm256_castsi256_ps(v[1]));
        _mm256_castpd_si256(_mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_castps_pd(both)))
    };
    let root = |v| _mm256_sqrt_ps(_mm256_cvtepi32_ps(v));
    let least = _mm256_set1_epi32(least as i32 - 1);
    for first in (0..na).step_by(ROWS) {
        let rows = ROWS.min(na - first);
        let mut own = [([0u64; W], [0u64; SUMS]); ROWS];
        for (i, (words, sums)) in own.iter_mut().enumerate().take(rows) {
            for (w, word) in words.iter_mut().enumerate() {
                *word = a.planes[w * na + first + i] & a.masks[first + i];
                let carry = sums[0] & *word;
                sums[2] ^= sums[1] & carry;
                sums[1] ^= carry;
                sums[0] ^= *word;
            }
        }
        for j in (0..stride).step_by(LANES) {
            let mut existing = [0i64; LANES];
            existing[..nb.saturating_sub(j).min(LANES)].fill(-1);
            let (mut masks, mut words, mut sums) = ([zero; 2], [[zero; W]; 2], [[zero; SUMS]; 2]);
            for half in 0..2 {
                let at = j + half * LANES / 2;
                // SAFETY: half of `existing`, and masked loads that touch words `at` to `min(at + 4, nb)` of b's masks and of its
                // plane `w < W`, which exist.
                unsafe {
                    let exists = _mm256_loadu_si256(existing.as_ptr().add(half * LANES / 2).cast());
                    let load =
                        |list: &[u64], start| _mm256_maskload_epi64(list.as_ptr().wrapping_add(start).cast(), exists);
                    masks[half] = load(b.masks, at);
                    for (w, word) in words[half].iter_mut().enumerate() {
                        *word = _mm256_and_si256(load(b.planes, w * nb + at), masks[half]);
                    }
                }
                for w in (0..W).step_by(2) {
                    sums[half] = add(sums[half], words[half][w], words[half][w + 1]);
                }
            }
            for (i, (own, own_sums)) in own.iter().enumerate().take(rows) {
                let (mut known, mut ones_a, mut ones_b, mut common) = ([zero; 2], [zero; 2], [zero; 2], [zero; 2]);
                let mask = all(a.masks[first + i]);
                for half in 0..2 {
                    known[half] = _mm256_sad_epu8(count(_mm256_and_si256(masks[half], mask), ones), zero);
                    let (mut in_a, mut in_b, mut both) = ([zero; SUMS], [zero; SUMS], [zero; SUMS]);
                    for k in 0..SUMS {
                        in_a[k] = _mm256_and_si256(all(own_sums[k]), masks[half]);
                        in_b[k] = _mm256_and_si256(sums[half][k], mask);
                    }
                    for w in (0..W).step_by(2) {
                        let of = |w: usize| _mm256_and_si256(all(own[w]), words[half][w]);
                        both = add(both, of(w), of(w + 1));
                    }
                    (ones_a[half], ones_b[half], common[half]) = (total(in_a), total(in_b), total(both));
                }
                let (known, ones_a, ones_b, common) = (lanes(known), lanes(ones_a), lanes(ones_b), lanes(common));
                let apart = _mm256_sub_epi32(_mm256_add_epi32(ones_a, ones_b), _mm256_add_epi32(common, common));
                let share = _mm256_div_ps(root(apart), _mm256_add_ps(root(ones_a), root(ones_b)));
                let some = |v| _mm256_cmpgt_epi32(v, zero);
                let good =
                    _mm256_and_si256(_mm256_and_si256(some(ones_a), some(ones_b)), _mm256_cmpgt_epi32(known, least));
                let s = _mm256_and_ps(_mm256_sub_ps(_mm256_set1_ps(1.0), share), _mm256_castsi256_ps(good));
                // SAFETY: `j + LANES <= stride`, so this ends within row `first + i < na`.
                unsafe { _mm256_storeu_ps(out.as_mut_ptr().add((first + i) * stride + j), s) };
            }
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
