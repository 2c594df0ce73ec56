//! Foreground: where strong and coherent gradients are (GMFS, on cells).

use super::normalize::quantile;
use super::orientation::Tensor;
use super::params::{
    CELL, SEGMENT_CLOSE, SEGMENT_COHERENCE, SEGMENT_COHERENCE_SIGMA, SEGMENT_COMPONENT_SHARE, SEGMENT_OPEN,
    SEGMENT_QUANTILE, SEGMENT_SHARE, SEGMENT_SIGMA,
};
use super::smooth::blurred;
use crate::geometry::Grid;

/// Foreground cells, from the tensor of the normalised image and the divisor of the normalisation.
pub(super) fn segment(tensor: &Tensor, scale: &Grid<f32>) -> Grid<bool> {
    let mut strength = tensor.energy.clone();
    for (e, &s) in strength.as_mut_slice().iter_mut().zip(scale.as_slice()) {
        *e = e.sqrt() * s;
    }
    let strength = blurred(&strength, SEGMENT_SIGMA, true);
    let threshold = SEGMENT_SHARE * quantile(strength.as_slice(), SEGMENT_QUANTILE);
    let coherence = tensor.coherence(SEGMENT_COHERENCE_SIGMA);
    let mut mask = strength.map(|s| s > threshold && s > 0.0);
    for (m, &c) in mask.as_mut_slice().iter_mut().zip(coherence.as_slice()) {
        *m &= c > SEGMENT_COHERENCE;
    }
    tidy(mask)
}

/// Closing, holes filled, opening, small components dropped.
pub(super) fn tidy(mask: Grid<bool>) -> Grid<bool> {
    let closed = eroded(&dilated(&mask, SEGMENT_CLOSE), SEGMENT_CLOSE, true);
    let filled = without_holes(&largest(&closed));
    let opened = dilated(&eroded(&filled, SEGMENT_OPEN, false), SEGMENT_OPEN);
    largest(&opened)
}

/// Grows the set cells by a diamond of the given radius.
fn dilated(mask: &Grid<bool>, radius: usize) -> Grid<bool> {
    let mut out = mask.clone();
    for _ in 0..radius {
        let from = out.clone();
        spread(&from, &mut out, true, true);
    }
    out
}

/// Shrinks the set cells by a diamond of the given radius; `outside` tells what lies beyond the image.
fn eroded(mask: &Grid<bool>, radius: usize, outside: bool) -> Grid<bool> {
    let mut out = mask.clone();
    for _ in 0..radius {
        let from = out.clone();
        spread(&from, &mut out, false, outside);
    }
    out
}

/// Sets each cell of `out` to `value` that has a 4-neighbour of that value in `from`.
fn spread(from: &Grid<bool>, out: &mut Grid<bool>, value: bool, outside: bool) {
    let (width, height) = (from.width(), from.height());
    for y in 0..height {
        for x in 0..width {
            let at = |x: usize, y: usize| from.get(x, y).unwrap_or(if value { false } else { outside });
            let any = at(x.wrapping_sub(1), y) == value
                || at(x + 1, y) == value
                || at(x, y.wrapping_sub(1)) == value
                || at(x, y + 1) == value;
            if any {
                out.set(x, y, value);
            }
        }
    }
}

/// Labels 4-connected components of cells equal to `value`: label per cell (0 none) and per component its area and
/// whether it touches the border.
fn components(mask: &Grid<bool>, value: bool) -> (Grid<u32>, Vec<(usize, bool)>) {
    let (width, height) = (mask.width(), mask.height());
    let mut labels = Grid::new(width, height, 0u32);
    let mut found = Vec::new();
    let mut stack = Vec::new();
    for y in 0..height {
        for x in 0..width {
            if mask.get(x, y) != Some(value) || labels.get(x, y) != Some(0) {
                continue;
            }
            let label = found.len() as u32 + 1;
            let (mut area, mut border) = (0, false);
            labels.set(x, y, label);
            stack.push((x, y));
            while let Some((x, y)) = stack.pop() {
                area += 1;
                border |= x == 0 || y == 0 || x + 1 == width || y + 1 == height;
                for (nx, ny) in [(x.wrapping_sub(1), y), (x + 1, y), (x, y.wrapping_sub(1)), (x, y + 1)] {
                    if mask.get(nx, ny) == Some(value) && labels.get(nx, ny) == Some(0) {
                        labels.set(nx, ny, label);
                        stack.push((nx, ny));
                    }
                }
            }
            found.push((area, border));
        }
    }
    (labels, found)
}

/// Keeps the largest component and those not much smaller.
fn largest(mask: &Grid<bool>) -> Grid<bool> {
    let (labels, found) = components(mask, true);
    let most = found.iter().map(|f| f.0).max().unwrap_or(0);
    let least = most as f32 * SEGMENT_COMPONENT_SHARE;
    labels.map(|l| l > 0 && found.get(l as usize - 1).is_some_and(|f| f.0 as f32 >= least))
}

/// Fills holes that do not touch the border.
fn without_holes(mask: &Grid<bool>) -> Grid<bool> {
    let (labels, found) = components(mask, false);
    labels.map(|l| l == 0 || found.get(l as usize - 1).is_some_and(|f| !f.1))
}

/// Distance of each foreground cell's centre from the background, pixels (chamfer 3-4); the image's edge is background.
pub(super) fn distance(mask: &Grid<bool>) -> Grid<f32> {
    let (width, height) = (mask.width(), mask.height());
    let far = (width + height) as f32;
    let mut d = mask.map(|m| if m { far } else { 0.0 });
    const DIAGONAL: f32 = std::f32::consts::SQRT_2;
    let at = |d: &Grid<f32>, x: usize, y: usize| d.get(x, y).unwrap_or(0.0);
    for pass in 0..2 {
        for i in 0..width * height {
            let i = if pass == 0 { i } else { width * height - 1 - i };
            let (x, y) = (i % width, i / width);
            let (back, up) = if pass == 0 { (x.wrapping_sub(1), y.wrapping_sub(1)) } else { (x + 1, y + 1) };
            let other = if pass == 0 { x + 1 } else { x.wrapping_sub(1) };
            let best = at(&d, x, y)
                .min(at(&d, back, y) + 1.0)
                .min(at(&d, x, up) + 1.0)
                .min(at(&d, back, up) + DIAGONAL)
                .min(at(&d, other, up) + DIAGONAL);
            d.set(x, y, best);
        }
    }
    d.map(|v| if v > 0.0 { (v - 0.5) * CELL as f32 } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disc(size: usize, radius: f32) -> Grid<bool> {
        let mut mask = Grid::new(size, size, false);
        for y in 0..size {
            for x in 0..size {
                let (dx, dy) = (x as f32 - size as f32 / 2.0, y as f32 - size as f32 / 2.0);
                mask.set(x, y, dx * dx + dy * dy < radius * radius);
            }
        }
        mask
    }

    #[test]
    fn tidy_drops_specks_and_fills_holes() {
        let mut mask = disc(60, 20.0);
        mask.set(30, 30, false);
        mask.set(2, 2, true);
        let tidied = tidy(mask);
        assert_eq!(tidied.get(30, 30), Some(true));
        assert_eq!(tidied.get(2, 2), Some(false));
        let area = tidied.as_slice().iter().filter(|m| **m).count();
        assert!((1100..1300).contains(&area), "{area}");
    }

    #[test]
    fn distance_grows_inwards() {
        let d = distance(&disc(60, 20.0));
        assert!((d.get(30, 30).unwrap() / CELL as f32 - 19.5).abs() < 2.0);
        assert_eq!(d.get(0, 0), Some(0.0));
    }
}
