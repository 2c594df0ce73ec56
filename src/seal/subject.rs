//! Keys and names of one subject.

use super::cipher::{associated, open_bytes, seal_bytes};
use super::error::SealError;
use super::kdf;
use super::key::SecretKey;

/// The name of a subject in a store: HMAC-SHA256 of the id under [`super::Keyring::tag_key`]. Without the key it tells neither the id
/// nor whether two galleries hold the same person.
///
/// ```
/// use selfsame::seal::{SecretKey, subject_tag};
/// let key = SecretKey::random()?;
/// assert_eq!(subject_tag(&key, "employee-4711"), subject_tag(&key, "employee-4711"));
/// assert_ne!(subject_tag(&key, "employee-4711"), subject_tag(&SecretKey::random()?, "employee-4711"));
/// # Ok::<(), selfsame::seal::SealError>(())
/// ```
#[must_use]
pub fn subject_tag(key: &SecretKey, id: &str) -> [u8; 32] {
    kdf::hmac(key, &[b"selfsame/v1/subject", &[0], id.as_bytes()])
}

/// Seals a subject's key under the record key of an epoch, bound to gallery, subject and epoch: 104 bytes.
///
/// ```
/// use selfsame::seal::{SecretKey, unwrap_subject_key, wrap_subject_key};
/// let (of_epoch, of_subject) = (SecretKey::random()?, SecretKey::random()?);
/// let wrapped = wrap_subject_key(&of_epoch, &[1; 16], &[2; 32], 1, &of_subject)?;
/// let again = unwrap_subject_key(&of_epoch, &[1; 16], &[2; 32], 1, &wrapped)?;
/// assert_eq!(again.expose(), of_subject.expose());
/// # Ok::<(), selfsame::seal::SealError>(())
/// ```
///
/// # Errors
/// [`SealError::Random`] when the system has no random numbers.
pub fn wrap_subject_key(
    record_key: &SecretKey,
    gallery_id: &[u8; 16],
    tag: &[u8; 32],
    epoch: u32,
    subject_key: &SecretKey,
) -> Result<Vec<u8>, SealError> {
    seal_bytes(record_key, &place(gallery_id, tag, epoch), subject_key.expose())
}

/// Opens what [`wrap_subject_key`] sealed for the same gallery, subject and epoch.
///
/// # Errors
/// [`SealError::NotAuthentic`] for anything else.
pub fn unwrap_subject_key(
    record_key: &SecretKey,
    gallery_id: &[u8; 16],
    tag: &[u8; 32],
    epoch: u32,
    wrapped: &[u8],
) -> Result<SecretKey, SealError> {
    let bytes = open_bytes(record_key, &place(gallery_id, tag, epoch), wrapped)?;
    SecretKey::from_slice(&bytes).ok_or(SealError::NotAuthentic)
}

/// The key of one record of a subject: each version of each slot has its own.
///
/// ```
/// use selfsame::seal::{SecretKey, record_key_of};
/// let of_subject = SecretKey::random()?;
/// let (first, second) = (record_key_of(&of_subject, 1, 2, 0, 1), record_key_of(&of_subject, 1, 2, 0, 2));
/// assert_ne!(first.expose(), second.expose());
/// # Ok::<(), selfsame::seal::SealError>(())
/// ```
#[must_use]
pub fn record_key_of(subject_key: &SecretKey, modality: u8, position: u8, slot: u16, version: u64) -> SecretKey {
    let mut context = vec![modality, position];
    context.extend_from_slice(&slot.to_be_bytes());
    context.extend_from_slice(&version.to_be_bytes());
    subject_key.derive(b"template", &context)
}

pub(super) fn place(gallery_id: &[u8; 16], tag: &[u8; 32], epoch: u32) -> Vec<u8> {
    associated(b"subject-key", &[gallery_id, tag, &epoch.to_be_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_key_opens_in_its_place_only() {
        let (key, subject) = (SecretKey::from_bytes(&[1; 32]), SecretKey::from_bytes(&[2; 32]));
        let wrapped = wrap_subject_key(&key, &[3; 16], &[4; 32], 5, &subject).unwrap();
        assert_eq!(wrapped.len(), 104);
        let opens = |key: &SecretKey, gallery, tag, epoch, bytes: &[u8]| {
            unwrap_subject_key(key, gallery, tag, epoch, bytes).is_ok_and(|k| k.expose() == subject.expose())
        };
        assert!(opens(&key, &[3; 16], &[4; 32], 5, &wrapped));
        assert!(!opens(&subject, &[3; 16], &[4; 32], 5, &wrapped));
        assert!(!opens(&key, &[2; 16], &[4; 32], 5, &wrapped));
        assert!(!opens(&key, &[3; 16], &[5; 32], 5, &wrapped));
        assert!(!opens(&key, &[3; 16], &[4; 32], 6, &wrapped));
        for bit in 0..wrapped.len() * 8 {
            let mut changed = wrapped.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(unwrap_subject_key(&key, &[3; 16], &[4; 32], 5, &changed).is_err(), "bit {bit}");
        }
        assert!((0..wrapped.len()).all(|end| !opens(&key, &[3; 16], &[4; 32], 5, &wrapped[..end])));
        let short = seal_bytes(&key, &place(&[3; 16], &[4; 32], 5), &[2; 31]).unwrap();
        assert!(unwrap_subject_key(&key, &[3; 16], &[4; 32], 5, &short).is_err());
    }

    #[test]
    fn each_record_has_its_own_key() {
        let key = SecretKey::from_bytes(&[2; 32]);
        let places = [(1, 2, 3, 4), (2, 1, 3, 4), (1, 2, 4, 3), (1, 2, 3, 5), (1, 2, 0x0300, 4), (1, 2, 3, 4 << 56)];
        let keys: Vec<_> = places.iter().map(|&(m, p, s, v)| record_key_of(&key, m, p, s, v)).collect();
        for (i, a) in keys.iter().enumerate() {
            assert!(keys.iter().skip(i + 1).all(|b| a.expose() != b.expose()));
        }
    }

    #[test]
    fn tags_differ_by_id_and_key() {
        let (a, b) = (SecretKey::from_bytes(&[1; 32]), SecretKey::from_bytes(&[2; 32]));
        assert_ne!(subject_tag(&a, "x"), subject_tag(&a, "y"));
        assert_ne!(subject_tag(&a, "x"), subject_tag(&b, "x"));
    }
}
