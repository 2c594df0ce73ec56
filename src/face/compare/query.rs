//! A probe in the forms that scans use.

use super::form::Form;
use super::params::{LONGEST_BYTES, LONGEST_FLOATS, LONGEST_HALVES, PROBE_RANGE};
use crate::face::embedding::Embedding;
use crate::simd::chunk::chunks_for;
use crate::simd::instruction_set::InstructionSet;
use crate::simd::panel::{Bound, OFFSET, PLANES, quantize};

/// A probe as bytes.
#[derive(Clone)]
pub(super) struct ByteQuery {
    pub(super) bytes: Vec<i8>,
    /// Conversion of sums to bounds of the cosine.
    pub(super) bound: Bound,
}

impl ByteQuery {
    /// The bytes of a probe and the bound of their error.
    ///
    /// With `q` the probe and `v` a row, `q'` and `v'` their bytes times their scales: `qv - q'v' = q'(v - v') + (q - q')v`,
    /// and so `|qv - q'v'| <= |q'| |v - v'| + |q - q'| |v|`. The bound also includes the rounding errors of the product
    /// of floats (half an epsilon of `|q| |v|` for each of its steps) and of the few operations that make the bound;
    /// both are below `rest`.
    pub(super) fn new(rows: Form, probe: &Embedding) -> Self {
        let mut bytes = vec![OFFSET; probe.dimension()];
        let quantized = quantize(InstructionSet::best(), probe.as_slice(), &mut bytes);
        let longest = match rows {
            Form::F32 => LONGEST_FLOATS,
            Form::F16 => LONGEST_HALVES,
            _ => LONGEST_BYTES,
        };
        let roundings = (chunks_for(probe.dimension()) + 16) as f32 * f32::EPSILON * longest * longest;
        let rest = quantized.error * longest * (1.0 + 8.0 * f32::EPSILON) + roundings;
        let bytes = bytes.into_iter().map(|b| (i16::from(b) - i16::from(OFFSET)) as i8).collect();
        let bound = Bound { scale: quantized.scale, norm: quantized.norm * (1.0 + 8.0 * f32::EPSILON), rest };
        Self { bytes, bound }
    }
}

/// The components of a probe in steps of a few bits, the highest being the most negative.
pub(super) fn bit_levels(probe: &Embedding) -> Vec<u8> {
    let most = f32::from((1u8 << PLANES) - 1);
    let scale = (probe.dimension() as f32).sqrt() / PROBE_RANGE;
    let level = |v: &f32| ((1.0 - v * scale) * 0.5 * most).round_ties_even().clamp(0.0, most) as u8;
    probe.as_slice().iter().map(level).collect()
}
