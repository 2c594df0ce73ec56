//! The blocks of records, read in order and some megabytes at a time, for several threads to look at.

use std::io;
use std::ops::Range;

use super::block::{BLOCK_FRAME, code};
use super::end::End;
use super::header::{self, FileKind};
use super::keys::Keys;
use crate::bytes::Reader;
use crate::gallery::disk::DiskFile;
use crate::gallery::error::GalleryError;
use crate::gallery::params::{MAX_BLOCK, WINDOW};

/// Reads the blocks.
pub(in crate::gallery) struct Windows<'a> {
    file: &'a dyn DiskFile,
    /// The end of what was read, and of what was committed.
    read: End,
    end: End,
    /// Bytes of the file, up to the committed end.
    there: u64,
    number: u32,
    /// Whether a length leads out of the file.
    cut: bool,
}

/// Some whole blocks.
pub(in crate::gallery) struct Window {
    /// Counts the windows from 0.
    pub(in crate::gallery) number: u32,
    at: u64,
    bytes: Vec<u8>,
    blocks: Vec<(End, Range<usize>)>,
}

/// The place of a block's body in the file, the body, and whether its code matches.
pub(in crate::gallery) struct Block<'a> {
    pub(in crate::gallery) at: u64,
    pub(in crate::gallery) body: &'a [u8],
    pub(in crate::gallery) fits: bool,
}

impl<'a> Windows<'a> {
    pub(super) fn new(file: &'a dyn DiskFile, keys: &Keys, end: End) -> Result<Self, GalleryError> {
        let mut head = vec![0; header::HEADER_LEN];
        read(file, 0, &mut head)?;
        header::check(&head, FileKind::Records, &keys.gallery_id, keys.generation)?;
        let there = file.len()?.min(end.at);
        Ok(Self { file, read: End::NO_BLOCKS, end, there, number: 0, cut: false })
    }

    /// The next blocks; `None` after the last, or after the last that is whole.
    pub(in crate::gallery) fn next(&mut self) -> Result<Option<Window>, GalleryError> {
        let at = self.read.at;
        if self.cut || at >= self.end.at {
            return Ok(None);
        }
        let mut window = Window { number: self.number, at, bytes: Vec::new(), blocks: Vec::new() };
        self.number = self.number.saturating_add(1);
        let mut wanted = WINDOW;
        while window.blocks.is_empty() && !self.cut {
            let room = self.there.saturating_sub(at);
            window.bytes = vec![0; usize::try_from(room.min(wanted)).unwrap_or(0)];
            read(self.file, at, &mut window.bytes)?;
            wanted = self.take(&mut window);
        }
        Ok(if window.blocks.is_empty() { None } else { Some(window) })
    }

    /// Finds the whole blocks in a window's bytes; returns the length of the next.
    fn take(&mut self, window: &mut Window) -> u64 {
        let mut reader = Reader::new(&window.bytes);
        loop {
            if self.read.at >= self.end.at {
                return 0;
            }
            let room = self.there.saturating_sub(self.read.at);
            let after_length = reader.rest().split_first_chunk::<4>();
            let Some((len, _)) = after_length.filter(|_| room >= BLOCK_FRAME) else {
                self.cut |= room < BLOCK_FRAME;
                return BLOCK_FRAME;
            };
            let len = u64::from(u32::from_be_bytes(*len));
            let whole = len.saturating_add(BLOCK_FRAME);
            if len > MAX_BLOCK || whole > room {
                self.cut = true;
                return 0;
            }
            let from = reader.offset().saturating_add(4);
            let Some(block) = usize::try_from(whole).ok().and_then(|whole| reader.take(whole)) else { return whole };
            let Some(code) = block.last_chunk::<32>() else { return whole };
            window.blocks.push((self.read, from..reader.offset().saturating_sub(code.len())));
            self.read = End { at: self.read.at.saturating_add(whole), code: *code };
        }
    }

    /// Whether the blocks that were read end where they should.
    pub(in crate::gallery) fn is_whole(&self) -> bool {
        self.read == self.end
    }
}

impl Window {
    /// The blocks, each with its code checked.
    pub(in crate::gallery) fn blocks<'a>(&'a self, keys: &Keys) -> impl Iterator<Item = Block<'a>> {
        self.blocks.iter().map(move |(before, body)| {
            let stored = self.bytes.get(body.end..body.end.saturating_add(32)).unwrap_or_default();
            let at = self.at.saturating_add(u64::try_from(body.start).unwrap_or(u64::MAX));
            let body = self.bytes.get(body.clone()).unwrap_or_default();
            Block { at, body, fits: code(keys, before, body) == *stored }
        })
    }
}

/// A file that ends before the end stated in a head is a damaged file, not a failing disk.
fn read(file: &dyn DiskFile, at: u64, out: &mut [u8]) -> Result<(), GalleryError> {
    file.read_at(at, out).map_err(|e| match e.kind() {
        io::ErrorKind::UnexpectedEof => GalleryError::Damaged { what: "the file of records is truncated" },
        _ => e.into(),
    })
}
