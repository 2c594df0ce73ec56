//! Why embeddings are refused.

use thiserror::Error;

use super::params::{MAX_DIMENSION, MIN_DIMENSION};

/// Why numbers are not an embedding.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EmbeddingError {
    /// Too few or too many numbers.
    #[error(
        "an embedding has {min} to {max} dimensions, not {dimension}",
        min = MIN_DIMENSION,
        max = MAX_DIMENSION
    )]
    Dimension {
        /// How many numbers were given.
        dimension: usize,
    },
    /// A component is infinite or not a number.
    #[error("component {index} is not finite")]
    NotFinite {
        /// Which component, from 0.
        index: usize,
    },
    /// All components are zero, so that there is no direction.
    #[error("an embedding of {dimension} zeros has no direction")]
    Zero {
        /// How many zeros were given.
        dimension: usize,
    },
}

/// Why embeddings cannot be compared or stored together.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FaceError {
    /// The model's name or version is empty or longer than 256 bytes.
    #[error("the {what} of a model has 1 to 256 bytes, not {length}")]
    ModelName {
        /// `"name"` or `"version"`.
        what: &'static str,
        /// Its length, bytes.
        length: usize,
    },
    /// Another model, whose embeddings cannot be compared with those that are there.
    #[error("embeddings of {given} cannot be compared with those of {held}")]
    Model {
        /// The model of what is there.
        held: String,
        /// The other one.
        given: String,
    },
    /// Another dimension, hence another model.
    #[error("an embedding of {given} dimensions cannot be compared with one of {expected}")]
    Dimension {
        /// Of the model or of what is already there.
        expected: usize,
        /// Of what was given.
        given: usize,
    },
    /// The numbers are no embedding.
    #[error(transparent)]
    Embedding(#[from] EmbeddingError),
}
