//! Fields in bytes: readers that never leave their slice, and a writer.
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

mod field_reader;
mod kind;
mod reader;
mod writer;

pub(crate) use field_reader::{FieldReader, Truncated};
pub use kind::FileKind;
pub(crate) use reader::Reader;
pub(crate) use writer::Writer;
