//! Constants of face search.

use crate::simd::panel::ROWS;

/// Rows of a segment. Its tables of 4 to 16 bytes per row are copied when it changes while a snapshot is held.
pub(super) const SEGMENT_ROWS: usize = 4096;

/// Panels of a segment.
pub(super) const SEGMENT_PANELS: usize = SEGMENT_ROWS / ROWS;

/// Rows of floats that stand together and are copied together when one of them changes while a snapshot is held: 128 KiB at
/// 512 dimensions. Whole panels.
pub(super) const FLOAT_ROWS_PER_BLOCK: usize = 64;

/// The same for panels of bytes: 512 KiB. Smaller blocks are read more slowly.
pub(super) const BYTE_PANELS_PER_BLOCK: usize = 32;

/// The same for panels of bits: 256 KiB.
pub(super) const BIT_PANELS_PER_BLOCK: usize = SEGMENT_PANELS;

/// Panels that a thread takes at a time: 1024 rows, some 20 microseconds for one probe.
pub(super) const PANELS_PER_TASK: usize = 32;

/// Subjects of a chunk of the table of names, the unit that a change copies while a snapshot is held.
pub(super) const NAMES_PER_CHUNK: usize = 256;

/// Probes that pass over the gallery together: at 512 dimensions 128 KiB of bytes, which stay in the second-level cache.
pub(super) const PROBES_PER_PASS: usize = 256;

/// Most candidates that the probes of a pass may have together, unless there is one probe only: 8 bytes each.
pub(super) const CANDIDATES_PER_PASS: usize = 1 << 24;

/// Bounds that a list keeps beyond those it needs before it is cut back.
pub(super) const BAR_SLACK: usize = 8;

/// Candidates that are kept beyond four times those asked for before those that fell behind are thrown away.
pub(super) const CANDIDATE_SLACK: usize = 1024;

/// Rows that are compared as floats at a time where rows are stored in another form: 64 KiB at 512 dimensions.
pub(super) const WIDENED_ROWS: usize = ROWS;

/// Candidates from which on their exact comparison is spread over threads, and how many each task takes.
pub(super) const RESCORED_PER_TASK: usize = 128;

/// Largest length of a row of floats: unit length, but for rounding.
pub(super) const LONGEST_FLOATS: f32 = 1.0001;

/// Largest length of a row of half floats: each component moves by at most 2^-11 of itself or by 2^-25.
pub(super) const LONGEST_HALVES: f32 = 1.001;

/// Largest length of a row of bytes: each component moves by at most 1/254 of the largest, which is at most 1, so the row
/// by at most sqrt(4096)/254 = 0.252.
pub(super) const LONGEST_BYTES: f32 = 1.26;

/// Rows of a bulk insertion between which other threads may take their turn: at 512 dimensions 256 KiB, which stay in the
/// second-level cache.
pub(super) const ROWS_PER_LOCK: usize = 128;

/// Where the components of a probe are cut for a scan of bits, in units of the root mean square of a component: beyond
/// three only 0.3 % of them lie, and a smaller range makes finer steps.
pub(super) const PROBE_RANGE: f32 = 2.5;

/// Times that a change lets other threads run while somebody waits for a snapshot.
pub(super) const YIELDS: usize = 1000;
