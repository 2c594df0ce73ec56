//! Density map: the local ridge period of a finger.

use super::layout::Layout;
use super::orientation::smooth_step;
use super::params::{PERIOD_CHANGE, WIDER_ENDS};
use crate::synth::noise::Lattice;
use crate::synth::random::Stream;

/// Local ridge period of a finger.
pub(crate) struct Density {
    base: f32,
    top: f32,
    bottom: f32,
    noise: Lattice,
    size: (f32, f32),
}

impl Density {
    /// Draws the map of a finger whose period is `base` pixels.
    pub(crate) fn draw(random: &mut Stream, layout: &Layout, base: f32, width: f32, height: f32) -> Self {
        let top = layout.loops.iter().map(|l| l.y).fold(0.45 * height, f32::min);
        let bottom = layout.deltas.iter().map(|d| d.y).fold(0.70 * height, f32::max);
        Self { base, top, bottom, noise: Lattice::draw(random, 5, 6), size: (width, height) }
    }

    /// Period at `(x, y)`, pixels.
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let (width, height) = self.size;
        let above = smooth_step((self.top - y) / (0.35 * height));
        let below = smooth_step((y - self.bottom) / (0.25 * height));
        let noise = self.noise.at(x / width, y / height);
        self.base * (1.0 + WIDER_ENDS * above.max(below) + PERIOD_CHANGE * noise.clamp(-1.0, 1.0))
    }
}
