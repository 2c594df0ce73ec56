//! The file of the log: two heads and append-only frames.

use std::io;
use std::sync::Arc;

use super::end::{End, FIRST_FRAME, HEAD_ROOM, HEADS};
use super::frames::{CODE, FRAME_HEAD, Frame, MAX_BODY};
use super::header::{self, FileKind};
use super::keys::Keys;
use super::log_index::Mark;
use super::state::State;
use crate::bytes::Reader;
use crate::gallery::disk::DiskFile;
use crate::gallery::error::GalleryError;
use crate::gallery::params::READ_AHEAD;
use crate::gallery::seal::{open_bytes, seal_bytes};

/// The file, its keys, and the head that was written last.
pub(in crate::gallery) struct LogFile {
    pub(in crate::gallery) file: Arc<dyn DiskFile>,
    pub(in crate::gallery) keys: Arc<Keys>,
    head: u64,
    /// Whether a head was written but does not open.
    pub(in crate::gallery) has_bad_head: bool,
}

impl LogFile {
    /// Creates a file without frames. It gets its full length at once, so that there is always room for the heads.
    pub(in crate::gallery) fn create(file: Arc<dyn DiskFile>, keys: Arc<Keys>) -> io::Result<Self> {
        let mut beginning = header::encode(FileKind::Log, &keys.gallery_id, keys.generation);
        beginning.resize(usize::try_from(FIRST_FRAME).unwrap_or(0), 0);
        file.write_at(0, &beginning)?;
        Ok(Self { file, keys, head: 1, has_bad_head: false })
    }

    /// Opens an existing file; returns it with the newest state in a head.
    pub(in crate::gallery) fn open(file: Arc<dyn DiskFile>, keys: Arc<Keys>) -> Result<(Self, State), GalleryError> {
        let mut head = vec![0; header::HEADER_LEN];
        file.read_at(0, &mut head).map_err(cut_short)?;
        header::check(&head, FileKind::Log, &keys.gallery_id, keys.generation)?;
        let mut log = Self { file, keys, head: 1, has_bad_head: false };
        let mut newest: Option<State> = None;
        for which in 0..2 {
            let (found, written) = log.read_head(which)?;
            log.has_bad_head |= written && found.is_none();
            if let Some(state) = found.filter(|s| newest.as_ref().is_none_or(|n| s.counter > n.counter)) {
                newest = Some(state);
                log.head = which;
            }
        }
        let state = newest.ok_or(GalleryError::Damaged { what: "neither head of the log opens" })?;
        if log.file.len()? < state.frames.at {
            return Err(GalleryError::Damaged { what: "the log is truncated" });
        }
        Ok((log, state))
    }

    /// The state in a head, and whether the head was ever written.
    fn read_head(&self, which: u64) -> Result<(Option<State>, bool), GalleryError> {
        let mut bytes = vec![0; usize::try_from(HEAD_ROOM).unwrap_or(0)];
        match self.file.read_at(head_at(which), &mut bytes) {
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok((None, true)),
            read => read?,
        }
        if bytes.iter().all(|byte| *byte == 0) {
            return Ok((None, false));
        }
        let mut reader = Reader::new(&bytes);
        let sealed = reader.u32().and_then(|len| reader.take(usize::try_from(len).ok()?));
        let Some(sealed) = sealed else { return Ok((None, true)) };
        let opened = open_bytes(&self.keys.head, &self.keys.associated(b"head", &[]), sealed);
        Ok((opened.ok().and_then(|body| State::decode(&body)), true))
    }

    /// Writes the state over the older head. The next sync makes it durable.
    pub(in crate::gallery) fn write_head(&mut self, state: &State) -> Result<(), GalleryError> {
        let sealed = seal_bytes(&self.keys.head, &self.keys.associated(b"head", &[]), &state.encode())?;
        let mut bytes = u32::try_from(sealed.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
        bytes.extend_from_slice(&sealed);
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > HEAD_ROOM {
            return Err(GalleryError::Damaged { what: "the state does not fit its head" });
        }
        self.head = 1_u64.saturating_sub(self.head);
        Ok(self.file.write_at(head_at(self.head), &bytes)?)
    }

    /// Writes a frame after those of a state and makes it durable; returns the new state.
    pub(in crate::gallery) fn append(&self, state: &State, frame: &Frame) -> Result<State, GalleryError> {
        let after = self.append_unsynced(state, frame)?;
        self.file.sync()?;
        Ok(after)
    }

    /// The same without making it durable, for a file that is not in effect yet.
    pub(in crate::gallery) fn append_unsynced(&self, state: &State, frame: &Frame) -> Result<State, GalleryError> {
        let (bytes, end) = frame.seal(&self.keys, state.frames, state.counter)?;
        self.file.write_at(state.frames.at, &bytes)?;
        let mut after = state.clone();
        after.apply(frame, end);
        Ok(after)
    }

    /// The same file, for reading while another writes it.
    pub(in crate::gallery) fn reader(&self) -> Self {
        Self {
            file: Arc::clone(&self.file),
            keys: Arc::clone(&self.keys),
            head: self.head,
            has_bad_head: self.has_bad_head,
        }
    }

    /// Rewrites frames that may not be durable, and truncates the file after them.
    pub(in crate::gallery) fn repair(&self, from: u64, to: u64) -> io::Result<()> {
        super::blocks::rewrite(&*self.file, from, to)
    }

    /// The frame that follows `before`, if it is complete.
    pub(in crate::gallery) fn frame(&self, before: End, counter: u64) -> Result<Option<(Frame, End)>, GalleryError> {
        let end = self.file.len()?;
        self.frame_in(&mut Ahead { file: &*self.file, end, step: 0, at: 0, bytes: Vec::new() }, before, counter)
    }

    fn frame_in(&self, ahead: &mut Ahead<'_>, before: End, counter: u64) -> Result<Option<(Frame, End)>, GalleryError> {
        let Some(len) = ahead.get(before.at, 4)?.and_then(|bytes| bytes.first_chunk().copied()) else {
            return Ok(None);
        };
        let whole = usize::try_from(u32::from_be_bytes(len)).ok().filter(|len| *len <= MAX_BODY);
        let whole = whole.and_then(|len| len.checked_add(FRAME_HEAD)?.checked_add(CODE));
        let Some(whole) = whole else { return Ok(None) };
        let bytes = ahead.get(before.at, whole)?;
        Ok(bytes.and_then(|bytes| Frame::open(&self.keys, before, counter, bytes)))
    }

    /// Passes the frames from a mark to `until`, each with its end, to `visit`, which returns whether to continue. Returns `false` when one of
    /// them is not what was written.
    pub(in crate::gallery) fn frames(
        &self,
        from: Mark,
        until: End,
        visit: &mut dyn FnMut(Frame, End) -> Result<bool, GalleryError>,
    ) -> Result<bool, GalleryError> {
        let (mut before, mut counter) = (from.frames, from.counter);
        let mut ahead = Ahead { file: &*self.file, end: until.at, step: READ_AHEAD, at: 0, bytes: Vec::new() };
        while before.at < until.at {
            let Some((frame, end)) = self.frame_in(&mut ahead, before, counter)? else { return Ok(false) };
            (before, counter) = (end, counter.saturating_add(1));
            if !visit(frame, end)? {
                return Ok(true);
            }
        }
        Ok(before == until)
    }

    /// Walks over all frames up to a state. `visit` receives each one. If a frame is not what was written, returns the number of its first
    /// event.
    pub(in crate::gallery) fn walk(
        &self,
        state: &State,
        visit: &mut dyn FnMut(Frame),
    ) -> Result<Result<(), u64>, GalleryError> {
        let mut seen = State { log: state.retired.clone(), ..State::new(state.settings.clone()) };
        let whole = self.frames(Mark::first(state.retired.len()), state.frames, &mut |frame, end| {
            seen.apply(&frame, end);
            visit(frame);
            Ok(true)
        })?;
        let whole = whole && seen.log == state.log && seen.counter == state.counter;
        Ok(if whole { Ok(()) } else { Err(seen.log.len()) })
    }
}

/// Bytes of a file up to `end`, read at least `step` at a time.
struct Ahead<'a> {
    file: &'a dyn DiskFile,
    end: u64,
    step: u64,
    /// The place of the bytes.
    at: u64,
    bytes: Vec<u8>,
}

impl Ahead<'_> {
    /// So many bytes from a place on; `None` when there are fewer.
    fn get(&mut self, at: u64, len: usize) -> Result<Option<&[u8]>, GalleryError> {
        let there = self.end.saturating_sub(at);
        let Some(wanted) = u64::try_from(len).ok().filter(|len| *len <= there) else { return Ok(None) };
        let within = |this: &Self| {
            let from = usize::try_from(at.checked_sub(this.at)?).ok()?;
            let to = from.checked_add(len)?;
            (to <= this.bytes.len()).then_some(from..to)
        };
        if within(self).is_none() {
            self.at = at;
            let more = usize::try_from(wanted.max(self.step).min(there)).unwrap_or(len);
            // A file that ends early may still hold what is asked for.
            for more in [more, len] {
                self.bytes.resize(more, 0);
                match self.file.read_at(at, &mut self.bytes) {
                    Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => self.bytes.clear(),
                    read => {
                        read?;
                        break;
                    }
                }
            }
        }
        Ok(within(self).and_then(|range| self.bytes.get(range)))
    }
}

fn head_at(which: u64) -> u64 {
    HEADS.saturating_add(which.saturating_mul(HEAD_ROOM))
}

fn cut_short(error: io::Error) -> GalleryError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => GalleryError::Damaged { what: "the log is truncated" },
        _ => error.into(),
    }
}
