//! Singular points of a ridge pattern, and its class.

use std::fmt;

use crate::geometry::Angle;

/// Which way ridges turn round a singular point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SingularKind {
    /// The innermost turn of a loop: going round it once turns the ridges by half a turn with you (Poincaré index 1/2).
    Core,
    /// Where ridges from three sides meet: going round it once turns them by half a turn against you (index -1/2).
    Delta,
}

/// A core or a delta.
///
/// `Debug` shows the kind, never the place.
#[derive(Clone, Copy, PartialEq)]
pub struct SingularPoint {
    /// Core or delta.
    pub kind: SingularKind,
    /// Pixels at 500 ppi from the left.
    pub x: f32,
    /// Pixels at 500 ppi from the top.
    pub y: f32,
    /// Of a core: where its loop opens. Of a delta: one of the three ways its ridges leave, the lowest in the picture; the others
    /// are a third of a turn away.
    pub direction: Angle,
}

impl fmt::Debug for SingularPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingularPoint").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Henry class of a finger's pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatternClass {
    /// No loop and no delta.
    Arch,
    /// A loop with its delta straight below.
    TentedArch,
    /// Ridges come in and leave on the left; the delta is on the right.
    LeftLoop,
    /// Ridges come in and leave on the right; the delta is on the left.
    RightLoop,
    /// Two loops and two deltas.
    Whorl,
}

impl PatternClass {
    /// All classes.
    pub const ALL: [Self; 5] = [Self::Arch, Self::TentedArch, Self::LeftLoop, Self::RightLoop, Self::Whorl];

    /// Its name: `arch`, `tented arch`, `left loop`, `right loop`, `whorl`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Arch => "arch",
            Self::TentedArch => "tented arch",
            Self::LeftLoop => "left loop",
            Self::RightLoop => "right loop",
            Self::Whorl => "whorl",
        }
    }
}
