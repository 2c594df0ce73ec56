//! Constants of face comparison.

/// Impostor comparisons that must score at or above a cosine before its false match rate is stated. With 30 observed
/// errors the true rate lies within 30 % of the observed one with 90 % confidence (Doddington's rule of 30).
pub(crate) const MIN_FALSE_MATCHES: usize = 30;

/// Points per decade of false match rate in a calibration made from impostor scores; an exponential
/// tail is met within 0.1 dB.
pub(super) const POINTS_PER_DECADE: f64 = 10.0;

/// Highest impostor scores whose mean excess gives the slope of the extrapolated tail, in units of [`MIN_FALSE_MATCHES`]: 300
/// of them give the slope to 6 %.
pub(super) const TAIL_RANKS: usize = 10;

/// How far a fitted calibration goes beyond its data, dB: two decades, over which 6 % of the slope are 1.2 dB.
pub(super) const TAIL_DECIBELS: f32 = 20.0;

/// Comparisons per task of a search: 5 to 50 ns each at 512 dimensions, so 40 to 400 microseconds.
pub(super) const COMPARISONS_PER_TASK: usize = 8192;
