//! `selfsame eval protect`

use std::fmt::Write as _;

use selfsame::Fmr;
use selfsame::eval::ScoreSet;
use selfsame::eval::protect::{FaceLeak, FaceProtection, FingerLeak, FingerProtection, Linkage};
use serde_json::{Value, json};

use crate::args::{EvalProtectFacesArgs, EvalProtectFingersArgs};
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::rows::{embeddings, labels, row_pairs};
use crate::{eval_fingerprint, progress, sample};

/// Scores at which the calibration of fingers is checked, dB: FMR 1e-2, 1e-3, 1e-4.
const CALIBRATION: [f64; 3] = [20.0, 30.0, 40.0];
/// Decibels of the points of the calibration's table.
const POINTS: [f64; 11] = [1.0, 3.0, 6.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0];

/// FNMR at FMR 1e-3, percent.
fn fnmr(set: &ScoreSet) -> f64 {
    Fmr::new(1e-3).map_or(f64::NAN, |fmr| 100.0 * set.fnmr_at(fmr))
}

fn linkage(l: &Linkage) -> String {
    format!("{:.3} (unlinked: {:.3}, at most {:.3})", l.d_sys, l.null, l.null_most)
}

fn linkage_json(l: &Linkage) -> Value {
    json!({"d_sys": l.d_sys, "unlinked": l.null, "unlinked_most": l.null_most, "mated": l.mated, "non_mated": l.non_mated})
}

fn accuracy_json(set: &ScoreSet) -> Value {
    json!({"eer": set.eer(), "fnmr_at_fmr_1e-3": fnmr(set) / 100.0, "genuine": set.genuine(), "impostor": set.impostor()})
}

pub fn faces(args: &EvalProtectFacesArgs) -> Result<Outcome, Failure> {
    let embeddings = embeddings(&args.embeddings)?;
    let labels = labels(&args.labels, embeddings.len())?;
    let excluded = match &args.label_errors {
        Some(path) => row_pairs(path, embeddings.len())?,
        None => Vec::new(),
    };
    let all = selfsame::eval::protect::faces(&embeddings, &labels, &excluded, &args.bits)
        .map_err(|e| Failure::at(&args.embeddings, e))?;
    let mut out = format!("{}: {} embeddings\n", args.embeddings.display(), embeddings.len());
    if let Some(first) = all.first() {
        let (eer, fnmr) = (100.0 * first.plain.eer(), fnmr(&first.plain));
        let _ =
            writeln!(out, "unprotected: EER {eer:.2} %, FNMR at FMR 1e-3 {fnmr:.2} % (all pairs, each identity alike)");
    }
    for one in &all {
        faces_text(one, &mut out);
    }
    let json = all.iter().map(faces_json).collect::<Vec<_>>();
    Ok(Outcome::done(
        out,
        json!({"embeddings": embeddings.len(), "unprotected": all.first().map(|a| accuracy_json(&a.plain)), "codes": json}),
    ))
}

fn faces_text(one: &FaceProtection, out: &mut String) {
    let (eer, fnmr) = (100.0 * one.protected.eer(), fnmr(&one.protected));
    let _ = writeln!(
        out,
        "\n{} bits: EER {eer:.2} %, FNMR at FMR 1e-3 {fnmr:.2} %, the same where the key is known",
        one.bits
    );
    out.push_str("  D_sys, 0 is unlinkable, 1 linkable; in brackets what the same scores show with labels shuffled\n");
    let _ = writeln!(out, "    two images, two secret keys     {}", linkage(&one.secret_keys));
    let _ = writeln!(out, "    one image, renewed              {}", linkage(&one.renewed));
    let _ = writeln!(out, "    two images, two keys leaked     {}", linkage(&one.leaked_keys));
    out.push_str("  inverted from code and key: cosine with the enrolled, with another image; taken for the person at FMR 1e-3\n");
    for (name, leak) in [
        ("wrong key", &one.wrong_key),
        ("one product", &one.linear),
        ("refined", &one.refined),
        ("three codes and keys", &one.three_keys),
    ] {
        let FaceLeak { enrolled, fresh, accepted, people, .. } = leak;
        let accepted = 100.0 * accepted;
        let _ = writeln!(out, "    {name:<22} {enrolled:6.3} {fresh:6.3} {accepted:6.1} % of {people}");
    }
}

fn faces_json(one: &FaceProtection) -> Value {
    let leak = |l: &FaceLeak| json!({"cosine_enrolled": l.enrolled, "cosine_fresh": l.fresh, "accepted": l.accepted, "people": l.people});
    json!({
        "bits": one.bits, "protected": accuracy_json(&one.protected),
        "linkage": {"secret_keys": linkage_json(&one.secret_keys), "renewed": linkage_json(&one.renewed),
            "leaked_keys": linkage_json(&one.leaked_keys)},
        "inversion": {"wrong_key": leak(&one.wrong_key), "linear": leak(&one.linear), "refined": leak(&one.refined),
            "three_keys": leak(&one.three_keys)},
    })
}

pub fn fingers(args: &EvalProtectFingersArgs) -> Result<Outcome, Failure> {
    let extractor = sample::extractor(&args.extraction)?;
    let (mut out, mut list) = (String::new(), Vec::new());
    let mut evidence = Vec::new();
    let mut sums = [0.0; 4];
    let bar = progress::bar("measuring", args.dirs.len());
    for dir in &args.dirs {
        let (listing, names) = eval_fingerprint::samples(dir)?;
        let templates = eval_fingerprint::templates(&listing, args.ppi, &extractor)?.templates;
        let one = selfsame::eval::protect::fingers(&names, &templates).map_err(|e| Failure::at(dir, e))?;
        bar.inc(1);
        let _ = writeln!(out, "{}: {} impressions", dir.display(), names.len());
        let rates = [100.0 * one.plain.eer(), fnmr(&one.plain), 100.0 * one.protected.eer(), fnmr(&one.protected)];
        sums.iter_mut().zip(rates).for_each(|(sum, rate)| *sum += rate);
        fingers_text(&one, rates, &mut out);
        let mut json = fingers_json(&one);
        json["folder"] = dir.display().to_string().into();
        list.push(json);
        evidence.extend(one.evidence);
    }
    bar.finish_and_clear();
    if args.dirs.len() > 1 {
        let [eer, fnmr, protected_eer, protected_fnmr] = sums.map(|sum| sum / args.dirs.len() as f64);
        let _ = writeln!(
            out,
            "mean of {} folders: unprotected EER {eer:.2} %, FNMR at FMR 1e-3 {fnmr:.2} %; protected {protected_eer:.2} %, {protected_fnmr:.2} %",
            args.dirs.len()
        );
    }
    if args.calibrate {
        calibration_text(&mut evidence, &mut out);
    }
    Ok(Outcome::done(out, json!({"folders": list})))
}

/// Quantiles of impostor evidence, with the upper ends of their 95 % intervals were the comparisons independent.
fn calibration_text(evidence: &mut [f64], out: &mut String) {
    evidence.sort_by(|a, b| b.total_cmp(a));
    let n = evidence.len() as f64;
    let _ = writeln!(out, "\nevidence of {n} impostor comparisons: decibels, quantile, upper end");
    for point in POINTS {
        let above = n * 10f64.powf(-point / 10.0);
        let at = |rank: f64| evidence.get(rank.max(0.0) as usize).copied().unwrap_or(f64::NAN);
        if above >= 1.0 {
            let _ = writeln!(out, "  {point:4.0} dB {:7.4} {:7.4}", at(above), at(above - 1.96 * above.sqrt() - 1.0));
        }
    }
}

fn fingers_text(one: &FingerProtection, [eer, fnmr, protected_eer, protected_fnmr]: [f64; 4], out: &mut String) {
    let _ = writeln!(out, "  unprotected: EER {eer:.2} %, FNMR at FMR 1e-3 {fnmr:.2} %");
    let _ = writeln!(
        out,
        "  protected:   EER {protected_eer:.2} %, FNMR at FMR 1e-3 {protected_fnmr:.2} %, the same where the key is known"
    );
    for decibels in CALIBRATION {
        let p = one.protected.at_threshold(decibels);
        let stated = 10f64.powf(-decibels / 10.0);
        let _ = writeln!(
            out,
            "    {decibels:.0} dB stands for FMR {stated:.0e}, measured {:.1e}, FNMR {:.2} %",
            p.fmr,
            100.0 * p.fnmr
        );
    }
    out.push_str("  D_sys, 0 is unlinkable, 1 linkable; in brackets what the same scores show with labels shuffled\n");
    let _ = writeln!(out, "    two secret keys   {}", linkage(&one.secret_keys));
    let _ = writeln!(out, "    two keys leaked   {}", linkage(&one.leaked_keys));
    out.push_str(
        "  put together from code and key: minutiae; taken for the finger at FMR 1e-3: same impression, another one\n",
    );
    for (name, leak) in [("wrong key", &one.wrong_key), ("leaked key", &one.leaked)] {
        let FingerLeak { minutiae, accepted_enrolled, accepted_fresh, comparisons, .. } = leak;
        let (same, other) = (100.0 * accepted_enrolled, 100.0 * accepted_fresh);
        let _ = writeln!(out, "    {name:<10} {minutiae:5.1} {same:6.1} % {other:6.1} % of {comparisons}");
    }
}

fn fingers_json(one: &FingerProtection) -> Value {
    let leak = |l: &FingerLeak| json!({"minutiae": l.minutiae, "accepted_enrolled": l.accepted_enrolled, "accepted_fresh": l.accepted_fresh, "comparisons": l.comparisons});
    json!({
        "unprotected": accuracy_json(&one.plain), "protected": accuracy_json(&one.protected),
        "linkage": {"secret_keys": linkage_json(&one.secret_keys), "leaked_keys": linkage_json(&one.leaked_keys)},
        "inversion": {"wrong_key": leak(&one.wrong_key), "leaked_key": leak(&one.leaked)},
    })
}
