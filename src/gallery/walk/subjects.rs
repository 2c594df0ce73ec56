//! What the blocks add up to, by subject.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::group::Step;
use crate::gallery::journal::{Located, Tag};
use crate::gallery::people::{Entry, Kept};
use crate::gallery::record::Place;
use crate::subject::SubjectId;

/// The subjects as of the last step.
#[derive(Default)]
pub(super) struct Subjects {
    now: HashMap<Tag, Held>,
    /// Subjects whose rows were made although they may not count.
    repeated: HashSet<SubjectId>,
}

/// A subject that occurred once and whole.
type Whole = (SubjectId, Arc<Entry>);

/// A subject that occurred once and whole, or the parts of one that occurred more often or in parts.
#[derive(Default)]
struct Held {
    whole: Option<Whole>,
    parts: Option<Box<Parts>>,
}

/// The last directory of a subject and the last record at each place.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) directory: Option<(u64, Located)>,
    pub(super) records: HashMap<Place, (u64, Located)>,
}

impl Parts {
    fn add(&mut self, entry: &Entry) {
        self.directory = Some((entry.version, entry.directory));
        self.records.extend(entry.records.iter().map(|&Kept { place, version, located }| (place, (version, located))));
    }
}

impl Subjects {
    pub(super) fn apply(&mut self, step: Step) {
        match step {
            Step::Directory(tag, version, located) => self.parts(tag).directory = Some((version, located)),
            Step::Record(tag, place, version, located) => {
                self.parts(tag).records.insert(place, (version, located));
            }
            Step::Gone(tag) => {
                let whole = self.now.remove(&tag).and_then(|held| held.whole);
                self.repeated.extend(whole.map(|(subject, _)| subject));
            }
            Step::Whole(subject, entry) => {
                let is_new = !self.now.contains_key(&entry.tag) && !self.repeated.contains(&subject);
                if is_new {
                    self.now.insert(entry.tag, Held { whole: Some((subject, entry)), parts: None });
                } else {
                    self.parts(entry.tag).add(&entry);
                    self.repeated.insert(subject);
                }
            }
        }
    }

    /// A subject as its parts, from now on.
    fn parts(&mut self, tag: Tag) -> &mut Parts {
        let held = self.now.entry(tag).or_default();
        let parts = held.parts.get_or_insert_default();
        if let Some((subject, entry)) = held.whole.take() {
            parts.add(&entry);
            self.repeated.insert(subject);
        }
        parts
    }

    /// Subjects whose rows were made although they may not count.
    pub(super) fn repeated(&self) -> &HashSet<SubjectId> {
        &self.repeated
    }

    /// The whole subjects and those to be opened by their parts, each in the order of their directories.
    pub(super) fn end(self) -> (Vec<Whole>, Vec<(Tag, Parts)>) {
        let (mut whole, mut apart) = (Vec::with_capacity(self.now.len()), Vec::new());
        for (tag, held) in self.now {
            whole.extend(held.whole);
            apart.extend(held.parts.map(|parts| (tag, *parts)));
        }
        apart.sort_by_key(|(tag, parts)| (parts.directory.map(|(_, located)| located.at), *tag));
        (whole, apart)
    }
}
