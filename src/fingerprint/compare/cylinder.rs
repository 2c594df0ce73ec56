//! Binary minutia cylinder-code: the neighborhood of each minutia as bits that do not change when the print is rotated.

use std::sync::LazyLock;

use super::descriptor::{CELLS, Descriptor, PLANES, SECTION};
use super::direction::{Brad, Turns, radians};
use super::hull::Hull;
use super::params::*;
use crate::simd::bell::{Bell, SIDE};
use crate::simd::near::{GROUP, LANES, MOST};
use crate::simd::wide::{self, Kernels, Task};

/// Describes every minutia.
pub(crate) fn describe(x: &[f32], y: &[f32], direction: &[Brad], hull: &Hull) -> Vec<Descriptor> {
    wide::run(Description { x, y, direction, hull })
}

struct Description<'a> {
    x: &'a [f32],
    y: &'a [f32],
    direction: &'a [Brad],
    hull: &'a Hull,
}

impl Task for Description<'_> {
    type Output = Vec<Descriptor>;

    #[inline(always)]
    fn run(self, kernels: impl Kernels) -> Vec<Descriptor> {
        let Self { x, y, direction, hull } = self;
        let (table, turns) = (&*ANGLES, Turns::get());
        let n = x.len().min(MOST);
        let (mut xs, mut ys) = ([0.0; MOST], [0.0; MOST]);
        xs[..n].copy_from_slice(&x[..n]);
        ys[..n].copy_from_slice(&y[..n]);
        let (mut out, mut edges) = (Vec::with_capacity(n), Hull::default());
        for m in 0..n {
            let place = Place { x: x[m], y: y[m], unit: turns.unit(direction[m]) };
            let mut sums = [[[0f32; SIDE]; SIDE]; PLANES];
            for start in (0..n).step_by(GROUP) {
                let mut near = place.near(kernels, (&xs, &ys), start, n);
                while near != 0 {
                    let t = start + near.trailing_zeros() as usize;
                    near &= near - 1;
                    if t != m {
                        let turn = direction[m].wrapping_sub(direction[t]);
                        kernels.add_bell(&BELL, &mut sums, place.of(x[t], y[t]), &table[usize::from(turn as u16 >> 8)]);
                    }
                }
            }
            let valid = place.observed(kernels, hull, &mut edges);
            let mut bits = [0; PLANES];
            for (bits, sums) in bits.iter_mut().zip(&sums) {
                // A sum above the step is at least the next float.
                *bits = in_circle(kernels.above(sums.as_flattened(), CYLINDER_STEP.next_up())) & valid;
            }
            out.push(Descriptor { bits, valid });
        }
        out
    }
}

/// Side of a cell, pixels.
const DELTA: f32 = 2.0 * CYLINDER_RADIUS / CYLINDER_SIDE as f32;
/// Distance beyond which a neighbor contributes to no cell, pixels.
const REACH: f32 = CYLINDER_RADIUS + 3.0 * CYLINDER_SIGMA_SPACE;
/// More than what rounding moves the middle of a cell, pixels.
const ROUNDED: f32 = 0.1;
/// Cells of the grid, those in the corners among them.
const GRID: usize = SIDE * SIDE;

/// The middle of each column, pixels from the minutia; of each row likewise.
const MIDDLES: [f32; SIDE] = {
    assert!(CYLINDER_SIDE == SIDE);
    let mut middles = [0.0; SIDE];
    let mut at = 0;
    while at < SIDE {
        middles[at] = (at as f32 - (SIDE as f32 - 1.0) / 2.0) * DELTA;
        at += 1;
    }
    middles
};

/// What a neighbor contributes by its place.
const BELL: Bell = Bell {
    middles: MIDDLES,
    end: 9.0 * CYLINDER_SIGMA_SPACE * CYLINDER_SIGMA_SPACE,
    // One over sigma times the root of a whole turn.
    peak: 1.0 / (CYLINDER_SIGMA_SPACE * 2.506_628_3),
    rate: -1.0 / (2.0 * CYLINDER_SIGMA_SPACE * CYLINDER_SIGMA_SPACE),
};

/// For each row of the grid: its first cell inside the circle, a bit for each of those, and their first number.
const ROWS: [(u32, u64, u32); SIDE] = {
    let mut rows = [(0, 0, 0); SIDE];
    let (mut row, mut number) = (0, 0);
    while row < SIDE {
        let (mut column, mut count) = (0, 0);
        while column < SIDE {
            let (u, v) = (MIDDLES[column], MIDDLES[row]);
            count += (u * u + v * v <= CYLINDER_RADIUS * CYLINDER_RADIUS) as u32;
            column += 1;
        }
        // A row of the circle lies in the middle.
        rows[row] = ((row * SIDE) as u32 + (SIDE as u32 - count) / 2, (1 << count) - 1, number);
        number += count;
        row += 1;
    }
    assert!(number == CELLS as u32);
    rows
};

/// The bits of the cells inside the circle, row by row, of those of the grid.
#[inline(always)]
fn in_circle(grid: u64) -> u64 {
    let mut bits = 0;
    for (first, row, number) in ROWS {
        bits |= (grid >> first & row) << number;
    }
    bits
}

/// A minutia whose neighborhood is described.
struct Place {
    x: f32,
    y: f32,
    /// Cosine and sine of its direction.
    unit: (f32, f32),
}

impl Place {
    /// Which of the first `n` points, from `start` on, are within [`REACH`]; its own is among them.
    #[inline(always)]
    fn near(&self, kernels: impl Kernels, (x, y): (&[f32; MOST], &[f32; MOST]), start: usize, n: usize) -> u64 {
        let end = n.min(start + GROUP);
        let mut squares = [0f32; GROUP];
        let lists = x[start..].as_chunks::<LANES>().0.iter().zip(y[start..].as_chunks::<LANES>().0);
        for (squares, (x, y)) in squares.as_chunks_mut::<LANES>().0.iter_mut().zip(lists) {
            for lane in 0..LANES {
                let (dx, dy) = (x[lane] - self.x, y[lane] - self.y);
                squares[lane] = dx * dx + dy * dy;
            }
        }
        let all = u64::MAX >> (GROUP - (end - start));
        !kernels.above(&squares, (REACH * REACH).next_up()) & all
    }

    /// A position relative to the minutia and its direction.
    #[inline(always)]
    fn of(&self, x: f32, y: f32) -> (f32, f32) {
        let ((dx, dy), (cos, sin)) = ((x - self.x, y - self.y), self.unit);
        (cos * dx + sin * dy, -sin * dx + cos * dy)
    }

    /// The cells that the print can show; `near` is a buffer.
    #[inline(always)]
    fn observed(&self, kernels: impl Kernels, hull: &Hull, near: &mut Hull) -> u64 {
        let (cos, sin) = self.unit;
        // From this depth on an edge has all cells on its inner side, or within the margin.
        let depth = CYLINDER_RADIUS - CYLINDER_HULL_MARGIN + ROUNDED;
        if !hull.edges_near((self.x, self.y), depth, near) {
            return SECTION;
        }
        let (mut px, mut py) = ([0f32; GRID], [0f32; GRID]);
        for row in 0..SIDE {
            for column in 0..SIDE {
                let (u, v) = (MIDDLES[column], MIDDLES[row]);
                px[row * SIDE + column] = self.x + cos * u - sin * v;
                py[row * SIDE + column] = self.y + sin * u + cos * v;
            }
        }
        let outside = near.outside_all(&px, &py, GRID);
        !in_circle(kernels.above(&outside, CYLINDER_HULL_MARGIN.next_up())) & SECTION
    }
}

/// Contribution of a neighbor to each section by the rotation (in 256ths of a turn) from its direction to the minutia's.
static ANGLES: LazyLock<[[f32; PLANES]; 256]> = LazyLock::new(|| {
    let near: [f32; 256] = std::array::from_fn(|i| {
        let alpha = radians(((i as u16) << 8 | 128) as i16);
        let half = std::f32::consts::PI / PLANES as f32;
        let normal = |v: f32| 0.5 * (1.0 + erf(v / (CYLINDER_SIGMA_ANGLE * std::f32::consts::SQRT_2)));
        normal(alpha + half) - normal(alpha - half)
    });
    let height = 65536.0 / PLANES as f32;
    std::array::from_fn(|turn| {
        std::array::from_fn(|plane| {
            let center = ((-32768.0 + (plane as f32 + 0.5) * height) as i32) as i16;
            near[usize::from(center.wrapping_sub((turn << 8) as i16) as u16 >> 8)]
        })
    })
});

/// Error function (Abramowitz and Stegun 7.1.26, error below 1.5e-7).
fn erf(v: f32) -> f32 {
    let t = 1.0 / (1.0 + 0.327_591_1 * v.abs());
    let poly = t * (0.254_829_6 + t * (-0.284_496_73 + t * (1.421_413_8 + t * (-1.453_152_1 + t * 1.061_405_4))));
    (1.0 - poly * (-v * v).exp()).copysign(v)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::compare::hull::convex;
    use crate::simd::instruction_set::on_every_set;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_same_on_every_instruction_set(
            points in proptest::collection::vec((0u16..1200, 0u16..1600, any::<u8>()), 0..60),
        ) {
            let x: Vec<f32> = points.iter().map(|p| f32::from(p.0) * 0.25).collect();
            let y: Vec<f32> = points.iter().map(|p| f32::from(p.1) * -0.25).collect();
            let direction: Vec<Brad> = points.iter().map(|p| (u16::from(p.2) << 8) as Brad).collect();
            let hull = Hull::of(&convex(&x, &y), &x, &y);
            let described =
                on_every_set(|set| set.run(Description { x: &x, y: &y, direction: &direction, hull: &hull }));
            prop_assert_eq!(described.len(), points.len());
        }
    }
}
