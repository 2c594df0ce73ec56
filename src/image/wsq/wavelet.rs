//! The 9/7 wavelet transform over a plane, one rectangle at a time, forward and back.
//!
//! A line of samples is mirrored at its first and its last sample. Low-pass samples sit at even places, high-pass samples
//! at odd ones; after a split, each half is contiguous.

// Indices in lines of at most 65,535 samples: no sum of them overflows.
#![allow(clippy::arithmetic_side_effects)]

use super::params::{HIGH, LOW};
use super::tree::{Rect, Tree};

/// Samples that a filter reaches beyond a line of halves.
const PAD: usize = 2;

/// A symmetric filter pair, each half from its center outwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Filters {
    /// Low-pass of the analysis, 9 taps.
    pub low: [f32; 5],
    /// High-pass of the analysis, 7 taps.
    pub high: [f32; 4],
}

impl Filters {
    /// The filters of the specification.
    pub fn standard() -> Self {
        Self { low: LOW.map(single), high: HIGH.map(single) }
    }

    /// The low-pass gain for a constant, which a line of one sample is.
    fn gain(&self) -> f32 {
        let [center, rest @ ..] = self.low;
        center + 2.0 * rest.iter().sum::<f32>()
    }

    /// Synthesis filters: signs of odd taps inverted, roles exchanged.
    fn synthesis(self) -> Self {
        let [a, b, c, d, e] = self.low;
        let [f, g, h, i] = self.high;
        Self { low: [a, -b, c, -d, e], high: [f, -g, h, -i] }
    }
}

#[allow(clippy::as_conversions, reason = "rounding to the nearest single is what is wanted")]
fn single(value: f64) -> f32 {
    value as f32
}

/// Samples of an image or of its sub-bands.
pub(super) struct Plane {
    width: usize,
    data: Vec<f32>,
}

impl Plane {
    /// A plane of row-major samples; `width` is at least 1.
    pub fn new(width: usize, data: Vec<f32>) -> Self {
        Self { width: width.max(1), data }
    }

    /// All samples.
    pub fn samples(&self) -> &[f32] {
        &self.data
    }

    /// Rows of a rectangle.
    pub fn rows(&self, rect: &Rect) -> impl Iterator<Item = &[f32]> {
        let x = rect.x.clone();
        let rows = self.data.chunks_exact(self.width).skip(rect.y.start).take(rect.y.len());
        rows.filter_map(move |row| row.get(x.clone()))
    }

    /// Mutable rows of a rectangle.
    pub fn rows_mut(&mut self, rect: &Rect) -> impl Iterator<Item = &mut [f32]> {
        let x = rect.x.clone();
        let rows = self.data.chunks_exact_mut(self.width).skip(rect.y.start).take(rect.y.len());
        rows.filter_map(move |row| row.get_mut(x.clone()))
    }

    /// Image to sub-bands.
    pub fn decompose(&mut self, tree: &Tree, filters: Filters) {
        let mut scratch = Scratch::default();
        for rect in tree.splits.iter().filter(|r| r.area() > 0) {
            scratch.split_rows(self, rect, filters);
            scratch.split_columns(self, rect, filters);
        }
    }

    /// Sub-bands to image.
    pub fn reconstruct(&mut self, tree: &Tree, filters: Filters) {
        let filters = filters.synthesis();
        let mut scratch = Scratch::default();
        for rect in tree.splits.iter().rev().filter(|r| r.area() > 0) {
            scratch.join_columns(self, rect, filters);
            scratch.join_rows(self, rect, filters);
        }
    }
}

/// Buffers between the two directions.
#[derive(Default)]
struct Scratch {
    /// The rectangle half done.
    half: Vec<f32>,
    /// Samples at even places of a line, padded.
    even: Vec<f32>,
    /// Samples at odd places of a line, padded.
    odd: Vec<f32>,
    /// Even places of a joined line.
    out_even: Vec<f32>,
    /// Odd places of a joined line.
    out_odd: Vec<f32>,
}

impl Scratch {
    /// Splits each row of `rect` in the plane into `half`.
    fn split_rows(&mut self, plane: &Plane, rect: &Rect, f: Filters) {
        let n = rect.x.len();
        let low = n.div_ceil(2);
        self.half.clear();
        self.half.resize(rect.area(), 0.0);
        for (row, out) in plane.rows(rect).zip(self.half.chunks_exact_mut(n)) {
            if n == 1 {
                scale(out, f.gain(), row);
                continue;
            }
            self.even.resize(PAD, 0.0);
            self.odd.resize(PAD, 0.0);
            self.even.extend(row.iter().step_by(2));
            self.odd.extend(row.iter().skip(1).step_by(2));
            pad(&mut self.even, 0, n);
            pad(&mut self.odd, 1, n);
            let (e, o) = (self.even.as_slice(), self.odd.as_slice());
            let (low_out, high_out) = halves(out, low, rect.flip_x);
            filter_low(low_out, f, e, o);
            filter_high(high_out, f, e, o);
            self.even.clear();
            self.odd.clear();
        }
    }

    /// Splits each column of `half` into `rect` of the plane.
    fn split_columns(&mut self, plane: &mut Plane, rect: &Rect, f: Filters) {
        let n = rect.y.len();
        let rows: Vec<&[f32]> = self.half.chunks_exact(rect.x.len()).collect();
        let at = |place: usize, step: isize| -> &[f32] {
            mirror(place, step, n).and_then(|i| rows.get(i)).copied().unwrap_or_default()
        };
        for ((k, is_low), out) in places(n, rect.flip_y).zip(plane.rows_mut(rect)) {
            if n == 1 {
                scale(out, f.gain(), at(0, 0));
            } else if is_low {
                let place = 2 * k;
                scale(out, f.low[0], at(place, 0));
                for (step, &tap) in (1..).zip(f.low.iter().skip(1)) {
                    add(out, tap, at(place, -step), at(place, step));
                }
            } else {
                let place = 2 * k + 1;
                scale(out, f.high[0], at(place, 0));
                for (step, &tap) in (1..).zip(f.high.iter().skip(1)) {
                    add(out, tap, at(place, -step), at(place, step));
                }
            }
        }
    }

    /// Joins each column of `rect` in the plane into `half`.
    fn join_columns(&mut self, plane: &Plane, rect: &Rect, f: Filters) {
        let n = rect.y.len();
        let low = n.div_ceil(2);
        let rows: Vec<&[f32]> = plane.rows(rect).collect();
        let (low_at, high_at) = if rect.flip_y { (n - low, 0) } else { (0, low) };
        // The sample at an even place is low-pass, at an odd one high-pass.
        let at = |place: usize, step: isize| -> &[f32] {
            let Some(i) = mirror(place, step, n) else { return &[] };
            let row = if i % 2 == 0 { low_at + i / 2 } else { high_at + i / 2 };
            rows.get(row).copied().unwrap_or_default()
        };
        self.half.clear();
        self.half.resize(rect.area(), 0.0);
        for (place, out) in self.half.chunks_exact_mut(rect.x.len()).enumerate() {
            // Taps alternate between the filter whose samples sit at this parity and the other one.
            let taps: [f32; 5] = if place % 2 == 0 {
                [f.high[0], f.low[1], f.high[2], f.low[3], 0.0]
            } else {
                [f.low[0], f.high[1], f.low[2], f.high[3], f.low[4]]
            };
            scale(out, taps[0], at(place, 0));
            for (step, &tap) in (1..).zip(taps.iter().skip(1)).filter(|(_, tap)| **tap != 0.0) {
                add(out, tap, at(place, -step), at(place, step));
            }
        }
    }

    /// Joins each row of `half` into `rect` of the plane.
    fn join_rows(&mut self, plane: &mut Plane, rect: &Rect, f: Filters) {
        let n = rect.x.len();
        let low = n.div_ceil(2);
        for (row, out) in self.half.chunks_exact(n).zip(plane.rows_mut(rect)) {
            let (low_in, high_in) = if rect.flip_x {
                let (high, low) = row.split_at(n - low);
                (low, high)
            } else {
                row.split_at(low)
            };
            self.even.resize(PAD, 0.0);
            self.odd.resize(PAD, 0.0);
            self.even.extend_from_slice(low_in);
            self.odd.extend_from_slice(high_in);
            pad(&mut self.even, 0, n);
            pad(&mut self.odd, 1, n);
            let (e, o) = (|by| tail(&self.even, by), |by| tail(&self.odd, by));
            self.out_even.resize(low, 0.0);
            scale(&mut self.out_even, f.high[0], e(PAD));
            add(&mut self.out_even, f.low[1], o(PAD - 1), o(PAD));
            add(&mut self.out_even, f.high[2], e(PAD - 1), e(PAD + 1));
            add(&mut self.out_even, f.low[3], o(PAD - 2), o(PAD + 1));
            self.out_odd.resize(n - low, 0.0);
            scale(&mut self.out_odd, f.low[0], o(PAD));
            add(&mut self.out_odd, f.high[1], e(PAD), e(PAD + 1));
            add(&mut self.out_odd, f.low[2], o(PAD - 1), o(PAD + 1));
            add(&mut self.out_odd, f.high[3], e(PAD - 1), e(PAD + 2));
            add(&mut self.out_odd, f.low[4], o(PAD - 2), o(PAD + 2));
            out.iter_mut().step_by(2).zip(&self.out_even).for_each(|(o, v)| *o = *v);
            out.iter_mut().skip(1).step_by(2).zip(&self.out_odd).for_each(|(o, v)| *o = *v);
            self.even.clear();
            self.odd.clear();
        }
    }
}

/// Low-pass samples from padded halves of a line.
fn filter_low(out: &mut [f32], f: Filters, e: &[f32], o: &[f32]) {
    let [c0, c1, c2, c3, c4] = f.low;
    let (e, o) = (|by| tail(e, by), |by| tail(o, by));
    scale(out, c0, e(PAD));
    add(out, c1, o(PAD - 1), o(PAD));
    add(out, c2, e(PAD - 1), e(PAD + 1));
    add(out, c3, o(PAD - 2), o(PAD + 1));
    add(out, c4, e(PAD - 2), e(PAD + 2));
}

/// High-pass samples from padded halves of a line.
fn filter_high(out: &mut [f32], f: Filters, e: &[f32], o: &[f32]) {
    let [c0, c1, c2, c3] = f.high;
    let (e, o) = (|by| tail(e, by), |by| tail(o, by));
    scale(out, c0, o(PAD));
    add(out, c1, e(PAD), e(PAD + 1));
    add(out, c2, o(PAD - 1), o(PAD + 1));
    add(out, c3, e(PAD - 1), e(PAD + 2));
}

/// The two halves of a split line, low first.
fn halves(out: &mut [f32], low: usize, flipped: bool) -> (&mut [f32], &mut [f32]) {
    if flipped {
        let high = out.len() - low;
        let (high, low) = out.split_at_mut(high);
        (low, high)
    } else {
        out.split_at_mut(low)
    }
}

/// For each place of a split line: its number within its half, and whether that is the low one.
fn places(n: usize, flipped: bool) -> impl Iterator<Item = (usize, bool)> {
    let low = n.div_ceil(2);
    let first = if flipped { n - low } else { low };
    (0..n).map(move |i| if i < first { (i, !flipped) } else { (i - first, flipped) })
}

/// The place that `place + step` is mirrored to in a line of `n`; `None` for the odd places of a single sample.
fn mirror(place: usize, step: isize, n: usize) -> Option<usize> {
    let last = n.checked_sub(1)?;
    let wanted = isize::try_from(place).ok()? + step;
    if last == 0 {
        return (wanted % 2 == 0).then_some(0);
    }
    let period = isize::try_from(2 * last).ok()?;
    let within = usize::try_from(wanted.checked_rem_euclid(period)?).ok()?;
    Some(if within <= last { within } else { 2 * last - within })
}

/// Fills both paddings of a half line (its samples are at places `parity`, `parity + 2`, ... of a line of `n`).
fn pad(half: &mut Vec<f32>, parity: usize, n: usize) {
    let mirrored = |half: &[f32], index: isize| {
        let place = mirror(parity, 2 * index, n);
        place.and_then(|p| half.get(PAD + p / 2)).copied().unwrap_or(0.0)
    };
    let (count, mut before) = (half.len() - PAD, [0.0; PAD]);
    for (value, index) in before.iter_mut().zip([-2, -1]) {
        *value = mirrored(half, index);
    }
    half.iter_mut().zip(before).for_each(|(h, b)| *h = b);
    // One place more: the odd half of an odd line is the shorter one.
    for index in 0..=PAD {
        let value = isize::try_from(count + index).map_or(0.0, |i| mirrored(half, i));
        half.push(value);
    }
}

/// A line from a sample on.
fn tail(line: &[f32], from: usize) -> &[f32] {
    line.get(from..).unwrap_or_default()
}

/// `out = tap * line`.
fn scale(out: &mut [f32], tap: f32, line: &[f32]) {
    if line.is_empty() {
        return out.fill(0.0);
    }
    out.iter_mut().zip(line).for_each(|(o, v)| *o = tap * v);
}

/// `out += tap * (a + b)`; an empty line is all zeros.
fn add(out: &mut [f32], tap: f32, a: &[f32], b: &[f32]) {
    if a.is_empty() || b.is_empty() {
        return;
    }
    out.iter_mut().zip(a.iter().zip(b)).for_each(|(o, (a, b))| *o += tap * (a + b));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reconstruction_is_perfect_at_any_size() {
        for (width, height) in [(1, 1), (2, 1), (1, 5), (3, 3), (17, 40), (64, 64), (97, 33), (121, 66)] {
            let image: Vec<f32> = (0..width * height).map(|i| ((i * 7919 + i / 3) % 251) as f32 - 125.0).collect();
            let tree = Tree::new(width, height);
            let mut plane = Plane::new(width, image.clone());
            plane.decompose(&tree, Filters::standard());
            plane.reconstruct(&tree, Filters::standard());
            for (i, (a, b)) in image.iter().zip(plane.samples()).enumerate() {
                assert!((a - b).abs() < 0.01, "{width} x {height}, sample {i}: {a} became {b}");
            }
        }
    }

    #[test]
    fn a_flat_plane_goes_into_the_lowest_sub_band() {
        let tree = Tree::new(96, 64);
        let mut plane = Plane::new(96, vec![1.0; 96 * 64]);
        plane.decompose(&tree, Filters::standard());
        // Five splits in two directions, each of gain the square root of two.
        assert!(plane.rows(&tree.bands[0]).flatten().all(|v| (v - 32.0).abs() < 1e-3));
        assert!(tree.bands[1..].iter().all(|b| plane.rows(b).flatten().all(|v| v.abs() < 1e-3)));
    }

    #[test]
    fn mirrors_at_the_first_and_the_last_sample() {
        let places = |n| (-3..6).map(|s| mirror(0, s, n)).collect::<Vec<_>>();
        assert_eq!(places(3), [1, 2, 1, 0, 1, 2, 1, 0, 1].map(Some));
        assert_eq!(places(1)[2..5], [None, Some(0), None]);
    }
}
