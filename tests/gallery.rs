//! Sealed galleries, from outside.

use std::fs;
use std::sync::{Arc, Mutex};

use selfsame::face::compare::CosineCalibration;
use selfsame::face::index::FaceModel;
use selfsame::fingerprint::template::FingerTemplate;
use selfsame::gallery::{
    Anchor, BatchOptions, FileAnchor, Gallery, GalleryError, GallerySearch, MemoryAnchor, Parts, ProblemKind, Samples,
};
use selfsame::seal::{KeyError, KeyProvider, KeyringError, RawKey, SecretKey};
use selfsame::store::{Change, MemoryStore, Store, StoreError, Table};
use selfsame::synth::TemplateGenerator;
use selfsame::{Comparator, Cosine, Embedding, Finger, FingerPosition, Fmr, SubjectId, Threshold};

const RIGHT: FingerPosition = FingerPosition::RightIndex;
const LEFT: FingerPosition = FingerPosition::LeftThumb;

fn key(n: u8) -> Arc<dyn KeyProvider> {
    Arc::new(RawKey::new(SecretKey::from_bytes(&[n; 32])))
}

fn template(finger: u64, impression: u64) -> FingerTemplate {
    let generator = TemplateGenerator::new(7);
    if impression == 0 { generator.reference(finger) } else { generator.probe(finger, impression) }
}

fn id(n: usize) -> SubjectId {
    SubjectId::new(format!("person-{n}")).unwrap()
}

fn at(fmr: f64) -> Threshold {
    Threshold::at_fmr(Fmr::new(fmr).unwrap())
}

fn finger(n: usize, impression: u64) -> Samples {
    Samples::new().finger(RIGHT, template(n as u64, impression))
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

/// A store whose tables a test can reach while a gallery uses them.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<MemoryStore>>);

impl Store for Shared {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.lock().unwrap().get(table, key)
    }
    fn scan(&self, table: Table, prefix: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        self.0.lock().unwrap().scan(table, prefix, visit)
    }
    fn scan_from(
        &self,
        table: Table,
        first: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError> {
        self.0.lock().unwrap().scan_from(table, first, visit)
    }
    fn commit(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.0.lock().unwrap().commit(changes)
    }
    fn compact(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Shared {
    fn all(&self, table: Table) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut all = Vec::new();
        self.scan(table, &[], &mut |key, value| {
            all.push((key.to_vec(), value.to_vec()));
            true
        })
        .unwrap();
        all
    }

    /// Another store of the same content.
    fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.0.lock().unwrap().clone())))
    }

    fn put(&self, table: Table, key: &[u8], value: Vec<u8>) {
        self.0.lock().unwrap().commit(vec![Change::put(table, key, value)]).unwrap();
    }

    fn delete(&self, table: Table, key: &[u8]) {
        self.0.lock().unwrap().commit(vec![Change::delete(table, key)]).unwrap();
    }
}

/// A gallery in memory of `n` people with a finger each.
fn people(n: usize) -> (Shared, Arc<Mutex<Vec<u8>>>, Gallery) {
    let (store, keyring) = (Shared::default(), Arc::default());
    let parts = Parts::new(store.clone()).keyring(Arc::clone(&keyring));
    let gallery = Gallery::builder(key(1)).create_in(parts).unwrap();
    let all = (0..n).map(|i| (id(i), finger(i, 0).metadata(format!("site {i}").into_bytes())));
    assert_eq!(gallery.enroll_batch(all, BatchOptions::new()).unwrap(), n);
    (store, keyring, gallery)
}

fn reopened(store: &Shared, keyring: &Arc<Mutex<Vec<u8>>>) -> Result<Gallery, GalleryError> {
    let keyring = Arc::new(Mutex::new(keyring.lock().unwrap().clone()));
    Gallery::builder(key(1)).open_in(Parts::new(store.clone()).keyring(keyring))
}

fn kinds(store: &Shared, keyring: &Arc<Mutex<Vec<u8>>>) -> Vec<ProblemKind> {
    let parts = Parts::new(store.clone()).keyring(Arc::clone(keyring));
    let report = Gallery::builder(key(1)).check_in(parts).unwrap();
    report.problems.iter().map(|p| p.kind).collect()
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
    assert!(matches!(Gallery::builder(key(1)).open(&path), Err(GalleryError::Store(StoreError::Busy))));
    let threshold = Threshold::at_fmr(Fmr::new(1e-3).unwrap());
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
    assert_eq!(before.0, selfsame::fusion::best_of(&each));
    assert_eq!(before.1[0].score, before.0);
    assert!(before.0.meets(threshold) && !gallery.verify(&id(1), &probe, threshold).unwrap().matched);
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
    assert_eq!(gallery.verify(&id(1), &elsewhere, at(1e-3)).unwrap().score.decibels(), 0.0);
    let unknown = Samples::new().finger(FingerPosition::Unknown, template(1, 1));
    assert!(gallery.verify(&id(1), &unknown, threshold).unwrap().matched);
    assert!(gallery.check().unwrap().is_sound());
}

#[test]
fn changes_are_seen_at_once_and_last() {
    let (store, keyring, gallery) = people(3);
    let first =
        |gallery: &Gallery, probe: &Samples| gallery.identify(probe, &GallerySearch::top(1)).unwrap()[0].clone();
    assert_eq!(first(&gallery, &finger(2, 1)).subject, id(2));
    // The second person's finger becomes another one.
    gallery.update(&id(1), &finger(50, 0)).unwrap();
    assert_eq!(first(&gallery, &finger(50, 1)).subject, id(1));
    assert!(gallery.verify(&id(1), &finger(1, 1), at(1e-3)).unwrap().score.decibels() < 30.0);
    assert_eq!(gallery.metadata(&id(1)).unwrap(), b"site 1");
    assert_eq!(gallery.delete(&[id(2), id(2), id(9)]).unwrap(), 1);
    assert!(matches!(gallery.verify(&id(2), &finger(2, 1), at(1e-3)), Err(GalleryError::UnknownSubject)));
    assert!(gallery.identify(&finger(2, 1), &GallerySearch::top(9)).unwrap().iter().all(|c| c.subject != id(2)));
    let again = reopened(&store, &keyring).unwrap();
    assert_eq!((again.len(), again.records()), (2, 2));
    assert_eq!(first(&again, &finger(50, 1)), first(&gallery, &finger(50, 1)));
    assert!(again.contains(&id(1)).unwrap() && !again.contains(&id(2)).unwrap());
}

#[test]
fn a_batch_is_whole_and_can_be_given_again() {
    let (_, _, gallery) = people(2);
    let all = || (0..7).map(|i| (id(i), finger(i, 0)));
    assert!(matches!(gallery.enroll_batch(all(), BatchOptions::new()), Err(GalleryError::Enrolled)));
    assert_eq!(gallery.len(), 2);
    let mut told = Vec::new();
    let mut note = |n| told.push(n);
    let commits = gallery.commits();
    let options = BatchOptions::new().per_commit(3).skip_enrolled().progress(&mut note);
    assert_eq!(gallery.enroll_batch(all().chain(all()), options).unwrap(), 5);
    assert_eq!((gallery.len(), gallery.commits() - commits), (7, 3));
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
    // Two galleries' files mixed.
    let other = folder.path().join("other");
    drop(Gallery::builder(key(1)).create(&other).unwrap());
    fs::copy(other.join("keyring"), path.join("keyring")).unwrap();
    assert!(matches!(Gallery::builder(key(1)).open(&path), Err(GalleryError::Store(StoreError::Damaged(_)))));
    fs::write(other.join("records.redb"), b"something else entirely").unwrap();
    assert!(matches!(Gallery::builder(key(1)).open(&other), Err(GalleryError::Store(_))));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |p: &std::path::Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join("records.redb")), mode(&path.join("keyring"))), (0o700, 0o600, 0o600));
    }
}

#[test]
fn refusals_change_nothing() {
    let (store, keyring, gallery) = people(1);
    let before = (store.all(Table::Records), store.all(Table::Keys), store.all(Table::Tree));
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
    assert!((store.all(Table::Records), store.all(Table::Keys), store.all(Table::Tree)) == before);
    assert!(reopened(&store, &keyring).is_ok());
    // Metadata alone are a change of somebody who is there.
    gallery.enroll(&id(0), &Samples::new().metadata(b"moved".to_vec())).unwrap();
    assert_eq!(reopened(&store, &keyring).unwrap().metadata(&id(0)).unwrap(), b"moved");
}

#[test]
fn every_swap_of_two_records_is_seen() {
    let (store, keyring, gallery) = people(50);
    drop(gallery);
    let records: Vec<(Vec<u8>, Vec<u8>)> =
        store.all(Table::Records).into_iter().filter(|(key, _)| key[32] == 1).collect();
    assert_eq!(records.len(), 50);
    let mut seen = 0;
    for (i, (from, value)) in records.iter().enumerate() {
        for (to, old) in records.iter().skip(i + 1) {
            let changed = store.copy();
            changed.put(Table::Records, to, value.clone());
            changed.put(Table::Records, from, old.clone());
            match reopened(&changed, &keyring) {
                Err(GalleryError::Tampered(report)) => {
                    let wrong = report.problems.iter().filter(|p| p.kind == ProblemKind::NotAuthentic).count();
                    assert_eq!(wrong, 2);
                    assert!(
                        report
                            .problems
                            .iter()
                            .filter(|p| p.kind == ProblemKind::NotAuthentic)
                            .all(|p| p.subject.is_some())
                    );
                    seen += 2;
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(seen, 50 * 49);
}

#[test]
fn what_was_removed_added_or_put_back_is_named() {
    let (store, keyring, gallery) = people(4);
    let old = store.copy();
    gallery.update(&id(1), &finger(60, 0)).unwrap();
    gallery.enroll(&id(2), &finger(2, 1)).unwrap();
    drop(gallery);
    let newer = store.all(Table::Records);
    let older = old.all(Table::Records);
    assert!(kinds(&store, &keyring).is_empty());
    // Each record removed; each key removed; each of them changed in one bit.
    for table in [Table::Records, Table::Keys] {
        for (key, value) in store.all(table) {
            let changed = store.copy();
            changed.delete(table, &key);
            assert!(kinds(&changed, &keyring).iter().any(|k| *k != ProblemKind::Root && *k != ProblemKind::Count));
            assert!(reopened(&changed, &keyring).is_err());
            let mut flipped = value.clone();
            let middle = flipped.len() / 2;
            flipped[middle] ^= 4;
            let changed = store.copy();
            changed.put(table, &key, flipped);
            let kind = if table == Table::Keys { ProblemKind::Key } else { ProblemKind::NotAuthentic };
            assert!(kinds(&changed, &keyring).contains(&kind));
        }
    }
    // An older version of one record.
    for (key, value) in &older {
        if newer.iter().any(|(k, v)| k == key && v != value) {
            let changed = store.copy();
            changed.put(Table::Records, key, value.clone());
            assert!(!kinds(&changed, &keyring).is_empty());
            assert!(matches!(reopened(&changed, &keyring), Err(GalleryError::Tampered(_))));
        }
    }
    // All records of one subject as they were: nothing of it is wrong but its age.
    let changed = store.copy();
    let tag =
        older.iter().find(|(key, value)| key[32] == 0 && !newer.contains(&(key.clone(), value.clone()))).unwrap().0
            [..32]
            .to_vec();
    newer.iter().filter(|(key, _)| key.starts_with(&tag)).for_each(|(key, _)| changed.delete(Table::Records, key));
    older
        .iter()
        .filter(|(key, _)| key.starts_with(&tag))
        .for_each(|(key, value)| changed.put(Table::Records, key, value.clone()));
    let parts = Parts::new(changed.clone()).keyring(Arc::clone(&keyring));
    let report = Gallery::builder(key(1)).check_in(parts).unwrap();
    let stale: Vec<_> = report.problems.iter().filter(|p| p.kind == ProblemKind::Stale).collect();
    assert!(!stale.is_empty() && stale.iter().all(|p| p.subject == Some(id(1)) || p.subject == Some(id(2))));
    // The tree's rows with them.
    for (key, value) in old.all(Table::Tree) {
        changed.put(Table::Tree, &key, value);
    }
    assert!(kinds(&changed, &keyring).contains(&ProblemKind::Root));
    // A whole person removed, key and all.
    let changed = store.copy();
    let tag = &newer[0].0[..32];
    changed.delete(Table::Keys, tag);
    newer.iter().filter(|(key, _)| key.starts_with(tag)).for_each(|(key, _)| changed.delete(Table::Records, key));
    assert!(kinds(&changed, &keyring).contains(&ProblemKind::Root));
    assert!(reopened(&changed, &keyring).is_err());
    // Records of another gallery under the same passphrase.
    let (stranger, _, _) = people(4);
    let changed = store.copy();
    changed.put(Table::Records, &newer[1].0, stranger.all(Table::Records)[1].1.clone());
    assert!(kinds(&changed, &keyring).contains(&ProblemKind::NotAuthentic));
    // Something that no gallery writes.
    let changed = store.copy();
    changed.put(Table::Records, b"short", vec![1]);
    assert!(kinds(&changed, &keyring).contains(&ProblemKind::Foreign));
}

#[test]
fn an_old_copy_of_everything_is_noticed_with_an_anchor_only() {
    let folder = tempfile::tempdir().unwrap();
    let mut anchors: Vec<Box<dyn Fn() -> Box<dyn Anchor>>> = Vec::new();
    let memory = MemoryAnchor::default();
    anchors.push(Box::new(move || Box::new(memory.clone())));
    let file = folder.path().join("anchor");
    anchors.push(Box::new(move || Box::new(FileAnchor::new(&file))));
    for anchor in anchors {
        struct Any(Box<dyn Anchor>);
        impl Anchor for Any {
            fn get(&self) -> Result<Option<selfsame::gallery::AnchorState>, selfsame::gallery::AnchorError> {
                self.0.get()
            }
            fn advance(&mut self, s: selfsame::gallery::AnchorState) -> Result<(), selfsame::gallery::AnchorError> {
                self.0.advance(s)
            }
        }
        let (store, keyring) = (Shared::default(), Arc::<Mutex<Vec<u8>>>::default());
        let parts = |store: &Shared| Parts::new(store.clone()).keyring(Arc::clone(&keyring));
        let builder = || Gallery::builder(key(1)).anchor(Any(anchor()));
        let gallery = builder().create_in(parts(&store)).unwrap();
        gallery.enroll(&id(0), &finger(0, 0)).unwrap();
        let old = store.copy();
        gallery.enroll(&id(1), &finger(1, 0)).unwrap();
        drop(gallery);
        assert!(matches!(builder().open_in(parts(&old)), Err(GalleryError::RolledBack { found: 2, expected: 3 })));
        assert_eq!(builder().open_in(parts(&store)).unwrap().len(), 2);
        // Without it the old copy is a sound gallery.
        assert_eq!(reopened(&old, &keyring).unwrap().len(), 1);
        // Ahead of the anchor is where a crash leaves it; another history of the same length is not.
        reopened(&store, &keyring).unwrap().enroll(&id(2), &finger(2, 0)).unwrap();
        builder().open_in(parts(&store)).unwrap();
        reopened(&old, &keyring).unwrap().enroll(&id(3), &finger(3, 0)).unwrap();
        reopened(&old, &keyring).unwrap().enroll(&id(4), &finger(4, 0)).unwrap();
        assert!(matches!(builder().open_in(parts(&old)), Err(GalleryError::RolledBack { found: 4, expected: 4 })));
    }
}

#[test]
fn another_passphrase_takes_the_place_of_the_old_one() {
    let (store, keyring, gallery) = people(2);
    let records = store.all(Table::Records);
    gallery.change_provider(key(2)).unwrap();
    gallery.enroll(&id(7), &finger(7, 0)).unwrap();
    drop(gallery);
    assert!(records.iter().all(|record| store.all(Table::Records).contains(record)));
    assert!(matches!(reopened(&store, &keyring), Err(GalleryError::Keyring(_))));
    let parts = Parts::new(store.clone()).keyring(keyring);
    let gallery = Gallery::builder(key(2)).open_in(parts).unwrap();
    gallery.rotate_keys().unwrap();
    assert_eq!(gallery.len(), 3);
}

#[test]
fn a_rotation_that_was_cut_off_goes_on() {
    let (store, keyring, gallery) = people(5);
    let old_keyring = keyring.lock().unwrap().clone();
    gallery.rotate_keys().unwrap();
    drop(gallery);
    assert!(kinds(&store, &keyring).is_empty());
    // With the old keys nothing of it opens.
    let old = Arc::new(Mutex::new(old_keyring.clone()));
    assert!(matches!(reopened(&store, &old), Err(GalleryError::Manifest)));
    // Cut off after the keyring has both keys, before and between the commits.
    let (store, keyring, gallery) = people(5);
    drop(gallery);
    let mut both = selfsame::seal::Keyring::open(&keyring.lock().unwrap(), &*key(1)).unwrap();
    both.begin_epoch(&*key(1)).unwrap();
    let place = Arc::new(Mutex::new(both.encode()));
    let parts = || Parts::new(store.clone()).keyring(Arc::clone(&place));
    let gallery = Gallery::builder(key(1)).open_in(parts()).unwrap();
    gallery.enroll(&id(9), &finger(9, 0)).unwrap();
    drop(gallery);
    let after = selfsame::seal::Keyring::open(&place.lock().unwrap(), &*key(1)).unwrap();
    assert_eq!((after.epoch(), after.previous_epoch()), (2, None));
    assert_eq!(Gallery::builder(key(1)).open_in(parts()).unwrap().len(), 6);
    assert!(matches!(reopened(&store, &keyring), Err(GalleryError::Manifest)));
}

#[test]
fn what_was_erased_opens_no_more_with_old_pages_and_current_keys() {
    let (store, keyring, gallery) = people(3);
    let old = store.copy();
    let old_keyring = Arc::new(Mutex::new(keyring.lock().unwrap().clone()));
    assert_eq!(gallery.erase(&[id(1)]).unwrap(), 1);
    drop(gallery);
    let again = reopened(&store, &keyring).unwrap();
    assert_eq!(again.len(), 2);
    assert!(again.verify(&id(0), &finger(0, 1), at(1e-3)).unwrap().score.decibels() > 30.0);
    // The old store opens with the old keyring (that is where erasure ends), and not with the current one.
    assert_eq!(reopened(&old, &old_keyring).unwrap().len(), 3);
    assert!(matches!(reopened(&old, &keyring), Err(GalleryError::Manifest)));
    // Nor does the erased person's old page in the current store.
    for (key, value) in old.all(Table::Keys) {
        if store.get(Table::Keys, &key).unwrap().is_none() {
            let changed = store.copy();
            changed.put(Table::Keys, &key, value);
            old.all(Table::Records)
                .into_iter()
                .filter(|(k, _)| k.starts_with(&key))
                .for_each(|(k, v)| changed.put(Table::Records, &k, v));
            assert!(kinds(&changed, &keyring).contains(&ProblemKind::Key));
        }
    }
}

/// Where galleries of each released format are kept.
fn golden() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/gallery_v1")
}

fn golden_key() -> Arc<dyn KeyProvider> {
    use selfsame::seal::{Argon2Cost, Passphrase};
    Arc::new(Passphrase::with_cost("golden passphrase".to_owned(), Argon2Cost::LEAST).unwrap())
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
    for name in ["keyring", "records.redb"] {
        fs::copy(golden().join(name), folder.path().join(name)).unwrap();
    }
    let gallery = Gallery::builder(golden_key()).open(folder.path()).unwrap();
    assert_eq!((gallery.len(), gallery.records(), gallery.face_model()), (2, 4, Some(model())));
    assert_eq!(gallery.metadata(&id(1)).unwrap(), b"golden");
    let probe = finger(1, 1).face(face(1, 0.02));
    assert!(gallery.verify(&id(1), &probe, at(1e-4)).unwrap().matched);
    assert_eq!(gallery.log_since(0).unwrap().len(), 7);
    assert!(gallery.check().unwrap().is_sound());
    // A format of the future is not guessed at.
    drop(gallery);
    let keyring = folder.path().join("keyring");
    let mut bytes = fs::read(&keyring).unwrap();
    bytes[5] = 99;
    fs::write(&keyring, bytes).unwrap();
    let newer = Gallery::builder(golden_key()).open(folder.path()).unwrap_err();
    assert!(matches!(newer, GalleryError::Keyring(KeyringError::NewerVersion { version: 99 })), "{newer:?}");
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
    assert_eq!(files, 2);
    assert!(!shown.contains("canary"));
}
