//! Scans of narrow rows that lie in panels: bytes with probes of bytes, bits with probes of a few bits.
//!
//! A panel holds [`ROWS`] rows, cut into steps of [`STEP`] bytes; step `k` of all its rows lies in two cache lines, row after
//! row. So one register holds the sums of sixteen rows, nothing is added across lanes, and a panel is one stream of
//! memory. All sums are of integers, hence the same on every instruction set.

mod probes;
mod quantize;
mod scalar;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;

#[cfg(test)]
mod tests;

pub use probes::{BitProbes, ByteProbes, PLANES};
pub use quantize::{pack_signs, quantize};

use super::instruction_set::InstructionSet;

/// Rows of a panel.
pub const ROWS: usize = 32;
/// Bytes of a row that lie side by side.
pub const STEP: usize = 4;
/// What a stored byte is larger by than the number it stands for, so that it has no sign: instructions that multiply
/// bytes take one factor without and one with a sign.
pub const OFFSET: u8 = 128;
/// Most probes that pass over a panel together.
pub const MAX_PROBES: usize = 8;
/// Most steps of a row: sums of `255 * 127 * STEP` each stay below 2^31.
pub const MAX_STEPS: usize = 4096;

/// Step of half of the rows of a panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct Line(pub [[u8; STEP]; ROWS / 2]);

impl Line {
    /// All zero.
    pub const ZERO: Self = Self([[0; STEP]; ROWS / 2]);
}

/// Lines of a panel of rows of `bytes` bytes.
pub const fn lines_for(bytes: usize) -> usize {
    2 * bytes.div_ceil(STEP)
}

/// Writes a row into a panel. What the row lacks in bytes is left alone.
///
/// # Panics
/// When there is no such row or the panel has fewer steps than the row.
pub fn put_row(panel: &mut [Line], row: usize, bytes: &[u8]) {
    assert!(row < ROWS && panel.len() >= lines_for(bytes.len()), "the row must fit");
    let (half, place) = (row / (ROWS / 2), row % (ROWS / 2));
    let (steps, rest) = bytes.as_chunks::<STEP>();
    for (lines, step) in panel.as_chunks_mut::<2>().0.iter_mut().zip(steps) {
        lines[half].0[place] = *step;
    }
    if !rest.is_empty() {
        panel[2 * steps.len() + half].0[place][..rest.len()].copy_from_slice(rest);
    }
}

/// Reads a row of a panel.
///
/// # Panics
/// As [`put_row`].
pub fn get_row(panel: &[Line], row: usize, bytes: &mut [u8]) {
    assert!(row < ROWS && panel.len() >= lines_for(bytes.len()), "the row must fit");
    let (half, place) = (row / (ROWS / 2), row % (ROWS / 2));
    for (lines, step) in panel.as_chunks::<2>().0.iter().zip(bytes.chunks_mut(STEP)) {
        step.copy_from_slice(&lines[half].0[place][..step.len()]);
    }
}

/// Sums over the components of `(byte - OFFSET) * probe`: of probe `p` with row `r` in `sums[p][r]`.
///
/// # Panics
/// When panel and probes have not the same number of steps; the safety of the kernels rests on it.
#[inline]
pub fn byte_sums(set: InstructionSet, probes: &ByteProbes, panel: &[Line], sums: &mut [[i32; ROWS]; MAX_PROBES]) {
    assert_eq!(panel.len(), 2 * probes.steps(), "as many steps as the probes");
    match set {
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512 if set.is_available() && is_x86_feature_detected!("avx512vnni") => {
            // SAFETY: the instruction set was found on this machine, and lengths were checked.
            unsafe { avx512::byte_sums(probes, panel, sums) }
        }
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512 | InstructionSet::Avx2 if InstructionSet::Avx2.is_available() => {
            // SAFETY: as above.
            unsafe { avx2::byte_sums(probes, panel, sums) }
        }
        #[cfg(target_arch = "aarch64")]
        InstructionSet::Neon if set.is_available() => {
            // SAFETY: as above.
            unsafe { neon::byte_sums(probes, panel, sums) }
        }
        _ => scalar::byte_sums(probes, panel, sums),
    }
}

/// Distances in bits: the sum over the planes `b` of a probe of `2^b` times the number of bits that differ from the row's;
/// of probe `p` with row `r` in `sums[p][r]`.
///
/// # Panics
/// As [`byte_sums`].
#[inline]
pub fn bit_sums(set: InstructionSet, probes: &BitProbes, panel: &[Line], sums: &mut [[i32; ROWS]; MAX_PROBES]) {
    assert_eq!(panel.len(), 2 * probes.steps(), "as many steps as the probes");
    match set {
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512 if set.is_available() && is_x86_feature_detected!("avx512vpopcntdq") => {
            // SAFETY: the instruction set was found on this machine, and lengths were checked.
            unsafe { avx512::bit_sums(probes, panel, sums) }
        }
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512 | InstructionSet::Avx2 if InstructionSet::Avx2.is_available() => {
            // SAFETY: as above.
            unsafe { avx2::bit_sums(probes, panel, sums) }
        }
        #[cfg(target_arch = "aarch64")]
        InstructionSet::Neon if set.is_available() => {
            // SAFETY: as above.
            unsafe { neon::bit_sums(probes, panel, sums) }
        }
        _ => scalar::bit_sums(probes, panel, sums),
    }
}

/// What a probe makes of the sum with a row: `sum * scale(row) * scale + error(row) * norm + rest`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bound {
    /// Scale of the probe's bytes.
    pub scale: f32,
    /// What a row's error counts.
    pub norm: f32,
    /// Whatever the row.
    pub rest: f32,
}

impl Bound {
    /// The cosine of the bytes.
    #[inline(always)]
    pub fn middle(&self, sum: i32, scale: f32) -> f32 {
        sum as f32 * (scale * self.scale)
    }

    /// How far from it the cosine of the rows may be.
    #[inline(always)]
    pub fn radius(&self, error: f32) -> f32 {
        error * self.norm + self.rest
    }
}

every_set! {
    /// The rows for which `middle + radius` reaches `bar`: bit `r` of `mask` for row `r`.
    fn reaching(
        sums: &[i32; ROWS],
        scales: &[f32; ROWS],
        errors: &[f32; ROWS],
        bound: Bound,
        bar: f32,
        mask: &mut u32,
    ) {
        let mut bits = 0;
        for r in 0..ROWS {
            let upper = bound.middle(sums[r], scales[r]) + bound.radius(errors[r]);
            bits |= u32::from(upper >= bar) << r;
        }
        *mask = bits;
    }

    /// The rows whose sum is at most `limit`: bit `r` of `mask` for row `r`.
    fn within(sums: &[i32; ROWS], limit: i32, mask: &mut u32) {
        let mut bits = 0;
        for (r, &sum) in sums.iter().enumerate() {
            bits |= u32::from(sum <= limit) << r;
        }
        *mask = bits;
    }
}

/// Asks for lines that will be read soon.
#[inline(always)]
pub fn prefetch(lines: &[Line]) {
    #[cfg(target_arch = "x86_64")]
    for line in lines {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        // SAFETY: a hint, on a line that is there; every x86-64 has the instruction.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(std::ptr::from_ref(line).cast()) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = lines;
}
