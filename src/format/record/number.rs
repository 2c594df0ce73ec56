//! Conversions to narrower numbers.
#![allow(clippy::as_conversions)] // Casts from floats saturate, and NaN becomes 0.

use std::f32::consts::TAU;

use crate::geometry::Angle;

/// The nearest whole number, saturating.
pub(super) fn round_u16(value: f32) -> u16 {
    value.round() as u16
}

/// The nearest whole number, saturating.
pub(super) fn round_u8(value: f32) -> u8 {
    value.round() as u8
}

/// The nearest whole number, saturating.
pub(super) fn round_u32(value: f32) -> u32 {
    value.round() as u32
}

/// A side scaled to the nearest whole number.
pub(super) fn round_side(side: u32, scale: f32) -> u32 {
    (side as f32 * scale).round() as u32
}

/// The nearest of `steps` (a power of two) equal directions, the first at 0.
pub(super) fn nearest_direction(direction: Angle, steps: u16) -> u16 {
    let code = (direction.radians() * (f32::from(steps) / TAU)).round() as u16;
    if code >= steps { 0 } else { code }
}

/// The direction of a code out of `steps`.
pub(super) fn direction(code: u16, steps: u16) -> Angle {
    Angle::from_radians(f32::from(code) * (TAU / f32::from(steps)))
}

/// The ANSI/INCITS 378 interval that contains a direction: code `a` means (2a-2, 2a] degrees.
pub(super) fn ansi_code(direction: Angle) -> u8 {
    let code = (direction.degrees() * 0.5).ceil() as u8;
    if code >= 180 { 0 } else { code }
}

/// The middle of an interval of ANSI/INCITS 378.
pub(super) fn ansi_direction(code: u8) -> Angle {
    Angle::from_degrees(2.0 * f32::from(code) - 1.0)
}

/// Half the direction in degrees, rounded down: 0 to 179.
pub(super) fn half_degrees(direction: Angle) -> u16 {
    ((direction.degrees() * 0.5) as u16).min(179)
}

/// The nearest whole degree, 0 to 359.
pub(super) fn whole_degrees(direction: Angle) -> u16 {
    let degrees = direction.degrees().round() as u16;
    if degrees >= 360 { 0 } else { degrees }
}

/// The nearest 32-bit float of a 64-bit one.
pub(super) fn narrow(value: f64) -> f32 {
    value as f32
}

/// A whole number as a float; exact up to 2^53.
pub(super) fn float(value: u64) -> f64 {
    value as f64
}

/// A length as a field of 32 bits, saturating.
pub(super) fn length(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
