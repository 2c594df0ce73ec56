//! Filtering of cells of 4 x 4 pixels, each with a kernel of its own, in 8-bit integers.
//!
//! Pixels are bytes about 128, taps are signed bytes within `-64..=64` whose sum is zero, so that neither the 128 nor any
//! pairwise sum in 16 bits matters: `255 * 64 * 2 < 32768`. Sums are exact in 32 bits, hence the same on every
//! instruction set; one rounded multiplication gives the response.
//!
//! A tile holds each four neighboring pixels side by side (byte `4 i + c` of a group is pixel `4 g + i + c`), the form
//! in which instructions that multiply and add four bytes at once want them.

mod scalar;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;

#[cfg(test)]
mod tests;

use super::instruction_set::InstructionSet;

/// Side of a cell, pixels.
pub(crate) const CELL: usize = 4;
/// Largest half size of a kernel, pixels; what a tile has round its cells.
pub(crate) const MARGIN: usize = 16;
/// Cells across a tile.
pub(crate) const TILE_COLUMNS: usize = 16;
/// Cells down a tile.
pub(crate) const TILE_ROWS: usize = 8;
/// Lines of pixels of a tile, margins included.
pub(crate) const LINES: usize = TILE_ROWS * CELL + 2 * MARGIN;
/// Groups of four pixels across a tile, margins included.
const GROUPS: usize = TILE_COLUMNS + 2 * MARGIN / CELL;
/// Pixels of a line that [`Tile::fill`] reads; those beyond the margins are not used.
pub(crate) const LINE: usize = 4 * GROUPS + 12;
/// Stands for no kernel.
pub(crate) const NONE: u16 = u16::MAX;

/// Responses of the cells of a tile, row by row; of each cell, its pixels row by row.
pub(crate) type Responses = [[i16; CELL * CELL]; TILE_COLUMNS * TILE_ROWS];

/// Lines of pixels of a tile.
pub(crate) type Lines = [[u8; LINE]; LINES];

/// Lines from a group to the next: not a power of two, which would put all groups into the same few sets of the cache.
const STRIDE: usize = LINES + 4;

/// The pixels of 16 x 8 cells and their surroundings, 26 kB.
#[repr(C, align(64))]
pub(crate) struct Tile {
    groups: [[[u8; 16]; STRIDE]; GROUPS],
}

/// A kernel of `2 radius + 1` by `2 radius + 1` taps.
pub(crate) struct Kernel {
    radius: usize,
    /// Groups of four taps across, the first one aligned with the cell's.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    groups: usize,
    /// Taps by group, then line, then place in the group.
    taps: Vec<i8>,
    /// Response per sum of products.
    scale: f32,
}

impl Kernel {
    /// From taps row by row.
    ///
    /// # Panics
    /// When the radius exceeds [`MARGIN`], the number of taps does not fit or one is outside `-64..=64`; the safety of
    /// the kernels rests on it.
    pub(crate) fn new(radius: usize, taps: &[i8], scale: f32) -> Self {
        assert!(radius <= MARGIN, "kernel too large");
        let size = 2 * radius + 1;
        assert_eq!(taps.len(), size * size, "kernel must be square");
        assert!(taps.iter().all(|t| (-64..=64).contains(t)), "taps must be small");
        let before = radius.div_ceil(4) * 4;
        let groups = (before + radius + 1).div_ceil(4);
        let mut ordered = vec![0; groups * size * 4];
        for (y, row) in taps.chunks_exact(size).enumerate() {
            for (x, &tap) in row.iter().enumerate() {
                let column = x + before - radius;
                ordered[(column / 4 * size + y) * 4 + column % 4] = tap;
            }
        }
        Self {
            radius,
            #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
            groups,
            taps: ordered,
            scale,
        }
    }

    /// First group and line of a tile that the kernel sees for a cell.
    fn origin(&self, column: usize, row: usize) -> (usize, usize) {
        (column + MARGIN / 4 - self.radius.div_ceil(4), row * CELL + MARGIN - self.radius)
    }

    fn lines(&self) -> usize {
        2 * self.radius + 1
    }
}

impl Tile {
    /// Of one gray level.
    pub(crate) fn new() -> Self {
        Self { groups: [[[128; 16]; STRIDE]; GROUPS] }
    }

    /// Takes all pixels, the first one [`MARGIN`] before and above the first cell.
    pub(crate) fn fill(&mut self, set: InstructionSet, lines: &Lines) {
        match set {
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 | InstructionSet::Avx2 if InstructionSet::Avx2.is_available() => {
                // SAFETY: the instruction set was found on this machine.
                unsafe { avx2::fill(self, lines) }
            }
            _ => scalar::fill(self, lines),
        }
    }
}

/// Filters the cells of a tile that have a kernel (not [`NONE`]); the responses of the others are left as they are.
///
/// # Panics
/// When a kernel is asked for that there is none of.
pub(crate) fn filter(
    set: InstructionSet,
    tile: &Tile,
    kernels: &[Kernel],
    chosen: &[u16; TILE_COLUMNS * TILE_ROWS],
    out: &mut Responses,
) {
    assert!(chosen.iter().all(|&c| c == NONE || usize::from(c) < kernels.len()), "no such kernel");
    match set {
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512 if set.is_available() && is_x86_feature_detected!("avx512vnni") => {
            // SAFETY: the instruction set was found on this machine.
            unsafe { avx512::filter(tile, kernels, chosen, out) }
        }
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512 | InstructionSet::Avx2 if InstructionSet::Avx2.is_available() => {
            // SAFETY: as above.
            unsafe { avx2::filter(tile, kernels, chosen, out) }
        }
        #[cfg(target_arch = "aarch64")]
        InstructionSet::Neon if set.is_available() => {
            // SAFETY: as above.
            unsafe { neon::filter(tile, kernels, chosen, out) }
        }
        _ => scalar::filter(tile, kernels, chosen, out),
    }
}

/// Cells with a kernel: place in the tile, column, row, kernel.
fn work<'a>(kernels: &'a [Kernel], chosen: &'a [u16]) -> impl Iterator<Item = (usize, usize, usize, &'a Kernel)> {
    chosen
        .iter()
        .enumerate()
        .filter(|(_, c)| **c != NONE)
        .map(|(i, &c)| (i, i % TILE_COLUMNS, i / TILE_COLUMNS, &kernels[usize::from(c)]))
}
