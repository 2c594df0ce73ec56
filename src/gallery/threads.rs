//! Work on several threads while a lock of the gallery is held.
//!
//! Rayon's threads are not used for it: one that waits there takes over other jobs of the pool, and such a job may wait for the lock.

use std::panic::resume_unwind;
use std::thread::{Builder, scope};

/// The results of `work` for all items, in their order, on as many threads as the caller's rayon pool has.
pub(super) fn on_threads<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let each = items.len().div_ceil(rayon::current_num_threads()).max(1);
    let part = |items: &[T]| items.iter().map(&work).collect::<Vec<R>>();
    let part = &part;
    scope(|scope| {
        let mut parts = items.chunks(each);
        let first = parts.next().unwrap_or_default();
        // Where the system gives no more threads, this one does their work.
        let start = |items| Builder::new().spawn_scoped(scope, move || part(items)).map_err(|_| items);
        let others: Vec<_> = parts.map(start).collect();
        let mut results = part(first);
        for other in others {
            results.extend(other.map_or_else(part, |thread| thread.join().unwrap_or_else(|e| resume_unwind(e))));
        }
        results
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order() {
        for count in [0, 1, 2, 3, 100] {
            let items: Vec<u32> = (0..count).collect();
            assert!(on_threads(&items, |n| n * 2).into_iter().eq(items.iter().map(|n| n * 2)));
        }
    }
}
