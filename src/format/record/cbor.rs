//! The part of CBOR (RFC 8949) that templates need.

use super::number::{float, narrow};
use crate::bytes::Writer;
use crate::format::error::{FormatError, Reader};

/// Deepest nesting of skipped values.
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
        _ => return Err(FormatError::Header { offset, reason: "no CBOR value begins with this byte" }),
    };
    Ok((byte >> 5, Some(number)))
}

/// Whether a container with `left` values, or one that ends with a break, has another value.
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

/// A text of definite length, as bytes.
pub(super) fn text<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], FormatError> {
    let offset = r.offset();
    match head(r)? {
        (3, Some(length)) => r.take(usize::try_from(length).unwrap_or(usize::MAX), "CBOR text"),
        _ => Err(FormatError::Header { offset, reason: "a text of definite length is needed" }),
    }
}

/// A number: an integer or a float.
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

/// Skips a value of any kind.
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
        _ => Err(FormatError::Header { offset, reason: "no CBOR value begins with this byte" }),
    }
}

/// Writes a first byte with its number, in the shortest form.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
    }

    /// Numbers of RFC 8949, appendix A.
    #[test]
    fn numbers_of_the_standard_are_read() {
        for (hex, value) in [
            ("00", 0.0),
            ("17", 23.0),
            ("1818", 24.0),
            ("1864", 100.0),
            ("1903e8", 1000.0),
            ("1a000f4240", 1e6),
            ("1b000000e8d4a51000", 1e12),
            ("1bffffffffffffffff", 18_446_744_073_709_551_615.0),
            ("20", -1.0),
            ("29", -10.0),
            ("3863", -100.0),
            ("3903e7", -1000.0),
            ("f90000", 0.0),
            ("f93c00", 1.0),
            ("f93e00", 1.5),
            ("f97bff", 65504.0),
            ("f9c400", -4.0),
            ("fa47c35000", 100_000.0),
            ("fb3ff199999999999a", 1.1),
            ("fbc010666666666666", -4.1),
        ] {
            let bytes = bytes(hex);
            let mut r = Reader::new(&bytes);
            assert_eq!((number(&mut r).unwrap(), r.left()), (value, 0), "{hex}");
        }
        for hex in
            ["f97c00", "fa7f800000", "fb7ff0000000000000", "f97e00", "f4", "f6", "60", "40", "80", "1c", "1f", "ff"]
        {
            assert!(number(&mut Reader::new(&bytes(hex))).is_err(), "{hex}");
        }
    }

    #[test]
    fn heads_are_as_short_as_they_get_and_read_again() {
        for (value, hex) in [
            (0u32, "80"),
            (23, "97"),
            (24, "9818"),
            (255, "98ff"),
            (256, "990100"),
            (65_535, "99ffff"),
            (65_536, "9a00010000"),
            (u32::MAX, "9affffffff"),
        ] {
            let mut out = Writer::default();
            write_head(&mut out, 4, value);
            let out = out.finish();
            assert_eq!(out, bytes(hex));
            assert_eq!(head(&mut Reader::new(&out)).unwrap(), (4, Some(value.into())));
        }
    }

    #[test]
    fn containers_and_texts_are_of_their_kind() {
        let (map, array) = (bytes("a1"), bytes("9f"));
        assert_eq!(container(&mut Reader::new(&map), 5, "a map").unwrap(), Some(1));
        assert_eq!(container(&mut Reader::new(&array), 4, "an array").unwrap(), None);
        let wrong = container(&mut Reader::new(&map), 4, "an array").unwrap_err();
        assert_eq!(wrong, FormatError::Header { offset: 0, reason: "an array" });
        assert_eq!(text(&mut Reader::new(&bytes("6449455446"))).unwrap(), b"IETF");
        for hex in ["4449455446", "7f6161ff", "6549455446"] {
            assert!(text(&mut Reader::new(&bytes(hex))).is_err(), "{hex}");
        }
    }

    #[test]
    fn values_of_any_kind_are_passed_over() {
        for hex in [
            "00",
            "3903e7",
            "fb3ff199999999999a",
            "f6",
            "6449455446",
            "4401020304",
            "c074323031332d30332d32315432303a30343a30305a", // a tagged date
            "d818456449455446",
            "8301820203820405",
            "a26161016162820203",
            "9f018202039f0405ffff",
            "bf61610161629f0203ffff",
            "7f657374726561646d696e67ff",
            "5f42010243030405ff",
        ] {
            let bytes = bytes(&format!("{hex}05"));
            let mut r = Reader::new(&bytes);
            skip(&mut r, 0).unwrap_or_else(|e| panic!("{hex}: {e}"));
            assert_eq!((r.u8("what follows").unwrap(), r.left()), (5, 0), "{hex}");
        }
        // Truncated, without an end, of an undefined kind, or nested eight deep.
        for hex in ["830102", "a2616101", "9f01", "65494554", "c0", "1c", "ff", "dfff", "a101", &"81".repeat(8)] {
            assert!(skip(&mut Reader::new(&bytes(hex)), 0).is_err(), "{hex}");
        }
        let seven = format!("{}05", "81".repeat(7));
        assert!(skip(&mut Reader::new(&bytes(&seven)), 0).is_ok());
        let eight = format!("{}05", "81".repeat(8));
        assert!(skip(&mut Reader::new(&bytes(&eight)), 0).is_err_and(|e| e.to_string().contains("too deeply")));
        let tags = format!("{}05", "c1".repeat(8));
        assert!(skip(&mut Reader::new(&bytes(&tags)), 0).is_err());
    }
}
