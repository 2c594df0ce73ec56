//! Constants of fingerprint images, each with its unit and origin.

/// Smallest side at 500 ppi, pixels (design: a print does not fit into 1.6 mm).
pub(super) const MIN_SIDE: u32 = 32;
/// Resolution inside this crate, ppi (used by standards and most scanners).
pub(super) const TARGET_PPI: f32 = 500.0;
/// Relative difference of resolution below which pixels are left alone (design: less than skin stretches).
pub(super) const TOLERANCE: f32 = 0.005;
/// Centimeters in an inch.
pub(crate) const CM_PER_INCH: f32 = 2.54;
