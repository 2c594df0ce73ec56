//! Interchange formats: template records and arrays, over one bounded reader.
//!
//! | format | module | direction |
//! |---|---|---|
//! | ISO/IEC 19794-2:2005 finger minutiae record | [`iso19794_2`] | both |
//! | CSV `x,y,angle_degrees,type,quality` | [`csv`] | both |
//! | CSV `width,height` then `x,y,radians,type,quality` | [`csv`] | read |
//! | NumPy `.npy` | [`npy`] | both |
//! | rows of plain floats | [`raw`] | both |
//! | ISO/IEC 19794-4:2005 and 2011 and ANSI/INCITS 381-2004 finger image records | [`finger_image`] | both |
//! | ANSI/NIST-ITL files | [`an2k`] | both |
//! | records of all editions, cards, NBIS, SourceAFIS, PIV, this crate's own | [`decode_record`], [`encode_record`] | both |
//!
//! Every decoder takes [`Limits`] and answers hostile bytes with a [`FormatError`] that says where they are wrong.

pub mod an2k;
pub mod csv;
pub mod finger_image;
pub mod iso19794_2;
pub mod npy;
mod payload;
pub mod raw;
mod reader;
mod record;

use thiserror::Error;

use crate::fingerprint::template::{FingerTemplate, TemplateError};
use crate::image::{ImageError, Ppi};
use crate::limits::{LimitError, Limits};

pub use record::{
    Capture, Core, Delta, Device, Extension, ExtensionLength, Losses, Lost, Record, RecordFormat, RecordKind,
    RecordMinutia, SampleQuality, View, Wrapper, decode_record, detect, encode_record,
};

/// Resolution of every coordinate inside this crate, pixels per inch.
const TARGET_PPI: f32 = 500.0;
/// Relative difference of resolution below which coordinates are left alone: 197 pixels per cm is 500.38 ppi.
const TOLERANCE: f32 = 0.005;

/// The encodings of a fingerprint template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TemplateFormat {
    /// ISO/IEC 19794-2:2005 finger minutiae record (`FMR`, version ` 20`).
    Iso19794_2,
    /// This crate's CSV: a header line `x,y,angle_degrees,type,quality`, then one minutia a line, pixels at 500 ppi.
    Csv,
    /// CSV of a minutiae network: a line `width,height`, then `x,y,direction in radians,type,quality 0..1` in pixels of
    /// the image at a resolution that the caller must know.
    CsvPixels,
}

impl TemplateFormat {
    /// Tells the format from the first bytes; `None` when it is none of them.
    ///
    /// ```
    /// use selfsame::format::TemplateFormat;
    /// assert_eq!(TemplateFormat::detect(b"x,y,angle_degrees,type,quality\n"), Some(TemplateFormat::Csv));
    /// assert_eq!(TemplateFormat::detect(b"388,374\n"), Some(TemplateFormat::CsvPixels));
    /// assert_eq!(TemplateFormat::detect(b"hello"), None);
    /// ```
    #[must_use]
    pub fn detect(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(iso19794_2::MAGIC) {
            // A record of no known edition is taken for the oldest, whose decoder says what is wrong with it.
            return matches!(detect(bytes), Some(RecordFormat::Iso2005) | None).then_some(Self::Iso19794_2);
        }
        csv::detect(bytes)
    }

    /// Whether coordinates are pixels of the image, so that the caller must give its resolution.
    #[must_use]
    pub fn needs_ppi(self) -> bool {
        matches!(self, Self::CsvPixels)
    }

    /// The format's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Iso19794_2 => "ISO/IEC 19794-2:2005",
            Self::Csv => "CSV",
            Self::CsvPixels => "pixel CSV",
        }
    }
}

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
    #[error("not a template: none of the formats that are told by their bytes")]
    UnknownFormat,
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
    /// This format is read, not written.
    #[error("{0} is read only")]
    ReadOnly(&'static str),
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

/// Decodes all views of a template; `None` as format tells it by the bytes, and reads every format that [`detect`] knows too.
///
/// Coordinates come out in pixels at 500 ppi. `ppi` is the resolution of the image that a [`TemplateFormat::CsvPixels`]
/// belongs to; the other formats say their own and ignore it.
///
/// # Errors
/// [`FormatError`] when the bytes are empty, of no known format, damaged, or larger than `limits`.
///
/// ```
/// use selfsame::Limits;
/// use selfsame::format::decode_templates;
/// let csv = "x,y,angle_degrees,type,quality\n101.5,77,45,E,80\n";
/// let templates = decode_templates(csv.as_bytes(), None, None, &Limits::default())?;
/// assert_eq!(templates[0].minutiae().len(), 1);
/// # Ok::<(), selfsame::format::FormatError>(())
/// ```
pub fn decode_templates(
    bytes: &[u8],
    format: impl Into<Option<TemplateFormat>>,
    ppi: Option<Ppi>,
    limits: &Limits,
) -> Result<Vec<FingerTemplate>, FormatError> {
    if bytes.is_empty() {
        return Err(FormatError::Empty);
    }
    limits.check_bytes(bytes.len())?;
    let format = match format.into().or_else(|| TemplateFormat::detect(bytes)) {
        Some(format) => format,
        None => return decode_record(bytes, None, limits)?.to_templates(),
    };
    match format {
        TemplateFormat::Iso19794_2 => iso19794_2::FingerMinutiaeRecord::decode(bytes, limits)?.to_templates(),
        TemplateFormat::Csv => Ok(vec![csv::decode(bytes, limits)?]),
        TemplateFormat::CsvPixels => Ok(vec![csv::decode_pixels(bytes, ppi.ok_or(FormatError::PpiMissing)?, limits)?]),
    }
}

/// Encodes templates as one record.
///
/// ISO/IEC 19794-2 rounds positions to pixels at 197 per cm and directions to 360/256 degrees, and holds up to 16 views of
/// 255 minutiae; CSV holds one view at full precision. Ridge flow is not written.
///
/// # Errors
/// [`FormatError::Capacity`] when the format cannot hold them, [`FormatError::ReadOnly`] for formats that are only read.
pub fn encode_templates(templates: &[FingerTemplate], format: TemplateFormat) -> Result<Vec<u8>, FormatError> {
    match format {
        TemplateFormat::Iso19794_2 => iso19794_2::FingerMinutiaeRecord::from_templates(templates)?.encode(),
        TemplateFormat::Csv => csv::encode(templates),
        TemplateFormat::CsvPixels => Err(FormatError::ReadOnly(format.name())),
    }
}

/// Factor from pixels at `ppi` to pixels at 500 ppi; 1 within the tolerance, as for images.
fn scale_to_500(ppi: f32) -> f32 {
    if (ppi / TARGET_PPI - 1.0).abs() <= TOLERANCE { 1.0 } else { TARGET_PPI / ppi }
}

/// A pixel's center coordinate rescaled; the image's edge at -0.5 stays in place, and so never leaves the image.
fn rescale(coordinate: f32, scale: f32) -> f32 {
    ((coordinate + 0.5) * scale - 0.5).max(0.0)
}

/// An image side rescaled.
fn rescale_side(side: f32, scale: f32) -> u32 {
    (side * scale).round() as u32
}
