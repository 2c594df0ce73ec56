//! AVX2: two registers hold the sixteen pixels of a cell. Sums of two products stay within 16 bits.

use std::arch::x86_64::*;

use super::tile::{GROUPS, Kernel, LINE, Lines, Responses, STRIDE, Tile, work};

/// See [`super::filter`].
///
/// # Safety
/// The machine has AVX2.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn filter(tile: &Tile, kernels: &[&Kernel], chosen: &[u16], out: &mut Responses) {
    for (at, column, row, kernel) in work(kernels, chosen) {
        // SAFETY: the place is within the tile.
        let sums = unsafe { cell(tile, kernel, column, row) };
        let scaled =
            sums.map(|s| _mm256_cvttps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(s), _mm256_set1_ps(kernel.scale))));
        // Packing works by halves; the permutation puts the quarters back in order.
        let narrow = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi32(scaled[0], scaled[1]));
        // SAFETY: a cell has sixteen responses of two bytes.
        unsafe { _mm256_storeu_si256(out[at].as_mut_ptr().cast(), narrow) };
    }
}

/// Sums of products of a cell, upper and lower half.
///
/// # Safety
/// As [`filter`]; column and row are cells of the tile.
#[target_feature(enable = "avx2")]
unsafe fn cell(tile: &Tile, kernel: &Kernel, column: usize, row: usize) -> [__m256i; 2] {
    let (group, line) = kernel.origin(column, row);
    let lines = kernel.lines();
    let ones = _mm256_set1_epi16(1);
    let mut sums = [_mm256_setzero_si256(); 2];
    for g in 0..kernel.groups {
        // SAFETY: `Kernel::new` bounds the radius by the margin, so that lines `line..line + lines + 3` of groups
        // `group..group + groups` are in the tile; the kernel has `4 * groups * lines` taps.
        unsafe {
            let pixels = tile.groups.as_ptr().cast::<u8>().add(((group + g) * STRIDE + line) * 16);
            let taps = kernel.taps.as_ptr().add(g * lines * 4);
            for y in 0..lines {
                let four = _mm256_set1_epi32(taps.add(4 * y).cast::<i32>().read_unaligned());
                for (half, sum) in sums.iter_mut().enumerate() {
                    let bytes = _mm256_loadu_si256(pixels.add(16 * (y + 2 * half)).cast());
                    *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, four), ones));
                }
            }
        }
    }
    sums
}

/// See [`Tile::fill`].
///
/// # Safety
/// The machine has AVX2.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn fill(tile: &mut Tile, lines: &Lines) {
    const { assert!(4 * (GROUPS - 1) + 16 <= LINE) };
    let order = _mm_setr_epi8(0, 1, 2, 3, 1, 2, 3, 4, 2, 3, 4, 5, 3, 4, 5, 6);
    for (line, pixels) in lines.iter().enumerate() {
        for (g, group) in tile.groups.iter_mut().enumerate() {
            // SAFETY: a line has sixteen pixels from the start of every group on, by the assertion above, and a group has
            // sixteen bytes per line.
            unsafe {
                let bytes = _mm_loadu_si128(pixels.as_ptr().add(4 * g).cast());
                _mm_storeu_si128(group[line].as_mut_ptr().cast(), _mm_shuffle_epi8(bytes, order));
            }
        }
    }
}
