//! Any history of a gallery, held against a list; any damage of its tables; any log.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use selfsame::audit::{Actor, Chain, Event, EventKind, Outcome};
use selfsame::face::compare::CosineCalibration;
use selfsame::gallery::{Gallery, GalleryError, GallerySearch, Parts, Samples};
use selfsame::geometry::Angle;
use selfsame::seal::{KeyProvider, RawKey, SecretKey};
use selfsame::store::{Change, MemoryStore, Store, StoreError, Table};
use selfsame::{FingerPosition, FingerTemplate, Fmr, Minutia, MinutiaKind, SubjectId, Threshold};

use super::bytes::Bytes;

fn key() -> Arc<dyn KeyProvider> {
    Arc::new(RawKey::new(SecretKey::from_bytes(&[7; 32])))
}

fn name(n: u8) -> SubjectId {
    let Ok(id) = SubjectId::new(format!("s{}", n % 6)) else { panic!("a name is refused") };
    id
}

/// One of sixteen templates of five minutiae, all different.
fn template(n: u8) -> FingerTemplate {
    let n = f32::from(n % 16);
    let minutia = |i: u8| {
        let i = f32::from(i);
        let (x, y) = (100.0 + 17.0 * i + 3.0 * n, 90.0 + 23.0 * i - 2.0 * n);
        Minutia { x, y, direction: Angle::from_degrees(71.0 * i + 19.0 * n), kind: MinutiaKind::Ending, quality: 80 }
    };
    let Ok(template) = FingerTemplate::new(400, 400, (0..5).map(minutia).collect()) else { panic!("refused") };
    template
}

fn samples(n: u8) -> Samples {
    let position = FingerPosition::from_code(n / 16 % 3).unwrap_or_default();
    Samples::new().finger(position, template(n))
}

/// A store that a test can reach while a gallery has it.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<MemoryStore>>);

impl Shared {
    fn with<T>(&self, work: impl FnOnce(&mut MemoryStore) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

impl Store for Shared {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(|store| store.get(table, key))
    }
    fn scan(&self, table: Table, prefix: &[u8], visit: &mut dyn FnMut(&[u8], &[u8]) -> bool) -> Result<(), StoreError> {
        self.with(|store| store.scan(table, prefix, visit))
    }
    fn scan_from(
        &self,
        table: Table,
        first: &[u8],
        visit: &mut dyn FnMut(&[u8], &[u8]) -> bool,
    ) -> Result<(), StoreError> {
        self.with(|store| store.scan_from(table, first, visit))
    }
    fn commit(&mut self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.with(|store| store.commit(changes))
    }
    fn compact(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

struct Place {
    store: Shared,
    keyring: Arc<Mutex<Vec<u8>>>,
}

impl Place {
    fn new() -> (Self, Gallery) {
        let place = Self { store: Shared::default(), keyring: Arc::default() };
        let Ok(gallery) = Gallery::builder(key()).create_in(place.parts()) else { panic!("not made") };
        (place, gallery)
    }

    fn parts(&self) -> Parts {
        Parts::new(self.store.clone()).keyring(Arc::clone(&self.keyring))
    }

    fn open(&self) -> Result<Gallery, GalleryError> {
        Gallery::builder(key()).open_in(self.parts())
    }
}

/// Subjects, records, and who was found with which score.
type Answer = (usize, u64, Vec<(String, u32)>);

/// Everybody, and whom each of a few probes finds.
fn answers(gallery: &Gallery) -> Vec<Answer> {
    let probes = [0, 5, 18, 33];
    let found = probes.map(|n| match gallery.identify(&samples(n), &GallerySearch::top(9)) {
        Ok(found) => found.into_iter().map(|c| (c.subject.to_string(), c.score.decibels().to_bits())).collect(),
        Err(e) => panic!("a search fails: {e}"),
    });
    found.into_iter().map(|found| (gallery.len(), gallery.records(), found)).collect()
}

/// Operations of three bytes.
pub fn gallery_ops(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let (place, mut gallery) = Place::new();
    let mut model: BTreeMap<SubjectId, Vec<(u8, u8)>> = BTreeMap::new();
    let mut events = 1;
    for _ in 0..40 {
        if bytes.is_empty() {
            break;
        }
        let (operation, subject, n) = (bytes.u8(), name(bytes.u8()), bytes.u8());
        let position = n / 16 % 3;
        let known = model.contains_key(&subject);
        match operation % 8 {
            0..=2 => {
                let held = model.entry(subject.clone()).or_default();
                let full = held.iter().filter(|(p, _)| *p == position).count() >= 64;
                assert_eq!(gallery.enroll(&subject, &samples(n)).is_err(), full);
                if !full {
                    held.push((position, n % 16));
                    events += 1;
                }
            }
            3 => {
                assert_eq!(gallery.update(&subject, &samples(n)).is_ok(), known);
                if let Some(held) = model.get_mut(&subject) {
                    held.retain(|(p, _)| *p != position);
                    held.push((position, n % 16));
                    events += 1;
                }
            }
            4 => {
                assert_eq!(gallery.delete(std::slice::from_ref(&subject)).ok(), Some(usize::from(known)));
                events += usize::from(model.remove(&subject).is_some());
            }
            5 if operation > 127 => {
                assert_eq!(gallery.erase(std::slice::from_ref(&subject)).ok(), Some(usize::from(known)));
                events += usize::from(model.remove(&subject).is_some()) + 1;
            }
            5 => {
                assert!(gallery.rotate_keys().is_ok());
                events += 1;
            }
            6 => {
                let Ok(fmr) = Fmr::new(1e-2) else { panic!("a rate is refused") };
                let verified = gallery.verify(&subject, &samples(n), Threshold::at_fmr(fmr));
                assert_eq!(verified.is_ok(), known);
                events += 1;
            }
            _ => {
                drop(gallery);
                gallery = match place.open() {
                    Ok(gallery) => gallery,
                    Err(e) => panic!("does not open again: {e}"),
                };
            }
        }
        assert_eq!(gallery.len(), model.len());
        assert_eq!(gallery.records(), model.values().map(|held| held.len() as u64).sum::<u64>());
    }
    let here = answers(&gallery);
    for (subject, held) in &model {
        // Everybody is found by what was enrolled of them, with the best score there is.
        let (position, n) = held[0];
        let probe = Samples::new().finger(FingerPosition::from_code(position).unwrap_or_default(), template(n));
        let Ok(found) = gallery.identify(&probe, &GallerySearch::top(20)) else { panic!("a search fails") };
        assert!(found.iter().any(|c| c.subject == *subject));
    }
    let Ok(log) = gallery.log_since(0) else { panic!("the log does not open") };
    assert_eq!(log.iter().filter(|e| e.event.kind != EventKind::Identify).count(), events);
    assert!(gallery.check().is_ok_and(|report| report.is_sound()));
    drop(gallery);
    match place.open() {
        Ok(again) => assert_eq!(answers(&again), here),
        Err(e) => panic!("does not open again: {e}"),
    }
}

/// A small gallery, then changes of its tables: table, which value, what is done to it, with what.
pub fn gallery_damage(data: &[u8]) {
    let (place, gallery) = Place::new();
    for n in 0..4 {
        assert!(gallery.enroll(&name(n), &samples(n * 9)).is_ok());
    }
    let right = answers(&gallery);
    drop(gallery);
    let mut bytes = Bytes::new(data);
    for _ in 0..8 {
        if bytes.is_empty() {
            break;
        }
        let table = Table::ALL[usize::from(bytes.u8()) % Table::ALL.len()];
        let mut all: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        place.store.with(|store| {
            let _ = store.scan(table, &[], &mut |key, value| {
                all.push((key.to_vec(), value.to_vec()));
                true
            });
        });
        if all.is_empty() {
            continue;
        }
        let (which, other) = (usize::from(bytes.u8()) % all.len(), usize::from(bytes.u8()) % all.len());
        let (key, mut value) = all[which].clone();
        let change = match bytes.u8() % 6 {
            0 => Change::delete(table, &key),
            1 => Change::put(table, &key, all[other].1.clone()),
            2 => {
                value.truncate(usize::from(bytes.u8()));
                Change::put(table, &key, value)
            }
            3 => {
                let at = (usize::from(bytes.u8()) << 8 | usize::from(bytes.u8())) % value.len().max(1);
                if let Some(byte) = value.get_mut(at) {
                    *byte ^= bytes.u8();
                }
                Change::put(table, &key, value)
            }
            4 => {
                let mut key = key;
                key.push(bytes.u8());
                Change::put(table, &key, value)
            }
            _ => Change::put(table, &key, vec![bytes.u8(); usize::from(bytes.u8())]),
        };
        place.store.with(|store| assert!(store.commit(vec![change]).is_ok()));
    }
    // The check says what is wrong and is never wrong itself; what opens answers as before.
    let report = Gallery::builder(key()).check_in(place.parts());
    match place.open() {
        Ok(gallery) => {
            assert_eq!(answers(&gallery), right);
        }
        Err(e) => {
            assert!(!e.to_string().is_empty());
            assert!(report.is_err() || report.is_ok_and(|report| !report.is_sound()));
        }
    }
}

/// A chain's state, an entry, and a calibration, from any bytes; then a log that grows and is tampered with.
pub fn audit_log(data: &[u8]) {
    let key = SecretKey::from_bytes(&[9; 32]);
    if let Ok(mut chain) = Chain::decode([1; 16], data) {
        assert_eq!(chain.encode(), data);
        let before = chain.clone();
        assert!(chain.accept(&key, data).is_err());
        assert_eq!(chain, before);
    }
    if let Ok(calibration) = CosineCalibration::decode(data) {
        assert_eq!(calibration.encode(), data);
    }
    let mut bytes = Bytes::new(data);
    let (mut chain, mut entries) = (Chain::new([1; 16]), Vec::new());
    for _ in 0..bytes.u8() % 12 {
        let kind = EventKind::ALL[usize::from(bytes.u8()) % EventKind::ALL.len()];
        let outcome = Outcome::ALL[usize::from(bytes.u8()) % Outcome::ALL.len()];
        let Ok(actor) = Actor::new("a".repeat(usize::from(bytes.u8()))) else { panic!("a name is refused") };
        let Ok(entry) = chain.append(&key, &Event::now(kind, actor).outcome(outcome)) else { panic!("not sealed") };
        entries.push(entry);
    }
    let whole = entries.clone();
    for _ in 0..3 {
        if entries.is_empty() {
            break;
        }
        let (i, j) = (usize::from(bytes.u8()) % entries.len(), usize::from(bytes.u8()) % entries.len());
        match bytes.u8() % 5 {
            0 => entries.swap(i, j),
            1 => drop(entries.remove(i)),
            2 => entries.insert(i, entries[j].clone()),
            3 => {
                let at = usize::from(bytes.u8()) % entries[i].len();
                entries[i][at] ^= bytes.u8();
            }
            _ => {}
        }
    }
    let mut again = Chain::new([1; 16]);
    let accepted = entries.iter().take_while(|entry| again.accept(&key, entry).is_ok()).count();
    let same = entries.iter().zip(&whole).take_while(|(a, b)| a == b).count();
    assert_eq!(accepted, same);
    assert_eq!(again == chain, same == whole.len());
}
