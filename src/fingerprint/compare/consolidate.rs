//! Consolidation: from a seed pair to all minutiae that lie on one another, tolerant of skin distortion.

use super::align::{Fit, Similarity};
use super::local::Pair;
use super::params::*;
use super::print::{Print, brad, radians};

/// Two minutiae that lie on one another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Match {
    pub(crate) a: u16,
    pub(crate) b: u16,
    /// What is left of their distance after alignment, pixels.
    pub(crate) distance: f32,
    /// What is left of the difference of their directions, radians.
    pub(crate) angle: f32,
    /// Local similarity of their neighbourhoods.
    pub(crate) similarity: f32,
}

/// Buffers of one thread.
#[derive(Default)]
pub(crate) struct Buffers {
    /// b's minutiae in a's plane.
    pub(crate) x: Vec<f32>,
    pub(crate) y: Vec<f32>,
    pub(crate) direction: Vec<i16>,
    /// The affine part of the way from b's plane to a's: `(m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5])`.
    pub(crate) map: [f32; 6],
    /// Coefficients of the shear beyond a similarity.
    pub(crate) shear: [f32; 4],
    candidates: Vec<(f32, Match)>,
    used_a: Vec<bool>,
    used_b: Vec<bool>,
}

/// The pair a matching grows from, among the relaxed pairs.
pub(crate) struct Seed<'a> {
    pub(crate) pairs: &'a [Pair],
    /// Mutual fits of the pairs, row-major.
    pub(crate) fits: &'a [f32],
    pub(crate) index: usize,
}

/// Grows the matching of a seed into `matches`; returns the transform.
pub(crate) fn grow(
    a: &Print,
    b: &Print,
    local: &[f32],
    seed: &Seed<'_>,
    buffers: &mut Buffers,
    matches: &mut Vec<Match>,
) -> Option<Similarity> {
    matches.clear();
    let &Seed { pairs, fits, index: seed } = seed;
    let n = pairs.len();
    let mut fit = Fit::default();
    for (k, p) in pairs.iter().enumerate() {
        let w = if k == seed { 1.0 } else { fits[seed * n + k] };
        if w > 0.05 {
            add(&mut fit, a, b, usize::from(p.a), usize::from(p.b), w);
        }
    }
    let mut transform = fit.solve(ALIGN_ARM, 0.97, 1.03)?;
    let (cx, cy) = (a.x[usize::from(pairs[seed].a)], a.y[usize::from(pairs[seed].a)]);
    place(b, &transform, buffers);
    assign(a, b, local, buffers, matches, |i| {
        let d = ((a.x[i] - cx).powi(2) + (a.y[i] - cy).powi(2)).sqrt();
        (COARSE_DISTANCE + COARSE_DISTANCE_SLOPE * d, COARSE_ANGLE)
    });
    for _ in 0..FINE_ROUNDS {
        let mut fit = Fit::default();
        for m in matches.iter() {
            let w = 1.0 / (1.0 + (m.distance / 8.0).powi(2));
            add(&mut fit, a, b, usize::from(m.a), usize::from(m.b), w);
        }
        transform = fit.solve(ALIGN_ARM, LEAST_SCALE, MOST_SCALE)?;
        bend(a, b, &transform, buffers, matches);
        assign(a, b, local, buffers, matches, |_| (FINE_DISTANCE, FINE_ANGLE));
    }
    Some(transform)
}

fn add(fit: &mut Fit, a: &Print, b: &Print, i: usize, j: usize, w: f32) {
    let turn = radians(a.direction[i].wrapping_sub(b.direction[j]));
    fit.add(w, (a.x[i], a.y[i]), (b.x[j], b.y[j]), turn);
}

/// Carries b's minutiae into a's plane.
fn place(b: &Print, t: &Similarity, buffers: &mut Buffers) {
    let turn = brad(t.rotation());
    buffers.map = [t.c, -t.s, t.tx, t.s, t.c, t.ty];
    buffers.shear = [0.0; 4];
    buffers.x.clear();
    buffers.y.clear();
    buffers.direction.clear();
    for j in 0..b.len() {
        let (x, y) = t.apply(b.x[j], b.y[j]);
        buffers.x.push(x);
        buffers.y.push(y);
        buffers.direction.push(b.direction[j].wrapping_add(turn));
    }
}

/// Carries b's minutiae into a's plane and adds the local displacement that the matched pairs nearby show. A pair does
/// not vote on its own displacement.
fn bend(a: &Print, b: &Print, t: &Similarity, buffers: &mut Buffers, matches: &[Match]) {
    place(b, t, buffers);
    shear(a, buffers, matches);
    let (rx, ry): (Vec<f32>, Vec<f32>) = matches
        .iter()
        .map(|m| {
            let (i, j) = (usize::from(m.a), usize::from(m.b));
            (a.x[i] - buffers.x[j], a.y[i] - buffers.y[j])
        })
        .unzip();
    let scale = -1.0 / (2.0 * FIELD_SIGMA * FIELD_SIGMA);
    let at: Vec<(f32, f32)> =
        matches.iter().map(|m| (buffers.x[usize::from(m.b)], buffers.y[usize::from(m.b)])).collect();
    for j in 0..b.len() {
        let (x, y) = (buffers.x[j], buffers.y[j]);
        let (mut w, mut sx, mut sy) = (FIELD_PRIOR, 0.0, 0.0);
        for (k, m) in matches.iter().enumerate() {
            if usize::from(m.b) == j {
                continue;
            }
            let d2 = (at[k].0 - x).powi(2) + (at[k].1 - y).powi(2);
            let v = (d2 * scale).exp();
            w += v;
            sx += v * rx[k];
            sy += v * ry[k];
        }
        buffers.x[j] = x + sx / w;
        buffers.y[j] = y + sy / w;
    }
}

/// Removes the linear part of what the matched pairs' displacements have in common beyond a similarity.
fn shear(a: &Print, buffers: &mut Buffers, matches: &[Match]) {
    let n = matches.len() as f32;
    if matches.len() < 4 {
        return;
    }
    let (mut mx, mut my, mut rx, mut ry) = (0f32, 0f32, 0f32, 0f32);
    for m in matches {
        let (i, j) = (usize::from(m.a), usize::from(m.b));
        mx += buffers.x[j];
        my += buffers.y[j];
        rx += a.x[i] - buffers.x[j];
        ry += a.y[i] - buffers.y[j];
    }
    (mx, my, rx, ry) = (mx / n, my / n, rx / n, ry / n);
    let ridge = SHEAR_PRIOR * SHEAR_PRIOR * 4.0;
    let (mut xx, mut xy, mut yy) = (ridge, 0f32, ridge);
    let (mut ux, mut uy, mut vx, mut vy) = (0f32, 0f32, 0f32, 0f32);
    for m in matches {
        let (i, j) = (usize::from(m.a), usize::from(m.b));
        let (dx, dy) = (buffers.x[j] - mx, buffers.y[j] - my);
        let (u, v) = (a.x[i] - buffers.x[j] - rx, a.y[i] - buffers.y[j] - ry);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
        ux += u * dx;
        uy += u * dy;
        vx += v * dx;
        vy += v * dy;
    }
    let det = xx * yy - xy * xy;
    if det <= 0.0 {
        return;
    }
    let e = [
        ((ux * yy - uy * xy) / det).clamp(-MOST_SHEAR, MOST_SHEAR),
        ((uy * xx - ux * xy) / det).clamp(-MOST_SHEAR, MOST_SHEAR),
        ((vx * yy - vy * xy) / det).clamp(-MOST_SHEAR, MOST_SHEAR),
        ((vy * xx - vx * xy) / det).clamp(-MOST_SHEAR, MOST_SHEAR),
    ];
    let m = buffers.map;
    buffers.map = [
        m[0] + e[0] * m[0] + e[1] * m[3],
        m[1] + e[0] * m[1] + e[1] * m[4],
        m[2] + e[0] * (m[2] - mx) + e[1] * (m[5] - my) + rx,
        m[3] + e[2] * m[0] + e[3] * m[3],
        m[4] + e[2] * m[1] + e[3] * m[4],
        m[5] + e[2] * (m[2] - mx) + e[3] * (m[5] - my) + ry,
    ];
    buffers.shear = e;
    for j in 0..buffers.x.len() {
        let (dx, dy) = (buffers.x[j] - mx, buffers.y[j] - my);
        buffers.x[j] += e[0] * dx + e[1] * dy + rx;
        buffers.y[j] += e[2] * dx + e[3] * dy + ry;
        let (s, c) = radians(buffers.direction[j]).sin_cos();
        let (tx, ty) = (c + e[0] * c + e[1] * s, s + e[2] * c + e[3] * s);
        buffers.direction[j] = brad(ty.atan2(tx));
    }
}

/// One-to-one matching, closest first.
fn assign(
    a: &Print,
    b: &Print,
    local: &[f32],
    buffers: &mut Buffers,
    matches: &mut Vec<Match>,
    tolerance: impl Fn(usize) -> (f32, f32),
) {
    let nb = b.len();
    buffers.candidates.clear();
    for i in 0..a.len() {
        let (most, turn) = tolerance(i);
        let most2 = most * most;
        for j in 0..nb {
            let (dx, dy) = (a.x[i] - buffers.x[j], a.y[i] - buffers.y[j]);
            let d2 = dx * dx + dy * dy;
            if d2 >= most2 {
                continue;
            }
            let angle = radians(a.direction[i].wrapping_sub(buffers.direction[j])).abs();
            if angle >= turn {
                continue;
            }
            let similarity = local[i * nb + j];
            let cost = d2 / most2 + (angle / turn).powi(2) - 0.5 * similarity;
            let m = Match { a: i as u16, b: j as u16, distance: d2.sqrt(), angle, similarity };
            buffers.candidates.push((cost, m));
        }
    }
    buffers.candidates.sort_unstable_by(|p, q| p.0.total_cmp(&q.0).then(p.1.a.cmp(&q.1.a)).then(p.1.b.cmp(&q.1.b)));
    buffers.used_a.clear();
    buffers.used_a.resize(a.len(), false);
    buffers.used_b.clear();
    buffers.used_b.resize(nb, false);
    matches.clear();
    for &(_, m) in &buffers.candidates {
        let (i, j) = (usize::from(m.a), usize::from(m.b));
        if !buffers.used_a[i] && !buffers.used_b[j] {
            buffers.used_a[i] = true;
            buffers.used_b[j] = true;
            matches.push(m);
        }
    }
}
