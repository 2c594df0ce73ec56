//! Consolidation: from a seed pair to all minutiae that lie on one another, tolerant of skin distortion.

use super::align::{Fit, Similarity};
use super::local::{Local, Pair};
use super::params::*;
use super::placed::Placed;
use super::print::{Side, radians};

/// Two minutiae that lie on one another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Match {
    pub(crate) a: u16,
    pub(crate) b: u16,
    /// What is left of their distance after alignment, pixels.
    pub(crate) distance: f32,
    /// What is left of the difference of their directions, radians.
    pub(crate) angle: f32,
    /// Local similarity of their neighbourhoods.
    pub(crate) similarity: f32,
}

/// A matching grown from one seed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matching {
    pub(crate) matches: Vec<Match>,
    /// How well the pairs lie on one another, summed: a quick measure that picks the matchings worth refining.
    pub(crate) value: f32,
}

/// Buffers of the one-to-one assignment.
#[derive(Default)]
pub(crate) struct Assignment {
    candidates: Vec<(f32, Match)>,
    used_a: Vec<bool>,
    used_b: Vec<bool>,
}

/// First matching of a seed under one similarity transform. `fits` tells how well each pair fits the seed. `false` when
/// there is no transform.
pub(crate) fn first(
    (a, b, local): (&Side, &Side, &Local),
    (pairs, fits, seed): (&[Pair], &[f32], usize),
    placed: &mut Placed,
    assignment: &mut Assignment,
    out: &mut Matching,
) -> bool {
    let mut fit = Fit::default();
    for (k, (p, &f)) in pairs.iter().zip(fits).enumerate() {
        let w = if k == seed { 1.0 } else { f };
        if w > LEAST_FIT {
            add(&mut fit, a, b, (p.a, p.b), w);
        }
    }
    let Some(transform) = fit.solve(ALIGN_ARM, FIRST_LEAST_SCALE, FIRST_MOST_SCALE) else { return false };
    let Some(at) = pairs.get(seed).map(|p| usize::from(p.a)) else { return false };
    placed.place(b, &transform);
    let (cx, cy) = (a.x[at], a.y[at]);
    assignment.assign(a, local, placed, out, |i| {
        let d = ((a.x[i] - cx).powi(2) + (a.y[i] - cy).powi(2)).sqrt();
        (COARSE_DISTANCE + COARSE_DISTANCE_SLOPE * d, COARSE_ANGLE)
    });
    true
}

/// Refines a matching: similarity, shear and local displacements by least squares, then matching again, some times.
pub(crate) fn refine(
    (a, b, local): (&Side, &Side, &Local),
    placed: &mut Placed,
    assignment: &mut Assignment,
    matching: &mut Matching,
) -> Option<Similarity> {
    let mut last = None;
    for _ in 0..FINE_ROUNDS {
        let mut fit = Fit::default();
        for m in &matching.matches {
            let d = m.distance * (1.0 / OUTLIER_DISTANCE);
            add(&mut fit, a, b, (m.a, m.b), 1.0 / (1.0 + d * d));
        }
        let transform = fit.solve(ALIGN_ARM, LEAST_SCALE, MOST_SCALE)?;
        placed.place(b, &transform);
        placed.shear(a, &matching.matches);
        placed.bend(a, &matching.matches);
        assignment.assign(a, local, placed, matching, |_| (FINE_DISTANCE, FINE_ANGLE));
        last = Some(transform);
    }
    last
}

fn add(fit: &mut Fit, a: &Side, b: &Side, (i, j): (u16, u16), w: f32) {
    let (i, j) = (usize::from(i), usize::from(j));
    let turn = a.direction[i].wrapping_sub(b.direction[j]);
    fit.add(w, (a.x[i], a.y[i]), (b.x[j], b.y[j]), turn);
}

impl Assignment {
    /// One-to-one matching within a tolerance (pixels, radians) for each minutia of a, closest first.
    fn assign(
        &mut self,
        a: &Side,
        local: &Local,
        placed: &Placed,
        out: &mut Matching,
        tolerance: impl Fn(usize) -> (f32, f32),
    ) {
        const LANES: usize = 8;
        self.candidates.clear();
        for (i, (&x, &y)) in a.x.iter().zip(&a.y).enumerate() {
            let (most, turn) = tolerance(i);
            let most2 = most * most;
            for (c, (xs, ys)) in placed.x.chunks_exact(LANES).zip(placed.y.chunks_exact(LANES)).enumerate() {
                let mut d2 = [0f32; LANES];
                let mut any = false;
                for ((d2, &u), &v) in d2.iter_mut().zip(xs).zip(ys) {
                    *d2 = (x - u) * (x - u) + (y - v) * (y - v);
                    any |= *d2 < most2;
                }
                if !any {
                    continue;
                }
                for (k, &d2) in d2.iter().enumerate() {
                    if d2 >= most2 {
                        continue;
                    }
                    let j = c * LANES + k;
                    let Some(&direction) = placed.direction.get(j) else { continue };
                    let angle = radians(a.direction[i].wrapping_sub(direction)).abs();
                    if angle >= turn {
                        continue;
                    }
                    let similarity = local.get(i, j);
                    let cost = d2 / most2 + (angle / turn) * (angle / turn) - SIMILARITY_BONUS * similarity;
                    let m = Match { a: i as u16, b: j as u16, distance: d2.sqrt(), angle, similarity };
                    self.candidates.push((cost, m));
                }
            }
        }
        self.candidates.sort_unstable_by(|p, q| p.0.total_cmp(&q.0).then(p.1.a.cmp(&q.1.a)).then(p.1.b.cmp(&q.1.b)));
        self.used_a.clear();
        self.used_a.resize(a.len(), false);
        self.used_b.clear();
        self.used_b.resize(placed.direction.len(), false);
        out.matches.clear();
        out.value = 0.0;
        for &(cost, m) in &self.candidates {
            let (i, j) = (usize::from(m.a), usize::from(m.b));
            if !self.used_a[i] && !self.used_b[j] {
                self.used_a[i] = true;
                self.used_b[j] = true;
                out.matches.push(m);
                out.value += (MOST_COST - cost).max(0.0);
            }
        }
    }
}
