//! Relaxation: pairs that fit together geometrically strengthen one another.

use super::local::{PAIRS, Pairs, wrapped};
use super::params::*;

/// Pairs whose fits are computed together.
const CHUNK: usize = 8;

/// Results of one relaxation.
pub(crate) struct Relaxation {
    /// Mutual fits: how well pair `k` fits pair `t`, 0..=1, at `[t][k]`.
    pub(crate) fits: [[f32; PAIRS]; PAIRS],
    /// Strength of each pair; the strongest has 1.
    pub(crate) strength: [f32; PAIRS],
    /// Growth of the strongest pair in the last round: about the number of pairs that fit together.
    pub(crate) growth: f32,
}

impl Default for Relaxation {
    fn default() -> Self {
        Self { fits: [[0.0; PAIRS]; PAIRS], strength: [0.0; PAIRS], growth: 0.0 }
    }
}

impl Relaxation {
    /// Relaxes the pairs.
    #[inline(always)]
    pub(crate) fn relax(&mut self, pairs: &Pairs) {
        let n = pairs.len.min(PAIRS);
        for t in 0..n {
            let mut row = [0.0; PAIRS];
            for (chunk, fits) in row.as_chunks_mut::<CHUNK>().0.iter_mut().enumerate().take(t / CHUNK + 1) {
                *fits = fit(pairs, t, chunk);
            }
            row[t..].fill(0.0);
            self.fits[t] = row;
            for (fits, &f) in self.fits.iter_mut().zip(&row).take(t) {
                fits[t] = f;
            }
        }
        self.strength = pairs.similarity;
        self.growth = 0.0;
        for _ in 0..RELAX_ROUNDS {
            let mut next = self.strength;
            for v in &mut next {
                *v *= 0.2;
            }
            for (row, &s) in self.fits.iter().zip(&self.strength).take(n) {
                for (next, &f) in next.iter_mut().zip(row) {
                    *next += s * f;
                }
            }
            let most = next.iter().fold(1e-6f32, |m, &v| if v > m { v } else { m });
            for (s, &v) in self.strength.iter_mut().zip(&next) {
                *s = v / most;
            }
            self.growth = most;
        }
    }

    /// The largest sum of fits that a pair has with all others.
    #[inline(always)]
    pub(crate) fn widest(&self, n: usize) -> f32 {
        // The fits are symmetric: the sums of columns are those of rows.
        let mut sums = [0f32; PAIRS];
        for row in self.fits.iter().take(n) {
            for (sum, &f) in sums.iter_mut().zip(row) {
                *sum += f;
            }
        }
        sums.iter().fold(0.0, |most, &s| if s > most { s } else { most })
    }

    /// Returns the strongest pair of `n` and sets its strength to zero, so that the next call returns the next one.
    #[inline(always)]
    pub(crate) fn take_strongest(&mut self, n: usize) -> Option<usize> {
        let mut best = (None, 0.0);
        for (k, &s) in self.strength.iter().enumerate().take(n) {
            if s > best.1 {
                best = (Some(k), s);
            }
        }
        if let Some(k) = best.0 {
            self.strength[k] = 0.0;
        }
        best.0
    }
}

/// How well the pairs of a chunk fit together with pair `t`: same distance, same rotation, same bearing.
///
/// This is a loop because closures passed to the standard library may not be compiled for the caller's instruction set.
#[inline(always)]
#[allow(clippy::needless_range_loop)] // The index is used in many lists.
fn fit(pairs: &Pairs, t: usize, chunk: usize) -> [f32; CHUNK] {
    let (sin, cos, turn) = (pairs.sin[t], pairs.cos[t], pairs.turn[t]);
    let (ax, ay) = (pairs.ax[t], pairs.ay[t]);
    let (bx, by) = (pairs.bx[t], pairs.by[t]);
    let (a, b) = (pairs.a[t], pairs.b[t]);
    let floats = |list: &[f32; PAIRS]| list.as_chunks::<CHUNK>().0[chunk];
    let whole = |list: &[i32; PAIRS]| list.as_chunks::<CHUNK>().0[chunk];
    let (axs, ays, bxs, bys) = (floats(&pairs.ax), floats(&pairs.ay), floats(&pairs.bx), floats(&pairs.by));
    let (turns, numbers_a, numbers_b) = (whole(&pairs.turn), whole(&pairs.a), whole(&pairs.b));
    let mut out = [0.0; CHUNK];
    for k in 0..CHUNK {
        let (ax, ay) = (axs[k] - ax, ays[k] - ay);
        let (bx, by) = (bxs[k] - bx, bys[k] - by);
        let (da, db) = ((ax * ax + ay * ay).sqrt(), (bx * bx + by * by).sqrt());
        let sum = da + db;
        let length = (da - db) / (RELAX_DISTANCE + RELAX_DISTANCE_SLOPE * 0.5 * sum);
        // The mean rotation of the two pairs, a small angle from t's, must map b's edge onto a's.
        let between = wrapped(turns[k] - turn) as f32 * (std::f32::consts::PI / 32768.0);
        let (rx, ry) = (cos * bx - sin * by, sin * bx + cos * by);
        let dot = ax * rx + ay * ry;
        let cross = ax * ry - ay * rx + 0.5 * between * dot;
        let bearing = cross / (RELAX_ANGLE * da * db + (RELAX_DISTANCE * 0.5 * sum + 1e-6));
        let apart = (numbers_a[k] != a) & (numbers_b[k] != b) & ((dot >= 0.0) | (sum <= 4.0 * RELAX_DISTANCE));
        let f = fall(length) * fall(between * (1.0 / RELAX_ANGLE)) * fall(bearing);
        out[k] = if apart { f } else { 0.0 };
    }
    out
}

/// Falls from 1 at 0 to 0 at 1.5 and beyond, on both sides.
#[inline(always)]
fn fall(v: f32) -> f32 {
    let t = 1.0 - v * v * (1.0 / 2.25);
    let t = if t > 0.0 { t } else { 0.0 };
    t * t
}
