//! WSQ, the wavelet format of fingerprint archives (IAFIS-IC-0110 version 3.1), read and written.
//!
//! The transform splits the image into 64 sub-bands, of which 60 are coded; their samples are put into bins whose width
//! follows from the bit rate, and the bins' numbers are Huffman-coded in three blocks. Pixels are within one gray level
//! of those of NIST's decoder. Images with a side below 81 pixels are refused: NIST's decoder mirrors their shortest lines
//! differently from its own encoder, and makes noise of 40 pixels and less, so decoders disagree about such files.
//!
//! Not supported: filters of even length (one certified encoder writes them) and restart intervals.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

mod allocation;
mod bits;
mod code_lengths;
mod coefficients;
mod cursor;
mod decode;
mod encode;
mod error;
mod huffman;
mod params;
mod quantizer;
mod segments;
mod tree;
mod wavelet;
mod write;

/// The first bytes of a WSQ file.
pub const MAGIC: &[u8] = &[0xFF, 0xA0];

pub use decode::{WsqImage, decode};
pub use encode::encode;
pub use error::WsqError;
