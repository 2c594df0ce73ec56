//! The log of a gallery, from outside.

#[path = "common/people.rs"]
mod people;

use std::time::Duration;

use people::{finger, id, key};
use selfsame::gallery::disk::MemoryDisk;
use selfsame::gallery::log::checkpoint::{Checkpoint, CheckpointKey};
use selfsame::gallery::log::{Actor, EventKind, Outcome, verify_consistency, verify_inclusion};
use selfsame::gallery::{
    Exported, Gallery, GalleryError, GallerySearch, LogArchive, LogEntry, LogPolicy, LogQuery, MemoryAnchor,
    ProblemKind,
};
use selfsame::{FingerPosition, Fmr, Threshold};

fn threshold() -> Threshold {
    Threshold::at_fmr(Fmr::new(1e-3).unwrap()).unwrap()
}

fn actor(name: &str) -> Actor {
    Actor::new(name).unwrap()
}

/// A gallery in which everything was done once.
fn eventful(disk: &MemoryDisk) -> Gallery {
    let builder = Gallery::builder(key(1)).actor(actor("clerk")).log_policy(LogPolicy::each());
    let gallery = builder.create_on(disk.clone()).unwrap();
    for n in 0..3 {
        gallery.enroll(&id(n), &finger(n, 0)).unwrap();
    }
    let door = gallery.acting_as(actor("door 3"));
    assert!(door.verify(&id(0), &finger(0, 1), threshold()).unwrap().matched);
    assert!(!door.verify(&id(0), &finger(1, 1), threshold()).unwrap().matched);
    assert!(matches!(door.verify(&id(9), &finger(1, 1), threshold()), Err(GalleryError::UnknownSubject)));
    let search = GallerySearch::top(1).at_least(threshold().score());
    assert_eq!(door.identify(&finger(1, 1), &search).unwrap().len(), 1);
    assert_eq!(door.identify(&finger(77, 1), &search).unwrap().len(), 0);
    gallery.update(&id(2), &finger(20, 0)).unwrap();
    gallery.delete(&[id(2)]).unwrap();
    gallery.erase(&[id(1)]).unwrap();
    gallery.change_provider(key(1)).unwrap();
    gallery.export_in_the_clear(&mut |_| true).unwrap();
    assert!(gallery.check().unwrap().is_sound());
    gallery.metadata(&id(0)).unwrap();
    gallery.subjects(None, 10).unwrap();
    gallery
}

fn event(entry: &LogEntry) -> Option<&selfsame::gallery::log::Event> {
    entry.event.as_ref()
}

#[test]
fn everything_that_was_done_stands_in_the_log() {
    use EventKind as K;
    use Outcome as O;
    let disk = MemoryDisk::new();
    let gallery = eventful(&disk);
    let log = gallery.log(LogQuery::first(usize::MAX)).unwrap();
    let told: Vec<_> = log
        .iter()
        .filter_map(|e| Some((event(e)?.kind, event(e)?.outcome, event(e)?.actor.as_str(), event(e)?.count)))
        .collect();
    let expected = [
        (K::Create, O::Done, "clerk", 0),
        (K::Enroll, O::Done, "clerk", 1),
        (K::Enroll, O::Done, "clerk", 1),
        (K::Verify, O::Match, "door 3", 0),
        (K::Verify, O::NoMatch, "door 3", 0),
        (K::Verify, O::Refused, "door 3", 0),
        (K::Identify, O::NoMatch, "door 3", 0),
        (K::Update, O::Done, "clerk", 1),
        (K::Delete, O::Done, "clerk", 0),
        (K::Erase, O::Done, "clerk", 0),
        (K::RotateKeys, O::Done, "clerk", 0),
        (K::ChangeProvider, O::Done, "clerk", 0),
        (K::RotateKeys, O::Done, "clerk", 0),
        (K::Export, O::Done, "clerk", 1),
        (K::Check, O::Done, "clerk", 0),
        (K::ReadMetadata, O::Done, "clerk", 0),
        (K::List, O::Done, "clerk", 1),
    ];
    assert_eq!(told, expected);
    assert!(log.iter().enumerate().all(|(i, e)| e.number == i as u64));
    // Who is enrolled is named, who was is a number, and of who was erased only the erasure can be read.
    assert_eq!((log[1].subject.clone(), log[3].subject.clone()), (Some(id(0)), None));
    assert!(event(&log[2]).is_none() && log[2].subject.is_none());
    assert_eq!(event(&log[3]).unwrap().subject, event(&log[10]).unwrap().subject);
    assert_eq!(event(&log[4]).unwrap().score.unwrap().name(), ">=50");
    // From a moment on, and the log goes on after reopening; that it was read stands in it.
    assert!(gallery.log(LogQuery::first(9).since(u64::MAX)).unwrap().is_empty());
    drop(gallery);
    let gallery = Gallery::builder(key(1)).actor(actor("night")).open_on(disk.clone()).unwrap();
    let again = gallery.log(LogQuery::first(usize::MAX)).unwrap();
    assert_eq!(again[..log.len()], log);
    let told: Vec<_> =
        again[log.len()..].iter().map(|e| (event(e).unwrap().kind, event(e).unwrap().actor.as_str())).collect();
    assert_eq!(told, [(K::ReadLog, "clerk"), (K::ReadLog, "clerk"), (K::Open, "night")]);
    // Nothing of it is readable in the files.
    for name in ["log.3", "records.3", "keyring.3", "log-hashes.3", "log-index.3"] {
        let bytes = disk.get(name).unwrap();
        assert!(![&b"clerk"[..], b"door 3"].iter().any(|w| bytes.windows(w.len()).any(|x| x == *w)), "{name}");
    }
}

/// Frames of a file of a log: where each begins, and how long it is.
fn frames(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut at, mut all) = (36_864, Vec::new());
    while at < bytes.len() {
        let len = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize + 44;
        all.push((at, len));
        at += len;
    }
    all
}

#[test]
fn any_change_of_the_log_is_seen() {
    let disk = MemoryDisk::new();
    let gallery = eventful(&disk);
    gallery.enroll(&id(50), &finger(50, 0)).unwrap();
    drop(gallery);
    let whole = disk.get("log.3").unwrap();
    let frames = frames(&whole);
    assert!(frames.len() > 6);
    let bad = |bytes: Vec<u8>| {
        let copy = disk.copy();
        copy.put("log.3", bytes);
        let report = Gallery::builder(key(1)).check_on(copy).unwrap();
        report.problems.iter().find(|p| p.kind == ProblemKind::Log).map(|p| p.entry)
    };
    assert_eq!(bad(whole.clone()), None);
    let frame = |i: usize| whole[frames[i].0..frames[i].0 + frames[i].1].to_vec();
    let (first, last) = (36_864, frames.len() - 1);
    let mut firsts = Vec::new();
    for i in 0..last {
        for bit in (0..frames[i].1 * 8).step_by(97) {
            let mut changed = whole.clone();
            changed[frames[i].0 + bit / 8] ^= 1 << (bit % 8);
            let entry = bad(changed);
            assert!(entry.is_some(), "frame {i} bit {bit}");
            firsts.push(entry);
        }
        for j in 0..i {
            let mut order: Vec<usize> = (0..frames.len()).collect();
            order.swap(i, j);
            let moved = [whole[..first].to_vec(), order.into_iter().flat_map(frame).collect()].concat();
            assert!(bad(moved).is_some(), "{i} and {j} exchanged");
        }
        let doubled = [&whole[..frames[i].0], &frame(i), &whole[frames[i].0..]].concat();
        assert!(bad(doubled).is_some(), "{i} doubled");
    }
    // The first bad entry is named, and those before it are not.
    firsts.dedup();
    assert!(firsts.windows(2).all(|w| w[0] < w[1]) && firsts.len() > 5, "{firsts:?}");
    // What the head knows of must be there.
    for i in 0..frames.len() {
        let cut = whole[..frames[i].0 + frames[i].1 - 1].to_vec();
        let copy = disk.copy();
        copy.put("log.3", cut);
        let opened = Gallery::builder(key(1)).open_on(copy.clone());
        assert!(matches!(opened, Err(GalleryError::Damaged { .. })), "cut in frame {i}: {opened:?}");
    }
    // Where the newer head does not open, the frame behind the older one tells the same; where the older one does not, it might have been the newer, and
    // its frame gone with it; where none does, nothing is known.
    let mut opened = Vec::new();
    for (a, b) in [(true, false), (false, true), (true, true)] {
        let mut changed = whole.clone();
        for (damaged, at) in [(a, 4096 + 60), (b, 4096 + 16_384 + 60)] {
            changed[at] ^= u8::from(damaged);
        }
        let copy = disk.copy();
        copy.put("log.3", changed.clone());
        let gallery = Gallery::builder(key(1)).open_on(copy);
        opened.push(gallery.is_ok());
        if let Ok(gallery) = gallery {
            assert!(gallery.contains(&id(50)), "an older head takes nothing back");
            // With the last frame too: the change is not taken back without a word.
            changed[frames[last].0 + 20] ^= 1;
            let copy = disk.copy();
            copy.put("log.3", changed);
            assert!(matches!(Gallery::builder(key(1)).open_on(copy), Err(GalleryError::Damaged { .. })));
        }
    }
    opened[..2].sort_unstable();
    assert_eq!(opened, [false, true, false]);
}

#[test]
fn searches_wait_as_the_policy_says_and_are_not_forgotten() {
    let disk = MemoryDisk::new();
    let policy = LogPolicy::batches(3, Duration::from_secs(3600));
    let gallery = Gallery::builder(key(1)).log_policy(policy).create_on(disk.clone()).unwrap();
    gallery.enroll(&id(0), &finger(0, 0)).unwrap();
    let search = || gallery.identify(&finger(0, 1), &GallerySearch::top(1)).unwrap();
    let entries = || gallery.info().log_entries;
    let mut written = Vec::new();
    for _ in 0..5 {
        search();
        written.push(entries());
    }
    assert_eq!(written, [2, 2, 5, 5, 5]);
    // Any other commit writes them, and so does the end.
    gallery.enroll(&id(1), &finger(1, 0)).unwrap();
    assert_eq!(entries(), 8);
    search();
    drop(gallery);
    let gallery = Gallery::builder(key(1)).open_on(disk.clone()).unwrap();
    assert_eq!(gallery.info().log_entries, 9);
    assert_eq!(
        gallery
            .log(LogQuery::first(usize::MAX))
            .unwrap()
            .iter()
            .filter(|e| event(e).unwrap().kind == EventKind::Identify)
            .count(),
        6
    );
}

#[test]
fn what_waits_is_written_in_time_though_nobody_does_anything() {
    let policy = LogPolicy::batches(1000, Duration::from_millis(50));
    let gallery = Gallery::builder(key(1)).log_policy(policy).create_on(MemoryDisk::new()).unwrap();
    gallery.enroll(&id(0), &finger(0, 0)).unwrap();
    for round in 1..4 {
        gallery.identify(&finger(0, 1), &GallerySearch::top(1)).unwrap();
        let begun = std::time::Instant::now();
        while gallery.info().log_entries < 2 + round {
            assert!(begun.elapsed() < Duration::from_secs(20), "round {round}: the event still waits");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn proofs_convince_without_a_key_and_checkpoints_are_signed() {
    let disk = MemoryDisk::new();
    let gallery = eventful(&disk);
    let (size, root) = gallery.log_root().unwrap();
    let signer = CheckpointKey::from_seed(&[9; 32]);
    let kept = Checkpoint::verify(&gallery.checkpoint(&signer).unwrap(), &signer.public()).unwrap();
    assert_eq!((kept.size, kept.root), (size, root));
    for n in 0..5 {
        gallery.enroll(&id(100 + n), &finger(100 + n, 0)).unwrap();
    }
    for number in 0..size {
        let proof = gallery.prove_inclusion(number).unwrap();
        assert!(verify_inclusion(&proof.leaf, number, proof.size, &proof.path, &proof.root));
    }
    let none = gallery.prove_inclusion(size + 6).unwrap_err();
    assert!(matches!(none, GalleryError::NoSuchEntry { number, entries } if number == entries), "{none:?}");
    assert!(!none.to_string().contains("authentic"));
    let proof = gallery.prove_consistency(kept.size).unwrap();
    assert!(proof.size == size + 6 && verify_consistency(kept.size, proof.size, &kept.root, &proof.root, &proof.path));
    assert!(gallery.prove_consistency(0).is_err() && gallery.prove_consistency(size + 7).is_err());
    // Another history of the same gallery does not begin with what was kept.
    let other = eventful(&MemoryDisk::new());
    let proof = other.prove_consistency(kept.size).unwrap();
    assert!(!verify_consistency(kept.size, proof.size, &kept.root, &proof.root, &proof.path));
}

/// A gallery with some thousand events of some subjects and actors.
fn long(disk: &MemoryDisk) -> Gallery {
    let gallery = Gallery::builder(key(1)).log_policy(LogPolicy::each()).create_on(disk.clone()).unwrap();
    let actors = ["door 1", "door 2", ""].map(|name| gallery.acting_as(actor(name)));
    let probe = finger(0, 1);
    for n in 0..7 {
        gallery.enroll(&id(n), &finger(n, 0)).unwrap();
    }
    for n in 0..2500_u64 {
        let door = &actors[n as usize % 3];
        match n {
            1200 => drop(gallery.metadata(&id(6)).unwrap()),
            n if n % 500 == 77 => drop(gallery.check().unwrap()),
            // Subject 5 is seldom seen.
            n => drop(door.verify(&id(if n % 900 == 0 { 5 } else { n % 4 }), &probe, threshold()).unwrap()),
        }
    }
    gallery
}

fn numbers(entries: &[LogEntry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.number).collect()
}

#[test]
fn pages_of_a_long_log_are_those_of_all_of_it() {
    let disk = MemoryDisk::new();
    let gallery = long(&disk);
    let all = gallery.log(LogQuery::first(usize::MAX)).unwrap();
    assert_eq!(numbers(&all), (0..all.len() as u64).collect::<Vec<_>>());
    let number = |n| gallery.number_of(&id(n)).unwrap();
    let mut tried = 0;
    for count in [0, 1, 30, 5000] {
        for from in [0, 511, 512, 513, 1300, all.len() as u64 - 1] {
            for kind in [None, Some(EventKind::Verify), Some(EventKind::ReadMetadata), Some(EventKind::Erase)] {
                for subject in [None, Some(number(5)), Some(number(2)), Some([9; 16])] {
                    let mut query =
                        LogQuery::first(count).starting_at(from).since(event(&all[from as usize / 2]).unwrap().time);
                    query = kind.map_or(query, |kind| query.kind(kind));
                    query = subject.map_or(query, |subject| query.subject(subject));
                    let fits = |e: &&LogEntry| {
                        e.number >= from
                            && event(e).unwrap().time >= event(&all[from as usize / 2]).unwrap().time
                            && kind.is_none_or(|kind| event(e).unwrap().kind == kind)
                            && subject.is_none_or(|subject| event(e).unwrap().subject == Some(subject))
                    };
                    let expected: Vec<&LogEntry> = all.iter().filter(fits).take(count).collect();
                    // Readings go on to be logged; they are not among those of the first.
                    let found = gallery.log(query).unwrap();
                    let found: Vec<&LogEntry> = found.iter().filter(|e| e.number < all.len() as u64).collect();
                    assert_eq!(found, expected, "{query:?}");
                    tried += 1;
                }
            }
        }
    }
    assert_eq!(tried, 384);
}

#[test]
fn hashes_and_marks_are_made_again_when_they_are_gone_behind_or_wrong() {
    let disk = MemoryDisk::new();
    let gallery = long(&disk);
    let rare = LogQuery::first(usize::MAX).subject(gallery.number_of(&id(5)).unwrap());
    let expected = numbers(&gallery.log(rare).unwrap());
    assert_eq!(expected.len(), 4);
    let (size, root) = gallery.log_root().unwrap();
    drop(gallery);
    let mut tried = 0;
    for name in ["log-hashes.1", "log-index.1"] {
        let whole = disk.get(name).unwrap();
        let mut bad = vec![None, Some(Vec::new()), Some(vec![7; whole.len()]), Some([&whole[..], &[0; 5000]].concat())];
        bad.extend((0..whole.len()).step_by(whole.len() / 7).map(|len| Some(whole[..len].to_vec())));
        for at in (0..whole.len()).step_by(whole.len() / 60) {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << (at % 8);
            bad.push(Some(flipped));
        }
        for bytes in bad {
            let copy = disk.copy();
            match bytes {
                Some(bytes) => copy.put(name, bytes),
                None => selfsame::gallery::disk::Disk::remove(&copy, name).unwrap(),
            }
            let gallery = Gallery::builder(key(1)).open_on(copy).unwrap();
            assert_eq!(numbers(&gallery.log(rare).unwrap()), expected);
            for number in [0, 63, 64, 700, size - 1] {
                let proof = gallery.prove_inclusion_in(number, size).unwrap();
                assert!(verify_inclusion(&proof.leaf, number, size, &proof.path, &root));
            }
            for first in [1, 64, 65, 1000, size] {
                let early = gallery.prove_consistency_to(first, size).unwrap();
                assert_eq!(early.root, root);
            }
            tried += 1;
        }
    }
    assert!(tried > 140);
}

#[test]
fn failed_openings_are_told_by_the_next_that_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery");
    drop(Gallery::builder(key(1)).create(&path).unwrap());
    for _ in 0..3 {
        assert!(Gallery::builder(key(2)).open(&path).is_err());
    }
    let keyring = std::fs::read(path.join("keyring.1")).unwrap();
    let mut changed = keyring.clone();
    *changed.last_mut().unwrap() ^= 1;
    std::fs::write(path.join("keyring.1"), changed).unwrap();
    assert!(Gallery::builder(key(1)).open(&path).is_err());
    std::fs::write(path.join("keyring.1"), keyring).unwrap();
    let told = || {
        let gallery = Gallery::builder(key(1)).open(&path).unwrap();
        let log = gallery.log(LogQuery::first(usize::MAX)).unwrap();
        let failed =
            log.iter().filter(|e| [EventKind::OpenFailed, EventKind::KeyringChanged].contains(&event(e).unwrap().kind));
        failed.map(|e| (event(e).unwrap().kind, event(e).unwrap().count, e.clock_put_back)).collect::<Vec<_>>()
    };
    let expected = [(EventKind::OpenFailed, 3, false), (EventKind::KeyringChanged, 1, false)];
    assert_eq!(told(), expected);
    assert_eq!(told(), expected);
    // Anybody may have written the notes: they are counted, and nothing else is read in them.
    let notes = path.join("failed-openings");
    std::fs::write(&notes, [0xff; 100_000]).unwrap();
    assert_eq!(told()[2..], [(EventKind::OpenFailed, 4096, false)]);
    assert!(!notes.exists());
    #[cfg(unix)]
    {
        std::fs::write(folder.path().join("elsewhere"), b"kept").unwrap();
        std::os::unix::fs::symlink(folder.path().join("elsewhere"), &notes).unwrap();
        assert!(Gallery::builder(key(2)).open(&path).is_err());
        assert_eq!(told().len(), 3);
        assert_eq!(std::fs::read(folder.path().join("elsewhere")).unwrap(), b"kept");
        std::fs::remove_file(&notes).unwrap();
        if std::process::Command::new("mkfifo").arg(&notes).status().is_ok_and(|s| s.success()) {
            assert!(Gallery::builder(key(2)).open(&path).is_err());
            assert_eq!(told().len(), 3);
        }
    }
}

#[test]
fn an_export_logs_itself_and_gives_what_was_enrolled() {
    let gallery = Gallery::builder(key(1)).create_on(MemoryDisk::new()).unwrap();
    gallery.enroll(&id(4), &finger(4, 0)).unwrap();
    let mut out = Vec::new();
    let count = gallery.export_in_the_clear(&mut |exported| {
        assert_eq!(format!("{exported:?}"), "Exported(SubjectId(\"person-4\"))");
        out.push(exported);
        true
    });
    assert_eq!(count.unwrap(), 1);
    let [Exported::Finger { subject, position, impression, template }] = &out[..] else { panic!() };
    assert_eq!((subject, *position, *impression), (&id(4), FingerPosition::RightIndex, 0));
    assert!(*template == people::template(4, 0));
    let log = gallery.log(LogQuery::first(usize::MAX)).unwrap();
    assert_eq!(event(log.last().unwrap()).unwrap().kind, EventKind::Export);
}

/// Everything that can be proved of the log: inclusion and consistency with each earlier size from `first` on.
fn proved(gallery: &Gallery, first: u64) -> usize {
    let (size, root) = gallery.log_root().unwrap();
    let mut proved = 0;
    for number in (first..size).filter(|n| n % 13 == 0 || n - first < 3 || n + 3 > size) {
        let entry = gallery.prove_inclusion_in(number, size).unwrap();
        assert!(verify_inclusion(&entry.leaf, number, size, &entry.path, &root), "{number}");
        let then = number + 1;
        let older = gallery.prove_inclusion_in(number, then).unwrap();
        let later = gallery.prove_consistency_to(then, size).unwrap();
        assert!(verify_consistency(then, size, &older.root, &root, &later.path), "{number}");
        proved += 2;
    }
    proved
}

#[test]
fn the_oldest_entries_are_archived_and_retired_and_all_that_remains_is_proved() {
    let disk = MemoryDisk::new();
    let anchor = MemoryAnchor::default();
    let builder = || Gallery::builder(key(1)).anchor(anchor.clone()).log_policy(LogPolicy::each());
    let gallery = builder().create_on(disk.clone()).unwrap();
    for n in 0..4 {
        gallery.enroll(&id(n), &finger(n as usize, 0)).unwrap();
    }
    for n in 0..700 {
        gallery.metadata(&id(n % 4)).unwrap();
    }
    let (size, root) = gallery.log_root().unwrap();
    let all = gallery.log(LogQuery::first(usize::MAX)).unwrap();
    let before = disk.get("log.1").unwrap().len();

    // Too much is refused, little does nothing.
    assert!(matches!(gallery.retire_log(size + 1000), Err(GalleryError::NoSuchEntry { .. })));
    assert_eq!((gallery.retire_log(63).unwrap(), gallery.info().generation), (0, 1));
    let archive_key = key(9);
    let mut file = Vec::new();
    let written = gallery.archive_log(400, &*archive_key, &mut file).unwrap();
    assert_eq!((written.first, written.end, written.gallery_id), (0, 384, gallery.id()));
    assert_eq!((gallery.retire_log(400).unwrap(), gallery.info().log_first), (384, 384));
    assert!(disk.get("log.2").unwrap().len() < before - 384 * 60);
    // Nothing but the beginning is gone: numbers, the root, what is proved.
    let proof = gallery.prove_consistency(size).unwrap();
    assert!(verify_consistency(size, proof.size, &root, &proof.root, &proof.path));
    let rest = gallery.log(LogQuery::first(size as usize - 384)).unwrap();
    assert_eq!(rest, all[384..size as usize]);
    assert_eq!(gallery.log(LogQuery::first(1).starting_at(5)).unwrap()[0].number, 384);
    assert!(proved(&gallery, 384) > 40);
    for number in [0, 1, 100, 383] {
        let gone = gallery.prove_inclusion(number);
        assert!(matches!(gone, Err(GalleryError::Retired { retired: 384, .. })), "{gone:?}");
        let gone = gallery.prove_consistency(number.max(1));
        assert!(matches!(gone, Err(GalleryError::Retired { retired: 384, .. })), "{gone:?}");
    }
    assert!(gallery.check().unwrap().is_sound());

    // The archive holds what is gone, and ends where the log begins.
    let mut entries = Vec::new();
    let read = LogArchive::read(&mut &file[..], &*archive_key, &mut |entry| entries.push(entry)).unwrap();
    assert_eq!(read, written);
    assert!(entries.iter().map(|e| (e.number, &e.event)).eq(all[..384].iter().map(|e| (e.number, &e.event))));
    let proof = gallery.prove_consistency(384).unwrap();
    assert!(verify_consistency(384, proof.size, &read.root, &proof.root, &proof.path));

    // All of it after reopening, with hashes and marks made again, and again with more retired.
    drop(gallery);
    for name in ["log-hashes.2", "log-index.2"] {
        let copy = disk.copy();
        let mut bytes = copy.get(name).unwrap();
        let len = bytes.len();
        bytes[len.saturating_sub(40)] ^= 1;
        copy.put(name, bytes);
        let gallery = Gallery::builder(key(1)).anchor(MemoryAnchor::default()).new_anchor().open_on(copy).unwrap();
        assert!(proved(&gallery, 384) > 40);
    }
    let gallery = builder().open_on(disk.clone()).unwrap();
    assert!(proved(&gallery, 384) > 40 && gallery.check().unwrap().is_sound());
    gallery.rotate_keys().unwrap();
    let mut second = Vec::new();
    let next = gallery.archive_log(gallery.info().log_entries, &*archive_key, &mut second).unwrap();
    assert_eq!((next.first, next.first_root), (read.end, read.root));
    assert_eq!(gallery.retire_log(next.end).unwrap(), next.end);
    assert!(proved(&gallery, next.end) > 10);
    gallery.erase(&[id(2)]).unwrap();
    drop(gallery);
    let gallery = builder().open_on(disk).unwrap();
    assert!(gallery.check().unwrap().is_sound() && proved(&gallery, next.end) > 10);
    assert_eq!(gallery.info().log_first, next.end);
}

#[test]
fn an_archive_that_was_changed_or_cut_is_refused() {
    let gallery = eventful(&MemoryDisk::new());
    (0..200).for_each(|_| drop(gallery.metadata(&id(0)).unwrap()));
    let mut file = Vec::new();
    gallery.archive_log(192, &*key(3), &mut file).unwrap();
    let read = |bytes: &[u8], n| LogArchive::read(&mut &bytes[..], &*key(n), &mut |_| ());
    assert!(read(&file, 3).is_ok() && matches!(read(&file, 4), Err(GalleryError::Keyring(_))));
    let mut tried = 0;
    for at in (0..file.len()).step_by(7) {
        let mut bytes = file.clone();
        for bit in 0..8 {
            bytes[at] = file[at] ^ (1 << bit);
            assert!(read(&bytes, 3).is_err(), "bit {bit} of byte {at}");
        }
        assert!(read(&file[..at], 3).is_err(), "cut at {at}");
        tried += 9;
    }
    // Nothing follows the last frame, and a frame is at its own place only.
    assert!(read(&[&file[..], b"m"].concat(), 3).is_err());
    let keyring = usize::from(u16::from_be_bytes([file[6], file[7]]));
    let first = 8 + keyring;
    let length = u32::from_be_bytes(file[first..first + 4].try_into().unwrap()) as usize + 5;
    let swapped = [&file[..first], &file[first + length..], &file[first..first + length]].concat();
    assert!(read(&swapped, 3).is_err());
    println!("{tried} changed or cut archives: all refused");
    // Nothing of it is in the clear.
    assert!(!file.windows(5).any(|w| w == b"clerk"));
}

#[test]
fn nothing_told_of_an_erased_person_is_left() {
    let disk = MemoryDisk::new();
    let gallery = Gallery::builder(key(1)).log_policy(LogPolicy::each()).create_on(disk.clone()).unwrap();
    for n in 0..3 {
        gallery.enroll(&id(n), &finger(n as usize, 0)).unwrap();
    }
    let number = gallery.number_of(&id(1)).unwrap();
    let door = gallery.acting_as(actor("door 3"));
    for _ in 0..50 {
        door.verify(&id(1), &finger(1, 1), threshold()).unwrap();
        door.verify(&id(2), &finger(2, 1), threshold()).unwrap();
    }
    let (size, root) = gallery.log_root().unwrap();
    let of_them = || gallery.log(LogQuery::first(usize::MAX).subject(number)).unwrap();
    assert_eq!(of_them().len(), 51);
    let names = gallery.log(LogQuery::first(usize::MAX)).unwrap();
    gallery.erase(&[id(1)]).unwrap();
    // That they were erased is told, and nothing else; others and all proofs stay.
    let left = of_them();
    assert_eq!(left.iter().map(|e| event(e).unwrap().kind).collect::<Vec<_>>(), [EventKind::Erase]);
    let after = gallery.log(LogQuery::first(size as usize)).unwrap();
    let expected = names[..size as usize].iter().map(|e| if e.subject == Some(id(1)) { None } else { e.event.clone() });
    assert!(after.iter().map(|e| e.event.clone()).eq(expected));
    assert_eq!(after.iter().filter(|e| e.event.is_none()).count(), 51);
    let proof = gallery.prove_consistency(size).unwrap();
    assert!(verify_consistency(size, proof.size, &root, &proof.root, &proof.path));
    assert!(proved(&gallery, 0) > 10 && gallery.check().unwrap().is_sound());
    gallery.rotate_keys().unwrap();
    drop((door, gallery));
    let gallery = Gallery::builder(key(1)).open_on(disk).unwrap();
    assert!(gallery.check().unwrap().is_sound());
    assert_eq!(gallery.log(LogQuery::first(usize::MAX)).unwrap().iter().filter(|e| e.event.is_none()).count(), 51);
}
