//! Foreground: the cells with strong and coherent gradients (GMFS, on cells).

use super::components::Components;
use super::normalize::quantile;
use super::orientation::Tensor;
use super::params::{
    CELL, SEGMENT_CLOSE, SEGMENT_COHERENCE, SEGMENT_COHERENCE_SIGMA, SEGMENT_COMPONENT_SHARE, SEGMENT_OPEN,
    SEGMENT_QUANTILE, SEGMENT_SHARE, SEGMENT_SIGMA,
};
use super::smooth::blurred;
use crate::geometry::{Bitmap, Grid};

/// Foreground cells, from the tensor of the normalized image and the divisor of the normalization.
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
    let bits = Bitmap::from_fn(mask.width(), mask.height(), |x, y| mask.get(x, y) == Some(true));
    let closed = eroded(dilated(bits, SEGMENT_CLOSE), SEGMENT_CLOSE, true);
    let filled = without_holes(&largest(&closed));
    let opened = dilated(eroded(filled, SEGMENT_OPEN, false), SEGMENT_OPEN);
    let kept = largest(&opened);
    let mut out = mask;
    for y in 0..out.height() {
        let words = kept.row(y);
        out.row_mut(y).iter_mut().enumerate().for_each(|(x, m)| *m = (words[x / 64] >> (x % 64)) & 1 == 1);
    }
    out
}

/// Grows the set cells by a diamond of the given radius.
fn dilated(bits: Bitmap, radius: usize) -> Bitmap {
    (0..radius).fold(bits, |bits, _| combined(&bits, 0, |a, b| a | b))
}

/// Shrinks the set cells by a diamond of the given radius; `outside` is the value beyond the image.
fn eroded(bits: Bitmap, radius: usize, outside: bool) -> Bitmap {
    let outside = if outside { u64::MAX } else { 0 };
    (0..radius).fold(bits, |bits, _| combined(&bits, outside, |a, b| a & b))
}

/// Each cell together with its four neighbors, 64 at a time; `outside` is the value beyond the image.
fn combined(bits: &Bitmap, outside: u64, both: impl Fn(u64, u64) -> u64) -> Bitmap {
    let (width, height) = (bits.width(), bits.height());
    let words = width.div_ceil(64);
    let valid = u64::MAX >> ((64 - width % 64) % 64);
    let beyond = vec![outside; words];
    // A line whose unused bits hold the value beyond the image.
    let word = |row: &[u64], i: usize| if i + 1 == words { row[i] | (outside & !valid) } else { row[i] };
    let mut out = Bitmap::new(width, height);
    for y in 0..height {
        let here = bits.row(y);
        let above = y.checked_sub(1).map_or(&*beyond, |y| bits.row(y));
        let below = if y + 1 < height { bits.row(y + 1) } else { &beyond };
        for (i, to) in out.row_mut(y).iter_mut().enumerate() {
            let this = word(here, i);
            let before = if i > 0 { word(here, i - 1) } else { outside };
            let after = if i + 1 < words { word(here, i + 1) } else { outside };
            let sides = both((this << 1) | (before >> 63), (this >> 1) | (after << 63));
            let all = both(both(this, sides), both(above[i], below[i]));
            *to = if i + 1 == words { all & valid } else { all };
        }
    }
    out
}

/// Keeps the largest component and those not much smaller.
fn largest(bits: &Bitmap) -> Bitmap {
    let components = Components::new(bits, true);
    let most = components.all().map(|part| part.area).max().unwrap_or(0);
    let least = most as f32 * SEGMENT_COMPONENT_SHARE;
    components.kept(bits, |part| part.area as f32 >= least)
}

/// Fills holes that do not touch the border.
fn without_holes(bits: &Bitmap) -> Bitmap {
    let outer = Components::new(bits, false).kept(bits, |part| part.border);
    Bitmap::from_fn(bits.width(), bits.height(), |x, y| !outer.get(x, y))
}

/// Distance of each foreground cell's center from the background, pixels (chamfer 3-4); the image's edge is background.
pub(super) fn distance(mask: &Grid<bool>) -> Grid<f32> {
    const DIAGONAL: f32 = std::f32::consts::SQRT_2;
    let (width, height) = (mask.width(), mask.height());
    let far = (width + height) as f32;
    let mut d = mask.map(|m| if m { far } else { 0.0 });
    // The line before, with background at either end.
    let mut before = vec![0f32; width + 2];
    let mut pass = |down: bool| {
        before.fill(0.0);
        for y in 0..height {
            let line = d.row_mut(if down { y } else { height - 1 - y });
            for (x, v) in line.iter_mut().enumerate() {
                let round = &before[x..][..3];
                *v = v.min(round[1] + 1.0).min(round[0] + DIAGONAL).min(round[2] + DIAGONAL);
            }
            let mut side = 0f32;
            let mut step = |v: &mut f32| {
                *v = v.min(side + 1.0);
                side = *v;
            };
            if down {
                line.iter_mut().for_each(&mut step)
            } else {
                line.iter_mut().rev().for_each(&mut step)
            }
            before[1..=width].copy_from_slice(line);
        }
    };
    pass(true);
    pass(false);
    d.as_mut_slice().iter_mut().for_each(|v| *v = if *v > 0.0 { (*v - 0.5) * CELL as f32 } else { 0.0 });
    d
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    /// Labels by flooding: area of each cell's component, and whether it touches the border.
    fn flooded(bits: &Bitmap, value: bool, x: usize, y: usize) -> (usize, bool) {
        let (width, height) = (bits.width(), bits.height());
        let (mut seen, mut stack) = (Bitmap::new(width, height), vec![(x, y)]);
        seen.set(x, y, true);
        let (mut area, mut border) = (0, false);
        while let Some((x, y)) = stack.pop() {
            area += 1;
            border |= x == 0 || y == 0 || x + 1 == width || y + 1 == height;
            for (nx, ny) in [(x.wrapping_sub(1), y), (x + 1, y), (x, y.wrapping_sub(1)), (x, y + 1)] {
                if nx < width && ny < height && bits.get(nx, ny) == value && !seen.get(nx, ny) {
                    seen.set(nx, ny, true);
                    stack.push((nx, ny));
                }
            }
        }
        (area, border)
    }

    proptest! {
        #[test]
        fn components_and_morphology_are_those_of_the_definition(
            (width, height) in (1usize..140, 1usize..12),
            cells in prop::collection::vec(0u8..5, 140 * 12),
            value: bool,
            outside: bool,
        ) {
            let bits = Bitmap::from_fn(width, height, |x, y| cells[y * width + x] > 1);
            let kept = Components::new(&bits, value).kept(&bits, |part| part.area > 6 && !part.border);
            let (grown, shrunk) = (dilated(bits.clone(), 1), eroded(bits.clone(), 1, outside));
            for (x, y) in (0..width * height).map(|i| (i % width, i / width)) {
                let expected = bits.get(x, y) == value && {
                    let (area, border) = flooded(&bits, value, x, y);
                    area > 6 && !border
                };
                prop_assert_eq!(kept.get(x, y), expected);
                let (i, j) = (x as isize, y as isize);
                let round = [(i, j), (i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)];
                let inside = |&(x, y): &(isize, isize)| {
                    (0..width as isize).contains(&x) && (0..height as isize).contains(&y)
                };
                prop_assert_eq!(grown.get(x, y), round.iter().any(|&(x, y)| bits.get_signed(x, y)));
                let stays = |p: &(isize, isize)| if inside(p) { bits.get_signed(p.0, p.1) } else { outside };
                prop_assert_eq!(shrunk.get(x, y), round.iter().all(stays));
            }
            prop_assert!(grown.ones().chain(kept.ones()).all(|(x, _)| x < width));
        }
    }

    #[test]
    fn distance_grows_inwards() {
        let d = distance(&disc(60, 20.0));
        assert!((d.get(30, 30).unwrap() / CELL as f32 - 19.5).abs() < 2.0);
        assert_eq!(d.get(0, 0), Some(0.0));
    }
}
