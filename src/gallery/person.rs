//! A subject that is about to change: new samples get their places, and everything new is sealed.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::attempts::Uid;
use super::error::GalleryError;
use super::journal::{Keys, RecordsFile, Tag};
use super::params::{MAX_IMPRESSIONS, MAX_METADATA};
use super::people::{Entry, Kept, Prepared, Source};
use super::record::{Directory, Place, What, encode_face, encode_finger, renewed};
use super::samples::Samples;
use super::seal::{Opened, SealError, Zeroizing};
use crate::face::compare::Face;
use crate::fingerprint::compare::Finger;
use crate::modality::{Comparator, Modality};
use crate::subject::SubjectId;

/// A subject that is about to change.
pub(super) struct Person {
    directory: Directory,
    /// The records that stay, with their locations.
    kept: Vec<Kept>,
}

/// New samples with their places, as bytes to be sealed, and as what they add to the indexes.
#[derive(Default)]
pub(super) struct Added {
    pub(super) records: Vec<(Place, Zeroizing<Vec<u8>>)>,
    pub(super) prepared: Vec<Prepared>,
}

/// A changed subject, sealed but not written.
pub(super) struct Sealed {
    uid: Uid,
    tag: Tag,
    version: u64,
    directory: Vec<u8>,
    kept: Vec<Kept>,
    /// The new records with their versions.
    new: Vec<(Place, u64, Vec<u8>)>,
}

impl Person {
    pub(super) fn new(subject: &SubjectId) -> Result<Self, GalleryError> {
        let mut uid = [0; 16];
        getrandom::fill(&mut uid).map_err(|_| SealError::Random)?;
        Ok(Self { directory: Directory::new(subject.clone(), uid), kept: Vec::new() })
    }

    pub(super) fn of(entry: &Entry) -> Result<Self, GalleryError> {
        Ok(Self { directory: entry.open_directory()?, kept: entry.records.clone() })
    }

    pub(super) fn forget(&mut self, place: Place) {
        self.directory.records.remove(&place);
        self.kept.retain(|kept| kept.place != place);
    }

    /// Adds samples after those in use, and replaces the metadata if there are new ones.
    pub(super) fn add(&mut self, samples: &Samples) -> Result<Added, GalleryError> {
        if samples.is_empty() && (self.directory.records.is_empty() || samples.metadata.is_none()) {
            return Err(GalleryError::NoSample);
        }
        if let Some(metadata) = &samples.metadata {
            if metadata.len() > MAX_METADATA {
                return Err(GalleryError::MetadataTooLong { len: metadata.len(), max: MAX_METADATA });
            }
            self.directory.metadata = Zeroizing::new(metadata.clone());
        }
        let places = self.places(samples)?;
        let mut places = places.into_iter();
        let mut added = Added::default();
        for ((finger, template), place) in samples.fingers.iter().zip(&mut places) {
            let Ok(reference) = Comparator::<Finger>::new().reference(template);
            added.records.push((place, encode_finger(template, &reference)));
            added.prepared.push(Prepared::Finger(reference, finger.label(0)));
        }
        for (embedding, place) in samples.faces.iter().zip(places) {
            added.records.push((place, encode_face(embedding)));
            added.prepared.push(Prepared::Face(Face::default().reference(embedding)?));
        }
        Ok(added)
    }

    /// The places of new samples, fingers first; the directory lists them from now on.
    fn places(&mut self, samples: &Samples) -> Result<Vec<Place>, GalleryError> {
        let mut next: BTreeMap<(What, u8), u16> = BTreeMap::new();
        let mut held: BTreeMap<(What, u8), usize> = BTreeMap::new();
        for place in self.directory.records.keys() {
            next.insert((place.what, place.position), place.slot.saturating_add(1));
            *held.entry((place.what, place.position)).or_default() += 1;
        }
        let fingers = samples.fingers.iter().map(|(finger, _)| (What::Finger, finger.code()));
        let mut new = Vec::new();
        for (what, position) in fingers.chain(samples.faces.iter().map(|_| (What::Face, 0))) {
            let count = held.entry((what, position)).or_default();
            *count += 1;
            if *count > MAX_IMPRESSIONS {
                return Err(GalleryError::TooManyImpressions { max: MAX_IMPRESSIONS });
            }
            let next = next.entry((what, position)).or_default();
            let place = Place { what, position, slot: free(&self.directory, what, position, *next) };
            *next = place.slot.saturating_add(1);
            self.directory.version += 1;
            self.directory.records.insert(place, self.directory.version);
            new.push(place);
        }
        Ok(new)
    }

    /// Seals new records and the table of contents.
    pub(super) fn seal(mut self, keys: &Keys, added: &[(Place, Zeroizing<Vec<u8>>)]) -> Result<Sealed, GalleryError> {
        let tag = keys.tag(&self.directory.subject);
        let cipher = keys.cipher(&tag);
        let mut new = Vec::with_capacity(added.len());
        for (place, plaintext) in added {
            let version = self.directory.records.get(place).copied().unwrap_or_default();
            let sealed = cipher.seal(&keys.place(&tag, *place, version), plaintext, place.padding())?;
            new.push((*place, version, sealed));
        }
        self.directory.version += 1;
        let version = self.directory.version;
        let place = keys.place(&tag, Place::DIRECTORY, version);
        let directory = cipher.seal(&place, &self.directory.encode(), Place::DIRECTORY.padding())?;
        Ok(Sealed { uid: self.directory.uid, tag, version, directory, kept: self.kept, new })
    }
}

impl Sealed {
    /// A subject as it is, sealed under other keys. References of an old form are made again.
    pub(super) fn again(entry: &Entry, keys: &Keys) -> Result<Self, GalleryError> {
        let mut buffer = Opened::default();
        let directory = entry.open_directory()?;
        let tag = keys.tag(&directory.subject);
        let cipher = keys.cipher(&tag);
        let mut new = Vec::with_capacity(entry.records.len());
        for kept in &entry.records {
            let plaintext = entry.open_bytes(kept, &mut buffer)?;
            let renewed = if kept.place.what == What::Finger { renewed(plaintext) } else { None };
            let plaintext = renewed.as_ref().map_or(plaintext, |renewed| renewed.as_slice());
            let sealed = cipher.seal(&keys.place(&tag, kept.place, kept.version), plaintext, kept.place.padding())?;
            new.push((kept.place, kept.version, sealed));
        }
        let place = keys.place(&tag, Place::DIRECTORY, entry.version);
        let sealed = cipher.seal(&place, &directory.encode(), Place::DIRECTORY.padding())?;
        Ok(Self { uid: entry.uid, tag, version: entry.version, directory: sealed, kept: Vec::new(), new })
    }

    /// The number of new records.
    pub(super) fn added(&self) -> usize {
        self.new.len()
    }

    /// Writes everything new without committing.
    pub(super) fn write(self, records: &mut RecordsFile, source: &Arc<Source>) -> io::Result<Entry> {
        let Self { uid, tag, version, directory, mut kept, new } = self;
        for (place, version, sealed) in new {
            kept.push(Kept { place, version, located: records.record(&tag, place, version, &sealed)? });
        }
        let directory = records.directory(&tag, version, &directory)?;
        kept.sort_by_key(|kept| kept.place);
        Ok(Entry { uid, tag, source: Arc::clone(source), version, directory, records: kept })
    }
}

/// The first free number from `next` on; numbers wrap around, and at least one is always free.
fn free(directory: &Directory, what: What, position: u8, next: u16) -> u16 {
    let numbers = (next..=u16::MAX).chain(0..next);
    let mut free = numbers.filter(|&slot| !directory.records.contains_key(&Place { what, position, slot }));
    free.next().unwrap_or_default()
}
