//! One print's minutiae carried into the other's plane: a similarity, then shear, then local displacements.

use super::align::Similarity;
use super::consolidate::Match;
use super::params::*;
use super::print::{Brad, Side, brad, radians};
use crate::simd::popcount::padded;

/// Far from every minutia, pixels; fills padding.
const FAR: f32 = 1e9;

/// b's minutiae in a's plane.
#[derive(Default)]
pub(crate) struct Placed {
    /// Padded with points far away.
    pub(crate) x: Vec<f32>,
    /// See `x`.
    pub(crate) y: Vec<f32>,
    /// Not padded.
    pub(crate) direction: Vec<Brad>,
    /// The affine part of the way: `(m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5])`.
    pub(crate) map: [f32; 6],
    weight: Vec<f32>,
    dx: Vec<f32>,
    dy: Vec<f32>,
}

impl Placed {
    /// Carries b's minutiae into a's plane.
    pub(crate) fn place(&mut self, b: &Side, t: &Similarity) {
        let turn = brad(t.rotation());
        self.map = [t.c, -t.s, t.tx, t.s, t.c, t.ty];
        self.x.clear();
        self.y.clear();
        self.direction.clear();
        for (&x, &y) in b.x.iter().zip(&b.y) {
            self.x.push(t.c * x - t.s * y + t.tx);
            self.y.push(t.s * x + t.c * y + t.ty);
        }
        self.direction.extend(b.direction.iter().map(|d| d.wrapping_add(turn)));
        self.x.resize(padded(b.len()), FAR);
        self.y.resize(padded(b.len()), FAR);
    }

    /// What still separates the two minutiae of a match.
    fn residual(&self, a: &Side, m: &Match) -> (f32, f32) {
        let (i, j) = (usize::from(m.a), usize::from(m.b));
        (a.x[i] - self.x[j], a.y[i] - self.y[j])
    }

    /// Removes the linear part of what the matches' residuals have in common, against a belief in no shear.
    pub(crate) fn shear(&mut self, a: &Side, matches: &[Match]) {
        if matches.len() < LEAST_SHEARED {
            return;
        }
        let n = matches.len() as f32;
        let (mut mx, mut my, mut rx, mut ry) = (0f32, 0f32, 0f32, 0f32);
        for m in matches {
            let (u, v) = self.residual(a, m);
            mx += self.x[usize::from(m.b)];
            my += self.y[usize::from(m.b)];
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
            let (dx, dy) = (self.x[usize::from(m.b)] - mx, self.y[usize::from(m.b)] - my);
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
        for ((x, y), direction) in self.x.iter_mut().zip(&mut self.y).zip(&mut self.direction) {
            let (dx, dy) = (*x - mx, *y - my);
            *x += e[0] * dx + e[1] * dy + rx;
            *y += e[2] * dx + e[3] * dy + ry;
            // A small linear map turns a direction by the part of its change across it.
            let (s, c) = radians(*direction).sin_cos();
            let across = (e[2] * c + e[3] * s) * c - (e[0] * c + e[1] * s) * s;
            let along = 1.0 + (e[0] * c + e[1] * s) * c + (e[2] * c + e[3] * s) * s;
            let turn = across / along.max(0.1);
            let turn = turn - turn * turn * turn * (1.0 / 3.0);
            *direction = direction.wrapping_add((turn * (32768.0 / std::f32::consts::PI)) as i16);
        }
    }

    /// Adds the local displacement that the matched pairs nearby show. A pair has no say in its own.
    pub(crate) fn bend(&mut self, a: &Side, matches: &[Match]) {
        for v in [&mut self.weight, &mut self.dx, &mut self.dy] {
            v.clear();
            v.resize(self.x.len(), 0.0);
        }
        self.weight.fill(FIELD_PRIOR);
        let scale = 1.0 / (FIELD_REACH * FIELD_REACH);
        for m in matches {
            let (u, v) = self.residual(a, m);
            let j = usize::from(m.b);
            let (px, py) = (self.x[j], self.y[j]);
            let points = self.x.iter().zip(&self.y);
            let sums = self.weight.iter_mut().zip(&mut self.dx).zip(&mut self.dy);
            for ((&x, &y), ((weight, dx), dy)) in points.zip(sums) {
                let d2 = (x - px) * (x - px) + (y - py) * (y - py);
                let near = 1.0 / (1.0 + d2 * scale);
                let near = near * near;
                *weight += near;
                *dx += near * u;
                *dy += near * v;
            }
            self.weight[j] -= 1.0;
            self.dx[j] -= u;
            self.dy[j] -= v;
        }
        let sums = self.weight.iter().zip(&self.dx).zip(&self.dy);
        for ((x, y), ((weight, dx), dy)) in self.x.iter_mut().zip(&mut self.y).zip(sums) {
            let weight = weight.max(FIELD_PRIOR);
            *x += dx / weight;
            *y += dy / weight;
        }
    }
}
