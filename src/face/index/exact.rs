//! Candidates of an exact search: every row whose score may be among the best.

use std::ops::Range;

use super::bar::{Bar, SharedBar};
use super::error::FaceIndexError;
use super::form::Form;
use super::params::{CANDIDATE_SLACK, PANELS_PER_TASK, WIDENED_ROWS};
use super::query::{ByteQuery, byte_groups, score};
use super::scan::{Wanted, named_rows, rows_of_panel, walk};
use super::search::{FaceFusion, FaceSearch};
use super::segment::Segment;
use super::state::{RowNumber, Slot, State};
use crate::face::compare::Cosine;
use crate::face::embedding::Embedding;
use crate::simd::chunk::Chunk;
use crate::simd::dot::dot_rows;
use crate::simd::instruction_set::InstructionSet;
use crate::simd::panel::{MAX_PROBES, ROWS, byte_sums, prefetch, reaching};

/// A row and what its score is at most, or the mean score of its subject.
pub(super) type Candidate = (f32, RowNumber);

/// What a thread knows of a probe.
struct List {
    bar: Bar,
    found: Vec<Candidate>,
}

/// The candidates of each probe and what the worst of the best scores at least.
pub(super) fn candidates(
    state: &State,
    probes: &[&Embedding],
    search: &FaceSearch<'_>,
    wanted: &Wanted,
) -> Result<Vec<Vec<Candidate>>, FaceIndexError> {
    let least = search.at_least.map_or(f32::NEG_INFINITY, |c| passable(c.value()));
    let shared: Vec<SharedBar> = probes.iter().map(|_| SharedBar::new(least)).collect();
    let new = || probes.iter().map(|_| List { bar: Bar::new(search.top, least), found: Vec::new() }).collect();
    let lists = if state.layout.bytes {
        by_bytes(state, probes, search, wanted, &shared, new)?
    } else {
        by_floats(state, probes, search, wanted, &shared, new)?
    };
    let mut merged: Vec<List> = new();
    for lists in lists {
        for (merged, list) in merged.iter_mut().zip(lists) {
            merged.bar.merge(list.bar);
            merged.found.extend(list.found);
        }
    }
    let pruned = merged.into_iter().map(|mut list| {
        list.bar.settle();
        list.found.retain(|(upper, _)| *upper >= list.bar.value());
        list.found
    });
    Ok(pruned.collect())
}

/// A score that every row reaches which reaches a cosine: all products from -1 down count as -1.
pub(super) fn passable(cosine: f32) -> f32 {
    if cosine <= -1.0 { f32::NEG_INFINITY } else { cosine }
}

/// Reads the bytes of each row once for all probes.
fn by_bytes(
    state: &State,
    probes: &[&Embedding],
    search: &FaceSearch<'_>,
    wanted: &Wanted,
    shared: &[SharedBar],
    new: impl Fn() -> Vec<List> + Sync,
) -> Result<Vec<Vec<List>>, FaceIndexError> {
    let layout = &state.layout;
    let queries: Vec<ByteQuery> = probes.iter().map(|probe| ByteQuery::new(layout, probe)).collect();
    let groups = byte_groups(&queries);
    let set = InstructionSet::best();
    walk(state, search, PANELS_PER_TASK, new, |lists, number, segment, panels| {
        lists.iter_mut().zip(shared).for_each(|(list, shared)| list.bar.raise(shared.value()));
        for number_of_panel in panels {
            let rows = rows_of_panel(wanted, number, segment, number_of_panel);
            let Some(panel) = segment.byte_panel(layout, number_of_panel).filter(|_| rows != 0) else { continue };
            let next = segment.byte_panel(layout, number_of_panel + 1).map_or(&[][..], |p| p.lines);
            let mut ahead = next.chunks(next.len().div_ceil(groups.len()).max(1));
            let batches = groups.iter().zip(queries.chunks(MAX_PROBES)).zip(lists.chunks_mut(MAX_PROBES));
            for (place, ((group, queries), lists)) in batches.enumerate() {
                if groups.len() > 1 {
                    prefetch(ahead.next().unwrap_or_default());
                }
                let mut sums = [[0; ROWS]; MAX_PROBES];
                byte_sums(set, group, panel.lines, &mut sums);
                for (p, ((sums, query), list)) in sums.iter().zip(queries).zip(lists).enumerate() {
                    let bound = query.bound;
                    let mut mask = 0;
                    reaching(set, sums, panel.scales, panel.errors, bound, list.bar.value(), &mut mask);
                    if mask & rows == 0 {
                        continue;
                    }
                    for (bit, row, slot) in named_rows(mask & rows, number, segment, number_of_panel) {
                        let middle = bound.middle(sums[bit], panel.scales[bit]);
                        let radius = bound.radius(panel.errors[bit]);
                        let probe = place * MAX_PROBES + p;
                        let range = (middle - radius, middle + radius);
                        consider(state, search, probes.get(probe).copied(), list, range, row, slot);
                    }
                }
            }
        }
        lists.iter().zip(shared).for_each(|(list, shared)| shared.raise(list.bar.value()));
    })
}

/// Takes note of a row whose score is known to be in a range.
fn consider(
    state: &State,
    search: &FaceSearch<'_>,
    probe: Option<&Embedding>,
    list: &mut List,
    range: (f32, f32),
    row: RowNumber,
    slot: Slot,
) {
    let (mut low, mut high) = range;
    if high < list.bar.value() {
        return;
    }
    if !search.filter.is_none_or(|filter| state.name(slot).is_some_and(filter)) {
        return;
    }
    if search.fusion == FaceFusion::Mean
        && state.rows_of(slot).len() > 1
        && let Some(probe) = probe
    {
        // The mean is at most the best, so that the best row of whoever belongs to the answer comes by here.
        let mean = subject_score(state, probe, slot, search).map_or(f32::NEG_INFINITY, Cosine::value);
        if mean < list.bar.value() {
            return;
        }
        (low, high) = (mean, mean);
    }
    list.bar.reach(passable(low.min(1.0)), slot);
    list.found.push((high, row));
    if list.found.len() >= search.top.saturating_mul(4).saturating_add(CANDIDATE_SLACK)
        && list.found.len().is_power_of_two()
    {
        list.bar.settle();
        list.found.retain(|(upper, _)| *upper >= list.bar.value());
    }
}

/// What a thread knows of the probes, rows as floats and their products.
type Floats = (Vec<List>, Vec<Chunk>, Vec<f32>);

/// Compares all rows as floats, each read once for all probes.
fn by_floats(
    state: &State,
    probes: &[&Embedding],
    search: &FaceSearch<'_>,
    wanted: &Wanted,
    shared: &[SharedBar],
    new: impl Fn() -> Vec<List> + Sync,
) -> Result<Vec<Vec<List>>, FaceIndexError> {
    let layout = &state.layout;
    let width = layout.width();
    let vectors: Vec<&[Chunk]> = probes.iter().map(|p| p.chunks()).collect();
    let new = || (new(), vec![Chunk::ZERO; WIDENED_ROWS * width], Vec::new());
    let each = |(lists, widened, products): &mut Floats, number: usize, segment: &Segment, panels: Range<usize>| {
        lists.iter_mut().zip(shared).for_each(|(list, shared)| list.bar.raise(shared.value()));
        for panel in panels {
            let mask = rows_of_panel(wanted, number, segment, panel);
            if mask == 0 {
                continue;
            }
            let first = panel * ROWS;
            let count = (segment.len() - first).min(ROWS);
            let rows = rows_as_floats(state, segment, first, count, widened);
            products.clear();
            products.resize(probes.len() * count, 0.0);
            dot_rows(&vectors, rows, width, products);
            for ((list, products), &probe) in lists.iter_mut().zip(products.chunks_exact(count)).zip(probes) {
                let bar = list.bar.value();
                let high =
                    products.iter().enumerate().filter(|(_, p)| **p >= bar).fold(0, |m, (bit, _)| m | 1u32 << bit);
                for (bit, row, slot) in named_rows(high & mask, number, segment, panel) {
                    let score = Cosine::rounded(products.get(bit).copied().unwrap_or(0.0)).value();
                    consider(state, search, Some(probe), list, (score, score), row, slot);
                }
            }
        }
        lists.iter().zip(shared).for_each(|(list, shared)| shared.raise(list.bar.value()));
    };
    let gathered = walk(state, search, PANELS_PER_TASK, new, each)?;
    Ok(gathered.into_iter().map(|(lists, ..)| lists).collect())
}

/// Rows as floats, where they lie or widened.
fn rows_as_floats<'a>(
    state: &State,
    segment: &'a Segment,
    first: usize,
    count: usize,
    widened: &'a mut [Chunk],
) -> &'a [Chunk] {
    let width = state.layout.width();
    if state.layout.rows == Form::F32 {
        return segment.floats(&state.layout, first, count).unwrap_or_default();
    }
    for (row, out) in (first..first + count).zip(widened.chunks_exact_mut(width)) {
        segment.load(&state.layout, row, out);
    }
    widened.get(..count * width).unwrap_or_default()
}

/// The exact score of a row.
pub(super) fn row_score(state: &State, probe: &Embedding, row: RowNumber) -> Option<Cosine> {
    let (segment, place) = state.place(row)?;
    let width = state.layout.width();
    if state.layout.rows == Form::F32 {
        return Some(score(probe, segment.floats(&state.layout, place, 1)?));
    }
    let mut widened = vec![Chunk::ZERO; width];
    segment.load(&state.layout, place, &mut widened);
    Some(score(probe, &widened))
}

/// The mean of the scores of a subject's wanted rows; `None` when there are none.
pub(super) fn subject_score(state: &State, probe: &Embedding, slot: Slot, search: &FaceSearch<'_>) -> Option<Cosine> {
    let wants = |row: &&RowNumber| {
        search.labels.is_none_or(|wants| state.place(**row).is_some_and(|(segment, place)| wants(segment.label(place))))
    };
    let scores = state.rows_of(slot).iter().filter(wants).filter_map(|&row| row_score(state, probe, row));
    let mut scores: Vec<Cosine> = scores.collect();
    // A fixed order of additions, whatever happened to the gallery before.
    scores.sort_unstable();
    let sum: f64 = scores.iter().map(|s| f64::from(s.value())).sum();
    (!scores.is_empty()).then(|| Cosine::rounded((sum / scores.len() as f64) as f32))
}
