//! Bytes to an ANSI/NIST-ITL file.

use super::super::error::{FormatError, Reader};
use super::field::{FS, Field, GS};
use super::file::{An2kFile, CONTENT, Record};
use super::fixed::FixedImage;
use super::tagged::{DATA, LENGTH, TaggedRecord, is_tagged};
use crate::limits::Limits;

/// Most fields that are read from one record.
const MAX_FIELDS: usize = 4096;
/// Longest tag and length of a record's first field, bytes.
const MAX_START: usize = 32;

impl An2kFile {
    /// Reads a file; its Type-1 record must list all the others.
    ///
    /// # Errors
    /// [`FormatError`] with the offset of the fault. [`Limits::max_views`] limits the number of records.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, FormatError> {
        limits.check_bytes(bytes.len())?;
        if bytes.is_empty() {
            return Err(FormatError::Empty);
        }
        if !bytes.starts_with(b"1.") {
            return Err(FormatError::Signature { expected: "an ANSI/NIST-ITL file", offset: 0 });
        }
        let mut r = Reader::new(bytes);
        let first = tagged(bytes, &mut r, 1)?;
        let kinds = content(&first)?;
        limits.check_views(kinds.len())?;
        let mut records = vec![Record::Tagged(first)];
        for kind in kinds {
            records.push(match kind {
                FixedImage::KIND => Record::Fixed(FixedImage::read(binary(&mut r)?)?),
                3..=8 => Record::Binary { kind, bytes: binary(&mut r)?.to_vec() },
                _ => Record::Tagged(tagged(bytes, &mut r, kind)?),
            });
        }
        if r.left() > 0 {
            let (declared, actual) = (size(r.offset()), size(bytes.len()));
            return Err(FormatError::Length {
                what: "the end of the last record",
                offset: r.offset(),
                declared,
                actual,
            });
        }
        Ok(Self { records })
    }
}

fn size(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// Types of the records that a Type-1 record lists.
fn content(first: &TaggedRecord) -> Result<Vec<u8>, FormatError> {
    let header = |reason| FormatError::Header { offset: 0, reason };
    let field = first.field(CONTENT).ok_or(header("there is no list of records (1.003)"))?;
    let number = |item: Option<&[u8]>| -> Option<usize> { std::str::from_utf8(item?).ok()?.trim().parse().ok() };
    let mut subfields = field.subfields();
    let mut start = subfields.next().ok_or(header("the list of records (1.003) is empty"))?;
    let (kind, count) = (number(start.next()), number(start.next()));
    if kind != Some(1) {
        return Err(header("the list of records (1.003) does not begin with type 1"));
    }
    let mut kinds = Vec::new();
    for mut subfield in subfields {
        let kind = number(subfield.next()).and_then(|n| u8::try_from(n).ok());
        let kind = kind.filter(|&k| k > 1 && (is_tagged(k) || (3..=8).contains(&k)));
        kinds.push(kind.ok_or(header("the list of records (1.003) names an invalid type"))?);
    }
    if count != Some(kinds.len()) {
        return Err(header("the list of records (1.003) gives a wrong number of records"));
    }
    Ok(kinds)
}

/// A binary record after its length.
fn binary<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], FormatError> {
    let (what, offset) = ("length of a binary record", r.offset());
    let length = r.u32(what)?;
    let wrong = FormatError::Value { what, offset, value: length.into(), expected: "at least 4 is needed" };
    let rest = usize::try_from(length).ok().and_then(|n| n.checked_sub(4)).ok_or(wrong)?;
    r.take(rest, "binary record")
}

/// A record of fields whose type is already known.
fn tagged(bytes: &[u8], r: &mut Reader<'_>, kind: u8) -> Result<TaggedRecord, FormatError> {
    let start = r.offset();
    let header = |offset: usize, reason| FormatError::Header { offset, reason };
    let rest = bytes.get(start..).unwrap_or_default();
    let beginning = rest.get(..MAX_START.min(rest.len())).unwrap_or_default();
    let first = beginning.split(|&b| b == GS || b == FS).next().unwrap_or_default();
    let (found, number, _, value) = tag(first).ok_or(header(start, "a record does not begin with a field number"))?;
    if found != kind || number != LENGTH {
        return Err(header(start, "a record of the listed type must begin here with its length"));
    }
    let length = std::str::from_utf8(value).ok().and_then(|v| v.trim().parse::<usize>().ok());
    let length = length.ok_or(header(start, "the length of a record is not a number"))?;
    let record = r.take(length, "record")?;
    let Some((&FS, mut body)) = record.split_last() else {
        return Err(header(start, "a record does not end with its separator (FS)"));
    };
    let mut fields = Vec::new();
    loop {
        let offset = start.saturating_add(length).saturating_sub(1).saturating_sub(body.len());
        let (found, number, digits, after) = tag(body).ok_or(header(offset, "a field does not begin with a number"))?;
        if found != kind {
            return Err(header(offset, "a field belongs to another type of record"));
        }
        if fields.len() == MAX_FIELDS {
            return Err(header(offset, "a record has more than 4096 fields"));
        }
        // An image may hold separators: it extends to the end of its record.
        let end = if number == DATA { None } else { after.iter().position(|&b| b == GS) };
        let (value, next) = match end.and_then(|end| after.split_at_checked(end)) {
            Some((value, rest)) => (value, rest.split_first().map(|(_, rest)| rest)),
            None => (after, None),
        };
        if number != DATA && value.contains(&FS) {
            return Err(header(offset, "a field holds a separator of records"));
        }
        fields.push(Field { number, digits, value: value.to_vec() });
        match next {
            Some(rest) => body = rest,
            None => return Ok(TaggedRecord { kind, fields }),
        }
    }
}

/// The tag at the beginning of a field: type, number, digits of the number, and what follows.
fn tag(bytes: &[u8]) -> Option<(u8, u16, usize, &[u8])> {
    let colon = bytes.iter().take(8).position(|&b| b == b':')?;
    let (tag, after) = bytes.split_at_checked(colon)?;
    let (kind, number) = std::str::from_utf8(tag).ok()?.split_once('.')?;
    // No sign and no leading zero in the type, so that writing gives the same bytes.
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !plain(kind) || !plain(number) || kind.starts_with('0') {
        return None;
    }
    let (digits, number) = (number.len(), number.parse().ok()?);
    Some((kind.parse().ok()?, number, digits, after.get(1..)?))
}
