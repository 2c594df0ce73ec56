//! A gallery stopped at every single request that changes a file, its keyring, its anchor or a lock, then opened again: what was acknowledged is there,
//! the log tells exactly what is true, who was erased opens with no key that is left, and an old passphrase opens nothing newer.

#[path = "common/disk.rs"]
mod disk;
#[path = "common/people.rs"]
mod people;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use disk::{Failing, Image, Left, Numbers, Op, Sim, crash};
use people::{id, key, small_finger};
use rayon::prelude::*;
use selfsame::gallery::disk::MemoryDisk;
use selfsame::gallery::log::EventKind;
use selfsame::gallery::seal::Keyring;
use selfsame::gallery::{BatchOptions, FileAnchor, Gallery, GalleryBuilder, GalleryError, LogQuery, Samples, Unlogged};

fn anchor(sim: &Sim) -> FileAnchor {
    FileAnchor::on(Arc::new(sim.beside("anchor")), "anchor")
}

fn builder(sim: &Sim, key_number: u8) -> GalleryBuilder {
    Gallery::builder(key(key_number)).anchor(anchor(sim))
}

/// What a gallery must show: samples of each subject, the key that opens it, who must be forgotten, and what stands in the log.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    samples: BTreeMap<u64, usize>,
    key: u8,
    erased: Vec<u64>,
    log: Vec<Told>,
}

/// An event with its subject; `None` when the subject was erased.
type Told = Option<(EventKind, Option<u64>)>;

/// The steps of a life, what each does to the gallery and what it makes of the model.
type Step = (&'static str, fn(&Gallery) -> Result<(), GalleryError>, fn(&mut Model));

const STEPS: &[Step] = &[
    ("enroll", |g| g.enroll(&id(1), &small_finger(1)), |m| enrolled(m, 1)),
    ("enroll another", |g| g.enroll(&id(2), &small_finger(2)), |m| enrolled(m, 2)),
    ("enroll more of one", |g| g.enroll(&id(1), &small_finger(11)), |m| enrolled(m, 1)),
    (
        "update",
        |g| g.update(&id(1), &small_finger(12)),
        |m| {
            m.samples.insert(1, 1);
            m.log.push(Some((EventKind::Update, Some(1))));
        },
    ),
    (
        "import",
        |g| g.enroll_batch((3..8).map(|n| (id(n), small_finger(n))), BatchOptions::new().import()).map(drop),
        |m| {
            for n in 3..8 {
                m.samples.insert(n, 1);
                m.log.push(Some((EventKind::Import, Some(n))));
            }
        },
    ),
    (
        "delete",
        |g| g.delete(&[id(3)]).map(drop),
        |m| {
            m.samples.remove(&3);
            m.log.push(Some((EventKind::Delete, Some(3))));
        },
    ),
    (
        "compact",
        |g| {
            assert!(g.compact()? > 1000);
            Ok(())
        },
        |m| m.log.push(Some((EventKind::Compact, None))),
    ),
    (
        "erase",
        |g| g.erase(&[id(2), id(4)]).map(drop),
        |m| {
            for n in [2, 4] {
                erased(m, n);
            }
            m.log.push(Some((EventKind::RotateKeys, None)));
        },
    ),
    ("rotate", Gallery::rotate_keys, |m| m.log.push(Some((EventKind::RotateKeys, None)))),
    ("enroll behind the rotation", |g| g.enroll(&id(8), &small_finger(8)), |m| enrolled(m, 8)),
    (
        "delete the first",
        |g| g.delete(&[id(1)]).map(drop),
        |m| {
            m.samples.remove(&1);
            m.log.push(Some((EventKind::Delete, Some(1))));
        },
    ),
    ("compact again", |g| g.compact().map(drop), |m| m.log.push(Some((EventKind::Compact, None)))),
    (
        "change the passphrase",
        |g| g.change_provider(key(2)),
        |m| {
            m.key = 2;
            m.log.extend([Some((EventKind::ChangeProvider, None)), Some((EventKind::RotateKeys, None))]);
        },
    ),
    (
        "import some",
        |g| g.enroll_batch((100..132).map(|n| (id(n), small_finger(n))), BatchOptions::new().import()).map(drop),
        |m| {
            for n in 100..132 {
                m.samples.insert(n, 1);
                m.log.push(Some((EventKind::Import, Some(n))));
            }
        },
    ),
    (
        "delete them",
        |g| g.delete(&(100..132).map(id).collect::<Vec<_>>()).map(drop),
        |m| {
            for n in 100..132 {
                m.samples.remove(&n);
                m.log.push(Some((EventKind::Delete, Some(n))));
            }
        },
    ),
    (
        "retire the oldest entries",
        |g| {
            assert_eq!(g.retire_log(70)?, 64);
            Ok(())
        },
        |m| {
            m.log.drain(..64);
            m.log.extend([Some((EventKind::RetireLog, None)), Some((EventKind::RotateKeys, None))]);
        },
    ),
    ("enroll behind the change", |g| g.enroll(&id(9), &small_finger(9)), |m| enrolled(m, 9)),
    (
        "erase the last of them",
        |g| g.erase(&[id(9)]).map(drop),
        |m| {
            erased(m, 9);
            m.log.push(Some((EventKind::RotateKeys, None)));
        },
    ),
];

fn enrolled(model: &mut Model, n: u64) {
    *model.samples.entry(n).or_default() += 1;
    model.log.push(Some((EventKind::Enroll, Some(n))));
}

/// What was said of somebody who is erased cannot be read any more, apart from that.
fn erased(model: &mut Model, n: u64) {
    model.samples.remove(&n);
    model.erased.push(n);
    for told in &mut model.log {
        if told.is_some_and(|(_, subject)| subject == Some(n)) {
            *told = None;
        }
    }
    model.log.push(Some((EventKind::Erase, Some(n))));
}

/// The whole life on one disk: its diary, how long it was when each step was acknowledged, and what must be true from then on.
struct Life {
    diary: Vec<Op>,
    acknowledged: Vec<usize>,
    models: Vec<Model>,
}

fn created() -> Model {
    Model { key: 1, log: vec![Some((EventKind::Create, None))], ..Model::default() }
}

/// Runs the life until something fails. How many steps were acknowledged, the making included.
fn live(sim: &Sim, mut acknowledged: impl FnMut(usize)) -> Result<(), GalleryError> {
    let gallery = builder(sim, 1).create_on(sim.clone())?;
    acknowledged(0);
    for (i, (_, work, _)) in STEPS.iter().enumerate() {
        work(&gallery)?;
        acknowledged(i + 1);
    }
    Ok(())
}

fn life() -> Life {
    let sim = Sim::new(Image::default(), "gallery");
    let mut acknowledged = Vec::new();
    live(&sim, |_| acknowledged.push(sim.world().diary.len())).unwrap();
    let mut models = vec![created()];
    for (_, _, change) in STEPS {
        let mut model = models[models.len() - 1].clone();
        change(&mut model);
        models.push(model);
    }
    let diary = std::mem::take(&mut sim.world().diary);
    Life { diary, acknowledged, models }
}

/// What a gallery shows.
fn shown(gallery: &Gallery, key: u8) -> Model {
    let mut model = Model { key, ..Model::default() };
    for listed in gallery.subjects(None, 100).unwrap() {
        let n = listed.subject.as_str().strip_prefix("person-").unwrap().parse().unwrap();
        model.samples.insert(n, listed.samples.len());
        // Everybody opens.
        assert!(gallery.metadata(&listed.subject).is_ok());
    }
    let mut exported = 0;
    gallery
        .export_in_the_clear(&mut |_| {
            exported += 1;
            true
        })
        .unwrap();
    assert_eq!(exported, model.samples.values().sum::<usize>());
    assert!(gallery.check().unwrap().is_sound());
    model
}

/// The log without what only looks, and with the numbers of subjects in the order in which they were first named.
fn told(gallery: &Gallery) -> Vec<Told> {
    let all: Vec<_> = gallery.log(LogQuery::first(usize::MAX)).unwrap().into_iter().map(|entry| entry.event).collect();
    let changes = |kind| {
        use EventKind as K;
        let looks =
            [K::Open, K::List, K::Check, K::Export, K::ReadLog, K::ReadMetadata, K::OpenFailed, K::KeyringChanged];
        !looks.contains(&kind)
    };
    let mut order: Vec<[u8; 16]> = Vec::new();
    let mut number = |uid: [u8; 16]| {
        let known = order.iter().position(|known| *known == uid);
        known.unwrap_or_else(|| {
            order.push(uid);
            order.len() - 1
        }) as u64
    };
    let all = all.into_iter().filter(|e| e.as_ref().is_none_or(|e| changes(e.kind)));
    all.map(|e| e.map(|e| (e.kind, e.subject.map(&mut number)))).collect()
}

/// The same of a model.
fn numbered(log: &[Told]) -> Vec<Told> {
    let mut order: Vec<u64> = Vec::new();
    let mut number = |n: u64| {
        let known = order.iter().position(|known| *known == n);
        known.unwrap_or_else(|| {
            order.push(n);
            order.len() - 1
        }) as u64
    };
    log.iter().map(|told| told.map(|(kind, subject)| (kind, subject.map(&mut number)))).collect()
}

/// Opens what a stop left, with whichever key opens it, and checks it against the last acknowledged step and the one behind it. What the gallery turned out
/// to be.
fn judge(life: &Life, sim: &Sim, last: Option<usize>, what: &str) -> Option<usize> {
    let mut number = 1;
    let mut opened = builder(sim, 1).open_on(sim.clone());
    if matches!(opened, Err(GalleryError::Keyring(_))) {
        number = 2;
        opened = builder(sim, 2).open_on(sim.clone());
    }
    let gallery = match (opened, last) {
        (Ok(gallery), _) => gallery,
        // Before the first acknowledgement there may be nothing, and then a gallery is made as if nothing had been.
        (Err(GalleryError::Missing { .. }), None) => {
            assert!(builder(sim, 1).create_on(sim.clone()).is_ok(), "{what}");
            return None;
        }
        (Err(e), _) => panic!("{what}: does not open: {e:?}"),
    };
    let (log, mut now) = (told(&gallery), shown(&gallery, number));
    drop(gallery);
    let first = last.unwrap_or(0);
    let found = (first..life.models.len().min(first + if last.is_some() { 2 } else { 1 })).find(|i| {
        let model = &life.models[*i];
        now.samples == model.samples && now.key == model.key && log == numbered(&model.log)
    });
    let Some(found) = found else {
        now.log = log;
        panic!("{what}: shows {now:?}\nand not {:?}", &life.models[first]);
    };
    forgotten(&life.models[found], sim, what);
    Some(found)
}

/// Nobody who was erased, and nothing made after a change of the passphrase, opens from anything that is still on the disk, unlinked or not, with any key that
/// is left.
fn forgotten(model: &Model, sim: &Sim, what: &str) {
    let inodes = sim.world().live.inodes.clone();
    let of = |magic: &[u8], generation: u32| -> Vec<&Vec<u8>> {
        let number = generation.to_be_bytes();
        let fits = |bytes: &&Vec<u8>| bytes.starts_with(magic) && bytes.get(22..26) == Some(&number[..]);
        inodes.iter().filter(fits).collect()
    };
    for bytes in inodes.iter().filter(|bytes| bytes.starts_with(b"SSKR")) {
        for n in [1, 2] {
            let Ok(keyring) = Keyring::open(bytes, &*key(n)) else { continue };
            let g = keyring.generation();
            assert!(n == model.key, "{what}: the keyring of generation {g} under the old passphrase is left");
            for records in of(b"SSGP", g) {
                for log in of(b"SSGL", g) {
                    let disk = MemoryDisk::new();
                    disk.put(&format!("keyring.{g}"), bytes.clone());
                    // Under any number that a log may say.
                    (1..20).for_each(|n| disk.put(&format!("records.{n}"), records.clone()));
                    disk.put(&format!("log.{g}"), log.clone());
                    let opened = Gallery::builder(key(n)).anchor(anchor(sim));
                    let Ok(gallery) = opened.open_read_only_on(disk, Unlogged::accepted()) else { continue };
                    for erased in &model.erased {
                        assert!(!gallery.contains(&id(*erased)), "{what}: person {erased} is not forgotten");
                    }
                }
            }
        }
    }
}

/// Random ways to lose what was not synced, at each request. `SELFSAME_WAYS=200 cargo test --release --test stops -- --nocapture` runs the long campaign.
fn ways_at_random() -> usize {
    std::env::var("SELFSAME_WAYS").ok().and_then(|n| n.parse().ok()).unwrap_or(3)
}

#[test]
fn stopped_at_every_request() {
    let life = life();
    let (images, recoveries) = (AtomicU64::new(0), AtomicU64::new(0));
    (0..=life.diary.len()).into_par_iter().for_each(|at| {
        let last = life.acknowledged.iter().rposition(|done| *done <= at);
        let ways = [Left::All, Left::Nothing, Left::Names];
        let random = std::iter::repeat_n(Left::Some, ways_at_random());
        for (way, left) in ways.into_iter().chain(random).enumerate() {
            images.fetch_add(1, Ordering::Relaxed);
            let mut numbers = Numbers(at as u64 * 1009 + way as u64);
            let image = crash(&Image::default(), &life.diary, at, left, &mut numbers, true);
            let sim = Sim::new(image.clone(), "gallery");
            let what = || format!("stopped before {at} ({:?}), {left:?} left", life.diary.get(at));
            judge(&life, &sim, last, &what());
            if left != Left::All && left != Left::Nothing {
                continue;
            }
            // Stopped again at every request of what the next opening does about it.
            let sim = Sim::new(image.clone(), "gallery");
            let opened = [1, 2].iter().find_map(|n| builder(&sim, *n).open_on(sim.clone()).ok());
            drop(opened);
            let again = std::mem::take(&mut sim.world().diary);
            for then in 0..=again.len() {
                let image = crash(&image, &again, then, left, &mut numbers, true);
                let sim = Sim::new(image, "gallery");
                judge(&life, &sim, last, &format!("{}, and again before {then} ({:?})", what(), again.get(then)));
                recoveries.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    println!(
        "{} steps, {} requests: {} images, {} of them again while they were opened; nothing acknowledged was lost",
        STEPS.len() + 1,
        life.diary.len(),
        images.into_inner(),
        recoveries.into_inner()
    );
    assert!(STEPS.len() >= 8 && life.diary.len() > 100);
}

#[test]
fn every_request_fails_in_every_way() {
    let life = life();
    let asked = {
        let sim = Sim::new(Image::default(), "gallery");
        live(&sim, |_| ()).unwrap();
        sim.world().asked
    };
    let (runs, failed) = (AtomicU64::new(0), AtomicU64::new(0));
    (0..asked).into_par_iter().for_each(|k| {
        let ways = [Failing::All(k), Failing::Growth(k), Failing::Once(k), Failing::For(k, 3), Failing::Syncs(k)];
        for failing in ways {
            runs.fetch_add(1, Ordering::Relaxed);
            let sim = Sim::new(Image::default(), "gallery");
            sim.fail(failing);
            let mut last = None;
            let ended = live(&sim, |step| last = Some(step));
            failed.fetch_add(u64::from(ended.is_err()), Ordering::Relaxed);
            // Opened while the disk still fails: whatever comes of it, nothing is lost by it.
            let diary = sim.world().diary.clone();
            for n in [1, 2] {
                let opened = builder(&sim, n).open_on(sim.clone());
                if let Ok(gallery) = opened {
                    let _ = gallery.check();
                    let _ = gallery.enroll(&id(77), &Samples::new());
                }
                let _ = builder(&sim, n).check_on(sim.clone());
            }
            sim.fail(Failing::Never);
            judge(&life, &sim, last, &format!("{failing:?}"));
            // And with the power gone before it was opened again, where syncs that failed kept nothing.
            for left in [Left::Nothing, Left::Some] {
                let mut numbers = Numbers(k);
                let image = crash(&Image::default(), &diary, diary.len(), left, &mut numbers, true);
                judge(&life, &Sim::new(image, "gallery"), last, &format!("{failing:?}, then {left:?} left"));
            }
        }
    });
    println!("{} runs, {} of them failed: nothing acknowledged was lost", runs.into_inner(), failed.into_inner());
}

/// What the tests above would say of a gallery that forgets the order of things.
#[test]
fn a_disk_whose_syncs_mean_nothing_is_found_out() {
    let life = life();
    let lost: usize = (0..=life.diary.len())
        .into_par_iter()
        .map(|at| {
            let Some(last) = life.acknowledged.iter().rposition(|done| *done <= at) else { return 0 };
            let mut numbers = Numbers(at as u64);
            let image = crash(&Image::default(), &life.diary, at, Left::Some, &mut numbers, false);
            let sim = Sim::new(image, "gallery");
            let opened = [1, 2].iter().find_map(|n| builder(&sim, *n).open_on(sim.clone()).ok());
            let kept = opened.is_some_and(|gallery| {
                if gallery.log(LogQuery::first(usize::MAX)).is_err() {
                    return false;
                }
                let log = told(&gallery);
                life.models[last..].iter().take(2).any(|model| log == numbered(&model.log))
            });
            usize::from(!kept)
        })
        .sum();
    println!("{lost} of {} images lost something", life.diary.len());
    assert!(lost > life.diary.len() / 10);
}
