//! Filtering of cells of 4 x 4 pixels, each with its own kernel, in 8-bit integers.
//!
//! Pixels are bytes about 128, taps are signed bytes within `-64..=64` whose sum is zero, so that neither the 128 nor any
//! pairwise sum in 16 bits matters: `255 * 64 * 2 < 32768`. Sums are exact in 32 bits, hence the same on every
//! instruction set; one rounded multiplication gives the response.
//!
//! A tile holds every four neighboring pixels side by side (byte `4 i + c` of a group is pixel `4 g + i + c`), as
//! required by instructions that multiply and add four bytes at once.

mod scalar;
mod tile;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;

#[cfg(test)]
mod tests;

use super::instruction_set::InstructionSet;
pub(crate) use tile::{CELL, Kernel, LINE, LINES, Lines, MARGIN, NONE, Responses, TILE_COLUMNS, TILE_ROWS, Tile};

impl Tile {
    /// Sets all pixels; the first one is [`MARGIN`] to the left of and above the first cell.
    pub(crate) fn fill(&mut self, set: InstructionSet, lines: &Lines) {
        match set {
            // SAFETY: the value proves that this machine has the set; the larger one includes the smaller.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512(_) | InstructionSet::Avx2(_) => unsafe { avx2::fill(self, lines) },
            _ => scalar::fill(self, lines),
        }
    }
}

/// Filters the cells of a tile that have a kernel (not [`NONE`]); the responses of the others are not changed.
///
/// # Panics
/// If a chosen kernel does not exist.
pub(crate) fn filter(
    set: InstructionSet,
    tile: &Tile,
    kernels: &[&Kernel],
    chosen: &[u16; TILE_COLUMNS * TILE_ROWS],
    out: &mut Responses,
) {
    assert!(chosen.iter().all(|&c| c == NONE || usize::from(c) < kernels.len()), "no such kernel");
    match set {
        InstructionSet::Scalar => scalar::filter(tile, kernels, chosen, out),
        // SAFETY: the value proves that this machine has the set.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2(_) => unsafe { avx2::filter(tile, kernels, chosen, out) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512(_) => unsafe { avx512::filter(tile, kernels, chosen, out) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        InstructionSet::Neon(_) => unsafe { neon::filter(tile, kernels, chosen, out) },
    }
}
