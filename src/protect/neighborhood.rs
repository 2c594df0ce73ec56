//! The surroundings of each minutia, as a vector that does not change when the print is rotated or shifted.
//!
//! | components | content |
//! |---|---|
//! | 312 | cells of the local descriptor: 1 or 0 where observed, less their mean; 0 where not observed |
//! | 2 x 97 | doubled orientation of the ridges relative to the minutia at 97 points around it, less the usual value there; 0 on background |
//!
//! The cosine of two vectors is the mean of the correlations of the two parts, weighted by their share in the squared
//! length.

use super::descriptor::describe;
use super::params::{CELL_COMPONENTS, CELLS, DIMENSION, FLOW_REACH, FLOW_SHARE, FLOW_STEP, SECTIONS, USUAL_FLOW};
use super::points::points;
use crate::fingerprint::template::{FingerTemplate, RidgeFlow};
use crate::geometry::Angle;

/// A minutia's neighborhood.
pub(super) struct Neighborhood {
    /// Reported quality, 0 is unknown.
    pub(super) quality: u8,
    /// The components; those beyond the table above are 0.
    pub(super) vector: [f32; DIMENSION],
}

/// The neighborhoods of a template's minutiae; those without any observation are left out.
pub(super) fn neighborhoods(template: &FingerTemplate) -> Vec<Neighborhood> {
    let points = points(template);
    let mut found = Vec::with_capacity(points.x.len());
    let minutiae = points.x.iter().zip(&points.y).zip(points.direction.iter().zip(&points.quality));
    for (described, ((&x, &y), (&direction, &quality))) in describe(&points).iter().zip(minutiae) {
        let mut vector = [0.0; DIMENSION];
        let (cells, flow) = vector.split_at_mut(CELL_COMPONENTS);
        let seen = f32::from(described.valid.count_ones() as u16 * SECTIONS as u16);
        let ones: u32 = described.bits.iter().map(|bits| bits.count_ones()).sum();
        if ones == 0 {
            continue;
        }
        let mean = ones as f32 / seen.max(1.0);
        for (plane, bits) in cells.chunks_exact_mut(CELLS).zip(described.bits) {
            for (cell, value) in plane.iter_mut().enumerate() {
                if described.valid >> cell & 1 == 1 {
                    *value = (bits >> cell & 1) as f32 - mean;
                }
            }
        }
        scale_to(cells, 1.0 - FLOW_SHARE);
        if let Some(ridges) = template.ridge_flow() {
            sample(ridges, (x, y), Angle::from_radians(f32::from(direction) * std::f32::consts::TAU / 256.0), flow);
            scale_to(flow, FLOW_SHARE);
        }
        found.push(Neighborhood { quality, vector });
    }
    found
}

/// Scales values to a squared length, unless all are 0.
fn scale_to(values: &mut [f32], squared: f32) {
    let sum = values.iter().map(|v| v * v).sum::<f32>();
    if sum > 0.0 {
        let factor = (squared / sum).sqrt();
        values.iter_mut().for_each(|v| *v *= factor);
    }
}

/// Doubled orientations around a position (x, y upwards), relative to a direction.
fn sample(flow: &RidgeFlow, (x, y): (f32, f32), direction: Angle, out: &mut [f32]) {
    let (sin, cos) = direction.radians().sin_cos();
    let cell = f32::from(flow.cell.max(1));
    let mut at = 0;
    for row in -FLOW_REACH..=FLOW_REACH {
        for column in -FLOW_REACH..=FLOW_REACH {
            let apart = row * row + column * column;
            if apart > USUAL_FLOW.len() as i32 - 1 {
                continue;
            }
            let (u, v) = (column as f32 * FLOW_STEP, row as f32 * FLOW_STEP);
            let (px, py) = (x + cos * u - sin * v, -(y + sin * u + cos * v));
            let place = [px, py].map(|p| (p / cell).floor());
            if let Some(orientation) = orientation(flow, place) {
                let (s, c) = (2.0 * (orientation - direction.radians())).sin_cos();
                if let Some([to_c, to_s]) = out.get_mut(at..at + 2) {
                    *to_c = c - USUAL_FLOW[apart as usize];
                    *to_s = s;
                }
            }
            at += 2;
        }
    }
}

/// Orientation in radians of the cell at a column and a row, if it is foreground.
fn orientation(flow: &RidgeFlow, [column, row]: [f32; 2]) -> Option<f32> {
    if column < 0.0 || row < 0.0 || column >= f32::from(flow.columns) || row >= f32::from(flow.rows) {
        return None;
    }
    let index = row as usize * usize::from(flow.columns) + column as usize;
    let seen = flow.coherence.get(index).is_some_and(|c| *c > 0);
    let value = flow.orientation.get(index)?;
    seen.then(|| f32::from(*value) * std::f32::consts::PI / 256.0)
}
