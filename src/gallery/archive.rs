//! Archives of the log: sealed files of old entries, for a gallery that does without them.
//!
//! ```text
//! file  = "SSLA" | version u16 = 1 | length u16, keyring | frames
//! frame = length u32 | 1 in the last, otherwise 0 | sealed with commitment: content
//! content of the first = gallery id (16) | entries before: count u64, hashes u8, each (32) | entries u64
//! of the others        = events u32, each as in the log
//! ```
//!
//! A frame is bound to its archive, to its number and to being the last. The hashes over the entries before and those of the events give the
//! root of the log at its end, which a checkpoint, an anchor or a later proof confirms.

use std::io::{self, Read, Write};

use super::error::GalleryError;
use super::handle::Gallery;
use super::journal::{Mark, StoredEvent, UNIT};
use super::log::{EventKind, Frontier, Hash};
use super::log_query::LogEntry;
use super::params::ARCHIVED_AT_ONCE;
use super::seal::{KeyProvider, Keyring, SEAL_OVERHEAD, SecretKey, associated, open_bytes, seal_bytes};
use crate::bytes::Reader;

const MAGIC: &[u8; 4] = b"SSLA";
const VERSION: u16 = 1;
/// Longest content of a frame, bytes: so many events with the longest names of actors.
const LONGEST: usize = 400 * ARCHIVED_AT_ONCE;

/// Which entries an archive of a log holds, and the roots that tell whether they are those of the log.
///
/// ```
/// # use std::sync::Arc;
/// # use selfsame::gallery::disk::MemoryDisk;
/// use selfsame::gallery::log::verify_consistency;
/// use selfsame::gallery::{Gallery, LogArchive};
/// # use selfsame::gallery::seal::{RawKey, SecretKey};
/// # let key = Arc::new(RawKey::new(SecretKey::random()?));
/// # let gallery = Gallery::builder(key.clone()).create_on(MemoryDisk::new())?;
/// # for _ in 0..100 { gallery.check()?; }
/// let mut file = Vec::new();
/// let written = gallery.archive_log(64, &*key, &mut file)?;
/// gallery.retire_log(64)?;
///
/// let mut kinds = Vec::new();
/// let read = LogArchive::read(&mut &file[..], &*key, &mut |entry| kinds.extend(entry.event.map(|e| e.kind)))?;
/// assert_eq!((&read, kinds.len()), (&written, 64));
/// // The log goes on from the archive.
/// let proof = gallery.prove_consistency(read.end)?;
/// assert!(verify_consistency(read.end, proof.size, &read.root, &proof.root, &proof.path));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogArchive {
    /// The gallery's id.
    pub gallery_id: [u8; 16],
    /// The number of the first entry.
    pub first: u64,
    /// The number after that of the last entry.
    pub end: u64,
    /// The root of the log before the first entry: that at the end of the archive before.
    pub first_root: Hash,
    /// The root of the log at `end` entries.
    pub root: Hash,
}

impl Gallery {
    /// Writes the entries of the log before number `until` (rounded down to a multiple of 64), from the first that is
    /// still there, to an archive, sealed under a key that `provider` wraps. The gallery keeps them until [`Gallery::retire_log`]. What is written may be
    /// believed only once it is on the disk, for which the caller cares. The log records it.
    ///
    /// # Errors
    /// [`GalleryError::NoSuchEntry`] when the log is shorter; [`GalleryError::Log`] when it is not what was written;
    /// [`GalleryError::Keyring`]; [`GalleryError::Io`], also from `out`.
    #[cfg_attr(feature = "tracing", tracing::instrument(level = "debug", skip_all))]
    pub fn archive_log(
        &self,
        until: u64,
        provider: &dyn KeyProvider,
        out: &mut dyn Write,
    ) -> Result<LogArchive, GalleryError> {
        self.flush()?;
        let (log, state) = {
            let ledger = self.ledger();
            (ledger.log.reader(), ledger.state.clone())
        };
        let (first, entries) = (state.retired.len(), state.log.len());
        if until > entries {
            return Err(GalleryError::NoSuchEntry { number: until, entries });
        }
        let end = (until - until % UNIT).max(first);
        let mut archive = Frames::create(provider, out)?;
        let mut content = self.id().to_vec();
        content.extend_from_slice(&first.to_be_bytes());
        content.push(u8::try_from(state.retired.subtrees().len()).unwrap_or(u8::MAX));
        state.retired.subtrees().iter().for_each(|hash| content.extend_from_slice(hash));
        content.extend_from_slice(&end.to_be_bytes());
        archive.write(out, first == end, &content)?;
        let (mut seen, mut events): (Frontier, Vec<StoredEvent>) = (state.retired.clone(), Vec::new());
        let whole = log.frames(Mark::first(first), state.frames, &mut |frame, _| {
            for stored in frame.events.into_iter().filter(|_| !frame.is_intent) {
                if seen.len() < end {
                    seen.push(stored.leaf());
                    events.push(stored);
                }
                if events.len() == ARCHIVED_AT_ONCE || (seen.len() == end && !events.is_empty()) {
                    archive.write(out, seen.len() == end, &encoded(&std::mem::take(&mut events)))?;
                }
            }
            Ok(seen.len() < end)
        })?;
        if !whole || seen.len() < end {
            return Err(GalleryError::Log { number: seen.len() });
        }
        out.flush()?;
        let count = usize::try_from(end - first).unwrap_or(usize::MAX);
        self.record(self.event(EventKind::ArchiveLog).count(count))?;
        let (first_root, root) = (state.retired.root(), seen.root());
        Ok(LogArchive { gallery_id: self.id(), first, end, first_root, root })
    }
}

impl LogArchive {
    /// Reads an archive and passes its entries to `visit`, in their order. Subjects are known by number only. An error
    /// may come after entries that are authentic, each in its place.
    ///
    /// # Errors
    /// [`GalleryError::Damaged`] when it is not an archive, was changed or cut; [`GalleryError::Keyring`] when
    /// `provider` does not open it; [`GalleryError::NewerFormat`]; [`GalleryError::Io`].
    pub fn read(
        input: &mut dyn Read,
        provider: &dyn KeyProvider,
        visit: &mut dyn FnMut(LogEntry),
    ) -> Result<Self, GalleryError> {
        let mut archive = Frames::open(input, provider)?;
        let content = archive.read(input)?;
        let (gallery_id, before, end) = beginning(&content).ok_or(DAMAGED)?;
        let (mut seen, mut latest) = (before.clone(), 0);
        while !archive.has_ended {
            let content = archive.read(input)?;
            for stored in decoded(&content).ok_or(DAMAGED)? {
                let number = seen.len();
                seen.push(stored.leaf());
                let event = stored.into_event();
                let time = event.as_ref().map_or(latest, |event| event.time);
                let clock_put_back = time < latest;
                latest = latest.max(time);
                visit(LogEntry { number, event, subject: None, clock_put_back });
            }
        }
        if seen.len() != end || !read_bytes_up_to(input, 1)?.is_empty() {
            return Err(DAMAGED);
        }
        Ok(Self { gallery_id, first: before.len(), end, first_root: before.root(), root: seen.root() })
    }
}

const DAMAGED: GalleryError = GalleryError::Damaged { what: "the archive of a log was changed or cut" };

fn beginning(content: &[u8]) -> Option<([u8; 16], Frontier, u64)> {
    let mut r = Reader::new(content);
    let (id, size, count) = (r.array()?, r.u64()?, usize::from(r.u8()?));
    let (hashes, []) = r.take(count.checked_mul(32)?)?.as_chunks::<32>() else { return None };
    let (before, end) = (Frontier::from_subtrees(size, hashes)?, r.u64()?);
    r.rest().is_empty().then_some((id, before, end))
}

fn encoded(events: &[StoredEvent]) -> Vec<u8> {
    let mut content = u32::try_from(events.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
    events.iter().for_each(|stored| stored.encode(&mut content));
    content
}

fn decoded(content: &[u8]) -> Option<Vec<StoredEvent>> {
    let mut r = Reader::new(content);
    let events = (0..r.u32()?).map(|_| StoredEvent::decode(&mut r)).collect::<Option<Vec<_>>>()?;
    r.rest().is_empty().then_some(events)
}

/// Frames being written or read.
struct Frames {
    key: SecretKey,
    id: [u8; 16],
    number: u64,
    has_ended: bool,
}

impl Frames {
    fn create(provider: &dyn KeyProvider, out: &mut dyn Write) -> Result<Self, GalleryError> {
        let random = SecretKey::random()?;
        let id = random.expose().first_chunk::<16>().copied().unwrap_or_default();
        let keyring = Keyring::create(provider, id)?;
        let bytes = keyring.encode();
        out.write_all(MAGIC)?;
        out.write_all(&VERSION.to_be_bytes())?;
        out.write_all(&u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_be_bytes())?;
        out.write_all(&bytes)?;
        Ok(Self::of(&keyring))
    }

    fn open(input: &mut dyn Read, provider: &dyn KeyProvider) -> Result<Self, GalleryError> {
        let [magic @ .., v0, v1, l0, l1] = read_array::<8>(input)?;
        if magic != *MAGIC {
            return Err(GalleryError::Damaged { what: "this is not an archive of a log" });
        }
        let format = u16::from_be_bytes([v0, v1]);
        if format != VERSION {
            return Err(GalleryError::NewerFormat { format });
        }
        let keyring = read_bytes(input, usize::from(u16::from_be_bytes([l0, l1])))?;
        Ok(Self::of(&Keyring::open(&keyring, provider)?))
    }

    fn of(keyring: &Keyring) -> Self {
        Self { key: keyring.derive(b"log-archive"), id: keyring.gallery_id(), number: 0, has_ended: false }
    }

    fn place(&self, is_last: bool) -> Vec<u8> {
        associated(b"log-archive", &[&self.id, &self.number.to_be_bytes(), &[u8::from(is_last)]])
    }

    fn write(&mut self, out: &mut dyn Write, is_last: bool, content: &[u8]) -> Result<(), GalleryError> {
        let sealed = seal_bytes(&self.key, &self.place(is_last), content)?;
        out.write_all(&u32::try_from(sealed.len()).unwrap_or(u32::MAX).to_be_bytes())?;
        out.write_all(&[u8::from(is_last)])?;
        out.write_all(&sealed)?;
        self.number += 1;
        Ok(())
    }

    fn read(&mut self, input: &mut dyn Read) -> Result<Vec<u8>, GalleryError> {
        let [length @ .., is_last] = read_array::<5>(input)?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > LONGEST + SEAL_OVERHEAD || is_last > 1 {
            return Err(DAMAGED);
        }
        let sealed = read_bytes(input, length)?;
        let opened = open_bytes(&self.key, &self.place(is_last == 1), &sealed).map_err(|_| DAMAGED)?;
        self.has_ended = is_last == 1;
        self.number += 1;
        Ok(opened.to_vec())
    }
}

fn read_array<const N: usize>(input: &mut dyn Read) -> Result<[u8; N], GalleryError> {
    let mut bytes = [0; N];
    input.read_exact(&mut bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => DAMAGED,
        _ => error.into(),
    })?;
    Ok(bytes)
}

fn read_bytes_up_to(input: &mut dyn Read, length: usize) -> Result<Vec<u8>, GalleryError> {
    let mut bytes = Vec::new();
    input.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// So many bytes; memory grows with what is there, not with what the file says.
fn read_bytes(input: &mut dyn Read, length: usize) -> Result<Vec<u8>, GalleryError> {
    let bytes = read_bytes_up_to(input, length)?;
    if bytes.len() == length { Ok(bytes) } else { Err(DAMAGED) }
}
