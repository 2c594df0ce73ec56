//! Consolidation: from a seed pair to all minutiae that lie on one another, tolerant of skin distortion.

use super::align::{Fit, Similarity};
use super::direction::{Brad, Turns, radians};
use super::hull::rank;
use super::local::{Local, PAIRS, Pairs};
use super::matching::{Match, Matching, NOBODY};
use super::params::*;
use super::placed::Placed;
use super::side::Side;
use crate::simd::near::{GROUP, MOST, Tolerance, padded};
use crate::simd::wide::Kernels;

/// Buffers of the one-to-one assignment.
pub(crate) struct Assignment {
    /// Candidates by their cost: rank of the cost, number in a, number in b.
    keys: Vec<u64>,
    /// For each of a's minutiae, the square of the distance within which it may be matched.
    most2: [f32; MOST],
    /// For each of a's minutiae, a bit for each of b's that is near.
    near: [u64; MOST],
}

impl Default for Assignment {
    fn default() -> Self {
        Self { keys: Vec::new(), most2: [0.0; MOST], near: [0; MOST] }
    }
}

/// Both sides, and the local similarities of their minutiae.
#[derive(Clone, Copy)]
pub(crate) struct Sides<'a> {
    pub(crate) a: &'a Side,
    pub(crate) b: &'a Side,
    pub(crate) local: &'a Local,
    pub(crate) turns: &'a Turns,
}

/// First matching of a seed under one similarity transform. `fits` holds how well each pair fits the seed. `false` when
/// there is no transform.
#[inline(always)]
pub(crate) fn first(
    kernels: impl Kernels,
    sides: Sides<'_>,
    (pairs, fits, seed): (&Pairs, &[f32; PAIRS], usize),
    placed: &mut Placed,
    assignment: &mut Assignment,
    out: &mut Matching,
) -> bool {
    let mut weights = *fits;
    for w in &mut weights {
        *w = if *w > LEAST_FIT { *w } else { 0.0 };
    }
    weights[seed] = 1.0;
    let fit = Fit::of(pairs, &weights);
    let Some(transform) = fit.solve(ALIGN_ARM, FIRST_LEAST_SCALE, FIRST_MOST_SCALE) else { return false };
    placed.place(sides.b, &transform);
    let (cx, cy) = (pairs.ax[seed], pairs.ay[seed]);
    let points = &sides.a.points;
    for k in 0..padded(sides.a.len()).min(MOST) {
        let (dx, dy) = (points.x[k] - cx, points.y[k] - cy);
        let most = COARSE_DISTANCE + COARSE_DISTANCE_SLOPE * (dx * dx + dy * dy).sqrt();
        assignment.most2[k] = most * most;
    }
    assignment.assign(kernels, sides, placed, COARSE_ANGLE, out);
    true
}

/// Refines a matching: similarity, shear and local displacements by least squares, then matching again, several times.
#[inline(always)]
pub(crate) fn refine(
    kernels: impl Kernels,
    sides: Sides<'_>,
    placed: &mut Placed,
    assignment: &mut Assignment,
    matching: &mut Matching,
) -> Option<Similarity> {
    let Sides { a, b, turns, .. } = sides;
    let mut last = None;
    assignment.most2.fill(FINE_DISTANCE * FINE_DISTANCE);
    for _ in 0..FINE_ROUNDS {
        let mut fit = Fit::default();
        for m in &matching.matches {
            let d = m.distance * (1.0 / OUTLIER_DISTANCE);
            let (i, j) = (usize::from(m.a), usize::from(m.b));
            let turn = turns.unit(a.direction(i).wrapping_sub(b.direction(j)));
            fit.add(1.0 / (1.0 + d * d), (a.points.x[i], a.points.y[i]), (b.points.x[j], b.points.y[j]), turn);
        }
        let transform = fit.solve(ALIGN_ARM, LEAST_SCALE, MOST_SCALE)?;
        placed.place(b, &transform);
        placed.shear(a, &matching.matches);
        placed.bend(a, &matching.matches);
        assignment.assign(kernels, sides, placed, FINE_ANGLE, matching);
        last = Some(transform);
    }
    last
}

impl Assignment {
    /// One-to-one matching within the tolerances, closest first.
    #[inline(always)]
    fn assign(
        &mut self,
        kernels: impl Kernels,
        Sides { a, local, .. }: Sides<'_>,
        placed: &Placed,
        most_angle: f32,
        out: &mut Matching,
    ) {
        let turn = (most_angle * (32768.0 / std::f32::consts::PI)) as u16;
        let points = &placed.points;
        let apart = |i: usize, j: usize| {
            let (dx, dy) = (a.points.x[i] - points.x[j], a.points.y[i] - points.y[j]);
            let angle = radians(a.direction(i).wrapping_sub(points.direction[j] as Brad)).abs();
            (dx * dx + dy * dy, angle)
        };
        let cost = |i: usize, j: usize| {
            let (d2, angle) = apart(i, j);
            let relative = angle * (1.0 / most_angle);
            d2 / self.most2[i] + relative * relative - SIMILARITY_BONUS * local.get(i, j)
        };
        self.keys.clear();
        for start in (0..placed.len).step_by(GROUP) {
            // All tests come first, then only rows with hits, because a branch on hits cannot be predicted.
            let tolerance = Tolerance { distance2: &self.most2, turn };
            kernels.near((&a.points, a.len()), (points, start, placed.len), tolerance, &mut self.near);
            let mut hits = [(0u8, 0u64); MOST];
            let mut rows = 0;
            for (i, &bits) in self.near.iter().enumerate().take(a.len()) {
                hits[rows] = (i as u8, bits);
                rows += usize::from(bits != 0);
            }
            for &(i, mut bits) in hits.iter().take(rows) {
                while bits != 0 {
                    let (i, j) = (usize::from(i), start + bits.trailing_zeros() as usize);
                    bits &= bits - 1;
                    self.keys.push(u64::from(rank(cost(i, j))) << 32 | (i as u64) << 8 | j as u64);
                }
            }
        }
        self.keys.sort_unstable();
        let (mut used_a, mut used_b) = (0u128, 0u128);
        out.matches.clear();
        out.value = 0.0;
        out.partner = [NOBODY; MOST];
        for &key in &self.keys {
            let (i, j) = ((key >> 8 & 0xff) as usize, (key & 0xff) as usize);
            if used_a >> i & 1 != 0 || used_b >> j & 1 != 0 {
                continue;
            }
            used_a |= 1 << i;
            used_b |= 1 << j;
            let (d2, angle) = apart(i, j);
            out.matches.push(Match {
                a: i as u16,
                b: j as u16,
                distance: d2.sqrt(),
                angle,
                similarity: local.get(i, j),
            });
            out.partner[i] = j as u8;
            let worth = MOST_COST - cost(i, j);
            out.value += if worth > 0.0 { worth } else { 0.0 };
        }
    }
}
