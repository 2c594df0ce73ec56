//! Why an evaluation cannot be made.

use thiserror::Error;

use crate::face::compare::CalibrationError;
use crate::score::FmrError;

/// Why an evaluation cannot be made.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum EvalError {
    /// No comparison of two samples of one subject.
    #[error("no genuine comparisons: no subject has two samples")]
    NoGenuine,
    /// No comparison of samples of two subjects.
    #[error("no impostor comparisons: fewer than two subjects")]
    NoImpostor,
    /// A score is NaN or infinite.
    #[error("score {index} is not a finite number")]
    Score {
        /// Which score.
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
        /// What was counted.
        what: &'static str,
        /// One count.
        left: usize,
        /// The other.
        right: usize,
    },
    /// A row number beyond the data.
    #[error("{what} {index} is beyond the {count} that there are")]
    Index {
        /// What is numbered.
        what: &'static str,
        /// The number.
        index: i64,
        /// How many there are.
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
        /// What the comparator said.
        reason: String,
    },
    /// The scores calibrate nothing.
    #[error(transparent)]
    Calibration(#[from] CalibrationError),
    /// An embedding cannot be used.
    #[error("embedding {index}: {reason}")]
    Embedding {
        /// Which one.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
}
