//! Constants of the comparison, each with its unit and where it comes from.
//!
//! "Fitted" means chosen on real prints of several sensors with whole folders left out; "design" means a bound that
//! only has to be generous.

/// Most minutiae of a template that take part, best quality first (design: bounds the time of a comparison).
pub(crate) const MAX_USED: usize = 96;
/// Radius of the local descriptor, pixels (minutia cylinder-code: Cappelli, Ferrara, Maltoni 2010).
pub(crate) const CYLINDER_RADIUS: f32 = 70.0;
/// Cells per side of the descriptor's grid (minutia cylinder-code, 8).
pub(crate) const CYLINDER_SIDE: usize = 8;
/// Direction sections of the descriptor (minutia cylinder-code, 6).
pub(crate) const CYLINDER_HEIGHT: usize = 6;
/// Spatial spread of a neighbour's contribution, pixels (minutia cylinder-code, 28/3).
pub(crate) const CYLINDER_SIGMA_SPACE: f32 = 28.0 / 3.0;
/// Directional spread of a neighbour's contribution, radians (minutia cylinder-code, 2 pi / 9).
pub(crate) const CYLINDER_SIGMA_ANGLE: f32 = 2.0 * std::f32::consts::PI / 9.0;
/// Contribution from which a cell's bit is set (minutia cylinder-code, bit form).
pub(crate) const CYLINDER_STEP: f32 = 0.005;
/// How far beyond the hull of all minutiae a cell still counts as observed, pixels (minutia cylinder-code, 50).
pub(crate) const CYLINDER_HULL_MARGIN: f32 = 50.0;
/// Cells that both descriptors must have observed (minutia cylinder-code: 60 % of 52).
pub(crate) const MIN_COMMON_CELLS: u32 = 31;
/// Pairs of minutiae that enter relaxation (design: bounds its quadratic cost).
pub(crate) const MAX_PAIRS: usize = 64;
/// Iterations of relaxation.
pub(crate) const RELAX_ROUNDS: usize = 3;
/// Relaxation: allowed difference of two distances, pixels, at distance 0 and per pixel of distance.
pub(crate) const RELAX_DISTANCE: f32 = 5.0;
/// See [`RELAX_DISTANCE`].
pub(crate) const RELAX_DISTANCE_SLOPE: f32 = 0.06;
/// Relaxation: allowed difference of angles, radians.
pub(crate) const RELAX_ANGLE: f32 = 0.3;
/// Seeds from which a consolidation is grown.
pub(crate) const MAX_SEEDS: usize = 12;
/// How much a pair's directions count in a least-squares alignment, as an arm in pixels.
pub(crate) const ALIGN_ARM: f32 = 25.0;
/// Smallest scale between two impressions (design: elastic skin, sensors' tolerance).
pub(crate) const LEAST_SCALE: f32 = 0.90;
/// Largest scale between two impressions.
pub(crate) const MOST_SCALE: f32 = 1.11;
/// First matching under one rigid transform: largest distance, pixels, next to the seed and per pixel away from it.
pub(crate) const COARSE_DISTANCE: f32 = 9.0;
/// See [`COARSE_DISTANCE`].
pub(crate) const COARSE_DISTANCE_SLOPE: f32 = 0.08;
/// First matching: largest difference of directions, radians.
pub(crate) const COARSE_ANGLE: f32 = 0.6;
/// Matching after local alignment: largest distance, pixels.
pub(crate) const FINE_DISTANCE: f32 = 11.0;
/// Matching after local alignment: largest difference of directions, radians.
pub(crate) const FINE_ANGLE: f32 = 0.5;
/// Rounds of local alignment and matching.
pub(crate) const FINE_ROUNDS: usize = 3;
/// Reach of a matched pair's displacement on its neighbourhood, pixels.
pub(crate) const FIELD_SIGMA: f32 = 70.0;
/// Weight of "no displacement" in the local field, in pairs.
pub(crate) const FIELD_PRIOR: f32 = 0.7;
/// Width of the border around the minutiae's hull that still counts as overlap, pixels.
pub(crate) const OVERLAP_MARGIN: f32 = 6.0;
/// Raw similarity and decibels of false match rate at it (fitted on impostor comparisons of real prints).
pub(crate) const CALIBRATION: [(f32, f32); 6] =
    [(0.0, 0.0), (1.75, 3.0), (2.9, 10.0), (4.4, 20.0), (5.9, 30.0), (7.3, 40.0)];
