//! `selfsame eval extract`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use selfsame::eval::extraction::{ExtractionCounts, Tolerance};
use selfsame::format::{TemplateFormat, decode_templates};
use selfsame::{FingerTemplate, Limits};
use serde_json::{Value, json};

use crate::args::EvalExtractArgs;
use crate::failure::Failure;
use crate::folder::{IMAGES, Listing, some_of};
use crate::outcome::{Outcome, number, pretty};
use crate::{progress, sample, write};

/// Counts of one image, or why it has no minutiae.
type One = (ExtractionCounts, Option<String>);

pub fn run(args: &EvalExtractArgs) -> Result<Outcome, Failure> {
    let mut listing = Listing::of(&args.dir, IMAGES)?;
    let mut without = Vec::new();
    listing.files.retain(|(stem, path)| {
        let there = path.with_extension("csv").is_file();
        if !there {
            without.push(stem.clone());
        }
        there
    });
    if listing.files.is_empty() {
        let what = "no image with its true minutiae in a CSV of the same name";
        return Err(Failure::plain(format!("{}: {what}", args.dir.display())));
    }
    let extractor = sample::extractor(&args.extraction)?;
    let start = Instant::now();
    let bar = progress::bar("extracting", listing.files.len());
    let all: Vec<Result<One, Failure>> = listing
        .files
        .par_iter()
        .map(|(_, path)| {
            let truth = truth(&path.with_extension("csv"))?;
            let image = sample::image(path, args.ppi)?;
            let found = extractor.extract(&image);
            bar.inc(1);
            let (minutiae, failure) = match &found {
                Ok(template) => (template.minutiae(), None),
                Err(e) => (&[][..], Some(e.to_string())),
            };
            Ok((ExtractionCounts::compare(truth.minutiae(), minutiae, Tolerance::default()), failure))
        })
        .collect();
    bar.finish_and_clear();
    let all: Vec<One> = all.into_iter().collect::<Result<_, _>>()?;
    let seconds = start.elapsed().as_secs_f64();

    let mut sum = ExtractionCounts::default();
    let mut f1 = 0.0;
    for (counts, _) in &all {
        sum.add(counts);
        f1 += counts.f1() / all.len() as f64;
    }
    let failed: Vec<(&str, &str)> = listing
        .files
        .iter()
        .zip(&all)
        .filter_map(|((stem, _), (_, failure))| failure.as_deref().map(|f| (stem.as_str(), f)))
        .collect();

    let tolerance = Tolerance::default();
    let mut text = format!("{}: {} images with ground truth\n", args.dir.display(), all.len());
    if !without.is_empty() {
        let _ = writeln!(text, "ignored {}: {} (no CSV of the same name)", without.len(), some_of(&without));
    }
    let _ = writeln!(text, "failed extractions: {} (their minutiae count as missed)", failed.len());
    for (stem, reason) in &failed {
        let _ = writeln!(text, "  {stem}: {reason}");
    }
    let _ = writeln!(
        text,
        "{} true minutiae, {} found, {} right (within {} px and {} degrees, one to one)",
        sum.truth, sum.found, sum.matched, tolerance.distance, tolerance.angle
    );
    let _ = writeln!(text, "{sum}\nmean F1 of the images {:.2} %; {seconds:.2} s", 100.0 * f1);
    let json = json!({
        "folder": args.dir.display().to_string(),
        "ppi": number(args.ppi.get()),
        "images": all.len(),
        "without_ground_truth": without,
        "failed_extractions": failed.iter().map(|(n, r)| json!({"name": n, "reason": r})).collect::<Vec<_>>(),
        "tolerance": {"pixels": tolerance.distance, "degrees": tolerance.angle},
        "total": figures(&sum),
        "mean_f1": f1,
        "each": listing.files.iter().zip(&all).map(|((stem, _), (counts, _))| json!({"name": stem, "figures": figures(counts)})).collect::<Vec<_>>(),
        "seconds": seconds,
    });
    if let Some(folder) = &args.report {
        write::folder(folder)?;
        write::file(&folder.join("report.txt"), text.as_bytes())?;
        write::file(&folder.join("report.json"), pretty(&json).as_bytes())?;
    }
    Ok(Outcome::done(text, json))
}

fn figures(c: &ExtractionCounts) -> Value {
    json!({
        "truth": c.truth, "found": c.found, "matched": c.matched,
        "precision": c.precision(), "recall": c.recall(), "f1": c.f1(),
        "position_rms_pixels": c.position_rms(), "angle_rms_degrees": c.angle_rms(), "kind_accuracy": c.kind_accuracy(),
    })
}

fn truth(path: &PathBuf) -> Result<FingerTemplate, Failure> {
    let limits = Limits::default();
    let bytes = sample::bytes(Path::new(path), &limits)?;
    let mut templates =
        decode_templates(&bytes, TemplateFormat::Csv, None, &limits).map_err(|e| Failure::at(path, e))?;
    templates.pop().ok_or_else(|| Failure::plain(format!("{}: no minutiae", path.display())))
}
