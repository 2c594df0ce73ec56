//! AVX-512F: one register holds the sixteen sums.

use std::arch::x86_64::*;

use super::tile::{Lanes, scan};
use crate::simd::chunk::Chunk;

#[derive(Clone, Copy)]
struct Avx512(__m512);

// SAFETY: `load` reads the 64 bytes of one chunk.
unsafe impl Lanes for Avx512 {
    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: the caller has AVX-512F.
        Self(unsafe { _mm512_setzero_ps() })
    }

    #[inline(always)]
    unsafe fn load(chunk: &Chunk) -> Self {
        // SAFETY: a chunk is 64 readable bytes aligned to 64; the caller has AVX-512F.
        Self(unsafe { _mm512_load_ps(chunk.0.as_ptr()) })
    }

    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        // SAFETY: the caller has AVX-512F.
        Self(unsafe { _mm512_fmadd_ps(a.0, b.0, self.0) })
    }

    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        // SAFETY: the caller has AVX-512F.
        unsafe { Self::sum4([self; 4])[0] }
    }

    #[inline(always)]
    unsafe fn sum4([a, b, c, d]: [Self; 4]) -> [f32; 4] {
        // SAFETY: the caller has AVX-512F; nothing here touches memory.
        unsafe {
            // Quarters 0 1 of `x` and of `y`, plus quarters 2 3: `sum[l] + sum[l + 8]` of both.
            let by_8 = |x: __m512, y: __m512| {
                _mm512_add_ps(_mm512_shuffle_f32x4::<0b01_00_01_00>(x, y), _mm512_shuffle_f32x4::<0b11_10_11_10>(x, y))
            };
            let (ab, cd) = (by_8(a.0, b.0), by_8(c.0, d.0));
            // Even quarters plus odd quarters: `sum[l] + sum[l + 4]`; quarter `i` now belongs to input `i`.
            let by_4 = _mm512_add_ps(
                _mm512_shuffle_f32x4::<0b10_00_10_00>(ab, cd),
                _mm512_shuffle_f32x4::<0b11_01_11_01>(ab, cd),
            );
            let by_2 = _mm512_add_ps(by_4, _mm512_permute_ps::<0b11_10_11_10>(by_4));
            let by_1 = _mm512_add_ps(by_2, _mm512_permute_ps::<0b01_01_01_01>(by_2));
            // The first float of each quarter.
            let pick = _mm512_castsi128_si512(_mm_setr_epi32(0, 4, 8, 12));
            let four = _mm512_castps512_ps128(_mm512_permutexvar_ps(pick, by_1));
            std::mem::transmute::<__m128, [f32; 4]>(four)
        }
    }

    #[inline(always)]
    unsafe fn prefetch(chunk: &Chunk) {
        // SAFETY: a hint, on a chunk that is there.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(chunk).cast()) }
    }
}

/// See [`super::dot_rows`].
///
/// # Safety
/// The machine has AVX-512F, and the lengths fit as [`super::dot_rows_on`] checks them.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn dot_rows(probes: &[&[Chunk]], rows: &[Chunk], width: usize, out: &mut [f32]) {
    // SAFETY: the caller's promise.
    unsafe { scan::<Avx512, 4, 4, 8>(probes, rows, width, out) }
}
