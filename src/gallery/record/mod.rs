//! The stored data of a subject and its encoding. Everything here is read after it was opened, so it was written by
//! this crate under the gallery's keys; it is parsed as untrusted input nevertheless.

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

mod directory;
mod face;
mod finger;
mod place;

pub(super) use directory::Directory;
pub(super) use face::{decode_face, encode_face};
pub(super) use finger::{decode_finger, encode_finger, reference_of, renewed};
pub(super) use place::{Place, What};
