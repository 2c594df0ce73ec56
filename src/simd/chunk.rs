//! Sixteen floats on one cache line, the unit of stored vectors.

/// Floats in a [`Chunk`].
pub const LANES: usize = 16;

/// Sixteen components of a vector, aligned to a cache line. A vector of `d` components takes `ceil(d / 16)` chunks; the
/// rest of the last one is zero, so kernels have no tails.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Chunk(pub [f32; LANES]);

impl Chunk {
    /// All zero.
    pub const ZERO: Self = Self([0.0; LANES]);
}

/// Number of chunks that hold `dimension` floats.
pub const fn chunks_for(dimension: usize) -> usize {
    dimension.div_ceil(LANES)
}

/// The floats of chunks, padding included.
pub fn as_floats(chunks: &[Chunk]) -> &[f32] {
    // SAFETY: `Chunk` is `repr(C)` over `[f32; 16]`: 64 bytes, aligned to 64, hence without padding, so `len` chunks are
    // `16 * len` floats in a row, initialized and readable for the lifetime of the borrow. The product cannot overflow
    // because the slice exists in memory.
    unsafe { std::slice::from_raw_parts(chunks.as_ptr().cast::<f32>(), chunks.len() * LANES) }
}

/// The mutable floats of chunks, padding included.
pub fn as_floats_mut(chunks: &mut [Chunk]) -> &mut [f32] {
    // SAFETY: as in `as_floats`, and the borrow is the only one.
    unsafe { std::slice::from_raw_parts_mut(chunks.as_mut_ptr().cast::<f32>(), chunks.len() * LANES) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_come_back_in_order() {
        let chunks: Vec<Chunk> = (0..3).map(|i| Chunk(std::array::from_fn(|j| (i * LANES + j) as f32))).collect();
        let floats = as_floats(&chunks);
        assert_eq!(floats.len(), 48);
        assert!(floats.iter().enumerate().all(|(i, &v)| v == i as f32));
        assert_eq!(chunks.as_ptr() as usize % 64, 0);
        assert!(as_floats(&[]).is_empty());
    }

    #[test]
    fn dimensions_round_up() {
        assert_eq!([1, 16, 17, 512].map(chunks_for), [1, 1, 2, 32]);
    }
}
