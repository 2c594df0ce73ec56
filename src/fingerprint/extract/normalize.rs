//! Local contrast normalization: every pixel is given in deviations from the local mean.

use super::params::{
    CELL, NORMALIZE_CLIP, NORMALIZE_FLOOR, NORMALIZE_LEVELS, NORMALIZE_MIN_DEVIATION, NORMALIZE_QUANTILE,
    NORMALIZE_SIGMA,
};
use super::smooth::{blurred, enlarged_line, lines_round};
use crate::geometry::Grid;
use crate::image::FingerImage;
use crate::simd::instruction_set::InstructionSet;
use crate::simd::rows;

/// A normalized image.
pub(super) struct Normalized {
    /// Deviations from the local mean, brighter is larger: 128 is the mean, [`NORMALIZE_LEVELS`] levels are one
    /// deviation.
    pub pixels: Grid<u8>,
    /// Divisor per cell, gray levels.
    pub scale: Grid<f32>,
}

/// Subtracts the local mean and divides by the local deviation plus a floor.
pub(super) fn normalize(image: &FingerImage) -> Normalized {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let set = InstructionSet::best();
    let (mean, mean_square) = cell_moments(set, image.pixels(), width, height);
    let mean = blurred(&mean, NORMALIZE_SIGMA, false);
    let mut deviation = blurred(&mean_square, NORMALIZE_SIGMA, false);
    for (d, &m) in deviation.as_mut_slice().iter_mut().zip(mean.as_slice()) {
        *d = (*d - m * m).max(0.0).sqrt();
    }
    let typical = quantile(deviation.as_slice(), NORMALIZE_QUANTILE);
    let floor = (typical * NORMALIZE_FLOOR).max(NORMALIZE_MIN_DEVIATION);
    let mut scale = deviation;
    scale.as_mut_slice().iter_mut().for_each(|d| *d += floor);
    let factor = scale.map(|d| NORMALIZE_LEVELS / d);
    let mut pixels = Grid::new(width, height, 128u8);
    // Lines of cells enlarged to pixels: the one above and the one below.
    let mut means = [vec![0f32; width], vec![0f32; width]];
    let mut factors = means.clone();
    let mut held = [usize::MAX; 2];
    for (y, line) in image.pixels().chunks_exact(width).enumerate() {
        let (upper, lower, share) = lines_round(y, CELL, mean.height());
        for row in [upper, lower] {
            if held[row % 2] != row {
                enlarged_line(mean.row(row), CELL, &mut means[row % 2]);
                enlarged_line(factor.row(row), CELL, &mut factors[row % 2]);
                held[row % 2] = row;
            }
        }
        let (a, b) = (upper % 2, lower % 2);
        let reach = NORMALIZE_CLIP * NORMALIZE_LEVELS;
        let (mean, factor) = ([&*means[a], &*means[b]], [&*factors[a], &*factors[b]]);
        rows::normalize(set, line, mean, factor, share, reach, pixels.row_mut(y));
    }
    Normalized { pixels, scale }
}

/// Mean and mean square of each cell.
fn cell_moments(set: InstructionSet, pixels: &[u8], width: usize, height: usize) -> (Grid<f32>, Grid<f32>) {
    let (columns, lines) = (width.div_ceil(CELL), height.div_ceil(CELL));
    let mut mean = Grid::new(columns, lines, 0f32);
    let mut square = Grid::new(columns, lines, 0f32);
    let (mut sums, mut squares) = (vec![0u32; width], vec![0u32; width]);
    for (cy, band) in pixels.chunks(width * CELL).enumerate() {
        sums.fill(0);
        squares.fill(0);
        for line in band.chunks_exact(width) {
            rows::add_moments(set, line, &mut sums, &mut squares);
        }
        let height = band.len() / width;
        for (line, sums) in [(mean.row_mut(cy), &sums), (square.row_mut(cy), &squares)] {
            for (out, cell) in line.iter_mut().zip(sums.chunks(CELL)) {
                *out = cell.iter().sum::<u32>() as f32 / (height * cell.len()) as f32;
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ppi;

    #[test]
    fn contrast_and_brightness_do_not_matter() {
        let image = |low: u8, high: u8| {
            let pixels: Vec<u8> = (0..160 * 120).map(|i| if i % 160 % 9 < 4 { low } else { high }).collect();
            normalize(&FingerImage::from_gray8(160, 120, Ppi::P500, &pixels).unwrap()).pixels
        };
        let (strong, weak) = (image(20, 220), image(90, 190));
        for (a, b) in strong.as_slice().iter().zip(weak.as_slice()) {
            assert!(a.abs_diff(*b) <= 2);
        }
        let flat = normalize(&FingerImage::from_gray8(64, 64, Ppi::P500, &[77; 4096]).unwrap()).pixels;
        assert!(flat.as_slice().iter().all(|v| *v == 128));
    }
}
