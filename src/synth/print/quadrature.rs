//! The analytic signal of grown ridges: a quadrature Gabor filter evaluated at any place, on the grid or between.
//!
//! It defines a master: the picture is the cosine of its phase, and the minutiae are its zeros. So the ground truth is
//! exact and independent of any extractor.

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
    /// One over twice the variance of the envelope, in nodes.
    half_over_variance: f64,
}

/// Envelope of the filter along one axis at one place: the first sample's index and the weights.
#[derive(Clone, Copy)]
pub(super) struct Window {
    first: usize,
    /// Distance of the first sample from the place, nodes.
    offset: f32,
    weights: [f32; COLUMNS],
}

impl<'a> Quadrature<'a> {
    pub(super) fn new(grid: &'a Grid, plane: &'a [f32]) -> Self {
        let sigma = f64::from(ENVELOPE * GRID_SAMPLES);
        let half_over_variance = 0.5 / (sigma * sigma);
        Self { grid, plane, half_over_variance }
    }

    /// Ridge flow at pixel `(x, y)`; angular frequency in radians per node.
    pub(super) fn flow(&self, x: f32, y: f32) -> Flow {
        self.grid.flow_at(x / self.grid.step, y / self.grid.step)
    }

    /// The envelope at pixel coordinate `v` along either axis.
    pub(super) fn window(&self, v: f32) -> Window {
        let g = (v / self.grid.step).max(0.0);
        let node = g as usize;
        let offset = node as f32 - KERNEL_RADIUS as f32 - g;
        let mut weights = [0f32; COLUMNS];
        for (i, w) in weights.iter_mut().enumerate() {
            let d = f64::from(offset + i as f32);
            *w = math::exp(-d * d * self.half_over_variance) as f32;
        }
        Window { first: node + BORDER - KERNEL_RADIUS, offset, weights }
    }

    /// Real and imaginary part at pixel `(x, y)`, for the wave vector `wave` in radians per node (y down): the phase grows
    /// along `wave`.
    pub(super) fn at(&self, x: f32, y: f32, wave: (f32, f32)) -> (f32, f32) {
        self.within(&self.window(x), &self.window(y), wave)
    }

    /// The same with given envelopes of both axes.
    pub(super) fn within(&self, across: &Window, down: &Window, wave: (f32, f32)) -> (f32, f32) {
        let horizontal = taps(across, wave.0);
        let vertical = taps(down, wave.1);
        let corner = down.first * self.grid.stride + across.first;
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

/// The envelope times `exp(-i omega d)` at its samples' distances `d`.
fn taps(window: &Window, omega: f32) -> ([f32; COLUMNS], [f32; COLUMNS]) {
    let (s, c) = math::sin_cos(-f64::from(omega) * f64::from(window.offset));
    let (mut sine, mut cosine) = (s as f32, c as f32);
    let (s, c) = math::sin_cos(-f64::from(omega));
    let (step_sine, step_cosine) = (s as f32, c as f32);
    let (mut re, mut im) = ([0f32; COLUMNS], [0f32; COLUMNS]);
    for i in 0..COLUMNS {
        re[i] = window.weights[i] * cosine;
        im[i] = window.weights[i] * sine;
        (cosine, sine) = (cosine * step_cosine - sine * step_sine, cosine * step_sine + sine * step_cosine);
    }
    (re, im)
}
