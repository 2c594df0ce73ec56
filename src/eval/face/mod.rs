//! Face embeddings: verification of given pairs and of all pairs, closed- and open-set identification.
//!
//! Cosines belong to the model that made the embeddings; nothing here depends on a calibration.

use super::bootstrap::{self, Interval};
use super::params::{COSINE_BINS, HISTOGRAM_BINS};
use super::{EvalError, Histogram, ScoreSet};
use crate::face::compare::Face;
use crate::face::embedding::Embedding;
use crate::modality::{self, Modality, Offers, Segment};
use crate::score::Fmr;
use each::Pair;

mod calibrate;
mod each;
mod forms;
mod identification;
mod pairs;

pub use calibrate::{FaceCalibration, FaceThreshold, calibrate};
pub use forms::{FormRates, Storage, by_form};
pub use identification::{Identification, OpenSet, identification};
pub use pairs::{FacePair, PairVerification, verify_pairs};

/// The references of all rows, prepared.
pub(super) struct Rows {
    pub face: Face,
    pub segment: <Face as Modality>::Segment,
    pub probes: Vec<<Face as Modality>::Probe>,
}

impl Rows {
    pub(super) fn new(embeddings: &[Embedding]) -> Result<Self, EvalError> {
        let face = Face::default();
        let mut segment = face.new_segment();
        let mut probes = Vec::with_capacity(embeddings.len());
        for (index, embedding) in embeddings.iter().enumerate() {
            let bad = |e: <Face as Modality>::Error| EvalError::Embedding { index, reason: e.to_string() };
            let reference = face.reference(embedding).map_err(bad)?;
            face.check_segment(&segment, &reference).map_err(bad)?;
            segment.push(reference);
            probes.push(face.prepare(embedding).map_err(bad)?);
        }
        Ok(Self { face, segment, probes })
    }

    /// Calls `each(probe, scores of the rows from `from` on)` for every probe of `range`; several probes are compared at
    /// once.
    pub(super) fn scan(
        &self,
        numbers: &[usize],
        from: usize,
        each: &mut impl FnMut(usize, &[<Face as Modality>::Score]),
    ) -> Result<(), EvalError> {
        let probes: Vec<_> = numbers.iter().filter_map(|&i| self.probes.get(i)).collect();
        let mut scores = vec![Scores(Vec::new()); probes.len()];
        let mut scratch = <Face as Modality>::Scratch::default();
        let rows = modality::Rows::all(from..self.segment.len());
        self.face.scan(&probes, &self.segment, rows, &mut scratch, &mut scores).map_err(|e| {
            let first = numbers.first().copied().unwrap_or(0);
            EvalError::Compare { probe: first, reference: from, reason: e.to_string() }
        })?;
        for (&number, Scores(scores)) in numbers.iter().zip(&scores) {
            each(number, scores);
        }
        Ok(())
    }
}

/// The scores of all rows, in their order.
#[derive(Clone)]
struct Scores(Vec<<Face as Modality>::Score>);

impl Offers<<Face as Modality>::Score> for Scores {
    fn bar(&self) -> f32 {
        f32::NEG_INFINITY
    }

    fn exact(&mut self, _: usize, score: <Face as Modality>::Score) {
        self.0.push(score);
    }

    /// Rows of floats are always compared.
    fn bounded(&mut self, _: usize, _: f32, _: f32) {}
}

/// Verification over all pairs of a labeled set.
#[derive(Clone, Debug)]
pub struct AllPairs {
    /// Identities.
    pub identities: usize,
    /// Identities with two images or more.
    pub with_mates: usize,
    /// Every genuine pair counts alike: identities with many images decide.
    pub plain: ScoreSet,
    /// Every identity counts alike: its genuine pairs share one weight. Impostor pairs count alike.
    pub balanced: ScoreSet,
    /// Genuine (each pair alike) and impostor cosines.
    pub histogram: Histogram,
    /// Cosine of each genuine pair with its identity, `0..identities`.
    genuine: Vec<(usize, f64)>,
}

impl AllPairs {
    /// Interval of the identity-balanced share of genuine pairs at or above `threshold`, by a bootstrap over identities.
    /// The threshold is held fixed, so its own uncertainty is not in the interval.
    #[must_use]
    pub fn tar_interval(&self, threshold: f64) -> Option<Interval> {
        let mut passed = vec![(0usize, 0usize); self.identities];
        for (identity, score) in &self.genuine {
            if let Some((good, all)) = passed.get_mut(*identity) {
                *good += usize::from(*score >= threshold);
                *all += 1;
            }
        }
        let shares: Vec<f64> =
            passed.into_iter().filter(|(_, all)| *all > 0).map(|(good, all)| good as f64 / all as f64).collect();
        bootstrap::mean_interval(&shares)
    }

    /// Threshold at a false accept rate and the identity-balanced true accept rate there.
    #[must_use]
    pub fn tar_at(&self, far: Fmr) -> (f64, f64) {
        (self.balanced.threshold_at(far), self.balanced.tar_at(far))
    }
}

/// Identities `0..n` of labels, in order of their first row.
pub(super) fn identities(labels: &[i64]) -> (Vec<usize>, usize) {
    let mut known = std::collections::HashMap::new();
    let numbers = labels
        .iter()
        .map(|l| {
            let next = known.len();
            *known.entry(*l).or_insert(next)
        })
        .collect();
    (numbers, known.len())
}

pub(super) fn check_lengths(embeddings: &[Embedding], labels: &[i64]) -> Result<(), EvalError> {
    if embeddings.len() == labels.len() {
        return Ok(());
    }
    Err(EvalError::Length { what: "embeddings and labels", left: embeddings.len(), right: labels.len() })
}

/// Compares all pairs of rows, on the current rayon pool: `n * (n - 1) / 2` cosines.
///
/// `excluded` pairs of rows (label errors) count on neither side. Impostor cosines are counted in bins of 2e-6, so rates
/// are exact at the bins' edges and thresholds are true to 2e-6.
///
/// # Errors
/// [`EvalError`] when lengths differ, embeddings differ in dimension, or there are no genuine or no impostor pairs.
pub fn all_pairs(embeddings: &[Embedding], labels: &[i64], excluded: &[(usize, usize)]) -> Result<AllPairs, EvalError> {
    check_lengths(embeddings, labels)?;
    let (identity, count) = identities(labels);
    let rows = Rows::new(embeddings)?;
    // Each thread counts for itself; whole numbers add up the same in any order.
    let parts = each::each_pair(
        &rows,
        &each::sorted(excluded),
        || Counted { impostor: vec![0; COSINE_BINS], genuine: Vec::new() },
        |counted, Pair { probe, reference, cosine }| {
            if identity.get(reference) == identity.get(probe) {
                counted.genuine.push((probe, reference, cosine));
            } else if let Some(bin) = counted.impostor.get_mut(bin_of(cosine)) {
                *bin += 1;
            }
        },
    )?;
    let mut impostor = vec![0u64; COSINE_BINS];
    let mut genuine = Vec::new();
    for part in parts {
        impostor.iter_mut().zip(&part.impostor).for_each(|(sum, n)| *sum += n);
        genuine.extend(part.genuine);
    }
    genuine.sort_by_key(|g| (g.0, g.1));
    summarize(&identity, count, genuine, impostor)
}

/// What one thread counted.
struct Counted {
    impostor: Vec<u64>,
    genuine: Vec<(usize, usize, f64)>,
}

fn bin_of(cosine: f64) -> usize {
    (((cosine + 1.0) / 2.0 * COSINE_BINS as f64) as usize).min(COSINE_BINS - 1)
}

/// Lower edge of a bin.
fn edge_of(bin: usize) -> f64 {
    2.0 * bin as f64 / COSINE_BINS as f64 - 1.0
}

fn summarize(
    identity: &[usize],
    count: usize,
    genuine: Vec<(usize, usize, f64)>,
    impostor: Vec<u64>,
) -> Result<AllPairs, EvalError> {
    let of = |row: usize| identity.get(row).copied().unwrap_or(0);
    let mut pairs = vec![0usize; count];
    for (row, _, _) in &genuine {
        if let Some(n) = pairs.get_mut(of(*row)) {
            *n += 1;
        }
    }
    let weight = |row: usize| 1.0 / pairs.get(of(row)).copied().unwrap_or(1).max(1) as f64;
    let bins: Vec<(f64, f64)> =
        impostor.iter().enumerate().filter(|(_, n)| **n > 0).map(|(bin, n)| (edge_of(bin), *n as f64)).collect();
    let counts = (genuine.len(), impostor.iter().sum::<u64>() as usize);
    let plain = ScoreSet::build(genuine.iter().map(|g| (g.2, 1.0)).collect(), bins.clone(), counts)?;
    let balanced = ScoreSet::build(genuine.iter().map(|g| (g.2, weight(g.0))).collect(), bins.clone(), counts)?;
    let histogram = histogram(&genuine, &bins);
    let with_mates = pairs.iter().filter(|n| **n > 0).count();
    let genuine = genuine.into_iter().map(|g| (of(g.0), g.2)).collect();
    Ok(AllPairs { identities: count, with_mates, plain, balanced, histogram, genuine })
}

/// A histogram of genuine scores and of bins of impostor scores.
fn histogram(genuine: &[(usize, usize, f64)], impostor: &[(f64, f64)]) -> Histogram {
    let scores: Vec<f64> = genuine.iter().map(|g| g.2).collect();
    let edges: Vec<f64> = impostor.iter().map(|i| i.0).collect();
    let mut histogram = Histogram::new(&scores, &edges, HISTOGRAM_BINS);
    // The shape of the axis is right; the impostor side counts each bin with its weight.
    histogram.impostor.iter_mut().for_each(|s| *s = 0.0);
    let total: f64 = impostor.iter().map(|i| i.1).sum();
    let last = histogram.impostor.len().saturating_sub(1);
    for (score, n) in impostor {
        let bin = (((score - histogram.low) / histogram.width) as usize).min(last);
        if let Some(share) = histogram.impostor.get_mut(bin) {
            *share += n / total;
        }
    }
    histogram
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Embeddings of `people` people with `images` images each; every person has an axis, every image some noise.
    pub(super) fn population(people: usize, images: usize) -> (Vec<Embedding>, Vec<i64>) {
        let mut embeddings = Vec::new();
        let mut labels = Vec::new();
        for person in 0..people {
            for image in 0..images {
                let component = |i: usize| {
                    let noise = (((person * 131 + image * 31 + i * 17) * 2_654_435_761) % 1000) as f32 / 1000.0 - 0.5;
                    if i % people == person { 1.0 + noise } else { 0.6 * noise }
                };
                embeddings.push(Embedding::from_slice(&(0..96).map(component).collect::<Vec<_>>()).unwrap());
                labels.push(100 - person as i64);
            }
        }
        (embeddings, labels)
    }

    #[test]
    fn agrees_with_comparing_one_by_one() {
        let (embeddings, labels) = population(12, 4);
        let report = all_pairs(&embeddings, &labels, &[]).unwrap();
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        for i in 0..embeddings.len() {
            for j in i + 1..embeddings.len() {
                let dot = |k: usize| f64::from(embeddings[i].as_slice()[k]) * f64::from(embeddings[j].as_slice()[k]);
                let cosine: f64 = (0..96).map(dot).sum();
                if labels[i] == labels[j] { &mut genuine } else { &mut impostor }.push(cosine);
            }
        }
        let naive = ScoreSet::new(genuine, impostor).unwrap();
        assert_eq!((report.plain.genuine(), report.plain.impostor()), (naive.genuine(), naive.impostor()));
        assert_eq!((report.identities, report.with_mates), (12, 12));
        assert!((report.plain.eer() - naive.eer()).abs() < 1e-3);
        // All identities have as many pairs: balancing changes nothing.
        assert!((report.balanced.eer() - report.plain.eer()).abs() < 1e-9);
        assert!((report.histogram.impostor.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let (threshold, tar) = report.tar_at(Fmr::new(0.01).unwrap());
        let interval = report.tar_interval(threshold).unwrap();
        assert!(interval.low <= tar && tar <= interval.high);
    }

    #[test]
    fn same_at_any_number_of_threads() {
        let (embeddings, labels) = population(9, 3);
        let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let one = on(1).install(|| all_pairs(&embeddings, &labels, &[]).unwrap());
        let three = on(3).install(|| all_pairs(&embeddings, &labels, &[]).unwrap());
        assert_eq!(one.balanced.det(), three.balanced.det());
        assert_eq!(one.genuine, three.genuine);
    }

    #[test]
    fn excluded_pairs_count_nowhere_and_bad_input_is_refused() {
        let (embeddings, labels) = population(3, 2);
        let all = all_pairs(&embeddings, &labels, &[]).unwrap();
        let fewer = all_pairs(&embeddings, &labels, &[(2, 0), (0, 1)]).unwrap();
        assert_eq!(all.plain.impostor() - fewer.plain.impostor(), 1);
        assert_eq!(all.plain.genuine() - fewer.plain.genuine(), 1);
        assert!(matches!(all_pairs(&embeddings, &labels[1..], &[]), Err(EvalError::Length { .. })));
        assert!(matches!(all_pairs(&embeddings, &[5; 6], &[]), Err(EvalError::NoImpostor)));
        assert!(matches!(all_pairs(&embeddings, &[1, 2, 3, 4, 5, 6], &[]), Err(EvalError::NoGenuine)));
        let mut mixed = embeddings;
        mixed[3] = Embedding::from_slice(&[1.0; 64]).unwrap();
        assert!(matches!(all_pairs(&mixed, &labels, &[]), Err(EvalError::Embedding { index: 3, .. })));
    }
}
