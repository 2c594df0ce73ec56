//! A secret key and the keys derived from it.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::error::SealError;
use super::kdf;
use super::params::DOMAIN;

/// A secret of 32 bytes. It is wiped from memory when dropped, is neither copied nor compared, and `Debug` hides it.
///
/// It is on the heap, so moving it leaves no copy behind. It cannot control what the operating system swaps out or
/// dumps.
///
/// ```
/// use selfsame::gallery::seal::SecretKey;
/// let key = SecretKey::random()?;
/// assert_eq!(format!("{key:?}"), "SecretKey(..)");
/// let door = key.derive(b"door", b"north");
/// assert_ne!(door.expose(), key.derive(b"door", b"south").expose());
/// # Ok::<(), selfsame::gallery::seal::SealError>(())
/// ```
///
/// ```compile_fail,E0599
/// # let key = selfsame::gallery::seal::SecretKey::from_bytes(&[7; 32]);
/// let copy = key.clone();
/// ```
///
/// ```compile_fail,E0369
/// # let key = selfsame::gallery::seal::SecretKey::from_bytes(&[7; 32]);
/// let same = key == key;
/// ```
pub struct SecretKey(Box<[u8; SecretKey::LEN]>);

impl SecretKey {
    /// The length, in bytes.
    pub const LEN: usize = 32;

    /// Creates a key from the system's random numbers.
    ///
    /// # Errors
    /// [`SealError::Random`] when the system cannot supply any.
    pub fn random() -> Result<Self, SealError> {
        let mut key = Self(Box::new([0; Self::LEN]));
        getrandom::fill(key.0.as_mut_slice()).map_err(|_| SealError::Random)?;
        Ok(key)
    }

    /// Creates a key from the caller's bytes, which the caller should wipe.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        let mut key = Self(Box::new([0; Self::LEN]));
        key.0.copy_from_slice(bytes);
        key
    }

    /// Creates a key from a slice; `None` when it has another length.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self::from_bytes(bytes.try_into().ok()?))
    }

    /// The bytes, for a [`super::KeyProvider`] to wrap. A caller that copies them must wipe the copy.
    #[must_use]
    pub fn expose(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// The key for one purpose: HKDF-SHA256 without salt; the info is the joint length of `selfsame/v1/` and `label`,
    /// then these two, then `context`. Keys of different labels or contexts reveal nothing about each other or about
    /// this one.
    #[must_use]
    pub fn derive(&self, label: &[u8], context: &[u8]) -> Self {
        let info = [&DOMAIN.len().saturating_add(label.len()).to_length()[..], DOMAIN, label, context];
        Self::from_bytes(&kdf::hkdf(self.expose(), &[], &info))
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for SecretKey {}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// A length as 8 bytes, big-endian, on every platform.
pub(super) trait ToLength {
    fn to_length(self) -> [u8; 8];
}

impl ToLength for usize {
    fn to_length(self) -> [u8; 8] {
        u64::try_from(self).unwrap_or(u64::MAX).to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_contexts_do_not_run_into_each_other() {
        let key = SecretKey::from_bytes(&[7; 32]);
        let derived =
            [key.derive(b"ab", b"c"), key.derive(b"a", b"bc"), key.derive(b"abc", b""), key.derive(b"", b"abc")];
        for (i, a) in derived.iter().enumerate() {
            assert_ne!(a.expose(), key.expose());
            assert!(derived.iter().skip(i + 1).all(|b| a.expose() != b.expose()));
        }
        assert_eq!(key.derive(b"ab", b"c").expose(), derived[0].expose());
    }

    #[test]
    fn random_keys_differ() {
        let (a, b) = (SecretKey::random().unwrap(), SecretKey::random().unwrap());
        assert_ne!(a.expose(), b.expose());
        assert_ne!(a.expose(), &[0; 32]);
    }

    #[test]
    fn only_32_bytes_are_a_key() {
        assert!((0..70).all(|n| SecretKey::from_slice(&vec![1; n]).is_some() == (n == 32)));
    }

    #[test]
    fn wiped_is_zero() {
        fn wipes_itself<T: ZeroizeOnDrop>(_: &T) {}
        let mut key = SecretKey::from_bytes(&[7; 32]);
        wipes_itself(&key);
        // This does what `drop` does, but visibly from outside.
        key.0.zeroize();
        assert_eq!(key.expose(), &[0; 32]);
    }
}
