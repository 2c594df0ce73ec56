//! What follows from the log and is kept beside it: hashes for proofs, and the index. Both are written without a sync and made again
//! from the log when they are missing or do not match.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use super::end::End;
use super::frames::{Frame, StoredEvent};
use super::header::{FileKind, name_of};
use super::keys::Keys;
use super::log_file::LogFile;
use super::log_index::{LogIndex, Mark, Marks};
use super::nodes::{NodeFile, UNIT};
use super::state::State;
use crate::gallery::disk::{Access, Disk, DiskFile, MemoryDisk};
use crate::gallery::error::GalleryError;
use crate::gallery::log::{Frontier, Hash};

/// The hashes over the log and its index.
pub(in crate::gallery) struct Derived {
    nodes: NodeFile,
    index: LogIndex,
}

impl Derived {
    /// Creates the files of a log without frames, which follows what was retired.
    pub(in crate::gallery) fn create(
        keys: &Arc<Keys>,
        retired: &Frontier,
        make: impl Fn(FileKind) -> Result<Arc<dyn DiskFile>, GalleryError>,
    ) -> Result<Self, GalleryError> {
        let nodes = NodeFile::create(make(FileKind::Nodes)?, keys, retired)?;
        Ok(Self { nodes, index: LogIndex::create(make(FileKind::Index)?, keys, retired.len())? })
    }

    /// Opens the files, if they match the log; reads only the frames after the last mark.
    pub(in crate::gallery) fn open(
        disk: &dyn Disk,
        access: Access,
        log: &LogFile,
        state: &State,
    ) -> Result<Option<Self>, GalleryError> {
        let file = |kind| disk.open(&name_of(kind, log.keys.generation), access);
        let (Ok(nodes), Ok(index)) = (file(FileKind::Nodes), file(FileKind::Index)) else { return Ok(None) };
        let Some(nodes) = NodeFile::open(nodes, &log.keys, &state.log) else { return Ok(None) };
        let ends_here = |mark: &Mark| mark.frames == state.frames && mark.counter == state.counter;
        let mut follows = |mark: &Mark| Ok(ends_here(mark) || log.frame(mark.frames, mark.counter)?.is_some());
        let (writes, retired) = (access == Access::Write, state.retired.len());
        let Some(mut index) = LogIndex::open(index, writes, &log.keys, retired, &mut follows)? else {
            return Ok(None);
        };
        let whole = log.frames(index.now(), state.frames, &mut |frame, end| Ok(index.push(&frame, end).is_ok()))?;
        let derived = Self { nodes, index };
        Ok((whole && derived.covers(state)).then_some(derived))
    }

    /// Makes both again by reading the whole log: in files that replace those there, or only in memory.
    pub(in crate::gallery) fn compute(
        disk: Option<&dyn Disk>,
        log: &LogFile,
        state: &State,
    ) -> Result<Self, GalleryError> {
        let memory = MemoryDisk::new();
        let make = |kind| {
            let (disk, name) = (disk.unwrap_or(&memory), name_of(kind, log.keys.generation));
            match disk.open(&name, Access::Create) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(disk.open(&name, Access::Write)?),
                file => Ok(file?),
            }
        };
        let mut derived = Self::create(&log.keys, &state.retired, make)?;
        let whole = log.frames(Mark::first(state.retired.len()), state.frames, &mut |frame, end| {
            derived.push(&frame, end)?;
            Ok(true)
        })?;
        let number = derived.index.now().events;
        if whole && derived.covers(state) { Ok(derived) } else { Err(GalleryError::Log { number }) }
    }

    /// Adds a frame that ends at `end`.
    pub(in crate::gallery) fn push(&mut self, frame: &Frame, end: End) -> io::Result<()> {
        if !frame.is_intent {
            let leaves: Vec<Hash> = frame.events.iter().map(StoredEvent::leaf).collect();
            self.nodes.push(&leaves)?;
        }
        self.index.push(frame, end)
    }

    /// Whether all frames of a state were added and no others.
    pub(in crate::gallery) fn covers(&self, state: &State) -> bool {
        let Mark { counter, frames, events, .. } = self.index.now();
        (counter, frames, events) == (state.counter, state.frames, state.log.len()) && self.nodes.len() == events
    }

    /// The marks as of now.
    pub(in crate::gallery) fn marks(&self) -> Marks {
        self.index.reader()
    }

    /// Calls `of` with a function that gives the hash over leaves `from` to `to`, as RFC 6962 splits them.
    pub(in crate::gallery) fn with_ranges<T>(
        &self,
        log: &LogFile,
        of: impl FnOnce(&dyn Fn(u64, u64) -> Result<Hash, GalleryError>) -> Result<T, GalleryError>,
    ) -> Result<T, GalleryError> {
        let marks = self.index.reader();
        let read: RefCell<HashMap<u64, Vec<Hash>>> = RefCell::default();
        let units = |unit: u64| {
            if let Some(leaves) = read.borrow().get(&unit) {
                return Ok(leaves.clone());
            }
            let leaves = leaves_of(log, &marks, self.index.now(), unit.saturating_mul(UNIT))?;
            read.borrow_mut().insert(unit, leaves.clone());
            Ok(leaves)
        };
        of(&|from, to| self.nodes.range(&units, from, to))
    }
}

/// The leaves from `first` on that are in one unit.
fn leaves_of(log: &LogFile, marks: &Marks, now: Mark, first: u64) -> Result<Vec<Hash>, GalleryError> {
    let end = first.saturating_add(UNIT).min(now.events);
    let damaged = || GalleryError::Log { number: first };
    let group = marks.first(|mark| mark.events > first).ok_or_else(damaged)?;
    let (mut number, mut leaves) = (group.from.events, Vec::new());
    log.frames(group.from, now.frames, &mut |frame, _| {
        for stored in frame.events.iter().filter(|_| !frame.is_intent) {
            if (first..end).contains(&number) {
                leaves.push(stored.leaf());
            }
            number = number.saturating_add(1);
        }
        Ok(number < end)
    })?;
    if number < end { Err(damaged()) } else { Ok(leaves) }
}
