//! `selfsame dedup`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use selfsame::index::{Dedup, DedupCheckpoint, DedupOptions, DedupProgress, Duplicate, Index};
use selfsame::text::shown;
use selfsame::{Finger, FingerTemplate, Fmr, Limits, Score, SubjectId, Threshold};
use serde_json::{Value, json};

use crate::args::DedupArgs;
use crate::failure::Failure;
use crate::folder::{Listing, SAMPLES, some_of};
use crate::outcome::{Outcome, shown_path};
use crate::{progress, sample, write};

/// Rate at which the whole search may report a false pair unless the user says otherwise.
const DEFAULT_FPIR: f64 = 1e-2;
/// References per block: some seconds of work in a gallery of thousands, which is the cost of an interruption.
const BLOCK_ROWS: usize = 16;
/// Most pairs of prints reported; their checkpoint stays below the limit for a file.
const MOST_PAIRS: usize = 1_000_000;
/// Seconds between two writes of the checkpoint.
const CHECKPOINT_SECONDS: f64 = 2.0;

pub fn run(args: &DedupArgs) -> Result<Outcome, Failure> {
    let listing = Listing::of(&args.gallery, SAMPLES)?;
    if listing.files.is_empty() {
        let what = "no images or templates";
        return Err(Failure::plain(format!("{}: {what} ({})", args.gallery.display(), SAMPLES.join(", "))));
    }
    // An unreadable checkpoint is reported before the gallery is extracted.
    let checkpoint = args.checkpoint.as_deref().map(read).transpose()?.flatten();
    let start = Instant::now();
    let (index, failed) = enroll(args, &listing)?;
    let enrollment = start.elapsed().as_secs_f64();

    let threshold = threshold(args, index.references())?;
    let mut options = DedupOptions::at_least(threshold.score()).block_rows(BLOCK_ROWS).at_most(MOST_PAIRS);
    if let Some(shortlist) = args.shortlist {
        options = options.shortlist(shortlist.get());
    }
    let start = Instant::now();
    let mut dedup = match &checkpoint {
        Some(checkpoint) => Dedup::resume(&index, options, checkpoint)
            .map_err(|e| Failure::at(args.checkpoint.as_deref().unwrap_or(&args.gallery), e))?,
        None => Dedup::new(&index, options),
    };
    let resumed = dedup.progress().rows_done;
    let bar = progress::bar("comparing", dedup.progress().rows);
    bar.set_position(resumed as u64);
    let mut kept = Instant::now();
    loop {
        let more = dedup.step().map_err(|e| Failure::at(&args.gallery, e))?;
        bar.set_position(dedup.progress().rows_done as u64);
        if let Some(path) = &args.checkpoint
            && (!more || kept.elapsed().as_secs_f64() >= CHECKPOINT_SECONDS)
        {
            write::file(path, &dedup.checkpoint().to_bytes())?;
            kept = Instant::now();
        }
        if !more {
            break;
        }
    }
    bar.finish_and_clear();
    let seconds = (enrollment, start.elapsed().as_secs_f64());
    let told =
        Told { args, listing: &listing, failed: &failed, threshold, progress: dedup.progress(), resumed, seconds };
    let found = dedup.duplicates();
    Ok(Outcome::done(told.text(&found), told.json(&found)))
}

/// The checkpoint in a file; `None` when there is no file yet.
fn read(path: &Path) -> Result<Option<DedupCheckpoint>, Failure> {
    if !path.exists() {
        return Ok(None);
    }
    let bytes = sample::bytes(path, &Limits::default())?;
    DedupCheckpoint::from_bytes(&bytes).map(Some).map_err(|e| Failure::at(path, e))
}

/// Names of files without a template, and the reasons.
type Failed = Vec<(String, String)>;

fn enroll(args: &DedupArgs, listing: &Listing) -> Result<(Index<Finger>, Failed), Failure> {
    let extractor = sample::extractor(&args.extraction)?;
    let bar = progress::bar("extracting", listing.files.len());
    let load = |(_, path): &(String, PathBuf)| -> Result<Result<FingerTemplate, String>, Failure> {
        let template = sample::template(sample::load(path, args.ppi)?, &extractor).map_err(|e| e.to_string());
        bar.inc(1);
        Ok(template)
    };
    let templates: Vec<Result<_, Failure>> = listing.files.par_iter().map(load).collect();
    bar.finish_and_clear();
    let mut index = Index::<Finger>::default();
    let mut failed = Vec::new();
    for ((stem, path), template) in listing.files.iter().zip(templates) {
        // A file keeps its name; hidden characters are made visible when shown.
        let subject = SubjectId::new_unrestricted(stem).map_err(|e| Failure::at(path, e))?;
        match template? {
            Ok(template) => index.insert(subject, &template).map_err(|e| Failure::at(path, e))?,
            Err(reason) => failed.push((stem.clone(), reason)),
        }
    }
    Ok((index, failed))
}

fn threshold(args: &DedupArgs, references: usize) -> Result<Threshold, Failure> {
    let default = Fmr::new(DEFAULT_FPIR).map_err(|e| Failure::new("threshold", e))?;
    Ok(match args.fmr {
        Some(fmr) => Threshold::at_fmr(fmr).map_err(|e| Failure::new("threshold", e))?,
        None => {
            let pairs = references.saturating_mul(references.saturating_sub(1)) / 2;
            Threshold::at_fpir(args.fpir.unwrap_or(default), pairs)
        }
    })
}

/// The report of a search.
struct Told<'a> {
    args: &'a DedupArgs,
    listing: &'a Listing,
    failed: &'a [(String, String)],
    threshold: Threshold,
    progress: DedupProgress,
    resumed: usize,
    seconds: (f64, f64),
}

impl Told<'_> {
    fn rule(&self) -> String {
        match (self.args.fmr, self.args.fpir) {
            (Some(fmr), _) => format!("FMR {:e}", fmr.get()),
            (None, fpir) => format!("FPIR {:e} of the whole search", fpir.map_or(DEFAULT_FPIR, Fmr::get)),
        }
    }

    fn text(&self, found: &[Duplicate<Score>]) -> String {
        let mut out = format!(
            "gallery {}: {} prints, enrolled in {:.2} s; threshold {:.1} dB ({})\n",
            shown_path(&self.args.gallery),
            self.progress.rows,
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
        if self.resumed > 0 {
            let _ = writeln!(out, "resumed: {} of {} prints were done", self.resumed, self.progress.rows);
        }
        let (comparisons, seconds) = (self.progress.comparisons, self.seconds.1);
        let _ = writeln!(out, "{comparisons} comparisons in all; this run took {seconds:.2} s\n");
        if found.is_empty() {
            out.push_str("no duplicates\n");
            return out;
        }
        let width = found.iter().map(|d| d.a.to_string().chars().count()).max().unwrap_or(0).max("first".len());
        let other = found.iter().map(|d| d.b.to_string().chars().count()).max().unwrap_or(0).max("second".len());
        let _ = writeln!(out, "{:<width$}  {:<other$}  {:>8}", "first", "second", "score");
        for duplicate in found {
            let (a, b, score) = (&duplicate.a, &duplicate.b, duplicate.score.decibels());
            let _ = writeln!(out, "{a:<width$}  {b:<other$}  {score:5.1} dB");
        }
        let _ = writeln!(out, "\n{} pairs", found.len());
        out
    }

    fn json(&self, found: &[Duplicate<Score>]) -> Value {
        let pairs: Vec<_> =
            found.iter().map(|d| json!({"a": d.a.as_str(), "b": d.b.as_str(), "score": d.score.decibels()})).collect();
        let failed: Vec<_> = self.failed.iter().map(|(n, r)| json!({"name": n, "reason": r})).collect();
        json!({
            "gallery": self.args.gallery.display().to_string(),
            "prints": self.progress.rows,
            "not_enrolled": failed,
            "ignored": self.listing.ignored,
            "shadowed": self.listing.shadowed,
            "threshold": self.threshold.score().decibels(),
            "rule": self.rule(),
            "resumed_at": self.resumed,
            "comparisons": self.progress.comparisons,
            "duplicates": pairs,
            "seconds": {"enrollment": self.seconds.0, "search": self.seconds.1},
        })
    }
}
