//! The true local wave of the ridges: the phase gradient of the signal, averaged over less than a ridge period.
//!
//! The generator's orientation map is only the target of ridge growth; this is the result.

use super::params::{FLOW_CELL, FLOW_WINDOW};
use super::signal::Signal;
use crate::synth::math;

/// Ridge waves on a grid of `FLOW_CELL` pixels; node (0, 0) is pixel (0, 0).
#[derive(Clone)]
pub(super) struct WaveField {
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// Per node: cosine and sine of twice the angle of the wave vector in pixel coordinates (y down), and its squared
    /// length in (radians per pixel)^2; all 0 where there are no ridges.
    values: Vec<[f32; 3]>,
}

impl WaveField {
    /// Makes the field from the signal of a finger whose ridge period is `period` pixels.
    pub(super) fn new(signal: &Signal, period: f32) -> Self {
        let columns = signal.width.div_ceil(FLOW_CELL);
        let rows = signal.height.div_ceil(FLOW_CELL);
        let mut sums = vec![[0f32; 4]; columns * rows];
        // Every second pixel is dense enough for waves of 6 pixels and more.
        for y in (2..signal.height.saturating_sub(2)).step_by(2) {
            for x in (2..signal.width.saturating_sub(2)).step_by(2) {
                if let Some((kx, ky, weight)) = phase_gradient(signal, x, y) {
                    let node = (y / FLOW_CELL).min(rows - 1) * columns + (x / FLOW_CELL).min(columns - 1);
                    let s = &mut sums[node];
                    s[0] += weight * (kx * kx - ky * ky);
                    s[1] += weight * 2.0 * kx * ky;
                    s[2] += weight * (kx * kx + ky * ky);
                    s[3] += weight;
                }
            }
        }
        let values = smooth(&sums, columns, rows, FLOW_WINDOW * period / FLOW_CELL as f32)
            .into_iter()
            .map(|s| {
                let length = (s[0] * s[0] + s[1] * s[1]).sqrt();
                if s[3] <= 0.0 || length <= 0.0 { [0.0; 3] } else { [s[0] / length, s[1] / length, s[2] / s[3]] }
            })
            .collect();
        Self { columns, rows, values }
    }

    /// Wave vector at pixel `(x, y)` of the master in radians per pixel, y down, sign arbitrary; `None` off the finger.
    pub(super) fn at(&self, x: f32, y: f32) -> Option<(f32, f32)> {
        // Pixels 0, 2 of a cell of 4 were summed: its middle is pixel 1.
        let place = |v: f32| ((v - 1.0) / FLOW_CELL as f32).max(0.0);
        let (gx, gy) = (place(x), place(y));
        let (column, row) = (gx as usize, gy as usize);
        if column + 1 >= self.columns || row + 1 >= self.rows {
            return None;
        }
        let (fx, fy) = (gx - column as f32, gy - row as f32);
        let mut sum = [0f32; 3];
        for (i, j, weight) in
            [(0, 0, (1.0 - fx) * (1.0 - fy)), (1, 0, fx * (1.0 - fy)), (0, 1, (1.0 - fx) * fy), (1, 1, fx * fy)]
        {
            let value = self.values.get((row + j) * self.columns + column + i)?;
            if value[2] <= 0.0 {
                return None;
            }
            for (s, v) in sum.iter_mut().zip(value) {
                *s += weight * v;
            }
        }
        let angle = 0.5 * math::atan2(f64::from(sum[1]), f64::from(sum[0]));
        let (sine, cosine) = math::sin_cos(angle);
        let length = sum[2].max(0.0).sqrt();
        Some((length * cosine as f32, length * sine as f32))
    }
}

/// Phase gradient at an inner pixel (radians per pixel) and the signal's energy there.
fn phase_gradient(signal: &Signal, x: usize, y: usize) -> Option<(f32, f32, f32)> {
    let center = y * signal.width + x;
    let weight = signal.re[center] * signal.re[center] + signal.im[center] * signal.im[center];
    if weight <= 0.0 {
        return None;
    }
    let reference = signal.wave[center];
    let half_step = |before: usize, after: usize| {
        let part = |i: usize| {
            let wave = signal.wave[i];
            let sign = if wave.0 * reference.0 + wave.1 * reference.1 < 0.0 { -1.0 } else { 1.0 };
            (signal.re[i], sign * signal.im[i])
        };
        let ((ar, ai), (br, bi)) = (part(before), part(after));
        let (re, im) = (ar * br + ai * bi, ar * bi - ai * br);
        0.5 * math::atan2(f64::from(im), f64::from(re)) as f32
    };
    let kx = half_step(center - 1, center + 1);
    let ky = half_step(center - signal.width, center + signal.width);
    Some((kx, ky, weight))
}

/// Gaussian average of deviation `sigma` cells.
fn smooth(values: &[[f32; 4]], columns: usize, rows: usize, sigma: f32) -> Vec<[f32; 4]> {
    let radius = (2.5 * sigma) as isize + 1;
    let weights: Vec<f32> = (-radius..=radius)
        .map(|d| {
            let t = f64::from(d as f32 / sigma);
            math::exp(-0.5 * t * t) as f32
        })
        .collect();
    let pass = |values: &[[f32; 4]], across: bool| -> Vec<[f32; 4]> {
        let mut out = Vec::with_capacity(values.len());
        for row in 0..rows as isize {
            for column in 0..columns as isize {
                let mut sum = [0f32; 4];
                for (d, &weight) in (-radius..=radius).zip(&weights) {
                    let (c, r) = if across { (column + d, row) } else { (column, row + d) };
                    if (0..columns as isize).contains(&c) && (0..rows as isize).contains(&r) {
                        let value = &values[r as usize * columns + c as usize];
                        for (s, v) in sum.iter_mut().zip(value) {
                            *s += weight * v;
                        }
                    }
                }
                out.push(sum);
            }
        }
        out
    };
    pass(&pass(values, true), false)
}
