//! Reasons why bytes are not a WSQ image, or pixels cannot be encoded.

use thiserror::Error;

use super::params::{MAX_BPP, MIN_BPP, MIN_SIDE};
use crate::limits::LimitError;

/// The reason why bytes are not a WSQ image, or pixels cannot be encoded. Offsets give the place; pixels are never
/// shown.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum WsqError {
    /// The first bytes are not `FF A0`.
    #[error("not a WSQ image: it does not begin with FF A0")]
    Signature,
    /// The input ends too early.
    #[error("truncated at offset {offset}, in the {what}")]
    Truncated {
        /// Name of the data being read.
        what: &'static str,
        /// Offset where bytes are missing.
        offset: usize,
    },
    /// A field holds a value that it must not hold.
    #[error("{what} at offset {offset} is {value}: {expected}")]
    Value {
        /// Name of the field.
        what: &'static str,
        /// Offset of the field, bytes.
        offset: usize,
        /// The value.
        value: u64,
        /// The allowed values.
        expected: &'static str,
    },
    /// Allowed by the specification, but not supported.
    #[error("{what} at offset {offset}: not supported")]
    Unsupported {
        /// Name of the unsupported feature.
        what: &'static str,
        /// Its offset, bytes.
        offset: usize,
    },
    /// A table that the pixels need is missing.
    #[error("the {what} is missing")]
    Missing {
        /// Name of the table.
        what: &'static str,
    },
    /// A block holds bits that are not a code.
    #[error("the block at offset {offset} holds bits that are not a code")]
    Code {
        /// Offset of the block, bytes.
        offset: usize,
    },
    /// The number of coefficients in the blocks is wrong for the image.
    #[error("the blocks hold {found} coefficients or more, the image has {expected}")]
    Coefficients {
        /// Number that the frame and the quantization table require.
        expected: usize,
        /// Number found in the blocks.
        found: usize,
    },
    /// The number of pixels is not width times height, or a side is too long for the format.
    #[error("{width} x {height} pixels, {actual} bytes: sides of 1 to 65535 and a byte for each pixel are needed")]
    Size {
        /// Width, pixels.
        width: u32,
        /// Height, pixels.
        height: u32,
        /// Length of the slice.
        actual: usize,
    },
    /// A side is so short that decoders do not agree about the pixels.
    #[error("{width} x {height} pixels: below {MIN_SIDE} a side, decoders of WSQ disagree about the picture; use PNG")]
    TooSmall {
        /// Width, pixels.
        width: u32,
        /// Height, pixels.
        height: u32,
    },
    /// A bit rate outside the range.
    #[error("{bpp} bits per pixel are outside {MIN_BPP}..={MAX_BPP}")]
    BitRate {
        /// The requested rate, bits per pixel.
        bpp: f32,
    },
    /// Larger than the limits allow.
    #[error(transparent)]
    Limit(#[from] LimitError),
}
