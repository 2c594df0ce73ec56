//! Constants of the index.

/// Rows of a shard unless the builder says otherwise. Small enough to spread a gallery of some thousands over the cores,
/// large enough that a scan of 512 dimensions (2 MiB) does not notice where shards end.
pub(super) const DEFAULT_SHARD_ROWS: usize = 1024;

/// Most rows of a shard.
pub(super) const MAX_SHARD_ROWS: usize = 1 << 20;

/// Probes of a batch that pass over the gallery together: at 512 dimensions 128 KiB, which stay in the second-level cache.
pub(super) const PROBES_PER_PASS: usize = 64;

/// Entries that a bounded list may hold beyond twice its bound before it is cut back.
pub(super) const TOP_SLACK: usize = 32;

/// Rows of a block of a search for duplicates unless the options say otherwise: as many as a batch passes at once.
pub(super) const DEDUP_BLOCK_ROWS: usize = PROBES_PER_PASS;

/// Most rows of such a block; their probes are in memory together.
pub(super) const MAX_DEDUP_BLOCK_ROWS: usize = 4096;

/// Pairs that a search for duplicates keeps unless the options say otherwise: some 200 MB.
pub(super) const DEDUP_PAIRS: usize = 10_000_000;

/// Rows that a cascade's cheap pass takes at a time: a fraction of a millisecond for prints.
pub(super) const SCANNED_ROWS: usize = 512;

/// One row in so many of those that the coarse pass saw goes through the finer pass: enough that what is lost is lost to
/// the shortlist, few enough that the finer pass costs little beside the coarse one.
pub(super) const FINER_SHARE: usize = 16;

/// The finer pass sees at least so many times the rows of the shortlist.
pub(super) const FINER_TIMES: usize = 4;

/// The usual shortlist is one row in so many ...
pub(super) const SHORTLIST_SHARE: usize = 200;

/// ... and at least so many rows.
pub(super) const LEAST_SHORTLIST: usize = 100;
