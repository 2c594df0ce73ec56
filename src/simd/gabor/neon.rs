//! Advanced SIMD of 64-bit Arm: four registers hold the sixteen pixels of a cell, one per line.

use std::arch::aarch64::*;

use super::tile::{Kernel, Responses, STRIDE, Tile, work};

/// See [`super::filter`].
///
/// # Safety
/// The machine has Neon.
#[target_feature(enable = "neon")]
pub(super) unsafe fn filter(tile: &Tile, kernels: &[&Kernel], chosen: &[u16], out: &mut Responses) {
    for (at, column, row, kernel) in work(kernels, chosen) {
        // SAFETY: the place is within the tile; a cell has four lines of four responses.
        unsafe {
            for (j, sums) in cell(tile, kernel, column, row).into_iter().enumerate() {
                let scaled = vcvtq_s32_f32(vmulq_n_f32(vcvtq_f32_s32(sums), kernel.scale));
                vst1_s16(out[at].as_mut_ptr().add(4 * j), vqmovn_s32(scaled));
            }
        }
    }
}

/// Sums of products of a cell, line by line.
///
/// # Safety
/// As [`filter`]; column and row are cells of the tile.
#[target_feature(enable = "neon")]
unsafe fn cell(tile: &Tile, kernel: &Kernel, column: usize, row: usize) -> [int32x4_t; 4] {
    let (group, line) = kernel.origin(column, row);
    let lines = kernel.lines();
    // SAFETY: `Kernel::new` bounds the radius by the margin, so that lines `line..line + lines + 3` of groups
    // `group..group + groups` are in the tile; the kernel has `4 * groups * lines` taps. The rest needs Neon only.
    unsafe {
        let bias = vdupq_n_u8(128);
        let mut low = [vdupq_n_s32(0); 4];
        let mut high = [vdupq_n_s32(0); 4];
        for g in 0..kernel.groups {
            let pixels = tile.groups.as_ptr().cast::<u8>().add(((group + g) * STRIDE + line) * 16);
            let taps = kernel.taps.as_ptr().add(g * lines * 4);
            for y in 0..lines {
                let four = vreinterpret_s8_s32(vdup_n_s32(taps.add(4 * y).cast::<i32>().read_unaligned()));
                for j in 0..4 {
                    // Taps sum to zero, so pixels may be shifted to -128..=127.
                    let bytes = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(pixels.add(16 * (y + j))), bias));
                    low[j] = vpadalq_s16(low[j], vmull_s8(vget_low_s8(bytes), four));
                    high[j] = vpadalq_s16(high[j], vmull_s8(vget_high_s8(bytes), four));
                }
            }
        }
        std::array::from_fn(|j| vpaddq_s32(low[j], high[j]))
    }
}
