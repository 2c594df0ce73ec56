//! `selfsame compare`

use selfsame::{Comparator, Finger, FingerTemplate, Score};
use serde_json::json;

use crate::args::CompareArgs;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::rule::{Rule, decibels};
use crate::sample;

pub fn run(args: &CompareArgs) -> Result<Outcome, Failure> {
    let rule = Rule::of_comparison(args.fmr)?;
    let extractor = sample::extractor(&args.extraction)?;
    let mut templates: Vec<FingerTemplate> = Vec::with_capacity(2);
    for path in [&args.a, &args.b] {
        let loaded = sample::load(path, args.ppi)?;
        templates.push(sample::template(path, loaded, &extractor)?);
    }
    let [a, b] = templates.as_slice() else { return Err(Failure::plain("two samples are needed")) };
    let score = Comparator::<Finger>::new()
        .compare_templates(a, b)
        .map_err(|e| Failure::new(format!("cannot compare {} with {}", args.a.display(), args.b.display()), e))?;
    let threshold = rule.threshold();
    let matched = score.meets(threshold);
    let text = format!(
        "score {:.1} dB, which corresponds to a false match rate {}\n{}: threshold {:.1} dB ({}); {} and {} minutiae\n",
        score.decibels(),
        rate(score),
        if matched { "match" } else { "no match" },
        threshold.score().decibels(),
        rule.text(),
        a.minutiae().len(),
        b.minutiae().len(),
    );
    let json = json!({
        "a": args.a.display().to_string(),
        "b": args.b.display().to_string(),
        "minutiae": [a.minutiae().len(), b.minutiae().len()],
        "score": decibels(score),
        "fmr": score.backed_fmr(),
        "fmr_below": score.backed_fmr().is_none().then(backed_to),
        "threshold": decibels(threshold.score()),
        "rule": rule.json(),
        "match": matched,
    });
    Ok(Outcome::decided(text, json, matched))
}

/// The lowest false match rate that data back.
fn backed_to() -> f64 {
    // Powers of ten are not exact in binary; this one is meant.
    format!("{:.0e}", Score::from_decibels(Score::BACKED_TO).fmr()).parse().unwrap_or_default()
}

/// The false match rate of a score in words.
fn rate(score: Score) -> String {
    score.backed_fmr().map_or_else(|| format!("below {:e}", backed_to()), |fmr| format!("of {fmr:.1e}"))
}
