//! Quantization of vectors to bytes and bits.

use super::OFFSET;
use crate::simd::instruction_set::InstructionSet;

/// A vector in bytes, `scale * byte`, with its quantization error.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quantized {
    /// Value of a step of a byte; positive.
    pub scale: f32,
    /// Upper bound of the Euclidean distance of the vector from its bytes.
    pub error: f32,
    /// Upper bound of the Euclidean length of the bytes.
    pub norm: f32,
}

/// Lanes of sums of squares, which fix the order of additions.
const LANES: usize = 16;

every_set! {
    /// Bytes of a vector, each at most 127 away from [`OFFSET`], and the sums of squares of their errors and of
    /// themselves, lane by lane.
    fn to_bytes(
        vector: &[f32],
        scale: f32,
        inverse: f32,
        bytes: &mut [u8],
        missed: &mut [f64; LANES],
        squares: &mut [f64; LANES],
    ) {
        for (vector, bytes) in vector.chunks(LANES).zip(bytes.chunks_mut(LANES)) {
            for l in 0..vector.len().min(bytes.len()) {
                let number = (vector[l] * inverse).round_ties_even().clamp(-127.0, 127.0);
                bytes[l] = (number as i32 + i32::from(OFFSET)) as u8;
                // Exact: 24 bits times 8.
                let value = f64::from(number) * f64::from(scale);
                let miss = f64::from(vector[l]) - value;
                missed[l] += miss * miss;
                squares[l] += value * value;
            }
        }
    }

    /// The largest magnitude, lane by lane.
    fn magnitudes(vector: &[f32], most: &mut [f32; LANES]) {
        for vector in vector.chunks(LANES) {
            for (most, value) in most.iter_mut().zip(vector) {
                *most = most.max(value.abs());
            }
        }
    }
}

/// Writes a vector of finite numbers as bytes, the largest magnitude 127 away from [`OFFSET`]; a vector of zeros gets a
/// scale of 1.
///
/// # Panics
/// When there are fewer bytes than components.
pub fn quantize(set: InstructionSet, vector: &[f32], bytes: &mut [u8]) -> Quantized {
    assert!(bytes.len() >= vector.len(), "a byte for each component");
    let mut most = [0.0; LANES];
    magnitudes(set, vector, &mut most);
    let most = most.into_iter().fold(0f32, f32::max);
    // A vector so small that its scale has no inverse needs no special case: its error bound covers it.
    let scale = if most > 1e-30 { most / 127.0 } else { 1.0 };
    let (mut missed, mut squares) = ([0.0; LANES], [0.0; LANES]);
    to_bytes(set, vector, scale, 1.0 / scale, bytes, &mut missed, &mut squares);
    // The relative error of a sum in f64 is far below half an epsilon of f32, which the two steps up compensate for.
    let up = |squares: [f64; LANES]| (squares.iter().sum::<f64>().sqrt() as f32).next_up().next_up();
    Quantized { scale, error: up(missed), norm: up(squares) }
}

/// Writes a bit per component, set if it is negative, with the first component in the lowest bit.
///
/// # Panics
/// If there are fewer bytes than groups of eight components, rounded up.
pub fn pack_signs(vector: &[f32], bytes: &mut [u8]) {
    assert!(bytes.len() >= vector.len().div_ceil(8), "a bit for each component");
    for (vector, byte) in vector.chunks(8).zip(bytes) {
        *byte = vector.iter().enumerate().fold(0, |byte, (i, v)| byte | u8::from(*v < 0.0) << i);
    }
}
