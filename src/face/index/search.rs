//! What to search for, and how.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use super::form::Form;
use crate::face::compare::Cosine;
use crate::subject::SubjectId;

/// How a face index looks for candidates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaceMode {
    /// What comparing the probe with every row as a vector of floats gives, to the bit; of equal scores the smaller id comes
    /// first. Where the gallery has bytes beside its rows, those are read first: the bytes' cosine and their errors bound
    /// the true one, and only rows that may belong to the answer are compared as floats.
    #[default]
    Exact,
    /// Ranks all rows by a narrow form and compares the best of them exactly. Who falls out of the shortlist is not found;
    /// who is found has the score of the exact search.
    ///
    /// Of 1,929 synthetic probes whose exact first among a million is the right person, a shortlist of 10, 30 and 100 by bits
    /// kept 99.6, 99.8 and 100 % first; the exact ten best it keeps to 53, 79 and 94 %, one of 1000 to 99.8 %. One of 10 by
    /// bytes kept all first (`benches/face_search.rs`).
    Rescored {
        /// The form to scan: [`Form::Bit`] or [`Form::I8`].
        scan: Form,
        /// Rows compared exactly; at least as many as candidates are asked for.
        shortlist: usize,
    },
}

/// The score of a subject with several embeddings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FaceFusion {
    /// The highest cosine.
    #[default]
    Max,
    /// The mean of all cosines (of embeddings whose label is wanted).
    Mean,
}

/// A search in a face index: how many candidates, which ones, how.
///
/// ```
/// use selfsame::face::index::{FaceMode, FaceSearch, Form};
/// use selfsame::Cosine;
/// let nobody = FaceSearch::top(5).at_least(Cosine::new(0.31)?).mode(FaceMode::Rescored { scan: Form::Bit, shortlist: 1000 });
/// # Ok::<(), selfsame::face::compare::CosineError>(())
/// ```
#[derive(Clone)]
pub struct FaceSearch<'a> {
    pub(super) top: usize,
    pub(super) at_least: Option<Cosine>,
    pub(super) filter: Option<&'a (dyn Fn(&SubjectId) -> bool + Sync)>,
    pub(super) labels: Option<&'a (dyn Fn(u64) -> bool + Sync)>,
    pub(super) only: Option<&'a HashSet<SubjectId>>,
    pub(super) mode: FaceMode,
    pub(super) fusion: FaceFusion,
    cancel: Option<&'a AtomicBool>,
}

impl<'a> FaceSearch<'a> {
    /// For the `count` best subjects, at least one, among all, exactly.
    #[must_use]
    pub fn top(count: usize) -> Self {
        Self {
            top: count,
            at_least: None,
            filter: None,
            labels: None,
            only: None,
            mode: FaceMode::Exact,
            fusion: FaceFusion::Max,
            cancel: None,
        }
    }

    /// Leaves out candidates below `score`: the answer may be nobody.
    #[must_use]
    pub fn at_least(mut self, score: Cosine) -> Self {
        self.at_least = Some(score);
        self
    }

    /// Leaves out subjects for which `filter` is false. It is asked from several threads, possibly more than once for a
    /// subject, and only for those that would otherwise be in the way of another candidate.
    #[must_use]
    pub fn filter(mut self, filter: &'a (dyn Fn(&SubjectId) -> bool + Sync)) -> Self {
        self.filter = Some(filter);
        self
    }

    /// Leaves out embeddings whose label `filter` does not want, before anything is compared. It is asked once for every
    /// embedding, from several threads.
    #[must_use]
    pub fn filter_label(mut self, filter: &'a (dyn Fn(u64) -> bool + Sync)) -> Self {
        self.labels = Some(filter);
        self
    }

    /// Leaves out subjects that are not in `subjects`, before anything is compared.
    #[must_use]
    pub fn only(mut self, subjects: &'a HashSet<SubjectId>) -> Self {
        self.only = Some(subjects);
        self
    }

    /// Searches in the given way.
    #[must_use]
    pub fn mode(mut self, mode: FaceMode) -> Self {
        self.mode = mode;
        self
    }

    /// Scores subjects with several embeddings in the given way.
    #[must_use]
    pub fn fusion(mut self, fusion: FaceFusion) -> Self {
        self.fusion = fusion;
        self
    }

    /// Ends the search with [`FaceIndexError::Canceled`](super::FaceIndexError::Canceled) soon after `flag` becomes true,
    /// within some milliseconds.
    #[must_use]
    pub fn cancel(mut self, flag: &'a AtomicBool) -> Self {
        self.cancel = Some(flag);
        self
    }

    pub(super) fn is_canceled(&self) -> bool {
        self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
}

impl fmt::Debug for FaceSearch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceSearch")
            .field("top", &self.top)
            .field("at_least", &self.at_least)
            .field("filter", &self.filter.is_some())
            .field("labels", &self.labels.is_some())
            .field("only", &self.only.map(HashSet::len))
            .field("mode", &self.mode)
            .field("fusion", &self.fusion)
            .field("cancel", &self.cancel.is_some())
            .finish()
    }
}
