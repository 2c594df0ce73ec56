//! The reference form in plain Rust.

use super::weights::{BLOCK, GROUP, Weights, Window};

/// See [`super::row`].
pub(super) fn row(weights: &Weights, window: Window<'_>, sums: &mut [i32]) {
    sums.fill(0);
    for (position, sums) in sums.chunks_exact_mut(weights.outputs()).enumerate() {
        for (block, sums) in sums.chunks_exact_mut(BLOCK).enumerate() {
            let [ordered] = weights.blocks::<1>(block);
            for (taps, offset) in ordered.chunks_exact(BLOCK * GROUP).zip(window.offsets) {
                let four = &window.bytes[offset + position * window.step..][..GROUP];
                for (sum, taps) in sums.iter_mut().zip(taps.chunks_exact(GROUP)) {
                    *sum += four.iter().zip(taps).map(|(&a, &w)| i32::from(a) * i32::from(w)).sum::<i32>();
                }
            }
        }
    }
}
