//! Symmetric, positive definite systems of equations.

use rayon::prelude::*;

/// The inverse of the lower factor of such a matrix (Cholesky's), row after row.
pub(super) struct Solver {
    n: usize,
    inverse: Vec<f64>,
}

impl Solver {
    /// Factors a matrix of `n` rows, of which the lower triangle is read; `None` when it is not positive definite.
    pub(super) fn new(matrix: &[f64], n: usize) -> Option<Self> {
        let mut factor = matrix.get(..n * n)?.to_vec();
        for i in 0..n {
            let (done, rest) = factor.split_at_mut(i * n);
            let own = rest.get_mut(..n)?;
            // The rows above are finished up to column i.
            for j in 0..i {
                let above = &done[j * n..j * n + j + 1];
                own[j] = (own[j] - dot(&own[..j], &above[..j])) / above[j];
            }
            let left = own[i] - dot(&own[..i], &own[..i]);
            if left.is_nan() || left <= 0.0 {
                return None;
            }
            own[i] = left.sqrt();
        }
        // Column c of the inverse, stored as a row while it is computed.
        let column = |c: usize| {
            let mut x = vec![0.0; n];
            x[c] = 1.0 / factor[c * n + c];
            for i in c + 1..n {
                let row = &factor[i * n..i * n + n];
                x[i] = -dot(&row[c..i], &x[c..i]) / row[i];
            }
            x
        };
        let columns: Vec<Vec<f64>> = (0..n).into_par_iter().map(column).collect();
        let mut inverse = vec![0.0; n * n];
        for (c, column) in columns.iter().enumerate() {
            for i in c..n {
                inverse[i * n + c] = column[i];
            }
        }
        Some(Self { n, inverse })
    }

    /// The vector that the matrix maps to `right`.
    pub(super) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let n = self.n;
        let mut out = vec![0.0; n];
        for (i, row) in self.inverse.chunks_exact(n.max(1)).enumerate() {
            let value = dot(&row[..=i], right.get(..=i).unwrap_or_default());
            out.iter_mut().zip(&row[..=i]).for_each(|(o, r)| *o += value * r);
        }
        out
    }

    /// The diagonal of the matrix's inverse.
    pub(super) fn diagonal(&self) -> Vec<f64> {
        let mut out = vec![0.0; self.n];
        for row in self.inverse.chunks_exact(self.n.max(1)) {
            out.iter_mut().zip(row).for_each(|(o, r)| *o += r * r);
        }
        out
    }
}

/// Product of two vectors, in eight sums.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((a8, a), (b8, b)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut sums = [0.0; 8];
    for (a, b) in a8.iter().zip(b8) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    sums.iter().sum::<f64>() + a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>()
}

/// Product of two vectors of 32-bit floats, in sixteen sums.
pub(super) fn product(a: &[f32], b: &[f32]) -> f32 {
    let ((a16, a), (b16, b)) = (a.as_chunks::<16>(), b.as_chunks::<16>());
    let mut sums = [0f32; 16];
    for (a, b) in a16.iter().zip(b16) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    sums.iter().sum::<f32>() + a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solutions_solve() {
        for n in [1, 2, 7, 40] {
            let rows: Vec<Vec<f64>> =
                (0..n).map(|i| (0..n + 3).map(|j| ((i * 31 + j * j * 7) as f64).sin()).collect()).collect();
            let mut matrix: Vec<f64> = rows.iter().flat_map(|a| rows.iter().map(|b| dot(a, b))).collect();
            (0..n).for_each(|i| matrix[i * n + i] += 0.1);
            let solver = Solver::new(&matrix, n).unwrap();
            let wanted: Vec<f64> = (0..n).map(|i| (i as f64).cos()).collect();
            let right: Vec<f64> = matrix.chunks_exact(n).map(|row| dot(row, &wanted)).collect();
            let found = solver.solve(&right);
            assert!(found.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-8), "{n}");
            let unit = |i: usize| (0..n).map(|j| f64::from(u8::from(i == j))).collect::<Vec<_>>();
            let diagonal = solver.diagonal();
            assert!((0..n).all(|i| (solver.solve(&unit(i))[i] - diagonal[i]).abs() < 1e-9));
        }
        assert!(Solver::new(&[1.0, 0.0, 0.0, -1.0], 2).is_none() && Solver::new(&[f64::NAN], 1).is_none());
        assert!(Solver::new(&[1.0], 2).is_none());
    }

    #[test]
    fn products_of_all_lengths() {
        for n in 0..40 {
            let a: Vec<f64> = (0..n).map(|i| f64::from(i) + 1.0).collect();
            let expected = a.iter().map(|v| v * v).sum::<f64>();
            let short: Vec<f32> = a.iter().map(|v| *v as f32).collect();
            assert_eq!((dot(&a, &a), f64::from(product(&short, &short))), (expected, expected));
        }
    }
}
