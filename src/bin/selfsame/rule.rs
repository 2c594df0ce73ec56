//! When a score is a match: the rule that was chosen, or the one that applies when none was.

use selfsame::{Fmr, Score, Threshold};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::outcome::number;

/// A comparison of two samples matches a stranger at this rate unless the user says otherwise.
pub const DEFAULT_FMR: f64 = 1e-4;
/// A search returns a stranger at this rate or a lower one unless the user says otherwise.
pub const DEFAULT_FPIR: f64 = 1e-2;

/// The rule of a match.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    fmr: Option<Fmr>,
    fpir: Option<Fmr>,
    /// The number of comparisons in one search, and what they are called.
    comparisons: Option<(usize, &'static str)>,
    default: bool,
    threshold: Threshold,
}

impl Rule {
    /// The rule of one comparison.
    pub fn of_comparison(chosen: Option<Fmr>) -> Result<Self, Failure> {
        let fmr = chosen.map_or_else(|| rate(DEFAULT_FMR), Ok)?;
        let threshold = Threshold::at_fmr(fmr).map_err(|e| Failure::new("--fmr", e))?;
        Ok(Self { fmr: Some(fmr), fpir: None, comparisons: None, default: chosen.is_none(), threshold })
    }

    /// The rule of a search that makes `count` comparisons, of references or of pairs. By default it is the stricter of the default
    /// rate of a search and that of one comparison: what `compare` calls strangers, a search does not call a match.
    pub fn of_search(fmr: Option<Fmr>, fpir: Option<Fmr>, count: usize, called: &'static str) -> Result<Self, Failure> {
        if let Some(fmr) = fmr {
            return Ok(Self { comparisons: Some((count, called)), ..Self::of_comparison(Some(fmr))? });
        }
        let of_search = Threshold::at_fpir(fpir.map_or_else(|| rate(DEFAULT_FPIR), Ok)?, count);
        let rule = Self { fmr: None, fpir, comparisons: Some((count, called)), default: false, threshold: of_search };
        if fpir.is_some() {
            return Ok(rule);
        }
        let of_one = Self::of_comparison(None)?;
        let threshold = of_search.max(of_one.threshold);
        Ok(Self { fmr: of_one.fmr, fpir: Some(rate(DEFAULT_FPIR)?), default: true, threshold, ..rule })
    }

    /// The score that must be reached.
    pub fn threshold(&self) -> Threshold {
        self.threshold
    }

    /// The rule in words.
    pub fn text(&self) -> String {
        let of_one = self.fmr.map(|fmr| format!("FMR {:e} per comparison", fmr.get()));
        let of_search = self.fpir.zip(self.comparisons).map(|(fpir, (count, called))| {
            let called = if count == 1 { called.trim_end_matches('s') } else { called };
            format!("FPIR {:e} per search of {count} {called}", fpir.get())
        });
        let mut text = match (of_one, of_search) {
            (Some(one), Some(search)) => format!("{search}, at most {one}"),
            (one, search) => one.or(search).unwrap_or_default(),
        };
        if self.default {
            text.push_str(", the default");
        }
        if !self.is_backed() {
            text.push_str("; beyond 50 dB no data back the rate");
        }
        text
    }

    /// Whether data back the rate that the threshold stands for.
    fn is_backed(&self) -> bool {
        self.threshold.score().backed_fmr().is_some()
    }

    pub fn json(&self) -> Value {
        json!({
            "fmr": self.fmr.map(Fmr::get),
            "fpir": self.fpir.map(Fmr::get),
            "comparisons": self.comparisons.map_or(1, |(count, _)| count),
            "default": self.default,
            "backed": self.is_backed(),
            "text": self.text(),
        })
    }
}

/// The threshold of a rule as JSON has it.
pub fn decibels(score: Score) -> f64 {
    number(score.decibels())
}

fn rate(rate: f64) -> Result<Fmr, Failure> {
    Fmr::new(rate).map_err(|e| Failure::new("the default rate", e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_of_one_reference_is_a_comparison_by_default() {
        let compare = Rule::of_comparison(None).unwrap();
        for count in [0, 1, 2, 100] {
            let search = Rule::of_search(None, None, count, "references").unwrap();
            assert!(search.threshold().score() >= compare.threshold().score(), "{count}");
            let apart = search.threshold().score().decibels() - compare.threshold().score().decibels();
            assert!(apart < 0.1, "{count}");
        }
        let large = Rule::of_search(None, None, 10_000, "references").unwrap();
        assert!(large.threshold().score().decibels() > 59.0);
        assert!(large.text().contains("no data back") && large.json()["backed"] == false);
        let chosen = Rule::of_search(None, Some(rate(1e-2).unwrap()), 1, "references").unwrap();
        assert_eq!(chosen.text(), "FPIR 1e-2 per search of 1 reference");
        assert!(chosen.threshold() < compare.threshold());
        assert_eq!(compare.text(), "FMR 1e-4 per comparison, the default");
    }
}
