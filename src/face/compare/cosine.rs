//! The cosine of two embeddings.

use std::cmp::Ordering;
use std::fmt;

use thiserror::Error;

/// The cosine of the angle between two embeddings, -1 to 1; larger is more alike.
///
/// The cosine that makes a match depends on the model that made the embeddings: at one false match in 10,000, three
/// common models need 0.31, 0.40 and 0.43. Use the model's own threshold, or a
/// [`CosineCalibration`](super::CosineCalibration) that turns cosines into decibels.
///
/// ```
/// use selfsame::Cosine;
/// let cosine = Cosine::new(0.4)?;
/// assert_eq!(cosine.value(), 0.4);
/// assert!(cosine > Cosine::new(-0.1)?);
/// assert!(Cosine::new(1.5).is_err() && Cosine::new(f32::NAN).is_err());
/// # Ok::<(), selfsame::face::compare::CosineError>(())
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Cosine(f32);

/// The error for a number that is not a cosine.
#[derive(Clone, Debug, PartialEq, Error)]
#[error("a cosine lies in -1..=1, not at {0}")]
pub struct CosineError(pub f32);

impl Cosine {
    /// A cosine, for example a threshold.
    ///
    /// # Errors
    /// [`CosineError`] outside -1..=1 or NaN.
    pub fn new(value: f32) -> Result<Self, CosineError> {
        if (-1.0..=1.0).contains(&value) { Ok(Self::rounded(value)) } else { Err(CosineError(value)) }
    }

    /// The cosine as a number in -1..=1.
    #[must_use]
    pub fn value(self) -> f32 {
        self.0
    }

    /// The product needed for this score: every product of -1 or less scores -1, so every row reaches that.
    pub(super) fn as_bar(self) -> f32 {
        if self.0 <= -1.0 { f32::NEG_INFINITY } else { self.0 }
    }

    /// The mean of some cosines; 0 for none.
    pub(crate) fn mean(cosines: &[Self]) -> Self {
        let sum: f64 = cosines.iter().map(|c| f64::from(c.0)).sum();
        Self::rounded((sum / cosines.len().max(1) as f64) as f32)
    }

    /// The cosine for a dot product of unit vectors, which rounding may move slightly beyond 1. Negative zero becomes
    /// zero.
    pub(crate) fn rounded(product: f32) -> Self {
        Self(product.clamp(-1.0, 1.0) + 0.0)
    }
}

impl Eq for Cosine {}

impl PartialOrd for Cosine {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cosine {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl fmt::Debug for Cosine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cosine({:.4})", self.0)
    }
}

impl fmt::Display for Cosine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosines_are_clamped_and_ordered() {
        assert_eq!(Cosine::rounded(1.000_000_2).value(), 1.0);
        assert_eq!(Cosine::rounded(-0.0).value().to_bits(), 0);
        assert!(Cosine(-1.0) < Cosine(0.0) && Cosine(0.0) < Cosine(0.5));
    }
}
