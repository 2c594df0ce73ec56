//! Access control at a door: people with fingers and faces, decisions at a chosen false match rate, a tampered record,
//! and the log.
//!
//! `cargo run --release --example access_control`. All people are synthetic.

use std::error::Error;
use std::sync::Arc;

use selfsame::face::compare::CosineCalibration;
use selfsame::face::embedding::FaceModel;
use selfsame::gallery::disk::MemoryDisk;
use selfsame::gallery::log::Actor;
use selfsame::gallery::seal::{KeyProvider, Passphrase};
use selfsame::gallery::{AttemptLimit, Gallery, GalleryError, GallerySearch, LogPolicy, LogQuery, Samples};
use selfsame::synth::{FaceGenerator, Level, PrintGenerator};
use selfsame::{Comparator, Cosine, Extractor, Face, FingerPosition, Fmr, SubjectId, Threshold};

const FINGER: FingerPosition = FingerPosition::RightIndex;
const PEOPLE: [&str; 4] = ["ada", "bo", "cleo", "dan"];

fn main() -> Result<(), Box<dyn Error>> {
    let (prints, faces, extractor) = (PrintGenerator::new(11), FaceGenerator::new(11), Extractor::new());
    let samples = |who: u64, visit: u64| -> Result<Samples, Box<dyn Error>> {
        let print = prints.finger(who).impression(visit, Level::Good).image;
        Ok(Samples::new().finger(FINGER, extractor.extract(&print)?).face(faces.embedding(who, visit)))
    };

    let (calibration, strangers) = calibration(&faces)?;
    println!("faces are calibrated to {:.0} dB on {strangers} pairs of strangers", calibration.reach().decibels());

    // The gallery. A real one is in a folder: Gallery::builder(key).create("door")?
    let key: Arc<dyn KeyProvider> = Arc::new(Passphrase::new("four words of passphrase".to_owned())?);
    let disk = MemoryDisk::new();
    let gallery = Gallery::builder(Arc::clone(&key))
        .face_model(FaceModel::new("synthetic", "1", 512)?)
        .face_calibration(calibration)
        .actor(Actor::new("front desk")?)
        .log_policy(LogPolicy::each())
        .attempts(AttemptLimit::default())
        .create_on(disk.clone())?;
    for (who, name) in (0..).zip(PEOPLE) {
        gallery.enroll(&SubjectId::new(name)?, &samples(who, 0)?.metadata(b"may enter".to_vec()))?;
    }
    println!("{} people are enrolled, {} sealed records\n", gallery.len(), gallery.records());

    // At the door, a card states the claimed identity; finger and face together decide.
    let door = gallery.acting_as(Actor::new("door 3")?);
    let threshold = Threshold::at_fmr(Fmr::new(1e-5)?)?;
    for (claimed, really) in [("ada", 0), ("bo", 1), ("bo", 2), ("cleo", 77)] {
        let verified = door.verify(&SubjectId::new(claimed)?, &samples(really, 1)?, threshold)?;
        let verdict = if verified.matched { "opens" } else { "stays shut" };
        println!(
            "card of {claimed:<4}: {:5.1} dB, {:.0} are needed: the door {verdict}",
            verified.score.map_or(0.0, |score| score.decibels()),
            threshold.score().decibels()
        );
        assert_eq!(verified.matched, PEOPLE.get(really as usize) == Some(&claimed));
    }
    // Without a card: one false entry in 10,000 searches, for any number of people.
    let search = GallerySearch::top(1).at_fpir(Fmr::new(1e-4)?);
    for really in [3, 78] {
        let found = door.identify(&samples(really, 2)?, &search)?;
        let who = found.first().map_or("nobody".to_owned(), |c| {
            format!("{} ({} dB)", c.subject, c.score.map_or(0.0, |s| s.decibels().round()))
        });
        println!("without a card: {who}");
        assert_eq!(found.first().map(|c| c.subject.as_str()), PEOPLE.get(really as usize).copied());
    }

    println!("\nthe log:");
    for entry in gallery.log(LogQuery::first(100))? {
        let Some(event) = &entry.event else { continue }; // of somebody who was erased
        let name = entry.subject.as_ref().map_or("", |s| s.as_str());
        let score = event.score.map_or(String::new(), |s| format!("{s} dB"));
        let actor = event.actor.as_str();
        println!("{:3}  {:<9} {:<9} {name:<5} {score:<9} {actor}", entry.number, event.kind, event.outcome);
    }
    drop((gallery, door));

    // An attacker with write access to the disk changes one bit of one person's sealed finger.
    let mut records = disk.get("records.1").ok_or("no records")?;
    records[300] ^= 1;
    disk.put("records.1", records);
    match Gallery::builder(key).open_on(disk) {
        Err(GalleryError::Tampered(report)) => {
            println!("\nafter one bit was changed the gallery does not open:\n  {report}")
        }
        other => return Err(format!("the change was not noticed: {other:?}").into()),
    }
    Ok(())
}

/// A calibration of this model from pairs of strangers, and their number.
fn calibration(faces: &FaceGenerator) -> Result<(CosineCalibration, usize), Box<dyn Error>> {
    let comparator = Comparator::<Face>::new();
    let mut strangers: Vec<Cosine> = Vec::new();
    for i in 1000..1300 {
        let probe = comparator.prepare(&faces.embedding(i, 0))?;
        for j in 1300..1600 {
            strangers.push(comparator.compare(&probe, &comparator.reference(&faces.embedding(j, 0))?)?);
        }
    }
    Ok((CosineCalibration::from_impostors(&strangers)?, strangers.len()))
}
