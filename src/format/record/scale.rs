//! Conversion between resolutions.

use super::number::round_side;
use crate::geometry::Angle;
use crate::image::{CM_PER_INCH, scale_to_500};

/// Factors from pixels at some resolution, pixels per cm, to 500 ppi; an unknown resolution is 500 ppi.
pub(super) fn scales(x: u16, y: u16) -> (f32, f32) {
    let scale = |r: u16| if r == 0 { 1.0 } else { scale_to_500(f32::from(r) * CM_PER_INCH) };
    (scale(x), scale(y))
}

/// A direction after pixels are scaled by `x` across and by `y` down.
pub(super) fn turned(direction: Angle, x: f32, y: f32) -> Angle {
    if x == y {
        return direction;
    }
    let (sin, cos) = direction.radians().sin_cos();
    Angle::from_radians((sin * y).atan2(cos * x))
}

/// A pixel's center coordinate rescaled; exact if nothing is scaled. The image's edge at -0.5 stays in place, so the
/// result never leaves the image.
pub(super) fn rescale(coordinate: f32, scale: f32) -> f32 {
    let moved = if scale == 1.0 { coordinate } else { (coordinate + 0.5) * scale - 0.5 };
    if moved >= 0.0 { moved } else { 0.0 }
}

/// A scaled side; exact if nothing is scaled.
pub(super) fn scaled_side(side: u32, scale: f32) -> u32 {
    if scale == 1.0 { side } else { round_side(side, scale) }
}
