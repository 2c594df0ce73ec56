//! The CBEFF header of the PIV patron format (NIST SP 800-76), 88 bytes, around a record and a signature.

use super::fields::{Rules, end, signature};
use super::model::{Record, Wrapper};
use super::number::length;
use super::template_format::TemplateFormat;
use crate::bytes::Writer;
use crate::format::error::{FormatError, Reader};
use crate::format::mending::is_padding;

/// Version of the header.
const VERSION: &[u8] = &[3];
/// Header, bytes.
const HEADER: usize = 88;
/// INCITS M1 and its number for minutiae records, the PIV kind.
const INCITS: u16 = 0x001B;
const INCITS_MINUTIAE: u16 = 0x0201;
/// ISO/IEC JTC 1/SC 37 and its number for minutiae records.
const SC37: u16 = 0x0101;
const SC37_MINUTIAE: u16 = 0x0002;
/// Biometric type of a fingerprint; kind of data: processed.
const FINGERPRINT: [u8; 3] = [0, 0, 8];
const PROCESSED: u8 = 0x80;
/// Security options: no signature.
const PLAIN: u8 = 0;

/// The lengths of the record and the signature, if they fill the input exactly.
fn lengths(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut r = Reader::new(bytes);
    let version = r.u8("version").ok()?;
    r.u8("security options").ok()?;
    let record = usize::try_from(r.u32("record length").ok()?).ok()?;
    let signature = usize::from(r.u16("signature length").ok()?);
    let total = HEADER.checked_add(record)?.checked_add(signature)?;
    (VERSION == [version] && total == bytes.len()).then_some((record, signature))
}

pub(super) fn is(bytes: &[u8]) -> bool {
    lengths(bytes).is_some()
}

/// The bytes of a header, record and signature that are followed by padding; `None` when they are not.
pub(super) fn padded(bytes: &[u8]) -> Option<&[u8]> {
    let mut r = Reader::new(bytes);
    let version = r.u8("version").ok()?;
    r.u8("security options").ok()?;
    let record = usize::try_from(r.u32("record length").ok()?).ok()?;
    let signature = usize::from(r.u16("signature length").ok()?);
    let (whole, rest) = bytes.split_at_checked(HEADER.checked_add(record)?.checked_add(signature)?)?;
    (VERSION == [version] && !rest.is_empty() && is_padding(rest)).then_some(whole)
}

/// The header and the record inside, whose format `inner` detects.
pub(super) fn decode<'a>(
    bytes: &'a [u8],
    rules: Rules<'_>,
    inner: impl FnOnce(&[u8]) -> Result<TemplateFormat, FormatError>,
) -> Result<(Wrapper, &'a [u8]), FormatError> {
    let mut r = Reader::new(bytes);
    signature(&mut r, VERSION, "a PIV header")?;
    let security = r.u8("security options")?;
    let length = usize::try_from(r.u32("record length")?).unwrap_or(usize::MAX);
    let signed = usize::from(r.u16("signature length")?);
    let (owner, format) = (r.u16("format owner")?, r.u16("format type")?);
    let dates = r.array("dates")?;
    let biometric = r.array("biometric type")?;
    let (data_type, quality) = (r.u8("data type")?, r.u8("quality")?);
    let (creator, fascn) = (r.array("creator")?, r.array("card number")?);
    let reserved = r.array("reserved bytes")?;
    let record = r.take(length, "record")?;
    let signature = r.take(signed, "signature")?.to_vec();
    end(&r, rules)?;
    let inner = inner(record)?;
    let wrapper = Wrapper {
        inner,
        security,
        owner,
        format,
        dates,
        biometric,
        data_type,
        quality,
        creator,
        fascn,
        reserved,
        signature,
    };
    Ok((wrapper, record))
}

/// The format that goes inside.
pub(super) fn inner(record: &Record) -> TemplateFormat {
    match record.wrapper.as_ref().map(|w| w.inner) {
        None | Some(TemplateFormat::Piv | TemplateFormat::CardNormal | TemplateFormat::CardCompact) => {
            TemplateFormat::Ansi2004
        }
        Some(inner) => inner,
    }
}

/// A new header for a record that has none.
fn fresh(record: &Record) -> Wrapper {
    let inner = inner(record);
    let iso = matches!(inner, TemplateFormat::Iso2005 | TemplateFormat::Iso2011);
    let (owner, format) = if iso { (SC37, SC37_MINUTIAE) } else { (INCITS, INCITS_MINUTIAE) };
    Wrapper {
        inner,
        security: PLAIN,
        owner,
        format,
        dates: [0; 24],
        biometric: FINGERPRINT,
        data_type: PROCESSED,
        quality: record.views.first().map_or(0, super::fields::first_quality),
        creator: [0; 18],
        fascn: [0; 25],
        reserved: [0; 4],
        signature: Vec::new(),
    }
}

/// Puts the header of a record around its bytes.
pub(super) fn encode(record: &Record, inside: &[u8]) -> Vec<u8> {
    let made;
    let wrapper = match record.wrapper.as_deref() {
        Some(wrapper) => wrapper,
        None => {
            made = fresh(record);
            &made
        }
    };
    let signature = wrapper.signature.get(..wrapper.signature.len().min(usize::from(u16::MAX))).unwrap_or_default();
    let mut out = Writer::with_capacity(HEADER.saturating_add(inside.len()).saturating_add(signature.len()));
    out.bytes(VERSION);
    out.u8(wrapper.security);
    out.u32(length(inside.len()));
    out.u16(u16::try_from(signature.len()).unwrap_or(0));
    out.u16(wrapper.owner);
    out.u16(wrapper.format);
    out.bytes(&wrapper.dates);
    out.bytes(&wrapper.biometric);
    out.bytes(&[wrapper.data_type, wrapper.quality]);
    out.bytes(&wrapper.creator);
    out.bytes(&wrapper.fascn);
    out.bytes(&wrapper.reserved);
    out.bytes(inside);
    out.bytes(signature);
    out.finish()
}
