//! 1:N search for faces: the form of storage and the kind of search are the caller's choice.
//!
//! A [`FaceIndex`] belongs to one [`FaceModel`]. It keeps each embedding as *rows*, from which all scores are computed, and if
//! asked to in narrower forms too, which a search reads first. [`FaceMode::Exact`] finds what comparing the probe with all
//! rows finds, to the bit; bytes beside the rows make it four times faster, for they bound every score.
//! [`FaceMode::Rescored`] ranks all rows by a narrow form, bits for example, and compares the best of them exactly; who falls
//! out of that shortlist is lost.
//!
//! | rows | scan | bytes per embedding at 512 dimensions | `Exact` |
//! |---|---|---|---|
//! | `F32` | - | 2048 | identical to comparing the embeddings; reads 2048 bytes each |
//! | `F32` | `I8` | 2568 | the same result; reads 520 bytes |
//! | `F32` | `I8`, `Bit` | 2632 | the same result; `Rescored` reads 64 bytes |
//! | `F16` | `I8`, `Bit` | 1608 | identical to comparing the embeddings rounded to half precision |
//! | `I8` | - | 520 | identical to comparing the embeddings rounded to bytes |
//! | `Bit` | - | 64 | identical to comparing the probe with signs: a rough guess |
//!
//! The probe is never rounded. To that come at most 3 % for the tables of rows, the subjects' names, and a reserve in the
//! last segment.
//!
//! All methods take `&self`. A search sees the gallery as it was when the search began: changes by other threads neither
//! wait for it nor show in it.
//!
//! ```
//! use selfsame::face::index::{FaceIndex, FaceModel, FaceSearch, Form};
//! use selfsame::{Cosine, SubjectId};
//!
//! let face = |seed: f32| (0..128).map(|i| (i as f32 * seed).sin()).collect::<Vec<f32>>();
//! let model = FaceModel::new("example", "1", 128)?;
//! let index = FaceIndex::builder(model).rows(Form::F32).scan(Form::I8).build()?;
//! index.insert(&SubjectId::new("ada")?, &face(0.7))?;
//! index.insert(&SubjectId::new("grace")?, &face(1.3))?;
//!
//! let search = FaceSearch::top(5).at_least(Cosine::new(0.5)?);
//! let found = index.search(&face(0.7), &search)?;
//! assert_eq!((found.len(), found[0].subject.as_str()), (1, "ada"));
//! // Nobody is an answer.
//! assert!(index.search(&face(2.9), &search)?.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bar;
mod blocks;
mod bulk;
mod error;
mod exact;
mod export;
mod form;
mod model;
mod params;
mod query;
mod scan;
mod search;
mod segment;
mod shortlist;
mod snapshot;
mod state;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use error::FaceIndexError;
pub use form::Form;
pub use model::{FaceInput, FaceModel, ModelEmbedding};
pub use search::{FaceFusion, FaceMode, FaceSearch};
pub use snapshot::FaceSnapshot;

use crate::face::compare::Cosine;
use crate::face::embedding::Embedding;
use crate::index::Candidate;
use crate::subject::SubjectId;
use segment::Layout;
use state::Gallery;

/// A gallery of face embeddings in memory, to be searched while it changes.
///
/// A subject may have several embeddings and is reported once, with the best or the mean of their scores. `Debug` shows
/// counts only.
pub struct FaceIndex {
    model: FaceModel,
    layout: Layout,
    gallery: Mutex<Gallery>,
    /// Threads that wait for a snapshot: changes let them go first, for the lock alone is not fair.
    waiting: AtomicUsize,
}

/// Settings of a [`FaceIndex`].
#[derive(Clone, Debug)]
pub struct FaceIndexBuilder {
    model: FaceModel,
    rows: Form,
    scans: Vec<Form>,
}

impl FaceIndexBuilder {
    /// Keeps embeddings in this form, [`Form::F32`] unless set: what scores are computed from.
    #[must_use]
    pub fn rows(mut self, form: Form) -> Self {
        self.rows = form;
        self
    }

    /// Keeps them in a narrower form too, [`Form::I8`] or [`Form::Bit`], for searches to read first. May be called for both.
    #[must_use]
    pub fn scan(mut self, form: Form) -> Self {
        self.scans.push(form);
        self
    }

    /// An empty index.
    ///
    /// # Errors
    /// [`FaceIndexError::Useless`] when a scan is not narrower than the rows or is one of floats.
    pub fn build(self) -> Result<FaceIndex, FaceIndexError> {
        let rows = self.rows;
        if let Some(&scan) = self.scans.iter().find(|scan| **scan >= rows || **scan > Form::I8) {
            return Err(FaceIndexError::Useless { rows, scan });
        }
        let held = |form| rows == form || self.scans.contains(&form);
        let layout = Layout { dimension: self.model.dimension(), rows, bytes: held(Form::I8), bits: held(Form::Bit) };
        let gallery = Mutex::new(Gallery::new(self.model.clone(), layout));
        Ok(FaceIndex { model: self.model, layout, gallery, waiting: AtomicUsize::new(0) })
    }
}

/// Memory of an index, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaceMemory {
    /// What the embeddings take in the forms asked for.
    pub stored: usize,
    /// What else the rows take: whose they are, labels, room for more.
    pub overhead: usize,
    /// Names and the tables that lead from and to them, estimated.
    pub names: usize,
}

impl FaceIndex {
    /// Settings of an index for the embeddings of a model, to begin with: rows of floats and nothing else.
    #[must_use]
    pub fn builder(model: FaceModel) -> FaceIndexBuilder {
        FaceIndexBuilder { model, rows: Form::F32, scans: Vec::new() }
    }

    fn gallery(&self) -> MutexGuard<'_, Gallery> {
        // Nothing panics while it holds the lock; and what a panic would leave is checked wherever it is read.
        self.gallery.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The gallery, to be changed.
    fn writing(&self) -> MutexGuard<'_, Gallery> {
        for _ in 0..params::YIELDS {
            if self.waiting.load(Ordering::Relaxed) == 0 {
                break;
            }
            std::thread::yield_now();
        }
        self.gallery()
    }

    /// What made the embeddings.
    #[must_use]
    pub fn model(&self) -> &FaceModel {
        &self.model
    }

    /// Enrolls a new subject with one embedding.
    ///
    /// # Errors
    /// [`FaceIndexError::Duplicate`] when the subject is enrolled already, and whatever is wrong with the embedding.
    pub fn insert<'a>(&self, subject: &SubjectId, input: impl Into<FaceInput<'a>>) -> Result<(), FaceIndexError> {
        let input = input.into();
        let embedding = self.model.read(&input)?;
        let mut gallery = self.writing();
        if gallery.slot(subject).is_some() {
            return Err(FaceIndexError::Duplicate);
        }
        gallery.check_room(1)?;
        gallery.push(subject, &embedding, 0);
        Ok(())
    }

    /// Adds an embedding to a subject, who may be new.
    ///
    /// # Errors
    /// Whatever is wrong with the embedding; [`FaceIndexError::Full`].
    pub fn add<'a>(&self, subject: &SubjectId, input: impl Into<FaceInput<'a>>) -> Result<(), FaceIndexError> {
        self.add_labeled(subject, input, 0)
    }

    /// Adds an embedding with a label of the caller's: whatever a search shall be able to ask for before it compares, for
    /// example a site or a camera. See [`FaceSearch::filter_label`].
    ///
    /// # Errors
    /// As [`FaceIndex::add`].
    pub fn add_labeled<'a>(
        &self,
        subject: &SubjectId,
        input: impl Into<FaceInput<'a>>,
        label: u64,
    ) -> Result<(), FaceIndexError> {
        let input = input.into();
        let embedding = self.model.read(&input)?;
        let mut gallery = self.writing();
        gallery.check_room(1)?;
        gallery.push(subject, &embedding, label);
        Ok(())
    }

    /// Replaces all embeddings of a subject; no search sees the subject without. Labels become 0.
    ///
    /// # Errors
    /// [`FaceIndexError::Unknown`] when nobody of this name is enrolled, [`FaceIndexError::NoEmbedding`] when there is none to
    /// replace them with, and whatever is wrong with the embeddings. Nothing is changed then.
    pub fn update<'a, I: Into<FaceInput<'a>>>(
        &self,
        subject: &SubjectId,
        inputs: impl IntoIterator<Item = I>,
    ) -> Result<(), FaceIndexError> {
        let inputs: Vec<FaceInput<'a>> = inputs.into_iter().map(Into::into).collect();
        let embeddings = inputs.iter().map(|input| self.model.read(input)).collect::<Result<Vec<_>, _>>()?;
        if embeddings.is_empty() {
            return Err(FaceIndexError::NoEmbedding);
        }
        let mut gallery = self.writing();
        if gallery.slot(subject).is_none() {
            return Err(FaceIndexError::Unknown);
        }
        gallery.check_room(embeddings.len())?;
        gallery.remove(subject);
        embeddings.iter().for_each(|embedding| gallery.push(subject, embedding, 0));
        Ok(())
    }

    /// Removes a subject with all embeddings; tells how many there were.
    pub fn remove(&self, subject: &SubjectId) -> usize {
        self.writing().remove(subject)
    }

    /// Whether the subject is enrolled.
    #[must_use]
    pub fn contains(&self, subject: &SubjectId) -> bool {
        self.gallery().slot(subject).is_some()
    }

    /// Compares a probe with one enrolled subject: the best score of the subject's embeddings, as they are stored.
    ///
    /// # Errors
    /// [`FaceIndexError::Unknown`] when nobody of this name is enrolled, and whatever is wrong with the probe.
    pub fn verify<'a>(&self, subject: &SubjectId, probe: impl Into<FaceInput<'a>>) -> Result<Cosine, FaceIndexError> {
        let input = probe.into();
        let probe = self.model.read(&input)?;
        let (state, slot) = {
            let gallery = self.gallery();
            (Arc::clone(gallery.state()), gallery.slot(subject).ok_or(FaceIndexError::Unknown)?)
        };
        let scores = state.rows_of(slot).iter().filter_map(|&row| exact::row_score(&state, &probe, row));
        scores.max().ok_or(FaceIndexError::Unknown)
    }

    /// Number of subjects.
    #[must_use]
    pub fn len(&self) -> usize {
        self.gallery().state().subjects
    }

    /// Whether there are no subjects.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of embeddings of all subjects.
    #[must_use]
    pub fn embeddings(&self) -> usize {
        self.gallery().state().rows
    }

    /// The gallery as it is now. Takes no time and no memory, but changes made while it is held copy what they touch, some
    /// 50 to 100 microseconds each.
    #[must_use]
    pub fn snapshot(&self) -> FaceSnapshot {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let state = Arc::clone(self.gallery().state());
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        FaceSnapshot { state }
    }

    /// Searches in the gallery as it is now: see [`FaceSnapshot::search`].
    ///
    /// # Errors
    /// As [`FaceSnapshot::search`].
    pub fn search<'a>(
        &self,
        probe: impl Into<FaceInput<'a>>,
        search: &FaceSearch<'_>,
    ) -> Result<Vec<Candidate<Cosine>>, FaceIndexError> {
        self.snapshot().search(probe, search)
    }

    /// Searches for many probes in the gallery as it is now: see [`FaceSnapshot::search_batch`].
    ///
    /// # Errors
    /// As [`FaceSnapshot::search_batch`].
    pub fn search_batch<'a, I>(
        &self,
        probes: impl IntoIterator<Item = I>,
        search: &FaceSearch<'_>,
    ) -> Result<Vec<Vec<Candidate<Cosine>>>, FaceIndexError>
    where
        I: Into<FaceInput<'a>>,
    {
        self.snapshot().search_batch(probes, search)
    }

    /// Memory held.
    #[must_use]
    pub fn memory(&self) -> FaceMemory {
        let gallery = self.gallery();
        let state = gallery.state();
        let stored = state.rows * self.layout.bytes_per_row();
        let held: usize =
            state.segments.iter().map(|s| s.memory() + size_of::<Arc<()>>() + 2 * size_of::<usize>()).sum();
        FaceMemory { stored, overhead: held.saturating_sub(stored), names: gallery.name_bytes() }
    }

    /// Makes room for so many new subjects with one embedding each.
    fn make_room(&self, more: usize) -> Result<(), FaceIndexError> {
        let mut gallery = self.writing();
        gallery.check_room(more)?;
        gallery.reserve(more);
        Ok(())
    }

    /// Enrolls new subjects up to the first that is enrolled already, and empties the list; tells how many.
    fn push_new(&self, rows: &mut Vec<(&SubjectId, Embedding)>) -> usize {
        let mut gallery = self.writing();
        let new = |(subject, embedding): &(&SubjectId, Embedding)| gallery.push_new(subject, embedding);
        let count = rows.iter().map(new).take_while(|new| *new).count();
        rows.clear();
        count
    }
}

impl Clone for FaceIndex {
    /// A copy that changes on its own. Takes the time and memory of a copy of everything, bit by bit, as the two change.
    fn clone(&self) -> Self {
        Self {
            model: self.model.clone(),
            layout: self.layout,
            gallery: Mutex::new(self.gallery().clone()),
            waiting: AtomicUsize::new(0),
        }
    }
}

impl fmt::Debug for FaceIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceIndex")
            .field("model", &self.model)
            .field("rows", &self.layout.rows)
            .field("subjects", &self.len())
            .field("embeddings", &self.embeddings())
            .finish_non_exhaustive()
    }
}
