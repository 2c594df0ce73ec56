//! What a row must reach to matter.

use std::sync::atomic::{AtomicU32, Ordering};

use super::params::BAR_SLACK;
use super::state::Slot;

/// The `count`-th highest of what is known to be reached by different subjects. What it holds depends on what was offered
/// and not on the order, but for the moment at which it rises.
pub(super) struct Bar {
    count: usize,
    value: f32,
    reached: Vec<(f32, Slot)>,
}

impl Bar {
    /// A bar that is `least` to begin with.
    pub(super) fn new(count: usize, least: f32) -> Self {
        Self { count, value: least, reached: Vec::new() }
    }

    /// Rows below it are not among the best.
    #[inline]
    pub(super) fn value(&self) -> f32 {
        self.value
    }

    /// Makes it at least as high as another bar of the same search.
    pub(super) fn raise(&mut self, value: f32) {
        self.value = self.value.max(value);
    }

    /// Takes note that a subject reaches a score.
    pub(super) fn reach(&mut self, score: f32, subject: Slot) {
        if score < self.value {
            return;
        }
        self.reached.push((score, subject));
        if self.reached.len() >= self.count.saturating_add(BAR_SLACK.max(self.count / 2)) {
            self.settle();
        }
    }

    /// Takes note of all that another bar knows.
    pub(super) fn merge(&mut self, other: Self) {
        self.raise(other.value);
        for (score, subject) in other.reached {
            self.reach(score, subject);
        }
    }

    /// Rises as far as what is known allows.
    pub(super) fn settle(&mut self) {
        // The best of each subject, then the best subjects.
        self.reached.sort_unstable_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.total_cmp(&a.0)));
        self.reached.dedup_by_key(|r| r.1);
        self.reached.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        self.reached.truncate(self.count);
        if self.reached.len() == self.count
            && let Some(last) = self.reached.last()
        {
            self.value = self.value.max(last.0);
        }
    }
}

/// The highest bar of all threads: what one of them knows holds for all.
pub(super) struct SharedBar(AtomicU32);

impl SharedBar {
    pub(super) fn new(value: f32) -> Self {
        Self(AtomicU32::new(ordered(value)))
    }

    pub(super) fn value(&self) -> f32 {
        unordered(self.0.load(Ordering::Relaxed))
    }

    pub(super) fn raise(&self, value: f32) {
        let value = ordered(value);
        if value > self.0.load(Ordering::Relaxed) {
            self.0.fetch_max(value, Ordering::Relaxed);
        }
    }
}

/// Numbers that are ordered as floats are.
fn ordered(value: f32) -> u32 {
    let bits = value.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

fn unordered(number: u32) -> f32 {
    f32::from_bits(if number >> 31 == 1 { number & !(1 << 31) } else { !number })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_settles_at_the_count_th_best_subject(
            offers in prop::collection::vec((-50i32..50, 0u32..40), 0..300),
            count in 1usize..20,
            split in 0usize..300,
        ) {
            let list = |offers: &[(i32, u32)]| {
                let mut bar = Bar::new(count, -60.0);
                offers.iter().for_each(|&(score, subject)| bar.reach(score as f32, subject));
                bar
            };
            let mut best = std::collections::BTreeMap::new();
            for &(score, subject) in &offers {
                let held = best.entry(subject).or_insert(score);
                *held = score.max(*held);
            }
            let mut scores: Vec<i32> = best.into_values().collect();
            scores.sort_unstable_by(|a, b| b.cmp(a));
            let expected = scores.get(count - 1).map_or(-60.0, |s| *s as f32);
            let (left, right) = offers.split_at(split.min(offers.len()));
            let mut bar = list(left);
            bar.merge(list(right));
            bar.settle();
            prop_assert_eq!(bar.value(), expected);
        }

        #[test]
        fn order_survives(a in -2f32..2.0, b in -2f32..2.0) {
            prop_assert_eq!(ordered(a) < ordered(b), a < b);
            prop_assert_eq!(unordered(ordered(a)), a);
            let shared = SharedBar::new(f32::NEG_INFINITY);
            shared.raise(a);
            shared.raise(b);
            prop_assert_eq!(shared.value(), a.max(b));
        }
    }
}
