//! Keys wrapped with a key of 32 bytes.

use super::super::cipher::{associated, open_bytes, seal_bytes};
use super::super::error::KeyError;
use super::super::key::SecretKey;
use super::super::params::WRAPPED_VERSION;
use super::key_provider::KeyProvider;
use crate::bytes::Reader;

/// The signature of a key wrapped by a [`RawKey`].
const MAGIC: &[u8] = b"SSRK";

/// Wraps keys with a key of 32 bytes that the caller keeps, as `SSRK | version u8 | sealed key`, 109 bytes.
///
/// [`super::KeyFile`] and [`super::EnvironmentKey`] wrap in the same form, so that a key can move from one to the
/// other.
///
/// ```
/// use selfsame::gallery::seal::{KeyProvider, RawKey, SecretKey};
/// let provider = RawKey::new(SecretKey::random()?);
/// let key = SecretKey::random()?;
/// let wrapped = provider.wrap(&key, b"door")?;
/// assert_eq!(provider.unwrap(&wrapped, b"door")?.expose(), key.expose());
/// # Ok::<(), selfsame::gallery::seal::KeyError>(())
/// ```
#[derive(Debug)]
pub struct RawKey(SecretKey);

impl RawKey {
    /// Creates a provider that wraps with `key`.
    #[must_use]
    pub fn new(key: SecretKey) -> Self {
        Self(key)
    }
}

impl KeyProvider for RawKey {
    fn wrap(&self, key: &SecretKey, context: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut out = head();
        let sealed = seal_bytes(&self.0, &associated(b"wrap", &[&out, context]), key.expose())?;
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<SecretKey, KeyError> {
        let mut reader = Reader::new(wrapped);
        if reader.take(MAGIC.len()) != Some(MAGIC) {
            return Err(KeyError::Malformed { what: "not wrapped with a raw key" });
        }
        match reader.u8().ok_or(KeyError::Malformed { what: "the wrapped key is truncated" })? {
            WRAPPED_VERSION => {}
            version => return Err(KeyError::NewerVersion { version }),
        }
        let bytes = open_bytes(&self.0, &associated(b"wrap", &[&head(), context]), reader.rest())?;
        SecretKey::from_slice(&bytes).ok_or(KeyError::WrongKey)
    }

    fn describe(&self) -> &'static str {
        "raw key"
    }
}

fn head() -> Vec<u8> {
    [MAGIC, &[WRAPPED_VERSION]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_bit_and_every_cut_is_refused() {
        let provider = RawKey::new(SecretKey::from_bytes(&[1; 32]));
        let key = SecretKey::from_bytes(&[2; 32]);
        let wrapped = provider.wrap(&key, b"here").unwrap();
        assert_eq!(wrapped.len(), 109);
        assert_eq!(provider.unwrap(&wrapped, b"here").unwrap().expose(), key.expose());
        for bit in 0..wrapped.len() * 8 {
            let mut changed = wrapped.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let error = provider.unwrap(&changed, b"here").unwrap_err();
            let expected = match bit / 8 {
                0..4 => matches!(error, KeyError::Malformed { .. }),
                4 => matches!(error, KeyError::NewerVersion { .. }),
                _ => matches!(error, KeyError::WrongKey),
            };
            assert!(expected, "bit {bit}: {error:?}");
        }
        assert!((0..wrapped.len()).all(|end| provider.unwrap(&wrapped[..end], b"here").is_err()));
        assert!(matches!(provider.unwrap(&wrapped, b"there"), Err(KeyError::WrongKey)));
        let other = RawKey::new(SecretKey::from_bytes(&[3; 32]));
        assert!(matches!(other.unwrap(&wrapped, b"here"), Err(KeyError::WrongKey)));
    }
}
