//! The nearest bit vector of a set to each of many, where a gallery scan spends its time.
//!
//! Unlike in [`super::popcount`], the many vectors are in the lanes and the set's vectors are broadcast one after the
//! other: nothing is reduced across lanes, and a set of any length is read without padding. Words of the vectors can be
//! left out.

use super::instruction_set::InstructionSet;

/// Vectors of a group.
pub(crate) const LANES: usize = 8;

/// [`LANES`] vectors of `P` words: word `w` of vector `k` is `[w][k]`.
pub(crate) type Group<const P: usize> = [[u64; LANES]; P];

/// Most vectors of a set: their numbers have 8 bits.
pub(crate) const MOST: usize = 256;

/// The result for a vector `a` in one word: `(4 |a and b| - |b|) << 20 | |b| << 8 | j` where it is largest over the
/// set's vectors `b` with number `j`. `4 |a and b| - |b|` ranks like twice the common bits minus the differing bits,
/// because `|a|` is the same for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(transparent)]
pub(crate) struct Nearest(pub(crate) i64);

impl Nearest {
    /// The result for a set without vectors.
    pub(crate) const NONE: Self = Self(i64::MIN);
    /// Bits of a set vector's number.
    pub(crate) const NUMBER: u32 = 8;
    /// Bits of a set vector's number and ones.
    pub(crate) const BELOW: u32 = 20;
    /// The field of the ones.
    pub(crate) const ONES: i64 = (1 << (Self::BELOW - Self::NUMBER)) - 1;

    /// The word of a pair with `common` bits in common, for a set vector with `ones` ones and index `number`.
    #[inline(always)]
    pub(crate) fn new(common: i64, ones: i64, number: usize) -> Self {
        Self((4 * common - ones) << Self::BELOW | ones << Self::NUMBER | number as i64)
    }

    /// Number of the set's vector.
    pub(crate) fn number(self) -> usize {
        (self.0 & ((1 << Self::NUMBER) - 1)) as usize
    }

    /// Number of common bits, and number of ones of the set's vector.
    pub(crate) fn counts(self) -> (i32, i32) {
        let ones = self.0 >> Self::NUMBER & Self::ONES;
        ((((self.0 >> Self::BELOW) + ones) >> 2) as i32, ones as i32)
    }
}

/// Finds the nearest of a set's vectors to each of `probe`'s, by the words `sections` alone; `planes` holds the set's `n`
/// vectors of `P` words word after word, at most [`MOST`] of them. Only the bits `counted` of the set's words count,
/// and the probe's words have no others. One result for each lane goes to `out`.
pub(crate) fn nearest<const W: usize, const P: usize>(
    instructions: InstructionSet,
    probe: &[Group<P>],
    sections: [usize; W],
    (planes, n): (&[u64], usize),
    counted: u64,
    out: &mut Vec<Nearest>,
) {
    const { assert!(W * 64 <= Nearest::ONES as usize, "the field of the ones must hold all bits") };
    assert!(n <= MOST && planes.len() == n * P && sections.iter().all(|&w| w < P));
    out.clear();
    out.resize(probe.len() * LANES, Nearest::NONE);
    let set = sections.map(|w| &planes[w * n..(w + 1) * n]);
    match instructions {
        // SAFETY: the value proves that this machine has the features, and lengths were checked above.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512(_) => unsafe { nearest_avx512(probe, sections, set, counted, out) },
        // SAFETY: the value proves that this machine has the features.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2(_) => unsafe { nearest_avx2(probe, sections, set, counted, out) },
        _ => nearest_scalar(probe, sections, set, counted, out),
    }
}

/// The readable form. On aarch64 `count_ones` is NEON's `cnt` already.
#[inline(always)]
fn nearest_scalar<const W: usize, const P: usize>(
    probe: &[Group<P>],
    sections: [usize; W],
    set: [&[u64]; W],
    counted: u64,
    out: &mut [Nearest],
) {
    let n = set.first().map_or(0, |plane| plane.len());
    for (j, words) in (0..n).map(|j| set.map(|plane| plane[j] & counted)).enumerate() {
        let ones: u32 = words.iter().map(|w| w.count_ones()).sum();
        for (group, out) in probe.iter().zip(out.chunks_exact_mut(LANES)) {
            for (k, out) in out.iter_mut().enumerate() {
                let both = |(&section, &word): (&usize, &u64)| (group[section][k] & word).count_ones();
                let common: u32 = sections.iter().zip(&words).map(both).sum();
                *out = (*out).max(Nearest::new(i64::from(common), i64::from(ones), j));
            }
        }
    }
}

/// Counts the bits of bytes by a table of four bits.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
#[allow(clippy::needless_range_loop)] // The index is used in several lists.
fn nearest_avx2<const W: usize, const P: usize>(
    probe: &[Group<P>],
    sections: [usize; W],
    set: [&[u64]; W],
    counted: u64,
    out: &mut [Nearest],
) {
    use std::arch::x86_64::*;
    const { assert!(W * 8 <= u8::MAX as usize, "a byte must hold the count of its bits in all words") };
    let n = set.first().map_or(0, |plane| plane.len()).min(MOST);
    let mut own = [0i64; MOST];
    for j in 0..n {
        let mut ones = 0;
        for w in 0..W {
            ones += i64::from((set[w][j] & counted).count_ones());
        }
        own[j] = Nearest::new(0, ones, j).0;
    }
    let (zero, low) = (_mm256_setzero_si256(), _mm256_set1_epi8(15));
    let ones = _mm256_setr_epi8(
        0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
    );
    for (group, out) in probe.iter().zip(out.as_chunks_mut::<LANES>().0) {
        let mut bits = [[zero; 2]; W];
        for w in 0..W {
            for half in 0..2 {
                let words = &group[sections[w]].as_chunks::<4>().0[half];
                // SAFETY: these are four words.
                bits[w][half] = unsafe { _mm256_loadu_si256(words.as_ptr().cast()) };
            }
        }
        let mut best = [_mm256_set1_epi64x(Nearest::NONE.0); 2];
        for j in 0..n {
            let own = _mm256_set1_epi64x(own[j]);
            let mut bytes = [zero; 2];
            for w in 0..W {
                let word = _mm256_set1_epi64x(set[w][j] as i64);
                for half in 0..2 {
                    let both = _mm256_and_si256(bits[w][half], word);
                    let high = _mm256_and_si256(_mm256_srli_epi16::<4>(both), low);
                    let lower = _mm256_shuffle_epi8(ones, _mm256_and_si256(both, low));
                    let counts = _mm256_add_epi8(lower, _mm256_shuffle_epi8(ones, high));
                    bytes[half] = _mm256_add_epi8(bytes[half], counts);
                }
            }
            for half in 0..2 {
                // 4 times the common bits, above the ones and the number.
                let common = _mm256_slli_epi64::<{ Nearest::BELOW as i32 + 2 }>(_mm256_sad_epu8(bytes[half], zero));
                let pair = _mm256_add_epi64(common, own);
                best[half] = _mm256_blendv_epi8(best[half], pair, _mm256_cmpgt_epi64(pair, best[half]));
            }
        }
        for half in 0..2 {
            let results = &mut out.as_chunks_mut::<4>().0[half];
            // SAFETY: these are four results, each of which is one number of 64 bits.
            unsafe { _mm256_storeu_si256(results.as_mut_ptr().cast(), best[half]) };
        }
    }
}

/// # Safety
/// The planes of `set` are of one length, at most [`MOST`]; `out` holds [`LANES`] values for each group.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vpopcntdq")]
unsafe fn nearest_avx512<const W: usize, const P: usize>(
    probe: &[Group<P>],
    sections: [usize; W],
    set: [&[u64]; W],
    counted: u64,
    out: &mut [Nearest],
) {
    use std::arch::x86_64::*;
    let n = set.first().map_or(0, |plane| plane.len());
    // The terms common to all pairs with vector `j`: minus its ones, its ones, its number.
    let mut own = [std::mem::MaybeUninit::<i64>::uninit(); MOST];
    for j in (0..n).step_by(LANES) {
        let lanes = if n - j >= LANES { u8::MAX } else { (1 << (n - j)) - 1 };
        let mut ones = _mm512_setzero_si512();
        for plane in set {
            // SAFETY: the masked load touches words `j` to `min(j + 8, n)` of the plane.
            let word = unsafe { _mm512_maskz_loadu_epi64(lanes, plane.as_ptr().add(j).cast()) };
            let word = _mm512_and_si512(word, _mm512_set1_epi64(counted as i64));
            ones = _mm512_add_epi64(ones, _mm512_popcnt_epi64(word));
        }
        let number = _mm512_add_epi64(_mm512_set1_epi64(j as i64), _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
        let less = _mm512_slli_epi64::<{ Nearest::BELOW }>(_mm512_sub_epi64(_mm512_setzero_si512(), ones));
        let low = _mm512_or_si512(_mm512_slli_epi64::<{ Nearest::NUMBER }>(ones), number);
        // SAFETY: `j + 8 <= MOST`, because `j < n <= MOST` and both are multiples of 8.
        unsafe { _mm512_storeu_si512(own.as_mut_ptr().add(j).cast(), _mm512_or_si512(less, low)) };
    }
    // SAFETY: the first `n` values, rounded up to a multiple of 8, were written above.
    let own = unsafe { std::slice::from_raw_parts(own.as_ptr().cast::<i64>(), n) };
    let (mut probe, mut out) = (probe, out);
    while !probe.is_empty() {
        let groups = probe.len().min(GROUPS);
        let (these, next) = probe.split_at(groups);
        let (results, rest) = std::mem::take(&mut out).split_at_mut(groups * LANES);
        // SAFETY: the caller's promise; `results` holds LANES values for each of `these`.
        unsafe {
            match groups {
                1 => pass_avx512::<W, P, 1>(these, sections, set, own, results),
                2 => pass_avx512::<W, P, 2>(these, sections, set, own, results),
                _ => pass_avx512::<W, P, GROUPS>(these, sections, set, own, results),
            }
        }
        (probe, out) = (next, rest);
    }
}

/// Groups that share one pass over the set: as many as fit the registers with six sections.
#[cfg(target_arch = "x86_64")]
const GROUPS: usize = 3;

/// # Safety
/// The planes of `set` are as long as `own`; `probe` has `G` groups, `out` [`LANES`] values for each.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vpopcntdq")]
unsafe fn pass_avx512<const W: usize, const P: usize, const G: usize>(
    probe: &[Group<P>],
    sections: [usize; W],
    set: [&[u64]; W],
    own: &[i64],
    out: &mut [Nearest],
) {
    use std::arch::x86_64::*;
    let bits: [[__m512i; W]; G] = std::array::from_fn(|g| {
        std::array::from_fn(|w| {
            // SAFETY: a section of a group is eight words.
            unsafe { _mm512_loadu_si512(probe[g][sections[w]].as_ptr().cast()) }
        })
    });
    let mut best = [_mm512_set1_epi64(Nearest::NONE.0); G];
    for (j, &own) in own.iter().enumerate() {
        let own = _mm512_set1_epi64(own);
        // SAFETY: `j` is below the length of the planes.
        let words: [__m512i; W] =
            std::array::from_fn(|w| _mm512_set1_epi64(unsafe { *set[w].get_unchecked(j) } as i64));
        for (best, bits) in best.iter_mut().zip(&bits) {
            let mut common = _mm512_popcnt_epi64(_mm512_and_si512(bits[0], words[0]));
            for w in 1..W {
                common = _mm512_add_epi64(common, _mm512_popcnt_epi64(_mm512_and_si512(bits[w], words[w])));
            }
            // 4 times the common bits, above the ones and the number.
            *best = _mm512_max_epi64(*best, _mm512_add_epi64(_mm512_slli_epi64::<{ Nearest::BELOW + 2 }>(common), own));
        }
    }
    for (g, &best) in best.iter().enumerate() {
        // SAFETY: `out` holds eight values of 64 bits for each of the G groups.
        unsafe { _mm512_storeu_si512(out.as_mut_ptr().add(g * LANES).cast(), best) };
    }
}

/// Prefetches the cache lines of words that will be read soon.
#[inline(always)]
pub(crate) fn prefetch(words: &[u64]) {
    #[cfg(target_arch = "x86_64")]
    for line in words.chunks(8) {
        // SAFETY: a prefetch reads nothing; SSE is part of the architecture.
        unsafe { std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = words;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::instruction_set::on_every_set;
    use super::*;

    const PLANES: usize = 6;
    const COUNTED: u64 = (1 << 52) - 1;

    fn words() -> impl Strategy<Value = u64> {
        (any::<u64>(), any::<u64>()).prop_map(|(a, b)| a & b)
    }

    fn check<const W: usize>(probe: &[Group<PLANES>], sections: [usize; W], set: &[[u64; PLANES]]) {
        let n = set.len();
        let planes: Vec<u64> = (0..PLANES).flat_map(|w| set.iter().map(move |d| d[w])).collect();
        let found = on_every_set(|instructions| {
            let mut out = vec![Nearest(7); 3];
            nearest(instructions, probe, sections, (&planes, n), COUNTED, &mut out);
            out
        });
        for (lane, found) in found.iter().enumerate().filter(|_| n > 0) {
            let counts = |j: usize| {
                let both =
                    |w: &usize| (probe[lane / LANES][*w][lane % LANES] & COUNTED & set[j][*w]).count_ones() as i32;
                let ones = |w: &usize| (set[j][*w] & COUNTED).count_ones() as i32;
                (sections.iter().map(both).sum::<i32>(), sections.iter().map(ones).sum::<i32>())
            };
            assert_eq!(found.counts(), counts(found.number()));
            let value = |(common, ones): (i32, i32)| 4 * common - ones;
            assert_eq!((0..n).map(|j| value(counts(j))).max(), Some(value(found.counts())));
        }
    }

    proptest! {
        #[test]
        fn every_kernel_finds_the_nearest(
            probe in prop::collection::vec(prop::collection::vec(words(), LANES * PLANES), 0..8),
            set in prop::collection::vec(prop::collection::vec(words(), PLANES), 0..100),
        ) {
            let probe: Vec<Group<PLANES>> = probe
                .iter()
                .map(|g| std::array::from_fn(|w| std::array::from_fn(|k| g[w * LANES + k] & COUNTED)))
                .collect();
            let set: Vec<[u64; PLANES]> = set.iter().map(|d| std::array::from_fn(|w| d[w])).collect();
            check(&probe, [0, 3], &set);
            check(&probe, [0, 1, 2, 3, 4, 5], &set);
        }
    }

    #[test]
    fn the_fullest_set_fits() {
        let probe = [[[COUNTED; LANES]; PLANES]];
        let set: Vec<[u64; PLANES]> = (0..MOST).map(|j| [if j == 77 { u64::MAX } else { 1 }; PLANES]).collect();
        let planes: Vec<u64> = (0..PLANES).flat_map(|w| set.iter().map(move |d| d[w])).collect();
        let mut out = Vec::new();
        nearest(InstructionSet::best(), &probe, [0, 1, 2, 3, 4, 5], (&planes, MOST), COUNTED, &mut out);
        assert!(out.iter().all(|f| f.number() == 77 && f.counts() == (312, 312)));
    }
}
