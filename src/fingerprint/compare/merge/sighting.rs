//! The minutiae of one impression, mapped into the base's plane.

use super::params::INSIDE;
use super::warp::Path;
use crate::fingerprint::compare::hull::{Hull, convex};
use crate::fingerprint::compare::pairs::Point;
use crate::fingerprint::compare::params::{MAX_USED, UNREPORTED};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::template::{FingerTemplate, RidgeFlow};

/// A minutia in the base's plane, y up.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    pub(super) at: Point,
    /// Radians, counter-clockwise with y up.
    pub(super) direction: f32,
    pub(super) kind: MinutiaKind,
    /// 0..=1.
    pub(super) quality: f32,
}

/// One impression and its mapping to the base.
pub(super) struct Sighting<'a> {
    pub(super) template: &'a FingerTemplate,
    pub(super) path: Path,
    minutiae: Vec<Minutia>,
    hull: Hull,
}

impl<'a> Sighting<'a> {
    /// The best minutiae of the template, as many as a comparison uses.
    pub(super) fn new(template: &'a FingerTemplate, path: Path) -> Self {
        let mut minutiae = template.minutiae().to_vec();
        minutiae.sort_by_key(|m| std::cmp::Reverse(m.quality));
        minutiae.truncate(MAX_USED);
        let (x, y): (Vec<f32>, Vec<f32>) = minutiae.iter().map(|m| (m.x, -m.y)).unzip();
        Self { template, path, minutiae, hull: Hull::of(&convex(&x, &y), &x, &y) }
    }

    /// Its minutiae in the base's plane.
    pub(super) fn seen(&self) -> impl Iterator<Item = Seen> {
        self.minutiae.iter().map(|m| {
            let p = [m.x, -m.y];
            Seen {
                at: self.path.place(p),
                direction: self.path.turn(p, m.direction.radians()),
                kind: m.kind,
                quality: if m.quality == 0 { UNREPORTED } else { f32::from(m.quality) / 100.0 },
            }
        })
    }

    /// How clearly it shows a point of the base's plane, 0 (not at all) to 1.
    pub(super) fn clarity(&self, at: Point) -> f32 {
        let [x, y] = self.path.place_back(at);
        match self.template.ridge_flow() {
            Some(flow) => {
                let around = [(0.0, 0.0), (INSIDE, 0.0), (-INSIDE, 0.0), (0.0, INSIDE), (0.0, -INSIDE)];
                let least =
                    around.iter().map(|(dx, dy)| cell(flow, x + dx, -(y + dy)).map_or(0, |c| flow.coherence[c]));
                f32::from(least.min().unwrap_or(0)) / 255.0
            }
            None if self.hull.outside(x, y) < 0.0 => UNREPORTED,
            None => 0.0,
        }
    }
}

/// The cell of a point, pixels with y down.
pub(super) fn cell(flow: &RidgeFlow, x: f32, y: f32) -> Option<usize> {
    let (column, row) = (x / f32::from(flow.cell), y / f32::from(flow.cell));
    let inside = column >= 0.0 && row >= 0.0 && column < f32::from(flow.columns) && row < f32::from(flow.rows);
    inside.then(|| row as usize * usize::from(flow.columns) + column as usize)
}
