//! Probes side by side in the layout of the kernels.

use std::fmt;

use super::probe::FaceProbe;
use crate::simd::chunk::Chunk;
use crate::simd::panel::{BitProbes, ByteProbes, MAX_PROBES};

/// Buffers of a scan.
#[derive(Default)]
pub struct FaceScratch {
    pub(super) groups: Groups,
    pub(super) widened: Vec<Chunk>,
    pub(super) products: Vec<f32>,
}

impl fmt::Debug for FaceScratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceScratch").finish_non_exhaustive()
    }
}

/// Groups of probes, made once for all parts of a scan.
#[derive(Default)]
pub(super) struct Groups {
    /// Numbers of the probes in the groups.
    of: Vec<u64>,
    bytes: Vec<ByteProbes>,
    bits: Vec<BitProbes>,
}

impl Groups {
    /// The groups of these probes; they are reused if they already hold them.
    pub(super) fn of(&mut self, probes: &[&FaceProbe]) -> &Self {
        if !self.of.iter().eq(probes.iter().map(|p| &p.number)) {
            self.of = probes.iter().map(|p| p.number).collect();
            let groups = || probes.chunks(MAX_PROBES);
            let bytes = |group: &[&FaceProbe]| {
                ByteProbes::new(
                    &group.iter().map(|p| p.bytes.as_ref().map_or(&[][..], |q| &q.bytes)).collect::<Vec<_>>(),
                )
            };
            let bits = |group: &[&FaceProbe]| BitProbes::new(&group.iter().map(|p| &*p.bits).collect::<Vec<_>>());
            let held = |kept: fn(&FaceProbe) -> bool| probes.iter().all(|p| kept(p));
            self.bytes = if held(|p| p.bytes.is_some()) { groups().map(bytes).collect() } else { Vec::new() };
            self.bits = if held(|p| !p.bits.is_empty()) { groups().map(bits).collect() } else { Vec::new() };
        }
        self
    }

    pub(super) fn bytes(&self) -> &[ByteProbes] {
        &self.bytes
    }

    pub(super) fn bits(&self) -> &[BitProbes] {
        &self.bits
    }
}
