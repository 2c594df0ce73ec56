//! Sealed galleries, from outside.

#[path = "common/people.rs"]
mod people;

use std::fs;
use std::sync::Arc;

use people::{few_minutiae, finger, id, key, template};
use selfsame::face::compare::CosineCalibration;
use selfsame::face::embedding::FaceModel;
use selfsame::gallery::disk::MemoryDisk;
use selfsame::gallery::seal::{KeyError, KeyProvider, KeyringError};
use selfsame::gallery::{
    Anchor, AnchorError, AnchorState, AttemptLimit, BatchOptions, FileAnchor, Gallery, GalleryError, GallerySearch,
    LogQuery, MemoryAnchor, ProblemKind, Sample, Samples, Unlogged,
};
use selfsame::synth::FaceGenerator;
use selfsame::{Comparator, Cosine, Embedding, Finger, FingerPosition, Fmr, SubjectId, Threshold};

const RIGHT: FingerPosition = FingerPosition::RightIndex;
const LEFT: FingerPosition = FingerPosition::LeftThumb;
const RIGHT_0: Sample = Sample::Finger { position: RIGHT, impression: 0 };

fn at(fmr: f64) -> Threshold {
    Threshold::at_fmr(Fmr::new(fmr).unwrap()).unwrap()
}

fn face(n: usize, turn: f32) -> Embedding {
    let components: Vec<f32> =
        (0..128).map(|i| ((n * 131 + i * 17) as f32).sin() + turn * (i as f32 * 0.7).cos()).collect();
    Embedding::from_slice(&components).unwrap()
}

fn model() -> FaceModel {
    FaceModel::new("net", "1", 128).unwrap()
}

fn calibration() -> CosineCalibration {
    let rows = [(1e-2, 0.5), (1e-3, 0.6), (1e-4, 0.7), (1e-6, 0.9)];
    CosineCalibration::from_table(&rows.map(|(f, c)| (Fmr::new(f).unwrap(), Cosine::new(c).unwrap()))).unwrap()
}

/// A gallery in memory of `n` people with a finger each.
fn enrolled(n: usize) -> (MemoryDisk, Gallery) {
    let disk = MemoryDisk::new();
    let gallery = Gallery::builder(key(1)).create_on(disk.clone()).unwrap();
    let all = (0..n).map(|i| (id(i), finger(i, 0).metadata(format!("site {i}").into_bytes())));
    assert_eq!(gallery.enroll_batch(all, BatchOptions::new()).unwrap(), n);
    (disk, gallery)
}

fn reopened(disk: &MemoryDisk) -> Result<Gallery, GalleryError> {
    Gallery::builder(key(1)).open_on(disk.copy())
}

fn kinds(disk: &MemoryDisk) -> Vec<ProblemKind> {
    let report = Gallery::builder(key(1)).check_on(disk.copy()).unwrap();
    report.problems.iter().map(|p| p.kind).collect()
}

fn decibels(gallery: &Gallery, subject: &SubjectId, probe: &Samples) -> f32 {
    gallery.verify(subject, probe, at(1e-3)).unwrap().score.unwrap().decibels()
}

#[test]
fn whoever_has_all_that_one_may_have_is_read_again() {
    let disk = MemoryDisk::new();
    let make = || Gallery::builder(key(1)).face_model(FaceModel::new("m", "1", 128).unwrap());
    let gallery = make().create_on(disk.clone()).unwrap();
    let subject = SubjectId::new("s".repeat(SubjectId::MAX_LEN)).unwrap();
    let print = people::few_minutiae(1);
    let each = |samples: Samples, count: usize| {
        let fingers = FingerPosition::ALL
            .iter()
            .fold(samples, |all, position| (0..count).fold(all, |all, _| all.finger(*position, print.clone())));
        (0..count).fold(fingers, |all, n| all.face(face(n, 0.0)))
    };
    gallery.enroll(&subject, &each(Samples::new().metadata(vec![7; 4096]), 60)).unwrap();
    gallery.enroll(&subject, &each(Samples::new(), 4)).unwrap();
    for one in FingerPosition::ALL.map(|position| Samples::new().finger(position, print.clone())) {
        let refused = gallery.enroll(&subject, &one);
        assert!(matches!(refused, Err(GalleryError::TooManyImpressions { max: 64 })), "{refused:?}");
    }
    assert!(gallery.enroll(&subject, &Samples::new().face(face(1, 0.0))).is_err());
    drop(gallery);
    let gallery = make().open_on(disk.clone()).unwrap();
    assert_eq!(gallery.records(), 12 * 64);
    gallery.rotate_keys().unwrap();
    drop(gallery);
    let gallery = make().open_on(disk).unwrap();
    assert_eq!((gallery.records(), gallery.metadata(&subject).unwrap().len()), (12 * 64, 4096));
}

#[test]
fn what_was_enrolled_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery");
    let builder = || Gallery::builder(key(1)).face_calibration(calibration());
    let gallery = builder().face_model(model()).create(&path).unwrap();
    gallery
        .enroll(&id(0), &finger(0, 0).finger(LEFT, template(100, 0)).face(face(0, 0.0)).metadata(b"site".to_vec()))
        .unwrap();
    gallery.enroll(&id(0), &finger(0, 1)).unwrap();
    gallery.enroll(&id(1), &finger(1, 0).face(face(1, 0.0))).unwrap();
    assert!(matches!(Gallery::builder(key(1)).open(&path), Err(GalleryError::Busy)));
    let threshold = Threshold::at_fmr(Fmr::new(1e-3).unwrap()).unwrap();
    let probe = finger(0, 2);
    let before = (
        gallery.verify(&id(0), &probe, at(1e-3)).unwrap().score,
        gallery.identify(&probe, &GallerySearch::top(2)).unwrap(),
    );
    drop(gallery);
    let gallery = Gallery::builder(key(1)).open(&path).unwrap();
    assert_eq!((gallery.len(), gallery.records(), gallery.face_model()), (2, 6, Some(model())));
    assert_eq!(before.0, gallery.verify(&id(0), &probe, at(1e-3)).unwrap().score);
    assert_eq!(before.1, gallery.identify(&probe, &GallerySearch::top(2)).unwrap());
    assert_eq!(gallery.metadata(&id(0)).unwrap(), b"site");
    // A sample's score is that of its best impression, charged for the number of impressions.
    let comparator = Comparator::<Finger>::new();
    let each = [0, 1].map(|k| comparator.compare_templates(&template(0, 2), &template(0, k)).unwrap());
    assert_eq!(before.0, Some(selfsame::fusion::best_of(&each)));
    assert_eq!(before.1[0].score, before.0);
    assert!(before.0.unwrap().meets(threshold) && !gallery.verify(&id(1), &probe, threshold).unwrap().matched);
    // Faces alone, and fused with fingers.
    let seen = Samples::new().face(face(1, 0.05));
    assert_eq!(gallery.identify(&seen, &GallerySearch::top(1)).unwrap()[0].subject, id(1));
    let both = finger(1, 3).face(face(1, 0.05));
    let fused = gallery.identify(&both, &GallerySearch::top(2)).unwrap();
    assert_eq!(fused[0].subject, id(1));
    assert_eq!(fused[0].score, gallery.verify(&id(1), &both, at(1e-3)).unwrap().score);
    assert!(fused[0].score > gallery.verify(&id(1), &finger(1, 3), at(1e-3)).unwrap().score);
    // Another position is another finger, an unknown one may be any.
    let elsewhere = Samples::new().finger(LEFT, template(1, 1));
    assert_eq!(decibels(&gallery, &id(1), &elsewhere), 0.0);
    let unknown = Samples::new().finger(FingerPosition::Unknown, template(1, 1));
    assert!(gallery.verify(&id(1), &unknown, threshold).unwrap().matched);
    assert!(gallery.check().unwrap().is_sound());
}

#[test]
fn changes_are_seen_at_once_and_last() {
    let (disk, gallery) = enrolled(3);
    let first =
        |gallery: &Gallery, probe: &Samples| gallery.identify(probe, &GallerySearch::top(1)).unwrap()[0].clone();
    assert_eq!(first(&gallery, &finger(2, 1)).subject, id(2));
    // The second person's finger becomes another one.
    gallery.update(&id(1), &finger(50, 0)).unwrap();
    assert_eq!(first(&gallery, &finger(50, 1)).subject, id(1));
    assert!(decibels(&gallery, &id(1), &finger(1, 1)) < 30.0);
    assert_eq!(gallery.metadata(&id(1)).unwrap(), b"site 1");
    assert_eq!(gallery.delete(&[id(2), id(2), id(9)]).unwrap(), 1);
    assert!(matches!(gallery.verify(&id(2), &finger(2, 1), at(1e-3)), Err(GalleryError::UnknownSubject)));
    assert!(gallery.identify(&finger(2, 1), &GallerySearch::top(9)).unwrap().iter().all(|c| c.subject != id(2)));
    let again = reopened(&disk).unwrap();
    assert_eq!((again.len(), again.records()), (2, 2));
    assert_eq!(first(&again, &finger(50, 1)), first(&gallery, &finger(50, 1)));
    assert!(again.contains(&id(1)) && !again.contains(&id(2)));
}

#[test]
fn a_batch_is_whole_and_can_be_given_again() {
    let (_, gallery) = enrolled(2);
    let all = || (0..7).map(|i| (id(i), finger(i, 0)));
    assert!(matches!(gallery.enroll_batch(all(), BatchOptions::new()), Err(GalleryError::Enrolled)));
    assert_eq!(gallery.len(), 2);
    let mut told = Vec::new();
    let mut note = |n| told.push(n);
    let entries = gallery.info().log_entries;
    let options = BatchOptions::new().per_commit(3).skip_enrolled().progress(&mut note);
    assert_eq!(gallery.enroll_batch(all().chain(all()), options).unwrap(), 5);
    assert_eq!((gallery.len(), gallery.info().log_entries - entries), (7, 5));
    assert_eq!(told, [3, 6, 9, 12, 14]);
}

#[test]
fn wrong_keys_and_wrong_files_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery");
    assert!(matches!(Gallery::builder(key(1)).open(&path), Err(GalleryError::Missing { .. })));
    drop(Gallery::builder(key(1)).create(&path).unwrap());
    assert!(matches!(Gallery::builder(key(1)).create(&path), Err(GalleryError::Exists)));
    let wrong = Gallery::builder(key(2)).open(&path).unwrap_err();
    assert!(matches!(wrong, GalleryError::Keyring(KeyringError::Key(KeyError::WrongKey))));
    // Two galleries' files mixed, each with each.
    let other = folder.path().join("other");
    drop(Gallery::builder(key(1)).create(&other).unwrap());
    for name in ["keyring.1", "records.1", "log.1"] {
        let own = fs::read(path.join(name)).unwrap();
        fs::copy(other.join(name), path.join(name)).unwrap();
        let mixed = Gallery::builder(key(1)).open(&path).unwrap_err();
        assert!(matches!(mixed, GalleryError::Damaged { .. }), "{name}: {mixed:?}");
        fs::write(path.join(name), b"something else entirely").unwrap();
        assert!(Gallery::builder(key(1)).open(&path).is_err());
        fs::remove_file(path.join(name)).unwrap();
        assert!(matches!(Gallery::builder(key(1)).open(&path), Err(GalleryError::Missing { .. })), "{name}");
        fs::write(path.join(name), own).unwrap();
    }
    // All files of one in the folder of the other: the newer keyring would have the older destroyed.
    let newer = Gallery::builder(key(1)).open(&other).unwrap();
    newer.rotate_keys().unwrap();
    drop(newer);
    for name in ["keyring.2", "records.2", "log.2"] {
        fs::copy(other.join(name), path.join(name)).unwrap();
    }
    assert!(matches!(Gallery::builder(key(1)).open(&path), Err(GalleryError::Damaged { .. })));
    for name in ["keyring.2", "records.2", "log.2"] {
        fs::remove_file(path.join(name)).unwrap();
    }
    assert!(Gallery::builder(key(1)).open(&path).is_ok());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |p: &std::path::Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&other), 0o700);
        for entry in fs::read_dir(&other).unwrap() {
            assert_eq!(mode(&entry.unwrap().path()), 0o600);
        }
    }
}

#[test]
fn refusals_change_nothing() {
    let (disk, gallery) = enrolled(1);
    let before = disk.get("records.1");
    assert!(matches!(gallery.enroll(&id(5), &Samples::new()), Err(GalleryError::NoSample)));
    assert!(matches!(gallery.enroll(&id(5), &Samples::new().face(face(0, 0.0))), Err(GalleryError::NoFaceModel)));
    let long = finger(5, 0).metadata(vec![0; 4097]);
    assert!(matches!(gallery.enroll(&id(5), &long), Err(GalleryError::MetadataTooLong { len: 4097, .. })));
    let many = (0..65).fold(Samples::new(), |s, k| s.finger(RIGHT, template(5, k)));
    assert!(matches!(gallery.enroll(&id(5), &many), Err(GalleryError::TooManyImpressions { max: 64 })));
    assert!(matches!(gallery.update(&id(5), &finger(5, 0)), Err(GalleryError::UnknownSubject)));
    assert!(matches!(gallery.verify(&id(5), &finger(5, 0), at(1e-3)), Err(GalleryError::UnknownSubject)));
    assert!(matches!(gallery.identify(&Samples::new(), &GallerySearch::top(1)), Err(GalleryError::NoSample)));
    assert!(matches!(gallery.identify(&finger(0, 1), &GallerySearch::top(0)), Err(GalleryError::NoCandidates)));
    assert!(matches!(gallery.remove_sample(&id(5), RIGHT_0), Err(GalleryError::UnknownSubject)));
    assert!(matches!(gallery.remove_sample(&id(0), RIGHT_0), Err(GalleryError::LastSample)));
    let elsewhere = Sample::Face { picture: 0 };
    assert!(matches!(gallery.remove_sample(&id(0), elsewhere), Err(GalleryError::UnknownSample)));
    assert_eq!((gallery.erase(&[id(5)]).unwrap(), gallery.delete(&[id(5)]).unwrap()), (0, 0));
    assert!(disk.get("records.1") == before);
    assert!(reopened(&disk).is_ok());
    // Metadata alone are a change of somebody who is there.
    gallery.enroll(&id(0), &Samples::new().metadata(b"moved".to_vec())).unwrap();
    assert_eq!(reopened(&disk).unwrap().metadata(&id(0)).unwrap(), b"moved");
}

/// Blocks of a file of records: where each begins, and how long it is.
fn blocks(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut at, mut all) = (64, Vec::new());
    while at < bytes.len() {
        let len = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize + 36;
        all.push((at, len));
        at += len;
    }
    all
}

/// Sealed records in the one block of a batch: the place of each operation behind its keyed name, and its length.
fn records(bytes: &[u8]) -> Vec<(usize, usize)> {
    let (mut at, mut all) = (68, Vec::new());
    let end = blocks(bytes)[0].1 + 64 - 32;
    while at < end {
        let head = if bytes[at] == 2 { 49 } else { 45 };
        let len = u32::from_be_bytes(bytes[at + head - 4..at + head].try_into().unwrap()) as usize;
        if bytes[at] == 2 {
            all.push((at + head, len));
        }
        at += head + len;
    }
    all
}

#[test]
fn every_swap_of_two_records_is_seen() {
    let (disk, gallery) = enrolled(80);
    drop(gallery);
    let whole = disk.get("records.1").unwrap();
    let records = records(&whole);
    assert_eq!(records.len(), 80);
    let mut seen = 0;
    for (i, (from, len)) in records.iter().enumerate() {
        for (to, other) in records.iter().skip(i + 1) {
            // Of another size class it would not even fit.
            if len != other {
                continue;
            }
            let mut changed = whole.clone();
            changed[*from..from + len].copy_from_slice(&whole[*to..to + len]);
            changed[*to..to + len].copy_from_slice(&whole[*from..from + len]);
            let copy = disk.copy();
            copy.put("records.1", changed);
            match reopened(&copy) {
                Err(GalleryError::Tampered(report)) => {
                    let wrong = report.problems.iter().filter(|p| p.kind == ProblemKind::NotAuthentic);
                    assert_eq!(wrong.clone().count(), 2);
                    assert!(wrong.into_iter().all(|p| p.subject.is_some()));
                    assert!(report.problems.iter().any(|p| p.kind == ProblemKind::Block));
                    seen += 2;
                }
                other => panic!("{other:?}"),
            }
        }
    }
    println!("{seen} swaps of two records were seen");
    assert!(seen > 500);
}

#[test]
fn what_was_removed_moved_or_put_back_is_named() {
    let (disk, gallery) = enrolled(4);
    let old = disk.copy();
    gallery.update(&id(1), &finger(60, 0)).unwrap();
    gallery.enroll(&id(2), &finger(2, 1)).unwrap();
    gallery.delete(&[id(3)]).unwrap();
    drop(gallery);
    assert!(kinds(&disk).is_empty());
    let whole = disk.get("records.1").unwrap();
    let blocks = blocks(&whole);
    assert_eq!(blocks.len(), 4);
    let with = |bytes: Vec<u8>| {
        let copy = disk.copy();
        copy.put("records.1", bytes);
        copy
    };
    let block = |i: usize| whole[blocks[i].0..blocks[i].0 + blocks[i].1].to_vec();
    let mut wrong = Vec::new();
    for i in 0..4 {
        // Each block removed, doubled, exchanged with each other, and cut.
        let but = [&whole[..blocks[i].0], &whole[blocks[i].0 + blocks[i].1..]].concat();
        wrong.push(with(but.clone()));
        if i < 3 {
            // Behind the end it would be what a crash left.
            wrong.push(with([&whole[..blocks[i].0], &block(i), &whole[blocks[i].0..]].concat()));
        }
        for j in 0..i {
            let mut order: Vec<usize> = (0..4).collect();
            order.swap(i, j);
            wrong.push(with([whole[..64].to_vec(), order.into_iter().flat_map(block).collect()].concat()));
        }
        for end in [blocks[i].0, blocks[i].0 + 3, blocks[i].0 + blocks[i].1 - 1] {
            wrong.push(with(whole[..end].to_vec()));
        }
        // A bit of its length, its body and its code.
        for at in [blocks[i].0 + 3, blocks[i].0 + 20, blocks[i].0 + blocks[i].1 - 1] {
            let mut flipped = whole.clone();
            flipped[at] ^= 4;
            wrong.push(with(flipped));
        }
    }
    // The records as they were before the changes.
    wrong.push(with(old.get("records.1").unwrap()));
    for (i, disk) in wrong.iter().enumerate() {
        let found = kinds(disk);
        assert!(found.iter().any(|k| [ProblemKind::Block, ProblemKind::CutShort].contains(k)), "{i}: {found:?}");
        assert!(matches!(reopened(disk), Err(GalleryError::Tampered(_))), "{i}");
    }
    // Blocks of another gallery under the same passphrase.
    let (stranger, _) = enrolled(4);
    assert!(matches!(reopened(&with(stranger.get("records.1").unwrap())), Err(GalleryError::Damaged { .. })));
    // The whole gallery as it was is sound: only an anchor tells.
    assert_eq!(reopened(&old).unwrap().len(), 4);
}

#[test]
fn what_is_damaged_is_looked_at_and_not_written() {
    let (disk, gallery) = enrolled(4);
    gallery.update(&id(1), &finger(60, 0)).unwrap();
    drop(gallery);
    let names = ["keyring.1", "records.1", "log.1", "log-hashes.1", "log-index.1"];
    for (name, at) in [("records.1", 500), ("log.1", 37_000), ("keyring.1", 60)] {
        let copy = disk.copy();
        let mut bytes = copy.get(name).unwrap();
        bytes[at] ^= 1;
        copy.put(name, bytes);
        let before = names.map(|name| copy.get(name));
        let report = Gallery::builder(key(1)).check_on(copy.clone());
        assert!(report.is_err() || report.is_ok_and(|report| !report.is_sound() && !report.logged), "{name}");
        if name != "log.1" {
            assert!(Gallery::builder(key(1)).open_on(copy.clone()).is_err());
            assert!(Gallery::builder(key(1)).open_read_only_on(copy.clone(), Unlogged::accepted()).is_err());
        }
        assert!(names.map(|name| copy.get(name)) == before, "{name} was damaged, and something was written");
    }
}

/// An anchor of any kind.
struct Any(Box<dyn Anchor>);

impl Anchor for Any {
    fn get(&self) -> Result<Option<AnchorState>, AnchorError> {
        self.0.get()
    }
    fn advance(&mut self, state: &AnchorState, proof: &[[u8; 32]]) -> Result<(), AnchorError> {
        self.0.advance(state, proof)
    }
}

/// Makes the same anchor again.
type MakeAnchor = Box<dyn Fn() -> Box<dyn Anchor>>;

fn anchors(folder: &std::path::Path) -> [MakeAnchor; 2] {
    let (memory, file) = (MemoryAnchor::default(), folder.join("anchor"));
    [Box::new(move || Box::new(memory.clone())), Box::new(move || Box::new(FileAnchor::new(&file)))]
}

#[test]
fn an_old_copy_a_fork_and_another_gallery_are_noticed_with_an_anchor() {
    let folder = tempfile::tempdir().unwrap();
    for anchor in anchors(folder.path()) {
        let disk = MemoryDisk::new();
        let builder = || Gallery::builder(key(1)).anchor(Any(anchor()));
        let gallery = builder().create_on(disk.clone()).unwrap();
        gallery.enroll(&id(0), &finger(0, 0)).unwrap();
        let old = disk.copy();
        gallery.enroll(&id(1), &finger(1, 0)).unwrap();
        gallery.rotate_keys().unwrap();
        gallery.enroll(&id(2), &finger(2, 0)).unwrap();
        let entries = gallery.info().log_entries;
        drop(gallery);
        // An old copy, and one that somebody with the key brought to the same length and beyond: checked, opened and opened to be read.
        let tried = |disk: &MemoryDisk| {
            let opened = builder().open_on(disk.copy()).map(drop).unwrap_err();
            let read = builder().open_read_only_on(disk.copy(), Unlogged::accepted()).map(drop).unwrap_err();
            let checked = builder().check_on(disk.copy()).map(drop).unwrap_err();
            assert_eq!(format!("{opened:?} {opened:?}"), format!("{read:?} {checked:?}"));
            opened
        };
        assert!(matches!(tried(&old), GalleryError::RolledBack { found: 2, expected } if expected == entries));
        for more in 0..12 {
            // An attacker with the key leaves the anchor out, and says so.
            let fork = old.copy();
            let alone = Gallery::builder(key(1)).new_anchor().open_on(fork.clone()).unwrap();
            for n in 0..more {
                alone.enroll(&id(10 + n), &finger(1, 0)).unwrap();
            }
            drop(alone);
            let error = tried(&fork);
            let forked =
                matches!(error, GalleryError::Forked { .. }) || matches!(error, GalleryError::RolledBack { .. });
            assert!(forked, "{more} more: {error:?}");
        }
        // Another gallery of the same passphrase.
        let (other, gallery) = enrolled(9);
        drop(gallery);
        assert!(matches!(tried(&other), GalleryError::OtherGallery { .. }));
        // The true one is still let in, and goes on.
        let gallery = builder().open_on(disk.clone()).unwrap();
        assert_eq!(gallery.len(), 3);
        gallery.enroll(&id(3), &finger(3, 0)).unwrap();
        drop(gallery);
        // Without its anchor, or with one that remembers nothing, it is refused, and with a new one it is not.
        assert!(matches!(Gallery::builder(key(1)).open_on(disk.copy()), Err(GalleryError::AnchorMissing { .. })));
        let empty = || Gallery::builder(key(1)).anchor(MemoryAnchor::default());
        assert!(matches!(empty().open_on(disk.copy()), Err(GalleryError::AnchorMissing { .. })));
        assert!(matches!(builder().new_anchor().open_on(disk.copy()), Err(GalleryError::AnchorInUse)));
        assert!(matches!(builder().create_on(MemoryDisk::new()), Err(GalleryError::AnchorInUse)));
        let copy = disk.copy();
        let fresh = MemoryAnchor::default();
        let moved = Gallery::builder(key(1)).anchor(fresh.clone()).new_anchor().open_on(copy.clone()).unwrap();
        let kinds: Vec<_> = moved
            .log(LogQuery::first(usize::MAX))
            .unwrap()
            .iter()
            .map(|e| e.event.as_ref().unwrap().kind.name())
            .collect();
        assert!(kinds.contains(&"new-anchor"), "{kinds:?}");
        drop(moved);
        assert!(Gallery::builder(key(1)).anchor(fresh).open_on(copy.clone()).is_ok());
        assert!(builder().open_on(copy).is_ok());
    }
}

#[test]
fn a_gallery_is_told_by_its_id() {
    let (disk, gallery) = enrolled(1);
    let (other, stranger) = enrolled(1);
    let own = gallery.id();
    drop((gallery, stranger));
    assert!(Gallery::builder(key(1)).expect_id(own).open_on(disk.copy()).is_ok());
    let refused = Gallery::builder(key(1)).expect_id(own).open_on(other.copy()).unwrap_err();
    assert!(matches!(refused, GalleryError::OtherGallery { expected, .. } if expected == own));
    assert!(refused.to_string().contains(&own.map(|b| format!("{b:02x}")).concat()));
}

#[test]
fn an_anchor_may_use_the_gallery_while_it_is_told() {
    /// Asks the gallery how many there are.
    struct Curious(MemoryAnchor, Arc<std::sync::OnceLock<Gallery>>);
    impl Anchor for Curious {
        fn get(&self) -> Result<Option<AnchorState>, AnchorError> {
            self.0.get()
        }
        fn advance(&mut self, state: &AnchorState, proof: &[[u8; 32]]) -> Result<(), AnchorError> {
            if let Some(gallery) = self.1.get() {
                gallery.enroll(&id(gallery.len()), &finger(1, 0)).map_err(AnchorError::failed)?;
            }
            self.0.advance(state, proof)
        }
    }
    let (anchor, cell) = (MemoryAnchor::default(), Arc::new(std::sync::OnceLock::new()));
    let builder = Gallery::builder(key(1)).anchor(Curious(anchor.clone(), Arc::clone(&cell)));
    let gallery = builder.create_on(MemoryDisk::new()).unwrap();
    cell.set(gallery.clone()).unwrap();
    gallery.enroll(&id(0), &finger(0, 0)).unwrap();
    assert_eq!(gallery.len(), 2);
}

#[test]
fn another_passphrase_takes_the_place_of_the_old_one() {
    let (disk, gallery) = enrolled(2);
    let old = disk.copy();
    gallery.change_provider(key(2)).unwrap();
    gallery.enroll(&id(7), &finger(7, 0)).unwrap();
    drop(gallery);
    assert!(matches!(reopened(&disk), Err(GalleryError::Keyring(_))));
    let gallery = Gallery::builder(key(2)).open_on(disk.clone()).unwrap();
    gallery.rotate_keys().unwrap();
    assert_eq!(gallery.len(), 3);
    drop(gallery);
    // The keyring and passphrase of before open nothing that was written since: names of files and of generations changed by hand.
    for generation in [1, 3] {
        for (kind, magic) in [("records", b"SSGP"), ("log", b"SSGL")] {
            let mut bytes = disk.get(&format!("{kind}.3")).unwrap();
            assert!(bytes.starts_with(magic));
            bytes[22..26].copy_from_slice(&u32::to_be_bytes(generation));
            old.put(&format!("{kind}.1"), bytes);
        }
        assert!(Gallery::builder(key(1)).open_on(old.copy()).is_err());
    }
}

#[test]
fn a_rotation_replaces_every_key_and_keeps_the_log() {
    let (disk, gallery) = enrolled(5);
    gallery.verify(&id(0), &finger(0, 1), at(1e-3)).unwrap();
    gallery.delete(&[id(4)]).unwrap();
    let (size, root) = gallery.log_root().unwrap();
    let events = gallery.log(LogQuery::first(usize::MAX)).unwrap();
    let before = ["keyring.1", "records.1", "log.1"].map(|name| disk.get(name).unwrap());
    gallery.rotate_keys().unwrap();
    assert_eq!(gallery.log(LogQuery::first(usize::MAX)).unwrap()[..events.len()], events);
    let proof = gallery.prove_consistency(size).unwrap();
    assert!(selfsame::gallery::log::verify_consistency(size, proof.size, &root, &proof.root, &proof.path));
    assert!(gallery.verify(&id(0), &finger(0, 1), at(1e-3)).unwrap().matched);
    assert_eq!(gallery.info().generation, 2);
    drop(gallery);
    assert!(
        ["keyring.1", "records.1", "log.1", "log-hashes.1", "log-index.1"].iter().all(|name| disk.get(name).is_none())
    );
    let after = ["keyring.2", "records.2", "log.2"].map(|name| disk.get(name).unwrap());
    // No keyed name and no ciphertext is in both: nothing longer than places, versions and lengths in a row.
    for (old, new) in before.iter().zip(&after) {
        let windows: std::collections::HashSet<&[u8]> = old[26..].windows(32).collect();
        let same = |w: &[u8]| windows.contains(w) && w.iter().filter(|b| **b == 0).count() < 12;
        assert!(!new[26..].windows(32).any(same));
    }
    assert_eq!(reopened(&disk).unwrap().len(), 4);
}

#[test]
fn one_sample_of_several_is_removed() {
    let (disk, gallery) = enrolled(2);
    gallery.enroll(&id(0), &finger(0, 1).finger(LEFT, template(9, 0))).unwrap();
    let samples = |gallery: &Gallery| gallery.subjects(None, 1).unwrap()[0].samples.len();
    assert_eq!(samples(&gallery), 3);
    gallery.remove_sample(&id(0), RIGHT_0).unwrap();
    assert_eq!((samples(&gallery), gallery.records()), (2, 3));
    assert!(matches!(gallery.remove_sample(&id(0), RIGHT_0), Err(GalleryError::UnknownSample)));
    let one = decibels(&gallery, &id(0), &finger(0, 2));
    let expected = Comparator::<Finger>::new().compare_templates(&template(0, 2), &template(0, 1)).unwrap();
    assert_eq!(one, expected.decibels());
    assert_eq!(gallery.identify(&finger(0, 2), &GallerySearch::top(1)).unwrap()[0].score, Some(expected));
    drop(gallery);
    let again = reopened(&disk).unwrap();
    assert_eq!((samples(&again), again.records(), decibels(&again, &id(0), &finger(0, 2))), (2, 3, one));
    assert!(again.check().unwrap().is_sound());
}

#[test]
fn a_state_that_no_head_holds_is_refused_before_anything_is_written() {
    let rows = |n: usize| -> Vec<(Fmr, Cosine)> {
        let at = |i: usize| i as f64 / n as f64;
        (0..n)
            .map(|i| (Fmr::new(10_f64.powf(-1.0 - 4.0 * at(i))).unwrap(), Cosine::new(at(i) as f32).unwrap()))
            .collect()
    };
    let long = CosineCalibration::from_table(&rows(1000)).unwrap();
    let disk = MemoryDisk::new();
    let builder = || Gallery::builder(key(1)).face_model(model());
    let refused = builder().face_calibration(long.clone()).create_on(disk.clone()).unwrap_err();
    assert!(matches!(refused, GalleryError::CalibrationTooLong { max: 4096, .. }));
    // The longest that is taken, and as many rows of failed attempts, entries and names as there can be.
    let longest = CosineCalibration::from_table(&rows(500)).unwrap();
    let name = "m".repeat(60);
    let model = FaceModel::new(&name, &name, 128).unwrap();
    let builder = || Gallery::builder(key(1)).face_model(model.clone()).face_calibration(longest.clone());
    let gallery = builder().attempts(AttemptLimit::default()).create_on(disk.clone()).unwrap();
    for n in 0..300 {
        let actor = selfsame::gallery::log::Actor::new(format!("door {n}")).unwrap();
        let unknown = gallery.acting_as(actor).verify(&id(n), &finger(0, 1), at(1e-3));
        assert!(matches!(unknown, Err(GalleryError::UnknownSubject)), "{unknown:?}");
    }
    gallery.enroll(&id(0), &finger(0, 0)).unwrap();
    drop(gallery);
    assert_eq!(Gallery::builder(key(1)).open_on(disk.clone()).unwrap().len(), 1);
    let told = Gallery::builder(key(1)).face_calibration(long).open_on(disk.clone()).unwrap_err();
    assert!(matches!(told, GalleryError::CalibrationTooLong { .. }));
    assert_eq!(Gallery::builder(key(1)).open_on(disk).unwrap().len(), 1);
}

#[test]
fn people_without_a_keyring_are_not_made_way_with() {
    let (disk, gallery) = enrolled(2);
    drop(gallery);
    let keyring = disk.get("keyring.1").unwrap();
    selfsame::gallery::disk::Disk::remove(&disk, "keyring.1").unwrap();
    assert!(matches!(Gallery::builder(key(1)).create_on(disk.clone()), Err(GalleryError::Exists)));
    disk.put("keyring.1", keyring);
    assert_eq!(Gallery::builder(key(1)).open_on(disk).unwrap().len(), 2);
}

#[test]
fn subjects_are_listed_in_pages() {
    let (_, gallery) = enrolled(25);
    let (mut after, mut all) = (None, Vec::new());
    loop {
        let page = gallery.subjects(after.as_ref(), 7).unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 7);
        after = Some(last.subject.clone());
        all.extend(page.into_iter().map(|listed| listed.subject));
    }
    let mut expected: Vec<SubjectId> = (0..25).map(id).collect();
    expected.sort();
    assert_eq!(all, expected);
}

#[test]
fn many_read_at_once_and_one_waits_for_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery");
    let gallery = Gallery::builder(key(1)).create(&path).unwrap();
    gallery.enroll(&id(0), &finger(0, 0)).unwrap();
    let read = || Gallery::builder(key(1)).open_read_only(&path, Unlogged::accepted());
    assert!(matches!(read(), Err(GalleryError::Busy)));
    drop(gallery);
    let bytes = |name: &str| fs::read(path.join(name)).unwrap();
    let before = ["keyring.1", "records.1", "log.1"].map(bytes);
    let events = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = Arc::clone(&events);
    let log = Unlogged::told(move |event| told.lock().unwrap().push(event.kind.name()));
    let first = Gallery::builder(key(1)).open_read_only(&path, log).unwrap();
    let second = read().unwrap();
    for gallery in [&first, &second] {
        assert!(gallery.verify(&id(0), &finger(0, 1), at(1e-3)).unwrap().matched);
        assert_eq!(gallery.identify(&finger(0, 1), &GallerySearch::top(1)).unwrap()[0].subject, id(0));
        assert!(matches!(gallery.enroll(&id(1), &finger(1, 0)), Err(GalleryError::ReadOnly)));
        assert!(matches!(gallery.delete(&[id(0)]), Err(GalleryError::ReadOnly)));
        assert!(matches!(gallery.erase(&[id(0)]), Err(GalleryError::ReadOnly)));
        assert!(matches!(gallery.rotate_keys(), Err(GalleryError::ReadOnly)));
        assert!(gallery.check().unwrap().is_sound() && gallery.prove_inclusion(1).is_ok());
        assert_eq!(gallery.log(LogQuery::first(usize::MAX)).unwrap().len(), 2);
    }
    assert_eq!(events.lock().unwrap()[..], ["open", "verify", "identify", "check", "read-log"]);
    assert!(matches!(Gallery::builder(key(1)).open(&path), Err(GalleryError::Busy)));
    let waiting = {
        let path = path.clone();
        std::thread::spawn(move || {
            Gallery::builder(key(1)).wait(std::time::Duration::from_secs(60)).open(path).map(drop)
        })
    };
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert_eq!(before, ["keyring.1", "records.1", "log.1"].map(bytes));
    drop((first, second));
    assert!(waiting.join().unwrap().is_ok());
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_read_and_checked() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery");
    let gallery = Gallery::builder(key(1)).create(&path).unwrap();
    gallery.enroll(&id(0), &finger(0, 0)).unwrap();
    drop(gallery);
    let modes = |folder: u32, file: u32| {
        for entry in fs::read_dir(&path).unwrap() {
            fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(file)).unwrap();
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(folder)).unwrap();
    };
    fs::remove_file(path.join("lock")).unwrap();
    modes(0o500, 0o400);
    // Whoever may do everything is not kept out by modes: then there is nothing to see here.
    let bound = fs::write(path.join("probe"), b"").is_err();
    if bound {
        let gallery = Gallery::builder(key(1)).open_read_only(&path, Unlogged::accepted()).unwrap();
        assert!(gallery.verify(&id(0), &finger(0, 1), at(1e-3)).unwrap().matched);
        let report = Gallery::builder(key(1)).check(&path).unwrap();
        assert!(report.is_sound() && !report.logged && report.log_entries == 2);
        assert!(Gallery::builder(key(1)).open(&path).is_err());
    } else {
        println!("skipped: this account writes where it may not");
    }
    modes(0o700, 0o600);
}

#[test]
fn attempts_are_limited_and_scores_kept_back() {
    let (disk, gallery) = enrolled(3);
    drop(gallery);
    let limit = AttemptLimit { first: std::time::Duration::from_secs(3600), ..AttemptLimit::default() };
    let open = || Gallery::builder(key(1)).attempts(limit).decisions_only().open_on(disk.clone()).unwrap();
    let gallery = open();
    let (own, other) = (finger(0, 1), finger(1, 1));
    let tried = |gallery: &Gallery, probe: &Samples| gallery.verify(&id(0), probe, at(1e-4));
    for _ in 0..4 {
        let refused = tried(&gallery, &other).unwrap();
        assert_eq!((refused.score, refused.matched), (None, false));
    }
    // A match ends the row.
    assert!(tried(&gallery, &own).unwrap().matched);
    for _ in 0..3 {
        assert!(!tried(&gallery, &other).unwrap().matched);
    }
    // Kept from one opening to the next.
    drop(gallery);
    let gallery = open();
    for _ in 0..2 {
        assert!(!tried(&gallery, &other).unwrap().matched);
    }
    for probe in [&other, &own] {
        let limited = tried(&gallery, probe).unwrap_err();
        assert!(matches!(limited, GalleryError::Limited { wait } if wait.as_secs() > 3500), "{limited:?}");
        assert!(limited.to_string().contains("too many attempts failed"));
    }
    // Others are not held up, until the actor has failed too often.
    assert!(gallery.verify(&id(1), &other, at(1e-4)).unwrap().matched);
    let search = GallerySearch::top(1).at_least(at(1e-4).score());
    assert!(matches!(gallery.identify(&own, &GallerySearch::top(1)), Err(GalleryError::NoThreshold)));
    assert_eq!(gallery.identify(&own, &search).unwrap()[0].score, None);
    for _ in 0..20 {
        assert!(gallery.identify(&finger(70, 1), &search).unwrap().is_empty());
    }
    assert!(matches!(gallery.identify(&own, &search), Err(GalleryError::Limited { .. })));
    assert!(matches!(gallery.verify(&id(1), &other, at(1e-4)), Err(GalleryError::Limited { .. })));
    let door = gallery.acting_as(selfsame::gallery::log::Actor::new("door 2").unwrap());
    assert!(door.verify(&id(1), &other, at(1e-4)).unwrap().matched);
    let limited = gallery.log(LogQuery::first(usize::MAX)).unwrap();
    assert_eq!(limited.iter().filter(|e| e.event.as_ref().unwrap().outcome.name() == "limited").count(), 4);
}

#[test]
fn what_was_erased_opens_no_more_with_old_files_and_current_keys() {
    let (disk, gallery) = enrolled(3);
    let old = disk.copy();
    assert_eq!(gallery.erase(&[id(1), id(9)]).unwrap(), 1);
    drop(gallery);
    let again = reopened(&disk).unwrap();
    assert_eq!(again.len(), 2);
    assert!(decibels(&again, &id(0), &finger(0, 1)) > 30.0);
    // The old files open with the old keyring (that is where erasure ends), and not with the current one.
    assert_eq!(reopened(&old).unwrap().len(), 3);
    for name in [1_u32, 2] {
        let mixed = old.copy();
        let mut keyring = disk.get("keyring.2").unwrap();
        keyring[22..26].copy_from_slice(&name.to_be_bytes());
        mixed.put("keyring.1", keyring);
        assert!(reopened(&mixed).is_err());
    }
}

/// Where galleries of each released format are kept.
fn golden() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/gallery_v1")
}

fn golden_key() -> Arc<dyn KeyProvider> {
    use selfsame::gallery::seal::{Argon2Cost, Passphrase};
    Arc::new(Passphrase::with_cost("golden passphrase".to_owned(), Argon2Cost::LEAST).unwrap())
}

#[test]
fn any_number_of_threads_opens_the_same_gallery() {
    const PEOPLE: usize = 4500;
    let generator = FaceGenerator::new(3);
    let picture = |n: usize, impression| Samples::new().face(generator.embedding(n as u64, impression));
    let model = FaceModel::new("m", "1", FaceGenerator::DIMENSION).unwrap();
    let disk = MemoryDisk::new();
    let builder = || Gallery::builder(key(1)).face_model(model.clone()).face_calibration(calibration());
    let gallery = builder().create_on(disk.clone()).unwrap();
    gallery.enroll_batch((0..PEOPLE).map(|n| (id(n), picture(n, 0))), BatchOptions::new()).unwrap();
    // Of the first of every hundred nothing is where the others have it: the second picture comes later, the only one is replaced, the
    // subject is gone, or came back, alone or with a finger.
    for n in (0..PEOPLE).step_by(100) {
        match n / 100 % 5 {
            0 => gallery.enroll(&id(n), &picture(n, 1)).unwrap(),
            1 => gallery.update(&id(n), &picture(n, 1)).unwrap(),
            2 => drop(gallery.delete(&[id(n)]).unwrap()),
            3 => {
                gallery.delete(&[id(n)]).unwrap();
                gallery.enroll(&id(n), &picture(n, 1)).unwrap();
            }
            _ => {
                gallery.delete(&[id(n)]).unwrap();
                gallery.enroll(&id(n), &picture(n, 1).finger(RIGHT, few_minutiae(n as u64))).unwrap();
                gallery.update(&id(n), &picture(n, 2)).unwrap();
            }
        }
    }
    let look = |gallery: &Gallery| {
        let found: Vec<_> = (0..PEOPLE)
            .step_by(50)
            .map(|n| gallery.identify(&picture(n, 3), &GallerySearch::top(20)).unwrap())
            .map(|list| list.into_iter().map(|c| (c.subject, c.score)).collect::<Vec<_>>())
            .collect();
        (found, gallery.subjects(None, PEOPLE).unwrap(), gallery.records())
    };
    let expected = look(&gallery);
    drop(gallery);
    assert!(disk.get("records.1").unwrap().len() > 9 << 20, "one window holds all of it");
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let gallery = pool.install(|| builder().open_on(disk.clone()).unwrap());
        assert_eq!(look(&gallery), expected);
        let report = pool.install(|| gallery.check().unwrap());
        assert!(report.is_sound() && report.records == expected.2);
    }
}

/// The command that writes the golden gallery: `cargo test --test gallery -- --ignored writes_the_golden`.
#[test]
#[ignore = "writes a fixture"]
fn writes_the_golden_gallery() {
    let path = golden();
    fs::remove_dir_all(&path).ok();
    let builder = Gallery::builder(golden_key()).face_model(model()).face_calibration(calibration());
    let gallery = builder.create(&path).unwrap();
    for n in 0..3 {
        gallery.enroll(&id(n), &finger(n, 0).face(face(n, 0.0)).metadata(b"golden".to_vec())).unwrap();
    }
    gallery.rotate_keys().unwrap();
    gallery.delete(&[id(2)]).unwrap();
}

#[test]
fn galleries_of_earlier_versions_open() {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(golden()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    let gallery = Gallery::builder(golden_key()).open(folder.path()).unwrap();
    assert_eq!((gallery.len(), gallery.records(), gallery.face_model()), (2, 4, Some(model())));
    assert_eq!(gallery.metadata(&id(1)).unwrap(), b"golden");
    let probe = finger(1, 1).face(face(1, 0.02));
    assert!(gallery.verify(&id(1), &probe, at(1e-4)).unwrap().matched);
    assert_eq!(gallery.log(LogQuery::first(usize::MAX)).unwrap().len(), 9);
    assert!(gallery.check().unwrap().is_sound());
    // A format of the future is not guessed at.
    drop(gallery);
    let keyring = folder.path().join("keyring.2");
    let mut bytes = fs::read(&keyring).unwrap();
    bytes[5] = 99;
    fs::write(&keyring, bytes).unwrap();
    let newer = Gallery::builder(golden_key()).open(folder.path()).unwrap_err();
    assert!(matches!(newer, GalleryError::Keyring(KeyringError::NewerVersion { version: 99 })), "{newer:?}");
    fs::copy(golden().join("keyring.2"), &keyring).unwrap();
    for name in ["log.2", "records.2"] {
        let mut bytes = fs::read(golden().join(name)).unwrap();
        bytes[5] = 98;
        fs::write(folder.path().join(name), bytes).unwrap();
        let newer = Gallery::builder(golden_key()).open(folder.path()).unwrap_err();
        assert!(matches!(newer, GalleryError::NewerFormat { format: 98 }), "{newer:?}");
        fs::copy(golden().join(name), folder.path().join(name)).unwrap();
    }
}

#[test]
fn nothing_secret_is_in_the_files_or_in_debug_texts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery");
    let gallery = Gallery::builder(key(0xA7)).face_model(model()).create(&path).unwrap();
    let (name, note) = ("canary-of-a-name-4711", "canary-of-metadata-4712");
    let subject = SubjectId::new(name).unwrap();
    let mut canaries: Vec<Vec<u8>> = vec![name.into(), note.into(), vec![0xA7; 16]];
    for n in 0..200 {
        let (template, embedding) = (template(n, 0), face(n as usize, 0.0));
        let m = template.minutiae()[0];
        for bytes in [f32::to_be_bytes, f32::to_le_bytes] {
            canaries.push([bytes(m.x), bytes(m.y)].concat());
            canaries.push(embedding.as_slice()[..4].iter().flat_map(|c| bytes(*c)).collect());
        }
        let samples = Samples::new().finger(RIGHT, template).face(embedding);
        let subject = if n == 0 { subject.clone() } else { id(n as usize) };
        canaries.push(subject.as_str().into());
        gallery.enroll(&subject, &samples.metadata(note.into())).unwrap();
    }
    gallery.rotate_keys().unwrap();
    gallery.erase(&[id(3)]).unwrap();
    let shown = format!("{gallery:?} {:?}", gallery.check().unwrap());
    drop(gallery);
    let mut files = 0;
    for entry in fs::read_dir(&path).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        for canary in &canaries {
            assert!(!bytes.windows(canary.len()).any(|w| w == canary.as_slice()));
        }
    }
    assert_eq!(files, 6);
    assert!(!shown.contains("canary"));
}
