//! Similarity transforms between two prints, by least squares.

use super::print::{Brad, radians};

/// Carries b's plane onto a's: `(c*x - s*y + tx, s*x + c*y + ty)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Similarity {
    pub(crate) c: f32,
    pub(crate) s: f32,
    pub(crate) tx: f32,
    pub(crate) ty: f32,
}

impl Similarity {
    /// The rotation, radians in `-pi..=pi`.
    pub(crate) fn rotation(&self) -> f32 {
        self.s.atan2(self.c)
    }

    /// The scale.
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
    /// Directions: sums of the sine and cosine of the turn.
    turn_s: f32,
    turn_c: f32,
}

impl Fit {
    /// Adds a pair of points with a weight, and the turn between their directions.
    pub(crate) fn add(&mut self, w: f32, a: (f32, f32), b: (f32, f32), turn: Brad) {
        self.w += w;
        self.ax += w * a.0;
        self.ay += w * a.1;
        self.bx += w * b.0;
        self.by += w * b.1;
        self.dot += w * (a.0 * b.0 + a.1 * b.1);
        self.cross += w * (a.1 * b.0 - a.0 * b.1);
        self.norm += w * (b.0 * b.0 + b.1 * b.1);
        let (sin, cos) = radians(turn).sin_cos();
        self.turn_s += w * sin;
        self.turn_c += w * cos;
    }

    /// The transform; `arm` (pixels) is how much the directions count against the positions, `least` and `most` bound
    /// the scale. `None` when nothing was added.
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
