//! Vectors in bytes and in bits.

use super::OFFSET;
use crate::simd::instruction_set::InstructionSet;

/// A vector in bytes: `scale * byte`, and how far that is from the vector.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quantized {
    /// What a byte counts; positive.
    pub scale: f32,
    /// At least the Euclidean length of the vector less its bytes.
    pub error: f32,
    /// At least the Euclidean length of the bytes.
    pub norm: f32,
}

/// Lanes that sums of squares have; a fixed order of additions.
const LANES: usize = 16;

every_set! {
    /// Bytes of a vector, each at most 127 away from [`OFFSET`], and the sums of the squares of what they miss and of
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

/// Writes a vector of finite numbers as bytes, the largest magnitude being 127 away from [`OFFSET`]; one of zeros becomes a
/// scale of 1.
///
/// # Panics
/// When there are fewer bytes than components.
pub fn quantize(set: InstructionSet, vector: &[f32], bytes: &mut [u8]) -> Quantized {
    assert!(bytes.len() >= vector.len(), "a byte for each component");
    let mut most = [0.0; LANES];
    magnitudes(set, vector, &mut most);
    let most = most.into_iter().fold(0f32, f32::max);
    // A vector of numbers so small that the scale has no inverse is not worth a special case: its error says so.
    let scale = if most > 1e-30 { most / 127.0 } else { 1.0 };
    let (mut missed, mut squares) = ([0.0; LANES], [0.0; LANES]);
    to_bytes(set, vector, scale, 1.0 / scale, bytes, &mut missed, &mut squares);
    // The relative error of a sum in f64 is far below half an epsilon of f32, which the two steps up make good.
    let up = |squares: [f64; LANES]| (squares.iter().sum::<f64>().sqrt() as f32).next_up().next_up();
    Quantized { scale, error: up(missed), norm: up(squares) }
}

/// Writes a bit per component, set where it is negative, the first component in the lowest bit.
///
/// # Panics
/// When there are fewer bytes than whole and started groups of eight components.
pub fn pack_signs(vector: &[f32], bytes: &mut [u8]) {
    assert!(bytes.len() >= vector.len().div_ceil(8), "a bit for each component");
    for (vector, byte) in vector.chunks(8).zip(bytes) {
        *byte = vector.iter().enumerate().fold(0, |byte, (i, v)| byte | u8::from(*v < 0.0) << i);
    }
}
