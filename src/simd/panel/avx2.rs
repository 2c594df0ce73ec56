//! AVX2: a register holds the sums of eight rows with one probe.

use std::arch::x86_64::*;

use super::probes::LEVELS;
use super::{BitProbes, ByteProbes, Line, MAX_PROBES, ROWS};

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
pub(super) unsafe fn bit_sums(probes: &BitProbes, panel: &[Line], sums: &mut [[u16; ROWS]; MAX_PROBES]) {
    // SAFETY: the caller's promise; `lanes` is a multiple of the arms' values.
    unsafe {
        match probes.lanes() {
            1 => bits::<1>(probes, panel, sums),
            2 => bits::<2>(probes, panel, sums),
            _ => bits::<4>(probes, panel, sums),
        }
    }
}

/// `P` probes at a time. Sums of even rows also gather those of odd rows in their upper bytes, which are taken off at
/// the end.
///
/// # Safety
/// As [`bit_sums`]; the lanes of the probes are a multiple of `P`.
#[target_feature(enable = "avx2")]
unsafe fn bits<const P: usize>(probes: &BitProbes, panel: &[Line], out: &mut [[u16; ROWS]; MAX_PROBES]) {
    // Four tables are added in bytes.
    const { assert!(4 * 4 * (LEVELS as usize) < 256) };
    let lanes = probes.lanes();
    let nibble = _mm256_set1_epi8(15);
    for first in (0..lanes).step_by(P) {
        let mut even = [_mm256_setzero_si256(); P];
        let mut odd = [_mm256_setzero_si256(); P];
        for (k, line) in panel.iter().enumerate() {
            // SAFETY: a line has two columns, for each of which the probes have `lanes` pairs of tables; panel and probes
            // have equally many.
            unsafe {
                let columns = std::ptr::from_ref(line).cast::<__m256i>();
                let rows = [_mm256_load_si256(columns), _mm256_load_si256(columns.add(1))];
                let low = rows.map(|row| _mm256_and_si256(row, nibble));
                let high = rows.map(|row| _mm256_and_si256(_mm256_srli_epi16::<4>(row), nibble));
                for p in 0..P {
                    let mut added = [_mm256_setzero_si256(); 2];
                    for (column, added) in added.iter_mut().enumerate() {
                        let tables = probes.tables.as_ptr().add((2 * k + column) * lanes + first + p).cast::<__m128i>();
                        let table = |n| _mm256_broadcastsi128_si256(_mm_loadu_si128(tables.add(n)));
                        *added = _mm256_add_epi8(
                            _mm256_shuffle_epi8(table(0), low[column]),
                            _mm256_shuffle_epi8(table(1), high[column]),
                        );
                    }
                    let added = _mm256_add_epi8(added[0], added[1]);
                    even[p] = _mm256_add_epi16(even[p], added);
                    odd[p] = _mm256_add_epi16(odd[p], _mm256_srli_epi16::<8>(added));
                }
            }
        }
        for ((even, odd), out) in even.into_iter().zip(odd).zip(&mut out[first..]) {
            let even = _mm256_sub_epi16(even, _mm256_slli_epi16::<8>(odd));
            let (left, right) = (_mm256_unpacklo_epi16(even, odd), _mm256_unpackhi_epi16(even, odd));
            let halves =
                [_mm256_permute2x128_si256::<0x20>(left, right), _mm256_permute2x128_si256::<0x31>(left, right)];
            for (half, out) in halves.into_iter().zip(out.as_chunks_mut::<{ ROWS / 2 }>().0) {
                // SAFETY: sixteen places of two bytes.
                unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), half) };
            }
        }
    }
}

/// See [`super::within`].
#[target_feature(enable = "avx2")]
pub(super) fn within(sums: &[u16; ROWS], limit: u16) -> u32 {
    let limit = _mm256_set1_epi16(limit as i16);
    // SAFETY: there are two times sixteen sums of two bytes.
    let halves =
        unsafe { [_mm256_loadu_si256(sums.as_ptr().cast()), _mm256_loadu_si256(sums.as_ptr().add(ROWS / 2).cast())] };
    let [left, right] = halves.map(|half| _mm256_cmpeq_epi16(_mm256_min_epu16(half, limit), half));
    let bytes = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi16(left, right));
    _mm256_movemask_epi8(bytes) as u32
}
