//! Angles, grids and bit-packed images.

pub mod angle;
pub mod bitmap;
pub mod grid;

pub use angle::Angle;
pub use bitmap::Bitmap;
pub use grid::Grid;
