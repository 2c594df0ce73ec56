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
    /// The model has no input besides its weights and switches for training, or several.
    #[error("the model needs one input, a picture, not {}: {}", .inputs.len(), .inputs.join(", "))]
    Inputs {
        /// Names of the inputs.
        inputs: Vec<String>,
    },
    /// The model has several outputs, and none was chosen.
    #[error("the model has {} outputs: choose one with `FaceEmbedderBuilder::output`: {}", .outputs.len(), .outputs.join(", "))]
    Outputs {
        /// Names of the outputs.
        outputs: Vec<String>,
    },
    /// The model has no output of the chosen name.
    #[error("the model has no output {output:?}, but: {}", .outputs.join(", "))]
    NoOutput {
        /// The name asked for.
        output: String,
        /// Names of the outputs.
        outputs: Vec<String>,
    },
    /// The input is not a square picture in color of a usable side.
    #[error(
        "the model's input is {shape}, not floats of N x 3 x side x side or N x side x side x 3 of the side asked for"
    )]
    Input {
        /// The input's shape in the file.
        shape: String,
    },
    /// A face of another side than the model takes.
    #[error("the model takes faces of {needed} x {needed} pixels, not {side} x {side}")]
    Side {
        /// Side of the face, pixels.
        side: usize,
        /// Side that the model takes, pixels.
        needed: usize,
    },
    /// A detector's input is not one picture in planes of colors.
    #[error(
        "the detector's input is {shape}, not floats of 1 x 3 x height x width with sides that are multiples of 32 up to 4096"
    )]
    DetectorInput {
        /// The input's shape in the file.
        shape: String,
    },
    /// A detector's outputs have no known layout.
    #[error("the detector's outputs are {shapes}: neither SCRFD's nine nor YuNet's twelve with landmarks")]
    DetectorOutputs {
        /// Shapes of the outputs.
        shapes: String,
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
