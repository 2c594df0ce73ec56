//! Who is enrolled, and where their references lie.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::shard::Shard;
use super::subjects::{RowNumber, Slot, Subjects};
use crate::modality::Modality;
use crate::subject::SubjectId;

/// A gallery in memory, ready to be searched.
///
/// A clone is a [snapshot](Index::snapshot). A subject may have several references (several fingers' impressions, several
/// pictures); it is reported once. All references must fit together: embeddings of one model.
///
/// `Debug` shows counts only.
#[derive(Clone)]
pub struct Index<M: Modality> {
    pub(super) modality: M,
    pub(super) shards: Vec<Arc<Shard<M>>>,
    /// Shards with room, filled from the lowest on.
    pub(super) open: BTreeSet<usize>,
    pub(super) subjects: Subjects,
    pub(super) references: usize,
}

/// An empty index with the default settings.
impl<M: Modality + Default> Default for Index<M> {
    fn default() -> Self {
        Self::new(M::default())
    }
}

impl<M: Modality> Index<M> {
    /// An empty index that compares with these settings.
    #[must_use]
    pub fn new(modality: M) -> Self {
        Self { modality, shards: Vec::new(), open: BTreeSet::new(), subjects: Subjects::default(), references: 0 }
    }

    /// The index as it is now, never changed by what happens to this one. Takes some microseconds and no memory, for it shares
    /// the references; as long as it lives, a change copies the part of a segment and of the tables that it touches.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        self.clone()
    }

    /// Whose a row is.
    pub(super) fn slot_of(&self, row: RowNumber) -> Option<Slot> {
        self.place(row).and_then(|(shard, row)| shard.slots.get(row)).copied()
    }

    /// Whether the subject has a reference here.
    #[must_use]
    pub fn contains(&self, subject: &SubjectId) -> bool {
        self.subjects.slot(subject).is_some()
    }

    /// The subjects, in no order.
    pub fn subjects(&self) -> impl Iterator<Item = &SubjectId> {
        self.subjects.names()
    }

    /// The labels of a subject's samples in the order in which they came; none when nobody of this name is enrolled.
    pub fn samples(&self, subject: &SubjectId) -> impl ExactSizeIterator<Item = u64> {
        let rows = self.subjects.slot(subject).map_or(&[][..], |slot| self.subjects.rows(slot));
        rows.iter().map(|&row| self.place(row).map_or(0, |(shard, row)| shard.label(row)))
    }

    /// Number of subjects.
    #[must_use]
    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Whether there are no subjects.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of references of all subjects.
    #[must_use]
    pub fn references(&self) -> usize {
        self.references
    }

    /// Memory held, bytes, names included (those are estimated).
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.bytes()).sum::<usize>() + self.subjects.bytes()
    }

    /// The modality's settings.
    #[must_use]
    pub fn modality(&self) -> &M {
        &self.modality
    }

    /// Prepares a probe, once for any number of searches.
    ///
    /// # Errors
    /// When the template does not fit the modality's settings.
    pub fn prepare(&self, template: &M::Template) -> Result<M::Probe, M::Error> {
        self.modality.prepare(template)
    }
}

impl<M: Modality> fmt::Debug for Index<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index")
            .field("modality", &self.modality)
            .field("subjects", &self.len())
            .field("references", &self.references)
            .finish_non_exhaustive()
    }
}
