//! Target for arrays of numbers.

use selfsame::Limits;
use selfsame::format::npy::{NpyArray, NpyData, NpyRows};

/// A `.npy` file as a whole and row by row.
pub fn decode_npy(data: &[u8]) {
    let limits = Limits { max_bytes: 1 << 20, ..Limits::default() };
    let (whole, rows) = (NpyArray::decode(data, &limits), NpyRows::new(data));
    let Ok(rows) = rows else {
        assert!(whole.is_err() || whole.is_ok_and(|array| matches!(array.data(), NpyData::Int(_) | NpyData::Text(_))));
        return;
    };
    let Ok(whole) = whole else {
        assert!(data.len() > limits.max_bytes);
        return;
    };
    assert_eq!((whole.rows(), whole.columns()), (rows.rows(), rows.columns()));
    let NpyData::Float(values) = whole.data() else { panic!("rows of integers are read") };
    // Without rows there may be any number of columns.
    let mut row = vec![0.0; values.len().min(rows.columns())];
    for (number, values) in values.chunks_exact(rows.columns().max(1)).enumerate() {
        assert!(rows.read(number, &mut row).is_some());
        assert!(row.iter().zip(values).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
    assert!(rows.read(rows.rows(), &mut row).is_none());
}
