//! Enrolling people, and changing what is enrolled of them.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use super::Gallery;
use super::core::{Core, Person, Update};
use super::error::GalleryError;
use super::params::{ENROLLED_PER_COMMIT, MAX_IMPRESSIONS, MAX_METADATA};
use super::people::{self, Content};
use super::record::{Directory, Place, What, encode_face, encode_finger};
use super::samples::Samples;
use crate::audit::EventKind;
use crate::seal::{SealError, SecretKey, Zeroizing};
use crate::store::{Change, Table};
use crate::subject::SubjectId;

/// How a batch is enrolled.
///
/// `Debug` shows the numbers.
pub struct BatchOptions<'a> {
    per_commit: usize,
    skip_enrolled: bool,
    progress: Option<&'a mut dyn FnMut(usize)>,
}

impl Default for BatchOptions<'_> {
    fn default() -> Self {
        Self { per_commit: ENROLLED_PER_COMMIT, skip_enrolled: false, progress: None }
    }
}

impl<'a> BatchOptions<'a> {
    /// Ten thousand people in each commit.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// So many people in each commit, at least one; what a crash can take back at most. The memory for a commit is some 3 kB per
    /// record.
    #[must_use]
    pub fn per_commit(mut self, people: usize) -> Self {
        self.per_commit = people.max(1);
        self
    }

    /// Passes over subjects that are enrolled already, so that a batch which was cut off can be given again.
    #[must_use]
    pub fn skip_enrolled(mut self) -> Self {
        self.skip_enrolled = true;
        self
    }

    /// Is told after each commit how many of the batch's people are done.
    #[must_use]
    pub fn progress(mut self, progress: &'a mut dyn FnMut(usize)) -> Self {
        self.progress = Some(progress);
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

/// A record to be written.
type New = (Place, Zeroizing<Vec<u8>>);

impl Gallery {
    /// Enrols samples of a subject, who may be new or have others already. Metadata, if given, replace those that are there. All of it
    /// is durable when this returns, and searches see it from then on.
    ///
    /// # Errors
    /// [`GalleryError::NoSample`] for a new subject without sample; [`GalleryError::TooManyImpressions`], [`GalleryError::MetadataTooLong`],
    /// [`GalleryError::NoFaceModel`], [`GalleryError::Face`]; [`GalleryError::Store`] when the disk fails.
    pub fn enroll(&self, subject: &SubjectId, samples: &Samples) -> Result<(), GalleryError> {
        let mut core = self.core();
        self.check_samples(&core, samples)?;
        let mut update = Update::default();
        let added = add(&core, core.person(subject)?, subject, samples, &mut update)?;
        update.events.push(self.event(EventKind::Enrol).subject(core.tag(subject)).count(added.len()));
        core.commit(update)?;
        let fits = added.iter().all(|(place, content)| self.shared.people.add(subject, *place, content));
        debug_assert!(fits, "samples were checked");
        core.anchored()
    }

    /// Enrols many new people, in few commits. Whoever is in it twice is enrolled once, the first time. What was committed before an error
    /// stands.
    ///
    /// # Errors
    /// [`GalleryError::Enrolled`] when a subject is enrolled already, unless such are skipped; otherwise as [`Gallery::enroll`].
    pub fn enroll_batch(
        &self,
        people: impl IntoIterator<Item = (SubjectId, Samples)>,
        mut options: BatchOptions<'_>,
    ) -> Result<usize, GalleryError> {
        let mut people = people.into_iter().peekable();
        let (mut seen, mut enrolled) = (0, 0);
        while people.peek().is_some() {
            let mut core = self.core();
            let (mut update, mut added, mut names) = (Update::default(), Vec::new(), HashSet::new());
            for (subject, samples) in people.by_ref().take(options.per_commit) {
                seen += 1;
                self.check_samples(&core, &samples)?;
                if names.contains(&subject) {
                    continue;
                }
                if core.store.get(Table::Keys, &core.tag(&subject))?.is_some() {
                    if options.skip_enrolled {
                        continue;
                    }
                    return Err(GalleryError::Enrolled);
                }
                let contents = add(&core, None, &subject, &samples, &mut update)?;
                update.events.push(self.event(EventKind::Enrol).subject(core.tag(&subject)).count(contents.len()));
                names.insert(subject.clone());
                added.push((subject, contents));
            }
            if !added.is_empty() {
                core.commit(update)?;
            }
            for (subject, contents) in &added {
                let fits = contents.iter().all(|(place, content)| self.shared.people.add(subject, *place, content));
                debug_assert!(fits, "samples were checked");
            }
            enrolled += added.len();
            core.anchored()?;
            drop(core);
            if let Some(progress) = &mut options.progress {
                progress(seen);
            }
        }
        Ok(enrolled)
    }

    /// Puts new samples in the place of those that are enrolled: of each finger that is among them all impressions, with a face among them
    /// all faces. Other fingers stay. Metadata, if given, are replaced.
    ///
    /// # Errors
    /// [`GalleryError::UnknownSubject`]; otherwise as [`Gallery::enroll`].
    pub fn update(&self, subject: &SubjectId, samples: &Samples) -> Result<(), GalleryError> {
        let mut core = self.core();
        self.check_samples(&core, samples)?;
        let mut person = core.person(subject)?.ok_or(GalleryError::UnknownSubject)?;
        let replaced: HashSet<(What, u8)> = kinds(samples).collect();
        let gone: Vec<Place> =
            person.directory.records.keys().filter(|p| replaced.contains(&(p.what, p.position))).copied().collect();
        let kept: Vec<Place> =
            person.directory.records.keys().filter(|p| !replaced.contains(&(p.what, p.position))).copied().collect();
        let mut contents = Vec::with_capacity(kept.len());
        for place in kept {
            contents.push((place, content_of(&core, &person, place)?));
        }
        let mut update = Update::default();
        for place in gone {
            person.directory.records.remove(&place);
            update.changes.push(Change::delete(Table::Records, &place.key(&person.tag)));
            update.records -= 1;
        }
        let added = add(&core, Some(person), subject, samples, &mut update)?;
        update.events.push(self.event(EventKind::Update).subject(core.tag(subject)).count(added.len()));
        contents.extend(added);
        core.commit(update)?;
        if let Err(e) = self.shared.people.replace(subject, &contents) {
            // Samples were checked; should this happen all the same, the memory must not go on without the disk.
            core.stop();
            return Err(e.into());
        }
        core.anchored()
    }

    pub(super) fn check_samples(&self, core: &Core, samples: &Samples) -> Result<(), GalleryError> {
        let model = core.manifest.settings.model.as_ref();
        for face in &samples.faces {
            face.check(model.ok_or(GalleryError::NoFaceModel)?)?;
        }
        Ok(())
    }
}

/// What is stored at a place of a subject.
pub(super) fn content_of(core: &Core, person: &Person, place: Place) -> Result<Content, GalleryError> {
    let version = person.directory.records.get(&place).copied();
    let plaintext = core.open_record(&person.key, &person.tag, place, version)?;
    people::decode(place, &plaintext).ok_or(GalleryError::Seal(SealError::NotAuthentic))
}

fn kinds(samples: &Samples) -> impl Iterator<Item = (What, u8)> {
    let fingers = samples.fingers.iter().map(|(position, _)| (What::Finger, position.code()));
    fingers.chain(samples.faces.first().map(|_| (What::Face, 0)))
}

/// The changes that add samples to a subject, and what is then to be added in memory.
fn add(
    core: &Core,
    person: Option<Person>,
    subject: &SubjectId,
    samples: &Samples,
    update: &mut Update,
) -> Result<Vec<(Place, Content)>, GalleryError> {
    if samples.is_empty() && (person.is_none() || samples.metadata.is_none()) {
        return Err(GalleryError::NoSample);
    }
    let (is_new, mut person) = match person {
        Some(person) => (false, person),
        None => {
            let person = Person {
                tag: core.tag(subject),
                key: SecretKey::random()?,
                directory: Directory::new(subject.clone()),
            };
            (true, person)
        }
    };
    if let Some(metadata) = &samples.metadata {
        if metadata.len() > MAX_METADATA {
            return Err(GalleryError::MetadataTooLong { len: metadata.len(), max: MAX_METADATA });
        }
        person.directory.metadata = Zeroizing::new(metadata.clone());
    }
    let mut next: BTreeMap<(What, u8), u16> = BTreeMap::new();
    let mut held: BTreeMap<(What, u8), usize> = BTreeMap::new();
    for place in person.directory.records.keys() {
        next.insert((place.what, place.position), place.slot.saturating_add(1));
        *held.entry((place.what, place.position)).or_default() += 1;
    }
    let mut contents = Vec::new();
    for (finger, template) in &samples.fingers {
        let plaintext = encode_finger(template).ok_or(SealError::TooLong { len: template.minutiae().len(), max: 0 })?;
        contents.push(((What::Finger, finger.code()), plaintext, Content::Finger(template.clone())));
    }
    for face in &samples.faces {
        contents.push(((What::Face, 0), encode_face(&face.embedding), Content::Face(face.embedding.clone())));
    }
    let mut new: Vec<New> = Vec::with_capacity(contents.len());
    let mut added = Vec::with_capacity(contents.len());
    for ((what, position), plaintext, content) in contents {
        let count = held.entry((what, position)).or_default();
        *count += 1;
        if *count > MAX_IMPRESSIONS {
            return Err(GalleryError::TooManyImpressions { max: MAX_IMPRESSIONS });
        }
        let next = next.entry((what, position)).or_default();
        let place = Place { what, position, slot: free(&person.directory, what, position, *next) };
        *next = place.slot.saturating_add(1);
        person.directory.version += 1;
        person.directory.records.insert(place, person.directory.version);
        new.push((place, plaintext));
        added.push((place, content));
    }
    person.directory.version += 1;
    for (place, plaintext) in &new {
        let version = person.directory.records.get(place).copied().unwrap_or_default();
        update.changes.push(core.seal_record(&person.key, &person.tag, *place, version, plaintext)?);
        update.records += 1;
    }
    let directory = person.directory.encode().ok_or(GalleryError::TooManyImpressions { max: MAX_IMPRESSIONS })?;
    let version = person.directory.version;
    update.changes.push(core.seal_record(&person.key, &person.tag, Place::DIRECTORY, version, &directory)?);
    if is_new {
        update.changes.push(Change::put(Table::Keys, &person.tag, core.wrap(&person.tag, &person.key)?));
        update.subjects += 1;
    }
    Ok(added)
}

/// The first free number from `next` on; numbers wrap round, and fewer than all are ever in use.
fn free(directory: &Directory, what: What, position: u8, next: u16) -> u16 {
    let numbers = (next..=u16::MAX).chain(0..next);
    let mut free = numbers.filter(|&slot| !directory.records.contains_key(&Place { what, position, slot }));
    free.next().unwrap_or_default()
}
