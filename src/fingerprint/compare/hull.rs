//! Convex hulls: what part of the finger a set of minutiae covers.

/// The convex hull, counter-clockwise (y up), of the points; fewer than 3 points when they are collinear.
pub(crate) fn convex(x: &[f32], y: &[f32]) -> Vec<[f32; 2]> {
    let mut points: Vec<[f32; 2]> = x.iter().zip(y).map(|(&x, &y)| [x, y]).collect();
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let mut hull: Vec<[f32; 2]> = Vec::with_capacity(points.len() + 1);
    let half = |hull: &mut Vec<[f32; 2]>, points: &mut dyn Iterator<Item = [f32; 2]>| {
        let start = hull.len();
        for p in points {
            while let [.., a, b] = hull[start..] {
                if (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0.0 {
                    break;
                }
                hull.pop();
            }
            hull.push(p);
        }
        hull.pop();
    };
    half(&mut hull, &mut points.iter().copied());
    half(&mut hull, &mut points.iter().rev().copied());
    hull
}

/// How far a point lies outside a convex hull, pixels: the largest distance to an edge's line, negative inside.
pub(crate) fn outside(hull: &[[f32; 2]], x: f32, y: f32) -> f32 {
    if hull.len() < 3 {
        return hull.iter().map(|p| ((p[0] - x).powi(2) + (p[1] - y).powi(2)).sqrt()).fold(f32::INFINITY, f32::min);
    }
    let mut most = f32::NEG_INFINITY;
    let mut a = hull[hull.len() - 1];
    for &b in hull {
        let (ex, ey) = (b[0] - a[0], b[1] - a[1]);
        let length = (ex * ex + ey * ey).sqrt().max(1e-6);
        most = most.max((ey * (x - a[0]) - ex * (y - a[1])) / length);
        a = b;
    }
    most
}

/// Area of a convex hull, square pixels.
pub(crate) fn area(hull: &[[f32; 2]]) -> f32 {
    let Some(mut a) = hull.last() else { return 0.0 };
    let mut sum = 0.0;
    for b in hull {
        sum += a[0] * b[1] - b[0] * a[1];
        a = b;
    }
    0.5 * sum.abs()
}
