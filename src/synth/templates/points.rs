//! Single minutiae: positions and attributes.

use std::f32::consts::PI;

use super::params::{AREA, FLOW_SCATTER, FRAME, KINDS};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::geometry::Angle;
use crate::synth::random::Stream;

/// A uniform place in the ellipse.
pub(super) fn in_area(random: &mut Stream) -> (f32, f32) {
    loop {
        let (u, v) = (random.range(-1.0, 1.0), random.range(-1.0, 1.0));
        if u * u + v * v <= 1.0 {
            return (0.5 * (FRAME.0 as f32 + AREA.0 * u), 0.5 * (FRAME.1 as f32 + AREA.1 * v));
        }
    }
}

/// A minutia along or against the ridge orientation `axis`.
pub(super) fn minutia(random: &mut Stream, x: f32, y: f32, axis: f32) -> Minutia {
    let side = if random.chance(0.5) { PI } else { 0.0 };
    let scatter = (FLOW_SCATTER * random.normal()).to_radians();
    let draw = random.uniform();
    let kind = if draw < KINDS.0 {
        MinutiaKind::Ending
    } else if draw < KINDS.0 + KINDS.1 {
        MinutiaKind::Bifurcation
    } else {
        MinutiaKind::Other
    };
    let quality = random.range(50.0, 100.0) as u8;
    Minutia { x, y, direction: Angle::from_radians(axis + side + scatter), kind, quality }
}
