//! Advanced SIMD of 64-bit Arm: four registers hold the sixteen sums.

use std::arch::aarch64::*;

use super::tile::{Lanes, scan};
use crate::simd::chunk::Chunk;

#[derive(Clone, Copy)]
struct Neon(float32x4_t, float32x4_t, float32x4_t, float32x4_t);

// SAFETY: `load` reads the 64 bytes of one chunk.
unsafe impl Lanes for Neon {
    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: the caller has Neon.
        let zero = unsafe { vdupq_n_f32(0.0) };
        Self(zero, zero, zero, zero)
    }

    #[inline(always)]
    unsafe fn load(chunk: &Chunk) -> Self {
        let floats = chunk.0.as_ptr();
        // SAFETY: a chunk is 64 readable bytes; the caller has Neon.
        unsafe {
            Self(vld1q_f32(floats), vld1q_f32(floats.add(4)), vld1q_f32(floats.add(8)), vld1q_f32(floats.add(12)))
        }
    }

    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        // SAFETY: the caller has Neon.
        unsafe {
            Self(
                vfmaq_f32(self.0, a.0, b.0),
                vfmaq_f32(self.1, a.1, b.1),
                vfmaq_f32(self.2, a.2, b.2),
                vfmaq_f32(self.3, a.3, b.3),
            )
        }
    }

    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        // SAFETY: the caller has Neon; nothing here touches memory.
        unsafe {
            let by_4 = vaddq_f32(vaddq_f32(self.0, self.2), vaddq_f32(self.1, self.3));
            let by_2 = vadd_f32(vget_low_f32(by_4), vget_high_f32(by_4));
            vget_lane_f32::<0>(by_2) + vget_lane_f32::<1>(by_2)
        }
    }
}

/// See [`super::dot_rows`].
///
/// # Safety
/// The machine has Neon, and the lengths fit as [`super::dot_rows_on`] checks them.
#[target_feature(enable = "neon")]
pub(super) unsafe fn dot_rows(probes: &[&[Chunk]], rows: &[Chunk], width: usize, out: &mut [f32]) {
    // SAFETY: the caller's promise.
    unsafe { scan::<Neon, 2, 2, 8>(probes, rows, width, out) }
}
