//! Removal of minutiae that their surroundings make unlikely.

use super::minutiae::Candidate;
use super::params::{BORDER, BORDER_DISPLACEMENT, BUCKET, CELL, CLOUD_MAX, CLOUD_RADIUS};
use crate::fingerprint::minutia::Minutia;
use crate::geometry::Grid;

/// Value of a fine map at a pixel.
pub(super) fn at_pixel(map: &Grid<f32>, x: f32, y: f32) -> f32 {
    map.bilinear((x + 0.5) / CELL as f32 - 0.5, (y + 0.5) / CELL as f32 - 0.5)
}

/// Drops minutiae near the foreground's edge, where every ridge ends.
pub(super) fn inside(candidates: &mut Vec<Candidate>, distance: &Grid<f32>) {
    candidates.retain(|c| {
        let m = &c.minutia;
        let (sin, cos) = m.direction.radians().sin_cos();
        let (x, y) = (m.x - BORDER_DISPLACEMENT * cos, m.y + BORDER_DISPLACEMENT * sin);
        let on_map =
            x >= 0.0 && y >= 0.0 && x <= (distance.width() * CELL) as f32 && y <= (distance.height() * CELL) as f32;
        on_map && at_pixel(distance, x, y) >= BORDER
    });
}

/// Drops minutiae that have too many others close by: noise.
pub(super) fn clouds(minutiae: &mut Vec<Minutia>) {
    let near = Neighbors::new(minutiae);
    let keep: Vec<bool> =
        (0..minutiae.len()).map(|i| near.within(minutiae, i, CLOUD_RADIUS).count() <= CLOUD_MAX).collect();
    let mut at = keep.iter();
    minutiae.retain(|_| at.next() == Some(&true));
}

/// Minutiae sorted into square buckets, for searches in time proportional to the number nearby.
pub(super) struct Neighbors {
    sorted: Vec<(i32, i32, usize)>,
}

impl Neighbors {
    /// Sorts minutiae.
    pub fn new(minutiae: &[Minutia]) -> Self {
        let mut sorted: Vec<_> = minutiae
            .iter()
            .enumerate()
            .map(|(i, m)| ((m.y / BUCKET).floor() as i32, (m.x / BUCKET).floor() as i32, i))
            .collect();
        sorted.sort_unstable();
        Self { sorted }
    }

    /// Others within `radius` (at most [`BUCKET`]) of minutia `of`.
    pub fn within<'a>(&'a self, minutiae: &'a [Minutia], of: usize, radius: f32) -> impl Iterator<Item = usize> + 'a {
        let m = minutiae[of];
        let (by, bx) = ((m.y / BUCKET).floor() as i32, (m.x / BUCKET).floor() as i32);
        (by - 1..=by + 1)
            .flat_map(move |row| {
                let first = self.sorted.partition_point(|&(r, c, _)| (r, c) < (row, bx - 1));
                self.sorted[first..].iter().take_while(move |&&(r, c, _)| r == row && c <= bx + 1).map(|&(_, _, i)| i)
            })
            .filter(move |&i| {
                let o = minutiae[i];
                i != of && (o.x - m.x).powi(2) + (o.y - m.y).powi(2) <= radius * radius
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::minutia::MinutiaKind;
    use crate::geometry::Angle;

    fn at(x: f32, y: f32) -> Minutia {
        Minutia { x, y, direction: Angle::from_degrees(0.0), kind: MinutiaKind::Ending, quality: 50 }
    }

    #[test]
    fn clouds_go_and_loners_stay() {
        let mut minutiae: Vec<Minutia> = (0..=CLOUD_MAX + 1).map(|i| at(100.0 + i as f32, 100.0)).collect();
        minutiae.push(at(200.0, 30.0));
        clouds(&mut minutiae);
        assert_eq!(minutiae.len(), 1);
        assert_eq!(minutiae[0].x, 200.0);
    }

    #[test]
    fn an_end_facing_the_edge_is_dropped() {
        let mut mask = Grid::new(50, 50, false);
        for y in 5..45 {
            for x in 5..45 {
                mask.set(x, y, true);
            }
        }
        let distance = super::super::segment::distance(&mask);
        // Left edge at x = 20: a ridge that comes from the right and ends at 33 faces the edge.
        let end = |x| Candidate { minutia: at(x, 100.0), length: 50, deviation: 0.0 };
        let mut ends = vec![end(33.0), end(100.0)];
        inside(&mut ends, &distance);
        assert_eq!(ends.len(), 1);
    }
}
