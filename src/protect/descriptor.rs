//! The local descriptor of codes of form 2: bits of the binary minutia cylinder-code (Cappelli, Ferrara, Maltoni 2010).
//! Frozen, see `points`.

use std::sync::LazyLock;

use super::outline::Outline;
use super::params::{
    CELLS, DESCRIPTOR_MARGIN, DESCRIPTOR_RADIUS, DESCRIPTOR_SIDE, DESCRIPTOR_SIGMA, DESCRIPTOR_SIGMA_ANGLE,
    DESCRIPTOR_STEP, SECTIONS,
};
use super::points::Points;
use crate::simd::wide::{self, Kernels, Task};

/// The surroundings of one minutia.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Descriptor {
    /// One bit for each cell of each section, set only where observed.
    pub(super) bits: [u64; SECTIONS],
    /// One bit for each cell, set where it was observed.
    pub(super) valid: u64,
}

/// Describes every minutia.
pub(super) fn describe(points: &Points) -> Vec<Descriptor> {
    let outline = Outline::new(&points.x, &points.y);
    wide::run(Description { points, outline: &outline })
}

struct Description<'a> {
    points: &'a Points,
    outline: &'a Outline,
}

/// A direction in 65,536ths of a turn, as radians in `[-pi, pi)`.
fn radians(turn: i16) -> f32 {
    f32::from(turn) * (std::f32::consts::PI / 32768.0)
}

/// A direction in 65,536ths of a turn; differences wrap automatically.
fn turn(direction: u8) -> i16 {
    (u16::from(direction) << 8) as i16
}

impl Task for Description<'_> {
    type Output = Vec<Descriptor>;

    #[inline(always)]
    fn run(self, _: impl Kernels) -> Vec<Descriptor> {
        let n = self.points.x.len();
        (0..n).map(|m| self.one(m)).collect()
    }
}

impl Description<'_> {
    #[inline(always)]
    fn one(&self, m: usize) -> Descriptor {
        const SIDE: usize = DESCRIPTOR_SIDE;
        let (x, y) = (&self.points.x, &self.points.y);
        let direction = |i: usize| turn(self.points.direction[i]);
        let delta = 2.0 * DESCRIPTOR_RADIUS / SIDE as f32;
        let reach = DESCRIPTOR_RADIUS + 3.0 * DESCRIPTOR_SIGMA;
        let height = 65536.0 / SECTIONS as f32;
        let peak = 1.0 / (DESCRIPTOR_SIGMA * std::f32::consts::TAU.sqrt());
        let middle = (SIDE as f32 - 1.0) / 2.0;
        let table = &*ANGLES;
        let mut sums = [[0f32; SIDE * SIDE]; SECTIONS];
        let (sin, cos) = radians(direction(m)).sin_cos();
        for t in 0..x.len() {
            let (dx, dy) = (x[t] - x[m], y[t] - y[m]);
            if t == m || dx * dx + dy * dy > reach * reach {
                continue;
            }
            let (u, v) = (cos * dx + sin * dy, -sin * dx + cos * dy);
            let turned = direction(m).wrapping_sub(direction(t));
            let low = |c: f32| ((c - 3.0 * DESCRIPTOR_SIGMA) / delta + middle).ceil().max(0.0) as usize;
            let high = |c: f32| (((c + 3.0 * DESCRIPTOR_SIGMA) / delta + middle).floor().max(-1.0) + 1.0) as usize;
            for row in low(v)..high(v).min(SIDE) {
                for column in low(u)..high(u).min(SIDE) {
                    let (du, dv) = ((column as f32 - middle) * delta - u, (row as f32 - middle) * delta - v);
                    let d2 = du * du + dv * dv;
                    if d2 > 9.0 * DESCRIPTOR_SIGMA * DESCRIPTOR_SIGMA {
                        continue;
                    }
                    let space = peak * (-d2 / (2.0 * DESCRIPTOR_SIGMA * DESCRIPTOR_SIGMA)).exp();
                    for (k, sum) in sums.iter_mut().enumerate() {
                        let center = ((-32768.0 + (k as f32 + 0.5) * height) as i32) as i16;
                        let alpha = center.wrapping_sub(turned);
                        sum[row * SIDE + column] += space * table[usize::from(alpha as u16 >> 8)];
                    }
                }
            }
        }
        // The cells inside the circle, numbered row by row.
        let mut found = Descriptor::default();
        let mut bit = 1;
        for row in 0..SIDE {
            for column in 0..SIDE {
                let (u, v) = ((column as f32 - middle) * delta, (row as f32 - middle) * delta);
                if u * u + v * v > DESCRIPTOR_RADIUS * DESCRIPTOR_RADIUS {
                    continue;
                }
                let (px, py) = (x[m] + cos * u - sin * v, y[m] + sin * u + cos * v);
                if self.outline.outside(px, py) <= DESCRIPTOR_MARGIN {
                    found.valid |= bit;
                    for (bits, sum) in found.bits.iter_mut().zip(&sums) {
                        *bits |= if sum[row * SIDE + column] > DESCRIPTOR_STEP { bit } else { 0 };
                    }
                }
                bit <<= 1;
            }
        }
        debug_assert_eq!(bit, 1 << CELLS);
        found
    }
}

/// Contribution of a neighbor by the difference (in 256ths of a turn) of its direction from a section's center.
static ANGLES: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        let alpha = radians(((i as u16) << 8 | 128) as i16);
        let half = std::f32::consts::PI / SECTIONS as f32;
        let normal = |v: f32| 0.5 * (1.0 + erf(v / (DESCRIPTOR_SIGMA_ANGLE * std::f32::consts::SQRT_2)));
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
    use proptest::prelude::*;

    use super::*;
    use crate::simd::instruction_set::on_every_set;

    proptest! {
        #[test]
        fn the_same_on_every_instruction_set(
            places in proptest::collection::vec((0u16..1200, 0u16..1600, any::<u8>()), 0..60),
        ) {
            let points = Points {
                x: places.iter().map(|p| f32::from(p.0) * 0.25).collect(),
                y: places.iter().map(|p| f32::from(p.1) * -0.25).collect(),
                direction: places.iter().map(|p| p.2).collect(),
                quality: vec![0; places.len()],
            };
            let outline = Outline::new(&points.x, &points.y);
            let task = || Description { points: &points, outline: &outline };
            prop_assert_eq!(on_every_set(|set| set.run(task())).len(), places.len());
        }
    }
}
