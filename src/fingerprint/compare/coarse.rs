//! A cheap similarity for shortlists: how well each neighbourhood of the probe is found anywhere in the reference.

use super::packed::PackedRef;
use super::params::MAX_COARSE;
use crate::simd::popcount::{self, Descriptor};

/// A probe made ready for a scan, and its buffers.
#[derive(Default)]
pub(crate) struct Coarse {
    descriptors: Vec<Descriptor>,
    /// One over the most that the overlap of each descriptor can be.
    scale: Vec<f32>,
    best: Vec<i32>,
}

impl Coarse {
    /// Takes the probe's neighbourhoods, those of the best minutiae first when there are many.
    pub(crate) fn probe(&mut self, probe: PackedRef<'_>) {
        let mut order: Vec<(usize, u8)> = probe.marks().map(|m| m.1).enumerate().collect();
        order.sort_by_key(|&(_, quality)| std::cmp::Reverse(quality));
        self.descriptors.clear();
        self.scale.clear();
        for &(i, _) in order.iter().take(MAX_COARSE) {
            let descriptor = popcount::descriptor(probe.planes(), probe.len(), i);
            let own: u32 = descriptor.bits.iter().map(|w| w.count_ones()).sum();
            if own > 0 {
                self.descriptors.push(descriptor);
                self.scale.push(0.5 / own as f32);
            }
        }
    }

    /// Similarity with a reference; 0 is nothing in common.
    pub(crate) fn similarity(&mut self, reference: PackedRef<'_>) -> f32 {
        popcount::best_overlaps(&self.descriptors, reference.planes(), reference.len(), &mut self.best);
        self.best.iter().zip(&self.scale).fold(0.0, |sum, (&b, s)| {
            let share = b as f32 * s;
            sum + share * share
        })
    }
}
