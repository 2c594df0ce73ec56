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

    fn unpack(words: &[u64; PLANES]) -> Self {
        Self { bits: words.map(|w| w & SECTION), valid: valid(words) }
    }
}

/// The mask of packed words.
fn valid(words: &[u64; PLANES]) -> u64 {
    (0..MASKED).fold(0, |mask, w| mask | words[w] >> CELLS << (SPARE * w)) & SECTION
}

/// The next multiple of [`LANES`].
pub(crate) fn padded(n: usize) -> usize {
    n.div_ceil(LANES) * LANES
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
fn packed(planes: &[u64], n: usize, j: usize) -> [u64; PLANES] {
    std::array::from_fn(|w| planes.get(w * n + j).copied().unwrap_or(0))
}

/// Descriptor `j` of a set of `n`; zero when there is none.
pub(crate) fn descriptor(planes: &[u64], n: usize, j: usize) -> Descriptor {
    Descriptor::unpack(&packed(planes, n, j))
}

/// Appends the mask of each descriptor of a set of `n`.
pub(crate) fn masks(planes: &[u64], n: usize, out: &mut Vec<u64>) {
    out.extend((0..n).map(|j| valid(&packed(planes, n, j))));
}

/// Similarity of `probe` with each descriptor of a set, into `out`: `1 - sqrt(|a xor b|) / (sqrt|a| + sqrt|b|)` over the
/// positions observed in both; 0 where fewer than `least` were or one side has no bit there. `masks` are those of the
/// set's descriptors; `out` is [`padded`], its last values become 0. The same to the last bit on every instruction set.
pub(crate) fn similarities(probe: &Descriptor, planes: &[u64], masks: &[u64], least: u32, out: &mut [f32]) {
    let n = masks.len();
    assert_eq!(out.len(), padded(n));
    assert_eq!(planes.len(), n * PLANES);
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vpopcntdq")
        {
            // SAFETY: the features were detected; lengths were checked above.
            unsafe { similarities_avx512(probe, planes, masks, least, out) };
            return;
        }
        if is_x86_feature_detected!("popcnt") {
            // SAFETY: the feature was detected.
            unsafe { similarities_popcnt(probe, planes, masks, least, out) };
            return;
        }
    }
    similarities_scalar(probe, planes, masks, least, out);
}

/// The readable form. On aarch64 `count_ones` is NEON's `cnt` already.
#[inline(always)]
fn similarities_scalar(probe: &Descriptor, planes: &[u64], masks: &[u64], least: u32, out: &mut [f32]) {
    let n = masks.len();
    out.fill(0.0);
    for (j, (out, mask)) in out.iter_mut().zip(masks).enumerate() {
        let valid = mask & probe.valid;
        let (mut a, mut b, mut x) = (0, 0, 0);
        for (w, &bits) in probe.bits.iter().enumerate() {
            let (wa, wb) = (bits & valid, planes[w * n + j] & valid);
            a += wa.count_ones();
            b += wb.count_ones();
            x += (wa ^ wb).count_ones();
        }
        *out = if valid.count_ones() < least || a == 0 || b == 0 {
            0.0
        } else {
            1.0 - (x as f32).sqrt() / ((a as f32).sqrt() + (b as f32).sqrt())
        };
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn similarities_popcnt(probe: &Descriptor, planes: &[u64], masks: &[u64], least: u32, out: &mut [f32]) {
    similarities_scalar(probe, planes, masks, least, out);
}

/// The lanes of the step from `j` that exist among `n`.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn lanes(j: usize, n: usize) -> u8 {
    if n - j >= LANES { u8::MAX } else { (1 << (n - j)) - 1 }
}

/// # Safety
/// With `n = masks.len()`, `out.len()` is `padded(n)` and `planes` holds `PLANES` planes of `n` words.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512vpopcntdq")]
unsafe fn similarities_avx512(probe: &Descriptor, planes: &[u64], masks: &[u64], least: u32, out: &mut [f32]) {
    use std::arch::x86_64::*;
    let n = masks.len();
    let one = _mm256_set1_ps(1.0);
    let zero = _mm512_setzero_si512();
    let least = _mm512_set1_epi64(i64::from(least));
    let own = probe.bits.map(|w| _mm512_set1_epi64(w as i64));
    let own_valid = _mm512_set1_epi64(probe.valid as i64);
    for j in (0..n).step_by(LANES) {
        let lanes = lanes(j, n);
        // SAFETY: masked loads touch words `j` to `min(j + 8, n)` of `masks` and of plane `w < PLANES`, which exist.
        let load = |w: usize| unsafe { _mm512_maskz_loadu_epi64(lanes, planes.as_ptr().add(w * n + j).cast()) };
        // SAFETY: as above.
        let valid = unsafe { _mm512_maskz_loadu_epi64(lanes, masks.as_ptr().add(j).cast()) };
        let valid = _mm512_and_si512(valid, own_valid);
        let (mut a, mut b, mut x) = (zero, zero, zero);
        for (w, &bits) in own.iter().enumerate() {
            let (wa, wb) = (_mm512_and_si512(bits, valid), _mm512_and_si512(load(w), valid));
            a = _mm512_add_epi64(a, _mm512_popcnt_epi64(wa));
            b = _mm512_add_epi64(b, _mm512_popcnt_epi64(wb));
            x = _mm512_add_epi64(x, _mm512_popcnt_epi64(_mm512_xor_si512(wa, wb)));
        }
        let root = |v| _mm256_sqrt_ps(_mm512_cvtepi64_ps(v));
        let s = _mm256_sub_ps(one, _mm256_div_ps(root(x), _mm256_add_ps(root(a), root(b))));
        let good = _mm512_cmpge_epi64_mask(_mm512_popcnt_epi64(valid), least)
            & _mm512_cmpgt_epi64_mask(a, zero)
            & _mm512_cmpgt_epi64_mask(b, zero);
        // SAFETY: `j + LANES <= out.len()`, because `out` is padded.
        unsafe { _mm256_storeu_ps(out.as_mut_ptr().add(j), _mm256_maskz_mov_ps(good, s)) };
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
        let mut out = Vec::new();
        masks(planes, n, &mut out);
        out
    }

    proptest! {
        #[test]
        fn every_kernel_agrees(probe in descriptor_of(), set in proptest::collection::vec(descriptor_of(), 0..70), least in 0u32..64) {
            let n = set.len();
            let planes = planes(&set);
            let masks = masks_of(&planes, n);
            let mut scalar = vec![9.0; padded(n)];
            similarities_scalar(&probe, &planes, &masks, least, &mut scalar);
            let mut dispatched = vec![7.0; padded(n)];
            similarities(&probe, &planes, &masks, least, &mut dispatched);
            prop_assert_eq!(scalar.iter().map(|s| s.to_bits()).collect::<Vec<_>>(), dispatched.iter().map(|s| s.to_bits()).collect::<Vec<_>>());
            #[cfg(target_arch = "x86_64")]
            if is_x86_feature_detected!("popcnt") {
                let mut other = vec![7.0; padded(n)];
                // SAFETY: the feature was detected.
                unsafe { similarities_popcnt(&probe, &planes, &masks, least, &mut other) };
                prop_assert_eq!(&scalar, &other);
            }
            for (j, d) in set.iter().enumerate() {
                prop_assert_eq!(descriptor(&planes, n, j), *d);
                prop_assert_eq!(masks[j], d.valid);
            }
            prop_assert!(scalar[n..].iter().all(|&s| s == 0.0));
        }

        #[test]
        fn a_descriptor_is_like_itself(d in descriptor_of()) {
            let planes = planes(&[d]);
            let mut out = vec![0.0; LANES];
            similarities(&d, &planes, &masks_of(&planes, 1), 1, &mut out);
            prop_assert_eq!(out[0], if d.bits == [0; PLANES] { 0.0 } else { 1.0 });
            prop_assert!(out[1..].iter().all(|&s| s == 0.0));
        }
    }
}
