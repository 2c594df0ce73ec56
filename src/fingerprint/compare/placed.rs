//! One print's minutiae mapped into the other's plane: a similarity, then shear, then local displacements.

use super::align::Similarity;
use super::direction::brad;
use super::matching::Match;
use super::params::*;
use super::side::Side;
use crate::simd::near::{MOST, Points, padded};

/// Far from every minutia, pixels; fills padding.
const FAR: f32 = 1e9;

/// b's minutiae in a's plane.
pub(crate) struct Placed {
    /// Lanes beyond `len` lie far away.
    pub(crate) points: Points,
    pub(crate) len: usize,
    /// Cosine and sine of the directions before shear.
    cos: [f32; MOST],
    sin: [f32; MOST],
    /// The affine part of the mapping: `(m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5])`.
    pub(crate) map: [f32; 6],
    weight: [f32; MOST],
    dx: [f32; MOST],
    dy: [f32; MOST],
}

impl Default for Placed {
    fn default() -> Self {
        let zero = [0.0; MOST];
        Self {
            points: Points::default(),
            len: 0,
            cos: zero,
            sin: zero,
            map: [0.0; 6],
            weight: zero,
            dx: zero,
            dy: zero,
        }
    }
}

impl Placed {
    /// Maps b's minutiae into a's plane.
    #[inline(always)]
    pub(crate) fn place(&mut self, b: &Side, t: &Similarity) {
        let turn = i32::from(brad(t.rotation()));
        let scale = 1.0 / t.scale();
        let (c, s) = (t.c * scale, t.s * scale);
        self.map = [t.c, -t.s, t.tx, t.s, t.c, t.ty];
        self.len = b.len();
        for k in 0..padded(self.len).min(MOST) {
            let (x, y) = (b.points.x[k], b.points.y[k]);
            let inside = k < self.len;
            self.points.x[k] = if inside { t.c * x - t.s * y + t.tx } else { FAR };
            self.points.y[k] = if inside { t.s * x + t.c * y + t.ty } else { FAR };
            self.points.direction[k] = b.points.direction[k] + turn;
            self.cos[k] = c * b.cos[k] - s * b.sin[k];
            self.sin[k] = s * b.cos[k] + c * b.sin[k];
        }
    }

    /// Remaining displacement between the two minutiae of a match.
    #[inline(always)]
    fn residual(&self, a: &Side, m: &Match) -> (f32, f32) {
        let (i, j) = (usize::from(m.a), usize::from(m.b));
        (a.points.x[i] - self.points.x[j], a.points.y[i] - self.points.y[j])
    }

    /// Removes the common linear part of the matches' residuals, with a prior for no shear.
    #[inline(always)]
    pub(crate) fn shear(&mut self, a: &Side, matches: &[Match]) {
        if matches.len() < LEAST_SHEARED {
            return;
        }
        let n = matches.len() as f32;
        let (mut mx, mut my, mut rx, mut ry) = (0f32, 0f32, 0f32, 0f32);
        for m in matches {
            let (u, v) = self.residual(a, m);
            mx += self.points.x[usize::from(m.b)];
            my += self.points.y[usize::from(m.b)];
            rx += u;
            ry += v;
        }
        (mx, my, rx, ry) = (mx / n, my / n, rx / n, ry / n);
        let ridge = SHEAR_PRIOR * SHEAR_PRIOR * LEAST_SHEARED as f32;
        let (mut xx, mut xy, mut yy) = (ridge, 0f32, ridge);
        let (mut ux, mut uy, mut vx, mut vy) = (0f32, 0f32, 0f32, 0f32);
        for m in matches {
            let (u, v) = self.residual(a, m);
            let (u, v) = (u - rx, v - ry);
            let (dx, dy) = (self.points.x[usize::from(m.b)] - mx, self.points.y[usize::from(m.b)] - my);
            xx += dx * dx;
            xy += dx * dy;
            yy += dy * dy;
            ux += u * dx;
            uy += u * dy;
            vx += v * dx;
            vy += v * dy;
        }
        let det = xx * yy - xy * xy;
        if det <= 0.0 {
            return;
        }
        let bound = |v: f32| (v / det).clamp(-MOST_SHEAR, MOST_SHEAR);
        let e =
            [bound(ux * yy - uy * xy), bound(uy * xx - ux * xy), bound(vx * yy - vy * xy), bound(vy * xx - vx * xy)];
        let m = self.map;
        self.map = [
            m[0] + e[0] * m[0] + e[1] * m[3],
            m[1] + e[0] * m[1] + e[1] * m[4],
            m[2] + e[0] * (m[2] - mx) + e[1] * (m[5] - my) + rx,
            m[3] + e[2] * m[0] + e[3] * m[3],
            m[4] + e[2] * m[1] + e[3] * m[4],
            m[5] + e[2] * (m[2] - mx) + e[3] * (m[5] - my) + ry,
        ];
        for k in 0..padded(self.len).min(MOST) {
            let (dx, dy) = (self.points.x[k] - mx, self.points.y[k] - my);
            self.points.x[k] += e[0] * dx + e[1] * dy + rx;
            self.points.y[k] += e[2] * dx + e[3] * dy + ry;
            // A small linear map rotates a direction by the perpendicular part of its change.
            let (s, c) = (self.sin[k], self.cos[k]);
            let across = (e[2] * c + e[3] * s) * c - (e[0] * c + e[1] * s) * s;
            let along = 1.0 + (e[0] * c + e[1] * s) * c + (e[2] * c + e[3] * s) * s;
            let turn = across / if along > 0.1 { along } else { 0.1 };
            let turn = turn - turn * turn * turn * (1.0 / 3.0);
            self.points.direction[k] += (turn * (32768.0 / std::f32::consts::PI)) as i32;
        }
    }

    /// Adds the local displacement that nearby matched pairs show. A pair does not contribute to its own.
    #[inline(always)]
    pub(crate) fn bend(&mut self, a: &Side, matches: &[Match]) {
        let lanes = padded(self.len).min(MOST);
        self.weight[..lanes].fill(FIELD_PRIOR);
        self.dx[..lanes].fill(0.0);
        self.dy[..lanes].fill(0.0);
        let scale = 1.0 / (FIELD_REACH * FIELD_REACH);
        for m in matches {
            let (u, v) = self.residual(a, m);
            let j = usize::from(m.b);
            let (px, py) = (self.points.x[j], self.points.y[j]);
            for k in 0..lanes {
                let (dx, dy) = (self.points.x[k] - px, self.points.y[k] - py);
                let near = 1.0 / (1.0 + (dx * dx + dy * dy) * scale);
                let near = near * near;
                self.weight[k] += near;
                self.dx[k] += near * u;
                self.dy[k] += near * v;
            }
            self.weight[j] -= 1.0;
            self.dx[j] -= u;
            self.dy[j] -= v;
        }
        for k in 0..lanes {
            let weight = 1.0 / if self.weight[k] > FIELD_PRIOR { self.weight[k] } else { FIELD_PRIOR };
            self.points.x[k] += self.dx[k] * weight;
            self.points.y[k] += self.dy[k] * weight;
        }
    }
}
