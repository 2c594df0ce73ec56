//! Errors of embedding.

use std::io::ErrorKind;

use thiserror::Error;

use crate::face::align::AlignError;
use crate::face::embedding::EmbeddingError;
use crate::face::embedding::FaceError;
use crate::limits::LimitError;

/// The reason why a model cannot be used, or cannot embed a face. No data of the face are shown.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// The file cannot be read.
    #[error("cannot read the model: {0}")]
    Read(ErrorKind),
    /// The file is larger than allowed.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The bytes are not an ONNX model, or have operators that the runtime does not know.
    #[error("cannot load the model: {reason}")]
    Load {
        /// The runtime's message.
        reason: String,
    },
    /// The model does not have exactly one input and one output.
    #[error("the model has {inputs} inputs and {outputs} outputs, one of each is needed")]
    Ends {
        /// Number of inputs.
        inputs: usize,
        /// Number of outputs.
        outputs: usize,
    },
    /// The input is not one picture.
    #[error("the model's input is {shape}, not floats of 1 x 3 x 112 x 112")]
    Input {
        /// The input's shape in the file.
        shape: String,
    },
    /// The output is not one vector of floats.
    #[error("the model's output is {shape}, not one vector of floats")]
    Output {
        /// Shape of the output.
        shape: String,
    },
    /// The runtime failed on a picture.
    #[error("cannot run the model: {reason}")]
    Run {
        /// The runtime's message.
        reason: String,
    },
    /// The runtime panicked on a model that violates its assumptions.
    #[error("the runtime panicked on the model")]
    Panicked,
    /// The form of the input gives numbers that are not finite.
    #[error("the form of the input divides by zero or is not finite")]
    Form,
    /// The output is not an embedding.
    #[error(transparent)]
    Embedding(#[from] EmbeddingError),
    /// The name or version of the model is empty or too long.
    #[error(transparent)]
    Model(#[from] FaceError),
    /// The face cannot be aligned.
    #[error(transparent)]
    Align(#[from] AlignError),
}
