//! `selfsame identify`

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use rayon::prelude::*;
use selfsame::index::{Candidate, Index, Search};
use selfsame::text::shown;
use selfsame::{Extractor, Finger, FingerTemplate, Fmr, Score, SubjectId, Threshold};
use serde_json::{Value, json};

use crate::args::IdentifyArgs;
use crate::failure::Failure;
use crate::folder::{Listing, SAMPLES, some_of};
use crate::outcome::{Outcome, number, shown_path, subjects};
use crate::{progress, sample};

/// Rate at which a search may return a stranger unless the user says otherwise.
const DEFAULT_FPIR: f64 = 1e-2;

/// The result of a search for one probe.
enum Found {
    Candidates(Vec<Candidate<Score>>),
    /// The reason why the probe has no template.
    NoTemplate(String),
}

pub fn run(args: &IdentifyArgs) -> Result<Outcome, Failure> {
    let listing = Listing::of(&args.gallery, SAMPLES)?;
    if listing.files.is_empty() {
        let what = "no images or templates";
        return Err(Failure::plain(format!("{}: {what} ({})", args.gallery.display(), SAMPLES.join(", "))));
    }
    // Probes are read first: a typing error is reported before the gallery is extracted.
    let extractor = sample::extractor(&args.extraction)?;
    let probes = templates(&args.probes, args, &extractor, "probes")?;
    let start = Instant::now();
    let paths: Vec<PathBuf> = listing.files.iter().map(|(_, path)| path.clone()).collect();
    let gallery = templates(&paths, args, &extractor, "enrolling")?;
    let mut index = Index::<Finger>::default();
    let mut failed = Vec::new();
    for ((stem, path), template) in listing.files.iter().zip(gallery) {
        // A file keeps its name; hidden characters are made visible when shown.
        let subject = SubjectId::new_unrestricted(stem).map_err(|e| Failure::at(path, e))?;
        match template {
            Ok(template) => index.insert(subject, &template).map_err(|e| Failure::at(path, e))?,
            Err(reason) => failed.push((stem.clone(), reason)),
        }
    }
    let enrollment = start.elapsed().as_secs_f64();
    let threshold = threshold(args, index.references())?;

    let start = Instant::now();
    let search = Search::top(args.top.get());
    let mut found = Vec::with_capacity(probes.len());
    for (path, probe) in args.probes.iter().zip(probes) {
        found.push(match probe {
            Ok(template) => {
                let probe = index.prepare(&template).map_err(|e| Failure::at(path, e))?;
                Found::Candidates(index.identify(&probe, &search).map_err(|e| Failure::at(path, e))?)
            }
            Err(reason) => Found::NoTemplate(reason),
        });
    }
    let seconds = (enrollment, start.elapsed().as_secs_f64());
    if let [Found::NoTemplate(first), ..] = found.as_slice()
        && found.iter().all(|f| matches!(f, Found::NoTemplate(_)))
    {
        return Err(Failure::at(&args.probes[0], first.clone()));
    }
    let matched = found.iter().any(|f| matches!(f, Found::Candidates(list) if best_matches(list, threshold)));
    let told = Told { args, listing: &listing, enrolled: index.len(), failed: &failed, threshold, seconds };
    Ok(Outcome { text: told.text(&found), json: told.json(&found, matched), matched })
}

fn best_matches(list: &[Candidate<Score>], threshold: Threshold) -> bool {
    list.first().is_some_and(|c| c.score.meets(threshold))
}

fn threshold(args: &IdentifyArgs, gallery: usize) -> Result<Threshold, Failure> {
    let default = Fmr::new(DEFAULT_FPIR).map_err(|e| Failure::new("threshold", e))?;
    Ok(match args.fmr {
        Some(fmr) => Threshold::at_fmr(fmr).map_err(|e| Failure::new("threshold", e))?,
        None => Threshold::at_fpir(args.fpir.unwrap_or(default), gallery),
    })
}

/// Templates of files in order, or why extraction failed; an unreadable file ends the command.
fn templates(
    paths: &[PathBuf],
    args: &IdentifyArgs,
    extractor: &Extractor,
    what: &'static str,
) -> Result<Vec<Result<FingerTemplate, String>>, Failure> {
    let bar = progress::bar(what, paths.len());
    let all: Vec<Result<_, Failure>> = paths
        .par_iter()
        .map(|path| {
            let template = sample::template(sample::load(path, args.ppi)?, extractor).map_err(|e| e.to_string());
            bar.inc(1);
            Ok(template)
        })
        .collect();
    bar.finish_and_clear();
    all.into_iter().collect()
}

/// The report of a search.
struct Told<'a> {
    args: &'a IdentifyArgs,
    listing: &'a Listing,
    enrolled: usize,
    failed: &'a [(String, String)],
    threshold: Threshold,
    seconds: (f64, f64),
}

impl Told<'_> {
    fn rule(&self) -> String {
        match (self.args.fmr, self.args.fpir) {
            (Some(fmr), _) => format!("FMR {:e}", fmr.get()),
            (None, fpir) => format!("FPIR {:e}", fpir.map_or(DEFAULT_FPIR, Fmr::get)),
        }
    }

    fn text(&self, found: &[Found]) -> String {
        let mut out = format!(
            "gallery {}: {}, enrolled in {:.2} s; threshold {:.1} dB ({})\n",
            shown_path(&self.args.gallery),
            subjects(self.enrolled),
            self.seconds.0,
            self.threshold.score().decibels(),
            self.rule()
        );
        for (names, why) in [
            (&self.listing.ignored, "no known extension"),
            (&self.listing.shadowed, "another file with the same name comes first"),
        ] {
            if !names.is_empty() {
                let _ = writeln!(out, "ignored {}: {} ({why})", names.len(), some_of(names));
            }
        }
        for (stem, reason) in self.failed {
            let _ = writeln!(out, "not enrolled: {}: {}", shown(stem), shown(reason));
        }
        for (path, found) in self.args.probes.iter().zip(found) {
            let _ = writeln!(out, "\n{}", shown_path(path));
            match found {
                Found::NoTemplate(reason) => {
                    let _ = writeln!(out, "  no match: {}", shown(reason));
                }
                Found::Candidates(list) => {
                    for (rank, candidate) in list.iter().enumerate() {
                        let verdict = if candidate.score.meets(self.threshold) { "match" } else { "" };
                        let line = format!(
                            "  {:2}. {:<24} {:6.1} dB  {verdict}",
                            rank + 1,
                            candidate.subject,
                            candidate.score.decibels()
                        );
                        let _ = writeln!(out, "{}", line.trim_end());
                    }
                    if !best_matches(list, self.threshold) {
                        let _ = writeln!(out, "  no match");
                    }
                }
            }
        }
        let _ = writeln!(out, "\n{} searches in {:.1} ms", found.len(), 1000.0 * self.seconds.1);
        out
    }

    fn json(&self, found: &[Found], matched: bool) -> Value {
        let probes: Vec<_> = self
            .args
            .probes
            .iter()
            .zip(found)
            .map(|(path, found)| match found {
                Found::NoTemplate(reason) => {
                    json!({"probe": path.display().to_string(), "match": false, "reason": reason, "candidates": []})
                }
                Found::Candidates(list) => {
                    let candidates: Vec<_> = list
                        .iter()
                        .map(|c| {
                            json!({"subject": c.subject.as_str(), "score": number(c.score.decibels()), "match": c.score.meets(self.threshold)})
                        })
                        .collect();
                    json!({"probe": path.display().to_string(), "match": best_matches(list, self.threshold), "candidates": candidates})
                }
            })
            .collect();
        let failed: Vec<_> = self.failed.iter().map(|(n, r)| json!({"name": n, "reason": r})).collect();
        json!({
            "gallery": self.args.gallery.display().to_string(),
            "subjects": self.enrolled,
            "not_enrolled": failed,
            "ignored": self.listing.ignored,
            "shadowed": self.listing.shadowed,
            "threshold": number(self.threshold.score().decibels()),
            "rule": self.rule(),
            "match": matched,
            "probes": probes,
            "seconds": {"enrollment": self.seconds.0, "search": self.seconds.1},
        })
    }
}
