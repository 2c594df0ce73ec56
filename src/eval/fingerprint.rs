//! Error rates of a set of fingerprints, as in the Fingerprint Verification Competitions.

use super::bootstrap::{self, RateIntervals, SubjectScore};
use super::params::HISTOGRAM_BINS;
use super::protocol::{PairScore, SampleName, subjects};
use super::{EvalError, Histogram, ScoreSet};

/// Rates of one set of fingers with several impressions each.
///
/// Genuine: all pairs of impressions of one finger. Impostor, all: all pairs of impressions of two fingers. Impostor, FVC:
/// pairs of impressions named `1` of two fingers, as in the competitions' protocol. A pair whose extraction failed
/// counts as score 0.
#[derive(Clone, Debug)]
pub struct FingerprintReport {
    /// Number of fingers.
    pub fingers: usize,
    /// Number of impressions.
    pub impressions: usize,
    /// Genuine pairs against all cross-finger pairs.
    pub all: ScoreSet,
    /// Genuine pairs against pairs of first impressions; `None` when fewer than two fingers have an impression `1`.
    pub first: Option<ScoreSet>,
    /// Intervals for `all`, by a bootstrap over fingers.
    pub intervals: Option<RateIntervals>,
    /// Genuine and impostor scores.
    pub histogram: Histogram,
    /// Pairs that count as 0 because a template is missing: genuine, impostor.
    pub without_template: (usize, usize),
}

impl FingerprintReport {
    /// Computes rates from the scores of pairs of samples; `names[pair.probe]` names the probe's subject and sample.
    ///
    /// # Errors
    /// [`EvalError`] when there are no genuine or no impostor pairs, or a pair names a sample beyond the list.
    pub fn new(names: &[SampleName], pairs: &[PairScore<f64>]) -> Result<Self, EvalError> {
        let subject = subjects(names);
        let name = |index: usize| {
            let missing = EvalError::Index { what: "sample", index: index as i64, count: names.len() };
            names.get(index).zip(subject.get(index)).ok_or(missing)
        };
        let (mut genuine, mut impostor, mut first) = (Vec::new(), Vec::new(), Vec::new());
        let mut scores = Vec::with_capacity(pairs.len());
        let mut without_template = (0, 0);
        for pair in pairs {
            let ((a, probe), (b, reference)) = (name(pair.probe)?, name(pair.reference)?);
            let score = pair.score.unwrap_or(0.0);
            scores.push(SubjectScore { probe: *probe, reference: *reference, score });
            let missing = usize::from(pair.score.is_none());
            if probe == reference {
                genuine.push(score);
                without_template.0 += missing;
            } else {
                impostor.push(score);
                without_template.1 += missing;
                if a.sample() == "1" && b.sample() == "1" {
                    first.push(score);
                }
            }
        }
        let histogram = Histogram::new(&genuine, &impostor, HISTOGRAM_BINS);
        let fingers = subject.iter().max().map_or(0, |m| m + 1);
        let first = if first.is_empty() { None } else { Some(ScoreSet::new(genuine.clone(), first)?) };
        let all = ScoreSet::new(genuine, impostor)?;
        let intervals = bootstrap::intervals(&scores, fingers);
        Ok(Self { fingers, impressions: names.len(), all, first, intervals, histogram, without_template })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_protocols_count_their_pairs() {
        let names: Vec<_> =
            (1..=10).flat_map(|f| (1..=8).map(move |i| SampleName::parse(&format!("{f}_{i}")).unwrap())).collect();
        let mut pairs = Vec::new();
        for probe in 0..names.len() {
            for reference in probe + 1..names.len() {
                let genuine = names[probe].subject() == names[reference].subject();
                let score = if probe == 3 || reference == 3 { None } else { Some(if genuine { 30.0 } else { 5.0 }) };
                pairs.push(PairScore { probe, reference, score });
            }
        }
        let report = FingerprintReport::new(&names, &pairs).unwrap();
        assert_eq!((report.fingers, report.impressions), (10, 80));
        assert_eq!((report.all.genuine(), report.all.impostor()), (280, 2880));
        assert_eq!(report.first.as_ref().map(ScoreSet::impostor), Some(45));
        // Sample 3 failed: 7 genuine and 72 impostor pairs count as 0.
        assert_eq!(report.without_template, (7, 72));
        assert_eq!(report.all.zero_fmr(), 7.0 / 280.0);
        let beyond = [PairScore { probe: 0, reference: 80, score: Some(1.0) }];
        assert!(matches!(FingerprintReport::new(&names, &beyond), Err(EvalError::Index { index: 80, .. })));
    }
}
