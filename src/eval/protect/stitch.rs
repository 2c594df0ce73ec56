//! Reconstruction of a print from inverted neighborhoods: the attack with a finger's code and its key.
//!
//! Each neighborhood shows, blurred, where the next minutiae lie relative to its own. Minutiae are placed one by one
//! where their neighborhoods and the placed minutiae agree best, in both directions. No print is reconstructed in full,
//! but the result is compared like any other.

use std::f32::consts::TAU;

use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::template::FingerTemplate;
use crate::geometry::Angle;

/// Cells of a section, sections, cells along a side and their distance in pixels, as in local descriptors.
const CELLS: usize = 52;
const PLANES: usize = 6;
const SIDE: usize = 8;
const STEP: f32 = 17.5;
/// Reach of a descriptor, pixels.
const REACH: f32 = 70.0;
/// Grid of places in the search for a neighbor: distance in pixels, number along a side, directions.
const GRID: f32 = 5.0;
const ALONG: usize = 31;
const TURNS: usize = 24;
/// Blur of a neighbor, pixels and radians.
const BLUR: f32 = 11.0;
const BLUR_TURN: f32 = 0.7;
/// Neighbors tried for each neighborhood.
const PEAKS: usize = 12;
/// Least distance of two minutiae, pixels.
const APART: f32 = 9.0;
/// Agreement that a placed minutia must reach.
const LEAST: f32 = 0.22;

/// Position and direction, y up.
#[derive(Clone, Copy)]
struct Pose {
    x: f32,
    y: f32,
    direction: f32,
}

impl Pose {
    /// Another pose relative to this one: position along and across the direction, and this direction minus the
    /// other's.
    fn sees(self, other: Self) -> [f32; 3] {
        let (sin, cos) = self.direction.sin_cos();
        let (dx, dy) = (other.x - self.x, other.y - self.y);
        [cos * dx + sin * dy, cos * dy - sin * dx, self.direction - other.direction]
    }

    /// The inverse of [`Pose::sees`].
    fn seen(self, [u, v, turn]: [f32; 3]) -> Self {
        let (sin, cos) = self.direction.sin_cos();
        Self { x: self.x + cos * u - sin * v, y: self.y + sin * u + cos * v, direction: self.direction - turn }
    }
}

/// Strength of a neighbor in a neighborhood, for places and rotations.
struct Sight {
    strength: Vec<f32>,
    /// The strongest neighbors, relative to the minutia.
    peaks: Vec<[f32; 3]>,
}

fn wrapped(angle: f32) -> f32 {
    angle - (angle / TAU).round() * TAU
}

fn coordinate(index: usize) -> f32 {
    (index as f32 - (ALONG as f32 - 1.0) / 2.0) * GRID
}

impl Sight {
    fn new(vector: &[f32]) -> Self {
        let cells = vector.get(..CELLS * PLANES).unwrap_or_default();
        let norm = cells.iter().map(|c| c * c).sum::<f32>().sqrt().max(1e-6);
        let middle = (SIDE as f32 - 1.0) / 2.0;
        let places: Vec<(f32, f32)> = (0..SIDE * SIDE)
            .map(|i| (((i % SIDE) as f32 - middle) * STEP, ((i / SIDE) as f32 - middle) * STEP))
            .filter(|(u, v)| u * u + v * v <= REACH * REACH)
            .collect();
        // Over planes first: each cell's strength at each rotation.
        let weight = |plane: usize, turn: usize| {
            let center = -TAU / 2.0 + (plane as f32 + 0.5) * TAU / PLANES as f32;
            let apart = wrapped(center - turn as f32 * TAU / TURNS as f32) / BLUR_TURN;
            (-apart * apart / 2.0).exp()
        };
        let turned: Vec<f32> = (0..TURNS)
            .flat_map(|turn| {
                let weights: [f32; PLANES] = std::array::from_fn(|plane| weight(plane, turn));
                let norm_of_weights = weights.iter().map(|w| w * w).sum::<f32>().sqrt();
                (0..CELLS).map(move |cell| {
                    let at = |plane: usize| cells.get(plane * CELLS + cell).copied().unwrap_or(0.0);
                    (0..PLANES).map(|plane| weights[plane] * at(plane)).sum::<f32>() / (norm_of_weights * norm)
                })
            })
            .collect();
        let mut strength = vec![0.0; ALONG * ALONG * TURNS];
        for row in 0..ALONG {
            for column in 0..ALONG {
                let (u, v) = (coordinate(column), coordinate(row));
                let weights: Vec<f32> = (places.iter())
                    .map(|(cu, cv)| (-((cu - u) * (cu - u) + (cv - v) * (cv - v)) / (2.0 * BLUR * BLUR)).exp())
                    .collect();
                let norm = weights.iter().map(|w| w * w).sum::<f32>().sqrt().max(0.5);
                for (turn, cells) in turned.chunks_exact(CELLS).enumerate() {
                    let sum: f32 = cells.iter().zip(&weights).map(|(c, w)| c * w).sum();
                    if let Some(s) = strength.get_mut((row * ALONG + column) * TURNS + turn) {
                        *s = sum / norm;
                    }
                }
            }
        }
        let mut sight = Self { strength, peaks: Vec::new() };
        sight.peaks = sight.strongest();
        sight
    }

    fn strongest(&self) -> Vec<[f32; 3]> {
        let mut order: Vec<usize> = (0..self.strength.len()).collect();
        order.sort_by(|&a, &b| self.strength[b].total_cmp(&self.strength[a]).then(a.cmp(&b)));
        let mut peaks: Vec<[f32; 3]> = Vec::new();
        for i in order.into_iter().take(self.strength.len() / 8) {
            let (place, turn) = (i / TURNS, (i % TURNS) as f32 * TAU / TURNS as f32);
            let (u, v) = (coordinate(place % ALONG), coordinate(place / ALONG));
            let near = |p: &[f32; 3]| {
                (p[0] - u).powi(2) + (p[1] - v).powi(2) < 18f32.powi(2) && wrapped(p[2] - turn).abs() < 1.0
            };
            if u * u + v * v >= APART * APART && !peaks.iter().any(near) {
                peaks.push([u, v, turn]);
                if peaks.len() == PEAKS {
                    break;
                }
            }
        }
        peaks
    }

    /// Strength at a relative pose; `None` beyond the reach.
    fn at(&self, [u, v, turn]: [f32; 3]) -> Option<f32> {
        if u * u + v * v > (REACH + GRID) * (REACH + GRID) {
            return None;
        }
        let place = |c: f32| ((c / GRID).round() + (ALONG as f32 - 1.0) / 2.0) as usize;
        let turn = (turn.rem_euclid(TAU) / TAU * TURNS as f32).round() as usize % TURNS;
        self.strength.get((place(v).min(ALONG - 1) * ALONG + place(u).min(ALONG - 1)) * TURNS + turn).copied()
    }
}

/// Reconstructs a print; `None` when no two minutiae fit.
pub(super) fn stitch(vectors: &[Vec<f32>]) -> Option<FingerTemplate> {
    let sights: Vec<Sight> = vectors.iter().map(|v| Sight::new(v)).collect();
    let best = (0..sights.len()).filter_map(|start| grow(&sights, start)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    let placed = best.1;
    let least = placed.iter().fold((f32::MAX, f32::MAX), |(x, y), p| (x.min(p.x), y.min(-p.y)));
    let minutiae: Vec<Minutia> = placed
        .iter()
        .map(|p| Minutia {
            x: p.x - least.0 + 1.0,
            y: -p.y - least.1 + 1.0,
            direction: Angle::from_radians(p.direction),
            kind: MinutiaKind::Other,
            quality: 50,
        })
        .collect();
    let most = minutiae.iter().fold((0f32, 0f32), |(x, y), m| (x.max(m.x), y.max(m.y)));
    FingerTemplate::new(most.0 as u32 + 2, most.1 as u32 + 2, minutiae).ok()
}

/// Grows a print from one minutia; returns the sum of agreements and the poses.
fn grow(sights: &[Sight], start: usize) -> Option<(f32, Vec<Pose>)> {
    let mut placed: Vec<(usize, Pose)> = vec![(start, Pose { x: 0.0, y: 0.0, direction: 0.0 })];
    let mut left: Vec<usize> = (0..sights.len()).filter(|&i| i != start).collect();
    let mut total = 0.0;
    // The best place of each remaining minutia among those placed up to a step.
    let mut found: Vec<Option<(f32, Pose)>> = vec![None; sights.len()];
    let mut fresh = 0;
    loop {
        // Only the last placed minutia offers new places, but agreement with it may change old ones.
        for &j in &left {
            let own = &sights[j];
            let mut best: Option<(f32, Pose)> =
                found[j].and_then(|(_, pose)| Some((agreement(sights, &placed, own, pose)?, pose)));
            for &(i, at) in &placed[fresh..] {
                for &peak in &sights[i].peaks {
                    let pose = at.seen(peak);
                    if let Some(value) = agreement(sights, &placed, own, pose)
                        && best.is_none_or(|b| value > b.0)
                    {
                        best = Some((value, pose));
                    }
                }
            }
            found[j] = best;
        }
        fresh = placed.len();
        let next = left.iter().filter_map(|&j| found[j].map(|f| (f.0, j, f.1))).max_by(|a, b| a.0.total_cmp(&b.0));
        match next {
            Some((value, j, pose)) if value >= LEAST => {
                total += value;
                placed.push((j, pose));
                left.retain(|&l| l != j);
            }
            _ => break,
        }
    }
    (placed.len() > 1).then(|| (total, placed.into_iter().map(|p| p.1).collect()))
}

/// Agreement of a minutia at a pose with the placed ones: it grows with their number. `None` if the place is taken.
fn agreement(sights: &[Sight], placed: &[(usize, Pose)], own: &Sight, pose: Pose) -> Option<f32> {
    let (mut sum, mut count) = (0.0, 0.0);
    for &(k, other) in placed {
        if (other.x - pose.x).powi(2) + (other.y - pose.y).powi(2) < APART * APART {
            return None;
        }
        let (there, back) = (pose.sees(other), other.sees(pose));
        if let (Some(a), Some(b)) = (own.at(there), sights[k].at(back)) {
            sum += a + b;
            count += 2.0;
        }
    }
    (count > 0.0).then(|| sum / f32::sqrt(count) * std::f32::consts::FRAC_1_SQRT_2)
}
