//! Walks over the rows that a search wants, by all threads.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::engine::Index;
use super::error::IndexError;
use super::search::Search;
use super::shard::Shard;
use super::subjects::RowNumber;
use crate::modality::{Modality, Rows};

/// The wanted rows: those from a number on that are also set in the mask of their shard, if there are masks.
pub(super) struct Wanted {
    from: RowNumber,
    masks: Option<Vec<Vec<u32>>>,
}

impl Wanted {
    pub(super) const ALL: Self = Self::from(0);

    /// All rows from a number on.
    pub(super) const fn from(from: RowNumber) -> Self {
        Self { from, masks: None }
    }

    const fn of(masks: Vec<Vec<u32>>) -> Self {
        Self { from: 0, masks: Some(masks) }
    }

    /// The number of wanted rows among some references.
    pub(super) fn count(&self, references: usize) -> usize {
        let ones = |mask: &Vec<u32>| mask.iter().map(|word| word.count_ones() as usize).sum::<usize>();
        self.masks.as_ref().map_or(references, |masks| masks.iter().map(ones).sum())
    }

    /// Whether a row of a shard is wanted.
    pub(super) fn holds(&self, shard: usize, row: usize) -> bool {
        let word = |masks: &Vec<Vec<u32>>| masks.get(shard)?.get(row / Rows::WORD).copied();
        self.masks.as_ref().is_none_or(|masks| word(masks).is_some_and(|word| word >> (row % Rows::WORD) & 1 == 1))
    }

    /// The wanted rows within a range of a shard whose rows are numbered from `first` on.
    fn rows(&self, shard: usize, first: usize, range: Range<usize>) -> Rows<'_> {
        let range = range.start.max((self.from as usize).saturating_sub(first))..range.end;
        match &self.masks {
            None => Rows::all(range),
            Some(masks) => Rows::wanted(range, masks.get(shard).map_or(&[], Vec::as_slice)),
        }
    }
}

/// A thread's place in a walk: a shard and rows of it.
pub(super) struct Part<'a, M: Modality> {
    pub(super) number: usize,
    pub(super) shard: &'a Shard<M>,
    pub(super) rows: Rows<'a>,
}

impl<M: Modality> Index<M> {
    /// The rows that a search wants by their labels and by the set of subjects.
    pub(super) fn wanted(&self, search: &Search<'_, M::Score>) -> Wanted {
        let wants = |shard: &Shard<M>, row: usize| search.labels.is_none_or(|wants| wants(shard.label(row)));
        match (search.only, search.labels) {
            (None, None) => Wanted::ALL,
            (Some(only), _) => {
                let slots = only.iter().filter_map(|subject| self.subjects.slot(subject));
                let rows = slots.flat_map(|slot| self.subjects.rows(slot)).copied();
                self.mask_of(rows.filter(|&row| self.place(row).is_some_and(|(shard, row)| wants(shard, row))))
            }
            (None, Some(_)) => {
                let mask = |shard: &Arc<Shard<M>>| {
                    let mut mask = vec![0; shard.len().div_ceil(Rows::WORD)];
                    (0..shard.len()).filter(|&row| wants(shard, row)).for_each(|row| set(&mut mask, row));
                    mask
                };
                Wanted::of(self.shards.par_iter().map(mask).collect())
            }
        }
    }

    /// The given rows.
    pub(super) fn mask_of(&self, rows: impl Iterator<Item = RowNumber>) -> Wanted {
        let mut masks = vec![Vec::new(); self.shards.len()];
        for row in rows {
            let (shard, row) = (row as usize / M::SEGMENT_ROWS, row as usize % M::SEGMENT_ROWS);
            if let Some(mask) = masks.get_mut(shard) {
                if mask.is_empty() {
                    mask.resize(M::SEGMENT_ROWS.div_ceil(Rows::WORD), 0);
                }
                set(mask, row);
            }
        }
        Wanted::of(masks)
    }

    /// The shard of a row, and the row's place in it.
    pub(super) fn place(&self, row: RowNumber) -> Option<(&Shard<M>, usize)> {
        Some((self.shards.get(row as usize / M::SEGMENT_ROWS)?, row as usize % M::SEGMENT_ROWS))
    }

    /// Walks over the wanted rows on the caller's pool, for a stage and a number of probes; each thread works with a
    /// value made by `new`. Returns these values in no particular order.
    pub(super) fn walk<T: Send>(
        &self,
        wanted: &Wanted,
        (stage, probes): (Option<usize>, usize),
        cancel: Option<&AtomicBool>,
        new: impl Fn() -> T + Sync,
        each: impl Fn(&mut T, Part<'_, M>) -> Result<(), M::Error> + Sync,
    ) -> Result<Vec<T>, IndexError<M::Error>> {
        let run = M::rows_per_task(stage, probes).clamp(1, M::SEGMENT_ROWS);
        let per_shard = M::SEGMENT_ROWS.div_ceil(run);
        let next = AtomicUsize::new(wanted.from as usize / M::SEGMENT_ROWS * per_shard);
        let failed: Mutex<Option<IndexError<M::Error>>> = Mutex::new(None);
        let stop = AtomicBool::new(false);
        let fail = |error: IndexError<M::Error>| {
            stop.store(true, Ordering::Relaxed);
            failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        };
        let work = || {
            let mut gathered = new();
            while !stop.load(Ordering::Relaxed) {
                let task = next.fetch_add(1, Ordering::Relaxed);
                let Some(shard) = self.shards.get(task / per_shard) else { break };
                if cancel.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                    fail(IndexError::Canceled);
                    break;
                }
                let (number, from) = (task / per_shard, task % per_shard * run);
                let rows = wanted.rows(number, number * M::SEGMENT_ROWS, from..(from + run).min(shard.len()));
                if !rows.is_empty()
                    && let Err(error) = each(&mut gathered, Part { number, shard, rows })
                {
                    fail(error.into());
                }
            }
            gathered
        };
        let gathered = match rayon::current_num_threads().min(self.references.div_ceil(run)) {
            0 | 1 => vec![work()],
            workers => (0..workers).into_par_iter().with_max_len(1).map(|_| work()).collect(),
        };
        match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(gathered),
        }
    }
}

fn set(mask: &mut [u32], row: usize) {
    if let Some(word) = mask.get_mut(row / Rows::WORD) {
        *word |= 1 << (row % Rows::WORD);
    }
}

/// Applies `each` to every probe and the item that goes with it, in order; several probes run on the pool.
pub(super) fn each_probe<P: Sync, T: Send, U: Send>(
    probes: &[P],
    with: Vec<T>,
    each: impl Fn((&P, T)) -> U + Send + Sync,
) -> Vec<U> {
    match probes {
        [_] => probes.iter().zip(with).map(each).collect(),
        _ => probes.par_iter().zip(with).map(each).collect(),
    }
}
