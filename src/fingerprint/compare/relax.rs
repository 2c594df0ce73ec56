//! Relaxation: pairs that fit together geometrically strengthen one another.

use super::local::Pair;
use super::params::*;
use super::print::{Print, radians};

/// How well two pairs fit together, 0..=1: same distance, same turn, same bearing.
pub(crate) fn fit(a: &Print, b: &Print, p: Pair, q: Pair) -> f32 {
    let (i, j, k, l) = (usize::from(p.a), usize::from(p.b), usize::from(q.a), usize::from(q.b));
    if i == k || j == l {
        return 0.0;
    }
    let (ax, ay) = (a.x[k] - a.x[i], a.y[k] - a.y[i]);
    let (bx, by) = (b.x[l] - b.x[j], b.y[l] - b.y[j]);
    let (da, db) = ((ax * ax + ay * ay).sqrt(), (bx * bx + by * by).sqrt());
    let length = (da - db).abs() / (RELAX_DISTANCE + RELAX_DISTANCE_SLOPE * 0.5 * (da + db));
    if length >= 1.5 {
        return 0.0;
    }
    let turn_p = a.direction[i].wrapping_sub(b.direction[j]);
    let turn_q = a.direction[k].wrapping_sub(b.direction[l]);
    let turn = radians(turn_p.wrapping_sub(turn_q)).abs() / RELAX_ANGLE;
    if turn >= 1.5 {
        return 0.0;
    }
    // The mean turn of the two pairs must carry b's edge onto a's.
    let half = radians(turn_q.wrapping_sub(turn_p)) * 0.5;
    let (sin, cos) = (radians(turn_p) + half).sin_cos();
    let (rx, ry) = (cos * bx - sin * by, sin * bx + cos * by);
    let cross = (ax * ry - ay * rx).abs();
    let dot = ax * rx + ay * ry;
    let slack = RELAX_ANGLE * da * db + RELAX_DISTANCE * 0.5 * (da + db);
    if dot < 0.0 && da + db > 4.0 * RELAX_DISTANCE {
        return 0.0;
    }
    let bearing = cross / slack.max(1e-6);
    if bearing >= 1.5 {
        return 0.0;
    }
    fall(length) * fall(turn) * fall(bearing)
}

fn fall(v: f32) -> f32 {
    if v >= 1.5 {
        0.0
    } else {
        let t = 1.0 - v * v / 2.25;
        t * t
    }
}

/// Relaxes: `fits` (row-major) gets the mutual fits, `strength` one value per pair.
pub(crate) fn relax(a: &Print, b: &Print, pairs: &[Pair], fits: &mut Vec<f32>, strength: &mut Vec<f32>) {
    let n = pairs.len();
    fits.clear();
    fits.resize(n * n, 0.0);
    for t in 0..n {
        for k in t + 1..n {
            let f = fit(a, b, pairs[t], pairs[k]);
            fits[t * n + k] = f;
            fits[k * n + t] = f;
        }
    }
    strength.clear();
    strength.extend(pairs.iter().map(|p| p.similarity));
    let mut next = vec![0f32; n];
    for _ in 0..RELAX_ROUNDS {
        let mut most = 1e-6f32;
        for (t, next) in next.iter_mut().enumerate() {
            let row = &fits[t * n..(t + 1) * n];
            let support: f32 = row.iter().zip(strength.iter()).map(|(f, s)| f * s).sum();
            *next = strength[t] * 0.2 + support;
            most = most.max(*next);
        }
        for (s, &v) in strength.iter_mut().zip(next.iter()) {
            *s = v / most;
        }
    }
}
