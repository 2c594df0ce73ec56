//! A door: people with fingers and faces, decisions at a chosen false match rate, a swapped record, and the log.
//!
//! `cargo run --release --example access_control`. All people are synthetic.

use std::error::Error;
use std::sync::{Arc, Mutex};

use selfsame::audit::Actor;
use selfsame::face::compare::CosineCalibration;
use selfsame::face::index::FaceModel;
use selfsame::gallery::{Gallery, GalleryError, GallerySearch, LogPolicy, Parts, Samples};
use selfsame::seal::{KeyProvider, Passphrase};
use selfsame::store::{Change, MemoryStore, Store, StoreError, Table};
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

    // What cosines of this model mean, from pairs of strangers.
    let comparator = Comparator::<Face>::new();
    let mut strangers: Vec<Cosine> = Vec::new();
    for i in 1000..1300 {
        let probe = comparator.prepare(&faces.embedding(i, 0))?;
        for j in 1300..1600 {
            strangers.push(comparator.compare(&probe, &comparator.reference(&faces.embedding(j, 0))?)?);
        }
    }
    let calibration = CosineCalibration::from_impostors(&strangers)?;
    println!(
        "faces are calibrated to {:.0} dB on {} pairs of strangers",
        calibration.reach().decibels(),
        strangers.len()
    );

    // The gallery. A real one lies in a folder: Gallery::builder(key).create("door")?
    let key: Arc<dyn KeyProvider> = Arc::new(Passphrase::new("four words of passphrase".to_owned())?);
    let disk = Disk::default();
    let keyring = Arc::new(Mutex::new(Vec::new()));
    let parts = || Parts::new(disk.clone()).keyring(Arc::clone(&keyring));
    let gallery = Gallery::builder(Arc::clone(&key))
        .face_model(FaceModel::new("synthetic", "1", 512)?)
        .face_calibration(calibration)
        .actor(Actor::new("front desk")?)
        .log_policy(LogPolicy::each())
        .create_in(parts())?;
    for (who, name) in (0..).zip(PEOPLE) {
        gallery.enroll(&SubjectId::new(name)?, &samples(who, 0)?.metadata(b"may enter".to_vec()))?;
    }
    println!("{} people are enrolled, {} sealed records\n", gallery.len(), gallery.records());

    // At the door: a card says who somebody claims to be; finger and face together decide.
    let door = gallery.acting_as(Actor::new("door 3")?);
    let threshold = Threshold::at_fmr(Fmr::new(1e-5)?);
    for (claimed, really) in [("ada", 0), ("bo", 1), ("bo", 2), ("cleo", 77)] {
        let verified = door.verify(&SubjectId::new(claimed)?, &samples(really, 1)?, threshold)?;
        let verdict = if verified.matched { "opens" } else { "stays shut" };
        println!(
            "card of {claimed:<4}: {:5.1} dB, {:.0} are needed: the door {verdict}",
            verified.score.decibels(),
            threshold.score().decibels()
        );
        assert_eq!(verified.matched, PEOPLE.get(really as usize) == Some(&claimed));
    }
    // Without a card: one false entry in 10,000 searches, whatever the number of people.
    let search = GallerySearch::top(1).at_fpir(Fmr::new(1e-4)?);
    for really in [3, 78] {
        let found = door.identify(&samples(really, 2)?, &search)?;
        let who =
            found.first().map_or("nobody".to_owned(), |c| format!("{} ({:.1} dB)", c.subject, c.score.decibels()));
        println!("without a card: {who}");
        assert_eq!(found.first().map(|c| c.subject.as_str()), PEOPLE.get(really as usize).copied());
    }

    println!("\nthe log:");
    gallery.log(&mut |entry| {
        let (event, name) = (&entry.event, entry.subject.as_ref().map_or("", |s| s.as_str()));
        let score = event.score.map_or(String::new(), |s| format!("{s} dB"));
        let actor = event.actor.as_str();
        println!("{:3}  {:<9} {:<9} {name:<5} {score:<9} {actor}", entry.number, event.kind, event.outcome);
        true
    })?;
    drop((gallery, door));

    // Somebody who can write the disk puts one person's sealed finger in the place of another's.
    disk.swap_two_records()?;
    match Gallery::builder(key).open_in(parts()) {
        Err(GalleryError::Tampered(report)) => {
            println!("\nafter two records were swapped the gallery does not open:\n  {report}")
        }
        other => return Err(format!("the swap was not noticed: {other:?}").into()),
    }
    Ok(())
}

/// A store in memory that an attacker can reach.
#[derive(Clone, Default)]
struct Disk(Arc<Mutex<MemoryStore>>);

impl Disk {
    fn with<T>(&self, work: impl FnOnce(&mut MemoryStore) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Exchanges the sealed fingers of two people.
    fn swap_two_records(&self) -> Result<(), StoreError> {
        self.with(|store| {
            let mut fingers = Vec::new();
            store.scan(Table::Records, &[], &mut |key, value| {
                // Behind the 32 bytes of the subject's keyed name stands what a record is: 1 is a finger.
                if key.get(32) == Some(&1) {
                    fingers.push((key.to_vec(), value.to_vec()));
                }
                true
            })?;
            let [(a, first), (b, second), ..] = &fingers[..] else { return Ok(()) };
            store.commit(vec![
                Change::put(Table::Records, a, second.clone()),
                Change::put(Table::Records, b, first.clone()),
            ])
        })
    }
}

impl Store for Disk {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(|store| store.get(table, key))
    }

    fn scan(&self, table: Table, p: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        self.with(|store| store.scan(table, p, visit))
    }

    fn scan_from(&self, table: Table, p: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        self.with(|store| store.scan_from(table, p, visit))
    }

    fn commit(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.with(|store| store.commit(changes))
    }

    fn compact(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}
