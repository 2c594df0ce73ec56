//! A sealed gallery on a disk: people are enrolled, verified, identified and erased, and the gallery is reopened.
//!
//! `cargo run --release --example sealed_gallery`

use std::sync::Arc;

use selfsame::gallery::log::Actor;
use selfsame::gallery::seal::{KeyProvider, Passphrase};
use selfsame::gallery::{Gallery, GallerySearch, Samples};
use selfsame::synth::{Level, PrintGenerator};
use selfsame::{Extractor, FingerPosition, FingerTemplate, Fmr, SubjectId, Threshold};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let extractor = Extractor::new();
    let people = PrintGenerator::new(5);
    let print =
        |person: u64, impression: u64| -> Result<FingerTemplate, selfsame::fingerprint::extract::ExtractError> {
            extractor.extract(&people.finger(person).impression(impression, Level::Good).image)
        };
    let finger = |template| Samples::new().finger(FingerPosition::RightIndex, template);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("door");
    // Ask for the passphrase, or use a KeyFile, an EnvironmentKey or your own key service (the example key_service).
    let key: Arc<dyn KeyProvider> = Arc::new(Passphrase::new("four words of passphrase".to_owned())?);

    let gallery = Gallery::builder(Arc::clone(&key)).create(&path)?;
    for person in 0..8 {
        gallery.enroll(&SubjectId::new(format!("person-{person}"))?, &finger(print(person, 0)?))?;
    }
    drop(gallery);

    // Opening opens and checks every record.
    let gallery = Gallery::builder(Arc::clone(&key)).open(&path)?;
    println!("{} people; the gallery is sound: {}", gallery.len(), gallery.check()?.is_sound());
    let threshold = Threshold::at_fmr(Fmr::new(1e-4)?)?;
    let claim = SubjectId::new("person-3")?;
    for person in [3, 4] {
        let probe = finger(print(person, 1)?);
        let verified = gallery.acting_as(Actor::new("door 1")?).verify(&claim, &probe, threshold)?;
        println!("finger {person} says it is person-3: {}", if verified.matched { "match" } else { "no match" });
    }
    let found = gallery.identify(&finger(print(6, 1)?), &GallerySearch::top(1).at_least(threshold.score()))?;
    println!("finger 6 is {}", found.first().map_or("nobody", |c| c.subject.as_str()));
    gallery.erase(&[SubjectId::new("person-6")?])?;
    let found = gallery.identify(&finger(print(6, 1)?), &GallerySearch::top(1).at_least(threshold.score()))?;
    println!("after its erasure it is {}", found.first().map_or("nobody", |c| c.subject.as_str()));
    println!("the log has {} entries", gallery.info().log_entries);
    Ok(())
}
