//! AVX-512 VNNI: a register holds the sums of sixteen outputs at one position.

use std::arch::x86_64::*;

use super::weights::{BLOCK, GROUP, Weights, Window, cover};

/// See [`super::row`].
///
/// # Safety
/// The machine has AVX-512 F, BW, DQ, VL and VNNI; all groups of all positions lie within the bytes.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn row(weights: &Weights, window: Window<'_>, sums: &mut [i32]) {
    let outputs = weights.outputs();
    macro_rules! tile {
        ($n:literal, $p:literal, $block:expr, $at:expr) => {{
            let out = &mut sums[$at * outputs + $block * BLOCK..];
            // SAFETY: the caller's promise.
            unsafe { tile::<$n, $p>(weights.blocks::<$n>($block), window, $at, outputs, out) }
        }};
    }
    cover!(weights.blocks, sums.len() / outputs, tile, (4, 6), (3, 8), (2, 10), (1, 16));
}

/// Sums of `N` blocks of outputs at `P` positions from `at` on.
///
/// # Safety
/// As [`row`]; `at + P` positions are within the row.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn tile<const N: usize, const P: usize>(
    weights: [&[i8]; N],
    window: Window<'_>,
    at: usize,
    outputs: usize,
    out: &mut [i32],
) {
    assert!(out.len() >= (P - 1) * outputs + N * BLOCK);
    let mut sums = [[_mm512_setzero_si512(); N]; P];
    let first = window.bytes.as_ptr().wrapping_add(at * window.step);
    for (g, &offset) in window.offsets.iter().enumerate() {
        // SAFETY: every block has `BLOCK * GROUP` weights for each of the offsets; groups lie within the bytes.
        unsafe {
            let taps: [__m512i; N] =
                std::array::from_fn(|n| _mm512_loadu_si512(weights[n].as_ptr().add(g * BLOCK * GROUP).cast()));
            let bytes = first.add(offset);
            for (p, sums) in sums.iter_mut().enumerate() {
                let four = _mm512_set1_epi32(bytes.add(p * window.step).cast::<i32>().read_unaligned());
                for (sum, taps) in sums.iter_mut().zip(taps) {
                    *sum = _mm512_dpbusd_epi32(*sum, four, taps);
                }
            }
        }
    }
    for (p, sums) in sums.into_iter().enumerate() {
        for (n, sum) in sums.into_iter().enumerate() {
            // SAFETY: `out` is long enough, by the assertion above.
            unsafe { _mm512_storeu_si512(out.as_mut_ptr().add(p * outputs + n * BLOCK).cast(), sum) };
        }
    }
}
