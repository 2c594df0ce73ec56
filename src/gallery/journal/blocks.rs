//! The file of records: append-only blocks.

use std::io;
use std::sync::Arc;

use super::block::{DIRECTORY_HEAD, Located, RECORD_HEAD, code};
use super::end::{End, FIRST_BLOCK};
use super::header::{self, FileKind};
use super::keys::{Keys, Tag};
use super::windows::Windows;
use crate::gallery::disk::DiskFile;
use crate::gallery::error::GalleryError;
use crate::gallery::params::BLOCK_BODY;
use crate::gallery::record::Place;

/// The file of records and the block being written to it.
pub(in crate::gallery) struct RecordsFile {
    /// The number in the file's name.
    pub(in crate::gallery) number: u32,
    pub(in crate::gallery) file: Arc<dyn DiskFile>,
    keys: Arc<Keys>,
    /// The end of the committed blocks.
    end: End,
    /// The end of the written blocks.
    written: End,
    body: Vec<u8>,
}

impl RecordsFile {
    /// Creates a file without blocks.
    pub(in crate::gallery) fn create(number: u32, file: Arc<dyn DiskFile>, keys: Arc<Keys>) -> io::Result<Self> {
        file.write_at(0, &header::encode(FileKind::Records, &keys.gallery_id, keys.generation))?;
        file.set_len(FIRST_BLOCK)?;
        Ok(Self::at(number, file, keys, End::NO_BLOCKS))
    }

    /// A file whose blocks are committed up to `end`.
    pub(in crate::gallery) fn at(number: u32, file: Arc<dyn DiskFile>, keys: Arc<Keys>, end: End) -> Self {
        Self { number, file, keys, end, written: end, body: Vec::new() }
    }

    /// Discards what was written but not committed.
    pub(in crate::gallery) fn begin(&mut self) {
        self.written = self.end;
        self.body.clear();
    }

    /// Adds a subject's directory, and returns its future position.
    pub(in crate::gallery) fn directory(&mut self, tag: &Tag, version: u64, sealed: &[u8]) -> io::Result<Located> {
        let head = [&[1_u8][..], tag, &version.to_be_bytes()].concat();
        self.sealed(&head, DIRECTORY_HEAD, sealed)
    }

    /// Adds a record.
    pub(in crate::gallery) fn record(
        &mut self,
        tag: &Tag,
        place: Place,
        version: u64,
        sealed: &[u8],
    ) -> io::Result<Located> {
        let head = [&[2_u8][..], tag, &place.encode(), &version.to_be_bytes()].concat();
        self.sealed(&head, RECORD_HEAD, sealed)
    }

    /// Adds the removal of a subject.
    pub(in crate::gallery) fn gone(&mut self, tag: &Tag) -> io::Result<()> {
        self.make_room(33)?;
        self.body.push(3);
        self.body.extend_from_slice(tag);
        Ok(())
    }

    fn sealed(&mut self, head: &[u8], head_len: usize, sealed: &[u8]) -> io::Result<Located> {
        self.make_room(head_len.saturating_add(sealed.len()))?;
        let too_long = || io::Error::from(io::ErrorKind::FileTooLarge);
        let len = u32::try_from(sealed.len()).map_err(|_| too_long())?;
        let within = u64::try_from(self.body.len().saturating_add(head_len)).map_err(|_| too_long())?;
        self.body.extend_from_slice(head);
        self.body.extend_from_slice(&len.to_be_bytes());
        self.body.extend_from_slice(sealed);
        Ok(Located { at: self.written.at.saturating_add(4).saturating_add(within), len })
    }

    /// Writes the block if it is full.
    fn make_room(&mut self, more: usize) -> io::Result<()> {
        if !self.body.is_empty() && self.body.len().saturating_add(more) > BLOCK_BODY { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> io::Result<()> {
        if self.body.is_empty() {
            return Ok(());
        }
        let len = u32::try_from(self.body.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let code = code(&self.keys, &self.written, &self.body);
        let block = [&len.to_be_bytes()[..], &self.body, &code].concat();
        self.file.write_at(self.written.at, &block)?;
        let at = self.written.at.saturating_add(u64::try_from(block.len()).unwrap_or(u64::MAX));
        self.written = End { at, code };
        self.body.clear();
        Ok(())
    }

    /// Writes everything added and makes it durable. The commit's frame records the end returned.
    pub(in crate::gallery) fn finish(&mut self) -> io::Result<End> {
        self.write()?;
        if self.written != self.end {
            self.file.sync()?;
        }
        Ok(self.written)
    }

    /// Marks everything written as committed.
    pub(in crate::gallery) fn committed(&mut self) {
        self.end = self.written;
    }

    /// The blocks from the first to the committed end, for reading.
    pub(in crate::gallery) fn windows(&self) -> Result<Windows<'_>, GalleryError> {
        Windows::new(&*self.file, &self.keys, self.end)
    }

    /// Rewrites blocks that may not be durable and truncates the file after them: after a failed sync, the success of a
    /// later one proves nothing.
    pub(in crate::gallery) fn repair(&self, from: u64) -> io::Result<()> {
        rewrite(&*self.file, from, self.end.at)
    }

    pub(in crate::gallery) fn end(&self) -> End {
        self.end
    }

    /// Bytes written.
    pub(in crate::gallery) fn len(&self) -> u64 {
        self.end.at
    }
}

/// Writes a part of a file over itself, truncates the file after it, and syncs.
pub(super) fn rewrite(file: &dyn DiskFile, from: u64, to: u64) -> io::Result<()> {
    let (mut at, len) = (from, file.len()?);
    while at < to {
        let step = to.saturating_sub(at).min(1 << 20);
        let mut bytes = vec![0; usize::try_from(step).unwrap_or(0)];
        file.read_at(at, &mut bytes)?;
        file.write_at(at, &bytes)?;
        at = at.saturating_add(step);
    }
    if len > to {
        file.set_len(to)?;
    }
    if len > to || from < to { file.sync() } else { Ok(()) }
}
