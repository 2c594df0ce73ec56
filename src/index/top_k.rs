//! A bounded list of the best entries.

use std::cmp::Ordering;

use super::params::TOP_SLACK;

/// How entries rank, and which entries share a key.
pub(super) trait Order<T> {
    /// Orders the better entry first. Entries with the same key and equal rank are the same entry.
    fn rank(&self, a: &T, b: &T) -> Ordering;
    /// The key of an entry: only the best entry of each key is held.
    fn key(entry: &T) -> u32;
}

/// The best `bound` of all entries offered.
///
/// The final content depends only on the entries, not on their order or on how lists were merged.
pub(super) struct TopK<T> {
    bound: usize,
    entries: Vec<T>,
    /// The worst entry of a full list: nothing worse can enter.
    bar: Option<T>,
}

impl<T: Copy> TopK<T> {
    pub(super) fn new(bound: usize) -> Self {
        Self { bound, entries: Vec::new(), bar: None }
    }

    /// The worst entry of a full list, as far as it is known.
    #[inline]
    pub(super) fn bar(&self) -> Option<T> {
        self.bar
    }

    /// Whether an entry could still enter.
    #[inline]
    pub(super) fn admits<O: Order<T>>(&self, entry: &T, order: &O) -> bool {
        self.bar.is_none_or(|bar| order.rank(entry, &bar) == Ordering::Less)
    }

    /// Adds an entry; returns true when the bar may be higher than before.
    pub(super) fn push<O: Order<T>>(&mut self, entry: T, order: &O) -> bool {
        self.entries.push(entry);
        // The list may grow to 1.5 times its bound plus a few entries: cutting costs more than keeping.
        let cut = self.entries.len() >= self.bound.saturating_add(self.bound / 2).saturating_add(TOP_SLACK);
        if cut {
            self.cut(order);
        }
        cut
    }

    /// Adds the entries of another list.
    pub(super) fn merge<O: Order<T>>(&mut self, other: Self, order: &O) {
        for entry in other.entries {
            if self.admits(&entry, order) {
                self.push(entry, order);
            }
        }
    }

    /// The entries, best first.
    pub(super) fn into_sorted<O: Order<T>>(mut self, order: &O) -> Vec<T> {
        self.cut(order);
        self.entries.sort_unstable_by(|a, b| order.rank(a, b));
        self.entries
    }

    /// Keeps the best entries.
    pub(super) fn cut<O: Order<T>>(&mut self, order: &O) {
        // Keeps the best entry of each key, then the best keys.
        self.entries.sort_unstable_by(|a, b| O::key(a).cmp(&O::key(b)).then_with(|| order.rank(a, b)));
        self.entries.dedup_by_key(|entry| O::key(entry));
        if self.bound > 0 && self.entries.len() >= self.bound {
            let (_, worst, _) = self.entries.select_nth_unstable_by(self.bound - 1, |a, b| order.rank(a, b));
            self.bar = Some(*worst);
        }
        self.entries.truncate(self.bound);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Falling;

    impl Order<(i32, u8)> for Falling {
        fn rank(&self, a: &(i32, u8), b: &(i32, u8)) -> Ordering {
            b.0.cmp(&a.0).then(a.1.cmp(&b.1))
        }
        fn key(entry: &(i32, u8)) -> u32 {
            u32::from(entry.1)
        }
    }

    fn check<O: Order<(i32, u8)>>(order: &O, entries: &[(i32, u8)], bound: usize, split: usize) {
        let mut expected = entries.to_vec();
        expected.sort_by(|a, b| order.rank(a, b));
        let mut seen = std::collections::HashSet::new();
        expected.retain(|e| seen.insert(e.1));
        expected.truncate(bound);
        let list = |entries: &[(i32, u8)]| {
            let mut top = TopK::new(bound);
            for &e in entries {
                if top.admits(&e, order) {
                    top.push(e, order);
                }
            }
            top
        };
        let (left, right) = entries.split_at(split.min(entries.len()));
        for (first, second) in [(left, right), (right, left)] {
            let mut top = list(first);
            top.merge(list(second), order);
            top.cut(order);
            assert_eq!(top.bar(), expected.get(bound - 1).copied());
            assert_eq!(top.into_sorted(order), expected);
        }
    }

    proptest! {
        #[test]
        fn it_is_sort_and_cut_however_the_entries_are_split(
            entries in prop::collection::vec((0i32..20, 0u8..60), 0..400),
            bound in 1usize..70,
            split in 0usize..400,
        ) {
            check(&Falling, &entries, bound, split);
        }
    }

    #[test]
    fn a_huge_bound_reserves_nothing() {
        let mut top = TopK::new(usize::MAX);
        top.push((1, 1), &Falling);
        assert_eq!(top.into_sorted(&Falling), [(1, 1)]);
    }
}
