//! Sampling of an aligned face from a picture.

use super::picture::RgbView;
use super::similarity::Similarity;

/// Fills a picture of `width` x `height` pixels through the mapping `way`, bilinearly between pixel centers and black outside the
/// picture. It uses only sums and products of doubles in a fixed order, so the bytes are the same on every machine.
pub(super) fn warp(picture: &RgbView<'_>, way: Similarity, width: usize, height: usize) -> Vec<u8> {
    let back = way.inverse();
    let mut out = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        for x in 0..width {
            let (sx, sy) = back.apply((x as f64, y as f64));
            let (left, top) = (sx.floor(), sy.floor());
            let (right_part, lower_part) = (sx - left, sy - top);
            // Far outside both saturate, where there is no pixel.
            let (column, row) = (left as i64, top as i64);
            let at = |dx: i64, dy: i64| picture.pixel(column.saturating_add(dx), row.saturating_add(dy));
            let (upper, lower) = ([at(0, 0), at(1, 0)], [at(0, 1), at(1, 1)]);
            for channel in 0..3 {
                let between = |pair: [[u8; 3]; 2]| {
                    let [a, b] = pair.map(|pixel| f64::from(pixel[channel]));
                    a + right_part * (b - a)
                };
                let (above, below) = (between(upper), between(lower));
                out.push((above + lower_part * (below - above) + 0.5).floor() as u8);
            }
        }
    }
    out
}
