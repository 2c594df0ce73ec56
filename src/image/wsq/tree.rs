//! The rectangles that the transform splits, and the resulting sub-bands.
//!
//! A split puts the low half of each row first and the high half second, and likewise for each column. A rectangle in
//! second position is split the other way round, because filtering has reversed its frequencies. So the position in the
//! list of sub-bands determines the position on the plane.

// Sides are at most 65,535: no sum of them overflows.
#![allow(clippy::arithmetic_side_effects)]

use std::ops::Range;

use super::params::BANDS;

/// A rectangle of the plane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rect {
    /// Columns.
    pub x: Range<usize>,
    /// Rows.
    pub y: Range<usize>,
    /// Whether a split puts the high half of rows first.
    pub flip_x: bool,
    /// Whether a split puts the high half of columns first.
    pub flip_y: bool,
}

impl Rect {
    /// Pixels.
    pub fn area(&self) -> usize {
        self.x.len() * self.y.len()
    }

    /// The four rectangles of a split: upper left, upper right, lower left, lower right.
    fn split(&self) -> [Self; 4] {
        let x = cut(&self.x, self.flip_x);
        let y = cut(&self.y, self.flip_y);
        let part =
            |x: &Range<usize>, y: &Range<usize>, flip_x, flip_y| Self { x: x.clone(), y: y.clone(), flip_x, flip_y };
        [
            part(&x.0, &y.0, false, false),
            part(&x.1, &y.0, true, false),
            part(&x.0, &y.1, false, true),
            part(&x.1, &y.1, true, true),
        ]
    }
}

/// A range's two halves; the low half is the larger.
fn cut(range: &Range<usize>, flipped: bool) -> (Range<usize>, Range<usize>) {
    let low = range.len().div_ceil(2);
    let first = if flipped { range.len() - low } else { low };
    let middle = range.start + first;
    (range.start..middle, middle..range.end)
}

/// The splits and sub-bands of an image.
pub(super) struct Tree {
    /// Rectangles to split, outer before inner.
    pub splits: Vec<Rect>,
    /// The coded sub-bands in order.
    pub bands: Vec<Rect>,
}

impl Tree {
    /// The tree of an image: five splits of the lowest frequencies, fewer of the higher ones.
    pub fn new(width: usize, height: usize) -> Self {
        let root = Rect { x: 0..width, y: 0..height, flip_x: false, flip_y: false };
        let [low, right, below, _] = root.split();
        let [lower, low_right, low_below, low_corner] = low.split();
        let mut splits =
            vec![root, low, right.clone(), below.clone(), lower.clone(), low_right.clone(), low_below.clone()];
        let mut bands = Vec::with_capacity(BANDS);

        let [lowest, lower_rest @ ..] = lower.split();
        let [last, lowest_rest @ ..] = lowest.split();
        bands.extend(last.split());
        bands.extend(lowest_rest);
        splits.extend([lowest, last]);
        for part in lower_rest.into_iter().chain(low_right.split()).chain(low_below.split()) {
            bands.extend(part.split());
            splits.push(part);
        }
        bands.push(low_corner);
        bands.extend(right.split());
        bands.extend(below.split());
        Self { splits, bands }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sub_bands_tile_all_but_the_highest_quarter() {
        for (width, height) in [(64, 64), (500, 500), (388, 374), (33, 97), (1, 1), (7, 2)] {
            let tree = Tree::new(width, height);
            assert_eq!((tree.bands.len(), tree.splits.len()), (60, 20));
            let mut hits = vec![0u8; width * height];
            for band in &tree.bands {
                for y in band.y.clone() {
                    band.x.clone().for_each(|x| hits[y * width + x] += 1);
                }
            }
            for (i, &n) in hits.iter().enumerate() {
                let inside = i % width < width.div_ceil(2) || i / width < height.div_ceil(2);
                assert_eq!(n, u8::from(inside), "{width} x {height} at {i}");
            }
        }
    }

    #[test]
    fn odd_sides_follow_the_order_of_frequencies() {
        // 250 -> 125 and 125; the second 125 is split high (62) first, low (63) second.
        let tree = Tree::new(500, 500);
        assert_eq!((tree.bands[51].x.clone(), tree.bands[51].y.clone()), (125..250, 125..250));
        assert_eq!((tree.bands[19].x.clone(), tree.bands[19].y.clone()), (125..156, 0..32));
        assert_eq!((tree.bands[52].x.clone(), tree.bands[53].x.clone()), (250..375, 375..500));
        assert_eq!((tree.bands[0].x.clone(), tree.bands[3].y.clone()), (0..16, 16..32));
    }
}
