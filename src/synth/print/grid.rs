//! The coarse grid on which ridges grow: orientation, period and finger area at its nodes.

use super::density::Density;
use super::layout::Layout;
use super::orientation::orientation;
use super::params::{GRID_SAMPLES, KERNEL_RADIUS};
use super::silhouette::Silhouette;
use crate::synth::math;

/// Empty samples kept on every side so that a kernel never leaves the grid.
pub(super) const BORDER: usize = KERNEL_RADIUS + 2;

/// Orientation, period and area on nodes `step` pixels apart; node (0, 0) of the inner part is pixel (0, 0).
pub(super) struct Grid {
    /// Distance of two nodes, pixels.
    pub(super) step: f32,
    /// Nodes of a row, borders included.
    pub(super) stride: usize,
    /// Inner columns and rows.
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// Cosine and sine of twice the orientation, and the angular frequency in radians per node; inner nodes only,
    /// row-major.
    pub(super) flow: Vec<Flow>,
    /// Whether ridges grow at the inner node.
    pub(super) inside: Vec<bool>,
}

/// Local wave of the ridges.
#[derive(Clone, Copy, Default)]
pub(super) struct Flow {
    /// Cosine of twice the ridge orientation.
    pub(super) cos2: f32,
    /// Sine of twice the ridge orientation.
    pub(super) sin2: f32,
    /// Angular frequency.
    pub(super) omega: f32,
}

impl Flow {
    /// Normal of the ridges in pixel coordinates (y down), times the angular frequency. The sign is arbitrary but a
    /// function of the orientation.
    pub(super) fn wave(self) -> (f32, f32) {
        // Ridge direction (cos, -sin) on the screen, normal (sin, cos).
        let (cosine, sine) = half_angle(self.cos2, self.sin2);
        (self.omega * sine, self.omega * cosine)
    }
}

/// Cosine and sine of the orientation in `[-pi/2, pi/2]` whose double has the given direction.
pub(super) fn half_angle(cos2: f32, sin2: f32) -> (f32, f32) {
    let length = (cos2 * cos2 + sin2 * sin2).sqrt();
    if length <= 1e-12 {
        return (1.0, 0.0);
    }
    let c = cos2 / length;
    let cosine = ((1.0 + c) * 0.5).max(0.0).sqrt();
    let sine = ((1.0 - c) * 0.5).max(0.0).sqrt();
    (cosine, if sin2 < 0.0 { -sine } else { sine })
}

impl Grid {
    pub(super) fn new(layout: &Layout, density: &Density, silhouette: &Silhouette, base: f32) -> Self {
        let (width, height) = silhouette.size();
        let step = base / GRID_SAMPLES;
        let columns = (width / step) as usize + 2;
        let rows = (height / step) as usize + 2;
        let mut flow = Vec::with_capacity(columns * rows);
        let mut inside = Vec::with_capacity(columns * rows);
        for row in 0..rows {
            for column in 0..columns {
                let (x, y) = (column as f32 * step, row as f32 * step);
                // A margin around the finger, so that its edge is as good as its middle.
                let grows = silhouette.level(x, y) < 1.12;
                inside.push(grows);
                flow.push(if grows {
                    let angle = orientation(layout, width, height, x, y);
                    let (sin2, cos2) = math::sin_cos(2.0 * f64::from(angle));
                    let omega = std::f32::consts::TAU * step / density.at(x, y);
                    Flow { cos2: cos2 as f32, sin2: sin2 as f32, omega }
                } else {
                    Flow { cos2: 1.0, sin2: 0.0, omega: std::f32::consts::TAU / GRID_SAMPLES }
                });
            }
        }
        Self { step, stride: columns + 2 * BORDER, columns, rows, flow, inside }
    }

    /// A grid with the same flow everywhere.
    #[cfg(test)]
    pub(super) fn uniform(step: f32, columns: usize, rows: usize, flow: Flow) -> Self {
        let nodes = columns * rows;
        Self { step, stride: columns + 2 * BORDER, columns, rows, flow: vec![flow; nodes], inside: vec![true; nodes] }
    }

    /// Index of inner node `(column, row)` in a bordered sample plane.
    pub(super) fn bordered(&self, column: usize, row: usize) -> usize {
        (row + BORDER) * self.stride + column + BORDER
    }

    /// Number of samples of a bordered plane.
    pub(super) fn plane_len(&self) -> usize {
        self.stride * (self.rows + 2 * BORDER)
    }

    /// Flow at grid coordinates, bilinear in the double angle.
    pub(super) fn flow_at(&self, gx: f32, gy: f32) -> Flow {
        let (x, y) = ((gx.max(0.0) as usize).min(self.columns - 2), (gy.max(0.0) as usize).min(self.rows - 2));
        let (fx, fy) = ((gx - x as f32).clamp(0.0, 1.0), (gy - y as f32).clamp(0.0, 1.0));
        let i = y * self.columns + x;
        let mix = |get: fn(&Flow) -> f32| {
            let f = &self.flow;
            let upper = get(&f[i]) + fx * (get(&f[i + 1]) - get(&f[i]));
            let lower = get(&f[i + self.columns]) + fx * (get(&f[i + self.columns + 1]) - get(&f[i + self.columns]));
            upper + fy * (lower - upper)
        };
        Flow { cos2: mix(|f| f.cos2), sin2: mix(|f| f.sin2), omega: mix(|f| f.omega) }
    }
}
