//! Learning from known codes: ridge regression on bits, in its dual form, which needs only products of codes.

use rayon::prelude::*;

use super::linear::{Solver, dot};
use super::params::{CHOSEN_ON, RIDGES};
use crate::protect::FaceCode;

/// Number of bits that differ.
pub(super) fn apart(a: &FaceCode, b: &FaceCode) -> usize {
    a.words().iter().zip(b.words()).map(|(a, b)| (a ^ b).count_ones() as usize).sum()
}

/// Normalized product of two codes' signs, 1 if they are the same.
fn likeness(a: &FaceCode, b: &FaceCode) -> f64 {
    1.0 - 2.0 * apart(a, b) as f64 / a.bits().max(1) as f64
}

/// Products of any code with known ones, minus the known ones' mean.
pub(super) struct Centered<'a> {
    known: Vec<&'a FaceCode>,
    means: Vec<f64>,
    mean: f64,
}

impl<'a> Centered<'a> {
    pub(super) fn new(known: Vec<&'a FaceCode>) -> Self {
        let n = known.len().max(1) as f64;
        let means: Vec<f64> = known.par_iter().map(|a| known.iter().map(|b| likeness(a, b)).sum::<f64>() / n).collect();
        let mean = means.iter().sum::<f64>() / n;
        Self { known, means, mean }
    }

    /// Products of a code with the known ones, and its length.
    pub(super) fn products(&self, code: &FaceCode) -> (Vec<f64>, f64) {
        let mut out: Vec<f64> = self.known.iter().map(|k| likeness(code, k)).collect();
        let own = out.iter().sum::<f64>() / self.known.len().max(1) as f64;
        out.iter_mut().zip(&self.means).for_each(|(v, m)| *v -= own + m - self.mean);
        (out, (1.0 - 2.0 * own + self.mean).max(1e-9).sqrt())
    }

    /// Products of all known codes with each other, row after row.
    pub(super) fn matrix(&self) -> Vec<f64> {
        self.known.par_iter().flat_map_iter(|code| self.products(code).0).collect()
    }
}

/// Regression of a code's sample onto known samples.
pub(super) struct Regression<'a> {
    known: Centered<'a>,
    solver: Solver,
}

impl<'a> Regression<'a> {
    /// Learns from known codes and the components of the sample of each. The ridge strength is the one with the least
    /// error on pairs that are left out. `None` if there is nothing to learn from.
    pub(super) fn new(known: Vec<&'a FaceCode>, wanted: &[Vec<f64>]) -> Option<Self> {
        let known = Centered::new(known);
        let (n, products) = (known.known.len(), known.matrix());
        let columns = wanted.first()?.len().min(CHOSEN_ON);
        let column = |c: usize| -> Vec<f64> {
            let values: Vec<f64> = wanted.iter().map(|w| w.get(c).copied().unwrap_or(0.0)).collect();
            let mean = values.iter().sum::<f64>() / n.max(1) as f64;
            values.into_iter().map(|v| v - mean).collect()
        };
        let columns: Vec<Vec<f64>> = (0..columns).map(column).collect();
        let mut best: Option<(f64, Solver)> = None;
        for ridge in RIDGES {
            let mut matrix = products.clone();
            matrix.iter_mut().step_by(n + 1).for_each(|v| *v += ridge);
            let Some(solver) = Solver::new(&matrix, n) else { continue };
            let diagonal = solver.diagonal();
            let error = |column: &Vec<f64>| -> f64 {
                solver.solve(column).iter().zip(&diagonal).map(|(a, d)| (a / d) * (a / d)).sum()
            };
            let errors: Vec<f64> = columns.par_iter().map(error).collect();
            let error = errors.iter().sum::<f64>();
            if best.as_ref().is_none_or(|b| error < b.0) {
                best = Some((error, solver));
            }
        }
        best.map(|(_, solver)| Self { known, solver })
    }

    /// Weight of each known sample, relative to their mean.
    pub(super) fn weights(&self, code: &FaceCode) -> Vec<f64> {
        self.solver.solve(&self.known.products(code).0)
    }
}

/// Cosine between the learned vector, given as `weights` of known codes and its `length`, and a code, given by its
/// products with those codes and its own length.
pub(super) fn agreement(weights: &[f64], length: f64, (products, own): &(Vec<f64>, f64)) -> f64 {
    dot(weights, products) / (length * own).max(1e-12)
}

/// Length of the weighted sum of known codes; `squares` are their products with each other.
pub(super) fn length(weights: &[f64], squares: &[f64]) -> f64 {
    let rows = squares.chunks_exact(weights.len().max(1));
    rows.zip(weights).map(|(row, w)| w * dot(row, weights)).sum::<f64>().max(0.0).sqrt()
}
