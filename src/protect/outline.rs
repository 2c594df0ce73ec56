//! The part of the finger that minutiae cover: their convex hull. Frozen, see `points`.

/// Outward unit normals and offsets of the hull's edges; only corners where there are fewer than three.
pub(super) struct Outline {
    corners: Vec<[f32; 2]>,
    edges: Vec<[f32; 3]>,
}

impl Outline {
    /// The hull of some points, y upwards.
    pub(super) fn new(x: &[f32], y: &[f32]) -> Self {
        let corners = corners(x.iter().zip(y).map(|(x, y)| [*x, *y]).collect());
        let mut edges = Vec::new();
        if let (Some(mut a), true) = (corners.last().copied(), corners.len() >= 3) {
            for &b in &corners {
                let (ex, ey) = (b[0] - a[0], b[1] - a[1]);
                let length = (ex * ex + ey * ey).sqrt().max(1e-6);
                let (nx, ny) = (ey / length, -ex / length);
                edges.push([nx, ny, nx * a[0] + ny * a[1]]);
                a = b;
            }
        }
        Self { corners, edges }
    }

    /// The distance of a position outside the hull, in pixels; negative inside.
    pub(super) fn outside(&self, x: f32, y: f32) -> f32 {
        if self.edges.is_empty() {
            let distance = |p: &[f32; 2]| ((p[0] - x).powi(2) + (p[1] - y).powi(2)).sqrt();
            return self.corners.iter().map(distance).fold(f32::INFINITY, f32::min);
        }
        self.edges.iter().fold(f32::NEG_INFINITY, |most, e| most.max(e[0] * x + e[1] * y - e[2]))
    }
}

/// The corners of the hull, counter-clockwise.
fn corners(mut points: Vec<[f32; 2]>) -> Vec<[f32; 2]> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let mut hull: Vec<[f32; 2]> = Vec::with_capacity(points.len() + 1);
    let half = |hull: &mut Vec<[f32; 2]>, points: &mut dyn Iterator<Item = [f32; 2]>| {
        let start = hull.len();
        for p in points {
            while let Some([.., a, b]) = hull.get(start..) {
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
    fn distances_from_a_square_a_line_and_nothing() {
        let square = Outline::new(&[0.0, 10.0, 10.0, 0.0, 5.0, 0.0], &[0.0, 0.0, 10.0, 10.0, 5.0, 0.0]);
        assert_eq!(square.corners.len(), 4);
        assert!((square.outside(5.0, 5.0) + 5.0).abs() < 1e-5 && (square.outside(13.0, 5.0) - 3.0).abs() < 1e-5);
        let line = Outline::new(&[0.0, 4.0], &[0.0, 0.0]);
        assert!((line.outside(7.0, 4.0) - 5.0).abs() < 1e-5);
        assert_eq!(Outline::new(&[], &[]).outside(0.0, 0.0), f32::INFINITY);
    }
}
