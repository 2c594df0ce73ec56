//! Advanced SIMD of 64-bit Arm: a register holds two halves of the sums of two rows with one probe.

use std::arch::aarch64::*;

use super::{BitProbes, ByteProbes, Line, MAX_PROBES, OFFSET, PLANES, ROWS};

/// Rows that are summed at a time.
const LANES: usize = 8;

/// See [`super::byte_sums`].
///
/// # Safety
/// The machine has Neon; the panel has as many steps as the probes.
#[target_feature(enable = "neon")]
pub(super) unsafe fn byte_sums(probes: &ByteProbes, panel: &[Line], sums: &mut [[i32; ROWS]; MAX_PROBES]) {
    // SAFETY: the caller's promise; `lanes` is a multiple of the arms' values.
    unsafe {
        match probes.lanes() {
            1 => bytes::<1>(probes, panel, sums),
            2 => bytes::<2>(probes, panel, sums),
            _ => bytes::<4>(probes, panel, sums),
        }
    }
}

/// `P` probes at a time.
///
/// # Safety
/// As [`byte_sums`]; the lanes of the probes are a multiple of `P`.
#[target_feature(enable = "neon")]
unsafe fn bytes<const P: usize>(probes: &ByteProbes, panel: &[Line], out: &mut [[i32; ROWS]; MAX_PROBES]) {
    let lanes = probes.lanes();
    for probe in (0..lanes).step_by(P) {
        for first in (0..ROWS).step_by(LANES) {
            // SAFETY: the panel has two lines for each step, the probes `lanes` quads of four bytes. The rest needs Neon only.
            unsafe {
                let mut sums = [[vdupq_n_s32(0); LANES / 2]; P];
                for k in 0..probes.steps() {
                    let rows = panel.as_ptr().add(2 * k).cast::<u8>().add(first * 4);
                    let mut bytes = [vdup_n_s8(0); LANES / 2];
                    for (pair, bytes) in bytes.iter_mut().enumerate() {
                        *bytes = vreinterpret_s8_u8(veor_u8(vld1_u8(rows.add(8 * pair)), vdup_n_u8(OFFSET)));
                    }
                    for (p, sums) in sums.iter_mut().enumerate() {
                        let quad = probes.quads.as_ptr().add(k * lanes + probe + p).cast::<i32>().read_unaligned();
                        let quad = vreinterpret_s8_s32(vdup_n_s32(quad));
                        for (sum, &bytes) in sums.iter_mut().zip(&bytes) {
                            *sum = vpadalq_s16(*sum, vmull_s8(bytes, quad));
                        }
                    }
                }
                for (sums, out) in sums.iter().zip(&mut out[probe..]) {
                    for half in 0..LANES / 4 {
                        let four = vpaddq_s32(sums[2 * half], sums[2 * half + 1]);
                        vst1q_s32(out[first + 4 * half..][..4].as_mut_ptr(), four);
                    }
                }
            }
        }
    }
}

/// See [`super::bit_sums`].
///
/// # Safety
/// The machine has Neon; the panel has as many steps as the probes.
#[target_feature(enable = "neon")]
pub(super) unsafe fn bit_sums(probes: &BitProbes, panel: &[Line], out: &mut [[i32; ROWS]; MAX_PROBES]) {
    const { assert!(8 * ((1 << PLANES) - 1) < 256) };
    let lanes = probes.lanes();
    for (p, out) in out.iter_mut().enumerate().take(lanes) {
        // SAFETY: the panel has two lines (eight registers of four rows) for each step. The rest needs Neon only.
        unsafe {
            let mut sums = [vdupq_n_u32(0); ROWS / 4];
            for k in 0..probes.steps() {
                let planes = probes.words[k * lanes + p];
                let rows = panel.as_ptr().add(2 * k).cast::<u8>();
                for (quad, sum) in sums.iter_mut().enumerate() {
                    let row = vld1q_u8(rows.add(16 * quad));
                    let mut bytes = vdupq_n_u8(0);
                    for plane in planes.into_iter().rev() {
                        let count = vcntq_u8(veorq_u8(row, vreinterpretq_u8_u32(vdupq_n_u32(plane))));
                        bytes = vaddq_u8(vaddq_u8(bytes, bytes), count);
                    }
                    *sum = vpadalq_u16(*sum, vpaddlq_u8(bytes));
                }
            }
            for (sum, out) in sums.iter().zip(out.as_chunks_mut::<4>().0) {
                vst1q_s32(out.as_mut_ptr(), vreinterpretq_s32_u32(*sum));
            }
        }
    }
}
