//! Constants of merging, each with its unit and origin.

/// Most impressions of one finger (design: bounds the cost, which is quadratic).
pub(super) const MAX_IMPRESSIONS: usize = 16;
/// Score from which two impressions are aligned, dB (below that, the alignment is wrong too often; 5 to 30 were tried).
pub(super) const LEAST_AGREEMENT: f32 = 30.0;
/// Reach of a matched pair's displacement on its neighborhood, pixels.
pub(super) const WARP_REACH: f32 = 60.0;
/// Weight of "no displacement", in pairs.
pub(super) const WARP_PRIOR: f32 = 0.5;
/// Largest distance of two sightings of one minutia after alignment, pixels.
pub(super) const SAME_DISTANCE: f32 = 12.0;
/// Largest difference of directions of two sightings of one minutia, radians.
pub(super) const SAME_ANGLE: f32 = 0.5;
/// How far inside an impression's foreground a minutia must lie to count as missed there, pixels.
pub(super) const INSIDE: f32 = 16.0;
/// Share of confidence that a minutia loses where another impression, perfectly clear there, does not show it.
pub(super) const MISSED: f32 = 0.6;
/// Confidence below which a minutia is dropped.
pub(super) const LEAST_CONFIDENCE: f32 = 0.25;
/// Value of a minutia of full quality when impressions agree equally well, dB.
pub(super) const SUBSTANCE: f32 = 0.1;
/// How far a merged template may reach beyond its base's picture on each side, pixels (design: an inch).
pub(super) const MOST_BEYOND: f32 = 500.0;
/// Most cells of a merged ridge flow (design: bounds the cost; extraction makes some thousands).
pub(super) const MAX_CELLS: usize = 1 << 16;
