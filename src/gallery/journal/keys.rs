//! The keys of one generation.

use crate::gallery::record::Place;
use crate::gallery::seal::{Keyring, RecordCipher, SecretKey, associated, authentication_code};
use crate::subject::SubjectId;

/// A subject's keyed name. It does not reveal the name nor, between generations, whether two keyed names belong to one
/// subject.
pub(in crate::gallery) type Tag = [u8; 32];

/// The keys derived from a generation's master key. None of them outlives the generation.
pub(in crate::gallery) struct Keys {
    pub(in crate::gallery) gallery_id: [u8; 16],
    pub(in crate::gallery) generation: u32,
    tag: SecretKey,
    records: SecretKey,
    /// The key for codes of blocks.
    pub(super) blocks: SecretKey,
    /// The keys for bodies of frames and for their codes.
    pub(super) frames: SecretKey,
    pub(super) frame_codes: SecretKey,
    pub(super) head: SecretKey,
    /// The key for codes and filters of marks.
    pub(super) log_index: SecretKey,
}

impl Keys {
    pub(in crate::gallery) fn new(keyring: &Keyring) -> Self {
        Self {
            gallery_id: keyring.gallery_id(),
            generation: keyring.generation(),
            tag: keyring.derive(b"tag"),
            records: keyring.derive(b"records"),
            blocks: keyring.derive(b"blocks"),
            frames: keyring.derive(b"frames"),
            frame_codes: keyring.derive(b"frame-codes"),
            head: keyring.derive(b"head"),
            log_index: keyring.derive(b"log-index"),
        }
    }

    /// The keyed name of a subject: HMAC-SHA256.
    pub(in crate::gallery) fn tag(&self, subject: &SubjectId) -> Tag {
        authentication_code(&self.tag, &[b"selfsame/v1/subject", &[0], subject.as_str().as_bytes()])
    }

    /// The cipher that seals the records of one subject.
    pub(in crate::gallery) fn cipher(&self, tag: &Tag) -> RecordCipher {
        RecordCipher::new(&self.records.derive(b"subject", tag))
    }

    /// The data a record is bound to: `gallery id (16) | generation u32 | tag (32) | place (4) | version u64`.
    pub(in crate::gallery) fn place(&self, tag: &Tag, place: Place, version: u64) -> [u8; 64] {
        let generation = self.generation.to_be_bytes();
        let fields: [&[u8]; 5] = [&self.gallery_id, &generation, tag, &place.encode(), &version.to_be_bytes()];
        let mut out = [0; 64];
        out.iter_mut().zip(fields.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        out
    }

    /// Associated data of everything sealed for this generation.
    pub(super) fn associated(&self, label: &[u8], parts: &[&[u8]]) -> Vec<u8> {
        let generation = self.generation.to_be_bytes();
        let mut all: Vec<&[u8]> = vec![&self.gallery_id, &generation];
        all.extend_from_slice(parts);
        associated(label, &all)
    }
}
