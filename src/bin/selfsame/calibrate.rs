//! `selfsame calibrate`

use std::fmt::Write as _;
use std::time::Instant;

use selfsame::Fmr;
use selfsame::eval::face::{FaceThreshold, calibrate};
use serde_json::json;

use crate::args::CalibrateArgs;
use crate::failure::Failure;
use crate::outcome::{Outcome, number, shown_path};
use crate::rows::{embeddings, labels, row_pairs};
use crate::write;

/// False accept rates whose thresholds are reported.
const RATES: [f64; 4] = [1e-2, 1e-3, 1e-4, 1e-5];

pub fn run(args: &CalibrateArgs) -> Result<Outcome, Failure> {
    write::check(&[args.output.as_deref()], args.force.force)?;
    let embeddings = embeddings(&args.embeddings)?;
    let labels = labels(&args.labels, embeddings.len())?;
    let excluded = match &args.label_errors {
        Some(path) => row_pairs(path, embeddings.len())?,
        None => Vec::new(),
    };
    let rates: Vec<Fmr> = RATES.iter().filter_map(|r| Fmr::new(*r).ok()).collect();
    let start = Instant::now();
    let found = calibrate(&embeddings, &labels, &excluded, &rates).map_err(|e| Failure::at(&args.embeddings, e))?;
    let seconds = start.elapsed().as_secs_f64();
    let model = &found.calibration;
    let mut text = format!(
        "{}: {} embeddings of {} people, {} impostor comparisons, each with equal weight\n",
        shown_path(&args.embeddings),
        embeddings.len(),
        found.identities,
        found.comparisons
    );
    let (backed, reach) = (model.backed_to(), model.reach());
    let _ = writeln!(
        text,
        "backed by data up to {backed:.1} dB (FAR {:.1e}), extrapolated by an exponential tail up to {reach:.1} dB\n",
        backed.fmr(),
    );
    text.push_str("   FAR    dB  cosine  95 % interval  false matches  FAR of the other half\n");
    for far in rates {
        match found.thresholds.iter().find(|t| t.far == far) {
            Some(threshold) => line(&mut text, threshold),
            None => _ = writeln!(text, "{:6.0e}  beyond the calibration", far.get()),
        }
    }
    text.push_str(
        "interval: bootstrap over people. other half: thresholds from every other person, measured on the rest.\n",
    );
    if let Some(path) = &args.output {
        write::output(path, &model.encode(), args.force.force)?;
        let _ = writeln!(text, "calibration: {}", shown_path(path));
    }
    let _ = writeln!(text, "{seconds:.2} s");
    let thresholds: Vec<_> = found
        .thresholds
        .iter()
        .map(|t| {
            json!({"far": t.far.get(), "cosine": number(t.cosine.value()), "backed": t.backed,
                "false_matches": t.false_matches, "interval": t.interval.map(|i| [i.low, i.high]),
                "left_out_far": t.left_out.map(|l| l.0), "left_out_false_matches": t.left_out.map(|l| l.1)})
        })
        .collect();
    let json = json!({
        "embeddings": embeddings.len(),
        "identities": found.identities,
        "comparisons": found.comparisons,
        "weights": "each impostor pair alike",
        "backed_to_db": number(backed.decibels()),
        "reach_db": number(reach.decibels()),
        "thresholds": thresholds,
        "output": args.output.as_ref().map(|p| p.display().to_string()),
        "seconds": seconds,
    });
    Ok(Outcome::done(text, json))
}

fn line(text: &mut String, t: &FaceThreshold) {
    let interval = match t.interval {
        Some(i) => format!("{:.3} to {:.3}", i.low, i.high),
        None if t.backed => "not known".to_owned(),
        None => "extrapolated".to_owned(),
    };
    let other = t.left_out.map_or("too few people".to_owned(), |(far, n)| format!("{far:.2e} ({n})"));
    let decibels = -10.0 * t.far.get().log10();
    let (far, cosine, matches) = (t.far.get(), t.cosine.value(), t.false_matches);
    let _ = writeln!(text, "{far:6.0e} {decibels:5.1}  {cosine:.4}  {interval:<14} {matches:13}  {other}");
}
