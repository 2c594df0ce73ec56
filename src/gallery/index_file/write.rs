//! An index to frames, whole or in parts.

use std::collections::HashSet;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::error::IndexFileError;
use super::frame::{END, Frame, Place, Sealer};
use super::table::Contents;
use crate::gallery::seal::{KeyProvider, SecretKey, Zeroizing};
use crate::index::Index;
use crate::modality::Stored;
use crate::subject::SubjectId;

/// Segments that are sealed before they are written, per thread (design: keeps threads busy, and memory small).
const SEGMENTS_PER_THREAD: usize = 2;

impl<M: Stored> Index<M> {
    /// Writes the index to one sealed file, which takes the place of a file of that name once all of it is on the disk: a full disk, a kill or a
    /// power failure leaves the old file. [`Index::load`] opens it without preparing anything, and
    /// [`Index::open`] without reading the references. An index that does not fit in memory is written by [`IndexWriter`].
    ///
    /// The file holds nothing in the clear. Its length shows about how many references there are. There is no log, and nobody
    /// notices when an older file is put in its place: for people who must be enrolled durably and erased, there is
    /// [`gallery`](crate::gallery). A kill may leave a file `NAME.<random>.new` beside it, which can be removed.
    ///
    /// ```
    /// use selfsame::gallery::seal::{RawKey, SecretKey};
    /// use selfsame::index::{Index, Search};
    /// use selfsame::synth::TemplateGenerator;
    /// use selfsame::{Finger, SubjectId};
    ///
    /// let people = TemplateGenerator::new(1);
    /// let mut index = Index::<Finger>::default();
    /// for n in 0..20 {
    ///     index.insert(SubjectId::new(format!("person-{n}"))?, &people.reference(n))?;
    /// }
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("prints.index");
    /// let key = RawKey::new(SecretKey::random()?); // a passphrase, a key file, a key service
    /// index.save(&path, &key)?;
    ///
    /// let again = Index::load(Finger::default(), &path, &key)?;
    /// let probe = again.prepare(&people.probe(7, 0))?;
    /// assert_eq!(again.identify(&probe, &Search::top(3))?, index.identify(&probe, &Search::top(3))?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`IndexFileError`]. The file of that name is then the old one or, when only its name could not be made durable, the new
    /// one; it is whole.
    pub fn save(&self, path: impl AsRef<Path>, provider: &dyn KeyProvider) -> Result<(), IndexFileError> {
        IndexWriter::create(self.modality().clone(), path, provider)?.append(self)?.finish()
    }

    /// [`Index::save`] to anything that takes bytes; what becomes of them is the caller's to see to.
    ///
    /// # Errors
    /// [`IndexFileError`]; some of the bytes may be written then.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn write_sealed(&self, out: &mut dyn Write, provider: &dyn KeyProvider) -> Result<(), IndexFileError> {
        let mut parts = Parts::begin(self.modality(), out, provider)?;
        parts.append(self, out)?;
        parts.end(out)
    }
}

/// Writes an index that does not fit in memory to one sealed file, part by part. The file is that of [`Index::save`], and takes its name when it
/// is [finished](IndexWriter::finish); a writer that is dropped before leaves nothing.
///
/// ```
/// use selfsame::gallery::IndexWriter;
/// use selfsame::gallery::seal::{RawKey, SecretKey};
/// use selfsame::index::{Index, Mode, Search};
/// use selfsame::synth::TemplateGenerator;
/// use selfsame::{Finger, SubjectId};
///
/// let people = TemplateGenerator::new(1);
/// let folder = tempfile::tempdir()?;
/// let (path, key) = (folder.path().join("prints.index"), RawKey::new(SecretKey::random()?));
/// let mut writer = IndexWriter::create(Finger::default(), &path, &key)?;
/// for part in 0..4 {
///     let mut index = Index::<Finger>::default();
///     index.extend((0..50).map(|n| (SubjectId::new(format!("{part}-{n}")).unwrap(), 0, people.reference(50 * part + n))))?;
///     writer = writer.append(&index)?;
/// }
/// writer.finish()?;
///
/// // The references stay in the file; sketches of 360 bytes rank them.
/// let index = Index::open(Finger::default(), &path, &key)?;
/// let probe = index.prepare(&people.probe(137, 0))?;
/// let found = index.identify(&probe, &Search::top(1).mode(Mode::Shortlist { rows: 20 }))?;
/// assert_eq!(found[0].subject.as_str(), "2-37");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct IndexWriter<M> {
    modality: M,
    parts: Parts,
    out: Option<BufWriter<File>>,
    /// The file that is written, and its name in the end.
    new: PathBuf,
    path: PathBuf,
}

impl<M: Stored> IndexWriter<M> {
    /// Begins a file for indexes of these settings.
    ///
    /// # Errors
    /// [`IndexFileError`].
    pub fn create(modality: M, path: impl AsRef<Path>, provider: &dyn KeyProvider) -> Result<Self, IndexFileError> {
        let path = path.as_ref().to_owned();
        let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput).map_err(io::Error::from)?.to_owned();
        let random = SecretKey::random()?;
        let [a, b, c, d, ..] = random.expose();
        name.push(format!(".{a:02x}{b:02x}{c:02x}{d:02x}.new"));
        let new = folder(&path).join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = BufWriter::new(options.open(&new)?);
        match Parts::begin(&modality, &mut out, provider) {
            Ok(parts) => Ok(Self { modality, parts, out: Some(out), new, path }),
            Err(error) => {
                // What is there is not the file that was asked for; that it cannot be removed changes nothing.
                let _ = fs::remove_file(&new);
                Err(error)
            }
        }
    }

    /// Appends all references of an index. All samples of a subject must be in one part.
    ///
    /// # Errors
    /// [`IndexFileError::Duplicate`] when a subject is in an earlier part, and others; there is no file then.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn append(mut self, part: &Index<M>) -> Result<Self, IndexFileError> {
        let (held, asked) = (self.modality.describe(), part.modality().describe());
        if held != asked {
            return Err(IndexFileError::OtherSettings { held, asked });
        }
        if let Some(out) = &mut self.out {
            self.parts.append(part, out)?;
        }
        Ok(self)
    }

    /// Gives the file its name, in place of a file of that name, once all of it is on the disk.
    ///
    /// # Errors
    /// [`IndexFileError`]. The file of that name is then the old one or, when only its name could not be made durable, the new
    /// one; it is whole.
    pub fn finish(mut self) -> Result<(), IndexFileError> {
        let Some(out) = &mut self.out else { return Ok(()) };
        self.parts.end(out)?;
        out.get_ref().sync_all()?;
        fs::rename(&self.new, &self.path)?;
        self.out = None;
        // Other systems than Unix open no folders and sync them by themselves.
        if cfg!(unix) {
            File::open(folder(&self.path))?.sync_all()?;
        }
        Ok(())
    }
}

impl<M> Drop for IndexWriter<M> {
    fn drop(&mut self) {
        if self.out.take().is_some() {
            // What is there is not the file that was asked for; that it cannot be removed changes nothing.
            let _ = fs::remove_file(&self.new);
        }
    }
}

impl<M> fmt::Debug for IndexWriter<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexWriter").field("references", &self.parts.references).finish_non_exhaustive()
    }
}

/// The folder of a file.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What was written so far.
struct Parts {
    sealer: Sealer,
    frames: u64,
    segments: u32,
    references: u64,
    subjects: HashSet<SubjectId>,
}

impl Parts {
    /// Writes what stands before the segments.
    fn begin<M: Stored>(modality: &M, out: &mut dyn Write, provider: &dyn KeyProvider) -> Result<Self, IndexFileError> {
        let (sealer, head) = Sealer::create(provider)?;
        out.write_all(&head)?;
        let text = modality.describe();
        let mut first = u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes().to_vec();
        first.extend_from_slice(text.as_bytes());
        first.extend_from_slice(&u32::try_from(M::SEGMENT_ROWS).unwrap_or(u32::MAX).to_le_bytes());
        sealer.seal(Place { number: 0, segment: 0, is_last: true }, &first)?.write(out)?;
        Ok(Self { sealer, frames: 1, segments: 0, references: 0, subjects: HashSet::new() })
    }

    /// Writes all segments of an index.
    fn append<M: Stored>(&mut self, index: &Index<M>, out: &mut dyn Write) -> Result<(), IndexFileError> {
        if index.subjects().any(|subject| self.subjects.contains(subject)) {
            return Err(IndexFileError::Duplicate);
        }
        self.subjects.extend(index.subjects().cloned());
        let together = rayon::current_num_threads().saturating_mul(SEGMENTS_PER_THREAD).max(1);
        let segments: Vec<usize> = (0..index.segments()).collect();
        for segments in segments.chunks(together) {
            let contents: Vec<Contents> = segments.par_iter().map(|segment| Contents::of(index, *segment)).collect();
            let mut places = Vec::new();
            for contents in &contents {
                let frames = || std::iter::once(&contents.table).chain(&contents.groups);
                let last = frames().count().saturating_sub(1);
                for (at, content) in frames().enumerate() {
                    let place = Place { number: self.frames, segment: self.segments, is_last: at == last };
                    places.push((place, content));
                    self.frames = self.frames.saturating_add(1);
                }
                self.segments = self.segments.saturating_add(1);
            }
            let seal = |(place, content): &(Place, &Zeroizing<Vec<u8>>)| self.sealer.seal(*place, content);
            let frames: Result<Vec<Frame>, IndexFileError> = places.par_iter().map(seal).collect();
            frames?.iter().try_for_each(|frame| frame.write(out))?;
        }
        self.references = self.references.saturating_add(u64::try_from(index.references()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Writes what stands behind the segments.
    fn end(&mut self, out: &mut dyn Write) -> Result<(), IndexFileError> {
        let subjects = u64::try_from(self.subjects.len()).unwrap_or(u64::MAX);
        let last = [u64::from(self.segments), subjects, self.references].map(u64::to_le_bytes);
        let place = Place { number: self.frames, segment: END, is_last: true };
        self.sealer.seal(place, last.as_flattened())?.write(out)?;
        Ok(out.flush()?)
    }
}
