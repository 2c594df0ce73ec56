//! Sealed records: a plaintext, padded, bound to its place.

use zeroize::Zeroizing;

use super::cipher::{open_bytes, seal_bytes};
use super::error::SealError;
use super::header::SealedHeader;
use super::key::SecretKey;
use super::params::{MAX_PLAINTEXT, SMALLEST_CLASS, STEP, TRAILER_LEN};

/// Whether the length of a sealed record tells the length of what is in it.
///
/// A template of 40 minutiae is shorter than one of 80, and a number of minutiae tells people apart a little. Size classes are
/// 1024 bytes times a power of two, and one and a half of that: at most half of a record is padding (above 1 KiB), and few
/// templates of prints fall in another class than the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Padding {
    /// Up to the next size class.
    #[default]
    Classes,
    /// Up to the next multiple of 256 bytes: for what is small and many, such as a subject's name and the list of its records.
    Steps,
    /// None: for what always has the same length, such as the embeddings of one model.
    None,
}

impl Padding {
    /// Length of the padded plaintext with its trailer, bytes.
    fn apply(self, len: usize) -> usize {
        let mut class = SMALLEST_CLASS;
        match self {
            Self::None => return len,
            Self::Steps => return len.checked_next_multiple_of(STEP).unwrap_or(usize::MAX),
            Self::Classes => {
                while class < len {
                    let half_more = class.saturating_add(class / 2);
                    if half_more >= len {
                        return half_more;
                    }
                    class = class.saturating_mul(2);
                }
            }
        }
        class
    }
}

/// Seals a record for its place, padded to a size class. The sealed form is that of [`seal_bytes`] over
/// `plaintext | zeros | length u32`, with [`SealedHeader::encode`] as associated data.
///
/// ```
/// use selfsame::seal::{SealedHeader, SecretKey, open, seal};
/// let key = SecretKey::random()?;
/// let header = SealedHeader { gallery_id: [1; 16], epoch: 1, subject_tag: [2; 32], modality: 1, position: 2, slot: 0, kind: 1, version: 1 };
/// let sealed = seal(&key, &header, b"forty minutiae")?;
/// assert_eq!(sealed.len(), seal(&key, &header, b"eighty minutiae")?.len());
/// assert_eq!(*open(&key, &header, &sealed)?, b"forty minutiae");
/// assert!(open(&key, &SealedHeader { position: 3, ..header }, &sealed).is_err());
/// # Ok::<(), selfsame::seal::SealError>(())
/// ```
///
/// # Errors
/// [`SealError::TooLong`] when the padded record exceeds 16 MiB, [`SealError::Random`] when the system has no random numbers.
pub fn seal(key: &SecretKey, header: &SealedHeader, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
    seal_padded(key, header, plaintext, Padding::Classes)
}

/// [`seal`] with a choice of padding; [`open`] opens both.
///
/// # Errors
/// As for [`seal`].
pub fn seal_padded(
    key: &SecretKey,
    header: &SealedHeader,
    plaintext: &[u8],
    padding: Padding,
) -> Result<Vec<u8>, SealError> {
    seal_bytes(key, &header.encode(), &frame(plaintext, padding)?)
}

/// Opens a record in its place.
///
/// # Errors
/// [`SealError::NotAuthentic`] when it is not the record that was sealed under this key for this place; [`SealError::TooLong`] for
/// more than is ever sealed.
pub fn open(key: &SecretKey, header: &SealedHeader, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    unframe(open_bytes(key, &header.encode(), sealed)?).ok_or(SealError::NotAuthentic)
}

/// `plaintext | zeros | length u32`. The length stands last so that taking the frame off moves nothing.
pub(super) fn frame(plaintext: &[u8], padding: Padding) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let too_long = SealError::TooLong { len: plaintext.len(), max: MAX_PLAINTEXT };
    let declared = u32::try_from(plaintext.len()).map_err(|_| too_long.clone())?;
    let total = padding.apply(plaintext.len().saturating_add(TRAILER_LEN));
    if total > MAX_PLAINTEXT {
        return Err(too_long);
    }
    let mut out = Zeroizing::new(Vec::with_capacity(total));
    out.extend_from_slice(plaintext);
    out.resize(total.saturating_sub(TRAILER_LEN), 0);
    out.extend_from_slice(&declared.to_be_bytes());
    Ok(out)
}

fn unframe(mut framed: Zeroizing<Vec<u8>>) -> Option<Zeroizing<Vec<u8>>> {
    let (content, declared) = framed.split_last_chunk::<TRAILER_LEN>()?;
    let len = usize::try_from(u32::from_be_bytes(*declared)).ok()?;
    let (_, zeros) = content.split_at_checked(len)?;
    if zeros.iter().any(|&b| b != 0) {
        return None;
    }
    framed.truncate(len);
    Some(framed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::cipher::SEAL_OVERHEAD;
    use super::*;

    const HEADER: SealedHeader = SealedHeader {
        gallery_id: [1; 16],
        epoch: 2,
        subject_tag: [3; 32],
        modality: 4,
        position: 5,
        slot: 6,
        kind: 7,
        version: 8,
    };

    fn key() -> SecretKey {
        SecretKey::from_bytes(&[9; 32])
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_refused() {
        let sealed = seal(&key(), &HEADER, b"minutiae").unwrap();
        assert_eq!(sealed.len(), SMALLEST_CLASS + SEAL_OVERHEAD);
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open(&key(), &HEADER, &changed).unwrap_err(), SealError::NotAuthentic, "bit {bit}");
        }
        for end in 0..sealed.len() {
            assert_eq!(open(&key(), &HEADER, &sealed[..end]).unwrap_err(), SealError::NotAuthentic, "cut at {end}");
        }
    }

    #[test]
    fn every_field_of_the_place_counts() {
        let sealed = seal(&key(), &HEADER, b"minutiae").unwrap();
        let mut elsewhere = vec![
            SealedHeader { epoch: 3, ..HEADER },
            SealedHeader { modality: 5, ..HEADER },
            SealedHeader { position: 4, ..HEADER },
            SealedHeader { modality: 5, position: 4, ..HEADER },
            SealedHeader { slot: 7, ..HEADER },
            SealedHeader { kind: 6, ..HEADER },
            SealedHeader { slot: 7, kind: 6, ..HEADER },
            SealedHeader { version: 7, ..HEADER },
            SealedHeader { version: 9, ..HEADER },
        ];
        for byte in 0..32 {
            let mut other = HEADER;
            other.subject_tag[byte] ^= 1;
            elsewhere.push(other);
            let mut other = HEADER;
            other.gallery_id[byte % 16] ^= 1;
            elsewhere.push(other);
        }
        for header in elsewhere {
            assert_eq!(open(&key(), &header, &sealed).unwrap_err(), SealError::NotAuthentic, "{header:?}");
        }
        assert_eq!(*open(&key(), &HEADER, &sealed).unwrap(), b"minutiae");
    }

    #[test]
    fn every_bit_of_the_encoded_place_counts() {
        let (place, framed) = (HEADER.encode(), frame(b"minutiae", Padding::None).unwrap());
        let sealed = seal_bytes(&key(), &place, &framed).unwrap();
        assert!(open(&key(), &HEADER, &sealed).is_ok());
        for bit in 0..place.len() * 8 {
            let mut changed = place.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(open_bytes(&key(), &changed, &sealed).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn size_classes_are_few_and_not_wasteful() {
        let sizes: Vec<usize> = (0..100_000).map(|n| Padding::Classes.apply(n)).collect();
        let mut classes = sizes.clone();
        classes.dedup();
        assert_eq!(classes[..6], [1024, 1536, 2048, 3072, 4096, 6144]);
        assert!((1025..100_000).all(|n| sizes[n] >= n && sizes[n] <= n + n / 2));
        assert_eq!(Padding::None.apply(77), 77);
        assert_eq!([0, 1, 256, 257].map(|n| Padding::Steps.apply(n)), [0, 256, 256, 512]);
        assert!(Padding::Classes.apply(usize::MAX) > MAX_PLAINTEXT);
    }

    #[test]
    fn a_frame_that_was_not_made_here_is_refused() {
        let refused = |frame: &[u8]| {
            let sealed = seal_bytes(&key(), &HEADER.encode(), frame).unwrap();
            assert_eq!(open(&key(), &HEADER, &sealed).unwrap_err(), SealError::NotAuthentic);
        };
        refused(b"");
        refused(&[0, 0, 0]);
        refused(&[0, 0, 0, 1]);
        refused(&[7, 0, 0, 0, 2]);
        refused(&[7, 255, 255, 255, 255]);
        refused(&[7, 1, 0, 0, 0, 0, 1]);
    }

    #[test]
    fn a_record_may_be_as_long_as_a_class_and_no_longer() {
        let longest = vec![7; MAX_PLAINTEXT - TRAILER_LEN];
        let sealed = seal(&key(), &HEADER, &longest).unwrap();
        assert_eq!(*open(&key(), &HEADER, &sealed).unwrap(), longest);
        let longer = vec![7; MAX_PLAINTEXT - TRAILER_LEN + 1];
        assert!(matches!(seal(&key(), &HEADER, &longer), Err(SealError::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(plaintext in prop::collection::vec(any::<u8>(), 0..3000), padded: bool) {
            let padding = if padded { Padding::Classes } else if plaintext.len() % 2 == 0 { Padding::Steps } else { Padding::None };
            let sealed = seal_padded(&key(), &HEADER, &plaintext, padding).unwrap();
            prop_assert_eq!(sealed.len(), SEAL_OVERHEAD + padding.apply(plaintext.len() + TRAILER_LEN));
            prop_assert_eq!(&*open(&key(), &HEADER, &sealed).unwrap(), &plaintext);
        }
    }
}
