//! Row-major grids of numbers, and operations on coarse grids that image stages share.

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
    /// Bilinear value at a fractional column and row (cell centers are whole numbers), clamped at the edges.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_is_none() {
        let grid = Grid::new(2, 2, 1u8);
        assert_eq!(grid.get(2, 0), None);
        assert_eq!(grid.clamped(-5, 9), 1);
        assert!(Grid::from_vec(2, 2, vec![0u8; 3]).is_none());
    }
}
