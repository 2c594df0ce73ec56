//! Contextual Gabor filtering: each cell is filtered with the kernel of its orientation and period.

use super::bank::bank;
use super::orientation::Field;
use super::params::{CELL, ENERGY_SIGMA, ENHANCED_LEVELS, GABOR_ORIENTATIONS, NORMALIZE_LEVELS, PERIODS};
use super::smooth::blurred;
use crate::geometry::Grid;
use crate::simd::gabor::{self, LINE, LINES, Lines, MARGIN, NONE, Responses, TILE_COLUMNS, TILE_ROWS, Tile};
use crate::simd::instruction_set::InstructionSet;
use crate::simd::rows;

const _: () = assert!(CELL == gabor::CELL);

/// Filters the normalized image inside the mask; ridges are positive, with [`ENHANCED_LEVELS`] for an amplitude of one
/// deviation, and pixels outside are 0. `period` holds positions in the table of periods.
pub(super) fn enhance(pixels: &Grid<u8>, field: &Field, period: &Grid<f32>, mask: &Grid<bool>) -> Grid<i16> {
    let (columns, rows) = (mask.width(), mask.height());
    let kernels = kernels(field, period, mask);
    let (set, bank) = (InstructionSet::best(), bank(kernels.as_slice()));
    let mut out = Grid::new(pixels.width(), pixels.height(), 0i16);
    let mut tile = Box::new(Tile::new());
    let mut lines: Lines = [[128; LINE]; LINES];
    let mut responses: Responses = [[0; CELL * CELL]; TILE_COLUMNS * TILE_ROWS];
    for top in (0..rows).step_by(TILE_ROWS) {
        for left in (0..columns).step_by(TILE_COLUMNS) {
            let chosen =
                std::array::from_fn(|i| kernels.get(left + i % TILE_COLUMNS, top + i / TILE_COLUMNS).unwrap_or(NONE));
            if chosen == [NONE; TILE_COLUMNS * TILE_ROWS] {
                continue;
            }
            cut_out(pixels, left * CELL, top * CELL, &mut lines);
            tile.fill(set, &lines);
            gabor::filter(set, &tile, &bank, &chosen, &mut responses);
            for (row, (chosen, cells)) in
                chosen.chunks_exact(TILE_COLUMNS).zip(responses.chunks_exact(TILE_COLUMNS)).enumerate()
            {
                for j in 0..CELL {
                    let line = out.row_mut((top + row) * CELL + j);
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
    out
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

/// Deviation of the enhanced pattern over a window of `sigma` cells, per cell.
pub(super) fn strength(enhanced: &Grid<i16>, sigma: f32) -> Grid<f32> {
    blurred(&enhanced_energy(enhanced), sigma, true).map(|e| (e / (CELL * CELL) as f32).sqrt())
}

/// Share of the local energy that the enhanced pattern explains, per cell, 0..=1.
pub(super) fn reliability(pixels: &Grid<u8>, enhanced: &Grid<i16>) -> Grid<f32> {
    let set = InstructionSet::best();
    let whole = cell_sums(pixels, 1.0 / NORMALIZE_LEVELS, |row, sums| rows::add_squares_u8(set, row, sums));
    let whole = blurred(&whole, ENERGY_SIGMA, true);
    let mut share = blurred(&enhanced_energy(enhanced), ENERGY_SIGMA, true);
    for (s, &w) in share.as_mut_slice().iter_mut().zip(whole.as_slice()) {
        *s = if w > 1e-6 { (*s / w).min(1.0) } else { 0.0 };
    }
    share
}

/// Sum of squares per cell.
fn enhanced_energy(enhanced: &Grid<i16>) -> Grid<f32> {
    let set = InstructionSet::best();
    cell_sums(enhanced, 1.0 / ENHANCED_LEVELS, |row, sums| rows::add_squares_i16(set, row, sums))
}

/// Sums per cell of the column sums from `add`, times the square of `unit`.
fn cell_sums<T: Copy>(pixels: &Grid<T>, unit: f32, add: impl Fn(&[T], &mut [f32])) -> Grid<f32> {
    let set = InstructionSet::best();
    let (width, height) = (pixels.width(), pixels.height());
    let mut out = Grid::new(width.div_ceil(CELL), height.div_ceil(CELL), 0f32);
    let mut sums = vec![0f32; out.width() * CELL];
    for cy in 0..out.height() {
        sums.fill(0.0);
        for y in cy * CELL..((cy + 1) * CELL).min(height) {
            add(pixels.row(y), &mut sums[..width]);
        }
        rows::fold4(set, &sums, out.row_mut(cy));
    }
    out.as_mut_slice().iter_mut().for_each(|v| *v *= unit * unit);
    out
}
