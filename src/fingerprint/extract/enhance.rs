//! Contextual Gabor filtering: each cell is filtered with the kernel of its orientation and period.

use super::bank::bank;
use super::orientation::{Field, Tensor};
use super::params::{CELL, ENERGY_SIGMA, ENHANCED_LEVELS, GABOR_ORIENTATIONS, NORMALIZE_LEVELS, PERIODS};
use super::smooth::blurred;
use crate::geometry::{Bitmap, Grid};
use crate::simd::gabor::{self, Kernel, LINE, LINES, Lines, MARGIN, NONE, Responses, TILE_COLUMNS, TILE_ROWS, Tile};
use crate::simd::instruction_set::InstructionSet;
use crate::simd::rows;

const _: () = assert!(CELL == gabor::CELL);

/// The normalized image filtered inside the mask, row by row from the top down: ridges are positive, with
/// [`ENHANCED_LEVELS`] for an amplitude of one deviation, and pixels outside are 0. Only the rows of one line of tiles are held.
pub(super) struct Enhanced<'a> {
    pixels: &'a Grid<u8>,
    kernels: Grid<u16>,
    bank: Vec<&'static Kernel>,
    tile: Box<Tile>,
    /// The rows held.
    band: Grid<i16>,
    /// Line of tiles after the one held.
    next: usize,
}

impl<'a> Enhanced<'a> {
    /// `period` holds positions in the table of periods.
    pub fn new(pixels: &'a Grid<u8>, field: &Field, period: &Grid<f32>, mask: &Grid<bool>) -> Self {
        let kernels = kernels(field, period, mask);
        let bank = bank(kernels.as_slice());
        let band = Grid::new(pixels.width(), TILE_ROWS * CELL, 0);
        Self { pixels, kernels, bank, tile: Box::new(Tile::new()), band, next: 0 }
    }

    /// Row `y`, which is not above the last one asked for by more than its line of tiles.
    fn row(&mut self, y: usize) -> &[i16] {
        while y / (TILE_ROWS * CELL) >= self.next {
            self.fill(self.next * TILE_ROWS);
            self.next += 1;
        }
        self.band.row(y % (TILE_ROWS * CELL))
    }

    /// Filters the line of tiles from row `top` of cells on.
    fn fill(&mut self, top: usize) {
        let Self { pixels, kernels, bank, tile, band, .. } = self;
        let set = InstructionSet::best();
        let mut lines: Lines = [[128; LINE]; LINES];
        let mut responses: Responses = [[0; CELL * CELL]; TILE_COLUMNS * TILE_ROWS];
        band.as_mut_slice().fill(0);
        for left in (0..kernels.width()).step_by(TILE_COLUMNS) {
            let chosen =
                std::array::from_fn(|i| kernels.get(left + i % TILE_COLUMNS, top + i / TILE_COLUMNS).unwrap_or(NONE));
            if chosen == [NONE; TILE_COLUMNS * TILE_ROWS] {
                continue;
            }
            cut_out(pixels, left * CELL, top * CELL, &mut lines);
            tile.fill(set, &lines);
            gabor::filter(set, tile, bank, &chosen, &mut responses);
            for (row, (chosen, cells)) in
                chosen.chunks_exact(TILE_COLUMNS).zip(responses.chunks_exact(TILE_COLUMNS)).enumerate()
            {
                for j in 0..CELL {
                    let line = band.row_mut(row * CELL + j);
                    let spans = line.get_mut(left * CELL..).unwrap_or_default().chunks_mut(CELL);
                    for ((to, cell), _) in spans.zip(cells).zip(chosen).filter(|(_, k)| **k != NONE) {
                        let from = &cell[j * CELL..][..CELL];
                        match <&mut [i16; CELL]>::try_from(&mut *to) {
                            Ok(to) => to.copy_from_slice(from),
                            Err(_) => to.copy_from_slice(&from[..to.len()]),
                        }
                    }
                }
            }
        }
    }

    /// Its gradient tensor.
    pub fn tensor(mut self) -> Tensor {
        let set = InstructionSet::best();
        let (width, height) = (self.pixels.width(), self.pixels.height());
        Tensor::of_lines(width, height, |y, out| rows::scale_i16(set, self.row(y), 1.0 / ENHANCED_LEVELS, out))
    }

    /// Sum of squares per cell, and the pixels that are positive.
    pub fn energy_and_signs(mut self) -> (Grid<f32>, Bitmap) {
        let set = InstructionSet::best();
        let (width, height) = (self.pixels.width(), self.pixels.height());
        let mut positive = Bitmap::new(width, height);
        let energy = cell_sums((width, height), 1.0 / ENHANCED_LEVELS, |y, sums| {
            let row = self.row(y);
            rows::positive_bits(set, row, positive.row_mut(y));
            rows::add_squares_i16(set, row, sums);
        });
        (energy, positive)
    }

    /// All rows, which [`ENHANCED_LEVELS`] divides, for a picture.
    pub fn whole(mut self) -> Grid<f32> {
        let mut whole = Grid::new(self.pixels.width(), self.pixels.height(), 0f32);
        for y in 0..whole.height() {
            whole.row_mut(y).iter_mut().zip(self.row(y)).for_each(|(to, v)| *to = f32::from(*v) / ENHANCED_LEVELS);
        }
        whole
    }
}

/// Number of each cell's kernel in the bank, [`NONE`] outside the mask.
fn kernels(field: &Field, period: &Grid<f32>, mask: &Grid<bool>) -> Grid<u16> {
    let mut out = field.nearest(GABOR_ORIENTATIONS);
    let cells = out.as_mut_slice().iter_mut().zip(period.as_slice()).zip(mask.as_slice());
    for ((k, t), inside) in cells {
        let t = (t + 0.5) as u16;
        *k = if *inside { *k * PERIODS as u16 + t.min(PERIODS as u16 - 1) } else { NONE };
    }
    out
}

/// Cuts out a tile whose first cell starts at the given pixel; pixels outside the image are the mean gray.
fn cut_out(pixels: &Grid<u8>, left: usize, top: usize, lines: &mut Lines) {
    let skipped = MARGIN.saturating_sub(left);
    let first = (left + skipped).saturating_sub(MARGIN);
    for (i, to) in lines.iter_mut().enumerate() {
        let row = (top + i).checked_sub(MARGIN).map_or(&[][..], |y| pixels.row(y));
        let from = row.get(first..).unwrap_or(&[]);
        let count = from.len().min(LINE - skipped);
        to[..skipped].fill(128);
        to[skipped..][..count].copy_from_slice(&from[..count]);
        to[skipped + count..].fill(128);
    }
}

/// Deviation of the enhanced pattern over a window of `sigma` cells, per cell, from its energy.
pub(super) fn strength(energy: &Grid<f32>, sigma: f32) -> Grid<f32> {
    let mut strength = blurred(energy, sigma, true);
    strength.as_mut_slice().iter_mut().for_each(|e| *e = (*e / (CELL * CELL) as f32).sqrt());
    strength
}

/// Share of the local energy that the enhanced pattern with this energy explains, per cell, 0..=1.
pub(super) fn reliability(pixels: &Grid<u8>, energy: &Grid<f32>) -> Grid<f32> {
    let set = InstructionSet::best();
    let whole = cell_sums((pixels.width(), pixels.height()), 1.0 / NORMALIZE_LEVELS, |y, sums| {
        rows::add_squares_u8(set, pixels.row(y), sums);
    });
    let whole = blurred(&whole, ENERGY_SIGMA, true);
    let mut share = blurred(energy, ENERGY_SIGMA, true);
    for (s, &w) in share.as_mut_slice().iter_mut().zip(whole.as_slice()) {
        *s = if w > 1e-6 { (*s / w).min(1.0) } else { 0.0 };
    }
    share
}

/// Sums per cell of the column sums to which `add` adds row by row, times the square of `unit`.
fn cell_sums((width, height): (usize, usize), unit: f32, mut add: impl FnMut(usize, &mut [f32])) -> Grid<f32> {
    let set = InstructionSet::best();
    let mut out = Grid::new(width.div_ceil(CELL), height.div_ceil(CELL), 0f32);
    let mut sums = vec![0f32; out.width() * CELL];
    for cy in 0..out.height() {
        sums.fill(0.0);
        for y in cy * CELL..((cy + 1) * CELL).min(height) {
            add(y, &mut sums[..width]);
        }
        rows::fold4(set, &sums, out.row_mut(cy));
    }
    out.as_mut_slice().iter_mut().for_each(|v| *v *= unit * unit);
    out
}
