//! Angles, grids and bit-packed images.

pub mod angle;

pub use angle::Angle;
