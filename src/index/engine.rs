//! The enrolled subjects and the places of their references.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::partitions::Partitions;
use super::shard::Shard;
use super::subjects::{RowNumber, Slot, Subjects};
use crate::modality::Modality;
use crate::subject::SubjectId;

/// A gallery in memory, ready to be searched.
///
/// A clone is a [snapshot](Index::snapshot). A subject may have several references (several impressions of a finger,
/// several pictures); a search reports the subject once. All references must be comparable: embeddings of one model,
/// for example.
///
/// `Debug` shows counts only.
#[derive(Clone)]
pub struct Index<M: Modality> {
    pub(super) modality: M,
    pub(super) shards: Vec<Arc<Shard<M>>>,
    /// Shards with free rows, filled in ascending order.
    pub(super) open: BTreeSet<usize>,
    pub(super) subjects: Subjects,
    pub(super) references: usize,
    /// Rows grouped by likeness, where the caller asked for it.
    pub(super) partitions: Option<Arc<Partitions<M>>>,
}

/// An empty index with the default settings.
impl<M: Modality + Default> Default for Index<M> {
    fn default() -> Self {
        Self::new(M::default())
    }
}

impl<M: Modality> Index<M> {
    /// Creates an empty index that compares with these settings.
    #[must_use]
    pub fn new(modality: M) -> Self {
        let (shards, open, subjects) = (Vec::new(), BTreeSet::new(), Subjects::default());
        Self { modality, shards, open, subjects, references: 0, partitions: None }
    }

    /// Returns the index as it is now; later changes to this one do not affect it. It takes some microseconds and no
    /// memory because it shares the references. While a snapshot exists, a change copies the part of a segment and of
    /// the tables that it touches.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        self.clone()
    }

    /// The subject of a row.
    pub(super) fn slot_of(&self, row: RowNumber) -> Option<Slot> {
        self.place(row).and_then(|(shard, row)| shard.slots.get(row)).copied()
    }

    /// Whether the subject has a reference in this index.
    #[must_use]
    pub fn contains(&self, subject: &SubjectId) -> bool {
        self.subjects.slot(subject).is_some()
    }

    /// The subjects, in no particular order.
    pub fn subjects(&self) -> impl Iterator<Item = &SubjectId> {
        self.subjects.names()
    }

    /// The labels of a subject's samples in the order in which they were added; empty when the subject is not enrolled.
    pub fn samples(&self, subject: &SubjectId) -> impl ExactSizeIterator<Item = u64> {
        let rows = self.subjects.slot(subject).map_or(&[][..], |slot| self.subjects.rows(slot));
        rows.iter().map(|&row| self.place(row).map_or(0, |(shard, row)| shard.label(row)))
    }

    /// Number of subjects.
    #[must_use]
    pub fn len(&self) -> usize {
        self.subjects.len()
    }

    /// Whether the index has no subjects.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of references, over all subjects.
    #[must_use]
    pub fn references(&self) -> usize {
        self.references
    }

    /// Memory used, in bytes, names included (their size is an estimate).
    #[must_use]
    pub fn bytes(&self) -> usize {
        let partitions = self.partitions.as_ref().map_or(0, |partitions| partitions.bytes());
        self.shards.iter().map(|shard| shard.bytes()).sum::<usize>() + self.subjects.bytes() + partitions
    }

    /// The modality's settings.
    #[must_use]
    pub fn modality(&self) -> &M {
        &self.modality
    }

    /// Prepares a probe that can be used for any number of searches.
    ///
    /// # Errors
    /// The modality's error, when the template does not fit its settings.
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
