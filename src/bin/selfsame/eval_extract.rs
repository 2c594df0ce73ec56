//! `selfsame eval extract`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use selfsame::eval::extraction::{ExtractionCounts, Tolerance};
use selfsame::format::{DecodeOptions, TemplateFormat, decode};
use selfsame::{Extractor, FingerImage, FingerTemplate, Limits, Minutia, Ppi};
use serde_json::{Value, json};

use crate::args::eval::EvalExtractArgs;
use crate::failure::Failure;
use crate::folder::{IMAGES, Listing, regular, some_of};
use crate::outcome::{Outcome, number, pretty, shown_path};
use crate::{batch, sample, write};

/// Folder beside the images with masks of where minutiae count.
pub const JUDGED: &str = "judged";

/// One image.
struct One {
    counts: ExtractionCounts,
    /// The reason why it has no minutiae.
    failure: Option<Failure>,
    /// Whether a mask shows where minutiae count.
    judged: bool,
}

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
    let strict = args.batch.strict;
    let name = |(_, path): &(String, PathBuf)| path.display().to_string();
    let batch = batch::each("extracting", &listing.files, strict, name, |(_, path)| {
        let mut one = one(&extractor, regular(path)?, args.ppi)?;
        if strict && let Some(failure) = one.failure.take() { Err(failure) } else { Ok(one) }
    })?;
    let seconds = start.elapsed().as_secs_f64();
    // Without its true minutiae an image counts nowhere; without an extraction its minutiae are missed.
    let mut left_out = batch.left_out;
    let mut all = Vec::new();
    let mut stems = Vec::new();
    for (file, one) in listing.files.iter().zip(batch.each) {
        let Some(mut one) = one else { continue };
        if let Some(failure) = one.failure.take() {
            left_out.add(&name(file), failure, strict)?;
        }
        stems.push(&file.0);
        all.push(one);
    }

    let mut sum = ExtractionCounts::default();
    let mut f1 = 0.0;
    for One { counts, .. } in &all {
        sum.add(counts);
        f1 += counts.f1() / all.len() as f64;
    }
    let judged = all.iter().filter(|one| one.judged).count();
    let mut text = format!("{}: {} images with ground truth\n", shown_path(&args.dir), all.len());
    if !without.is_empty() {
        let _ = writeln!(text, "ignored {}: {} (no CSV of the same name)", without.len(), some_of(&without));
    }
    left_out.list(&mut text);
    describe(&mut text, (judged, all.len()), &sum);
    let _ = writeln!(text, "{sum}\nmean F1 of the images {:.2} %; {seconds:.2} s", 100.0 * f1);
    left_out
        .summary(&mut text, ": their minutiae count as missed, and as nothing where the truth is what cannot be read");
    let tolerance = Tolerance::default();
    let mut json = json!({
        "folder": args.dir.display().to_string(),
        "ppi": number(args.ppi.get()),
        "images": all.len(),
        "without_ground_truth": without,
        "judged": judged,
        "tolerance": {"pixels": number(tolerance.distance), "degrees": number(tolerance.angle)},
        "total": figures(&sum),
        "mean_f1": f1,
        "each": stems.iter().zip(&all).map(|(stem, one)| json!({"name": stem, "figures": figures(&one.counts)})).collect::<Vec<_>>(),
        "seconds": seconds,
    });
    left_out.tell(&mut json);
    if let Some(folder) = &args.report {
        write::folder(folder)?;
        write::file(&folder.join("report.txt"), text.as_bytes())?;
        write::file(&folder.join("report.json"), pretty(&json).as_bytes())?;
    }
    Ok(Outcome::done(text, json).leaving_out(left_out.len()))
}

/// Extracts one image and compares the minutiae found with the ground truth.
fn one(extractor: &Extractor, path: &Path, ppi: Ppi) -> Result<One, Failure> {
    let truth = truth(&path.with_extension("csv"))?;
    let judged = judged(path, ppi)?;
    let found = sample::image(path, ppi);
    let found = found.and_then(|image| extractor.extract(&image).map_err(|e| Failure::at(path, e)));
    let minutiae = found.as_ref().map_or(&[][..], FingerTemplate::minutiae);
    let counting = |minutiae: &[Minutia]| -> Vec<Minutia> {
        minutiae.iter().copied().filter(|m| judged.as_ref().is_none_or(|j| counts_at(j, m))).collect()
    };
    let counts = ExtractionCounts::compare(&counting(truth.minutiae()), &counting(minutiae), Tolerance::default());
    Ok(One { counts, failure: found.err(), judged: judged.is_some() })
}

/// The scope of the evaluation, and sums, as text.
fn describe(text: &mut String, (judged, all): (usize, usize), sum: &ExtractionCounts) {
    let tolerance = Tolerance::default();
    let _ = match judged {
        0 => writeln!(
            text,
            "no mask in {JUDGED}/ shows where minutiae count: all do, including those at the edge of the print"
        ),
        n if n == all => writeln!(text, "minutiae count where {JUDGED}/ shows it"),
        n => writeln!(text, "minutiae count where {JUDGED}/ shows it in {n} images, everywhere in the others"),
    };
    let _ = writeln!(
        text,
        "{} true minutiae, {} found, {} right (within {} px and {} degrees, one to one)",
        sum.truth, sum.found, sum.matched, tolerance.distance, tolerance.angle
    );
}

fn figures(c: &ExtractionCounts) -> Value {
    json!({
        "truth": c.truth, "found": c.found, "matched": c.matched,
        "precision": c.precision(), "recall": c.recall(), "f1": c.f1(),
        "position_rms_pixels": c.position_rms(), "angle_rms_degrees": c.angle_rms(), "kind_accuracy": c.kind_accuracy(),
    })
}

/// The mask of where minutiae count, if there is one.
fn judged(image: &Path, ppi: Ppi) -> Result<Option<FingerImage>, Failure> {
    let (Some(folder), Some(stem)) = (image.parent(), image.file_stem()) else { return Ok(None) };
    let path = folder.join(JUDGED).join(stem).with_extension("png");
    if !path.is_file() {
        return Ok(None);
    }
    sample::image(&path, ppi).map(Some)
}

/// Whether a minutia counts: its pixel is bright.
fn counts_at(judged: &FingerImage, minutia: &Minutia) -> bool {
    let (x, y) = (minutia.x.round(), minutia.y.round());
    let (width, height) = (judged.width(), judged.height());
    if !(x >= 0.0 && y >= 0.0 && x < width as f32 && y < height as f32) {
        return false;
    }
    judged.pixels().get(y as usize * width as usize + x as usize).is_some_and(|p| *p >= 128)
}

fn truth(path: &PathBuf) -> Result<FingerTemplate, Failure> {
    let limits = Limits::default();
    let bytes = sample::bytes(Path::new(path), &limits)?;
    let options = DecodeOptions { format: Some(TemplateFormat::Csv), ..DecodeOptions::default() };
    let templates = decode(&bytes, &options, &limits).and_then(|record| record.to_templates());
    let mut templates = templates.map_err(|e| Failure::at(path, e))?;
    templates.pop().ok_or_else(|| Failure::plain(format!("{}: no minutiae", path.display())))
}
