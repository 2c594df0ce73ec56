//! The log of a gallery: commits, and the events waiting for one.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::anchor::AnchorState;
use super::attempts::{AttemptLimit, Row, Uid};
use super::disk::{Access, Disk};
use super::error::GalleryError;
use super::journal::{
    Derived, End, Frame, Holds, Keys, LogFile, Marks, Ranges, Settings, State, StoredEvent, consistency, inclusion,
};
use super::log::{Event, EventKind, Frontier, Hash, verify_consistency, verify_inclusion};
use super::params::MAX_EVENTS;
use super::seal::SealError;

/// What a commit changes, apart from the waiting events.
#[derive(Default)]
pub(super) struct Draft {
    /// The file of records and its end; unchanged when there are no new ones.
    pub(super) records_end: Option<(u32, End)>,
    /// The change in the number of subjects and of records, with a new end of the records.
    pub(super) subjects: i64,
    pub(super) records: i64,
    pub(super) settings: Option<Settings>,
    pub(super) events: Vec<Event>,
    pub(super) ends_intent: bool,
}

impl Draft {
    /// A draft with one event and no other change.
    pub(super) fn event(event: Event) -> Self {
        Self { events: vec![event], ..Self::default() }
    }
}

/// The log, the state and the waiting events.
pub(super) struct Ledger {
    pub(super) log: LogFile,
    pub(super) state: State,
    disk: Arc<dyn Disk>,
    derived: Option<Derived>,
    /// Events that the next commit writes to the log, and the time since the first has waited.
    pending: Vec<Event>,
    pending_since: Option<Instant>,
    /// Whether a thread is sleeping until they are due.
    pub(super) flusher: bool,
    /// Subjects erased since the gallery was opened: what a call that began before says of them keeps its hash only.
    pub(super) erased: HashSet<Uid>,
    /// Attempts in progress.
    under_way: HashMap<Row, u16>,
    /// Whether nothing may be written.
    pub(super) read_only: bool,
    stopped: bool,
}

impl Ledger {
    pub(super) fn new(disk: Arc<dyn Disk>, log: LogFile, state: State, read_only: bool) -> Self {
        Self {
            log,
            state,
            disk,
            derived: None,
            pending: Vec::new(),
            pending_since: None,
            flusher: false,
            erased: HashSet::new(),
            under_way: HashMap::new(),
            read_only,
            stopped: false,
        }
    }

    pub(super) fn keys(&self) -> &Arc<Keys> {
        &self.log.keys
    }

    /// Refuses a change when the gallery is read-only or in an uncertain state.
    pub(super) fn check_writable(&self) -> Result<(), GalleryError> {
        if self.read_only {
            return Err(GalleryError::ReadOnly);
        }
        if self.stopped { Err(GalleryError::Stopped) } else { Ok(()) }
    }

    /// Stops all writing after a failure that leaves the content of the disk uncertain.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// Commits a change with the waiting events and its own events. Data written elsewhere must already be on disk.
    pub(super) fn commit(&mut self, draft: Draft) -> Result<(), GalleryError> {
        self.check_writable()?;
        if draft.events.len() > MAX_EVENTS {
            return Err(GalleryError::TooManySubjects { max: MAX_EVENTS });
        }
        while self.pending.len().saturating_add(draft.events.len()) > MAX_EVENTS {
            let first: Vec<Event> = self.pending.drain(..self.pending.len().min(MAX_EVENTS)).collect();
            self.append(Draft { events: first, ..Draft::default() })?;
        }
        let mut draft = draft;
        let mut events = std::mem::take(&mut self.pending);
        events.append(&mut draft.events);
        self.pending_since = None;
        self.append(Draft { events, ..draft })
    }

    fn append(&mut self, draft: Draft) -> Result<(), GalleryError> {
        let state = &self.state;
        let events = draft.events.into_iter().map(|event| self.stored(event)).collect::<Result<Vec<_>, _>>();
        let holds = draft.records_end.map(|(file, end)| Holds {
            file,
            end,
            subjects: state.holds.subjects.saturating_add_signed(draft.subjects),
            records: state.holds.records.saturating_add_signed(draft.records),
        });
        let frame = Frame {
            holds,
            settings: draft.settings,
            is_intent: false,
            ends_intent: draft.ends_intent,
            events: events.inspect_err(|_| self.stopped = true)?,
        };
        // Whether the failed frame was written is determined when the gallery is opened again.
        self.state = self.log.append(state, &frame).inspect_err(|_| self.stopped = true)?;
        let end = self.state.frames;
        if self.derived.as_mut().is_some_and(|derived| derived.push(&frame, end).is_err()) {
            self.derived = None;
        }
        // The commit is valid without a head; but after a failed overwrite nothing more is written.
        if self.log.write_head(&self.state).is_err() {
            self.stopped = true;
        }
        Ok(())
    }

    fn stored(&self, event: Event) -> Result<StoredEvent, SealError> {
        let names_erased = event.subject.is_some_and(|uid| self.erased.contains(&uid));
        let keeps_content = !names_erased || event.kind == EventKind::Erase;
        let stored = StoredEvent::new(event)?;
        Ok(if keeps_content { stored } else { stored.hidden() })
    }

    /// Keeps an event for the next commit. The caller must ensure that a commit follows in time.
    pub(super) fn note(&mut self, event: Event) {
        self.pending_since.get_or_insert_with(Instant::now);
        self.pending.push(event);
    }

    /// The number of waiting events, and how long the first has waited.
    pub(super) fn waiting(&self) -> (usize, Duration) {
        (self.pending.len(), self.pending_since.map_or(Duration::ZERO, |since| since.elapsed()))
    }

    /// Writes the waiting events.
    pub(super) fn flush(&mut self) -> Result<(), GalleryError> {
        if self.pending.is_empty() { Ok(()) } else { self.commit(Draft::default()) }
    }

    /// Begins an attempt for these rows, unless one of them must wait.
    pub(super) fn begin_attempt(&mut self, limit: &AttemptLimit, rows: &[Row], now: u64) -> Result<(), GalleryError> {
        self.state.attempts.not_after(now);
        let under_way = |row| self.under_way.get(row).copied().unwrap_or(0);
        let waits = rows.iter().filter_map(|row| self.state.attempts.wait(limit, *row, under_way(row), now));
        if let Some(wait) = waits.max() {
            return Err(GalleryError::Limited { wait });
        }
        for row in rows {
            *self.under_way.entry(*row).or_default() += 1;
        }
        Ok(())
    }

    /// Ends an attempt; its event reports the result.
    pub(super) fn end_attempt(&mut self, rows: &[Row]) {
        for row in rows {
            if let Some(count) = self.under_way.get_mut(row) {
                *count -= 1;
                if *count == 0 {
                    self.under_way.remove(row);
                }
            }
        }
    }

    /// The current state of the log.
    pub(super) fn anchor_state(&self) -> AnchorState {
        AnchorState { gallery_id: self.keys().gallery_id, size: self.state.log.len(), root: self.state.log.root() }
    }

    /// Continues with the stored hashes over the log and its index, if they are complete.
    pub(super) fn keep_derived(&mut self) -> Result<(), GalleryError> {
        self.derived = Derived::open(&*self.disk, Access::Write, &self.log, &self.state)?;
        Ok(())
    }

    /// Switches to the next generation.
    pub(super) fn switch(&mut self, log: LogFile, state: State, derived: Option<Derived>) {
        (self.log, self.state, self.derived) = (log, state, derived);
    }

    /// The marks in the log, if they are stored and match.
    pub(super) fn stored_marks(&mut self) -> Result<Option<Marks>, GalleryError> {
        let fits = self.derived.as_ref().is_some_and(|derived| derived.covers(&self.state));
        if !fits {
            let access = if self.read_only { Access::Read } else { Access::Write };
            self.derived = Derived::open(&*self.disk, access, &self.log, &self.state)?;
        }
        Ok(self.derived.as_ref().map(Derived::marks))
    }

    /// The hashes over the log and its index: the stored ones, or both made again from the log.
    fn derived(&mut self) -> Result<&Derived, GalleryError> {
        if self.stored_marks()?.is_none() {
            self.derived = Some(self.compute()?);
        }
        self.derived.as_ref().ok_or(GalleryError::Stopped)
    }

    fn compute(&self) -> Result<Derived, GalleryError> {
        let disk = (!self.read_only && !self.stopped).then_some(&*self.disk);
        Derived::compute(disk, &self.log, &self.state)
    }

    /// The log and its marks, for reading without a lock; the marks are made again first if they are `bad`.
    pub(super) fn reading(&mut self, bad: bool) -> Result<(LogFile, Marks), GalleryError> {
        if bad {
            self.derived = Some(self.compute()?);
        }
        let marks = self.derived()?.marks();
        Ok((self.log.reader(), marks))
    }

    /// The proof that the log of `size` entries extends the one of `first`, and its root.
    pub(super) fn prove_consistency(&mut self, first: u64, size: u64) -> Result<(Vec<Hash>, Hash), GalleryError> {
        let entries = self.state.log.len();
        if first == 0 || first > size || size > entries {
            return Err(GalleryError::NoSuchEntry { number: first.max(size), entries });
        }
        self.check_retired(first)?;
        if first == entries {
            return Ok((Vec::new(), self.state.log.root()));
        }
        let proof = self.prove(size, |range, root| {
            let (older, proof) = (range(0, first)?, consistency(range, first, size)?);
            Ok(verify_consistency(first, size, &older, root, &proof).then_some((proof, *root)))
        })?;
        proof.ok_or(GalleryError::Log { number: 0 })
    }

    /// The proof that an entry is among the log's first `size`, with the entry's leaf and their root.
    pub(super) fn prove_inclusion(&mut self, number: u64, size: u64) -> Result<(Hash, Vec<Hash>, Hash), GalleryError> {
        let entries = self.state.log.len();
        if number >= size || size > entries {
            return Err(GalleryError::NoSuchEntry { number: number.max(size.saturating_sub(1)), entries });
        }
        self.check_retired(number)?;
        let proof = self.prove(size, |range, root| {
            let (leaf, path) = (range(number, number.saturating_add(1))?, inclusion(range, number, size)?);
            Ok(verify_inclusion(&leaf, number, size, &path, root).then_some((leaf, path, *root)))
        })?;
        proof.ok_or(GalleryError::Log { number })
    }

    /// Refuses what only entries that are no longer there would prove.
    fn check_retired(&self, number: u64) -> Result<(), GalleryError> {
        let retired = self.state.retired.len();
        if number < retired { Err(GalleryError::Retired { number, retired }) } else { Ok(()) }
    }

    /// The hashes over the log's first `size` entries, a multiple of 64, or over those that were retired if they are more.
    pub(super) fn beginning(&mut self, size: u64) -> Result<Frontier, GalleryError> {
        let retired = self.state.retired.clone();
        if size <= retired.len() {
            return Ok(retired);
        }
        let found = self.prove(size, |range, root| {
            let hashes: Result<Vec<Hash>, _> =
                Frontier::parts_of(size).map(|(from, level)| range(from, from + (1 << level))).collect();
            Ok(Frontier::from_subtrees(size, &hashes?).filter(|found| found.root() == *root))
        })?;
        found.ok_or(GalleryError::Log { number: 0 })
    }

    /// Applies `of` to the hashes over the log and returns its result with the root of the first `size` entries; the
    /// current log must extend these. Hashes that give no result are recomputed once.
    fn prove<T, F>(&mut self, size: u64, of: F) -> Result<Option<T>, GalleryError>
    where
        F: Fn(Ranges<'_>, &Hash) -> Result<Option<T>, GalleryError>,
    {
        let (entries, now) = (self.state.log.len(), self.state.log.root());
        for again in [false, true] {
            if again {
                self.derived = Some(self.compute()?);
            }
            let log = self.log.reader();
            let found = self.derived()?.with_ranges(&log, |range| {
                let root = range(0, size)?;
                let goes_on = verify_consistency(size, entries, &root, &now, &consistency(range, size, entries)?);
                if goes_on { of(range, &root) } else { Ok(None) }
            });
            if let Ok(Some(found)) = found {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}
