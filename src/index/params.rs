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
