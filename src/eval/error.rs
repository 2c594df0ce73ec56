//! Errors of evaluation.

use thiserror::Error;

use crate::face::compare::CalibrationError;
use crate::score::FmrError;

/// The reason why an evaluation cannot be made.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum EvalError {
    /// There is no comparison of two samples of one subject.
    #[error("no genuine comparisons: no subject has two samples")]
    NoGenuine,
    /// There is no comparison of samples of two subjects.
    #[error("no impostor comparisons: fewer than two subjects")]
    NoImpostor,
    /// A score is NaN or infinite.
    #[error("score {index} is not a finite number")]
    Score {
        /// Index of the score.
        index: usize,
    },
    /// A weight is not a finite number of at least 0, or all are 0.
    #[error("weights must be finite, not negative, and not all zero")]
    Weight,
    /// A rate is not a probability.
    #[error(transparent)]
    Rate(#[from] FmrError),
    /// Two lists that belong together differ in length.
    #[error("{what}: {left} and {right} should be equal")]
    Length {
        /// Names of the two lists.
        what: &'static str,
        /// Length of one list.
        left: usize,
        /// Length of the other list.
        right: usize,
    },
    /// A row number beyond the data.
    #[error("{what} {index} is beyond the {count} available")]
    Index {
        /// Name of the numbered data.
        what: &'static str,
        /// The number.
        index: i64,
        /// Number of items.
        count: usize,
    },
    /// A name is not `SUBJECT_SAMPLE`.
    #[error("the name {name:?} has no underscore between subject and sample")]
    Name {
        /// The name.
        name: String,
    },
    /// A comparison failed.
    #[error("comparing {probe} with {reference}: {reason}")]
    Compare {
        /// Position of the probe in the list.
        probe: usize,
        /// Position of the reference in the list.
        reference: usize,
        /// The comparator's message.
        reason: String,
    },
    /// The scores do not give a calibration.
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
    /// An embedding cannot be used.
    #[error("embedding {index}: {reason}")]
    Embedding {
        /// Index of the embedding.
        index: usize,
        /// The fault.
        reason: String,
    },
}
