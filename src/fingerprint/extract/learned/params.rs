//! Constants of reading the network's outputs.

/// Smoothed probability from which a maximum is a minutia (leave-one-folder-out: the best value is between 0.3 and 0.4
/// for all folders).
pub(super) const THRESHOLD: f32 = 0.35;
/// Slope and offset of the log odds of a true minutia over those of the smoothed probability: a logistic regression on
/// 120 synthetic prints gives 4.7 and 1.3; other networks' minutiae of real prints give 4.2 and 0.8.
pub(super) const LIKELIHOOD: (f32, f32) = (4.5, 1.1);
/// Largest distance of a minutia from the middle of the place that found it, half-resolution pixels.
pub(super) const MAX_OFFSET: f32 = 2.0;
/// Ridge period for which the network outputs 0, pixels.
pub(super) const PERIOD_UNIT: f32 = 9.0;
/// Range of ridge periods, pixels; outputs beyond are clamped.
pub(super) const PERIODS: (f32, f32) = (3.0, 25.0);
/// Rows of a plane that one task of a thread pool takes.
pub(super) const BAND: usize = 4;
/// Pixels of the image that go through all layers before the next ones do, on one thread (design: from 6,400 to all of a
/// print the time is the same; fewer need less memory).
pub(super) const STEP: usize = 1 << 13;
/// The same on many threads: enough rows for each.
pub(super) const PARALLEL_STEP: usize = 1 << 17;
/// Most memory that a thread keeps for its next image, bytes: enough for the planes of an ordinary print.
pub(super) const SPARE_BYTES: usize = 6 << 20;
