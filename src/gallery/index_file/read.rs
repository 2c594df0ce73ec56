//! Frames to an index.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::error::IndexFileError;
use super::frame::{Frame, Sealer};
use crate::bytes::Reader;
use crate::gallery::seal::KeyProvider;
use crate::index::{Index, Part};
use crate::modality::{Segment, Stored};
use crate::subject::SubjectId;

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
        let first = Frame::read(&mut input, 0)?.ok_or(IndexFileError::Length)?;
        let summary = Summary::decode(&sealer.open_frame(&first)?).ok_or(MALFORMED_HEAD)?;
        let asked = modality.describe();
        if summary.modality != asked {
            return Err(IndexFileError::OtherSettings { held: summary.modality, asked });
        }
        if usize::try_from(summary.segment_rows) != Ok(M::SEGMENT_ROWS) {
            return Err(IndexFileError::Malformed { what: "segments of another size" });
        }
        let segments = segments(&modality, &sealer, input, &summary)?;
        let index =
            Self::of_parts(modality, segments).ok_or(IndexFileError::Malformed { what: "samples are missing" })?;
        let counts = [(index.references(), summary.references), (index.len(), summary.subjects)];
        if counts.iter().any(|(found, said)| u32::try_from(*found) != Ok(*said)) {
            return Err(IndexFileError::Malformed { what: "more or fewer subjects or references than it says" });
        }
        Ok(index)
    }
}

const MALFORMED_HEAD: IndexFileError = IndexFileError::Malformed { what: "a head of another form" };

/// What frame 0 holds.
struct Summary {
    modality: String,
    segment_rows: u32,
    segments: u32,
    subjects: u32,
    references: u32,
}

impl Summary {
    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut r = Reader::new(bytes);
        let length = usize::from(u16::from_le_bytes(r.array()?));
        let modality = std::str::from_utf8(r.take(length)?).ok()?.to_owned();
        let mut number = || Some(u32::from_le_bytes(r.array()?));
        let (segment_rows, segments, subjects, references) = (number()?, number()?, number()?, number()?);
        r.rest().is_empty().then_some(Self { modality, segment_rows, segments, subjects, references })
    }
}

/// All segments: threads take turns to read the frames of one, and open them beside one another.
fn segments<M: Stored>(
    modality: &M,
    sealer: &Sealer,
    input: impl Read + Send,
    summary: &Summary,
) -> Result<Vec<Part<M>>, IndexFileError> {
    let source = Mutex::new(Source { input, frames: 1, segments: 0 });
    // Only reading the file is done under the lock.
    let next = || source.lock().unwrap_or_else(PoisonError::into_inner).next(summary.segments);
    let take_turns = |_| {
        let mut mine = Vec::new();
        while let Some((number, frames)) = next()? {
            mine.push((number, load(modality, sealer, &frames)?));
        }
        Ok(mine)
    };
    let threads = rayon::current_num_threads();
    let lists: Result<Vec<_>, IndexFileError> = (0..threads).into_par_iter().with_max_len(1).map(take_turns).collect();
    let mut all: Vec<(u32, Part<M>)> = lists?.into_iter().flatten().collect();
    all.sort_unstable_by_key(|(number, _)| *number);
    Ok(all.into_iter().map(|(_, part)| part).collect())
}

/// The frames of a file in their order.
struct Source<R> {
    input: R,
    frames: u64,
    segments: u32,
}

impl<R: Read> Source<R> {
    /// The frames of the next of so many segments.
    fn next(&mut self, segments: u32) -> Result<Option<(u32, Vec<Frame>)>, IndexFileError> {
        if self.segments == segments {
            return match Frame::read(&mut self.input, self.frames)? {
                Some(_) => Err(IndexFileError::Length),
                None => Ok(None),
            };
        }
        let mut frames = Vec::new();
        loop {
            let frame = Frame::read(&mut self.input, self.frames)?.ok_or(IndexFileError::Length)?;
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
    let mut part = Part { segment: modality.new_segment(), rows: Vec::new() };
    for frame in frames {
        let content = sealer.open_frame(frame)?;
        read_rows(modality, &content, &mut part).ok_or(IndexFileError::Malformed { what: "a row of another form" })?;
    }
    Ok(part)
}

/// Appends the rows that a frame holds.
fn read_rows<M: Stored>(modality: &M, content: &[u8], part: &mut Part<M>) -> Option<()> {
    let mut r = Reader::new(content);
    while !r.rest().is_empty() {
        if part.rows.len() == M::SEGMENT_ROWS {
            return None;
        }
        let length = usize::from(u16::from_le_bytes(r.array()?));
        let name = SubjectId::new(std::str::from_utf8(r.take(length)?).ok()?).ok()?;
        let (sample, label) = (u32::from_le_bytes(r.array()?), u64::from_le_bytes(r.array()?));
        let length = usize::try_from(u32::from_le_bytes(r.array()?)).ok()?;
        modality.decode_row(&mut part.segment, r.take(length)?)?;
        part.rows.push((name, sample, label));
    }
    (part.segment.len() == part.rows.len()).then_some(())
}

/// Reads the rows of a frame, writes them back, and compares among them: for fuzzers, which cannot seal.
#[cfg(any(fuzzing, test))]
pub fn check_rows<M: Stored + crate::modality::SelfSearch>(modality: &M, content: &[u8]) {
    let mut part = Part { segment: modality.new_segment(), rows: Vec::new() };
    if read_rows(modality, content, &mut part).is_none() {
        return;
    }
    let mut again = Vec::new();
    for (place, (name, sample, label)) in part.rows.iter().enumerate() {
        let mut row = Vec::new();
        modality.encode_row(&part.segment, place, &mut row);
        super::write::put(&mut again, name, *sample, *label, &row);
    }
    assert!(again == content, "rows changed on their way");
    let mut scratch = M::Scratch::default();
    for a in 0..part.rows.len().min(4) {
        let Some(probe) = modality.probe_of_row(&part.segment, a) else { continue };
        for b in 0..part.rows.len() {
            let _ = modality.compare_row(&probe, &part.segment, b, &mut scratch);
        }
    }
}
