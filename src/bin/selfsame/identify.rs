//! `selfsame identify`

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use selfsame::index::{Candidate, Index, Search};
use selfsame::{Finger, FingerTemplate, Score, SubjectId, Threshold};
use serde_json::{Value, json};

use crate::args::IdentifyArgs;
use crate::batch::LeftOut;
use crate::failure::Failure;
use crate::folder::{Listing, SAMPLES, regular, some_of};
use crate::outcome::{Outcome, counted, shown_path, subjects};
use crate::rule::{Rule, decibels};
use crate::{batch, sample};

/// The candidates of a probe; `None` where it is left out.
type Found = Option<Vec<Candidate<Score>>>;

pub fn run(args: &IdentifyArgs) -> Result<Outcome, Failure> {
    let listing = Listing::of(&args.gallery, SAMPLES)?;
    if listing.files.is_empty() {
        let what = "no images or templates";
        return Err(Failure::plain(format!("{}: {what} ({})", args.gallery.display(), SAMPLES.join(", "))));
    }
    let strict = args.batch.strict;
    // Probes are read first: a typing error is reported before the gallery is extracted.
    let extractor = sample::extractor(&args.extraction)?;
    let template = |path: &PathBuf| -> Result<FingerTemplate, Failure> {
        sample::template(path, sample::load(path, args.ppi)?, &extractor)
    };
    let name = |path: &PathBuf| path.display().to_string();
    let probes = batch::each("probes", &args.probes, strict, name, template)?;
    let start = Instant::now();
    let enrolled = batch::each(
        "enrolling",
        &listing.files,
        strict,
        |(_, path)| name(path),
        |(stem, path)| {
            // A file keeps its name; hidden characters are made visible when shown.
            let subject = SubjectId::new_unrestricted(stem).map_err(|e| Failure::at(path, e))?;
            regular(path)?;
            Ok((subject, template(path)?))
        },
    )?;
    let mut index = Index::<Finger>::default();
    let mut left_out = enrolled.left_out;
    for ((_, path), one) in listing.files.iter().zip(enrolled.each) {
        if let Some((subject, template)) = one
            && let Err(e) = index.insert(subject, &template)
        {
            left_out.add(&name(path), Failure::at(path, e), strict)?;
        }
    }
    let enrollment = start.elapsed().as_secs_f64();
    let rule = Rule::of_search(args.fmr, args.fpir, index.references(), "references")?;

    let start = Instant::now();
    let search = Search::top(args.top.get());
    let mut found: Vec<Found> = Vec::with_capacity(args.probes.len());
    for (path, probe) in args.probes.iter().zip(probes.each) {
        let candidates = probe.map(|template| {
            let probe = index.prepare(&template).map_err(|e| Failure::at(path, e))?;
            index.identify(&probe, &search).map_err(|e| Failure::at(path, e))
        });
        found.push(candidates.transpose()?);
    }
    let seconds = (enrollment, start.elapsed().as_secs_f64());
    let threshold = rule.threshold();
    let matched = found.iter().flatten().any(|list| best_matches(list, threshold));
    let left_out = left_out.and(probes.left_out);
    let told = Told { args, listing: &listing, enrolled: index.len(), left_out: &left_out, rule, seconds };
    Ok(Outcome::decided(told.text(&found), told.json(&found, matched), matched).leaving_out(left_out.len()))
}

fn best_matches(list: &[Candidate<Score>], threshold: Threshold) -> bool {
    list.first().is_some_and(|c| c.score.meets(threshold))
}

/// The report of a search.
struct Told<'a> {
    args: &'a IdentifyArgs,
    listing: &'a Listing,
    enrolled: usize,
    left_out: &'a LeftOut,
    rule: Rule,
    seconds: (f64, f64),
}

impl Told<'_> {
    fn text(&self, found: &[Found]) -> String {
        let threshold = self.rule.threshold();
        let mut out = format!(
            "gallery {}: {}, enrolled in {:.2} s; threshold {:.1} dB ({})\n",
            shown_path(&self.args.gallery),
            subjects(self.enrolled),
            self.seconds.0,
            threshold.score().decibels(),
            self.rule.text()
        );
        for (names, why) in [
            (&self.listing.ignored, "no known extension"),
            (&self.listing.shadowed, "another file with the same name comes first"),
        ] {
            if !names.is_empty() {
                let _ = writeln!(out, "ignored {}: {} ({why})", names.len(), some_of(names));
            }
        }
        self.left_out.list(&mut out);
        for (path, found) in self.args.probes.iter().zip(found) {
            let _ = writeln!(out, "\n{}", shown_path(path));
            match found {
                None => out.push_str("  left out\n"),
                Some(list) => {
                    for (rank, candidate) in list.iter().enumerate() {
                        let verdict = if candidate.score.meets(threshold) { "match" } else { "" };
                        let line = format!(
                            "  {:2}. {:<24} {:6.1} dB  {verdict}",
                            rank + 1,
                            candidate.subject,
                            candidate.score.decibels()
                        );
                        let _ = writeln!(out, "{}", line.trim_end());
                    }
                    if !best_matches(list, threshold) {
                        let _ = writeln!(out, "  no match");
                    }
                }
            }
        }
        let searches = counted(found.iter().flatten().count() as u64, "search", "searches");
        let _ = writeln!(out, "\n{searches} in {:.1} ms", 1000.0 * self.seconds.1);
        self.left_out.summary(&mut out, ": they were not compared");
        out
    }

    fn json(&self, found: &[Found], matched: bool) -> Value {
        let threshold = self.rule.threshold();
        let probes: Vec<_> = self
            .args
            .probes
            .iter()
            .zip(found)
            .map(|(path, found)| match found {
                None => {
                    json!({"probe": path.display().to_string(), "left_out": true, "match": null, "candidates": []})
                }
                Some(list) => {
                    let candidates: Vec<_> = list
                        .iter()
                        .map(|c| {
                            json!({"subject": c.subject.as_str(), "score": decibels(c.score), "match": c.score.meets(threshold)})
                        })
                        .collect();
                    json!({"probe": path.display().to_string(), "left_out": false, "match": best_matches(list, threshold), "candidates": candidates})
                }
            })
            .collect();
        let mut json = json!({
            "gallery": self.args.gallery.display().to_string(),
            "subjects": self.enrolled,
            "ignored": self.listing.ignored,
            "shadowed": self.listing.shadowed,
            "threshold": decibels(threshold.score()),
            "rule": self.rule.json(),
            "match": matched,
            "probes": probes,
            "seconds": {"enrollment": self.seconds.0, "search": self.seconds.1},
        });
        self.left_out.tell(&mut json);
        json
    }
}
