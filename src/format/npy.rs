//! NumPy arrays of one or two dimensions (`.npy` versions 1 to 3), in either byte order and in C or Fortran order.
//!
//! An array of three dimensions is read when one of them is 1, as in the `(n, 1, d)` that some networks write.
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

use half::f16;

use super::error::{FormatError, Reader};
use super::kind::FileKind;
use crate::limits::Limits;

/// The first bytes of a file.
const MAGIC: &[u8] = b"\x93NUMPY";
/// Longest header that is read, bytes; NumPy writes 128.
const LONGEST_HEADER: usize = 4096;
/// Most texts that are read: each takes far more memory than its bytes.
const MAX_TEXTS: usize = 1 << 22;
/// Boundary at which the data of a written file begin, bytes.
const ALIGNMENT: usize = 64;

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

/// An array with one or two dimensions.
///
/// `Debug` shows the shape only: the numbers may be embeddings.
///
/// ```
/// use selfsame::Limits;
/// use selfsame::format::npy::{NpyArray, NpyData};
/// let bytes = NpyArray::from_floats(1, 2, vec![1.0, 2.0])?.encode();
/// let array = NpyArray::decode(&bytes, &Limits::default())?;
/// assert_eq!((array.rows(), array.columns()), (1, 2));
/// assert!(*array.data() == NpyData::Float(vec![1.0, 2.0]));
/// # Ok::<(), selfsame::format::FormatError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct NpyArray {
    rows: usize,
    columns: usize,
    dimensions: usize,
    data: NpyData,
}

impl std::fmt::Debug for NpyArray {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NpyArray").field("rows", &self.rows).field("columns", &self.columns).finish_non_exhaustive()
    }
}

impl NpyArray {
    /// Reads an array of floats (`f2`, `f4`, `f8`), integers (`i1` to `i8`, `u1` to `u8`, `b1`) or text (`U`, `S`), in either
    /// byte order and in C or Fortran order.
    ///
    /// # Errors
    /// [`FormatError`] when the bytes are not such a file, have another element type or more dimensions, hold a number
    /// above the largest 64-bit integer or text that is none, or when the length of the data does not match the shape.
    ///
    /// ```
    /// use selfsame::Limits;
    /// use selfsame::format::npy::{NpyArray, NpyData};
    /// let mut file = b"\x93NUMPY\x01\x00\x3c\x00{'descr': '>f4', 'fortran_order': False, 'shape': (1, 1), }\n".to_vec();
    /// file.extend(1.5f32.to_be_bytes());
    /// let array = NpyArray::decode(&file, &Limits::default())?;
    /// assert!(*array.data() == NpyData::Float(vec![1.5]));
    /// # Ok::<(), selfsame::format::FormatError>(())
    /// ```
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, FormatError> {
        if bytes.is_empty() {
            return Err(FormatError::Empty);
        }
        limits.check_bytes(bytes.len())?;
        let (shape, data) = open(bytes)?;
        let Shape { rows, columns, dimensions, .. } = shape;
        let start = bytes.len().saturating_sub(data.len());
        let data = match shape.element.convert(data, start)? {
            NpyData::Float(values) => NpyData::Float(shape.by_rows(values)),
            NpyData::Int(values) => NpyData::Int(shape.by_rows(values)),
            NpyData::Text(values) => NpyData::Text(shape.by_rows(values)),
        };
        Ok(Self { rows, columns, dimensions, data })
    }

    /// An array of two dimensions from floats, row-major.
    ///
    /// # Errors
    /// [`FormatError::Length`] when there are not `rows * columns` of them.
    pub fn from_floats(rows: usize, columns: usize, values: Vec<f32>) -> Result<Self, FormatError> {
        if rows.checked_mul(columns) == Some(values.len()) {
            return Ok(Self { rows, columns, dimensions: 2, data: NpyData::Float(values) });
        }
        let declared = count(rows).saturating_mul(count(columns));
        Err(FormatError::Length { what: "the array", offset: 0, declared, actual: count(values.len()) })
    }

    /// An array of one dimension from integers.
    #[must_use]
    pub fn from_ints(values: Vec<i64>) -> Self {
        Self { rows: values.len(), columns: 1, dimensions: 1, data: NpyData::Int(values) }
    }

    /// Writes the array as version 1.0 with elements of `<f4`, `<i8` or, for text, `<U` of the longest one.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // NumPy does not know text of no length.
        let longest = match &self.data {
            NpyData::Text(values) => values.iter().map(|text| text.chars().count()).max().unwrap_or(0).max(1),
            _ => 0,
        };
        let descr = match &self.data {
            NpyData::Float(_) => "<f4".to_owned(),
            NpyData::Int(_) => "<i8".to_owned(),
            NpyData::Text(_) => format!("<U{longest}"),
        };
        let shape = match self.dimensions {
            1 => format!("({},)", self.rows),
            _ => format!("({}, {})", self.rows, self.columns),
        };
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
        // Signature, version, length and header fill whole lines of 64 bytes, the last of which is a line break.
        let before = MAGIC.len().saturating_add(4);
        let padded = before.saturating_add(header.len()).saturating_add(1).next_multiple_of(ALIGNMENT);
        let padded = padded.saturating_sub(before);
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&[1, 0]);
        out.extend_from_slice(&u16::try_from(padded).unwrap_or(u16::MAX).to_le_bytes());
        out.extend_from_slice(format!("{header:<width$}\n", width = padded.saturating_sub(1)).as_bytes());
        match &self.data {
            NpyData::Float(values) => out.extend(values.iter().flat_map(|v| v.to_le_bytes())),
            NpyData::Int(values) => out.extend(values.iter().flat_map(|v| v.to_le_bytes())),
            NpyData::Text(values) => {
                let padded = |text: &String| {
                    text.chars().map(u32::from).chain(std::iter::repeat(0)).take(longest).collect::<Vec<_>>()
                };
                out.extend(values.iter().flat_map(padded).flat_map(u32::to_le_bytes));
            }
        }
        out
    }

    /// First dimension.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Second dimension; 1 for an array of one.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of dimensions, 1 or 2; of three in a file, one that is 1 is left out.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// The numbers, `rows * columns`, row-major.
    #[must_use]
    pub fn data(&self) -> &NpyData {
        &self.data
    }

    /// The numbers, without a copy.
    #[must_use]
    pub fn into_data(self) -> NpyData {
        self.data
    }
}

/// A length of memory as a field of an error.
fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// The nearest 32-bit float.
#[allow(clippy::as_conversions, reason = "rounding to the nearest single is what is wanted")]
fn narrow(value: f64) -> f32 {
    value as f32
}

/// Contents of a header.
#[derive(Clone, Copy)]
struct Shape {
    rows: usize,
    columns: usize,
    dimensions: usize,
    element: Element,
    /// Columns follow one another, not rows.
    fortran: bool,
}

impl Shape {
    /// Values in the order of the file, row by row.
    fn by_rows<T>(&self, values: Vec<T>) -> Vec<T> {
        if !self.fortran || self.columns < 2 || self.rows < 2 {
            return values;
        }
        let mut left: Vec<Option<T>> = values.into_iter().map(Some).collect();
        let columns = || (0..self.columns).map(|column| column.saturating_mul(self.rows));
        let places = (0..self.rows).flat_map(|row| columns().map(move |start| start.saturating_add(row)));
        places.filter_map(|place| left.get_mut(place).and_then(Option::take)).collect()
    }
}

/// Reads the header and finds the data, whose length must match it.
fn open(bytes: &[u8]) -> Result<(Shape, &[u8]), FormatError> {
    if bytes.is_empty() {
        return Err(FormatError::Empty);
    }
    let mut r = Reader::new(bytes);
    if bytes.len() < MAGIC.len() || r.take(MAGIC.len(), "signature")? != MAGIC {
        let expected = "a NumPy .npy file";
        return Err(match FileKind::of(bytes) {
            Some(kind) => FormatError::Kind { kind, expected },
            None => FormatError::Signature { expected, offset: 0 },
        });
    }
    let offset = r.offset();
    let major = r.u8("version")?;
    r.u8("version")?;
    let length = match major {
        1 => usize::from(r.u16("header length")?.swap_bytes()),
        2 | 3 => usize::try_from(r.u32("header length")?.swap_bytes()).unwrap_or(usize::MAX),
        _ => {
            let (what, value) = (".npy version", major.into());
            return Err(FormatError::Value { what, offset, value, expected: "1 to 3 are supported" });
        }
    };
    let offset = r.offset();
    let bad = |reason| FormatError::Header { offset, reason };
    if length > LONGEST_HEADER {
        return Err(bad("longer than any header of one or two dimensions"));
    }
    let header = std::str::from_utf8(r.take(length, "header")?).map_err(|_| bad("not text"))?;
    let element = Element::parse(value(header, "descr").ok_or(bad("no descr"))?).map_err(bad)?;
    let fortran = match value(header, "fortran_order").ok_or(bad("no fortran_order"))? {
        order if order.starts_with("False") => false,
        order if order.starts_with("True") => true,
        _ => return Err(bad("fortran_order is neither True nor False")),
    };
    let (rows, columns, dimensions) = shape(value(header, "shape").ok_or(bad("no shape"))?).map_err(bad)?;
    let needed = rows.checked_mul(columns).and_then(|n| n.checked_mul(element.size));
    let needed = needed.ok_or(bad("the shape overflows"))?;
    if needed != r.left() {
        let (declared, actual) = (count(needed), count(r.left()));
        return Err(FormatError::Length { what: "the data", offset: r.offset(), declared, actual });
    }
    Ok((Shape { rows, columns, dimensions, element, fortran }, r.take(needed, "data")?))
}

/// Rows of floats in the bytes of a file, for example a memory-mapped one: they are read row by row and never copied as
/// a whole. The length has no limit because nothing of that length is allocated.
///
/// `Debug` shows the shape only.
///
/// ```
/// use selfsame::format::npy::{NpyArray, NpyRows};
/// let bytes = NpyArray::from_floats(2, 3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?.encode();
/// let rows = NpyRows::new(&bytes)?;
/// let mut row = [0.0; 3];
/// assert!(rows.read(1, &mut row).is_some() && row == [4.0, 5.0, 6.0]);
/// assert!(rows.read(2, &mut row).is_none());
/// assert!(NpyRows::new(&bytes[..bytes.len() - 1]).is_err());
/// # Ok::<(), selfsame::format::FormatError>(())
/// ```
#[derive(Clone, Copy)]
pub struct NpyRows<'a> {
    shape: Shape,
    data: &'a [u8],
}

impl<'a> NpyRows<'a> {
    /// Opens an array of `f2`, `f4` or `f8`, in either byte order and in C or Fortran order.
    ///
    /// # Errors
    /// As [`NpyArray::decode`], and when the elements are integers or text.
    pub fn new(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let (shape, data) = open(bytes)?;
        match shape.element.kind {
            Kind::Float => Ok(Self { shape, data }),
            Kind::Unicode | Kind::Bytes => {
                Err(FormatError::Header { offset: 0, reason: "the elements are text, not floats" })
            }
            _ => Err(FormatError::Header { offset: 0, reason: "the elements are integers, not floats" }),
        }
    }

    /// First dimension.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.shape.rows
    }

    /// Second dimension; 1 for an array of one.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.shape.columns
    }

    /// Reads a row into the first [`NpyRows::columns`] places of `out`, cut to the length of `out`; `None` when there
    /// is no such row.
    pub fn read(&self, row: usize, out: &mut [f32]) -> Option<()> {
        if row >= self.shape.rows {
            return None;
        }
        // If there are rows, all of them are in memory, so nothing overflows.
        let Shape { rows, columns, element, fortran, .. } = self.shape;
        let size = element.size;
        let (start, bytes, step) = if fortran {
            (row.checked_mul(size)?, columns.checked_mul(rows)?.checked_mul(size)?, rows.checked_mul(size)?)
        } else {
            let bytes = columns.checked_mul(size)?;
            (row.checked_mul(bytes)?, bytes, size)
        };
        let bytes = self.data.get(start..start.checked_add(bytes)?.min(self.data.len()))?;
        for (out, value) in out.iter_mut().zip(bytes.chunks(step.max(1))) {
            *out = element.float(value.get(..size)?);
        }
        Some(())
    }
}

impl std::fmt::Debug for NpyRows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NpyRows").field("rows", &self.rows()).field("columns", &self.columns()).finish_non_exhaustive()
    }
}

/// What the elements are.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Float,
    Signed,
    Unsigned,
    /// Text of 4 bytes a character.
    Unicode,
    /// Text of a byte a character.
    Bytes,
}

#[derive(Clone, Copy)]
struct Element {
    kind: Kind,
    /// Bytes of an element.
    size: usize,
    /// Most significant byte first.
    big: bool,
}

impl Element {
    /// The element type of a `descr`; the error names the type.
    fn parse(descr: &str) -> Result<Self, &'static str> {
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
    fn float(self, bytes: &[u8]) -> f32 {
        let number = self.number(bytes);
        match self.size {
            2 => f16::from_bits(u16::try_from(number).unwrap_or(0)).to_f32(),
            4 => f32::from_bits(u32::try_from(number).unwrap_or(0)),
            _ => narrow(f64::from_bits(number)),
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
    fn convert(self, bytes: &[u8], start: usize) -> Result<NpyData, FormatError> {
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

/// The text after `'key':` in the header, without leading blanks.
fn value<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = header.split_once(&format!("'{key}'")).or_else(|| header.split_once(&format!("\"{key}\"")))?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

/// Rows, columns and dimensions of `(n,)`, `(n, m)`, or three dimensions of which one is 1.
fn shape(text: &str) -> Result<(usize, usize, usize), &'static str> {
    let other = "the shape is not (n,), (n, m) or (n, 1, m)";
    let (inside, _) = text.strip_prefix('(').and_then(|text| text.split_once(')')).ok_or(other)?;
    let parts: Vec<&str> = inside.split(',').map(str::trim).collect();
    // NumPy ends the list of one dimension with a comma.
    let (parts, closed) = match parts.as_slice() {
        [rest @ .., ""] if !rest.is_empty() => (rest, true),
        all => (all, false),
    };
    let sides: Vec<usize> = parts.iter().map(|part| part.parse().ok()).collect::<Option<_>>().ok_or(other)?;
    match sides.as_slice() {
        &[rows] if closed => Ok((rows, 1, 1)),
        &[rows, columns] | &[rows, 1, columns] | &[1, rows, columns] | &[rows, columns, 1] => Ok((rows, columns, 2)),
        [_, _, _] => Err("the array has three dimensions, and none of them is 1: flatten it to (n, m)"),
        [_, _, _, _, ..] => Err("the array has more than three dimensions: flatten it to (n, m)"),
        _ => Err(other),
    }
}
