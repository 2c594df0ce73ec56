//! HMAC-SHA256 (RFC 2104), with lengths fixed by types.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::key::SecretKey;

/// Output of SHA-256, bytes.
const HASH_LEN: usize = 32;
/// Block of SHA-256, bytes.
const BLOCK_LEN: usize = 64;

/// The authentication code of the joined parts.
pub(crate) fn authentication_code(key: &SecretKey, parts: &[&[u8]]) -> [u8; HASH_LEN] {
    // A key shorter than a block is padded with zeros: this is the standard's padding, done here because a whole block
    // cannot be of a wrong length.
    let mut block = Zeroizing::new([0; BLOCK_LEN]);
    block.iter_mut().zip(key.expose()).for_each(|(to, from)| *to = *from);
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// The authentication code of the joined parts, for much data: BLAKE3 with a key, some times as fast as HMAC, and like it a hash whose
/// collisions nobody finds, so that it commits to what it covers.
pub(crate) fn fast_authentication_code(key: &SecretKey, parts: &[&[u8]]) -> [u8; HASH_LEN] {
    let mut mac = Zeroizing::new(blake3::Hasher::new_keyed(key.expose()));
    for part in parts {
        mac.update(part);
    }
    *mac.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::testing::hex;
    use super::*;

    #[test]
    fn hmac_is_that_of_rfc_4231() {
        // Case 1 has a key of 20 bytes; zeros up to a block are part of the definition, so up to 32 they change nothing.
        let mut key = [0; 32];
        key[..20].fill(0x0b);
        let code = authentication_code(&SecretKey::from_bytes(&key), &[b"Hi ", b"There"]);
        assert_eq!(hex(&code), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    }

    #[test]
    fn the_fast_code_is_that_of_the_paper() {
        // test_vectors.json of BLAKE3: the input counts from 0 to 250 and again.
        let key = SecretKey::from_bytes(b"whats the Elvish word for friend");
        let input: Vec<u8> = (0..1025_u32).map(|n| (n % 251) as u8).collect();
        for (len, expected) in [
            (0, "92b2b75604ed3c761f9d6f62392c8a9227ad0ea3f09573e783f1498a4ed60d26"),
            (1, "6d7878dfff2f485635d39013278ae14f1454b8c0a3a2d34bc1ab38228a80c95b"),
            (1025, "357dc55de0c7e382c900fd6e320acc04146be01db6a8ce7210b7189bd664ea69"),
        ] {
            let (a, b) = input[..len].split_at(len / 3);
            assert_eq!(hex(&fast_authentication_code(&key, &[a, b])), expected, "{len}");
        }
    }
}
