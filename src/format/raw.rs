//! Rows of plain floats, four little-endian bytes each and nothing else, as NumPy's `tofile` and many C programs write
//! them.

use std::fmt;

use super::error::FormatError;

/// Bytes of a float.
const FLOAT: usize = 4;

/// Rows of floats in bytes without a header, for example a memory-mapped file: they are read row by row and never
/// copied as a whole. The length has no limit because nothing of that length is allocated.
///
/// The bytes hold neither the dimension nor the model: a wrong dimension that happens to divide their length is not
/// detected. `Debug` shows the shape only.
///
/// ```
/// use selfsame::format::raw::RawRows;
/// let bytes: Vec<u8> = [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0].iter().flat_map(|v| v.to_le_bytes()).collect();
/// let rows = RawRows::new(&bytes, 3)?;
/// let mut row = [0.0; 3];
/// assert!(rows.rows() == 2 && rows.read(1, &mut row).is_some() && row == [4.0, 5.0, 6.0]);
/// assert!(rows.read(2, &mut row).is_none());
/// assert!(RawRows::new(&bytes, 4).is_err());
/// # Ok::<(), selfsame::format::FormatError>(())
/// ```
#[derive(Clone, Copy)]
pub struct RawRows<'a> {
    data: &'a [u8],
    rows: usize,
    columns: usize,
    /// Bytes of a row.
    size: usize,
}

impl<'a> RawRows<'a> {
    /// Opens bytes as rows of `columns` floats.
    ///
    /// # Errors
    /// [`FormatError::Empty`] without a byte, [`FormatError::Header`] for rows of no columns, [`FormatError::Length`]
    /// when the bytes do not end at the end of a row.
    pub fn new(bytes: &'a [u8], columns: usize) -> Result<Self, FormatError> {
        if bytes.is_empty() {
            return Err(FormatError::Empty);
        }
        let size = columns.checked_mul(FLOAT).filter(|size| *size > 0);
        let size = size.ok_or(FormatError::Header { offset: 0, reason: "rows have no columns or too many" })?;
        let (rows, over) = (bytes.len().checked_div(size), bytes.len().checked_rem(size));
        match (rows, over) {
            (Some(rows), Some(0)) => Ok(Self { data: bytes, rows, columns, size }),
            (rows, _) => {
                let offset = rows.unwrap_or(0).saturating_mul(size);
                let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
                let actual = count(bytes.len().saturating_sub(offset));
                Err(FormatError::Length { what: "the last row", offset, declared: count(size), actual })
            }
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Floats per row.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Reads a row into the first [`RawRows::columns`] places of `out`, cut to the length of `out`; `None` when there
    /// is no such row.
    pub fn read(&self, row: usize, out: &mut [f32]) -> Option<()> {
        let start = row.checked_mul(self.size)?;
        let bytes = self.data.get(start..start.checked_add(self.size)?)?;
        for (out, float) in out.iter_mut().zip(bytes.as_chunks::<FLOAT>().0) {
            *out = f32::from_le_bytes(*float);
        }
        Some(())
    }
}

impl fmt::Debug for RawRows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRows").field("rows", &self.rows).field("columns", &self.columns).finish_non_exhaustive()
    }
}

/// Writes floats as four little-endian bytes each. Nothing protects them: anyone who reads the bytes of embeddings can
/// search for these people elsewhere.
///
/// ```
/// use selfsame::format::raw::encode_in_the_clear;
/// assert_eq!(encode_in_the_clear(&[1.0]), [0, 0, 128, 63]);
/// ```
#[must_use]
pub fn encode_in_the_clear(floats: &[f32]) -> Vec<u8> {
    floats.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_that_are_no_rows_are_refused() {
        assert_eq!(RawRows::new(&[], 4).unwrap_err(), FormatError::Empty);
        for columns in [0, usize::MAX, usize::MAX / 2] {
            assert!(matches!(RawRows::new(&[0; 8], columns), Err(FormatError::Header { .. })), "{columns}");
        }
        let cut = RawRows::new(&[0; 27], 3).unwrap_err();
        assert_eq!(cut, FormatError::Length { what: "the last row", offset: 24, declared: 12, actual: 3 });
        assert_eq!(format!("{:?}", RawRows::new(&[0; 24], 3).unwrap()), "RawRows { rows: 2, columns: 3, .. }");
    }

    proptest! {
        #[test]
        fn rows_are_what_was_written(floats in prop::collection::vec(prop::num::f32::ANY, 1..200), columns in 1usize..20) {
            let bytes = encode_in_the_clear(&floats);
            let opened = RawRows::new(&bytes, columns);
            prop_assert_eq!(opened.is_ok(), floats.len() % columns == 0);
            let Ok(rows) = opened else { return Ok(()) };
            let mut row = vec![0.0; columns];
            for (i, expected) in floats.chunks(columns).enumerate() {
                prop_assert!(rows.read(i, &mut row).is_some());
                prop_assert!(row.iter().zip(expected).all(|(a, b)| a.to_bits() == b.to_bits()));
            }
            prop_assert!(rows.read(rows.rows(), &mut row).is_none() && rows.read(usize::MAX, &mut row).is_none());
        }
    }
}
