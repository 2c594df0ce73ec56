//! Cheap similarities for shortlists: how many of the probe's neighborhoods are found in the reference, in the same
//! arrangement.
//!
//! Each of the probe's minutiae is paired with the reference minutia of the most similar descriptor. The similarities
//! of pairs that one rotation and one shift explain are added up; the result is the best sum of several seeds divided
//! by the square root of the number of the reference's minutiae, because among many minutiae there is always a similar
//! one. Rotating or shifting a print changes nothing.
//!
//! The coarse form uses two opposite sections of the descriptors: neighboring minutiae run with or against a minutia,
//! so these sections hold most of the information at a third of the cost. The finer form uses all sections.

use super::descriptor::{PLANES, SECTION, sections};
use super::direction::Turns;
use super::packed::PackedRef;
use super::params::*;
use super::support::{self, Own, Rule};
use crate::simd::instruction_set::InstructionSet;
use crate::simd::motion::Pairs;
use crate::simd::nearest::{self, Group, LANES, Nearest};

/// A probe prepared for a scan.
#[derive(Clone)]
pub(crate) struct Sought {
    /// The minutiae's descriptors, best quality first.
    groups: Vec<Group<PLANES>>,
    /// Number of ones per lane: in the coarse sections, and in all.
    ones: [Vec<i32>; 2],
    x: Vec<f32>,
    y: Vec<f32>,
    /// Directions, 256ths of a turn.
    direction: Vec<i32>,
    /// Reciprocal of the squared largest distance of two pairs, by their minutiae in the probe.
    reach: Vec<[f32; support::MOST]>,
}

/// Buffers of a scan.
#[derive(Default)]
pub(crate) struct Coarse {
    found: Vec<Nearest>,
    pairs: Pairs,
}

impl Sought {
    /// Takes the probe's neighborhoods, or only those of the best minutiae when there are many.
    pub(crate) fn new(probe: PackedRef<'_>) -> Self {
        let mut order: Vec<(usize, u8)> = probe.marks().map(|m| m.1).enumerate().collect();
        // Minutiae are sorted from top to bottom: among equal qualities, or without any, take ones spread over all.
        order.sort_by_key(|&(i, quality)| (std::cmp::Reverse(quality), (i as u8).reverse_bits()));
        let described = order.into_iter().map(|(i, _)| (i, sections(probe.planes(), probe.len(), i)));
        let used: Vec<_> = described.filter(|(_, bits)| *bits != [0; PLANES]).take(support::MOST).collect();
        let points = probe.points();
        let (mut groups, mut ones) = (Vec::new(), [Vec::new(), Vec::new()]);
        let (mut x, mut y, mut direction) = (Vec::new(), Vec::new(), Vec::new());
        for chunk in used.chunks(LANES) {
            let word = |w: usize, k: usize| chunk.get(k).map_or(0, |(_, bits)| bits[w]);
            groups.push(std::array::from_fn(|w| std::array::from_fn(|k| word(w, k))));
            for k in 0..LANES {
                let ones_of = |sections: &[usize]| sections.iter().map(|&w| word(w, k).count_ones() as i32).sum();
                ones[0].push(ones_of(&COARSE_SECTIONS));
                ones[1].push(ones_of(&FINER_SECTIONS));
                let place = chunk.get(k).map_or((0.0, 0.0, 0), |&(i, _)| points.get(i));
                x.push(place.0);
                y.push(place.1);
                direction.push(place.2);
            }
        }
        let near = |k: usize, l: usize| {
            let apart = (x[k] - x[l]) * (x[k] - x[l]) + (y[k] - y[l]) * (y[k] - y[l]);
            1.0 / (SCAN_DISTANCE * SCAN_DISTANCE + SCAN_DISTANCE_SLOPE * SCAN_DISTANCE_SLOPE * apart)
        };
        let row = |k| std::array::from_fn(|l| if l < used.len() { near(k, l) } else { 1.0 });
        let reach = (0..x.len()).map(row).collect();
        Self { groups, ones, x, y, direction, reach }
    }
}

impl Coarse {
    /// Similarity in some of the sections; 0 means nothing in common.
    pub(crate) fn coarse(&mut self, probe: &Sought, reference: PackedRef<'_>) -> f32 {
        self.similarity(probe, reference, COARSE_SECTIONS, 0)
    }

    /// Similarity in all sections.
    pub(crate) fn finer(&mut self, probe: &Sought, reference: PackedRef<'_>) -> f32 {
        self.similarity(probe, reference, FINER_SECTIONS, 1)
    }

    fn similarity<const W: usize>(
        &mut self,
        probe: &Sought,
        reference: PackedRef<'_>,
        sections: [usize; W],
        form: usize,
    ) -> f32 {
        if reference.len() == 0 || probe.groups.is_empty() {
            return 0.0;
        }
        let Self { found, pairs } = self;
        let set = (reference.planes(), reference.len());
        nearest::nearest(InstructionSet::best(), &probe.groups, sections, set, SECTION, found);
        let own = Own { ones: &probe.ones[form], direction: &probe.direction };
        support::pair_up(found, own, reference.points(), pairs);
        let count = found.len();
        pairs.ax[..count].copy_from_slice(&probe.x);
        pairs.ay[..count].copy_from_slice(&probe.y);
        let rule = Rule { turns: Turns::get().units(), reach: &probe.reach, turned: SCAN_TURN };
        support::support(pairs, count, &rule) / (reference.len() as f32).sqrt()
    }
}
