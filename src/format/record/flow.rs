//! Ridge flow in the compact template: 12 bits a cell, and so many cells that the whole stays small.

use std::f32::consts::TAU;

use super::number::{round_u8, round_u16};
use super::writer::Writer;
use crate::fingerprint::template::RidgeFlow;
use crate::format::FormatError;
use crate::format::reader::Reader;

/// Most cells; with all of them in the print and 40 minutiae a template still has less than 1.5 KiB.
const MAX_CELLS: usize = 640;
/// Period of code 0 if it were one, and a step of the code, in eighths of a pixel.
const PERIOD_BASE: u8 = 32;
const PERIOD_STEP: u8 = 8;

/// Whether the flow has more cells than are written.
pub(super) fn is_fine(flow: &RidgeFlow) -> bool {
    cells(flow.columns, flow.rows) > MAX_CELLS
}

fn cells(columns: u16, rows: u16) -> usize {
    usize::from(columns).saturating_mul(usize::from(rows))
}

pub(super) fn read_flow(r: &mut Reader<'_>) -> Result<RidgeFlow, FormatError> {
    let offset = r.offset();
    let (cell, columns, rows) = (r.u16("cell")?, r.u16("columns")?, r.u16("rows")?);
    let count = cells(columns, rows);
    if cell == 0 || count > MAX_CELLS {
        let (what, value) = ("number of cells", u64::try_from(count).unwrap_or(u64::MAX));
        return Err(FormatError::Value { what, offset, value, expected: "at most 640 cells of at least a pixel" });
    }
    let mask = r.take(count.div_ceil(8), "cells of the print")?;
    let inside: Vec<bool> =
        mask.iter().flat_map(|byte| (0..8).map(move |bit| byte & 0x80u8.wrapping_shr(bit) != 0)).take(count).collect();
    let printed = inside.iter().filter(|i| **i).count();
    let packed = r.take(printed.saturating_mul(3).div_ceil(2), "ridge flow")?;
    let mut nibbles = packed.iter().flat_map(|b| [b >> 4, b & 0x0F]);
    let mut flow = RidgeFlow {
        cell,
        columns,
        rows,
        orientation: vec![0; count],
        coherence: vec![0; count],
        period: vec![0; count],
    };
    let columns = flow.orientation.iter_mut().zip(&mut flow.coherence).zip(&mut flow.period);
    for (((orientation, coherence), period), _) in columns.zip(&inside).filter(|(_, inside)| **inside) {
        let mut next = || nibbles.next().unwrap_or(0);
        let both = next() << 4 | next();
        *orientation = both & 0xF8;
        *coherence = (both & 7) << 5 | 16;
        *period = match next() {
            0 => 0,
            code => PERIOD_BASE.saturating_add(code.saturating_mul(PERIOD_STEP)),
        };
    }
    Ok(flow)
}

pub(super) fn write_flow(out: &mut Writer, flow: &RidgeFlow) {
    let coarse;
    let mut flow = flow;
    if is_fine(flow) {
        coarse = coarser(flow);
        flow = &coarse;
    }
    out.u16(flow.cell);
    out.u16(flow.columns);
    out.u16(flow.rows);
    let count = cells(flow.columns, flow.rows);
    let at = |of: &[u8], i: usize| of.get(i).copied().unwrap_or(0);
    let mut mask = vec![0u8; count.div_ceil(8)];
    let mut nibbles = Vec::with_capacity(count.saturating_mul(3));
    for i in 0..count {
        let coherence = at(&flow.coherence, i);
        let Some(strength) = coherence.checked_sub(1) else { continue };
        if let Some(byte) = mask.get_mut(i >> 3) {
            *byte |= 0x80u8.wrapping_shr(u32::try_from(i & 7).unwrap_or(0));
        }
        // Half a turn is 256, so rounding wraps as orientations do.
        let both = at(&flow.orientation, i).wrapping_add(4) & 0xF8 | strength >> 5;
        nibbles.extend([both >> 4, both & 0x0F, period_code(at(&flow.period, i))]);
    }
    out.bytes(&mask);
    for pair in nibbles.chunks(2) {
        let (first, second) = (pair.first().copied().unwrap_or(0), pair.get(1).copied().unwrap_or(0));
        out.u8(first << 4 | second);
    }
}

fn period_code(period: u8) -> u8 {
    if period == 0 {
        return 0;
    }
    round_u8((f32::from(period) - f32::from(PERIOD_BASE)) / f32::from(PERIOD_STEP)).clamp(1, 15)
}

/// The same flow in cells that are larger by a whole factor, so that there are few enough.
fn coarser(flow: &RidgeFlow) -> RidgeFlow {
    let fits = |by: &u16| cells(flow.columns.div_ceil(*by), flow.rows.div_ceil(*by)) <= MAX_CELLS;
    let by = (2..u16::MAX).find(fits).unwrap_or(u16::MAX);
    let (columns, rows) = (flow.columns.div_ceil(by), flow.rows.div_ceil(by));
    let count = cells(columns, rows);
    let mut out = RidgeFlow {
        cell: flow.cell.saturating_mul(by),
        columns,
        rows,
        orientation: Vec::with_capacity(count),
        coherence: Vec::with_capacity(count),
        period: Vec::with_capacity(count),
    };
    for row in 0..rows {
        for column in 0..columns {
            let (orientation, coherence, period) = block(flow, column.saturating_mul(by), row.saturating_mul(by), by);
            out.orientation.push(orientation);
            out.coherence.push(coherence);
            out.period.push(period);
        }
    }
    out
}

/// Mean of a block of cells: orientations as doubled vectors weighted by coherence; background where most of it is.
fn block(flow: &RidgeFlow, left: u16, top: u16, by: u16) -> (u8, u8, u8) {
    let (mut x, mut y, mut seen, mut all) = (0.0f32, 0.0f32, 0.0f32, 0.0f32);
    let (mut period, mut periods) = (0.0f32, 0.0f32);
    let (right, bottom) = (left.saturating_add(by).min(flow.columns), top.saturating_add(by).min(flow.rows));
    for row in top..bottom {
        for column in left..right {
            all += 1.0;
            let i = usize::from(row).saturating_mul(flow.columns.into()).saturating_add(column.into());
            let at = |of: &[u8]| of.get(i).copied().map_or(0.0, f32::from);
            let weight = at(&flow.coherence);
            if weight == 0.0 {
                continue;
            }
            seen += 1.0;
            let (sin, cos) = (at(&flow.orientation) * (TAU / 256.0)).sin_cos();
            (x, y) = (x + weight * cos, y + weight * sin);
            if at(&flow.period) > 0.0 {
                (period, periods) = (period + at(&flow.period), periods + 1.0);
            }
        }
    }
    if seen * 2.0 < all || seen == 0.0 {
        return (0, 0, 0);
    }
    let turn = round_u16(y.atan2(x).rem_euclid(TAU) * (256.0 / TAU));
    let coherence = round_u8(x.hypot(y) / seen).max(1);
    let period = if periods > 0.0 { round_u8(period / periods) } else { 0 };
    (u8::try_from(turn & 0xFF).unwrap_or(0), coherence, period)
}
