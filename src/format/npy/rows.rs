//! Rows that are read one by one.

use super::super::error::FormatError;
use super::element::Kind;
use super::header::{Shape, open};

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
    /// As [`NpyArray::decode`](super::NpyArray::decode), and when the elements are integers or text.
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
