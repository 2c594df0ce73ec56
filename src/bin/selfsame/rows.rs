//! Rows of embeddings, their labels and pairs of them, from `.npy` files.

use std::path::Path;

use selfsame::format::npy::{NpyArray, NpyData};
use selfsame::{Embedding, Limits};

use crate::failure::Failure;
use crate::sample;

/// Largest array file, bytes: a million embeddings of 4096 half floats.
const MAX_BYTES: usize = 8 << 30;

/// One label for each of `rows` embeddings.
pub fn labels(path: &Path, rows: usize) -> Result<Vec<i64>, Failure> {
    let array = integers(path)?;
    if array.columns() != 1 {
        return Err(Failure::plain(format!("{}: one label per row is needed", path.display())));
    }
    let labels = int_data(array, path)?;
    if labels.len() != rows {
        return Err(Failure::plain(format!("{}: {} labels for {rows} embeddings", path.display(), labels.len())));
    }
    Ok(labels)
}

fn array(path: &Path) -> Result<NpyArray, Failure> {
    let limits = Limits { max_bytes: MAX_BYTES, ..Limits::default() };
    NpyArray::decode(&sample::bytes(path, &limits)?, &limits).map_err(|e| Failure::at(path, e))
}

/// One embedding per row.
pub fn embeddings(path: &Path) -> Result<Vec<Embedding>, Failure> {
    let array = array(path)?;
    let (rows, columns) = (array.rows(), array.columns());
    if array.dimensions() != 2 || rows == 0 || columns == 0 {
        return Err(Failure::plain(format!("{}: an array with one embedding per row is needed", path.display())));
    }
    let NpyData::Float(values) = array.into_data() else {
        return Err(Failure::plain(format!("{}: embeddings must be floats, not integers", path.display())));
    };
    let one = |(row, values): (usize, &[f32])| {
        Embedding::from_slice(values).map_err(|e| Failure::new(format!("{}: row {row}", path.display()), e))
    };
    values.chunks_exact(columns).enumerate().map(one).collect()
}

/// An array of integers.
pub fn integers(path: &Path) -> Result<NpyArray, Failure> {
    let array = array(path)?;
    match array.data() {
        NpyData::Int(_) => Ok(array),
        _ => Err(Failure::plain(format!("{}: integers are needed, not floats", path.display()))),
    }
}

/// The numbers of an array of integers.
pub fn int_data(array: NpyArray, path: &Path) -> Result<Vec<i64>, Failure> {
    match array.into_data() {
        NpyData::Int(values) => Ok(values),
        _ => Err(Failure::plain(format!("{}: integers are needed, not floats", path.display()))),
    }
}

/// Rows `a, b`.
pub fn row_pairs(path: &Path, rows: usize) -> Result<Vec<(usize, usize)>, Failure> {
    let array = integers(path)?;
    let columns = array.columns();
    if columns != 2 {
        return Err(Failure::plain(format!("{}: two columns of row numbers are needed", path.display())));
    }
    let values = int_data(array, path)?;
    let pair = |v: &[i64]| match *v {
        [a, b] => Ok((row_number(path, a, rows)?, row_number(path, b, rows)?)),
        _ => Err(Failure::plain(format!("{}: two columns are needed", path.display()))),
    };
    values.chunks_exact(columns).map(pair).collect()
}

/// Checks that a row exists.
pub fn row_number(path: &Path, value: i64, rows: usize) -> Result<usize, Failure> {
    usize::try_from(value)
        .ok()
        .filter(|n| *n < rows)
        .ok_or_else(|| Failure::plain(format!("{}: row {value} is beyond the {rows} embeddings", path.display())))
}
