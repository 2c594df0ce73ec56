//! Cheap similarities for shortlists: how many of the probe's neighborhoods are found in the reference, in the same
//! arrangement.
//!
//! Each of the probe's minutiae is paired with the reference minutia of the most similar descriptor. The similarities
//! of pairs that one rotation and one shift explain are added up; the result is the best sum of several seeds divided
//! by the square root of the number of the reference's minutiae, because among many minutiae there is always a similar
//! one. Rotating or shifting a print changes nothing.
//!
//! The coarse form uses two opposite sections of the descriptors: neighboring minutiae run with or against a minutia,
//! so these sections hold most of the information at a third of the cost. The finer form uses all sections. Sketches
//! (`sketch`) have the middle cells of these two sections in one word, and are ranked in the same way.

use super::descriptor::{PLANES, SECTION, sections};
use super::direction::Turns;
use super::packed::PackedRef;
use super::params::*;
use super::sketch::{Sketch, Unfolded, middle};
use super::support::{self, Own, Rule};
use crate::simd::instruction_set::InstructionSet;
use crate::simd::look_up::Points;
use crate::simd::motion::Pairs;
use crate::simd::nearest::{self, Group, LANES, Nearest};
use crate::simd::wide::{self, Kernels, Task};

/// A probe prepared for a scan.
#[derive(Clone)]
pub(crate) struct Sought {
    /// The minutiae's descriptors, best quality first.
    groups: Vec<Group<PLANES>>,
    /// Of each descriptor what a sketch has.
    middles: Vec<Group<1>>,
    /// Number of ones per lane: in the coarse sections, in all, and in what a sketch has.
    ones: [[i32; support::MOST]; 3],
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
    unfolded: Unfolded,
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
        let mut order = [u32::MAX; MAX_USED];
        let points = probe.points();
        let (none, zero) = ([0.0; support::MOST], [0; support::MOST]);
        let mut sought = Sought {
            groups: Vec::new(),
            middles: Vec::new(),
            ones: [zero; 3],
            x: none,
            y: none,
            direction: zero,
            reach: Vec::new(),
        };
        let mut count = 0;
        for i in probe.best_first(&mut order) {
            let bits = sections(probe.planes(), probe.len(), i);
            if count == support::MOST || bits == [0; PLANES] {
                continue;
            }
            let lane = count % LANES;
            if lane == 0 {
                sought.groups.push([[0; LANES]; PLANES]);
                sought.middles.push([[0; LANES]]);
            }
            if let Some(group) = sought.groups.last_mut() {
                for w in 0..PLANES {
                    group[w][lane] = bits[w];
                }
            }
            if let Some([group]) = sought.middles.last_mut() {
                group[lane] = middle(bits);
                sought.ones[2][count] = group[lane].count_ones() as i32;
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

    /// Similarity to a sketch.
    pub(crate) fn sketched(&mut self, probe: &Sought, sketch: &Sketch) -> f32 {
        let bits = sketch.bits();
        if bits.is_empty() || probe.middles.is_empty() {
            return 0.0;
        }
        nearest::nearest(InstructionSet::best(), &probe.middles, [0], (bits, bits.len()), u64::MAX, &mut self.found);
        let mut unfolded = std::mem::take(&mut self.unfolded);
        let similarity = self.explained(probe, sketch.points(&mut unfolded), bits.len(), 2);
        self.unfolded = unfolded;
        similarity
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
        let set = (reference.planes(), reference.len());
        nearest::nearest(InstructionSet::best(), &probe.groups, sections, set, SECTION, &mut self.found);
        self.explained(probe, reference.points(), reference.len(), form)
    }

    /// What one rotation and one shift explain of the pairs found, among so many minutiae.
    fn explained(&mut self, probe: &Sought, points: Points<'_>, minutiae: usize, form: usize) -> f32 {
        let Self { found, pairs, .. } = self;
        let count = found.len();
        let own = Own { ones: &probe.ones[form][..count], direction: &probe.direction };
        support::pair_up(found, own, points, pairs);
        (pairs.ax, pairs.ay) = (probe.x, probe.y);
        let rule = Rule { turns: Turns::get().units(), reach: &probe.reach, turned: SCAN_TURN };
        support::support(pairs, count, &rule) / (minutiae as f32).sqrt()
    }
}
