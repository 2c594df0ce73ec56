//! Frames of the log: one per commit, with the events that report it.

use sha2::{Digest, Sha256};

use super::end::End;
use super::keys::Keys;
use super::settings::Settings;
use crate::bytes::Reader;
use crate::gallery::error::GalleryError;
use crate::gallery::log::{Event, Hash, leaf_hash};
use crate::gallery::seal::{Opened, Padding, RecordCipher, SealError, authentication_code};

/// Length of the random number that keeps a leaf from being guessed, bytes.
const BLINDING: usize = 16;
/// Bytes of a frame before its body, and of its code after it.
pub(super) const FRAME_HEAD: usize = 12;
pub(super) const CODE: usize = 32;

const HAS_SETTINGS: u8 = 1;
const IS_INTENT: u8 = 2;
const ENDS_INTENT: u8 = 4;
const HAS_RECORDS: u8 = 8;

/// An event as stored in the log.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::gallery) enum StoredEvent {
    /// An event and its random number.
    Known { blinding: [u8; BLINDING], event: Event },
    /// What is left of an event of someone who was erased: `SHA-256(blinding | event)`.
    Hidden(Hash),
}

impl StoredEvent {
    pub(in crate::gallery) fn new(event: Event) -> Result<Self, SealError> {
        let mut blinding = [0; BLINDING];
        getrandom::fill(&mut blinding).map_err(|_| SealError::Random)?;
        Ok(Self::Known { blinding, event })
    }

    pub(in crate::gallery) fn event(&self) -> Option<&Event> {
        match self {
            Self::Known { event, .. } => Some(event),
            Self::Hidden(_) => None,
        }
    }

    pub(in crate::gallery) fn into_event(self) -> Option<Event> {
        match self {
            Self::Known { event, .. } => Some(event),
            Self::Hidden(_) => None,
        }
    }

    /// What the leaf of the event commits to.
    fn committed(&self) -> Hash {
        match self {
            Self::Known { blinding, event } => {
                Sha256::new().chain_update(blinding).chain_update(event.encode()).finalize().into()
            }
            Self::Hidden(committed) => *committed,
        }
    }

    /// The event without its content. Its leaf stays, so roots and proofs do too.
    pub(in crate::gallery) fn hidden(&self) -> Self {
        Self::Hidden(self.committed())
    }

    /// The event's leaf in the log's Merkle tree: `SHA-256(0 | SHA-256(blinding | event))`. It is the same under every
    /// generation's keys.
    pub(in crate::gallery) fn leaf(&self) -> Hash {
        leaf_hash(&self.committed())
    }

    /// `length u16 | blinding (16) | event`, or `0 u16 | SHA-256(blinding | event) (32)`.
    pub(in crate::gallery) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Known { blinding, event } => {
                let event = event.encode();
                out.extend_from_slice(&u16::try_from(event.len()).unwrap_or(u16::MAX).to_be_bytes());
                out.extend_from_slice(blinding);
                out.extend_from_slice(&event);
            }
            Self::Hidden(committed) => {
                out.extend_from_slice(&[0, 0]);
                out.extend_from_slice(committed);
            }
        }
    }

    pub(in crate::gallery) fn decode(r: &mut Reader<'_>) -> Option<Self> {
        match usize::from(r.u16()?) {
            0 => Some(Self::Hidden(r.array()?)),
            len => Some(Self::Known { blinding: r.array()?, event: Event::decode(r.take(len)?)? }),
        }
    }
}

/// The records after a commit that changes them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::gallery) struct Holds {
    /// The number of the file of records.
    pub(in crate::gallery) file: u32,
    /// The end of its blocks.
    pub(in crate::gallery) end: End,
    pub(in crate::gallery) subjects: u64,
    /// The number of templates and embeddings.
    pub(in crate::gallery) records: u64,
}

/// The changes of a commit.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::gallery) struct Frame {
    /// `None` for a commit that leaves the records as they were.
    pub(in crate::gallery) holds: Option<Holds>,
    pub(in crate::gallery) settings: Option<Settings>,
    /// Whether its events are still pending: they go into the log once the keys of the previous generation are
    /// destroyed.
    pub(in crate::gallery) is_intent: bool,
    /// Whether its events are those of a pending frame, now in effect.
    pub(in crate::gallery) ends_intent: bool,
    pub(in crate::gallery) events: Vec<StoredEvent>,
}

impl Holds {
    /// The file of records u32, its end u64, code (32) | subjects u64 | records u64.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let Self { file, end, subjects, records } = self;
        out.extend_from_slice(&file.to_be_bytes());
        out.extend_from_slice(&end.at.to_be_bytes());
        out.extend_from_slice(&end.code);
        out.extend_from_slice(&subjects.to_be_bytes());
        out.extend_from_slice(&records.to_be_bytes());
    }

    pub(super) fn decode(r: &mut Reader<'_>) -> Option<Self> {
        let (file, end) = (r.u32()?, End { at: r.u64()?, code: r.array()? });
        Some(Self { file, end, subjects: r.u64()?, records: r.u64()? })
    }
}

impl Frame {
    /// `flags u8 | holds, if flagged | settings, if flagged | events u32, each`
    pub(super) fn encode(&self) -> Vec<u8> {
        let flag = |on: bool, flag: u8| if on { flag } else { 0 };
        let flags = flag(self.settings.is_some(), HAS_SETTINGS)
            | flag(self.is_intent, IS_INTENT)
            | flag(self.ends_intent, ENDS_INTENT)
            | flag(self.holds.is_some(), HAS_RECORDS);
        let mut out = vec![flags];
        if let Some(holds) = &self.holds {
            holds.encode(&mut out);
        }
        if let Some(settings) = &self.settings {
            settings.encode(&mut out);
        }
        out.extend_from_slice(&u32::try_from(self.events.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.events.iter().for_each(|stored| stored.encode(&mut out));
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut r = Reader::new(bytes);
        let flags = r.u8()?;
        let has = |flag| flags & flag != 0;
        if flags & !(HAS_SETTINGS | IS_INTENT | ENDS_INTENT | HAS_RECORDS) != 0 {
            return None;
        }
        let holds = if has(HAS_RECORDS) { Some(Holds::decode(&mut r)?) } else { None };
        let settings = if has(HAS_SETTINGS) { Some(Settings::decode(&mut r)?) } else { None };
        let count = r.u32()?;
        let mut events = Vec::new();
        for _ in 0..count {
            events.push(StoredEvent::decode(&mut r)?);
        }
        let (is_intent, ends_intent) = (has(IS_INTENT), has(ENDS_INTENT));
        let frame = Self { holds, settings, is_intent, ends_intent, events };
        r.rest().is_empty().then_some(frame)
    }

    /// Seals the frame to follow those that end at `before`; returns its bytes and its end.
    pub(super) fn seal(&self, keys: &Keys, before: End, counter: u64) -> Result<(Vec<u8>, End), GalleryError> {
        // The code over all of it commits to what is sealed.
        let body =
            RecordCipher::new(&keys.frames).seal(&place(keys, before, counter), &self.encode(), Padding::None)?;
        let len = u32::try_from(body.len()).map_err(|_| SealError::TooLong { len: body.len(), max: MAX_BODY })?;
        let mut out = len.to_be_bytes().to_vec();
        out.extend_from_slice(&counter.to_be_bytes());
        out.extend_from_slice(&body);
        let code = code(keys, before, &out);
        out.extend_from_slice(&code);
        let at = before.at.saturating_add(u64::try_from(out.len()).unwrap_or(u64::MAX));
        Ok((out, End { at, code }))
    }

    /// Opens a complete frame, including its code.
    pub(super) fn open(keys: &Keys, before: End, counter: u64, bytes: &[u8]) -> Option<(Self, End)> {
        let (signed, stored) = bytes.split_last_chunk::<CODE>()?;
        if code(keys, before, signed) != *stored {
            return None;
        }
        let (head, body) = signed.split_first_chunk::<FRAME_HEAD>()?;
        let mut reader = Reader::new(head);
        if usize::try_from(reader.u32()?).ok()? != body.len() || reader.u64()? != counter {
            return None;
        }
        let mut buffer = Opened::default();
        let body = RecordCipher::new(&keys.frames).open(&place(keys, before, counter), body, &mut buffer).ok()?;
        let at = before.at.checked_add(u64::try_from(bytes.len()).ok()?)?;
        Some((Self::decode(body)?, End { at, code: *stored }))
    }
}

/// Longest body of a frame, bytes: the most that is sealed at once.
pub(super) const MAX_BODY: usize = (16 << 20) + 128;

fn place(keys: &Keys, before: End, counter: u64) -> Vec<u8> {
    keys.associated(b"frame", &[&counter.to_be_bytes(), &before.at.to_be_bytes(), &before.code])
}

fn code(keys: &Keys, before: End, signed: &[u8]) -> [u8; CODE] {
    authentication_code(&keys.frame_codes, &[b"selfsame/v1/frame", &before.code, &before.at.to_be_bytes(), signed])
}
