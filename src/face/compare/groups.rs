//! Probes side by side in the layout of the kernels.

use std::fmt;

use super::probe::FaceProbe;
use crate::simd::chunk::Chunk;
use crate::simd::panel::{BitProbes, ByteProbes, MAX_PROBES};

/// Buffers of a scan.
#[derive(Default)]
pub struct FaceScratch {
    pub(super) bytes: Groups<ByteProbes>,
    pub(super) bits: Groups<BitProbes>,
    pub(super) widened: Vec<Chunk>,
    pub(super) products: Vec<f32>,
}

impl fmt::Debug for FaceScratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceScratch").finish_non_exhaustive()
    }
}

/// Groups of probes, made once for all parts of a scan.
pub(super) struct Groups<T> {
    /// Numbers of the probes in the groups.
    of: Vec<u64>,
    groups: Vec<T>,
}

impl<T> Default for Groups<T> {
    fn default() -> Self {
        Self { of: Vec::new(), groups: Vec::new() }
    }
}

impl<T> Groups<T> {
    /// The groups of these probes; they are reused if they already hold them.
    fn made(&mut self, probes: &[&FaceProbe], make: impl Fn(&[&FaceProbe]) -> T) -> &[T] {
        if !self.of.iter().eq(probes.iter().map(|p| &p.number)) {
            self.of = probes.iter().map(|p| p.number).collect();
            self.groups = probes.chunks(MAX_PROBES).map(make).collect();
        }
        &self.groups
    }
}

impl Groups<ByteProbes> {
    /// The bytes of these probes.
    pub(super) fn of(&mut self, probes: &[&FaceProbe]) -> &[ByteProbes] {
        self.made(probes, |group| ByteProbes::new(&group.iter().map(|p| &*p.bytes().bytes).collect::<Vec<_>>()))
    }
}

impl Groups<BitProbes> {
    /// The bits of these probes.
    pub(super) fn of(&mut self, probes: &[&FaceProbe]) -> &[BitProbes] {
        self.made(probes, |group| BitProbes::new(&group.iter().map(|p| p.bits()).collect::<Vec<_>>()))
    }
}
