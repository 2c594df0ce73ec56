//! When the events of searches are written to disk.

use std::time::Duration;

use super::params::{IDENTIFY_EVENTS, IDENTIFY_WAIT_MS};

/// When the events of searches are written to disk. Every other event is written before its action returns; a commit
/// for each search would cost more than the search.
///
/// A waiting event is lost only if the process dies: the next commit of any kind writes it, a thread writes it once it
/// has waited as long as the policy allows, and so does closing the gallery.
///
/// ```
/// use std::time::Duration;
/// use selfsame::gallery::LogPolicy;
/// let strict = LogPolicy::each(); // nothing is lost, and each search waits for the disk
/// let usual = LogPolicy::default(); // 256 searches or a second
/// let loose = LogPolicy::batches(10_000, Duration::from_secs(60));
/// # let _ = (strict, usual, loose);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogPolicy {
    events: usize,
    wait: Duration,
}

impl LogPolicy {
    /// Writes each search before its result is returned.
    #[must_use]
    pub fn each() -> Self {
        Self { events: 1, wait: Duration::ZERO }
    }

    /// Writes when `events` searches wait, or the first has waited for `wait`.
    #[must_use]
    pub fn batches(events: usize, wait: Duration) -> Self {
        Self { events: events.max(1), wait }
    }

    pub(super) fn wait(self) -> Duration {
        self.wait
    }

    pub(super) fn is_due(self, waiting: usize, since: Duration) -> bool {
        waiting >= self.events || since >= self.wait
    }
}

impl Default for LogPolicy {
    fn default() -> Self {
        Self::batches(IDENTIFY_EVENTS, Duration::from_millis(IDENTIFY_WAIT_MS))
    }
}
