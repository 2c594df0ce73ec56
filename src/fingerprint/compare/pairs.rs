//! Matched minutiae of two prints, and the mapping from one plane to the other.

use super::comparison::{Outcome, Scratch, best};
use super::probe::FingerProbe;
use crate::score::Score;

/// A position, pixels, y up.
pub(crate) type Point = [f32; 2];

/// The best matching of two prints.
#[derive(Clone)]
pub(crate) struct Correspondence {
    pub(crate) score: Score,
    /// Maps b's plane onto a's: `(m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5])`.
    pub(crate) map: [f32; 6],
    /// Matched minutiae, of a and of b.
    pub(crate) pairs: Vec<(Point, Point)>,
}

/// Compares two prints. `None` when they have nothing in common.
pub(crate) fn correspond(a: &FingerProbe, b: &FingerProbe, scratch: &mut Scratch) -> Option<Correspondence> {
    let Outcome::Weighed(found) = best(a, b.packed(), scratch, false) else { return None };
    let matching = scratch.matchings.get(found.matching)?;
    let point = |p: &FingerProbe, i: u16| [p.side().points.x[usize::from(i)], p.side().points.y[usize::from(i)]];
    let swapped = a.packed().order(&b.packed()).is_gt();
    let (first, second) = if swapped { (b, a) } else { (a, b) };
    let mut pairs: Vec<(Point, Point)> =
        matching.matches.iter().map(|m| (point(first, m.a), point(second, m.b))).collect();
    let mut map = found.map;
    if swapped {
        map = inverse(&map)?;
        for (p, q) in &mut pairs {
            std::mem::swap(p, q);
        }
    }
    Some(Correspondence { score: found.score(), map, pairs })
}

/// The inverse map. `None` when the map is singular.
pub(crate) fn inverse(m: &[f32; 6]) -> Option<[f32; 6]> {
    let det = m[0] * m[4] - m[1] * m[3];
    if !(det.is_finite() && det.abs() > 1e-6) {
        return None;
    }
    let [a, b, c, d] = [m[4] / det, -m[1] / det, -m[3] / det, m[0] / det];
    Some([a, b, -(a * m[2] + b * m[5]), c, d, -(c * m[2] + d * m[5])])
}

/// The map applied to a point.
pub(crate) fn apply(m: &[f32; 6], [x, y]: Point) -> Point {
    [m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]]
}
