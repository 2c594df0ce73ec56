//! AVX2: a register holds the sums of eight rows with one probe.

use std::arch::x86_64::*;

use super::{BitProbes, ByteProbes, Line, MAX_PROBES, PLANES, ROWS};

/// Rows of a register.
const LANES: usize = 8;
/// Registers of a step.
const QUARTERS: usize = ROWS / LANES;

/// See [`super::byte_sums`].
///
/// # Safety
/// The machine has AVX2; the panel has as many steps as the probes.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn byte_sums(probes: &ByteProbes, panel: &[Line], sums: &mut [[i32; ROWS]; MAX_PROBES]) {
    // SAFETY: the caller's promise; `lanes` is what the arms say.
    unsafe {
        match probes.lanes() {
            1 => bytes::<1, 4>(probes, panel, sums),
            2 => bytes::<2, 4>(probes, panel, sums),
            4 => bytes::<4, 2>(probes, panel, sums),
            _ => bytes::<8, 1>(probes, panel, sums),
        }
    }
}

/// `P` probes with `Q` registers of rows at a time. Bytes are widened to 16 bits because the instruction that
/// multiplies bytes would saturate sums of two products at 16 bits.
///
/// # Safety
/// As [`byte_sums`]; the probes have `P` lanes.
#[target_feature(enable = "avx2")]
unsafe fn bytes<const P: usize, const Q: usize>(
    probes: &ByteProbes,
    panel: &[Line],
    out: &mut [[i32; ROWS]; MAX_PROBES],
) {
    let low = _mm256_set1_epi16(0xff);
    let words = probes.words.as_ptr();
    for first in (0..QUARTERS).step_by(Q) {
        let mut sums = [[_mm256_setzero_si256(); Q]; P];
        for (sums, &start) in sums.iter_mut().zip(&probes.starts) {
            *sums = [_mm256_set1_epi32(start); Q];
        }
        for k in 0..probes.steps() {
            // SAFETY: the panel has two lines (four registers) for each step, the probes `P` times four words.
            unsafe {
                let rows = panel.as_ptr().add(2 * k).cast::<__m256i>().add(first);
                let mut even = [low; Q];
                let mut odd = [low; Q];
                for q in 0..Q {
                    let row = _mm256_load_si256(rows.add(q));
                    even[q] = _mm256_and_si256(row, low);
                    odd[q] = _mm256_srli_epi16::<8>(row);
                }
                for (p, sums) in sums.iter_mut().enumerate() {
                    let pair = words.add(k * P + p).cast::<i32>();
                    let left = _mm256_set1_epi32(pair.read_unaligned());
                    let right = _mm256_set1_epi32(pair.add(1).read_unaligned());
                    for (q, sum) in sums.iter_mut().enumerate() {
                        let products =
                            _mm256_add_epi32(_mm256_madd_epi16(even[q], left), _mm256_madd_epi16(odd[q], right));
                        *sum = _mm256_add_epi32(*sum, products);
                    }
                }
            }
        }
        for (sums, out) in sums.iter().zip(out.iter_mut()) {
            for (sum, out) in sums.iter().zip(out.as_chunks_mut::<LANES>().0[first..].iter_mut()) {
                // SAFETY: eight places of four bytes.
                unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), *sum) };
            }
        }
    }
}

/// See [`super::bit_sums`].
///
/// # Safety
/// The machine has AVX2; the panel has as many steps as the probes.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn bit_sums(probes: &BitProbes, panel: &[Line], out: &mut [[i32; ROWS]; MAX_PROBES]) {
    let lanes = probes.lanes();
    let counts = _mm256_setr_epi8(
        0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
    );
    let (nibble, ones, ones_wide) = (_mm256_set1_epi8(15), _mm256_set1_epi8(1), _mm256_set1_epi16(1));
    for (p, out) in out.iter_mut().enumerate().take(lanes) {
        let mut sums = [_mm256_setzero_si256(); QUARTERS];
        for k in 0..probes.steps() {
            let planes = probes.words[k * lanes + p];
            for (quarter, sum) in sums.iter_mut().enumerate() {
                // SAFETY: the panel has two lines (four registers) for each step.
                let row = unsafe { _mm256_load_si256(panel.as_ptr().add(2 * k).cast::<__m256i>().add(quarter)) };
                // Per byte at most `8 * (2^PLANES - 1)`.
                const { assert!(8 * ((1 << PLANES) - 1) < 128) };
                let mut bytes = _mm256_setzero_si256();
                for plane in planes.into_iter().rev() {
                    let differing = _mm256_xor_si256(row, _mm256_set1_epi32(plane as i32));
                    let high = _mm256_and_si256(_mm256_srli_epi16::<4>(differing), nibble);
                    let count = _mm256_add_epi8(
                        _mm256_shuffle_epi8(counts, _mm256_and_si256(differing, nibble)),
                        _mm256_shuffle_epi8(counts, high),
                    );
                    bytes = _mm256_add_epi8(_mm256_add_epi8(bytes, bytes), count);
                }
                let pairs = _mm256_maddubs_epi16(bytes, ones);
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, ones_wide));
            }
        }
        for (sum, out) in sums.iter().zip(out.as_chunks_mut::<LANES>().0) {
            // SAFETY: eight places of four bytes.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), *sum) };
        }
    }
}
