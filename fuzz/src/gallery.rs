//! Targets for any history of a gallery, compared with a list; any damage of its files; any anchor and any proof.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use selfsame::gallery::disk::MemoryDisk;
use selfsame::gallery::log::{
    EventKind, consistency_proof, inclusion_proof, leaf_hash, root, verify_consistency, verify_inclusion,
};
use selfsame::gallery::seal::{KeyProvider, RawKey, SecretKey};
use selfsame::gallery::{
    Anchor, AnchorState, FileAnchor, Gallery, GalleryError, GallerySearch, LogArchive, LogQuery, Samples, Unlogged,
};
use selfsame::geometry::Angle;
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

fn open(disk: &MemoryDisk) -> Result<Gallery, GalleryError> {
    Gallery::builder(key()).open_on(disk.clone())
}

fn made() -> (MemoryDisk, Gallery) {
    let disk = MemoryDisk::new();
    let Ok(gallery) = Gallery::builder(key()).create_on(disk.clone()) else { panic!("not made") };
    (disk, gallery)
}

/// Subjects, records, and the found subjects with their scores.
type Answer = (usize, u64, Vec<(String, Option<u32>)>);

/// All subjects, and the results of a few probes.
fn answers(gallery: &Gallery) -> Vec<Answer> {
    let probes = [0, 5, 18, 33];
    let found = probes.map(|n| match gallery.identify(&samples(n), &GallerySearch::top(9)) {
        Ok(found) => {
            found.into_iter().map(|c| (c.subject.to_string(), c.score.map(|s| s.decibels().to_bits()))).collect()
        }
        Err(e) => panic!("a search fails: {e}"),
    });
    found.into_iter().map(|found| (gallery.len(), gallery.records(), found)).collect()
}

/// Operations of three bytes.
pub fn gallery_ops(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let (disk, mut gallery) = made();
    let mut model: BTreeMap<SubjectId, Vec<(u8, u8)>> = BTreeMap::new();
    let mut events = 1;
    let mut erased = false;
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
                events += 2 * usize::from(model.remove(&subject).is_some());
                erased = true;
            }
            5 if operation > 63 => {
                let Ok(freed) = gallery.compact() else { panic!("a compaction fails") };
                events += usize::from(freed > 0);
            }
            5 => {
                assert!(gallery.rotate_keys().is_ok());
                events += 1;
            }
            6 => {
                let Ok(Ok(threshold)) = Fmr::new(1e-2).map(Threshold::at_fmr) else { panic!("a rate is refused") };
                let verified = gallery.verify(&subject, &samples(n), threshold);
                assert_eq!(verified.is_ok(), known);
                events += 1;
            }
            _ => {
                drop(gallery);
                gallery = match open(&disk) {
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
        // Every subject must be found by its enrolled sample, with the best possible score.
        let (position, n) = held[0];
        let probe = Samples::new().finger(FingerPosition::from_code(position).unwrap_or_default(), template(n));
        let Ok(found) = gallery.identify(&probe, &GallerySearch::top(20)) else { panic!("a search fails") };
        assert!(found.iter().any(|c| c.subject == *subject));
    }
    let Ok(log) = gallery.log(LogQuery::first(usize::MAX)) else { panic!("the log does not open") };
    let looks = [EventKind::Identify, EventKind::Open, EventKind::ReadLog];
    // What was said of those who were erased is not told any more.
    let told = log.iter().filter(|e| e.event.as_ref().is_some_and(|event| !looks.contains(&event.kind))).count();
    assert!(told == events || erased && told < events && log.iter().any(|e| e.event.is_none()));
    assert!(gallery.check().is_ok_and(|report| report.is_sound()));
    drop(gallery);
    match open(&disk) {
        Ok(again) => assert_eq!(answers(&again), here),
        Err(e) => panic!("does not open again: {e}"),
    }
}

/// A small gallery, then changes of its files: the file, the kind of change, the place, and the value.
pub fn gallery_damage(data: &[u8]) {
    let (disk, gallery) = made();
    for n in 0..4 {
        assert!(gallery.enroll(&name(n), &samples(n * 9)).is_ok());
    }
    assert!(gallery.rotate_keys().is_ok() && gallery.update(&name(2), &samples(77)).is_ok());
    let right = answers(&gallery);
    drop(gallery);
    let names = ["keyring.2", "records.2", "log.2", "log-hashes.2"];
    let mut bytes = Bytes::new(data);
    for _ in 0..8 {
        if bytes.is_empty() {
            break;
        }
        let file = names[usize::from(bytes.u8()) % names.len()];
        let Some(mut content) = disk.get(file) else { continue };
        let len = content.len().max(1);
        let place = |bytes: &mut Bytes<'_>| (usize::from(bytes.u16()) << 4 | usize::from(bytes.u8())) % len;
        let (from, to) = (place(&mut bytes), place(&mut bytes));
        match bytes.u8() % 5 {
            0 => content.truncate(from),
            1 => {
                if let Some(byte) = content.get_mut(from) {
                    *byte ^= bytes.u8();
                }
            }
            2 => {
                let count = usize::from(bytes.u8()).min(content.len() - from.max(to));
                content.copy_within(from..from + count, to);
            }
            3 => content.extend(vec![bytes.u8(); usize::from(bytes.u8())]),
            _ => {
                let count = usize::from(bytes.u8()).min(content.len() - from);
                content.drain(from..from + count);
            }
        }
        // Under its own name, or the name of another file of the same kind.
        match bytes.u8() % 8 {
            0 => disk.put(&file.replace(".2", ".1"), content),
            1 => disk.put(&file.replace(".2", ".3"), content),
            _ => disk.put(file, content),
        }
    }
    // The check reports faults without failing itself; a gallery that opens answers as before.
    let looked_at = disk.copy();
    let report = Gallery::builder(key()).check_on(disk.copy());
    let read = Gallery::builder(key()).open_read_only_on(looked_at.clone(), Unlogged::accepted());
    assert!(names.iter().all(|name| looked_at.get(name) == disk.get(name)), "something was written");
    assert!(read.is_ok() == open(&disk.copy()).is_ok());
    match open(&disk) {
        Ok(gallery) => {
            assert_eq!(answers(&gallery), right);
            if report.is_ok_and(|report| report.is_sound()) {
                assert!(gallery.rotate_keys().is_ok() && gallery.prove_inclusion(3).is_ok());
            }
        }
        Err(e) => {
            assert!(!e.to_string().is_empty());
            assert!(report.is_err() || report.is_ok_and(|report| !report.is_sound()));
        }
    }
}

/// Bytes as an archive of a log; then changes of a real one.
pub fn log_archive(data: &[u8]) {
    static WRITTEN: OnceLock<(Vec<u8>, LogArchive)> = OnceLock::new();
    let read = |bytes: &[u8]| {
        let mut entries = 0_u64;
        LogArchive::read(&mut &bytes[..], &*key(), &mut |_| entries += 1).map(|archive| (archive, entries))
    };
    assert!(read(data).is_err());
    let (file, archive) = WRITTEN.get_or_init(|| {
        let (_, gallery) = made();
        for n in 0..130 {
            assert!(gallery.enroll(&name(n), &samples(n)).is_ok());
        }
        let mut file = Vec::new();
        let Ok(archive) = gallery.archive_log(128, &*key(), &mut file) else { panic!("no archive is written") };
        (file, archive)
    });
    let (mut bytes, mut changed) = (Bytes::new(data), file.clone());
    while !bytes.is_empty() {
        let place = |bytes: &mut Bytes<'_>, len: usize| usize::from(bytes.u16()) % len.max(1);
        let at = place(&mut bytes, changed.len());
        match bytes.u8() % 4 {
            0 => changed.truncate(at),
            1 => {
                if let Some(byte) = changed.get_mut(at) {
                    *byte ^= bytes.u8();
                }
            }
            2 => changed.truncate(changed.len().saturating_sub(usize::from(bytes.u8()))),
            _ => {
                let count = usize::from(bytes.u8()).min(changed.len() - at);
                changed.drain(at..at + count);
            }
        }
    }
    match read(&changed) {
        // Only what was written is read.
        Ok((read, entries)) => assert!((&read, entries) == (archive, 128) && changed == *file),
        Err(error) => assert!(!error.to_string().is_empty() && changed != *file),
    }
}

/// Bytes as an anchor's file; then a tree, and candidate proofs in it.
pub fn anchor_file(data: &[u8]) {
    let disk = MemoryDisk::new();
    disk.put("anchor", data.to_vec());
    let mut anchor = FileAnchor::on(Arc::new(disk.clone()), "anchor");
    let next = AnchorState { gallery_id: [1; 16], size: 5, root: [2; 32] };
    match anchor.get() {
        Ok(Some(held)) => {
            assert!(anchor.advance(&held, &[]).is_ok() && disk.get("anchor").as_deref() == Some(data));
            assert!(held == next || anchor.advance(&next, &[]).is_err());
        }
        Ok(None) => assert!(anchor.advance(&next, &[]).is_ok() && anchor.get().is_ok_and(|held| held == Some(next))),
        Err(_) => assert!(anchor.advance(&next, &[]).is_err()),
    }
    let mut bytes = Bytes::new(data);
    let size = 1 + usize::from(bytes.u8()) % 40;
    let leaves: Vec<_> = (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect();
    let (number, first) = (usize::from(bytes.u8()) % size, 1 + usize::from(bytes.u8()) % size);
    let (Some(inside), Some(later)) = (inclusion_proof(&leaves, number), consistency_proof(&leaves, first)) else {
        panic!("no proof of what is there")
    };
    let (all, older) = (root(&leaves), root(&leaves[..first]));
    assert!(verify_inclusion(&leaves[number], number as u64, size as u64, &inside, &all));
    assert!(verify_consistency(first as u64, size as u64, &older, &all, &later));
    // The same proofs with any change must be rejected.
    let (what, flip) = (usize::from(bytes.u8()), bytes.u8().max(1));
    let change = |proof: &[[u8; 32]]| {
        let mut proof = proof.to_vec();
        match proof.len() {
            0 => proof.push([flip; 32]),
            len if what % 3 == 0 => drop(proof.remove(what % len)),
            len => proof[what % len][what % 32] ^= flip,
        }
        proof
    };
    assert!(!verify_inclusion(&leaves[number], number as u64, size as u64, &change(&inside), &all));
    assert!(!verify_consistency(first as u64, size as u64, &older, &all, &change(&later)));
}
