//! What an index needs to know of a biometric modality, and nothing more.

use std::fmt::Debug;
use std::hash::Hasher;
use std::ops::Range;

/// A kind of biometric characteristic with its comparison: fingerprints ([`crate::Finger`]) or faces ([`crate::Face`]).
///
/// Comparison is symmetric and deterministic: the same two templates give the same score in either order, at any number
/// of threads. A probe is prepared once and compared with many references; the types make it impossible to prepare it
/// again for each candidate.
pub trait Modality: Clone + Debug + Send + Sync + 'static {
    /// What is enrolled and what is searched for.
    type Template: Send + Sync;
    /// A template made ready to be compared with many references.
    type Probe: Send + Sync;
    /// A template in the compact form that a gallery holds, ready to be compared.
    type Reference: Send + Sync;
    /// A comparison score; larger is more alike; totally ordered.
    type Score: Copy + Ord + Debug + Send + Sync + 'static;
    /// Many references stored for a scan (structure of arrays).
    type Block: Block<Self::Reference>;
    /// Buffers reused between comparisons of one thread.
    type Scratch: Default + Send;
    /// Why a template cannot be compared (dimension mismatch, for example).
    type Error: std::error::Error + Send + Sync + 'static;

    /// Comparisons that are worth handing to another thread, some 10 to 100 microseconds of work. It decides how a search
    /// is cut into tasks, never what it finds.
    const COMPARISONS_PER_TASK: usize = 32;

    /// Prepares a probe.
    ///
    /// # Errors
    /// When the template does not fit this modality's settings.
    fn prepare(&self, template: &Self::Template) -> Result<Self::Probe, Self::Error>;

    /// Prepares a reference.
    ///
    /// # Errors
    /// When the template does not fit this modality's settings.
    fn reference(&self, template: &Self::Template) -> Result<Self::Reference, Self::Error>;

    /// Compares a probe with one reference.
    ///
    /// # Errors
    /// When the two cannot be compared (face embeddings of different dimension).
    fn compare(
        &self,
        probe: &Self::Probe,
        reference: &Self::Reference,
        scratch: &mut Self::Scratch,
    ) -> Result<Self::Score, Self::Error>;

    /// An empty block.
    fn new_block(&self) -> Self::Block;

    /// Whether `reference` can stand in the same block as what `block` already holds.
    ///
    /// # Errors
    /// When it cannot (another dimension).
    fn check_block(&self, block: &Self::Block, reference: &Self::Reference) -> Result<(), Self::Error>;

    /// Compares a probe with the rows `rows` of a block in full and appends one score per row to `out`: the same scores
    /// as [`Modality::compare`].
    ///
    /// # Errors
    /// When probe and block cannot be compared.
    fn compare_rows(
        &self,
        probe: &Self::Probe,
        block: &Self::Block,
        rows: Range<usize>,
        scratch: &mut Self::Scratch,
        out: &mut Vec<Self::Score>,
    ) -> Result<(), Self::Error>;

    /// Compares several probes with the rows `rows` of a block and appends the scores to `out`, those of the first probe
    /// first: the same scores as [`Modality::compare_rows`] for each. A modality that can read a row once for all probes
    /// does so here.
    ///
    /// # Errors
    /// When a probe and the block cannot be compared.
    fn compare_rows_batch(
        &self,
        probes: &[&Self::Probe],
        block: &Self::Block,
        rows: Range<usize>,
        scratch: &mut Self::Scratch,
        out: &mut Vec<Self::Score>,
    ) -> Result<(), Self::Error> {
        probes.iter().try_for_each(|probe| self.compare_rows(probe, block, rows.clone(), scratch, out))
    }

    /// A cheap similarity of the probe with the rows `rows` of a block, appended to `out`; larger is more alike. It selects
    /// what a cascade looks at again. Returns `false` when the modality has no cheaper form than the full comparison.
    fn coarse_rows(
        &self,
        probe: &Self::Probe,
        block: &Self::Block,
        rows: Range<usize>,
        scratch: &mut Self::Scratch,
        out: &mut Vec<f32>,
    ) -> bool {
        let _ = (probe, block, rows, scratch, out);
        false
    }

    /// A similarity that costs more than the coarse one and tells more, and costs less than the full comparison; appended to
    /// `out` for the rows `rows` of a block. A cascade ranks the best rows of the coarse scan by it before it compares in
    /// full. Returns `false` when the modality has none.
    fn finer_rows(
        &self,
        probe: &Self::Probe,
        block: &Self::Block,
        rows: Range<usize>,
        scratch: &mut Self::Scratch,
        out: &mut Vec<f32>,
    ) -> bool {
        let _ = (probe, block, rows, scratch, out);
        false
    }
}

/// A modality whose stored references can be searched for in turn: what a search for duplicates inside a gallery needs.
pub trait SelfSearch: Modality {
    /// A probe made from row `row` of a block, with the scores that a probe prepared from the enrolled template has;
    /// `None` when there is no such row.
    fn probe_of_row(&self, block: &Self::Block, row: usize) -> Option<Self::Probe>;

    /// Feeds to `hasher` everything of row `row` and of the settings that a score depends on, as bytes that are the same
    /// on every platform. It tells whether a gallery is still what it was; nothing of the row can be had back.
    fn digest_row(&self, block: &Self::Block, row: usize, hasher: &mut dyn Hasher);

    /// Feeds a score to `hasher`; scores that differ feed different bytes.
    fn digest_score(&self, score: Self::Score, hasher: &mut dyn Hasher);
}

/// Storage of many references in rows `0..len`.
pub trait Block<R>: Send + Sync + Clone {
    /// Appends a reference as the last row.
    fn push(&mut self, reference: R);
    /// Removes row `row`; the last row takes its place.
    fn swap_remove(&mut self, row: usize);
    /// Number of rows.
    fn len(&self) -> usize;
    /// Whether there are no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Memory held, bytes.
    fn bytes(&self) -> usize;
}

/// One-to-one comparison in a modality.
///
/// ```
/// use selfsame::{Comparator, Embedding, Face};
/// let a = Embedding::from_slice(&[1.0; 64])?;
/// let comparator = Comparator::<Face>::default();
/// let probe = comparator.prepare(&a)?;
/// let reference = comparator.reference(&a)?;
/// assert!(comparator.compare(&probe, &reference)?.value() > 0.999);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Comparator<M: Modality> {
    modality: M,
}

impl<M: Modality> Comparator<M> {
    /// A comparator with the given settings.
    pub fn with(modality: M) -> Self {
        Self { modality }
    }

    /// The settings.
    pub fn modality(&self) -> &M {
        &self.modality
    }

    /// Prepares a probe, once for any number of comparisons.
    ///
    /// # Errors
    /// When the template does not fit the settings.
    pub fn prepare(&self, template: &M::Template) -> Result<M::Probe, M::Error> {
        self.modality.prepare(template)
    }

    /// Prepares a reference.
    ///
    /// # Errors
    /// When the template does not fit the settings.
    pub fn reference(&self, template: &M::Template) -> Result<M::Reference, M::Error> {
        self.modality.reference(template)
    }

    /// Compares a probe with a reference.
    ///
    /// # Errors
    /// When the two cannot be compared.
    pub fn compare(&self, probe: &M::Probe, reference: &M::Reference) -> Result<M::Score, M::Error> {
        self.modality.compare(probe, reference, &mut M::Scratch::default())
    }

    /// Compares with buffers that the caller keeps between comparisons.
    ///
    /// # Errors
    /// When the two cannot be compared.
    pub fn compare_with(
        &self,
        probe: &M::Probe,
        reference: &M::Reference,
        scratch: &mut M::Scratch,
    ) -> Result<M::Score, M::Error> {
        self.modality.compare(probe, reference, scratch)
    }

    /// Prepares both templates and compares them.
    ///
    /// # Errors
    /// When a template does not fit the settings or the two cannot be compared.
    pub fn compare_templates(&self, a: &M::Template, b: &M::Template) -> Result<M::Score, M::Error> {
        self.compare(&self.prepare(a)?, &self.reference(b)?)
    }
}

impl<M: Modality + Default> Comparator<M> {
    /// A comparator with default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}
