//! Sealing of bytes: XChaCha20-Poly1305 under a key that is derived for each message and committed to.

use chacha20poly1305::{AeadInOut, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::error::SealError;
use super::kdf;
use super::key::{SecretKey, ToLength};
use super::params::{COMMITMENT_LEN, DOMAIN, MAX_PLAINTEXT, NONCE_LEN, TAG_LEN};

/// Bytes that sealing adds to a plaintext: nonce, commitment and tag.
pub const SEAL_OVERHEAD: usize = NONCE_LEN + COMMITMENT_LEN + TAG_LEN;

/// HKDF info of the keys of one message, before the digest of its associated data.
const MESSAGE_INFO: &[u8] = b"selfsame/v1/seal";

/// Associated data that cannot be confused with other data: the label after `selfsame/v1/`, then the parts, each
/// preceded by its length.
///
/// ```
/// use selfsame::gallery::seal::associated;
/// assert_ne!(associated(b"log", &[b"ab", b"c"]), associated(b"log", &[b"a", b"bc"]));
/// ```
#[must_use]
pub fn associated(label: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut out = DOMAIN.len().saturating_add(label.len()).to_length().to_vec();
    out.extend_from_slice(DOMAIN);
    out.extend_from_slice(label);
    for part in parts {
        out.extend_from_slice(&part.len().to_length());
        out.extend_from_slice(part);
    }
    out
}

/// Seals bytes: `nonce (24) | commitment (32) | ciphertext | tag (16)`, with a fresh random nonce.
///
/// For each message, `HKDF-SHA256(key, salt = nonce, info = "selfsame/v1/seal" | SHA-256(associated))` gives the key of
/// the cipher and the commitment, so that sealed bytes open only under one key and one `associated`. Make `associated`
/// with [`associated()`]. The length of `plaintext` is visible.
///
/// ```
/// use selfsame::gallery::seal::{SecretKey, open_bytes, seal_bytes};
/// let key = SecretKey::random()?;
/// let sealed = seal_bytes(&key, b"place one", b"secret")?;
/// assert_eq!(*open_bytes(&key, b"place one", &sealed)?, b"secret");
/// assert!(open_bytes(&key, b"place two", &sealed).is_err());
/// # Ok::<(), selfsame::gallery::seal::SealError>(())
/// ```
///
/// # Errors
/// [`SealError::TooLong`] above 16 MiB, [`SealError::Random`] when the system has no random numbers.
pub fn seal_bytes(key: &SecretKey, associated: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE_LEN];
    getrandom::fill(&mut nonce).map_err(|_| SealError::Random)?;
    seal_at(key, &nonce, associated, plaintext)
}

/// Seals with a given nonce, which must never be used twice under one key: only tests call it with a nonce that is not
/// random.
pub(super) fn seal_at(
    key: &SecretKey,
    nonce: &[u8; NONCE_LEN],
    associated: &[u8],
    plaintext: &[u8],
) -> Result<Vec<u8>, SealError> {
    let too_long = SealError::TooLong { len: plaintext.len(), max: MAX_PLAINTEXT };
    if plaintext.len() > MAX_PLAINTEXT {
        return Err(too_long);
    }
    let (cipher, commitment) = message_keys(key, nonce, associated);
    let mut sealed = Vec::with_capacity(plaintext.len().saturating_add(SEAL_OVERHEAD));
    sealed.extend_from_slice(nonce);
    sealed.extend_from_slice(&commitment);
    sealed.extend_from_slice(plaintext);
    let (_, body) = sealed.split_at_mut_checked(NONCE_LEN + COMMITMENT_LEN).ok_or(too_long.clone())?;
    let tag = cipher.encrypt_inout_detached(&XNonce::from(*nonce), associated, body.into()).map_err(|_| too_long)?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// Opens what [`seal_bytes`] sealed under the same key and with the same `associated`.
///
/// The commitment is compared first, in constant time; nothing is decrypted when it or the tag does not match.
///
/// # Errors
/// [`SealError::NotAuthentic`] for anything else, [`SealError::TooLong`] for more bytes than are ever sealed.
pub fn open_bytes(key: &SecretKey, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let max = MAX_PLAINTEXT.saturating_add(SEAL_OVERHEAD);
    if sealed.len() > max {
        return Err(SealError::TooLong { len: sealed.len(), max });
    }
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SealError::NotAuthentic)?;
    let (claimed, rest) = rest.split_first_chunk::<COMMITMENT_LEN>().ok_or(SealError::NotAuthentic)?;
    let (body, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or(SealError::NotAuthentic)?;
    let (cipher, commitment) = message_keys(key, nonce, associated);
    if !bool::from(commitment.ct_eq(claimed)) {
        return Err(SealError::NotAuthentic);
    }
    let mut plaintext = Zeroizing::new(body.to_vec());
    cipher
        .decrypt_inout_detached(&XNonce::from(*nonce), associated, plaintext.as_mut_slice().into(), &Tag::from(*tag))
        .map_err(|_| SealError::NotAuthentic)?;
    Ok(plaintext)
}

/// The cipher of one message and the commitment to its key, nonce and associated data.
pub(super) fn message_keys(
    key: &SecretKey,
    nonce: &[u8; NONCE_LEN],
    associated: &[u8],
) -> (XChaCha20Poly1305, [u8; COMMITMENT_LEN]) {
    let digest = Sha256::digest(associated);
    let okm = kdf::hkdf::<{ SecretKey::LEN + COMMITMENT_LEN }>(key.expose(), nonce, &[MESSAGE_INFO, &digest]);
    let mut encryption = Zeroizing::new([0; SecretKey::LEN]);
    let mut commitment = [0; COMMITMENT_LEN];
    encryption.iter_mut().chain(commitment.iter_mut()).zip(okm.iter()).for_each(|(to, from)| *to = *from);
    (XChaCha20Poly1305::new((&*encryption).into()), commitment)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{hex, unhex};
    use super::*;

    #[test]
    fn the_cipher_is_that_of_the_draft() {
        // draft-irtf-cfrg-xchacha-03, A.3.1.
        let text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        let key: [u8; 32] = std::array::from_fn(|i| 0x80 + i as u8);
        let nonce: [u8; 24] = std::array::from_fn(|i| 0x40 + i as u8);
        let mut buffer = text.to_vec();
        let cipher = XChaCha20Poly1305::new((&key).into());
        let associated = unhex("50515253c0c1c2c3c4c5c6c7");
        let tag = cipher.encrypt_inout_detached(&nonce.into(), &associated, buffer.as_mut_slice().into()).unwrap();
        let expected = "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c670\
                        8c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9\
                        768812f615c68b13b52e";
        assert_eq!(hex(&buffer), expected);
        assert_eq!(hex(&tag), "c0875924c1c7987947deafd8780acf49");
    }

    #[test]
    fn every_changed_bit_and_every_cut_is_refused() {
        let key = SecretKey::from_bytes(&[7; 32]);
        let sealed = seal_bytes(&key, b"place", b"some forty bytes that nobody else may read").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open_bytes(&key, b"place", &changed).unwrap_err(), SealError::NotAuthentic, "bit {bit}");
        }
        for end in 0..sealed.len() {
            assert_eq!(
                open_bytes(&key, b"place", &sealed[..end]).unwrap_err(),
                SealError::NotAuthentic,
                "cut at {end}"
            );
            assert_eq!(open_bytes(&key, b"place", &sealed[sealed.len() - end..]).unwrap_err(), SealError::NotAuthentic);
        }
        assert!(open_bytes(&key, b"place", &[&sealed[..], &[0]].concat()).is_err());
        assert!(open_bytes(&key, b"place", &sealed).is_ok());
    }

    #[test]
    fn sealed_bytes_are_committed_to_one_key() {
        let (key, other) = (SecretKey::from_bytes(&[7; 32]), SecretKey::from_bytes(&[8; 32]));
        let sealed = seal_at(&key, &[1; 24], b"place", b"secret").unwrap();
        assert!(open_bytes(&other, b"place", &sealed).is_err());
        // Someone with both keys can write the other key's commitment beside the ciphertext: then the tag does not
        // match.
        let foreign = seal_at(&other, &[1; 24], b"place", b"secret").unwrap();
        let forged = [&foreign[..56], &sealed[56..]].concat();
        assert!(open_bytes(&other, b"place", &forged).is_err());
        // A ciphertext whose tag matches under the other key does not open with this key's commitment beside it, which
        // Poly1305 alone would allow.
        let forged = [&sealed[..56], &foreign[56..]].concat();
        assert!(open_bytes(&other, b"place", &forged).is_err());
        assert!(open_bytes(&key, b"place", &forged).is_err());
        assert!(open_bytes(&other, b"place", &foreign).is_ok());
    }

    #[test]
    fn the_same_plaintext_never_looks_the_same() {
        let key = SecretKey::from_bytes(&[7; 32]);
        let seal = || seal_bytes(&key, b"place", b"secret").unwrap();
        let (a, b) = (seal(), seal());
        assert_eq!(a.len(), b"secret".len() + SEAL_OVERHEAD);
        assert!((0..3).zip([0..24, 24..56, 56..62]).all(|(_, part)| a[part.clone()] != b[part]));
    }

    #[test]
    fn too_much_is_refused() {
        let key = SecretKey::from_bytes(&[7; 32]);
        let plain = vec![0; MAX_PLAINTEXT + 1];
        let too_long = SealError::TooLong { len: MAX_PLAINTEXT + 1, max: MAX_PLAINTEXT };
        assert_eq!(seal_bytes(&key, b"", &plain).unwrap_err(), too_long);
        let sealed = seal_bytes(&key, b"", &plain[1..]).unwrap();
        assert_eq!(open_bytes(&key, b"", &sealed).unwrap().len(), MAX_PLAINTEXT);
        assert!(matches!(open_bytes(&key, b"", &[&sealed[..], &[0]].concat()), Err(SealError::TooLong { .. })));
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(key: [u8; 32], place: Vec<u8>, plaintext: Vec<u8>, elsewhere: Vec<u8>) {
            let key = SecretKey::from_bytes(&key);
            let sealed = seal_bytes(&key, &place, &plaintext).unwrap();
            prop_assert_eq!(&*open_bytes(&key, &place, &sealed).unwrap(), &plaintext);
            prop_assert_eq!(open_bytes(&key, &elsewhere, &sealed).is_ok(), elsewhere == place);
        }

        #[test]
        fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(open_bytes(&SecretKey::from_bytes(&[7; 32]), b"", &bytes).is_err());
        }
    }
}
