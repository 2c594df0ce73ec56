//! Similarity transforms between two prints, by least squares.

use super::local::{PAIRS, Pairs};
use crate::simd::near::LANES;

/// Maps b's plane onto a's: `(c*x - s*y + tx, s*x + c*y + ty)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Similarity {
    pub(crate) c: f32,
    pub(crate) s: f32,
    pub(crate) tx: f32,
    pub(crate) ty: f32,
}

impl Similarity {
    /// The rotation, radians in `-pi..=pi`.
    #[inline(always)]
    pub(crate) fn rotation(&self) -> f32 {
        self.s.atan2(self.c)
    }

    /// The scale.
    #[inline(always)]
    pub(crate) fn scale(&self) -> f32 {
        (self.c * self.c + self.s * self.s).sqrt()
    }
}

/// Weighted sums for a least-squares similarity.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fit {
    w: f32,
    ax: f32,
    ay: f32,
    bx: f32,
    by: f32,
    dot: f32,
    cross: f32,
    norm: f32,
    /// Directions: sums of the cosine and sine of the rotation.
    turn_c: f32,
    turn_s: f32,
}

impl Fit {
    /// The sums over pairs, each with its weight.
    #[inline(always)]
    #[allow(clippy::needless_range_loop)] // The index is used in many lists.
    pub(crate) fn of(pairs: &Pairs, weights: &[f32; PAIRS]) -> Self {
        let mut sums = [[0f32; LANES]; 10];
        for start in (0..PAIRS).step_by(LANES) {
            for lane in 0..LANES {
                let k = start + lane;
                let w = weights[k];
                let (ax, ay, bx, by) = (pairs.ax[k], pairs.ay[k], pairs.bx[k], pairs.by[k]);
                sums[0][lane] += w;
                sums[1][lane] += w * ax;
                sums[2][lane] += w * ay;
                sums[3][lane] += w * bx;
                sums[4][lane] += w * by;
                sums[5][lane] += w * (ax * bx + ay * by);
                sums[6][lane] += w * (ay * bx - ax * by);
                sums[7][lane] += w * (bx * bx + by * by);
                sums[8][lane] += w * pairs.cos[k];
                sums[9][lane] += w * pairs.sin[k];
            }
        }
        let [w, ax, ay, bx, by, dot, cross, norm, turn_c, turn_s] = sums.map(|lanes| lanes.iter().sum());
        Self { w, ax, ay, bx, by, dot, cross, norm, turn_c, turn_s }
    }

    /// Adds a pair of points with a weight, and the rotation (cosine, sine) between their directions.
    #[inline(always)]
    pub(crate) fn add(&mut self, w: f32, a: (f32, f32), b: (f32, f32), turn: (f32, f32)) {
        self.w += w;
        self.ax += w * a.0;
        self.ay += w * a.1;
        self.bx += w * b.0;
        self.by += w * b.1;
        self.dot += w * (a.0 * b.0 + a.1 * b.1);
        self.cross += w * (a.1 * b.0 - a.0 * b.1);
        self.norm += w * (b.0 * b.0 + b.1 * b.1);
        self.turn_c += w * turn.0;
        self.turn_s += w * turn.1;
    }

    /// The transform; `arm` (pixels) weights the directions against the positions; `least` and `most` bound the scale.
    /// `None` when nothing was added.
    #[inline(always)]
    pub(crate) fn solve(&self, arm: f32, least: f32, most: f32) -> Option<Similarity> {
        if self.w <= 0.0 {
            return None;
        }
        let (ax, ay, bx, by) = (self.ax / self.w, self.ay / self.w, self.bx / self.w, self.by / self.w);
        let dot = self.dot - self.w * (ax * bx + ay * by) + arm * arm * self.turn_c;
        let cross = self.cross - self.w * (ay * bx - ax * by) + arm * arm * self.turn_s;
        let norm = self.norm - self.w * (bx * bx + by * by) + arm * arm * self.w;
        let length = (dot * dot + cross * cross).sqrt();
        if !(length > 0.0 && norm > 0.0) {
            return None;
        }
        let scale = (length / norm).clamp(least, most);
        let (c, s) = (scale * dot / length, scale * cross / length);
        Some(Similarity { c, s, tx: ax - (c * bx - s * by), ty: ay - (s * bx + c * by) })
    }
}
