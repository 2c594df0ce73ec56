//! Candidates of a search that ranks all rows by a narrow form.

use std::ops::Range;

use super::error::FaceIndexError;
use super::exact::Candidate;
use super::form::Form;
use super::params::{PANELS_PER_TASK, SEGMENT_PANELS};
use super::query::{ByteQuery, bit_groups, byte_groups};
use super::scan::{Wanted, named_rows, rows_of_panel, walk};
use super::search::FaceSearch;
use super::segment::Segment;
use super::state::{RowNumber, Slot, State};
use crate::face::embedding::Embedding;
use crate::simd::instruction_set::InstructionSet;
use crate::simd::panel::{MAX_PROBES, ROWS, bit_sums, byte_sums, prefetch, reaching, within};

/// A key and a row; the smallest are the best.
type Ranked<K> = (K, RowNumber);

/// The best rows of a probe that a thread saw.
struct List<K> {
    size: usize,
    /// Keys beyond it are not among the best.
    limit: K,
    rows: Vec<Ranked<K>>,
}

impl<K: Copy + Ord> List<K> {
    fn new(size: usize, limit: K) -> Self {
        Self { size, limit, rows: Vec::new() }
    }

    fn push(&mut self, key: K, row: RowNumber) {
        if key <= self.limit {
            self.rows.push((key, row));
            if self.rows.len() >= self.size.saturating_mul(2) {
                self.cut();
            }
        }
    }

    /// Keeps the best rows; which ones does not depend on the order in which they came.
    fn cut(&mut self) {
        if self.rows.len() > self.size && self.size > 0 {
            let (_, worst, _) = self.rows.select_nth_unstable(self.size - 1);
            self.limit = self.limit.min(worst.0);
            self.rows.truncate(self.size);
        }
    }
}

/// The rows of the shortlist of each probe.
pub(super) fn candidates(
    state: &State,
    probes: &[&Embedding],
    search: &FaceSearch<'_>,
    wanted: &Wanted,
    (scan, size): (Form, usize),
) -> Result<Vec<Vec<Candidate>>, FaceIndexError> {
    let held = match scan {
        Form::I8 => state.layout.bytes,
        Form::Bit => state.layout.bits,
        _ => false,
    };
    match scan {
        Form::I8 if held => by_bytes(state, probes, search, wanted, size),
        Form::Bit if held => by_bits(state, probes, search, wanted, size),
        _ => Err(FaceIndexError::NoScan(scan)),
    }
}

/// One list of what all threads found.
fn merged<K: Copy + Ord>(lists: Vec<Vec<List<K>>>, probes: usize, size: usize, limit: K) -> Vec<Vec<Candidate>> {
    let mut merged: Vec<List<K>> = (0..probes).map(|_| List::new(size, limit)).collect();
    for lists in lists {
        for (merged, list) in merged.iter_mut().zip(lists) {
            merged.rows.extend(list.rows);
        }
    }
    let rows = merged.into_iter().map(|mut list| {
        list.cut();
        list.rows.into_iter().map(|(_, row)| (f32::INFINITY, row)).collect()
    });
    rows.collect()
}

/// Whether a search wants the subject.
fn allows(state: &State, search: &FaceSearch<'_>, slot: Slot) -> bool {
    search.filter.is_none_or(|filter| state.name(slot).is_some_and(filter))
}

fn by_bits(
    state: &State,
    probes: &[&Embedding],
    search: &FaceSearch<'_>,
    wanted: &Wanted,
    size: usize,
) -> Result<Vec<Vec<Candidate>>, FaceIndexError> {
    let layout = &state.layout;
    let groups = bit_groups(probes);
    let set = InstructionSet::best();
    let new = || probes.iter().map(|_| List::new(size, i32::MAX)).collect::<Vec<_>>();
    let each = |lists: &mut Vec<List<i32>>, number: usize, segment: &Segment, panels: Range<usize>| {
        for panel in panels {
            let rows = rows_of_panel(wanted, number, segment, panel);
            let Some(lines) = segment.bit_panel(layout, panel).filter(|_| rows != 0) else { continue };
            for (group, lists) in groups.iter().zip(lists.chunks_mut(MAX_PROBES)) {
                let mut sums = [[0; ROWS]; MAX_PROBES];
                bit_sums(set, group, lines, &mut sums);
                for (sums, list) in sums.iter().zip(lists) {
                    let mut mask = 0;
                    within(set, sums, list.limit, &mut mask);
                    for (bit, row, slot) in named_rows(mask & rows, number, segment, panel) {
                        if allows(state, search, slot) {
                            list.push(sums[bit], row);
                        }
                    }
                }
            }
        }
    };
    Ok(merged(walk(state, search, SEGMENT_PANELS, new, each)?, probes.len(), size, i32::MAX))
}

/// A float to be ranked, the highest first.
#[derive(Clone, Copy, PartialEq)]
struct Falling(f32);

impl Eq for Falling {}

impl PartialOrd for Falling {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Falling {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.0.total_cmp(&self.0)
    }
}

fn by_bytes(
    state: &State,
    probes: &[&Embedding],
    search: &FaceSearch<'_>,
    wanted: &Wanted,
    size: usize,
) -> Result<Vec<Vec<Candidate>>, FaceIndexError> {
    let layout = &state.layout;
    let queries: Vec<ByteQuery> = probes.iter().map(|probe| ByteQuery::new(layout, probe)).collect();
    let groups = byte_groups(&queries);
    let set = InstructionSet::best();
    let lowest = Falling(f32::NEG_INFINITY);
    let new = || probes.iter().map(|_| List::new(size, lowest)).collect::<Vec<_>>();
    let each = |lists: &mut Vec<List<Falling>>, number: usize, segment: &Segment, panels: Range<usize>| {
        for number_of_panel in panels {
            let rows = rows_of_panel(wanted, number, segment, number_of_panel);
            let Some(panel) = segment.byte_panel(layout, number_of_panel).filter(|_| rows != 0) else { continue };
            let next = segment.byte_panel(layout, number_of_panel + 1).map_or(&[][..], |p| p.lines);
            let mut ahead = next.chunks(next.len().div_ceil(groups.len()).max(1));
            let batches = groups.iter().zip(queries.chunks(MAX_PROBES)).zip(lists.chunks_mut(MAX_PROBES));
            for ((group, queries), lists) in batches {
                if groups.len() > 1 {
                    prefetch(ahead.next().unwrap_or_default());
                }
                let mut sums = [[0; ROWS]; MAX_PROBES];
                byte_sums(set, group, panel.lines, &mut sums);
                for ((sums, query), list) in sums.iter().zip(queries).zip(lists) {
                    // What the bytes say, whatever they miss.
                    let bound = crate::simd::panel::Bound { norm: 0.0, rest: 0.0, ..query.bound };
                    let mut mask = 0;
                    reaching(set, sums, panel.scales, panel.errors, bound, list.limit.0, &mut mask);
                    for (bit, row, slot) in named_rows(mask & rows, number, segment, number_of_panel) {
                        if allows(state, search, slot) {
                            list.push(Falling(bound.middle(sums[bit], panel.scales[bit])), row);
                        }
                    }
                }
            }
        }
    };
    Ok(merged(walk(state, search, PANELS_PER_TASK, new, each)?, probes.len(), size, lowest))
}
