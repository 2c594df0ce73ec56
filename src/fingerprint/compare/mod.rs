//! Minutiae comparison.
//!
//! | step | file |
//! |---|---|
//! | prepare: cap, order, describe, pack | `packed`, `cylinder`, `hull` |
//! | unfold for one comparison | `print` |
//! | local similarities, best pairs | `local` |
//! | relaxation | `relax` |
//! | consolidation from several seeds | `consolidate`, `align`, `placed` |
//! | evidence, raw similarity, decibels | `evidence`, `model`, `calibrate` |
//! | storage for a scan | `block` |
//! | cheap similarities for shortlists | `coarse` |
//! | one reference from several impressions | [`merge`], `pairs` |

mod align;
mod block;
mod calibrate;
mod coarse;
mod consolidate;
mod cylinder;
mod evidence;
mod flow;
mod hull;
mod local;
pub mod merge;
mod model;
mod packed;
mod pairs;
mod params;
mod placed;
mod print;
mod relax;
mod stored;

use std::convert::Infallible;
use std::ops::Range;

use crate::fingerprint::template::FingerTemplate;
use crate::modality::Modality;
use crate::score::Score;

use packed::PackedRef;

pub use block::FingerBlock;
pub use packed::PackedPrint;
pub use print::Print;

#[cfg(test)]
mod tests;

/// The fingerprint modality: minutiae, and ridge flow where both templates carry it.
///
/// A score is `-10 * log10(FMR)`; it is measured up to 55 dB (45 dB without ridge flow) and extrapolated beyond. It is the same to the last bit
/// whichever template is the probe, and does not depend on how a print is turned or where it lies. Templates that were
/// made without ridge flow compare by minutiae alone. At most 96 minutiae of a template take part, best quality first.
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
    side: print::Side,
    local: local::Local,
    pairs: Vec<local::Pair>,
    relaxation: relax::Relaxation,
    placed: placed::Placed,
    assignment: consolidate::Assignment,
    /// Matchings of the seeds; only the first ones of a comparison are in use.
    matchings: Vec<consolidate::Matching>,
    hull: hull::Hull,
    coarse: coarse::Coarse,
}

impl Finger {
    /// The features of the best matching.
    #[doc(hidden)]
    pub fn features(
        &self,
        probe: &impl AsRef<PackedPrint>,
        reference: &impl AsRef<PackedPrint>,
        scratch: &mut Scratch,
    ) -> (f32, Vec<f32>) {
        let probe = Print::from(probe.as_ref().clone());
        best(&probe, reference.as_ref().get(), scratch)
            .map_or((-99.0, vec![0.0; evidence::FEATURES]), |b| (b.raw, b.features.to_vec()))
    }
}

/// The most likely matching of two prints.
#[derive(Clone, Copy, Debug)]
struct Best {
    raw: f32,
    features: evidence::Features,
    with_flow: bool,
    /// Which of the scratch's matchings it is.
    matching: usize,
    /// The affine part of the way from the second side's plane to the first's.
    map: [f32; 6],
}

fn best(probe: &Print, reference: PackedRef<'_>, scratch: &mut Scratch) -> Option<Best> {
    if probe.is_empty() || reference.len() == 0 {
        return None;
    }
    let Scratch { side, local, pairs, relaxation, placed, assignment, matchings, hull, .. } = scratch;
    side.unfold(reference);
    let sides = [(probe.packed(), probe.side()), (reference, &*side)];
    // The same order of the two sides whichever is the probe: the score is symmetric to the last bit.
    let [(packed_a, a), (packed_b, b)] =
        if sides[0].0.order(&sides[1].0).is_le() { sides } else { [sides[1], sides[0]] };
    local.compute(packed_a.planes(), packed_b.planes(), &b.masks);
    local.best_pairs(a, b, pairs);
    relaxation.relax(a, b, pairs);
    matchings.resize_with(params::MAX_SEEDS, consolidate::Matching::default);
    let mut grown = 0;
    for &seed in &relaxation.order {
        let seed = usize::from(seed);
        if grown == matchings.len() {
            break;
        }
        let Some(pair) = pairs.get(seed) else { break };
        // A seed that an earlier matching contains would grow the same matching again.
        let known = |m: &consolidate::Match| m.a == pair.a && m.b == pair.b;
        if matchings[..grown].iter().any(|m| m.matches.iter().any(known)) {
            continue;
        }
        let fits = relaxation.fits(seed);
        if consolidate::first((a, b, local), (pairs, fits, seed), placed, assignment, &mut matchings[grown]) {
            grown += 1;
        }
    }
    let matchings = &mut matchings[..grown];
    matchings.sort_by(|p, q| q.value.total_cmp(&p.value));
    let mut best: Option<Best> = None;
    for (at, matching) in matchings.iter_mut().take(params::MAX_REFINED).enumerate() {
        let Some(transform) = consolidate::refine((a, b, local), placed, assignment, matching) else { continue };
        let features = evidence::weigh(a, b, &transform, placed, &matching.matches, hull);
        let raw = model::plain(&features);
        if best.as_ref().is_none_or(|b| raw > b.raw) {
            best = Some(Best { raw, features, with_flow: false, matching: at, map: placed.map });
        }
    }
    let mut best = best?;
    if evidence::weigh_flow((packed_a.flow(), packed_b.flow()), &best.map, &mut best.features) {
        best.raw = model::with_flow(&best.features);
        best.with_flow = true;
    }
    Some(best)
}

fn score(probe: &Print, reference: PackedRef<'_>, scratch: &mut Scratch) -> Score {
    best(probe, reference, scratch).map_or(Score::ZERO, |b| calibrate::score(b.raw, b.with_flow))
}

impl Modality for Finger {
    type Template = FingerTemplate;
    type Probe = Print;
    type Reference = PackedPrint;
    type Score = Score;
    type Block = FingerBlock;
    type Scratch = Scratch;
    type Error = Infallible;

    fn prepare(&self, template: &FingerTemplate) -> Result<Print, Infallible> {
        Ok(Print::new(template))
    }

    fn reference(&self, template: &FingerTemplate) -> Result<PackedPrint, Infallible> {
        Ok(PackedPrint::new(template))
    }

    fn compare(&self, probe: &Print, reference: &PackedPrint, scratch: &mut Scratch) -> Result<Score, Infallible> {
        Ok(score(probe, reference.get(), scratch))
    }

    fn new_block(&self) -> FingerBlock {
        FingerBlock::default()
    }

    fn check_block(&self, _: &FingerBlock, _: &PackedPrint) -> Result<(), Infallible> {
        Ok(())
    }

    fn compare_rows(
        &self,
        probe: &Print,
        block: &FingerBlock,
        rows: Range<usize>,
        scratch: &mut Scratch,
        out: &mut Vec<Score>,
    ) -> Result<(), Infallible> {
        out.extend(block.rows(rows).map(|reference| score(probe, reference, scratch)));
        Ok(())
    }

    fn coarse_rows(
        &self,
        probe: &Print,
        block: &FingerBlock,
        rows: Range<usize>,
        scratch: &mut Scratch,
        out: &mut Vec<f32>,
    ) -> bool {
        // A row takes less time than a first access to memory: its words are asked for some rows ahead.
        for row in rows {
            if let Some(next) = block.row(row + params::SCAN_AHEAD) {
                next.prefetch(&params::COARSE_SECTIONS);
            }
            let Some(reference) = block.row(row) else { break };
            out.push(scratch.coarse.coarse(probe.sought(), reference));
        }
        true
    }

    fn finer_rows(
        &self,
        probe: &Print,
        block: &FingerBlock,
        rows: Range<usize>,
        scratch: &mut Scratch,
        out: &mut Vec<f32>,
    ) -> bool {
        out.extend(block.rows(rows).map(|row| scratch.coarse.finer(probe.sought(), row)));
        true
    }
}
