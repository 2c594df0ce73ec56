//! Commands that search a gallery.

use std::fmt::Write as _;
use std::path::Path;

use selfsame::gallery::{AttemptLimit, Gallery, GalleryError, GallerySearch, Identified};
use serde_json::json;

use super::change::{subject_of, unknown};
use super::open::{builder, close, failed, open_to_read, present};
use super::samples;
use crate::args::gallery::{DecisionArgs, GalleryIdentifyArgs, KeyArgs, ReadArgs, VerifyArgs};
use crate::failure::Failure;
use crate::outcome::{Outcome, subjects};
use crate::rule::{Rule, decibels};

/// Opens a gallery that reports only decisions and limits attempts, unless requested otherwise.
fn open(path: &Path, key: &KeyArgs, read: &ReadArgs, decision: &DecisionArgs) -> Result<Gallery, Failure> {
    let mut builder = builder(key, false)?;
    if !decision.scores {
        builder = builder.decisions_only();
    }
    if !decision.unlimited {
        builder = builder.attempts(AttemptLimit::default());
    }
    open_to_read(path, builder, read)
}

pub fn verify(args: &VerifyArgs) -> Result<Outcome, Failure> {
    present(&args.gallery)?;
    let rule = Rule::of_comparison(args.fmr)?;
    let subject = subject_of(&args.subject)?;
    let probe = samples::read(&args.probe, &args.samples, true)?;
    let gallery = open(&args.gallery, &args.key, &args.read, &args.decision)?;
    let threshold = rule.threshold();
    let verified = gallery.verify(&subject, &probe, threshold);
    close(&args.gallery, &gallery)?;
    let verified = verified.map_err(|e| match e {
        GalleryError::UnknownSubject => unknown(&subject, ""),
        e => failed(&args.gallery, e),
    })?;
    let (score, matched) = (verified.score, verified.matched);
    let needed = threshold.score().decibels();
    let verdict = if matched { "match" } else { "no match" };
    let shown = score.map_or(String::new(), |score| format!("score {:.1} dB, ", score.decibels()));
    let text = format!("{verdict}: {shown}threshold {needed:.1} dB ({})\n", rule.text());
    let mut json = json!({
        "subject": subject.as_str(),
        "match": matched,
        "threshold": decibels(threshold.score()),
        "rule": rule.json(),
    });
    if let Some(score) = score {
        json["score"] = decibels(score).into();
    }
    Ok(Outcome::decided(text, json, matched))
}

pub fn identify(args: &GalleryIdentifyArgs) -> Result<Outcome, Failure> {
    present(&args.gallery)?;
    let probe = samples::read(&args.probe, &args.samples, true)?;
    let gallery = open(&args.gallery, &args.key, &args.read, &args.decision)?;
    let rule = Rule::of_search(args.fmr, args.fpir, gallery.len(), "subjects")?;
    let threshold = rule.threshold();
    let search = GallerySearch::top(args.top.get()).at_least(threshold.score());
    let found = gallery.identify(&probe, &search);
    close(&args.gallery, &gallery)?;
    let found = found.map_err(|e| failed(&args.gallery, e))?;
    let mut text = String::new();
    for one in &found {
        let score = one.score.map_or(String::new(), |score| format!("  {:.1} dB", score.decibels()));
        let _ = writeln!(text, "{}{score}", one.subject);
    }
    let needed = threshold.score().decibels();
    if found.is_empty() {
        let _ = writeln!(text, "none of {} reaches the threshold", subjects(gallery.len()));
    }
    let _ = writeln!(text, "threshold {needed:.1} dB ({})", rule.text());
    let candidate = |one: &Identified| match one.score {
        Some(score) => json!({ "subject": one.subject.as_str(), "score": decibels(score) }),
        None => json!({ "subject": one.subject.as_str() }),
    };
    let candidates: Vec<_> = found.iter().map(candidate).collect();
    let matched = !found.is_empty();
    let json = json!({
        "match": matched,
        "threshold": decibels(threshold.score()),
        "rule": rule.json(),
        "candidates": candidates,
    });
    Ok(Outcome::decided(text, json, matched))
}
