//! Options and progress of a search for duplicates.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::params::{DEDUP_BLOCK_ROWS, DEDUP_PAIRS, MAX_DEDUP_BLOCK_ROWS};

type Report<'a> = &'a (dyn Fn(&DedupProgress) + Sync);

/// How far a search for duplicates has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DedupProgress {
    /// The number of references already compared with all that follow them, or with the shortlisted ones.
    pub rows_done: usize,
    /// The number of references in the gallery.
    pub rows: usize,
    /// The number of pairs of references examined, including those before a resumed checkpoint.
    pub comparisons_done: u64,
    /// The number of pairs in the whole search: `rows * (rows - 1) / 2`.
    pub comparisons: u64,
    /// The number of pairs of references found so far.
    pub pairs: usize,
}

/// The options of a search for duplicates. `S` is the modality's score.
///
/// ```
/// use selfsame::index::DedupOptions;
/// use selfsame::{Fmr, Threshold};
/// // One false pair in 100 galleries of 10,000.
/// let pairs = 10_000 * 9_999 / 2;
/// let options = DedupOptions::at_least(Threshold::at_fpir(Fmr::new(1e-2)?, pairs).score());
/// # Ok::<(), selfsame::score::FmrError>(())
/// ```
#[derive(Clone)]
pub struct DedupOptions<'a, S> {
    pub(super) at_least: S,
    pub(super) block_rows: usize,
    pub(super) at_most: usize,
    pub(super) shortlist: Option<usize>,
    progress: Option<Report<'a>>,
    cancel: Option<&'a AtomicBool>,
}

impl<'a, S: Copy> DedupOptions<'a, S> {
    /// Searches for pairs whose score is `score` or higher. A gallery of `n` references needs `n * (n - 1) / 2`
    /// comparisons, so the false match rate per comparison has to be far lower than for a search.
    #[must_use]
    pub fn at_least(score: S) -> Self {
        Self {
            at_least: score,
            block_rows: DEDUP_BLOCK_ROWS,
            at_most: DEDUP_PAIRS,
            shortlist: None,
            progress: None,
            cancel: None,
        }
    }

    /// Sets how many references are compared with the rest of the gallery at a time: 1 to 4096, 64 unless set; other
    /// values are clamped. Checkpoints and reports come between such blocks. The block size changes speed, never the
    /// result.
    #[must_use]
    pub fn block_rows(mut self, rows: usize) -> Self {
        self.block_rows = rows.clamp(1, MAX_DEDUP_BLOCK_ROWS);
        self
    }

    /// Sets the most pairs of references that are kept, ten million unless set. With more, the search ends with
    /// [`IndexError::TooManyPairs`](crate::index::IndexError::TooManyPairs), because the threshold is too low.
    #[must_use]
    pub fn at_most(mut self, pairs: usize) -> Self {
        self.at_most = pairs;
        self
    }

    /// Compares each reference in full with only the `count` most similar of those that follow it, by the modality's
    /// cheap similarities. This is the counterpart of [`Mode::Shortlist`](crate::index::Mode::Shortlist), with the same
    /// loss for each pair. A pair that is not shortlisted is not found; every pair reported is one that an exact search
    /// would report, with the same score. Refused where the modality has no cheap similarity.
    #[must_use]
    pub fn shortlist(mut self, count: usize) -> Self {
        self.shortlist = Some(count);
        self
    }

    /// Calls `report` after each block, from the calling thread.
    #[must_use]
    pub fn progress(mut self, report: &'a (dyn Fn(&DedupProgress) + Sync)) -> Self {
        self.progress = Some(report);
        self
    }

    /// Ends the search with [`IndexError::Canceled`](crate::index::IndexError::Canceled) soon after `flag` becomes true.
    #[must_use]
    pub fn cancel(mut self, flag: &'a AtomicBool) -> Self {
        self.cancel = Some(flag);
        self
    }

    pub(super) fn canceled_by(&self) -> Option<&'a AtomicBool> {
        self.cancel
    }

    pub(super) fn is_canceled(&self) -> bool {
        self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    pub(super) fn report(&self, progress: &DedupProgress) {
        if let Some(report) = self.progress {
            report(progress);
        }
    }
}

impl<S: fmt::Debug> fmt::Debug for DedupOptions<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DedupOptions")
            .field("at_least", &self.at_least)
            .field("block_rows", &self.block_rows)
            .field("at_most", &self.at_most)
            .field("shortlist", &self.shortlist)
            .field("progress", &self.progress.is_some())
            .field("cancel", &self.cancel.is_some())
            .finish()
    }
}
