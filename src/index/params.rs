//! Constants of the index.

/// Templates of a bulk insertion that are prepared together on the pool.
pub(super) const PREPARED_TOGETHER: usize = 256;

/// Most rows that the probes of a pass may keep together, unless there is only one probe; 8 bytes per row.
pub(super) const ROWS_PER_PASS: usize = 1 << 24;

/// Rows kept beyond four times the requested candidates before those that can no longer qualify are discarded.
pub(super) const PENDING_SLACK: usize = 1024;

/// Entries that a bounded list may hold beyond 1.5 times its bound before it is cut back.
pub(super) const TOP_SLACK: usize = 8;

/// Rows per block of a search for duplicates, unless the options say otherwise.
pub(super) const DEDUP_BLOCK_ROWS: usize = 64;

/// Most rows per such block; their probes are in memory together.
pub(super) const MAX_DEDUP_BLOCK_ROWS: usize = 4096;

/// Pairs that a search for duplicates keeps, unless the options say otherwise; some 200 MB.
pub(super) const DEDUP_PAIRS: usize = 10_000_000;

/// The fraction of rows seen by one stage of a shortlist that pass to the next is 1 / this number: enough rows that all
/// loss comes from the shortlist, few enough that the finer stage costs little compared to the coarse one.
pub(super) const FINER_SHARE: usize = 16;

/// A finer stage sees at least this many times the rows of the shortlist.
pub(super) const FINER_TIMES: usize = 4;

/// The usual shortlist is 1 / this number of the rows ...
pub(super) const SHORTLIST_SHARE: usize = 200;

/// ... and at least this many rows.
pub(super) const LEAST_SHORTLIST: usize = 100;

/// A partition should have the square root of the references divided by this number: 250 among a million.
pub(super) const USUAL_ROWS_SHARE: usize = 4;

/// ... and at least this many: a panel of narrow rows.
pub(super) const LEAST_USUAL_ROWS: usize = 32;

/// A partition with more than this many times the usual rows is cut in two. Centers follow the density of the rows, so
/// one partition in twenty has three times the median.
pub(super) const OUTGROWN_TIMES: usize = 4;

/// Sampled rows for each center that k-means trains on.
pub(super) const SAMPLES_PER_CENTER: usize = 24;

/// Rounds of k-means; later ones move few centers.
pub(super) const TRAINING_ROUNDS: usize = 6;

/// Rounds of cutting a partition in two.
pub(super) const HALVING_ROUNDS: usize = 3;

/// For some nearest centers, this many times as many, ...
pub(super) const NEAR_TIMES: usize = 2;

/// ... and this many more are compared in full after ranking all by the cheap similarity.
pub(super) const NEAR_SLACK: usize = 16;

/// Rows that a thread takes at a time where each is one read and one or a few comparisons: about 100 microseconds.
pub(super) const VECTORS_PER_TASK: usize = 64;

/// Rows of a shortlist that are fetched before they are compared: they are far apart in memory, and a comparison of faces
/// takes a third of the time of a fetch.
pub(super) const ROWS_AHEAD: usize = 4;
