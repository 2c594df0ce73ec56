//! Means and halves of rows that are vectors, in a fixed order of additions.

use rayon::prelude::*;

use super::params::{HALVING_ROUNDS, VECTORS_PER_TASK};
use super::subjects::RowNumber;

/// Rows and their mean of unit length.
pub(super) type Group = (Vec<RowNumber>, Vec<f32>);

/// Reads rows as vectors.
pub(super) trait Vectors: Sync {
    /// The vector of a row; `None` when there is no such row.
    fn vector(&self, row: RowNumber) -> Option<Vec<f32>>;

    /// The mean of some rows at unit length; `None` when there is none with a direction.
    fn mean(&self, rows: &[RowNumber]) -> Option<Vec<f32>> {
        let mut sum: Vec<f32> = Vec::new();
        for vector in rows.iter().filter_map(|&row| self.vector(row)) {
            sum.resize(vector.len(), 0.0);
            sum.iter_mut().zip(&vector).for_each(|(s, v)| *s += v);
        }
        let length = sum.iter().map(|s| f64::from(*s) * f64::from(*s)).sum::<f64>().sqrt();
        // A mean of opposite vectors points nowhere.
        let short = length < 1e-6 * rows.len() as f64;
        (!sum.is_empty() && !short).then(|| sum.iter().map(|s| (f64::from(*s) / length) as f32).collect())
    }

    /// The products of rows with a vector.
    fn products(&self, rows: &[RowNumber], with: &[f32]) -> Vec<f32> {
        let product = |row: &RowNumber| {
            self.vector(*row).map_or(0.0, |vector| vector.iter().zip(with).map(|(a, b)| a * b).sum::<f32>())
        };
        rows.par_iter().with_min_len(VECTORS_PER_TASK).map(product).collect()
    }

    /// The row whose product with a vector is lowest.
    fn farthest(&self, rows: &[RowNumber], from: &[f32]) -> Option<Vec<f32>> {
        let products = self.products(rows, from);
        let lowest = products.iter().zip(rows).min_by(|a, b| a.0.total_cmp(b.0).then_with(|| a.1.cmp(b.1)))?;
        self.vector(*lowest.1)
    }

    /// Cuts rows into halves of equal size, each alike among themselves: by their place between two means, which begin as two
    /// rows far apart. Equal vectors are cut too, by their numbers.
    fn halves(&self, rows: &[RowNumber]) -> Option<[Group; 2]> {
        let first = self.vector(*rows.first()?)?;
        let mut ends = [self.farthest(rows, &self.mean(rows).unwrap_or(first))?, Vec::new()];
        ends[1] = self.farthest(rows, &ends[0])?;
        let mut cut = [Vec::new(), Vec::new()];
        for _ in 0..HALVING_ROUNDS {
            let between: Vec<f32> = ends[0].iter().zip(&ends[1]).map(|(a, b)| b - a).collect();
            let mut order: Vec<(f32, RowNumber)> =
                self.products(rows, &between).into_iter().zip(rows.iter().copied()).collect();
            order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
            let (left, right) = order.split_at(order.len() / 2);
            cut = [left, right].map(|half| half.iter().map(|entry| entry.1).collect::<Vec<_>>());
            for (end, half) in ends.iter_mut().zip(&cut) {
                *end = self.mean(half).or_else(|| self.vector(*half.first()?))?;
            }
        }
        let [left, right] = cut;
        let [a, b] = ends;
        Some([(left, a), (right, b)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct List(Vec<Vec<f32>>);

    impl Vectors for List {
        fn vector(&self, row: RowNumber) -> Option<Vec<f32>> {
            self.0.get(row as usize).cloned()
        }
    }

    #[test]
    fn halves_are_equal_and_alike_among_themselves() {
        let angle = |n: u32| if n.is_multiple_of(3) { 2.0 + n as f32 * 1e-3 } else { n as f32 * 1e-3 };
        let list = List((0..300).map(|n| vec![angle(n).cos(), angle(n).sin()]).collect());
        let rows: Vec<RowNumber> = (0..300).filter(|n| n % 3 != 1).collect();
        let [(left, a), (right, b)] = list.halves(&rows).unwrap();
        assert_eq!((left.len(), right.len()), (100, 100));
        let kinds = |rows: &[RowNumber]| rows.iter().filter(|n| *n % 3 == 0).count();
        assert!([kinds(&left), kinds(&right)] == [100, 0] || [kinds(&left), kinds(&right)] == [0, 100]);
        let length = |v: &[f32]| v.iter().map(|v| v * v).sum::<f32>();
        assert!((length(&a) - 1.0).abs() < 1e-5 && (length(&b) - 1.0).abs() < 1e-5);
        assert_eq!(list.mean(&left), Some(a));
    }

    #[test]
    fn what_has_no_direction_is_cut_too() {
        for list in
            [List(vec![vec![0.6, 0.8]; 9]), List(vec![vec![0.0, 0.0]; 9]), List(vec![vec![1.0, 0.0], vec![-1.0, 0.0]])]
        {
            let rows: Vec<RowNumber> = (0..list.0.len() as RowNumber).collect();
            let [(left, a), (right, b)] = list.halves(&rows).unwrap();
            assert_eq!((left.len(), right.len()), (rows.len() / 2, rows.len().div_ceil(2)));
            assert!(a.len() == 2 && b.len() == 2);
        }
        assert!(List(Vec::new()).halves(&[]).is_none() && List(Vec::new()).mean(&[1]).is_none());
        assert_eq!(List(vec![vec![1.0, 0.0], vec![-1.0, 0.0]]).mean(&[0, 1]), None);
    }
}
