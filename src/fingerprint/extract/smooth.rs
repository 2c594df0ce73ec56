//! Gaussian blur and enlargement of block maps.

use super::params::BLUR_REACH;
use crate::geometry::Grid;
use crate::simd::instruction_set::InstructionSet;
use crate::simd::rows;

/// A Gaussian window, cut off at [`BLUR_REACH`].
pub(super) struct Window {
    /// Weights from the center outwards; both sides together sum to 1.
    pub half: Vec<f32>,
    zero_outside: bool,
}

impl Window {
    /// Makes a window with `sigma` in values. Values outside count as zero when `zero_outside`, otherwise the weights
    /// are renormalized over the values inside.
    pub fn new(sigma: f32, zero_outside: bool) -> Self {
        let radius = (BLUR_REACH * sigma).ceil().max(1.0) as usize;
        let half: Vec<f32> = (0..=radius).map(|i| (-((i * i) as f32) / (2.0 * sigma * sigma)).exp()).collect();
        let total = half[0] + 2.0 * half[1..].iter().sum::<f32>();
        Self { half: half.iter().map(|w| w / total).collect(), zero_outside }
    }

    /// Factor at place `at` of `n` that compensates for weights outside.
    pub fn factor(&self, at: usize, n: usize) -> f32 {
        if self.zero_outside {
            return 1.0;
        }
        let weight = |i: usize| if at >= i { self.half[i] } else { 0.0 } + if at + i < n { self.half[i] } else { 0.0 };
        1.0 / (self.half[0] + (1..self.half.len()).map(weight).sum::<f32>())
    }
}

/// Blur with `sigma` in cells; see [`Window::new`]. Costs `cells * sigma * 10` multiplications.
pub(super) fn blurred(grid: &Grid<f32>, sigma: f32, zero_outside: bool) -> Grid<f32> {
    let (width, height) = (grid.width(), grid.height());
    let set = InstructionSet::best();
    let window = Window::new(sigma, zero_outside);
    let radius = window.half.len() - 1;
    let factors = |n: usize| -> Vec<f32> { (0..n).map(|at| window.factor(at, n)).collect() };
    let mut padded = vec![0f32; width + 2 * radius];
    let mut across = Grid::new(width, height, 0f32);
    rows::blur_across(set, grid.as_slice(), &window.half, &factors(width), &mut padded, across.as_mut_slice());
    let mut out = Grid::new(width, height, 0f32);
    rows::blur_down(set, across.as_slice(), &window.half, &factors(height), out.as_mut_slice());
    out
}

/// A line of cells enlarged linearly to pixels, where each cell covers `cell` of them.
pub(super) fn enlarged_line(cells: &[f32], cell: usize, out: &mut [f32]) {
    let ([first, ..], [.., last]) = (cells, cells) else { return };
    // Interpolate from the middle of a cell to the middle of the next.
    let head = (cell / 2).min(out.len());
    let (start, rest) = out.split_at_mut(head);
    start.fill(*first);
    let mut spans = rest.chunks_mut(cell);
    for (pair, span) in cells.windows(2).zip(&mut spans) {
        let step = (pair[1] - pair[0]) / cell as f32;
        for (k, o) in span.iter_mut().enumerate() {
            *o = pair[0] + (k as f32 + 0.5) * step;
        }
    }
    spans.for_each(|s| s.fill(*last));
}

/// The two lines of cells around line `at` of pixels, and the share of the second.
pub(super) fn lines_round(at: usize, cell: usize, cells: usize) -> (usize, usize, f32) {
    let p = ((at as f32 + 0.5) / cell as f32 - 0.5).clamp(0.0, (cells - 1) as f32);
    let first = p as usize;
    (first, (first + 1).min(cells - 1), p - first as f32)
}

/// Bilinear enlargement to `width` by `height` cells, where each old cell covers `cell` by `cell` new ones.
pub(super) fn enlarged(grid: &Grid<f32>, cell: usize, width: usize, height: usize) -> Grid<f32> {
    let mut out = Grid::new(width, height, 0f32);
    if grid.width() == 0 || grid.height() == 0 {
        return out;
    }
    let mut line = vec![0f32; grid.width()];
    for y in 0..height {
        let (y0, y1, fy) = lines_round(y, cell, grid.height());
        for ((l, &a), &b) in line.iter_mut().zip(grid.row(y0)).zip(grid.row(y1)) {
            *l = a + fy * (b - a);
        }
        enlarged_line(&line, cell, out.row_mut(y));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blur_keeps_a_constant_and_spreads_a_spike() {
        let flat = blurred(&Grid::new(17, 9, 3.0f32), 2.0, false);
        assert!(flat.as_slice().iter().all(|v| (v - 3.0).abs() < 1e-4));
        let mut spike = Grid::new(31, 31, 0f32);
        spike.set(15, 15, 1.0);
        let spread = blurred(&spike, 2.0, true);
        assert!((spread.as_slice().iter().sum::<f32>() - 1.0).abs() < 1e-4);
        let variance: f32 = (0..31).map(|x| spread.row(15)[x] * (x as f32 - 15.0).powi(2)).sum::<f32>()
            / spread.row(15).iter().sum::<f32>();
        assert!((variance.sqrt() - 2.0).abs() < 0.2, "{variance}");
    }

    #[test]
    fn enlarging_keeps_a_slope() {
        let ramp = Grid::from_vec(4, 1, vec![0.0f32, 4.0, 8.0, 12.0]).unwrap();
        let large = enlarged(&ramp, 4, 16, 3);
        for x in 2..14 {
            assert!((large.get(x, 1).unwrap() - (x as f32 - 1.5)).abs() < 1e-5);
        }
        assert_eq!((large.get(0, 2), large.get(15, 0)), (Some(0.0), Some(12.0)));
    }
}
