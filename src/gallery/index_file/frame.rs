//! Frames: what is sealed, for which place.

use std::io::{self, Read, Write};

use super::error::IndexFileError;
use crate::gallery::seal::{
    KeyProvider, Keyring, SEAL_OVERHEAD, SecretKey, Zeroizing, associated, open_bytes, seal_bytes,
};

/// Begins a file.
const MAGIC: [u8; 4] = *b"SSIX";
/// Version of the file and of its rows.
const VERSION: u16 = 2;
/// Contents are filled up to a multiple of this, bytes: the length of one print is not seen from outside, only about how much two hold.
const STEP: usize = 1024;
/// Longest content, bytes; a seal takes 16 MiB.
pub(super) const LONGEST: usize = 15 << 20;
/// What stands before what is sealed, bytes.
const HEAD: usize = 9;
/// The segment that the last frame of a file names.
pub(super) const END: u32 = u32::MAX;

/// Where a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Which frame of the file, from 0.
    pub(super) number: u64,
    /// Which segment it belongs to; 0 of frame 0, [`END`] of the file's last one.
    pub(super) segment: u32,
    /// Whether it is the segment's last one.
    pub(super) is_last: bool,
}

/// What frames of one file are sealed with.
pub(super) struct Sealer {
    key: SecretKey,
    id: [u8; 16],
}

/// A frame as it is in the file.
pub(super) struct Frame {
    pub(super) place: Place,
    sealed: Vec<u8>,
}

impl Sealer {
    /// The keys of a new file, and the bytes that it begins with.
    pub(super) fn create(provider: &dyn KeyProvider) -> Result<(Self, Vec<u8>), IndexFileError> {
        let mut id = [0; 16];
        let random = SecretKey::random()?;
        id.iter_mut().zip(random.derive(b"index-id", &[]).expose()).for_each(|(to, from)| *to = *from);
        let keyring = Keyring::create(provider, id)?;
        let bytes = keyring.encode();
        let mut head = MAGIC.to_vec();
        head.extend_from_slice(&VERSION.to_le_bytes());
        head.extend_from_slice(&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_le_bytes());
        head.extend_from_slice(&bytes);
        Ok((Self::of(&keyring), head))
    }

    /// The keys of the file that begins here.
    pub(super) fn open(input: &mut dyn Read, provider: &dyn KeyProvider) -> Result<Self, IndexFileError> {
        let mut head = [0; 8];
        let whole = read_whole(input, &mut head)?;
        let [a, b, c, d, version @ .., l, h] = head;
        if !whole || [a, b, c, d] != MAGIC {
            return Err(IndexFileError::NotAnIndex);
        }
        let version = u16::from_le_bytes(version);
        if version != VERSION {
            return Err(IndexFileError::OtherVersion { version });
        }
        let length = usize::from(u16::from_le_bytes([l, h])).min(Keyring::MAX_LEN);
        let mut bytes = vec![0; length];
        if !read_whole(input, &mut bytes)? {
            return Err(IndexFileError::Length);
        }
        Ok(Self::of(&Keyring::open(&bytes, provider)?))
    }

    fn of(keyring: &Keyring) -> Self {
        Self { key: keyring.derive(b"index"), id: keyring.gallery_id() }
    }

    fn associated(&self, place: Place) -> Vec<u8> {
        let (number, segment) = (place.number.to_be_bytes(), place.segment.to_be_bytes());
        associated(b"index", &[&self.id, &number, &segment, &[u8::from(place.is_last)]])
    }

    /// A frame of this content.
    pub(super) fn seal(&self, place: Place, content: &[u8]) -> Result<Frame, IndexFileError> {
        let too_long = IndexFileError::RowTooLong { len: content.len() };
        let length = u32::try_from(content.len()).map_err(|_| IndexFileError::RowTooLong { len: content.len() })?;
        if content.len() > LONGEST {
            return Err(too_long);
        }
        let mut plain = Zeroizing::new(Vec::with_capacity(content.len().saturating_add(STEP).saturating_add(4)));
        plain.extend_from_slice(&length.to_le_bytes());
        plain.extend_from_slice(content);
        let padded = plain.len().next_multiple_of(STEP);
        plain.resize(padded, 0);
        Ok(Frame { place, sealed: seal_bytes(&self.key, &self.associated(place), &plain)? })
    }

    /// The content of a frame.
    pub(super) fn open_frame(&self, frame: &Frame) -> Result<Zeroizing<Vec<u8>>, IndexFileError> {
        let refused = || IndexFileError::NotAuthentic { frame: frame.place.number };
        let mut plain = open_bytes(&self.key, &self.associated(frame.place), &frame.sealed).map_err(|_| refused())?;
        let (length, content) = plain.split_first_chunk().ok_or_else(refused)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok().filter(|length| *length <= content.len());
        let end = length.and_then(|length| length.checked_add(4)).ok_or_else(refused)?;
        plain.truncate(end);
        plain.drain(..4);
        Ok(plain)
    }
}

impl Frame {
    /// The bytes that a frame with so much content has in the file.
    pub(super) fn bytes(content: usize) -> usize {
        let padded = content.saturating_add(4).checked_next_multiple_of(STEP).unwrap_or(usize::MAX);
        padded.saturating_add(SEAL_OVERHEAD).saturating_add(HEAD)
    }

    fn head(&self) -> [u8; HEAD] {
        let [a, b, c, d] = u32::try_from(self.sealed.len()).unwrap_or(u32::MAX).to_le_bytes();
        let [e, f, g, h] = self.place.segment.to_le_bytes();
        [a, b, c, d, e, f, g, h, u8::from(self.place.is_last)]
    }

    pub(super) fn write(&self, out: &mut dyn Write) -> Result<(), IndexFileError> {
        out.write_all(&self.head())?;
        Ok(out.write_all(&self.sealed)?)
    }

    /// The frame at a place, all of whose bytes these are.
    pub(super) fn at(place: Place, mut bytes: Vec<u8>) -> Result<Self, IndexFileError> {
        let sealed = bytes.split_off(HEAD.min(bytes.len()));
        let frame = Self { place, sealed };
        if bytes == frame.head() { Ok(frame) } else { Err(IndexFileError::NotAuthentic { frame: place.number }) }
    }

    /// Frame `number`, which begins here; `None` where the file ends.
    pub(super) fn read(input: &mut dyn Read, number: u64) -> Result<Option<Self>, IndexFileError> {
        let mut head = [0; HEAD];
        let Some((first, others)) = head.split_first_mut() else { return Ok(None) };
        if !read_whole(input, std::slice::from_mut(first))? {
            return Ok(None);
        }
        if !read_whole(input, others)? {
            return Err(IndexFileError::Length);
        }
        let [a, b, c, d, segment @ .., is_last] = head;
        let length = u32::from_le_bytes([a, b, c, d]);
        if usize::try_from(length).is_ok_and(|length| length > Self::bytes(LONGEST)) || is_last > 1 {
            return Err(IndexFileError::NotAuthentic { frame: number });
        }
        // Memory grows with what is there, not with what the file says.
        let mut sealed = Vec::new();
        let read = input.take(u64::from(length)).read_to_end(&mut sealed)?;
        if u32::try_from(read) != Ok(length) {
            return Err(IndexFileError::Length);
        }
        Ok(Some(Self { place: Place { number, segment: u32::from_le_bytes(segment), is_last: is_last == 1 }, sealed }))
    }
}

/// Fills `out`; `false` when the input ends before.
fn read_whole(input: &mut dyn Read, out: &mut [u8]) -> io::Result<bool> {
    match input.read_exact(out) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        done => done.map(|()| true),
    }
}
