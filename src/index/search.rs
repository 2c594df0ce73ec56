//! What to search for, and how.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use super::params::{LEAST_SHORTLIST, SHORTLIST_SHARE};
use crate::subject::SubjectId;

/// How an index looks for candidates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// Compare the probe with every reference in full: exact.
    #[default]
    Exhaustive,
    /// Rank all references by the modality's cheap similarities (a coarse one for all, a finer one for the best 1/16 where the
    /// modality has it), then compare the best of them in full. The price of the speed is a mate that falls out of the
    /// shortlist: those are found as long as they are in it, with the score of the exhaustive search. So what a shortlist
    /// adds to the false negatives is exactly the share of mates that reach the threshold and are not shortlisted; no
    /// stranger is added. Prints, at the threshold of an FPIR of 1e-2 (`examples/cascade_cost.rs`): among 10,425 references
    /// a shortlist of 100 lost none of 1,500 synthetic mates and none of 2,051 of twelve real sets; among a million one of 5,000
    /// lost none of 500 synthetic mates. None of 500 means fewer than 0.6 % with 95 % confidence.
    ///
    /// Exhaustive where the modality has no cheap similarity. [`Mode::cascade`] chooses the usual shortlist.
    Cascade {
        /// References compared in full; at least as many as candidates are asked for.
        shortlist: usize,
    },
}

impl Mode {
    /// A cascade with the usual shortlist for a gallery of `references`: one in 200, at least 100.
    ///
    /// ```
    /// use selfsame::index::Mode;
    /// assert_eq!(Mode::cascade(1_000_000), Mode::Cascade { shortlist: 5000 });
    /// assert_eq!(Mode::cascade(1000), Mode::Cascade { shortlist: 100 });
    /// ```
    #[must_use]
    pub fn cascade(references: usize) -> Self {
        Self::Cascade { shortlist: (references / SHORTLIST_SHARE).max(LEAST_SHORTLIST) }
    }
}

type Filter<'a> = &'a (dyn Fn(&SubjectId) -> bool + Sync);
type LabelFilter<'a> = &'a (dyn Fn(u64) -> bool + Sync);

/// A search: how many candidates, which ones, how. `S` is the modality's score.
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
    pub(super) filter: Option<Filter<'a>>,
    labels: Option<LabelFilter<'a>>,
    pub(super) only: Option<&'a HashSet<SubjectId>>,
    pub(super) mode: Mode,
    cancel: Option<&'a AtomicBool>,
}

impl<'a, S: Copy> Search<'a, S> {
    /// For the `count` best subjects, at least one, among all, exhaustively.
    #[must_use]
    pub fn top(count: usize) -> Self {
        Self {
            top: count,
            at_least: None,
            filter: None,
            labels: None,
            only: None,
            mode: Mode::Exhaustive,
            cancel: None,
        }
    }

    /// Leaves out candidates below `score`.
    #[must_use]
    pub fn at_least(mut self, score: S) -> Self {
        self.at_least = Some(score);
        self
    }

    /// Leaves out subjects for which `filter` is false. It is asked from several threads, possibly more than once for a
    /// subject: an exhaustive search asks for those it would otherwise report, a cascade for all.
    #[must_use]
    pub fn filter(mut self, filter: &'a (dyn Fn(&SubjectId) -> bool + Sync)) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Leaves out references whose label `filter` does not want, before anything is compared: an exhaustive search costs what
    /// the wanted references are, a cascade shortlists none of the others. A subject's score is the best of the wanted
    /// references. The filter is asked from several threads, for every reference of the gallery.
    ///
    /// ```
    /// use selfsame::FingerPosition;
    /// use selfsame::index::Search;
    /// // An index finger of the right hand, or a finger whose position nobody wrote down.
    /// let fits = |label| FingerPosition::of_label(label).is_some_and(|p| p.fits(FingerPosition::RightIndex));
    /// let search = Search::<selfsame::Score>::top(5).filter_label(&fits);
    /// ```
    #[must_use]
    pub fn filter_label(mut self, filter: &'a (dyn Fn(u64) -> bool + Sync)) -> Self {
        self.labels = Some(filter);
        self
    }

    /// Leaves out subjects that are not in `subjects`. An exhaustive search then compares their references only, so it
    /// costs what the set is large.
    #[must_use]
    pub fn only(mut self, subjects: &'a HashSet<SubjectId>) -> Self {
        self.only = Some(subjects);
        self
    }

    /// Searches in the given way.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Ends the search with [`IndexError::Canceled`](super::IndexError::Canceled) soon after `flag` becomes true, at the
    /// next of the tasks it is cut into (well below a millisecond for faces, some milliseconds for fingerprints).
    #[must_use]
    pub fn cancel(mut self, flag: &'a AtomicBool) -> Self {
        self.cancel = Some(flag);
        self
    }

    /// How many candidates are asked for.
    #[must_use]
    pub fn count(&self) -> usize {
        self.top
    }

    /// For a pass over rows that are chosen already, which ends when the flag is set.
    pub(super) fn of_all(cancel: Option<&'a AtomicBool>) -> Self {
        Self { cancel, ..Self::top(1) }
    }

    pub(super) fn is_canceled(&self) -> bool {
        self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Whether it depends on the subject that a reference is looked at.
    pub(super) fn asks_subjects(&self) -> bool {
        self.only.is_some() || self.filter.is_some()
    }

    pub(super) fn filters_labels(&self) -> bool {
        self.labels.is_some()
    }

    /// Whether references of this label are wanted.
    pub(super) fn wants_label(&self, label: u64) -> bool {
        self.labels.is_none_or(|wants| wants(label))
    }

    /// Whether a subject may be reported.
    pub(super) fn allows(&self, subject: &SubjectId) -> bool {
        self.only.is_none_or(|only| only.contains(subject)) && self.filter.is_none_or(|filter| filter(subject))
    }
}

impl<S: fmt::Debug> fmt::Debug for Search<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search")
            .field("top", &self.top)
            .field("at_least", &self.at_least)
            .field("filter", &self.filter.is_some())
            .field("labels", &self.labels.is_some())
            .field("only", &self.only.map(HashSet::len))
            .field("mode", &self.mode)
            .field("cancel", &self.cancel.is_some())
            .finish()
    }
}
