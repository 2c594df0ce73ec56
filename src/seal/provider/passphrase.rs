//! A key made from a passphrase by Argon2id (RFC 9106).

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroizing;

use super::super::cipher::{associated, open_bytes, seal_at};
use super::super::error::{KeyError, SealError};
use super::super::key::SecretKey;
use super::super::params::{ARGON2_KIB, ARGON2_LANES, ARGON2_PASSES, NONCE_LEN, SALT_LEN, WRAPPED_VERSION};
use super::super::reader::Reader;
use super::KeyProvider;

/// Begins what a [`Passphrase`] wraps.
const MAGIC: &[u8] = b"SSPW";

/// What one guess of a passphrase costs: memory 19 MiB to 1 GiB, 2 to 16 passes, 1 to 16 lanes.
///
/// The usual cost is 64 MiB, 3 passes, 4 lanes, the second recommendation of RFC 9106. Lanes are computed one after the other.
///
/// ```
/// use selfsame::seal::Argon2Cost;
/// let dearer = Argon2Cost::new(256 << 10, 4, 4)?;
/// assert!(Argon2Cost::new(8, 1, 1).is_err());
/// assert_ne!(dearer, Argon2Cost::default());
/// # Ok::<(), selfsame::seal::KeyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Argon2Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Default for Argon2Cost {
    fn default() -> Self {
        Self { memory_kib: ARGON2_KIB.0, passes: ARGON2_PASSES.0, lanes: ARGON2_LANES.0 }
    }
}

impl Argon2Cost {
    /// The least that is accepted, for machines of little memory.
    pub const LEAST: Self = Self { memory_kib: ARGON2_KIB.1, passes: ARGON2_PASSES.1, lanes: ARGON2_LANES.1 };

    /// A cost of `memory_kib` KiB, `passes` and `lanes`.
    ///
    /// # Errors
    /// [`KeyError::OutOfBounds`].
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, KeyError> {
        let bounds = [
            ("memory, KiB", memory_kib, ARGON2_KIB),
            ("passes", passes, ARGON2_PASSES),
            ("lanes", lanes, ARGON2_LANES),
        ];
        for (what, value, (_, floor, ceiling)) in bounds {
            if !(floor..=ceiling).contains(&value) {
                return Err(KeyError::OutOfBounds { what, value, floor, ceiling });
            }
        }
        Ok(Self { memory_kib, passes, lanes })
    }
}

/// Wraps keys with a key made from a passphrase, as `SSPW | version u8 | KiB u32 | passes u32 | lanes u32 | salt (16) | sealed key`,
/// 137 bytes.
///
/// Each wrapping takes a new salt. The parameters are bound to the sealed key, and checked against floor and ceiling before any
/// work when they are read: a file can neither make guessing cheap nor make opening it cost more than 1 GiB and 16 passes. The
/// passphrase's bytes are taken as they are, without Unicode normalisation. One wrapping or unwrapping at the usual cost takes some tenths
/// of a second.
///
/// ```
/// use selfsame::seal::{Argon2Cost, KeyError, KeyProvider, Passphrase, SecretKey};
/// let provider = Passphrase::with_cost("correct horse battery staple".to_owned(), Argon2Cost::LEAST)?;
/// let wrapped = provider.wrap(&SecretKey::random()?, b"door")?;
/// assert!(provider.unwrap(&wrapped, b"door").is_ok());
/// let wrong = Passphrase::new("incorrect horse".to_owned())?;
/// assert!(matches!(wrong.unwrap(&wrapped, b"door"), Err(KeyError::WrongKey)));
/// # Ok::<(), KeyError>(())
/// ```
pub struct Passphrase {
    text: Zeroizing<String>,
    cost: Argon2Cost,
}

impl Passphrase {
    /// A provider that wraps at the usual cost. The text is wiped when the provider is dropped.
    ///
    /// # Errors
    /// [`KeyError::EmptyPassphrase`].
    pub fn new(text: impl Into<Zeroizing<String>>) -> Result<Self, KeyError> {
        Self::with_cost(text, Argon2Cost::default())
    }

    /// A provider that wraps at a given cost; what it unwraps says its own.
    ///
    /// # Errors
    /// [`KeyError::EmptyPassphrase`].
    pub fn with_cost(text: impl Into<Zeroizing<String>>, cost: Argon2Cost) -> Result<Self, KeyError> {
        let text = text.into();
        if text.is_empty() { Err(KeyError::EmptyPassphrase) } else { Ok(Self { text, cost }) }
    }

    fn key(&self, cost: Argon2Cost, salt: &[u8; SALT_LEN]) -> Result<SecretKey, KeyError> {
        const REFUSED: KeyError = KeyError::Malformed { what: "parameters that Argon2id does not take" };
        let params =
            Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(SecretKey::LEN)).map_err(|_| REFUSED)?;
        let mut memory: Zeroizing<Vec<Block>> = Zeroizing::default();
        let blocks = params.block_count();
        memory.try_reserve_exact(blocks).map_err(|_| KeyError::Memory { kib: cost.memory_kib })?;
        memory.resize(blocks, Block::new());
        let mut key = Zeroizing::new([0; SecretKey::LEN]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(self.text.as_bytes(), salt, key.as_mut_slice(), memory.as_mut_slice())
            .map_err(|_| REFUSED)?;
        Ok(SecretKey::from_bytes(&key))
    }

    pub(in super::super) fn wrap_at(
        &self,
        salt: &[u8; SALT_LEN],
        nonce: &[u8; NONCE_LEN],
        key: &SecretKey,
        context: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let mut out = head(self.cost, salt);
        let outer = self.key(self.cost, salt)?;
        let sealed = seal_at(&outer, nonce, &associated(b"wrap", &[&out, context]), key.expose())?;
        out.extend_from_slice(&sealed);
        Ok(out)
    }
}

impl KeyProvider for Passphrase {
    fn wrap(&self, key: &SecretKey, context: &[u8]) -> Result<Vec<u8>, KeyError> {
        let (mut salt, mut nonce) = ([0; SALT_LEN], [0; NONCE_LEN]);
        getrandom::fill(&mut salt).and_then(|()| getrandom::fill(&mut nonce)).map_err(|_| SealError::Random)?;
        self.wrap_at(&salt, &nonce, key, context)
    }

    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<SecretKey, KeyError> {
        let envelope = Envelope::read(wrapped)?;
        envelope.open(&self.key(envelope.cost, &envelope.salt)?, context)
    }

    fn describe(&self) -> &'static str {
        "passphrase"
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passphrase").field("cost", &self.cost).finish_non_exhaustive()
    }
}

/// A wrapped key taken apart, its cost in bounds.
struct Envelope<'a> {
    cost: Argon2Cost,
    salt: [u8; SALT_LEN],
    sealed: &'a [u8],
}

impl<'a> Envelope<'a> {
    fn read(wrapped: &'a [u8]) -> Result<Self, KeyError> {
        const CUT: KeyError = KeyError::Malformed { what: "the wrapped key is cut short" };
        let mut reader = Reader::new(wrapped);
        if reader.take(MAGIC.len()) != Some(MAGIC) {
            return Err(KeyError::Malformed { what: "not wrapped with a passphrase" });
        }
        match reader.u8().ok_or(CUT)? {
            WRAPPED_VERSION => {}
            version => return Err(KeyError::NewerVersion { version }),
        }
        let mut number = || reader.u32().ok_or(CUT);
        let cost = Argon2Cost::new(number()?, number()?, number()?)?;
        let salt = reader.array().ok_or(CUT)?;
        let sealed = reader.rest();
        if sealed.len() != super::super::cipher::SEAL_OVERHEAD.saturating_add(SecretKey::LEN) {
            return Err(KeyError::Malformed { what: "the wrapped key has a wrong length" });
        }
        Ok(Self { cost, salt, sealed })
    }

    fn open(&self, outer: &SecretKey, context: &[u8]) -> Result<SecretKey, KeyError> {
        let place = associated(b"wrap", &[&head(self.cost, &self.salt), context]);
        SecretKey::from_slice(&open_bytes(outer, &place, self.sealed)?).ok_or(KeyError::WrongKey)
    }
}

fn head(cost: Argon2Cost, salt: &[u8; SALT_LEN]) -> Vec<u8> {
    let Argon2Cost { memory_kib, passes, lanes } = cost;
    let numbers = [memory_kib, passes, lanes].map(u32::to_be_bytes);
    [MAGIC, &[WRAPPED_VERSION], numbers.as_flattened(), salt].concat()
}

#[cfg(test)]
#[path = "passphrase_tests.rs"]
mod tests;
