//! Walks of all threads over the gallery.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::prelude::*;

use super::error::FaceIndexError;
use super::params::{SEGMENT_PANELS, SEGMENT_ROWS};
use super::search::FaceSearch;
use super::segment::Segment;
use super::state::{RowNumber, Slot, State};
use crate::simd::panel::ROWS;

/// Which rows a search wants, asked before anything is compared; `None` when all of them.
pub(super) type Wanted = Option<Vec<[u32; SEGMENT_PANELS]>>;

/// The rows that a search wants by their labels and by the set of subjects.
pub(super) fn wanted(state: &State, search: &FaceSearch<'_>, slots: &dyn Fn() -> Vec<Slot>) -> Wanted {
    if search.labels.is_none() && search.only.is_none() {
        return None;
    }
    let mut masks = vec![[0u32; SEGMENT_PANELS]; state.segments.len()];
    let set = |masks: &mut [u32; SEGMENT_PANELS], row: usize| {
        if let Some(mask) = masks.get_mut(row / ROWS) {
            *mask |= 1 << (row % ROWS);
        }
    };
    let wants = |segment: &Segment, row: usize| search.labels.is_none_or(|wants| wants(segment.label(row)));
    if search.only.is_some() {
        for row in slots().into_iter().flat_map(|slot| state.rows_of(slot)) {
            let Some((segment, place)) = state.place(*row) else { continue };
            if let Some(masks) = masks.get_mut(*row as usize / SEGMENT_ROWS).filter(|_| wants(segment, place)) {
                set(masks, place);
            }
        }
    } else {
        masks.par_iter_mut().zip(&state.segments).for_each(|(masks, segment)| {
            (0..segment.len()).filter(|&row| wants(segment, row)).for_each(|row| set(masks, row));
        });
    }
    Some(masks)
}

/// The rows of a panel that there are and that are wanted.
pub(super) fn rows_of_panel(wanted: &Wanted, number: usize, segment: &Segment, panel: usize) -> u32 {
    let held = segment.len().saturating_sub(panel * ROWS).min(ROWS);
    let held = if held == ROWS { u32::MAX } else { (1 << held) - 1 };
    let asked = |masks: &Vec<[u32; SEGMENT_PANELS]>| masks.get(number).and_then(|m| m.get(panel)).copied().unwrap_or(0);
    held & wanted.as_ref().map_or(u32::MAX, asked)
}

/// Rows that a mask names, with their numbers and subjects; a bit for each row of a panel.
pub(super) fn named_rows(
    mut mask: u32,
    number: usize,
    segment: &Segment,
    panel: usize,
) -> impl Iterator<Item = (usize, RowNumber, Slot)> {
    std::iter::from_fn(move || {
        loop {
            if mask == 0 {
                return None;
            }
            let bit = mask.trailing_zeros() as usize;
            mask &= mask - 1;
            let row = panel * ROWS + bit;
            if let Some(&slot) = segment.slots.get(row) {
                return Some((bit, (number * SEGMENT_ROWS + row) as RowNumber, slot));
            }
        }
    })
}

/// Lets the threads of the caller's pool walk over all panels, each with what `new` makes, `run` panels at a time (a divisor
/// of those of a segment). What they gathered comes back in no order.
pub(super) fn walk<T: Send>(
    state: &State,
    search: &FaceSearch<'_>,
    run: usize,
    new: impl Fn() -> T + Sync,
    each: impl Fn(&mut T, usize, &Segment, Range<usize>) + Sync,
) -> Result<Vec<T>, FaceIndexError> {
    let next = AtomicUsize::new(0);
    let canceled = AtomicBool::new(false);
    let tasks = state.segments.len() * (SEGMENT_PANELS / run);
    let work = || {
        let mut gathered = new();
        loop {
            let first = next.fetch_add(1, Ordering::Relaxed).saturating_mul(run);
            let Some(segment) = state.segments.get(first / SEGMENT_PANELS) else { return gathered };
            if search.is_canceled() {
                canceled.store(true, Ordering::Relaxed);
                return gathered;
            }
            let from = first % SEGMENT_PANELS;
            let to = (from + run).min(segment.len().div_ceil(ROWS));
            if from < to {
                each(&mut gathered, first / SEGMENT_PANELS, segment, from..to);
            }
        }
    };
    let gathered = match rayon::current_num_threads().min(tasks) {
        0 | 1 => vec![work()],
        workers => (0..workers).into_par_iter().with_max_len(1).map(|_| work()).collect(),
    };
    if canceled.into_inner() { Err(FaceIndexError::Canceled) } else { Ok(gathered) }
}
