//! What a consolidated matching says for and against the same finger, as a short vector of numbers.

use super::align::Similarity;
use super::consolidate::Match;
use super::flow::{self, Flow};
use super::hull::Hull;
use super::params::*;
use super::placed::Placed;
use super::print::{Side, brad};

/// Number of features.
pub(crate) const FEATURES: usize = 29;

/// Number of features that come from minutiae alone; the first ones.
pub(crate) const PLAIN: usize = 23;

/// The features of one matching.
pub(crate) type Features = [f32; FEATURES];

/// Weighs one matching.
pub(crate) fn weigh(
    a: &Side,
    b: &Side,
    t: &Similarity,
    placed: &Placed,
    matches: &[Match],
    hull_b: &mut Hull,
) -> Features {
    hull_b.map_from(&b.hull, &placed.map);
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
        if matched || hull_b.outside(a.x[i], a.y[i]) <= OVERLAP_MARGIN {
            in_a += 1.0;
            if !matched {
                against += a.quality[i];
            }
        }
    }
    for (j, &matched) in matched_b.iter().enumerate() {
        if matched || a.hull.outside(placed.x[j], placed.y[j]) <= OVERLAP_MARGIN {
            in_b += 1.0;
            if !matched {
                against += b.quality[j];
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
        let (i, j) = (usize::from(m.a), usize::from(m.b));
        for q in &matches[..k] {
            let (k, l) = (usize::from(q.a), usize::from(q.b));
            let (ax, ay) = (a.x[k] - a.x[i], a.y[k] - a.y[i]);
            let w = 1.0 - (ax * ax + ay * ay) * (1.0 / (EDGE_REACH * EDGE_REACH));
            if w <= 0.0 {
                continue;
            }
            let (bx, by) = (placed.x[l] - placed.x[j], placed.y[l] - placed.y[j]);
            let off = ((ax - bx) * (ax - bx) + (ay - by) * (ay - by)) * (1.0 / (EDGE_DISTANCE * EDGE_DISTANCE));
            near += w * w;
            tight += w * w / (1.0 + off);
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
            (a.quality[usize::from(m.a)] * b.quality[usize::from(m.b)]).sqrt()
                * (1.0 - (m.distance / FINE_DISTANCE).powi(2)).max(0.0)
        })
        .sum::<f32>();
    let close_pairs = matches.iter().filter(|m| m.similarity > 0.6).count() as f32;
    let ratio = n / (in_a * in_b).sqrt().max(1.0);
    let total = n / (a.len() as f32 * b.len() as f32).sqrt().max(1.0);
    let lambda = {
        let area = (a.hull.area().min(b.hull.area())).max(10_000.0);
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
        0.0,
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
pub(crate) fn weigh_flow(
    (a, b): (Option<Flow<'_>>, Option<Flow<'_>>),
    map: &[f32; 6],
    features: &mut Features,
) -> bool {
    let (Some(a), Some(b)) = (a, b) else { return false };
    let turn = brad((map[3] - map[1]).atan2(map[0] + map[4]));
    let flow = flow::agree(&a, &b, turn, map);
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
