//! Why a face cannot be aligned.

use thiserror::Error;

use crate::limits::LimitError;

/// Why a picture and landmarks make no aligned face. No pixel and no position is shown.
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
    /// Another number of bytes than the sides ask for.
    #[error("an RGB picture of {width} x {height} pixels has three bytes each, not {bytes} together")]
    Bytes {
        /// Width, pixels.
        width: usize,
        /// Height, pixels.
        height: usize,
        /// What was given, bytes.
        bytes: usize,
    },
    /// A landmark is infinite or not a number.
    #[error("landmark {landmark} is not finite")]
    NotFinite {
        /// Which one, from 0: eyes, nose, corners of the mouth.
        landmark: usize,
    },
    /// A landmark lies far outside the picture.
    #[error("landmark {landmark} lies far outside the picture")]
    Outside {
        /// Which one, from 0.
        landmark: usize,
    },
    /// The landmarks are nearly one point.
    #[error("the landmarks lie too close together to be a face")]
    TooClose,
    /// The landmarks are not laid out as a face is: in another order, for example with left and right exchanged.
    #[error("the landmarks are not laid out as eyes, nose and corners of the mouth, each from left to right")]
    NotAFace,
    /// An image file without a byte.
    #[error("the input is empty")]
    NoBytes,
    /// Neither PNG, TIFF, BMP, PNM nor JPEG.
    #[error("not a PNG, TIFF, BMP, PNM or JPEG image")]
    UnknownFormat,
    /// The decoder refused the bytes.
    #[error("damaged or unsupported {format} image: {reason}")]
    Damaged {
        /// The format that the first bytes announce.
        format: &'static str,
        /// What the decoder said.
        reason: String,
    },
    /// Larger than the limits allow.
    #[error(transparent)]
    Limit(#[from] LimitError),
}
