//! Who is enrolled twice? This example compares all pairs, stops half-way, and continues from a checkpoint.
//!
//! `cargo run --release --example find_duplicates`

use selfsame::index::{Dedup, DedupCheckpoint, DedupOptions, Index};
use selfsame::synth::{Level, PrintGenerator};
use selfsame::{Extractor, Finger, Fmr, SubjectId, Threshold};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let extractor = Extractor::new();
    // Synthetic prints; real ones: FingerImage::decode(&std::fs::read("print.png")?, Ppi::new(500.0)?, &Limits::default())?
    let people = PrintGenerator::new(3);
    let mut index = Index::<Finger>::default();
    for card in 0..30u64 {
        // Cards 28 and 29 show the same fingers as cards 4 and 11.
        let (finger, impression) = if card < 28 { (card, 0) } else { ([4, 11][card as usize - 28], 1) };
        let image = people.finger(finger).impression(impression, Level::Good).image;
        index.insert(SubjectId::new(format!("card-{card:02}"))?, &extractor.extract(&image)?)?;
    }

    // Thirty cards need 435 comparisons; at this threshold one false pair in ten such searches is expected.
    let threshold = Threshold::at_fpir(Fmr::new(0.1)?, 435);
    let options = DedupOptions::at_least(threshold.score()).block_rows(4);
    let mut dedup = Dedup::new(&index, options.clone());
    dedup.step()?;
    let kept = dedup.checkpoint().to_bytes();
    println!("stopped after {} of {} comparisons", dedup.progress().comparisons_done, dedup.progress().comparisons);

    // In a later process the gallery must be the same, or the checkpoint is rejected.
    let mut dedup = Dedup::resume(&index, options, &DedupCheckpoint::from_bytes(&kept)?)?;
    while dedup.step()? {}
    // Synthetic fingers are more alike than real ones: a pair of strangers may appear, far below the others.
    for pair in dedup.duplicates() {
        println!("{} and {}: {:.0} dB", pair.a, pair.b, pair.score.decibels());
    }
    Ok(())
}
