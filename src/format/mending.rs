//! What a lenient reading took for granted.

use std::fmt;

use super::text::TextEncoding;

/// One thing that a lenient reading of a record mended: the record breaks its standard there, and only one reading makes sense.
///
/// ```
/// use selfsame::Limits;
/// use selfsame::format::{DecodeOptions, Mending, Record, TemplateFormat, decode, encode};
/// use selfsame::geometry::Angle;
/// use selfsame::{FingerTemplate, Minutia, MinutiaKind};
/// let minutia = Minutia { x: 100.0, y: 70.0, direction: Angle::from_degrees(45.0), kind: MinutiaKind::Ending, quality: 80 };
/// let record = Record::from_templates(&[FingerTemplate::new(388, 374, vec![minutia])?]);
/// let (mut bytes, _) = encode(&record, TemplateFormat::Iso2005);
/// bytes.resize(384, 0);
/// let lenient = DecodeOptions { lenient: true, ..DecodeOptions::default() };
/// let read = decode(&bytes, &lenient, &Limits::default())?;
/// assert_eq!(read.mendings, [Mending::Padding { offset: 36, bytes: 348 }]);
/// assert_eq!(read.mendings[0].to_string(), "348 bytes of padding after the record at offset 36 were left out");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mending {
    /// The record was text and was decoded first.
    Text(TextEncoding),
    /// Bytes of one value, 0 or 255, or white space followed the record, as in a field of fixed size.
    Padding {
        /// Where they begin.
        offset: usize,
        /// Their number.
        bytes: usize,
    },
    /// A stated length was wrong, and all else was consistent.
    Length {
        /// The length.
        what: &'static str,
        /// Offset of the field.
        offset: usize,
        /// The length that it states, bytes.
        declared: u64,
        /// The length that was used, bytes.
        used: u64,
    },
    /// The length of an extension or of the area of extensions was off by a few bytes.
    ExtensionLength {
        /// Offset of the field.
        offset: usize,
        /// The length that it states, bytes.
        declared: u16,
        /// The length that was used, bytes.
        used: u16,
    },
    /// The header is that of a draft.
    Draft {
        /// Name of the edition that the record was read as.
        edition: &'static str,
    },
    /// The list of records in an ANSI/NIST-ITL file (1.003) does not match its records, all of which were read.
    Counts {
        /// Number of records that the list states after the first.
        declared: usize,
        /// Number that was read.
        used: usize,
    },
    /// Minutiae lie outside the declared image and were kept.
    Outside {
        /// Their number.
        minutiae: usize,
    },
}

impl fmt::Display for Mending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(encoding) => write!(f, "{encoding} text was decoded"),
            Self::Padding { offset, bytes } => {
                write!(f, "{bytes} bytes of padding after the record at offset {offset} were left out")
            }
            Self::Length { what, offset, declared, used } => {
                write!(f, "{what} at offset {offset} says {declared} bytes, {used} were taken")
            }
            Self::ExtensionLength { offset, declared, used } => {
                write!(f, "the extension length at offset {offset} says {declared} bytes, {used} were taken")
            }
            Self::Draft { edition } => write!(f, "the header of a draft was read as {edition}"),
            Self::Counts { declared, used } => {
                write!(f, "the list of records (1.003) states {declared} and does not match the {used} that follow")
            }
            Self::Outside { minutiae } => {
                write!(f, "{minutiae} minutiae outside the declared image were kept")
            }
        }
    }
}

/// A list of mendings as a part of a sentence.
pub(super) fn listed<T: fmt::Display>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Whether bytes after a record hold nothing: all of them 0, or 255, or white space.
pub(super) fn is_padding(bytes: &[u8]) -> bool {
    let all = |value: u8| bytes.iter().all(|&b| b == value);
    all(0) || all(u8::MAX) || bytes.iter().all(u8::is_ascii_whitespace)
}
