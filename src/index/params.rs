//! Constants of the index.

/// Templates of a bulk insertion that are prepared together on the pool.
pub(super) const PREPARED_TOGETHER: usize = 256;

/// Most rows that the probes of a pass may keep together, unless there is one probe only: 8 bytes each.
pub(super) const ROWS_PER_PASS: usize = 1 << 24;

/// Rows that are kept beyond four times the candidates asked for before those that fell behind are thrown away.
pub(super) const PENDING_SLACK: usize = 1024;

/// Entries that a bounded list may hold beyond half as many again as its bound before it is cut back.
pub(super) const TOP_SLACK: usize = 8;

/// Rows of a block of a search for duplicates unless the options say otherwise.
pub(super) const DEDUP_BLOCK_ROWS: usize = 64;

/// Most rows of such a block; their probes are in memory together.
pub(super) const MAX_DEDUP_BLOCK_ROWS: usize = 4096;

/// Pairs that a search for duplicates keeps unless the options say otherwise: some 200 MB.
pub(super) const DEDUP_PAIRS: usize = 10_000_000;

/// One row in so many of those that a stage of a shortlist saw goes through the next one: enough that what is lost is lost to
/// the shortlist, few enough that the finer stage costs little beside the coarse one.
pub(super) const FINER_SHARE: usize = 16;

/// A finer stage sees at least so many times the rows of the shortlist.
pub(super) const FINER_TIMES: usize = 4;

/// The usual shortlist is one row in so many ...
pub(super) const SHORTLIST_SHARE: usize = 200;

/// ... and at least so many rows.
pub(super) const LEAST_SHORTLIST: usize = 100;
