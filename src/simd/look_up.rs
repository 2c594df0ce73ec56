//! Look-up of the results of a search for the nearest: likeness and position.

use super::instruction_set::InstructionSet;
use super::nearest::{LANES, Nearest};

/// Most results looked up at once.
const MOST: usize = 64;

/// Positions and directions of a set's points, packed in words from the lowest bits upwards.
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
    /// Position (y up) and direction of point `j`; zeros when there is none.
    #[inline(always)]
    pub(crate) fn get(&self, j: usize) -> (f32, f32, i32) {
        let place = |words: &[u64]| words.get(j / 4).map_or(0, |w| (w >> (16 * (j % 4))) as u16);
        let direction = self.direction.get(j / 8).map_or(0, |w| (w >> (8 * (j % 8))) as u8);
        (f32::from(place(self.x)) * self.step, -f32::from(place(self.y)) * self.step, i32::from(direction))
    }
}

/// Writes the results as numbers: to `out` Dice's coefficient of the two vectors (twice the common bits over the bits
/// of both, of which one has `ones`) and the position, and to `direction` the direction of the found point.
///
/// # Panics
/// When `found` is not a multiple of [`LANES`], longer than [`MOST`] or longer than another list.
pub(crate) fn look_up(
    set: InstructionSet,
    found: &[Nearest],
    ones: &[i32],
    points: Points<'_>,
    out: [&mut [f32]; 3],
    direction: &mut [i32],
) {
    let n = found.len();
    assert!(n.is_multiple_of(LANES) && n <= MOST && ones.len() == n && direction.len() >= n);
    assert!(out.iter().all(|list| list.len() >= n));
    match set {
        // SAFETY: the value proves that this machine has the features, and lengths were checked.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512(_) if points.x.len() <= WORDS => unsafe {
            look_up_avx512(found, ones, points, out, direction);
        },
        _ => look_up_scalar(found, ones, points, out, direction),
    }
}

fn look_up_scalar(
    found: &[Nearest],
    ones: &[i32],
    points: Points<'_>,
    [weight, x, y]: [&mut [f32]; 3],
    direction: &mut [i32],
) {
    for (k, (found, &ones)) in found.iter().zip(ones).enumerate() {
        let (common, others) = found.counts();
        weight[k] = (2 * common) as f32 / (ones + others).max(1) as f32;
        (x[k], y[k], direction[k]) = points.get(found.number());
    }
}

/// Words of positions that the registers of the kernel hold: 128 points.
#[cfg(target_arch = "x86_64")]
const WORDS: usize = 32;

/// # Safety
/// `found` holds a multiple of [`LANES`], at most [`MOST`], `ones` as many, the others no fewer; there are at most
/// [`WORDS`] of positions.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
unsafe fn look_up_avx512(
    found: &[Nearest],
    ones: &[i32],
    points: Points<'_>,
    [weights, xs, ys]: [&mut [f32]; 3],
    directions: &mut [i32],
) {
    use std::arch::x86_64::*;
    // SAFETY: a masked load touches only words that exist; without any, the pointer is not dereferenced.
    let load = |words: &[u64], at: usize| unsafe {
        let left = words.len().saturating_sub(at).min(8);
        _mm512_maskz_loadu_epi64(((1u32 << left) - 1) as u8, words.as_ptr().wrapping_add(at).cast())
    };
    let (x, y) = ([0, 8, 16, 24].map(|at| load(points.x, at)), [0, 8, 16, 24].map(|at| load(points.y, at)));
    let towards = [load(points.direction, 0), load(points.direction, 8)];

    // Numbers past the results stay 0: their look-ups are in lanes that are never read.
    let mut numbers = [0u16; MOST];
    for at in (0..found.len()).step_by(LANES) {
        // SAFETY: `at + 8 <= found.len()`, which is also the length of `ones`.
        let (word, ones) = unsafe {
            (_mm512_loadu_si512(found.as_ptr().add(at).cast()), _mm256_loadu_si256(ones.as_ptr().add(at).cast()))
        };
        let others = _mm512_and_si512(_mm512_srli_epi64::<{ Nearest::NUMBER }>(word), _mm512_set1_epi64(Nearest::ONES));
        let value = _mm512_srai_epi64::<{ Nearest::BELOW }>(word);
        // Four times the common bits, halved.
        let common = _mm512_srai_epi64::<1>(_mm512_add_epi64(value, others));
        let both = _mm512_add_epi64(_mm512_cvtepi32_epi64(ones), others);
        let both = _mm512_max_epi64(both, _mm512_set1_epi64(1));
        let weight = _mm256_div_ps(_mm512_cvtepi64_ps(common), _mm512_cvtepi64_ps(both));
        let number = _mm512_cvtepi64_epi16(_mm512_and_si512(word, _mm512_set1_epi64(255)));
        // SAFETY: `at + 8 <= found.len() <= MOST`, and there are no fewer weights.
        unsafe {
            _mm256_storeu_ps(weights.as_mut_ptr().add(at), weight);
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
            // Negate as the scalar form does, including the sign of zero.
            let down = _mm512_xor_si512(_mm512_castps_si512(_mm512_cvtepi32_ps(wide(y))), _mm512_set1_epi32(i32::MIN));
            // SAFETY: the masked accesses touch `at` to `min(at + 16, found.len())`, and no list is shorter.
            unsafe {
                let right = _mm512_mul_ps(_mm512_cvtepi32_ps(wide(x)), step);
                _mm512_mask_storeu_ps(xs.as_mut_ptr().add(at), lanes, right);
                let up = _mm512_mul_ps(_mm512_castsi512_ps(down), step);
                _mm512_mask_storeu_ps(ys.as_mut_ptr().add(at), lanes, up);
                _mm512_mask_storeu_epi32(directions.as_mut_ptr().add(at), lanes, wide(towards));
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
        fn every_set_looks_up_alike(
            groups in 0usize..=MOST / LANES,
            points in prop::collection::vec((any::<u64>(), any::<u64>(), any::<u64>()), 1..40),
            seeds in prop::collection::vec((any::<u16>(), 0i64..=312, 0i64..=312, 0i32..=312), MOST),
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
            on_every_set(|set| {
                let (mut out, mut direction) = ([[7f32; MOST]; 3], [7; MOST]);
                look_up(set, &found, &ones, points, out.each_mut().map(|list| &mut list[..]), &mut direction);
                (out.map(|list| bits(&list)), direction)
            });
        }
    }

    #[test]
    fn nothing_found_weighs_nothing() {
        let points = Points { x: &[], y: &[], direction: &[], step: 0.25 };
        let (mut out, mut direction) = ([[7f32; LANES]; 3], [7; LANES]);
        let lists = out.each_mut().map(|list| &mut list[..]);
        look_up(InstructionSet::best(), &[Nearest::new(0, 0, 0); LANES], &[0; LANES], points, lists, &mut direction);
        assert_eq!((out, direction), ([[0.0; LANES]; 3], [0; LANES]));
    }
}
