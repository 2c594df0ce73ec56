//! Signed roots of a log, with which a third party distinguishes this log from any other.

use std::fmt;

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use thiserror::Error;

use super::merkle::Hash;

/// First line of a checkpoint.
const ORIGIN: &str = "selfsame/v1/checkpoint";

/// A key that signs checkpoints. It is not one of the gallery's keys: someone who steals those still cannot sign. It is
/// wiped when dropped; `Debug` shows nothing.
pub struct CheckpointKey(SigningKey);

/// The public key that verifies checkpoints.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CheckpointPublicKey(VerifyingKey);

/// The size of a log at some moment, and its root.
///
/// ```
/// use selfsame::gallery::log::checkpoint::{Checkpoint, CheckpointKey};
/// let key = CheckpointKey::from_seed(&[7; 32]);
/// let checkpoint = Checkpoint { gallery_id: [1; 16], size: 3, root: [2; 32], time: 1_795_000_000_000 };
/// let text = checkpoint.sign(&key);
/// assert_eq!(Checkpoint::verify(&text, &key.public())?, checkpoint);
/// assert!(Checkpoint::verify(&text.replace("\n3\n", "\n4\n"), &key.public()).is_err());
/// # Ok::<(), selfsame::gallery::log::checkpoint::CheckpointError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The gallery.
    pub gallery_id: [u8; 16],
    /// The number of entries in its log.
    pub size: u64,
    /// The root of the Merkle tree over the entries.
    pub root: Hash,
    /// The time, in milliseconds since 1970-01-01 UTC.
    pub time: u64,
}

/// Why a text is not a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The text does not have the form of a checkpoint.
    #[error("not a checkpoint")]
    Malformed,
    /// The text was not signed by this key, or was changed since.
    #[error("the checkpoint is not signed by this key")]
    Signature,
    /// The bytes are not a public key, or are one of the few for which anyone can sign.
    #[error("not a public key")]
    Key,
}

impl CheckpointKey {
    /// Creates the key from 32 secret random bytes, which the caller keeps and wipes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The public key, for those who verify.
    #[must_use]
    pub fn public(&self) -> CheckpointPublicKey {
        CheckpointPublicKey(self.0.verifying_key())
    }
}

impl fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckpointKey(..)")
    }
}

impl CheckpointPublicKey {
    /// Creates the key from its 32 bytes. Points of small order are refused: for them one signature fits many texts.
    ///
    /// # Errors
    /// [`CheckpointError::Key`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, CheckpointError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| CheckpointError::Key)?;
        if key.is_weak() { Err(CheckpointError::Key) } else { Ok(Self(key)) }
    }

    /// The 32 bytes of the key.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }
}

impl fmt::Debug for CheckpointPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckpointPublicKey(..)")
    }
}

impl Checkpoint {
    /// The signed text: five lines, in the form of signed notes.
    fn body(&self) -> String {
        let base64 = Base64::encode_string;
        format!("{ORIGIN}\n{}\n{}\n{}\n{}\n", base64(&self.gallery_id), self.size, base64(&self.root), self.time)
    }

    /// Signs the checkpoint and returns it as text: origin, gallery, size, root and time on separate lines (hashes in
    /// base64), an empty line, and the signature over everything before it in base64.
    #[must_use]
    pub fn sign(&self, key: &CheckpointKey) -> String {
        let body = self.body();
        let signature = key.0.sign(body.as_bytes());
        format!("{body}\n{}\n", Base64::encode_string(&signature.to_bytes()))
    }

    /// Reads a checkpoint that this key signed.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn verify(text: &str, key: &CheckpointPublicKey) -> Result<Self, CheckpointError> {
        let malformed = CheckpointError::Malformed;
        let mut lines = text.split('\n');
        let mut line = || lines.next().ok_or(malformed);
        if line()? != ORIGIN {
            return Err(malformed);
        }
        let gallery_id = bytes(line()?)?;
        let size = line()?.parse().map_err(|_| malformed)?;
        let root = bytes(line()?)?;
        let time = line()?.parse().map_err(|_| malformed)?;
        let checkpoint = Self { gallery_id, size, root, time };
        if !line()?.is_empty() {
            return Err(malformed);
        }
        let signature = Signature::from_bytes(&bytes(line()?)?);
        if !line()?.is_empty() || lines.next().is_some() {
            return Err(malformed);
        }
        // Numbers that parse to the same value but are written differently ("+3") do not match the signed text.
        let body = checkpoint.body();
        key.0.verify_strict(body.as_bytes(), &signature).map_err(|_| CheckpointError::Signature)?;
        if text.starts_with(&body) { Ok(checkpoint) } else { Err(malformed) }
    }
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], CheckpointError> {
    let mut out = [0; N];
    let decoded = Base64::decode(text, &mut out).map_err(|_| CheckpointError::Malformed)?;
    if decoded.len() == N { Ok(out) } else { Err(CheckpointError::Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_else_than_what_was_signed_is_taken() {
        let (key, other) = (CheckpointKey::from_seed(&[1; 32]), CheckpointKey::from_seed(&[2; 32]));
        let checkpoint = Checkpoint { gallery_id: [3; 16], size: 12, root: [4; 32], time: 5 };
        let text = checkpoint.sign(&key);
        assert_eq!(Checkpoint::verify(&text, &key.public()), Ok(checkpoint));
        assert_eq!(Checkpoint::verify(&text, &other.public()), Err(CheckpointError::Signature));
        for i in 0..text.len() {
            for replaced in [b'A', b'1', b'\n', b'+'] {
                let mut changed = text.clone().into_bytes();
                if changed[i] == replaced {
                    continue;
                }
                changed[i] = replaced;
                assert!(Checkpoint::verify(&String::from_utf8(changed).unwrap(), &key.public()).is_err(), "{i}");
            }
            assert!(Checkpoint::verify(&text[..i], &key.public()).is_err());
        }
        assert!(Checkpoint::verify(&format!("{text}\n"), &key.public()).is_err());
        assert!(Checkpoint::verify(&text.replace("\n12\n", "\n+12\n"), &key.public()).is_err());
        let bytes = key.public().to_bytes();
        assert_eq!(CheckpointPublicKey::from_bytes(&bytes), Ok(key.public()));
    }

    #[test]
    fn signatures_are_those_of_rfc_8032() {
        // RFC 8032, 7.1, test 2.
        let seed = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let key = CheckpointKey::from_seed(&seed.try_into().unwrap());
        let public = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assert_eq!(key.public().to_bytes().to_vec(), public);
        let signature = hex(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        );
        assert_eq!(key.0.sign(&[0x72]).to_bytes().to_vec(), signature);
    }

    /// The checkpoint signed by a Python implementation of RFC 8032: `size` 12 of gallery 03.., root 04.., time 5, seed
    /// 01...
    const GOLDEN: &str = "selfsame/v1/checkpoint\nAwMDAwMDAwMDAwMDAwMDAw==\n12\n\
        BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ=\n5\n\n\
        r8Z0YORuC11H2xEECv+1do3syQpMZo4PjUTiKqx1gZurYUs+tD7pEJvK+cO4ZR4fB5ZDhUYxm6K4v/YX2a1yBA==\n";

    #[test]
    fn the_text_is_what_another_implementation_makes() {
        let key = CheckpointKey::from_seed(&[1; 32]);
        assert_eq!(
            key.public().to_bytes().to_vec(),
            hex("8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c")
        );
        let checkpoint = Checkpoint { gallery_id: [3; 16], size: 12, root: [4; 32], time: 5 };
        assert_eq!(checkpoint.sign(&key), GOLDEN);
        assert_eq!(Checkpoint::verify(GOLDEN, &key.public()), Ok(checkpoint));
    }

    #[test]
    fn no_changed_bit_and_no_second_form_of_a_signature_is_taken() {
        let key = CheckpointKey::from_seed(&[1; 32]).public();
        for bit in 0..GOLDEN.len() * 8 {
            let mut changed = GOLDEN.as_bytes().to_vec();
            changed[bit / 8] ^= 1 << (bit % 8);
            let Ok(text) = String::from_utf8(changed) else { continue };
            assert!(Checkpoint::verify(&text, &key).is_err(), "bit {bit}");
        }
        let (body, _) = GOLDEN.split_once("\n\n").unwrap();
        // The same signature with the group's order added to its scalar.
        let second = "r8Z0YORuC11H2xEECv+1do3syQpMZo4PjUTiKqx1gZuYNUGbzqH7aHFn8WaXX/0zB5ZDhUYxm6K4v/YX2a1yFA==";
        assert_eq!(Checkpoint::verify(&format!("{body}\n\n{second}\n"), &key), Err(CheckpointError::Signature));
        for otherwise in [GOLDEN.replace('\n', "\r\n"), GOLDEN.replace("==", ""), format!(" {GOLDEN}"), String::new()] {
            assert_eq!(Checkpoint::verify(&otherwise, &key), Err(CheckpointError::Malformed));
        }
    }

    #[test]
    fn keys_under_which_anybody_signs_are_none() {
        // The eight points of small order.
        for point in [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        ] {
            assert_eq!(CheckpointPublicKey::from_bytes(&hex(point).try_into().unwrap()), Err(CheckpointError::Key));
        }
        // For the first of them, the neutral element and a scalar of 0 sign every text, to a lenient verifier.
        use ed25519_dalek::Verifier;
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let mut forged = [0; 64];
        forged[0] = 1;
        let (anybody, forged) = (VerifyingKey::from_bytes(&neutral).unwrap(), Signature::from_bytes(&forged));
        let (body, _) = GOLDEN.split_once("\n\n").unwrap();
        let text = format!("{body}\n\n{}\n", Base64::encode_string(&forged.to_bytes()));
        assert!(anybody.verify(format!("{body}\n").as_bytes(), &forged).is_ok());
        assert_eq!(Checkpoint::verify(&text, &CheckpointPublicKey(anybody)), Err(CheckpointError::Signature));
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
    }
}
