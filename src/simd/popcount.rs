//! Similarities of bit descriptors by counting common and differing bits.
//!
//! A descriptor is [`PLANES`] sections of [`CELLS`] bits and a mask that tells which cells were observed at all. It is
//! packed into [`PLANES`] words: the low bits of word `w` are section `w`, and the [`SPARE`] bits above them are the bits
//! `SPARE * w` and up of the mask. A set of descriptors is stored plane after plane (structure of arrays), without gaps.

/// Sections of a descriptor, a word each.
pub(crate) const PLANES: usize = 6;
/// Cells of a section.
pub(crate) const CELLS: usize = 52;
/// Bits of a word that a section leaves over.
pub(crate) const SPARE: usize = 64 - CELLS;
/// Descriptors that one step of the widest kernel takes.
pub(crate) const LANES: usize = 8;
/// Words that together hold the mask.
const MASKED: usize = CELLS.div_ceil(SPARE);
/// The bits of a section in its word.
pub(crate) const SECTION: u64 = (1 << CELLS) - 1;

/// One descriptor: bits (only where observed) and the mask of observed cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Descriptor {
    pub(crate) bits: [u64; PLANES],
    pub(crate) valid: u64,
}

impl Descriptor {
    fn pack(&self) -> [u64; PLANES] {
        std::array::from_fn(|w| self.bits[w] | self.valid.unbounded_shr((SPARE * w) as u32) << CELLS)
    }

    #[inline(always)]
    fn unpack(words: &[u64; PLANES]) -> Self {
        Self { bits: words.map(|w| w & SECTION), valid: valid(words) }
    }
}

/// The mask of packed words.
#[inline(always)]
fn valid(words: &[u64; PLANES]) -> u64 {
    (0..MASKED).fold(0, |mask, w| mask | words[w] >> CELLS << (SPARE * w)) & SECTION
}

/// Packs descriptors plane after plane: word `w` of descriptor `j` of `n` is `[w * n + j]`.
pub(crate) fn planes(descriptors: &[Descriptor]) -> Vec<u64> {
    let n = descriptors.len();
    let mut out = vec![0; n * PLANES];
    for (j, d) in descriptors.iter().enumerate() {
        for (w, word) in d.pack().into_iter().enumerate() {
            out[w * n + j] = word;
        }
    }
    out
}

/// The packed words of descriptor `j` of `n`; zero when there is none.
#[inline(always)]
fn packed(planes: &[u64], n: usize, j: usize) -> [u64; PLANES] {
    std::array::from_fn(|w| planes.get(w * n + j).copied().unwrap_or(0))
}

/// Descriptor `j` of a set of `n`; zero when there is none.
#[inline(always)]
pub(crate) fn descriptor(planes: &[u64], n: usize, j: usize) -> Descriptor {
    Descriptor::unpack(&packed(planes, n, j))
}

/// The mask of each descriptor of a set, as many as `out` holds.
#[inline(always)]
pub(crate) fn masks(planes: &[u64], out: &mut [u64]) {
    let n = out.len();
    out.fill(0);
    for (w, plane) in planes.chunks_exact(n.max(1)).enumerate().take(MASKED) {
        for (mask, word) in out.iter_mut().zip(plane) {
            *mask |= word >> CELLS << (SPARE * w) & SECTION;
        }
    }
}

/// Descriptors plane after plane, and their masks.
#[derive(Clone, Copy)]
pub(crate) struct Set<'a> {
    /// [`PLANES`] for each mask.
    pub(crate) planes: &'a [u64],
    pub(crate) masks: &'a [u64],
}

impl Set<'_> {
    /// Number of descriptors.
    fn len(&self) -> usize {
        self.masks.len()
    }
}

/// Similarity of each descriptor of `a` with each of `b`, into a row of `out` for each of a's, `stride` values long (a
/// multiple of [`LANES`], at least b's number; what is left becomes 0): `1 - sqrt(|a xor b|) / (sqrt|a| + sqrt|b|)` over
/// the positions observed in both; 0 where fewer than `least` were or one side has no bit there. The same to the last bit
/// on every instruction set.
///
/// The readable form. On aarch64 `count_ones` is NEON's `cnt` already.
#[inline(always)]
pub(crate) fn similarities_scalar(a: Set<'_>, b: Set<'_>, least: u32, stride: usize, out: &mut [f32]) {
    for (i, row) in out.chunks_exact_mut(stride.max(1)).enumerate().take(a.len()) {
        let own = descriptor(a.planes, a.len(), i);
        row.fill(0.0);
        for (j, (out, mask)) in row.iter_mut().zip(b.masks).enumerate() {
            let valid = mask & own.valid;
            let (mut ones_a, mut ones_b, mut apart) = (0, 0, 0);
            for (w, &bits) in own.bits.iter().enumerate() {
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
pub(crate) fn similarities_avx512(a: Set<'_>, b: Set<'_>, least: u32, stride: usize, out: &mut [f32]) {
    use std::arch::x86_64::*;
    let (na, nb) = (a.len(), b.len());
    assert!(a.planes.len() >= na * PLANES && b.planes.len() >= nb * PLANES);
    assert!(stride.is_multiple_of(LANES) && stride >= nb && out.len() >= na * stride);
    let one = _mm256_set1_ps(1.0);
    let zero = _mm512_setzero_si512();
    let least = _mm512_set1_epi64(i64::from(least));
    for j in (0..stride).step_by(LANES) {
        let lanes = lanes(j, nb);
        let at = |words: &[u64], start: usize| words.as_ptr().wrapping_add(start).cast();
        // SAFETY: masked loads touch words `j` to `min(j + 8, nb)` of b's masks, which exist.
        let mask = unsafe { _mm512_maskz_loadu_epi64(lanes, at(b.masks, j)) };
        let mut words = [zero; PLANES];
        for (w, word) in words.iter_mut().enumerate() {
            // SAFETY: as above, of b's plane `w < PLANES`.
            *word = unsafe { _mm512_maskz_loadu_epi64(lanes, at(b.planes, w * nb + j)) };
        }
        for i in 0..na {
            let valid = _mm512_and_si512(mask, _mm512_set1_epi64(a.masks[i] as i64));
            let (mut ones_a, mut ones_b, mut apart) = (zero, zero, zero);
            for (w, &word) in words.iter().enumerate() {
                // Validity leaves out the bits above the sections.
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
    use proptest::prelude::*;

    fn descriptor_of() -> impl Strategy<Value = Descriptor> {
        (any::<[u64; PLANES]>(), any::<[u64; PLANES]>(), any::<u64>(), any::<bool>()).prop_map(|(a, b, v, all)| {
            let valid = if all { SECTION } else { v & SECTION };
            let mut bits = [0; PLANES];
            for (w, bits) in bits.iter_mut().enumerate() {
                *bits = a[w] & b[w] & valid;
            }
            Descriptor { bits, valid }
        })
    }

    fn masks_of(planes: &[u64], n: usize) -> Vec<u64> {
        let mut out = vec![0; n];
        masks(planes, &mut out);
        out
    }

    proptest! {
        #[test]
        fn descriptors_come_back_and_padding_is_like_nothing(
            a in proptest::collection::vec(descriptor_of(), 0..20), b in proptest::collection::vec(descriptor_of(), 0..40),
            least in 0u32..64,
        ) {
            let (planes_a, planes_b) = (planes(&a), planes(&b));
            let (masks_a, masks_b) = (masks_of(&planes_a, a.len()), masks_of(&planes_b, b.len()));
            let set_a = Set { planes: &planes_a, masks: &masks_a };
            let set_b = Set { planes: &planes_b, masks: &masks_b };
            let stride = b.len().next_multiple_of(LANES) + LANES;
            let mut scalar = vec![9.0; stride * a.len()];
            similarities_scalar(set_a, set_b, least, stride, &mut scalar);
            for (j, d) in b.iter().enumerate() {
                prop_assert_eq!(descriptor(&planes_b, b.len(), j), *d);
                prop_assert_eq!(masks_b[j], d.valid);
            }
            prop_assert!(scalar.chunks(stride).all(|row| row[b.len()..].iter().all(|&s| s == 0.0)));
        }

        #[test]
        fn a_descriptor_is_like_itself(d in descriptor_of()) {
            let planes = planes(&[d]);
            let set = Set { planes: &planes, masks: &[d.valid] };
            let mut out = vec![0.0; LANES];
            similarities_scalar(set, set, 1, LANES, &mut out);
            prop_assert_eq!(out[0], if d.bits == [0; PLANES] { 0.0 } else { 1.0 });
            prop_assert!(out[1..].iter().all(|&s| s == 0.0));
        }
    }
}
