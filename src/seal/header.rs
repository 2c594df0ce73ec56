//! What a sealed record is bound to.

use super::params::{RECORD_CIPHER, RECORD_FORMAT};

/// The place of a record: it opens there and nowhere else. Moved to another gallery, subject, finger or slot, or put back after a
/// later version, it does not open.
///
/// ```
/// use selfsame::seal::SealedHeader;
/// let header = SealedHeader { gallery_id: [1; 16], epoch: 1, subject_tag: [2; 32], modality: 1, position: 2, slot: 0, kind: 1, version: 1 };
/// let later = SealedHeader { version: 2, ..header };
/// assert_ne!(header.encode(), later.encode());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SealedHeader {
    /// The gallery.
    pub gallery_id: [u8; 16],
    /// Epoch of the gallery's master key.
    pub epoch: u32,
    /// The subject, by [`super::subject_tag`].
    pub subject_tag: [u8; 32],
    /// What was taken: the gallery's number for fingerprints, faces and so on.
    pub modality: u8,
    /// Where it was taken: the finger, or 0.
    pub position: u8,
    /// Which of several impressions or pictures.
    pub slot: u16,
    /// How the plaintext is to be read: the gallery's number for a form of template or for metadata.
    pub kind: u16,
    /// Grows with every change of the place.
    pub version: u64,
}

impl SealedHeader {
    /// Begins the associated data of every record.
    pub const MAGIC: [u8; 4] = *b"SSGR";

    /// The associated data: `SSGR`, format number, cipher number, then the fields in order, big-endian, each behind its length in
    /// one byte.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(96);
        let mut field = |bytes: &[u8]| {
            out.push(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
            out.extend_from_slice(bytes);
        };
        field(&Self::MAGIC);
        field(&RECORD_FORMAT.to_be_bytes());
        field(&[RECORD_CIPHER]);
        field(&self.gallery_id);
        field(&self.epoch.to_be_bytes());
        field(&self.subject_tag);
        field(&[self.modality]);
        field(&[self.position]);
        field(&self.slot.to_be_bytes());
        field(&self.kind.to_be_bytes());
        field(&self.version.to_be_bytes());
        out
    }
}
