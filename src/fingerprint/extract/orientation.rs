//! Ridge orientation from gradient tensors at several scales.

use super::params::{AGREEMENT_SIGMA, CALM_SIGMA, CELL, NORMALIZE_LEVELS};
use super::smooth::{Window, blurred};
use crate::geometry::Grid;
use crate::geometry::angle::wrap_orientation;
use crate::simd::instruction_set::InstructionSet;
use crate::simd::rows;

/// Mean gradient tensor per cell.
pub(super) struct Tensor {
    /// Strength of ridges along x minus along y: energy times cos 2o.
    cosine: Grid<f32>,
    /// Energy times sin 2o.
    sine: Grid<f32>,
    /// Energy.
    pub energy: Grid<f32>,
}

/// Ridge orientation per cell.
#[derive(Clone)]
pub(super) struct Field {
    /// Cosine of the doubled orientation, unit length together with `sine`.
    pub cosine: Grid<f32>,
    /// Sine of the doubled orientation.
    pub sine: Grid<f32>,
    /// Coherence at the finest scale, 0..=1.
    pub coherence: Grid<f32>,
}

/// Doubled orientation of the gradients around each cell, of the length of their coherence.
pub(super) struct Gradients {
    cosine: Grid<f32>,
    sine: Grid<f32>,
}

impl Tensor {
    /// The tensor of a normalized image that is blurred first.
    pub fn of_calmed(pixels: &Grid<u8>) -> Self {
        let (width, height) = (pixels.width(), pixels.height());
        let set = InstructionSet::best();
        let window = Window::new(CALM_SIGMA, false);
        let weights: [f32; 4] = std::array::from_fn(|i| window.half.get(i).copied().unwrap_or(0.0));
        let factors: Vec<f32> = (0..width).map(|x| window.factor(x, width)).collect();
        let outside = vec![128u8; width];
        let mut padded = vec![0f32; width + 6];
        Self::of_lines(width, height, |y, out| {
            let row = |i: usize| (y + i).checked_sub(3).filter(|r| *r < height).map_or(&*outside, |r| pixels.row(r));
            let factor = window.factor(y, height) / NORMALIZE_LEVELS;
            rows::blur7_rows(set, std::array::from_fn(row), weights.map(|w| w * factor), &mut padded[3..3 + width]);
            rows::blur7_line(set, &padded, weights, &factors, out);
        })
    }

    /// The tensor of an image given line by line; gradients come from the 3 x 3 Sobel operator.
    pub fn of_lines(width: usize, height: usize, mut line: impl FnMut(usize, &mut [f32])) -> Self {
        let (columns, rows) = (width.div_ceil(CELL), height.div_ceil(CELL));
        let empty = || Grid::new(columns, rows, 0f32);
        let mut tensor = Self { cosine: empty(), sine: empty(), energy: empty() };
        if width < 3 || height < 3 {
            return tensor;
        }
        let set = InstructionSet::best();
        let mut ring: [Vec<f32>; 3] = std::array::from_fn(|_| vec![0f32; width]);
        let (mut smooth, mut slope) = (vec![0f32; width], vec![0f32; width]);
        let mut sums: [Vec<f32>; 3] = std::array::from_fn(|_| vec![0f32; columns * CELL]);
        line(0, &mut ring[0]);
        line(1, &mut ring[1]);
        for y in 1..height - 1 {
            line(y + 1, &mut ring[(y + 1) % 3]);
            let [above, here, below] = [&ring[(y - 1) % 3], &ring[y % 3], &ring[(y + 1) % 3]];
            rows::sobel_rows(set, above, here, below, &mut smooth, &mut slope);
            let [a, b, e] = &mut sums;
            rows::add_products(set, &smooth, &slope, &mut a[..width], &mut b[..width], &mut e[..width]);
            if y % CELL == CELL - 1 || y == height - 2 {
                let Self { cosine, sine, energy } = &mut tensor;
                for (grid, sums) in [cosine, sine, energy].into_iter().zip(&mut sums) {
                    rows::fold4(set, sums, grid.row_mut(y / CELL));
                    sums.fill(0.0);
                }
            }
        }
        for grid in [&mut tensor.cosine, &mut tensor.sine, &mut tensor.energy] {
            grid.as_mut_slice().iter_mut().for_each(|v| *v *= 1.0 / (CELL * CELL) as f32);
        }
        tensor
    }

    /// The tensor with cells outside `mask` set to zero.
    pub fn masked(mut self, mask: &Grid<bool>) -> Self {
        for grid in [&mut self.cosine, &mut self.sine, &mut self.energy] {
            for (v, &inside) in grid.as_mut_slice().iter_mut().zip(mask.as_slice()) {
                if !inside {
                    *v = 0.0;
                }
            }
        }
        self
    }

    /// Coherence over a Gaussian window of `sigma` cells.
    pub fn coherence(&self, sigma: f32) -> Grid<f32> {
        self.smoothed(sigma).1
    }

    /// The gradients that a field can be compared with.
    pub fn gradients(&self) -> Gradients {
        let ([cosine, sine], _) = self.smoothed(AGREEMENT_SIGMA);
        Gradients { cosine, sine }
    }

    /// Doubled vector of length coherence, and coherence.
    fn smoothed(&self, sigma: f32) -> ([Grid<f32>; 2], Grid<f32>) {
        let (mut c, mut s) = (blurred(&self.cosine, sigma, true), blurred(&self.sine, sigma, true));
        let mut e = blurred(&self.energy, sigma, true);
        rows::by_energy(InstructionSet::best(), c.as_mut_slice(), s.as_mut_slice(), e.as_mut_slice());
        ([c, s], e)
    }

    /// Orientation over windows of several sigmas, fine to coarse: a coarser window is used where the finer ones are
    /// not coherent.
    pub fn field(&self, sigmas: &[f32]) -> Field {
        let size = (self.energy.width(), self.energy.height());
        let mut cosine = Grid::new(size.0, size.1, 0f32);
        let mut sine = cosine.clone();
        let mut rest = Grid::new(size.0, size.1, 1f32);
        let mut coherence = None;
        let set = InstructionSet::best();
        for &sigma in sigmas {
            let ([c, s], coherent) = self.smoothed(sigma);
            rows::add_coarser(
                set,
                [c.as_slice(), s.as_slice(), coherent.as_slice()],
                rest.as_mut_slice(),
                cosine.as_mut_slice(),
                sine.as_mut_slice(),
            );
            coherence.get_or_insert(coherent);
        }
        rows::make_unit(set, cosine.as_mut_slice(), sine.as_mut_slice());
        Field { cosine, sine, coherence: coherence.unwrap_or_else(|| Grid::new(size.0, size.1, 0.0)) }
    }
}

impl Gradients {
    /// Mean agreement with a field's orientation over the foreground, 0..=1: 1 for clear parallel ridges along the field,
    /// 0 where nothing in the picture follows it.
    pub fn agreement(&self, field: &Field, mask: &Grid<bool>) -> f32 {
        let along = self.cosine.as_slice().iter().zip(field.cosine.as_slice()).map(|(a, b)| a * b);
        let across = self.sine.as_slice().iter().zip(field.sine.as_slice()).map(|(a, b)| a * b);
        let (mut cells, mut sum) = (0usize, 0f32);
        for ((a, b), _) in along.zip(across).zip(mask.as_slice()).filter(|(_, m)| **m) {
            cells += 1;
            sum += (a + b).max(0.0);
        }
        sum / cells.max(1) as f32
    }
}

impl Field {
    /// The nearest of `count` (even) orientations of each cell, evenly spaced from 0.
    pub fn nearest(&self, count: usize) -> Grid<u16> {
        // Borders between neighboring orientations in the upper half of the plane of doubled angles.
        let border = |k: usize| (std::f32::consts::TAU * (k as f32 + 0.5) / count as f32).sin_cos();
        let borders: Vec<(f32, f32)> = (0..count / 2).map(border).map(|(s, c)| (c, s)).collect();
        let mut out = self.cosine.map(|_| 0u16);
        let set = InstructionSet::best();
        rows::count_passed(set, self.cosine.as_slice(), self.sine.as_slice(), &borders, out.as_mut_slice());
        out.as_mut_slice().iter_mut().for_each(|k| *k %= count as u16);
        out
    }

    /// Orientation of a cell, radians in `[0, pi)`, counter-clockwise from +x; 0 outside.
    pub fn orientation(&self, cx: usize, cy: usize) -> f32 {
        let (c, s) = (self.cosine.get(cx, cy).unwrap_or(1.0), self.sine.get(cx, cy).unwrap_or(0.0));
        wrap_orientation(0.5 * s.atan2(c))
    }

    /// Orientation at a pixel, interpolated between cells.
    pub fn at_pixel(&self, x: f32, y: f32) -> f32 {
        let (cx, cy) = ((x + 0.5) / CELL as f32 - 0.5, (y + 0.5) / CELL as f32 - 0.5);
        wrap_orientation(0.5 * self.sine.bilinear(cx, cy).atan2(self.cosine.bilinear(cx, cy)))
    }

    /// Orientations of all cells, NaN outside the mask.
    pub fn angles(&self, mask: &Grid<bool>) -> Grid<f32> {
        let mut out = mask.map(|_| f32::NAN);
        for cy in 0..out.height() {
            for cx in 0..out.width() {
                if mask.get(cx, cy) == Some(true) {
                    out.set(cx, cy, self.orientation(cx, cy));
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::{PI, TAU};

    /// Ridges of the given orientation (counter-clockwise, y down) and period, amplitude 1.
    fn waves(size: usize, orientation: f32, period: f32) -> impl Fn(usize) -> f32 {
        move |i| {
            let u = (i % size) as f32 * orientation.sin() + (i / size) as f32 * orientation.cos();
            (TAU * u / period).cos()
        }
    }

    #[test]
    fn finds_the_orientation_of_waves() {
        for degrees in [0f32, 17.0, 45.0, 90.0, 133.0, 178.0] {
            let o = degrees.to_radians();
            let wave = waves(96, o, 9.0);
            let normal = (0..96 * 96).map(|i| (128.0 + NORMALIZE_LEVELS * wave(i)) as u8).collect();
            for tensor in [
                Tensor::of_calmed(&Grid::from_vec(96, 96, normal).unwrap()),
                Tensor::of_lines(96, 96, |y, out| out.iter_mut().enumerate().for_each(|(x, v)| *v = wave(y * 96 + x))),
            ] {
                let field = tensor.field(&[2.0, 4.0]);
                let found = field.orientation(12, 12);
                let error = (found - o + PI / 2.0).rem_euclid(PI) - PI / 2.0;
                assert!(error.abs() < 0.02, "{degrees}: {}", found.to_degrees());
                assert!(field.coherence.get(12, 12).unwrap() > 0.95);
                let nearest = (found / PI * 32.0).round() as u16 % 32;
                assert_eq!(field.nearest(32).get(12, 12), Some(nearest));
            }
        }
    }
}
