//! Bytes to an ANSI/NIST-ITL file.

use super::super::error::{FormatError, Reader};
use super::super::mending::Mending;
use super::super::text::TextEncoding;
use super::field::{FS, Field, GS};
use super::file::{An2kFile, CONTENT, Record};
use super::fixed::FixedImage;
use super::note::Note;
use super::tagged::{DATA, LENGTH, TaggedRecord, is_tagged};
use crate::bytes::FileKind;
use crate::limits::Limits;

/// Most fields that are read from one record.
const MAX_FIELDS: usize = 4096;
/// Longest tag and length of a record's first field, bytes.
const MAX_START: usize = 32;

impl An2kFile {
    /// Reads a file; its Type-1 record must list all the others. [`An2kFile::notes`] has what was found on the way.
    ///
    /// # Errors
    /// [`FormatError`] with the offset of the fault; [`FormatError::Mendable`] for a file that
    /// [`An2kFile::decode_lenient`] reads. [`Limits::max_views`] limits the number of records.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, FormatError> {
        let reason = match Self::read(bytes, limits, false) {
            Ok(file) => return Ok(file),
            Err(error @ (FormatError::Empty | FormatError::Limit(_))) => return Err(error),
            Err(error) => error,
        };
        let Ok((file, text)) = Self::mend(bytes, limits) else { return Err(reason) };
        let mended = |note| if let Note::Mended(mending) = note { Some(mending) } else { None };
        let mendings = file.notes.into_iter().filter_map(mended).collect();
        let reason = text.map_or(reason, |encoding| FormatError::Text { encoding, inside: "ANSI/NIST-ITL" });
        Err(FormatError::Mendable { reason: Box::new(reason), mendings })
    }

    /// Reads a file and mends what breaks the standard but can be read in one way only: a list of records that does not
    /// match the records, padding of zeros after the last one, and Base64 or hexadecimal text. Each is a
    /// [`Note::Mended`] of [`An2kFile::notes`].
    ///
    /// # Errors
    /// As [`An2kFile::decode`], for what cannot be mended. A list that names more records than there are is never mended:
    /// the file may be cut.
    ///
    /// ```
    /// use selfsame::Limits;
    /// use selfsame::format::an2k::{An2kFile, Note, Transaction};
    /// let transaction =
    ///     Transaction { kind: "DEMO", date: "20261127", destination: "DAI000000", origin: "ORI000000", control: "1" };
    /// let mut bytes = An2kFile::new(&transaction).encode()?;
    /// bytes.extend([0; 9]);
    /// assert!(An2kFile::decode(&bytes, &Limits::default()).is_err());
    /// let file = An2kFile::decode_lenient(&bytes, &Limits::default())?;
    /// assert!(matches!(file.notes(), [Note::Mended(_)]));
    /// # Ok::<(), selfsame::format::FormatError>(())
    /// ```
    pub fn decode_lenient(bytes: &[u8], limits: &Limits) -> Result<Self, FormatError> {
        match Self::read(bytes, limits, false) {
            Err(error) => Self::mend(bytes, limits).map(|(file, _)| file).map_err(|_| error),
            read => read,
        }
    }

    /// Reads a file leniently, also from text.
    fn mend(bytes: &[u8], limits: &Limits) -> Result<(Self, Option<TextEncoding>), FormatError> {
        let mut result = Self::read(bytes, limits, true).map(|file| (file, None));
        for encoding in TextEncoding::ALL {
            if result.is_ok() {
                break;
            }
            let Some(inside) = encoding.decode(bytes) else { continue };
            if let Ok(mut file) = Self::read(&inside, limits, true) {
                file.notes.insert(0, Note::Mended(Mending::Text(encoding)));
                result = Ok((file, Some(encoding)));
            }
        }
        result
    }

    fn read(bytes: &[u8], limits: &Limits, lenient: bool) -> Result<Self, FormatError> {
        limits.check_bytes(bytes.len())?;
        if bytes.is_empty() {
            return Err(FormatError::Empty);
        }
        if !bytes.starts_with(b"1.") {
            let expected = "an ANSI/NIST-ITL file";
            return Err(match FileKind::of(bytes) {
                Some(kind) => FormatError::Kind { kind, expected },
                None => FormatError::Signature { expected, offset: 0 },
            });
        }
        let mut r = Reader::new(bytes);
        let first = tagged(bytes, &mut r, 1)?;
        let (declared, kinds) = content(&first)?;
        limits.check_views(kinds.len())?;
        let mut records = vec![Record::Tagged(first)];
        let mut notes = Vec::new();
        if lenient {
            let wrong = others(bytes, &mut r, &kinds, limits, &mut records)?;
            let used = records.len().saturating_sub(1);
            if wrong || declared != Some(used) {
                let declared = declared.unwrap_or(kinds.len());
                notes.push(Note::Mended(Mending::Counts { declared, used }));
            }
        } else {
            if declared != Some(kinds.len()) {
                let reason = "the list of records (1.003) gives a wrong number of records";
                return Err(FormatError::Header { offset: 0, reason });
            }
            for kind in kinds {
                records.push(listed(bytes, &mut r, kind)?);
            }
        }
        let (offset, trailing) = (r.offset(), r.rest());
        let zeros = lenient && (trailing.iter().all(|&b| b == 0) || trailing.iter().all(|&b| b == u8::MAX));
        if trailing.is_empty() {
        } else if trailing.iter().all(u8::is_ascii_whitespace) {
            notes.push(Note::Trailing { offset, bytes: trailing.len() });
        } else if zeros {
            notes.push(Note::Mended(Mending::Padding { offset, bytes: trailing.len() }));
        } else {
            let (declared, actual) = (size(r.offset()), size(bytes.len()));
            return Err(FormatError::Length {
                what: "the end of the last record",
                offset: r.offset(),
                declared,
                actual,
            });
        }
        let mut file = Self { records, trailing: trailing.to_vec(), notes };
        let found = file.look();
        file.notes.extend(found);
        Ok(file)
    }
}

/// A record of a type that the list names.
fn listed(bytes: &[u8], r: &mut Reader<'_>, kind: u8) -> Result<Record, FormatError> {
    Ok(match kind {
        FixedImage::KIND => Record::Fixed(FixedImage::read(binary(r)?)?),
        3..=8 => Record::Binary { kind, bytes: binary(r)?.to_vec() },
        _ => Record::Tagged(tagged(bytes, r, kind)?),
    })
}

/// Reads the records after the first up to the end, by their own tags and, where they have none, by the list; whether the
/// list was wrong. Every entry of the list must be accounted for.
fn others(
    bytes: &[u8],
    r: &mut Reader<'_>,
    kinds: &[u8],
    limits: &Limits,
    records: &mut Vec<Record>,
) -> Result<bool, FormatError> {
    let (mut list, mut wrong) = (kinds.iter().copied().peekable(), false);
    while r.left() > 0 && !r.rest().iter().all(|&b| b == 0 || b == u8::MAX || b.is_ascii_whitespace()) {
        limits.check_views(records.len())?;
        let own = tag(r.rest()).filter(|&(kind, number, ..)| number == LENGTH && kind > 1 && is_tagged(kind));
        let kind = match (own, list.peek().copied()) {
            (Some((own, ..)), next) => {
                wrong |= next != Some(own);
                // An entry that is another type's is taken for this record's, unless its own record may still come.
                if next == Some(own) || next.is_some_and(is_tagged) {
                    list.next();
                }
                own
            }
            (None, Some(next)) if !is_tagged(next) => {
                list.next();
                next
            }
            (None, _) => {
                let reason = "a record of the listed type must begin here with its length";
                return Err(FormatError::Header { offset: r.offset(), reason });
            }
        };
        records.push(listed(bytes, r, kind)?);
    }
    if list.next().is_some() {
        let reason = "the list of records (1.003) names more records than there are";
        return Err(FormatError::Header { offset: 0, reason });
    }
    Ok(wrong)
}

fn size(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// The number of records that a Type-1 record states, and the types that it lists.
fn content(first: &TaggedRecord) -> Result<(Option<usize>, Vec<u8>), FormatError> {
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
    Ok((count, kinds))
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
