//! Ridge growth: a few dots are filtered repeatedly with the Gabor kernel of each place until ridges fill the finger
//! (Cappelli, Erol, Maio, Maltoni: SFinGe). Minutiae arise where ridges from different dots meet.

use super::grid::Grid;
use super::kernel::{Bank, COLUMNS, Kernel, ROWS};
use super::params::{GROWTH_GAIN, GROWTH_LIMIT, KERNEL_RADIUS, PIXELS_PER_SEED, SETTLE};
use crate::simd::chunk::Chunk;
use crate::simd::dot::dot;
use crate::synth::random::Stream;

/// Side of the blocks that are skipped while their neighborhood is empty, nodes; at least the kernel's radius.
const BLOCK: usize = 8;
/// Change of a sample from which its block and the neighbors are filtered again.
const TRACE: f32 = 0.04;
/// Share of the blocks that ridges must have reached.
const FULL: f32 = 0.97;
/// Magnitude of a grown ridge.
const GROWN: f32 = 0.5;

/// Grows ridges on the grid; returns a bordered plane of values in `[-1, 1]`, ridges positive.
pub(super) fn grow(grid: &Grid, random: &mut Stream) -> Vec<f32> {
    let bank = Bank::shared();
    let kernels: Vec<u16> =
        grid.flow.iter().zip(&grid.inside).map(|(&f, &i)| if i { Bank::index(f) } else { 0 }).collect();
    let mut plane = vec![0f32; grid.plane_len()];
    sow(grid, random, &mut plane);
    let mut next = vec![0f32; plane.len()];
    let blocks = Blocks::new(grid);
    let mut changed = blocks.touched(grid, &plane);
    let mut settled = 0;
    for _ in 0..GROWTH_LIMIT {
        // A block whose neighborhood is unchanged stays unchanged.
        let due = blocks.dilated(&changed);
        for (block, change) in changed.iter_mut().enumerate() {
            *change = 0.0;
            if !due[block] {
                continue;
            }
            let (columns, rows) = blocks.span(block);
            for row in rows {
                for column in columns.clone() {
                    let node = row * grid.columns + column;
                    if grid.inside[node] {
                        let at = grid.bordered(column, row);
                        let corner = at - KERNEL_RADIUS * grid.stride - KERNEL_RADIUS;
                        let sum = correlate(&plane, corner, grid.stride, bank.kernel(kernels[node]));
                        let value = (GROWTH_GAIN * sum).clamp(-1.0, 1.0);
                        *change = change.max((value - plane[at]).abs());
                        next[at] = value;
                    }
                }
            }
        }
        std::mem::swap(&mut plane, &mut next);
        blocks.copy(grid, &due, &plane, &mut next);
        if settled > 0 || blocks.full(grid, &plane) {
            settled += 1;
            if settled > SETTLE {
                break;
            }
        }
    }
    plane
}

/// Puts dots at random nodes of the finger.
fn sow(grid: &Grid, random: &mut Stream, plane: &mut [f32]) {
    let nodes: Vec<usize> = (0..grid.inside.len()).filter(|&i| grid.inside[i]).collect();
    let pixels = nodes.len() as f32 * grid.step * grid.step;
    let seeds = ((pixels / PIXELS_PER_SEED) as usize).max(1);
    for _ in 0..seeds {
        if let Some(&node) = nodes.get(random.index(nodes.len())) {
            let sign = if random.chance(0.5) { 1.0 } else { -1.0 };
            plane[grid.bordered(node % grid.columns, node / grid.columns)] = sign;
        }
    }
}

/// Sum of the kernel times the samples below it.
fn correlate(plane: &[f32], corner: usize, stride: usize, kernel: &Kernel) -> f32 {
    let mut window = [Chunk::ZERO; ROWS];
    for (row, samples) in window.iter_mut().zip(plane[corner..].chunks(stride)) {
        if let Some(samples) = samples.first_chunk::<COLUMNS>() {
            row.0 = *samples;
        }
    }
    dot(kernel, &window)
}

/// Pairwise sum.
pub(super) fn fold(sums: &[f32; COLUMNS]) -> f32 {
    let mut eight = [0f32; 8];
    for i in 0..8 {
        eight[i] = sums[i] + sums[i + 8];
    }
    ((eight[0] + eight[4]) + (eight[2] + eight[6])) + ((eight[1] + eight[5]) + (eight[3] + eight[7]))
}

/// Square blocks of grid nodes.
struct Blocks {
    across: usize,
    down: usize,
    columns: usize,
    rows: usize,
    /// Whether the block has a node of the finger.
    used: Vec<bool>,
}

impl Blocks {
    fn new(grid: &Grid) -> Self {
        let (across, down) = (grid.columns.div_ceil(BLOCK), grid.rows.div_ceil(BLOCK));
        let mut blocks =
            Self { across, down, columns: grid.columns, rows: grid.rows, used: vec![false; across * down] };
        blocks.used = (0..across * down)
            .map(|b| {
                let (columns, rows) = blocks.span(b);
                rows.flat_map(|r| columns.clone().map(move |c| (c, r))).any(|(c, r)| grid.inside[r * grid.columns + c])
            })
            .collect();
        blocks
    }

    fn span(&self, block: usize) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let (x, y) = (block % self.across * BLOCK, block / self.across * BLOCK);
        (x..(x + BLOCK).min(self.columns), y..(y + BLOCK).min(self.rows))
    }

    /// The largest magnitude in each block.
    fn touched(&self, grid: &Grid, plane: &[f32]) -> Vec<f32> {
        (0..self.used.len())
            .map(|b| {
                let (columns, rows) = self.span(b);
                rows.flat_map(|r| &plane[grid.bordered(columns.start, r)..][..columns.len()])
                    .fold(0.0, |m: f32, v| m.max(v.abs()))
            })
            .collect()
    }

    /// Copies the blocks `due` of `from` to `to`.
    fn copy(&self, grid: &Grid, due: &[bool], from: &[f32], to: &mut [f32]) {
        for block in (0..due.len()).filter(|&b| due[b]) {
            let (columns, rows) = self.span(block);
            for row in rows {
                let at = grid.bordered(columns.start, row);
                to[at..at + columns.len()].copy_from_slice(&from[at..at + columns.len()]);
            }
        }
    }

    /// Used blocks that have changed or whose neighbors have.
    fn dilated(&self, changed: &[f32]) -> Vec<bool> {
        let mut near = vec![false; changed.len()];
        for y in 0..self.down {
            for x in 0..self.across {
                let any = (y.saturating_sub(1)..(y + 2).min(self.down)).any(|j| {
                    (x.saturating_sub(1)..(x + 2).min(self.across)).any(|i| changed[j * self.across + i] > TRACE)
                });
                near[y * self.across + x] = any && self.used[y * self.across + x];
            }
        }
        near
    }

    /// Whether ridges have reached nearly every used block; slivers at the outline may stay empty.
    fn full(&self, grid: &Grid, plane: &[f32]) -> bool {
        let used = self.used.iter().filter(|u| **u).count();
        let grown = self.touched(grid, plane).iter().filter(|t| **t > GROWN).count();
        grown as f32 >= FULL * used as f32
    }
}

const _: () = assert!(BLOCK >= KERNEL_RADIUS && ROWS <= COLUMNS);
