//! Why a model makes no embedding.

use std::io::ErrorKind;

use thiserror::Error;

use crate::face::align::AlignError;
use crate::face::embedding::EmbeddingError;
use crate::face::embedding::FaceError;
use crate::limits::LimitError;

/// Why a model cannot be used, or makes no embedding of a face. Nothing of the face is shown.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// The file cannot be read.
    #[error("cannot read the model: {0}")]
    Read(ErrorKind),
    /// The file is larger than allowed.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The bytes are no ONNX model, or one with operators that the runtime does not know.
    #[error("cannot load the model: {reason}")]
    Load {
        /// What the runtime said.
        reason: String,
    },
    /// A model of several inputs or outputs, or of none.
    #[error("the model has {inputs} inputs and {outputs} outputs, one of each is needed")]
    Ends {
        /// How many inputs.
        inputs: usize,
        /// How many outputs.
        outputs: usize,
    },
    /// The input takes something else than one picture.
    #[error("the model's input is {shape}, not floats of 1 x 3 x 112 x 112")]
    Input {
        /// What the file says.
        shape: String,
    },
    /// The output is something else than one vector of floats.
    #[error("the model's output is {shape}, not one vector of floats")]
    Output {
        /// What came out.
        shape: String,
    },
    /// The runtime failed on a picture.
    #[error("cannot run the model: {reason}")]
    Run {
        /// What the runtime said.
        reason: String,
    },
    /// The runtime panicked, on a model that breaks its assumptions.
    #[error("the runtime broke down over the model")]
    Panicked,
    /// The form of the input makes numbers that are not finite.
    #[error("the form of the input divides by zero or is not finite")]
    Form,
    /// The output is no embedding.
    #[error(transparent)]
    Embedding(#[from] EmbeddingError),
    /// Name or version of the model are empty or too long.
    #[error(transparent)]
    Model(#[from] FaceError),
    /// The face cannot be aligned.
    #[error(transparent)]
    Align(#[from] AlignError),
}
