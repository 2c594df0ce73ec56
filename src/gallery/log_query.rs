//! Reading the gallery's log.

use super::error::GalleryError;
use super::handle::Gallery;
use super::journal::{LogFile, Mark, Marks, Wanted};
use super::log::{Event, EventKind};
use crate::subject::SubjectId;

/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogEntry {
    /// The number of the entry, from 0.
    pub number: u64,
    /// What happened; `None` for an event of a subject who was erased ([`Gallery::erase`]), of which only the hash is left.
    pub event: Option<Event>,
    /// The subject's name, if the subject is currently enrolled; others are known only by their random number.
    pub subject: Option<SubjectId>,
    /// Whether an entry before this one states a later time: the clock was set back, so times do not show the order of events.
    pub clock_put_back: bool,
}

/// Which entries of the log to read: the first so many of those that fit.
///
/// ```
/// # use std::sync::Arc;
/// # use selfsame::gallery::disk::MemoryDisk;
/// use selfsame::gallery::log::EventKind;
/// use selfsame::gallery::{Gallery, LogQuery};
/// # use selfsame::gallery::seal::{RawKey, SecretKey};
/// # let key = Arc::new(RawKey::new(SecretKey::random()?));
/// # let gallery = Gallery::builder(key).create_on(MemoryDisk::new())?;
/// gallery.check()?;
/// gallery.check()?;
/// let checks = LogQuery::first(100).kind(EventKind::Check);
/// let page = gallery.log(checks)?;
/// assert!(page.iter().map(|entry| entry.number).eq([1, 2]));
/// let next = gallery.log(checks.starting_at(page[1].number + 1))?;
/// assert!(next.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LogQuery {
    count: usize,
    from: u64,
    since: u64,
    wanted: Wanted,
}

impl LogQuery {
    /// The first `count` entries; all of them for `usize::MAX`, if the memory holds them.
    #[must_use]
    pub fn first(count: usize) -> Self {
        Self { count, from: 0, since: 0, wanted: Wanted::default() }
    }

    /// Only entries with this number or a higher one.
    #[must_use]
    pub fn starting_at(mut self, number: u64) -> Self {
        self.from = number;
        self
    }

    /// Only entries from a moment on, in milliseconds since 1970-01-01 UTC: the first whose time is not earlier and those after it,
    /// including those that a clock set back marks as earlier.
    #[must_use]
    pub fn since(mut self, time: u64) -> Self {
        self.since = time;
        self
    }

    /// Only entries of this kind; none of those whose content was erased.
    #[must_use]
    pub fn kind(mut self, kind: EventKind) -> Self {
        self.wanted.kind = Some(kind);
        self
    }

    /// Only entries of the subject with this number, who was not erased ([`Event::subject`]); [`Gallery::number_of`] gives that of an enrolled subject.
    #[must_use]
    pub fn subject(mut self, number: [u8; 16]) -> Self {
        self.wanted.subject = Some(number);
        self
    }

    fn holds(&self, number: u64, latest: u64, event: Option<&Event>) -> bool {
        let Wanted { kind, subject } = self.wanted;
        number >= self.from
            && latest >= self.since
            && kind.is_none_or(|kind| event.is_some_and(|event| event.kind == kind))
            && subject.is_none_or(|subject| event.is_some_and(|event| event.subject == Some(subject)))
    }
}

impl Gallery {
    /// The random number by which the log knows an enrolled subject.
    #[must_use]
    pub fn number_of(&self, subject: &SubjectId) -> Option<[u8; 16]> {
        self.shared.people.get(subject).map(|entry| entry.uid)
    }

    /// The entries of a query in their order. An index leads to them: for a moment or a number it reads about as many marks as the log's
    /// length has bits, for a kind or subject all marks from there on (1.4 kB for 512 entries or more), and of the log only groups that may
    /// hold an entry, until there are enough. Each entry is in a frame that is checked against the frames before it in its group, and the
    /// groups are chained by the index. The log records the reading.
    ///
    /// # Errors
    /// [`GalleryError::Log`] with the number of an entry that is not what was written, or of one before it; [`GalleryError::Io`].
    pub fn log(&self, query: LogQuery) -> Result<Vec<LogEntry>, GalleryError> {
        self.flush()?;
        let (log, marks) = self.ledger().reading(false)?;
        self.note(self.event(EventKind::ReadLog))?;
        let mut page = Page { query, next: query.from, found: Vec::new() };
        if !page.read(&log, &marks)? {
            // Marks that are not authentic are made again, once. What was found is not looked for again.
            let (log, marks) = self.ledger().reading(true)?;
            if !page.read(&log, &marks)? {
                return Err(GalleryError::Log { number: page.next });
            }
        }
        let entry = |(number, event, clock_put_back): (u64, Option<Event>, bool)| {
            let subject = event.as_ref().and_then(|event| event.subject.as_ref());
            let subject = subject.and_then(|number| self.shared.people.name_of(number));
            LogEntry { number, event, subject, clock_put_back }
        };
        Ok(page.found.into_iter().map(entry).collect())
    }
}

/// A query under way.
struct Page {
    query: LogQuery,
    /// The number of the first entry that was not looked at.
    next: u64,
    /// Numbers and events, and whether the clock was set back.
    found: Vec<(u64, Option<Event>, bool)>,
}

impl Page {
    /// Reads on. Returns `false` when the marks are not authentic.
    fn read(&mut self, log: &LogFile, marks: &Marks) -> Result<bool, GalleryError> {
        let (from, since, wanted) = (self.next, self.query.since, self.query.wanted);
        let Some(first) = marks.first(|mark| mark.events > from && mark.latest >= since) else { return Ok(false) };
        let read = marks.each(&first, &wanted, &mut |group| {
            self.group(log, group.from, group.to)?;
            Ok(self.found.len() < self.query.count)
        });
        read.map_or(Ok(false), |read| read.map(|()| true))
    }

    fn group(&mut self, log: &LogFile, from: Mark, to: Mark) -> Result<(), GalleryError> {
        let (mut number, mut latest) = (from.events, from.latest);
        let whole = log.frames(from, to.frames, &mut |frame, _| {
            for stored in frame.events.into_iter().filter(|_| !frame.is_intent) {
                let event = stored.into_event();
                let time = event.as_ref().map_or(latest, |event| event.time);
                let put_back = time < latest;
                latest = latest.max(time);
                if number >= self.next && self.found.len() < self.query.count {
                    self.next = number + 1;
                    if self.query.holds(number, latest, event.as_ref()) {
                        self.found.push((number, event, put_back));
                    }
                }
                number += 1;
            }
            Ok(self.found.len() < self.query.count)
        })?;
        if whole { Ok(()) } else { Err(GalleryError::Log { number }) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::ledger::Draft;
    use super::*;
    use crate::gallery::disk::MemoryDisk;
    use crate::gallery::log::now;
    use crate::gallery::seal::{RawKey, SecretKey};

    #[test]
    fn a_clock_that_is_put_back_hides_nothing() {
        let key = Arc::new(RawKey::new(SecretKey::from_bytes(&[1; 32])));
        let gallery = Gallery::builder(key).create_on(MemoryDisk::new()).unwrap();
        let start = now();
        for after in [60_000, 20_000, 30_000, 90_000] {
            let event = Event { time: start + after, ..gallery.event(EventKind::Check) };
            gallery.ledger().commit(Draft::event(event)).unwrap();
        }
        let read = |since| gallery.log(LogQuery::first(usize::MAX).since(since)).unwrap();
        let all = read(0);
        assert_eq!(all.iter().map(|e| e.clock_put_back).collect::<Vec<_>>(), [false, false, true, true, false]);
        // The events of 20 and 30 seconds happened after that of 60.
        for (since, first) in [(60_000, 1), (20_001, 1), (60_001, 4)] {
            let found = read(start + since);
            let numbers: Vec<u64> = found.iter().map(|e| e.number).take_while(|n| *n < 5).collect();
            assert_eq!(numbers, (first..5).collect::<Vec<_>>());
        }
    }
}
