//! Ridges and valleys from the sign of the enhanced image.

use super::params::CELL;
use crate::geometry::{Bitmap, Grid};

/// The mask at pixel resolution.
pub(super) fn pixel_mask(mask: &Grid<bool>, width: usize, height: usize) -> Bitmap {
    const CELLS: usize = 64 / CELL;
    let mut bits = Bitmap::new(width, height);
    let mut line = vec![0u64; width.div_ceil(64)];
    for cy in 0..mask.height() {
        for (word, cells) in line.iter_mut().zip(mask.row(cy).chunks(CELLS)) {
            let full = (1u64 << CELL) - 1;
            *word = cells.iter().enumerate().fold(0, |w, (i, &c)| w | if c { full << (i * CELL) } else { 0 });
        }
        // The last cell may reach beyond the image.
        if let Some(last) = line.last_mut() {
            *last &= u64::MAX >> ((64 - width % 64) % 64);
        }
        for y in cy * CELL..((cy + 1) * CELL).min(height) {
            bits.row_mut(y).copy_from_slice(&line);
        }
    }
    bits
}

/// Pixels of ridges, which are positive, inside the mask.
pub(super) fn ridges(mut positive: Bitmap, mask: &Bitmap) -> Bitmap {
    for y in 0..mask.height() {
        positive.row_mut(y).iter_mut().zip(mask.row(y)).for_each(|(b, m)| *b &= m);
    }
    positive
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_become_bits() {
        let (width, height) = (131usize, 9usize);
        let mut mask = Grid::new(width.div_ceil(CELL), height.div_ceil(CELL), false);
        mask.as_mut_slice().iter_mut().enumerate().for_each(|(i, m)| *m = i % 5 != 0);
        let positive = Bitmap::from_fn(width, height, |x, y| (y * width + x) * 7919 % 201 > 100);
        let inside = pixel_mask(&mask, width, height);
        let found = ridges(positive.clone(), &inside);
        for (x, y) in (0..width * height).map(|i| (i % width, i / width)) {
            assert_eq!(inside.get(x, y), mask.get(x / CELL, y / CELL) == Some(true));
            assert_eq!(found.get(x, y), inside.get(x, y) && positive.get(x, y));
        }
        let count = (0..height).map(|y| inside.row(y).iter().map(|w| w.count_ones()).sum::<u32>()).sum::<u32>();
        assert_eq!(count as usize, inside.count());
        assert!(inside.ones().all(|(x, _)| x < width));
    }
}
