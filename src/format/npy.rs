//! NumPy arrays of one or two dimensions (`.npy` versions 1 to 3, little-endian, C order).
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
use crate::limits::Limits;

/// The first bytes of a file.
const MAGIC: &[u8] = b"\x93NUMPY";
/// Longest header that is read, bytes; NumPy writes 128.
const LONGEST_HEADER: usize = 4096;
/// Boundary at which the data of a written file begin, bytes.
const ALIGNMENT: usize = 64;

/// The numbers of an array, row-major. `Debug` shows only their count.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum NpyData {
    /// 32-bit floats; 16- and 64-bit ones are converted.
    Float(Vec<f32>),
    /// 64-bit integers; narrower ones are converted.
    Int(Vec<i64>),
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
    /// Reads an array of `<f2`, `<f4`, `<f8`, `<i4`, `<i8`, `<i2`, `|i1`, `|u1` or `|b1`.
    ///
    /// # Errors
    /// [`FormatError`] when the bytes are not such a file, have another element type, Fortran order or more than two
    /// dimensions, or when the length of the data does not match the shape.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, FormatError> {
        if bytes.is_empty() {
            return Err(FormatError::Empty);
        }
        limits.check_bytes(bytes.len())?;
        let (Shape { rows, columns, dimensions, element }, data) = open(bytes)?;
        let data = element.convert(data);
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

    /// Writes the array as version 1.0 with elements of `<f4` or `<i8`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let descr = match &self.data {
            NpyData::Float(_) => "<f4",
            NpyData::Int(_) => "<i8",
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

    /// Number of dimensions of the file, 1 or 2.
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
}

/// Reads the header and finds the data, whose length must match it.
fn open(bytes: &[u8]) -> Result<(Shape, &[u8]), FormatError> {
    if bytes.is_empty() {
        return Err(FormatError::Empty);
    }
    let mut r = Reader::new(bytes);
    if bytes.len() < MAGIC.len() || r.take(MAGIC.len(), "signature")? != MAGIC {
        return Err(FormatError::Signature { expected: "a NumPy .npy file", offset: 0 });
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
    let element = Element::parse(value(header, "descr").ok_or(bad("no descr"))?)
        .ok_or(bad("the element type is none of f2, f4, f8, i1, i2, i4, i8, u1, b1 in little-endian order"))?;
    match value(header, "fortran_order").ok_or(bad("no fortran_order"))? {
        order if order.starts_with("False") => {}
        _ => return Err(bad("Fortran order is not supported")),
    }
    let shape = shape(value(header, "shape").ok_or(bad("no shape"))?).ok_or(bad("the shape is not (n,) or (n, m)"))?;
    let (rows, columns, dimensions) = match shape {
        (rows, None) => (rows, 1, 1),
        (rows, Some(columns)) => (rows, columns, 2),
    };
    let needed = rows.checked_mul(columns).and_then(|n| n.checked_mul(element.size()));
    let needed = needed.ok_or(bad("the shape overflows"))?;
    if needed != r.left() {
        let (declared, actual) = (count(needed), count(r.left()));
        return Err(FormatError::Length { what: "the data", offset: r.offset(), declared, actual });
    }
    Ok((Shape { rows, columns, dimensions, element }, r.take(needed, "data")?))
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
    /// Opens an array of `<f2`, `<f4` or `<f8`.
    ///
    /// # Errors
    /// As [`NpyArray::decode`], and when the elements are integers.
    pub fn new(bytes: &'a [u8]) -> Result<Self, FormatError> {
        let (shape, data) = open(bytes)?;
        if !matches!(shape.element, Element::F16 | Element::F32 | Element::F64) {
            return Err(FormatError::Header { offset: 0, reason: "the elements are integers, not floats" });
        }
        Ok(Self { shape, data })
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
        let size = self.shape.columns.checked_mul(self.shape.element.size())?;
        let bytes = self.data.get(row.checked_mul(size)?..)?.get(..size)?;
        match self.shape.element {
            Element::F16 => fill(bytes, out, |b| f16::from_le_bytes(b).to_f32()),
            Element::F32 => fill(bytes, out, f32::from_le_bytes),
            _ => fill(bytes, out, |b| narrow(f64::from_le_bytes(b))),
        }
        Some(())
    }
}

impl std::fmt::Debug for NpyRows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NpyRows").field("rows", &self.rows()).field("columns", &self.columns()).finish_non_exhaustive()
    }
}

fn fill<const N: usize>(bytes: &[u8], out: &mut [f32], from: impl Fn([u8; N]) -> f32) {
    for (out, chunk) in out.iter_mut().zip(bytes.as_chunks::<N>().0) {
        *out = from(*chunk);
    }
}

#[derive(Clone, Copy)]
enum Element {
    F16,
    F32,
    F64,
    I8,
    U8,
    I16,
    I32,
    I64,
}

impl Element {
    fn parse(descr: &str) -> Option<Self> {
        let quote = descr.chars().next().filter(|c| *c == '\'' || *c == '"')?;
        Some(match descr.get(1..)?.split(quote).next()? {
            "<f2" => Self::F16,
            "<f4" => Self::F32,
            "<f8" => Self::F64,
            "|i1" => Self::I8,
            "|u1" | "|b1" => Self::U8,
            "<i2" => Self::I16,
            "<i4" => Self::I32,
            "<i8" => Self::I64,
            _ => return None,
        })
    }

    fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::F16 | Self::I16 => 2,
            Self::F32 | Self::I32 => 4,
            Self::F64 | Self::I64 => 8,
        }
    }

    fn convert(self, bytes: &[u8]) -> NpyData {
        match self {
            Self::F16 => NpyData::Float(elements(bytes, |b| f16::from_le_bytes(b).to_f32())),
            Self::F32 => NpyData::Float(elements(bytes, f32::from_le_bytes)),
            Self::F64 => NpyData::Float(elements(bytes, |b| narrow(f64::from_le_bytes(b)))),
            Self::I8 => NpyData::Int(elements(bytes, |b| i8::from_le_bytes(b).into())),
            Self::U8 => NpyData::Int(elements(bytes, |b| u8::from_le_bytes(b).into())),
            Self::I16 => NpyData::Int(elements(bytes, |b| i16::from_le_bytes(b).into())),
            Self::I32 => NpyData::Int(elements(bytes, |b| i32::from_le_bytes(b).into())),
            Self::I64 => NpyData::Int(elements(bytes, i64::from_le_bytes)),
        }
    }
}

fn elements<const N: usize, T>(bytes: &[u8], from: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|chunk| from(*chunk)).collect()
}

/// The text after `'key':` in the header, without leading blanks.
fn value<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = header.split_once(&format!("'{key}'")).or_else(|| header.split_once(&format!("\"{key}\"")))?;
    Some(rest.trim_start().strip_prefix(':')?.trim_start())
}

/// `(n,)` or `(n, m)`.
fn shape(text: &str) -> Option<(usize, Option<usize>)> {
    let (inside, _) = text.strip_prefix('(')?.split_once(')')?;
    let mut parts = inside.split(',').map(str::trim);
    let rows = parts.next()?.parse().ok()?;
    let columns = match parts.next()? {
        "" => None,
        columns => Some(columns.parse().ok()?),
    };
    match parts.next() {
        None => Some((rows, columns)),
        Some("") if parts.next().is_none() && columns.is_some() => Some((rows, columns)),
        Some(_) => None,
    }
}
