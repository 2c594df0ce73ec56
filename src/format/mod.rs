//! Interchange formats: fingerprint templates, records of images, and arrays.
//!
//! | format | where |
//! |---|---|
//! | fingerprint templates: ISO/IEC 19794-2, ANSI/INCITS 378, cards, NBIS, SourceAFIS, PIV, CSV, this crate's own ([`TemplateFormat`]) | [`detect`], [`decode`], [`encode`] |
//! | ISO/IEC 19794-4:2005 and 2011 and ANSI/INCITS 381-2004 finger image records | [`finger_image`] |
//! | ANSI/NIST-ITL files | [`an2k`] |
//! | NumPy `.npy` | [`npy`] |
//! | rows of plain floats | [`raw`] |
//!
//! Every decoder takes [`Limits`](crate::Limits) and answers hostile bytes with a [`FormatError`] that gives the place
//! of the fault.
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

pub mod an2k;
mod coding;
mod contents;
mod error;
pub mod finger_image;
mod mending;
pub mod npy;
mod payload;
pub mod raw;
mod recognize;
mod record;
mod text;

pub use crate::bytes::FileKind;
pub use contents::{RecordSummary, ViewSummary};
pub use error::FormatError;
pub use mending::Mending;
pub use recognize::decode_text;
pub use record::{
    Capture, Core, DecodeOptions, Delta, Device, Extension, ExtensionLength, Losses, Lost, Record, RecordKind,
    RecordMinutia, SampleQuality, TemplateFormat, View, Wrapper, decode, detect, encode,
};
#[cfg(feature = "gallery")]
pub(crate) use record::{decode_template, encode_template};
pub use text::TextEncoding;
