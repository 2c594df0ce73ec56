//! Agreement of the ridge flow of two aligned prints: evidence that does not come from minutiae.
//!
//! The cells of the rectangle around the foreground are stored with 6 bits of orientation and 2 bits of coherence. The
//! ridge period varies slowly and is stored once for a block of cells, on a logarithmic scale.

use std::sync::LazyLock;

use super::direction::{Brad, radians};
use super::params::{COHERENCE_STEPS, COHERENCE_WEIGHTS, PERIOD_BLOCK, PERIOD_STEP};
use crate::fingerprint::template::RidgeFlow;

/// Position of the stored cells (rows run down the picture).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct FlowShape {
    /// Cell size, pixels; 0 where there is no flow.
    pub(crate) cell: u16,
    pub(crate) columns: u16,
    pub(crate) rows: u16,
    /// Cells left out on the left.
    pub(crate) left: u16,
    /// Cells left out at the top.
    pub(crate) top: u16,
}

impl FlowShape {
    fn cells(&self) -> usize {
        usize::from(self.columns) * usize::from(self.rows)
    }

    /// Bytes of cells and periods.
    pub(crate) fn bytes(&self) -> usize {
        let (across, down) = self.blocks();
        self.cells() + across * down
    }

    /// Columns and rows of blocks.
    fn blocks(&self) -> (usize, usize) {
        (usize::from(self.columns).div_ceil(PERIOD_BLOCK), usize::from(self.rows).div_ceil(PERIOD_BLOCK))
    }
}

/// The ridge flow of a packed print.
#[derive(Clone, Copy)]
pub(crate) struct Flow<'a> {
    shape: FlowShape,
    /// Cells, then periods, eight to a word.
    words: &'a [u64],
}

/// Agreement of the flow of two prints.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Agreement {
    /// Cells of b that fall on foreground of a.
    pub(crate) cells: f32,
    /// Weighted mean of the cosine of twice the difference.
    pub(crate) cosine: f32,
    /// Mean absolute log ratio of periods.
    pub(crate) period: f32,
}

/// Cosine of 256ths of a turn, in 4,096ths.
static COSINE: LazyLock<[i32; 256]> =
    LazyLock::new(|| std::array::from_fn(|i| (radians((i as u16 as i16) << 8).cos() * 4096.0).round() as i32));

impl<'a> Flow<'a> {
    /// The stored form of a template's ridge flow: shape, cells, periods. `None` without foreground.
    pub(crate) fn pack(flow: &RidgeFlow) -> Option<(FlowShape, Vec<u8>, Vec<u8>)> {
        let columns = usize::from(flow.columns);
        let foreground = || (0..flow.coherence.len()).filter(|&i| flow.coherence[i] > 0);
        let (top, bottom) = (foreground().next()? / columns, foreground().next_back()? / columns);
        let left = foreground().map(|i| i % columns).min()?;
        let right = foreground().map(|i| i % columns).max()?;
        let shape = FlowShape {
            cell: flow.cell,
            columns: (right - left + 1) as u16,
            rows: (bottom - top + 1) as u16,
            left: left as u16,
            top: top as u16,
        };
        let index = |column: usize, row: usize| (top + row) * columns + left + column;
        let mut cells = Vec::with_capacity(shape.cells());
        for row in 0..usize::from(shape.rows) {
            for column in 0..usize::from(shape.columns) {
                let i = index(column, row);
                cells.push(cell(flow.orientation[i], flow.coherence[i]));
            }
        }
        let (across, down) = shape.blocks();
        let mut periods = Vec::with_capacity(across * down);
        for block in 0..across * down {
            let within = |at: usize, most: u16| at..(at + PERIOD_BLOCK).min(usize::from(most));
            let (mut sum, mut n) = (0f32, 0f32);
            for row in within(block / across * PERIOD_BLOCK, shape.rows) {
                for column in within(block % across * PERIOD_BLOCK, shape.columns) {
                    let i = index(column, row);
                    if flow.coherence[i] > 0 && flow.period[i] > 0 {
                        sum += f32::from(flow.period[i]).ln();
                        n += 1.0;
                    }
                }
            }
            periods.push(if n > 0.0 { 1 + (sum / n / PERIOD_STEP).round() as u8 } else { 0 });
        }
        Some((shape, cells, periods))
    }

    /// The flow of a shape from stored words; `None` where there is none.
    #[inline(always)]
    pub(crate) fn new(shape: FlowShape, words: &'a [u64]) -> Option<Self> {
        (shape.cell > 0).then_some(Self { shape, words })
    }

    #[inline(always)]
    fn byte(&self, i: usize) -> u8 {
        self.words.get(i / 8).map_or(0, |w| (w >> (8 * (i % 8))) as u8)
    }
}

/// One stored cell; 0 is background.
fn cell(orientation: u8, coherence: u8) -> u8 {
    if coherence == 0 {
        return 0;
    }
    let level = 1 + COHERENCE_STEPS.iter().filter(|s| coherence >= **s).count() as u8;
    // Round to the nearest of 64 orientations.
    (orientation.wrapping_add(2) & 0xfc) | level
}

/// Compares the flows; `map` maps b's plane (y up) onto a's, `turn` is its rotation.
#[inline(always)]
pub(crate) fn agree(a: &Flow<'_>, b: &Flow<'_>, turn: Brad, map: &[f32; 6]) -> Agreement {
    let cosines = &*COSINE;
    let turn = (turn.wrapping_mul(2) as u16 >> 8) as u8;
    let (mut w, mut cosine, mut cells) = (0i32, 0i32, 0i32);
    let at = Carried::new(a, b, map, 1);
    for row in 0..b.shape.rows {
        for column in 0..b.shape.columns {
            let cb = b.byte(usize::from(row) * usize::from(b.shape.columns) + usize::from(column));
            if cb == 0 {
                continue;
            }
            let Some(i) = at.index(column, row) else { continue };
            let ca = a.byte(i);
            if ca == 0 {
                continue;
            }
            let difference = (ca & 0xfc).wrapping_sub(cb & 0xfc).wrapping_sub(turn);
            let weight = COHERENCE_WEIGHTS[usize::from((ca & 3).min(cb & 3))];
            w += weight;
            cells += 1;
            cosine += weight * cosines[usize::from(difference)];
        }
    }
    let (mut blocks, mut apart) = (0i32, 0i32);
    let at = Carried::new(a, b, map, PERIOD_BLOCK as u16);
    let (across, down) = b.shape.blocks();
    for row in 0..down as u16 {
        for column in 0..across as u16 {
            let pb = b.byte(b.shape.cells() + usize::from(row) * across + usize::from(column));
            if pb == 0 {
                continue;
            }
            let Some(i) = at.index(column, row) else { continue };
            let pa = a.byte(a.shape.cells() + i);
            if pa == 0 {
                continue;
            }
            blocks += 1;
            apart += (i32::from(pa) - i32::from(pb)).abs();
        }
    }
    let (w, blocks) = (w.max(1) as f32, blocks.max(1) as f32);
    Agreement {
        cells: cells as f32,
        cosine: cosine as f32 * (1.0 / 4096.0) / w,
        period: apart as f32 * PERIOD_STEP / blocks,
    }
}

/// Maps blocks of b's cells to blocks of a's.
struct Carried {
    /// Columns and rows of a's grid as functions of b's.
    u: [f32; 3],
    v: [f32; 3],
    columns: f32,
    rows: f32,
}

impl Carried {
    /// `block` is the side of a block, cells.
    #[inline(always)]
    fn new(a: &Flow<'_>, b: &Flow<'_>, m: &[f32; 6], block: u16) -> Self {
        let (cell, unit) = (f32::from(b.shape.cell), f32::from(block));
        let (left, top) = (f32::from(b.shape.left), f32::from(b.shape.top));
        // b's pixel at the center of a block, as a linear function of column and row: origin + step * number.
        let (x0, y0) = ((left + 0.5 * unit) * cell, -(top + 0.5 * unit) * cell);
        let step = unit * cell;
        let scale = 1.0 / (f32::from(a.shape.cell) * unit);
        let (ox, oy) = (m[0] * x0 + m[1] * y0 + m[2], m[3] * x0 + m[4] * y0 + m[5]);
        let (left, top) = (f32::from(a.shape.left) / unit, f32::from(a.shape.top) / unit);
        let of = |cells: u16| f32::from(cells.div_ceil(block));
        Self {
            u: [m[0] * step * scale, -m[1] * step * scale, ox * scale - left],
            v: [-m[3] * step * scale, m[4] * step * scale, -oy * scale - top],
            columns: of(a.shape.columns),
            rows: of(a.shape.rows),
        }
    }

    /// Number of a's block under the center of b's.
    #[inline(always)]
    fn index(&self, column: u16, row: u16) -> Option<usize> {
        let (c, r) = (f32::from(column), f32::from(row));
        let u = self.u[0] * c + self.u[1] * r + self.u[2];
        let v = self.v[0] * c + self.v[1] * r + self.v[2];
        // False for NaN, too.
        let inside = u >= 0.0 && v >= 0.0 && u < self.columns && v < self.rows;
        inside.then(|| v as usize * self.columns as usize + u as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_agrees_with_itself_and_not_with_itself_turned() {
        let (columns, rows) = (20u16, 24u16);
        let n = usize::from(columns * rows);
        let inside = |i: usize| (3..17).contains(&(i % 20)) && (2..21).contains(&(i / 20));
        let flow = RidgeFlow {
            cell: 16,
            columns,
            rows,
            orientation: (0..n).map(|i| (i * 3) as u8).collect(),
            coherence: (0..n).map(|i| if inside(i) { 150 } else { 0 }).collect(),
            period: vec![72; n],
        };
        let (shape, cells, periods) = Flow::pack(&flow).unwrap();
        assert_eq!(shape, FlowShape { cell: 16, columns: 14, rows: 19, left: 3, top: 2 });
        assert_eq!(
            (cells.len(), periods.len()),
            (14 * 19, 14usize.div_ceil(PERIOD_BLOCK) * 19usize.div_ceil(PERIOD_BLOCK))
        );
        let mut words = vec![0u64; (cells.len() + periods.len()).div_ceil(8)];
        for (i, &byte) in cells.iter().chain(&periods).enumerate() {
            words[i / 8] |= u64::from(byte) << (8 * (i % 8));
        }
        let flow = Flow::new(shape, &words).unwrap();
        let same = agree(&flow, &flow, 0, &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!((same.cells, same.cosine, same.period), (266.0, 1.0, 0.0));
        let turned = agree(&flow, &flow, 1 << 14, &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!((turned.cells, turned.cosine), (266.0, -1.0));
        let away = agree(&flow, &flow, 0, &[1.0, 0.0, 5000.0, 0.0, 1.0, 0.0]);
        assert_eq!(away.cells, 0.0);
        let unknown = agree(&flow, &flow, 0, &[f32::NAN; 6]);
        assert_eq!(unknown.cells, 0.0);
    }
}
