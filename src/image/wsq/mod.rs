//! WSQ, the wavelet format of fingerprint archives (IAFIS-IC-0110 version 3.1), read and written.
//!
//! The transform splits the image into 64 sub-bands, of which 60 are coded; their samples are put into bins as wide as a bit
//! rate asks for, and the bins' numbers are Huffman codes in three blocks. Pixels come out within
//! one gray level of those of NIST's decoder when both sides are above 80 pixels. In smaller images that one mirrors the shortest
//! lines in another way than its own encoder does; this crate turns them back as they were split.
//!
//! Not read: filters of even length (one of the certified encoders writes them) and restart intervals.
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
