//! An array in memory.

use super::super::error::FormatError;
use super::element::NpyData;
use super::header::{MAGIC, Shape, count, open};
use crate::limits::Limits;

/// Boundary at which the data of a written file begin, bytes.
const ALIGNMENT: usize = 64;

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
