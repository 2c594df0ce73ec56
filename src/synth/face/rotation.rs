//! A fixed orthogonal transform: random signs and Hadamard transforms.
//!
//! Cosines do not change, but the eigenbasis would give the first components far more variance than a real model does,
//! and forms of 8 or 1 bits per component would see it.

use super::params::ROTATION_ROUNDS;
use super::spectrum::DIMENSION;
use crate::synth::random::Stream;

/// The transform.
pub(super) struct Rotation {
    signs: [[f32; DIMENSION]; ROTATION_ROUNDS],
}

impl Rotation {
    pub(super) fn draw(random: &mut Stream) -> Self {
        // The factor of one over the square root of the dimension preserves lengths.
        let scale = 1.0 / (DIMENSION as f32).sqrt();
        let mut signs = [[scale; DIMENSION]; ROTATION_ROUNDS];
        for sign in signs.iter_mut().flatten() {
            if random.chance(0.5) {
                *sign = -scale;
            }
        }
        Self { signs }
    }

    /// Transforms `v` of [`DIMENSION`] components in place.
    pub(super) fn apply(&self, v: &mut [f32]) {
        for signs in &self.signs {
            for (x, s) in v.iter_mut().zip(signs) {
                *x *= s;
            }
            let mut half = 1;
            while half < v.len() {
                for pair in v.chunks_exact_mut(2 * half) {
                    let (a, b) = pair.split_at_mut(half);
                    for (x, y) in a.iter_mut().zip(b) {
                        (*x, *y) = (*x + *y, *x - *y);
                    }
                }
                half *= 2;
            }
        }
    }
}
