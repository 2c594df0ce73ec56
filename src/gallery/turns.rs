//! Whose turn it is: compactions one at a time, and whatever is more urgent before them.

use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Keeps compactions apart from one another, from rotations and from the end of the gallery.
#[derive(Default)]
pub(super) struct Compactions {
    turns: Mutex<Turns>,
    changed: Condvar,
    /// Whether there is a thread for one.
    pub(super) has_thread: AtomicBool,
    /// The length of the file that the next automatic one waits for, after one failed.
    pub(super) not_before: AtomicU64,
}

#[derive(Default)]
struct Turns {
    is_taken: bool,
    /// How many wait for a running compaction to give up. They go before another compaction.
    waiting: usize,
}

/// Keeps others out as long as it lives.
pub(super) struct Turn<'a>(&'a Compactions);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.turns().is_taken = false;
        self.0.changed.notify_all();
    }
}

impl Compactions {
    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a running compaction give up, and keeps another from beginning.
    pub(super) fn exclude(&self) -> Turn<'_> {
        let mut turns = self.turns();
        turns.waiting += 1;
        while turns.is_taken {
            turns = self.changed.wait(turns).unwrap_or_else(PoisonError::into_inner);
        }
        turns.waiting -= 1;
        turns.is_taken = true;
        Turn(self)
    }

    /// Waits until nothing else runs or waits.
    pub(super) fn begin(&self) -> Turn<'_> {
        let mut turns = self.turns();
        while turns.is_taken || turns.waiting > 0 {
            turns = self.changed.wait(turns).unwrap_or_else(PoisonError::into_inner);
        }
        turns.is_taken = true;
        Turn(self)
    }

    /// The same without waiting.
    pub(super) fn try_begin(&self) -> Option<Turn<'_>> {
        let mut turns = self.turns();
        let is_free = !turns.is_taken && turns.waiting == 0;
        turns.is_taken |= is_free;
        is_free.then(|| Turn(self))
    }

    pub(super) fn must_end(&self) -> bool {
        self.turns().waiting > 0
    }
}
