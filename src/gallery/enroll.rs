//! Enrolling people, and changing their samples.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, MutexGuard};

use super::error::GalleryError;
use super::handle::{Gallery, Writer};
use super::journal::Keys;
use super::ledger::Draft;
use super::log::{Event, EventKind};
use super::params::{ENROLLED_PER_COMMIT, MAX_EVENTS, SEALED_AT_ONCE};
use super::people::{Entry, Kept, Prepared};
use super::person::{Person, Sealed};
use super::record::What;
use super::samples::Samples;
use super::threads::on_threads;
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
    /// The number of new samples.
    added: usize,
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
        let is_new = known.is_none();
        let person = known.map_or_else(|| Person::new(subject), Ok)?;
        let sealed = sealed(&writer.source.keys, person, samples)?;
        let written = self.write(&mut writer, subject, sealed)?;
        let event = self.event(EventKind::Enroll).subject(written.entry.uid).count(written.added);
        self.commit_records(&mut writer, i64::from(is_new), written.added as i64, vec![event])?;
        self.show(written)?;
        drop(writer);
        self.changed()
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
            self.changed()?;
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
        let (mut names, mut new) = (HashSet::new(), Vec::with_capacity(some.len()));
        for (subject, samples) in &some {
            if !names.insert(subject) {
                continue;
            }
            match (self.contains(subject), skip_enrolled) {
                (false, _) => new.push((subject, samples)),
                (true, true) => {}
                (true, false) => return Err(GalleryError::Enrolled),
            }
        }
        let mut all = Vec::with_capacity(new.len());
        for new in new.chunks(SEALED_AT_ONCE) {
            let keys = &writer.source.keys;
            let sealed = on_threads(new, |(subject, samples)| sealed(keys, Person::new(subject)?, samples));
            for ((subject, _), sealed) in new.iter().zip(sealed) {
                all.push(self.write(&mut writer, subject, sealed?)?);
            }
        }
        if all.is_empty() {
            return Ok(0);
        }
        let events = all.iter().map(|w| self.event(kind).subject(w.entry.uid).count(w.added)).collect();
        let added: usize = all.iter().map(|w| w.added).sum();
        let count = all.len();
        self.commit_records(&mut writer, count as i64, added as i64, events)?;
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
        let sealed = sealed(&writer.source.keys, person, samples)?;
        let mut written = self.write(&mut writer, subject, sealed)?;
        for kept in kept {
            written.prepared.push(entry.open_prepared(kept)?);
        }
        let event = self.event(EventKind::Update).subject(entry.uid).count(written.added);
        self.commit_records(&mut writer, 0, written.added as i64 - gone.len() as i64, vec![event])?;
        let Written { entry, prepared, .. } = written;
        let shown = self.shared.people.replace(subject, entry, prepared);
        shown.inspect_err(|_| self.ledger().stop())?;
        drop(writer);
        self.changed()
    }

    /// Locks the record writer, unless nothing may be changed.
    pub(super) fn begin(&self) -> Result<MutexGuard<'_, Writer>, GalleryError> {
        let mut writer = self.writer();
        self.ledger().check_writable()?;
        writer.records.begin();
        Ok(writer)
    }

    /// Makes the written records durable and commits the change.
    pub(super) fn commit_records(
        &self,
        writer: &mut Writer,
        subjects: i64,
        records: i64,
        events: Vec<Event>,
    ) -> Result<(), GalleryError> {
        let end = writer.records.finish().inspect_err(|_| self.ledger().stop())?;
        let records_end = Some((writer.records.number, end));
        self.ledger().commit(Draft { records_end, subjects, records, events, ..Draft::default() })?;
        writer.records.committed();
        Ok(())
    }

    fn show(&self, written: Written) -> Result<(), GalleryError> {
        let Written { subject, entry, prepared, .. } = written;
        let shown = self.shared.people.add(&subject, entry, prepared);
        // Samples were checked; if this fails nevertheless, the memory must not go on without the disk.
        shown.inspect_err(|_| self.ledger().stop())
    }

    pub(super) fn check_samples(&self, samples: &Samples) -> Result<(), GalleryError> {
        let model = self.shared.model.as_ref();
        for face in &samples.faces {
            model.ok_or(GalleryError::NoFaceModel)?.check_embedding(face)?;
        }
        Ok(())
    }

    /// Writes a sealed subject without committing.
    fn write(
        &self,
        writer: &mut Writer,
        subject: &SubjectId,
        (sealed, prepared): (Sealed, Vec<Prepared>),
    ) -> Result<Written, GalleryError> {
        let added = sealed.added();
        let entry = sealed.write(&mut writer.records, &writer.source).inspect_err(|_| self.ledger().stop())?;
        Ok(Written { subject: subject.clone(), entry: Arc::new(entry), prepared, added })
    }
}

/// A subject with new samples, sealed, and what they add to the indexes.
fn sealed(keys: &Keys, mut person: Person, samples: &Samples) -> Result<(Sealed, Vec<Prepared>), GalleryError> {
    let added = person.add(samples)?;
    Ok((person.seal(keys, &added.records)?, added.prepared))
}

fn kinds(samples: &Samples) -> impl Iterator<Item = (What, u8)> {
    let fingers = samples.fingers.iter().map(|(position, _)| (What::Finger, position.code()));
    fingers.chain(samples.faces.first().map(|_| (What::Face, 0)))
}
