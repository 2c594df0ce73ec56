//! Local similarities of all pairs of minutiae, and the best pairs.

use super::params::*;
use super::print::{Brad, Side};
use crate::simd::popcount::{self, PLANES};

/// A pair of minutiae, one of each print.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) a: u16,
    pub(crate) b: u16,
    /// The turn that carries b's direction onto a's.
    pub(crate) turn: Brad,
    /// How much their local similarity stands out.
    pub(crate) similarity: f32,
}

/// Local similarities of all pairs.
#[derive(Default)]
pub(crate) struct Local {
    values: Vec<f32>,
    stride: usize,
    column: Vec<f32>,
    adjusted: Vec<f32>,
}

impl Local {
    /// Compares all neighbourhoods: the planes of a with those of b, whose masks are `masks`.
    pub(crate) fn compute(&mut self, a: &[u64], b: &[u64], masks: &[u64]) {
        let (na, nb) = (a.len() / PLANES, masks.len());
        self.stride = popcount::padded(nb);
        self.values.resize(na * self.stride, 0.0);
        for (i, row) in self.values.chunks_exact_mut(self.stride.max(1)).enumerate() {
            let probe = popcount::descriptor(a, na, i);
            popcount::similarities(&probe, b, masks, MIN_COMMON_CELLS, row);
        }
    }

    /// Similarity of minutia `i` of a and `j` of b, 0..=1.
    pub(crate) fn get(&self, i: usize, j: usize) -> f32 {
        self.values[i * self.stride + j]
    }

    /// The best pairs, most similar first; how far a pair stands out of its row and its column counts too.
    pub(crate) fn best_pairs(&mut self, a: &Side, b: &Side, pairs: &mut Vec<Pair>) {
        pairs.clear();
        let (na, nb) = (a.len(), b.len());
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
        self.adjusted.resize(self.stride, 0.0);
        let order = |p: &Pair, q: &Pair| q.similarity.total_cmp(&p.similarity).then(p.a.cmp(&q.a)).then(p.b.cmp(&q.b));
        let mut least = f32::NEG_INFINITY;
        for (i, row) in self.values.chunks_exact(self.stride).enumerate() {
            let mut sums = [0f32; popcount::LANES];
            for chunk in row.chunks_exact(popcount::LANES) {
                for (sum, &s) in sums.iter_mut().zip(chunk) {
                    *sum += s;
                }
            }
            let base = sums.iter().sum::<f32>() * 0.5 * STAND_OUT / nb as f32;
            for ((v, &s), &c) in self.adjusted.iter_mut().zip(row).zip(&self.column) {
                *v = if s > 0.0 { s - base - c } else { f32::NEG_INFINITY };
            }
            for (c, chunk) in self.adjusted.chunks_exact(popcount::LANES).enumerate() {
                if !chunk.iter().fold(false, |any, &v| any | (v > least)) {
                    continue;
                }
                for (k, &v) in chunk.iter().enumerate() {
                    if v > least {
                        let j = c * popcount::LANES + k;
                        let turn = a.direction[i].wrapping_sub(b.direction[j]);
                        pairs.push(Pair { a: i as u16, b: j as u16, turn, similarity: v });
                    }
                }
                if pairs.len() >= 3 * MAX_PAIRS {
                    pairs.select_nth_unstable_by(MAX_PAIRS - 1, order);
                    pairs.truncate(MAX_PAIRS);
                    least = pairs[MAX_PAIRS - 1].similarity;
                }
            }
        }
        if pairs.len() > MAX_PAIRS {
            pairs.select_nth_unstable_by(MAX_PAIRS - 1, order);
            pairs.truncate(MAX_PAIRS);
        }
        pairs.sort_unstable_by(order);
    }
}
