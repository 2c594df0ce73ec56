//! Ridge period from power spectra across the ridges.
//!
//! Each cell's gray levels are summed along the ridge into a signature across it (x-signature of Hong 1998). Its power
//! at a table of periods is smoothed over neighboring cells, which is independent of phase, and its peak is the period.

use std::f32::consts::TAU;
use std::sync::OnceLock;

use super::orientation::Field;
use super::params::{
    CELL, NORMALIZE_LEVELS, PERIOD_ACROSS, PERIOD_ALONG, PERIOD_ALONG_STEP, PERIOD_CELL, PERIOD_MAX, PERIOD_MIN,
    PERIOD_PRIOR, PERIOD_SIGMA, PERIOD_SPREAD, PERIOD_USUAL, PERIOD_USUAL_SPREAD, PERIODS,
};
use super::smooth::{blurred, enlarged};
use crate::geometry::Grid;
use crate::simd::instruction_set::InstructionSet;
use crate::simd::rows;

/// Period at position `index` of the table (fractions allowed), pixels.
pub(super) fn table_period(index: f32) -> f32 {
    PERIOD_MIN * (PERIOD_MAX / PERIOD_MIN).powf(index / (PERIODS - 1) as f32)
}

/// Position of a period in the table, clamped to it.
pub(super) fn table_index(period: f32) -> f32 {
    let index = (period / PERIOD_MIN).ln() / (PERIOD_MAX / PERIOD_MIN).ln() * (PERIODS - 1) as f32;
    index.clamp(0.0, (PERIODS - 1) as f32)
}

/// Period per cell of the fine maps, as a position in the table.
pub(super) fn periods(pixels: &Grid<u8>, field: &Field, mask: &Grid<bool>) -> Grid<f32> {
    let (columns, rows) = (mask.width().div_ceil(PERIOD_CELL), mask.height().div_ceil(PERIOD_CELL));
    let (set, waves) = (InstructionSet::best(), Waves::get());
    let mut spectra: Vec<Grid<f32>> = vec![Grid::new(columns, rows, 0.0); PERIODS];
    for row in 0..rows {
        for column in 0..columns {
            let (cx, cy) = (column * PERIOD_CELL + PERIOD_CELL / 2, row * PERIOD_CELL + PERIOD_CELL / 2);
            if mask.get(cx, cy) != Some(true) {
                continue;
            }
            let signature = signature(pixels, field, cx, cy);
            for (grid, p) in spectra.iter_mut().zip(waves.power(set, &signature)) {
                grid.set(column, row, p);
            }
        }
    }
    // The print's own period, then a bell around it for every cell.
    let usual = bell(table_index(PERIOD_USUAL), PERIOD_USUAL_SPREAD);
    let whole: Vec<f32> = (0..columns * rows).map(|i| spectra.iter().map(|g| g.as_slice()[i]).sum()).collect();
    let mut total: [f32; PERIODS] = std::array::from_fn(|k| {
        let shares = spectra[k].as_slice().iter().zip(&whole).filter(|(_, w)| **w > 1e-9).map(|(p, w)| p / w);
        usual[k] * shares.sum::<f32>()
    });
    let near = bell(peak(&total), PERIOD_SPREAD);
    let sum: f32 = total.iter().sum();
    total.iter_mut().for_each(|t| *t *= PERIOD_PRIOR / sum.max(1e-9));
    let smooth: Vec<Grid<f32>> = spectra.iter().map(|g| blurred(g, PERIOD_SIGMA, true)).collect();
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
    // Enlarge to the fine cells.
    enlarged(&index, PERIOD_CELL, mask.width(), mask.height())
}

/// A bell over the table around position `center` with a spread in natural logarithms of the period.
fn bell(center: f32, spread: f32) -> [f32; PERIODS] {
    let step = (PERIOD_MAX / PERIOD_MIN).ln() / (PERIODS - 1) as f32;
    std::array::from_fn(|k| {
        let distance = (k as f32 - center) * step / spread;
        (-0.5 * distance * distance).exp()
    })
}

/// Sum of deviations along the ridge, at [`PERIOD_ACROSS`] positions across it; deviations outside the image are zero.
///
/// Samples are the nearest pixels: over nine of them the rounding errors average out. Positions are in 1/65536 pixel.
fn signature(pixels: &Grid<u8>, field: &Field, cx: usize, cy: usize) -> [f32; PERIOD_ACROSS] {
    let (c, s) = (field.cosine.get(cx, cy).unwrap_or(1.0), field.sine.get(cx, cy).unwrap_or(0.0));
    let (sin, cos) = (0.5 * s.atan2(c)).sin_cos();
    let fixed = |v: f32| (v * 65_536.0) as i64;
    let (step_x, step_y) = (fixed(PERIOD_ALONG_STEP * cos), fixed(-PERIOD_ALONG_STEP * sin));
    let (across_x, across_y) = (fixed(sin), fixed(cos));
    let half = |step: i64, n: usize| step * (n as i64 - 1) / 2;
    let start = |at: usize, across: i64, along: i64| {
        ((at * CELL) as i64) * 65_536 + 32_768 - half(across, PERIOD_ACROSS) - half(along, PERIOD_ALONG)
    };
    let (x0, y0) = (start(cx, across_x, step_x), start(cy, across_y, step_y));
    let (values, width, height) = (pixels.as_slice(), pixels.width() as i64, pixels.height() as i64);
    // All samples lie between the outermost four.
    let far = |from: i64, across: i64, along: i64| {
        let (a, b) = (across * (PERIOD_ACROSS as i64 - 1), along * (PERIOD_ALONG as i64 - 1));
        [from, from + a, from + b, from + a + b]
    };
    let within = |places: [i64; 4], side: i64| places.iter().all(|p| (0..side).contains(&(p >> 16)));
    let all_inside = within(far(x0, across_x, step_x), width) && within(far(y0, across_y, step_y), height);
    std::array::from_fn(|i| {
        let (x, y) = (x0 + i as i64 * across_x, y0 + i as i64 * across_y);
        let place = |j: usize| ((x + j as i64 * step_x) >> 16, (y + j as i64 * step_y) >> 16);
        let sample = |(column, row): (i64, i64)| i32::from(values[(row * width + column) as usize]) - 128;
        let places = (0..PERIOD_ALONG).map(place);
        let sum: i32 = if all_inside {
            places.map(sample).sum()
        } else {
            places.filter(|(x, y)| (0..width).contains(x) && (0..height).contains(y)).map(sample).sum()
        };
        sum as f32 / NORMALIZE_LEVELS
    })
}

/// Windowed waves of all periods of the table, position by position: cosines first, sines from [`SINES`] on.
struct Waves {
    window: [f32; PERIOD_ACROSS],
    waves: Vec<[f32; 48]>,
}

/// Index of the first sine.
const SINES: usize = 24;
const _: () = assert!(PERIODS <= SINES);

impl Waves {
    /// The waves, computed once.
    fn get() -> &'static Self {
        static WAVES: OnceLock<Waves> = OnceLock::new();
        WAVES.get_or_init(|| {
            let center = (PERIOD_ACROSS - 1) as f32 / 2.0;
            let window = std::array::from_fn(|i| 0.5 + 0.5 * (TAU * (i as f32 - center) / PERIOD_ACROSS as f32).cos());
            let wave = |i: usize| {
                let mut wave = [0f32; 48];
                for k in 0..PERIODS {
                    let (sin, cos) = (TAU * (i as f32 - center) / table_period(k as f32)).sin_cos();
                    (wave[k], wave[SINES + k]) = (cos, sin);
                }
                wave
            };
            Self { window, waves: (0..PERIOD_ACROSS).map(wave).collect() }
        })
    }

    /// Power at each period of the table.
    fn power(&self, set: InstructionSet, signature: &[f32; PERIOD_ACROSS]) -> [f32; PERIODS] {
        let weight: f32 = self.window.iter().sum();
        let mean: f32 = signature.iter().zip(&self.window).map(|(s, w)| s * w).sum::<f32>() / weight;
        let windowed: [f32; PERIOD_ACROSS] = std::array::from_fn(|i| (signature[i] - mean) * self.window[i]);
        let mut sums = [0f32; 48];
        rows::combine48(set, &windowed, &self.waves, &mut sums);
        std::array::from_fn(|k| sums[k] * sums[k] + sums[SINES + k] * sums[SINES + k])
    }
}

/// Position of the highest value, by a parabola through it and its neighbors.
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
            let wave = |i: usize| {
                let u = (i % 128) as f32 * o.sin() + (i / 128) as f32 * o.cos();
                (128.0 + NORMALIZE_LEVELS * (TAU * u / period).cos()) as u8
            };
            let grid = Grid::from_vec(128, 128, (0..128 * 128).map(wave).collect()).unwrap();
            let field = Tensor::of_calmed(&grid).field(&[2.0, 4.0]);
            let mask = Grid::new(32, 32, true);
            let found = table_period(periods(&grid, &field, &mask).get(16, 16).unwrap());
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
