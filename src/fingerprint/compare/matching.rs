//! Matched minutiae of two prints.

use crate::simd::near::MOST;

/// Two minutiae that coincide after alignment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Match {
    pub(crate) a: u16,
    pub(crate) b: u16,
    /// Distance after alignment, pixels.
    pub(crate) distance: f32,
    /// Difference of directions after alignment, radians.
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
    /// Sum of how well the pairs coincide: a quick measure that picks the matchings to refine.
    pub(crate) value: f32,
    /// b's minutia matched to each of a's, or [`NOBODY`].
    pub(super) partner: [u8; MOST],
}

impl Default for Matching {
    fn default() -> Self {
        Self { matches: Vec::new(), value: 0.0, partner: [NOBODY; MOST] }
    }
}

impl Matching {
    /// Whether two minutiae are matched.
    #[inline(always)]
    pub(crate) fn holds(&self, a: i32, b: i32) -> bool {
        self.partner.get(a as usize).is_some_and(|p| i32::from(*p) == b)
    }
}
