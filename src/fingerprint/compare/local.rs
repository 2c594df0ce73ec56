//! Local similarities of all pairs of minutiae, and the best pairs.

use super::cylinder::similarity;
use super::params::MAX_PAIRS;
use super::print::Print;

/// A pair of minutiae with a similarity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) a: u16,
    pub(crate) b: u16,
    pub(crate) similarity: f32,
}

/// Fills `matrix` (row-major, a's minutiae by b's) with local similarities.
pub(crate) fn matrix(a: &Print, b: &Print, matrix: &mut Vec<f32>) {
    matrix.clear();
    for ca in &a.cylinder {
        matrix.extend(b.cylinder.iter().map(|cb| similarity(ca, cb)));
    }
}

/// The best pairs, most similar first. How far a pair stands out of its row and column counts as well.
pub(crate) fn best_pairs(matrix: &[f32], na: usize, nb: usize, pairs: &mut Vec<Pair>) {
    pairs.clear();
    if na == 0 || nb == 0 {
        return;
    }
    let mut row_sum = vec![0f32; na];
    let mut column_sum = vec![0f32; nb];
    for (i, row) in matrix.chunks_exact(nb).enumerate() {
        for (j, &s) in row.iter().enumerate() {
            row_sum[i] += s;
            column_sum[j] += s;
        }
    }
    for (i, row) in matrix.chunks_exact(nb).enumerate() {
        for (j, &s) in row.iter().enumerate() {
            if s > 0.0 {
                let base = 0.5 * (row_sum[i] / nb as f32 + column_sum[j] / na as f32);
                pairs.push(Pair { a: i as u16, b: j as u16, similarity: s - 0.5 * base });
            }
        }
    }
    let order = |p: &Pair, q: &Pair| q.similarity.total_cmp(&p.similarity).then(p.a.cmp(&q.a)).then(p.b.cmp(&q.b));
    if pairs.len() > MAX_PAIRS {
        pairs.select_nth_unstable_by(MAX_PAIRS - 1, order);
        pairs.truncate(MAX_PAIRS);
    }
    pairs.sort_unstable_by(order);
}
