//! A minutia: where a ridge ends or forks.

use std::fmt;

use crate::geometry::Angle;

/// Kind of a minutia (ISO/IEC 19794-2, 6.4.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MinutiaKind {
    /// The ridge ends.
    Ending,
    /// The ridge forks.
    Bifurcation,
    /// Neither, or not known.
    Other,
}

/// One minutia in pixels at 500 ppi.
///
/// The direction follows ISO/IEC 19794-2: at an ending it points from the minutia back along its ridge; at a
/// bifurcation it points from the minutia along the valley between the two branches.
///
/// ```
/// use selfsame::geometry::Angle;
/// use selfsame::{Minutia, MinutiaKind};
/// let m = Minutia { x: 101.5, y: 77.0, direction: Angle::from_degrees(45.0), kind: MinutiaKind::Ending, quality: 80 };
/// assert_eq!(m.quality, 80);
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Minutia {
    /// Pixels at 500 ppi from the left edge; the center of the first pixel is 0.
    pub x: f32,
    /// Pixels at 500 ppi from the top edge; y grows downwards.
    pub y: f32,
    /// Direction, see above.
    pub direction: Angle,
    /// Ending, bifurcation or unknown.
    pub kind: MinutiaKind,
    /// Quality 1..=100; 0 means not reported.
    pub quality: u8,
}

impl fmt::Debug for Minutia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Minutia { .. }")
    }
}
