//! Relaxation: pairs that fit together geometrically strengthen one another.

use super::local::Pair;
use super::params::*;
use super::print::{Side, radians};

/// Buffers and results of one relaxation.
#[derive(Default)]
pub(crate) struct Relaxation {
    /// Mutual fits, row-major.
    fits: Vec<f32>,
    edges: Vec<(u16, u16, f32)>,
    strength: Vec<f32>,
    next: Vec<f32>,
    /// Indices of pairs, strongest first.
    pub(crate) order: Vec<u16>,
}

impl Relaxation {
    /// How well pair `k` fits pair `t`, 0..=1.
    pub(crate) fn fits(&self, t: usize) -> &[f32] {
        let n = self.strength.len();
        &self.fits[t * n..(t + 1) * n]
    }

    /// Relaxes the pairs and orders them by strength.
    pub(crate) fn relax(&mut self, a: &Side, b: &Side, pairs: &[Pair]) {
        let n = pairs.len();
        let most = (1.5 * RELAX_ANGLE * (32768.0 / std::f32::consts::PI)) as u16;
        self.fits.clear();
        self.fits.resize(n * n, 0.0);
        self.edges.clear();
        for (t, p) in pairs.iter().enumerate() {
            let (sin, cos) = radians(p.turn).sin_cos();
            for (k, q) in pairs[..t].iter().enumerate() {
                if q.turn.wrapping_sub(p.turn).unsigned_abs() >= most {
                    continue;
                }
                let f = fit(a, b, p, q, sin, cos);
                if f > 0.0 {
                    self.fits[t * n + k] = f;
                    self.fits[k * n + t] = f;
                    self.edges.push((t as u16, k as u16, f));
                }
            }
        }
        self.strength.clear();
        self.strength.extend(pairs.iter().map(|p| p.similarity.max(0.0)));
        for _ in 0..RELAX_ROUNDS {
            self.next.clear();
            self.next.extend(self.strength.iter().map(|s| 0.2 * s));
            for &(t, k, f) in &self.edges {
                let (t, k) = (usize::from(t), usize::from(k));
                self.next[t] += f * self.strength[k];
                self.next[k] += f * self.strength[t];
            }
            let most = self.next.iter().fold(1e-6f32, |m, &v| m.max(v));
            for (s, &v) in self.strength.iter_mut().zip(&self.next) {
                *s = v / most;
            }
        }
        self.order.clear();
        self.order.extend(0..n as u16);
        let strength = &self.strength;
        self.order
            .sort_unstable_by(|&p, &q| strength[usize::from(q)].total_cmp(&strength[usize::from(p)]).then(p.cmp(&q)));
    }
}

/// How well two pairs fit together: same distance, same turn, same bearing. `sin` and `cos` are of `p`'s turn.
fn fit(a: &Side, b: &Side, p: &Pair, q: &Pair, sin: f32, cos: f32) -> f32 {
    if p.a == q.a || p.b == q.b {
        return 0.0;
    }
    let (i, j, k, l) = (usize::from(p.a), usize::from(p.b), usize::from(q.a), usize::from(q.b));
    let (ax, ay) = (a.x[k] - a.x[i], a.y[k] - a.y[i]);
    let (bx, by) = (b.x[l] - b.x[j], b.y[l] - b.y[j]);
    let (da, db) = ((ax * ax + ay * ay).sqrt(), (bx * bx + by * by).sqrt());
    let sum = da + db;
    let length = (da - db).abs() / (RELAX_DISTANCE + RELAX_DISTANCE_SLOPE * 0.5 * sum);
    if length >= 1.5 {
        return 0.0;
    }
    // The mean turn of the two pairs, a small angle from p's, must carry b's edge onto a's.
    let between = radians(q.turn.wrapping_sub(p.turn));
    let (rx, ry) = (cos * bx - sin * by, sin * bx + cos * by);
    let dot = ax * rx + ay * ry;
    if dot < 0.0 && sum > 4.0 * RELAX_DISTANCE {
        return 0.0;
    }
    let cross = (ax * ry - ay * rx + 0.5 * between * dot).abs();
    let bearing = cross / (RELAX_ANGLE * da * db + RELAX_DISTANCE * 0.5 * sum).max(1e-6);
    if bearing >= 1.5 {
        return 0.0;
    }
    fall(length) * fall(between.abs() / RELAX_ANGLE) * fall(bearing)
}

/// From 1 at 0 down to 0 at 1.5.
fn fall(v: f32) -> f32 {
    let t = (1.0 - v * v / 2.25).max(0.0);
    t * t
}
