//! An index in one sealed file, opened again without preparing anything.
//!
//! ```text
//! file   = "SSIX" | version u16 | keyring length u16 | keyring | frames
//! frame  = sealed length u32 | segment u32 | last u8 | sealed
//! sealed = length u32 | content | zeros up to a multiple of 4,096
//! content of frame 0      = modality length u16, text | rows of a segment u32 | segments u32 | subjects u32 | references u32
//! content of other frames = rows: name length u16, name | sample u32 | label u64 | length u32, row
//! ```
//!
//! Numbers are little-endian, those of the keyring ([`Keyring`](crate::gallery::seal::Keyring)) are not. A frame is sealed for its file, its
//! number, its segment and whether it is the segment's last one, so a frame that is changed, moved, repeated or taken from another file does not
//! open; frame 0 says how many references there are, so a file that ends early is refused.
//!
//! | step | file |
//! |---|---|
//! | frames, sealed and opened | `frame` |
//! | an index to frames | `write` |
//! | frames to an index | `read` |

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

mod error;
mod frame;
mod read;
mod write;

pub use error::IndexFileError;

/// What rows of a file hold, once it is opened: for the fuzz target `index_file`.
#[cfg(fuzzing)]
pub(super) use read::check_rows;

#[cfg(test)]
mod tests;
