//! Ridge period from power spectra across the ridges.
//!
//! Each cell's grey levels are summed along the ridge into a signature across it (x-signature of Hong 1998). Its power
//! at a table of periods is smoothed over neighbouring cells, where phases do not matter, and its peak is the period.

use std::f32::consts::TAU;

use super::orientation::Field;
use super::params::{
    CELL, PERIOD_ACROSS, PERIOD_ALONG, PERIOD_ALONG_STEP, PERIOD_CELL, PERIOD_MAX, PERIOD_MIN, PERIOD_PRIOR,
    PERIOD_SIGMA, PERIOD_SPREAD, PERIOD_USUAL, PERIOD_USUAL_SPREAD, PERIODS,
};
use crate::geometry::Grid;

/// Period number `index` of the table, fractions allowed, pixels.
pub(super) fn table_period(index: f32) -> f32 {
    PERIOD_MIN * (PERIOD_MAX / PERIOD_MIN).powf(index / (PERIODS - 1) as f32)
}

/// Place of a period in the table, clamped to it.
pub(super) fn table_index(period: f32) -> f32 {
    let index = (period / PERIOD_MIN).ln() / (PERIOD_MAX / PERIOD_MIN).ln() * (PERIODS - 1) as f32;
    index.clamp(0.0, (PERIODS - 1) as f32)
}

/// Period per cell of the fine maps, pixels.
pub(super) fn periods(pixels: &Grid<f32>, field: &Field, mask: &Grid<bool>) -> Grid<f32> {
    let (columns, rows) = (mask.width().div_ceil(PERIOD_CELL), mask.height().div_ceil(PERIOD_CELL));
    let waves = Waves::new();
    let mut spectra: Vec<Grid<f32>> = vec![Grid::new(columns, rows, 0.0); PERIODS];
    for row in 0..rows {
        for column in 0..columns {
            let (cx, cy) = (column * PERIOD_CELL + PERIOD_CELL / 2, row * PERIOD_CELL + PERIOD_CELL / 2);
            if mask.get(cx, cy) != Some(true) {
                continue;
            }
            let signature = signature(pixels, field, cx, cy);
            for (grid, p) in spectra.iter_mut().zip(waves.power(&signature)) {
                grid.set(column, row, p);
            }
        }
    }
    // The print's own period, then a bell round it for every cell.
    let usual = bell(table_index(PERIOD_USUAL), PERIOD_USUAL_SPREAD);
    let whole: Vec<f32> = (0..columns * rows).map(|i| spectra.iter().map(|g| g.as_slice()[i]).sum()).collect();
    let mut total: [f32; PERIODS] = std::array::from_fn(|k| {
        let shares = spectra[k].as_slice().iter().zip(&whole).filter(|(_, w)| **w > 1e-9).map(|(p, w)| p / w);
        usual[k] * shares.sum::<f32>()
    });
    let near = bell(peak(&total), PERIOD_SPREAD);
    let sum: f32 = total.iter().sum();
    total.iter_mut().for_each(|t| *t *= PERIOD_PRIOR / sum.max(1e-9));
    let smooth: Vec<Grid<f32>> = spectra.iter().map(|g| g.blurred(PERIOD_SIGMA, true)).collect();
    let mut index = Grid::new(columns, rows, 0f32);
    let mut spectrum = [0f32; PERIODS];
    for (i, out) in index.as_mut_slice().iter_mut().enumerate() {
        let local: f32 = smooth.iter().map(|g| g.as_slice()[i]).sum();
        let scale = if local > 1e-9 { 1.0 / local } else { 0.0 };
        for (((s, g), t), n) in spectrum.iter_mut().zip(&smooth).zip(&total).zip(&near) {
            *s = (g.as_slice()[i] * scale + t) * n;
        }
        *out = peak(&spectrum);
    }
    // Down to the fine cells.
    let index = index.enlarged(PERIOD_CELL, mask.width(), mask.height());
    index.map(table_period)
}

/// A bell over the table round place `centre` with a spread in natural logarithms of the period.
fn bell(centre: f32, spread: f32) -> [f32; PERIODS] {
    let step = (PERIOD_MAX / PERIOD_MIN).ln() / (PERIODS - 1) as f32;
    std::array::from_fn(|k| {
        let distance = (k as f32 - centre) * step / spread;
        (-0.5 * distance * distance).exp()
    })
}

/// Mean grey level along the ridge, at [`PERIOD_ACROSS`] places across it.
fn signature(pixels: &Grid<f32>, field: &Field, cx: usize, cy: usize) -> [f32; PERIOD_ACROSS] {
    let (c, s) = (field.cosine.get(cx, cy).unwrap_or(1.0), field.sine.get(cx, cy).unwrap_or(0.0));
    let (sin, cos) = (0.5 * s.atan2(c)).sin_cos();
    let (x0, y0) = ((cx * CELL) as f32, (cy * CELL) as f32);
    let (max_x, max_y) = ((pixels.width() - 1) as f32, (pixels.height() - 1) as f32);
    let values = pixels.as_slice();
    let width = pixels.width();
    let mut out = [0f32; PERIOD_ACROSS];
    for (i, o) in out.iter_mut().enumerate() {
        let across = i as f32 - (PERIOD_ACROSS - 1) as f32 / 2.0;
        let (bx, by) = (x0 + across * sin, y0 + across * cos);
        for j in 0..PERIOD_ALONG {
            let along = (j as f32 - (PERIOD_ALONG - 1) as f32 / 2.0) * PERIOD_ALONG_STEP;
            let (x, y) = (bx + along * cos, by - along * sin);
            if x >= 0.0 && y >= 0.0 && x < max_x && y < max_y {
                let (xi, yi) = (x as usize, y as usize);
                let (fx, fy) = (x - xi as f32, y - yi as f32);
                let at = yi * width + xi;
                let upper = values[at] + fx * (values[at + 1] - values[at]);
                let lower = values[at + width] + fx * (values[at + width + 1] - values[at + width]);
                *o += upper + fy * (lower - upper);
            }
        }
    }
    out
}

/// Windowed waves of all periods of the table.
struct Waves {
    window: [f32; PERIOD_ACROSS],
    cosine: Vec<[f32; PERIOD_ACROSS]>,
    sine: Vec<[f32; PERIOD_ACROSS]>,
}

impl Waves {
    fn new() -> Self {
        let centre = (PERIOD_ACROSS - 1) as f32 / 2.0;
        let window = std::array::from_fn(|i| 0.5 + 0.5 * (TAU * (i as f32 - centre) / PERIOD_ACROSS as f32).cos());
        let wave = |f: fn(f32) -> f32| {
            (0..PERIODS)
                .map(|k| std::array::from_fn(|i| f(TAU * (i as f32 - centre) / table_period(k as f32))))
                .collect()
        };
        Self { window, cosine: wave(f32::cos), sine: wave(f32::sin) }
    }

    /// Power at each period of the table.
    fn power(&self, signature: &[f32; PERIOD_ACROSS]) -> [f32; PERIODS] {
        let weight: f32 = self.window.iter().sum();
        let mean: f32 = signature.iter().zip(&self.window).map(|(s, w)| s * w).sum::<f32>() / weight;
        let mut windowed = [0f32; PERIOD_ACROSS];
        for ((o, s), w) in windowed.iter_mut().zip(signature).zip(&self.window) {
            *o = (s - mean) * w;
        }
        let mut out = [0f32; PERIODS];
        for ((o, c), s) in out.iter_mut().zip(&self.cosine).zip(&self.sine) {
            let re: f32 = windowed.iter().zip(c).map(|(a, b)| a * b).sum();
            let im: f32 = windowed.iter().zip(s).map(|(a, b)| a * b).sum();
            *o = re * re + im * im;
        }
        out
    }
}

/// Place of the highest value, by a parabola through it and its neighbours.
fn peak(spectrum: &[f32; PERIODS]) -> f32 {
    let mut best = 0;
    for (i, v) in spectrum.iter().enumerate() {
        if *v > spectrum[best] {
            best = i;
        }
    }
    if best == 0 || best + 1 == PERIODS {
        return best as f32;
    }
    let (a, b, c) = (spectrum[best - 1], spectrum[best], spectrum[best + 1]);
    let curve = a - 2.0 * b + c;
    if curve >= -1e-12 { best as f32 } else { best as f32 + (0.5 * (a - c) / curve).clamp(-0.5, 0.5) }
}

#[cfg(test)]
mod tests {
    use super::super::orientation::Tensor;
    use super::*;

    #[test]
    fn finds_the_period_of_waves() {
        for (period, degrees) in [(6.0f32, 20.0f32), (9.0, 75.0), (12.5, 140.0)] {
            let o = degrees.to_radians();
            let mut grid = Grid::new(128, 128, 0f32);
            for y in 0..128 {
                for x in 0..128 {
                    let u = x as f32 * o.sin() + y as f32 * o.cos();
                    grid.set(x, y, (TAU * u / period).cos());
                }
            }
            let field = Tensor::of(&grid).field(&[2.0, 4.0]);
            let mask = Grid::new(32, 32, true);
            let found = periods(&grid, &field, &mask).get(16, 16).unwrap();
            assert!((found / period - 1.0).abs() < 0.04, "{period}: {found}");
        }
    }

    #[test]
    fn table_goes_both_ways() {
        for p in [5.0f32, 8.9, 16.0] {
            assert!((table_period(table_index(p)) - p).abs() < 1e-3);
        }
    }
}
