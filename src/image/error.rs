//! Reasons for rejecting an image.

use thiserror::Error;

use super::params::MIN_SIDE;
use crate::limits::LimitError;

/// The reason why bytes or pixels are not a usable fingerprint image.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ImageError {
    /// A resolution outside 100..=4000 ppi.
    #[error("resolution {ppi} ppi is outside 100..=4000")]
    Resolution {
        /// The given resolution, ppi.
        ppi: f32,
    },
    /// Fewer or more pixels than width times height.
    #[error("{width} x {height} pixels need {expected} bytes, {actual} were given")]
    Length {
        /// Width, pixels.
        width: u32,
        /// Height, pixels.
        height: u32,
        /// Width times height.
        expected: u64,
        /// Length of the slice.
        actual: usize,
    },
    /// Too small for a print after resampling to 500 ppi.
    #[error("{width} x {height} pixels at 500 ppi is too small, at least {min} x {min} are needed", min = MIN_SIDE)]
    TooSmall {
        /// Width at 500 ppi.
        width: u32,
        /// Height at 500 ppi.
        height: u32,
    },
    /// Larger than the limits allow.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// No input at all.
    #[error("the input is empty")]
    Empty,
    /// Neither PNG, TIFF, BMP, PNM, JPEG nor WSQ.
    #[error("not a PNG, TIFF, BMP, PNM, JPEG or WSQ image")]
    UnknownFormat,
    /// The decoder rejected the bytes.
    #[error("damaged or unsupported {format} image: {reason}")]
    Damaged {
        /// The format detected from the first bytes.
        format: &'static str,
        /// The decoder's message.
        reason: String,
    },
    /// The encoder rejected the pixels.
    #[error("cannot be written as {format}: {reason}")]
    Unwritable {
        /// The format.
        format: &'static str,
        /// The encoder's message.
        reason: String,
    },
}
