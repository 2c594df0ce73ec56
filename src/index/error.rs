//! Why an index refuses.

use thiserror::Error;

use super::dedup::CheckpointError;

/// Why a search or a change of an index failed; `E` is the modality's own error.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IndexError<E: std::error::Error + 'static> {
    /// The template does not fit the modality's settings or what is enrolled (another dimension, for example).
    #[error(transparent)]
    Modality(#[from] E),
    /// A search for no candidates at all.
    #[error("a search must ask for at least one candidate")]
    NoCandidates,
    /// The search was canceled by its flag.
    #[error("the search was canceled")]
    Canceled,
    /// A search for duplicates found more than its options allow.
    #[error("more than {limit} pairs reach the threshold")]
    TooManyPairs {
        /// The most that was allowed.
        limit: usize,
    },
    /// A search for duplicates cannot go on from this checkpoint.
    #[error(transparent)]
    Checkpoint(CheckpointError),
    /// More references than an index can number.
    #[error("the index is full: {references} references")]
    Full {
        /// References that it holds.
        references: usize,
    },
}

/// Why an index cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A shard capacity of zero or beyond the largest.
    #[error("a shard holds 1 to {max} references, not {rows}", max = super::params::MAX_SHARD_ROWS)]
    ShardRows {
        /// What was asked for.
        rows: usize,
    },
}
