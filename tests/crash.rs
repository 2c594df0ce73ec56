//! Galleries on disks that lie and lose power: what was acknowledged is there, whole, and nothing panics. `tests/stops.rs` stops at every request;
//! this loses what was not synced in random ways.
//!
//! `SELFSAME_CRASHES=1000000 cargo test --release --test crash -- --nocapture` runs the long campaign.

#[path = "common/disk.rs"]
mod disk;
#[path = "common/people.rs"]
mod people;

use std::sync::atomic::{AtomicU64, Ordering};

use disk::{Image, Left, Numbers, Op, Sim, crash};
use people::{id, key, small_finger};
use rayon::prelude::*;
use selfsame::gallery::{BatchOptions, Gallery, GalleryError, GallerySearch, LogQuery};

/// Crash images of a usual run.
const IMAGES: u64 = 20_000;
/// A crash while recovering from a crash while recovering from a crash.
const DEPTH: usize = 3;

/// A gallery's state as one can ask for it: changes in the log, subjects, records.
type Shown = (usize, usize, u64);

fn shown(gallery: &Gallery) -> Shown {
    let looks = ["open", "read-log"];
    let log = gallery.log(LogQuery::first(usize::MAX)).unwrap();
    let changes =
        log.iter().filter(|e| e.event.as_ref().is_none_or(|event| !looks.contains(&event.kind.name()))).count();
    (changes, gallery.len(), gallery.records())
}

/// What is done to a gallery, one acknowledged step after the other.
fn steps(gallery: &Gallery, mut acknowledged: impl FnMut(&Gallery)) -> Result<(), GalleryError> {
    acknowledged(gallery);
    for n in 0..12 {
        gallery.enroll(&id(n), &small_finger(n))?;
        acknowledged(gallery);
    }
    for n in 0..3 {
        gallery.enroll_batch((100 + 15 * n..115 + 15 * n).map(|n| (id(n), small_finger(n))), BatchOptions::new())?;
        acknowledged(gallery);
    }
    gallery.update(&id(3), &small_finger(33))?;
    acknowledged(gallery);
    gallery.delete(&[id(4), id(101)])?;
    acknowledged(gallery);
    gallery.rotate_keys()?;
    acknowledged(gallery);
    gallery.erase(&[id(5)])?;
    acknowledged(gallery);
    gallery.enroll(&id(5), &small_finger(5))?;
    acknowledged(gallery);
    Ok(())
}

/// The diary of a whole life, where in it each step was acknowledged, and every state there was.
struct Life {
    diary: Vec<Op>,
    acknowledged: Vec<usize>,
    states: Vec<Shown>,
}

fn life() -> Life {
    let sim = Sim::new(Image::default(), "gallery");
    let gallery = Gallery::builder(key(1)).create_on(sim.clone()).unwrap();
    let (mut acknowledged, mut states) = (Vec::new(), Vec::new());
    steps(&gallery, |gallery| {
        acknowledged.push(sim.world().diary.len());
        states.push(shown(gallery));
    })
    .unwrap();
    drop(gallery);
    let diary = std::mem::take(&mut sim.world().diary);
    Life { diary, acknowledged, states }
}

/// Opens what a crash left: whether it is the state of the last acknowledged step, or of the one behind it.
fn is_kept(life: &Life, sim: &Sim, last: Option<usize>) -> Result<(), String> {
    match Gallery::builder(key(1)).open_on(sim.clone()) {
        Ok(gallery) => {
            let (now, first) = (shown(&gallery), last.unwrap_or(0));
            let next = &life.states[first..life.states.len().min(first + 2)];
            if next.contains(&now) { Ok(()) } else { Err(format!("{now:?} is none of {next:?}")) }
        }
        // Before the first acknowledgement there may be nothing.
        Err(_) if last.is_none() => Ok(()),
        Err(e) => Err(format!("does not open: {e:?}")),
    }
}

/// Crash images at random moments: how many lost something.
fn crash_images(images: u64, syncs: bool) -> (u64, Option<String>) {
    let life = life();
    let (lost, first) = (AtomicU64::new(0), std::sync::Mutex::new(None));
    (0..images).into_par_iter().for_each(|n| {
        let mut numbers = Numbers(n * 77 + 5);
        let at = numbers.below(life.diary.len() + 1);
        let last = life.acknowledged.iter().rposition(|done| *done <= at);
        let mut image = crash(&Image::default(), &life.diary, at, Left::Some, &mut numbers, syncs);
        for depth in 0..DEPTH {
            let sim = Sim::new(image.clone(), "gallery");
            if let Err(why) = is_kept(&life, &sim, last) {
                lost.fetch_add(1, Ordering::Relaxed);
                let what = format!("image {n} at {at} ({:?}), depth {depth}: {why}", life.diary.get(at));
                first.lock().unwrap().get_or_insert(what);
                return;
            }
            // The power fails again while the gallery is opened, one time in four.
            if depth + 1 == DEPTH || numbers.below(4) != 0 {
                return;
            }
            let sim = Sim::new(image.clone(), "gallery");
            drop(Gallery::builder(key(1)).open_on(sim.clone()));
            let again = std::mem::take(&mut sim.world().diary);
            image = crash(&image, &again, numbers.below(again.len() + 1), Left::Some, &mut numbers, syncs);
        }
    });
    (lost.into_inner(), first.into_inner().unwrap())
}

#[test]
fn power_failures_lose_nothing_that_was_acknowledged() {
    let images = std::env::var("SELFSAME_CRASHES").ok().and_then(|n| n.parse().ok()).unwrap_or(IMAGES);
    let (lost, first) = crash_images(images, true);
    println!("{images} crash images: {lost} lost something that was acknowledged, or were half");
    assert_eq!((lost, first), (0, None));
    // Where syncs mean nothing the same test finds losses, so it can.
    assert!(crash_images(500, false).0 > 100);
}

/// A file system of a few megabytes, where the machine lets one be made: filled up by an import until it is full, again and again.
#[test]
#[cfg(target_os = "linux")]
fn a_file_system_that_is_full_keeps_the_gallery() {
    use std::process::Command;
    let folder = tempfile::tempdir().unwrap();
    let mount = folder.path().join("small");
    std::fs::create_dir(&mount).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "none"]).arg(&mount).status();
    if !mounted.is_ok_and(|status| status.success()) {
        println!("skipped: this machine lets no file system be mounted");
        return;
    }
    let tried = std::panic::catch_unwind(|| {
        for round in 0..10 {
            let (path, filler) = (mount.join("gallery"), mount.join("filler"));
            let open = || Gallery::builder(key(1)).open(&path);
            // Room that is given back later, and a little more of it each time.
            std::fs::write(&filler, vec![1; (1 << 18) + 4001 * round as usize]).unwrap();
            let gallery = Gallery::builder(key(1)).create(&path).unwrap();
            gallery.enroll_batch((0..100).map(|n| (id(n), small_finger(n))), BatchOptions::new()).unwrap();
            let more = (1000..).take(5000).map(|n| (id(n), small_finger(n % 50)));
            let full = gallery.enroll_batch(more, BatchOptions::new().per_commit(300));
            assert!(matches!(full, Err(GalleryError::Io(_))), "{full:?}");
            assert!(matches!(gallery.enroll(&id(1), &small_finger(1)), Err(GalleryError::Stopped)));
            let enrolled = gallery.len();
            assert!(enrolled > 400);
            drop(gallery);
            // Still full: it is looked at, checked and searched, and erasing, which needs room, fails and loses nothing.
            for _ in 0..2 {
                assert!(Gallery::builder(key(1)).check(&path).unwrap().is_sound());
                let gallery = open().unwrap();
                assert_eq!(gallery.len(), enrolled);
                assert!(!gallery.identify(&small_finger(7), &GallerySearch::top(1)).unwrap().is_empty());
                assert!(gallery.erase(&[id(7)]).is_err());
            }
            // With some room it goes on.
            std::fs::remove_file(&filler).unwrap();
            let gallery = open().unwrap();
            assert_eq!(gallery.len(), enrolled);
            gallery.enroll(&id(200), &small_finger(1)).unwrap();
            assert_eq!(gallery.delete(&[id(7)]).unwrap(), 1);
            drop(gallery);
            assert_eq!(open().unwrap().len(), enrolled);
            std::fs::remove_dir_all(&path).unwrap();
        }
        println!("10 galleries on a full file system, none lost");
    });
    let _ = Command::new("umount").arg(&mount).status();
    tried.unwrap();
}
