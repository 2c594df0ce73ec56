//! Quality of minutiae and of the sample, and the ridge flow that a template keeps.

use std::f32::consts::PI;

use super::minutiae::Candidate;
use super::orientation::Field;
use super::params::{CELL, FEATURES, FLOW_CELL, FULL_AREA, FULL_COUNT, LIKELIHOOD_BIAS, LIKELIHOOD_WEIGHTS};
use super::prune::{Neighbors, at_pixel};
use super::reasons::Sample;
use crate::fingerprint::minutia::Minutia;
use crate::fingerprint::template::RidgeFlow;
use crate::geometry::Grid;

/// Maps of the print around its minutiae.
pub(super) struct Maps<'a> {
    /// Orientation from the image itself.
    pub first: &'a Field,
    /// Orientation from the enhanced image.
    pub field: &'a Field,
    /// Share of the energy that the enhanced pattern explains.
    pub reliability: &'a Grid<f32>,
    /// Deviation of the enhanced image per cell.
    pub strength: &'a Grid<f32>,
    /// Distance from the foreground's edge, pixels.
    pub distance: &'a Grid<f32>,
}

/// Features that distinguish a true minutia from a false one; every entry is about 0..=1.
fn features(
    index: usize,
    candidates: &[Candidate],
    minutiae: &[Minutia],
    near: &Neighbors,
    maps: &Maps<'_>,
) -> [f32; FEATURES] {
    let candidate = &candidates[index];
    let m = &candidate.minutia;
    let (sin, cos) = m.direction.radians().sin_cos();
    let at = |map: &Grid<f32>, along: f32| at_pixel(map, m.x + along * cos, m.y - along * sin);
    let agreement = |along: f32| {
        let (x, y) = (m.x + along * cos, m.y - along * sin);
        (2.0 * (maps.first.at_pixel(x, y) - maps.field.at_pixel(x, y))).cos()
    };
    let (mut closest, mut close, mut facing) = (24f32, 0f32, 24f32);
    for other in near.within(minutiae, index, 24.0) {
        let o = &minutiae[other];
        let d = (o.x - m.x).hypot(o.y - m.y);
        closest = closest.min(d);
        close += 1.0;
        if o.direction.difference(m.direction).abs() > 2.3 {
            facing = facing.min(d);
        }
    }
    [
        at(maps.reliability, 0.0),
        at(maps.reliability, 8.0).min(at(maps.reliability, -8.0)),
        at(&maps.first.coherence, 0.0),
        at(&maps.field.coherence, 0.0),
        at(maps.strength, 0.0),
        at(maps.strength, 8.0).min(at(maps.strength, -8.0)),
        (at(maps.distance, 0.0) / 32.0).min(1.0),
        (at(maps.distance, -12.0) / 32.0).min(1.0),
        candidate.deviation,
        agreement(0.0).min(agreement(6.0)),
        closest / 24.0,
        close / 6.0,
        facing / 24.0,
        (candidate.length as f32 / 80.0).min(1.0),
    ]
}

/// Sets each minutia's quality, 1..=100: the likelihood that it is a true one.
pub(super) fn rate(candidates: &[Candidate], maps: &Maps<'_>) -> Vec<Minutia> {
    let mut minutiae: Vec<Minutia> = candidates.iter().map(|c| c.minutia).collect();
    let near = Neighbors::new(&minutiae);
    let qualities: Vec<u8> = (0..candidates.len())
        .map(|i| {
            let f = features(i, candidates, &minutiae, &near, maps);
            let logit = LIKELIHOOD_BIAS + f.iter().zip(&LIKELIHOOD_WEIGHTS).map(|(v, w)| v * w).sum::<f32>();
            (100.0 / (1.0 + (-logit).exp())).round().clamp(1.0, 100.0) as u8
        })
        .collect();
    minutiae.iter_mut().zip(qualities).for_each(|(m, q)| m.quality = q);
    minutiae
}

/// Sample quality 0..=100: the likelihood of its minutiae and the clarity of its ridges, lowered a little when the area
/// or the number of minutiae is small. Among the tried forms that predict failed comparisons on all sensors and with
/// both methods, this is the simplest; most of its power comes from the mean likelihood.
pub(super) fn sample(sample: &Sample) -> u8 {
    let size = (sample.area as f32 / FULL_AREA).min(1.0);
    let count = (sample.minutiae / FULL_COUNT).min(1.0);
    let clear = sample.likelihood * sample.flow.sqrt();
    (100.0 * clear * (size * count).sqrt().sqrt()).round().clamp(0.0, 100.0) as u8
}

/// Orientation, coherence and period on cells of [`FLOW_CELL`] pixels. `period` is in pixels.
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
