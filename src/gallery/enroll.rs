//! Enrolling people, and changing their samples.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, MutexGuard};

use super::error::GalleryError;
use super::handle::{Gallery, Writer};
use super::ledger::Draft;
use super::log::{Event, EventKind};
use super::params::{ENROLLED_PER_COMMIT, MAX_EVENTS, MAX_IMPRESSIONS, MAX_METADATA};
use super::people::{self, Content, Entry, Kept, Prepared};
use super::record::{Directory, Place, What, encode_face};
use super::samples::Samples;
use super::seal::{SealError, Zeroizing};
use crate::format::encode_template;
use crate::subject::SubjectId;

/// Options for enrolling a batch.
///
/// ```
/// # use std::sync::Arc;
/// # use selfsame::gallery::disk::MemoryDisk;
/// use selfsame::gallery::{BatchOptions, Gallery, Samples};
/// # use selfsame::gallery::seal::{RawKey, SecretKey};
/// # use selfsame::synth::TemplateGenerator;
/// # use selfsame::{FingerPosition::RightThumb, SubjectId};
/// # let key = Arc::new(RawKey::new(SecretKey::random()?));
/// # let gallery = Gallery::builder(key).create_on(MemoryDisk::new())?;
/// # let person = |n: u64| (SubjectId::new(n.to_string()).unwrap(), TemplateGenerator::new(1).reference(n));
/// let people = (0..7).map(person).map(|(subject, template)| (subject, Samples::new().finger(RightThumb, template)));
/// let mut done = Vec::new();
/// let mut progress = |count| done.push(count);
/// gallery.enroll_batch(people, BatchOptions::new().per_commit(3).progress(&mut progress))?;
/// assert_eq!(done, [3, 6, 7]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Debug` shows only the numbers.
pub struct BatchOptions<'a> {
    per_commit: usize,
    skip_enrolled: bool,
    kind: EventKind,
    progress: Option<&'a mut dyn FnMut(usize)>,
    cancel: Option<&'a AtomicBool>,
}

impl Default for BatchOptions<'_> {
    fn default() -> Self {
        Self {
            per_commit: ENROLLED_PER_COMMIT,
            skip_enrolled: false,
            kind: EventKind::Enroll,
            progress: None,
            cancel: None,
        }
    }
}

impl<'a> BatchOptions<'a> {
    /// The defaults: ten thousand people per commit.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the number of people per commit, 1 to 48,000; a crash can lose at most one commit. A commit needs some 5 kB
    /// of memory per record.
    #[must_use]
    pub fn per_commit(mut self, people: usize) -> Self {
        self.per_commit = people.clamp(1, MAX_EVENTS);
        self
    }

    /// Logs the batch as an import.
    #[must_use]
    pub fn import(mut self) -> Self {
        self.kind = EventKind::Import;
        self
    }

    /// Skips subjects who are already enrolled, so that an interrupted batch can be run again.
    #[must_use]
    pub fn skip_enrolled(mut self) -> Self {
        self.skip_enrolled = true;
        self
    }

    /// Calls `progress` after each commit with the number of people of the batch done so far.
    #[must_use]
    pub fn progress(mut self, progress: &'a mut dyn FnMut(usize)) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Ends the batch with [`GalleryError::Canceled`] before its next commit once `flag` is true. What was committed stands.
    #[must_use]
    pub fn cancel(mut self, flag: &'a AtomicBool) -> Self {
        self.cancel = Some(flag);
        self
    }
}

impl fmt::Debug for BatchOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchOptions")
            .field("per_commit", &self.per_commit)
            .field("skip_enrolled", &self.skip_enrolled)
            .finish_non_exhaustive()
    }
}

/// A subject with its new samples, sealed and written but not committed.
struct Written {
    subject: SubjectId,
    entry: Arc<Entry>,
    prepared: Vec<Prepared>,
    /// The new samples.
    added: usize,
    is_new: bool,
}

impl Gallery {
    /// Enrolls samples of a subject, who may be new or have others already. Metadata, if given, replace the existing
    /// ones. Everything is durable when this returns, and searches see it from then on.
    ///
    /// # Errors
    /// [`GalleryError::NoSample`] for a new subject without samples; [`GalleryError::TooManyImpressions`],
    /// [`GalleryError::MetadataTooLong`], [`GalleryError::NoFaceModel`], [`GalleryError::Face`]; [`GalleryError::Io`]
    /// when the disk fails.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn enroll(&self, subject: &SubjectId, samples: &Samples) -> Result<(), GalleryError> {
        self.check_samples(samples)?;
        let mut writer = self.begin()?;
        let known = self.shared.people.get(subject).map(|entry| Person::of(&entry)).transpose()?;
        let written = self.write(&mut writer, known, subject, samples)?;
        let event = self.event(EventKind::Enroll).subject(written.entry.uid).count(written.added);
        self.commit_people(&mut writer, std::slice::from_ref(&written), 0, vec![event])?;
        self.show(written)?;
        drop(writer);
        self.anchored()
    }

    /// Enrolls many new people, in few commits. A subject who occurs twice is enrolled once, with the first samples.
    /// People committed before an error stay enrolled.
    ///
    /// # Errors
    /// [`GalleryError::Enrolled`] when a subject is already enrolled, unless such subjects are skipped;
    /// [`GalleryError::Canceled`]; otherwise as
    /// [`Gallery::enroll`].
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn enroll_batch(
        &self,
        people: impl IntoIterator<Item = (SubjectId, Samples)>,
        mut options: BatchOptions<'_>,
    ) -> Result<usize, GalleryError> {
        let (mut people, mut seen, mut enrolled) = (people.into_iter(), 0, 0);
        loop {
            // The iterator is the caller's code: no lock is held while it runs.
            let some: Vec<(SubjectId, Samples)> = people.by_ref().take(options.per_commit).collect();
            if some.is_empty() {
                return Ok(enrolled);
            }
            if options.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                return Err(GalleryError::Canceled);
            }
            some.iter().try_for_each(|(_, samples)| self.check_samples(samples))?;
            seen += some.len();
            enrolled += self.enroll_some(some, options.skip_enrolled, options.kind)?;
            self.anchored()?;
            if let Some(progress) = &mut options.progress {
                progress(seen);
            }
        }
    }

    fn enroll_some(
        &self,
        some: Vec<(SubjectId, Samples)>,
        skip_enrolled: bool,
        kind: EventKind,
    ) -> Result<usize, GalleryError> {
        let mut writer = self.begin()?;
        let (mut names, mut all) = (HashSet::new(), Vec::with_capacity(some.len()));
        for (subject, samples) in some {
            if names.contains(&subject) {
                continue;
            }
            if self.contains(&subject) {
                if skip_enrolled {
                    continue;
                }
                return Err(GalleryError::Enrolled);
            }
            names.insert(subject.clone());
            all.push(self.write(&mut writer, None, &subject, &samples)?);
        }
        if all.is_empty() {
            return Ok(0);
        }
        let event = |w: &Written| self.event(kind).subject(w.entry.uid).count(w.added);
        self.commit_people(&mut writer, &all, 0, all.iter().map(event).collect())?;
        let count = all.len();
        all.into_iter().try_for_each(|written| self.show(written))?;
        Ok(count)
    }

    /// Replaces enrolled samples: for each finger given, all impressions of that finger; if a face is given, all faces.
    /// Other fingers stay. Metadata, if given, are replaced.
    ///
    /// # Errors
    /// [`GalleryError::UnknownSubject`]; otherwise as [`Gallery::enroll`].
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn update(&self, subject: &SubjectId, samples: &Samples) -> Result<(), GalleryError> {
        self.check_samples(samples)?;
        let mut writer = self.begin()?;
        let entry = self.shared.people.get(subject).ok_or(GalleryError::UnknownSubject)?;
        let replaced: HashSet<(What, u8)> = kinds(samples).collect();
        let (gone, kept): (Vec<&Kept>, Vec<&Kept>) =
            entry.records.iter().partition(|kept| replaced.contains(&(kept.place.what, kept.place.position)));
        let mut person = Person::of(&entry)?;
        gone.iter().for_each(|kept| person.forget(kept.place));
        let mut written = self.write(&mut writer, Some(person), subject, samples)?;
        written.prepared.append(&mut prepare_again(&entry, &kept)?);
        let event = self.event(EventKind::Update).subject(entry.uid).count(written.added);
        self.commit_people(&mut writer, std::slice::from_ref(&written), gone.len(), vec![event])?;
        self.put_in_place(written)?;
        drop(writer);
        self.anchored()
    }

    /// Locks the record writer, unless nothing may be changed.
    pub(super) fn begin(&self) -> Result<MutexGuard<'_, Writer>, GalleryError> {
        let mut writer = self.writer();
        self.ledger().check_writable()?;
        writer.records.begin();
        Ok(writer)
    }

    /// Makes the written records durable and commits the change.
    fn commit_people(
        &self,
        writer: &mut Writer,
        written: &[Written],
        gone: usize,
        events: Vec<Event>,
    ) -> Result<(), GalleryError> {
        let added: usize = written.iter().map(|w| w.added).sum();
        let subjects = written.iter().filter(|w| w.is_new).count();
        self.commit_records(writer, subjects as i64, added as i64 - gone as i64, events)
    }

    pub(super) fn commit_records(
        &self,
        writer: &mut Writer,
        subjects: i64,
        records: i64,
        events: Vec<Event>,
    ) -> Result<(), GalleryError> {
        let end = writer.records.finish().inspect_err(|_| self.ledger().stop())?;
        self.ledger().commit(Draft { records_end: Some(end), subjects, records, events, ..Draft::default() })?;
        writer.records.committed();
        Ok(())
    }

    fn show(&self, written: Written) -> Result<(), GalleryError> {
        let Written { subject, entry, prepared, .. } = written;
        let shown = self.shared.people.add(&subject, entry, prepared);
        // Samples were checked; if this fails nevertheless, the memory must not go on without the disk.
        shown.inspect_err(|_| self.ledger().stop())
    }

    fn put_in_place(&self, written: Written) -> Result<(), GalleryError> {
        let Written { subject, entry, prepared, .. } = written;
        let shown = self.shared.people.replace(&subject, entry, prepared);
        shown.inspect_err(|_| self.ledger().stop())
    }

    pub(super) fn check_samples(&self, samples: &Samples) -> Result<(), GalleryError> {
        let model = self.shared.model.as_ref();
        for face in &samples.faces {
            model.ok_or(GalleryError::NoFaceModel)?.check_embedding(face)?;
        }
        Ok(())
    }

    /// Seals samples of a subject and writes them without committing.
    fn write(
        &self,
        writer: &mut Writer,
        person: Option<Person>,
        subject: &SubjectId,
        samples: &Samples,
    ) -> Result<Written, GalleryError> {
        if samples.is_empty() && (person.is_none() || samples.metadata.is_none()) {
            return Err(GalleryError::NoSample);
        }
        let is_new = person.is_none();
        let mut person = person.map_or_else(|| Person::new(subject), Ok)?;
        if let Some(metadata) = &samples.metadata {
            if metadata.len() > MAX_METADATA {
                return Err(GalleryError::MetadataTooLong { len: metadata.len(), max: MAX_METADATA });
            }
            person.directory.metadata = Zeroizing::new(metadata.clone());
        }
        let new = person.place(samples)?;
        let mut prepared = Vec::with_capacity(new.len());
        for (place, content) in &new {
            prepared.extend(people::prepare(*place, content));
        }
        let added = new.len();
        let entry = person.write(writer, &new).inspect_err(|e| {
            if matches!(e, GalleryError::Io(_)) {
                self.ledger().stop();
            }
        })?;
        Ok(Written { subject: subject.clone(), entry: Arc::new(entry), prepared, added, is_new })
    }
}

/// Prepares a subject's remaining records again: the indexes replace all of them together with the new ones.
pub(super) fn prepare_again(entry: &Entry, kept: &[&Kept]) -> Result<Vec<Prepared>, GalleryError> {
    let mut prepared = Vec::with_capacity(kept.len());
    for kept in kept {
        prepared.extend(people::prepare(kept.place, &entry.open(kept)?));
    }
    Ok(prepared)
}

/// A subject that is about to change.
pub(super) struct Person {
    directory: Directory,
    /// The records that stay, with their locations.
    kept: Vec<Kept>,
}

impl Person {
    fn new(subject: &SubjectId) -> Result<Self, GalleryError> {
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

    /// Assigns places to new samples, after those in use.
    fn place(&mut self, samples: &Samples) -> Result<Vec<(Place, Content)>, GalleryError> {
        let mut next: BTreeMap<(What, u8), u16> = BTreeMap::new();
        let mut held: BTreeMap<(What, u8), usize> = BTreeMap::new();
        for place in self.directory.records.keys() {
            next.insert((place.what, place.position), place.slot.saturating_add(1));
            *held.entry((place.what, place.position)).or_default() += 1;
        }
        let fingers = samples
            .fingers
            .iter()
            .map(|(finger, template)| ((What::Finger, finger.code()), Content::Finger(template.clone())));
        let faces = samples.faces.iter().map(|face| ((What::Face, 0), Content::Face(face.clone())));
        let mut new = Vec::new();
        for ((what, position), content) in fingers.chain(faces) {
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
            new.push((place, content));
        }
        Ok(new)
    }

    /// Seals and writes the new samples and the table of contents.
    pub(super) fn write(mut self, writer: &mut Writer, new: &[(Place, Content)]) -> Result<Entry, GalleryError> {
        let (source, records) = (&writer.source, &mut writer.records);
        let keys = &source.keys;
        let tag = keys.tag(&self.directory.subject);
        let cipher = keys.cipher(&tag);
        for (place, content) in new {
            let version = self.directory.records.get(place).copied().unwrap_or_default();
            let plaintext = match content {
                Content::Finger(template) => Zeroizing::new(encode_template(template)),
                Content::Face(embedding) => encode_face(embedding),
            };
            let sealed = cipher.seal(&keys.place(&tag, *place, version), &plaintext, place.padding())?;
            let located = records.record(&tag, *place, version, &sealed)?;
            self.kept.push(Kept { place: *place, version, located });
        }
        self.directory.version += 1;
        let version = self.directory.version;
        let encoded = self.directory.encode();
        let place = keys.place(&tag, Place::DIRECTORY, version);
        let sealed = cipher.seal(&place, &encoded, Place::DIRECTORY.padding())?;
        let directory = records.directory(&tag, version, &sealed)?;
        self.kept.sort_by_key(|kept| kept.place);
        let (uid, source) = (self.directory.uid, Arc::clone(source));
        Ok(Entry { uid, tag, source, version, directory, records: self.kept })
    }
}

fn kinds(samples: &Samples) -> impl Iterator<Item = (What, u8)> {
    let fingers = samples.fingers.iter().map(|(position, _)| (What::Finger, position.code()));
    fingers.chain(samples.faces.first().map(|_| (What::Face, 0)))
}

/// The first free number from `next` on; numbers wrap around, and at least one is always free.
fn free(directory: &Directory, what: What, position: u8, next: u16) -> u16 {
    let numbers = (next..=u16::MAX).chain(0..next);
    let mut free = numbers.filter(|&slot| !directory.records.contains_key(&Place { what, position, slot }));
    free.next().unwrap_or_default()
}
