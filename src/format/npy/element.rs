//! Elements of an array, and what they become.

use half::f16;

use super::super::error::FormatError;

/// Most texts that are read: each takes far more memory than its bytes.
const MAX_TEXTS: usize = 1 << 22;

/// The numbers of an array, row-major. `Debug` shows only their count.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum NpyData {
    /// 32-bit floats; 16- and 64-bit ones are converted.
    Float(Vec<f32>),
    /// 64-bit integers; narrower and unsigned ones are converted.
    Int(Vec<i64>),
    /// Text, such as labels.
    Text(Vec<String>),
}

/// The nearest 32-bit float.
#[allow(clippy::as_conversions, reason = "rounding to the nearest single is what is wanted")]
fn narrow(value: f64) -> f32 {
    value as f32
}

/// What the elements are.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Float,
    Signed,
    Unsigned,
    /// Text of 4 bytes a character.
    Unicode,
    /// Text of a byte a character.
    Bytes,
}

#[derive(Clone, Copy)]
pub(super) struct Element {
    pub(super) kind: Kind,
    /// Bytes of an element.
    pub(super) size: usize,
    /// Most significant byte first.
    big: bool,
}

impl Element {
    /// The element type of a `descr`; the error names the type.
    pub(super) fn parse(descr: &str) -> Result<Self, &'static str> {
        if descr.starts_with(['[', '{']) {
            return Err("the elements are records of named fields: save one field");
        }
        let other = "the element type is none of f2, f4, f8, i1 to i8, u1 to u8, b1, U and S";
        let quote = descr.chars().next().filter(|c| *c == '\'' || *c == '"').ok_or(other)?;
        let name = descr.get(1..).and_then(|rest| rest.split(quote).next()).ok_or(other)?;
        let (order, code) = match name.chars().next() {
            Some(order @ ('<' | '>' | '|' | '=')) => (order, name.get(1..).ok_or(other)?),
            _ => ('|', name),
        };
        let (letter, digits) = code.split_at_checked(1).ok_or(other)?;
        let count = digits.parse::<usize>().ok();
        let kind = match (letter, count) {
            ("f", Some(2 | 4 | 8)) => Kind::Float,
            ("f", _) => return Err("the elements are floats of more than 64 bits: save them as float32"),
            ("i", Some(1 | 2 | 4 | 8)) => Kind::Signed,
            ("u", Some(1 | 2 | 4 | 8)) | ("b", Some(1)) => Kind::Unsigned,
            ("U" | "S" | "a", Some(0)) => return Err("the elements are text of no length"),
            ("U", Some(_)) => Kind::Unicode,
            ("S" | "a", Some(_)) => Kind::Bytes,
            ("O", _) => {
                return Err(
                    "the elements are Python objects, which are never read: save numbers as float32, labels as text",
                );
            }
            ("c", _) => return Err("the elements are complex numbers"),
            ("M" | "m", _) => return Err("the elements are dates or times"),
            ("V", _) => return Err("the elements are records or plain bytes"),
            _ => return Err(other),
        };
        let count = count.ok_or(other)?;
        let size = if kind == Kind::Unicode { count.checked_mul(4).ok_or(other)? } else { count };
        let one = size == 1 || kind == Kind::Bytes;
        // An order without a direction would be that of the machine that wrote the file.
        match order {
            '<' => Ok(Self { kind, size, big: false }),
            '>' => Ok(Self { kind, size, big: true }),
            '|' if one => Ok(Self { kind, size, big: false }),
            _ => Err("the element type states no byte order"),
        }
    }

    /// The bytes of an element as a number, least significant first.
    fn number(self, bytes: &[u8]) -> u64 {
        let shift = |sum: u64, b: &u8| sum << 8 | u64::from(*b);
        if self.big { bytes.iter().fold(0, shift) } else { bytes.iter().rev().fold(0, shift) }
    }

    /// An element as a float.
    pub(super) fn float(self, bytes: &[u8]) -> f32 {
        match (bytes, self.big) {
            (&[a, b], true) | (&[b, a], false) => f16::from_be_bytes([a, b]).to_f32(),
            (&[a, b, c, d], true) | (&[d, c, b, a], false) => f32::from_be_bytes([a, b, c, d]),
            _ => narrow(f64::from_bits(self.number(bytes))),
        }
    }

    /// An element as an integer; `None` when it is too large.
    fn integer(self, bytes: &[u8]) -> Option<i64> {
        let number = self.number(bytes);
        if self.kind == Kind::Unsigned {
            return i64::try_from(number).ok();
        }
        let unused = 64u32.checked_sub(u32::try_from(self.size).ok()?.checked_mul(8)?)?;
        Some(number.wrapping_shl(unused).cast_signed().wrapping_shr(unused))
    }

    /// An element as text, without the zeros after it.
    fn text(self, bytes: &[u8]) -> Option<String> {
        if self.kind == Kind::Bytes {
            let end = bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last.saturating_add(1));
            return std::str::from_utf8(bytes.get(..end)?).ok().map(str::to_owned);
        }
        let characters = bytes.chunks_exact(4).map(|c| char::from_u32(u32::try_from(self.number(c)).ok()?));
        let text: String = characters.collect::<Option<_>>()?;
        Some(text.trim_end_matches('\0').to_owned())
    }

    /// The elements in the order of the file; their first byte is at `start`.
    pub(super) fn convert(self, bytes: &[u8], start: usize) -> Result<NpyData, FormatError> {
        let wrong = |reason| {
            move |index: usize| {
                let offset = start.saturating_add(index.saturating_mul(self.size));
                FormatError::Header { offset, reason }
            }
        };
        let chunks = bytes.chunks_exact(self.size.max(1));
        Ok(match self.kind {
            Kind::Float => NpyData::Float(chunks.map(|c| self.float(c)).collect()),
            Kind::Signed | Kind::Unsigned => {
                let too_large = wrong("a number is above the largest 64-bit integer with a sign");
                let each = |(index, c)| self.integer(c).ok_or_else(|| too_large(index));
                NpyData::Int(chunks.enumerate().map(each).collect::<Result<_, _>>()?)
            }
            Kind::Unicode | Kind::Bytes => {
                if bytes.len() > MAX_TEXTS.saturating_mul(self.size) {
                    return Err(wrong("more than 4,194,304 texts")(0));
                }
                let none = wrong("a text holds what is no character");
                let each = |(index, c)| self.text(c).ok_or_else(|| none(index));
                NpyData::Text(chunks.enumerate().map(each).collect::<Result<_, _>>()?)
            }
        })
    }
}
