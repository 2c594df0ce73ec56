//! Errors of an index.

use thiserror::Error;

/// Why a search or a change of an index failed; `E` is the modality's own error. On an error nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IndexError<E: std::error::Error + 'static> {
    /// The template does not fit the modality's settings or the enrolled references (another dimension, for example).
    #[error(transparent)]
    Modality(#[from] E),
    /// One of many rows was refused.
    #[error("row {row}: {reason}")]
    Row {
        /// The row, counted from 0.
        row: usize,
        /// The reason.
        reason: Box<Self>,
    },
    /// The subject is already enrolled.
    #[error("the subject is already enrolled; use `add` for further samples")]
    Duplicate,
    /// The subject is not enrolled.
    #[error("the subject is not enrolled")]
    Unknown,
    /// A subject was given no sample.
    #[error("a subject needs at least one sample")]
    NoSample,
    /// A search asked for no candidates.
    #[error("a search must ask for at least one candidate")]
    NoCandidates,
    /// A shortlist was asked for, but the modality's settings keep no data for ranking rows cheaply.
    #[error("the index keeps no data to rank a shortlist by; for faces, keep bits or bytes beside the rows")]
    NoShortlist,
    /// Partitions were asked for, but the index was not partitioned, or its references are not vectors.
    #[error("the index has no partitions; `Index::partition` makes them, of faces")]
    NoPartitions,
    /// The search was canceled through its flag.
    #[error("the search was canceled")]
    Canceled,
    /// A search for duplicates found more pairs than its options allow.
    #[error("more than {limit} pairs reach the threshold; `DedupOptions::at_most` raises the limit")]
    TooManyPairs {
        /// The most pairs allowed.
        limit: usize,
    },
    /// A search for duplicates cannot resume from this checkpoint.
    #[error(transparent)]
    Checkpoint(CheckpointError),
    /// The index holds as many references as it can number.
    #[error("the index is full: {references} references")]
    Full {
        /// The references it holds.
        references: usize,
    },
}

/// Why a checkpoint cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The data is not a checkpoint, or is from another version.
    #[error("this is not a checkpoint of a search for duplicates, or it is from another version")]
    Unknown,
    /// The checksum does not match: the file was truncated or changed.
    #[error("the checkpoint is damaged: its checksum does not match")]
    Checksum,
    /// A line is malformed.
    #[error("the checkpoint is damaged in line {line}: {reason}")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// The checkpoint is from another gallery, threshold, shortlist or version of this crate.
    #[error("the checkpoint is from another gallery, threshold, shortlist or version")]
    OtherGallery,
}
