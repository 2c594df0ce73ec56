//! Evidence of a consolidated matching for and against the same finger.

use super::align::Similarity;
use super::direction::brad;
use super::flow::{self, Flow};
use super::hull::Hull;
use super::matching::Match;
use super::model::Features;
use super::params::*;
use super::placed::Placed;
use super::side::Side;
use crate::simd::near::{LANES, MOST};

/// Weighs one matching by minutiae; returns, too, the number of minutiae of each side that are matched or lie where the prints overlap.
#[inline(always)]
pub(crate) fn weigh(
    a: &Side,
    b: &Side,
    t: &Similarity,
    placed: &Placed,
    matches: &[Match],
    hull_b: &mut Hull,
) -> (Features, [f32; 2]) {
    hull_b.map_from(&b.hull, &placed.map);
    let (mut matched_a, mut matched_b) = (0u128, 0u128);
    for m in matches {
        matched_a |= 1 << m.a;
        matched_b |= 1 << m.b;
    }
    let n = matches.len() as f32;
    let some = if n > 1.0 { n } else { 1.0 };
    let mut against = 0f32;
    let outside = hull_b.outside_all(&a.points.x, &a.points.y, a.len());
    let in_a = inside(matched_a, &outside, &a.quality, a.len(), &mut against);
    let outside = a.hull.outside_all(&placed.points.x, &placed.points.y, b.len());
    let in_b = inside(matched_b, &outside, &b.quality, b.len(), &mut against);
    let share = n / (in_a * in_b).sqrt().max(1.0);
    let chance = {
        let area = (a.hull.area().min(b.hull.area())).max(LEAST_AREA);
        let share = std::f32::consts::PI * FINE_DISTANCE * FINE_DISTANCE / area * (FINE_ANGLE / std::f32::consts::PI);
        (in_a * in_b * share).max(LEAST_CHANCE)
    };
    let sums = Sums::of(a, b, matches);
    let features = Features {
        pairs: n,
        share,
        pairs_times_share: n * share,
        closeness: sums.closeness,
        alignment: sums.alignment,
        similarity: sums.similarity,
        joint: sums.joint,
        same_kind: sums.same_kind,
        very_similar: sums.very_similar,
        surprise: surprise(n, chance),
        scale: t.scale().ln().abs(),
        overlap: in_a.min(in_b),
        share_of_all: n / (a.len() as f32 * b.len() as f32).sqrt().max(1.0),
        joint_times_share: sums.joint * share,
        mean_similarity: sums.similarity / some,
        mean_distance: sums.distance / some,
        mean_angle: sums.angle / some,
        consistency: consistency(a, placed, matches) * n,
        spread: sums.spread(some),
        quality_against: against,
        quality_for: sums.quality,
        root_of_joint: sums.joint.sqrt(),
        ..Features::default()
    };
    (features, [in_a, in_b])
}

/// How well the two minutiae of a match lie on one another, 0..=1.
pub(crate) fn agreement(m: &Match) -> f32 {
    within(m.distance * (1.0 / FINE_DISTANCE)) * within(m.angle * (1.0 / FINE_ANGLE))
}

/// Sums over the pairs of a matching.
#[derive(Default)]
struct Sums {
    closeness: f32,
    alignment: f32,
    similarity: f32,
    joint: f32,
    same_kind: f32,
    very_similar: f32,
    quality: f32,
    distance: f32,
    angle: f32,
    x: f32,
    y: f32,
    square: f32,
}

impl Sums {
    #[inline(always)]
    fn of(a: &Side, b: &Side, matches: &[Match]) -> Self {
        let mut sums = Self::default();
        for m in matches {
            let (i, j) = (usize::from(m.a), usize::from(m.b));
            let near = within(m.distance * (1.0 / FINE_DISTANCE));
            let aligned = within(m.angle * (1.0 / FINE_ANGLE));
            sums.closeness += near;
            sums.alignment += aligned;
            sums.similarity += m.similarity;
            sums.joint += near * aligned * (JOINT_BASE + m.similarity);
            sums.same_kind += if a.kind[i] == b.kind[j] && a.kind[i] != 0 { 1.0 } else { 0.0 };
            sums.quality += (a.quality[i] * b.quality[j]).sqrt() * near;
            sums.very_similar += if m.similarity > VERY_SIMILAR { 1.0 } else { 0.0 };
            sums.distance += m.distance;
            sums.angle += m.angle;
            let (x, y) = (a.points.x[i], a.points.y[i]);
            sums.x += x;
            sums.y += y;
            sums.square += x * x + y * y;
        }
        sums
    }

    /// Spread of the positions of `some` pairs.
    #[inline(always)]
    fn spread(&self, some: f32) -> f32 {
        let variance = self.square / some - (self.x * self.x + self.y * self.y) / (some * some);
        variance.max(0.0).sqrt() / SPREAD_UNIT
    }
}

/// How far `n` pairs exceed the `lambda` expected by chance, nats: the exponent of a Poisson variable's tail
/// (Chernoff's bound), negative below the mean.
#[inline(always)]
fn surprise(n: f32, lambda: f32) -> f32 {
    let exponent = n * (n / lambda).max(1e-3).ln() - n + lambda;
    if n < lambda { -exponent } else { exponent }
}

/// Falls from 1 at 0 to 0 at 1 and beyond.
#[inline(always)]
fn within(v: f32) -> f32 {
    let w = 1.0 - v * v;
    if w > 0.0 { w } else { 0.0 }
}

/// Number of minutiae of one side that are matched or lie in the other print's area; the quality of unmatched ones
/// there is added to `against`.
#[inline(always)]
fn inside(matched: u128, outside: &[f32; MOST], quality: &[f32; MOST], n: usize, against: &mut f32) -> f32 {
    let mut count = matched.count_ones();
    for k in 0..n.min(MOST) {
        if matched >> k & 1 == 0 && outside[k] <= OVERLAP_MARGIN {
            count += 1;
            *against += quality[k];
        }
    }
    count as f32
}

/// How well edges between matched pairs that lie near one another agree on both sides, 0..=1.
#[inline(always)]
fn consistency(a: &Side, placed: &Placed, matches: &[Match]) -> f32 {
    let mut at = [[0f32; MOST]; 4];
    for (k, m) in matches.iter().enumerate().take(MOST) {
        let (i, j) = (usize::from(m.a), usize::from(m.b));
        (at[0][k], at[1][k]) = (a.points.x[i], a.points.y[i]);
        (at[2][k], at[3][k]) = (placed.points.x[j], placed.points.y[j]);
    }
    let (mut tight, mut near) = ([0f32; LANES], [0f32; LANES]);
    for k in 0..matches.len().min(MOST) {
        let [x, y, u, v] = at.map(|list| list[k]);
        for start in (0..k).step_by(LANES) {
            for lane in 0..LANES {
                let q = start + lane;
                let (ax, ay) = (at[0][q] - x, at[1][q] - y);
                let w = 1.0 - (ax * ax + ay * ay) * (1.0 / (EDGE_REACH * EDGE_REACH));
                let w = if q < k && w > 0.0 { w * w } else { 0.0 };
                let (bx, by) = (ax - (at[2][q] - u), ay - (at[3][q] - v));
                let off = (bx * bx + by * by) * (1.0 / (EDGE_DISTANCE * EDGE_DISTANCE));
                near[lane] += w;
                tight[lane] += w / (1.0 + off);
            }
        }
    }
    tight.iter().sum::<f32>() / (1.0 + near.iter().sum::<f32>())
}

/// Adds the evidence of the ridge flow if both prints have one; returns whether they do.
#[inline(always)]
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
    features.root_of_cells = flow.cells.sqrt() * ROOT_OF_CELLS;
    features.flow_cosine = flow.cosine;
    features.period = flow.period;
    true
}
