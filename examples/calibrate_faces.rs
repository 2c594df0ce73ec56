//! What does a cosine of this face model mean? This example fits a calibration to pairs of different people and scores
//! two pairs with it.
//!
//! `cargo run --release --example calibrate_faces`

use selfsame::eval::face::calibrate;
use selfsame::face::compare::CosineCalibration;
use selfsame::synth::FaceGenerator;
use selfsame::{Comparator, Embedding, Face, Fmr, Threshold};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // These embeddings are synthetic; real ones come from your model, with several pictures of each of some hundred
    // people.
    let people = FaceGenerator::new(9);
    let (mut embeddings, mut labels): (Vec<Embedding>, Vec<i64>) = (Vec::new(), Vec::new());
    for person in 0..600 {
        for picture in 0..3 {
            embeddings.push(people.embedding(person, picture));
            labels.push(person as i64);
        }
    }
    let rates = [1e-2, 1e-3, 1e-4, 1e-5].map(Fmr::new).into_iter().collect::<Result<Vec<_>, _>>()?;
    let fitted = calibrate(&embeddings, &labels, &[], &rates)?;
    println!(
        "{} people, {} comparisons; data back scores up to {:.0} dB",
        fitted.identities,
        fitted.comparisons,
        fitted.backed_to().decibels()
    );
    for t in &fitted.thresholds {
        println!("false accept rate {:.0e}: cosine {:.3}", t.far.get(), t.cosine.value());
    }

    // Keep the calibration beside the model and with every gallery of it.
    let bytes = fitted.calibration.encode();
    let model = CosineCalibration::decode(&bytes)?;
    let threshold = Threshold::at_fmr(Fmr::new(1e-4)?)?;
    let comparator = Comparator::<Face>::new();
    for (name, a, b) in [("one person", (700, 0), (700, 1)), ("two people", (700, 0), (701, 0))] {
        let cosine = comparator.compare_templates(&people.embedding(a.0, a.1), &people.embedding(b.0, b.1))?;
        let score = model.score(cosine);
        let verdict = if score.meets(threshold) { "match" } else { "no match" };
        println!("{name}: cosine {:.3} is {:.0} dB, {verdict}", cosine.value(), score.decibels());
    }
    Ok(())
}
