//! Commands that ask a gallery.

use std::fmt::Write as _;

use selfsame::Threshold;
use selfsame::gallery::{GalleryError, GallerySearch};
use serde_json::json;

use super::change::subject;
use super::{failed, open, present, samples};
use crate::args::gallery::{GalleryIdentifyArgs, VerifyArgs};
use crate::failure::Failure;
use crate::outcome::{Outcome, number};

pub fn verify(args: &VerifyArgs) -> Result<Outcome, Failure> {
    present(&args.gallery)?;
    let subject = subject(&args.subject)?;
    let probe = samples::read(&args.probe, &args.samples)?;
    let gallery = open(&args.gallery, &args.key)?;
    let threshold = Threshold::at_fmr(args.fmr);
    let verified = gallery.verify(&subject, &probe, threshold).map_err(|e| match e {
        GalleryError::UnknownSubject => Failure::plain(format!("{subject}: no such subject")),
        e => failed(&args.gallery, e),
    })?;
    let (score, matched) = (verified.score.decibels(), verified.matched);
    let needed = threshold.score().decibels();
    let verdict = if matched { "match" } else { "no match" };
    let text = format!("{verdict}: {score:.1} dB, {needed:.1} dB are needed at FMR {:e}\n", args.fmr.get());
    let json =
        json!({ "subject": subject.as_str(), "match": matched, "score": number(score), "threshold": number(needed) });
    Ok(Outcome { text, json, matched })
}

pub fn identify(args: &GalleryIdentifyArgs) -> Result<Outcome, Failure> {
    present(&args.gallery)?;
    let probe = samples::read(&args.probe, &args.samples)?;
    let gallery = open(&args.gallery, &args.key)?;
    let threshold = match args.fmr {
        Some(fmr) => Threshold::at_fmr(fmr),
        None => Threshold::at_fpir(args.fpir, gallery.len()),
    };
    let search = GallerySearch::top(args.top.get()).at_least(threshold.score());
    let found = gallery.identify(&probe, &search).map_err(|e| failed(&args.gallery, e))?;
    let mut text = String::new();
    for one in &found {
        let _ = writeln!(text, "{}  {:.1} dB", one.subject, one.score.decibels());
    }
    let needed = threshold.score().decibels();
    if found.is_empty() {
        let _ = writeln!(text, "nobody of {} subjects reaches {needed:.1} dB", gallery.len());
    }
    let candidates: Vec<_> = found
        .iter()
        .map(|one| json!({ "subject": one.subject.as_str(), "score": number(one.score.decibels()) }))
        .collect();
    let json = json!({ "match": !found.is_empty(), "threshold": number(needed), "candidates": candidates });
    Ok(Outcome { text, json, matched: !found.is_empty() })
}
