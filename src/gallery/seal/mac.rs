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
}
