//! Cores and deltas from the orientation field, and the pattern's class.
//!
//! Along a small closed square, the doubled orientation rotates by one full turn around a core, by one in the opposite
//! sense around a delta, and by none elsewhere (the Poincaré index; Kawagoe and Tojo 1984). The field is blurred first,
//! which joins the core-delta pairs that noise makes and leaves the others in place.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use super::orientation::Field;
use super::params::{
    CELL, CLASS_AREA, CLASS_BORDER, SINGULAR_BORDER, SINGULAR_MOST, SINGULAR_NOISE, SINGULAR_PAIR, SINGULAR_RINGS,
    SINGULAR_SIGMA, STRAIGHT_LOOP, TENTED,
};
use super::segment;
use super::smooth::blurred;
use crate::fingerprint::singular::{PatternClass, SingularKind, SingularPoint};
use crate::geometry::angle::wrap_signed;
use crate::geometry::{Angle, Grid};

/// Doubled orientation, blurred, not normalized.
struct Flow {
    cosine: Grid<f32>,
    sine: Grid<f32>,
}

/// The singular points inside the foreground, cores first, each kind from the top down; none in a field of noise, which
/// has more points than any finger.
pub(super) fn find(field: &Field, mask: &Grid<bool>) -> Vec<SingularPoint> {
    let flow = Flow::of(field, mask);
    let mut points = Vec::new();
    for cy in 0..mask.height().saturating_sub(1) {
        for cx in flow.turns(cy) {
            let Some(kind) = flow.kind(cx, cy) else { continue };
            let (u, v) = flow.zero(cx, cy);
            if !inside(mask, u, v) {
                continue;
            }
            let pixel = |u: f32| (u + 0.5) * CELL as f32 - 0.5;
            points.push(SingularPoint { kind, x: pixel(u), y: pixel(v), direction: flow.direction(kind, u, v) });
            if points.len() > SINGULAR_NOISE {
                return Vec::new();
            }
        }
    }
    join(&mut points);
    if points.len() > SINGULAR_MOST {
        return Vec::new();
    }
    points.sort_by(|a, b| a.kind.cmp(&b.kind).then(a.y.total_cmp(&b.y)).then(a.x.total_cmp(&b.x)));
    points
}

/// Whether all cells closer than [`SINGULAR_BORDER`] are foreground.
fn inside(mask: &Grid<bool>, u: f32, v: f32) -> bool {
    let radius = SINGULAR_BORDER / CELL as f32;
    let reach = radius.ceil() as i32;
    let (cx, cy) = (u.round() as i32, v.round() as i32);
    let near = (-reach..=reach).flat_map(|dy| (-reach..=reach).map(move |dx| (cx + dx, cy + dy)));
    near.filter(|&(x, y)| (x as f32 - u).hypot(y as f32 - v) < radius).all(|(x, y)| {
        let place = usize::try_from(x).ok().zip(usize::try_from(y).ok());
        place.is_some_and(|(x, y)| mask.get(x, y) == Some(true))
    })
}

impl Flow {
    fn of(field: &Field, mask: &Grid<bool>) -> Self {
        let weighed = |part: &Grid<f32>| {
            let mut out = part.clone();
            let weights = field.coherence.as_slice().iter().zip(mask.as_slice());
            for (v, (&c, &inside)) in out.as_mut_slice().iter_mut().zip(weights) {
                *v *= if inside { c } else { 0.0 };
            }
            blurred(&out, SINGULAR_SIGMA, true)
        };
        Self { cosine: weighed(&field.cosine), sine: weighed(&field.sine) }
    }

    fn at(&self, cx: usize, cy: usize) -> (f32, f32) {
        (self.cosine.get(cx, cy).unwrap_or(0.0), self.sine.get(cx, cy).unwrap_or(0.0))
    }

    /// Columns between the lines `cy` and `cy + 1` of cells where the flow may rotate fully. Nearly everywhere four
    /// neighbors point roughly the same way, which is checked without computing angles.
    fn turns(&self, cy: usize) -> impl Iterator<Item = usize> {
        let [c, s] = [&self.cosine, &self.sine].map(|g| g.row(cy).windows(2).zip(g.row(cy + 1).windows(2)));
        let may_turn = c.zip(s).map(|((c0, c1), (s0, s1))| {
            let (c, s) = ([c0[0], c0[1], c1[0], c1[1]], [s0[0], s0[1], s1[0], s1[1]]);
            let (sum_c, sum_s) = (c[0] + c[1] + c[2] + c[3], s[0] + s[1] + s[2] + s[3]);
            let along = |i: usize| c[i] * sum_c + s[i] * sum_s;
            along(0).min(along(1)).min(along(2).min(along(3))) <= 0.0 && sum_c.abs() + sum_s.abs() > 0.0
        });
        may_turn.enumerate().filter(|(_, turns)| *turns).map(|(cx, _)| cx)
    }

    /// The kind of the singular point between the cells `(cx, cy)` and `(cx + 1, cy + 1)`, if there is one.
    fn kind(&self, cx: usize, cy: usize) -> Option<SingularKind> {
        // Counter-clockwise as seen, y down.
        let corners = [(cx, cy), (cx, cy + 1), (cx + 1, cy + 1), (cx + 1, cy)].map(|(x, y)| self.at(x, y));
        let angles = corners.map(|(c, s)| s.atan2(c));
        let total: f32 = (0..4).map(|i| wrap_signed(angles[(i + 1) % 4] - angles[i])).sum();
        match total {
            t if t > PI => Some(SingularKind::Core),
            t if t < -PI => Some(SingularKind::Delta),
            _ => None,
        }
    }

    /// Position between the four cells where both parts of the flow are zero, by Newton's method.
    fn zero(&self, cx: usize, cy: usize) -> (f32, f32) {
        let [(a, p), (b, q), (c, r), (d, s)] =
            [(cx, cy), (cx + 1, cy), (cx, cy + 1), (cx + 1, cy + 1)].map(|(x, y)| self.at(x, y));
        let (mut u, mut v) = (0.5f32, 0.5f32);
        for _ in 0..4 {
            let value = |a: f32, b: f32, c: f32, d: f32| {
                let (upper, lower) = (a + (b - a) * u, c + (d - c) * u);
                let (du, dv) = ((b - a) * (1.0 - v) + (d - c) * v, lower - upper);
                (upper + (lower - upper) * v, du, dv)
            };
            let (f, fu, fv) = value(a, b, c, d);
            let (g, gu, gv) = value(p, q, r, s);
            let det = fu * gv - fv * gu;
            if det.abs() < 1e-12 {
                break;
            }
            u = (u - (f * gv - g * fv) / det).clamp(0.0, 1.0);
            v = (v - (g * fu - f * gu) / det).clamp(0.0, 1.0);
        }
        (cx as f32 + u, cy as f32 + v)
    }

    /// The direction in which ridges run straight away from a singular point, over rings around it.
    fn direction(&self, kind: SingularKind, u: f32, v: f32) -> Angle {
        const STEPS: usize = 24;
        let (mut re, mut im) = (0f32, 0f32);
        for radius in SINGULAR_RINGS {
            for k in 0..STEPS {
                let around = TAU * k as f32 / STEPS as f32;
                let (sin, cos) = around.sin_cos();
                let (x, y) = (u + radius * cos, v - radius * sin);
                let (c, s) = (self.cosine.bilinear(x, y), self.sine.bilinear(x, y));
                // The doubled orientation is `around + c` at a core, `c - around` at a delta.
                let turned = if kind == SingularKind::Core { -around } else { around };
                let (sin, cos) = turned.sin_cos();
                re += c * cos - s * sin;
                im += c * sin + s * cos;
            }
        }
        let constant = im.atan2(re);
        match kind {
            SingularKind::Core => Angle::from_radians(constant),
            SingularKind::Delta => {
                let ways = [0.0, TAU, 2.0 * TAU].map(|turn| (constant + turn) / 3.0);
                Angle::from_radians(
                    ways.into_iter().min_by(|a, b| a.sin().total_cmp(&b.sin())).unwrap_or(constant / 3.0),
                )
            }
        }
    }
}

/// Removes pairs of a core and a delta that are too close to be real, nearest first.
fn join(points: &mut Vec<SingularPoint>) {
    loop {
        let mut nearest: Option<(f32, usize, usize)> = None;
        for (i, a) in points.iter().enumerate() {
            for (j, b) in points.iter().enumerate().skip(i + 1).filter(|(_, b)| b.kind != a.kind) {
                let apart = (a.x - b.x).hypot(a.y - b.y);
                if apart < SINGULAR_PAIR && nearest.is_none_or(|n| apart < n.0) {
                    nearest = Some((apart, i, j));
                }
            }
        }
        let Some((_, i, j)) = nearest else { break };
        points.remove(j);
        points.remove(i);
    }
}

/// The pattern's class if the visible part determines it: `None` for partial prints or an unusual pattern.
pub(super) fn class(points: &[SingularPoint], mask: &Grid<bool>) -> Option<PatternClass> {
    let of = |kind| points.iter().filter(move |p| p.kind == kind);
    let (cores, deltas) = (of(SingularKind::Core).count(), of(SingularKind::Delta).count());
    match (cores, deltas) {
        (0, 0) => whole(mask).then_some(PatternClass::Arch),
        (2, 0..=2) | (1, 2) => Some(PatternClass::Whorl),
        (1, 0..=1) => {
            let core = of(SingularKind::Core).next()?;
            let opens = core.direction;
            if let Some(delta) = of(SingularKind::Delta).next() {
                let towards = Angle::from_radians((core.y - delta.y).atan2(delta.x - core.x));
                if towards.difference(opens).abs() < TENTED {
                    return Some(PatternClass::TentedArch);
                }
                // The loop opens on one side of the line to its delta.
                let side = opens.difference(towards);
                return Some(if side < 0.0 { PatternClass::LeftLoop } else { PatternClass::RightLoop });
            }
            let down = Angle::from_radians(-FRAC_PI_2);
            match opens.difference(down) {
                turn if turn.abs() < STRAIGHT_LOOP => None,
                turn if turn < 0.0 => Some(PatternClass::LeftLoop),
                _ => Some(PatternClass::RightLoop),
            }
        }
        _ => None,
    }
}

/// Whether enough of the finger is visible to include its core.
fn whole(mask: &Grid<bool>) -> bool {
    let inside = segment::distance(mask).as_slice().iter().filter(|d| **d >= CLASS_BORDER).count();
    inside * CELL * CELL >= CLASS_AREA
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_noise_has_none_and_takes_no_time() {
        let mut state = 7u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 * TAU
        };
        let angles: Vec<f32> = (0..512 * 512).map(|_| noise()).collect();
        let part = |f: fn(f32) -> f32| Grid::from_vec(512, 512, angles.iter().map(|a| f(*a)).collect()).unwrap();
        let field = Field { cosine: part(f32::cos), sine: part(f32::sin), coherence: Grid::new(512, 512, 1.0) };
        assert!(find(&field, &Grid::new(512, 512, true)).is_empty());
    }
}
