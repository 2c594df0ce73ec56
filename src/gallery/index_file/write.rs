//! An index to frames.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use rayon::prelude::*;

use super::error::IndexFileError;
use super::frame::{FULL, Frame, Place, Sealer};
use crate::gallery::seal::{KeyProvider, SecretKey, Zeroizing};
use crate::index::Index;
use crate::modality::Stored;
use crate::subject::SubjectId;

/// Segments that are sealed before they are written, per thread (design: keeps threads busy, and memory small).
const SEGMENTS_PER_THREAD: usize = 2;

impl<M: Stored> Index<M> {
    /// Writes the index to one sealed file, which takes the place of a file of that name once all of it is on the disk: a full disk, a kill or a
    /// power failure leaves the old file. [`Index::load`] opens it without preparing anything.
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
        let path = path.as_ref();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput).map_err(io::Error::from)?.to_owned();
        let random = SecretKey::random()?;
        let [a, b, c, d, ..] = random.expose();
        name.push(format!(".{a:02x}{b:02x}{c:02x}{d:02x}.new"));
        let new = folder.join(name);
        let written = self.write_file(&new, provider).and_then(|()| Ok(fs::rename(&new, path)?));
        if written.is_err() {
            // What is there is not the file that was asked for; that it cannot be removed changes nothing.
            let _ = fs::remove_file(&new);
            return written;
        }
        // Other systems than Unix open no folders and sync them by themselves.
        if cfg!(unix) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    fn write_file(&self, path: &Path, provider: &dyn KeyProvider) -> Result<(), IndexFileError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut out = BufWriter::new(options.open(path)?);
        self.write_sealed(&mut out, provider)?;
        Ok(out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?)
    }

    /// [`Index::save`] to anything that takes bytes; what becomes of them is the caller's to see to.
    ///
    /// # Errors
    /// [`IndexFileError`]; some of the bytes may be written then.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn write_sealed(&self, out: &mut dyn Write, provider: &dyn KeyProvider) -> Result<(), IndexFileError> {
        let (sealer, head) = Sealer::create(provider)?;
        out.write_all(&head)?;
        sealer.seal(Place { number: 0, segment: 0, is_last: true }, &self.summary())?.write(out)?;
        let mut number: u64 = 1;
        let together = rayon::current_num_threads().saturating_mul(SEGMENTS_PER_THREAD).max(1);
        let segments: Vec<usize> = (0..self.segments()).collect();
        for segments in segments.chunks(together) {
            let contents: Vec<_> = segments.par_iter().map(|segment| self.contents(*segment)).collect();
            let mut places = Vec::new();
            for (segment, contents) in segments.iter().zip(&contents) {
                let segment = u32::try_from(*segment).unwrap_or(u32::MAX);
                for (at, content) in (1..).zip(contents) {
                    places.push((Place { number, segment, is_last: at == contents.len() }, content));
                    number = number.saturating_add(1);
                }
            }
            let frames: Result<Vec<Frame>, IndexFileError> =
                places.par_iter().map(|(place, content)| sealer.seal(*place, content)).collect();
            frames?.iter().try_for_each(|frame| frame.write(out))?;
        }
        Ok(out.flush()?)
    }

    /// What frame 0 holds.
    fn summary(&self) -> Vec<u8> {
        let text = self.modality().describe();
        let mut out = u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes().to_vec();
        out.extend_from_slice(text.as_bytes());
        for number in [M::SEGMENT_ROWS, self.segments(), self.len(), self.references()] {
            out.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
        }
        out
    }

    /// What the frames of a segment hold, at least one.
    fn contents(&self, number: usize) -> Vec<Zeroizing<Vec<u8>>> {
        let mut contents = vec![Zeroizing::new(Vec::new())];
        let Some(segment) = self.segment(number) else { return contents };
        let mut row = Zeroizing::new(Vec::new());
        for (place, (name, sample, label)) in self.rows_of(number).enumerate() {
            row.clear();
            self.modality().encode_row(segment, place, &mut row);
            if contents.last().is_some_and(|content| content.len() >= FULL) {
                contents.push(Zeroizing::new(Vec::new()));
            }
            if let Some(content) = contents.last_mut() {
                put(content, name, u32::try_from(sample).unwrap_or(u32::MAX), label, &row);
            }
        }
        contents
    }
}

/// Appends a row to the content of a frame.
pub(super) fn put(content: &mut Vec<u8>, name: &SubjectId, sample: u32, label: u64, row: &[u8]) {
    let name = name.as_str();
    content.extend_from_slice(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
    content.extend_from_slice(name.as_bytes());
    content.extend_from_slice(&sample.to_le_bytes());
    content.extend_from_slice(&label.to_le_bytes());
    content.extend_from_slice(&u32::try_from(row.len()).unwrap_or(u32::MAX).to_le_bytes());
    content.extend_from_slice(row);
}
