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
pub(crate) const MAX_SEEDS: usize = 10;
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
pub(crate) const FIELD_REACH: f32 = 110.0;
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
pub(crate) const WEIGHTS_PLAIN: [f32; FEATURES] = [-0.1348, 1.4764, 0.2829, -0.0459, -0.1639, 0.3431, 0.2384, 0.2309, 0.4791, 0.0066, -12.7024, -0.1088, 11.9530, 0.5117, -1.3973, 0.0000, -0.3372, -19.2495, 0.7507, 3.2682, -0.0864, 0.1404, -1.8829, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000];
/// Logistic regression on minutiae alone: constant (fitted).
pub(crate) const BIAS_PLAIN: f32 = -4.0492;
/// Logistic regression on minutiae and ridge flow: weights of the features (fitted).
#[rustfmt::skip]
pub(crate) const WEIGHTS_FLOW: [f32; FEATURES] = [-0.1459, 0.9207, 0.1498, 0.0748, -0.1670, 0.2695, 0.2080, 0.1516, 0.8392, -0.0617, -14.7440, 0.0129, 10.5076, 0.4055, 1.1737, 0.0000, -0.3177, -15.7071, 0.7728, 2.6213, -0.5527, 0.6640, -1.3355, -0.0757, -1.6530, -3.2490, -6.6347, -4.1782, 1.2271];
/// Logistic regression on minutiae and ridge flow: constant (fitted).
pub(crate) const BIAS_FLOW: f32 = -2.9076;
/// Raw similarity and decibels of false match rate at it, minutiae alone (fitted on impostor comparisons).
#[rustfmt::skip]
pub(crate) const CALIBRATION_PLAIN: [(f32, f32); 12] = [(-10.982, 0.0), (-10.132, 1.0), (-8.434, 3.0), (-7.036, 6.0), (-5.749, 10.0), (-4.536, 15.0), (-3.502, 20.0), (-2.548, 25.0), (-1.634, 30.0), (-0.412, 35.0), (0.779, 40.0), (15.779, 100.0)];
/// Raw similarity and decibels of false match rate at it, with ridge flow (fitted on impostor comparisons).
#[rustfmt::skip]
pub(crate) const CALIBRATION_FLOW: [(f32, f32); 12] = [(-11.461, 0.0), (-10.366, 1.0), (-8.176, 3.0), (-6.524, 6.0), (-5.116, 10.0), (-3.854, 15.0), (-2.844, 20.0), (-2.006, 25.0), (-1.198, 30.0), (-0.406, 35.0), (0.337, 40.0), (15.337, 100.0)];
/// Seeds whose matching is refined, after the first matching of all seeds.
pub(crate) const MAX_REFINED: usize = 3;
/// Reach of the local consistency of matched pairs, pixels.
pub(crate) const EDGE_REACH: f32 = 100.0;
/// Share of a row's and a column's mean similarity that is taken off a pair's (fitted).
pub(crate) const STAND_OUT: f32 = 0.5;
/// Smallest fit with the seed that counts in the first alignment.
pub(crate) const LEAST_FIT: f32 = 0.05;
/// Smallest scale of the first alignment.
pub(crate) const FIRST_LEAST_SCALE: f32 = 0.97;
/// Largest scale of the first alignment.
pub(crate) const FIRST_MOST_SCALE: f32 = 1.03;
/// Distance at which a matched pair counts half in the next alignment, pixels.
pub(crate) const OUTLIER_DISTANCE: f32 = 8.0;
/// Fewest matched pairs from which shear is estimated.
pub(crate) const LEAST_SHEARED: usize = 4;
/// How much local similarity counts against squared relative distance and turn when minutiae are assigned.
pub(crate) const SIMILARITY_BONUS: f32 = 0.5;
/// Cost from which a matched pair is worth nothing to the quick measure of a matching.
pub(crate) const MOST_COST: f32 = 1.5;
/// Difference of two edges between matched pairs at which they agree by half, pixels.
pub(crate) const EDGE_DISTANCE: f32 = 5.0;
