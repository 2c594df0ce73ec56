//! The mapping from one impression's plane to another's, including skin distortion.

use super::params::{WARP_PRIOR, WARP_REACH};
use crate::fingerprint::compare::pairs::{Correspondence, Point, apply, inverse};

/// Newton steps of the inverse mapping.
const STEPS_BACK: usize = 4;
/// Distance along which a direction is mapped, pixels.
const ARM: f32 = 6.0;

/// An affine map and the local displacements of matched minutiae.
#[derive(Clone)]
pub(super) struct Warp {
    map: [f32; 6],
    back: [f32; 6],
    /// Mapped position of a matched minutia, and its remaining displacement.
    residuals: Vec<(Point, Point)>,
}

impl Warp {
    /// The mapping of a correspondence. `None` when it is singular.
    pub(super) fn new(c: &Correspondence) -> Option<Self> {
        let residual = |(a, b): &(Point, Point)| {
            let at = apply(&c.map, *b);
            (at, [a[0] - at[0], a[1] - at[1]])
        };
        Some(Self { map: c.map, back: inverse(&c.map)?, residuals: c.pairs.iter().map(residual).collect() })
    }

    /// Maps a point.
    pub(super) fn place(&self, p: Point) -> Point {
        let [x, y] = apply(&self.map, p);
        let (mut weight, mut dx, mut dy) = (WARP_PRIOR, 0.0, 0.0);
        for ([u, v], [rx, ry]) in &self.residuals {
            let near = 1.0 / (1.0 + ((x - u).powi(2) + (y - v).powi(2)) / (WARP_REACH * WARP_REACH));
            let near = near * near;
            weight += near;
            dx += near * rx;
            dy += near * ry;
        }
        [x + dx / weight, y + dy / weight]
    }

    /// Maps a point back.
    pub(super) fn place_back(&self, q: Point) -> Point {
        let mut p = apply(&self.back, q);
        for _ in 0..STEPS_BACK {
            let [x, y] = self.place(p);
            let (ex, ey) = (q[0] - x, q[1] - y);
            p = [p[0] + self.back[0] * ex + self.back[1] * ey, p[1] + self.back[3] * ex + self.back[4] * ey];
        }
        p
    }

    /// Maps a direction (radians, counter-clockwise with y up) at a point.
    pub(super) fn turn(&self, p: Point, direction: f32) -> f32 {
        let (s, c) = direction.sin_cos();
        let (from, to) = (self.place(p), self.place([p[0] + ARM * c, p[1] + ARM * s]));
        (to[1] - from[1]).atan2(to[0] - from[0])
    }
}

/// A mapping of several steps, in order.
#[derive(Clone, Default)]
pub(super) struct Path(pub(super) Vec<Warp>);

impl Path {
    pub(super) fn place(&self, p: Point) -> Point {
        self.0.iter().fold(p, |p, w| w.place(p))
    }

    pub(super) fn place_back(&self, q: Point) -> Point {
        self.0.iter().rev().fold(q, |q, w| w.place_back(q))
    }

    pub(super) fn turn(&self, p: Point, direction: f32) -> f32 {
        self.0.iter().fold((p, direction), |(p, d), w| (w.place(p), w.turn(p, d))).1
    }
}
