//! A template made ready as a probe, and what a packed print unfolds to for one comparison.

use std::sync::LazyLock;

use super::coarse::Sought;
use super::descriptor;
use super::hull::Hull;
use super::packed::{PackedPrint, PackedRef};
use super::params::QUALITY_STEPS;
use crate::fingerprint::template::FingerTemplate;
use crate::simd::near::{MOST, Points};

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
        side.unfold(Turns::get(), packed.get());
        let sought = Sought::new(packed.get());
        Self { packed, side, sought }
    }
}

/// One side of a comparison. y grows upwards here, so that directions and positions turn the same way.
#[derive(Clone)]
pub(crate) struct Side {
    len: usize,
    pub(crate) points: Points,
    /// Cosine and sine of the direction.
    pub(crate) cos: [f32; MOST],
    pub(crate) sin: [f32; MOST],
    /// 0 is unknown.
    pub(crate) kind: [u8; MOST],
    /// Quality as a weight, 0..=1.
    pub(crate) quality: [f32; MOST],
    /// Observed cells of the descriptors.
    pub(crate) masks: [u64; MOST],
    pub(crate) hull: Hull,
}

impl Default for Side {
    fn default() -> Self {
        Self {
            len: 0,
            points: Points::default(),
            cos: [0.0; MOST],
            sin: [0.0; MOST],
            kind: [0; MOST],
            quality: [0.0; MOST],
            masks: [0; MOST],
            hull: Hull::default(),
        }
    }
}

impl Side {
    /// Becomes what a packed print holds.
    #[inline(always)]
    pub(crate) fn unfold(&mut self, turns: &Turns, print: PackedRef<'_>) {
        self.len = print.len().min(MOST);
        for (to, x) in self.points.x.iter_mut().zip(print.x()) {
            *to = f32::from(x) * POSITION_STEP;
        }
        for (to, y) in self.points.y.iter_mut().zip(print.y()) {
            *to = -(f32::from(y) * POSITION_STEP);
        }
        for (i, direction) in print.direction().enumerate().take(MOST) {
            self.points.direction[i] = direction.into();
            (self.cos[i], self.sin[i]) = turns.unit(direction);
        }
        for (i, (kind, quality)) in print.marks().enumerate().take(MOST) {
            self.kind[i] = kind;
            // Not reported counts as middling.
            self.quality[i] = if quality == 0 { 0.6 } else { f32::from(quality) * (1.0 / QUALITY_STEPS as f32) };
        }
        descriptor::masks(print.planes(), &mut self.masks[..self.len]);
        self.hull.set(print.corners(), &self.points.x, &self.points.y);
    }

    /// Length of the mean unit vector of the directions: 1 when all are the same.
    pub(crate) fn combed(&self) -> f32 {
        let sum = |values: &[f32]| values[..self.len()].iter().sum::<f32>();
        sum(&self.cos).hypot(sum(&self.sin)) / self.len().max(1) as f32
    }

    /// The direction of minutia `i`.
    #[inline(always)]
    pub(crate) fn direction(&self, i: usize) -> Brad {
        self.points.direction[i] as Brad
    }

    /// Number of minutiae.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }
}

/// Cosine and sine of the 256 directions that are stored.
pub(crate) struct Turns([(f32, f32); 256]);

static TURNS: LazyLock<Turns> = LazyLock::new(|| {
    Turns(std::array::from_fn(|i| {
        let (sin, cos) = radians(((i as u16) << 8) as Brad).sin_cos();
        (cos, sin)
    }))
});

impl Turns {
    pub(crate) fn get() -> &'static Self {
        &TURNS
    }

    /// Cosine and sine of each, by 256ths of a turn.
    pub(crate) fn units(&self) -> &[(f32, f32); 256] {
        &self.0
    }

    /// Cosine and sine of a stored direction or of a difference of two.
    #[inline(always)]
    pub(crate) fn unit(&self, direction: Brad) -> (f32, f32) {
        self.0[usize::from(direction as u16 >> 8)]
    }
}

/// Radians of any turn as 65,536ths of a turn.
#[inline(always)]
pub(crate) fn brad(radians: f32) -> Brad {
    let turns = radians / std::f32::consts::TAU;
    ((turns - turns.floor()) * 65536.0) as u32 as u16 as i16
}

/// Radians in `[-pi, pi)`.
#[inline(always)]
pub(crate) fn radians(brad: Brad) -> f32 {
    f32::from(brad) * (std::f32::consts::PI / 32768.0)
}
