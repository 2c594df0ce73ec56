//! A probe in the forms that scans compare with.

use super::form::Form;
use super::params::{LONGEST_BYTES, LONGEST_FLOATS, LONGEST_HALVES, PROBE_RANGE};
use super::segment::Layout;
use crate::face::compare::Cosine;
use crate::face::embedding::Embedding;
use crate::simd::chunk::Chunk;
use crate::simd::dot::dot;
use crate::simd::instruction_set::InstructionSet;
use crate::simd::panel::{BitProbes, Bound, ByteProbes, MAX_PROBES, OFFSET, PLANES, quantize};

/// A probe of bytes.
pub(super) struct ByteQuery {
    bytes: Vec<i8>,
    /// What it makes of sums.
    pub(super) bound: Bound,
}

impl ByteQuery {
    /// The bytes of a probe and what they miss.
    ///
    /// With `q` the probe and `v` a row, `q'` and `v'` their bytes times their scales: `qv - q'v' = q'(v - v') + (q - q')v`,
    /// and so `|qv - q'v'| <= |q'| |v - v'| + |q - q'| |v|`. To that come the roundings of the product of floats (half an
    /// epsilon of `|q| |v|` for each of its steps) and of the few operations that make the bound; both are below `rest`.
    pub(super) fn new(layout: &Layout, probe: &Embedding) -> Self {
        let mut bytes = vec![OFFSET; layout.dimension];
        let quantized = quantize(InstructionSet::best(), probe.as_slice(), &mut bytes);
        let longest = match layout.rows {
            Form::F32 => LONGEST_FLOATS,
            Form::F16 => LONGEST_HALVES,
            _ => LONGEST_BYTES,
        };
        let roundings = (layout.width() + 16) as f32 * f32::EPSILON * longest * longest;
        let rest = quantized.error * longest * (1.0 + 8.0 * f32::EPSILON) + roundings;
        let bytes = bytes.into_iter().map(|b| (i16::from(b) - i16::from(OFFSET)) as i8).collect();
        let bound = Bound { scale: quantized.scale, norm: quantized.norm * (1.0 + 8.0 * f32::EPSILON), rest };
        Self { bytes, bound }
    }
}

/// Groups of probes in the order of kernels.
pub(super) fn byte_groups(queries: &[ByteQuery]) -> Vec<ByteProbes> {
    let group = |queries: &[ByteQuery]| ByteProbes::new(&queries.iter().map(|q| &*q.bytes).collect::<Vec<_>>());
    queries.chunks(MAX_PROBES).map(group).collect()
}

/// The components of a probe in steps of a few bits, the highest being the most negative.
fn bit_query(probe: &Embedding) -> Vec<u8> {
    let most = f32::from((1u8 << PLANES) - 1);
    let scale = (probe.dimension() as f32).sqrt() / PROBE_RANGE;
    let level = |v: &f32| ((1.0 - v * scale) * 0.5 * most).round_ties_even().clamp(0.0, most) as u8;
    probe.as_slice().iter().map(level).collect()
}

/// Groups of probes in the order of kernels.
pub(super) fn bit_groups(probes: &[&Embedding]) -> Vec<BitProbes> {
    let group = |probes: &[&Embedding]| {
        let levels: Vec<Vec<u8>> = probes.iter().map(|p| bit_query(p)).collect();
        BitProbes::new(&levels.iter().map(Vec::as_slice).collect::<Vec<_>>())
    };
    probes.chunks(MAX_PROBES).map(group).collect()
}

/// The score of a probe and a row.
pub(super) fn score(probe: &Embedding, row: &[Chunk]) -> Cosine {
    Cosine::rounded(dot(probe.chunks(), row))
}
