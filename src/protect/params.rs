//! Constants of protected templates, each with its unit and source.
//!
//! "Chosen" means the best or simplest of several values on real prints of eight sets (extracted by both methods of
//! this crate).

/// Form of faces' codes, to be increased with every change to what determines their words.
pub(super) const FACE_FORM: u8 = 1;
/// Form of fingers' codes, to be increased with every change to what determines their words, including the constants
/// marked "form 2".
pub(super) const FINGER_FORM: u8 = 2;
/// Bits of a word.
pub(super) const WORD: usize = 64;
/// Words of the shortest code of a face (design: with 64 bits strangers are too often similar for any use).
pub(super) const LEAST_FACE_WORDS: usize = 1;
/// Words of the longest code of a face (design: eight times the usual dimension; beyond twice that dimension nothing is
/// gained).
pub(super) const MOST_FACE_WORDS: usize = 64;
/// Bits of one neighborhood in the code of a finger (form 2; chosen: 128 lose a third of the accuracy, 512 add little).
pub(super) const NEIGHBORHOOD_BITS: usize = 256;
/// Words of one neighborhood.
pub(super) const NEIGHBORHOOD_WORDS: usize = NEIGHBORHOOD_BITS / WORD;
/// Neighborhoods, and slots for them, in the code of a finger (form 2; chosen: 40 and 48 do no better). Missing ones
/// are replaced with noise and surplus ones left out, so that their number reveals nothing.
pub(super) const NEIGHBORHOODS: usize = 32;
/// Words of the code of a finger.
pub(super) const FINGER_WORDS: usize = NEIGHBORHOODS * NEIGHBORHOOD_WORDS;
/// Most minutiae of a print that take part, best quality first (form 2: what the comparison took when the form was
/// made).
pub(super) const MOST_POINTS: usize = 96;
/// Step of a rounded position, pixels (form 2).
pub(super) const PLACE_STEP: f32 = 0.25;
/// Number of steps of a rounded quality (form 2).
pub(super) const QUALITY_STEPS: u32 = 63;
/// Sections of the local descriptor, by relative direction (form 2).
pub(super) const SECTIONS: usize = 6;
/// Cells of a section: those of the grid inside the radius (form 2).
pub(super) const CELLS: usize = 52;
/// Cells along a side of the descriptor's grid (form 2; minutia cylinder-code, 8).
pub(super) const DESCRIPTOR_SIDE: usize = 8;
/// Radius of the descriptor, pixels (form 2; minutia cylinder-code, 70).
pub(super) const DESCRIPTOR_RADIUS: f32 = 70.0;
/// Spatial spread of a neighbor's contribution, pixels (form 2; minutia cylinder-code, 28/3).
pub(super) const DESCRIPTOR_SIGMA: f32 = 28.0 / 3.0;
/// Directional spread of a neighbor's contribution, radians (form 2; minutia cylinder-code, 2 pi / 9).
pub(super) const DESCRIPTOR_SIGMA_ANGLE: f32 = 2.0 * std::f32::consts::PI / 9.0;
/// Contribution from which a cell's bit is set (form 2).
pub(super) const DESCRIPTOR_STEP: f32 = 0.005;
/// Distance beyond the outline of all minutiae at which a cell still counts as observed, pixels (form 2; minutia
/// cylinder-code, 50).
pub(super) const DESCRIPTOR_MARGIN: f32 = 50.0;
/// Components of a neighborhood's vector that come from the local descriptor.
pub(super) const CELL_COMPONENTS: usize = SECTIONS * CELLS;
/// Components of a neighborhood's vector: the cells of the descriptor and two for each of the 97 points at which the
/// ridge flow is sampled, padded to a power of two.
pub(super) const DIMENSION: usize = 512;
/// Share of the ridge flow in the squared length of a neighborhood's vector (form 2; chosen: flat from 0.2 to 0.4).
pub(super) const FLOW_SHARE: f32 = 0.3;
/// Distance between the points at which the ridge flow is sampled, pixels (form 2; design: two cells of the flow's
/// grid).
pub(super) const FLOW_STEP: f32 = 16.0;
/// Steps along an axis from the minutia to the farthest of these points (form 2; design: 90 pixels, a little more than
/// the descriptor's radius).
pub(super) const FLOW_REACH: i32 = 5;
/// Cosine of twice the angle between a minutia and the ridges around it, by the squared distance in steps (form 2; mean
/// of the real prints).
#[rustfmt::skip]
pub(super) const USUAL_FLOW: [f32; 32] = [0.93, 0.87, 0.83, 0.00, 0.76, 0.73, 0.00, 0.00, 0.66, 0.64, 0.62, 0.00, 0.00, 0.56, 0.00, 0.00, 0.52, 0.50, 0.47, 0.00, 0.45, 0.00, 0.00, 0.00, 0.00, 0.39, 0.39, 0.00, 0.00, 0.35, 0.00, 0.00];
/// Least excess similarity over others of their row and column for two neighborhoods to count, bits (chosen: 31 of 256,
/// flat from 28 to 33).
pub(super) const LEAST_BITS: i32 = 31;
/// Evidence, and decibels of false match rate at it: upper ends of the 95 % intervals of the quantiles of 828,109
/// comparisons of different fingers within ten real sets
/// (`selfsame eval protect fingers DIR... --extractor classical --calibrate`) under form 1, then as steep as in the
/// last 10 dB. `docs/benchmarks.md` compares the stated rates with those measured under form 2.
#[rustfmt::skip]
pub(super) const CALIBRATION: [(f32, f32); 13] = [(0.0000, 0.0), (0.0719, 1.0), (0.1224, 3.0), (0.1693, 6.0), (0.2164, 10.0), (0.2649, 15.0), (0.3078, 20.0), (0.3479, 25.0), (0.3854, 30.0), (0.4241, 35.0), (0.4613, 40.0), (0.5094, 45.0), (1.0212, 105.0)];
/// Comparisons of faces that make up a task for another thread (design: some 10 microseconds).
pub(super) const FACES_PER_TASK: usize = 2048;
/// Bytes before the words of a code.
pub(super) const HEADER: usize = 20;
