//! Synthetic fingerprints with exact ground truth, after SFinGe (Cappelli, Erol, Maio and Maltoni).
//!
//! | step | file |
//! |---|---|
//! | class and singular points | `layout` |
//! | orientation map (Sherlock-Monro, Vizcaya-Gerhardt) | `orientation` |
//! | density map | `density` |
//! | outline of the finger | `silhouette` |
//! | ridge growth by iterated Gabor filters | `grid`, `kernel`, `growth` |
//! | analytic signal of the grown ridges | `quadrature`, `signal` |
//! | minutiae: phase residues of the signal | `residue` |
//! | true orientation and period: its phase gradient | `flow` |
//! | one touch on a sensor | `impression` |
//!
//! The picture of a master is the cosine of the signal's phase, and its minutiae are the signal's zeros; both are made
//! without this crate's extractor.

mod density;
mod flow;
mod grid;
mod growth;
mod impression;
mod kernel;
pub(crate) mod layout;
mod master;
pub(crate) mod orientation;
mod params;
mod pores;
mod quadrature;
mod residue;
mod signal;
mod silhouette;

pub use crate::fingerprint::singular::PatternClass;
pub use impression::{GroundTruth, ImpressionSettings, Level, Sensor, SyntheticImpression};
pub use master::MasterPrint;

use params::{MASTER_SIZE, PERIOD_LIMITS, PERIOD_RANGE};

/// Makes synthetic fingers; finger `n` depends only on the seed and `n`, and is the same with any number of threads and
/// on any machine.
///
/// ```
/// use selfsame::synth::{Level, PrintGenerator};
/// let finger = PrintGenerator::new(7).finger(0);
/// let impression = finger.impression(0, Level::Good);
/// assert_eq!((impression.image.width(), impression.image.height()), (388, 374));
/// assert!(impression.truth.minutiae().len() > 10);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PrintGenerator {
    seed: u64,
    size: (u32, u32),
    period: (f32, f32),
}

impl PrintGenerator {
    /// A generator of fingers of 400 by 500 pixels with the ridge periods of adults.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, size: MASTER_SIZE, period: PERIOD_RANGE }
    }

    /// The same with ridge periods between `shortest` and `longest` pixels, both clamped to 6..=14.
    #[must_use]
    pub fn with_period(mut self, shortest: f32, longest: f32) -> Self {
        let clamp = |v: f32| if v.is_nan() { PERIOD_RANGE.0 } else { v.clamp(PERIOD_LIMITS.0, PERIOD_LIMITS.1) };
        let (a, b) = (clamp(shortest), clamp(longest));
        self.period = (a.min(b), a.max(b));
        self
    }

    /// The same with fingers of `width` by `height` pixels, both clamped to 150..=1200.
    #[must_use]
    pub fn with_size(mut self, width: u32, height: u32) -> Self {
        self.size = (width.clamp(150, 1200), height.clamp(150, 1200));
        self
    }

    /// Finger `n`. Cost: about 0.1 s on one core.
    #[must_use]
    pub fn finger(&self, n: u64) -> MasterPrint {
        MasterPrint::grow(self.seed, n, self.size, self.period)
    }
}
