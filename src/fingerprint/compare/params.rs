//! Constants of the comparison, each with its unit and origin.
//!
//! "Fitted" means chosen on real prints of twelve sets together: the form was judged with whole sets left out, and the
//! values here were then fitted on all of them. "Design" means a bound that only has to be generous. The weights of the
//! features of a matching are in `model`.

/// The form of stored references. It changes when anything a reference holds is made in another way: references of another form are
/// made again from their templates.
pub(crate) const FORM: u16 = 1;

/// Most minutiae of a template that are used, best quality first (design: bounds the time of a comparison).
pub(crate) const MAX_USED: usize = 96;
/// Radius of the local descriptor, pixels (minutia cylinder-code: Cappelli, Ferrara, Maltoni 2010).
pub(crate) const CYLINDER_RADIUS: f32 = 70.0;
/// Cells per side of the descriptor's grid (minutia cylinder-code, 8).
pub(crate) const CYLINDER_SIDE: usize = 8;
/// Spatial spread of a neighbor's contribution, pixels (minutia cylinder-code, 28/3).
pub(crate) const CYLINDER_SIGMA_SPACE: f32 = 28.0 / 3.0;
/// Directional spread of a neighbor's contribution, radians (minutia cylinder-code, 2 pi / 9).
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
/// Weight of a pair's directions in a least-squares alignment, as an arm in pixels.
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
/// Reach of a matched pair's displacement on its neighborhood, pixels.
pub(crate) const FIELD_REACH: f32 = 110.0;
/// Weight of "no displacement" in the local field, in pairs.
pub(crate) const FIELD_PRIOR: f32 = 0.7;
/// Width of the border around the minutiae's hull that still counts as overlap, pixels.
pub(crate) const OVERLAP_MARGIN: f32 = 6.0;
/// Strength of the prior for no shear, pixels.
pub(crate) const SHEAR_PRIOR: f32 = 60.0;
/// Largest coefficient of the shear between two impressions.
pub(crate) const MOST_SHEAR: f32 = 0.35;
/// Raw similarity and decibels of false match rate at it, minutiae alone: upper ends of the 95 % intervals of the quantiles of
/// 3,292,648 impostor comparisons within real sets, then 4.34 dB per unit (`examples/calibration.rs --plain`).
#[rustfmt::skip]
pub(crate) const CALIBRATION_PLAIN: [(f32, f32); 14] = [(-10.487, 0.0), (-9.684, 1.0), (-8.079, 3.0), (-6.770, 6.0), (-5.576, 10.0), (-4.449, 15.0), (-3.526, 20.0), (-2.733, 25.0), (-1.974, 30.0), (-1.150, 35.0), (-0.238, 40.0), (0.740, 45.0), (1.813, 50.0), (15.638, 110.0)];
/// Raw similarity and decibels of false match rate at it, with ridge flow: upper ends of the 95 % intervals of the quantiles
/// of 823,162 impostor comparisons within real sets, then 4.34 dB per unit (`examples/calibration.rs`; see `calibrate`).
#[rustfmt::skip]
pub(crate) const CALIBRATION_FLOW: [(f32, f32); 13] = [(-13.722, 0.0), (-12.362, 1.0), (-9.642, 3.0), (-7.644, 6.0), (-6.034, 10.0), (-4.592, 15.0), (-3.444, 20.0), (-2.425, 25.0), (-1.489, 30.0), (-0.599, 35.0), (0.429, 40.0), (1.321, 45.0), (15.146, 105.0)];
/// Seeds whose matching is refined, after the first matching of all seeds.
pub(crate) const MAX_REFINED: usize = 2;
/// Value of a first matching from which only this one is refined (on real prints one in 1,000 matchings of different
/// fingers reaches it, and most of the same finger do).
pub(crate) const CLEAR_VALUE: f32 = 30.0;
/// Reach of the local consistency of matched pairs, pixels.
pub(crate) const EDGE_REACH: f32 = 100.0;
/// Share of a row's and a column's mean similarity that is subtracted from a pair's (fitted).
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
/// Weight of local similarity against squared relative distance and rotation when minutiae are assigned.
pub(crate) const SIMILARITY_BONUS: f32 = 0.5;
/// Cost from which a matched pair adds nothing to the quick measure of a matching.
pub(crate) const MOST_COST: f32 = 1.5;
/// Difference of two edges between matched pairs at which their agreement is one half, pixels.
pub(crate) const EDGE_DISTANCE: f32 = 5.0;
/// Sections of the descriptors that the coarse scan uses: minutiae that run with and against the middle one (chosen on
/// real and synthetic prints; 2 and 5 work as well, any others clearly worse).
pub(crate) const COARSE_SECTIONS: [usize; 2] = [0, 3];
/// Sections that the finer scan uses: all.
pub(crate) const FINER_SECTIONS: [usize; 6] = [0, 1, 2, 3, 4, 5];
/// Scan: largest distance of two pairs under one rotation and shift, pixels, at distance 0 and per pixel of distance (flat
/// from 9 to 16 pixels and from 0.08 to 0.16).
pub(crate) const SCAN_DISTANCE: f32 = 12.0;
/// See [`SCAN_DISTANCE`].
pub(crate) const SCAN_DISTANCE_SLOPE: f32 = 0.12;
/// Scan: largest difference of the rotations of two pairs, 256ths of a turn (flat from 16 to 24).
pub(crate) const SCAN_TURN: i32 = 20;
/// Scan: number of pairs tried as seeds; each is the heaviest of the pairs whose index has the same remainder modulo
/// this (design: fills a register).
pub(crate) const SCAN_SEEDS: usize = 8;
/// Minutiae of a sketch, best quality first (design: 360 bytes with their words; the cost is in `docs/benchmarks.md`).
pub(crate) const SKETCH_MINUTIAE: usize = 32;
/// Step of a position in a sketch, pixels, doubled where a print does not fit 256 steps (design: 8 bits, far below [`SCAN_DISTANCE`]).
pub(crate) const SKETCH_STEP: f32 = 2.0;
/// Rows of a file that are sealed together, bytes: two prints, so that one of them is fetched at little more than its own cost.
pub(crate) const GROUP_BYTES: usize = 4096;
/// Steps of a stored minutia's quality; 0 means not reported (design: 6 bits beside the kind).
pub(crate) const QUALITY_STEPS: u32 = 63;
/// Coherence of the ridge flow, of 255, from which a stored cell has the second and third level (thirds of the
/// foreground of real prints).
pub(crate) const COHERENCE_STEPS: [u8; 2] = [104, 152];
/// Weight of the levels of coherence, 0 is background (the mean coherence of each level, by 16).
pub(crate) const COHERENCE_WEIGHTS: [i32; 4] = [0, 5, 8, 11];
/// Side of the blocks that share a stored ridge period, cells (design: the period changes slowly).
pub(crate) const PERIOD_BLOCK: usize = 2;
/// Step of a stored ridge period, natural logarithm (design: 255 eighths of a pixel fit 8 bits).
pub(crate) const PERIOD_STEP: f32 = 1.0 / 45.0;
/// Rows that a scan prefetches ahead of the one it reads (design).
pub(crate) const SCAN_AHEAD: usize = 2;
/// Log odds of the same finger after relaxation: growth's logarithm (plus one), growth, widest fit, similarity of the
/// best and the worst pair, logarithms of the smaller and larger number of minutiae, constant (fitted).
pub(crate) const HOPELESS_RELAXED: [f32; 8] = [-0.1179, 3.2155, -0.8694, 13.5379, 2.5729, -3.6804, -0.9007, 1.8244];
/// Log odds after relaxation below which a comparison ends.
pub(crate) const HOPELESS_RELAXED_BOUND: f32 = -8.0;
/// Log odds of the same finger after the first matchings: growth's logarithm (plus one), value, number and similarities
/// of the best, value and similarities of the second, logarithms of the smaller and larger number of minutiae,
/// similarity of the worst pair, values of all, constant (fitted).
#[rustfmt::skip]
pub(crate) const HOPELESS_MATCHED: [f32; 11] = [3.3624, 1.0161, -1.6973, 2.5886, 0.2129, -0.0926, -3.7232, -1.3505, -19.4818, -0.1023, 11.3898];
/// Log odds after the first matchings below which a comparison ends.
pub(crate) const HOPELESS_MATCHED_BOUND: f32 = -6.8;
/// Highest score of a comparison that ends early, decibels (design: half of all comparisons of different fingers score
/// at least this, so it never affects a decision).
pub(crate) const HOPELESS_MOST: f32 = 4.0;
/// How far below the bound the score of a comparison that ends early becomes 0, log odds (design).
pub(crate) const HOPELESS_REACH: f32 = 6.0;
/// Minutiae of the smaller template up to which the number of matched pairs alone bounds the score (design:
/// without the bound strangers of 3 to 8 minutiae, without ridge flow, scored up to 50 dB).
pub(crate) const SMALL: usize = 8;
/// Rise of the bound with each further minutia, dB (design: from 16 minutiae on it does not bind).
pub(crate) const SMALL_RISE: f32 = 6.0;
/// Length of the mean unit vector of a print's directions from which its high scores are lowered (design: fingers have
/// minutiae in both directions along their ridges).
pub(crate) const COMBED: f32 = 0.9;
/// Least value of the bound, dB (design: a small print's low scores keep their order, and its high ones are lowered).
pub(crate) const SMALL_LEAST: f32 = 20.0;
/// Amount that agreeing ridge flow adds to the bound, dB (design).
pub(crate) const SMALL_FLOW: f32 = 20.0;
/// Rows that a thread compares in full at a time, for all probes that share them: about 0.5 milliseconds.
pub(super) const ROWS_PER_TASK: usize = 32;

/// Rows that a thread ranks coarsely at a time: a fraction of a millisecond.
pub(super) const COARSE_ROWS_PER_TASK: usize = 512;

/// Step of a stored position, pixels (design: formats have 14 bits before the point, which leaves two after it).
pub(crate) const POSITION_STEP: f32 = 0.25;
/// Weight of a minutia whose quality was not reported, 0..=1 (design: middling).
pub(crate) const UNREPORTED: f32 = 0.6;
/// Joint closeness of a close and aligned pair whose neighborhoods have nothing in common (design).
pub(crate) const JOINT_BASE: f32 = 0.3;
/// Similarity of neighborhoods from which a pair counts as very similar, 0..=1 (design: few pairs of strangers reach it).
pub(crate) const VERY_SIMILAR: f32 = 0.6;
/// Unit of the spread of a matching, pixels (design: features of about 1).
pub(crate) const SPREAD_UNIT: f32 = 100.0;
/// Smallest area over which minutiae are assumed to be spread by chance, square pixels (design: 5 mm squared).
pub(crate) const LEAST_AREA: f32 = 10_000.0;
/// Fewest pairs that are expected by chance (design: bounds the evidence of a few pairs).
pub(crate) const LEAST_CHANCE: f32 = 0.5;
/// Factor of the square root of the number of common ridge-flow cells (design: features of about 1).
pub(crate) const ROOT_OF_CELLS: f32 = 0.1;
/// Raw similarity of two prints without a matching, log odds, for fitting the model (design: below all others).
pub(crate) const NO_MATCHING: f32 = -99.0;
