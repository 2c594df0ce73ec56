//! AVX2: two registers hold the sums of sixteen outputs at one position.

use std::arch::x86_64::*;

use super::weights::{BLOCK, GROUP, Weights, Window, cover};

/// See [`super::row`].
///
/// # Safety
/// The machine has AVX2; all groups of all positions lie within the bytes.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn row(weights: &Weights, window: Window<'_>, sums: &mut [i32]) {
    let outputs = weights.outputs();
    macro_rules! tile {
        ($n:literal, $p:literal, $block:expr, $at:expr) => {{
            let out = &mut sums[$at * outputs + $block * BLOCK..];
            // SAFETY: the caller's promise.
            unsafe { tile::<$p>(weights.blocks::<$n>($block), window, $at, outputs, out) }
        }};
    }
    cover!(weights.blocks, sums.len() / outputs, tile, (1, 5));
}

/// Sums of a block of outputs at `P` positions from `at` on.
///
/// # Safety
/// As [`row`]; `at + P` positions are within the row.
#[target_feature(enable = "avx2")]
unsafe fn tile<const P: usize>(weights: [&[i8]; 1], window: Window<'_>, at: usize, outputs: usize, out: &mut [i32]) {
    const HALF: usize = BLOCK / 2;
    assert!(out.len() >= (P - 1) * outputs + BLOCK);
    let ones = _mm256_set1_epi16(1);
    let mut sums = [[_mm256_setzero_si256(); 2]; P];
    let first = window.bytes.as_ptr().wrapping_add(at * window.step);
    for (g, &offset) in window.offsets.iter().enumerate() {
        // SAFETY: the block has `BLOCK * GROUP` weights for each of the offsets; groups lie within the bytes.
        unsafe {
            let taps: [__m256i; 2] = std::array::from_fn(|n| {
                _mm256_loadu_si256(weights[0].as_ptr().add((g * BLOCK + n * HALF) * GROUP).cast())
            });
            let bytes = first.add(offset);
            for (p, sums) in sums.iter_mut().enumerate() {
                let four = _mm256_set1_epi32(bytes.add(p * window.step).cast::<i32>().read_unaligned());
                for (sum, taps) in sums.iter_mut().zip(taps) {
                    let pairs = _mm256_maddubs_epi16(four, taps);
                    *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, ones));
                }
            }
        }
    }
    for (p, sums) in sums.into_iter().enumerate() {
        for (n, sum) in sums.into_iter().enumerate() {
            // SAFETY: `out` is long enough, by the assertion above.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().add(p * outputs + n * HALF).cast(), sum) };
        }
    }
}
