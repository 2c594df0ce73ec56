//! Pairs of points out of what a search for the nearest descriptors found.

use super::instruction_set::InstructionSet;
use super::nearest::Nearest;
use super::popcount::LANES;
use super::support::{MOST, Pairs};

/// Places and directions of a set's points, packed in words from the lowest bits upwards.
#[derive(Clone, Copy)]
pub(crate) struct Points<'a> {
    /// Steps to the right, 16 bits each.
    pub(crate) x: &'a [u64],
    /// Steps downwards, 16 bits each.
    pub(crate) y: &'a [u64],
    /// 256ths of a turn, 8 bits each.
    pub(crate) direction: &'a [u64],
    /// Length of a step; one over a power of two, so that nothing is rounded.
    pub(crate) step: f32,
}

impl Points<'_> {
    /// Place (y upwards) and direction of point `j`; zeros when there is none.
    #[inline(always)]
    pub(crate) fn get(&self, j: usize) -> (f32, f32, i32) {
        let place = |words: &[u64]| words.get(j / 4).map_or(0, |w| (w >> (16 * (j % 4))) as u16);
        let direction = self.direction.get(j / 8).map_or(0, |w| (w >> (8 * (j % 8))) as u8);
        (f32::from(place(self.x)) * self.step, -f32::from(place(self.y)) * self.step, i32::from(direction))
    }
}

/// The probe's side of the pairs, for each lane.
#[derive(Clone, Copy)]
pub(crate) struct Own<'a> {
    /// Ones of the descriptors.
    pub(crate) ones: &'a [i32],
    /// Directions, 256ths of a turn.
    pub(crate) direction: &'a [i32],
}

/// Fills the weights, the places in plane b and the turns of `pairs`: each of the probe's descriptors with what it found.
/// A pair weighs Dice's coefficient of the two descriptors, twice the bits in common over the bits of both.
pub(crate) fn pair_up(set: InstructionSet, found: &[Nearest], own: Own<'_>, points: Points<'_>, pairs: &mut Pairs) {
    assert!(found.len().is_multiple_of(LANES) && found.len() <= MOST);
    assert!(own.ones.len() == found.len() && own.direction.len() == found.len());
    match set {
        // SAFETY: the value proves that this machine has the features, and lengths were checked.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512(_) if points.x.len() <= WORDS => unsafe { pair_up_avx512(found, own, points, pairs) },
        _ => pair_up_scalar(found, own, points, pairs),
    }
}

fn pair_up_scalar(found: &[Nearest], own: Own<'_>, points: Points<'_>, pairs: &mut Pairs) {
    for (k, (found, (&ones, &direction))) in found.iter().zip(own.ones.iter().zip(own.direction)).enumerate() {
        let (common, others) = found.counts();
        pairs.weight[k] = (2 * common) as f32 / (ones + others).max(1) as f32;
        let (x, y, towards) = points.get(found.number());
        (pairs.bx[k], pairs.by[k], pairs.turn[k]) = (x, y, direction - towards);
    }
}

/// Words of places that the registers of the kernel hold: 128 points.
#[cfg(target_arch = "x86_64")]
const WORDS: usize = 32;

/// # Safety
/// `found` holds a multiple of [`LANES`], at most [`MOST`], and `own` as many; there are at most [`WORDS`] of places.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
unsafe fn pair_up_avx512(found: &[Nearest], own: Own<'_>, points: Points<'_>, pairs: &mut Pairs) {
    use std::arch::x86_64::*;
    // SAFETY: a masked load touches the words that exist; without any, the pointer is not followed.
    let load = |words: &[u64], at: usize| unsafe {
        let left = words.len().saturating_sub(at).min(8);
        _mm512_maskz_loadu_epi64(((1u32 << left) - 1) as u8, words.as_ptr().wrapping_add(at).cast())
    };
    let (x, y) = ([0, 8, 16, 24].map(|at| load(points.x, at)), [0, 8, 16, 24].map(|at| load(points.y, at)));
    let towards = [load(points.direction, 0), load(points.direction, 8)];

    // Numbers past those found stay 0: what they look up lies in lanes that nobody reads.
    let mut numbers = [0u16; 64];
    for at in (0..found.len()).step_by(LANES) {
        // SAFETY: `at + 8 <= found.len()`, which is also the length of `ones`.
        let (word, ones) = unsafe {
            (_mm512_loadu_si512(found.as_ptr().add(at).cast()), _mm256_loadu_si256(own.ones.as_ptr().add(at).cast()))
        };
        let others = _mm512_and_si512(_mm512_srli_epi64::<{ Nearest::NUMBER }>(word), _mm512_set1_epi64(Nearest::ONES));
        let value = _mm512_srai_epi64::<{ Nearest::BELOW }>(word);
        // Four times the common bits, halved.
        let common = _mm512_srai_epi64::<1>(_mm512_add_epi64(value, others));
        let both = _mm512_add_epi64(_mm512_cvtepi32_epi64(ones), others);
        let both = _mm512_max_epi64(both, _mm512_set1_epi64(1));
        let weight = _mm256_div_ps(_mm512_cvtepi64_ps(common), _mm512_cvtepi64_ps(both));
        let number = _mm512_cvtepi64_epi16(_mm512_and_si512(word, _mm512_set1_epi64(255)));
        // SAFETY: `at + 8 <= found.len() <= MOST < 64`.
        unsafe {
            _mm256_storeu_ps(pairs.weight.as_mut_ptr().add(at), weight);
            _mm_storeu_si128(numbers.as_mut_ptr().add(at).cast(), number);
        }
    }

    let step = _mm512_set1_ps(points.step);
    for start in (0..found.len()).step_by(32) {
        // SAFETY: `start` is 0 or 32, of 64 numbers.
        let number = unsafe { _mm512_loadu_si512(numbers.as_ptr().add(start).cast()) };
        let high = _mm512_test_epi16_mask(number, _mm512_set1_epi16(64));
        let look_up = |table: &[__m512i; 4]| {
            let low = _mm512_permutex2var_epi16(table[0], number, table[1]);
            _mm512_mask_mov_epi16(low, high, _mm512_permutex2var_epi16(table[2], number, table[3]))
        };
        let (x, y) = (look_up(&x), look_up(&y));
        // Two directions to a field of 16 bits.
        let two = _mm512_permutex2var_epi16(towards[0], _mm512_srli_epi16::<1>(number), towards[1]);
        let odd = _mm512_slli_epi16::<3>(_mm512_and_si512(number, _mm512_set1_epi16(1)));
        let towards = _mm512_and_si512(_mm512_srlv_epi16(two, odd), _mm512_set1_epi16(255));
        for half in [0, 1] {
            let at = start + 16 * half;
            if at >= found.len() {
                break;
            }
            let wide = |v: __m512i| {
                let part = if half == 0 { _mm512_castsi512_si256(v) } else { _mm512_extracti64x4_epi64::<1>(v) };
                _mm512_cvtepu16_epi32(part)
            };
            let lanes = if found.len() - at >= 16 { u16::MAX } else { (1 << (found.len() - at)) - 1 };
            // Below zero as the scalar form makes it: the sign of a zero too.
            let down = _mm512_xor_si512(_mm512_castps_si512(_mm512_cvtepi32_ps(wide(y))), _mm512_set1_epi32(i32::MIN));
            // SAFETY: the masked accesses touch `at` to `min(at + 16, found.len())`, and `found.len() <= MOST`.
            unsafe {
                let bx = _mm512_mul_ps(_mm512_cvtepi32_ps(wide(x)), step);
                _mm512_mask_storeu_ps(pairs.bx.as_mut_ptr().add(at), lanes, bx);
                let by = _mm512_mul_ps(_mm512_castsi512_ps(down), step);
                _mm512_mask_storeu_ps(pairs.by.as_mut_ptr().add(at), lanes, by);
                let direction = _mm512_maskz_loadu_epi32(lanes, own.direction.as_ptr().add(at));
                let turn = _mm512_sub_epi32(direction, wide(towards));
                _mm512_mask_storeu_epi32(pairs.turn.as_mut_ptr().add(at), lanes, turn);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::instruction_set::{bits, on_every_set};
    use super::*;

    proptest! {
        #[test]
        fn every_set_pairs_alike(
            groups in 0usize..=MOST / LANES,
            points in prop::collection::vec((any::<u64>(), any::<u64>(), any::<u64>()), 1..40),
            seeds in prop::collection::vec((any::<u16>(), 0i64..=312, 0i64..=312, 0i32..=312, 0i32..256), MOST),
        ) {
            let x: Vec<u64> = points.iter().map(|p| p.0).collect();
            let y: Vec<u64> = points.iter().map(|p| p.1).collect();
            let direction: Vec<u64> = points.iter().take(points.len().div_ceil(2)).map(|p| p.2).collect();
            let points = Points { x: &x, y: &y, direction: &direction, step: 0.25 };
            let seeds = &seeds[..groups * LANES];
            let found: Vec<Nearest> = seeds
                .iter()
                .map(|s| Nearest::new(s.1.min(s.2), s.2, usize::from(s.0) % (4 * x.len()).min(256)))
                .collect();
            let ones: Vec<i32> = seeds.iter().map(|s| s.3).collect();
            let own_direction: Vec<i32> = seeds.iter().map(|s| s.4).collect();
            let own = Own { ones: &ones, direction: &own_direction };
            on_every_set(|set| {
                let mut pairs = Pairs::default();
                pair_up(set, &found, own, points, &mut pairs);
                (bits(&pairs.weight), bits(&pairs.bx), bits(&pairs.by), pairs.turn)
            });
        }
    }

    #[test]
    fn nothing_found_weighs_nothing() {
        let own = Own { ones: &[0; LANES], direction: &[9; LANES] };
        let points = Points { x: &[], y: &[], direction: &[], step: 0.25 };
        let mut pairs = Pairs::default();
        pair_up(InstructionSet::best(), &[Nearest::new(0, 0, 0); LANES], own, points, &mut pairs);
        assert_eq!((pairs.weight[0], pairs.turn[0]), (0.0, 9));
    }
}
