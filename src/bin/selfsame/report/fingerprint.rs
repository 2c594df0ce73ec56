//! The page of `selfsame eval fingerprint`.

use clap::ValueEnum;
use selfsame::Fmr;
use selfsame::eval::bootstrap::{SubjectScore, det_band};
use selfsame::eval::fingerprint::FingerprintReport;
use selfsame::eval::protocol::subjects;
use selfsame::eval::reject::RejectCurve;

use super::det::{self, Curve};
use super::page::{Page, Section};
use super::pairs::Pairs;
use super::{histogram, machine, rates, reject};
use crate::args::eval::EvalFingerprintArgs;
use crate::args::{ExtractionArgs, ExtractorKind};
use crate::failure::Failure;
use crate::outcome::counted;

/// What the page is made of.
pub struct Content<'a> {
    pub args: &'a EvalFingerprintArgs,
    pub report: &'a FingerprintReport,
    pub pairs: Pairs<'a>,
    /// Qualities of the samples; empty when no template states one.
    pub quality: &'a [Option<u8>],
    /// Images, templates, files left out, files ignored.
    pub files: [usize; 4],
    pub mean_minutiae: f64,
}

/// The page.
pub fn page(content: &Content<'_>) -> Result<String, Failure> {
    let r = content.report;
    let lead = format!(
        "{}: {} of {}, {} genuine and {} impostor pairs",
        content.args.dir.display(),
        counted(r.impressions as u64, "impression", "impressions"),
        counted(r.fingers as u64, "finger", "fingers"),
        r.all.genuine(),
        r.all.impostor()
    );
    let mut page = Page::new("Fingerprint error rates", &lead);
    let usual = rates::usual(&r.all, r.intervals.as_ref());
    let thousandth = usual.iter().find(|u| u.name == "FMR1000").map_or(f64::NAN, |u| u.at.threshold);
    let mut tiles: Vec<(String, &str)> = usual.iter().take(3).map(|u| (u.text(), u.name)).collect();
    tiles.push((rates::threshold(thousandth, 1, "dB"), "threshold at FMR1000"));
    page.tiles(&tiles);
    page.side_by_side(&[trade_off(content, &usual), scores(content, thousandth)]);
    let mut table = Section::new("Rates of all pairs");
    rates::table(&mut table, &usual, 1, "dB");
    let limit = f64::from(content.pairs.threshold.score().decibels());
    let (fmr, fnmr) = rates::at(&r.all, limit);
    table.note(&format!(
        "At the default threshold of {limit:.1} dB, which stands for an FMR of 0.01 %: FMR {fmr}; FNMR {fnmr}."
    ));
    table.note(
        "Intervals are a bootstrap over fingers: 95 %. Where no error was seen, the rate is not zero but fewer than 3/N with 95 % \
         confidence (rule of three), if the N comparisons were independent; those of one finger are not, so the truth may be higher.",
    );
    page.section(&table);
    let curve = if content.quality.is_empty() { None } else { Some(rejected(content)?) };
    page.section(&reject::section(curve.as_ref()));
    page.section(&content.pairs.section()?);
    let mut facts = settings(content);
    facts.extend(machine::facts());
    let mut section = Section::new("Settings and machine");
    section.facts(&facts);
    page.section(&section);
    Ok(page.finish())
}

fn trade_off(content: &Content<'_>, usual: &[rates::Usual]) -> Section {
    let r = content.report;
    let subject = subjects(content.pairs.names);
    let scores: Vec<SubjectScore> = content
        .pairs
        .pairs
        .iter()
        .filter_map(|p| {
            let (probe, reference) = (*subject.get(p.probe)?, *subject.get(p.reference)?);
            Some(SubjectScore { probe, reference, score: p.score.unwrap_or(0.0) })
        })
        .collect();
    let at = det::rates(&r.all);
    let band = det_band(&scores, r.fingers, &at).unwrap_or_default();
    let band: Vec<_> = at.iter().map(|fmr| fmr.get()).zip(band).collect();
    let mut key = vec![("c1", "all pairs of different fingers, with their 95 % band".to_owned())];
    let mut curves = vec![Curve { class: "c1", set: &r.all, band }];
    if let Some(first) = &r.first {
        curves.push(Curve { class: "c2", set: first, band: Vec::new() });
        key.push(("c2", "first impressions only (FVC)".to_owned()));
    }
    let limit = f64::from(content.pairs.threshold.score().decibels());
    let mut marks: Vec<_> = usual.iter().take(3).map(|u| (u.at, u.name.to_owned(), u.name == "EER")).collect();
    marks.push((r.all.at_threshold(limit), format!("{limit:.0} dB"), true));
    det::section(&curves, &key, &marks)
}

fn scores(content: &Content<'_>, thousandth: f64) -> Section {
    let all = &content.report.all;
    let limit = f64::from(content.pairs.threshold.score().decibels());
    let thresholds = [(limit, format!("default {limit:.0} dB")), (thousandth, "FMR1000".to_owned())];
    histogram::section(&content.report.histogram, (all.genuine(), all.impostor()), "score, dB", &thresholds)
}

fn rejected(content: &Content<'_>) -> Result<RejectCurve, Failure> {
    let fmr = Fmr::new(1e-3).map_err(|e| Failure::plain(e.to_string()))?;
    RejectCurve::new(content.pairs.names, content.quality, content.pairs.pairs, fmr, &reject::SHARES)
        .map_err(|e| Failure::at(&content.args.dir, e))
}

fn settings(content: &Content<'_>) -> Vec<(&'static str, String)> {
    let args = content.args;
    let [images, templates, left_out, ignored] = content.files;
    let ppi = match args.ppi {
        Some(ppi) => format!("{} (--ppi)", ppi.get()),
        None => "as each file states".to_owned(),
    };
    let mut facts = vec![
        ("folder", args.dir.display().to_string()),
        ("files", format!("{images} images, {templates} templates; {left_out} left out, {ignored} ignored")),
        ("resolution, ppi", ppi),
        ("extractor", extractor(&args.extraction)),
    ];
    facts.extend(args.reference_extractor.map(|kind| ("extractor of references", named(kind))));
    facts.push(("minutiae on average", format!("{:.1}", content.mean_minutiae)));
    facts.extend(args.enroll.map(|k| ("impressions enrolled", format!("{k} (figures in report.txt)"))));
    let (genuine, impostor) = content.report.without_template;
    facts.push(("pairs without a template, scored 0", format!("{genuine} genuine, {impostor} impostor")));
    if let Some(i) = &content.report.intervals {
        facts.push(("intervals", format!("bootstrap over fingers, {} replicates, seed {}", i.replicates, i.seed)));
    }
    facts
}

fn extractor(args: &ExtractionArgs) -> String {
    match &args.weights {
        Some(path) => format!("learned, weights of {}", path.display()),
        None => named(args.extractor),
    }
}

fn named(kind: ExtractorKind) -> String {
    kind.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}
