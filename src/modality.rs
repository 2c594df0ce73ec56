//! The traits through which an index uses a biometric modality.

use std::fmt::Debug;
use std::hash::Hasher;
use std::ops::Range;

/// A biometric characteristic and how it is compared: fingerprints ([`crate::Finger`]) or faces ([`crate::Face`]).
///
/// Comparison is symmetric and deterministic: the same two templates give the same score in either order, at any number
/// of threads. A probe is prepared once and compared with many references; the types make it impossible to prepare it
/// again for each candidate.
///
/// An index owns subjects, labels, filters, ranking and threads. A modality supplies the [`Segment`] that stores
/// references, the exact score of a row and, where it has them, cheaper ways to look at many rows: a [`Modality::scan`]
/// that offers bounds of scores, and [`Modality::rank`] for shortlists.
pub trait Modality: Clone + Debug + Send + Sync + 'static {
    /// The type that is enrolled and searched for.
    type Template: Send + Sync;
    /// A template made ready to be compared with many references.
    type Probe: Send + Sync;
    /// A template in the compact form that an index holds, ready to be compared.
    type Reference: Send + Sync;
    /// A comparison score; totally ordered; larger means more similar.
    type Score: Copy + Ord + Debug + Send + Sync + 'static;
    /// Many references stored for a scan.
    type Segment: Segment<Self::Reference>;
    /// Buffers that a thread reuses between comparisons.
    type Scratch: Default + Send;
    /// Why templates cannot be compared (dimension mismatch, for example).
    type Error: std::error::Error + Send + Sync + 'static;

    /// Rows of a segment. A change copies a segment that a snapshot shares, unless the segment itself shares its parts.
    const SEGMENT_ROWS: usize = 1024;

    /// Probes of a batch that are compared together with each part of a segment.
    const PROBES_PER_PASS: usize = 8;

    /// Rows that a thread takes at a time, for a stage of a shortlist or for a scan (`None`) and a number of probes:
    /// some 10 to 100 microseconds of work. It decides how a search is split into tasks, never what it finds.
    #[must_use]
    fn rows_per_task(stage: Option<usize>, probes: usize) -> usize {
        let _ = stage;
        (32 / probes.max(1)).max(1)
    }

    /// Prepares a probe.
    ///
    /// # Errors
    /// The modality's error, when the template does not fit its settings.
    fn prepare(&self, template: &Self::Template) -> Result<Self::Probe, Self::Error>;

    /// Prepares a reference.
    ///
    /// # Errors
    /// The modality's error, when the template does not fit its settings.
    fn reference(&self, template: &Self::Template) -> Result<Self::Reference, Self::Error>;

    /// Compares a probe with one reference.
    ///
    /// # Errors
    /// The modality's error, when the two cannot be compared (face embeddings of different dimension).
    fn compare(
        &self,
        probe: &Self::Probe,
        reference: &Self::Reference,
        scratch: &mut Self::Scratch,
    ) -> Result<Self::Score, Self::Error>;

    /// Creates an empty segment.
    fn new_segment(&self) -> Self::Segment;

    /// Checks whether `reference` can be stored in `segment`.
    ///
    /// # Errors
    /// The modality's error, when it cannot (another dimension).
    fn check_segment(&self, segment: &Self::Segment, reference: &Self::Reference) -> Result<(), Self::Error>;

    /// The score as a number that never falls as scores rise; bounds are compared with it.
    #[must_use]
    fn value(score: Self::Score) -> f32;

    /// The mean of one or more scores, given in ascending order.
    #[must_use]
    fn mean(scores: &[Self::Score]) -> Self::Score;

    /// Compares a probe with a row of a segment in full. The score is that of [`Modality::compare`] with the reference
    /// as the segment holds it.
    ///
    /// # Errors
    /// The modality's error, when probe and segment cannot be compared.
    fn compare_row(
        &self,
        probe: &Self::Probe,
        segment: &Self::Segment,
        row: usize,
        scratch: &mut Self::Scratch,
    ) -> Result<Self::Score, Self::Error>;

    /// Fetches a row from memory that will be compared soon, where that helps. It changes no result.
    fn prefetch_row(&self, segment: &Self::Segment, row: usize) {
        let _ = (segment, row);
    }

    /// Offers every row whose score may reach the bar, to each probe's offers: either with its score, that of
    /// [`Modality::compare_row`], or with two bounds between which [`Modality::value`] of that score lies. The default
    /// compares every row in full.
    ///
    /// # Errors
    /// The modality's error, when a probe and the segment cannot be compared.
    fn scan<O: Offers<Self::Score>>(
        &self,
        probes: &[&Self::Probe],
        segment: &Self::Segment,
        rows: Rows<'_>,
        scratch: &mut Self::Scratch,
        offers: &mut [O],
    ) -> Result<(), Self::Error> {
        for (probe, offers) in probes.iter().zip(offers) {
            for row in rows.iter() {
                offers.exact(row, self.compare_row(probe, segment, row, scratch)?);
            }
        }
        Ok(())
    }

    /// The number of stages of [`Modality::rank`] that these settings keep data for, from the cheapest to the most
    /// accurate. The default is none.
    #[must_use]
    fn stages(&self) -> usize {
        0
    }

    /// Ranks rows by a similarity that is cheaper than the full comparison; larger means more similar. A shortlist
    /// holds the best rows of the first stage, ranked again by the later stages. Rows below the bar need not be ranked.
    ///
    /// # Errors
    /// The modality's error, when a probe and the segment cannot be compared.
    fn rank<R: Ranks>(
        &self,
        stage: usize,
        probes: &[&Self::Probe],
        segment: &Self::Segment,
        rows: Rows<'_>,
        scratch: &mut Self::Scratch,
        ranks: &mut [R],
    ) -> Result<(), Self::Error> {
        let _ = (stage, probes, segment, rows, scratch, ranks);
        Ok(())
    }

    /// For modalities whose rows are vectors that can be averaged: the settings of segments for the centers of
    /// partitions, and of those for their rows. The first stage of [`Modality::rank`] must rank both. The default is `None`:
    /// indexes have no partitions.
    #[must_use]
    fn partitioned(&self) -> Option<[Self; 2]> {
        None
    }

    /// A row as a vector of unit length, except for rounding; the more similar, the larger the product of two. `None`
    /// when there is no such row or rows are not vectors.
    #[must_use]
    fn vector(&self, segment: &Self::Segment, row: usize) -> Option<Vec<f32>> {
        let _ = (segment, row);
        None
    }

    /// Appends a vector as a row.
    fn push_vector(&self, segment: &mut Self::Segment, vector: &[f32]) {
        let _ = (segment, vector);
    }

    /// A probe that is a vector; `None` where rows are not vectors, or for one that has no direction.
    #[must_use]
    fn probe_of_vector(&self, vector: &[f32]) -> Option<Self::Probe> {
        let _ = vector;
        None
    }
}

/// Receives the rows of a scan for one probe.
pub trait Offers<S> {
    /// The number that [`Modality::value`] of a score must reach to matter; it may rise with every offer.
    fn bar(&self) -> f32;
    /// Receives a row with its score.
    fn exact(&mut self, row: usize, score: S);
    /// Receives a row whose score's value is at least `low` and at most `high`.
    fn bounded(&mut self, row: usize, low: f32, high: f32);
}

/// Receives the ranks of rows for one probe.
pub trait Ranks {
    /// The number that a rank must reach to matter; it may rise with every row.
    fn bar(&self) -> f32;
    /// Receives a row with its rank.
    fn rank(&mut self, row: usize, rank: f32);
}

/// All ranks, in the order of the rows: for whoever compares a modality with something else.
impl Ranks for Vec<f32> {
    fn bar(&self) -> f32 {
        f32::NEG_INFINITY
    }

    fn rank(&mut self, _: usize, rank: f32) {
        self.push(rank);
    }
}

/// The rows of a segment to look at: a range, optionally restricted by a mask.
#[derive(Clone, Debug)]
pub struct Rows<'a> {
    range: Range<usize>,
    wanted: Option<&'a [u32]>,
}

impl<'a> Rows<'a> {
    /// The number of rows per word of a mask.
    pub const WORD: usize = 32;

    /// All rows of a range.
    #[must_use]
    pub fn all(range: Range<usize>) -> Self {
        Self { range, wanted: None }
    }

    /// The rows of a range whose bit is set: bit `row % 32` of word `row / 32`.
    #[must_use]
    pub fn wanted(range: Range<usize>, mask: &'a [u32]) -> Self {
        Self { range, wanted: Some(mask) }
    }

    /// The range that contains the rows.
    #[must_use]
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// The words that may contain rows.
    #[must_use]
    pub fn words(&self) -> Range<usize> {
        self.range.start / Self::WORD..self.range.end.div_ceil(Self::WORD)
    }

    /// The rows to look at among `32 * word..32 * word + 32`, one bit each.
    #[must_use]
    pub fn word(&self, word: usize) -> u32 {
        let below = |row: usize| {
            let bits = row.saturating_sub(word * Self::WORD).min(Self::WORD);
            if bits == Self::WORD { u32::MAX } else { (1 << bits) - 1 }
        };
        let held = below(self.range.end) & !below(self.range.start);
        held & self.wanted.map_or(u32::MAX, |mask| mask.get(word).copied().unwrap_or(0))
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words().all(|word| self.word(word) == 0)
    }

    /// The rows, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.words().flat_map(|word| set_bits(self.word(word)).map(move |bit| word * Self::WORD + bit))
    }
}

/// The numbers of the set bits, from the lowest.
pub(crate) fn set_bits(mut mask: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = mask.trailing_zeros() as usize;
        (mask != 0).then(|| {
            mask &= mask - 1;
            bit
        })
    })
}

/// A modality whose stored references can serve as probes, as a search for duplicates inside a gallery requires.
pub trait SelfSearch: Modality {
    /// Makes a probe from row `row` of a segment. Its scores are those of a probe prepared from the enrolled template.
    /// `None` when there is no such row.
    fn probe_of_row(&self, segment: &Self::Segment, row: usize) -> Option<Self::Probe>;

    /// Feeds to `hasher` everything in row `row` and in the settings that a score depends on, as bytes that are the
    /// same on every platform. The digest shows whether a gallery has changed; nothing in the row can be recovered from
    /// it.
    fn digest_row(&self, segment: &Self::Segment, row: usize, hasher: &mut dyn Hasher);

    /// Feeds a score to `hasher`; different scores feed different bytes.
    fn digest_score(&self, score: Self::Score, hasher: &mut dyn Hasher);
}

/// A modality whose stored references can be read as numbers.
pub trait InTheClear: Modality {
    /// The numbers of row `row` of a segment as they are stored; `None` when there is no such row.
    fn read_row(&self, segment: &Self::Segment, row: usize) -> Option<Vec<f32>>;
}

/// A modality whose references can be kept in a file and taken up again as they are, without being prepared again:
/// [`Index::save`](crate::index::Index::save).
pub trait Stored: Modality {
    /// Rows of a file are sealed together until they have this many bytes, and opened together: few where rows are fetched one by one.
    const GROUP_BYTES: usize = 4 << 20;

    /// The modality, the form of its rows, and the settings that decide what a row holds, as text that is shown when it is not that
    /// of a file; at most 2,000 bytes.
    fn describe(&self) -> String;

    /// Appends everything of a row, the same bytes on every platform.
    fn encode_row(&self, segment: &Self::Segment, row: usize, out: &mut Vec<u8>);

    /// Appends to a segment the row that these bytes hold. `None`, and the segment as before, for anything else than what
    /// [`Stored::encode_row`] gave.
    fn decode_row(&self, segment: &mut Self::Segment, bytes: &[u8]) -> Option<()>;

    /// Appends the sketch of a row, the same bytes on every platform; nothing where the modality is not [`Sketched`]. At most 65,535 bytes.
    fn encode_sketch(&self, segment: &Self::Segment, row: usize, out: &mut Vec<u8>) {
        let _ = (segment, row, out);
    }
}

/// A modality that ranks references by sketches, which are so small that they fit in memory where references do not.
pub trait Sketched: Stored {
    /// Sketches of many references; what is pushed is the sketch of a reference.
    type Sketches: Segment<Self::Reference>;

    /// Creates an empty list of sketches.
    fn new_sketches(&self) -> Self::Sketches;

    /// Appends the sketch that these bytes hold. `None`, and the list as before, for anything else than what
    /// [`Stored::encode_sketch`] gave.
    fn decode_sketch(&self, sketches: &mut Self::Sketches, bytes: &[u8]) -> Option<()>;

    /// Ranks rows by their sketches, as [`Modality::rank`] ranks them by references.
    fn rank_sketches<R: Ranks>(
        &self,
        probes: &[&Self::Probe],
        sketches: &Self::Sketches,
        rows: Rows<'_>,
        scratch: &mut Self::Scratch,
        ranks: &mut [R],
    );
}

/// Storage of many references in rows `0..len`. Clones that share their parts make snapshots of an index cheap.
pub trait Segment<R>: Send + Sync + Clone {
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
    /// Memory used, in bytes.
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
    /// Creates a comparator with the given settings.
    pub fn with(modality: M) -> Self {
        Self { modality }
    }

    /// The settings.
    pub fn modality(&self) -> &M {
        &self.modality
    }

    /// Prepares a probe that can be used for any number of comparisons.
    ///
    /// # Errors
    /// The modality's error, when the template does not fit the settings.
    pub fn prepare(&self, template: &M::Template) -> Result<M::Probe, M::Error> {
        self.modality.prepare(template)
    }

    /// Prepares a reference.
    ///
    /// # Errors
    /// The modality's error, when the template does not fit the settings.
    pub fn reference(&self, template: &M::Template) -> Result<M::Reference, M::Error> {
        self.modality.reference(template)
    }

    /// Compares a probe with a reference.
    ///
    /// # Errors
    /// The modality's error, when the two cannot be compared.
    pub fn compare(&self, probe: &M::Probe, reference: &M::Reference) -> Result<M::Score, M::Error> {
        self.modality.compare(probe, reference, &mut M::Scratch::default())
    }

    /// Compares with buffers that the caller reuses between comparisons.
    ///
    /// # Errors
    /// The modality's error, when the two cannot be compared.
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
    /// The modality's error, when a template does not fit the settings or the two cannot be compared.
    pub fn compare_templates(&self, a: &M::Template, b: &M::Template) -> Result<M::Score, M::Error> {
        self.compare(&self.prepare(a)?, &self.reference(b)?)
    }
}

impl<M: Modality + Default> Comparator<M> {
    /// Creates a comparator with default settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_those_of_range_and_mask() {
        let mask = [0xf000_0001, 0, 0b110];
        for (range, expected) in
            [(0..96, vec![0, 28, 29, 30, 31, 65, 66]), (29..66, vec![29, 30, 31, 65]), (32..64, vec![])]
        {
            let rows = Rows::wanted(range.clone(), &mask);
            assert_eq!(rows.iter().collect::<Vec<_>>(), expected);
            assert_eq!(rows.is_empty(), expected.is_empty());
            assert!(Rows::all(range.clone()).iter().eq(range));
        }
        assert!(Rows::all(7..7).is_empty() && Rows::wanted(0..100, &[]).is_empty());
    }
}
