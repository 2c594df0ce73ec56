//! Binary minutia cylinder-code: the neighborhood of each minutia as bits that do not change when the print is rotated.

use std::sync::LazyLock;

use super::descriptor::{CELLS, Descriptor, PLANES};
use super::direction::{Brad, radians};
use super::hull::Hull;
use super::params::*;
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
    fn run(self, _: impl Kernels) -> Vec<Descriptor> {
        described(self.x, self.y, self.direction, self.hull)
    }
}

/// Side of a cell, pixels.
const DELTA: f32 = 2.0 * CYLINDER_RADIUS / CYLINDER_SIDE as f32;
/// Square of the distance at which a neighbor's contribution ends, square pixels.
const END: f32 = 9.0 * CYLINDER_SIGMA_SPACE * CYLINDER_SIGMA_SPACE;
/// Cells of the grid, those in the corners among them.
const GRID: usize = CYLINDER_SIDE * CYLINDER_SIDE;

/// The middle of each column, pixels from the minutia; of each row likewise.
const MIDDLES: [f32; CYLINDER_SIDE] = {
    let mut middles = [0.0; CYLINDER_SIDE];
    let mut at = 0;
    while at < CYLINDER_SIDE {
        middles[at] = (at as f32 - (CYLINDER_SIDE as f32 - 1.0) / 2.0) * DELTA;
        at += 1;
    }
    middles
};

/// The bit of each cell of the grid, numbered row by row inside the circle; 0 in the corners.
const BITS: [u64; GRID] = {
    let mut bits = [0; GRID];
    let (mut at, mut bit) = (0, 1);
    while at < GRID {
        let (u, v) = (MIDDLES[at % CYLINDER_SIDE], MIDDLES[at / CYLINDER_SIDE]);
        if u * u + v * v <= CYLINDER_RADIUS * CYLINDER_RADIUS {
            bits[at] = bit;
            bit <<= 1;
        }
        at += 1;
    }
    assert!(bit == 1 << CELLS);
    bits
};

#[inline(always)]
fn described(x: &[f32], y: &[f32], direction: &[Brad], hull: &Hull) -> Vec<Descriptor> {
    let n = x.len();
    let reach = CYLINDER_RADIUS + 3.0 * CYLINDER_SIGMA_SPACE;
    let height = 65536.0 / PLANES as f32;
    let table = &*ANGLES;
    let peak = 1.0 / (CYLINDER_SIGMA_SPACE * std::f32::consts::TAU.sqrt());
    let mut out = Vec::with_capacity(n);
    for m in 0..n {
        let (sin, cos) = radians(direction[m]).sin_cos();
        let mut sums = [[[0f32; CYLINDER_SIDE]; CYLINDER_SIDE]; PLANES];
        for t in 0..n {
            let (dx, dy) = (x[t] - x[m], y[t] - y[m]);
            if t == m || dx * dx + dy * dy > reach * reach {
                continue;
            }
            let (u, v) = (cos * dx + sin * dy, -sin * dx + cos * dy);
            let turn = direction[m].wrapping_sub(direction[t]);
            let angles: [f32; PLANES] = std::array::from_fn(|k| {
                let center = ((-32768.0 + (k as f32 + 0.5) * height) as i32) as i16;
                table[(center.wrapping_sub(turn) as u16 >> 8) as usize]
            });
            let (across, down) = (squares(u), squares(v));
            let (near_across, near_down) = (decays(&across), decays(&down));
            for row in 0..CYLINDER_SIDE {
                if down[row] > END {
                    continue;
                }
                let mut space = [0f32; CYLINDER_SIDE];
                for column in 0..CYLINDER_SIDE {
                    let value = peak * near_down[row] * near_across[column];
                    space[column] = if across[column] + down[row] <= END { value } else { 0.0 };
                }
                for (sums, angle) in sums.iter_mut().zip(angles) {
                    for (sum, space) in sums[row].iter_mut().zip(space) {
                        *sum += space * angle;
                    }
                }
            }
        }
        // The cells that the print can show.
        let (mut px, mut py) = ([0f32; GRID], [0f32; GRID]);
        for row in 0..CYLINDER_SIDE {
            for column in 0..CYLINDER_SIDE {
                let (u, v) = (MIDDLES[column], MIDDLES[row]);
                px[row * CYLINDER_SIDE + column] = x[m] + cos * u - sin * v;
                py[row * CYLINDER_SIDE + column] = y[m] + sin * u + cos * v;
            }
        }
        let outside = hull.outside_all(&px, &py, GRID);
        let mut cylinder = Descriptor::default();
        for (at, bit) in BITS.into_iter().enumerate() {
            cylinder.valid |= if outside[at] <= CYLINDER_HULL_MARGIN { bit } else { 0 };
        }
        for (bits, sums) in cylinder.bits.iter_mut().zip(&sums) {
            for (sum, bit) in sums.as_flattened().iter().zip(BITS) {
                *bits |= if *sum > CYLINDER_STEP { bit } else { 0 };
            }
            *bits &= cylinder.valid;
        }
        out.push(cylinder);
    }
    out
}

/// Squares of the distances of a neighbor at `u` from the middles of all columns, or rows.
#[inline(always)]
fn squares(u: f32) -> [f32; CYLINDER_SIDE] {
    MIDDLES.map(|middle| (middle - u) * (middle - u))
}

/// `exp(-d2 / (2 sigma^2))`, to a few units in the last place where `d2` is at most [`END`]: the series of `exp(z / 8)` up to the
/// seventh power, to the eighth power. Only sums and products, so it is the same on every machine, and eight at a time.
#[inline(always)]
fn decays(squares: &[f32; CYLINDER_SIDE]) -> [f32; CYLINDER_SIDE] {
    squares.map(|d2| {
        let z = d2 * (-1.0 / (16.0 * CYLINDER_SIGMA_SPACE * CYLINDER_SIGMA_SPACE));
        let series = 1.0
            + z * (1.0
                + z * (1.0 / 2.0
                    + z * (1.0 / 6.0 + z * (1.0 / 24.0 + z * (1.0 / 120.0 + z * (1.0 / 720.0 + z / 5040.0))))));
        let square = series * series;
        let fourth = square * square;
        fourth * fourth
    })
}

/// Contribution of a neighbor by the difference (in 256ths of a turn) of its direction from a section's center.
static ANGLES: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        let alpha = radians(((i as u16) << 8 | 128) as i16);
        let half = std::f32::consts::PI / PLANES as f32;
        let normal = |v: f32| 0.5 * (1.0 + erf(v / (CYLINDER_SIGMA_ANGLE * std::f32::consts::SQRT_2)));
        normal(alpha + half) - normal(alpha - half)
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

    #[test]
    fn decays_are_those_of_the_exponential() {
        for step in 0..1000 {
            let d2 = END * step as f32 / 999.0;
            let exact = (-f64::from(d2) / (2.0 * f64::from(CYLINDER_SIGMA_SPACE).powi(2))).exp();
            let [made, ..] = decays(&[d2; CYLINDER_SIDE]);
            assert!((f64::from(made) / exact - 1.0).abs() < 4e-6, "{made} for {exact}");
        }
    }

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
