//! Constants of embeddings.

/// Fewest dimensions (design: face models have 128 and more).
pub(super) const MIN_DIMENSION: usize = 64;
/// Most dimensions (design: bounds the size that a file can claim).
pub(super) const MAX_DIMENSION: usize = 4096;
