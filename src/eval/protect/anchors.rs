//! Faces from distances to known codes.
//!
//! With cosines `c` to `K` known faces `X`, faces distributed with mean `m` and covariance `C`, and errors of variance `s`, the face
//! is `m + C X' (X C X' + s)^-1 (c - X m)`. It needs neither a key nor the rotation: comparisons of codes give the
//! cosines.

use rayon::prelude::*;

use super::known::{Attack, Deal, Guess, Target, shuffled};
use super::linear::{Solver, product};
use super::params::{EXACT, SHRINKAGE};
use super::regression::apart;
use crate::protect::FaceCode;

/// The attack with the first `known` people of the pool; `codes` are those of all rows.
pub(super) fn anchors(deal: &Deal<'_>, codes: &[FaceCode], known: usize, bits: usize) -> Attack<Guess> {
    let rows = deal.pool.get(..known).unwrap_or_default();
    let mixed: Vec<usize> = shuffled(known).into_iter().filter_map(|i| rows.get(i).copied()).collect();
    // The variance of a cosine near 0 estimated from bits.
    let noise = (std::f64::consts::FRAC_PI_2).powi(2) / bits as f64;
    let by_bits = |target: &Target, anchor: usize| match (codes.get(target.coded), codes.get(anchor)) {
        (Some(a), Some(b)) => (std::f64::consts::PI * apart(a, b) as f64 / bits as f64).cos(),
        _ => 0.0,
    };
    let exactly = |target: &Target, anchor: usize| f64::from(product(deal.face(target.coded), deal.face(anchor)));
    let told = |pictures: &[usize], noise: f64, cosine: &(dyn Fn(&Target, usize) -> f64 + Sync)| match Prior::new(
        deal, pictures, noise,
    ) {
        Some(prior) => {
            deal.judge(|target| prior.face(&rows.iter().map(|&anchor| cosine(target, anchor)).collect::<Vec<_>>()))
        }
        None => Guess::default(),
    };
    Attack {
        found: told(rows, noise, &by_bits),
        null: told(&mixed, noise, &by_bits),
        control: told(rows, EXACT, &exactly),
    }
}

/// Prior statistics of faces, prepared for known cosines.
struct Prior<'a> {
    mean: &'a [f32],
    /// Cosines of the anchors with the mean face.
    with_mean: Vec<f64>,
    solver: Solver,
    /// The covariance's product with each anchor.
    spread: Vec<Vec<f32>>,
}

impl<'a> Prior<'a> {
    fn new(deal: &'a Deal<'_>, anchors: &[usize], noise: f64) -> Option<Self> {
        let faces: Vec<Vec<f32>> = (deal.pool.iter())
            .map(|&row| deal.face(row).iter().zip(&deal.mean).map(|(v, m)| v - m).collect())
            .collect();
        let n = faces.len().max(1) as f64;
        let trace = faces.iter().map(|f| f64::from(product(f, f))).sum::<f64>() / n;
        let even = (SHRINKAGE * trace / deal.mean.len().max(1) as f64) as f32;
        let spread_of = |&row: &usize| -> Vec<f32> {
            let anchor = deal.face(row);
            let mut out: Vec<f32> = anchor.iter().map(|v| v * even).collect();
            for face in &faces {
                let weight = ((1.0 - SHRINKAGE) / n) as f32 * product(face, anchor);
                out.iter_mut().zip(face).for_each(|(o, v)| *o += weight * v);
            }
            out
        };
        let spread: Vec<Vec<f32>> = anchors.par_iter().map(spread_of).collect();
        let row = |(i, &anchor): (usize, &usize)| {
            let face = deal.face(anchor);
            let value =
                move |(j, s): (usize, &Vec<f32>)| f64::from(product(face, s)) + if i == j { noise } else { 0.0 };
            spread.iter().enumerate().map(value)
        };
        let matrix: Vec<f64> = anchors.iter().enumerate().flat_map(row).collect();
        let solver = Solver::new(&matrix, anchors.len())?;
        let with_mean = anchors.iter().map(|&row| f64::from(product(deal.face(row), &deal.mean))).collect();
        Some(Self { mean: &deal.mean, with_mean, solver, spread })
    }

    fn face(&self, cosines: &[f64]) -> Vec<f32> {
        let beyond: Vec<f64> = cosines.iter().zip(&self.with_mean).map(|(c, m)| c - m).collect();
        let mut face = self.mean.to_vec();
        for (weight, spread) in self.solver.solve(&beyond).into_iter().zip(&self.spread) {
            face.iter_mut().zip(spread).for_each(|(f, s)| *f += weight as f32 * s);
        }
        face
    }
}
