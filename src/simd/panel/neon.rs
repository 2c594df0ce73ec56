//! Advanced SIMD of 64-bit Arm: a register holds two halves of the sums of two rows with one probe.

use std::arch::aarch64::*;

use super::{BitProbes, ByteProbes, Line, MAX_PROBES, OFFSET, ROWS};

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
pub(super) unsafe fn bit_sums(probes: &BitProbes, panel: &[Line], out: &mut [[u16; ROWS]; MAX_PROBES]) {
    let lanes = probes.lanes();
    for (p, out) in out.iter_mut().enumerate().take(lanes) {
        // SAFETY: a line has two columns of two registers, for each of which the probes have `lanes` pairs of tables; panel
        // and probes have equally many. The rest needs Neon only.
        unsafe {
            let mut sums = [vdupq_n_u16(0); ROWS / 8];
            for (k, line) in panel.iter().enumerate() {
                let mut added = [vdupq_n_u8(0); ROWS / 16];
                for column in 0..2 {
                    let tables = probes.tables.as_ptr().add((2 * k + column) * lanes + p).cast::<u8>();
                    let (low, high) = (vld1q_u8(tables), vld1q_u8(tables.add(16)));
                    for (half, added) in added.iter_mut().enumerate() {
                        let row = vld1q_u8(std::ptr::from_ref(line).cast::<u8>().add(column * ROWS + 16 * half));
                        let of_low = vqtbl1q_u8(low, vandq_u8(row, vdupq_n_u8(15)));
                        let of_high = vqtbl1q_u8(high, vshrq_n_u8::<4>(row));
                        *added = vaddq_u8(*added, vaddq_u8(of_low, of_high));
                    }
                }
                for (half, added) in added.into_iter().enumerate() {
                    sums[2 * half] = vaddw_u8(sums[2 * half], vget_low_u8(added));
                    sums[2 * half + 1] = vaddw_high_u8(sums[2 * half + 1], added);
                }
            }
            for (sum, out) in sums.iter().zip(out.as_chunks_mut::<8>().0) {
                vst1q_u16(out.as_mut_ptr(), *sum);
            }
        }
    }
}
