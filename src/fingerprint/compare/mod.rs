//! Minutiae comparison.
//!
//! | step | file |
//! |---|---|
//! | prepare: cap, order, describe, pack | `packed`, `cylinder`, `descriptor`, `hull` |
//! | unfold for one comparison | `print`, `side` |
//! | local similarities, best pairs | `local` |
//! | relaxation | `relax` |
//! | early termination | `hopeless` |
//! | consolidation from several seeds | `consolidate`, `matching`, `align`, `placed` |
//! | evidence, raw similarity, decibels | `evidence`, `model`, `calibrate` |
//! | storage for a scan | `block` |
//! | cheap similarities for shortlists | `coarse`, `support` |
//! | one reference from several impressions | [`merge`], `pairs` |
//!
//! # What a score promises
//!
//! A score is `-10 * log10(FMR)`: 30 dB means one false match in 1,000 comparisons of different fingers.
//! `cargo run --release --example calibration -- FOLDER:PPI ...` shows the fit.
//!
//! - **Up to 50 dB a score is backed by data**: 3 million comparisons of real prints, 12 million for templates of other
//!   extractors. Beyond that, it only ranks strength.
//! - **Few minutiae**: templates of a few minutiae cannot score high.
//! - **Very many minutiae**: two strangers' templates of 255 minutiae and more with one common quality can score high.
//!   Of 8,000 random pairs, two were above 50 dB. [`Extractor`](crate::Extractor) keeps 128 minutiae at most.
//! - **Sensors differ**: over the eight folders of `docs/benchmarks.md` a stated 30 dB (1e-3) was a measured false
//!   match rate of 0 to 2.4e-3, on average 0.5e-3, with the network, and of 0 to 3.5e-3, on average 1.3e-3, with image
//!   filters (`selfsame eval fingerprint DIR --ppi N` prints it).
//! - **The resolution must be right.** It is not guessed, and a wrong one costs matches.
//! - **Kinds of prints**: the comparison was developed on flat and swiped prints at 500 ppi; latent prints from crime
//!   scenes, palms and prints of small children were not among them.

mod align;
mod block;
mod calibrate;
mod coarse;
mod consolidate;
mod cylinder;
mod descriptor;
mod direction;
mod evidence;
mod flow;
mod hopeless;
mod hull;
mod local;
mod matching;
pub mod merge;
mod model;
mod packed;
mod pairs;
mod params;
mod placed;
mod print;
mod relax;
mod side;
mod stored;
mod support;

use std::convert::Infallible;

use crate::fingerprint::template::FingerTemplate;
use crate::modality::{Modality, Ranks, Rows};
use crate::score::Score;
use crate::simd::popcount::Masked;
use crate::simd::wide::{self, Kernels, Task};

use consolidate::Sides;
use descriptor::PLANES;
use direction::Turns;
use matching::Matching;
use model::Features;
use packed::PackedRef;
use side::Side;

pub use block::FingerBlock;
pub use packed::PackedPrint;
pub use print::Print;

#[cfg(test)]
mod tests;

/// The fingerprint modality: minutiae, and ridge flow if both templates have it.
///
/// A score is `-10 * log10(FMR)`; it is measured up to 50 dB and extrapolated beyond. It is the same to the last bit
/// whichever template is the probe, and does not depend on the rotation or position of a print. Templates without ridge
/// flow are compared by minutiae alone. At most 96 minutiae of a template are used, best quality first.
///
/// ```
/// use selfsame::{Comparator, Finger, FingerTemplate, Score};
/// let empty = FingerTemplate::new(388, 374, Vec::new())?;
/// let comparator = Comparator::<Finger>::new();
/// assert_eq!(comparator.compare_templates(&empty, &empty)?, Score::ZERO);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Finger {}

/// Buffers that one thread reuses between comparisons.
#[derive(Default)]
pub struct Scratch {
    side: side::Side,
    local: local::Local,
    pairs: local::Pairs,
    relaxation: relax::Relaxation,
    placed: placed::Placed,
    assignment: consolidate::Assignment,
    /// Matchings of the seeds; only the first ones of a comparison are in use.
    matchings: Vec<Matching>,
    hull: hull::Hull,
    coarse: coarse::Coarse,
}

impl Finger {
    /// The raw similarity and the features of the best matching, for hopeless comparisons too.
    #[doc(hidden)]
    pub fn features(
        &self,
        probe: &impl AsRef<PackedPrint>,
        reference: &impl AsRef<PackedPrint>,
        scratch: &mut Scratch,
    ) -> (f32, Vec<(&'static str, f32)>) {
        let probe = Print::from(probe.as_ref().clone());
        let (raw, features) = match best(&probe, reference.as_ref().get(), scratch, false) {
            Outcome::Weighed(best) => (best.raw, best.features),
            _ => (params::NO_MATCHING, Features::default()),
        };
        (raw, features.named().collect())
    }
}

/// The most likely matching of two prints.
#[derive(Clone, Copy, Debug)]
struct Best {
    raw: f32,
    features: Features,
    with_flow: bool,
    /// Minutiae of the smaller print.
    smaller: usize,
    /// How similar the directions are in the print where they vary more, 0..=1.
    combed: f32,
    /// Its index in the scratch's matchings.
    matching: usize,
    /// The affine part of the mapping from the second side's plane to the first's.
    map: [f32; 6],
}

impl Best {
    fn score(&self) -> Score {
        let most = calibrate::most(self.features.surprise, self.smaller, self.with_flow);
        calibrate::doubted(calibrate::score(self.raw, self.with_flow).min(most), self.combed)
    }
}

/// Outcome of a comparison.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    /// There was nothing to compare.
    Nothing,
    /// It ended early.
    Hopeless(Score),
    Weighed(Best),
}

/// `early` lets hopeless comparisons end early.
fn best(probe: &Print, reference: PackedRef<'_>, scratch: &mut Scratch, early: bool) -> Outcome {
    wide::run(Comparison { probe, reference, scratch, early })
}

/// The descriptors of a side.
#[inline(always)]
fn set<'a>(print: PackedRef<'a>, side: &'a Side) -> Masked<'a, PLANES> {
    Masked { planes: print.planes(), masks: &side.masks[..side.len()] }
}

/// One comparison, compiled for each instruction set.
struct Comparison<'a> {
    probe: &'a Print,
    reference: PackedRef<'a>,
    scratch: &'a mut Scratch,
    early: bool,
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
            let features = evidence::weigh(a, b, &transform, placed, &matching.matches, hull);
            let raw = features.plain();
            if best.as_ref().is_none_or(|b| raw > b.raw) {
                let smaller = a.len().min(b.len());
                let combed = a.combed().min(b.combed());
                best = Some(Best { raw, features, with_flow: false, smaller, combed, matching: at, map: placed.map });
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

fn score(probe: &Print, reference: PackedRef<'_>, scratch: &mut Scratch) -> Score {
    match best(probe, reference, scratch, true) {
        Outcome::Nothing => Score::ZERO,
        Outcome::Hopeless(score) => score,
        Outcome::Weighed(best) => best.score(),
    }
}

impl Modality for Finger {
    type Template = FingerTemplate;
    type Probe = Print;
    type Reference = PackedPrint;
    type Score = Score;
    type Segment = FingerBlock;
    type Scratch = Scratch;
    type Error = Infallible;

    fn rows_per_task(stage: Option<usize>, probes: usize) -> usize {
        match stage {
            Some(0) => params::COARSE_ROWS_PER_TASK,
            _ => (params::ROWS_PER_TASK / probes.max(1)).max(1),
        }
    }

    fn prepare(&self, template: &FingerTemplate) -> Result<Print, Infallible> {
        Ok(Print::new(template))
    }

    fn reference(&self, template: &FingerTemplate) -> Result<PackedPrint, Infallible> {
        Ok(PackedPrint::new(template))
    }

    fn compare(&self, probe: &Print, reference: &PackedPrint, scratch: &mut Scratch) -> Result<Score, Infallible> {
        Ok(score(probe, reference.get(), scratch))
    }

    fn new_segment(&self) -> FingerBlock {
        FingerBlock::default()
    }

    fn check_segment(&self, _: &FingerBlock, _: &PackedPrint) -> Result<(), Infallible> {
        Ok(())
    }

    fn value(score: Score) -> f32 {
        score.decibels()
    }

    fn mean(scores: &[Score]) -> Score {
        Score::mean(scores)
    }

    fn compare_row(
        &self,
        probe: &Print,
        segment: &FingerBlock,
        row: usize,
        scratch: &mut Scratch,
    ) -> Result<Score, Infallible> {
        Ok(segment.row(row).map_or(Score::ZERO, |reference| score(probe, reference, scratch)))
    }

    fn stages(&self) -> usize {
        2
    }

    /// Ranks coarsely by some sections of the descriptors, then by all of them.
    fn rank<R: Ranks>(
        &self,
        stage: usize,
        probes: &[&Print],
        segment: &FingerBlock,
        rows: Rows<'_>,
        scratch: &mut Scratch,
        ranks: &mut [R],
    ) -> Result<(), Infallible> {
        for (probe, ranks) in probes.iter().zip(ranks) {
            for row in rows.iter() {
                let Some(reference) = segment.row(row) else { break };
                let rank = if stage == 0 {
                    // A row takes less time than a first access to memory, so its words are prefetched some rows ahead.
                    if let Some(next) = segment.row(row + params::SCAN_AHEAD) {
                        next.prefetch(&params::COARSE_SECTIONS);
                    }
                    scratch.coarse.coarse(probe.sought(), reference)
                } else {
                    scratch.coarse.finer(probe.sought(), reference)
                };
                ranks.rank(row, rank);
            }
        }
        Ok(())
    }
}
