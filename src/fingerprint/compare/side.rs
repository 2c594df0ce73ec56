//! The unpacked form of a print for one comparison.

use super::descriptor;
use super::direction::{Brad, Turns};
use super::hull::Hull;
use super::packed::PackedRef;
use super::params::{POSITION_STEP, QUALITY_STEPS, UNREPORTED};
use crate::simd::near::{MOST, Points};

/// One side of a comparison. y points up here, so that directions and positions rotate the same way.
#[derive(Clone)]
pub(crate) struct Side {
    len: usize,
    pub(crate) points: Points,
    /// Cosine and sine of the direction.
    pub(crate) cos: [f32; MOST],
    pub(crate) sin: [f32; MOST],
    /// 0 is unknown.
    pub(crate) kind: [u8; MOST],
    /// Quality as a weight, 0..=1.
    pub(crate) quality: [f32; MOST],
    /// Observed cells of the descriptors.
    pub(crate) masks: [u64; MOST],
    pub(crate) hull: Hull,
}

impl Default for Side {
    fn default() -> Self {
        Self {
            len: 0,
            points: Points::default(),
            cos: [0.0; MOST],
            sin: [0.0; MOST],
            kind: [0; MOST],
            quality: [0.0; MOST],
            masks: [0; MOST],
            hull: Hull::default(),
        }
    }
}

impl Side {
    /// Sets this to the contents of a packed print.
    #[inline(always)]
    pub(crate) fn unfold(&mut self, turns: &Turns, print: PackedRef<'_>) {
        self.len = print.len().min(MOST);
        for (to, x) in self.points.x.iter_mut().zip(print.x()) {
            *to = f32::from(x) * POSITION_STEP;
        }
        for (to, y) in self.points.y.iter_mut().zip(print.y()) {
            *to = -(f32::from(y) * POSITION_STEP);
        }
        for (i, direction) in print.direction().enumerate().take(MOST) {
            self.points.direction[i] = direction.into();
            (self.cos[i], self.sin[i]) = turns.unit(direction);
        }
        for (i, (kind, quality)) in print.marks().enumerate().take(MOST) {
            self.kind[i] = kind;
            self.quality[i] = if quality == 0 { UNREPORTED } else { f32::from(quality) * (1.0 / QUALITY_STEPS as f32) };
        }
        descriptor::masks(print.planes(), &mut self.masks[..self.len]);
        self.hull.set(print.corners(), &self.points.x, &self.points.y);
    }

    /// Length of the mean unit vector of the directions: 1 when all are the same.
    pub(crate) fn combed(&self) -> f32 {
        let sum = |values: &[f32]| values[..self.len()].iter().sum::<f32>();
        sum(&self.cos).hypot(sum(&self.sin)) / self.len().max(1) as f32
    }

    /// The direction of minutia `i`.
    #[inline(always)]
    pub(crate) fn direction(&self, i: usize) -> Brad {
        self.points.direction[i] as Brad
    }

    /// Number of minutiae.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }
}
