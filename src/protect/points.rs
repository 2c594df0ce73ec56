//! The minutiae that codes are made from, rounded: a frozen copy of the selection by the comparison when form 2 was
//! made.
//!
//! Stored codes must not change when the comparison is refitted, so nothing here or in `outline` and `descriptor` is
//! shared with [`crate::fingerprint::compare`]. Changing what these three compute requires a new form of finger codes
//! (`code`).

use super::params::{MOST_POINTS, PLACE_STEP, QUALITY_STEPS};
use crate::fingerprint::template::FingerTemplate;

/// The minutiae of a print that take part, in an order that does not depend on their order in the template.
pub(super) struct Points {
    /// Horizontal positions, to the right, pixels.
    pub(super) x: Vec<f32>,
    /// Vertical positions, upwards, pixels.
    pub(super) y: Vec<f32>,
    /// Directions, 256ths of a turn.
    pub(super) direction: Vec<u8>,
    /// Qualities in steps; 0 means unknown.
    pub(super) quality: Vec<u8>,
}

/// A rounded minutia; the order is that of minutiae in [`Points`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rounded {
    y: u16,
    x: u16,
    direction: u8,
    /// The kind as the comparison sees it: two minutiae at one position are the same only if it agrees.
    kind: u8,
    quality: u8,
}

/// The best minutiae of a template, each once.
pub(super) fn points(template: &FingerTemplate) -> Points {
    use crate::fingerprint::minutia::MinutiaKind;
    let rounded = template.minutiae().iter().map(|m| {
        let place = |v: f32| (v * (1.0 / PLACE_STEP)).round() as u16;
        let turns = m.direction.radians() / std::f32::consts::TAU;
        let kind = match m.kind {
            MinutiaKind::Other => 0,
            MinutiaKind::Ending => 1,
            MinutiaKind::Bifurcation => 2,
        };
        // 0 stays 0, which is "not reported".
        let quality = (u32::from(m.quality) * QUALITY_STEPS).div_ceil(100).min(QUALITY_STEPS) as u8;
        let direction = ((turns - turns.floor()) * 256.0).round() as u32 as u8;
        (m.quality, Rounded { y: place(m.y), x: place(m.x), direction, kind, quality })
    });
    let mut rounded: Vec<(u8, Rounded)> = rounded.collect();
    if rounded.len() > MOST_POINTS {
        rounded.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        rounded.truncate(MOST_POINTS);
    }
    let mut used: Vec<Rounded> = rounded.into_iter().map(|r| r.1).collect();
    used.sort_unstable();
    used.dedup();
    Points {
        x: used.iter().map(|m| f32::from(m.x) * PLACE_STEP).collect(),
        y: used.iter().map(|m| -(f32::from(m.y) * PLACE_STEP)).collect(),
        direction: used.iter().map(|m| m.direction).collect(),
        quality: used.iter().map(|m| m.quality).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::minutia::{Minutia, MinutiaKind};
    use crate::geometry::Angle;

    fn minutia(x: f32, y: f32, quality: u8) -> Minutia {
        Minutia { x, y, direction: Angle::from_radians(0.0), kind: MinutiaKind::Ending, quality }
    }

    #[test]
    fn the_best_are_kept_once_and_in_one_order() {
        let mut minutiae: Vec<Minutia> =
            (0..120).map(|i| minutia(10.0 + i as f32, 200.0 - i as f32, (i % 100) as u8)).collect();
        let of = |m: &[Minutia]| points(&FingerTemplate::new(400, 400, m.to_vec()).unwrap());
        let first = of(&minutiae);
        assert_eq!(first.x.len(), MOST_POINTS);
        assert!(first.quality.iter().all(|q| *q > 0));
        minutiae.reverse();
        let again = of(&minutiae);
        assert_eq!((first.x, first.y, first.direction), (again.x, again.y, again.direction));
        let twice = of(&[minutia(50.1, 60.0, 9), minutia(50.05, 60.0, 9), minutia(50.1, 61.0, 9)]);
        assert_eq!((twice.x, twice.y), (vec![50.0, 50.0], vec![-60.0, -61.0]));
    }
}
