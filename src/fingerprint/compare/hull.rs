//! Convex hulls: the part of the finger that a set of minutiae covers.

use crate::simd::near::LANES;

/// A convex hull: its corners, counter-clockwise (y up), and its edges' outward unit normals with offsets.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Hull {
    corners: Vec<[f32; 2]>,
    edges: Vec<[f32; 3]>,
}

impl Hull {
    /// The hull with corners (see [`convex`]) at some of the points.
    pub(crate) fn of(corners: &[usize], x: &[f32], y: &[f32]) -> Self {
        let mut hull = Self::default();
        hull.set(corners.iter().copied(), x, y);
        hull
    }

    /// Sets this to the hull with corners at some of the points; invalid numbers are left out.
    #[inline(always)]
    pub(crate) fn set(&mut self, corners: impl Iterator<Item = usize>, x: &[f32], y: &[f32]) {
        self.corners.clear();
        self.corners.extend(corners.filter_map(|c| Some([*x.get(c)?, *y.get(c)?])));
        self.set_edges();
    }

    /// Sets this to the image of another hull under the affine map `(m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5])`.
    #[inline(always)]
    pub(crate) fn map_from(&mut self, other: &Self, m: &[f32; 6]) {
        self.corners.clear();
        let place = |p: &[f32; 2]| [m[0] * p[0] + m[1] * p[1] + m[2], m[3] * p[0] + m[4] * p[1] + m[5]];
        self.corners.extend(other.corners.iter().map(place));
        self.set_edges();
    }

    #[inline(always)]
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
    #[inline(always)]
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

    /// [`Hull::outside`] of the first `n` points.
    #[inline(always)]
    pub(crate) fn outside_all<const N: usize>(&self, x: &[f32; N], y: &[f32; N], n: usize) -> [f32; N] {
        const { assert!(N.is_multiple_of(LANES)) };
        let n = n.min(N);
        let mut out = [f32::NEG_INFINITY; N];
        if self.edges.is_empty() {
            for (out, (&x, &y)) in out.iter_mut().zip(x.iter().zip(y)).take(n) {
                *out = self.outside(x, y);
            }
            return out;
        }
        let lists = x.as_chunks::<LANES>().0.iter().zip(y.as_chunks::<LANES>().0);
        for (out, (x, y)) in out.as_chunks_mut::<LANES>().0.iter_mut().zip(lists).take(n.div_ceil(LANES)) {
            let mut most = [f32::NEG_INFINITY; LANES];
            for e in &self.edges {
                for (most, (x, y)) in most.iter_mut().zip(x.iter().zip(y)) {
                    let d = e[0] * x + e[1] * y - e[2];
                    *most = if d > *most { d } else { *most };
                }
            }
            *out = most;
        }
        out
    }

    /// Sets `near` to the edges that a point is less than `depth` inside of, or to all of a hull without an area; whether it has
    /// any.
    #[inline(always)]
    pub(crate) fn edges_near(&self, (x, y): (f32, f32), depth: f32, near: &mut Self) -> bool {
        if self.edges.is_empty() {
            near.clone_from(self);
            return true;
        }
        near.edges.clear();
        near.edges.extend(self.edges.iter().filter(|e| e[0] * x + e[1] * y - e[2] > -depth));
        !near.edges.is_empty()
    }

    /// The part of a convex polygon inside this hull; empty without an area.
    pub(crate) fn clipped(&self, polygon: &[[f32; 2]]) -> Vec<[f32; 2]> {
        if self.edges.is_empty() || polygon.len() < 3 {
            return Vec::new();
        }
        // Edge by edge, what lies outside is cut off (Sutherland and Hodgman 1974).
        self.edges.iter().fold(polygon.to_vec(), |kept, e| {
            let outside = |p: [f32; 2]| e[0] * p[0] + e[1] * p[1] - e[2];
            let mut cut = Vec::with_capacity(kept.len() + 1);
            let mut last = kept.last().copied();
            for &p in &kept {
                let q = last.replace(p).unwrap_or(p);
                let (before, here) = (outside(q), outside(p));
                if (before > 0.0) != (here > 0.0) {
                    let t = before / (before - here);
                    cut.push([q[0] + t * (p[0] - q[0]), q[1] + t * (p[1] - q[1])]);
                }
                if here <= 0.0 {
                    cut.push(p);
                }
            }
            cut
        })
    }

    /// The corners, counter-clockwise.
    pub(crate) fn corners(&self) -> &[[f32; 2]] {
        &self.corners
    }

    /// Area, square pixels.
    #[inline(always)]
    pub(crate) fn area(&self) -> f32 {
        let Some(mut a) = self.corners.last() else { return 0.0 };
        let mut sum = 0.0;
        for b in &self.corners {
            sum += a[0] * b[1] - b[0] * a[1];
            a = b;
        }
        0.5 * sum.abs()
    }
}

/// The points that are corners of the convex hull, counter-clockwise; fewer than 3 when the points are collinear.
pub(crate) fn convex(x: &[f32], y: &[f32]) -> Vec<usize> {
    // One number has the order of both coordinates, and of the points where they are equal.
    let place = |(number, (&x, &y))| u128::from(rank(x)) << 96 | u128::from(rank(y)) << 64 | number as u128;
    let mut places: Vec<u128> = x.iter().zip(y).enumerate().map(place).collect();
    places.sort_unstable();
    let mut points: Vec<usize> = places.into_iter().map(|place| place as usize).collect();
    points.dedup_by_key(|p| (x[*p], y[*p]));
    if points.len() < 3 {
        return points;
    }
    let at = |p: usize| [x[p], y[p]];
    let mut hull: Vec<usize> = Vec::with_capacity(points.len() + 1);
    let half = |hull: &mut Vec<usize>, points: &mut dyn Iterator<Item = usize>| {
        let start = hull.len();
        for next in points {
            while let [.., a, b] = hull[start..] {
                let (a, b, p) = (at(a), at(b), at(next));
                if (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0.0 {
                    break;
                }
                hull.pop();
            }
            hull.push(next);
        }
        hull.pop();
    };
    half(&mut hull, &mut points.iter().copied());
    half(&mut hull, &mut points.iter().rev().copied());
    hull
}

/// An integer with the order of finite floats.
#[inline(always)]
pub(crate) fn rank(v: f32) -> u32 {
    let bits = v.to_bits();
    bits ^ ((bits as i32 >> 31) as u32 | 1 << 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hull(x: &[f32], y: &[f32]) -> Hull {
        Hull::of(&convex(x, y), x, y)
    }

    #[test]
    fn a_square_with_points_inside() {
        let hull = hull(&[0.0, 10.0, 10.0, 0.0, 5.0, 2.0], &[0.0, 0.0, 10.0, 10.0, 5.0, 7.0]);
        assert_eq!(hull.corners.len(), 4);
        assert_eq!(hull.area(), 100.0);
        assert!((hull.outside(5.0, 5.0) + 5.0).abs() < 1e-5);
        assert!((hull.outside(13.0, 5.0) - 3.0).abs() < 1e-5);
    }

    #[test]
    fn what_two_squares_have_in_common() {
        let square = hull(&[0.0, 10.0, 10.0, 0.0], &[0.0, 0.0, 10.0, 10.0]);
        let other = hull(&[5.0, 15.0, 15.0, 5.0], &[-5.0, -5.0, 5.0, 5.0]);
        let common = square.clipped(other.corners());
        let (x, y): (Vec<f32>, Vec<f32>) = common.iter().map(|p| (p[0], p[1])).unzip();
        assert_eq!(hull(&x, &y).area(), 25.0);
        assert!(common.iter().all(|p| (5.0..=10.0).contains(&p[0]) && (0.0..=5.0).contains(&p[1])), "{common:?}");
        assert_eq!(square.clipped(hull(&[20.0, 30.0, 30.0], &[0.0, 0.0, 9.0]).corners()), Vec::<[f32; 2]>::new());
        assert!(hull(&[0.0, 1.0], &[0.0, 1.0]).clipped(square.corners()).is_empty());
    }

    #[test]
    fn few_or_collinear_points() {
        assert_eq!(hull(&[], &[]).outside(0.0, 0.0), f32::INFINITY);
        let line = hull(&[0.0, 1.0, 2.0, 3.0], &[0.0, 1.0, 2.0, 3.0]);
        assert_eq!(line.area(), 0.0);
        assert!(line.outside(3.0, 0.0) > 0.0);
    }
}
