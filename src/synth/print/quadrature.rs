//! The analytic signal of grown ridges: a quadrature Gabor filter evaluated at any place, on the grid or between.
//!
//! It is what defines a master: the picture is the cosine of its phase, and the minutiae are its zeros. So the ground
//! truth is exact, and independent of any extractor.

use std::f32::consts::TAU;

use super::grid::{BORDER, Flow, Grid};
use super::growth::fold;
use super::kernel::COLUMNS;
use super::params::{ENVELOPE, GRID_SAMPLES, KERNEL_RADIUS};
use crate::synth::math;

/// The filter over a bordered plane of grown ridges.
pub(super) struct Quadrature<'a> {
    grid: &'a Grid,
    plane: &'a [f32],
    /// `exp(-1 / (2 sigma^2))`, sigma in nodes.
    decay: f32,
    half_over_variance: f64,
}

impl<'a> Quadrature<'a> {
    pub(super) fn new(grid: &'a Grid, plane: &'a [f32]) -> Self {
        let sigma = f64::from(ENVELOPE * GRID_SAMPLES);
        let half_over_variance = 0.5 / (sigma * sigma);
        Self { grid, plane, decay: math::exp(-half_over_variance) as f32, half_over_variance }
    }

    /// Ridge flow at pixel `(x, y)`; angular frequency in radians per node.
    pub(super) fn flow(&self, x: f32, y: f32) -> Flow {
        self.grid.flow_at(x / self.grid.step, y / self.grid.step)
    }

    /// Real and imaginary part at pixel `(x, y)`, for the wave vector `wave` in radians per node (y down): the phase grows
    /// along `wave`.
    pub(super) fn at(&self, x: f32, y: f32, wave: (f32, f32)) -> (f32, f32) {
        let (gx, gy) = (x / self.grid.step, y / self.grid.step);
        let (column, row) = (gx.max(0.0) as usize, gy.max(0.0) as usize);
        if column + 1 >= self.grid.columns || row + 1 >= self.grid.rows {
            return (0.0, 0.0);
        }
        let horizontal = self.taps(column as f32 - KERNEL_RADIUS as f32 - gx, wave.0);
        let vertical = self.taps(row as f32 - KERNEL_RADIUS as f32 - gy, wave.1);
        let corner = (row + BORDER - KERNEL_RADIUS) * self.grid.stride + column + BORDER - KERNEL_RADIUS;
        let (mut real, mut imaginary) = ([0f32; COLUMNS], [0f32; COLUMNS]);
        for j in 0..COLUMNS {
            let from = corner + j * self.grid.stride;
            if let Some(Ok(samples)) = self.plane.get(from..from + COLUMNS).map(<&[f32; COLUMNS]>::try_from) {
                let (wr, wi) = (vertical.0[j], vertical.1[j]);
                for i in 0..COLUMNS {
                    real[i] += wr * samples[i];
                    imaginary[i] += wi * samples[i];
                }
            }
        }
        let (mut re, mut im) = ([0f32; COLUMNS], [0f32; COLUMNS]);
        for i in 0..COLUMNS {
            re[i] = horizontal.0[i] * real[i] - horizontal.1[i] * imaginary[i];
            im[i] = horizontal.0[i] * imaginary[i] + horizontal.1[i] * real[i];
        }
        (fold(&re), fold(&im))
    }

    /// `exp(-d^2 / 2 sigma^2) exp(-i omega d)` at the distances `first`, `first + 1`, ...
    fn taps(&self, first: f32, omega: f32) -> ([f32; COLUMNS], [f32; COLUMNS]) {
        let d = f64::from(first);
        let mut envelope = math::exp(-d * d * self.half_over_variance) as f32;
        let mut ratio = math::exp(-(2.0 * d + 1.0) * self.half_over_variance) as f32;
        let (s, c) = math::sin_cos(-f64::from(omega) * d);
        let (mut sine, mut cosine) = (s as f32, c as f32);
        let (s, c) = math::sin_cos(-f64::from(omega));
        let (step_sine, step_cosine) = (s as f32, c as f32);
        let (mut re, mut im) = ([0f32; COLUMNS], [0f32; COLUMNS]);
        for i in 0..COLUMNS {
            re[i] = envelope * cosine;
            im[i] = envelope * sine;
            envelope *= ratio;
            ratio *= self.decay * self.decay;
            (cosine, sine) = (cosine * step_cosine - sine * step_sine, cosine * step_sine + sine * step_cosine);
        }
        (re, im)
    }

    /// Pixels from one node of the grid to the next.
    pub(super) fn pixels_per_node(&self) -> f32 {
        self.grid.step
    }

    /// Usual magnitude of the signal in a filled finger.
    pub(super) fn full_magnitude(&self) -> f32 {
        let sigma = ENVELOPE * GRID_SAMPLES;
        // Half the envelope's sum times the amplitude of the fundamental of a clipped wave.
        0.5 * TAU * sigma * sigma * 1.2
    }
}
