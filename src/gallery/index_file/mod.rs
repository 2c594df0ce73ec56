//! An index in one sealed file, opened again without preparing anything: all of it, or its tables alone, so that rows are fetched one by one.
//!
//! ```text
//! file   = "SSIX" | version u16 | keyring length u16 | keyring | frames
//! frame  = sealed length u32 | segment u32 | last u8 | sealed
//! sealed = length u32 | content | zeros up to a multiple of 1,024
//! content of frame 0         = modality length u16, text | rows of a segment u32
//! first frame of a segment   = groups u32 | rows u32, content length u32 of each group | owners
//! owner                      = name length u16, name | sample u32 | label u64 | sketch length u16, sketch
//! other frames of a segment  = the rows of a group: length u32, row
//! last frame (segment 2^32-1) = segments u64 | subjects u64 | references u64
//! ```
//!
//! Numbers are little-endian, those of the keyring ([`Keyring`](crate::gallery::seal::Keyring)) are not. A frame is sealed for its file, its
//! number, its segment and whether it is the segment's last one, so a frame that is changed, moved, repeated or taken from another file does not
//! open, at whatever time it is read; the last frame says how many references there are, so a file that ends early is refused.
//!
//! Rows are in groups of [`GROUP_BYTES`](crate::modality::Stored::GROUP_BYTES) or a little more: large ones cost the least, and one row of a
//! small one can be had without much else. A group's length is known from its segment's table, so its place in the file is, too.
//!
//! | step | file |
//! |---|---|
//! | frames, sealed and opened | `frame` |
//! | what frames hold | `table` |
//! | an index to frames, in parts | `write` |
//! | frames to an index | `read` |
//! | an index that leaves rows in their frames | `on_disk` |

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

#[cfg(any(fuzzing, test))]
pub(super) mod check;
mod error;
mod frame;
mod on_disk;
mod read;
mod table;
mod write;

pub use error::IndexFileError;
pub use on_disk::{OnDisk, OnDiskError};
pub use write::IndexWriter;

#[cfg(test)]
mod tests;
