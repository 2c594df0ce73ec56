//! Advanced SIMD of 64-bit Arm: a register holds four halves of the sums of two outputs at one position.

use std::arch::aarch64::*;

use super::weights::{BLOCK, GROUP, Weights, Window, cover};

/// See [`super::row`].
///
/// # Safety
/// The machine has Neon; all groups of all positions lie within the bytes.
#[target_feature(enable = "neon")]
pub(super) unsafe fn row(weights: &Weights, window: Window<'_>, sums: &mut [i32]) {
    let outputs = weights.outputs();
    macro_rules! tile {
        ($n:literal, $p:literal, $block:expr, $at:expr) => {{
            let out = &mut sums[$at * outputs + $block * BLOCK..];
            // SAFETY: the caller's promise.
            unsafe { tile::<$p>(weights.blocks::<$n>($block), window, $at, outputs, out) }
        }};
    }
    cover!(weights.blocks, sums.len() / outputs, tile, (1, 2));
}

/// Sums of a block of outputs at `P` positions from `at` on.
///
/// # Safety
/// As [`row`]; `at + P` positions are within the row.
#[target_feature(enable = "neon")]
unsafe fn tile<const P: usize>(weights: [&[i8]; 1], window: Window<'_>, at: usize, outputs: usize, out: &mut [i32]) {
    const PAIRS: usize = BLOCK / 2;
    assert!(out.len() >= (P - 1) * outputs + BLOCK);
    // SAFETY: the block has `BLOCK * GROUP` weights for each of the offsets; groups lie within the bytes; `out` is long
    // enough, by the assertion above. The rest needs Neon only.
    unsafe {
        let mut sums = [[vdupq_n_s32(0); PAIRS]; P];
        let first = window.bytes.as_ptr().wrapping_add(at * window.step);
        for (g, &offset) in window.offsets.iter().enumerate() {
            let bytes = first.add(offset);
            // Activations have seven bits, so they can be treated as signed.
            let fours: [int8x8_t; P] = std::array::from_fn(|p| {
                vreinterpret_s8_s32(vdup_n_s32(bytes.add(p * window.step).cast::<i32>().read_unaligned()))
            });
            for pair in 0..PAIRS {
                let taps = vld1_s8(weights[0].as_ptr().add((g * BLOCK + 2 * pair) * GROUP));
                for (sums, four) in sums.iter_mut().zip(fours) {
                    sums[pair] = vpadalq_s16(sums[pair], vmull_s8(four, taps));
                }
            }
        }
        for (p, sums) in sums.into_iter().enumerate() {
            for half in 0..PAIRS / 2 {
                let four = vpaddq_s32(sums[2 * half], sums[2 * half + 1]);
                vst1q_s32(out.as_mut_ptr().add(p * outputs + 4 * half), four);
            }
        }
    }
}
