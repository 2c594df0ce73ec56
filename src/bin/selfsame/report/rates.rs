//! The usual rates of a set with their thresholds, in words and as marks of a chart.

use selfsame::Fmr;
use selfsame::eval::bootstrap::{Interval, RateIntervals};
use selfsame::eval::{DetPoint, ScoreSet};

use super::page::Section;
use crate::rate;

/// One rate.
pub struct Usual {
    pub name: &'static str,
    meaning: &'static str,
    /// Where it is on the curve.
    pub at: DetPoint,
    value: f64,
    interval: Option<Interval>,
    /// Comparisons that could have been errors.
    count: usize,
}

impl Usual {
    /// What it is.
    pub fn meaning(&self) -> &'static str {
        self.meaning
    }

    /// The rate in words.
    pub fn text(&self) -> String {
        rate::rate(self.value, self.count)
    }
}

/// EER, FMR100, FMR1000 and ZeroFMR of a set.
pub fn usual(set: &ScoreSet, intervals: Option<&RateIntervals>) -> Vec<Usual> {
    let rates = set.rates();
    let genuine = set.genuine();
    let det = set.det();
    let equal = det.iter().position(|p| p.fnmr >= p.fmr).and_then(|k| det.get(k)).copied();
    let equal = DetPoint { fmr: rates.eer, fnmr: rates.eer, threshold: equal.map_or(f64::NAN, |p| p.threshold) };
    let at = |fmr: f64| Fmr::new(fmr).map_or(equal, |fmr| set.at_threshold(set.threshold_at(fmr)));
    let free = det.iter().find(|p| p.fmr <= 0.0).copied().unwrap_or(equal);
    let one = |name, meaning, at, value, interval, count| Usual { name, meaning, at, value, interval, count };
    vec![
        one("EER", "FMR and FNMR are equal", equal, rates.eer, intervals.map(|i| i.eer), genuine.min(set.impostor())),
        one("FMR100", "FNMR where the FMR is 1 %", at(0.01), rates.fmr100, intervals.map(|i| i.fmr100), genuine),
        one("FMR1000", "FNMR where the FMR is 0.1 %", at(0.001), rates.fmr1000, intervals.map(|i| i.fmr1000), genuine),
        one("ZeroFMR", "FNMR without a false match", free, rates.zero_fmr, intervals.map(|i| i.zero_fmr), genuine),
    ]
}

/// The rates as a table; `digits` and `unit` are of thresholds.
pub fn table(section: &mut Section, usual: &[Usual], digits: usize, unit: &str) {
    let row = |u: &Usual| {
        let interval = u.interval.map_or("-".to_owned(), |i| rate::interval(i, u.count));
        vec![u.name.to_owned(), u.meaning.to_owned(), u.text(), interval, threshold(u.at.threshold, digits, unit)]
    };
    section.table(&["", "meaning", "rate", "95 % interval", "threshold"], &usual.iter().map(row).collect::<Vec<_>>());
}

/// A threshold with its unit.
pub fn threshold(value: f64, digits: usize, unit: &str) -> String {
    format!("{value:.digits$} {unit}").trim_end().to_owned()
}

/// The rates at a threshold, each in words: FMR, FNMR.
pub fn at(set: &ScoreSet, threshold: f64) -> (String, String) {
    let p = set.at_threshold(threshold);
    (rate::rate(p.fmr, set.impostor()), rate::rate(p.fnmr, set.genuine()))
}
