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
    /// Makes an angle from any radians; values that are not finite become 0.
    #[must_use]
    pub fn from_radians(radians: f32) -> Self {
        if !radians.is_finite() {
            return Self(0.0);
        }
        let wrapped = remainder(radians, TAU);
        Self(if wrapped >= TAU { 0.0 } else { wrapped })
    }

    /// Makes an angle from any degrees.
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

    /// This direction rotated counter-clockwise by `radians`.
    #[must_use]
    pub fn turned(self, radians: f32) -> Self {
        Self::from_radians(self.0 + radians)
    }
}

/// `value.rem_euclid(turn)` to the bit. Values at most one turn outside the range, such as sums and differences of
/// angles, need no division: below one turn nothing changes, below two the difference is exact, and below zero the
/// remainder is the value itself.
#[inline]
fn remainder(value: f32, turn: f32) -> f32 {
    if (0.0..turn).contains(&value) {
        value
    } else if (turn..2.0 * turn).contains(&value) {
        value - turn
    } else if -turn < value && value < 0.0 {
        value + turn
    } else {
        value.rem_euclid(turn)
    }
}

/// Wraps radians to `[-pi, pi)`.
#[must_use]
pub fn wrap_signed(radians: f32) -> f32 {
    let wrapped = remainder(radians + PI, TAU) - PI;
    if wrapped >= PI { wrapped - TAU } else { wrapped }
}

/// Wraps radians to the orientation range `[0, pi)`.
#[must_use]
pub fn wrap_orientation(radians: f32) -> f32 {
    let wrapped = remainder(radians, PI);
    if wrapped >= PI { 0.0 } else { wrapped }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn remainders_are_those_of_the_division(bits: u32, near in -3i32..4, steps in -40i32..40) {
            for turn in [TAU, PI] {
                let edge = turn * near as f32;
                let next = f32::from_bits(edge.to_bits().wrapping_add_signed(steps));
                for value in [f32::from_bits(bits), edge, next, -next, f32::from_bits(bits) % 20.0] {
                    let expected = value.rem_euclid(turn);
                    let found = remainder(value, turn);
                    prop_assert!(found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan(), "{}", value);
                }
            }
        }
    }
}
