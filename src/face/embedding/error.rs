//! Reasons for rejecting embeddings.

use thiserror::Error;

use super::params::{MAX_DIMENSION, MIN_DIMENSION};

/// The reason why numbers are not an embedding.
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
        /// Number of components given.
        dimension: usize,
    },
    /// A component is infinite or not a number.
    #[error("component {index} is not finite")]
    NotFinite {
        /// Index of the component, from 0.
        index: usize,
    },
    /// All components are zero, so there is no direction.
    #[error("an embedding of {dimension} zeros has no direction")]
    Zero {
        /// Number of zeros given.
        dimension: usize,
    },
}

/// The reason why embeddings cannot be compared or stored together.
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
    /// The embedding is of another model and cannot be compared with the existing ones.
    #[error("embeddings of {given} cannot be compared with those of {held}")]
    Model {
        /// The model of the existing embeddings.
        held: String,
        /// The other model.
        given: String,
    },
    /// The embedding has another dimension, hence another model.
    #[error("an embedding of {given} dimensions cannot be compared with one of {expected}")]
    Dimension {
        /// Dimension of the model or of the existing embeddings.
        expected: usize,
        /// Dimension of the given embedding.
        given: usize,
    },
    /// The numbers are not an embedding.
    #[error(transparent)]
    Embedding(#[from] EmbeddingError),
}
