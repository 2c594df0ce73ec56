//! Whose finger is it? This example enrolls synthetic fingers and searches them for an enrolled finger and for a
//! stranger's.
//!
//! `cargo run --release --example identify_print`

use selfsame::index::{Index, Search};
use selfsame::synth::{Level, PrintGenerator};
use selfsame::{Extractor, Finger, Fmr, SubjectId};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let fingers = PrintGenerator::new(7);
    let extractor = Extractor::new();
    let mut index = Index::<Finger>::default();
    for n in 0..12 {
        let enrolled = extractor.extract(&fingers.finger(n).impression(0, Level::Good).image)?;
        index.insert(SubjectId::new(format!("person-{n}"))?, &enrolled)?;
    }
    // At most one false match in a hundred searches of an index of this size.
    let search = Search::top(1).at_fpir(Fmr::new(1e-2)?);
    for n in [3, 99] {
        let probe = index.prepare(&extractor.extract(&fingers.finger(n).impression(1, Level::Good).image)?)?;
        match index.identify(&probe, &search)?.first() {
            Some(c) => println!("finger {n}: {} with {:.1} dB", c.subject, c.score),
            None => println!("finger {n}: nobody in the gallery"),
        }
    }
    Ok(())
}
