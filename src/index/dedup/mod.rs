//! Duplicates inside a gallery, N:N: all pairs of different subjects who may be the same person.
//!
//! | step | file |
//! |---|---|
//! | what to look for | `options` |
//! | one block of rows against all that follow it | `pass` |
//! | one row against the most similar of those | `shortlist` |
//! | stop and resume | `checkpoint`, `digest` |

mod checkpoint;
mod digest;
mod options;
mod pass;
mod shortlist;

use std::cmp::Ordering;
use std::fmt;
use std::hash::Hasher;
use std::sync::OnceLock;

use rayon::prelude::*;

pub use checkpoint::DedupCheckpoint;
pub use options::{DedupOptions, DedupProgress};

use super::engine::Index;
use super::error::{CheckpointError, IndexError};
use super::subjects::RowNumber;
use crate::modality::SelfSearch;
use crate::subject::SubjectId;
use digest::Fnv;

/// Two subjects who may be the same person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Duplicate<S> {
    /// The subject with the smaller id.
    pub a: SubjectId,
    /// The subject with the larger id.
    pub b: SubjectId,
    /// The best score between any reference of one and any reference of the other.
    pub score: S,
}

/// Two references, the earlier first, as positions among all rows.
#[derive(Clone, Copy, Debug)]
struct Pair<S> {
    a: u32,
    b: u32,
    score: S,
}

/// A search for duplicates in progress. It can be stopped between any two blocks and resumed, also by another process,
/// with the same result as an uninterrupted search.
///
/// ```
/// use selfsame::index::{Dedup, DedupCheckpoint, DedupOptions, Index};
/// use selfsame::synth::TemplateGenerator;
/// use selfsame::{Finger, Score, SubjectId};
///
/// let people = TemplateGenerator::new(1);
/// let mut index = Index::<Finger>::default();
/// for i in 0..6 {
///     index.insert(SubjectId::new(format!("card-{i}"))?, &people.reference(i))?;
/// }
/// // Finger 4 was enrolled under two names.
/// index.insert(SubjectId::new("card-6")?, &people.probe(4, 0))?;
///
/// let options = DedupOptions::at_least(Score::from_decibels(45.0)).block_rows(2);
/// let mut dedup = Dedup::new(&index, options.clone());
/// dedup.step()?;
/// let kept: Vec<u8> = dedup.checkpoint().to_bytes();
///
/// let mut dedup = Dedup::resume(&index, options, &DedupCheckpoint::from_bytes(&kept)?)?;
/// while dedup.step()? {}
/// let found = dedup.duplicates();
/// assert_eq!((found[0].a.as_str(), found[0].b.as_str()), ("card-4", "card-6"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Dedup<'a, M: SelfSearch> {
    index: &'a Index<M>,
    options: DedupOptions<'a, M::Score>,
    /// All rows; a position is an index into this list.
    rows: Vec<RowNumber>,
    /// Rows before this position have been compared with all that follow them.
    done: usize,
    /// Pairs in ascending order of positions.
    pairs: Vec<Pair<M::Score>>,
    gallery: OnceLock<u64>,
}

impl<M: SelfSearch> Index<M> {
    /// All pairs of different subjects whose score reaches the threshold, ordered by score, then by ids. Every
    /// reference is compared with every other once: `n * (n - 1) / 2` comparisons, on the caller's rayon pool. With
    /// [`DedupOptions::shortlist`] most of these are cheap comparisons.
    ///
    /// # Errors
    /// [`IndexError::Canceled`] through the options' flag, [`IndexError::TooManyPairs`], or the modality's own error.
    pub fn duplicates(
        &self,
        options: &DedupOptions<'_, M::Score>,
    ) -> Result<Vec<Duplicate<M::Score>>, IndexError<M::Error>> {
        let mut dedup = Dedup::new(self, options.clone());
        while dedup.step()? {}
        Ok(dedup.duplicates())
    }
}

impl<'a, M: SelfSearch> Dedup<'a, M> {
    /// Creates a search that starts at the first block.
    #[must_use]
    pub fn new(index: &'a Index<M>, options: DedupOptions<'a, M::Score>) -> Self {
        let rows = index.all_rows().collect();
        Self { index, options, rows, done: 0, pairs: Vec::new(), gallery: OnceLock::new() }
    }

    /// Resumes from a checkpoint. The pairs found so far are compared again because a checkpoint holds no scores.
    ///
    /// # Errors
    /// [`IndexError::Checkpoint`] when the checkpoint is from another gallery, threshold or shortlist, or one of its
    /// pairs does not match.
    pub fn resume(
        index: &'a Index<M>,
        options: DedupOptions<'a, M::Score>,
        checkpoint: &DedupCheckpoint,
    ) -> Result<Self, IndexError<M::Error>> {
        let other = || IndexError::Checkpoint(CheckpointError::OtherGallery);
        let mut dedup = Self::new(index, options);
        if checkpoint.rows as usize != dedup.rows.len() || checkpoint.gallery != dedup.gallery() {
            return Err(other());
        }
        let again = |scratch: &mut M::Scratch, &(a, b): &(u32, u32)| {
            let score = dedup.compare(a as usize, b as usize, scratch)?.ok_or_else(other)?;
            if score < dedup.options.at_least { Err(other()) } else { Ok(Pair { a, b, score }) }
        };
        let pairs: Result<Vec<_>, _> = checkpoint.pairs.par_iter().map_init(M::Scratch::default, again).collect();
        dedup.pairs = pairs?;
        dedup.done = checkpoint.done as usize;
        Ok(dedup)
    }

    /// Compares the next block of references with all that follow; returns `false` when nothing is left. After an error
    /// the search is in the state it had before the call.
    ///
    /// # Errors
    /// See [`Index::duplicates`].
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn step(&mut self) -> Result<bool, IndexError<M::Error>> {
        if self.options.is_canceled() {
            return Err(IndexError::Canceled);
        }
        if self.done < self.rows.len() {
            let end = self.done.saturating_add(self.options.block_rows).min(self.rows.len());
            let mut found = self.pass(self.done..end)?;
            if found.len() > self.options.at_most.saturating_sub(self.pairs.len()) {
                return Err(IndexError::TooManyPairs { limit: self.options.at_most });
            }
            self.pairs.append(&mut found);
            self.done = end;
            self.options.report(&self.progress());
        }
        Ok(self.done < self.rows.len())
    }

    /// How far the search has come.
    #[must_use]
    pub fn progress(&self) -> DedupProgress {
        let (done, rows) = (self.done as u64, self.rows.len() as u64);
        // Row i is compared with the rows - 1 - i that follow.
        let until = |n: u64| n * rows.saturating_sub(1) - n * n.saturating_sub(1) / 2;
        DedupProgress {
            rows_done: self.done,
            rows: self.rows.len(),
            comparisons_done: until(done),
            comparisons: until(rows),
            pairs: self.pairs.len(),
        }
    }

    /// The state needed to resume from here. It costs one pass over the gallery, to compute the digest that identifies
    /// it.
    #[must_use]
    pub fn checkpoint(&self) -> DedupCheckpoint {
        DedupCheckpoint {
            gallery: self.gallery(),
            rows: self.rows.len() as u32,
            done: self.done as u32,
            pairs: self.pairs.iter().map(|p| (p.a, p.b)).collect(),
        }
    }

    /// The pairs of subjects found so far, by descending score, then by ascending ids.
    #[must_use]
    pub fn duplicates(&self) -> Vec<Duplicate<M::Score>> {
        let mut all: Vec<Duplicate<M::Score>> = (self.pairs.iter())
            .filter_map(|pair| {
                let (a, b) = (self.subject(pair.a)?, self.subject(pair.b)?);
                let (a, b) = if a <= b { (a, b) } else { (b, a) };
                Some(Duplicate { a: a.clone(), b: b.clone(), score: pair.score })
            })
            .collect();
        let names = |p: &Duplicate<M::Score>, q: &Duplicate<M::Score>| (&p.a, &p.b).cmp(&(&q.a, &q.b));
        let score = |p: &Duplicate<M::Score>, q: &Duplicate<M::Score>| q.score.cmp(&p.score);
        all.sort_by(|p, q| names(p, q).then_with(|| score(p, q)));
        all.dedup_by(|q, p| names(p, q) == Ordering::Equal);
        all.sort_by(|p, q| score(p, q).then_with(|| names(p, q)));
        all
    }

    fn subject(&self, position: u32) -> Option<&'a SubjectId> {
        let slot = self.index.slot_of(self.rows.get(position as usize).copied()?)?;
        self.index.subjects.name(slot)
    }

    /// Distinguishes this gallery, threshold and shortlist from others.
    fn gallery(&self) -> u64 {
        *self.gallery.get_or_init(|| {
            let modality = &self.index.modality;
            let mut hasher = Fnv::new();
            hasher.write(env!("CARGO_PKG_VERSION").as_bytes());
            modality.digest_score(self.options.at_least, &mut hasher);
            if let Some(shortlist) = self.options.shortlist {
                hasher.write(b"shortlist");
                hasher.write(&(shortlist as u64).to_le_bytes());
            }
            for (position, &row) in (0..).zip(&self.rows) {
                let name = self.subject(position).map_or("", SubjectId::as_str);
                hasher.write(&(name.len() as u64).to_le_bytes());
                hasher.write(name.as_bytes());
                if let Some((shard, row)) = self.index.place(row) {
                    modality.digest_row(&shard.segment, row, &mut hasher);
                }
            }
            hasher.finish()
        })
    }
}

impl<M: SelfSearch> fmt::Debug for Dedup<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dedup").field("progress", &self.progress()).finish_non_exhaustive()
    }
}
