//! Constants of the comparison, each with its unit and where it comes from.
//!
//! "Fitted" means chosen on real prints of twelve sets together: the form was judged with whole sets left out, the values
//! that stand here were then fitted on all of them. "Design" means a bound that only has to be generous.

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
pub(crate) const MAX_PAIRS: usize = 40;
/// Iterations of relaxation.
pub(crate) const RELAX_ROUNDS: usize = 3;
/// Relaxation: allowed difference of two distances, pixels, at distance 0 and per pixel of distance.
pub(crate) const RELAX_DISTANCE: f32 = 5.0;
/// See [`RELAX_DISTANCE`].
pub(crate) const RELAX_DISTANCE_SLOPE: f32 = 0.06;
/// Relaxation: allowed difference of angles, radians.
pub(crate) const RELAX_ANGLE: f32 = 0.3;
/// Seeds from which a consolidation is grown.
pub(crate) const MAX_SEEDS: usize = 6;
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
pub(crate) const FINE_ROUNDS: usize = 2;
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
pub(crate) const WEIGHTS_PLAIN: [f32; FEATURES] = [-0.1227, 1.2703, 0.2354, 0.0273, -0.1863, 0.3662, 0.2339, 0.2108, 0.4081, 0.0061, -12.7322, -0.0933, 12.1465, 0.4253, -2.4723, 0.0000, -0.3727, -17.3739, 0.5598, 2.9507, -0.0848, 0.1513, -1.4755, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000, 0.0000];
/// Logistic regression on minutiae alone: constant (fitted).
pub(crate) const BIAS_PLAIN: f32 = -3.6019;
/// Logistic regression on minutiae and ridge flow: weights of the features (fitted).
#[rustfmt::skip]
pub(crate) const WEIGHTS_FLOW: [f32; FEATURES] = [-0.1046, 1.2040, 0.0931, 0.0946, -0.1114, 0.1496, 0.1777, 0.1770, 0.4145, -0.0262, -13.9444, -0.0172, 10.4665, 0.2597, 0.5422, 0.0000, -0.2819, -14.6476, 0.4552, 2.8118, -0.5344, 0.7546, -0.4963, -0.3103, -2.8374, -3.9241, -5.9105, -5.3496, 1.3069];
/// Logistic regression on minutiae and ridge flow: constant (fitted).
pub(crate) const BIAS_FLOW: f32 = -2.5059;
/// Raw similarity and decibels of false match rate at it, minutiae alone (fitted on impostor comparisons).
#[rustfmt::skip]
pub(crate) const CALIBRATION_PLAIN: [(f32, f32); 13] = [(-10.808, 0.0), (-9.962, 1.0), (-8.270, 3.0), (-6.896, 6.0), (-5.649, 10.0), (-4.472, 15.0), (-3.508, 20.0), (-2.666, 25.0), (-1.854, 30.0), (-1.024, 35.0), (0.050, 40.0), (1.010, 45.0), (16.010, 105.0)];
/// Raw similarity and decibels of false match rate at it, with ridge flow: quantiles of 10,486,974 impostor comparisons,
/// then the tail's slope, 2.16 dB per unit (`examples/calibration.rs`).
#[rustfmt::skip]
pub(crate) const CALIBRATION_FLOW: [(f32, f32); 15] = [(-21.968, 0.0), (-19.393, 1.0), (-14.243, 3.0), (-10.491, 6.0), (-7.527, 10.0), (-5.125, 15.0), (-3.394, 20.0), (-1.964, 25.0), (-0.593, 30.0), (0.925, 35.0), (2.631, 40.0), (4.523, 45.0), (7.029, 50.0), (10.638, 55.0), (38.416, 115.0)];
/// Seeds whose matching is refined, after the first matching of all seeds.
pub(crate) const MAX_REFINED: usize = 2;
/// Value of a first matching from which no other can do better: it alone is refined (on real prints one in 1,000 matchings
/// of different fingers reaches it, and most of one finger do).
pub(crate) const CLEAR_VALUE: f32 = 30.0;
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
/// Sections of the descriptors that the coarse scan looks at: minutiae that run with and against the middle one (chosen on
/// real and synthetic prints; 2 and 5 do as well, any others clearly worse).
pub(crate) const COARSE_SECTIONS: [usize; 2] = [0, 3];
/// Sections that the finer scan looks at: all.
pub(crate) const FINER_SECTIONS: [usize; 6] = [0, 1, 2, 3, 4, 5];
/// Scan: largest distance of two pairs under one rotation and shift, pixels, at distance 0 and per pixel of distance (flat
/// from 9 to 16 pixels and from 0.08 to 0.16).
pub(crate) const SCAN_DISTANCE: f32 = 12.0;
/// See [`SCAN_DISTANCE`].
pub(crate) const SCAN_DISTANCE_SLOPE: f32 = 0.12;
/// Scan: largest difference of the turns of two pairs, 256ths of a turn (flat from 16 to 24).
pub(crate) const SCAN_TURN: i32 = 20;
/// Steps of a stored minutia's quality; 0 is not reported (design: 6 bits beside the kind).
pub(crate) const QUALITY_STEPS: u32 = 63;
/// Coherence of the ridge flow, of 255, from which a stored cell is of the second and third level (thirds of the
/// foreground of real prints).
pub(crate) const COHERENCE_STEPS: [u8; 2] = [104, 152];
/// Weight of the levels of coherence, 0 is background (the mean coherence of each level, by 16).
pub(crate) const COHERENCE_WEIGHTS: [i32; 4] = [0, 5, 8, 11];
/// Side of the blocks that share a stored ridge period, cells (design: the period changes slowly).
pub(crate) const PERIOD_BLOCK: usize = 2;
/// Step of a stored ridge period, natural logarithm (design: 255 eighths of a pixel fit 8 bits).
pub(crate) const PERIOD_STEP: f32 = 1.0 / 45.0;
/// Rows that a scan asks memory for ahead of the one it reads (design).
pub(crate) const SCAN_AHEAD: usize = 2;
/// Log odds of one finger after relaxation: growth's logarithm (plus one), growth, widest fit, similarity of the best and
/// the worst pair, logarithms of the smaller and larger number of minutiae, constant (fitted).
pub(crate) const HOPELESS_RELAXED: [f32; 8] = [-0.1179, 3.2155, -0.8694, 13.5379, 2.5729, -3.6804, -0.9007, 1.8244];
/// Log odds after relaxation below which a comparison ends.
pub(crate) const HOPELESS_RELAXED_BOUND: f32 = -6.8;
/// Log odds of one finger after the first matchings: growth's logarithm (plus one), value, number and similarities of the
/// best, value and similarities of the second, logarithms of the smaller and larger number of minutiae, similarity of the
/// worst pair, values of all, constant (fitted).
#[rustfmt::skip]
pub(crate) const HOPELESS_MATCHED: [f32; 11] = [3.3624, 1.0161, -1.6973, 2.5886, 0.2129, -0.0926, -3.7232, -1.3505, -19.4818, -0.1023, 11.3898];
/// Log odds after the first matchings below which a comparison ends.
pub(crate) const HOPELESS_MATCHED_BOUND: f32 = -5.5;
/// Highest score of a comparison that ends early, decibels: the score that as many comparisons of different fingers reach
/// as are not ended.
pub(crate) const HOPELESS_MOST: f32 = 4.0;
/// How far below the bound the score of a comparison that ends early becomes 0, log odds (design).
pub(crate) const HOPELESS_REACH: f32 = 6.0;
