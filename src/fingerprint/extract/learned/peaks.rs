//! Minutiae from the network's outputs: maxima of the smoothed probability.

use super::network::{MINUTIA_CHANNELS, OUTPUTS};
use super::params::{LIKELIHOOD, MAX_OFFSET, THRESHOLD};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::geometry::{Angle, Grid};

/// Logit under which a probability counts as 0 (it would be under 0.0004).
const NOTHING: f32 = -8.0;

/// Search for minutiae in outputs that come row by row.
pub(super) struct Peaks {
    /// Size of the image, pixels.
    size: (u32, u32),
    /// The last rows of probabilities, one per half-resolution place; a row is at its number modulo theirs.
    probability: [Vec<f32>; 3],
    /// A row that is smoothed downwards, with a value more at either end.
    line: Vec<f32>,
    /// Probabilities smoothed with weights 1, 2, 1 both ways; values beyond the edge repeat those at the edge.
    heat: Grid<f32>,
    /// Rows of `heat` that are known.
    known: usize,
    /// The last rows of outputs, likewise.
    outputs: [Vec<f32>; 3],
    found: Vec<Minutia>,
    /// Rows of `heat` in which minutiae were searched.
    searched: usize,
}

impl Peaks {
    /// For outputs of `columns` by `rows` places.
    pub fn new(columns: usize, rows: usize, size: (u32, u32)) -> Self {
        Self {
            size,
            probability: std::array::from_fn(|_| vec![0.0; 2 * columns]),
            line: vec![0.0; 2 * columns + 2],
            heat: Grid::new(2 * columns, 2 * rows, 0.0),
            known: 0,
            outputs: std::array::from_fn(|_| vec![0.0; columns * OUTPUTS]),
            found: Vec::new(),
            searched: 0,
        }
    }

    /// Takes row `y` of the outputs; rows come from the top down.
    pub fn take(&mut self, y: usize, outputs: &[f32]) {
        self.outputs[y % 3].copy_from_slice(outputs);
        let height = self.heat.height();
        for half in 0..2 {
            let row = &mut self.probability[(2 * y + half) % 3];
            for (two, outputs) in row.chunks_exact_mut(2).zip(outputs.chunks_exact(OUTPUTS)) {
                for (x, p) in two.iter_mut().enumerate() {
                    let logit = outputs[(half * 2 + x) * MINUTIA_CHANNELS];
                    *p = if logit > NOTHING { 1.0 / (1.0 + (-logit).exp()) } else { 0.0 };
                }
            }
            // A row is smoothed once the one below is there.
            let rows = 2 * y + half + 1;
            while self.known + 1 < rows || (rows == height && self.known < rows) {
                self.smooth(self.known);
                self.known += 1;
            }
        }
        while self.searched + 2 < self.known || (self.known == height && self.searched < height) {
            self.search(self.searched);
            self.searched += 1;
        }
    }

    /// Smoothed probability per half-resolution place, and the minutiae: maxima of their 5 x 5 neighborhoods that reach
    /// the threshold, the first of equal ones.
    pub fn found(self) -> (Grid<f32>, Vec<Minutia>) {
        (self.heat, self.found)
    }

    /// Makes row `y` of the heat.
    fn smooth(&mut self, y: usize) {
        let (width, height) = (self.heat.width(), self.heat.height());
        let row = |y: usize| &self.probability[y % 3];
        let (above, below) = (if y > 0 { y - 1 } else { 1 }, if y + 1 < height { y + 1 } else { y - 1 });
        let line = &mut self.line;
        for (((l, a), h), b) in line[1..].iter_mut().zip(row(above)).zip(row(y)).zip(row(below)) {
            *l = 0.25 * (a + b) + 0.5 * h;
        }
        (line[0], line[width + 1]) = (line[2], line[width - 1]);
        for (o, l) in self.heat.row_mut(y).iter_mut().zip(line.windows(3)) {
            *o = 0.25 * (l[0] + l[2]) + 0.5 * l[1];
        }
    }

    /// Finds the minutiae of row `y` of the heat.
    fn search(&mut self, y: usize) {
        let outputs = &self.outputs[y / 2 % 3];
        for (x, &value) in self.heat.row(y).iter().enumerate() {
            if value < THRESHOLD || !is_maximum(&self.heat, x, y, value) {
                continue;
            }
            let at = x / 2 * OUTPUTS + (y % 2 * 2 + x % 2) * MINUTIA_CHANNELS;
            let &[_, cosine, sine, ending, right, below] = &outputs[at..at + MINUTIA_CHANNELS] else { continue };
            let place = |i: usize, offset: f32| 2.0 * (i as f32 + 0.5 + offset.clamp(-MAX_OFFSET, MAX_OFFSET)) - 0.5;
            let (px, py) = (place(x, right), place(y, below));
            if !(px >= 0.0 && py >= 0.0 && px < self.size.0 as f32 && py < self.size.1 as f32) {
                continue;
            }
            self.found.push(Minutia {
                x: px,
                y: py,
                direction: Angle::from_radians(sine.atan2(cosine)),
                kind: if ending > 0.0 { MinutiaKind::Ending } else { MinutiaKind::Bifurcation },
                quality: quality(value),
            });
        }
    }
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
