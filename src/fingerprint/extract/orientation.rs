//! Ridge orientation from gradient tensors at several scales.

use super::params::CELL;
use crate::geometry::Grid;
use crate::geometry::angle::wrap_orientation;

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

impl Tensor {
    /// Of an image; gradients by the 3 x 3 Sobel operator.
    pub fn of(pixels: &Grid<f32>) -> Self {
        let (width, height) = (pixels.width(), pixels.height());
        let (columns, rows) = (width.div_ceil(CELL), height.div_ceil(CELL));
        let empty = || Grid::new(columns, rows, 0f32);
        let (mut cosine, mut sine, mut energy) = (empty(), empty(), empty());
        if width < 3 || height < 3 {
            return Self { cosine, sine, energy };
        }
        // Per line: smoothed and differentiated columns, then products, then sums over the cells.
        let (mut smooth, mut slope) = (vec![0f32; width], vec![0f32; width]);
        let mut products = [vec![0f32; columns * CELL], vec![0f32; columns * CELL], vec![0f32; columns * CELL]];
        for y in 1..height - 1 {
            let (above, here, below) = (pixels.row(y - 1), pixels.row(y), pixels.row(y + 1));
            for (i, (s, d)) in smooth.iter_mut().zip(slope.iter_mut()).enumerate() {
                *s = above[i] + 2.0 * here[i] + below[i];
                *d = below[i] - above[i];
            }
            let [xx_yy, xy, sum] = &mut products;
            let out = xx_yy[1..].iter_mut().zip(xy[1..].iter_mut()).zip(sum[1..].iter_mut());
            for (((a, b), e), (s, d)) in out.zip(smooth.windows(3).zip(slope.windows(3))) {
                let gx = (s[2] - s[0]) * 0.125;
                let gy = (d[0] + 2.0 * d[1] + d[2]) * 0.125;
                let (x2, y2) = (gx * gx, gy * gy);
                *a = y2 - x2;
                *b = 2.0 * gx * gy;
                *e = x2 + y2;
            }
            let cy = y / CELL;
            for (grid, line) in [(&mut cosine, &products[0]), (&mut sine, &products[1]), (&mut energy, &products[2])] {
                for (cell, values) in grid.row_mut(cy).iter_mut().zip(line.chunks_exact(CELL)) {
                    *cell += values.iter().sum::<f32>() * (1.0 / (CELL * CELL) as f32);
                }
            }
        }
        Self { cosine, sine, energy }
    }

    /// Energies divided by a reference and cells outside `mask` set to zero.
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

    /// Doubled vector of length coherence, and coherence.
    fn smoothed(&self, sigma: f32) -> ([Grid<f32>; 2], Grid<f32>) {
        let (mut c, mut s) = (self.cosine.blurred(sigma, true), self.sine.blurred(sigma, true));
        let mut e = self.energy.blurred(sigma, true);
        for ((c, s), e) in c.as_mut_slice().iter_mut().zip(s.as_mut_slice()).zip(e.as_mut_slice()) {
            let scale = if *e > 1e-9 { 1.0 / *e } else { 0.0 };
            *c *= scale;
            *s *= scale;
            *e = (*c * *c + *s * *s).sqrt().min(1.0);
        }
        ([c, s], e)
    }

    /// Orientation over windows of several sigmas, fine to coarse: a coarser window counts where the finer ones are
    /// not coherent.
    pub fn field(&self, sigmas: &[f32]) -> Field {
        let size = (self.energy.width(), self.energy.height());
        let mut cosine = Grid::new(size.0, size.1, 0f32);
        let mut sine = cosine.clone();
        let mut rest = Grid::new(size.0, size.1, 1f32);
        let mut coherence = None;
        for &sigma in sigmas {
            let ([c, s], coherent) = self.smoothed(sigma);
            let sums = cosine.as_mut_slice().iter_mut().zip(sine.as_mut_slice()).zip(rest.as_mut_slice());
            let terms = c.as_slice().iter().zip(s.as_slice()).zip(coherent.as_slice());
            for (((sum_c, sum_s), rest), ((&c, &s), &k)) in sums.zip(terms) {
                let weight = *rest * k;
                *sum_c += weight * c;
                *sum_s += weight * s;
                *rest *= 1.0 - k;
            }
            coherence.get_or_insert(coherent);
        }
        let mut field = Field { cosine, sine, coherence: coherence.unwrap_or_else(|| Grid::new(size.0, size.1, 0.0)) };
        field.make_unit();
        field
    }
}

impl Field {
    fn make_unit(&mut self) {
        for (c, s) in self.cosine.as_mut_slice().iter_mut().zip(self.sine.as_mut_slice()) {
            let length = (*c * *c + *s * *s).sqrt();
            if length > 1e-12 {
                *c /= length;
                *s /= length;
            } else {
                (*c, *s) = (1.0, 0.0);
            }
        }
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

    /// Ridges of the given orientation (counter-clockwise, y down) and period.
    fn waves(size: usize, orientation: f32, period: f32) -> Grid<f32> {
        let mut grid = Grid::new(size, size, 0f32);
        for y in 0..size {
            for x in 0..size {
                let u = x as f32 * orientation.sin() + y as f32 * orientation.cos();
                grid.set(x, y, (TAU * u / period).cos());
            }
        }
        grid
    }

    #[test]
    fn finds_the_orientation_of_waves() {
        for degrees in [0f32, 17.0, 45.0, 90.0, 133.0, 178.0] {
            let o = degrees.to_radians();
            let field = Tensor::of(&waves(96, o, 9.0)).field(&[2.0, 4.0]);
            let found = field.orientation(12, 12);
            let error = (found - o + PI / 2.0).rem_euclid(PI) - PI / 2.0;
            assert!(error.abs() < 0.02, "{degrees}: {}", found.to_degrees());
            assert!(field.coherence.get(12, 12).unwrap() > 0.95);
        }
    }
}
