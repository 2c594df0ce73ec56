//! Codes as bits and as bytes.
//!
//! | bytes | content |
//! |---|---|
//! | 4 | `SSRT` |
//! | 1 | form: 1 of a face, 2 of a finger |
//! | 1 | kind: 1 face, 2 finger |
//! | 2 | number of words, little-endian |
//! | 4 | version of the key, little-endian |
//! | 8 | tag of the key |
//! | 8 each | words, little-endian |
//!
//! The form covers everything besides key and sample that determines the words: stream and rotation, and for fingers
//! which minutiae are taken, how they are rounded and described (`points`, `outline`, `descriptor`, `neighborhood` and
//! their constants) and which slot they get. A change to any of it must increase the form; codes of other forms are
//! refused, because they cannot be compared meaningfully. Form 1 of fingers had one rotation for all slots, and the
//! comparison's descriptor.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

use std::fmt;

use super::error::{CodeError, ProtectError};
use super::key::{KeyTag, ProtectionKey};
use super::params::{FACE_FORM, FINGER_FORM, FINGER_WORDS, HEADER, LEAST_FACE_WORDS, MOST_FACE_WORDS, WORD};

/// First bytes of every code.
const MAGIC: [u8; 4] = *b"SSRT";

/// The kind of sample a code is made from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Face = 1,
    Finger = 2,
}

impl Kind {
    fn byte(self) -> u8 {
        match self {
            Self::Face => 1,
            Self::Finger => 2,
        }
    }

    /// The form that is written, and the only one that is read.
    pub(super) fn form(self) -> u8 {
        match self {
            Self::Face => FACE_FORM,
            Self::Finger => FINGER_FORM,
        }
    }

    pub(super) fn has(self, words: usize) -> bool {
        match self {
            Self::Face => (LEAST_FACE_WORDS..=MOST_FACE_WORDS).contains(&words),
            Self::Finger => words == FINGER_WORDS,
        }
    }
}

/// The bits of a code, with the key's version and tag.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) version: u32,
    pub(super) tag: KeyTag,
    pub(super) words: Box<[u64]>,
}

impl Code {
    pub(super) fn new(key: (u32, KeyTag), words: Vec<u64>) -> Self {
        Self { version: key.0, tag: key.1, words: words.into_boxed_slice() }
    }

    pub(super) fn bits(&self) -> usize {
        self.words.len().saturating_mul(WORD)
    }

    /// Whether two codes can be compared.
    pub(super) fn matches(&self, tag: KeyTag, words: usize) -> Result<(), ProtectError> {
        if self.tag != tag {
            return Err(ProtectError::OtherKey);
        }
        let reference = words.saturating_mul(WORD);
        if self.bits() == reference { Ok(()) } else { Err(ProtectError::OtherLength { probe: self.bits(), reference }) }
    }

    pub(super) fn encode(&self, kind: Kind) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER.saturating_add(self.bits() / 8));
        out.extend(MAGIC);
        out.extend([kind.form(), kind.byte()]);
        out.extend(u16::try_from(self.words.len()).unwrap_or(u16::MAX).to_le_bytes());
        out.extend(self.version.to_le_bytes());
        out.extend(self.tag.0);
        out.extend(self.words.iter().flat_map(|word| word.to_le_bytes()));
        out
    }

    pub(super) fn decode(bytes: &[u8], kind: Kind) -> Result<Self, CodeError> {
        let (magic, rest) = bytes.split_first_chunk::<4>().ok_or(CodeError::NotACode)?;
        let (&[form, found], rest) = rest.split_first_chunk::<2>().ok_or(CodeError::NotACode)?;
        if *magic != MAGIC {
            return Err(CodeError::NotACode);
        }
        if found != kind.byte() {
            return Err(CodeError::Kind { expected: kind.byte(), found });
        }
        if form != kind.form() {
            return Err(CodeError::Form { expected: kind.form(), found: form });
        }
        let short = |expected| CodeError::Length { expected, found: bytes.len() };
        let (words, rest) = rest.split_first_chunk::<2>().ok_or_else(|| short(HEADER))?;
        let (version, rest) = rest.split_first_chunk::<4>().ok_or_else(|| short(HEADER))?;
        let (tag, rest) = rest.split_first_chunk::<8>().ok_or_else(|| short(HEADER))?;
        let words = usize::from(u16::from_le_bytes(*words));
        if !kind.has(words) {
            return Err(CodeError::Bits { bits: words.saturating_mul(WORD) });
        }
        let (held, left) = rest.as_chunks::<8>();
        if held.len() != words || !left.is_empty() {
            return Err(short(words.saturating_mul(8).saturating_add(HEADER)));
        }
        let words = held.iter().map(|word| u64::from_le_bytes(*word)).collect();
        Ok(Self { version: u32::from_le_bytes(*version), tag: KeyTag(*tag), words })
    }

    pub(super) fn show(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name).field("bits", &self.bits()).field("version", &self.version).finish_non_exhaustive()
    }
}

/// The tag that marks the codes of a key.
pub(super) fn mark(key: &ProtectionKey) -> (u32, KeyTag) {
    (key.version(), key.tag())
}
