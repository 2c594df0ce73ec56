//! A bounded list of the best entries, each key once.

use std::cmp::Ordering;

use super::params::TOP_SLACK;

/// The best `bound` distinct keys by (value descending, order of keys ascending) of all that were offered.
///
/// What it holds at the end depends on the entries alone, not on their order nor on how lists were merged.
pub(super) struct TopK<V, K> {
    bound: usize,
    entries: Vec<(V, K)>,
    /// The worst entry of a full list: nothing worse can enter.
    bar: Option<(V, K)>,
}

impl<V: Copy, K: Copy + Ord> TopK<V, K> {
    pub(super) fn new(bound: usize) -> Self {
        Self { bound, entries: Vec::new(), bar: None }
    }

    /// Whether an entry could still enter. `order` ranks two entries, the better one first; entries of one key rank by
    /// value, and only keys that are equal rank equal at equal values.
    #[inline]
    pub(super) fn admits(&self, entry: (V, K), order: &impl Fn(&(V, K), &(V, K)) -> Ordering) -> bool {
        self.bar.is_none_or(|bar| order(&entry, &bar) == Ordering::Less)
    }

    /// Adds an entry.
    pub(super) fn push(&mut self, entry: (V, K), order: &impl Fn(&(V, K), &(V, K)) -> Ordering) {
        self.entries.push(entry);
        if self.entries.len() >= self.bound.saturating_mul(2).saturating_add(TOP_SLACK) {
            self.cut(order);
        }
    }

    /// Adds the entries of another list.
    pub(super) fn merge(mut self, other: Self, order: &impl Fn(&(V, K), &(V, K)) -> Ordering) -> Self {
        for entry in other.entries {
            if self.admits(entry, order) {
                self.push(entry, order);
            }
        }
        self
    }

    /// The entries, best first.
    pub(super) fn into_sorted(mut self, order: &impl Fn(&(V, K), &(V, K)) -> Ordering) -> Vec<(V, K)> {
        self.cut(order);
        self.entries
    }

    fn cut(&mut self, order: &impl Fn(&(V, K), &(V, K)) -> Ordering) {
        // The best of each key first, then the best keys.
        self.entries.sort_unstable_by(|a, b| a.1.cmp(&b.1).then_with(|| order(a, b)));
        self.entries.dedup_by_key(|e| e.1);
        self.entries.sort_unstable_by(order);
        self.entries.truncate(self.bound);
        if self.entries.len() == self.bound {
            self.bar = self.entries.last().copied();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn order(a: &(i32, u8), b: &(i32, u8)) -> Ordering {
        b.0.cmp(&a.0).then(a.1.cmp(&b.1))
    }

    proptest! {
        #[test]
        fn it_is_sort_and_cut_however_the_entries_are_split(
            entries in prop::collection::vec((0i32..20, 0u8..60), 0..400),
            bound in 1usize..70,
            split in 0usize..400,
        ) {
            let mut expected = entries.clone();
            expected.sort_by(order);
            let mut seen = std::collections::HashSet::new();
            expected.retain(|e| seen.insert(e.1));
            expected.truncate(bound);
            let list = |entries: &[(i32, u8)]| {
                let mut top = TopK::new(bound);
                for &e in entries {
                    if top.admits(e, &order) {
                        top.push(e, &order);
                    }
                }
                top
            };
            let (left, right) = entries.split_at(split.min(entries.len()));
            prop_assert_eq!(list(left).merge(list(right), &order).into_sorted(&order), expected.clone());
            prop_assert_eq!(list(right).merge(list(left), &order).into_sorted(&order), expected);
        }
    }

    #[test]
    fn a_huge_bound_reserves_nothing() {
        let mut top = TopK::new(usize::MAX);
        top.push((1, 1), &order);
        assert_eq!(top.into_sorted(&order), [(1, 1)]);
    }
}
