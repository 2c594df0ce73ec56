//! Row-major grids of numbers, and the few operations on coarse grids that image stages share.

/// A row-major grid of `width * height` values; `(0, 0)` is the top left.
///
/// ```
/// use selfsame::geometry::Grid;
/// let mut grid = Grid::new(3, 2, 0.0f32);
/// grid.set(2, 1, 5.0);
/// assert_eq!(grid.get(2, 1), Some(5.0));
/// assert_eq!(grid.get(3, 1), None);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Grid<T> {
    width: usize,
    height: usize,
    cells: Vec<T>,
}

impl<T: Copy> Grid<T> {
    /// A grid filled with one value. The caller bounds the size; memory is `width * height` values.
    #[must_use]
    pub fn new(width: usize, height: usize, fill: T) -> Self {
        Self { width, height, cells: vec![fill; width.saturating_mul(height)] }
    }

    /// A grid over existing row-major values; `None` when the length does not fit.
    #[must_use]
    pub fn from_vec(width: usize, height: usize, cells: Vec<T>) -> Option<Self> {
        (width.checked_mul(height) == Some(cells.len())).then_some(Self { width, height, cells })
    }

    /// Number of columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// The value at a column and row; `None` outside.
    #[must_use]
    pub fn get(&self, x: usize, y: usize) -> Option<T> {
        if x < self.width && y < self.height { Some(self.cells[y * self.width + x]) } else { None }
    }

    /// The value at the nearest column and row inside. The grid must not be empty.
    #[must_use]
    pub fn clamped(&self, x: isize, y: isize) -> T {
        let x = x.clamp(0, self.width as isize - 1) as usize;
        let y = y.clamp(0, self.height as isize - 1) as usize;
        self.cells[y * self.width + x]
    }

    /// Sets a value; does nothing outside.
    pub fn set(&mut self, x: usize, y: usize, value: T) {
        if x < self.width && y < self.height {
            self.cells[y * self.width + x] = value;
        }
    }

    /// All values, row by row.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.cells
    }

    /// All values, row by row.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.cells
    }

    /// One row; empty outside.
    #[must_use]
    pub fn row(&self, y: usize) -> &[T] {
        if y < self.height { &self.cells[y * self.width..][..self.width] } else { &[] }
    }

    /// One row; empty outside.
    pub fn row_mut(&mut self, y: usize) -> &mut [T] {
        if y < self.height { &mut self.cells[y * self.width..][..self.width] } else { &mut [] }
    }

    /// A grid of the same size with every value mapped.
    #[must_use]
    pub fn map<U>(&self, f: impl FnMut(T) -> U) -> Grid<U> {
        Grid { width: self.width, height: self.height, cells: self.cells.iter().copied().map(f).collect() }
    }
}

impl Grid<f32> {
    /// Bilinear value at a fractional column and row (cell centres are whole numbers), clamped at the edges.
    /// The grid must not be empty.
    #[must_use]
    pub fn bilinear(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (x0, y0) = (x as usize, y as usize);
        let (x1, y1) = ((x0 + 1).min(self.width - 1), (y0 + 1).min(self.height - 1));
        let (fx, fy) = (x - x0 as f32, y - y0 as f32);
        let (top, bottom) = (self.row(y0), self.row(y1));
        let upper = top[x0] + fx * (top[x1] - top[x0]);
        let lower = bottom[x0] + fx * (bottom[x1] - bottom[x0]);
        upper + fy * (lower - upper)
    }

    /// Gaussian blur with `sigma` in cells, cut off at 2.5 sigma. Outside counts as zero when `zero_outside`, otherwise
    /// the weights are renormalised over the cells inside. Costs `cells * sigma * 10` multiplications.
    #[must_use]
    pub fn blurred(&self, sigma: f32, zero_outside: bool) -> Self {
        if sigma <= 0.0 || self.cells.is_empty() {
            return self.clone();
        }
        let radius = (2.5 * sigma).ceil().max(1.0) as usize;
        let half: Vec<f32> = (0..=radius).map(|i| (-((i * i) as f32) / (2.0 * sigma * sigma)).exp()).collect();
        let total = half[0] + 2.0 * half[1..].iter().sum::<f32>();
        let half: Vec<f32> = half.iter().map(|w| w / total).collect();
        let (width, height) = (self.width, self.height);
        let norm = |at: usize, n: usize| {
            if zero_outside {
                return 1.0;
            }
            let mut sum = half[0];
            for (i, w) in half.iter().enumerate().skip(1) {
                sum += if at >= i { *w } else { 0.0 } + if at + i < n { *w } else { 0.0 };
            }
            1.0 / sum
        };
        let mut rows = vec![0f32; width * height];
        let mut padded = vec![0f32; width + 2 * radius];
        let column_norm: Vec<f32> = (0..width).map(|x| norm(x, width)).collect();
        for (source, target) in self.cells.chunks_exact(width).zip(rows.chunks_exact_mut(width)) {
            padded[radius..radius + width].copy_from_slice(source);
            for (t, &s) in target.iter_mut().zip(source) {
                *t = half[0] * s;
            }
            for (i, &w) in half.iter().enumerate().skip(1) {
                let (left, right) = (&padded[radius - i..][..width], &padded[radius + i..][..width]);
                for ((t, &l), &r) in target.iter_mut().zip(left).zip(right) {
                    *t += w * (l + r);
                }
            }
            for (t, &n) in target.iter_mut().zip(&column_norm) {
                *t *= n;
            }
        }
        let mut cells = vec![0f32; width * height];
        for (y, target) in cells.chunks_exact_mut(width).enumerate() {
            for (i, &w) in half.iter().enumerate() {
                for row in [y.checked_sub(i), Some(y + i).filter(|&r| i > 0 && r < height)].into_iter().flatten() {
                    for (t, &s) in target.iter_mut().zip(&rows[row * width..][..width]) {
                        *t += w * s;
                    }
                }
            }
            let n = norm(y, height);
            for t in target.iter_mut() {
                *t *= n;
            }
        }
        Self { width, height, cells }
    }

    /// Bilinear enlargement to `width` by `height` pixels where each cell covers `cell` by `cell` pixels.
    #[must_use]
    pub fn enlarged(&self, cell: usize, width: usize, height: usize) -> Self {
        let mut out = Grid::new(width, height, 0f32);
        if self.cells.is_empty() || cell == 0 {
            return out;
        }
        let steps: Vec<(usize, usize, f32)> = (0..width).map(|x| position(x, cell, self.width)).collect();
        let mut line = vec![0f32; self.width];
        for y in 0..height {
            let (y0, y1, fy) = position(y, cell, self.height);
            for ((l, &a), &b) in line.iter_mut().zip(self.row(y0)).zip(self.row(y1)) {
                *l = a + fy * (b - a);
            }
            for (o, &(x0, x1, fx)) in out.row_mut(y).iter_mut().zip(&steps) {
                *o = line[x0] + fx * (line[x1] - line[x0]);
            }
        }
        out
    }
}

/// The two cells round pixel `at` and the weight of the second.
fn position(at: usize, cell: usize, cells: usize) -> (usize, usize, f32) {
    let p = ((at as f32 + 0.5) / cell as f32 - 0.5).clamp(0.0, (cells - 1) as f32);
    let first = p as usize;
    (first, (first + 1).min(cells - 1), p - first as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blur_keeps_a_constant_and_spreads_a_spike() {
        let flat = Grid::new(17, 9, 3.0f32).blurred(2.0, false);
        assert!(flat.as_slice().iter().all(|v| (v - 3.0).abs() < 1e-4));
        let mut spike = Grid::new(31, 31, 0f32);
        spike.set(15, 15, 1.0);
        let spread = spike.blurred(2.0, true);
        assert!((spread.as_slice().iter().sum::<f32>() - 1.0).abs() < 1e-4);
        let variance: f32 = (0..31).map(|x| spread.row(15)[x] * (x as f32 - 15.0).powi(2)).sum::<f32>()
            / spread.row(15).iter().sum::<f32>();
        assert!((variance.sqrt() - 2.0).abs() < 0.2, "{variance}");
    }

    #[test]
    fn enlarging_keeps_a_slope() {
        let ramp = Grid::from_vec(4, 1, vec![0.0f32, 4.0, 8.0, 12.0]).unwrap();
        let large = ramp.enlarged(4, 16, 3);
        for x in 2..13 {
            assert!((large.get(x, 1).unwrap() - (x as f32 - 1.5)).abs() < 1e-5);
        }
    }

    #[test]
    fn outside_is_none() {
        let grid = Grid::new(2, 2, 1u8);
        assert_eq!(grid.get(2, 0), None);
        assert_eq!(grid.clamped(-5, 9), 1);
        assert!(Grid::from_vec(2, 2, vec![0u8; 3]).is_none());
    }
}
