//! Minutiae from the network's outputs: maxima of the smoothed probability.

use super::network::{MINUTIA_CHANNELS, OUTPUTS};
use super::params::{LIKELIHOOD, MAX_OFFSET, THRESHOLD};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::geometry::{Angle, Grid};

/// Logit under which a probability counts as 0 (it would be under 0.0004).
const NOTHING: f32 = -8.0;

/// Probability of a minutia per half-resolution place, smoothed with weights 1, 2, 1 both ways.
pub(super) fn heat(outputs: &[f32], columns: usize, rows: usize) -> Grid<f32> {
    let mut probability = Grid::new(2 * columns, 2 * rows, 0f32);
    for y in 0..2 * rows {
        let line = &outputs[y / 2 * columns * OUTPUTS..][..columns * OUTPUTS];
        for (two, outputs) in probability.row_mut(y).chunks_exact_mut(2).zip(line.chunks_exact(OUTPUTS)) {
            for (x, p) in two.iter_mut().enumerate() {
                let logit = outputs[(y % 2 * 2 + x) * MINUTIA_CHANNELS];
                if logit > NOTHING {
                    *p = 1.0 / (1.0 + (-logit).exp());
                }
            }
        }
    }
    smoothed(&probability)
}

/// Weights 1, 2, 1 both ways; values beyond the edge repeat those at the edge.
fn smoothed(values: &Grid<f32>) -> Grid<f32> {
    let (width, height) = (values.width(), values.height());
    let mut out = Grid::new(width, height, 0f32);
    let mut line = vec![0f32; width + 2];
    for y in 0..height {
        let inner = |y: isize| {
            values.row(if y < 0 {
                1.min(height - 1)
            } else if y >= height as isize {
                height.saturating_sub(2)
            } else {
                y as usize
            })
        };
        let (above, here, below) = (inner(y as isize - 1), inner(y as isize), inner(y as isize + 1));
        for (((l, a), h), b) in line[1..].iter_mut().zip(above).zip(here).zip(below) {
            *l = 0.25 * (a + b) + 0.5 * h;
        }
        line[0] = line[2.min(width)];
        line[width + 1] = line[width.saturating_sub(1).max(1)];
        for (o, l) in out.row_mut(y).iter_mut().zip(line.windows(3)) {
            *o = 0.25 * (l[0] + l[2]) + 0.5 * l[1];
        }
    }
    out
}

/// Maxima of their 5 x 5 neighborhoods that reach the threshold; the first of equal ones.
pub(super) fn minutiae(heat: &Grid<f32>, outputs: &[f32], columns: usize, size: (u32, u32)) -> Vec<Minutia> {
    let mut found = Vec::new();
    for y in 0..heat.height() {
        for (x, &value) in heat.row(y).iter().enumerate() {
            if value < THRESHOLD || !is_maximum(heat, x, y, value) {
                continue;
            }
            let at = (y / 2 * columns + x / 2) * OUTPUTS + (y % 2 * 2 + x % 2) * MINUTIA_CHANNELS;
            let &[_, cosine, sine, ending, right, below] = &outputs[at..at + MINUTIA_CHANNELS] else { continue };
            let place = |i: usize, offset: f32| 2.0 * (i as f32 + 0.5 + offset.clamp(-MAX_OFFSET, MAX_OFFSET)) - 0.5;
            let (px, py) = (place(x, right), place(y, below));
            if !(px >= 0.0 && py >= 0.0 && px < size.0 as f32 && py < size.1 as f32) {
                continue;
            }
            found.push(Minutia {
                x: px,
                y: py,
                direction: Angle::from_radians(sine.atan2(cosine)),
                kind: if ending > 0.0 { MinutiaKind::Ending } else { MinutiaKind::Bifurcation },
                quality: quality(value),
            });
        }
    }
    found
}

/// How likely a minutia is a true one, 1..=100 for a percentage.
fn quality(heat: f32) -> u8 {
    let logit = (heat / (1.0 - heat).max(1e-6)).ln();
    let likelihood = 1.0 / (1.0 + (-(LIKELIHOOD.0 * logit + LIKELIHOOD.1)).exp());
    (100.0 * likelihood).round().clamp(1.0, 100.0) as u8
}

fn is_maximum(heat: &Grid<f32>, x: usize, y: usize, value: f32) -> bool {
    let places = (0..25).map(|i| (x as isize + i % 5 - 2, y as isize + i / 5 - 2, i < 12));
    places.into_iter().all(|(x, y, before)| {
        if x < 0 || y < 0 {
            return true;
        }
        heat.get(x as usize, y as usize).is_none_or(|other| if before { other < value } else { other <= value })
    })
}
