//! A template made ready as a probe, and what a packed print unfolds to for one comparison.

use super::coarse::Sought;
use super::hull::Hull;
use super::packed::{PackedPrint, PackedRef};
use super::params::QUALITY_STEPS;
use crate::fingerprint::template::FingerTemplate;
use crate::simd::popcount;

/// A direction in 65,536ths of a turn; differences wrap by themselves.
pub(crate) type Brad = i16;

/// Step of a stored position, pixels (design: the 14 bits before the point of the formats leave two behind it).
pub(crate) const POSITION_STEP: f32 = 0.25;

/// A template made ready as a probe.
#[derive(Clone)]
pub struct Print {
    packed: PackedPrint,
    side: Side,
    sought: Sought,
}

impl std::fmt::Debug for Print {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Print").field("minutiae", &self.len()).finish_non_exhaustive()
    }
}

impl AsRef<PackedPrint> for Print {
    fn as_ref(&self) -> &PackedPrint {
        &self.packed
    }
}

impl Print {
    /// Prepares a template.
    pub(crate) fn new(template: &FingerTemplate) -> Self {
        Self::from(PackedPrint::new(template))
    }

    /// Number of minutiae that take part.
    #[must_use]
    pub fn len(&self) -> usize {
        self.packed.len()
    }

    /// Whether there are no minutiae.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packed.is_empty()
    }

    /// The packed form.
    pub(crate) fn packed(&self) -> PackedRef<'_> {
        self.packed.get()
    }

    /// What a scan for shortlists looks for.
    pub(crate) fn sought(&self) -> &Sought {
        &self.sought
    }

    /// The unfolded form.
    pub(crate) fn side(&self) -> &Side {
        &self.side
    }
}

impl From<PackedPrint> for Print {
    fn from(packed: PackedPrint) -> Self {
        let mut side = Side::default();
        side.unfold(packed.get());
        let sought = Sought::new(packed.get());
        Self { packed, side, sought }
    }
}

/// One side of a comparison. y grows upwards here, so that directions and positions turn the same way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Side {
    pub(crate) x: Vec<f32>,
    pub(crate) y: Vec<f32>,
    pub(crate) direction: Vec<Brad>,
    /// 0 is unknown.
    pub(crate) kind: Vec<u8>,
    /// Quality as a weight, 0..=1.
    pub(crate) quality: Vec<f32>,
    /// Observed cells of the descriptors.
    pub(crate) masks: Vec<u64>,
    pub(crate) hull: Hull,
}

impl Side {
    /// Becomes what a packed print holds.
    pub(crate) fn unfold(&mut self, print: PackedRef<'_>) {
        self.x.clear();
        self.x.extend(print.x().map(|x| f32::from(x) * POSITION_STEP));
        self.y.clear();
        self.y.extend(print.y().map(|y| -(f32::from(y) * POSITION_STEP)));
        self.direction.clear();
        self.direction.extend(print.direction());
        self.kind.clear();
        self.quality.clear();
        for (kind, quality) in print.marks() {
            self.kind.push(kind);
            // Not reported counts as middling.
            self.quality.push(if quality == 0 { 0.6 } else { f32::from(quality) / QUALITY_STEPS as f32 });
        }
        self.masks.clear();
        popcount::masks(print.planes(), print.len(), &mut self.masks);
        self.hull.set(print.corners(), &self.x, &self.y);
    }

    /// Number of minutiae.
    pub(crate) fn len(&self) -> usize {
        self.x.len()
    }
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
