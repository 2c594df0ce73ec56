//! One comparison of two prints.

use super::consolidate::{self, Sides};
use super::descriptor::PLANES;
use super::direction::Turns;
use super::matching::Matching;
use super::model::Features;
use super::packed::PackedRef;
use super::probe::FingerProbe;
use super::side::{self, Side};
use super::{calibrate, coarse, evidence, hopeless, hull, local, params, placed, relax};
use crate::score::Score;
use crate::simd::popcount::Masked;
use crate::simd::wide::{self, Kernels, Task};

/// Buffers that one thread reuses between comparisons.
#[derive(Default)]
pub struct Scratch {
    pub(super) side: side::Side,
    pub(super) local: local::Local,
    pub(super) pairs: local::Pairs,
    pub(super) relaxation: relax::Relaxation,
    pub(super) placed: placed::Placed,
    pub(super) assignment: consolidate::Assignment,
    /// Matchings of the seeds; only the first ones of a comparison are in use.
    pub(super) matchings: Vec<Matching>,
    pub(super) hull: hull::Hull,
    pub(super) coarse: coarse::Coarse,
}

/// The most likely matching of two prints.
#[derive(Clone, Copy, Debug)]
pub(super) struct Best {
    pub(super) raw: f32,
    pub(super) features: Features,
    pub(super) with_flow: bool,
    /// Minutiae of the smaller print.
    pub(super) smaller: usize,
    /// How similar the directions are in the print where they vary more, 0..=1.
    pub(super) combed: f32,
    /// Minutiae of each side that are matched or lie where the prints overlap.
    pub(super) inside: [f32; 2],
    /// Its index in the scratch's matchings.
    pub(super) matching: usize,
    /// The affine part of the mapping from the second side's plane to the first's.
    pub(super) map: [f32; 6],
}

impl Best {
    pub(super) fn score(&self) -> Score {
        let most = calibrate::most(self.features.surprise, self.smaller, self.with_flow);
        calibrate::doubted(calibrate::score(self.raw, self.with_flow).min(most), self.combed)
    }
}

/// Outcome of a comparison.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    /// There was nothing to compare.
    Nothing,
    /// It ended early.
    Hopeless(Score),
    Weighed(Best),
}

/// `early` lets hopeless comparisons end early.
pub(super) fn best(probe: &FingerProbe, reference: PackedRef<'_>, scratch: &mut Scratch, early: bool) -> Outcome {
    wide::run(Comparison { probe, reference, scratch, early })
}

/// The descriptors of a side.
#[inline(always)]
fn set<'a>(print: PackedRef<'a>, side: &'a Side) -> Masked<'a, PLANES> {
    Masked { planes: print.planes(), masks: &side.masks[..side.len()] }
}

/// One comparison, compiled for each instruction set.
pub(super) struct Comparison<'a> {
    pub(super) probe: &'a FingerProbe,
    pub(super) reference: PackedRef<'a>,
    pub(super) scratch: &'a mut Scratch,
    pub(super) early: bool,
}

impl Task for Comparison<'_> {
    type Output = Outcome;

    #[inline(always)]
    fn run(self, kernels: impl Kernels) -> Outcome {
        let Self { probe, reference, scratch, early } = self;
        if probe.is_empty() || reference.len() == 0 {
            return Outcome::Nothing;
        }
        let Scratch { side, local, pairs, relaxation, placed, assignment, matchings, hull, .. } = scratch;
        let turns = Turns::get();
        side.unfold(turns, reference);
        let sides = [(probe.packed(), probe.side()), (reference, &*side)];
        // The sides have the same order whichever is the probe, so the score is symmetric to the last bit.
        let [(packed_a, a), (packed_b, b)] =
            if sides[0].0.order(&sides[1].0).is_le() { sides } else { [sides[1], sides[0]] };
        local.compute(kernels, set(packed_a, a), set(packed_b, b));
        local.best_pairs(kernels, turns, a, b, pairs);
        relaxation.relax(pairs);
        let counts = (a.len(), b.len());
        if early && let Some(score) = hopeless::after_relaxation(pairs, relaxation, counts) {
            return Outcome::Hopeless(score);
        }
        let sides = Sides { a, b, local, turns };
        matchings.resize_with(params::MAX_SEEDS, Matching::default);
        let mut grown = 0;
        while grown < matchings.len() {
            let Some(seed) = relaxation.take_strongest(pairs.len) else { break };
            // A seed that an earlier matching contains would grow the same matching again.
            if matchings[..grown].iter().any(|m| m.holds(pairs.a[seed], pairs.b[seed])) {
                continue;
            }
            let seed = (&*pairs, &relaxation.fits[seed], seed);
            if consolidate::first(kernels, sides, seed, placed, assignment, &mut matchings[grown]) {
                grown += 1;
                if matchings[grown - 1].value >= params::CLEAR_VALUE {
                    break;
                }
            }
        }
        let matchings = &mut matchings[..grown];
        matchings.sort_by(|p, q| q.value.total_cmp(&p.value));
        if early && let Some(score) = hopeless::after_matchings(pairs, relaxation, matchings, counts) {
            return Outcome::Hopeless(score);
        }
        let mut best: Option<Best> = None;
        let clear = matchings.first().is_some_and(|m| m.value >= params::CLEAR_VALUE);
        let refined = if clear { 1 } else { params::MAX_REFINED };
        for (at, matching) in matchings.iter_mut().take(refined).enumerate() {
            let Some(transform) = consolidate::refine(kernels, sides, placed, assignment, matching) else { continue };
            let (features, inside) = evidence::weigh(a, b, &transform, placed, &matching.matches, hull);
            let raw = features.plain();
            if best.as_ref().is_none_or(|b| raw > b.raw) {
                let smaller = a.len().min(b.len());
                let combed = a.combed().min(b.combed());
                let map = placed.map;
                best = Some(Best { raw, features, with_flow: false, smaller, combed, inside, matching: at, map });
            }
        }
        let Some(mut best) = best else { return Outcome::Nothing };
        if evidence::weigh_flow((packed_a.flow(), packed_b.flow()), &best.map, &mut best.features) {
            best.raw = best.features.with_flow();
            best.with_flow = true;
        }
        Outcome::Weighed(best)
    }
}

/// The score of a probe and a reference.
pub(super) fn score(probe: &FingerProbe, reference: PackedRef<'_>, scratch: &mut Scratch) -> Score {
    match best(probe, reference, scratch, true) {
        Outcome::Nothing => Score::ZERO,
        Outcome::Hopeless(score) => score,
        Outcome::Weighed(best) => best.score(),
    }
}
