//! Error rates over a small synthetic population. They are not comparable with those on real prints.
//!
//! `cargo run --release --example error_rates`

use selfsame::eval::ScoreSet;
use selfsame::synth::TemplateGenerator;
use selfsame::{Comparator, Finger, Fmr};

const FINGERS: u64 = 40;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let people = TemplateGenerator::new(3);
    let comparator = Comparator::<Finger>::new();
    let references: Vec<_> =
        (0..FINGERS).map(|i| comparator.reference(&people.reference(i))).collect::<Result<_, _>>()?;
    let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
    for i in 0..FINGERS {
        let probe = comparator.prepare(&people.probe(i, 0))?;
        for (j, reference) in (0..).zip(&references) {
            let score = f64::from(comparator.compare(&probe, reference)?.decibels());
            if i == j { genuine.push(score) } else { impostor.push(score) }
        }
    }
    let scores = ScoreSet::new(genuine, impostor)?;
    println!("EER {:.2} %, FNMR at FMR 1e-2 {:.2} %", 100.0 * scores.eer(), 100.0 * scores.fnmr_at(Fmr::new(1e-2)?));
    Ok(())
}
