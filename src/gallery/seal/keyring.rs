//! The keyring: a gallery's master key, wrapped.

use std::fmt;

use subtle::ConstantTimeEq;

use super::error::KeyringError;
use super::key::SecretKey;
use super::mac::authentication_code;
use super::params::{KEYRING_VERSION, MAX_KEYRING, MAX_WRAPPED};
use super::provider::KeyProvider;
use crate::bytes::Reader;

/// The signature at the start of a keyring.
pub(crate) const MAGIC: &[u8] = b"SSKR";
/// Bytes that identify a keyring and hold nothing of its key: signature, version, gallery, generation.
pub(crate) const HEAD: usize = 26;
/// Length of the authentication code, bytes.
const CODE_LEN: usize = 32;

/// The master key of one generation of a gallery, unlocked. It is stored in a small file of its own, so that it can be
/// destroyed: a wrapped key deleted from a large file would still be in free blocks.
///
/// ```text
/// "SSKR" | version u16 | gallery id (16) | generation u32 | length u16, wrapped master key | HMAC-SHA256 (32) of all that
/// ```
///
/// A random master key is wrapped by the [`KeyProvider`]. Every other key of the generation is derived from it, so
/// someone with the keys of one generation has nothing of another: [`Keyring::next`] shares only the gallery's id with
/// its predecessor.
///
/// Anyone who can write the file can replace it with an older keyring; then data sealed by the newer generation does
/// not open.
///
/// ```
/// use selfsame::gallery::seal::{KeyError, Keyring, KeyringError, RawKey, SecretKey};
/// let (old, new) = (RawKey::new(SecretKey::random()?), RawKey::new(SecretKey::random()?));
/// let keyring = Keyring::create(&old, [7; 16])?;
/// let next = keyring.next(&new)?;
/// assert_eq!((next.gallery_id(), next.generation()), ([7; 16], 2));
/// assert_ne!(next.derive(b"door").expose(), keyring.derive(b"door").expose());
/// let again = Keyring::open(&next.encode(), &new)?;
/// assert_eq!(again.derive(b"door").expose(), next.derive(b"door").expose());
/// let refused = Keyring::open(&next.encode(), &old);
/// assert!(matches!(refused, Err(KeyringError::Key(KeyError::WrongKey))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Keyring {
    gallery_id: [u8; 16],
    generation: u32,
    master: SecretKey,
    wrapped: Vec<u8>,
}

impl Keyring {
    /// Creates the keyring of a new gallery, of generation 1, wrapped by `provider`.
    ///
    /// # Errors
    /// [`KeyringError::Key`] when the provider fails, [`KeyringError::WrappedTooLong`] when its wrapped key is too
    /// long.
    pub fn create(provider: &dyn KeyProvider, gallery_id: [u8; 16]) -> Result<Self, KeyringError> {
        Self::generate(provider, gallery_id, 1, None)
    }

    /// Creates a keyring of the next generation, with a new master key.
    ///
    /// # Errors
    /// As for [`Keyring::create`]; [`KeyringError::NoMoreGenerations`] after 2^32 - 1 generations.
    pub fn next(&self, provider: &dyn KeyProvider) -> Result<Self, KeyringError> {
        let number = self.generation.checked_add(1).ok_or(KeyringError::NoMoreGenerations)?;
        Self::generate(provider, self.gallery_id, number, Some(&self.wrapped))
    }

    fn generate(
        provider: &dyn KeyProvider,
        gallery_id: [u8; 16],
        generation: u32,
        previous: Option<&[u8]>,
    ) -> Result<Self, KeyringError> {
        let master = SecretKey::random()?;
        let context = master_context(generation, &gallery_id);
        let wrapped = match previous {
            Some(previous) => provider.wrap_like(&master, &context, previous)?,
            None => provider.wrap(&master, &context)?,
        };
        if wrapped.len() > MAX_WRAPPED {
            return Err(KeyringError::WrappedTooLong { len: wrapped.len(), max: MAX_WRAPPED });
        }
        Ok(Self { gallery_id, generation, master, wrapped })
    }

    /// Unlocks the bytes that [`Keyring::encode`] returned. The provider is asked once.
    ///
    /// # Errors
    /// [`KeyringError`]: [`KeyError::WrongKey`](super::KeyError::WrongKey) for another passphrase or key,
    /// [`KeyringError::NotAuthentic`] for changed bytes, [`KeyringError::Malformed`], [`KeyringError::NewerVersion`]
    /// and [`KeyringError::TooLong`] for anything that is not a keyring of this version.
    pub fn open(bytes: &[u8], provider: &dyn KeyProvider) -> Result<Self, KeyringError> {
        let stored = Stored::read(bytes)?;
        let (gallery_id, generation) = (stored.gallery_id, stored.generation);
        let master = provider.unwrap(stored.wrapped, &master_context(generation, &gallery_id))?;
        if !bool::from(code(&master, stored.signed).ct_eq(stored.code)) {
            return Err(KeyringError::NotAuthentic);
        }
        Ok(Self { gallery_id, generation, master, wrapped: stored.wrapped.to_vec() })
    }

    /// The keyring's bytes, some 200 with a passphrase. The only key in them is wrapped.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&KEYRING_VERSION.to_be_bytes());
        out.extend_from_slice(&self.gallery_id);
        out.extend_from_slice(&self.generation.to_be_bytes());
        out.extend_from_slice(&u16::try_from(self.wrapped.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(&self.wrapped);
        let code = code(&self.master, &out);
        out.extend_from_slice(&code);
        out
    }

    /// The id of the gallery that the keys belong to.
    #[must_use]
    pub fn gallery_id(&self) -> [u8; 16] {
        self.gallery_id
    }

    /// The generation of the gallery that the keys seal, from 1.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Derives the key of this generation for one purpose.
    #[must_use]
    pub fn derive(&self, purpose: &[u8]) -> SecretKey {
        let mut context = self.gallery_id.to_vec();
        context.extend_from_slice(&self.generation.to_be_bytes());
        self.master.derive(purpose, &context)
    }

    /// Longest keyring, in bytes.
    pub const MAX_LEN: usize = MAX_KEYRING;
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// The fields of a keyring; none are verified yet.
struct Stored<'a> {
    gallery_id: [u8; 16],
    generation: u32,
    wrapped: &'a [u8],
    /// The bytes that the code covers.
    signed: &'a [u8],
    code: &'a [u8; CODE_LEN],
}

impl<'a> Stored<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, KeyringError> {
        if bytes.len() > MAX_KEYRING {
            return Err(KeyringError::TooLong { max: MAX_KEYRING });
        }
        let bad = |what, reader: &Reader<'_>| KeyringError::Malformed { what, offset: reader.offset() };
        let mut reader = Reader::new(bytes);
        if reader.take(MAGIC.len()) != Some(MAGIC) {
            return Err(KeyringError::Malformed { what: "wrong signature", offset: 0 });
        }
        let version = reader.u16().ok_or_else(|| bad("no version", &reader))?;
        if version != KEYRING_VERSION {
            return Err(KeyringError::NewerVersion { version });
        }
        let gallery_id = reader.array().ok_or_else(|| bad("no gallery id", &reader))?;
        let generation = reader.u32().filter(|n| *n > 0).ok_or_else(|| bad("no generation", &reader))?;
        let length = reader.u16().map(usize::from).filter(|n| *n <= MAX_WRAPPED);
        let wrapped = length.and_then(|n| reader.take(n)).ok_or_else(|| bad("no wrapped key", &reader))?;
        let signed = bytes.get(..reader.offset()).unwrap_or(bytes);
        let code = reader.take(CODE_LEN).and_then(|code| code.try_into().ok());
        let code = code.ok_or_else(|| bad("no authentication code", &reader))?;
        if !reader.rest().is_empty() {
            return Err(bad("more bytes than a keyring has", &reader));
        }
        Ok(Self { gallery_id, generation, wrapped, signed, code })
    }
}

/// The context in which a master key is wrapped.
fn master_context(generation: u32, gallery_id: &[u8; 16]) -> Vec<u8> {
    super::associated(b"master-key", &[gallery_id, &generation.to_be_bytes()])
}

fn code(master: &SecretKey, signed: &[u8]) -> [u8; CODE_LEN] {
    authentication_code(&master.derive(b"keyring", &[]), &[signed])
}

#[cfg(test)]
#[path = "keyring_tests.rs"]
mod tests;
