//! Why a face index refuses.

use thiserror::Error;

use super::form::Form;
use crate::face::embedding::EmbeddingError;
use crate::format::FormatError;

/// Why a search or a change of a [`FaceIndex`](super::FaceIndex) failed. Nothing is changed then.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum FaceIndexError {
    /// The model's name or version is empty or longer than 256 bytes.
    #[error("the {what} of a model has 1 to 256 bytes, not {length}")]
    ModelName {
        /// `"name"` or `"version"`.
        what: &'static str,
        /// Its length, bytes.
        length: usize,
    },
    /// Another model, whose embeddings cannot be compared with those enrolled.
    #[error("embeddings of {given} cannot be compared with those of {held}")]
    Model {
        /// The gallery's model.
        held: String,
        /// The other one.
        given: String,
    },
    /// Another dimension than the model's.
    #[error("the model's embeddings have {expected} dimensions, not {given}")]
    Dimension {
        /// Of the model.
        expected: usize,
        /// What was given.
        given: usize,
    },
    /// The numbers are no embedding.
    #[error(transparent)]
    Embedding(#[from] EmbeddingError),
    /// One of many rows is no embedding.
    #[error("row {row}: {reason}")]
    Row {
        /// Which row, from 0.
        row: usize,
        /// What is wrong with it.
        reason: EmbeddingError,
    },
    /// The subject is enrolled already.
    #[error("the subject is enrolled already")]
    Duplicate,
    /// The subject of one of many rows is enrolled already, or stands before it in the list.
    #[error("the subject of row {row} is enrolled already")]
    DuplicateRow {
        /// Which row, from 0.
        row: usize,
    },
    /// Nobody of this name is enrolled.
    #[error("no such subject is enrolled")]
    Unknown,
    /// A subject without any embedding.
    #[error("a subject needs at least one embedding")]
    NoEmbedding,
    /// Another number of names than of rows.
    #[error("{names} names for {rows} rows")]
    Names {
        /// How many names.
        names: usize,
        /// How many rows; one more than the names where nobody knows how many there are.
        rows: usize,
    },
    /// A search for no candidates at all.
    #[error("a search must ask for at least one candidate")]
    NoCandidates,
    /// The gallery does not hold the form that the search asks for.
    #[error("the gallery has no rows of {0} to scan")]
    NoScan(Form),
    /// A form that is no narrower than the rows, or rows of bits that are to be scanned as bytes.
    #[error("rows of {rows} have no use for a scan of {scan}")]
    Useless {
        /// The form of the rows.
        rows: Form,
        /// The form of the scan.
        scan: Form,
    },
    /// The search was canceled by its flag.
    #[error("the search was canceled")]
    Canceled,
    /// More embeddings than an index can number.
    #[error("the index is full: {rows} embeddings")]
    Full {
        /// Embeddings that it holds.
        rows: usize,
    },
    /// A file that cannot be read.
    #[error(transparent)]
    Format(#[from] FormatError),
}
