//! `selfsame eval fingerprint`

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use selfsame::eval::ScoreSet;
use selfsame::eval::bootstrap::Interval;
use selfsame::eval::fingerprint::FingerprintReport;
use selfsame::eval::protocol::{PairScore, SampleName, score_all_pairs_between};
use selfsame::eval::reject::{RejectCurve, RejectPoint};
use selfsame::{Finger, FingerTemplate, Fmr, Score};
use serde_json::{Value, json};

use crate::args::eval::EvalFingerprintArgs;
use crate::batch::LeftOut;
use crate::eval_folder::{samples, templates};
use crate::failure::Failure;
use crate::folder::{Listing, some_of};
use crate::outcome::{Outcome, pretty, shown_path};
use crate::report::fingerprint as page;
use crate::report::pairs::Pairs;
use crate::rule::Rule;
use crate::{eval_enroll, plot, progress, rate, sample, write};

/// Scores at which calibration is checked, dB: FMR 1e-2, 1e-3, 1e-4.
const CALIBRATION: [f64; 3] = [20.0, 30.0, 40.0];
/// Shares of the samples, worst quality first, to drop before errors are counted again.
const REJECTED: [f64; 4] = [0.0, 0.05, 0.1, 0.2];
/// FMR whose threshold is used for that count.
const REJECT_FMR: f64 = 1e-3;

pub fn run(args: &EvalFingerprintArgs) -> Result<Outcome, Failure> {
    write::check(&[args.scores.as_deref()], args.force.force)?;
    let (listing, names) = samples(&args.dir)?;

    let start = Instant::now();
    let strict = args.batch.strict;
    let mut extracted = templates(&listing, args.ppi, &sample::extractor(&args.extraction)?, strict)?;
    let others = match args.reference_extractor {
        Some(kind) => {
            let others = templates(&listing, args.ppi, &sample::extractor_of(kind)?, strict)?;
            extracted.left_out = extracted.left_out.or_longer(others.left_out);
            Some(others.templates)
        }
        None => None,
    };
    let extraction = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let count = names.len() * (names.len() - 1) / 2;
    let bar = progress::bar("comparing", count);
    let templates: Vec<Option<FingerTemplate>> = extracted.templates;
    let references = others.as_ref().unwrap_or(&templates);
    let pairs = score_all_pairs_between(&Finger::default(), &templates, references, |n| bar.inc(n as u64))
        .map_err(|e| Failure::new("cannot compare", e))?;
    bar.finish_and_clear();
    let comparison = start.elapsed().as_secs_f64();

    if let Some(path) = &args.scores {
        write::output(path, scores_csv(&names, &pairs).as_bytes(), args.force.force)?;
    }
    let pairs: Vec<_> = pairs
        .into_iter()
        .map(|p| PairScore { probe: p.probe, reference: p.reference, score: p.score.map(|s| f64::from(s.decibels())) })
        .collect();
    let report = FingerprintReport::new(&names, &pairs).map_err(|e| Failure::at(&args.dir, e))?;
    let quality: Vec<Option<u8>> = templates.iter().map(|t| t.as_ref().map(|t| t.quality().unwrap_or(0))).collect();
    let reject = if templates.iter().flatten().any(|t| t.quality().is_some()) {
        let fmr = Fmr::new(REJECT_FMR).map_err(|e| Failure::plain(e.to_string()))?;
        let curve = RejectCurve::new(&names, &quality, &pairs, fmr, &REJECTED);
        Some(curve.map_err(|e| Failure::at(&args.dir, e))?)
    } else {
        None
    };
    let enrolled = args.enroll.map(|k| eval_enroll::run(&names, &templates, usize::from(k))).transpose()?;
    let summary = Summary {
        dir: &args.dir,
        report: &report,
        reject: reject.as_ref(),
        listing: &listing,
        images: extracted.images,
        records: extracted.records,
        left_out: &extracted.left_out,
        minutiae: templates.iter().flatten().map(|t| t.minutiae().len()).sum::<usize>() as f64
            / templates.iter().flatten().count().max(1) as f64,
        seconds: (extraction, comparison),
    };
    let (mut text, mut json) = (summary.text(), summary.json());
    if let Some(enrolled) = &enrolled {
        text += &enrolled.text();
        json["enrolled"] = enrolled.json();
    }
    extracted.left_out.summary(&mut text, ": their pairs score 0");
    if let Some(folder) = &args.report {
        write_report(folder, &text, &json, &report)?;
        let stated = reject.is_some();
        let page = page::page(&page::Content {
            args,
            report: &report,
            pairs: Pairs {
                names: &names,
                pairs: &pairs,
                templates: [&templates, others.as_ref().unwrap_or(&templates)],
                listing: &listing,
                ppi: args.ppi,
                threshold: Rule::of_comparison(None)?.threshold(),
                pictures: args.show_prints,
            },
            quality: if stated { &quality } else { &[] },
            files: [summary.images, summary.records, summary.left_out.len(), listing.ignored.len()],
            mean_minutiae: summary.minutiae,
        })?;
        write::file(&folder.join("index.html"), page.as_bytes())?;
    }
    Ok(Outcome::done(text, json).leaving_out(extracted.left_out.len()))
}

fn scores_csv(names: &[SampleName], pairs: &[PairScore<Score>]) -> String {
    let mut out = String::with_capacity(32 * (pairs.len() + 1));
    out.push_str("probe,reference,score\n");
    for pair in pairs {
        if let (Some(a), Some(b)) = (names.get(pair.probe), names.get(pair.reference)) {
            let score = pair.score.unwrap_or(Score::ZERO).decibels();
            let _ = writeln!(out, "{},{},{score}", field(a.as_str()), field(b.as_str()));
        }
    }
    out
}

/// A name as a field of CSV, quoted if necessary.
fn field(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}

fn write_report(folder: &Path, text: &str, json: &Value, report: &FingerprintReport) -> Result<(), Failure> {
    write::folder(folder)?;
    write::file(&folder.join("report.txt"), text.as_bytes())?;
    write::file(&folder.join("report.json"), pretty(json).as_bytes())?;
    let mut curves = vec![("all cross-finger pairs", &report.all)];
    curves.extend(report.first.as_ref().map(|f| ("first impressions", f)));
    write::file(&folder.join("det.svg"), plot::det("Detection error trade-off", &curves)?.as_bytes())?;
    let svg = plot::histogram("Comparison scores", "score, dB", &report.histogram)?;
    write::file(&folder.join("scores.svg"), svg.as_bytes())
}

/// The report of an evaluation.
struct Summary<'a> {
    dir: &'a Path,
    report: &'a FingerprintReport,
    /// The error rates by sample quality, where templates have one.
    reject: Option<&'a RejectCurve>,
    listing: &'a Listing,
    images: usize,
    records: usize,
    left_out: &'a LeftOut,
    minutiae: f64,
    seconds: (f64, f64),
}

impl Summary<'_> {
    fn text(&self) -> String {
        let r = self.report;
        let mut out = format!(
            "{}: {} impressions of {} fingers ({} images, {} templates), {:.1} minutiae on average\n",
            shown_path(self.dir),
            r.impressions,
            r.fingers,
            self.images,
            self.records,
            self.minutiae
        );
        for (names, why) in [
            (&self.listing.ignored, "no FINGER_IMPRESSION name or no known extension"),
            (&self.listing.shadowed, "another file with the same name comes first"),
        ] {
            if !names.is_empty() {
                let _ = writeln!(out, "ignored {}: {} ({why})", names.len(), some_of(names));
            }
        }
        self.left_out.list(&mut out);
        let _ = writeln!(out, "\n{:<24}{}", "", rate::COLUMNS);
        let _ = writeln!(out, "{:<24}{}", "all cross-finger pairs", rate::row(&r.all));
        if let Some(i) = &r.intervals {
            let (genuine, least) = (r.all.genuine(), r.all.genuine().min(r.all.impostor()));
            let _ = writeln!(
                out,
                "{:<41} {:>8} {:>8} {:>9} {:>9}",
                format!("  {:.0} % interval", 100.0 * i.confidence),
                rate::interval_cell(i.eer, least),
                rate::interval_cell(i.fmr100, genuine),
                rate::interval_cell(i.fmr1000, genuine),
                rate::interval_cell(i.zero_fmr, genuine)
            );
        }
        if let Some(first) = &r.first {
            let _ = writeln!(out, "{:<24}{}", "first impressions (FVC)", rate::row(first));
        }
        if let Some(i) = &r.intervals {
            let _ = writeln!(
                out,
                "intervals: bootstrap over the {} fingers, {} replicates, seed {}",
                r.fingers, i.replicates, i.seed
            );
        }
        let _ = writeln!(out, "\ncalibration: score    stands for FMR  measured FMR %    FNMR %");
        for decibels in CALIBRATION {
            let p = r.all.at_threshold(decibels);
            let fmr = 10f64.powf(-decibels / 10.0);
            let (stated, missed) = (rate::cell(p.fmr, r.all.impostor()), rate::cell(p.fnmr, r.all.genuine()));
            let _ =
                writeln!(out, "{decibels:15.0} dB {:>15} % {stated:>15} {missed:>9}", format!("{:.0e}", 100.0 * fmr));
        }
        if let Some(curve) = self.reject {
            let _ =
                writeln!(out, "\nworst by sample quality dropped    genuine    FNMR % at {:.1} dB", curve.threshold);
            for p in &curve.points {
                let missed = rate::cell(p.fnmr, p.genuine);
                let _ = writeln!(out, "{:29.0} % {:10} {missed:>11}", 100.0 * p.share, p.genuine);
            }
        }
        let (extraction, comparison) = self.seconds;
        let pairs = r.all.genuine() + r.all.impostor();
        let what = if self.images > 0 { "reading and extracting" } else { "reading" };
        let _ = writeln!(out, "\n{what} {extraction:.2} s, preparing and comparing {pairs} pairs {comparison:.2} s");
        out
    }

    fn json(&self) -> Value {
        let r = self.report;
        let rates = |set: &ScoreSet| {
            let v = set.rates();
            json!({"genuine": set.genuine(), "impostor": set.impostor(), "eer": v.eer, "fmr100": v.fmr100, "fmr1000": v.fmr1000, "zero_fmr": v.zero_fmr})
        };
        let interval = |i: Interval| json!([i.low, i.high]);
        let intervals = r.intervals.map(|i| {
            json!({"confidence": i.confidence, "method": "bootstrap over fingers", "replicates": i.replicates, "seed": i.seed,
                "eer": interval(i.eer), "fmr100": interval(i.fmr100), "fmr1000": interval(i.fmr1000), "zero_fmr": interval(i.zero_fmr)})
        });
        let calibration: Vec<_> = CALIBRATION
            .iter()
            .map(|d| {
                let p = r.all.at_threshold(*d);
                json!({"score": d, "fmr_stated": 10f64.powf(-d / 10.0), "fmr": p.fmr, "fnmr": p.fnmr})
            })
            .collect();
        let mut json = json!({
            "folder": self.dir.display().to_string(),
            "fingers": r.fingers,
            "impressions": r.impressions,
            "images": self.images,
            "templates": self.records,
            "mean_minutiae": self.minutiae,
            "ignored": self.listing.ignored,
            "shadowed": self.listing.shadowed,
            "pairs_without_template": {"genuine": r.without_template.0, "impostor": r.without_template.1},
            "all_pairs": rates(&r.all),
            "all_pairs_intervals": intervals,
            "first_impressions": r.first.as_ref().map(rates),
            "calibration": calibration,
            "reject": self.reject.map(|c| {
                let point = |p: &RejectPoint| json!({"share": p.share, "dropped": p.dropped, "genuine": p.genuine, "fnmr": p.fnmr});
                json!({"threshold": c.threshold, "points": c.points.iter().map(point).collect::<Vec<_>>()})
            }),
            "histogram": {"low": r.histogram.low, "width": r.histogram.width, "genuine": r.histogram.genuine, "impostor": r.histogram.impostor},
            "det": plot::thinned(&r.all).iter().map(|p| json!([p.threshold, p.fmr, p.fnmr])).collect::<Vec<_>>(),
            "seconds": {"extraction": self.seconds.0, "comparison": self.seconds.1},
        });
        self.left_out.tell(&mut json);
        json
    }
}
