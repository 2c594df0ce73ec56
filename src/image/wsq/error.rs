//! Why bytes are no WSQ image, or pixels cannot become one.

use thiserror::Error;

use super::params::{MAX_BPP, MIN_BPP};
use crate::limits::LimitError;

/// Why bytes are no WSQ image, or pixels cannot become one. Offsets say where; pixels are never shown.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum WsqError {
    /// The first bytes are not `FF A0`.
    #[error("not a WSQ image: it does not begin with FF A0")]
    Signature,
    /// The input ends too early.
    #[error("truncated at offset {offset}, in the {what}")]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// Where bytes were missing.
        offset: usize,
    },
    /// A field holds a value that it must not hold.
    #[error("{what} at offset {offset} is {value}: {expected}")]
    Value {
        /// Which field.
        what: &'static str,
        /// Offset of the field, bytes.
        offset: usize,
        /// The value.
        value: u64,
        /// What is allowed.
        expected: &'static str,
    },
    /// Allowed by the specification, not read here.
    #[error("{what} at offset {offset}: not supported")]
    Unsupported {
        /// What it is.
        what: &'static str,
        /// Where it stands, bytes.
        offset: usize,
    },
    /// A table that the pixels need was never sent.
    #[error("the {what} is missing")]
    Missing {
        /// Which table.
        what: &'static str,
    },
    /// A block holds bits that no code has.
    #[error("the block at offset {offset} holds bits that are no code")]
    Code {
        /// Where the block begins, bytes.
        offset: usize,
    },
    /// The blocks hold another number of coefficients than the image has.
    #[error("the blocks hold {found} coefficients or more, the image has {expected}")]
    Coefficients {
        /// What the frame and the quantization table ask for.
        expected: usize,
        /// What was coded.
        found: usize,
    },
    /// Not as many pixels as width times height, or a side that the format cannot hold.
    #[error("{width} x {height} pixels, {actual} bytes: sides of 1 to 65535 and a byte for each pixel are needed")]
    Size {
        /// Width, pixels.
        width: u32,
        /// Height, pixels.
        height: u32,
        /// Length of the slice.
        actual: usize,
    },
    /// A bit rate outside the range.
    #[error("{bpp} bits per pixel are outside {MIN_BPP}..={MAX_BPP}")]
    BitRate {
        /// What was asked for.
        bpp: f32,
    },
    /// Larger than the limits allow.
    #[error(transparent)]
    Limit(#[from] LimitError),
}
