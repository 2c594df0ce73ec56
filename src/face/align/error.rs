//! Errors of alignment.

use thiserror::Error;

use crate::limits::LimitError;

/// The reason why a picture and landmarks cannot be aligned. Pixels and positions are never shown.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AlignError {
    /// A picture without pixels.
    #[error("a picture of {width} x {height} pixels is empty")]
    Empty {
        /// Width, pixels.
        width: usize,
        /// Height, pixels.
        height: usize,
    },
    /// The number of bytes does not match the sides.
    #[error("an RGB picture of {width} x {height} pixels has three bytes each, not {bytes} together")]
    Bytes {
        /// Width, pixels.
        width: usize,
        /// Height, pixels.
        height: usize,
        /// Number of bytes given.
        bytes: usize,
    },
    /// A side that no model's input has.
    #[error("an aligned face has 32 to 1024 pixels a side, not {side}")]
    Side {
        /// The side asked for, pixels.
        side: usize,
    },
    /// A landmark is infinite or not a number.
    #[error("landmark {landmark} is not finite")]
    NotFinite {
        /// Index of the landmark, from 0: eyes, nose, corners of the mouth.
        landmark: usize,
    },
    /// A landmark lies far outside the picture.
    #[error("landmark {landmark} lies far outside the picture")]
    Outside {
        /// Index of the landmark, from 0.
        landmark: usize,
    },
    /// The landmarks are nearly one point.
    #[error("the landmarks lie too close together to be a face")]
    TooClose,
    /// The landmarks do not have the layout of a face, for example because left and right are exchanged.
    #[error("the landmarks are not laid out as eyes, nose and corners of the mouth, each from left to right")]
    NotAFace,
    /// The image file is empty.
    #[error("the input is empty")]
    NoBytes,
    /// Neither PNG, TIFF, BMP, PNM nor JPEG.
    #[error("not a PNG, TIFF, BMP, PNM or JPEG image")]
    UnknownFormat,
    /// The decoder rejected the bytes.
    #[error("damaged or unsupported {format} image: {reason}")]
    Damaged {
        /// The format detected from the first bytes.
        format: &'static str,
        /// The decoder's message.
        reason: String,
    },
    /// Larger than the limits allow.
    #[error(transparent)]
    Limit(#[from] LimitError),
}
