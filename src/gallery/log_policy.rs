//! When the events of searches reach the disk.

use std::time::Duration;

use super::params::{IDENTIFY_EVENTS, IDENTIFY_WAIT_MS};

/// When the events of searches reach the disk. Every other event is there before its action is answered; a commit for each search would cost
/// more than the search.
///
/// An event that waits is lost if the process dies, and only then: the next commit of any kind writes it, a thread does once it has waited as long as
/// the policy says, and so does closing the gallery.
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
    /// Each search is written before it is answered.
    #[must_use]
    pub fn each() -> Self {
        Self { events: 1, wait: Duration::ZERO }
    }

    /// As soon as so many searches wait, or the first has waited so long.
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
