//! Alignment: faces are rotated, scaled and shifted so that eyes, nose and mouth lie where recognition models expect
//! them.
//!
//! Five landmarks from any detector and a picture give a face of 112 x 112 pixels, without a model or a feature of this
//! crate. `face::embed` (feature `onnx`) makes an embedding of it with the user's model, and [`AlignedFace::to_input`]
//! gives the numbers that any other runtime takes.

mod aligned;
mod decode;
mod error;
mod landmarks;
#[cfg(feature = "onnx")]
mod letterbox;
mod params;
mod picture;
mod similarity;
mod tensor;
mod warp;

pub use aligned::AlignedFace;
pub use error::AlignError;
pub use landmarks::Landmarks;
#[cfg(feature = "onnx")]
pub(crate) use letterbox::Letterbox;
pub use picture::{RgbPicture, RgbView};
pub use similarity::Similarity;
pub use tensor::{Colors, InputForm, Layout};

#[cfg(test)]
mod tests;
