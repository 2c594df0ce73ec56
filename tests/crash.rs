//! Galleries on disks that lie, fail and lose power: what was acknowledged is there, whole, and nothing panics.
//!
//! `SELFSAME_CRASHES=1000000 cargo test --release --test crash -- crash_images --nocapture` runs the long campaign.

mod disk;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use disk::{Disk, Entry, Numbers, Synced};
use rayon::prelude::*;
use selfsame::gallery::{BatchOptions, Gallery, GalleryError, Parts, Samples};
use selfsame::seal::{KeyProvider, RawKey, SecretKey};
use selfsame::store::RedbStore;
use selfsame::synth::TemplateGenerator;
use selfsame::{FingerPosition, FingerTemplate, SubjectId};

/// Crash images of a usual run.
const IMAGES: u64 = 20_000;
/// A crash while recovering from a crash while recovering from a crash.
const DEPTH: usize = 3;

fn key() -> Arc<dyn KeyProvider> {
    Arc::new(RawKey::new(SecretKey::from_bytes(&[1; 32])))
}

fn id(n: u64) -> SubjectId {
    SubjectId::new(format!("person-{n}")).unwrap()
}

fn finger(n: u64) -> Samples {
    let full = TemplateGenerator::new(7).reference(n);
    // A few minutiae are enough for a disk.
    let template = FingerTemplate::new(full.width(), full.height(), full.minutiae()[..8].to_vec()).unwrap();
    Samples::new().finger(FingerPosition::RightIndex, template)
}

/// A gallery's state as one can ask for it: commits, subjects, records.
type Shown = (u64, usize, u64);

fn shown(gallery: &Gallery) -> Shown {
    (gallery.commits(), gallery.len(), gallery.records())
}

/// What is done to a gallery, one acknowledged step after the other.
fn steps(gallery: &Gallery, mut acknowledged: impl FnMut(&Gallery)) -> Result<(), GalleryError> {
    acknowledged(gallery);
    for n in 0..12 {
        gallery.enroll(&id(n), &finger(n))?;
        acknowledged(gallery);
    }
    gallery.enroll_batch((100..140).map(|n| (id(n), finger(n))), BatchOptions::new().per_commit(15))?;
    acknowledged(gallery);
    gallery.update(&id(3), &finger(33))?;
    acknowledged(gallery);
    gallery.delete(&[id(4), id(101)])?;
    acknowledged(gallery);
    gallery.rotate_keys()?;
    acknowledged(gallery);
    gallery.erase(&[id(5)])?;
    acknowledged(gallery);
    gallery.enroll(&id(5), &finger(5))?;
    acknowledged(gallery);
    Ok(())
}

fn parts(disk: &Disk, keyring: &Arc<Mutex<Vec<u8>>>) -> Result<Parts, GalleryError> {
    Ok(Parts::new(RedbStore::on(disk.clone(), &SecretKey::from_bytes(&[2; 32]))?).keyring(Arc::clone(keyring)))
}

/// The diary of a whole life, where in it each step was acknowledged, and every state there was.
struct Life {
    diary: Vec<Entry>,
    acknowledged: Vec<(usize, u64)>,
    states: Vec<Shown>,
}

fn life() -> Life {
    let keyring = Arc::default();
    let disk = Disk::new(Vec::new(), &keyring);
    let gallery = Gallery::builder(key()).create_in(parts(&disk, &keyring).unwrap()).unwrap();
    let (mut acknowledged, mut states) = (Vec::new(), Vec::new());
    steps(&gallery, |gallery| {
        let written = disk.state.lock().unwrap().diary.len();
        acknowledged.push((written, gallery.commits()));
        states.push(shown(gallery));
    })
    .unwrap();
    drop(gallery);
    let diary = std::mem::take(&mut disk.state.lock().unwrap().diary);
    Life { diary, acknowledged, states }
}

/// Of files that no disk should leave behind the engine gives up with a panic, which the store catches; its messages are left out.
fn quiet_engine() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if info.location().is_none_or(|l| !l.file().contains("redb-")) {
            usual(info);
        }
    }));
}

enum Verdict {
    Sound,
    Lost,
    Half,
}

/// Opens what a crash left and judges it; the disk's diary is there for the next crash.
fn judge(life: &Life, disk: &Disk, keyring: &Arc<Mutex<Vec<u8>>>, at_least: u64) -> Verdict {
    let gallery = match parts(disk, keyring).and_then(|parts| Gallery::builder(key()).open_in(parts)) {
        Ok(gallery) => gallery,
        // Before the first acknowledgement there may be nothing.
        Err(_) if at_least == 0 => return Verdict::Sound,
        Err(_) => return Verdict::Lost,
    };
    let now = shown(&gallery);
    if now.0 < at_least {
        return Verdict::Lost;
    }
    // Opening may finish a rotation, which adds commits and changes neither subjects nor records.
    let known = life.states.iter().any(|s| s.1 == now.1 && s.2 == now.2 && s.0 <= now.0);
    let batch = now.1 as u64 == now.2 && (12..=52).contains(&now.1);
    if known || batch { Verdict::Sound } else { Verdict::Half }
}

/// Crash images at random moments: how many were lost, and how many half.
fn campaign(life: &Life, images: u64, syncs: bool) -> (u64, u64) {
    let (lost, half) = (AtomicU64::new(0), AtomicU64::new(0));
    let workers = rayon::current_num_threads() as u64 * 4;
    (0..workers).into_par_iter().for_each(|worker| {
        let mut numbers = Numbers(worker * 7919 + 1);
        let count = images / workers + 1;
        let mut moments: Vec<usize> = (0..count).map(|_| 1 + numbers.below(life.diary.len())).collect();
        moments.sort_unstable();
        let mut synced = Synced::new(Vec::new());
        for at in moments {
            let bytes = synced.crash(&life.diary, at, &mut numbers, syncs);
            let at_least =
                life.acknowledged.iter().filter(|(written, _)| *written <= at).map(|a| a.1).max().unwrap_or(0);
            let keyring = Arc::new(Mutex::new(life.diary[at - 1].keyring.to_vec()));
            let (mut disk, mut verdict) = (Disk::new(bytes.clone(), &keyring), Verdict::Sound);
            let mut start = bytes;
            for _ in 0..DEPTH {
                verdict = judge(life, &disk, &keyring, at_least);
                // Every now and then the power fails again while the crash is being recovered from.
                let diary = std::mem::take(&mut disk.state.lock().unwrap().diary);
                if !matches!(verdict, Verdict::Sound) || diary.is_empty() || numbers.below(4) != 0 {
                    break;
                }
                let again = 1 + numbers.below(diary.len());
                start = Synced::new(start).crash(&diary, again, &mut numbers, syncs);
                *keyring.lock().unwrap() = diary[again - 1].keyring.to_vec();
                disk = Disk::new(start.clone(), &keyring);
            }
            match verdict {
                Verdict::Sound => {}
                Verdict::Lost => drop(lost.fetch_add(1, Ordering::Relaxed)),
                Verdict::Half => drop(half.fetch_add(1, Ordering::Relaxed)),
            }
        }
    });
    (lost.into_inner(), half.into_inner())
}

#[test]
fn crash_images_lose_nothing_that_was_acknowledged() {
    let life = life();
    let images = std::env::var("SELFSAME_CRASHES").ok().and_then(|n| n.parse().ok()).unwrap_or(IMAGES);
    let (lost, half) = campaign(&life, images, true);
    println!("{images} crash images of {} requests: {lost} lost, {half} half", life.diary.len());
    assert_eq!((lost, half), (0, 0));
    quiet_engine();
    // The same on a disk whose syncs mean nothing must lose something, or the test sees nothing.
    let (lost, half) = campaign(&life, 400, false);
    println!("without syncs, of 400: {lost} lost, {half} half");
    assert!(lost > 100);
}

#[test]
fn a_disk_that_fails_at_any_request_loses_nothing_that_was_acknowledged() {
    let whole = {
        let keyring = Arc::default();
        let disk = Disk::new(Vec::new(), &keyring);
        let gallery = Gallery::builder(key()).create_in(parts(&disk, &keyring).unwrap()).unwrap();
        steps(&gallery, |_| {}).unwrap();
        // Closing asks for more, which no acknowledgement waits for.
        disk.state.lock().unwrap().asked
    };
    let every = (whole / 400).max(1);
    // How many requests there are differs from life to life, as keys do and with them the order of what is stored.
    let stopped = AtomicU64::new(0);
    (0..whole).step_by(every as usize).collect::<Vec<_>>().into_par_iter().for_each(|k| {
        let keyring = Arc::default();
        let disk = Disk::new(Vec::new(), &keyring).failing_from(k);
        let mut last: Option<Shown> = None;
        let mut asked = 0;
        let made = parts(&disk, &keyring).and_then(|parts| Gallery::builder(key()).create_in(parts));
        let failed = match &made {
            Err(_) => true,
            Ok(gallery) => {
                let done = steps(gallery, |gallery| {
                    last = Some(shown(gallery));
                    asked = disk.state.lock().unwrap().asked;
                });
                if done.is_err() {
                    // What is in memory is what was acknowledged, and nothing more is promised.
                    assert!(matches!(gallery.enroll(&id(999), &finger(9)), Err(GalleryError::Stopped)), "request {k}");
                }
                done.is_err()
            }
        };
        drop(made);
        if let Some(last) = last {
            let bytes = disk.state.lock().unwrap().bytes.clone();
            let disk = Disk::new(bytes, &keyring);
            let gallery = Gallery::builder(key()).open_in(parts(&disk, &keyring).unwrap()).unwrap();
            assert!(gallery.commits() >= last.0, "request {k}");
            assert!(gallery.check().unwrap().is_sound(), "request {k}");
        }
        assert!(asked <= k, "a step was acknowledged after request {k} was refused");
        stopped.fetch_add(u64::from(failed), Ordering::Relaxed);
    });
    let (stopped, tried) = (stopped.into_inner(), whole.div_ceil(every));
    println!("{stopped} of {tried} lives were stopped by a refused request");
    assert!(stopped * 10 > tried * 7);
}
