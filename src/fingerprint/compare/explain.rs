//! A comparison again, with everything that people ask about it.

use super::comparison::{Best, Outcome, Scratch, best};
use super::explanation::{Alignment, Basis, Explanation, MatchedPair, Overlap};
use super::finger::Finger;
use super::hull::Hull;
use super::model::Features;
use super::packed::FingerReference;
use super::pairs::{Point, apply, inverse};
use super::probe::FingerProbe;
use super::{calibrate, evidence};
use crate::fingerprint::template::FingerTemplate;
use crate::modality::Comparator;
use crate::score::Score;

impl Comparator<Finger> {
    /// Compares two prints and says why the score is what it is: how they lie on one another, which minutiae coincide, which part
    /// both show, and what each feature adds.
    ///
    /// The score is exactly that of [`Comparator::compare_templates`]. Where that comparison ends early, a second one without that end
    /// shows what there is. Preparing the two templates takes most of the time. It cannot fail.
    ///
    /// ```
    /// use selfsame::synth::TemplateGenerator;
    /// use selfsame::{Comparator, Finger};
    /// let fingers = TemplateGenerator::new(1);
    /// let (probe, reference) = (fingers.probe(0, 0), fingers.reference(0));
    /// let comparator = Comparator::<Finger>::new();
    /// let explanation = comparator.explain(&probe, &reference);
    /// assert_eq!(explanation.score, comparator.compare_templates(&probe, &reference)?);
    /// assert!(explanation.pairs.len() > 10);
    /// assert!(explanation.evidence.iter().map(|e| e.contribution).sum::<f32>() > 0.0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn explain(&self, probe: &FingerTemplate, reference: &FingerTemplate) -> Explanation {
        let (a, b) = (FingerProbe::new(probe), FingerProbe::from(FingerReference::new(reference)));
        let mut scratch = Scratch::default();
        let (found, early) = match best(&a, b.packed(), &mut scratch, true) {
            Outcome::Hopeless(score) => (best(&a, b.packed(), &mut scratch, false), Some(score)),
            outcome => (outcome, None),
        };
        let numbers = [FingerReference::numbers(probe), FingerReference::numbers(reference)];
        let explained = match found {
            Outcome::Weighed(found) => explained(&found, [&a, &b], numbers, &scratch, early),
            _ => None,
        };
        explained.unwrap_or_else(|| Explanation {
            score: early.unwrap_or(Score::ZERO),
            basis: if early.is_some() { Basis::EndedEarly } else { Basis::NothingInCommon },
            alignment: None,
            pairs: Vec::new(),
            overlap: Overlap::default(),
            evidence: Vec::new(),
            strangers: Features::of_strangers(false),
            similarity: None,
        })
    }
}

/// The explanation of a matching; `early` is the score of a comparison that ended before.
fn explained(
    found: &Best,
    prints: [&FingerProbe; 2],
    numbers: [Vec<usize>; 2],
    scratch: &Scratch,
    early: Option<Score>,
) -> Option<Explanation> {
    // The sides of a comparison have their own order.
    let swapped = prints[0].packed().order(&prints[1].packed()).is_gt();
    let map = if swapped { inverse(&found.map)? } else { found.map };
    let in_order = |a, b| if swapped { (b, a) } else { (a, b) };
    let matches = &scratch.matchings.get(found.matching)?.matches;
    let mut pairs = Vec::with_capacity(matches.len());
    for m in matches {
        let (probe, reference) = in_order(usize::from(m.a), usize::from(m.b));
        pairs.push(MatchedPair {
            probe: *numbers[0].get(probe)?,
            reference: *numbers[1].get(reference)?,
            distance: m.distance,
            angle: m.angle,
            surroundings: m.similarity,
            agreement: evidence::agreement(m),
        });
    }
    pairs.sort_by(|p, q| q.agreement.total_cmp(&p.agreement).then(p.probe.cmp(&q.probe)));
    let points = |side: usize, number: usize| {
        let points = &prints[side].side().points;
        [points.x[number], points.y[number]]
    };
    let middle = |points: &mut dyn Iterator<Item = Point>| {
        let sum = points.fold([0.0; 3], |s, p| [s[0] + p[0], s[1] + p[1], s[2] + 1.0]);
        [sum[0] / f32::max(sum[2], 1.0), sum[1] / f32::max(sum[2], 1.0)]
    };
    let of = |m: &super::matching::Match| in_order(usize::from(m.a), usize::from(m.b)).1;
    let from = middle(&mut matches.iter().map(|m| points(1, of(m))));
    let to = apply(&map, from);
    let alignment = Alignment {
        rotation: (map[3] - map[1]).atan2(map[0] + map[4]),
        shift: (to[0] - from[0], from[1] - to[1]),
        scale: (map[0] * map[4] - map[1] * map[3]).abs().sqrt(),
        // Up is down in pictures.
        map: [map[0], -map[1], map[2], -map[3], map[4], -map[5]],
    };
    let inside = in_order(found.inside[0] as usize, found.inside[1] as usize);
    Some(Explanation {
        score: early.unwrap_or_else(|| found.score()),
        basis: if early.is_some() { Basis::EndedEarly } else { basis(found) },
        alignment: Some(alignment),
        pairs,
        overlap: overlap(prints.map(|print| &print.side().hull), &map, inside),
        evidence: found.features.evidence(found.with_flow),
        strangers: Features::of_strangers(found.with_flow),
        similarity: Some(found.raw),
    })
}

/// What decided the score of a whole comparison.
fn basis(found: &Best) -> Basis {
    let by_table = calibrate::score(found.raw, found.with_flow);
    let bounded = by_table.min(calibrate::most(found.features.surprise, found.smaller, found.with_flow));
    if found.score() < bounded {
        Basis::AlikeDirections
    } else if bounded < by_table {
        Basis::FewMinutiae
    } else {
        Basis::Evidence
    }
}

/// Where the hulls overlap; `map` is from the plane of the second to that of the first.
fn overlap([a, b]: [&Hull; 2], map: &[f32; 6], minutiae: (usize, usize)) -> Overlap {
    let mut carried = Hull::default();
    carried.map_from(b, map);
    let common = a.clipped(carried.corners());
    let down = |[x, y]: Point| (x, -y);
    let back = inverse(map).unwrap_or([0.0; 6]);
    Overlap {
        probe: common.iter().copied().map(down).collect(),
        reference: common.iter().map(|p| down(apply(&back, *p))).collect(),
        minutiae,
    }
}
