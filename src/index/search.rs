//! What to search for and how.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use super::params::{LEAST_SHORTLIST, SHORTLIST_SHARE};
use crate::score::{Fmr, Score, Threshold, ThresholdError};
use crate::subject::SubjectId;

/// How an index looks for candidates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// Gives the same result as comparing the probe with every reference in full. Where the modality keeps bounds of
    /// scores (bytes beside the rows of faces), it reads those first and compares in full only references that may
    /// belong to the result.
    #[default]
    Exact,
    /// Ranks all references by the modality's cheap similarities, then compares the best of them in full. The cost of
    /// the speed is a mate that is not shortlisted; a shortlisted mate is found, with the score of the exact search.
    /// The shortlist therefore adds to the false negatives exactly the share of mates that reach the threshold and are
    /// not shortlisted; it adds no strangers.
    ///
    /// For prints, ranked coarsely and the best 1/16 again with all data, at the threshold of an FPIR of 1e-2
    /// (`examples/shortlist_cost.rs`): among 10,425 references a shortlist of 100 lost none of 1,500 synthetic mates
    /// and none of 2,051 of twelve real sets; among a million one of 5,000 lost none of 500 synthetic mates. None of
    /// 500 means fewer than 0.6 % with 95 % confidence.
    ///
    /// For faces, ranked by bits or else by bytes, whichever the index keeps: of 1,929 synthetic probes whose exact
    /// first among a million is the right person, a shortlist of 10, 30 and 100 by bits kept 99.6, 99.8 and 100 %
    /// first; it kept 53, 79 and 94 % of the exact ten best, one of 1000 99.8 %. One of 10 by bytes kept all first
    /// (`benches/face_search.rs`).
    Shortlist {
        /// The references compared in full; at least as many as the candidates asked for.
        rows: usize,
    },
    /// Ranks, by bits, only the references in the partitions whose centers are most similar to the probe, then compares the
    /// best of them in full. The index must be [partitioned](super::Index::partition). The time grows with the square
    /// root of the gallery instead of with the gallery.
    ///
    /// It loses what a shortlist loses, and mates in partitions that are not visited; like a shortlist it adds no
    /// strangers. Labels and [`Search::only`] apply before rows are ranked, and where they leave no more than `rows`, the
    /// search is exact. Where they leave few, fewer candidates than asked for may be in the partitions visited.
    ///
    /// Of the faces that the exact search finds first with a cosine of 0.4 or more, among synthetic people with look-alikes,
    /// the best 100 rows hold (`benches/face_search.rs`):
    ///
    /// | references | 64 visited | 128 visited | 256 visited |
    /// |---|---|---|---|
    /// | 10,000 | 99.6 % | 100 % | 100 % |
    /// | 100,000 | 99.3 % | 99.6 % | 99.8 % |
    /// | 1,000,000 | 99.5 % | 99.6 % | 99.9 % |
    Partitions {
        /// The partitions whose references are ranked; all when there are fewer. None counts as one.
        visited: usize,
        /// The references compared in full; at least as many as the candidates asked for.
        rows: usize,
    },
}

impl Mode {
    /// The usual shortlist of prints for a gallery of `references`: one in 200, at least 100.
    ///
    /// ```
    /// use selfsame::index::Mode;
    /// assert_eq!(Mode::shortlist(1_000_000), Mode::Shortlist { rows: 5000 });
    /// assert_eq!(Mode::shortlist(1000), Mode::Shortlist { rows: 100 });
    /// ```
    #[must_use]
    pub fn shortlist(references: usize) -> Self {
        Self::Shortlist { rows: (references / SHORTLIST_SHARE).max(LEAST_SHORTLIST) }
    }
}

/// How the scores of a subject's references are combined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fusion {
    /// The highest score.
    #[default]
    Max,
    /// The mean score of all references whose label is wanted.
    Mean,
}

/// The score that a rate requires at a number of compared references.
type Needed<S> = fn(Fmr, usize) -> S;
type Filter<'a> = &'a (dyn Fn(&SubjectId) -> bool + Sync);
type LabelFilter<'a> = &'a (dyn Fn(u64) -> bool + Sync);

/// A search: the number of candidates, the filters and the method. `S` is the modality's score.
///
/// ```
/// use selfsame::Cosine;
/// use selfsame::index::Search;
/// let staff = |id: &selfsame::SubjectId| id.as_str().starts_with("staff-");
/// let search = Search::top(5).at_least(Cosine::new(0.3)?).filter(&staff);
/// # Ok::<(), selfsame::face::compare::CosineError>(())
/// ```
#[derive(Clone)]
pub struct Search<'a, S> {
    pub(super) top: usize,
    pub(super) at_least: Option<S>,
    /// A rate of false positives, and the function that gives the score it requires.
    fpir: Option<(Fmr, Needed<S>)>,
    pub(super) filter: Option<Filter<'a>>,
    pub(super) labels: Option<LabelFilter<'a>>,
    pub(super) only: Option<&'a HashSet<SubjectId>>,
    pub(super) mode: Mode,
    pub(super) fusion: Fusion,
    cancel: Option<&'a AtomicBool>,
}

impl<'a, S: Copy> Search<'a, S> {
    /// Creates an exact search for the `count` best subjects, at least one, among all.
    #[must_use]
    pub fn top(count: usize) -> Self {
        Self {
            top: count,
            at_least: None,
            fpir: None,
            filter: None,
            labels: None,
            only: None,
            mode: Mode::Exact,
            fusion: Fusion::Max,
            cancel: None,
        }
    }

    /// Leaves out candidates below `score`.
    #[must_use]
    pub fn at_least(mut self, score: S) -> Self {
        (self.at_least, self.fpir) = (Some(score), None);
        self
    }

    /// The search with the threshold that its rate of false positives requires at this number of compared references.
    pub(super) fn among(&self, references: usize) -> Self {
        let least = self.fpir.map(|(fpir, score)| score(fpir, references));
        Self { at_least: least.or(self.at_least), ..self.clone() }
    }

    /// Leaves out subjects for which `filter` is false. `filter` is called from several threads, possibly more than
    /// once for a subject, and only for subjects that would otherwise displace another candidate.
    #[must_use]
    pub fn filter(mut self, filter: &'a (dyn Fn(&SubjectId) -> bool + Sync)) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Leaves out references whose label `filter` does not want, before anything is compared. A subject is scored by
    /// the wanted references alone. The filter is called from several threads, once for every reference of the index.
    ///
    /// ```
    /// use selfsame::FingerPosition;
    /// use selfsame::index::Search;
    /// // The index finger of the right hand, or a finger without a recorded position.
    /// let fits = |label| FingerPosition::of_label(label).is_some_and(|p| p.fits(FingerPosition::RightIndex));
    /// let search = Search::<selfsame::Score>::top(5).filter_label(&fits);
    /// ```
    #[must_use]
    pub fn filter_label(mut self, filter: &'a (dyn Fn(u64) -> bool + Sync)) -> Self {
        self.labels = Some(filter);
        self
    }

    /// Leaves out subjects that are not in `subjects`, before anything is compared; the cost depends on the size of the
    /// set.
    #[must_use]
    pub fn only(mut self, subjects: &'a HashSet<SubjectId>) -> Self {
        self.only = Some(subjects);
        self
    }

    /// Sets the method of the search.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Sets how subjects with several references are scored.
    #[must_use]
    pub fn fusion(mut self, fusion: Fusion) -> Self {
        self.fusion = fusion;
        self
    }

    /// Ends the search with [`IndexError::Canceled`](super::IndexError::Canceled) soon after `flag` becomes true,
    /// before its next task (tasks take well below a millisecond for faces, some milliseconds for fingerprints).
    #[must_use]
    pub fn cancel(mut self, flag: &'a AtomicBool) -> Self {
        self.cancel = Some(flag);
        self
    }

    /// A search over rows already chosen, which ends when the flag is set.
    pub(super) fn of_all(cancel: Option<&'a AtomicBool>) -> Self {
        Self { cancel, ..Self::top(1) }
    }

    /// The number of candidates asked for.
    #[must_use]
    pub fn count(&self) -> usize {
        self.top
    }

    pub(super) fn canceled_by(&self) -> Option<&'a AtomicBool> {
        self.cancel
    }

    pub(super) fn is_canceled(&self) -> bool {
        self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Whether the filter allows a subject.
    pub(super) fn allows(&self, subject: Option<&SubjectId>) -> bool {
        self.filter.is_none_or(|filter| subject.is_some_and(filter))
    }
}

impl Search<'_, Score> {
    /// Leaves out candidates whose false match rate per comparison is above `fmr`. The probability that a search
    /// returns a stranger is then up to `fmr` times the number of references compared; [`Search::at_fpir`] accounts for
    /// that number.
    ///
    /// # Errors
    /// [`ThresholdError`] below 1e-5, where data end.
    pub fn at_fmr(self, fmr: Fmr) -> Result<Self, ThresholdError> {
        Ok(self.at_least(Threshold::at_fmr(fmr)?.score()))
    }

    /// Leaves out candidates below the threshold at which a search returns a stranger with probability `fpir`. The
    /// threshold is that of [`Threshold::at_fpir`] for the number of references the search compares: all of them,
    /// several per subject included, or those that labels and [`Search::only`] leave. Unlike [`Search::at_fmr`] it does
    /// not refuse: beyond `fpir / 1e-5` references the rate is an extrapolation.
    ///
    /// ```
    /// use selfsame::index::{Index, Search};
    /// use selfsame::synth::TemplateGenerator;
    /// use selfsame::{Finger, Fmr, SubjectId};
    /// let people = TemplateGenerator::new(1);
    /// let mut index = Index::<Finger>::default();
    /// for n in 0..20 {
    ///     index.add(SubjectId::new(format!("person-{}", n / 2))?, &people.probe(n / 2, n % 2))?;
    /// }
    /// let search = Search::top(1).at_fpir(Fmr::new(1e-2)?);
    /// assert_eq!(index.identify(&index.prepare(&people.probe(3, 7))?, &search)?[0].subject.as_str(), "person-3");
    /// assert!(index.identify(&index.prepare(&people.probe(99, 0))?, &search)?.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn at_fpir(mut self, fpir: Fmr) -> Self {
        self.fpir = Some((fpir, |fpir, references| Threshold::at_fpir(fpir, references).score()));
        self
    }
}

impl<S: fmt::Debug> fmt::Debug for Search<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search")
            .field("top", &self.top)
            .field("at_least", &self.at_least)
            .field("fpir", &self.fpir.map(|(fpir, _)| fpir))
            .field("filter", &self.filter.is_some())
            .field("labels", &self.labels.is_some())
            .field("only", &self.only.map(HashSet::len))
            .field("mode", &self.mode)
            .field("fusion", &self.fusion)
            .field("cancel", &self.cancel.is_some())
            .finish()
    }
}
