//! Convex hulls: what part of the finger a set of minutiae covers.

/// A convex hull: its corners, counter-clockwise (y up), and its edges' outward unit normals with offsets.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Hull {
    corners: Vec<[f32; 2]>,
    edges: Vec<[f32; 3]>,
}

impl Hull {
    /// The hull of points.
    pub(crate) fn of(x: &[f32], y: &[f32]) -> Self {
        let mut hull = Self { corners: convex(x, y), edges: Vec::new() };
        hull.set_edges();
        hull
    }

    /// Becomes what an affine map `(m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5])` makes of another hull.
    pub(crate) fn map_from(&mut self, other: &Self, m: &[f32; 6]) {
        self.corners.clear();
        let place = |p: &[f32; 2]| [m[0] * p[0] + m[1] * p[1] + m[2], m[3] * p[0] + m[4] * p[1] + m[5]];
        self.corners.extend(other.corners.iter().map(place));
        self.set_edges();
    }

    fn set_edges(&mut self) {
        self.edges.clear();
        if self.corners.len() < 3 {
            return;
        }
        let mut a = self.corners[self.corners.len() - 1];
        for &b in &self.corners {
            let (ex, ey) = (b[0] - a[0], b[1] - a[1]);
            let length = (ex * ex + ey * ey).sqrt().max(1e-6);
            let (nx, ny) = (ey / length, -ex / length);
            self.edges.push([nx, ny, nx * a[0] + ny * a[1]]);
            a = b;
        }
    }

    /// How far a point lies outside, pixels: the largest distance to an edge's line, negative inside.
    pub(crate) fn outside(&self, x: f32, y: f32) -> f32 {
        if self.edges.is_empty() {
            let distance = |p: &[f32; 2]| ((p[0] - x).powi(2) + (p[1] - y).powi(2)).sqrt();
            return self.corners.iter().map(distance).fold(f32::INFINITY, f32::min);
        }
        self.edges.iter().fold(f32::NEG_INFINITY, |most, e| {
            let d = e[0] * x + e[1] * y - e[2];
            if d > most { d } else { most }
        })
    }

    /// Area, square pixels.
    pub(crate) fn area(&self) -> f32 {
        let Some(mut a) = self.corners.last() else { return 0.0 };
        let mut sum = 0.0;
        for b in &self.corners {
            sum += a[0] * b[1] - b[0] * a[1];
            a = b;
        }
        0.5 * sum.abs()
    }

    /// Memory held, bytes.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(self.corners.as_slice()) + size_of_val(self.edges.as_slice())
    }
}

/// The corners of the convex hull, counter-clockwise; fewer than 3 when the points are collinear.
fn convex(x: &[f32], y: &[f32]) -> Vec<[f32; 2]> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_with_points_inside() {
        let hull = Hull::of(&[0.0, 10.0, 10.0, 0.0, 5.0, 2.0], &[0.0, 0.0, 10.0, 10.0, 5.0, 7.0]);
        assert_eq!(hull.corners.len(), 4);
        assert_eq!(hull.area(), 100.0);
        assert!((hull.outside(5.0, 5.0) + 5.0).abs() < 1e-5);
        assert!((hull.outside(13.0, 5.0) - 3.0).abs() < 1e-5);
    }

    #[test]
    fn few_or_collinear_points() {
        assert_eq!(Hull::of(&[], &[]).outside(0.0, 0.0), f32::INFINITY);
        let line = Hull::of(&[0.0, 1.0, 2.0, 3.0], &[0.0, 1.0, 2.0, 3.0]);
        assert_eq!(line.area(), 0.0);
        assert!(line.outside(3.0, 0.0) > 0.0);
    }
}
