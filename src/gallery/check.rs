//! Whether a gallery is what its manifest says, and if not, what is wrong with which record.

use std::collections::BTreeMap;
use std::fmt;

use super::core::{Core, Tag};
use super::error::GalleryError;
use super::log;
use super::record::{Directory, Place, Sealed, What};
use super::tree::{self, Bucket, BucketHash, Hash, SubjectHash};
use crate::fingerprint::position::FingerPosition;
use crate::seal::SecretKey;
use crate::store::Table;
use crate::subject::SubjectId;

/// Most problems that a report lists.
const LISTED: usize = 1000;

/// What is wrong somewhere in a gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The record does not open: changed, moved from elsewhere, or of another gallery.
    NotAuthentic,
    /// The subject's key does not open or is missing, so nothing of the subject can be read.
    Key,
    /// The record is authentic and older than the one that was there.
    Replayed,
    /// There must be a record, and there is none.
    Removed,
    /// There is a record, and there must be none.
    Added,
    /// The subject's table of contents is missing or unreadable.
    NoDirectory,
    /// The record opens and is no template or embedding of this gallery.
    Unreadable,
    /// The subject is there and its state is not the last one: all of it was put back, or one that shared its place was removed.
    Stale,
    /// Something stands in the store that no gallery writes.
    Foreign,
    /// The stored hashes are not those of the manifest.
    Tree,
    /// Keys and records together are not those of the manifest: one more, one less, or others.
    Root,
    /// The numbers of subjects or records are not those of the manifest.
    Count,
    /// The log was changed, cut or put back.
    Log,
}

/// One problem, with its place as far as that is known. The subject's name is in it when it could be read.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// What.
    pub kind: ProblemKind,
    /// Whose.
    pub subject: Option<SubjectId>,
    /// First bytes of the subject's keyed name, for when the name cannot be read.
    pub tag: Option<[u8; 4]>,
    /// Which finger, of a finger's record.
    pub finger: Option<FingerPosition>,
    /// Which impression or picture.
    pub slot: Option<u16>,
    /// Number of the log's first bad entry.
    pub entry: Option<u64>,
}

/// What a check of a whole gallery found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// Subjects whose records all opened.
    pub subjects: u64,
    /// Templates and embeddings that opened.
    pub records: u64,
    /// Entries of the log that fit the chain.
    pub log_entries: u64,
    /// What is wrong; at most 1000 are listed.
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub unlisted: u64,
}

impl CheckReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }

    pub(super) fn add(&mut self, problem: Problem) {
        if self.problems.len() < LISTED { self.problems.push(problem) } else { self.unlisted += 1 }
    }
}

impl Problem {
    pub(super) fn new(kind: ProblemKind) -> Self {
        Self { kind, subject: None, tag: None, finger: None, slot: None, entry: None }
    }

    fn of(kind: ProblemKind, tag: &Tag, subject: Option<&SubjectId>) -> Self {
        let tag = tag.first_chunk().copied();
        Self { tag, subject: subject.cloned(), ..Self::new(kind) }
    }

    fn at(mut self, place: Place) -> Self {
        self.finger = place.finger();
        self.slot = (place.what != What::Directory).then_some(place.slot);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ProblemKind::NotAuthentic => "a record does not open: it was changed or moved",
            ProblemKind::Key => "the key of a subject does not open or is missing",
            ProblemKind::Replayed => "an older version of a record was put back",
            ProblemKind::Removed => "a record was removed",
            ProblemKind::Added => "a record was added",
            ProblemKind::NoDirectory => "the table of contents of a subject does not open or is missing",
            ProblemKind::Unreadable => "a record is of no form that this version reads",
            ProblemKind::Stale => "a subject was put back to an older state, or a neighbour of it was removed or added",
            ProblemKind::Foreign => "there is something in the store that no gallery writes",
            ProblemKind::Tree => "the stored hashes were changed",
            ProblemKind::Root => "keys and records together are not those of the last commit",
            ProblemKind::Count => "there are more or fewer subjects or records than at the last commit",
            ProblemKind::Log => "the log was changed, cut or put back",
        })?;
        match (&self.subject, self.tag) {
            (Some(subject), _) => write!(f, ", subject {subject}")?,
            (None, Some([a, b, c, d])) => write!(f, ", subject of tag {a:02x}{b:02x}{c:02x}{d:02x}..")?,
            (None, None) => {}
        }
        if let Some(slot) = self.slot {
            match self.finger {
                Some(finger) => write!(f, ", finger {} impression {slot}", finger.code())?,
                None => write!(f, ", face {slot}")?,
            }
        }
        self.entry.map_or(Ok(()), |entry| write!(f, ", from entry {entry} on"))
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Problem({self})")
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.problems.first() else {
            return write!(f, "nothing is wrong with {} records of {} subjects", self.records, self.subjects);
        };
        let more = self.unlisted.saturating_add(self.problems.len() as u64 - 1);
        write!(f, "{first}")?;
        if more > 0 { write!(f, " (and {more} more)") } else { Ok(()) }
    }
}

/// Reads and opens everything once, of the log everything or its end. `visit` gets each record that is as it must be, and says whether it could be read.
pub(super) fn walk(
    core: &Core,
    whole_log: bool,
    visit: &mut dyn FnMut(&SubjectId, Place, &[u8]) -> bool,
) -> Result<CheckReport, GalleryError> {
    let mut keys: BTreeMap<Tag, Vec<u8>> = BTreeMap::new();
    let mut walk = Walk { core, report: CheckReport::default(), buckets: BTreeMap::new(), person: None, subjects: 0 };
    core.store.scan(Table::Keys, &[], &mut |key, value| {
        match <Tag>::try_from(key) {
            Ok(tag) => drop(keys.insert(tag, value.to_vec())),
            Err(_) => walk.report.add(Problem::new(ProblemKind::Foreign)),
        }
        true
    })?;
    core.store.scan(Table::Records, &[], &mut |key, value| {
        let Some(tag) = key.first_chunk::<32>() else {
            walk.report.add(Problem::new(ProblemKind::Foreign));
            return true;
        };
        if walk.person.as_ref().is_none_or(|person| person.tag != *tag) {
            walk.finish();
            // Keys without any record come before.
            let later = keys.split_off(tag);
            for (tag, stored) in std::mem::replace(&mut keys, later) {
                walk.begin(tag, Some(&stored));
                walk.finish();
            }
            walk.begin(*tag, keys.remove(tag).as_deref());
        }
        walk.record(key, value, visit);
        true
    })?;
    walk.finish();
    for (tag, stored) in keys {
        walk.begin(tag, Some(&stored));
        walk.finish();
    }
    let mut report = walk.end();
    log::check(core, whole_log, &mut report)?;
    Ok(report)
}

/// The subjects of a bucket, with their names where they could be read.
type Neighbours = Vec<(Tag, Option<SubjectId>)>;

struct Walk<'a> {
    core: &'a Core,
    report: CheckReport,
    buckets: BTreeMap<Bucket, (BucketHash, Neighbours)>,
    person: Option<OnePerson>,
    /// Subjects seen, sound or not.
    subjects: u64,
}

struct OnePerson {
    tag: Tag,
    hash: SubjectHash,
    key: Option<SecretKey>,
    directory: Option<Directory>,
    /// What the directory names and was not seen yet.
    expected: BTreeMap<Place, u64>,
    sound: bool,
}

impl Walk<'_> {
    fn begin(&mut self, tag: Tag, stored: Option<&[u8]>) {
        let hash = SubjectHash::new(&tag, stored.map(tree::hash_sealed).as_ref());
        let key = stored.and_then(|stored| self.core.subject_key(&tag, stored));
        self.subjects += 1;
        let sound = key.is_some();
        if !sound {
            self.report.add(Problem::of(ProblemKind::Key, &tag, None));
        }
        self.person = Some(OnePerson { tag, hash, key, directory: None, expected: BTreeMap::new(), sound });
    }

    fn record(&mut self, key: &[u8], value: &[u8], visit: &mut dyn FnMut(&SubjectId, Place, &[u8]) -> bool) {
        let Some(person) = &mut self.person else { return };
        person.hash.add(key.get(32..).unwrap_or_default(), &tree::hash_sealed(value));
        let name = person.directory.as_ref().map(|d| &d.subject);
        let Some((tag, place)) = Place::of_key(key) else {
            self.report.add(Problem::of(ProblemKind::Foreign, &person.tag, name));
            person.sound = false;
            return;
        };
        let Some(key) = &person.key else { return };
        let found = (|| {
            let sealed = Sealed::read(value).ok_or(ProblemKind::NotAuthentic)?;
            let opened = sealed.open(key, self.core.gallery_id(), &tag, place);
            let plaintext = opened.map_err(|_| ProblemKind::NotAuthentic)?;
            if place == Place::DIRECTORY {
                let directory = Directory::decode(&plaintext).ok_or(ProblemKind::Unreadable)?;
                if self.core.tag(&directory.subject) != tag || directory.version != sealed.version {
                    return Err(ProblemKind::NotAuthentic);
                }
                person.expected = directory.records.clone();
                person.directory = Some(directory);
                return Ok(());
            }
            let Some(directory) = &person.directory else { return Ok(()) };
            match person.expected.remove(&place) {
                None => return Err(ProblemKind::Added),
                Some(version) if version != sealed.version => return Err(ProblemKind::Replayed),
                Some(_) => {}
            }
            if !visit(&directory.subject, place, &plaintext) {
                return Err(ProblemKind::Unreadable);
            }
            self.report.records += 1;
            Ok(())
        })();
        if let Err(kind) = found {
            let name = person.directory.as_ref().map(|d| &d.subject);
            self.report.add(Problem::of(kind, &tag, name).at(place));
            person.expected.remove(&place);
            person.sound = false;
        }
    }

    fn finish(&mut self) {
        let Some(person) = self.person.take() else { return };
        let name = person.directory.as_ref().map(|d| d.subject.clone());
        let mut sound = person.sound;
        if person.key.is_some() && person.directory.is_none() {
            self.report.add(Problem::of(ProblemKind::NoDirectory, &person.tag, None));
            sound = false;
        }
        for place in person.expected.keys() {
            self.report.add(Problem::of(ProblemKind::Removed, &person.tag, name.as_ref()).at(*place));
            sound = false;
        }
        self.report.subjects += u64::from(sound);
        let (bucket, people) = self.buckets.entry(tree::bucket_of(&person.tag)).or_default();
        bucket.add(&person.hash.finish());
        people.push((person.tag, name));
    }

    fn end(mut self) -> CheckReport {
        let manifest = &self.core.manifest;
        let tree_fits = self.core.tree_fits();
        let already = !self.report.problems.is_empty();
        let mut found: BTreeMap<Bucket, Hash> = BTreeMap::new();
        for (bucket, (hash, people)) in self.buckets {
            let hash = hash.finish();
            found.insert(bucket, hash);
            // Whose records do not open is named already; this names those whose all open and are not the last.
            if tree_fits && hash != self.core.tree.bucket(bucket) && !already {
                for (tag, name) in people {
                    self.report.add(Problem::of(ProblemKind::Stale, &tag, name.as_ref()));
                }
            }
        }
        if !tree_fits {
            self.report.add(Problem::new(ProblemKind::Tree));
        }
        if tree::Tree::new().with(found).root != manifest.root {
            self.report.add(Problem::new(ProblemKind::Root));
        }
        let records = self.report.records == manifest.records || already;
        if self.subjects != manifest.subjects || !records {
            self.report.add(Problem::new(ProblemKind::Count));
        }
        self.report
    }
}
