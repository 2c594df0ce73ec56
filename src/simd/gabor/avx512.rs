//! AVX-512 VNNI: the sixteen pixels of a cell are the lanes of one register.

use std::arch::x86_64::*;

use super::tile::{Kernel, Responses, STRIDE, Tile, work};

/// See [`super::filter`].
///
/// # Safety
/// The machine has AVX-512 F, BW, DQ, VL and VNNI.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn filter(tile: &Tile, kernels: &[&Kernel], chosen: &[u16], out: &mut Responses) {
    for (at, column, row, kernel) in work(kernels, chosen) {
        // SAFETY: the place is within the tile.
        let sums = unsafe { cell(tile, kernel, column, row) };
        let scaled = _mm512_mul_ps(_mm512_cvtepi32_ps(sums), _mm512_set1_ps(kernel.scale));
        let narrow = _mm512_cvtsepi32_epi16(_mm512_cvttps_epi32(scaled));
        // SAFETY: a cell has sixteen responses of two bytes.
        unsafe { _mm256_storeu_si256(out[at].as_mut_ptr().cast(), narrow) };
    }
}

/// Sums of products of a cell.
///
/// # Safety
/// As [`filter`]; column and row are cells of the tile.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn cell(tile: &Tile, kernel: &Kernel, column: usize, row: usize) -> __m512i {
    let (group, line) = kernel.origin(column, row);
    let lines = kernel.lines();
    let mut sums = [_mm512_setzero_si512(); 4];
    for g in 0..kernel.groups {
        // SAFETY: `Kernel::new` bounds the radius by the margin, so that lines `line..line + lines + 3` of groups
        // `group..group + groups` are in the tile; the kernel has `4 * groups * lines` taps.
        unsafe {
            let pixels = tile.groups.as_ptr().cast::<u8>().add(((group + g) * STRIDE + line) * 16);
            let taps = kernel.taps.as_ptr().add(g * lines * 4);
            let step = |sum: __m512i, y: usize| {
                let four = _mm512_set1_epi32(taps.add(4 * y).cast::<i32>().read_unaligned());
                _mm512_dpbusd_epi32(sum, _mm512_loadu_si512(pixels.add(16 * y).cast()), four)
            };
            let mut y = 0;
            while y + 4 <= lines {
                for (k, sum) in sums.iter_mut().enumerate() {
                    *sum = step(*sum, y + k);
                }
                y += 4;
            }
            while y < lines {
                sums[y % 4] = step(sums[y % 4], y);
                y += 1;
            }
        }
    }
    _mm512_add_epi32(_mm512_add_epi32(sums[0], sums[1]), _mm512_add_epi32(sums[2], sums[3]))
}
