//! A calibration from labeled embeddings, confidence intervals of its thresholds, and its validity for other people.

use super::super::bootstrap::{Interval, figure_interval};
use super::super::params::{COSINE_BINS, TAIL_PAIRS, TAIL_RESERVE};
use super::all_pairs::{bin_of, edge_of};
use super::each::{Pair, each_pair, sorted};
use super::rows::{Rows, check_lengths, identities};
use crate::eval::EvalError;
use crate::face::compare::{CalibrationError, Cosine, CosineCalibration};
use crate::face::embedding::Embedding;
use crate::score::{Fmr, Score};

/// A calibration of a model, from all pairs of different people in a labeled set, with equal weight for each pair.
#[derive(Clone, Debug)]
pub struct FaceCalibration {
    /// The conversion of cosines to decibels.
    pub calibration: CosineCalibration,
    /// Number of people.
    pub identities: usize,
    /// Impostor comparisons.
    pub comparisons: u64,
    /// One threshold for each requested rate that the calibration reaches.
    pub thresholds: Vec<FaceThreshold>,
}

/// The threshold at a false accept rate.
#[derive(Clone, Debug)]
pub struct FaceThreshold {
    /// The rate.
    pub far: Fmr,
    /// The threshold.
    pub cosine: Cosine,
    /// Whether data back the threshold; otherwise it lies on the extrapolated tail.
    pub backed: bool,
    /// Impostor comparisons at or above it.
    pub false_matches: u64,
    /// 95 % interval of the threshold by a bootstrap over people; `None` if data do not back it.
    pub interval: Option<Interval>,
    /// The rate among the second half of the people at the threshold that the first half gives, with the number of false
    /// matches there; `None` when half of the people are not enough.
    pub left_out: Option<(f64, u64)>,
}

/// Counts of impostor cosines, overall and by halves of the people.
struct Counted {
    all: Vec<u64>,
    halves: [Vec<u64>; 2],
}

/// Fits a calibration to the cosines of all pairs of different people: `n * (n - 1) / 2` comparisons, twice, on the current rayon
/// pool, then 1,000 replicates of a bootstrap.
///
/// `excluded` pairs of rows (label errors) are left out. Cosines are counted in bins of 2e-6. The first half of the
/// people is every other one, in order of their first rows. The result is the same with any number of threads.
///
/// # Errors
/// [`EvalError`] when lengths differ, embeddings differ in dimension, or impostor pairs are too few or all equal.
pub fn calibrate(
    embeddings: &[Embedding],
    labels: &[i64],
    excluded: &[(usize, usize)],
    rates: &[Fmr],
) -> Result<FaceCalibration, EvalError> {
    check_lengths(embeddings, labels)?;
    let (identity, people) = identities(labels);
    if people < 2 {
        return Err(EvalError::NoImpostor);
    }
    let rows = Rows::new(embeddings)?;
    let excluded = sorted(excluded);
    let of = |row: usize| identity.get(row).copied().unwrap_or(0);
    let new = || Counted { all: vec![0; COSINE_BINS], halves: [vec![0; COSINE_BINS], vec![0; COSINE_BINS]] };
    let parts = each_pair(&rows, &excluded, new, |counted, Pair { probe, reference, cosine }| {
        let (a, b, bin) = (of(probe), of(reference), bin_of(cosine));
        if a == b {
            return;
        }
        let half = counted.halves.get_mut(a % 2).filter(|_| a % 2 == b % 2);
        for counts in std::iter::once(&mut counted.all).chain(half) {
            if let Some(count) = counts.get_mut(bin) {
                *count += 1;
            }
        }
    })?;
    let mut counted = new();
    for part in parts {
        let [first, second] = part.halves;
        let [to_first, to_second] = &mut counted.halves;
        for (sums, counts) in [(&mut counted.all, part.all), (to_first, first), (to_second, second)] {
            sums.iter_mut().zip(counts).for_each(|(sum, n)| *sum += n);
        }
    }
    let calibration = fit(&counted.all)?;
    let comparisons = counted.all.iter().sum();
    let [first, second] = &counted.halves;
    let half = fit(first).ok();
    let others: u64 = second.iter().sum();
    let left_out = |far: Fmr| {
        let threshold = half.as_ref()?.threshold_at(far).ok()?;
        let passed = at_or_above(second, threshold);
        (others > 0).then(|| (passed as f64 / others as f64, passed))
    };
    let backed = |far: Fmr| Score::from_fmr(far) <= calibration.backed_to();
    let intervals = {
        let backed: Vec<Fmr> = rates.iter().copied().filter(|&far| backed(far)).collect();
        let tail = Tail::new(&rows, &excluded, &identity, people, &counted.all, &backed)?;
        move |far: Fmr| tail.as_ref().and_then(|tail| tail.interval(far))
    };
    let threshold = |&far: &Fmr| {
        let cosine = calibration.threshold_at(far).ok()?;
        let backed = backed(far);
        let interval = if backed { intervals(far) } else { None };
        let false_matches = at_or_above(&counted.all, cosine);
        Some(FaceThreshold { far, cosine, backed, false_matches, interval, left_out: left_out(far) })
    };
    let thresholds = rates.iter().filter_map(threshold).collect();
    Ok(FaceCalibration { identities: people, comparisons, thresholds, calibration })
}

impl FaceCalibration {
    /// The score up to which data back it; see [`CosineCalibration::backed_to`].
    #[must_use]
    pub fn backed_to(&self) -> Score {
        self.calibration.backed_to()
    }
}

/// A calibration of counts per bin.
fn fit(counts: &[u64]) -> Result<CosineCalibration, EvalError> {
    let counts: Vec<(f32, u64)> =
        counts.iter().enumerate().filter(|(_, n)| **n > 0).map(|(bin, n)| (edge_of(bin) as f32, *n)).collect();
    CosineCalibration::fit_counts(&counts).map_err(|error| match error {
        CalibrationError::TooFew { count: 0, .. } => EvalError::NoImpostor,
        other => EvalError::Calibration(other),
    })
}

/// Comparisons of the bins at or above a cosine.
fn at_or_above(counts: &[u64], cosine: Cosine) -> u64 {
    let least = f64::from(cosine.value());
    // Bin edges are rounded to single precision when they become cosines; an offset of half a bin compensates for it.
    let half = 0.5 * (edge_of(1) - edge_of(0));
    counts.iter().enumerate().rev().take_while(|(bin, _)| edge_of(*bin) + half > least).map(|(_, n)| *n).sum()
}

/// The highest impostor cosines, descending, each with the people of its pair.
struct Tail {
    pairs: Vec<(f32, u32, u32)>,
    /// Whether there are pairs below those kept.
    cut: bool,
    /// Rows of each person.
    rows: Vec<f64>,
    /// People of the pairs that are left out.
    excluded: Vec<(usize, usize)>,
}

impl Tail {
    /// Keeps the cosines that the largest feasible rate needs, and a reserve; `None` when those would be too many or
    /// there is no rate.
    fn new(
        rows: &Rows,
        excluded: &[(usize, usize)],
        identity: &[usize],
        people: usize,
        counts: &[u64],
        rates: &[Fmr],
    ) -> Result<Option<Self>, EvalError> {
        let total: u64 = counts.iter().sum();
        // The largest rate whose pairs can be kept.
        let needed = |far: &Fmr| (far.get() * total as f64 * TAIL_RESERVE).ceil() as u64;
        let Some(wanted) = rates.iter().map(needed).filter(|n| *n <= TAIL_PAIRS).max() else { return Ok(None) };
        let mut kept = 0u64;
        let mut lowest = 0;
        for (bin, n) in counts.iter().enumerate().rev() {
            if kept >= wanted || kept.saturating_add(*n) > 2 * TAIL_PAIRS {
                break;
            }
            kept += n;
            lowest = bin;
        }
        let of = |row: usize| identity.get(row).copied().unwrap_or(0);
        let parts = each_pair(rows, excluded, Vec::new, |pairs, Pair { probe, reference, cosine }| {
            let (a, b) = (of(probe), of(reference));
            if a != b && bin_of(cosine) >= lowest {
                pairs.push((cosine as f32, a as u32, b as u32));
            }
        })?;
        let mut pairs: Vec<(f32, u32, u32)> = parts.into_iter().flatten().collect();
        // Sort by people too, so that the order does not depend on threads.
        pairs.sort_unstable_by(|x, y| y.0.total_cmp(&x.0).then_with(|| (x.1, x.2).cmp(&(y.1, y.2))));
        let mut images = vec![0.0; people];
        for &person in identity {
            if let Some(n) = images.get_mut(person) {
                *n += 1.0;
            }
        }
        let excluded = excluded.iter().map(|&(a, b)| (of(a), of(b))).filter(|(a, b)| a != b).collect();
        Ok(Some(Self { cut: (pairs.len() as u64) < total, pairs, rows: images, excluded }))
    }

    /// Interval of the lowest cosine at or above which a share of `far` of the comparisons lie.
    fn interval(&self, far: Fmr) -> Option<Interval> {
        figure_interval(self.rows.len(), |drawn| self.threshold(far, drawn))
    }

    /// The threshold when each person counts as often as drawn; a pair's weight is the product of both counts.
    fn threshold(&self, far: Fmr, drawn: &[u32]) -> Option<f64> {
        let times = |person: usize| f64::from(drawn.get(person).copied().unwrap_or(0));
        // All pairs of rows of different people: the square of the sum minus the sum of squares, halved.
        let (mut sum, mut squares) = (0.0, 0.0);
        for (person, rows) in self.rows.iter().enumerate() {
            let weight = times(person) * rows;
            sum += weight;
            squares += weight * weight;
        }
        let left_out: f64 = self.excluded.iter().map(|&(a, b)| times(a) * times(b)).sum();
        let allowed = far.get() * ((sum * sum - squares) / 2.0 - left_out);
        let mut passed = 0.0;
        let mut last = None;
        for &(cosine, a, b) in &self.pairs {
            passed += times(a as usize) * times(b as usize);
            if passed > allowed {
                return last.or(Some(cosine.into()));
            }
            last = Some(f64::from(cosine));
        }
        // All kept pairs are allowed: the threshold is at or below the lowest of them.
        if self.cut { None } else { last }
    }
}
