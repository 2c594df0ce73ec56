//! The score that a row must reach to matter, shared by all threads of a search.

use std::sync::atomic::{AtomicU32, Ordering};

/// The highest bar that any thread has found; it holds for all threads.
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

/// Integers that are ordered as the floats are.
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
