//! Which minutiae of two prints lie on one another.

use crate::simd::near::MOST;

/// Two minutiae that lie on one another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Match {
    pub(crate) a: u16,
    pub(crate) b: u16,
    /// What is left of their distance after alignment, pixels.
    pub(crate) distance: f32,
    /// What is left of the difference of their directions, radians.
    pub(crate) angle: f32,
    /// Local similarity of their neighborhoods.
    pub(crate) similarity: f32,
}

/// No minutia.
pub(super) const NOBODY: u8 = u8::MAX;

/// A matching grown from one seed.
#[derive(Clone, Debug)]
pub(crate) struct Matching {
    pub(crate) matches: Vec<Match>,
    /// How well the pairs lie on one another, summed: a quick measure that picks the matchings worth refining.
    pub(crate) value: f32,
    /// b's minutia on each of a's, [`NOBODY`] on others.
    pub(super) partner: [u8; MOST],
}

impl Default for Matching {
    fn default() -> Self {
        Self { matches: Vec::new(), value: 0.0, partner: [NOBODY; MOST] }
    }
}

impl Matching {
    /// Whether two minutiae lie on one another.
    #[inline(always)]
    pub(crate) fn holds(&self, a: i32, b: i32) -> bool {
        self.partner.get(a as usize).is_some_and(|p| i32::from(*p) == b)
    }
}
