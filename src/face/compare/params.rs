//! Constants of face comparison.

use crate::simd::panel::ROWS;

/// Impostor comparisons that must score at or above a cosine before its false match rate is stated. With 30 observed
/// errors the true rate lies within 30 % of the observed one with 90 % confidence (Doddington's rule of 30).
pub(crate) const MIN_FALSE_MATCHES: usize = 30;

/// Points per decade of false match rate in a calibration made from impostor scores; an exponential
/// tail is met within 0.1 dB.
pub(super) const POINTS_PER_DECADE: f64 = 10.0;

/// Highest impostor scores whose mean excess gives the slope of the extrapolated tail, in units of [`MIN_FALSE_MATCHES`]: 300
/// of them give the slope to 6 %.
pub(super) const TAIL_RANKS: usize = 10;

/// Extrapolation of a fitted calibration beyond its data, dB: two decades, over which 6 % of the slope are 1.2 dB.
pub(super) const TAIL_DECIBELS: f32 = 20.0;

/// Rows of a segment. Its tables of 4 to 16 bytes per row are copied when it changes while a snapshot is held.
pub(super) const SEGMENT_ROWS: usize = 4096;

/// Panels of a segment.
pub(super) const SEGMENT_PANELS: usize = SEGMENT_ROWS / ROWS;

/// Rows of floats in one block, which are copied together when one of them changes while a snapshot is held: 128 KiB at
/// 512 dimensions. Whole panels.
pub(super) const FLOAT_ROWS_PER_BLOCK: usize = 64;

/// The same for panels of bytes: 512 KiB. Smaller blocks are read more slowly.
pub(super) const BYTE_PANELS_PER_BLOCK: usize = 32;

/// The same for panels of bits: 16 KiB, because a partition of an index has some hundred rows.
pub(super) const BIT_PANELS_PER_BLOCK: usize = 8;

/// Rows that a thread takes at a time: about 20 microseconds for one probe. Whole panels, a divisor of those of a
/// segment.
pub(super) const ROWS_PER_TASK: usize = 1024;

/// Probes that scan the gallery together: at 512 dimensions 128 KiB of bytes, which stay in the second-level cache.
pub(super) const PROBES_PER_PASS: usize = 256;

/// Rows that are compared as floats at a time where rows are stored in another form: 64 KiB at 512 dimensions.
pub(super) const WIDENED_ROWS: usize = ROWS;

/// Largest length of a row of floats: unit length, except for rounding.
pub(super) const LONGEST_FLOATS: f32 = 1.0001;

/// Largest length of a row of half floats: each component moves by at most 2^-11 of itself or by 2^-25.
pub(super) const LONGEST_HALVES: f32 = 1.001;

/// Largest length of a row of bytes: each component moves by at most 1/254 of the largest, which is at most 1, so the row
/// by at most sqrt(4096)/254 = 0.252.
pub(super) const LONGEST_BYTES: f32 = 1.26;

/// Bound at which the components of a probe are clamped for a scan of bits, in units of the root mean square of a
/// component: only 0.3 % of them lie beyond three, and a smaller range makes finer steps.
pub(super) const PROBE_RANGE: f32 = 2.5;
