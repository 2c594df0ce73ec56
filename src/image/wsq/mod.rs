//! WSQ, the wavelet format of fingerprint archives (IAFIS-IC-0110 version 3.1), read and written.
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
mod quantiser;
mod segments;
mod tree;
mod wavelet;
mod write;

pub use decode::{WsqImage, decode};
pub use encode::encode;
pub use error::WsqError;
