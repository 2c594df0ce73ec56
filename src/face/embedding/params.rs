//! Constants of embeddings.

/// Fewest dimensions (design: face models have 128 and more).
pub(super) const MIN_DIMENSION: usize = 64;
/// Most dimensions (design: bounds what a file can ask for).
pub(super) const MAX_DIMENSION: usize = 4096;
