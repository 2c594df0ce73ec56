//! The header of a file, and where the data are.

use super::super::error::{FormatError, Reader};
use super::element::Element;
use crate::bytes::FileKind;

/// The first bytes of a file.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";
/// Longest header that is read, bytes; NumPy writes 128.
const LONGEST_HEADER: usize = 4096;

/// Contents of a header.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) dimensions: usize,
    pub(super) element: Element,
    /// Columns follow one another, not rows.
    pub(super) fortran: bool,
}

impl Shape {
    /// Values in the order of the file, row by row.
    pub(super) fn by_rows<T>(&self, values: Vec<T>) -> Vec<T> {
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
pub(super) fn open(bytes: &[u8]) -> Result<(Shape, &[u8]), FormatError> {
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

/// A length of memory as a field of an error.
pub(super) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
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
