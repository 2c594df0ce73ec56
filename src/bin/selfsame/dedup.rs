//! `selfsame dedup`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use selfsame::index::{Dedup, DedupCheckpoint, DedupOptions, DedupProgress, Duplicate, Index};
use selfsame::{Finger, Limits, Score, SubjectId};
use serde_json::{Value, json};

use crate::args::DedupArgs;
use crate::batch::LeftOut;
use crate::failure::Failure;
use crate::folder::{Listing, SAMPLES, regular, some_of};
use crate::outcome::{Outcome, counted, shown_path};
use crate::rule::{Rule, decibels};
use crate::{batch, progress, sample, write};

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
    let (index, left_out) = enroll(args, &listing)?;
    let enrollment = start.elapsed().as_secs_f64();

    let references = index.references();
    let pairs = references.saturating_mul(references.saturating_sub(1)) / 2;
    let rule = Rule::of_search(args.fmr, args.fpir, pairs, "pairs")?;
    let mut options = DedupOptions::at_least(rule.threshold().score()).block_rows(BLOCK_ROWS).at_most(MOST_PAIRS);
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
        Told { args, listing: &listing, left_out: &left_out, rule, progress: dedup.progress(), resumed, seconds };
    let found = dedup.duplicates();
    Ok(Outcome::done(told.text(&found), told.json(&found)).leaving_out(left_out.len()))
}

/// The checkpoint in a file; `None` when there is no file yet.
fn read(path: &Path) -> Result<Option<DedupCheckpoint>, Failure> {
    if !path.exists() {
        return Ok(None);
    }
    let bytes = sample::bytes(path, &Limits::default())?;
    DedupCheckpoint::from_bytes(&bytes).map(Some).map_err(|e| Failure::at(path, e))
}

fn enroll(args: &DedupArgs, listing: &Listing) -> Result<(Index<Finger>, LeftOut), Failure> {
    let extractor = sample::extractor(&args.extraction)?;
    let strict = args.batch.strict;
    let name = |(_, path): &(String, PathBuf)| path.display().to_string();
    let enrolled = batch::each("extracting", &listing.files, strict, name, |(stem, path)| {
        // A file keeps its name; hidden characters are made visible when shown.
        let subject = SubjectId::new_unrestricted(stem).map_err(|e| Failure::at(path, e))?;
        Ok((subject, sample::template(path, sample::load(regular(path)?, args.ppi)?, &extractor)?))
    })?;
    let mut index = Index::<Finger>::default();
    let mut left_out = enrolled.left_out;
    for (file, one) in listing.files.iter().zip(enrolled.each) {
        if let Some((subject, template)) = one
            && let Err(e) = index.insert(subject, &template)
        {
            left_out.add(&name(file), Failure::at(&file.1, e), strict)?;
        }
    }
    Ok((index, left_out))
}

/// The report of a search.
struct Told<'a> {
    args: &'a DedupArgs,
    listing: &'a Listing,
    left_out: &'a LeftOut,
    rule: Rule,
    progress: DedupProgress,
    resumed: usize,
    seconds: (f64, f64),
}

impl Told<'_> {
    fn text(&self, found: &[Duplicate<Score>]) -> String {
        let mut out = format!(
            "gallery {}: {} prints, enrolled in {:.2} s; threshold {:.1} dB ({})\n",
            shown_path(&self.args.gallery),
            self.progress.rows,
            self.seconds.0,
            self.rule.threshold().score().decibels(),
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
        if self.resumed > 0 {
            let _ = writeln!(out, "resumed: {} of {} prints were done", self.resumed, self.progress.rows);
        }
        let (comparisons, seconds) = (self.progress.comparisons, self.seconds.1);
        let _ = writeln!(out, "{comparisons} comparisons in all; this run took {seconds:.2} s\n");
        if found.is_empty() {
            out.push_str("no duplicates\n");
        } else {
            table(&mut out, found);
        }
        self.left_out.summary(&mut out, ": they were not compared");
        out
    }

    fn json(&self, found: &[Duplicate<Score>]) -> Value {
        let pairs: Vec<_> =
            found.iter().map(|d| json!({"a": d.a.as_str(), "b": d.b.as_str(), "score": decibels(d.score)})).collect();
        let mut json = json!({
            "gallery": self.args.gallery.display().to_string(),
            "prints": self.progress.rows,
            "ignored": self.listing.ignored,
            "shadowed": self.listing.shadowed,
            "threshold": decibels(self.rule.threshold().score()),
            "rule": self.rule.json(),
            "resumed_at": self.resumed,
            "comparisons": self.progress.comparisons,
            "duplicates": pairs,
            "seconds": {"enrollment": self.seconds.0, "search": self.seconds.1},
        });
        self.left_out.tell(&mut json);
        json
    }
}

/// The pairs, aligned.
fn table(out: &mut String, found: &[Duplicate<Score>]) {
    let width = found.iter().map(|d| d.a.to_string().chars().count()).max().unwrap_or(0).max("first".len());
    let other = found.iter().map(|d| d.b.to_string().chars().count()).max().unwrap_or(0).max("second".len());
    let _ = writeln!(out, "{:<width$}  {:<other$}  {:>8}", "first", "second", "score");
    for duplicate in found {
        let (a, b, score) = (&duplicate.a, &duplicate.b, duplicate.score.decibels());
        let _ = writeln!(out, "{a:<width$}  {b:<other$}  {score:5.1} dB");
    }
    let _ = writeln!(out, "\n{}", counted(found.len() as u64, "pair", "pairs"));
}
