//! What a consolidated matching says for and against the same finger, as a short vector of numbers.

use super::align::Similarity;
use super::consolidate::{Buffers, Match};
use super::hull;
use super::params::*;
use super::print::Print;

/// Number of features.
pub(crate) const FEATURES: usize = 16;

/// The features of one matching.
pub(crate) type Features = [f32; FEATURES];

/// Weighs one matching.
pub(crate) fn weigh(a: &Print, b: &Print, t: &Similarity, buffers: &Buffers, matches: &[Match]) -> Features {
    let hull_b: Vec<[f32; 2]> = b.hull.iter().map(|p| t.apply(p[0], p[1]).into()).collect();
    let mut matched_a = vec![false; a.len()];
    let mut matched_b = vec![false; b.len()];
    for m in matches {
        matched_a[usize::from(m.a)] = true;
        matched_b[usize::from(m.b)] = true;
    }
    let n = matches.len() as f32;
    let mut in_a = 0f32;
    let mut in_b = 0f32;
    for (i, &matched) in matched_a.iter().enumerate() {
        if matched || hull::outside(&hull_b, a.x[i], a.y[i]) <= OVERLAP_MARGIN {
            in_a += 1.0;
        }
    }
    for (j, &matched) in matched_b.iter().enumerate() {
        if matched || hull::outside(&a.hull, buffers.x[j], buffers.y[j]) <= OVERLAP_MARGIN {
            in_b += 1.0;
        }
    }
    let fine = matches.iter().map(|m| (1.0 - (m.distance / FINE_DISTANCE).powi(2)).max(0.0)).sum::<f32>();
    let angle = matches.iter().map(|m| (1.0 - (m.angle / FINE_ANGLE).powi(2)).max(0.0)).sum::<f32>();
    let similar = matches.iter().map(|m| m.similarity).sum::<f32>();
    let joint = matches
        .iter()
        .map(|m| {
            (1.0 - (m.distance / FINE_DISTANCE).powi(2)).max(0.0)
                * (1.0 - (m.angle / FINE_ANGLE).powi(2)).max(0.0)
                * (0.3 + m.similarity)
        })
        .sum::<f32>();
    let same_kind = matches
        .iter()
        .filter(|m| a.kind[usize::from(m.a)] == b.kind[usize::from(m.b)] && a.kind[usize::from(m.a)] != 0)
        .count() as f32;
    let close_pairs = matches.iter().filter(|m| m.similarity > 0.6).count() as f32;
    let ratio = n / (in_a * in_b).sqrt().max(1.0);
    let total = n / (a.len() as f32 * b.len() as f32).sqrt().max(1.0);
    let lambda = {
        let area = (hull::area(&a.hull).min(hull::area(&b.hull))).max(10_000.0);
        let share = std::f32::consts::PI * FINE_DISTANCE * FINE_DISTANCE / area * (FINE_ANGLE / std::f32::consts::PI);
        (in_a * in_b * share).max(0.5)
    };
    [
        n,
        ratio,
        n * ratio,
        fine,
        angle,
        similar,
        joint,
        same_kind,
        close_pairs,
        n * (n / lambda).max(1e-3).ln() - n + lambda,
        t.scale().ln().abs(),
        in_a.min(in_b),
        total,
        joint * ratio,
        similar / n.max(1.0),
        t.rotation().abs(),
    ]
}
