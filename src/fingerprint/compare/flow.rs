//! Agreement of the ridge flow of two aligned prints: evidence that does not come from minutiae.

use super::print::{Brad, radians};
use crate::fingerprint::template::RidgeFlow;

/// Ridge flow of a print on its own grid (rows run down the picture).
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flow {
    pub(crate) cell: f32,
    pub(crate) columns: usize,
    pub(crate) rows: usize,
    pub(crate) orientation: Vec<u8>,
    pub(crate) coherence: Vec<u8>,
    pub(crate) period: Vec<u8>,
}

impl Flow {
    pub(crate) fn new(f: &RidgeFlow) -> Self {
        Self {
            cell: f32::from(f.cell),
            columns: usize::from(f.columns),
            rows: usize::from(f.rows),
            orientation: f.orientation.clone(),
            coherence: f.coherence.clone(),
            period: f.period.clone(),
        }
    }
}

impl Flow {
    /// Memory held, bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.orientation.len() + self.coherence.len() + self.period.len()
    }
}

/// What the flow of two prints says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Agreement {
    /// Cells of b that fall on foreground of a.
    pub(crate) cells: f32,
    /// Weighted mean of the cosine of twice the difference.
    pub(crate) cosine: f32,
    /// Weighted share of cells that differ by more than 22.5 degrees.
    pub(crate) off: f32,
    /// Mean absolute log ratio of periods.
    pub(crate) period: f32,
    /// Absolute mean of the log ratio.
    pub(crate) period_bias: f32,
}

/// Compares the flows; `place` carries b's plane (y up) onto a's, `turn` is its rotation.
pub(crate) fn agree(a: &Flow, b: &Flow, turn: Brad, place: impl Fn(f32, f32) -> (f32, f32)) -> Agreement {
    let turn = (turn.wrapping_mul(2) as u16 >> 8) as u8;
    let (mut w, mut cosine, mut off, mut cells) = (0f32, 0f32, 0f32, 0f32);
    let (mut pn, mut pabs, mut psum) = (0f32, 0f32, 0f32);
    for row in 0..b.rows {
        for column in 0..b.columns {
            let j = row * b.columns + column;
            let cb = b.coherence[j];
            if cb == 0 {
                continue;
            }
            let (x, y) = place((column as f32 + 0.5) * b.cell, -(row as f32 + 0.5) * b.cell);
            let (u, v) = (x / a.cell, -y / a.cell);
            if u < 0.0 || v < 0.0 || u >= a.columns as f32 || v >= a.rows as f32 {
                continue;
            }
            let i = v as usize * a.columns + u as usize;
            let ca = a.coherence[i];
            if ca == 0 {
                continue;
            }
            let difference = a.orientation[i].wrapping_sub(b.orientation[j]).wrapping_sub(turn) as i8;
            let weight = f32::from(ca.min(cb));
            w += weight;
            cells += 1.0;
            cosine += weight * radians(i16::from(difference) << 8).cos();
            if difference.unsigned_abs() > 32 {
                off += weight;
            }
            if a.period[i] > 0 && b.period[j] > 0 {
                let ratio = (f32::from(a.period[i]) / f32::from(b.period[j])).ln();
                pn += 1.0;
                pabs += ratio.abs();
                psum += ratio;
            }
        }
    }
    let w = w.max(1.0);
    Agreement {
        cells,
        cosine: cosine / w,
        off: off / w,
        period: pabs / pn.max(1.0),
        period_bias: (psum / pn.max(1.0)).abs(),
    }
}
