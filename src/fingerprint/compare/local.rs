//! Local similarities of all pairs of minutiae, and the best pairs.

use super::descriptor::PLANES;
use super::direction::{Brad, Turns};
use super::hull::rank;
use super::params::*;
use super::side::Side;
use crate::simd::near::{self, LANES};
use crate::simd::popcount::Masked;
use crate::simd::wide::Kernels;

/// Capacity of lists of pairs, in whole lanes.
pub(crate) const PAIRS: usize = MAX_PAIRS.div_ceil(LANES) * LANES;
/// Rows that share one maximum per column in the search for the best pairs.
const GROUP: usize = 6;
/// Steps of similarity in the histogram of the search for the best pairs.
const STEPS: usize = 256;

/// Pairs of minutiae, one of each print, in lanes. Lanes beyond `len` hold zeros.
#[derive(Clone)]
#[repr(C, align(64))]
pub(crate) struct Pairs {
    pub(crate) ax: [f32; PAIRS],
    pub(crate) ay: [f32; PAIRS],
    pub(crate) bx: [f32; PAIRS],
    pub(crate) by: [f32; PAIRS],
    /// Cosine and sine of the rotation.
    pub(crate) cos: [f32; PAIRS],
    pub(crate) sin: [f32; PAIRS],
    /// The rotation from b's direction to a's.
    pub(crate) turn: [i32; PAIRS],
    /// Local similarity, corrected for the means of its row and column.
    pub(crate) similarity: [f32; PAIRS],
    /// Numbers of the minutiae.
    pub(crate) a: [i32; PAIRS],
    pub(crate) b: [i32; PAIRS],
    pub(crate) len: usize,
}

impl Default for Pairs {
    fn default() -> Self {
        let (none, zero) = ([0.0; PAIRS], [0; PAIRS]);
        Self {
            ax: none,
            ay: none,
            bx: none,
            by: none,
            cos: none,
            sin: none,
            turn: zero,
            similarity: none,
            a: zero,
            b: zero,
            len: 0,
        }
    }
}

/// Local similarities of all pairs.
#[derive(Default)]
pub(crate) struct Local {
    values: Vec<f32>,
    adjusted: Vec<f32>,
    stride: usize,
    column: Vec<f32>,
    most: Vec<f32>,
    keys: Vec<u64>,
    sorted: Vec<u64>,
}

impl Local {
    /// Compares all neighborhoods.
    #[inline(always)]
    pub(crate) fn compute(&mut self, kernels: impl Kernels, a: Masked<'_, PLANES>, b: Masked<'_, PLANES>) {
        self.stride = near::padded(b.masks.len());
        self.values.resize(a.masks.len() * self.stride, 0.0);
        kernels.similarities(a, b, MIN_COMMON_CELLS, self.stride, &mut self.values);
    }

    /// Similarity of minutia `i` of a and `j` of b, 0..=1.
    #[inline(always)]
    pub(crate) fn get(&self, i: usize, j: usize) -> f32 {
        self.values[i * self.stride + j]
    }

    /// The best pairs by similarity, corrected for the means of their row and column, in order of place.
    #[inline(always)]
    pub(crate) fn best_pairs(&mut self, kernels: impl Kernels, turns: &Turns, a: &Side, b: &Side, pairs: &mut Pairs) {
        let (na, nb) = (a.len(), b.len());
        self.adjust(na, nb);
        let least = self.enough();
        self.keys.clear();
        for (i, row) in self.adjusted.chunks_exact(self.stride).enumerate() {
            for (start, values) in row.chunks(near::GROUP).enumerate() {
                let mut bits = kernels.above(values, least);
                while bits != 0 {
                    let j = bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    let place = i * self.stride + start * near::GROUP + j;
                    self.keys.push(u64::from(rank(values[j])) << 32 | u64::from(!(place as u32)));
                }
            }
        }
        // Ties are broken by place, so that the result is unique.
        let mut last = 0;
        if self.keys.len() > MAX_PAIRS {
            self.sorted.clone_from(&self.keys);
            let at = self.sorted.len() - MAX_PAIRS;
            last = *self.sorted.select_nth_unstable(at).1;
        }
        let mut n = 0;
        for &key in self.keys.iter().filter(|k| **k >= last) {
            if n == PAIRS {
                break;
            }
            let place = !(key as u32) as usize;
            let (i, j) = (place / self.stride, place % self.stride);
            let turn = a.direction(i).wrapping_sub(b.direction(j));
            (pairs.ax[n], pairs.ay[n], pairs.bx[n], pairs.by[n]) =
                (a.points.x[i], a.points.y[i], b.points.x[j], b.points.y[j]);
            (pairs.cos[n], pairs.sin[n]) = turns.unit(turn);
            (pairs.turn[n], pairs.similarity[n]) = (turn.into(), self.adjusted[place].max(0.0));
            (pairs.a[n], pairs.b[n]) = (i as i32, j as i32);
            n += 1;
        }
        for k in n..PAIRS {
            (pairs.ax[k], pairs.ay[k], pairs.bx[k], pairs.by[k]) = (0.0, 0.0, 0.0, 0.0);
            (pairs.cos[k], pairs.sin[k], pairs.turn[k], pairs.similarity[k]) = (0.0, 0.0, 0, 0.0);
            (pairs.a[k], pairs.b[k]) = (-1, -1);
        }
        pairs.len = n;
    }

    /// Subtracts a share of the means of its row and its column from each similarity; minus infinity where there was
    /// none.
    #[inline(always)]
    fn adjust(&mut self, na: usize, nb: usize) {
        self.column.clear();
        self.column.resize(self.stride, 0.0);
        for row in self.values.chunks_exact(self.stride) {
            for (c, &s) in self.column.iter_mut().zip(row) {
                *c += s;
            }
        }
        for c in &mut self.column {
            *c *= 0.5 * STAND_OUT / na as f32;
        }
        self.adjusted.resize(self.values.len(), 0.0);
        self.most.clear();
        let rows = self.values.chunks_exact(self.stride).zip(self.adjusted.chunks_exact_mut(self.stride));
        for (i, (row, adjusted)) in rows.enumerate() {
            let mut sums = [0f32; LANES];
            for chunk in row.as_chunks::<LANES>().0 {
                for (sum, &s) in sums.iter_mut().zip(chunk) {
                    *sum += s;
                }
            }
            let base = sums.iter().sum::<f32>() * 0.5 * STAND_OUT / nb as f32;
            if i % GROUP == 0 {
                self.most.resize(self.most.len() + self.stride, f32::NEG_INFINITY);
            }
            let group = self.most.len() - self.stride;
            let most = &mut self.most[group..];
            for (((v, &s), &c), most) in adjusted.iter_mut().zip(row).zip(&self.column).zip(most) {
                let stands_out = s - base - c;
                *v = if s > 0.0 { stands_out } else { f32::NEG_INFINITY };
                *most = if *v > *most { *v } else { *most };
            }
        }
    }

    /// A value that at least [`MAX_PAIRS`] of the adjusted similarities reach, and few more; minus infinity if there
    /// may be fewer.
    #[inline(always)]
    fn enough(&self) -> f32 {
        let mut counts = [0u16; STEPS];
        for &v in &self.most {
            // Negative values and NaN count as 0.
            counts[((v * STEPS as f32) as usize).min(STEPS - 1)] += 1;
        }
        let mut reached = 0;
        for step in (1..STEPS).rev() {
            reached += usize::from(counts[step]);
            if reached >= MAX_PAIRS {
                return step as f32 / STEPS as f32;
            }
        }
        // Finite, because minus infinity marks entries that are not pairs.
        f32::MIN
    }
}

/// The difference of two directions, wrapped as stored in lanes.
#[inline(always)]
pub(crate) fn wrapped(turn: i32) -> i32 {
    i32::from(turn as Brad)
}
