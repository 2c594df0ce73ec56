//! AVX-512 with VNNI: a register holds the sums of sixteen rows with one probe.

use std::arch::x86_64::*;

use super::{ByteProbes, Line, MAX_PROBES, ROWS};

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
