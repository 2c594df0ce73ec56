//! Do two fingerprint images show the same finger?
//!
//! `cargo run --release --example verify_print -- A.png B.png 500`; without arguments it uses two synthetic prints.

use selfsame::synth::{Level, PrintGenerator};
use selfsame::{Comparator, Extractor, Finger, FingerImage, Fmr, Limits, Ppi, Threshold};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (a, b) = match arguments.as_slice() {
        [a, b, ppi] => {
            let ppi = Ppi::new(ppi.parse()?)?;
            let read = |path: &String| -> Result<FingerImage, Box<dyn std::error::Error>> {
                Ok(FingerImage::decode(&std::fs::read(path)?, ppi, &Limits::default())?)
            };
            (read(a)?, read(b)?)
        }
        [] => {
            let finger = PrintGenerator::new(1).finger(0);
            (finger.impression(0, Level::Good).image, finger.impression(1, Level::Good).image)
        }
        _ => return Err("expected: A B PPI".into()),
    };
    let extractor = Extractor::new();
    let score = Comparator::<Finger>::new().compare_templates(&extractor.extract(&a)?, &extractor.extract(&b)?)?;
    let threshold = Threshold::at_fmr(Fmr::new(1e-4)?)?;
    let verdict = if score.meets(threshold) { "the same finger" } else { "no match" };
    println!("score {score:.1} dB, threshold {:.1} dB: {verdict}", threshold.score());
    Ok(())
}
