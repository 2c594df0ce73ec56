//! Ridges and valleys from the sign of the enhanced image.

use super::params::CELL;
use crate::geometry::{Bitmap, Grid};

/// The mask at pixel resolution.
pub(super) fn pixel_mask(mask: &Grid<bool>, width: usize, height: usize) -> Bitmap {
    Bitmap::from_fn(width, height, |x, y| mask.get(x / CELL, y / CELL) == Some(true))
}

/// Pixels of ridges inside the mask.
pub(super) fn ridges(enhanced: &Grid<f32>, mask: &Bitmap) -> Bitmap {
    let values = enhanced.as_slice();
    let width = enhanced.width();
    Bitmap::from_fn(width, enhanced.height(), |x, y| values[y * width + x] > 0.0 && mask.get(x, y))
}
