//! A record as the store holds it.

use zeroize::Zeroizing;

use super::place::{Place, What};
use crate::gallery::params::RECORD_KIND;
use crate::seal::{Padding, Reader, SealError, SealedHeader, SecretKey, open, record_key_of, seal_padded};

/// `version u64 | epoch u32 | sealed`. Version and epoch are part of the place that the record is sealed for, so changing them
/// makes it unreadable.
pub(in crate::gallery) struct Sealed<'a> {
    pub(in crate::gallery) version: u64,
    epoch: u32,
    sealed: &'a [u8],
}

impl<'a> Sealed<'a> {
    pub(in crate::gallery) fn read(value: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(value);
        Some(Self { version: reader.u64()?, epoch: reader.u32()?, sealed: reader.rest() })
    }

    /// Opens the record at its place.
    pub(in crate::gallery) fn open(
        &self,
        key: &SecretKey,
        gallery_id: [u8; 16],
        tag: &[u8; 32],
        place: Place,
    ) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let header = header(gallery_id, self.epoch, tag, place, self.version);
        let key = record_key_of(key, place.what.code(), place.position, place.slot, self.version);
        open(&key, &header, self.sealed)
    }

    /// The stored form of a record.
    pub(in crate::gallery) fn make(
        key: &SecretKey,
        gallery_id: [u8; 16],
        epoch: u32,
        tag: &[u8; 32],
        place: Place,
        version: u64,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let header = header(gallery_id, epoch, tag, place, version);
        let key = record_key_of(key, place.what.code(), place.position, place.slot, version);
        let padding = match place.what {
            What::Directory => Padding::Steps,
            What::Finger => Padding::Classes,
            // Embeddings of one model have one length, which says nothing.
            What::Face => Padding::None,
        };
        let sealed = seal_padded(&key, &header, plaintext, padding)?;
        let mut out = Vec::with_capacity(sealed.len().saturating_add(12));
        out.extend_from_slice(&version.to_be_bytes());
        out.extend_from_slice(&epoch.to_be_bytes());
        out.extend_from_slice(&sealed);
        Ok(out)
    }
}

fn header(gallery_id: [u8; 16], epoch: u32, tag: &[u8; 32], place: Place, version: u64) -> SealedHeader {
    SealedHeader {
        gallery_id,
        epoch,
        subject_tag: *tag,
        modality: place.what.code(),
        position: place.position,
        slot: place.slot,
        kind: RECORD_KIND,
        version,
    }
}
