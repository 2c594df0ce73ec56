//! Directions on the full circle.

use std::f32::consts::{PI, TAU};

/// A direction in radians in `[0, 2*pi)`, counter-clockwise from +x as seen in the picture (y points down in pixel
/// coordinates, so the unit vector of `a` is `(cos a, -sin a)`).
///
/// ```
/// use selfsame::geometry::Angle;
/// let a = Angle::from_degrees(350.0);
/// let b = Angle::from_degrees(10.0);
/// assert!((a.difference(b).to_degrees() + 20.0).abs() < 1e-3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Default)]
pub struct Angle(f32);

impl Angle {
    /// From radians of any size; not finite becomes 0.
    #[must_use]
    pub fn from_radians(radians: f32) -> Self {
        if !radians.is_finite() {
            return Self(0.0);
        }
        let wrapped = radians.rem_euclid(TAU);
        Self(if wrapped >= TAU { 0.0 } else { wrapped })
    }

    /// From degrees of any size.
    #[must_use]
    pub fn from_degrees(degrees: f32) -> Self {
        Self::from_radians(degrees.to_radians())
    }

    /// Radians in `[0, 2*pi)`.
    #[must_use]
    pub fn radians(self) -> f32 {
        self.0
    }

    /// Degrees in `[0, 360)`.
    #[must_use]
    pub fn degrees(self) -> f32 {
        self.0.to_degrees()
    }

    /// `self - other` wrapped to `[-pi, pi)`, radians.
    #[must_use]
    pub fn difference(self, other: Self) -> f32 {
        wrap_signed(self.0 - other.0)
    }

    /// This direction turned counter-clockwise by `radians`.
    #[must_use]
    pub fn turned(self, radians: f32) -> Self {
        Self::from_radians(self.0 + radians)
    }
}

/// Wraps radians to `[-pi, pi)`.
#[must_use]
pub fn wrap_signed(radians: f32) -> f32 {
    let wrapped = (radians + PI).rem_euclid(TAU) - PI;
    if wrapped >= PI { wrapped - TAU } else { wrapped }
}

/// Wraps radians to the orientation range `[0, pi)`.
#[must_use]
pub fn wrap_orientation(radians: f32) -> f32 {
    let wrapped = radians.rem_euclid(PI);
    if wrapped >= PI { 0.0 } else { wrapped }
}
