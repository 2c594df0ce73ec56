//! NumPy arrays of one or two dimensions (`.npy` versions 1 to 3), in either byte order and in C or Fortran order.
//!
//! An array of three dimensions is read when one of them is 1, as in the `(n, 1, d)` that some networks write.

mod array;
mod element;
mod header;
mod rows;

pub use array::NpyArray;
pub use element::NpyData;
pub use rows::NpyRows;
