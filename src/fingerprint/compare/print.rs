//! A template made ready for comparison.

use super::cylinder;
use super::flow::Flow;
use super::hull::Hull;
use super::params::MAX_USED;
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::template::FingerTemplate;
use crate::simd::popcount;

/// A direction in 65,536ths of a turn; differences wrap by themselves.
pub(crate) type Brad = i16;

/// A template made ready for comparison: minutiae in a fixed order with their local descriptors.
///
/// y grows upwards here, so that directions and positions turn the same way.
#[derive(Clone, PartialEq)]
pub struct Print {
    pub(crate) x: Vec<f32>,
    pub(crate) y: Vec<f32>,
    pub(crate) direction: Vec<Brad>,
    pub(crate) kind: Vec<u8>,
    pub(crate) quality: Vec<u8>,
    /// Local descriptors, plane after plane.
    pub(crate) planes: Vec<u64>,
    pub(crate) hull: Hull,
    pub(crate) flow: Option<Flow>,
}

impl std::fmt::Debug for Print {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Print").field("minutiae", &self.len()).finish_non_exhaustive()
    }
}

impl Print {
    /// Prepares a template: keeps the best minutiae, orders them, describes their neighbourhoods.
    pub(crate) fn new(template: &FingerTemplate) -> Self {
        let mut used: Vec<&Minutia> = template.minutiae().iter().collect();
        if used.len() > MAX_USED {
            used.sort_by(|a, b| b.quality.cmp(&a.quality).then(place(a, b)));
            used.truncate(MAX_USED);
        }
        used.sort_by(|a, b| place(a, b));
        used.dedup_by(|a, b| place(a, b).is_eq());
        let x: Vec<f32> = used.iter().map(|m| m.x).collect();
        let y: Vec<f32> = used.iter().map(|m| -m.y).collect();
        let direction: Vec<Brad> = used.iter().map(|m| brad(m.direction.radians())).collect();
        let kind = used
            .iter()
            .map(|m| match m.kind {
                MinutiaKind::Ending => 1,
                MinutiaKind::Bifurcation => 2,
                MinutiaKind::Other => 0,
            })
            .collect();
        let quality = used.iter().map(|m| m.quality).collect();
        let hull = Hull::of(&x, &y);
        let planes = popcount::planes(&cylinder::describe(&x, &y, &direction, &hull));
        Self { x, y, direction, kind, quality, planes, hull, flow: template.ridge_flow().map(Flow::new) }
    }

    /// Number of minutiae that take part.
    #[must_use]
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there are no minutiae.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// Memory held, bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.len() * (4 + 4 + 2 + 1 + 1)
            + size_of_val(self.planes.as_slice())
            + self.hull.bytes()
            + self.flow.as_ref().map_or(0, Flow::bytes)
    }

    /// A total order of contents, so that a comparison can put its two sides in the same order every time.
    pub(crate) fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.len()
            .cmp(&other.len())
            .then_with(|| floats(&self.x, &other.x))
            .then_with(|| floats(&self.y, &other.y))
            .then_with(|| self.direction.cmp(&other.direction))
            .then_with(|| self.kind.cmp(&other.kind))
            .then_with(|| self.quality.cmp(&other.quality))
    }
}

fn floats(a: &[f32], b: &[f32]) -> std::cmp::Ordering {
    a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
}

fn place(a: &Minutia, b: &Minutia) -> std::cmp::Ordering {
    a.y.total_cmp(&b.y)
        .then(a.x.total_cmp(&b.x))
        .then(a.direction.radians().total_cmp(&b.direction.radians()))
        .then(a.kind.cmp(&b.kind))
        .then(b.quality.cmp(&a.quality))
}

/// Radians of any turn as 65,536ths of a turn.
pub(crate) fn brad(radians: f32) -> Brad {
    let turns = radians / std::f32::consts::TAU;
    ((turns - turns.floor()) * 65536.0) as u32 as u16 as i16
}

/// Radians in `[-pi, pi)`.
pub(crate) fn radians(brad: Brad) -> f32 {
    f32::from(brad) * (std::f32::consts::PI / 32768.0)
}
