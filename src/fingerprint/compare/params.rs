//! Constants of the comparison, each with its unit and where it comes from.
//!
//! "Fitted" means chosen on real prints of several sensors with whole folders left out; "design" means a bound that
//! only has to be generous.

use super::evidence::FEATURES;

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
/// Strength of the belief that a print is not sheared, pixels.
pub(crate) const SHEAR_PRIOR: f32 = 60.0;
/// Largest coefficient of the shear between two impressions.
pub(crate) const MOST_SHEAR: f32 = 0.35;
/// Logistic regression on minutiae alone: weights of the features (fitted).
#[rustfmt::skip]
pub(crate) const WEIGHTS_PLAIN: [f32; FEATURES] = [-0.0686, 1.2090, 0.2236, 0.0699, -0.0537, 0.1403, 0.1933, 0.2293, 0.3192, -0.0039, -7.0848, -0.1454, 13.2041, 0.3414, -4.7595, 0.0000, -0.4899, -11.8814, 0.3849, 2.4607, -0.0931, 0.0966, -0.1097, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000];
/// Logistic regression on minutiae alone: constant (fitted).
pub(crate) const BIAS_PLAIN: f32 = -4.8042;
/// Logistic regression on minutiae and ridge flow: weights of the features (fitted).
#[rustfmt::skip]
pub(crate) const WEIGHTS_FLOW: [f32; FEATURES] = [-0.0585, 1.9301, 0.0909, 0.0795, -0.0692, 0.1845, 0.1708, 0.1499, 0.4437, -0.0322, -8.9276, -0.0008, 11.6841, 0.2349, -1.1713, 0.0000, -0.4100, -10.2306, 0.4156, 1.9253, -0.5250, 0.5497, -0.5182, -0.4831, -3.2213, -4.4033, -5.9269, -6.2369, 1.9818];
/// Logistic regression on minutiae and ridge flow: constant (fitted).
pub(crate) const BIAS_FLOW: f32 = -2.5461;
/// Raw similarity and decibels of false match rate at it, minutiae alone (fitted on impostor comparisons).
#[rustfmt::skip]
pub(crate) const CALIBRATION_PLAIN: [(f32, f32); 10] = [(-9.482, 0.0), (-8.654, 1.0), (-6.999, 3.0), (-5.720, 6.0), (-4.604, 10.0), (-3.480, 15.0), (-2.332, 20.0), (-1.049, 25.0), (0.356, 30.0), (15.919, 90.0)];
/// Raw similarity and decibels of false match rate at it, with ridge flow (fitted on impostor comparisons).
#[rustfmt::skip]
pub(crate) const CALIBRATION_FLOW: [(f32, f32); 10] = [(-11.673, 0.0), (-10.350, 1.0), (-7.705, 3.0), (-5.871, 6.0), (-4.365, 10.0), (-3.084, 15.0), (-2.130, 20.0), (-1.247, 25.0), (-0.447, 30.0), (9.785, 90.0)];
