//! How many prints a picture shows.

use std::ops::Range;

use super::components::{Components, Part};
use super::params::{CELL, PRINT_AREA, PRINT_EDGE, PRINT_GAP, PRINT_MINUTIAE, PRINT_TALLEST, PRINT_WIDEST};
use super::segment::distance;
use crate::fingerprint::minutia::Minutia;
use crate::geometry::{Bitmap, Grid};

/// The number of prints that a foreground shows, at least 1: parts that are as large as prints and do not lie as the parts of one
/// finger do. Parts above one another within the height of a finger are one, because a crease parts them, and a part with hardly any
/// minutiae is none, because a foreground may hold background that was taken for ridges.
pub(super) fn prints(mask: &Grid<bool>, minutiae: &[Minutia]) -> usize {
    // Prints that touch meet in a narrow place, which is cut off with the edge.
    let depth = distance(mask);
    let core = Bitmap::from_fn(mask.width(), mask.height(), |x, y| depth.get(x, y).is_some_and(|d| d > PRINT_EDGE));
    let components = Components::new(&core, true);
    let evidence = |part: &Part| -> f32 {
        let within = |at: f32, cells: &Range<usize>| cells.contains(&((at.max(0.0) as usize) / CELL));
        let inside = |m: &&Minutia| within(m.x, &part.columns) && within(m.y, &part.lines);
        minutiae.iter().filter(inside).map(|m| f32::from(m.quality) / 100.0).sum()
    };
    let is_print = |part: &&Part| part.area * CELL * CELL >= PRINT_AREA && evidence(part) >= PRINT_MINUTIAE;
    let mut parts: Vec<&Part> = components.all().filter(is_print).collect();
    parts.sort_by_key(|part| (part.columns.start, part.lines.start));
    if let [one] = parts.as_slice()
        && one.columns.len() * CELL > PRINT_WIDEST
    {
        return 2;
    }
    let mut firsts: Vec<&Part> = Vec::new();
    for part in parts {
        if !firsts.iter().any(|first| is_one(first, part)) {
            firsts.push(part);
        }
    }
    firsts.len().max(1)
}

/// Whether two parts can belong to one print.
fn is_one(a: &Part, b: &Part) -> bool {
    let pixels = |cells: usize| cells * CELL;
    let overlap = a.columns.end.min(b.columns.end).saturating_sub(a.columns.start.max(b.columns.start));
    let (top, bottom) = (a.lines.start.min(b.lines.start), a.lines.end.max(b.lines.end));
    let above = 2 * overlap > a.columns.len().min(b.columns.len());
    if above {
        return pixels(bottom - top) <= PRINT_TALLEST;
    }
    let (left, right) = (a.columns.start.min(b.columns.start), a.columns.end.max(b.columns.end));
    pixels(right - left) <= PRINT_GAP
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::minutia::MinutiaKind;
    use crate::geometry::Angle;

    /// Ellipses `(x, y, width, height)` in millimeters on a mask of 100 by 60.
    fn mask(ellipses: &[(f32, f32, f32, f32)]) -> Grid<bool> {
        const CELLS: f32 = 500.0 / 25.4 / CELL as f32;
        let mut mask = Grid::new((100.0 * CELLS) as usize, (60.0 * CELLS) as usize, false);
        for y in 0..mask.height() {
            for x in 0..mask.width() {
                let (mx, my) = (x as f32 / CELLS, y as f32 / CELLS);
                let inside = |&(cx, cy, w, h): &(f32, f32, f32, f32)| {
                    ((mx - cx) / w * 2.0).powi(2) + ((my - cy) / h * 2.0).powi(2) < 1.0
                };
                mask.set(x, y, ellipses.iter().any(inside));
            }
        }
        mask
    }

    /// The prints of a mask with minutiae of a quality every 3 mm.
    fn with_minutiae(mask: &Grid<bool>, quality: u8) -> usize {
        let (width, height) = (mask.width() * CELL, mask.height() * CELL);
        let places = (0..height).step_by(60).flat_map(|y| (0..width).step_by(60).map(move |x| (x, y)));
        let minutia = |(x, y): (usize, usize)| Minutia {
            x: x as f32,
            y: y as f32,
            direction: Angle::from_radians(0.0),
            kind: MinutiaKind::Ending,
            quality,
        };
        prints(mask, &places.map(minutia).collect::<Vec<_>>())
    }

    fn counted(mask: &Grid<bool>) -> usize {
        with_minutiae(mask, 60)
    }

    #[test]
    fn parts_without_good_minutiae_are_no_prints() {
        let slap = mask(&[15.0, 35.0, 55.0, 75.0].map(|x| (x, 30.0, 15.0, 24.0)));
        assert_eq!((with_minutiae(&slap, 60), with_minutiae(&slap, 5)), (4, 1));
    }

    #[test]
    fn one_finger_is_one_print() {
        assert_eq!(counted(&mask(&[])), 1);
        assert_eq!(counted(&mask(&[(20.0, 30.0, 16.0, 24.0)])), 1);
        // A rolled thumb, a finger with its second bone, one that a vertical scar parts, and one with a speck beside it.
        assert_eq!(counted(&mask(&[(30.0, 30.0, 38.0, 36.0)])), 1);
        assert_eq!(counted(&mask(&[(20.0, 14.0, 16.0, 22.0), (20.0, 44.0, 15.0, 26.0)])), 1);
        assert_eq!(counted(&mask(&[(20.0, 30.0, 10.0, 24.0), (31.0, 30.0, 10.0, 22.0)])), 1);
        assert_eq!(counted(&mask(&[(20.0, 30.0, 16.0, 24.0), (60.0, 30.0, 6.0, 6.0)])), 1);
    }

    #[test]
    fn fingers_side_by_side_are_counted() {
        assert_eq!(counted(&mask(&[(15.0, 30.0, 16.0, 24.0), (35.0, 28.0, 16.0, 24.0)])), 2);
        // Prints that touch.
        assert_eq!(counted(&mask(&[(15.0, 30.0, 16.0, 24.0), (31.0, 28.0, 16.0, 24.0)])), 2);
        let slap = [15.0, 35.0, 55.0, 75.0].map(|x| (x, 30.0, 15.0, 24.0));
        assert_eq!(counted(&mask(&slap)), 4);
        // One area as wide as a hand.
        assert!(counted(&mask(&[(50.0, 30.0, 80.0, 26.0)])) > 1);
    }
}
