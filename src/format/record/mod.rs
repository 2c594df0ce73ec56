//! Fingerprint template records of every format over one neutral model.
//!
//! [`detect`] tells the format, [`decode_record`] reads, [`encode_record`] writes and says what the format had no place for.
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

mod ansi2004;
mod ansi2009;
mod card;
mod cbor;
mod convert;
mod fields;
mod flow;
mod fmr;
mod iso2005;
mod iso2011;
mod loss;
mod model;
mod number;
mod piv;
mod sourceafis;
mod ssft;
mod writer;
mod xyt;

pub(super) use iso2011::read_capture;
pub use loss::{Losses, Lost};
pub(super) use model::PIXELS_PER_CM;
pub use model::{
    Capture, Core, Delta, Device, Extension, ExtensionLength, Record, RecordKind, RecordMinutia, SampleQuality, View,
    Wrapper,
};

use crate::format::FormatError;
use crate::format::reader::Reader;
use crate::limits::Limits;

/// The formats of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordFormat {
    /// ISO/IEC 19794-2:2005 finger minutiae record.
    Iso2005,
    /// ISO/IEC 19794-2:2011 finger minutiae record.
    Iso2011,
    /// ANSI/INCITS 378-2004.
    Ansi2004,
    /// ANSI/INCITS 378-2009.
    Ansi2009,
    /// ANSI/INCITS 378-2009 with its first amendment.
    Ansi2009Am1,
    /// ISO/IEC 19794-2 card format, 5 bytes a minutia.
    CardNormal,
    /// ISO/IEC 19794-2 compact card format, 3 bytes a minutia.
    CardCompact,
    /// NBIS text, NIST convention.
    XytNist,
    /// NBIS text, M1 convention.
    XytM1,
    /// SourceAFIS 3.x, CBOR.
    SourceAfis,
    /// CBEFF header of the PIV patron format around one of the others.
    Piv,
    /// This crate's compact template.
    Compact,
}

impl RecordFormat {
    /// All formats.
    pub const ALL: [Self; 12] = [
        Self::Iso2005,
        Self::Iso2011,
        Self::Ansi2004,
        Self::Ansi2009,
        Self::Ansi2009Am1,
        Self::CardNormal,
        Self::CardCompact,
        Self::XytNist,
        Self::XytM1,
        Self::SourceAfis,
        Self::Piv,
        Self::Compact,
    ];

    /// A short name without spaces, as the command line takes it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Iso2005 => "iso2005",
            Self::Iso2011 => "iso2011",
            Self::Ansi2004 => "ansi2004",
            Self::Ansi2009 => "ansi2009",
            Self::Ansi2009Am1 => "ansi2009am1",
            Self::CardNormal => "card",
            Self::CardCompact => "card-compact",
            Self::XytNist => "xyt",
            Self::XytM1 => "xyt-m1",
            Self::SourceAfis => "sourceafis",
            Self::Piv => "piv",
            Self::Compact => "ssft",
        }
    }

    /// The format of a short name.
    ///
    /// ```
    /// use selfsame::format::RecordFormat;
    /// assert!(RecordFormat::ALL.into_iter().all(|f| RecordFormat::from_id(f.id()) == Some(f)));
    /// ```
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.id() == id)
    }

    /// The name of its standard or maker.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Iso2005 => "ISO/IEC 19794-2:2005",
            Self::Iso2011 => "ISO/IEC 19794-2:2011",
            Self::Ansi2004 => "ANSI/INCITS 378-2004",
            Self::Ansi2009 => "ANSI/INCITS 378-2009",
            Self::Ansi2009Am1 => "ANSI/INCITS 378-2009/Am1",
            Self::CardNormal => "ISO/IEC 19794-2 card",
            Self::CardCompact => "ISO/IEC 19794-2 compact card",
            Self::XytNist => "NBIS xyt (NIST)",
            Self::XytM1 => "NBIS xyt (M1)",
            Self::SourceAfis => "SourceAFIS CBOR",
            Self::Piv => "CBEFF (PIV)",
            Self::Compact => "selfsame compact template",
        }
    }
}

/// Tells the format of a record; `None` when it is none of them. Formats for cards have nothing to be told by, and NBIS text is
/// taken as the NIST convention, which is its default.
///
/// ```
/// use selfsame::format::{RecordFormat, detect};
/// assert_eq!(detect(b"101 77 45 80\n"), Some(RecordFormat::XytNist));
/// assert_eq!(detect(b"hello"), None);
/// ```
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<RecordFormat> {
    if bytes.starts_with(iso2005::MAGIC) {
        return Some(first_edition(bytes));
    }
    if let Some(version) = bytes.strip_prefix(fmr::MAGIC) {
        return match version.get(..4)? {
            ansi2009::AMENDED => Some(RecordFormat::Ansi2009Am1),
            ansi2009::VERSION if chain(bytes).is_some() => Some(RecordFormat::Iso2011),
            ansi2009::VERSION => Some(RecordFormat::Ansi2009),
            _ => None,
        };
    }
    if bytes.starts_with(ssft::MAGIC) {
        return Some(RecordFormat::Compact);
    }
    if piv::is(bytes) {
        return Some(RecordFormat::Piv);
    }
    if sourceafis::detect(bytes) {
        return Some(RecordFormat::SourceAfis);
    }
    xyt::detect(bytes).then_some(RecordFormat::XytNist)
}

/// ISO of 2005 or ANSI of 2004, which begin alike: by the length field that is right, or else by its likely size.
fn first_edition(bytes: &[u8]) -> RecordFormat {
    let mut r = Reader::new(bytes);
    let field = |r: &mut Reader<'_>| r.u16("length").unwrap_or(0);
    let _ = r.take(iso2005::MAGIC.len(), "signature");
    let (first, second, third) = (field(&mut r), field(&mut r), field(&mut r));
    let is = |length: u32| usize::try_from(length).is_ok_and(|l| l == bytes.len());
    let long = |high: u16, low: u16| u32::from(high) << 16 | u32::from(low);
    if is(long(first, second)) {
        return RecordFormat::Iso2005;
    }
    let ansi = match first {
        0 if is(long(second, third)) => true,
        0 => second < 24,
        short => short >= ansi2004::HEADER,
    };
    if ansi { RecordFormat::Ansi2004 } else { RecordFormat::Iso2005 }
}

/// Whether representations of ISO/IEC 19794-2:2011 follow one another to the end.
fn chain(bytes: &[u8]) -> Option<()> {
    let mut r = Reader::new(bytes);
    r.take(iso2011::HEADER.checked_sub(3)?, "header").ok()?;
    let count = r.u16("count").ok()?;
    if r.u8("flag").ok()? > 1 {
        return None;
    }
    for _ in 0..count {
        let rest = r.u32("length").ok()?.checked_sub(4)?;
        r.take(usize::try_from(rest).ok()?, "representation").ok()?;
    }
    (r.left() == 0).then_some(())
}

/// Reads a record; `None` as format tells it by its bytes.
///
/// # Errors
/// [`FormatError`] when the bytes are empty, of no known format, damaged, or larger than `limits`.
///
/// ```
/// use selfsame::Limits;
/// use selfsame::format::{RecordFormat, decode_record};
/// let record = decode_record(b"101 77 45 80\n", None, &Limits::default())?;
/// assert_eq!(record.views[0].minutiae[0].x, 101.0);
/// // Bare minutiae of a card: x and y in 0.1 mm, kind and direction.
/// let record = decode_record(&[40, 90, 0x48], RecordFormat::CardCompact, &Limits::default())?;
/// assert_eq!(record.views[0].minutiae[0].direction.degrees(), 45.0);
/// # Ok::<(), selfsame::format::FormatError>(())
/// ```
pub fn decode_record(
    bytes: &[u8],
    format: impl Into<Option<RecordFormat>>,
    limits: &Limits,
) -> Result<Record, FormatError> {
    limits.check_bytes(bytes.len())?;
    match format.into().or_else(|| detect(bytes)) {
        // A card may hold no minutia at all; everything else has at least a header or a line.
        Some(format @ (RecordFormat::CardNormal | RecordFormat::CardCompact)) => decode_plain(bytes, format, limits),
        _ if bytes.is_empty() => Err(FormatError::Empty),
        Some(RecordFormat::Piv) => piv::decode(bytes, limits),
        Some(format) => decode_plain(bytes, format, limits),
        None => Err(FormatError::UnknownFormat),
    }
}

/// Reads a record that is not wrapped.
fn decode_plain(bytes: &[u8], format: RecordFormat, limits: &Limits) -> Result<Record, FormatError> {
    match format {
        RecordFormat::Iso2005 => iso2005::decode(bytes, limits),
        RecordFormat::Iso2011 => iso2011::decode(bytes, limits),
        RecordFormat::Ansi2004 => ansi2004::decode(bytes, limits),
        RecordFormat::Ansi2009 => ansi2009::decode(bytes, ansi2009::VERSION, limits),
        RecordFormat::Ansi2009Am1 => ansi2009::decode(bytes, ansi2009::AMENDED, limits),
        RecordFormat::CardNormal => card::decode_normal(bytes, limits),
        RecordFormat::CardCompact => card::decode_compact(bytes, limits),
        RecordFormat::XytNist => xyt::decode(bytes, false, limits),
        RecordFormat::XytM1 => xyt::decode(bytes, true, limits),
        RecordFormat::SourceAfis => sourceafis::decode(bytes, limits),
        RecordFormat::Compact => ssft::decode(bytes, limits),
        RecordFormat::Piv => Err(FormatError::Unsupported { what: "a wrapper in a wrapper", offset: 0 }),
    }
}

/// Writes a record, and says what the format has no place for.
///
/// ```
/// use selfsame::format::{Lost, Record, RecordFormat, View, encode_record};
/// let view = View { impression: 1, ..View::default() };
/// let record = Record { views: vec![view], ..Record::default() };
/// let (bytes, losses) = encode_record(&record, RecordFormat::CardCompact);
/// assert!(bytes.is_empty() && losses.count(Lost::Impressions) == 1);
/// ```
#[must_use]
pub fn encode_record(record: &Record, format: RecordFormat) -> (Vec<u8>, Losses) {
    let (record, losses) = loss::fit(record, format);
    let bytes = match format {
        RecordFormat::Piv => piv::encode(&record),
        format => encode_plain(&record, format),
    };
    (bytes, losses)
}

/// Writes a record that fits, without a wrapper.
fn encode_plain(record: &Record, format: RecordFormat) -> Vec<u8> {
    match format {
        RecordFormat::Iso2005 => iso2005::encode(record),
        RecordFormat::Iso2011 => iso2011::encode(record),
        RecordFormat::Ansi2004 | RecordFormat::Piv => ansi2004::encode(record),
        RecordFormat::Ansi2009 => ansi2009::encode(record, ansi2009::VERSION),
        RecordFormat::Ansi2009Am1 => ansi2009::encode(record, ansi2009::AMENDED),
        RecordFormat::CardNormal => card::encode_normal(record),
        RecordFormat::CardCompact => card::encode_compact(record),
        RecordFormat::XytNist => xyt::encode(record, false),
        RecordFormat::XytM1 => xyt::encode(record, true),
        RecordFormat::SourceAfis => sourceafis::encode(record),
        RecordFormat::Compact => ssft::encode(record),
    }
}
