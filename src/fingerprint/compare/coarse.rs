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
use crate::simd::wide::{self, Kernels, Task};

/// A probe prepared for a scan.
#[derive(Clone)]
pub(crate) struct Sought {
    /// The minutiae's descriptors, best quality first.
    groups: Vec<Group<PLANES>>,
    /// Number of ones per lane: in the coarse sections, and in all.
    ones: [[i32; support::MOST]; 2],
    x: [f32; support::MOST],
    y: [f32; support::MOST],
    /// Directions, 256ths of a turn.
    direction: [i32; support::MOST],
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
        wide::run(Preparation(probe))
    }
}

struct Preparation<'a>(PackedRef<'a>);

impl Task for Preparation<'_> {
    type Output = Sought;

    #[inline(always)]
    #[allow(clippy::needless_range_loop)] // The index is used in many lists.
    fn run(self, _: impl Kernels) -> Sought {
        let Self(probe) = self;
        // Minutiae are sorted from top to bottom: among equal qualities, or without any, take ones spread over all.
        let key =
            |i: usize, quality: u8| u32::from(!quality) << 16 | u32::from((i as u8).reverse_bits()) << 8 | i as u32;
        let mut order = [u32::MAX; MAX_USED];
        for (i, (_, quality)) in probe.marks().enumerate().take(MAX_USED) {
            order[i] = key(i, quality);
        }
        let order = &mut order[..probe.len().min(MAX_USED)];
        order.sort_unstable();
        let points = probe.points();
        let (none, zero) = ([0.0; support::MOST], [0; support::MOST]);
        let mut sought =
            Sought { groups: Vec::new(), ones: [zero; 2], x: none, y: none, direction: zero, reach: Vec::new() };
        let mut count = 0;
        for i in order.iter().map(|key| (key & 0xff) as usize) {
            let bits = sections(probe.planes(), probe.len(), i);
            if count == support::MOST || bits == [0; PLANES] {
                continue;
            }
            let lane = count % LANES;
            if lane == 0 {
                sought.groups.push([[0; LANES]; PLANES]);
            }
            if let Some(group) = sought.groups.last_mut() {
                for w in 0..PLANES {
                    group[w][lane] = bits[w];
                }
            }
            let (x, y, direction) = points.get(i);
            (sought.x[count], sought.y[count], sought.direction[count]) = (x, y, direction);
            for w in COARSE_SECTIONS {
                sought.ones[0][count] += bits[w].count_ones() as i32;
            }
            for w in FINER_SECTIONS {
                sought.ones[1][count] += bits[w].count_ones() as i32;
            }
            count += 1;
        }
        let lanes = sought.groups.len() * LANES;
        sought.reach.resize(lanes, [1.0; support::MOST]);
        let (x, y) = (sought.x, sought.y);
        for (k, reach) in sought.reach.iter_mut().enumerate() {
            let (own_x, own_y) = (x[k], y[k]);
            for (reach, (x, y)) in reach[..lanes].iter_mut().zip(x.iter().zip(&y)) {
                let (dx, dy) = (own_x - x, own_y - y);
                let apart = dx * dx + dy * dy;
                *reach = 1.0 / (SCAN_DISTANCE * SCAN_DISTANCE + SCAN_DISTANCE_SLOPE * SCAN_DISTANCE_SLOPE * apart);
            }
            reach[count..].fill(1.0);
        }
        sought
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
        let count = found.len();
        let own = Own { ones: &probe.ones[form][..count], direction: &probe.direction };
        support::pair_up(found, own, reference.points(), pairs);
        (pairs.ax, pairs.ay) = (probe.x, probe.y);
        let rule = Rule { turns: Turns::get().units(), reach: &probe.reach, turned: SCAN_TURN };
        support::support(pairs, count, &rule) / (reference.len() as f32).sqrt()
    }
}
