//! Why an index refuses.

use thiserror::Error;

/// Why a search or a change of an index failed; `E` is the modality's own error. Nothing is changed then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IndexError<E: std::error::Error + 'static> {
    /// The template does not fit the modality's settings or what is enrolled (another dimension, for example).
    #[error(transparent)]
    Modality(#[from] E),
    /// One of many rows was refused.
    #[error("row {row}: {reason}")]
    Row {
        /// Which row, from 0.
        row: usize,
        /// Why.
        reason: Box<Self>,
    },
    /// The subject is enrolled already.
    #[error("the subject is enrolled already; `add` takes further samples")]
    Duplicate,
    /// Nobody of this name is enrolled.
    #[error("no such subject is enrolled")]
    Unknown,
    /// A subject without any sample.
    #[error("a subject needs at least one sample")]
    NoSample,
    /// A search for no candidates at all.
    #[error("a search must ask for at least one candidate")]
    NoCandidates,
    /// A shortlist where the modality's settings keep nothing that ranks rows cheaply.
    #[error("the index keeps nothing to make a shortlist from; for faces, bits or bytes beside the rows")]
    NoShortlist,
    /// The search was canceled by its flag.
    #[error("the search was canceled")]
    Canceled,
    /// A search for duplicates found more than its options allow.
    #[error("more than {limit} pairs reach the threshold; `DedupOptions::at_most` raises the limit")]
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

/// Why a checkpoint is of no use.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Not a checkpoint, or one of another version.
    #[error("this is no checkpoint of a search for duplicates, or one of another version")]
    Unknown,
    /// The checksum does not fit: the file was cut short or changed.
    #[error("the checkpoint is damaged: its checksum does not fit")]
    Checksum,
    /// A line is not what it should be.
    #[error("the checkpoint is damaged in line {line}: {reason}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// It was made with another gallery, another threshold or shortlist, or another version of this crate.
    #[error("the checkpoint belongs to another gallery, threshold, shortlist or version")]
    OtherGallery,
}
