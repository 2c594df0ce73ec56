//! An index whose references stay in its file.

use std::convert::Infallible;
use std::fmt;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

use super::error::IndexFileError;
use super::frame::{END, Frame, Place, Sealer};
use super::read::{NOT_AS_SAID, begin, in_turns, said};
use super::table::{Group, next_row, read_groups, read_owners};
use crate::bytes::Reader;
use crate::gallery::disk::{DiskFile, open_path};
use crate::gallery::seal::{KeyProvider, Zeroizing};
use crate::index::{Index, Part};
use crate::modality::{Modality, Ranks, Rows, Segment, Sketched};

/// A modality whose references stay in a sealed file: an index of it holds their sketches, and [`Index::open`] makes it.
///
/// Searches are those of any index. A shortlist is ranked by the sketches alone; of its rows the references are read from the file, opened and
/// compared in full, so every score is that of [`Index::load`]. [`Mode::Exact`](crate::index::Mode::Exact) reads all of the file. Subjects and
/// samples can be removed from the index in memory; nothing can be added.
#[derive(Clone, Debug)]
pub struct OnDisk<M> {
    modality: M,
}

/// Why references on a disk could not be compared.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OnDiskError<E: std::error::Error + 'static> {
    /// The modality's own error.
    #[error(transparent)]
    Modality(E),
    /// The file could not be read, or is not what it was.
    #[error(transparent)]
    File(#[from] IndexFileError),
    /// An index whose references are in a file takes no others.
    #[error("nothing can be added to an index whose references are in a file")]
    ReadOnly,
}

/// Sketches of a segment, and the places of its references in a file.
#[derive(Clone)]
pub struct SegmentOnDisk<M: Sketched> {
    sketches: M::Sketches,
    rows: Vec<InGroup>,
    source: Option<Arc<Source>>,
}

/// A row's group, and its place in it.
#[derive(Clone, Copy)]
struct InGroup {
    group: u16,
    place: u16,
}

/// The groups of a segment in a file.
struct Source {
    file: Arc<SealedFile>,
    segment: u32,
    /// The number of the first group's frame, and where it begins.
    first: u64,
    start: u64,
    groups: Vec<Group>,
    /// Where each group begins behind `start`.
    offsets: Vec<u32>,
}

struct SealedFile {
    file: Arc<dyn DiskFile>,
    sealer: Sealer,
}

const MALFORMED: IndexFileError = IndexFileError::Malformed { what: "rows of another form" };

impl<M: Sketched> Index<OnDisk<M>> {
    /// Opens a file that [`Index::save`] or an [`IndexWriter`](super::IndexWriter) wrote, and leaves the references in it: subjects and sketches are read and checked now,
    /// references when a search wants them, each time. For prints the index takes some 430 bytes of each in memory, whatever the ridge flow.
    /// The file must stay as it is, though another one may take its name. Runs on the rayon pool of the caller.
    ///
    /// A search waits for the disk in the threads of its pool. What is read is authenticated; which parts are read can be seen by whoever sees
    /// the reads.
    ///
    /// ```
    /// use selfsame::gallery::seal::{RawKey, SecretKey};
    /// use selfsame::index::{Index, Mode, Search};
    /// use selfsame::synth::TemplateGenerator;
    /// use selfsame::{Finger, SubjectId};
    ///
    /// let people = TemplateGenerator::new(1);
    /// let mut index = Index::<Finger>::default();
    /// index.extend((0..300).map(|n| (SubjectId::new(n.to_string()).unwrap(), 0, people.reference(n))))?;
    /// let folder = tempfile::tempdir()?;
    /// let (path, key) = (folder.path().join("prints.index"), RawKey::new(SecretKey::random()?));
    /// index.save(&path, &key)?;
    ///
    /// let on_disk = Index::open(Finger::default(), &path, &key)?;
    /// assert!(on_disk.bytes() < index.bytes());
    /// let search = Search::top(3).mode(Mode::Shortlist { rows: 30 });
    /// let found = on_disk.identify(&on_disk.prepare(&people.probe(7, 0))?, &search)?;
    /// assert_eq!(found[0], index.identify(&index.prepare(&people.probe(7, 0))?, &search)?[0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`IndexFileError`].
    pub fn open(modality: M, path: impl AsRef<Path>, provider: &dyn KeyProvider) -> Result<Self, IndexFileError> {
        Self::open_file(modality, open_path(path.as_ref())?, provider)
    }

    /// [`Index::open`] of a file that is read through the caller's storage.
    ///
    /// # Errors
    /// [`IndexFileError`].
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn open_file(modality: M, file: Arc<dyn DiskFile>, provider: &dyn KeyProvider) -> Result<Self, IndexFileError> {
        let mut input = Stretch { file: file.as_ref(), at: 0, end: file.len()? };
        let sealer = Sealer::open(&mut input, provider)?;
        begin(&modality, &sealer, &mut input)?;
        let (at, end) = (input.at, input.end);
        let file = Arc::new(SealedFile { file, sealer });
        let walk = Mutex::new(Walk { file: file.clone(), at, end, frames: 1, segments: 0, last: None });
        let next = || walk.lock().unwrap_or_else(PoisonError::into_inner).next::<M>();
        let parts = in_turns(next, |(source, table): (Source, Zeroizing<Vec<u8>>)| part(&modality, source, &table))?;
        let last = walk.into_inner().unwrap_or_else(PoisonError::into_inner).last.ok_or(IndexFileError::Length)?;
        Self::of_parts(OnDisk { modality }, parts)
            .filter(|index| said(&last, index.segments(), index.len(), index.references()))
            .ok_or(NOT_AS_SAID)
    }
}

/// Bytes of a file in their order.
struct Stretch<'a> {
    file: &'a dyn DiskFile,
    at: u64,
    end: u64,
}

impl Read for Stretch<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let length = out.len().min(left);
        let Some(out) = out.get_mut(..length) else { return Ok(0) };
        self.file.read_at(self.at, out)?;
        self.at = self.at.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        Ok(length)
    }
}

/// A segment's number, the place of its groups, and its table.
type Numbered = (u32, (Source, Zeroizing<Vec<u8>>));

/// The tables of a file in their order.
struct Walk {
    file: Arc<SealedFile>,
    at: u64,
    end: u64,
    frames: u64,
    segments: u32,
    /// The content of the file's last frame, once it was read.
    last: Option<Zeroizing<Vec<u8>>>,
}

impl Walk {
    /// The next segment: its number, where its groups are, and its table.
    fn next<M: Sketched>(&mut self) -> Result<Option<Numbered>, IndexFileError> {
        if self.last.is_some() {
            return Ok(None);
        }
        let stretch = Stretch { file: self.file.file.as_ref(), at: self.at, end: self.end };
        let frame = Frame::read(&mut BufReader::new(stretch), self.frames)?.ok_or(IndexFileError::Length)?;
        let place = frame.place;
        let content = self.file.sealer.open_frame(&frame)?;
        let long = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
        let start = self.at.saturating_add(long(Frame::bytes(content.len())));
        if place.segment == END {
            self.last = Some(content);
            return if start == self.end { Ok(None) } else { Err(IndexFileError::Length) };
        }
        if place.segment != self.segments {
            return Err(IndexFileError::NotAuthentic { frame: self.frames });
        }
        let groups = read_groups(&mut Reader::new(&content), M::SEGMENT_ROWS).ok_or(MALFORMED)?;
        let (mut offsets, mut offset) = (Vec::with_capacity(groups.len()), 0_u64);
        for group in &groups {
            offsets.push(u32::try_from(offset).map_err(|_| MALFORMED)?);
            offset = offset.saturating_add(long(Frame::bytes(group.length())));
        }
        let first = self.frames.saturating_add(1);
        let number = self.segments;
        self.at = start.saturating_add(offset);
        self.frames = first.saturating_add(long(groups.len()));
        self.segments = self.segments.saturating_add(1);
        let source = Source { file: self.file.clone(), segment: number, first, start, groups, offsets };
        Ok(Some((number, (source, content))))
    }
}

impl Group {
    fn length(self) -> usize {
        usize::try_from(self.length).unwrap_or(usize::MAX)
    }
}

/// The sketches and subjects of a segment.
fn part<M: Sketched>(modality: &M, source: Source, table: &[u8]) -> Result<Part<OnDisk<M>>, IndexFileError> {
    let mut r = Reader::new(table);
    read_groups(&mut r, M::SEGMENT_ROWS).ok_or(MALFORMED)?;
    let mut sketches = modality.new_sketches();
    let rows = read_owners(&mut r, &source.groups, |sketch| modality.decode_sketch(&mut sketches, sketch));
    let owners = rows.ok_or(MALFORMED)?;
    let places = (0_u16..).zip(&source.groups);
    let places = places.flat_map(|(group, held)| {
        (0_u16..).take(usize::try_from(held.rows).unwrap_or(0)).map(move |place| InGroup { group, place })
    });
    let mut rows = Vec::with_capacity(owners.len());
    rows.extend(places);
    let segment = SegmentOnDisk { sketches, rows, source: Some(Arc::new(source)) };
    Ok(Part { segment, rows: owners })
}

impl Source {
    /// Appends the row at this place to a segment.
    fn fetch<M: Sketched>(&self, modality: &M, at: InGroup, segment: &mut M::Segment) -> Result<(), IndexFileError> {
        let number = usize::from(at.group);
        let (Some(group), Some(offset)) = (self.groups.get(number), self.offsets.get(number)) else {
            return Err(MALFORMED);
        };
        let place = Place {
            number: self.first.saturating_add(u64::from(at.group)),
            segment: self.segment,
            is_last: self.groups.len() == number.saturating_add(1),
        };
        let mut bytes = vec![0; Frame::bytes(group.length())];
        let read = self.file.file.read_at(self.start.saturating_add(u64::from(*offset)), &mut bytes);
        read.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => IndexFileError::Length,
            _ => IndexFileError::Io(error),
        })?;
        let content = self.file.sealer.open_frame(&Frame::at(place, bytes)?)?;
        let mut r = Reader::new(&content);
        for _ in 0..at.place {
            next_row(&mut r).ok_or(MALFORMED)?;
        }
        modality.decode_row(segment, next_row(&mut r).ok_or(MALFORMED)?).ok_or(MALFORMED)
    }
}

impl<M: Sketched> Segment<Infallible> for SegmentOnDisk<M> {
    fn push(&mut self, reference: Infallible) {
        match reference {}
    }

    fn swap_remove(&mut self, row: usize) {
        if row < self.rows.len() {
            self.sketches.swap_remove(row);
            self.rows.swap_remove(row);
        }
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn bytes(&self) -> usize {
        let groups = self.source.as_ref().map_or(0, |source| {
            let each = size_of::<Group>().saturating_add(size_of::<u32>());
            source.groups.capacity().saturating_mul(each).saturating_add(size_of::<Source>())
        });
        let rows = self.rows.capacity().saturating_mul(size_of::<InGroup>());
        self.sketches.bytes().saturating_add(rows).saturating_add(groups)
    }
}

impl<M: Sketched> Modality for OnDisk<M> {
    type Template = M::Template;
    type Probe = M::Probe;
    /// There are no references but those in the file.
    type Reference = Infallible;
    type Score = M::Score;
    type Segment = SegmentOnDisk<M>;
    type Scratch = M::Scratch;
    type Error = OnDiskError<M::Error>;

    const SEGMENT_ROWS: usize = M::SEGMENT_ROWS;
    const PROBES_PER_PASS: usize = M::PROBES_PER_PASS;

    fn rows_per_task(stage: Option<usize>, probes: usize) -> usize {
        M::rows_per_task(stage, probes)
    }

    fn prepare(&self, template: &M::Template) -> Result<M::Probe, Self::Error> {
        self.modality.prepare(template).map_err(OnDiskError::Modality)
    }

    fn reference(&self, _: &M::Template) -> Result<Infallible, Self::Error> {
        Err(OnDiskError::ReadOnly)
    }

    fn compare(&self, _: &M::Probe, reference: &Infallible, _: &mut M::Scratch) -> Result<M::Score, Self::Error> {
        match *reference {}
    }

    fn new_segment(&self) -> SegmentOnDisk<M> {
        SegmentOnDisk { sketches: self.modality.new_sketches(), rows: Vec::new(), source: None }
    }

    fn check_segment(&self, _: &SegmentOnDisk<M>, reference: &Infallible) -> Result<(), Self::Error> {
        match *reference {}
    }

    fn value(score: M::Score) -> f32 {
        M::value(score)
    }

    fn mean(scores: &[M::Score]) -> M::Score {
        M::mean(scores)
    }

    fn compare_row(
        &self,
        probe: &M::Probe,
        segment: &SegmentOnDisk<M>,
        row: usize,
        scratch: &mut M::Scratch,
    ) -> Result<M::Score, Self::Error> {
        let (Some(at), Some(source)) = (segment.rows.get(row), &segment.source) else { return Err(MALFORMED.into()) };
        let mut fetched = self.modality.new_segment();
        source.fetch(&self.modality, *at, &mut fetched)?;
        self.modality.compare_row(probe, &fetched, 0, scratch).map_err(OnDiskError::Modality)
    }

    fn stages(&self) -> usize {
        1
    }

    fn rank<R: Ranks>(
        &self,
        _: usize,
        probes: &[&M::Probe],
        segment: &SegmentOnDisk<M>,
        rows: Rows<'_>,
        scratch: &mut M::Scratch,
        ranks: &mut [R],
    ) -> Result<(), Self::Error> {
        self.modality.rank_sketches(probes, &segment.sketches, rows, scratch, ranks);
        Ok(())
    }
}

impl<M: Sketched> fmt::Debug for SegmentOnDisk<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SegmentOnDisk").field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}
