//! AVX2 with FMA: two registers hold the sixteen sums.

use std::arch::x86_64::*;

use super::tile::{Lanes, scan};
use crate::simd::chunk::Chunk;

#[derive(Clone, Copy)]
struct Avx2(__m256, __m256);

// SAFETY: `load` reads the 64 bytes of one chunk.
unsafe impl Lanes for Avx2 {
    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: the caller has AVX2.
        unsafe { Self(_mm256_setzero_ps(), _mm256_setzero_ps()) }
    }

    #[inline(always)]
    unsafe fn load(chunk: &Chunk) -> Self {
        let floats = chunk.0.as_ptr();
        // SAFETY: a chunk is 64 readable bytes aligned to 64; the caller has AVX2.
        unsafe { Self(_mm256_load_ps(floats), _mm256_load_ps(floats.add(8))) }
    }

    #[inline(always)]
    unsafe fn add_product(self, a: Self, b: Self) -> Self {
        // SAFETY: the caller has FMA.
        unsafe { Self(_mm256_fmadd_ps(a.0, b.0, self.0), _mm256_fmadd_ps(a.1, b.1, self.1)) }
    }

    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        // SAFETY: the caller has AVX2; nothing here touches memory.
        unsafe {
            let by_8 = _mm256_add_ps(self.0, self.1);
            let by_4 = _mm_add_ps(_mm256_castps256_ps128(by_8), _mm256_extractf128_ps::<1>(by_8));
            let by_2 = _mm_add_ps(by_4, _mm_movehl_ps(by_4, by_4));
            _mm_cvtss_f32(_mm_add_ss(by_2, _mm_movehdup_ps(by_2)))
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
/// The machine has AVX2 and FMA, and the lengths fit as [`super::dot_rows_on`] checks them.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn dot_rows(probes: &[&[Chunk]], rows: &[Chunk], width: usize, out: &mut [f32]) {
    // SAFETY: the caller's promise.
    unsafe { scan::<Avx2, 2, 2, 8>(probes, rows, width, out) }
}
