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

#[inline(always)]
fn described(x: &[f32], y: &[f32], direction: &[Brad], hull: &Hull) -> Vec<Descriptor> {
    let n = x.len();
    let delta = 2.0 * CYLINDER_RADIUS / CYLINDER_SIDE as f32;
    let reach = CYLINDER_RADIUS + 3.0 * CYLINDER_SIGMA_SPACE;
    let height = 65536.0 / PLANES as f32;
    let table = &*ANGLES;
    let peak = 1.0 / (CYLINDER_SIGMA_SPACE * std::f32::consts::TAU.sqrt());
    let mut out = Vec::with_capacity(n);
    let mut sums = [[0f32; CYLINDER_SIDE * CYLINDER_SIDE]; PLANES];
    let middle = (CYLINDER_SIDE as f32 - 1.0) / 2.0;
    for m in 0..n {
        let (sin, cos) = radians(direction[m]).sin_cos();
        for s in &mut sums {
            s.fill(0.0);
        }
        for t in 0..n {
            let (dx, dy) = (x[t] - x[m], y[t] - y[m]);
            if t == m || dx * dx + dy * dy > reach * reach {
                continue;
            }
            let (u, v) = (cos * dx + sin * dy, -sin * dx + cos * dy);
            let turn = direction[m].wrapping_sub(direction[t]);
            let low = |c: f32| ((c - 3.0 * CYLINDER_SIGMA_SPACE) / delta + middle).ceil().max(0.0) as usize;
            let high = |c: f32| (((c + 3.0 * CYLINDER_SIGMA_SPACE) / delta + middle).floor().max(-1.0) + 1.0) as usize;
            for row in low(v)..high(v).min(CYLINDER_SIDE) {
                for column in low(u)..high(u).min(CYLINDER_SIDE) {
                    let (du, dv) = ((column as f32 - middle) * delta - u, (row as f32 - middle) * delta - v);
                    let d2 = du * du + dv * dv;
                    if d2 > 9.0 * CYLINDER_SIGMA_SPACE * CYLINDER_SIGMA_SPACE {
                        continue;
                    }
                    let space = peak * (-d2 / (2.0 * CYLINDER_SIGMA_SPACE * CYLINDER_SIGMA_SPACE)).exp();
                    for (k, sum) in sums.iter_mut().enumerate() {
                        let center = ((-32768.0 + (k as f32 + 0.5) * height) as i32) as i16;
                        let alpha = center.wrapping_sub(turn);
                        sum[row * CYLINDER_SIDE + column] += space * table[(alpha as u16 >> 8) as usize];
                    }
                }
            }
        }
        // The cells inside the circle, numbered row by row.
        let mut cylinder = Descriptor::default();
        let mut bit = 1;
        for row in 0..CYLINDER_SIDE {
            for column in 0..CYLINDER_SIDE {
                let (u, v) = ((column as f32 - middle) * delta, (row as f32 - middle) * delta);
                if u * u + v * v > CYLINDER_RADIUS * CYLINDER_RADIUS {
                    continue;
                }
                let (px, py) = (x[m] + cos * u - sin * v, y[m] + sin * u + cos * v);
                if hull.outside(px, py) <= CYLINDER_HULL_MARGIN {
                    cylinder.valid |= bit;
                    for (bits, sum) in cylinder.bits.iter_mut().zip(&sums) {
                        *bits |= if sum[row * CYLINDER_SIDE + column] > CYLINDER_STEP { bit } else { 0 };
                    }
                }
                bit <<= 1;
            }
        }
        debug_assert_eq!(bit, 1 << CELLS);
        out.push(cylinder);
    }
    out
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
