//! Error against reject: the value of a sample quality.
//!
//! A useful quality measure is low where comparisons fail. Samples are dropped, worst quality first, and the remaining
//! errors at one fixed threshold are counted (the error-versus-discard curve of Grother and Tabassi 2007, by samples).

use super::protocol::{PairScore, SampleName, subjects};
use super::{EvalError, ScoreSet};
use crate::score::Fmr;

/// Errors that remain when samples of poor quality are dropped.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RejectCurve {
    /// The threshold for the requested FMR over all pairs, without dropping.
    pub threshold: f64,
    /// One point per requested share.
    pub points: Vec<RejectPoint>,
}

/// Errors that remain after dropping one share of the samples.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct RejectPoint {
    /// Share of the samples to drop, 0..=1.
    pub share: f64,
    /// Samples dropped.
    pub dropped: usize,
    /// Genuine pairs left.
    pub genuine: usize,
    /// Share of those pairs below the threshold; 0 when none is left.
    pub fnmr: f64,
}

impl RejectCurve {
    /// Drops each of the `shares` of the samples, those of least quality first (equal ones in the samples' order), and
    /// counts the remaining genuine pairs that score below the threshold of `fmr`. A sample without a quality counts as
    /// 0, a pair without a score as 0. `O(pairs * shares)` after sorting.
    ///
    /// ```
    /// use selfsame::Fmr;
    /// use selfsame::eval::protocol::{PairScore, SampleName};
    /// use selfsame::eval::reject::RejectCurve;
    /// let names = ["1_1", "1_2", "1_3", "2_1"].map(|n| SampleName::parse(n).unwrap());
    /// let pair = |probe, reference, score| PairScore { probe, reference, score: Some(score) };
    /// // The third sample is poor: it does not match its mates.
    /// let pairs = [pair(0, 1, 50.0), pair(0, 2, 3.0), pair(1, 2, 2.0), pair(0, 3, 5.0)];
    /// let quality = [Some(80), Some(70), Some(10), Some(60)];
    /// let curve = RejectCurve::new(&names, &quality, &pairs, Fmr::new(1e-3)?, &[0.0, 0.25])?;
    /// assert_eq!(curve.points[0].fnmr, 2.0 / 3.0);
    /// assert_eq!((curve.points[1].dropped, curve.points[1].fnmr), (1, 0.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`EvalError`] when there are no genuine or no impostor pairs, the lists differ in length, or a pair names a sample
    /// beyond them.
    pub fn new(
        names: &[SampleName],
        quality: &[Option<u8>],
        pairs: &[PairScore<f64>],
        fmr: Fmr,
        shares: &[f64],
    ) -> Result<Self, EvalError> {
        if names.len() != quality.len() {
            return Err(EvalError::Length { what: "names and qualities", left: names.len(), right: quality.len() });
        }
        let subject = subjects(names);
        let mut order: Vec<usize> = (0..quality.len()).collect();
        order.sort_by_key(|&i| (quality[i].unwrap_or(0), i));
        // Number of samples dropped before each.
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, &i)| place[i] = at);
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        for pair in pairs {
            let at = |i: usize| {
                let missing = EvalError::Index { what: "sample", index: i as i64, count: names.len() };
                subject.get(i).zip(place.get(i)).ok_or(missing)
            };
            let ((a, first), (b, second)) = (at(pair.probe)?, at(pair.reference)?);
            let score = pair.score.unwrap_or(0.0);
            if a == b { genuine.push((score, *first.min(second))) } else { impostor.push(score) }
        }
        let threshold = ScoreSet::new(genuine.iter().map(|g| g.0).collect(), impostor)?.threshold_at(fmr);
        let point = |&share: &f64| {
            let dropped = (share.clamp(0.0, 1.0) * names.len() as f64).round() as usize;
            let left = || genuine.iter().filter(|(_, place)| *place >= dropped);
            let (count, failed) = (left().count(), left().filter(|(score, _)| *score < threshold).count());
            RejectPoint { share, dropped, genuine: count, fnmr: failed as f64 / count.max(1) as f64 }
        };
        Ok(Self { threshold, points: shares.iter().map(point).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three impressions of each of four fingers; pairs with an impression `3` fail.
    fn set() -> (Vec<SampleName>, Vec<PairScore<f64>>) {
        let names: Vec<_> =
            (1..=4).flat_map(|f| (1..=3).map(move |i| SampleName::parse(&format!("{f}_{i}")).unwrap())).collect();
        let mut pairs = Vec::new();
        for probe in 0..names.len() {
            for reference in probe + 1..names.len() {
                let poor = probe % 3 == 2 || reference % 3 == 2;
                let score = if probe / 3 != reference / 3 {
                    4.0
                } else if poor {
                    1.0
                } else {
                    40.0
                };
                pairs.push(PairScore { probe, reference, score: (score > 0.0).then_some(score) });
            }
        }
        (names, pairs)
    }

    #[test]
    fn a_quality_that_knows_brings_errors_to_nothing_and_one_that_does_not_leaves_them() {
        let (names, pairs) = set();
        let fmr = Fmr::new(1e-3).unwrap();
        let shares = [0.0, 1.0 / 12.0, 1.0 / 3.0, 1.0];
        let knows: Vec<_> = (0..12).map(|i| Some(if i % 3 == 2 { 10 } else { 90 })).collect();
        let curve = RejectCurve::new(&names, &knows, &pairs, fmr, &shares).unwrap();
        let found: Vec<_> = curve.points.iter().map(|p| (p.dropped, p.genuine, p.fnmr)).collect();
        assert_eq!(found, [(0, 12, 8.0 / 12.0), (1, 10, 0.6), (4, 4, 0.0), (12, 0, 0.0)]);
        // Without a quality, samples are dropped in their order.
        let curve = RejectCurve::new(&names, &[None; 12], &pairs, fmr, &shares).unwrap();
        assert_eq!((curve.points[2].dropped, curve.points[2].genuine), (4, 7));
        assert_eq!(curve.points[2].fnmr, 5.0 / 7.0);
        assert!((4.0..=40.0).contains(&curve.threshold));
    }

    #[test]
    fn lists_that_do_not_fit_are_refused() {
        let (names, pairs) = set();
        let fmr = Fmr::new(1e-3).unwrap();
        let short = RejectCurve::new(&names, &[None; 3], &pairs, fmr, &[0.1]);
        assert!(matches!(short, Err(EvalError::Length { right: 3, .. })));
        let beyond = [PairScore { probe: 0, reference: 12, score: Some(1.0) }];
        assert!(matches!(
            RejectCurve::new(&names, &[None; 12], &beyond, fmr, &[0.1]),
            Err(EvalError::Index { index: 12, .. })
        ));
        assert!(RejectCurve::new(&names, &[None; 12], &[], fmr, &[0.1]).is_err());
    }
}
