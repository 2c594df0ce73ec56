//! AVX-512 with VNNI or VPOPCNTDQ: a register holds the sums of sixteen rows with one probe.

use std::arch::x86_64::*;

use super::{BitProbes, ByteProbes, Line, MAX_PROBES, PLANES, ROWS};

/// See [`super::byte_sums`].
///
/// # Safety
/// The machine has AVX-512 F, BW, DQ, VL and VNNI; the panel has as many steps as the probes.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
pub(super) unsafe fn byte_sums(probes: &ByteProbes, panel: &[Line], sums: &mut [[i32; ROWS]; MAX_PROBES]) {
    // SAFETY: the caller's promise; `lanes` is what the arms say.
    unsafe {
        match probes.lanes() {
            1 => bytes::<1, 4>(probes, panel, sums),
            2 => bytes::<2, 2>(probes, panel, sums),
            4 => bytes::<4, 1>(probes, panel, sums),
            _ => bytes::<8, 1>(probes, panel, sums),
        }
    }
}

/// `P` probes, `U` steps at a time with separate sums, so that additions do not wait for each other.
///
/// # Safety
/// As [`byte_sums`]; the probes have `P` lanes.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]
unsafe fn bytes<const P: usize, const U: usize>(
    probes: &ByteProbes,
    panel: &[Line],
    out: &mut [[i32; ROWS]; MAX_PROBES],
) {
    let steps = probes.steps();
    let mut sums = [[[_mm512_setzero_si512(); 2]; P]; U];
    for (sums, &start) in sums[0].iter_mut().zip(&probes.starts) {
        *sums = [_mm512_set1_epi32(start); 2];
    }
    let (lines, quads) = (panel.as_ptr(), probes.quads.as_ptr());
    // SAFETY: `k < steps`; the panel has two lines for each step, the probes `P` quads of four bytes.
    let step = |sums: &mut [[__m512i; 2]; P], k: usize| unsafe {
        let rows = [_mm512_load_si512(lines.add(2 * k).cast()), _mm512_load_si512(lines.add(2 * k + 1).cast())];
        for (p, sums) in sums.iter_mut().enumerate() {
            let probe = _mm512_set1_epi32(quads.add(k * P + p).cast::<i32>().read_unaligned());
            for (sum, row) in sums.iter_mut().zip(rows) {
                *sum = _mm512_dpbusd_epi32(*sum, row, probe);
            }
        }
    };
    let whole = steps - steps % U;
    for first in (0..whole).step_by(U) {
        for (u, sums) in sums.iter_mut().enumerate() {
            step(sums, first + u);
        }
    }
    for k in whole..steps {
        step(&mut sums[0], k);
    }
    for (p, out) in out.iter_mut().enumerate().take(P) {
        for (half, out) in out.as_chunks_mut::<{ ROWS / 2 }>().0.iter_mut().enumerate() {
            let mut sum = sums[0][p][half];
            for more in &sums[1..] {
                sum = _mm512_add_epi32(sum, more[p][half]);
            }
            // SAFETY: sixteen places of four bytes.
            unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), sum) };
        }
    }
}

/// See [`super::bit_sums`].
///
/// # Safety
/// The machine has AVX-512 F, BW, DQ, VL and VPOPCNTDQ; the panel has as many steps as the probes.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq")]
pub(super) unsafe fn bit_sums(probes: &BitProbes, panel: &[Line], sums: &mut [[i32; ROWS]; MAX_PROBES]) {
    // SAFETY: the caller's promise; `lanes` is what the arms say.
    unsafe {
        match probes.lanes() {
            1 => bits::<1, 1>(probes, panel, sums),
            2 => bits::<2, 2>(probes, panel, sums),
            4 => bits::<4, 2>(probes, panel, sums),
            _ => bits::<8, 2>(probes, panel, sums),
        }
    }
}

/// `G` of `P` probes at a time: planes have separate sums, which are weighted at the end.
///
/// # Safety
/// As [`bit_sums`]; the probes have `P` lanes.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq")]
unsafe fn bits<const P: usize, const G: usize>(
    probes: &BitProbes,
    panel: &[Line],
    out: &mut [[i32; ROWS]; MAX_PROBES],
) {
    let (lines, words) = (panel.as_ptr(), probes.words.as_ptr());
    for first in (0..P).step_by(G) {
        let mut sums = [[[_mm512_setzero_si512(); 2]; PLANES]; G];
        for k in 0..probes.steps() {
            // SAFETY: the panel has two lines for each step, the probes `P` words of each plane.
            unsafe {
                let rows = [_mm512_load_si512(lines.add(2 * k).cast()), _mm512_load_si512(lines.add(2 * k + 1).cast())];
                for (g, sums) in sums.iter_mut().enumerate() {
                    let planes = *words.add(k * P + first + g);
                    for (sums, plane) in sums.iter_mut().zip(planes) {
                        let plane = _mm512_set1_epi32(plane as i32);
                        for (sum, row) in sums.iter_mut().zip(rows) {
                            *sum = _mm512_add_epi32(*sum, _mm512_popcnt_epi32(_mm512_xor_si512(row, plane)));
                        }
                    }
                }
            }
        }
        for (sums, out) in sums.iter().zip(&mut out[first..]) {
            for (half, out) in out.as_chunks_mut::<{ ROWS / 2 }>().0.iter_mut().enumerate() {
                let mut sum = _mm512_setzero_si512();
                for plane in sums.iter().rev() {
                    sum = _mm512_add_epi32(_mm512_add_epi32(sum, sum), plane[half]);
                }
                // SAFETY: sixteen places of four bytes.
                unsafe { _mm512_storeu_si512(out.as_mut_ptr().cast(), sum) };
            }
        }
    }
}
