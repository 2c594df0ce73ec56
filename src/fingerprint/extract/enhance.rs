//! Contextual Gabor filtering: each cell is filtered with the kernel of its orientation and period.

use std::f32::consts::{PI, TAU};
use std::sync::OnceLock;

use super::frequency::{table_index, table_period};
use super::orientation::Field;
use super::params::{CELL, ENERGY_SIGMA, GABOR_CUT, GABOR_ORIENTATIONS, GABOR_RADIUS_MAX, GABOR_SIGMA, PERIODS};
use crate::geometry::Grid;

/// One even Gabor kernel: zero mean, response 1 to a cosine of amplitude 1, sign turned so that dark ridges are positive.
struct Kernel {
    radius: usize,
    taps: Vec<f32>,
}

/// All kernels, by orientation, then period.
fn bank() -> &'static [Kernel] {
    static BANK: OnceLock<Vec<Kernel>> = OnceLock::new();
    BANK.get_or_init(|| {
        let orientation = |k: usize| PI * k as f32 / GABOR_ORIENTATIONS as f32;
        (0..GABOR_ORIENTATIONS * PERIODS)
            .map(|i| Kernel::new(orientation(i / PERIODS), table_period((i % PERIODS) as f32)))
            .collect()
    })
}

impl Kernel {
    fn new(orientation: f32, period: f32) -> Self {
        let sigma = GABOR_SIGMA * period;
        let radius = ((GABOR_CUT * sigma).ceil() as usize).min(GABOR_RADIUS_MAX);
        let (sin, cos) = orientation.sin_cos();
        let (mut taps, mut waves, mut window) = (Vec::new(), Vec::new(), Vec::new());
        for y in -(radius as isize)..=radius as isize {
            for x in -(radius as isize)..=radius as isize {
                let (x, y) = (x as f32, y as f32);
                let wave = (TAU * (x * sin + y * cos) / period).cos();
                let w = (-(x * x + y * y) / (2.0 * sigma * sigma)).exp();
                taps.push(w * wave);
                waves.push(wave);
                window.push(w);
            }
        }
        // Zero mean by taking a share of the window away, then unit response.
        let share = taps.iter().sum::<f32>() / window.iter().sum::<f32>();
        taps.iter_mut().zip(&window).for_each(|(t, w)| *t -= share * w);
        let response: f32 = taps.iter().zip(&waves).map(|(t, w)| t * w).sum();
        taps.iter_mut().for_each(|t| *t /= -response);
        Self { radius, taps }
    }
}

/// Filters the normalised image inside the mask; ridges come out positive, amplitude as in the input, 0 outside.
pub(super) fn enhance(pixels: &Grid<f32>, field: &Field, period: &Grid<f32>, mask: &Grid<bool>) -> Grid<f32> {
    let (width, height) = (pixels.width(), pixels.height());
    let (columns, rows) = (mask.width(), mask.height());
    let margin = GABOR_RADIUS_MAX;
    let padded_width = columns * CELL + 2 * margin;
    let mut padded = vec![0f32; padded_width * (rows * CELL + 2 * margin)];
    for y in 0..height {
        padded[(y + margin) * padded_width + margin..][..width].copy_from_slice(pixels.row(y));
    }
    let bank = bank();
    let mut out = Grid::new(width, height, 0f32);
    for cy in 0..rows {
        for cx in 0..columns {
            if mask.get(cx, cy) != Some(true) {
                continue;
            }
            let o = (field.orientation(cx, cy) / PI * GABOR_ORIENTATIONS as f32).round() as usize % GABOR_ORIENTATIONS;
            let t = table_index(period.get(cx, cy).unwrap_or(9.0)).round() as usize;
            let kernel = &bank[o * PERIODS + t];
            let origin = (cy * CELL + margin - kernel.radius) * padded_width + cx * CELL + margin - kernel.radius;
            let block = filter_cell(&padded[origin..], padded_width, kernel);
            for (j, values) in block.iter().enumerate() {
                let y = cy * CELL + j;
                for (i, &v) in values.iter().enumerate() {
                    out.set(cx * CELL + i, y, v);
                }
            }
        }
    }
    out
}

/// One cell of 4 x 4 pixels; `from` starts at the kernel's top left for the cell's first pixel.
fn filter_cell(from: &[f32], stride: usize, kernel: &Kernel) -> [[f32; CELL]; CELL] {
    let size = 2 * kernel.radius + 1;
    let mut sums = [[0f32; CELL]; CELL];
    let span = size + CELL - 1;
    for (ky, taps) in kernel.taps.chunks_exact(size).enumerate() {
        let line = |j: usize| from[(ky + j) * stride..][..span].windows(CELL);
        let lines = line(0).zip(line(1)).zip(line(2).zip(line(3)));
        for (&w, ((a, b), (c, d))) in taps.iter().zip(lines) {
            for i in 0..CELL {
                sums[0][i] += w * a[i];
                sums[1][i] += w * b[i];
                sums[2][i] += w * c[i];
                sums[3][i] += w * d[i];
            }
        }
    }
    sums
}

/// Deviation of the enhanced pattern over a window of `sigma` cells, per cell.
pub(super) fn strength(enhanced: &Grid<f32>, sigma: f32) -> Grid<f32> {
    cell_energy(enhanced).blurred(sigma, true).map(|e| (e / (CELL * CELL) as f32).sqrt())
}

/// Share of the local energy that the enhanced pattern explains, per cell, 0..=1.
pub(super) fn reliability(pixels: &Grid<f32>, enhanced: &Grid<f32>) -> Grid<f32> {
    let whole = cell_energy(pixels).blurred(ENERGY_SIGMA, true);
    let mut share = cell_energy(enhanced).blurred(ENERGY_SIGMA, true);
    for (s, &w) in share.as_mut_slice().iter_mut().zip(whole.as_slice()) {
        *s = if w > 1e-6 { (*s / w).min(1.0) } else { 0.0 };
    }
    share
}

/// Sum of squares per cell.
fn cell_energy(pixels: &Grid<f32>) -> Grid<f32> {
    let mut out = Grid::new(pixels.width().div_ceil(CELL), pixels.height().div_ceil(CELL), 0f32);
    for y in 0..pixels.height() {
        for (sum, cell) in out.row_mut(y / CELL).iter_mut().zip(pixels.row(y).chunks(CELL)) {
            *sum += cell.iter().map(|v| v * v).sum::<f32>();
        }
    }
    out
}
