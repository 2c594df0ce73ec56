//! The log of a gallery, from outside.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use selfsame::audit::checkpoint::{Checkpoint, CheckpointKey};
use selfsame::audit::{Actor, EventKind, Outcome, verify_consistency, verify_inclusion};
use selfsame::gallery::{Exported, Gallery, GalleryError, GallerySearch, LogPolicy, Parts, ProblemKind, Samples};
use selfsame::seal::{KeyProvider, RawKey, SecretKey};
use selfsame::store::{Change, MemoryStore, Store, StoreError, Table};
use selfsame::synth::TemplateGenerator;
use selfsame::{FingerPosition, Fmr, SubjectId, Threshold};

fn key(n: u8) -> Arc<dyn KeyProvider> {
    Arc::new(RawKey::new(SecretKey::from_bytes(&[n; 32])))
}

fn id(n: u64) -> SubjectId {
    SubjectId::new(format!("person-{n}")).unwrap()
}

fn finger(n: u64, k: u64) -> Samples {
    let generator = TemplateGenerator::new(7);
    let template = if k == 0 { generator.reference(n) } else { generator.probe(n, k) };
    Samples::new().finger(FingerPosition::RightIndex, template)
}

fn threshold() -> Threshold {
    Threshold::at_fmr(Fmr::new(1e-3).unwrap())
}

fn actor(name: &str) -> Actor {
    Actor::new(name).unwrap()
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<MemoryStore>>);

impl Store for Shared {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.lock().unwrap().get(table, key)
    }
    fn scan(&self, table: Table, p: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        self.0.lock().unwrap().scan(table, p, visit)
    }
    fn scan_from(&self, table: Table, p: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        self.0.lock().unwrap().scan_from(table, p, visit)
    }
    fn commit(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.0.lock().unwrap().commit(changes)
    }
    fn compact(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Shared {
    fn entries(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut all = Vec::new();
        self.scan(Table::Log, &[], &mut |key, value| {
            all.push((key.to_vec(), value.to_vec()));
            true
        })
        .unwrap();
        all
    }

    fn copy(&self) -> Self {
        Self(Arc::new(Mutex::new(self.0.lock().unwrap().clone())))
    }

    fn change(&self, change: Change) {
        self.0.lock().unwrap().commit(vec![change]).unwrap();
    }
}

/// A gallery in which everything was done once.
fn eventful(store: &Shared, keyring: &Arc<Mutex<Vec<u8>>>) -> Gallery {
    let parts = Parts::new(store.clone()).keyring(Arc::clone(keyring));
    let builder = Gallery::builder(key(1)).actor(actor("clerk")).log_policy(LogPolicy::each());
    let gallery = builder.create_in(parts).unwrap();
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
    gallery
}

#[test]
fn everything_that_was_done_stands_in_the_log() {
    use EventKind as K;
    use Outcome as O;
    let (store, keyring) = (Shared::default(), Arc::default());
    let gallery = eventful(&store, &keyring);
    let log = gallery.log_since(0).unwrap();
    let told: Vec<_> =
        log.iter().map(|e| (e.event.kind, e.event.outcome, e.event.actor.as_str(), e.event.count)).collect();
    let expected = [
        (K::Create, O::Done, "clerk", 0),
        (K::Enrol, O::Done, "clerk", 1),
        (K::Enrol, O::Done, "clerk", 1),
        (K::Enrol, O::Done, "clerk", 1),
        (K::Verify, O::Match, "door 3", 0),
        (K::Verify, O::NoMatch, "door 3", 0),
        (K::Verify, O::Refused, "door 3", 0),
        (K::Identify, O::Match, "door 3", 1),
        (K::Identify, O::NoMatch, "door 3", 0),
        (K::Update, O::Done, "clerk", 1),
        (K::Delete, O::Done, "clerk", 0),
        (K::Erase, O::Done, "clerk", 0),
        (K::RotateKeys, O::Done, "clerk", 0),
        (K::ChangeProvider, O::Done, "clerk", 0),
        (K::Export, O::Done, "clerk", 1),
        (K::Check, O::Done, "clerk", 0),
    ];
    assert_eq!(told, expected);
    assert!(log.iter().enumerate().all(|(i, e)| e.number == i as u64));
    // Who is enrolled is named, who was is a keyed name.
    assert_eq!((log[1].subject.clone(), log[2].subject.clone()), (Some(id(0)), None));
    assert_eq!(log[2].event.subject, log[11].event.subject);
    assert_eq!(log[4].event.score.unwrap().name(), ">=50");
    // From a moment on, and the log goes on after reopening.
    assert!(gallery.log_since(u64::MAX).unwrap().is_empty());
    drop(gallery);
    let gallery = Gallery::builder(key(1)).open_in(Parts::new(store.clone()).keyring(keyring)).unwrap();
    assert_eq!(gallery.log_since(0).unwrap(), log);
    // Nothing of it is readable in the store.
    for (_, entry) in store.entries() {
        assert!(![&b"clerk"[..], b"door 3"].iter().any(|w| entry.windows(w.len()).any(|x| x == *w)));
    }
}

#[test]
fn any_change_of_the_log_is_seen() {
    let (store, keyring) = (Shared::default(), Arc::<Mutex<Vec<u8>>>::default());
    drop(eventful(&store, &keyring));
    let entries = store.entries();
    let bad = |store: &Shared| {
        let report =
            Gallery::builder(key(1)).check_in(Parts::new(store.clone()).keyring(Arc::clone(&keyring))).unwrap();
        let problem = report.problems.iter().find(|p| p.kind == ProblemKind::Log)?.entry;
        Some(problem)
    };
    assert_eq!(bad(&store), None);
    let last = entries.len() - 1;
    for (i, (key_of, entry)) in entries.iter().enumerate() {
        let dropped = store.copy();
        dropped.change(Change::delete(Table::Log, key_of));
        assert_eq!(bad(&dropped), Some(Some(i as u64)), "dropped {i}");
        for bit in 0..entry.len() * 8 {
            if bit % 97 == i {
                let mut changed = entry.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                let flipped = store.copy();
                flipped.change(Change::put(Table::Log, key_of, changed));
                assert_eq!(bad(&flipped), Some(Some(i as u64)));
            }
        }
        for (j, (other, _)) in entries.iter().enumerate().filter(|(j, _)| *j != i) {
            let moved = store.copy();
            moved.change(Change::put(Table::Log, other, entry.clone()));
            assert_eq!(bad(&moved), Some(Some(j as u64)));
        }
    }
    // Opening looks at the end of the log.
    let open = |store: &Shared| {
        let keyring = Arc::new(Mutex::new(keyring.lock().unwrap().clone()));
        Gallery::builder(key(1)).open_in(Parts::new(store.clone()).keyring(keyring)).map(drop)
    };
    let cut = store.copy();
    cut.change(Change::delete(Table::Log, &entries[last].0));
    assert!(matches!(open(&cut), Err(GalleryError::Tampered(_))));
    let longer = store.copy();
    longer.change(Change::put(Table::Log, &(last as u64 + 1).to_be_bytes(), entries[last].1.clone()));
    assert!(matches!(open(&longer), Err(GalleryError::Tampered(_))));
    let without = store.copy();
    without.change(Change::delete(Table::State, b"chain"));
    assert!(matches!(open(&without), Err(GalleryError::Tampered(_))));
}

#[test]
fn searches_wait_as_the_policy_says_and_are_not_forgotten() {
    let (store, keyring) = (Shared::default(), Arc::<Mutex<Vec<u8>>>::default());
    let parts = || Parts::new(store.clone()).keyring(Arc::clone(&keyring));
    let policy = LogPolicy::batches(3, Duration::from_secs(3600));
    let gallery = Gallery::builder(key(1)).log_policy(policy).create_in(parts()).unwrap();
    gallery.enroll(&id(0), &finger(0, 0)).unwrap();
    let search = || gallery.identify(&finger(0, 1), &GallerySearch::top(1)).unwrap();
    let mut written = Vec::new();
    for _ in 0..5 {
        search();
        written.push(store.entries().len());
    }
    assert_eq!(written, [2, 2, 5, 5, 5]);
    // Any other commit writes them, and so does the end.
    gallery.enroll(&id(1), &finger(1, 0)).unwrap();
    assert_eq!(store.entries().len(), 8);
    search();
    drop(gallery);
    assert_eq!(store.entries().len(), 9);
    let gallery = Gallery::builder(key(1)).open_in(parts()).unwrap();
    assert_eq!(gallery.log_since(0).unwrap().iter().filter(|e| e.event.kind == EventKind::Identify).count(), 6);
}

#[test]
fn proofs_convince_without_a_key_and_checkpoints_are_signed() {
    let (store, keyring) = (Shared::default(), Arc::default());
    let gallery = eventful(&store, &keyring);
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
    assert!(gallery.prove_inclusion(size + 6).is_err());
    let proof = gallery.prove_consistency(kept.size).unwrap();
    assert!(proof.size == size + 6 && verify_consistency(kept.size, proof.size, &kept.root, &proof.root, &proof.path));
    assert!(gallery.prove_consistency(0).is_err() && gallery.prove_consistency(size + 7).is_err());
    // Another history of the same gallery does not begin with what was kept.
    let other = eventful(&Shared::default(), &Arc::default());
    let proof = other.prove_consistency(kept.size).unwrap();
    assert!(!verify_consistency(kept.size, proof.size, &kept.root, &proof.root, &proof.path));
}

#[test]
fn failed_openings_are_told_by_the_next_that_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery");
    drop(Gallery::builder(key(1)).create(&path).unwrap());
    for _ in 0..3 {
        assert!(Gallery::builder(key(2)).open(&path).is_err());
    }
    let gallery = Gallery::builder(key(1)).open(&path).unwrap();
    let log = gallery.log_since(0).unwrap();
    let failed: Vec<_> = log.iter().filter(|e| e.event.kind == EventKind::OpenFailed).map(|e| e.event.count).collect();
    assert_eq!(failed, [3]);
    drop(gallery);
    let gallery = Gallery::builder(key(1)).open(&path).unwrap();
    assert_eq!(gallery.log_since(0).unwrap().len(), log.len());
}

#[test]
fn an_export_logs_itself_and_gives_what_was_enrolled() {
    let (store, keyring) = (Shared::default(), Arc::default());
    let gallery = Gallery::builder(key(1)).create_in(Parts::new(store).keyring(keyring)).unwrap();
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
    assert!(*template == TemplateGenerator::new(7).reference(4));
    assert_eq!(gallery.log_since(0).unwrap().last().unwrap().event.kind, EventKind::Export);
}
