//! Enrolls several impressions of a finger: all of them, or one reference merged from them.
//!
//! `cargo run --release --example enroll_impressions -- PPI PROBE.png ENROLLED.png ...`; without arguments it uses synthetic
//! prints.

use selfsame::synth::{Level, PrintGenerator};
use selfsame::{Comparator, Extractor, Finger, FingerImage, FingerTemplate, Limits, Ppi, Score, fusion};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let images: Vec<FingerImage> = match arguments.as_slice() {
        [] => {
            let finger = PrintGenerator::new(1).finger(0);
            (0..4).map(|k| finger.impression(k, Level::Hard).image).collect()
        }
        [ppi, files @ ..] if files.len() >= 2 => {
            let ppi = Ppi::new(ppi.parse()?)?;
            let read = |path: &String| -> Result<FingerImage, Box<dyn std::error::Error>> {
                Ok(FingerImage::decode(&std::fs::read(path)?, ppi, &Limits::default())?)
            };
            files.iter().map(read).collect::<Result<_, _>>()?
        }
        _ => return Err("expected: PPI PROBE ENROLLED ...".into()),
    };
    let extractor = Extractor::new();
    let templates = images.iter().map(|i| extractor.extract(i)).collect::<Result<Vec<FingerTemplate>, _>>()?;
    let (probe, enrolled) = templates.split_first().ok_or("no prints")?;
    let comparator = Comparator::<Finger>::new();
    let scores = enrolled.iter().map(|t| comparator.compare_templates(probe, t)).collect::<Result<Vec<Score>, _>>()?;
    for (k, score) in scores.iter().enumerate() {
        println!("impression {k} alone: {score:.1} dB");
    }
    println!("best of {}: {:.1} dB", scores.len(), fusion::best_of(&scores));
    let merged = comparator.modality().merge(enrolled)?;
    let score = comparator.compare_templates(probe, &merged.template)?;
    println!("one reference merged from {}: {score:.1} dB", merged.used.len());
    Ok(())
}
