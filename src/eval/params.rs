//! Constants of the evaluation.

/// Replicates of a bootstrap; 1,000 give the ends of a 95 % interval to about a tenth of its width.
pub const REPLICATES: usize = 1000;
/// Share of replicates inside an interval.
pub const CONFIDENCE: f64 = 0.95;
/// Seed of the bootstrap.
pub const SEED: u64 = 0x5e1f_5a3e;
/// A found minutia matches a true one within this distance, pixels at 500 ppi (0.41 mm; less by half a ridge period
/// would split true pairs, and a whole period joins neighbors).
pub const MATCH_DISTANCE: f32 = 8.0;
/// A found minutia matches a true one within this difference of direction, degrees.
pub const MATCH_ANGLE: f32 = 20.0;
/// Bins of a score histogram in a report.
pub const HISTOGRAM_BINS: usize = 60;
/// Bins in which cosines of all pairs are counted; one is 2e-6 wide.
pub const COSINE_BINS: usize = 1 << 20;
/// Face probes compared at once: a row of the gallery is read once for all of them.
pub const PROBES_AT_ONCE: usize = 32;
/// Most impostor pairs of which a calibration keeps the people, for intervals: 16 bytes each.
pub const TAIL_PAIRS: u64 = 4_000_000;
/// Reserve of kept pairs beyond those that a rate needs, as a factor: a replicate of people whose faces are less alike
/// reaches further down.
pub const TAIL_RESERVE: f64 = 2.0;
/// Distance from the edge of the visible area from which a minutia of a synthetic print counts, pixels: nearer to the
/// edge, extractors leave out ends that face it, as every ridge does there.
pub const JUDGED_MARGIN: f32 = 20.0;
