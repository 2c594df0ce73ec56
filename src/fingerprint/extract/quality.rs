//! Quality of minutiae and of the sample, and the ridge flow that a template keeps.

use std::f32::consts::PI;

use super::orientation::Field;
use super::params::{CELL, FLOW_CELL};
use super::prune::at_pixel;
use crate::fingerprint::minutia::Minutia;
use crate::fingerprint::template::RidgeFlow;
use crate::geometry::Grid;

/// Sets each minutia's quality, 1..=100, from the reliability of its surroundings and its distance from the edge.
pub(super) fn rate(minutiae: &mut [Minutia], reliability: &Grid<f32>, coherence: &Grid<f32>, distance: &Grid<f32>) {
    for m in minutiae {
        let edge = (at_pixel(distance, m.x, m.y) / 24.0).min(1.0);
        let q = at_pixel(reliability, m.x, m.y) * (0.4 + 0.6 * at_pixel(coherence, m.x, m.y)) * edge;
        m.quality = (q * 100.0).round().clamp(1.0, 100.0) as u8;
    }
}

/// Sample quality 0..=100: the foreground's mean reliability, lowered when the area or the number of minutiae is small.
pub(super) fn sample(mask: &Grid<bool>, reliability: &Grid<f32>, coherence: &Grid<f32>, minutiae: usize) -> u8 {
    /// Area from which more does not help, cells (about 1.3 square centimetres).
    const FULL_AREA: f32 = 50_000.0 / (CELL * CELL) as f32;
    /// Number of minutiae from which more does not help.
    const FULL_COUNT: f32 = 25.0;
    let (mut area, mut sum) = (0f32, 0f32);
    let terms = reliability.as_slice().iter().zip(coherence.as_slice());
    for ((&r, &c), _) in terms.zip(mask.as_slice()).filter(|(_, m)| **m) {
        area += 1.0;
        sum += r * (0.4 + 0.6 * c);
    }
    let mean = sum / area.max(1.0);
    let size = (area / FULL_AREA).min(1.0).sqrt();
    let count = (minutiae as f32 / FULL_COUNT).min(1.0).sqrt();
    (100.0 * mean * size * count).round().clamp(0.0, 100.0) as u8
}

/// Orientation, coherence and period on cells of [`FLOW_CELL`] pixels.
pub(super) fn ridge_flow(
    width: usize,
    height: usize,
    mask: &Grid<bool>,
    field: &Field,
    reliability: &Grid<f32>,
    period: &Grid<f32>,
) -> Option<RidgeFlow> {
    const SIDE: usize = FLOW_CELL / CELL;
    let (columns, rows) = (width.div_ceil(FLOW_CELL), height.div_ceil(FLOW_CELL));
    let cells = columns.checked_mul(rows)?;
    let (mut orientation, mut coherence, mut periods) = (vec![0u8; cells], vec![0u8; cells], vec![0u8; cells]);
    for i in 0..cells {
        let (x0, y0) = (i % columns * SIDE, i / columns * SIDE);
        let (mut c, mut s, mut r, mut t, mut n) = (0f32, 0f32, 0f32, 0f32, 0f32);
        for (cx, cy) in (0..SIDE * SIDE).map(|k| (x0 + k % SIDE, y0 + k / SIDE)) {
            if mask.get(cx, cy) != Some(true) {
                continue;
            }
            n += 1.0;
            c += field.cosine.get(cx, cy).unwrap_or(0.0);
            s += field.sine.get(cx, cy).unwrap_or(0.0);
            r += reliability.get(cx, cy).unwrap_or(0.0);
            t += period.get(cx, cy).unwrap_or(0.0);
        }
        if n < (SIDE * SIDE / 2) as f32 {
            continue;
        }
        let o = (0.5 * s.atan2(c)).rem_euclid(PI);
        orientation[i] = ((o / PI * 256.0).round() as u32 % 256) as u8;
        let even = (c * c + s * s).sqrt() / n;
        coherence[i] = (255.0 * even * r / n).round().clamp(1.0, 255.0) as u8;
        periods[i] = (8.0 * t / n).round().clamp(1.0, 255.0) as u8;
    }
    let (columns, rows) = (u16::try_from(columns).ok()?, u16::try_from(rows).ok()?);
    Some(RidgeFlow { cell: FLOW_CELL as u16, columns, rows, orientation, coherence, period: periods })
}
