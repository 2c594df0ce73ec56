//! Local contrast normalisation: every pixel in deviations from the local mean.

use super::params::{
    CELL, NORMALIZE_CLIP, NORMALIZE_FLOOR, NORMALIZE_MIN_DEVIATION, NORMALIZE_QUANTILE, NORMALIZE_SIGMA,
};
use crate::geometry::Grid;
use crate::image::FingerImage;

/// A normalised image.
pub(super) struct Normalized {
    /// Deviations from the local mean, bright positive, within plus or minus [`NORMALIZE_CLIP`].
    pub pixels: Grid<f32>,
    /// Divisor per cell, grey levels.
    pub scale: Grid<f32>,
}

/// Subtracts the local mean and divides by the local deviation plus a floor.
pub(super) fn normalize(image: &FingerImage) -> Normalized {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let (mean, mean_square) = cell_moments(image.pixels(), width, height);
    let mean = mean.blurred(NORMALIZE_SIGMA, false);
    let mean_square = mean_square.blurred(NORMALIZE_SIGMA, false);
    let mut deviation = mean_square;
    for (d, &m) in deviation.as_mut_slice().iter_mut().zip(mean.as_slice()) {
        *d = (*d - m * m).max(0.0).sqrt();
    }
    let typical = quantile(deviation.as_slice(), NORMALIZE_QUANTILE);
    let floor = (typical * NORMALIZE_FLOOR).max(NORMALIZE_MIN_DEVIATION);
    let scale = deviation.map(|d| d + floor);
    let inverse = scale.map(|d| 1.0 / d).enlarged(CELL, width, height);
    let mut pixels = mean.enlarged(CELL, width, height);
    for ((p, &i), &g) in pixels.as_mut_slice().iter_mut().zip(inverse.as_slice()).zip(image.pixels()) {
        *p = ((f32::from(g) - *p) * i).clamp(-NORMALIZE_CLIP, NORMALIZE_CLIP);
    }
    Normalized { pixels, scale }
}

/// Mean and mean square of each cell.
fn cell_moments(pixels: &[u8], width: usize, height: usize) -> (Grid<f32>, Grid<f32>) {
    let (columns, rows) = (width.div_ceil(CELL), height.div_ceil(CELL));
    let mut mean = Grid::new(columns, rows, 0f32);
    let mut square = Grid::new(columns, rows, 0f32);
    for (cy, band) in pixels.chunks(width * CELL).enumerate() {
        for line in band.chunks_exact(width) {
            let sums = mean.row_mut(cy).iter_mut().zip(square.row_mut(cy));
            for ((m, s), cell) in sums.zip(line.chunks(CELL)) {
                for &p in cell {
                    let v = f32::from(p);
                    *m += v;
                    *s += v * v;
                }
            }
        }
        let lines = band.len() / width;
        for (cx, (m, s)) in mean.row_mut(cy).iter_mut().zip(square.row_mut(cy)).enumerate() {
            let count = (lines * CELL.min(width - cx * CELL)) as f32;
            *m /= count;
            *s /= count;
        }
    }
    (mean, square)
}

/// The value below which `share` of the values lie; 0 for none.
pub(super) fn quantile(values: &[f32], share: f32) -> f32 {
    let mut sorted = values.to_vec();
    if sorted.is_empty() {
        return 0.0;
    }
    let at = (((sorted.len() - 1) as f32) * share) as usize;
    *sorted.select_nth_unstable_by(at, f32::total_cmp).1
}
