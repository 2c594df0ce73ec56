//! The interface that wraps keys.

use super::super::error::KeyError;
use super::super::key::SecretKey;

/// Wraps keys with a key of its own, which stays outside the gallery's files: a passphrase, a key file, a key service
/// (KMS), a hardware module (HSM).
///
/// `context` names the purpose of the key and must be bound to the wrapped key as associated data (the "encryption
/// context" of key services): a key wrapped in one context must not unwrap in another. A wrapped key may have up to
/// 4096 bytes and is stored without further encryption.
///
/// ```
/// use selfsame::gallery::seal::{KeyError, KeyProvider, Keyring, RawKey, SecretKey};
///
/// /// A key service; here it only counts the requests.
/// struct Service {
///     key: RawKey,
///     asked: std::sync::atomic::AtomicUsize,
/// }
///
/// impl KeyProvider for Service {
///     fn wrap(&self, key: &SecretKey, context: &[u8]) -> Result<Vec<u8>, KeyError> {
///         self.key.wrap(key, context)
///     }
///     fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<SecretKey, KeyError> {
///         self.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
///         self.key.unwrap(wrapped, context)
///     }
///     fn describe(&self) -> &'static str {
///         "key service"
///     }
/// }
///
/// let service = Service { key: RawKey::new(SecretKey::random()?), asked: 0.into() };
/// let keyring = Keyring::create(&service, [7; 16])?;
/// Keyring::open(&keyring.encode(), &service)?;
/// assert_eq!(service.asked.into_inner(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait KeyProvider: Send + Sync {
    /// Encrypts a key.
    ///
    /// # Errors
    /// [`KeyError`], [`KeyError::Provider`] for a failure of the provider itself.
    fn wrap(&self, key: &SecretKey, context: &[u8]) -> Result<Vec<u8>, KeyError>;

    /// Encrypts a key that replaces one wrapped before, by this provider or another. `previous` is the replaced key,
    /// which the caller has seen open successfully. A provider whose protection has a cost must not make it weaker than
    /// before; others keep this default, the same as [`KeyProvider::wrap`].
    ///
    /// ```
    /// use selfsame::gallery::seal::{Argon2Cost, KeyProvider, Passphrase, SecretKey};
    /// let key = SecretKey::random()?;
    /// let old = Passphrase::with_cost("correct horse battery staple".to_owned(), Argon2Cost::new(96 << 10, 3, 4)?)?;
    /// let before = old.wrap(&key, b"door")?;
    /// let new = Passphrase::new("a quite different one".to_owned())?;
    /// let after = new.wrap_like(&key, b"door", &before)?;
    /// assert_eq!(Passphrase::cost_of(&after), Passphrase::cost_of(&before));
    /// # Ok::<(), selfsame::gallery::seal::KeyError>(())
    /// ```
    ///
    /// # Errors
    /// As for [`KeyProvider::wrap`].
    fn wrap_like(&self, key: &SecretKey, context: &[u8], previous: &[u8]) -> Result<Vec<u8>, KeyError> {
        let _ = previous;
        self.wrap(key, context)
    }

    /// Decrypts a key that was wrapped in the same context.
    ///
    /// # Errors
    /// [`KeyError::WrongKey`] when it was not; [`KeyError::Provider`] for a failure of the provider itself.
    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<SecretKey, KeyError>;

    /// The kind of provider, for messages; it reveals nothing secret.
    fn describe(&self) -> &'static str;
}
