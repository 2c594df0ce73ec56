//! What a consolidated matching says for and against the same finger, as a short vector of numbers.

use super::align::Similarity;
use super::consolidate::{Buffers, Match};
use super::flow;
use super::hull;
use super::local::Pair;
use super::params::*;
use super::print::{Print, brad};
use super::relax::fit;

/// Number of features.
pub(crate) const FEATURES: usize = 29;

/// Number of features that come from minutiae alone; the first ones.
pub(crate) const PLAIN: usize = 23;

/// The features of one matching.
pub(crate) type Features = [f32; FEATURES];

/// Weighs one matching.
pub(crate) fn weigh(a: &Print, b: &Print, t: &Similarity, buffers: &Buffers, matches: &[Match]) -> Features {
    let hull_b: Vec<[f32; 2]> = b.hull.iter().map(|p| place(&buffers.map, p[0], p[1]).into()).collect();
    let mut matched_a = vec![false; a.len()];
    let mut matched_b = vec![false; b.len()];
    for m in matches {
        matched_a[usize::from(m.a)] = true;
        matched_b[usize::from(m.b)] = true;
    }
    let n = matches.len() as f32;
    let mut against = 0f32;
    let mut in_a = 0f32;
    let mut in_b = 0f32;
    for (i, &matched) in matched_a.iter().enumerate() {
        if matched || hull::outside(&hull_b, a.x[i], a.y[i]) <= OVERLAP_MARGIN {
            in_a += 1.0;
            if !matched {
                against += quality(a.quality[i]);
            }
        }
    }
    for (j, &matched) in matched_b.iter().enumerate() {
        if matched || hull::outside(&a.hull, buffers.x[j], buffers.y[j]) <= OVERLAP_MARGIN {
            in_b += 1.0;
            if !matched {
                against += quality(b.quality[j]);
            }
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
    let (mut tight, mut near) = (0f32, 1f32);
    for (k, m) in matches.iter().enumerate() {
        let p = Pair { a: m.a, b: m.b, similarity: 0.0 };
        for q in &matches[..k] {
            let d2 = (a.x[usize::from(m.a)] - a.x[usize::from(q.a)]).powi(2)
                + (a.y[usize::from(m.a)] - a.y[usize::from(q.a)]).powi(2);
            let w = (-d2 / 5000.0).exp();
            near += w;
            tight += w * fit(a, b, p, Pair { a: q.a, b: q.b, similarity: 0.0 });
        }
    }
    let edges = tight / near * n;
    let spread = {
        let (mut sx, mut sy, mut ss) = (0f32, 0f32, 0f32);
        for m in matches {
            let (x, y) = (a.x[usize::from(m.a)], a.y[usize::from(m.a)]);
            sx += x;
            sy += y;
            ss += x * x + y * y;
        }
        let n = n.max(1.0);
        (ss / n - (sx * sx + sy * sy) / (n * n)).max(0.0).sqrt() / 100.0
    };
    let for_it = matches
        .iter()
        .map(|m| {
            (quality(a.quality[usize::from(m.a)]) * quality(b.quality[usize::from(m.b)])).sqrt()
                * (1.0 - (m.distance / FINE_DISTANCE).powi(2)).max(0.0)
        })
        .sum::<f32>();
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
        buffers.shear.iter().map(|e| e * e).sum::<f32>().sqrt(),
        matches.iter().map(|m| m.distance).sum::<f32>() / n.max(1.0),
        matches.iter().map(|m| m.angle).sum::<f32>() / n.max(1.0),
        edges,
        spread,
        against,
        for_it,
        joint.sqrt(),
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
    ]
}

/// Adds what the ridge flow says, where both prints have one. Returns whether they had.
pub(crate) fn weigh_flow(a: &Print, b: &Print, map: &[f32; 6], features: &mut Features) -> bool {
    let (Some(fa), Some(fb)) = (&a.flow, &b.flow) else { return false };
    let turn = brad((map[3] - map[1]).atan2(map[0] + map[4]));
    let flow = flow::agree(fa, fb, turn, |x, y| place(map, x, y));
    if flow.cells < 1.0 {
        return false;
    }
    let root = flow.cells.sqrt() * 0.1;
    let said = [root, flow.cosine, flow.off, flow.period, flow.period_bias, flow.cosine * root];
    for (f, v) in features[PLAIN..].iter_mut().zip(said) {
        *f = v;
    }
    true
}

fn place(m: &[f32; 6], x: f32, y: f32) -> (f32, f32) {
    (m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5])
}

/// A minutia's quality as a weight; not reported counts as middling.
fn quality(q: u8) -> f32 {
    if q == 0 { 0.6 } else { f32::from(q) / 100.0 }
}
