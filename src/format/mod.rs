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
//! Every decoder takes [`Limits`] and answers hostile bytes with a [`FormatError`] that says where they are wrong.

pub mod an2k;
pub mod finger_image;
pub mod npy;
mod payload;
pub mod raw;
mod reader;
mod record;

use thiserror::Error;

use crate::fingerprint::template::TemplateError;
use crate::image::ImageError;
use crate::limits::LimitError;

pub use record::{
    Capture, Core, DecodeOptions, Delta, Device, Extension, ExtensionLength, Losses, Lost, Record, RecordKind,
    RecordMinutia, SampleQuality, TemplateFormat, View, Wrapper, decode, detect, encode,
};
#[cfg(feature = "gallery")]
pub(crate) use record::{decode_template, encode_template};

/// Resolution of every coordinate inside this crate, pixels per inch.
const TARGET_PPI: f32 = 500.0;
/// Relative difference of resolution below which coordinates are left alone: 197 pixels per cm is 500.38 ppi.
const TOLERANCE: f32 = 0.005;

/// Why bytes are not what they should be, or a template cannot be written in a format.
///
/// Offsets and line numbers say where; values of biometric content are never shown.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum FormatError {
    /// No input at all.
    #[error("the input is empty")]
    Empty,
    /// The first bytes belong to no known format.
    #[error("not a template: none of the formats that are detected from the bytes")]
    UnknownFormat,
    /// The template has views, but none of the finger and number that were asked for.
    #[error("no view of the finger and number that were asked for")]
    NoView,
    /// The first bytes are not the expected signature.
    #[error("not {expected}: wrong signature at offset {offset}")]
    Signature {
        /// What was expected.
        expected: &'static str,
        /// Offset of the signature, bytes.
        offset: usize,
    },
    /// A known relative of the format, which is not read.
    #[error("{what} (told by the bytes at offset {offset}) is not supported")]
    Unsupported {
        /// What it is.
        what: &'static str,
        /// Where that is told, bytes.
        offset: usize,
    },
    /// The input ends too early.
    #[error("truncated at offset {offset}: {what} needs {needed} bytes, {available} are left")]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// Where reading began, bytes.
        offset: usize,
        /// Bytes needed.
        needed: usize,
        /// Bytes left.
        available: usize,
    },
    /// A length field and the input disagree.
    #[error("{what} at offset {offset} is {declared} bytes, the input has {actual}")]
    Length {
        /// Which length.
        what: &'static str,
        /// Offset of the length field or of the first byte too many.
        offset: usize,
        /// What is declared.
        declared: u64,
        /// What is there.
        actual: u64,
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
    /// A minutia lies outside the image that the record declares.
    #[error("minutia at offset {offset} lies outside the declared image")]
    Outside {
        /// Offset of the minutia, bytes.
        offset: usize,
    },
    /// A line of text is wrong.
    #[error("line {line}: {reason}")]
    Line {
        /// Line number, the first is 1.
        line: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// A header of text that cannot be read (`.npy`).
    #[error("bad header at offset {offset}: {reason}")]
    Header {
        /// Offset, bytes.
        offset: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// The format holds pixels of an image whose resolution was not given.
    #[error("the resolution (ppi) is needed: this format counts in pixels of the image")]
    PpiMissing,
    /// The format cannot hold what was asked.
    #[error("{format} holds at most {max} {what}, not {count}")]
    Capacity {
        /// Which format.
        format: &'static str,
        /// What there is too much of.
        what: &'static str,
        /// How many were given.
        count: usize,
        /// How many the format holds.
        max: usize,
    },
    /// Larger than the limits allow.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// An image inside the record is damaged, or cannot be written.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The values make no template.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// Factor from pixels at `ppi` to pixels at 500 ppi; 1 within the tolerance, as for images.
fn scale_to_500(ppi: f32) -> f32 {
    if (ppi / TARGET_PPI - 1.0).abs() <= TOLERANCE { 1.0 } else { TARGET_PPI / ppi }
}

/// A pixel's center coordinate rescaled, exact where nothing is scaled; the image's edge at -0.5 stays in place, and so never
/// leaves the image.
fn rescale(coordinate: f32, scale: f32) -> f32 {
    let moved = if scale == 1.0 { coordinate } else { (coordinate + 0.5) * scale - 0.5 };
    if moved >= 0.0 { moved } else { 0.0 }
}
