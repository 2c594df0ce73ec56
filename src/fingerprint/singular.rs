//! Singular points of a ridge pattern, and its class.

use std::fmt;

use crate::geometry::Angle;

/// Kind of a singular point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SingularKind {
    /// The innermost turn of a loop: along a circle around it, ridges rotate by half a turn in the same sense (Poincaré
    /// index 1/2).
    Core,
    /// The place where ridges from three sides meet: along a circle around it, they rotate by half a turn in the
    /// opposite sense (index -1/2).
    Delta,
}

/// A core or a delta.
///
/// `Debug` shows the kind, never the position.
#[derive(Clone, Copy, PartialEq)]
pub struct SingularPoint {
    /// Core or delta.
    pub kind: SingularKind,
    /// Pixels at 500 ppi from the left.
    pub x: f32,
    /// Pixels at 500 ppi from the top.
    pub y: f32,
    /// For a core, the direction in which its loop opens. For a delta, the direction of the lowest of its three arms in
    /// the picture; the others are a third of a turn away.
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
