//! `selfsame eval protect`

use std::fmt::Write as _;

use selfsame::Fmr;
use selfsame::eval::ScoreSet;
use selfsame::eval::protect::{
    Attack, FaceLeak, FaceProtection, FingerLeak, FingerProtection, Guess, Linkage, Renewal,
};
use serde_json::{Value, json};

use crate::args::eval::{EvalProtectFacesArgs, EvalProtectFingersArgs};
use crate::batch::LeftOut;
use crate::failure::Failure;
use crate::outcome::{Outcome, shown_path};
use crate::rows::{embeddings, labels, row_pairs};
use crate::{eval_folder, progress, rate, sample};

/// Scores at which the calibration of fingers is checked, dB: FMR 1e-2, 1e-3, 1e-4.
const CALIBRATION: [f64; 3] = [20.0, 30.0, 40.0];
/// Decibels of the points in the calibration table.
const POINTS: [f64; 11] = [1.0, 3.0, 6.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0];

/// FNMR at FMR 1e-3, percent.
/// EER and FNMR of a set in words.
fn accuracy(set: &ScoreSet) -> String {
    let genuine = set.genuine();
    let [eer, fnmr] =
        [(set.eer(), genuine.min(set.impostor())), (fnmr(set) / 100.0, genuine)].map(|(r, n)| rate::rate(r, n));
    format!("EER {eer}; FNMR at FMR 1e-3 {fnmr}")
}

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
    let all = selfsame::eval::protect::faces(&embeddings, &labels, &excluded, &args.bits, &args.known)
        .map_err(|e| Failure::at(&args.embeddings, e))?;
    let mut out = format!("{}: {} embeddings\n", shown_path(&args.embeddings), embeddings.len());
    if let Some(first) = all.first() {
        let _ = writeln!(out, "unprotected: {} (all pairs, each identity alike)", accuracy(&first.plain));
    }
    for one in &all {
        faces_text(one, &mut out);
        known_text(one, &args.known, &mut out);
    }
    let json = all.iter().map(faces_json).collect::<Vec<_>>();
    Ok(Outcome::done(
        out,
        json!({"embeddings": embeddings.len(), "unprotected": all.first().map(|a| accuracy_json(&a.plain)), "codes": json}),
    ))
}

fn faces_text(one: &FaceProtection, out: &mut String) {
    let _ = writeln!(out, "\n{} bits: {}; the same where the key is known", one.bits, accuracy(&one.protected));
    out.push_str("  D_sys, 0 is unlinkable, 1 linkable; in brackets what the same scores show with labels shuffled\n");
    let _ = writeln!(out, "    two images, two secret keys     {}", linkage(&one.secret_keys));
    let _ = writeln!(out, "    one image, renewed              {}", linkage(&one.renewed));
    let _ = writeln!(out, "    two images, two keys leaked     {}", linkage(&one.leaked_keys));
    out.push_str("  inverted from code and key: cosine with the enrolled, with another image; accepted as the person at FMR 1e-3\n");
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

/// A share in percent; a dash where there is none.
fn share(value: Option<f64>) -> String {
    value.map_or_else(|| format!("{:>6}", "-"), |v| format!("{:6.1}", 100.0 * v))
}

fn known_text(one: &FaceProtection, asked: &[usize], out: &mut String) {
    if let Some(first) = one.known_pairs.first() {
        let _ = writeln!(
            out,
            "  without a key, from known pairs; in brackets with the pairs shuffled, and a control that must succeed\n    pictures and codes: owner first among {}, taken for the person at FMR 1e-3 with another picture, % of {}; old and renewed codes: owner first, D_sys of {}",
            first.among, first.anchors.found.targets, first.link.found.linkage.mated
        );
    }
    for pairs in &one.known_pairs {
        for (name, a) in [("anchors", &pairs.anchors), ("map", &pairs.map)] {
            let first = [&a.found, &a.null, &a.control].map(|g| share(g.rank_one));
            let taken = [&a.found, &a.null, &a.control].map(|g| share(Some(g.accepted)));
            let _ = writeln!(
                out,
                "    {:<5} {name:<8} first {} ({}, {}) taken {} ({}, {})",
                pairs.known, first[0], first[1], first[2], taken[0], taken[1], taken[2]
            );
        }
        let Attack { found, null, control } = &pairs.link;
        let first = [found, null, control].map(|r| share(Some(r.rank_one)));
        let _ = writeln!(
            out,
            "    {:<5} link     first {} ({}, {}) D_sys {:.3} ({:.3}, {:.3}; labels shuffled {:.3})",
            pairs.known,
            first[0],
            first[1],
            first[2],
            found.linkage.d_sys,
            null.linkage.d_sys,
            control.linkage.d_sys,
            found.linkage.null
        );
    }
    for left in asked.iter().filter(|&&k| one.known_pairs.iter().all(|pairs| pairs.known != k)) {
        let _ = writeln!(out, "    {left:<5} left out: fewer than 2, or more than half of the people");
    }
}

fn attack_json<T>(attack: &Attack<T>, of: impl Fn(&T) -> Value) -> Value {
    json!({"found": of(&attack.found), "shuffled": of(&attack.null), "control": of(&attack.control)})
}

fn known_json(one: &FaceProtection) -> Value {
    let guess = |g: &Guess| json!({"rank_one": g.rank_one, "accepted": g.accepted, "targets": g.targets});
    let renewal =
        |r: &Renewal| json!({"rank_one": r.rank_one, "targets": r.targets, "linkage": linkage_json(&r.linkage)});
    let pairs = one.known_pairs.iter().map(|pairs| {
        json!({
            "known": pairs.known, "among": pairs.among, "anchors": attack_json(&pairs.anchors, guess),
            "map": attack_json(&pairs.map, guess), "link": attack_json(&pairs.link, renewal),
        })
    });
    pairs.collect()
}

fn faces_json(one: &FaceProtection) -> Value {
    let leak = |l: &FaceLeak| json!({"cosine_enrolled": l.enrolled, "cosine_fresh": l.fresh, "accepted": l.accepted, "people": l.people});
    json!({
        "bits": one.bits, "protected": accuracy_json(&one.protected),
        "linkage": {"secret_keys": linkage_json(&one.secret_keys), "renewed": linkage_json(&one.renewed),
            "leaked_keys": linkage_json(&one.leaked_keys)},
        "inversion": {"wrong_key": leak(&one.wrong_key), "linear": leak(&one.linear), "refined": leak(&one.refined),
            "three_keys": leak(&one.three_keys)},
        "known_pairs": known_json(one),
    })
}

pub fn fingers(args: &EvalProtectFingersArgs) -> Result<Outcome, Failure> {
    let extractor = sample::extractor(&args.extraction)?;
    let (mut out, mut list) = (String::new(), Vec::new());
    let mut evidence = Vec::new();
    let mut left_out = LeftOut::default();
    let mut sums = [0.0; 4];
    let bar = progress::bar("measuring", args.dirs.len());
    for dir in &args.dirs {
        let (listing, names) = eval_folder::samples(dir)?;
        let extracted = eval_folder::templates(&listing, args.ppi, &extractor, args.batch.strict)?;
        let templates = extracted.templates;
        let one = selfsame::eval::protect::fingers(&names, &templates).map_err(|e| Failure::at(dir, e))?;
        bar.inc(1);
        let _ = writeln!(out, "{}: {} impressions", shown_path(dir), names.len());
        extracted.left_out.list(&mut out);
        left_out = left_out.and(extracted.left_out);
        let rates = [100.0 * one.plain.eer(), fnmr(&one.plain), 100.0 * one.protected.eer(), fnmr(&one.protected)];
        sums.iter_mut().zip(rates).for_each(|(sum, rate)| *sum += rate);
        fingers_text(&one, &mut out);
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
    left_out.summary(&mut out, ": their pairs score 0");
    let mut json = json!({"folders": list});
    left_out.tell(&mut json);
    Ok(Outcome::done(out, json).leaving_out(left_out.len()))
}

/// Quantiles of impostor evidence, with the upper ends of their 95 % intervals if comparisons were independent.
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

fn fingers_text(one: &FingerProtection, out: &mut String) {
    let _ = writeln!(out, "  unprotected: {}", accuracy(&one.plain));
    let _ = writeln!(out, "  protected:   {}; the same where the key is known", accuracy(&one.protected));
    for decibels in CALIBRATION {
        let p = one.protected.at_threshold(decibels);
        let stated = 10f64.powf(-decibels / 10.0);
        let _ = writeln!(
            out,
            "    {decibels:.0} dB stands for FMR {stated:.0e}, measured {}; FNMR {}",
            rate::rate(p.fmr, one.protected.impostor()),
            rate::rate(p.fnmr, one.protected.genuine())
        );
    }
    out.push_str("  D_sys, 0 is unlinkable, 1 linkable; in brackets what the same scores show with labels shuffled\n");
    let structure = &one.structure;
    for (name, linked) in [
        ("two secret keys, by bits", &one.secret_keys),
        ("two secret keys, by the distances inside codes (structure)", &structure.renewed),
        ("  one impression, renewed", &structure.same),
        ("  control: one rotation for all slots", &structure.one_rotation),
        ("  control, one impression", &structure.one_rotation_same),
        ("one secret key, slot by slot", &one.one_secret),
        ("two keys leaked", &one.leaked_keys),
    ] {
        let _ = writeln!(out, "    {name:<58} {}", linkage(linked));
    }
    out.push_str(
        "  reconstructed from code and key: minutiae; accepted as the finger at FMR 1e-3: same impression, another one\n",
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
        "linkage": {"secret_keys": linkage_json(&one.secret_keys), "leaked_keys": linkage_json(&one.leaked_keys),
            "one_secret": linkage_json(&one.one_secret)},
        "structure": {"renewed": linkage_json(&one.structure.renewed), "same": linkage_json(&one.structure.same),
            "one_rotation": linkage_json(&one.structure.one_rotation),
            "one_rotation_same": linkage_json(&one.structure.one_rotation_same)},
        "inversion": {"wrong_key": leak(&one.wrong_key), "leaked_key": leak(&one.leaked)},
    })
}
