//! `selfsame calibrate`: what the cosines of a face model mean.

use std::fmt::Write as _;

use selfsame::face::compare::CosineCalibration;
use selfsame::{Cosine, Embedding, Fmr};
use serde_json::json;

use crate::args::CalibrateArgs;
use crate::eval_face::labelled;
use crate::failure::Failure;
use crate::outcome::{Outcome, number};
use crate::write;

/// False match rates that are told.
const RATES: [f64; 6] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

pub fn run(args: &CalibrateArgs) -> Result<Outcome, Failure> {
    let (embeddings, labels) = labelled(&args.embeddings, &args.labels)?;
    let cosines = impostors(&embeddings, &labels, args.pairs.get());
    let calibration = CosineCalibration::from_impostors(&cosines).map_err(|e| Failure::at(&args.embeddings, e))?;
    if let Some(path) = &args.output {
        write::file(path, &calibration.encode())?;
    }
    let reach = calibration.reach().decibels();
    let mut text = format!("{} comparisons of different people; backed to {reach:.1} dB\n", cosines.len());
    let mut rows = Vec::new();
    for rate in RATES {
        let fmr = Fmr::new(rate).map_err(|e| Failure::new("rate", e))?;
        let Ok(cosine) = calibration.threshold_at(fmr) else { continue };
        // Twice the standard deviation of the number of false matches.
        let expected = rate * cosines.len() as f64;
        let uncertainty = 2.0 * 100.0 / expected.sqrt();
        let _ = writeln!(text, "FMR {rate:e}: cosine {:.4} (rate known to {uncertainty:.1} %)", cosine.value());
        rows.push(json!({ "fmr": rate, "cosine": number(cosine.value()), "false_matches": expected }));
    }
    let json = json!({ "comparisons": cosines.len(), "reach": number(reach), "thresholds": rows });
    Ok(Outcome::done(text, json))
}

/// Cosines of different people: all pairs of rows, or as many of them, evenly spread, as are asked for.
fn impostors(embeddings: &[Embedding], labels: &[i64], most: usize) -> Vec<Cosine> {
    use rayon::prelude::*;
    use selfsame::{Comparator, Face};
    let pairs = embeddings.len().saturating_mul(embeddings.len().saturating_sub(1)) / 2;
    let every = pairs.div_ceil(most).max(1);
    let comparator = Comparator::<Face>::new();
    let rows: Vec<Vec<Cosine>> = embeddings
        .par_iter()
        .enumerate()
        .map(|(i, a)| {
            let Ok(probe) = comparator.prepare(a) else { return Vec::new() };
            let others = embeddings.iter().zip(labels).skip(i + 1).enumerate();
            let chosen = others.filter(|(j, (_, label))| (i + j) % every == 0 && **label != labels[i]);
            let compared = chosen.map(|(_, (b, _))| comparator.compare(&probe, &comparator.reference(b)?));
            compared.flatten().collect()
        })
        .collect();
    rows.concat()
}
