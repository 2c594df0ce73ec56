//! The part of CBOR (RFC 8949) that templates need.

use super::number::{float, narrow};
use super::writer::Writer;
use crate::format::FormatError;
use crate::format::reader::Reader;

/// How deep values that are skipped may nest.
const DEEPEST: u8 = 8;
/// Additional information that means "until a break".
const INDEFINITE: u8 = 31;
const BREAK: u8 = 0xFF;

/// The first byte of a value: major type and the number that follows; `None` until a break.
pub(super) fn head(r: &mut Reader<'_>) -> Result<(u8, Option<u64>), FormatError> {
    let offset = r.offset();
    let byte = r.u8("CBOR value")?;
    let number = match byte & 0x1F {
        small @ 0..=23 => u64::from(small),
        24 => r.u8("CBOR number")?.into(),
        25 => r.u16("CBOR number")?.into(),
        26 => r.u32("CBOR number")?.into(),
        27 => u64::from(r.u32("CBOR number")?) << 32 | u64::from(r.u32("CBOR number")?),
        INDEFINITE => return Ok((byte >> 5, None)),
        _ => return Err(FormatError::Header { offset, reason: "no CBOR value begins so" }),
    };
    Ok((byte >> 5, Some(number)))
}

/// Whether a container of `left` values, or one until a break, goes on.
pub(super) fn more(r: &mut Reader<'_>, left: &mut Option<u64>) -> Result<bool, FormatError> {
    match left {
        Some(0) => Ok(false),
        Some(n) => {
            *n = n.saturating_sub(1);
            Ok(true)
        }
        None if r.peek() == Some(BREAK) => {
            r.u8("CBOR break")?;
            Ok(false)
        }
        None => Ok(true),
    }
}

/// The start of a map (5) or an array (4).
pub(super) fn container(r: &mut Reader<'_>, major: u8, reason: &'static str) -> Result<Option<u64>, FormatError> {
    let offset = r.offset();
    match head(r)? {
        (found, count) if found == major => Ok(count),
        _ => Err(FormatError::Header { offset, reason }),
    }
}

/// A text in one piece, as bytes.
pub(super) fn text<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], FormatError> {
    let offset = r.offset();
    match head(r)? {
        (3, Some(length)) => r.take(usize::try_from(length).unwrap_or(usize::MAX), "CBOR text"),
        _ => Err(FormatError::Header { offset, reason: "a text in one piece is needed" }),
    }
}

/// A number, whole or not.
pub(super) fn number(r: &mut Reader<'_>) -> Result<f32, FormatError> {
    let offset = r.offset();
    let wide = r.peek();
    let value = match (wide, head(r)?) {
        (_, (0, Some(n))) => float(n),
        (_, (1, Some(n))) => -1.0 - float(n),
        (Some(0xF9), (7, Some(bits))) => half::f16::from_bits(u16::try_from(bits).unwrap_or(0)).to_f64(),
        (Some(0xFA), (7, Some(bits))) => f32::from_bits(u32::try_from(bits).unwrap_or(0)).into(),
        (Some(0xFB), (7, Some(bits))) => f64::from_bits(bits),
        _ => return Err(FormatError::Header { offset, reason: "a number is needed" }),
    };
    let value = narrow(value);
    if value.is_finite() { Ok(value) } else { Err(FormatError::Header { offset, reason: "a number is not finite" }) }
}

/// Passes over a value of any kind.
pub(super) fn skip(r: &mut Reader<'_>, depth: u8) -> Result<(), FormatError> {
    let offset = r.offset();
    if depth >= DEEPEST {
        return Err(FormatError::Header { offset, reason: "CBOR nests too deeply" });
    }
    let next = depth.saturating_add(1);
    match head(r)? {
        (0 | 1 | 7, Some(_)) => Ok(()),
        (2 | 3, Some(length)) => r.take(usize::try_from(length).unwrap_or(usize::MAX), "CBOR string").map(|_| ()),
        (6, Some(_)) => skip(r, next),
        (2..=4, mut left) => {
            while more(r, &mut left)? {
                skip(r, next)?;
            }
            Ok(())
        }
        (5, mut left) => {
            while more(r, &mut left)? {
                skip(r, next)?;
                skip(r, next)?;
            }
            Ok(())
        }
        _ => Err(FormatError::Header { offset, reason: "no CBOR value begins so" }),
    }
}

/// Writes a first byte with its number, as short as it gets.
pub(super) fn write_head(out: &mut Writer, major: u8, number: u32) {
    let major = major << 5;
    match (u8::try_from(number), u16::try_from(number)) {
        (Ok(small @ 0..=23), _) => out.u8(major | small),
        (Ok(byte), _) => out.bytes(&[major | 24, byte]),
        (_, Ok(two)) => {
            out.u8(major | 25);
            out.u16(two);
        }
        _ => {
            out.u8(major | 26);
            out.u32(number);
        }
    }
}
