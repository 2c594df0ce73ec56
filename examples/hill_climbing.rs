//! An attacker with unlimited attempts who sees each score can climb to a match; decisions without scores and a limit
//! of attempts prevent both.
//!
//! `cargo run --release --example hill_climbing`. All faces are synthetic.
//!
//! The attack presents strangers' faces to the gallery, weights each by its score, and presents the sum: with a hundred
//! scores it is near enough. It needs only the answers of `verify`.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use selfsame::face::compare::CosineCalibration;
use selfsame::face::embedding::FaceModel;
use selfsame::gallery::disk::MemoryDisk;
use selfsame::gallery::log::Actor;
use selfsame::gallery::seal::{KeyProvider, RawKey, SecretKey};
use selfsame::gallery::{AttemptLimit, Gallery, GalleryError, Samples};
use selfsame::synth::FaceGenerator;
use selfsame::{Comparator, Cosine, Embedding, Face, Fmr, SubjectId, Threshold};

const TARGETS: u64 = 11;
/// Attempts after which the attacker gives up.
const PATIENCE: usize = 5000;

fn main() -> Result<(), Box<dyn Error>> {
    let faces = FaceGenerator::new(3);
    let disk = MemoryDisk::new();
    let key: Arc<dyn KeyProvider> = Arc::new(RawKey::new(SecretKey::random()?));
    let builder = || Gallery::builder(Arc::clone(&key));
    let made = builder().face_model(FaceModel::new("synthetic", "1", 512)?).face_calibration(calibration(&faces)?);
    let gallery = made.create_on(disk.clone())?;
    for n in 0..=TARGETS {
        gallery.enroll(&SubjectId::new(format!("person-{n}"))?, &Samples::new().face(faces.embedding(n, 0)))?;
    }
    drop(gallery);
    let threshold = Threshold::at_fmr(Fmr::new(1e-4)?)?;

    let gallery = builder().open_on(disk.clone())?;
    let mut attempts = Vec::new();
    for n in 0..TARGETS {
        attempts.extend(climbed(&gallery, n, &faces, threshold)?);
    }
    attempts.sort_unstable();
    println!(
        "with scores and no limit: {} of {TARGETS} targets matched at FMR 1e-4, after {} to {} attempts",
        attempts.len(),
        attempts.first().copied().unwrap_or_default(),
        attempts.last().copied().unwrap_or_default()
    );
    drop(gallery);

    let gallery = builder().decisions_only().open_on(disk.clone())?;
    let mut matched = 0;
    for n in 0..TARGETS {
        matched += usize::from(climbed(&gallery, n, &faces, threshold)?.is_some());
    }
    println!("with decisions only: {matched} of {TARGETS} targets after {PATIENCE} attempts each, as chance has it");
    drop(gallery);

    let limit = AttemptLimit::default();
    let gallery = builder().decisions_only().attempts(limit).open_on(disk)?;
    // A subject that was not attacked yet, at a separate door: failures are counted from the log.
    let gallery = gallery.acting_as(Actor::new("another door")?);
    let subject = SubjectId::new(format!("person-{TARGETS}"))?;
    let mut tried = 0_u64;
    let wait = loop {
        match gallery.verify(&subject, &Samples::new().face(faces.embedding(90_000 + tried, 0)), threshold) {
            Ok(_) => tried += 1,
            Err(GalleryError::Limited { wait }) => break wait,
            Err(e) => return Err(e.into()),
        }
    };
    println!("with the limit: after {tried} attempts the next is taken in {} s", wait.as_secs_f64().ceil());
    for (what, span) in [("an hour", 3600), ("a day", 86_400), ("a year", 31_536_000)] {
        let count = within(&limit, Duration::from_secs(span));
        let chance = 1.0 - (1.0 - 1e-4_f64).powf(count as f64);
        println!("  within {what}: {count} attempts, a chance of {:.2} % at FMR 1e-4", 100.0 * chance);
    }
    Ok(())
}

/// Number of attempts until the target matched.
fn climbed(
    gallery: &Gallery,
    target: u64,
    faces: &FaceGenerator,
    threshold: Threshold,
) -> Result<Option<usize>, Box<dyn Error>> {
    let subject = SubjectId::new(format!("person-{target}"))?;
    let mut sum = vec![0.0_f32; 512];
    let mut tried = 0;
    while tried < PATIENCE {
        let stranger = faces.embedding(1_000_000 + 10_000 * target + tried as u64, 0);
        let mut probes = vec![stranger.clone()];
        // After every few scores, the sum is tried too.
        if tried % 8 == 7 && sum.iter().any(|x| *x != 0.0) {
            probes.push(Embedding::from_slice(&sum)?);
        }
        for (i, probe) in probes.into_iter().enumerate() {
            tried += 1;
            let told = gallery.verify(&subject, &Samples::new().face(probe), threshold)?;
            if told.matched {
                return Ok(Some(tried));
            }
            // Most strangers score 0; one in ten resembles the target slightly, and their sum resembles it more.
            let weight = told.score.map_or(0.0, |score| (score.decibels() - 3.0).max(0.0));
            if i == 0 {
                sum.iter_mut().zip(stranger.as_slice()).for_each(|(sum, x)| *sum += weight * x);
            }
        }
    }
    Ok(None)
}

/// Number of attempts with one subject that a limit allows in a time.
fn within(limit: &AttemptLimit, span: Duration) -> u64 {
    let (mut count, mut passed, mut wait) = (u64::from(limit.subject), Duration::ZERO, limit.first);
    loop {
        passed += wait;
        if passed > span {
            return count;
        }
        count += 1;
        wait = (wait * 2).min(limit.most);
    }
}

/// A calibration of this model from pairs of strangers.
fn calibration(faces: &FaceGenerator) -> Result<CosineCalibration, Box<dyn Error>> {
    let comparator = Comparator::<Face>::new();
    let mut strangers: Vec<Cosine> = Vec::new();
    let references = (3000..4000).map(|n| comparator.reference(&faces.embedding(n, 0)));
    let references = references.collect::<Result<Vec<_>, _>>()?;
    for n in 2000..3000 {
        let probe = comparator.prepare(&faces.embedding(n, 0))?;
        for reference in &references {
            strangers.push(comparator.compare(&probe, reference)?);
        }
    }
    Ok(CosineCalibration::from_impostors(&strangers)?)
}
