//! `selfsame eval face`

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use selfsame::eval::ScoreSet;
use selfsame::eval::face::{
    AllPairs, FacePair, FormRates, Identification, PairVerification, all_pairs, by_form, identification, verify_pairs,
};
use selfsame::{Embedding, Fmr};
use serde_json::{Value, json};

use crate::args::eval::EvalFaceArgs;
use crate::failure::Failure;
use crate::outcome::{Outcome, pretty, shown_path};
use crate::rows::{embeddings, int_data, integers, labels, row_number, row_pairs};
use crate::{plot, rate, report, write};

/// False accept rates whose thresholds are reported.
const RATES: [f64; 5] = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6];
/// False positive identification rates whose open-set rates are reported.
const OPEN_RATES: [f64; 3] = [1e-1, 1e-2, 1e-3];
/// Ranks that are reported.
const RANKS: [usize; 4] = [1, 5, 10, 20];

pub fn run(args: &EvalFaceArgs) -> Result<Outcome, Failure> {
    let embeddings = embeddings(&args.embeddings)?;
    let labels = labels(&args.labels, embeddings.len())?;
    let pairs = args.pairs.as_deref().map(|p| face_pairs(p, embeddings.len())).transpose()?;
    let excluded = match &args.label_errors {
        Some(path) => row_pairs(path, embeddings.len())?,
        None => Vec::new(),
    };
    let failed = |e| Failure::at(&args.embeddings, e);
    let start = Instant::now();
    let forms = by_form(&embeddings, &labels, pairs.as_deref().unwrap_or_default(), &excluded).map_err(failed)?;
    let pairs = pairs.map(|p| verify_pairs(&embeddings, &p)).transpose().map_err(failed)?;
    let all = all_pairs(&embeddings, &labels, &excluded).map_err(failed)?;
    let found = identification(&embeddings, &labels, &excluded).map_err(failed)?;
    let summary = Summary {
        args,
        dimension: embeddings.first().map_or(0, Embedding::dimension),
        rows: embeddings.len(),
        pairs,
        all,
        found,
        forms,
        seconds: start.elapsed().as_secs_f64(),
    };
    let (text, json) = (summary.text(), summary.json());
    if let Some(folder) = &args.report {
        write::folder(folder)?;
        write::file(&folder.join("report.txt"), text.as_bytes())?;
        write::file(&folder.join("report.json"), pretty(&json).as_bytes())?;
        let mut curves =
            vec![("all pairs, identities alike", &summary.all.balanced), ("all pairs", &summary.all.plain)];
        curves.extend(summary.pairs.as_ref().map(|p| ("listed pairs", &p.scores)));
        write::file(&folder.join("det.svg"), plot::det("Detection error trade-off", &curves)?.as_bytes())?;
        let svg = plot::histogram("Comparison scores", "cosine", &summary.all.histogram)?;
        write::file(&folder.join("scores.svg"), svg.as_bytes())?;
        let page = report::face::page(&report::face::Content {
            args,
            rows: summary.rows,
            dimension: summary.dimension,
            all: &summary.all,
            pairs: summary.pairs.as_ref(),
        });
        write::file(&folder.join("index.html"), page.as_bytes())?;
    }
    Ok(Outcome::done(text, json))
}

struct Summary<'a> {
    args: &'a EvalFaceArgs,
    dimension: usize,
    rows: usize,
    pairs: Option<PairVerification>,
    all: AllPairs,
    found: Identification,
    forms: Vec<FormRates>,
    seconds: f64,
}

/// The rates for which the number of comparisons suffices: at least one false match is expected.
fn reachable(rates: &[f64], comparisons: usize) -> impl Iterator<Item = Fmr> {
    rates.iter().filter(move |r| **r * comparisons as f64 >= 1.0).filter_map(|r| Fmr::new(*r).ok())
}

/// The EER of a set in words.
fn eer(set: &ScoreSet) -> String {
    rate::rate(set.eer(), set.genuine().min(set.impostor()))
}

/// A share of `count` that passed, in words.
fn passed(share: f64, count: usize) -> String {
    rate::passed(1.0 - share, count)
}

impl Summary<'_> {
    fn text(&self) -> String {
        let a = &self.all;
        let mut out = format!(
            "{}: {} embeddings of {} dimensions, {} identities, {} with two or more\n",
            shown_path(&self.args.embeddings),
            self.rows,
            self.dimension,
            a.identities,
            a.with_mates
        );
        if let Some(p) = &self.pairs {
            let _ = writeln!(
                out,
                "\nlisted pairs: {} genuine, {} impostor\n  accuracy {:.2} % ({} folds), EER {}",
                p.scores.genuine(),
                p.scores.impostor(),
                100.0 * p.accuracy,
                p.folds,
                eer(&p.scores)
            );
            for far in reachable(&RATES, p.scores.impostor()) {
                let (tar, threshold) = (passed(p.scores.tar_at(far), p.scores.genuine()), p.scores.threshold_at(far));
                let _ = writeln!(out, "  TAR at FAR {:.0e}: {tar}; threshold {threshold:.3}", far.get());
            }
        }
        let _ = writeln!(
            out,
            "\nall pairs: {} genuine, {} impostor; equal weight per identity\n  EER {} (equal weight per pair: {})",
            a.balanced.genuine(),
            a.balanced.impostor(),
            eer(&a.balanced),
            eer(&a.plain)
        );
        for far in reachable(&RATES, a.balanced.impostor()) {
            let (threshold, tar) = a.tar_at(far);
            let _ = write!(out, "  TAR at FAR {:.0e}: {}", far.get(), passed(tar, a.balanced.genuine()));
            if let Some(i) = a.tar_interval(threshold).filter(|i| i.low < 1.0) {
                let _ = write!(out, " ({:.2}-{:.2})", 100.0 * i.low, 100.0 * i.high);
            }
            let _ = writeln!(out, "; threshold {threshold:.3}");
        }
        out.push_str("  in parentheses: 95 % interval, bootstrap over identities at the fixed threshold\n");
        let f = &self.found;
        let _ = writeln!(out, "\nclosed set: first image of {} people enrolled, {} probes", f.enrolled, f.probes);
        let ranks = RANKS.iter().filter(|r| **r <= f.enrolled);
        let ranks: Vec<_> = ranks.map(|r| format!("rank {r}: {}", passed(f.rank(*r), f.probes))).collect();
        let _ = writeln!(out, "  {}", ranks.join("; "));
        match &f.open {
            Some(open) => {
                let _ = writeln!(
                    out,
                    "open set: {} people enrolled, {} probes of them, {} of strangers",
                    open.enrolled, open.mated, open.non_mated
                );
                for fpir in reachable(&OPEN_RATES, open.non_mated) {
                    let (threshold, passed) = open.threshold_at(fpir);
                    let _ = writeln!(
                        out,
                        "  FNIR at FPIR {:.1} %: {}; threshold {threshold:.3} ({passed} strangers' probes pass)",
                        100.0 * fpir.get(),
                        rate::rate(open.fnir_at(threshold), open.mated)
                    );
                }
            }
            None => out.push_str("open set: everyone has two images or more, so there are no strangers\n"),
        }
        self.forms_text(&mut out);
        let _ = writeln!(out, "\n{:.2} s", self.seconds);
        out
    }

    fn forms_text(&self, out: &mut String) {
        out.push_str("\nstored as (probes are floats): bytes each; in %: EER and FNMR of listed pairs at FMR 1e-3; not first (other than in floats); FNIR at FPIR 1 %\n");
        for form in &self.forms {
            let _ = write!(out, "  {:<28} {:5}", form.storage.to_string(), form.storage.bytes(self.dimension));
            match &form.pairs {
                Some(p) => {
                    let missed =
                        reachable(&[1e-3], p.impostor()).next().map(|fmr| rate::cell(p.fnmr_at(fmr), p.genuine()));
                    let equal = rate::cell(p.eer(), p.genuine().min(p.impostor()));
                    let _ = write!(out, " {equal:>8} {:>8}", missed.as_deref().unwrap_or("-"));
                }
                None => out.push_str("        -        -"),
            }
            let [later, other] = [form.rank_1, form.as_floats].map(|share| rate::cell(1.0 - share, self.found.probes));
            let fnir = Fmr::new(1e-2).ok().and_then(|fpir| form.fnir_at_fpir(fpir)).zip(form.open.as_ref());
            let fnir = fnir.map_or("-".to_owned(), |(fnir, open)| rate::cell(fnir, open.mated));
            let _ = writeln!(out, " {later:>8} {:>10} {fnir:>8}", format!("({other})"));
        }
    }

    fn json(&self) -> Value {
        let forms: Vec<_> = self
            .forms
            .iter()
            .map(|form| {
                let far = Fmr::new(1e-3).ok();
                json!({"storage": form.storage.to_string(), "bytes": form.storage.bytes(self.dimension),
                "pairs_eer": form.pairs.as_ref().map(|p| p.eer()),
                "pairs_tar_at_far_1e-3": form.pairs.as_ref().zip(far).map(|(p, far)| p.tar_at(far)),
                "rank_1": form.rank_1, "as_floats": form.as_floats,
                "fnir_at_fpir_1e-2": Fmr::new(1e-2).ok().and_then(|fpir| form.fnir_at_fpir(fpir))})
            })
            .collect();
        let a = &self.all;
        let pairs = self.pairs.as_ref().map(|p| {
            let tar: Vec<_> = reachable(&RATES, p.scores.impostor())
                .map(|far| json!({"far": far.get(), "tar": p.scores.tar_at(far), "threshold": p.scores.threshold_at(far)}))
                .collect();
            json!({"genuine": p.scores.genuine(), "impostor": p.scores.impostor(), "accuracy": p.accuracy,
                "folds": p.folds, "eer": p.scores.eer(), "tar": tar})
        });
        let tar: Vec<_> = reachable(&RATES, a.balanced.impostor())
            .map(|far| {
                let (threshold, tar) = a.tar_at(far);
                let interval = a.tar_interval(threshold).map(|i| json!([i.low, i.high]));
                json!({"far": far.get(), "tar": tar, "interval": interval, "threshold": threshold, "tar_each_pair_alike": a.plain.tar_at(far)})
            })
            .collect();
        let open = self.found.open.as_ref().map(|o| {
            let fnir: Vec<_> = reachable(&OPEN_RATES, o.non_mated)
                .map(|fpir| {
                    let (threshold, passed) = o.threshold_at(fpir);
                    json!({"fpir": fpir.get(), "fnir": o.fnir_at(threshold), "threshold": threshold, "strangers_passed": passed})
                })
                .collect();
            json!({"enrolled": o.enrolled, "mated_probes": o.mated, "non_mated_probes": o.non_mated, "fnir": fnir})
        });
        json!({
            "embeddings": self.args.embeddings.display().to_string(),
            "rows": self.rows, "dimension": self.dimension,
            "identities": a.identities, "identities_with_mates": a.with_mates,
            "pairs": pairs,
            "all_pairs": {"genuine": a.balanced.genuine(), "impostor": a.balanced.impostor(),
                "eer_identities_alike": a.balanced.eer(), "eer_each_pair_alike": a.plain.eer(), "tar": tar},
            "closed_set": {"enrolled": self.found.enrolled, "probes": self.found.probes,
                "cmc": (1..=self.found.cmc.len()).map(|r| self.found.rank(r)).collect::<Vec<_>>()},
            "open_set": open,
            "forms": forms,
            "seconds": self.seconds,
        })
    }
}

/// Rows `a, b, same (1 or 0)` and, if there is a fourth column, the fold.
fn face_pairs(path: &Path, rows: usize) -> Result<Vec<FacePair>, Failure> {
    let array = integers(path)?;
    let columns = array.columns();
    if !(3..=4).contains(&columns) {
        let what = "columns: row, row, same (1 or 0) and, optionally, fold are needed";
        return Err(Failure::plain(format!("{}: {columns} {what}", path.display())));
    }
    let values = int_data(array, path)?;
    let pair = |(line, v): (usize, &[i64])| match *v {
        [a, b, same @ 0..=1, ref rest @ ..] => Ok(FacePair {
            a: row_number(path, a, rows)?,
            b: row_number(path, b, rows)?,
            same: same == 1,
            fold: rest.first().copied().unwrap_or(0),
        }),
        _ => Err(Failure::plain(format!("{}: pair {line}: the third column is neither 0 nor 1", path.display()))),
    };
    values.chunks_exact(columns).enumerate().map(pair).collect()
}
