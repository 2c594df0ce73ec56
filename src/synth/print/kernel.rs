//! Bank of isotropic Gabor kernels for ridge growth.

use std::f32::consts::PI;
use std::sync::OnceLock;

use super::grid::Flow;
use super::params::{ENVELOPE, KERNEL_ORIENTATIONS, KERNEL_PERIOD_RANGE, KERNEL_PERIODS, KERNEL_RADIUS};
use crate::simd::chunk::{Chunk, LANES};
use crate::synth::math;

/// Rows of a kernel.
pub(super) const ROWS: usize = 2 * KERNEL_RADIUS + 1;
/// Columns of a kernel; the last one is zero, so that a row fills vector registers.
pub(super) const COLUMNS: usize = LANES;

/// One kernel, a chunk per row.
pub(super) type Kernel = [Chunk; ROWS];

/// Kernels by period and orientation.
pub(super) struct Bank {
    kernels: Vec<Kernel>,
}

impl Bank {
    /// The bank, made once.
    pub(super) fn shared() -> &'static Self {
        static BANK: OnceLock<Bank> = OnceLock::new();
        BANK.get_or_init(Self::new)
    }

    fn new() -> Self {
        let (shortest, longest) = KERNEL_PERIOD_RANGE;
        let mut kernels = Vec::with_capacity(KERNEL_PERIODS * KERNEL_ORIENTATIONS);
        for p in 0..KERNEL_PERIODS {
            let period = shortest + (longest - shortest) * (p as f32 + 0.5) / KERNEL_PERIODS as f32;
            for o in 0..KERNEL_ORIENTATIONS {
                kernels.push(kernel(period, PI * o as f32 / KERNEL_ORIENTATIONS as f32));
            }
        }
        Self { kernels }
    }

    /// Index of the kernel nearest to `flow`.
    pub(super) fn index(flow: Flow) -> u16 {
        let (shortest, longest) = KERNEL_PERIOD_RANGE;
        let angle = 0.5 * math::atan2(f64::from(flow.sin2), f64::from(flow.cos2)) as f32;
        let o = (angle.rem_euclid(PI) / PI * KERNEL_ORIENTATIONS as f32 + 0.5) as usize % KERNEL_ORIENTATIONS;
        let period = 2.0 * PI / flow.omega;
        let p = ((period - shortest) / (longest - shortest) * KERNEL_PERIODS as f32).max(0.0) as usize;
        (p.min(KERNEL_PERIODS - 1) * KERNEL_ORIENTATIONS + o) as u16
    }

    pub(super) fn kernel(&self, index: u16) -> &Kernel {
        &self.kernels[usize::from(index)]
    }
}

/// Zero-mean even Gabor kernel with response 1 to its own cosine wave.
fn kernel(period: f32, orientation: f32) -> Kernel {
    let (sine, cosine) = math::sin_cos(f64::from(orientation));
    let omega = 2.0 * std::f64::consts::PI / f64::from(period);
    let sigma = f64::from(ENVELOPE * period);
    let radius = KERNEL_RADIUS as f64;
    let mut values = [[0f64; COLUMNS]; ROWS];
    let mut waves = [[0f64; COLUMNS]; ROWS];
    let (mut sum, mut envelope_sum) = (0.0, 0.0);
    let mut envelopes = [[0f64; COLUMNS]; ROWS];
    for j in 0..ROWS {
        for i in 0..ROWS {
            let (x, y) = (i as f64 - radius, j as f64 - radius);
            let envelope = math::exp(-(x * x + y * y) / (2.0 * sigma * sigma));
            let wave = math::sin_cos(omega * (x * sine + y * cosine)).1;
            values[j][i] = envelope * wave;
            envelopes[j][i] = envelope;
            waves[j][i] = wave;
            sum += envelope * wave;
            envelope_sum += envelope;
        }
    }
    let mut response = 0.0;
    for j in 0..ROWS {
        for i in 0..ROWS {
            values[j][i] -= envelopes[j][i] * sum / envelope_sum;
            response += values[j][i] * waves[j][i];
        }
    }
    values.map(|row| Chunk(row.map(|v| (v / response) as f32)))
}
