//! An index over the log, so that a page of it, or the events of a unit of leaves, are found without reading all frames.
//!
//! ```text
//! file  = "SSGI" | format u16 | gallery id (16) | generation u32 | zeros to 64 | marks
//! mark  = counter u64 | frames end u64, code (32) | events u64 | latest time u64 | kinds u32 | subjects (1280) | code (32)
//! ```
//!
//! A mark stands for a *group* of frames: those since the mark before it, with 512 events or more. It tells how many events there are up to its
//! end, the latest time of any of them, the kinds of the group's events, and a Bloom filter of the group's subjects: 14 of 10,240 bits for each,
//! chosen by a keyed hash of group and subject, so that someone without the keys cannot tell whether two groups name the same subject. With 512
//! subjects one other in 16,000 seems to be in the group.
//!
//! What a mark denies is not looked at, so marks are trusted: each has a code over its number, the end before it, and all of itself. Marks can
//! be recomputed from the log.

use std::io;
use std::sync::Arc;

use rayon::prelude::*;

use super::end::End;
use super::frames::Frame;
use super::header::{self, FileKind};
use super::keys::Keys;
use crate::bytes::Reader;
use crate::gallery::attempts::Uid;
use crate::gallery::disk::DiskFile;
use crate::gallery::error::GalleryError;
use crate::gallery::log::EventKind;
use crate::gallery::params::{EVENTS_PER_GROUP, MARKS_AT_ONCE};
use crate::gallery::seal::authentication_code;

/// Position of the first mark.
const FIRST: u64 = 64;
/// Bytes of the filter, and bits set for each subject: at 20 bits for each of 512 subjects, 14 give the fewest errors.
const FILTER: usize = 1280;
const BITS: usize = 14;
/// Bytes of a mark before its filter, and of all of it.
const HEAD: usize = 68;
const MARK: usize = HEAD + FILTER + 32;

/// The place between two groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gallery) struct Mark {
    /// The number of frames before it.
    pub(in crate::gallery) counter: u64,
    pub(in crate::gallery) frames: End,
    /// The number of events before it, and the latest time of any of them.
    pub(in crate::gallery) events: u64,
    pub(in crate::gallery) latest: u64,
}

impl Mark {
    /// The place before the first group of a log whose first `retired` events are not in the file.
    pub(in crate::gallery) fn first(retired: u64) -> Self {
        Self { counter: 0, frames: End::NO_FRAMES, events: retired, latest: 0 }
    }
}

/// What a group must hold to be looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::gallery) struct Wanted {
    pub(in crate::gallery) kind: Option<EventKind>,
    pub(in crate::gallery) subject: Option<Uid>,
}

/// The file, and the group that is not complete yet.
pub(in crate::gallery) struct LogIndex {
    file: Arc<dyn DiskFile>,
    keys: Arc<Keys>,
    /// The place before the first group.
    first: Mark,
    /// The number of marks in the file, and the last of them.
    count: u64,
    last: Mark,
    /// The place after all frames.
    now: Mark,
    kinds: u32,
    subjects: Vec<Uid>,
    /// Whether groups are completed; where nothing may be written, all frames after the last mark are one group.
    writes: bool,
}

impl LogIndex {
    /// Creates a file without marks, for a log whose first `retired` events are not in it.
    pub(in crate::gallery) fn create(file: Arc<dyn DiskFile>, keys: &Arc<Keys>, retired: u64) -> io::Result<Self> {
        file.write_at(0, &header::encode(FileKind::Index, &keys.gallery_id, keys.generation))?;
        let first = Mark::first(retired);
        Ok(Self::at(file, keys, first, 0, first))
    }

    fn at(file: Arc<dyn DiskFile>, keys: &Arc<Keys>, first: Mark, count: u64, last: Mark) -> Self {
        let keys = Arc::clone(keys);
        Self { file, keys, first, count, last, now: last, kinds: 0, subjects: Vec::new(), writes: true }
    }

    /// Opens an existing file at the last mark that `follows` confirms: that a frame of the log follows it, or the log ends there. The
    /// frames after that mark are to be added. `None` when the file is damaged or belongs to something else.
    pub(in crate::gallery) fn open(
        file: Arc<dyn DiskFile>,
        writes: bool,
        keys: &Arc<Keys>,
        retired: u64,
        follows: &mut dyn FnMut(&Mark) -> Result<bool, GalleryError>,
    ) -> Result<Option<Self>, GalleryError> {
        let mut head = vec![0; header::HEADER_LEN];
        if file.read_at(0, &mut head).is_err()
            || header::check(&head, FileKind::Index, &keys.gallery_id, keys.generation).is_err()
        {
            return Ok(None);
        }
        let (bytes, first) = (file.len()?.saturating_sub(FIRST), Mark::first(retired));
        let index = Self { writes, ..Self::at(file, keys, first, 0, first) };
        // After a power failure, the last marks may be incomplete, or of frames that were lost.
        let mut count = u64::try_from(MARK).ok().and_then(|mark| bytes.checked_div(mark)).unwrap_or(0);
        for _ in 0..MARKS_AT_ONCE {
            let Some(number) = count.checked_sub(1) else { return Ok(Some(index)) };
            if let Some(mark) = index.mark(number)
                && follows(&mark)?
            {
                return Ok(Some(Self { writes, ..Self::at(index.file, keys, first, count, mark) }));
            }
            count = number;
        }
        Ok(None)
    }

    /// The place after all frames that were added.
    pub(in crate::gallery) fn now(&self) -> Mark {
        self.now
    }

    /// Adds a frame that ends at `end`; completes the group when it has events enough.
    pub(in crate::gallery) fn push(&mut self, frame: &Frame, end: End) -> io::Result<()> {
        self.now.counter = self.now.counter.saturating_add(1);
        self.now.frames = end;
        if !frame.is_intent {
            for stored in &frame.events {
                self.now.events = self.now.events.saturating_add(1);
                let Some(event) = stored.event() else { continue };
                self.now.latest = self.now.latest.max(event.time);
                self.kinds |= bit_of(event.kind);
                self.subjects.extend(event.subject);
            }
        }
        if !self.writes || self.now.events.saturating_sub(self.last.events) < EVENTS_PER_GROUP {
            return Ok(());
        }
        let mut bytes = Vec::with_capacity(MARK);
        let Mark { counter, frames, events, latest } = self.now;
        bytes.extend_from_slice(&counter.to_be_bytes());
        bytes.extend_from_slice(&frames.at.to_be_bytes());
        bytes.extend_from_slice(&frames.code);
        [events, latest].iter().for_each(|number| bytes.extend_from_slice(&number.to_be_bytes()));
        bytes.extend_from_slice(&self.kinds.to_be_bytes());
        let mut filter = [0_u8; FILTER];
        self.subjects.sort_unstable();
        self.subjects.dedup();
        for subject in &self.subjects {
            for bit in bits_of(&self.keys, self.count, subject) {
                if let Some(byte) = filter.get_mut(bit / 8) {
                    *byte |= 1 << (bit % 8);
                }
            }
        }
        bytes.extend_from_slice(&filter);
        let code = self.code(self.count, &self.last.frames, &bytes);
        bytes.extend_from_slice(&code);
        self.file.write_at(position(self.count), &bytes)?;
        self.count = self.count.saturating_add(1);
        (self.last, self.kinds) = (self.now, 0);
        self.subjects.clear();
        Ok(())
    }

    fn code(&self, number: u64, before: &End, bytes: &[u8]) -> [u8; 32] {
        let (number, at) = (number.to_be_bytes(), before.at.to_be_bytes());
        authentication_code(&self.keys.log_index, &[b"selfsame/v1/mark", &number, &at, &before.code, bytes])
    }

    /// The same marks, for reading while others are added.
    pub(in crate::gallery) fn reader(&self) -> Marks {
        let Self { file, keys, first, count, last, now, .. } = self;
        let index = Self { now: *now, ..Self::at(Arc::clone(file), keys, *first, *count, *last) };
        Marks(index)
    }

    /// A mark, if it is authentic. Its code covers the end of the mark before it, which is read with it.
    fn mark(&self, number: u64) -> Option<Mark> {
        let before = number.checked_sub(1);
        let mut bytes = vec![0; if before.is_some() { MARK.saturating_mul(2) } else { MARK }];
        self.file.read_at(position(before.unwrap_or(number)), &mut bytes).ok()?;
        let (earlier, bytes) = bytes.split_at_checked(bytes.len().checked_sub(MARK)?)?;
        let end = if earlier.is_empty() { End::NO_FRAMES } else { head(earlier)?.0.frames };
        Some(self.checked(number, &end, bytes)?.0)
    }

    /// A mark of these bytes and its kinds, if they are authentic after `before`.
    fn checked(&self, number: u64, before: &End, bytes: &[u8]) -> Option<(Mark, u32)> {
        let (body, stored) = bytes.split_last_chunk::<32>()?;
        if self.code(number, before, body) != *stored {
            return None;
        }
        head(body)
    }
}

/// The marks of an index as of some moment.
pub(in crate::gallery) struct Marks(LogIndex);

/// A group: its number, and the places where it begins and ends.
#[derive(Clone, Copy, Debug)]
pub(in crate::gallery) struct Group {
    number: u64,
    pub(in crate::gallery) from: Mark,
    pub(in crate::gallery) to: Mark,
}

impl Marks {
    /// The number of groups; the last of them may be incomplete, and is the one of the frames after the last mark.
    fn groups(&self) -> u64 {
        self.0.count.saturating_add(1)
    }

    fn end_of(&self, group: u64) -> Option<Mark> {
        if group == self.0.count { Some(self.0.now) } else { self.0.mark(group) }
    }

    /// The first group whose end satisfies `holds`, which stays true once it is, or the last group. `None` when the marks are not
    /// authentic.
    pub(in crate::gallery) fn first(&self, holds: impl Fn(&Mark) -> bool) -> Option<Group> {
        let (mut low, mut high) = (0, self.groups().saturating_sub(1));
        while low < high {
            let middle = low.saturating_add(high.saturating_sub(low) / 2);
            if holds(&self.end_of(middle)?) {
                high = middle;
            } else {
                low = middle.saturating_add(1);
            }
        }
        self.group(low)
    }

    fn group(&self, number: u64) -> Option<Group> {
        let from = match number.checked_sub(1) {
            None => self.0.first,
            Some(before) => self.end_of(before)?,
        };
        Some(Group { number, from, to: self.end_of(number)? })
    }

    /// Passes groups that may hold something wanted to `visit`, in their order from `first` on, until it returns `false`. `None` when the
    /// marks are not authentic.
    pub(in crate::gallery) fn each<E>(
        &self,
        first: &Group,
        wanted: &Wanted,
        visit: &mut dyn FnMut(&Group) -> Result<bool, E>,
    ) -> Option<Result<(), E>> {
        let (mut number, mut from) = (first.number, first.from);
        while number < self.0.count {
            let some = self.0.count.saturating_sub(number).min(MARKS_AT_ONCE);
            let mut bytes = vec![0; usize::try_from(some).ok()?.checked_mul(MARK)?];
            self.0.file.read_at(position(number), &mut bytes).ok()?;
            let (marks, _) = bytes.as_chunks::<MARK>();
            // Each code covers the end of the mark before.
            let heads: Option<Vec<Mark>> = marks.iter().map(|bytes| Some(head(bytes)?.0)).collect();
            let ends = heads?;
            let befores: Vec<Mark> = std::iter::once(from).chain(ends.iter().copied()).collect();
            let groups: Vec<(u64, Mark, &[u8; MARK])> =
                (number..).zip(befores).zip(marks).map(|((number, from), bytes)| (number, from, bytes)).collect();
            let may: Option<Vec<Option<Group>>> = groups
                .par_iter()
                .map(|(number, from, bytes)| self.may_hold(*number, from, &bytes[..], wanted))
                .collect();
            for group in may?.iter().flatten() {
                match visit(group) {
                    Ok(true) => {}
                    ended => return Some(ended.map(drop)),
                }
            }
            from = *ends.last()?;
            number = number.saturating_add(some);
        }
        Some(visit(&Group { number, from, to: self.0.now }).map(drop))
    }

    /// The group of a mark if it may hold something wanted; the outer `None` when the mark is not authentic.
    fn may_hold(&self, number: u64, from: &Mark, bytes: &[u8], wanted: &Wanted) -> Option<Option<Group>> {
        let (to, kinds) = self.0.checked(number, &from.frames, bytes)?;
        let filter = bytes.get(HEAD..HEAD.saturating_add(FILTER))?;
        let set = |bit: usize| filter.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1);
        let kind = wanted.kind.is_none_or(|kind| kinds & bit_of(kind) != 0);
        let subject = || wanted.subject.is_none_or(|subject| bits_of(&self.0.keys, number, &subject).all(set));
        Some((kind && subject()).then_some(Group { number, from: *from, to }))
    }
}

/// The place and the kinds that a mark states.
fn head(bytes: &[u8]) -> Option<(Mark, u32)> {
    let mut r = Reader::new(bytes);
    let counter = r.u64()?;
    let frames = End { at: r.u64()?, code: r.array()? };
    Some((Mark { counter, frames, events: r.u64()?, latest: r.u64()? }, r.u32()?))
}

fn position(number: u64) -> u64 {
    number.saturating_mul(u64::try_from(MARK).unwrap_or(u64::MAX)).saturating_add(FIRST)
}

fn bit_of(kind: EventKind) -> u32 {
    1_u32.checked_shl(u32::from(kind.code())).unwrap_or(0)
}

/// The bits of a subject in the filter of a group.
fn bits_of(keys: &Keys, group: u64, subject: &Uid) -> impl Iterator<Item = usize> + use<> {
    let code = authentication_code(&keys.log_index, &[b"selfsame/v1/filter", &group.to_be_bytes(), subject]);
    (0..BITS).map(move |n| {
        let pair = code.as_chunks::<2>().0.get(n).copied().unwrap_or_default();
        usize::from(u16::from_be_bytes(pair)) % (8 * FILTER)
    })
}
