//! The base's ridge flow, extended where only other impressions have flow.

use super::params::{MAX_CELLS, MOST_BEYOND};
use super::sighting::{Sighting, cell};
use crate::fingerprint::compare::pairs::Point;
use crate::fingerprint::template::RidgeFlow;

/// How far the merged plane reaches beyond the base's picture, pixels: left, top, right, bottom.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Beyond {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) right: f32,
    pub(super) bottom: f32,
}

impl Beyond {
    /// Grows to hold a point (y up) of a plane of that size.
    pub(super) fn hold(&mut self, [x, y]: Point, width: f32, height: f32) {
        self.left = self.left.max(-x);
        self.top = self.top.max(y);
        self.right = self.right.max(x - width);
        self.bottom = self.bottom.max(-y - height);
    }

    /// Rounded to whole cells, at most the allowed distance.
    pub(super) fn rounded(self, cell: f32) -> Self {
        let round = |v: f32| (v.clamp(0.0, MOST_BEYOND) / cell).ceil() * cell;
        Self { left: round(self.left), top: round(self.top), right: round(self.right), bottom: round(self.bottom) }
    }
}

/// The ridge flow of the first impression, on a grid moved and enlarged by `beyond`, and that of the others where the
/// first has none. `None` when the first has none or the grid is too fine.
pub(super) fn extend(sightings: &[Sighting<'_>], beyond: &Beyond) -> Option<RidgeFlow> {
    let (base, others) = sightings.split_first()?;
    let base = base.template.ridge_flow()?;
    let size = f32::from(base.cell);
    let cells = |v: f32| (v / size) as u16;
    let (left, top) = (cells(beyond.left), cells(beyond.top));
    let columns = base.columns.checked_add(left)?.checked_add(cells(beyond.right))?;
    let rows = base.rows.checked_add(top)?.checked_add(cells(beyond.bottom))?;
    let count = usize::from(columns) * usize::from(rows);
    if count > MAX_CELLS {
        return None;
    }
    let mut out = RidgeFlow {
        cell: base.cell,
        columns,
        rows,
        orientation: vec![0; count],
        coherence: vec![0; count],
        period: vec![0; count],
    };
    for row in 0..usize::from(rows) {
        for column in 0..usize::from(columns) {
            let i = row * usize::from(columns) + column;
            let x = (column as f32 + 0.5) * size - beyond.left;
            let y = (row as f32 + 0.5) * size - beyond.top;
            let mut take = |flow: &RidgeFlow, j: usize, turn: f32| {
                let orientation = f32::from(flow.orientation[j]) + turn * (256.0 / std::f32::consts::PI);
                out.orientation[i] = (orientation.round() as i32).rem_euclid(256) as u8;
                out.coherence[i] = flow.coherence[j];
                out.period[i] = flow.period[j];
            };
            if let Some(j) = cell(base, x, y).filter(|&j| base.coherence[j] > 0) {
                take(base, j, 0.0);
                continue;
            }
            for other in others {
                let Some(flow) = other.template.ridge_flow() else { continue };
                let p = other.path.place_back([x, -y]);
                if let Some(j) = cell(flow, p[0], -p[1]).filter(|&j| flow.coherence[j] > 0) {
                    let own = f32::from(flow.orientation[j]) * (std::f32::consts::PI / 256.0);
                    take(flow, j, other.path.turn(p, own) - own);
                    break;
                }
            }
        }
    }
    Some(out)
}
