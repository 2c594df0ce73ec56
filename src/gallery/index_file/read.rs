//! Frames to an index.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::error::IndexFileError;
use super::frame::{END, Frame, Sealer};
use super::table::{read_groups, read_owners, read_rows};
use crate::bytes::Reader;
use crate::gallery::seal::KeyProvider;
use crate::index::{Index, Part};
use crate::modality::Stored;

impl<M: Stored> Index<M> {
    /// Opens a file that [`Index::save`] wrote, with the settings that it was written with. All of it is read and checked; nothing
    /// is prepared. Runs on the rayon pool of the caller. The index gives the same answers as the one that was saved.
    ///
    /// # Errors
    /// [`IndexFileError`].
    pub fn load(modality: M, path: impl AsRef<Path>, provider: &dyn KeyProvider) -> Result<Self, IndexFileError> {
        Self::read_sealed(modality, BufReader::new(File::open(path)?), provider)
    }

    /// [`Index::load`] from anything that gives bytes.
    ///
    /// # Errors
    /// [`IndexFileError`].
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn read_sealed(
        modality: M,
        mut input: impl Read + Send,
        provider: &dyn KeyProvider,
    ) -> Result<Self, IndexFileError> {
        let sealer = Sealer::open(&mut input, provider)?;
        begin(&modality, &sealer, &mut input)?;
        let source = Mutex::new(Source { input, frames: 1, segments: 0, end: None });
        let parts = in_turns(
            || source.lock().unwrap_or_else(PoisonError::into_inner).next(),
            |frames: Vec<Frame>| load(&modality, &sealer, &frames),
        )?;
        let end = source.into_inner().unwrap_or_else(PoisonError::into_inner).end.ok_or(IndexFileError::Length)?;
        let end = sealer.open_frame(&end)?;
        Self::of_parts(modality, parts)
            .filter(|index| said(&end, index.segments(), index.len(), index.references()))
            .ok_or(NOT_AS_SAID)
    }
}

pub(super) const NOT_AS_SAID: IndexFileError =
    IndexFileError::Malformed { what: "more or fewer segments, subjects, samples or references than it says" };

/// Reads the first frame, which says what the file holds.
pub(super) fn begin<M: Stored>(modality: &M, sealer: &Sealer, input: &mut dyn Read) -> Result<(), IndexFileError> {
    let first = Frame::read(input, 0)?.ok_or(IndexFileError::Length)?;
    let first = sealer.open_frame(&first)?;
    let mut r = Reader::new(&first);
    let mut summary = || {
        let length = usize::from(u16::from_le_bytes(r.array()?));
        let held = std::str::from_utf8(r.take(length)?).ok()?.to_owned();
        let rows = u32::from_le_bytes(r.array()?);
        r.rest().is_empty().then_some((held, rows))
    };
    let (held, rows) = summary().ok_or(IndexFileError::Malformed { what: "a head of another form" })?;
    let asked = modality.describe();
    if held != asked {
        return Err(IndexFileError::OtherSettings { held, asked });
    }
    if usize::try_from(rows) != Ok(M::SEGMENT_ROWS) {
        return Err(IndexFileError::Malformed { what: "segments of another size" });
    }
    Ok(())
}

/// Whether the last frame says so many segments, subjects and references.
pub(super) fn said(end: &[u8], segments: usize, subjects: usize, references: usize) -> bool {
    let found = [segments, subjects, references].map(|count| u64::try_from(count).unwrap_or(u64::MAX).to_le_bytes());
    end == found.as_flattened()
}

/// All parts that `next` gives, opened: threads take turns with `next`, and open beside one another.
pub(super) fn in_turns<T, U: Send>(
    next: impl Fn() -> Result<Option<(u32, T)>, IndexFileError> + Sync,
    open: impl Fn(T) -> Result<U, IndexFileError> + Sync,
) -> Result<Vec<U>, IndexFileError> {
    let take_turns = |_| {
        let mut mine = Vec::new();
        while let Some((number, part)) = next()? {
            mine.push((number, open(part)?));
        }
        Ok(mine)
    };
    let threads = rayon::current_num_threads();
    let lists: Result<Vec<_>, IndexFileError> = (0..threads).into_par_iter().with_max_len(1).map(take_turns).collect();
    let mut all: Vec<(u32, U)> = lists?.into_iter().flatten().collect();
    all.sort_unstable_by_key(|(number, _)| *number);
    Ok(all.into_iter().map(|(_, part)| part).collect())
}

/// The frames of a file in their order.
struct Source<R> {
    input: R,
    frames: u64,
    segments: u32,
    /// The file's last frame, once it was read.
    end: Option<Frame>,
}

impl<R: Read> Source<R> {
    /// The frames of the next segment.
    fn next(&mut self) -> Result<Option<(u32, Vec<Frame>)>, IndexFileError> {
        if self.end.is_some() {
            return Ok(None);
        }
        let mut frames: Vec<Frame> = Vec::new();
        loop {
            let frame = Frame::read(&mut self.input, self.frames)?.ok_or(IndexFileError::Length)?;
            if frame.place.segment == END && frames.is_empty() {
                // Only the frames of a file make a file.
                if Frame::read(&mut self.input, self.frames)?.is_some() {
                    return Err(IndexFileError::Length);
                }
                self.end = Some(frame);
                return Ok(None);
            }
            if frame.place.segment != self.segments {
                return Err(IndexFileError::NotAuthentic { frame: self.frames });
            }
            self.frames = self.frames.saturating_add(1);
            let is_last = frame.place.is_last;
            frames.push(frame);
            if is_last {
                let number = self.segments;
                self.segments = self.segments.saturating_add(1);
                return Ok(Some((number, frames)));
            }
        }
    }
}

fn load<M: Stored>(modality: &M, sealer: &Sealer, frames: &[Frame]) -> Result<Part<M>, IndexFileError> {
    const MALFORMED: IndexFileError = IndexFileError::Malformed { what: "rows of another form" };
    let (first, frames) = frames.split_first().ok_or(IndexFileError::Length)?;
    let table = sealer.open_frame(first)?;
    let mut r = Reader::new(&table);
    let groups = read_groups(&mut r, M::SEGMENT_ROWS).filter(|groups| groups.len() == frames.len()).ok_or(MALFORMED)?;
    let rows = read_owners(&mut r, &groups, |_| Some(())).ok_or(MALFORMED)?;
    let mut part = Part { segment: modality.new_segment(), rows };
    for (group, frame) in groups.iter().zip(frames) {
        let content = sealer.open_frame(frame)?;
        if u32::try_from(content.len()) != Ok(group.length) {
            return Err(MALFORMED);
        }
        read_rows(modality, &content, group.rows, &mut part.segment).ok_or(MALFORMED)?;
    }
    Ok(part)
}
