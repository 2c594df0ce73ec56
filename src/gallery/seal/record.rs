//! Sealing of many records under one key: each plaintext is padded and bound to its place.

use chacha20poly1305::{AeadInOut, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::error::SealError;
use super::key::SecretKey;
use super::params::{MAX_PLAINTEXT, NONCE_LEN, SMALLEST_CLASS, STEP, TAG_LEN, TRAILER_LEN};

/// How much the length of a sealed record reveals of the length of its content.
///
/// A template of 40 minutiae is shorter than one of 80, and the number of minutiae distinguishes people a little. Size
/// classes are 1024 bytes times a power of two, and that by 1.25, 1.5 and 1.75: at most a fifth of a record is padding
/// (above 1 KiB), and the records of one finger of 40 minutiae and of one of 46 mostly have the same length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    /// Pads to the next size class.
    Classes,
    /// Pads to the next multiple of 128 bytes: for small, frequent records, such as a subject's name and the list of
    /// its records.
    Steps,
    /// Does not pad: for records that always have the same length, such as the embeddings of one model.
    None,
}

impl Padding {
    /// Length of the padded plaintext with its trailer, bytes.
    fn apply(self, len: usize) -> usize {
        match self {
            Self::None => len,
            Self::Steps => len.checked_next_multiple_of(STEP).unwrap_or(usize::MAX),
            Self::Classes => {
                // The power of two at or below `len`, and the next of its quarters.
                let power = 1_usize.checked_shl(len.checked_ilog2().unwrap_or(0)).unwrap_or(usize::MAX);
                let quarter = (power / 4).max(1);
                len.checked_next_multiple_of(quarter).unwrap_or(usize::MAX).max(SMALLEST_CLASS)
            }
        }
    }
}

/// Bytes that sealing adds to a padded record: nonce, trailer and tag.
#[cfg(test)]
pub(crate) const RECORD_OVERHEAD: usize = NONCE_LEN + TRAILER_LEN + TAG_LEN;

/// Seals and opens the records of one key: `nonce (24) | ciphertext | tag (16)` of XChaCha20-Poly1305 over
/// `plaintext | zeros | length u32`, with the record's place as associated data.
///
/// Unlike [`super::seal_bytes`] this does not commit to the key, which saves some hashes per record. It is for records
/// inside something that does: a gallery's block carries an HMAC over the whole of each record.
pub(crate) struct RecordCipher(XChaCha20Poly1305);

impl RecordCipher {
    pub(crate) fn new(key: &SecretKey) -> Self {
        Self(XChaCha20Poly1305::new(key.expose().into()))
    }

    /// # Errors
    /// [`SealError::TooLong`] when the padded record exceeds 16 MiB, [`SealError::Random`] when the system cannot
    /// supply random numbers.
    pub(crate) fn seal(&self, place: &[u8], plaintext: &[u8], padding: Padding) -> Result<Vec<u8>, SealError> {
        let too_long = SealError::TooLong { len: plaintext.len(), max: MAX_PLAINTEXT };
        let declared = u32::try_from(plaintext.len()).map_err(|_| too_long.clone())?;
        let total = padding.apply(plaintext.len().saturating_add(TRAILER_LEN));
        if total > MAX_PLAINTEXT {
            return Err(too_long);
        }
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| SealError::Random)?;
        // Everything below is encrypted in place: no copy of the plaintext is left behind.
        let mut sealed = Vec::with_capacity(total.saturating_add(NONCE_LEN + TAG_LEN));
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plaintext);
        sealed.resize(total.saturating_add(NONCE_LEN).saturating_sub(TRAILER_LEN), 0);
        sealed.extend_from_slice(&declared.to_be_bytes());
        let (_, body) = sealed.split_at_mut_checked(NONCE_LEN).ok_or(too_long.clone())?;
        let tag = self.0.encrypt_inout_detached(&XNonce::from(nonce), place, body.into()).map_err(|_| too_long)?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    /// Opens a record into a buffer; returns its content there. A buffer that is used for many records is wiped once,
    /// not after each.
    ///
    /// # Errors
    /// [`SealError::NotAuthentic`] when it is not the record that was sealed under this key for this place.
    pub(crate) fn open<'a>(&self, place: &[u8], sealed: &[u8], buffer: &'a mut Opened) -> Result<&'a [u8], SealError> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SealError::NotAuthentic)?;
        let (body, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or(SealError::NotAuthentic)?;
        let framed = buffer.filled(body);
        self.0
            .decrypt_inout_detached(&XNonce::from(*nonce), place, framed.into(), &Tag::from(*tag))
            .map_err(|_| SealError::NotAuthentic)?;
        let framed = buffer.0.as_slice();
        content_len(framed).and_then(|len| framed.get(..len)).ok_or(SealError::NotAuthentic)
    }
}

/// A buffer for opened records, wiped when it is dropped or replaced by a longer one.
#[derive(Default)]
pub(crate) struct Opened(Zeroizing<Vec<u8>>);

impl Opened {
    /// The buffer, holding a copy of these bytes. A vector that grows by itself would leave its old memory unwiped.
    fn filled(&mut self, bytes: &[u8]) -> &mut [u8] {
        if self.0.capacity() < bytes.len() {
            let room = bytes.len().checked_next_power_of_two().unwrap_or(bytes.len());
            self.0 = Zeroizing::new(Vec::with_capacity(room));
        }
        self.0.clear();
        self.0.extend_from_slice(bytes);
        self.0.as_mut_slice()
    }
}

/// The length is last, so that removing the padding moves nothing.
fn content_len(framed: &[u8]) -> Option<usize> {
    let (content, declared) = framed.split_last_chunk::<TRAILER_LEN>()?;
    let len = usize::try_from(u32::from_be_bytes(*declared)).ok()?;
    let (_, zeros) = content.split_at_checked(len)?;
    zeros.iter().all(|&b| b == 0).then_some(len)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cipher() -> RecordCipher {
        RecordCipher::new(&SecretKey::from_bytes(&[9; 32]))
    }

    fn open(cipher: &RecordCipher, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        cipher.open(place, sealed, &mut Opened::default()).map(<[u8]>::to_vec)
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_refused() {
        let sealed = cipher().seal(b"here", b"minutiae", Padding::Steps).unwrap();
        assert_eq!(sealed.len(), STEP + RECORD_OVERHEAD - TRAILER_LEN);
        assert_eq!(open(&cipher(), b"here", &sealed).unwrap(), b"minutiae");
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&cipher(), b"here", &changed).unwrap_err(), SealError::NotAuthentic, "bit {bit}");
        }
        for end in 0..sealed.len() {
            assert_eq!(open(&cipher(), b"here", &sealed[..end]).unwrap_err(), SealError::NotAuthentic, "cut at {end}");
        }
        assert!(open(&cipher(), b"there", &sealed).is_err());
        assert!(open(&RecordCipher::new(&SecretKey::from_bytes(&[8; 32])), b"here", &sealed).is_err());
    }

    #[test]
    fn size_classes_are_few_and_not_wasteful() {
        let sizes: Vec<usize> = (0..100_000).map(|n| Padding::Classes.apply(n)).collect();
        let mut classes = sizes.clone();
        classes.dedup();
        assert_eq!(classes[..10], [1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096, 5120]);
        assert!((1025..100_000).all(|n| sizes[n] >= n && sizes[n] - n < n / 4));
        assert_eq!(Padding::None.apply(77), 77);
        assert_eq!([0, 1, 128, 129].map(|n| Padding::Steps.apply(n)), [0, 128, 128, 256]);
        assert!(Padding::Classes.apply(usize::MAX) > MAX_PLAINTEXT);
    }

    #[test]
    fn one_buffer_serves_records_of_any_length() {
        let mut buffer = Opened::default();
        for len in [7, 3000, 0, 2999, 5000] {
            let plaintext = vec![len as u8; len];
            let sealed = cipher().seal(b"", &plaintext, Padding::Classes).unwrap();
            assert_eq!(cipher().open(b"", &sealed, &mut buffer).unwrap(), plaintext);
            assert!(cipher().open(b"elsewhere", &sealed, &mut buffer).is_err());
        }
    }

    #[test]
    fn a_frame_that_was_not_made_here_is_refused() {
        for frame in
            [&b""[..], &[0, 0, 0], &[0, 0, 0, 1], &[7, 0, 0, 0, 2], &[7, 255, 255, 255, 255], &[7, 1, 0, 0, 0, 0, 1]]
        {
            assert_eq!(content_len(frame), None, "{frame:?}");
        }
        assert_eq!(content_len(&[7, 0, 0, 0, 0, 1]), Some(1));
    }

    #[test]
    fn a_record_may_be_as_long_as_a_class_and_no_longer() {
        let longest = vec![7; MAX_PLAINTEXT - TRAILER_LEN];
        let sealed = cipher().seal(b"", &longest, Padding::Classes).unwrap();
        assert_eq!(open(&cipher(), b"", &sealed).unwrap(), longest);
        let longer = vec![7; MAX_PLAINTEXT - TRAILER_LEN + 1];
        assert!(matches!(cipher().seal(b"", &longer, Padding::None), Err(SealError::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(plaintext in prop::collection::vec(any::<u8>(), 0..3000), padded: bool) {
            let padding = if padded { Padding::Classes } else if plaintext.len() % 2 == 0 { Padding::Steps } else { Padding::None };
            let sealed = cipher().seal(b"place", &plaintext, padding).unwrap();
            prop_assert_eq!(sealed.len(), RECORD_OVERHEAD - TRAILER_LEN + padding.apply(plaintext.len() + TRAILER_LEN));
            prop_assert_eq!(open(&cipher(), b"place", &sealed).unwrap(), plaintext);
        }
    }
}
