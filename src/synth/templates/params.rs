//! Constants of the template generator.

/// Width and height of the templates' images, pixels at 500 ppi.
pub(super) const FRAME: (u32, u32) = (388, 440);
/// Axes of the ellipse in which minutiae lie, pixels.
pub(super) const AREA: (f32, f32) = (300.0, 380.0);
/// Mean and deviation of the number of minutiae, and its bounds.
pub(super) const COUNT: (f32, f32) = (35.0, 12.0);
pub(super) const COUNT_RANGE: (f32, f32) = (10.0, 90.0);
/// Smallest distance of two minutiae, pixels: one ridge period.
pub(super) const HARD_CORE: f32 = 9.0;
/// Tries per wanted minutia before the area counts as full.
pub(super) const TRIES: usize = 30;
/// Scatter of a minutia's direction around the ridges' orientation, degrees.
pub(super) const FLOW_SCATTER: f32 = 4.0;
/// Shares of endings and bifurcations; the rest is unknown.
pub(super) const KINDS: (f32, f32) = (0.50, 0.42);
/// Waves of the smooth warp, and their lengths in pixels.
pub(super) const WARP_WAVES: usize = 3;
pub(super) const WARP_LENGTHS: (f32, f32) = (180.0, 500.0);
/// Largest rotation of a probe, degrees.
pub(super) const ROTATION_BOUND: f32 = 30.0;
