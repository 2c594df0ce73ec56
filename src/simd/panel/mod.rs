//! Scans of narrow rows in panels: bytes with probes of bytes, bits with probes of a few bits.
//!
//! A panel of bytes holds [`ROWS`] rows, cut into steps of [`STEP`] bytes; step `k` of all its rows is in two cache lines,
//! row after row. So one register holds the sums of sixteen rows, nothing is added across lanes, and a panel is one
//! stream of memory. A panel of bits holds byte `j` of all its rows side by side, because one instruction looks up a
//! table for sixteen rows or more: what four components of a probe add for each of the sixteen values of four bits. All
//! sums are of integers, hence the same on every instruction set.

mod line;
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

pub use line::{
    Line, MAX_PROBES, MAX_STEPS, OFFSET, ROWS, STEP, get_bits, get_row, lines_for, prefetch, put_bits, put_row,
};
pub use probes::{BitProbes, ByteProbes, PLANES};
pub use quantize::{pack_signs, quantize};

use super::instruction_set::InstructionSet;

/// Sums of `(byte - OFFSET) * probe` over the components; `sums[p][r]` gets that of probe `p` and row `r`.
///
/// # Panics
/// If panel and probes do not have the same number of steps; the safety of the kernels depends on it.
#[inline]
pub fn byte_sums(set: InstructionSet, probes: &ByteProbes, panel: &[Line], sums: &mut [[i32; ROWS]; MAX_PROBES]) {
    assert_eq!(panel.len(), 2 * probes.steps(), "as many steps as the probes");
    match set {
        InstructionSet::Scalar => scalar::byte_sums(probes, panel, sums),
        // SAFETY: the value proves that this machine has the set, and lengths were checked.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2(_) => unsafe { avx2::byte_sums(probes, panel, sums) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512(_) => unsafe { avx512::byte_sums(probes, panel, sums) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        InstructionSet::Neon(_) => unsafe { neon::byte_sums(probes, panel, sums) },
    }
}

/// Distances in bits: a component of a probe adds its level where the row's bit is 0, and the highest level less its own
/// where it is 1; `sums[p][r]` gets the sum of probe `p` and row `r`.
///
/// # Panics
/// As [`byte_sums`].
#[inline]
pub fn bit_sums(set: InstructionSet, probes: &BitProbes, panel: &[Line], sums: &mut [[u16; ROWS]; MAX_PROBES]) {
    assert_eq!(panel.len(), 2 * probes.steps(), "as many steps as the probes");
    match set {
        InstructionSet::Scalar => scalar::bit_sums(probes, panel, sums),
        // SAFETY: the value proves that this machine has the set, and lengths were checked.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2(_) | InstructionSet::Avx512(_) => unsafe { avx2::bit_sums(probes, panel, sums) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        InstructionSet::Neon(_) => unsafe { neon::bit_sums(probes, panel, sums) },
    }
}

/// A probe's upper bound from the sum with a row: `sum * scale(row) * scale + error(row) * norm + rest`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bound {
    /// Scale of the probe's bytes.
    pub scale: f32,
    /// Factor of a row's error.
    pub norm: f32,
    /// Term independent of the row.
    pub rest: f32,
}

impl Bound {
    /// The cosine of the bytes.
    #[inline(always)]
    pub fn middle(&self, sum: i32, scale: f32) -> f32 {
        sum as f32 * (scale * self.scale)
    }

    /// Largest distance of the rows' cosine from the middle.
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
}

/// The rows whose sum is at most `limit`: bit `r` for row `r`.
#[inline]
pub fn within(set: InstructionSet, sums: &[u16; ROWS], limit: u16) -> u32 {
    match set {
        // SAFETY: the value proves that this machine has the set.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2(_) | InstructionSet::Avx512(_) => unsafe { avx2::within(sums, limit) },
        _ => sums.iter().enumerate().fold(0, |bits, (r, &sum)| bits | u32::from(sum <= limit) << r),
    }
}
