//! Phase residues: the exact minutiae of a master.

use std::f32::consts::TAU;

use super::params::{DIPOLE, KIND_REACH};
use super::quadrature::Quadrature;
use super::signal::Signal;

/// Newton steps from the middle of a residue's cell to the zero of the signal.
const NEWTON_STEPS: usize = 6;
/// Step of the numeric derivative, pixels.
const PROBE: f32 = 0.25;
/// Largest distance of a zero from the middle of its cell, pixels.
const REACH: f32 = 1.5;

/// A minutia of a master: a zero of the analytic signal.
#[derive(Clone)]
pub(super) struct MasterMinutia {
    pub(super) x: f32,
    pub(super) y: f32,
    /// Unit vector (y down) towards the side with one ridge more.
    pub(super) ahead: (f32, f32),
    /// Cosine of the phase slightly ahead: 1 if a ridge begins (ending), -1 if a valley begins (bifurcation).
    pub(super) ridge: f32,
}

/// All residues of the signal: the cells of 2 x 2 pixels around which the phase, with the signs of the wave vectors
/// made equal, rotates by a full circle.
pub(super) fn residues(signal: &Signal, quadrature: &Quadrature<'_>, period: f32) -> Vec<MasterMinutia> {
    let mut found = Vec::new();
    for y in 0..signal.height.saturating_sub(1) {
        for x in 0..signal.width.saturating_sub(1) {
            let winding = winding(signal, x, y);
            if winding != 0 {
                found.extend(refine(quadrature, x as f32 + 0.5, y as f32 + 0.5, winding));
            }
        }
    }
    without_dipoles(found, DIPOLE * period)
}

/// Turns of the phase around a cell: -1, 0 or 1, clockwise on the screen, relative to the first corner's wave vector.
fn winding(signal: &Signal, x: usize, y: usize) -> i32 {
    let corners = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)].map(|(i, j)| index(signal, i, j));
    if corners.iter().any(|&i| signal.re[i] == 0.0 && signal.im[i] == 0.0) {
        return 0;
    }
    let first = signal.wave[corners[0]];
    let aligned = corners.map(|i| {
        let wave = signal.wave[i];
        let sign = if wave.0 * first.0 + wave.1 * first.1 < 0.0 { -1.0 } else { 1.0 };
        (signal.re[i], sign * signal.im[i])
    });
    // Crossings of the negative real axis count the turns without an arc tangent.
    let mut turns = 0;
    for k in 0..4 {
        let (a, b) = (aligned[k], aligned[(k + 1) % 4]);
        if (a.1 < 0.0) != (b.1 < 0.0) {
            // The place where the step crosses the real axis.
            let real = a.0 * b.1 - b.0 * a.1;
            let crosses_left = if b.1 >= 0.0 { real < 0.0 } else { real > 0.0 };
            if crosses_left {
                turns += if a.1 >= 0.0 { 1 } else { -1 };
            }
        }
    }
    turns
}

fn index(signal: &Signal, x: usize, y: usize) -> usize {
    y * signal.width + x
}

/// Moves to the zero of the signal and reads direction and kind there.
fn refine(quadrature: &Quadrature<'_>, x: f32, y: f32, winding: i32) -> Option<MasterMinutia> {
    let wave = quadrature.flow(x, y).wave();
    let (mut px, mut py) = (x, y);
    for _ in 0..NEWTON_STEPS {
        let z = quadrature.at(px, py, wave);
        let (right, left) = (quadrature.at(px + PROBE, py, wave), quadrature.at(px - PROBE, py, wave));
        let (down, up) = (quadrature.at(px, py + PROBE, wave), quadrature.at(px, py - PROBE, wave));
        let (ax, bx) = ((right.0 - left.0) / (2.0 * PROBE), (right.1 - left.1) / (2.0 * PROBE));
        let (ay, by) = ((down.0 - up.0) / (2.0 * PROBE), (down.1 - up.1) / (2.0 * PROBE));
        let determinant = ax * by - ay * bx;
        if determinant.abs() < 1e-9 {
            return None;
        }
        px -= (z.0 * by - ay * z.1) / determinant;
        py -= (ax * z.1 - z.0 * bx) / determinant;
        if (px - x).abs() > REACH || (py - y).abs() > REACH {
            return None;
        }
    }
    // The side with one ridge more: along the ridge, so that the phase rotates from it towards the wave vector.
    let length = (wave.0 * wave.0 + wave.1 * wave.1).sqrt();
    let sign = if winding > 0 { 1.0 } else { -1.0 };
    let ahead = (sign * wave.1 / length, -sign * wave.0 / length);
    let reach = KIND_REACH * TAU / length * quadrature.pixels_per_node();
    let z = quadrature.at(px + reach * ahead.0, py + reach * ahead.1, wave);
    let magnitude = (z.0 * z.0 + z.1 * z.1).sqrt().max(f32::MIN_POSITIVE);
    Some(MasterMinutia { x: px, y: py, ahead, ridge: z.0 / magnitude })
}

/// Drops pairs of opposite residues closer than `distance`: a wrinkle of one ridge.
fn without_dipoles(found: Vec<MasterMinutia>, distance: f32) -> Vec<MasterMinutia> {
    let mut dropped = vec![false; found.len()];
    for i in 0..found.len() {
        for j in i + 1..found.len() {
            let (a, b) = (&found[i], &found[j]);
            let (dx, dy) = (a.x - b.x, a.y - b.y);
            // Equal directions ahead would mean two ridges more; opposite ones cancel.
            let opposite = a.ahead.0 * b.ahead.0 + a.ahead.1 * b.ahead.1 < 0.0;
            if !dropped[i] && !dropped[j] && opposite && dx * dx + dy * dy < distance * distance {
                dropped[i] = true;
                dropped[j] = true;
            }
        }
    }
    found.into_iter().zip(dropped).filter(|(_, d)| !d).map(|(m, _)| m).collect()
}

#[cfg(test)]
mod tests {
    use std::f64::consts::{FRAC_PI_2, TAU as TURN};

    use super::*;
    use crate::synth::print::grid::{Flow, Grid};
    use crate::synth::print::silhouette::Silhouette;

    /// Known minutiae: place, turn of the phase, and the phase of the carrier there.
    const KNOWN: [(f64, f64, f64); 4] =
        [(90.0, 110.0, 1.0), (200.0, 90.0, -1.0), (120.3, 200.7, -1.0), (205.4, 190.2, 1.0)];

    /// Ridges at `angle` with period 9 in the AM-FM form of Larkin and Fletcher, on a grid of 5 nodes per period.
    fn ridges(angle: f64, offset: f64) -> (Grid, Vec<f32>) {
        let (step, side) = (1.8f32, 170);
        let flow = Flow { cos2: (2.0 * angle).cos() as f32, sin2: (2.0 * angle).sin() as f32, omega: TAU / 5.0 };
        let grid = Grid::uniform(step, side, side, flow);
        let mut plane = vec![0f32; grid.plane_len()];
        for row in 0..side {
            for column in 0..side {
                let (x, y) = (column as f64 * f64::from(step), row as f64 * f64::from(step));
                plane[grid.bordered(column, row)] = phase(angle, offset, x, y, None).cos() as f32;
            }
        }
        (grid, plane)
    }

    /// Phase at a place, without the turn of minutia `without`.
    fn phase(angle: f64, offset: f64, x: f64, y: f64, without: Option<usize>) -> f64 {
        let carrier = TURN / 9.0 * (angle.sin() * x + angle.cos() * y) + offset;
        let turns = KNOWN.iter().enumerate().filter(|(i, _)| Some(*i) != without);
        carrier + turns.map(|(_, (mx, my, p))| p * (y - my).atan2(x - mx)).sum::<f64>()
    }

    #[test]
    fn known_minutiae_are_found_where_they_are() {
        for (angle, offset) in [(0.0, 0.3), (0.5, 1.9), (FRAC_PI_2, 0.0), (2.2, 4.0), (2.9, 5.5)] {
            let (grid, plane) = ridges(angle, offset);
            let quadrature = Quadrature::new(&grid, &plane);
            let signal = Signal::new(&quadrature, &Silhouette::new(300, 300));
            let middle = |m: &MasterMinutia| (m.x - 150.0).hypot(m.y - 150.0) < 120.0;
            let found: Vec<MasterMinutia> = residues(&signal, &quadrature, 9.0).into_iter().filter(middle).collect();
            assert_eq!(found.len(), KNOWN.len(), "angle {angle}");
            for (i, &(x, y, turn)) in KNOWN.iter().enumerate() {
                let distance = |m: &&MasterMinutia| (f64::from(m.x) - x).hypot(f64::from(m.y) - y);
                let m = found.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).expect("four were found");
                assert!(distance(&m) < 0.8, "angle {angle}, minutia {i}: {} px off", distance(&m));
                // The side with one ridge more is ahead: along the ridges for a turn of +1, against them for -1.
                let along = f64::from(m.ahead.0) * angle.cos() - f64::from(m.ahead.1) * angle.sin();
                assert!(along * turn > 0.99, "angle {angle}, minutia {i}: ahead {along}");
                // A ridge begins there if the phase ahead is near 0.
                let reach = f64::from(KIND_REACH) * 9.0 * turn;
                let (ax, ay) = (x + reach * angle.cos(), y - reach * angle.sin());
                let expected = phase(angle, offset, ax, ay, None).cos();
                assert!(
                    (f64::from(m.ridge) - expected).abs() < 0.35,
                    "angle {angle}, minutia {i}: {} {expected}",
                    m.ridge
                );
            }
        }
    }
}
