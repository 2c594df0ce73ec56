//! Reasons for rejecting bytes.

use thiserror::Error;

use super::contents::{RecordSummary, ViewSummary};
use super::mending::{Mending, listed};
use super::text::TextEncoding;
use crate::bytes::FileKind;
use crate::bytes::{FieldReader, Truncated};
use crate::fingerprint::template::TemplateError;
use crate::image::ImageError;
use crate::limits::LimitError;

/// Reads the fields of formats.
pub(super) type Reader<'a> = FieldReader<'a, FormatError>;

impl From<Truncated> for FormatError {
    fn from(Truncated { what, offset, needed, available }: Truncated) -> Self {
        Self::Truncated { what, offset, needed, available }
    }
}

/// The reason why bytes cannot be read, or a template cannot be written in a format.
///
/// Offsets and line numbers give the place; values of biometric content are never shown.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum FormatError {
    /// No input at all.
    #[error("the input is empty")]
    Empty,
    /// The first bytes belong to no known format.
    #[error("not a template: the bytes match none of the formats that can be detected")]
    UnknownFormat,
    /// The bytes are a file of another kind.
    #[error("this is {kind}, not {expected}{}", advice(*kind))]
    Kind {
        /// What they are.
        kind: FileKind,
        /// What was expected.
        expected: &'static str,
    },
    /// The bytes are text that stands for a record.
    #[error("this is {encoding} text of a record ({inside}), not the record itself")]
    Text {
        /// The encoding.
        encoding: TextEncoding,
        /// Name of the format of the record.
        inside: &'static str,
    },
    /// The record breaks its standard, but in a way that only one reading mends;
    /// [`DecodeOptions::lenient`](super::DecodeOptions::lenient) reads it.
    #[error("{reason}; a lenient reading (`DecodeOptions::lenient`) would mend it: {}", listed(mendings))]
    Mendable {
        /// Why it was refused.
        reason: Box<FormatError>,
        /// What a lenient reading would mend.
        mendings: Vec<Mending>,
    },
    /// The record has views, but none that was asked for.
    #[error("no view is the requested one; the record holds {}", listed(inside))]
    NoView {
        /// The views of the record.
        inside: Vec<ViewSummary>,
    },
    /// One view is needed, and several are there or were chosen.
    #[error("{} views, and one is needed: choose by finger, view number or place; the record holds {}", inside.len(), listed(inside))]
    SeveralViews {
        /// The views to choose from.
        inside: Vec<ViewSummary>,
    },
    /// The file has no record of images or minutiae that was asked for.
    #[error("no record of the file is the requested one; {}", held(inside))]
    NoRecord {
        /// The records of images or minutiae in the file.
        inside: Vec<RecordSummary>,
    },
    /// One record of the file is needed, and several are there or were chosen.
    #[error("{} records, and one is needed: choose by finger or record; the file holds {}", inside.len(), listed(inside))]
    SeveralRecords {
        /// The records to choose from.
        inside: Vec<RecordSummary>,
    },
    /// The first bytes are not the expected signature.
    #[error("not {expected}: wrong signature at offset {offset}")]
    Signature {
        /// The expected format.
        expected: &'static str,
        /// Offset of the signature, bytes.
        offset: usize,
    },
    /// A known variant of the format that is not supported.
    #[error("{what} (detected at offset {offset}) is not supported")]
    Unsupported {
        /// Name of the unsupported variant.
        what: &'static str,
        /// Offset of the bytes that show it.
        offset: usize,
    },
    /// The input ends too early.
    #[error("truncated at offset {offset}: {what} needs {needed} bytes, {available} are left")]
    Truncated {
        /// Name of the data being read.
        what: &'static str,
        /// Offset where reading began, bytes.
        offset: usize,
        /// Bytes needed.
        needed: usize,
        /// Bytes left.
        available: usize,
    },
    /// A length field and the input disagree.
    #[error("{what} at offset {offset} is {declared} bytes, the input has {actual}")]
    Length {
        /// Name of the length.
        what: &'static str,
        /// Offset of the length field or of the first byte too many.
        offset: usize,
        /// The declared length, bytes.
        declared: u64,
        /// The actual length, bytes.
        actual: u64,
    },
    /// A field holds a value that it must not hold.
    #[error("{what} at offset {offset} is {value}: {expected}")]
    Value {
        /// Name of the field.
        what: &'static str,
        /// Offset of the field, bytes.
        offset: usize,
        /// The value.
        value: u64,
        /// The allowed values.
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
        /// The fault.
        reason: &'static str,
    },
    /// A header that cannot be read.
    #[error("bad header at offset {offset}: {reason}")]
    Header {
        /// Offset, bytes.
        offset: usize,
        /// The fault.
        reason: &'static str,
    },
    /// The format holds pixels of an image whose resolution was not given.
    #[error("the resolution (ppi) is needed: this format counts in pixels of the image")]
    PpiMissing,
    /// The format cannot hold the data.
    #[error("{format} holds at most {max} {what}, not {count}")]
    Capacity {
        /// Name of the format.
        format: &'static str,
        /// Name of the items that are too many.
        what: &'static str,
        /// Given number of items.
        count: usize,
        /// Largest number of items that the format holds.
        max: usize,
    },
    /// Larger than the limits allow.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// An image inside the record is damaged, or cannot be written.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The values are not a valid template.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// What to do with a file of another kind, as the end of a sentence.
fn advice(kind: FileKind) -> String {
    kind.advice().map(|advice| format!(": {advice}")).unwrap_or_default()
}

/// What a file holds, as a sentence.
fn held(inside: &[RecordSummary]) -> String {
    if inside.is_empty() { "it holds none".to_owned() } else { format!("the file holds {}", listed(inside)) }
}
