//! 1:N identification over rayon, for any modality.
//!
//! References are stored in segments of fixed size, whatever the number of threads. A search compares the probe with all of
//! them on the caller's rayon pool, keeps the best of each thread and merges them by (score descending, subject ascending):
//! the same list at any number of threads.
//!
//! Searches take `&self` and may run at the same time; changes take `&mut self`. To search while another thread enrolls,
//! keep the index behind a `Mutex` and search in [snapshots](Index::snapshot), which share its references: a lock that is held
//! across a search would also be held across whatever else the rayon pool does meanwhile.
//!
//! ```
//! use selfsame::index::{Index, Search};
//! use selfsame::{Cosine, Embedding, Face, SubjectId};
//!
//! let face = |seed: f32| Embedding::from_slice(&(0..128).map(|i| (i as f32 * seed).sin()).collect::<Vec<_>>());
//! let mut index = Index::<Face>::default();
//! index.insert(SubjectId::new("ada")?, &face(0.7)?)?;
//! index.insert(SubjectId::new("grace")?, &face(1.3)?)?;
//!
//! let probe = index.prepare(&face(0.7)?)?;
//! let found = index.identify(&probe, &Search::top(5).at_least(Cosine::new(0.5)?))?;
//! assert_eq!(found.len(), 1);
//! assert_eq!(found[0].subject.as_str(), "ada");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bar;
mod change;
mod dedup;
mod error;
mod exact;
mod export;
mod params;
mod search;
mod shard;
mod shortlist;
mod subjects;
mod top_k;
mod walk;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

pub use change::Labeled;
pub use dedup::{CheckpointError, Dedup, DedupCheckpoint, DedupOptions, DedupProgress, Duplicate};
pub use error::IndexError;
pub use search::{Fusion, Mode, Search};

use crate::modality::Modality;
use crate::subject::SubjectId;
use exact::{Found, Ranked};
use params::ROWS_PER_PASS;
use rayon::prelude::*;
use shard::Shard;
use subjects::{RowNumber, Slot, Subjects};

/// A subject that a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate<S> {
    /// Who.
    pub subject: SubjectId,
    /// The best score of the subject's references, or their mean: see [`Search::fusion`].
    pub score: S,
    /// Which of the subject's samples scores best, counted from 0 in the order in which they came.
    pub sample: usize,
    /// The label of that sample.
    pub label: u64,
}

/// What a search found, best first.
pub type Candidates<M> = Vec<Candidate<<M as Modality>::Score>>;

/// A gallery in memory, ready to be searched.
///
/// A clone is a [snapshot](Index::snapshot). A subject may have several references (several fingers' impressions, several
/// pictures); it is reported once. All references must fit together: embeddings of one model.
///
/// `Debug` shows counts only.
#[derive(Clone)]
pub struct Index<M: Modality> {
    modality: M,
    shards: Vec<Arc<Shard<M>>>,
    /// Shards with room, filled from the lowest on.
    open: BTreeSet<usize>,
    subjects: Subjects,
    references: usize,
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
    fn slot_of(&self, row: RowNumber) -> Option<Slot> {
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

    /// Compares a probe with one enrolled subject: the best score of the subject's references.
    ///
    /// ```
    /// use selfsame::index::{Index, IndexError};
    /// use selfsame::synth::TemplateGenerator;
    /// use selfsame::{Finger, SubjectId};
    /// let people = TemplateGenerator::new(1);
    /// let mut index = Index::<Finger>::default();
    /// index.insert(SubjectId::new("ada")?, &people.reference(1))?;
    /// let probe = index.prepare(&people.probe(1, 0))?;
    /// assert!(index.verify(&SubjectId::new("ada")?, &probe)?.decibels() > 40.0);
    /// assert_eq!(index.verify(&SubjectId::new("eve")?, &probe), Err(IndexError::Unknown));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`IndexError::Unknown`] when nobody of this name is enrolled, [`IndexError::Modality`] when the probe cannot be compared with
    /// what is.
    pub fn verify(&self, subject: &SubjectId, probe: &M::Probe) -> Result<M::Score, IndexError<M::Error>> {
        let slot = self.subjects.slot(subject).ok_or(IndexError::Unknown)?;
        let mut scratch = M::Scratch::default();
        let mut best = None;
        for (shard, row) in self.subjects.rows(slot).iter().filter_map(|&row| self.place(row)) {
            best = best.max(Some(self.modality.compare_row(probe, &shard.segment, row, &mut scratch)?));
        }
        best.ok_or(IndexError::Unknown)
    }

    /// The subjects most like the probe, best first; of equal scores the smaller id first. Nobody, when nobody reaches the
    /// search's threshold or nobody is enrolled; all of them, when more are asked for than there are.
    ///
    /// Runs on the rayon pool of the caller and waits for it.
    ///
    /// # Errors
    /// [`IndexError`] when the probe cannot be compared with what is enrolled, no candidate is asked for, there is nothing to make
    /// a shortlist from, or the search was canceled.
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
        let shortlist = match search.mode {
            Mode::Exact => None,
            Mode::Shortlist { .. } if self.modality.stages() == 0 => return Err(IndexError::NoShortlist),
            Mode::Shortlist { rows } => Some(rows.max(search.top)).filter(|&rows| rows < self.references),
        };
        let wanted = self.wanted(search);
        let search = &search.among(wanted.count(self.references));
        let kept = shortlist.unwrap_or_else(|| search.top.saturating_mul(4)).min(self.references);
        let together = (ROWS_PER_PASS / kept.max(1)).clamp(1, M::PROBES_PER_PASS.max(1));
        let mut found = Vec::with_capacity(probes.len());
        for pass in probes.chunks(together) {
            let lists = match shortlist {
                None => self.exact(pass, &wanted, search)?,
                Some(rows) => self.of_shortlist(pass, rows, &wanted, search)?,
            };
            found.extend(lists.into_iter().map(|list| self.named(list)));
        }
        Ok(found)
    }

    fn named(&self, list: Ranked<M>) -> Candidates<M> {
        let named = |Found { score, slot, row }| {
            let (shard, place) = self.place(row)?;
            let subject = self.subjects.name(slot)?.clone();
            Some(Candidate { subject, score, sample: self.sample_of(slot, row), label: shard.label(place) })
        };
        list.into_iter().filter_map(named).collect()
    }
}

/// What becomes of each probe and what goes with it, in their order; of several, on the pool.
fn each_probe<P: Sync, T: Send, U: Send>(
    probes: &[P],
    with: Vec<T>,
    each: impl Fn((&P, T)) -> U + Send + Sync,
) -> Vec<U> {
    match probes {
        [_] => probes.iter().zip(with).map(each).collect(),
        _ => probes.par_iter().zip(with).map(each).collect(),
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
