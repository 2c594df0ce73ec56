//! 1:N identification over rayon, for any modality.
//!
//! References stand in shards of fixed capacity, whatever the number of threads. A search compares the probe with all of
//! them on the caller's rayon pool, keeps the best of each part and merges them by (score descending, subject ascending):
//! the same list at any number of threads.
//!
//! Searches take `&self` and may run at the same time; changes take `&mut self`. To search while another thread enrolls,
//! keep the index behind a `Mutex` and search in clones, which share its references: a lock that is held across a search would also be held across
//! whatever else the rayon pool does meanwhile.
//!
//! ```
//! use selfsame::index::{Index, Search};
//! use selfsame::{Cosine, Embedding, Face, SubjectId};
//!
//! let face = |seed: f32| Embedding::from_slice(&(0..128).map(|i| (i as f32 * seed).sin()).collect::<Vec<_>>());
//! let mut index = Index::<Face>::builder().build()?;
//! index.insert(SubjectId::new("ada")?, &face(0.7)?)?;
//! index.insert(SubjectId::new("grace")?, &face(1.3)?)?;
//!
//! let probe = index.prepare(&face(0.7)?)?;
//! let found = index.identify(&probe, &Search::top(5).at_least(Cosine::new(0.5)?))?;
//! assert_eq!(found.len(), 1);
//! assert_eq!(found[0].subject.as_str(), "ada");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cascade;
mod dedup;
mod error;
mod exhaustive;
mod params;
mod rows;
mod search;
mod shard;
mod top_k;

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

pub use dedup::{CheckpointError, Dedup, DedupCheckpoint, DedupOptions, DedupProgress, Duplicate};
pub use error::{BuildError, IndexError};
pub use search::{Mode, Search};

use crate::modality::{Block, Modality};
use crate::subject::SubjectId;
use params::{DEFAULT_SHARD_ROWS, MAX_SHARD_ROWS};
use rows::{Link, NOWHERE, RowNumber, Slot, Subjects};
use shard::Shard;

/// A subject that a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<S> {
    /// Who.
    pub subject: SubjectId,
    /// The best score of the subject's references.
    pub score: S,
}

/// What a search found, best first.
pub type Candidates<M> = Vec<Candidate<<M as Modality>::Score>>;

/// Scores and subjects, best first.
type Ranked<M> = Vec<(<M as Modality>::Score, Slot)>;

/// A gallery in memory, ready to be searched.
///
/// A clone is a snapshot: cheap, because it shares the references, and never changed by what happens to the other. Changes copy the shards
/// and tables that they touch, while somebody else holds them.
///
/// A subject may have several references (several fingers' impressions, several pictures); it is reported once, with its
/// best score. All references must fit together: embeddings of one dimension.
///
/// `Debug` shows counts only.
#[derive(Clone)]
pub struct Index<M: Modality> {
    modality: M,
    shard_rows: usize,
    shards: Vec<Arc<Shard<M>>>,
    /// Shards with room, filled from the lowest on.
    open: BTreeSet<usize>,
    subjects: Subjects,
    references: usize,
}

/// Settings of an [`Index`].
#[derive(Clone, Debug)]
pub struct IndexBuilder<M> {
    modality: M,
    shard_rows: usize,
}

impl<M: Modality> IndexBuilder<M> {
    /// Compares with these settings.
    #[must_use]
    pub fn modality(mut self, modality: M) -> Self {
        self.modality = modality;
        self
    }

    /// References per shard, 1024 unless set. It changes speed, never what is found: shards are what a cascade's first
    /// pass hands out to threads.
    #[must_use]
    pub fn shard_rows(mut self, rows: usize) -> Self {
        self.shard_rows = rows;
        self
    }

    /// An empty index.
    ///
    /// # Errors
    /// [`BuildError`] when a setting is out of range.
    pub fn build(self) -> Result<Index<M>, BuildError> {
        if !(1..=MAX_SHARD_ROWS).contains(&self.shard_rows) {
            return Err(BuildError::ShardRows { rows: self.shard_rows });
        }
        Ok(self.empty())
    }

    fn empty(self) -> Index<M> {
        Index {
            modality: self.modality,
            shard_rows: self.shard_rows,
            shards: Vec::new(),
            open: BTreeSet::new(),
            subjects: Subjects::default(),
            references: 0,
        }
    }
}

/// An empty index with the default settings.
impl<M: Modality + Default> Default for Index<M> {
    fn default() -> Self {
        Self::builder().empty()
    }
}

impl<M: Modality + Default> Index<M> {
    /// Settings, to begin with the defaults.
    #[must_use]
    pub fn builder() -> IndexBuilder<M> {
        IndexBuilder { modality: M::default(), shard_rows: DEFAULT_SHARD_ROWS }
    }
}

impl<M: Modality> Index<M> {
    /// Adds a reference of a subject, who may have others already, with label 0.
    ///
    /// # Errors
    /// [`IndexError::Modality`] when the template does not fit the settings or the references that are there,
    /// [`IndexError::Full`] beyond four thousand million references. Nothing is changed then.
    pub fn insert(&mut self, subject: SubjectId, template: &M::Template) -> Result<(), IndexError<M::Error>> {
        self.insert_labeled(subject, template, 0)
    }

    /// Adds a reference with a label of the caller's: whatever a search shall be able to ask for before it compares, for
    /// example a finger position ([`crate::FingerPosition::label`]), a site or a camera. See [`Search::filter_label`].
    ///
    /// # Errors
    /// See [`Index::insert`].
    pub fn insert_labeled(
        &mut self,
        subject: SubjectId,
        template: &M::Template,
        label: u64,
    ) -> Result<(), IndexError<M::Error>> {
        let reference = self.modality.reference(template)?;
        self.insert_reference(subject, reference, label)
    }

    /// Adds a reference that was prepared with this index's settings.
    pub(crate) fn insert_reference(
        &mut self,
        subject: SubjectId,
        reference: M::Reference,
        label: u64,
    ) -> Result<(), IndexError<M::Error>> {
        if let Some(held) = self.shards.iter().find(|s| !s.is_empty()) {
            self.modality.check_block(&held.block, &reference)?;
        }
        let number = self.open.first().copied().unwrap_or(self.shards.len());
        let full = IndexError::Full { references: self.references };
        let end = number.checked_add(1).and_then(|n| n.checked_mul(self.shard_rows));
        if end.is_none_or(|end| end >= NOWHERE as usize) {
            return Err(full);
        }
        if number == self.shards.len() {
            self.shards.push(Arc::new(Shard::new(&self.modality)));
            self.open.insert(number);
        }
        let Some(shard) = self.shards.get_mut(number).map(Arc::make_mut) else { return Err(full) };
        self.modality.check_block(&shard.block, &reference)?;
        let row = (number * self.shard_rows + shard.len()) as RowNumber;
        let slot = self.subjects.slot_or_new(subject);
        let head = self.subjects.head(slot);
        shard.block.push(reference);
        shard.links.push(Link { subject: slot, next: head, previous: NOWHERE });
        shard.labels.push(label);
        if shard.len() >= self.shard_rows {
            self.open.remove(&number);
        }
        if let Some(link) = self.link_mut(head) {
            link.previous = row;
        }
        self.subjects.set_head(slot, row);
        self.references += 1;
        Ok(())
    }

    /// Removes a subject with all references; tells how many there were.
    pub fn remove(&mut self, subject: &SubjectId) -> usize {
        let Some(slot) = self.subjects.slot(subject) else { return 0 };
        let before = self.references;
        loop {
            let row = self.subjects.head(slot);
            if row == NOWHERE {
                break;
            }
            self.remove_row(row);
        }
        self.subjects.remove(subject);
        before - self.references
    }

    /// Unlinks and removes one row; the last row of its shard takes its number.
    fn remove_row(&mut self, row: RowNumber) {
        let Some(link) = self.link_mut(row).copied() else { return };
        self.relink(link, link.next, link.previous);
        let number = row as usize / self.shard_rows;
        let Some(shard) = self.shards.get_mut(number).map(Arc::make_mut) else { return };
        shard.block.swap_remove(row as usize % self.shard_rows);
        shard.links.swap_remove(row as usize % self.shard_rows);
        shard.labels.swap_remove(row as usize % self.shard_rows);
        if shard.is_empty() {
            // Gives the memory back.
            *shard = Shard::new(&self.modality);
        }
        self.open.insert(number);
        self.references -= 1;
        if let Some(moved) = self.link_mut(row).copied() {
            self.relink(moved, row, row);
        }
    }

    /// Makes the neighbors of `link` (or the head of its subject) point to `next` and `previous` in its place.
    fn relink(&mut self, link: Link, next: RowNumber, previous: RowNumber) {
        match self.link_mut(link.previous) {
            Some(before) => before.next = next,
            None => self.subjects.set_head(link.subject, next),
        }
        if let Some(after) = self.link_mut(link.next) {
            after.previous = previous;
        }
    }

    fn link_mut(&mut self, row: RowNumber) -> Option<&mut Link> {
        if row == NOWHERE {
            return None;
        }
        Arc::make_mut(self.shards.get_mut(row as usize / self.shard_rows)?)
            .links
            .get_mut(row as usize % self.shard_rows)
    }

    fn link(&self, row: RowNumber) -> Option<&Link> {
        if row == NOWHERE {
            return None;
        }
        self.shards.get(row as usize / self.shard_rows)?.links.get(row as usize % self.shard_rows)
    }

    /// Whose a row is.
    fn subject_of(&self, row: RowNumber) -> Option<&SubjectId> {
        self.link(row).and_then(|link| self.subjects.name(link.subject))
    }

    /// Whether the search wants the label of this row.
    fn wants_row(&self, row: RowNumber, search: &Search<'_, M::Score>) -> bool {
        let (shard, row) = (row as usize / self.shard_rows, row as usize % self.shard_rows);
        self.shards.get(shard).and_then(|s| s.labels.get(row)).is_some_and(|&label| search.wants_label(label))
    }

    /// Rows of a subject.
    fn rows_of(&self, subject: &SubjectId) -> impl Iterator<Item = RowNumber> {
        let head = self.subjects.slot(subject).map_or(NOWHERE, |slot| self.subjects.head(slot));
        let step = |row: RowNumber| (row != NOWHERE).then_some(row);
        std::iter::successors(step(head), move |&row| self.link(row).and_then(|l| step(l.next)))
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

    /// The subjects most like the probe, best first; of equal scores the smaller id first.
    ///
    /// Runs on the rayon pool of the caller and waits for it. An empty index has no candidates for any probe.
    ///
    /// # Errors
    /// [`IndexError`] when the probe cannot be compared with what is enrolled, no candidate is asked for, or the search
    /// was canceled.
    pub fn identify(
        &self,
        probe: &M::Probe,
        search: &Search<'_, M::Score>,
    ) -> Result<Candidates<M>, IndexError<M::Error>> {
        let mut found = self.identify_each(&[probe], search)?;
        Ok(found.pop().unwrap_or_default())
    }

    /// [`Index::identify`] for each of many probes, in their order. Where the modality can, references are read once for
    /// several probes, which for faces is several times faster than single searches.
    ///
    /// # Errors
    /// See [`Index::identify`]; one bad probe fails the batch.
    pub fn identify_batch(
        &self,
        probes: &[M::Probe],
        search: &Search<'_, M::Score>,
    ) -> Result<Vec<Candidates<M>>, IndexError<M::Error>> {
        self.identify_each(&probes.iter().collect::<Vec<_>>(), search)
    }

    fn identify_each(
        &self,
        probes: &[&M::Probe],
        search: &Search<'_, M::Score>,
    ) -> Result<Vec<Candidates<M>>, IndexError<M::Error>> {
        if search.top == 0 {
            return Err(IndexError::NoCandidates);
        }
        if search.is_canceled() {
            return Err(IndexError::Canceled);
        }
        let found = match search.mode {
            Mode::Exhaustive => self.scan(probes, &self.searched_spans(probes.len(), search), search)?,
            Mode::Cascade { shortlist } => probes
                .iter()
                .map(|probe| self.cascade(probe, shortlist.max(search.top), search))
                .collect::<Result<_, _>>()?,
        };
        Ok(found.into_iter().map(|list| self.named(list)).collect())
    }

    fn named(&self, list: Ranked<M>) -> Candidates<M> {
        list.into_iter()
            .filter_map(|(score, slot)| Some(Candidate { subject: self.subjects.name(slot)?.clone(), score }))
            .collect()
    }

    /// Ranks two results: the higher score first, then the smaller id.
    fn rank(&self, a: &(M::Score, Slot), b: &(M::Score, Slot)) -> Ordering {
        b.0.cmp(&a.0).then_with(|| self.subjects.name(a.1).cmp(&self.subjects.name(b.1)))
    }
}

impl<M: Modality> fmt::Debug for Index<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index")
            .field("modality", &self.modality)
            .field("subjects", &self.len())
            .field("references", &self.references)
            .field("shards", &self.shards.len())
            .finish_non_exhaustive()
    }
}
