//! Records, in append-only blocks.

use std::io;
use std::sync::Arc;

use rayon::prelude::*;

use super::end::{End, FIRST_BLOCK};
use super::header::{self, FileKind};
use super::keys::{Keys, Tag};
use crate::bytes::Reader;
use crate::gallery::disk::DiskFile;
use crate::gallery::error::GalleryError;
use crate::gallery::params::{BLOCK_BODY, MAX_BLOCK, READ_AHEAD};
use crate::gallery::record::Place;
use crate::gallery::seal::authentication_code;

/// Bytes of a block besides its body: length and code.
const FRAME: u64 = 36;
/// Bytes of an operation before its sealed part: for a directory, for a record.
const DIRECTORY_HEAD: usize = 45;
const RECORD_HEAD: usize = 49;

/// The position of sealed bytes in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gallery) struct Located {
    pub(in crate::gallery) at: u64,
    pub(in crate::gallery) len: u32,
}

/// One change to the records.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::gallery) enum Operation<'a> {
    Directory { tag: Tag, version: u64, sealed: &'a [u8], located: Located },
    Record { tag: Tag, place: Place, version: u64, sealed: &'a [u8], located: Located },
    Gone { tag: Tag },
}

/// The file of records and the block being written to it.
pub(in crate::gallery) struct RecordsFile {
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
    pub(in crate::gallery) fn create(file: Arc<dyn DiskFile>, keys: Arc<Keys>) -> io::Result<Self> {
        file.write_at(0, &header::encode(FileKind::Records, &keys.gallery_id, keys.generation))?;
        file.set_len(FIRST_BLOCK)?;
        Ok(Self::at(file, keys, End::NO_BLOCKS))
    }

    /// A file whose blocks are committed up to `end`.
    pub(in crate::gallery) fn at(file: Arc<dyn DiskFile>, keys: Arc<Keys>, end: End) -> Self {
        Self { file, keys, end, written: end, body: Vec::new() }
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

    /// Reads all blocks from the first to the committed end. `visit` receives each one's place and body, in order, and
    /// whether its code matches. Returns `false` when the file ends early or a length leads out of it.
    pub(in crate::gallery) fn read(&self, visit: &mut dyn FnMut(u64, &[u8], bool)) -> Result<bool, GalleryError> {
        let mut head = vec![0; header::HEADER_LEN];
        read(&*self.file, 0, &mut head)?;
        header::check(&head, FileKind::Records, &self.keys.gallery_id, self.keys.generation)?;
        let (mut before, mut pending, mut size) = (End::NO_BLOCKS, Vec::new(), 0_usize);
        let there = self.file.len()?.min(self.end.at);
        let whole = loop {
            if before.at >= self.end.at {
                break before == self.end;
            }
            let Some((block, after)) = self.block(before, there)? else { break false };
            size = size.saturating_add(block.len());
            pending.push((before, block));
            before = after;
            if size >= READ_AHEAD {
                self.show(&mut pending, visit);
                size = 0;
            }
        };
        self.show(&mut pending, visit);
        Ok(whole)
    }

    /// Blocks are checked in parallel, because each comes with the end before it.
    fn show(&self, pending: &mut Vec<(End, Vec<u8>)>, visit: &mut dyn FnMut(u64, &[u8], bool)) {
        let fits: Vec<bool> = (pending.par_iter())
            .map(|(before, block)| {
                let Some((body, stored)) = block.split_last_chunk::<32>() else { return false };
                code(&self.keys, before, body) == *stored
            })
            .collect();
        for ((before, block), fits) in pending.drain(..).zip(fits) {
            let body = block.split_last_chunk::<32>().map_or(&[][..], |(body, _)| body);
            visit(before.at.saturating_add(4), body, fits);
        }
    }

    /// The body and code of the block at a place, and its end; `None` when no block fits before `there`.
    fn block(&self, before: End, there: u64) -> Result<Option<(Vec<u8>, End)>, GalleryError> {
        let room = there.saturating_sub(before.at);
        let mut len = [0; 4];
        if room < FRAME {
            return Ok(None);
        }
        read(&*self.file, before.at, &mut len)?;
        let len = u64::from(u32::from_be_bytes(len));
        if len > MAX_BLOCK || len > room.saturating_sub(FRAME) {
            return Ok(None);
        }
        let mut block = vec![0; usize::try_from(len).unwrap_or(0).saturating_add(32)];
        read(&*self.file, before.at.saturating_add(4), &mut block)?;
        let code = block.last_chunk::<32>().copied().unwrap_or_default();
        Ok(Some((block, End { at: before.at.saturating_add(len).saturating_add(FRAME), code })))
    }

    /// Rewrites blocks that may not be durable and truncates the file after them: after a failed sync, the success of a
    /// later one proves nothing.
    pub(in crate::gallery) fn repair(&self, from: u64) -> io::Result<()> {
        rewrite(&*self.file, from, self.end.at)
    }

    pub(in crate::gallery) fn end(&self) -> End {
        self.end
    }
}

/// A file that ends before the end stated in a head is a damaged file, not a failing disk.
fn read(file: &dyn DiskFile, at: u64, out: &mut [u8]) -> Result<(), GalleryError> {
    file.read_at(at, out).map_err(|e| match e.kind() {
        io::ErrorKind::UnexpectedEof => GalleryError::Damaged { what: "the file of records is truncated" },
        _ => e.into(),
    })
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

fn code(keys: &Keys, before: &End, body: &[u8]) -> [u8; 32] {
    authentication_code(&keys.blocks, &[b"selfsame/v1/block", &before.code, &before.at.to_be_bytes(), body])
}

/// Splits a block's body into operations; ends with `None` when something is not an operation. `at` is the position of
/// the body.
pub(in crate::gallery) fn operations(at: u64, body: &[u8]) -> impl Iterator<Item = Option<Operation<'_>>> {
    let mut reader = Reader::new(body);
    let mut failed = false;
    std::iter::from_fn(move || {
        if failed || reader.rest().is_empty() {
            return None;
        }
        let found = operation(at, &mut reader);
        failed = found.is_none();
        Some(found)
    })
}

fn operation<'a>(at: u64, r: &mut Reader<'a>) -> Option<Operation<'a>> {
    let kind = r.u8()?;
    let tag = r.array()?;
    let sealed = |r: &mut Reader<'a>| {
        let len = r.u32()?;
        let located = Located { at: at.checked_add(u64::try_from(r.offset()).ok()?)?, len };
        Some((r.take(usize::try_from(len).ok()?)?, located))
    };
    match kind {
        1 => {
            let version = r.u64()?;
            let (sealed, located) = sealed(r)?;
            Some(Operation::Directory { tag, version, sealed, located })
        }
        2 => {
            let place = Place::decode(r.array()?).filter(|place| *place != Place::DIRECTORY)?;
            let version = r.u64()?;
            let (sealed, located) = sealed(r)?;
            Some(Operation::Record { tag, place, version, sealed, located })
        }
        3 => Some(Operation::Gone { tag }),
        _ => None,
    }
}
