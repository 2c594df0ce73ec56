//! The enrolled subjects, in memory and ready to be searched.
//!
//! Locks here are held briefly, never during a search, a disk read or the caller's code: a search takes snapshots.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::attempts::Uid;
use super::disk::DiskFile;
use super::error::GalleryError;
use super::journal::{DIRECTORY_HEAD, Keys, Located, RECORD_HEAD, RecordsFile, Tag};
use super::record::{Directory, Place, What, decode_face, decode_finger, reference_of};
use super::seal::{Opened, SealError};
use crate::face::compare::{Face, Form};
use crate::face::embedding::{Embedding, FaceModel};
use crate::fingerprint::compare::Finger;
use crate::fingerprint::template::FingerTemplate;
use crate::index::Index;
use crate::modality::Modality;
use crate::subject::SubjectId;

/// The content of an opened record.
pub(super) enum Content {
    Finger(FingerTemplate),
    Face(Embedding),
}

/// Reads an opened record.
pub(super) fn decode(place: Place, plaintext: &[u8]) -> Option<Content> {
    match place.what {
        What::Directory => None,
        What::Finger => decode_finger(plaintext).map(Content::Finger),
        What::Face => decode_face(plaintext).map(Content::Face),
    }
}

/// The file of a generation and the keys that open it. A holder keeps reading that generation, whatever happens to the
/// gallery.
pub(super) struct Source {
    pub(super) file: Arc<dyn DiskFile>,
    pub(super) keys: Arc<Keys>,
}

/// A record of a subject.
#[derive(Clone, Copy)]
pub(super) struct Kept {
    pub(super) place: Place,
    pub(super) version: u64,
    pub(super) located: Located,
}

/// A subject as stored.
pub(super) struct Entry {
    pub(super) uid: Uid,
    pub(super) tag: Tag,
    pub(super) source: Arc<Source>,
    pub(super) version: u64,
    pub(super) directory: Located,
    /// The records, in the order of their places.
    pub(super) records: Vec<Kept>,
}

impl Entry {
    fn sealed(&self, located: Located) -> Result<Vec<u8>, GalleryError> {
        let mut sealed = vec![0; located.len as usize];
        self.source.file.read_at(located.at, &mut sealed)?;
        Ok(sealed)
    }

    fn read<'a>(
        &self,
        place: Place,
        version: u64,
        located: Located,
        buffer: &'a mut Opened,
    ) -> Result<&'a [u8], GalleryError> {
        let keys = &self.source.keys;
        let sealed = self.sealed(located)?;
        Ok(keys.cipher(&self.tag).open(&keys.place(&self.tag, place, version), &sealed, buffer)?)
    }

    /// Writes the subject to another file of the same generation, as it is sealed. All of it must open.
    pub(super) fn copy(
        &self,
        records: &mut RecordsFile,
        source: &Arc<Source>,
        buffer: &mut Opened,
    ) -> Result<Self, GalleryError> {
        let (tag, keys) = (self.tag, &self.source.keys);
        let cipher = keys.cipher(&tag);
        let mut kept = Vec::with_capacity(self.records.len());
        for &Kept { place, version, located } in &self.records {
            let sealed = self.sealed(located)?;
            cipher.open(&keys.place(&tag, place, version), &sealed, buffer)?;
            kept.push(Kept { place, version, located: records.record(&tag, place, version, &sealed)? });
        }
        let sealed = self.sealed(self.directory)?;
        cipher.open(&keys.place(&tag, Place::DIRECTORY, self.version), &sealed, buffer)?;
        let directory = records.directory(&tag, self.version, &sealed)?;
        Ok(Self { source: Arc::clone(source), directory, records: kept, ..*self })
    }

    /// Bytes that the subject takes in the file.
    fn stored(&self) -> u64 {
        let records = self.records.iter().map(|kept| RECORD_HEAD as u64 + u64::from(kept.located.len));
        records.sum::<u64>() + DIRECTORY_HEAD as u64 + u64::from(self.directory.len)
    }

    pub(super) fn open_directory(&self) -> Result<Directory, GalleryError> {
        let mut buffer = Opened::default();
        let bytes = self.read(Place::DIRECTORY, self.version, self.directory, &mut buffer)?;
        Directory::decode(bytes).ok_or(GalleryError::Seal(SealError::NotAuthentic))
    }

    pub(super) fn open_bytes<'a>(&self, kept: &Kept, buffer: &'a mut Opened) -> Result<&'a [u8], GalleryError> {
        self.read(kept.place, kept.version, kept.located, buffer)
    }

    /// The template or embedding of a record.
    pub(super) fn open(&self, kept: &Kept) -> Result<Content, GalleryError> {
        let mut buffer = Opened::default();
        decode(kept.place, self.open_bytes(kept, &mut buffer)?).ok_or(GalleryError::Seal(SealError::NotAuthentic))
    }

    /// A record as searches compare it.
    pub(super) fn open_prepared(&self, kept: &Kept) -> Result<Prepared, GalleryError> {
        let mut buffer = Opened::default();
        let bytes = self.open_bytes(kept, &mut buffer)?;
        prepared_of(kept.place, bytes, Some(&Face::default())).ok_or(GalleryError::Seal(SealError::NotAuthentic))
    }
}

/// What a record adds to the indexes, prepared before any lock is taken.
pub(super) enum Prepared {
    Finger(<Finger as Modality>::Reference, u64),
    Face(<Face as Modality>::Reference),
}

/// References with their labels.
type Labeled<M> = Vec<(<M as Modality>::Reference, u64)>;

/// Reads an opened record as searches compare it; `None` when it does not fit its place, or the settings of the index of faces.
pub(super) fn prepared_of(place: Place, plaintext: &[u8], face: Option<&Face>) -> Option<Prepared> {
    match place.what {
        What::Directory => None,
        What::Finger => Some(Prepared::Finger(reference_of(plaintext)?, place.finger()?.label(0))),
        What::Face => face?.reference(&decode_face(plaintext)?).ok().map(Prepared::Face),
    }
}

/// The stored records of each subject by name, and the names by number.
#[derive(Default)]
struct Entries {
    named: HashMap<SubjectId, Arc<Entry>>,
    names: HashMap<Uid, SubjectId>,
    /// Bytes of the file that they take.
    stored: u64,
}

impl Entries {
    fn insert(&mut self, subject: &SubjectId, entry: Arc<Entry>) {
        self.names.insert(entry.uid, subject.clone());
        self.stored += entry.stored();
        self.stored -= self.named.insert(subject.clone(), entry).map_or(0, |old| old.stored());
    }

    fn remove(&mut self, subject: &SubjectId) {
        if let Some(entry) = self.named.remove(subject) {
            self.names.remove(&entry.uid);
            self.stored -= entry.stored();
        }
    }

    fn of(entries: Vec<(SubjectId, Arc<Entry>)>) -> Self {
        let names = entries.iter().map(|(subject, entry)| (entry.uid, subject.clone())).collect();
        let stored = entries.iter().map(|(_, entry)| entry.stored()).sum();
        Self { names, stored, named: entries.into_iter().collect() }
    }
}

/// The two indexes and the stored records of each subject.
pub(super) struct People {
    fingers: Mutex<Index<Finger>>,
    faces: Option<Mutex<Index<Face>>>,
    entries: RwLock<Entries>,
}

impl People {
    /// The settings of the index of faces.
    pub(super) fn face(model: Option<&FaceModel>) -> Result<Option<Face>, GalleryError> {
        let face = |model: &FaceModel| Face::of(model.clone()).with_scan(Form::I8).map_err(|_| GalleryError::Stopped);
        model.map(face).transpose()
    }

    pub(super) fn new(model: Option<&FaceModel>) -> Result<Self, GalleryError> {
        let faces = Self::face(model)?.map(|face| Mutex::new(Index::new(face)));
        Ok(Self { fingers: Mutex::default(), faces, entries: RwLock::default() })
    }

    /// The people of a gallery that was read.
    pub(super) fn of(
        fingers: Index<Finger>,
        faces: Option<Index<Face>>,
        entries: Vec<(SubjectId, Arc<Entry>)>,
    ) -> Self {
        let entries = RwLock::new(Entries::of(entries));
        Self { fingers: Mutex::new(fingers), faces: faces.map(Mutex::new), entries }
    }

    fn lock_fingers(&self) -> MutexGuard<'_, Index<Finger>> {
        self.fingers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_faces(&self) -> Option<MutexGuard<'_, Index<Face>>> {
        self.faces.as_ref().map(|faces| faces.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn read_entries(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_entries(&self) -> RwLockWriteGuard<'_, Entries> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// A snapshot of the index of fingers.
    pub(super) fn fingers(&self) -> Index<Finger> {
        self.lock_fingers().snapshot()
    }

    /// A snapshot of the index of faces.
    pub(super) fn faces(&self) -> Result<Index<Face>, GalleryError> {
        self.lock_faces().map(|faces| faces.snapshot()).ok_or(GalleryError::NoFaceModel)
    }

    pub(super) fn len(&self) -> usize {
        self.read_entries().named.len()
    }

    pub(super) fn get(&self, subject: &SubjectId) -> Option<Arc<Entry>> {
        self.read_entries().named.get(subject).cloned()
    }

    /// The name of the subject with a number, if enrolled.
    pub(super) fn name_of(&self, number: &Uid) -> Option<SubjectId> {
        self.read_entries().names.get(number).cloned()
    }

    /// All current subjects, in no particular order.
    pub(super) fn all(&self) -> Vec<(SubjectId, Arc<Entry>)> {
        self.read_entries().named.iter().map(|(subject, entry)| (subject.clone(), Arc::clone(entry))).collect()
    }

    /// The number of finger references of all subjects, with which a search compares a stranger.
    pub(super) fn records(&self) -> u64 {
        let faces = self.lock_faces().map_or(0, |faces| faces.references());
        (self.lock_fingers().references() + faces) as u64
    }

    /// Adds a subject's new samples to the indexes beside the existing ones, and replaces its entry.
    pub(super) fn add(&self, subject: &SubjectId, entry: Arc<Entry>, new: Vec<Prepared>) -> Result<(), GalleryError> {
        self.write_entries().insert(subject, entry);
        let (fingers, faces) = Self::parted(new);
        let full = |_| GalleryError::Stopped;
        let mut index = self.lock_fingers();
        fingers
            .into_iter()
            .try_for_each(|(reference, label)| index.add_reference(subject, reference, label).map_err(full))?;
        drop(index);
        let Some(mut index) = self.lock_faces() else { return Ok(()) };
        faces.into_iter().try_for_each(|(reference, label)| Ok(index.add_reference(subject, reference, label)?))
    }

    /// Replaces a subject's records; no search sees the subject without any.
    pub(super) fn replace(
        &self,
        subject: &SubjectId,
        entry: Arc<Entry>,
        all: Vec<Prepared>,
    ) -> Result<(), GalleryError> {
        self.write_entries().insert(subject, entry);
        let (fingers, faces) = Self::parted(all);
        let mut index = self.lock_fingers();
        if fingers.is_empty() {
            index.remove(subject);
        } else {
            index.replace_references(subject, fingers).map_err(|_| GalleryError::Stopped)?;
        }
        drop(index);
        let Some(mut index) = self.lock_faces() else { return Ok(()) };
        if faces.is_empty() {
            index.remove(subject);
            return Ok(());
        }
        Ok(index.replace_references(subject, faces)?)
    }

    /// The prepared fingers and faces, with their labels.
    fn parted(prepared: Vec<Prepared>) -> (Labeled<Finger>, Labeled<Face>) {
        let (mut fingers, mut faces) = (Vec::new(), Vec::new());
        for one in prepared {
            match one {
                Prepared::Finger(reference, label) => fingers.push((reference, label)),
                Prepared::Face(reference) => faces.push((reference, 0)),
            }
        }
        (fingers, faces)
    }

    pub(super) fn remove(&self, subject: &SubjectId) {
        self.write_entries().remove(subject);
        self.lock_fingers().remove(subject);
        if let Some(mut faces) = self.lock_faces() {
            faces.remove(subject);
        }
    }

    /// Records the new locations of the stored data, under other keys; searches are unaffected.
    pub(super) fn moved(&self, entries: Vec<(SubjectId, Arc<Entry>)>) {
        let new = Entries::of(entries);
        let old = std::mem::replace(&mut *self.write_entries(), new);
        // The lock is free again before the old entries are.
        drop(old);
    }

    /// Bytes of the file of records that count.
    pub(super) fn stored(&self) -> u64 {
        self.read_entries().stored
    }
}
