//! The keyring: a gallery's master keys, wrapped.

use std::fmt;
use std::path::Path;

use subtle::ConstantTimeEq;

use super::cipher::{SEAL_OVERHEAD, associated, open_bytes, seal_bytes};
use super::error::{KeyError, KeyringError};
use super::key::SecretKey;
use super::params::{KEYRING_VERSION, MAX_KEYRING, MAX_WRAPPED};
use super::provider::KeyProvider;
use super::reader::Reader;
use super::{file, kdf};

const MAGIC: &[u8] = b"SSKR";
/// Length of the authentication code, bytes.
const CODE_LEN: usize = 32;

/// A gallery's keys, unlocked. Its bytes are a small file beside the store, replaced as a whole: deleting wrapped keys from the store's
/// own file would leave them in pages that are free but still there.
///
/// ```text
/// "SSKR" | version u16 | gallery id (16)
/// | epochs u8, 1 or 2 | for each, the current one first: epoch u32, length u16, wrapped master key
/// | length u16, lasting key sealed under the current master key | HMAC-SHA256 (32) of all that
/// ```
///
/// **Keys.** A random master key per epoch is wrapped by the [`KeyProvider`]; the record and manifest keys of the epoch are derived from
/// it. The keys of tags and of the log are derived from a lasting key that every epoch keeps, because tags are the store's keys and a
/// log is not written anew.
///
/// **Another passphrase or provider** is [`Keyring::rewrap`]: the master keys stay, nothing else is touched.
///
/// **A new master key** takes four steps, and can go on after a crash between any two of them: [`Keyring::begin_epoch`], [`Keyring::save`];
/// seal everything anew that the keys of [`Keyring::previous_epoch`] sealed; [`Keyring::finish_epoch`], `save`. A keyring that is opened
/// in between has both keys. After that the old master key is in no live file; an old copy of the keyring together with its
/// passphrase still has it.
///
/// Whoever can write the file can put an older keyring in its place; then the records of the newer epoch do not open.
///
/// ```
/// use selfsame::seal::{KeyError, Keyring, KeyringError, RawKey, SecretKey};
/// let (old, new) = (RawKey::new(SecretKey::random()?), RawKey::new(SecretKey::random()?));
/// let mut keyring = Keyring::create(&old, [7; 16])?;
/// let record_key = keyring.record_key(1)?;
/// keyring.rewrap(&new)?;
/// let again = Keyring::open(&keyring.encode(), &new)?;
/// assert_eq!(again.record_key(1)?.expose(), record_key.expose());
/// let refused = Keyring::open(&keyring.encode(), &old);
/// assert!(matches!(refused, Err(KeyringError::Key(KeyError::WrongKey))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Keyring {
    gallery_id: [u8; 16],
    current: Epoch,
    previous: Option<Epoch>,
    lasting: SecretKey,
    /// The lasting key under the current master key.
    sealed_lasting: Vec<u8>,
}

/// One epoch's master key, and how it is stored.
struct Epoch {
    number: u32,
    master: SecretKey,
    wrapped: Vec<u8>,
}

impl Epoch {
    fn new(number: u32, gallery_id: &[u8; 16], provider: &dyn KeyProvider) -> Result<Self, KeyringError> {
        let master = SecretKey::random()?;
        let wrapped = wrap(&master, number, gallery_id, provider)?;
        Ok(Self { number, master, wrapped })
    }
}

impl Keyring {
    /// The keys of a new gallery, of epoch 1, wrapped by `provider`.
    ///
    /// # Errors
    /// [`KeyringError::Key`] when the provider fails, [`KeyringError::WrappedTooLong`] when it makes too long a key of it.
    pub fn create(provider: &dyn KeyProvider, gallery_id: [u8; 16]) -> Result<Self, KeyringError> {
        let current = Epoch::new(1, &gallery_id, provider)?;
        let lasting = SecretKey::random()?;
        let sealed_lasting = seal_lasting(&lasting, &current, &gallery_id)?;
        Ok(Self { gallery_id, current, previous: None, lasting, sealed_lasting })
    }

    /// Unlocks what [`Keyring::encode`] gave. The provider is asked once, twice while a rotation is under way.
    ///
    /// # Errors
    /// [`KeyringError`]: [`KeyError::WrongKey`] for another passphrase or key, [`KeyringError::NotAuthentic`] for bytes that were changed,
    /// [`KeyringError::Malformed`], [`KeyringError::NewerVersion`] and [`KeyringError::TooLong`] for what is no keyring of this version.
    pub fn open(bytes: &[u8], provider: &dyn KeyProvider) -> Result<Self, KeyringError> {
        let stored = Stored::read(bytes)?;
        let id = stored.gallery_id;
        let unlock = |(number, wrapped): (u32, &[u8])| -> Result<Epoch, KeyringError> {
            let master = provider.unwrap(wrapped, &master_context(number, &id))?;
            Ok(Epoch { number, master, wrapped: wrapped.to_vec() })
        };
        let current = unlock(stored.current)?;
        if !bool::from(code(&current.master, stored.signed).ct_eq(stored.code)) {
            return Err(KeyringError::NotAuthentic);
        }
        let previous = stored.previous.map(unlock).transpose()?;
        let lasting = open_bytes(&current.master, &lasting_place(current.number, &id), stored.sealed_lasting)?;
        let lasting = SecretKey::from_slice(&lasting).ok_or(KeyringError::NotAuthentic)?;
        Ok(Self { gallery_id: id, current, previous, lasting, sealed_lasting: stored.sealed_lasting.to_vec() })
    }

    /// The keyring's bytes, some 280 with a passphrase. They hold wrapped and sealed keys only.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&KEYRING_VERSION.to_be_bytes());
        out.extend_from_slice(&self.gallery_id);
        out.push(if self.previous.is_some() { 2 } else { 1 });
        for epoch in [Some(&self.current), self.previous.as_ref()].into_iter().flatten() {
            out.extend_from_slice(&epoch.number.to_be_bytes());
            put(&mut out, &epoch.wrapped);
        }
        put(&mut out, &self.sealed_lasting);
        let code = code(&self.current.master, &out);
        out.extend_from_slice(&code);
        out
    }

    /// Which gallery the keys belong to.
    #[must_use]
    pub fn gallery_id(&self) -> [u8; 16] {
        self.gallery_id
    }

    /// The epoch whose keys seal what is written now.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.current.number
    }

    /// The epoch whose keys are being replaced, while a rotation is under way.
    #[must_use]
    pub fn previous_epoch(&self) -> Option<u32> {
        self.previous.as_ref().map(|epoch| epoch.number)
    }

    /// The key that seals the keys of subjects in `epoch`.
    ///
    /// # Errors
    /// [`KeyringError::NoSuchEpoch`] unless it is the current one or the one being replaced.
    pub fn record_key(&self, epoch: u32) -> Result<SecretKey, KeyringError> {
        Ok(self.master(epoch)?.derive(b"rec", &self.gallery_id))
    }

    /// The key of the current epoch's manifest.
    #[must_use]
    pub fn manifest_key(&self) -> SecretKey {
        self.current.master.derive(b"manifest", &self.gallery_id)
    }

    /// The manifest key of `epoch`, for a manifest that was written before the rotation.
    ///
    /// # Errors
    /// As for [`Keyring::record_key`].
    pub fn manifest_key_of(&self, epoch: u32) -> Result<SecretKey, KeyringError> {
        Ok(self.master(epoch)?.derive(b"manifest", &self.gallery_id))
    }

    /// The key of [`super::subject_tag`], the same in every epoch.
    #[must_use]
    pub fn tag_key(&self) -> SecretKey {
        self.lasting.derive(b"idx", &self.gallery_id)
    }

    /// The key of the codes on the store's blocks, the same in every epoch.
    #[must_use]
    pub fn store_key(&self) -> SecretKey {
        self.lasting.derive(b"store", &self.gallery_id)
    }

    /// The key of the log, the same in every epoch.
    #[must_use]
    pub fn log_key(&self) -> SecretKey {
        self.lasting.derive(b"log", &self.gallery_id)
    }

    /// Wraps the same master keys by another provider, or by the same with another passphrase. Nothing changes when it fails.
    ///
    /// # Errors
    /// As for [`Keyring::create`].
    pub fn rewrap(&mut self, provider: &dyn KeyProvider) -> Result<(), KeyringError> {
        let wrap = |epoch: &Epoch| wrap(&epoch.master, epoch.number, &self.gallery_id, provider);
        let current = wrap(&self.current)?;
        let previous = self.previous.as_ref().map(wrap).transpose()?;
        self.current.wrapped = current;
        if let (Some(epoch), Some(wrapped)) = (&mut self.previous, previous) {
            epoch.wrapped = wrapped;
        }
        Ok(())
    }

    /// Makes a new master key and keeps the current one beside it until [`Keyring::finish_epoch`]. `provider` must be the one that opens
    /// the keyring, which is checked. Nothing changes when it fails.
    ///
    /// # Errors
    /// [`KeyringError::Rotating`] when a rotation is under way, [`KeyringError::NoMoreEpochs`] after 2^32 - 1 of them,
    /// [`KeyError::WrongKey`] for another provider, and as for [`Keyring::create`].
    pub fn begin_epoch(&mut self, provider: &dyn KeyProvider) -> Result<(), KeyringError> {
        if self.previous.is_some() {
            return Err(KeyringError::Rotating);
        }
        let number = self.current.number.checked_add(1).ok_or(KeyringError::NoMoreEpochs)?;
        let known = provider.unwrap(&self.current.wrapped, &master_context(self.current.number, &self.gallery_id))?;
        if !bool::from(known.expose().ct_eq(self.current.master.expose())) {
            return Err(KeyError::WrongKey.into());
        }
        let next = Epoch::new(number, &self.gallery_id, provider)?;
        self.sealed_lasting = seal_lasting(&self.lasting, &next, &self.gallery_id)?;
        self.previous = Some(std::mem::replace(&mut self.current, next));
        Ok(())
    }

    /// Forgets the previous epoch's master key: what its keys sealed opens no more.
    ///
    /// # Errors
    /// [`KeyringError::NotRotating`].
    pub fn finish_epoch(&mut self) -> Result<(), KeyringError> {
        self.previous.take().map(drop).ok_or(KeyringError::NotRotating)
    }

    /// Writes the keyring to `path`: after a crash there is the old file or the new one. Its mode is 600 where there are modes.
    ///
    /// # Errors
    /// [`KeyringError::Io`].
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), KeyringError> {
        Ok(file::replace(path.as_ref(), &self.encode())?)
    }

    /// Reads the bytes of a keyring's file, for [`Keyring::open`].
    ///
    /// # Errors
    /// [`KeyringError::Io`]; [`KeyringError::TooLong`] when the file is longer than any keyring, of which no more is read.
    pub fn load(path: impl AsRef<Path>) -> Result<Vec<u8>, KeyringError> {
        let bytes = file::read(path.as_ref(), MAX_KEYRING)?;
        if bytes.len() > MAX_KEYRING { Err(KeyringError::TooLong { max: MAX_KEYRING }) } else { Ok(bytes) }
    }

    fn master(&self, number: u32) -> Result<&SecretKey, KeyringError> {
        let epochs = [Some(&self.current), self.previous.as_ref()].into_iter().flatten();
        let found = epochs.into_iter().find(|epoch| epoch.number == number);
        found.map(|epoch| &epoch.master).ok_or(KeyringError::NoSuchEpoch { epoch: number })
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (epoch, previous) = (self.epoch(), self.previous_epoch());
        f.debug_struct("Keyring").field("epoch", &epoch).field("previous_epoch", &previous).finish_non_exhaustive()
    }
}

/// A keyring's bytes taken apart; nothing is believed yet.
struct Stored<'a> {
    gallery_id: [u8; 16],
    current: (u32, &'a [u8]),
    previous: Option<(u32, &'a [u8])>,
    sealed_lasting: &'a [u8],
    /// All that the code covers.
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
        let epochs = reader.u8().filter(|n| (1..=2).contains(n)).ok_or_else(|| bad("no number of epochs", &reader))?;
        let current = epoch(&mut reader).ok_or_else(|| bad("no wrapped key", &reader))?;
        let previous = match epochs {
            1 => None,
            _ => Some(epoch(&mut reader).ok_or_else(|| bad("no second wrapped key", &reader))?),
        };
        if previous.is_some_and(|(number, _)| number.checked_add(1) != Some(current.0)) {
            return Err(bad("epochs that do not follow each other", &reader));
        }
        let sealed_lasting = block(&mut reader).ok_or_else(|| bad("no lasting key", &reader))?;
        let (signed, code) = bytes
            .split_last_chunk()
            .filter(|(signed, _)| signed.len() == reader.offset())
            .ok_or_else(|| bad("no authentication code of 32 bytes to the end", &reader))?;
        Ok(Self { gallery_id, current, previous, sealed_lasting, signed, code })
    }
}

fn epoch<'a>(reader: &mut Reader<'a>) -> Option<(u32, &'a [u8])> {
    Some((reader.u32()?, block(reader)?))
}

fn block<'a>(reader: &mut Reader<'a>) -> Option<&'a [u8]> {
    let len = usize::from(reader.u16()?);
    if len > MAX_WRAPPED { None } else { reader.take(len) }
}

fn put(out: &mut Vec<u8>, block: &[u8]) {
    // Blocks are at most MAX_WRAPPED bytes, checked where they are made and where they are read.
    out.extend_from_slice(&u16::try_from(block.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(block);
}

fn wrap(
    master: &SecretKey,
    epoch: u32,
    gallery_id: &[u8; 16],
    provider: &dyn KeyProvider,
) -> Result<Vec<u8>, KeyringError> {
    let wrapped = provider.wrap(master, &master_context(epoch, gallery_id))?;
    let len = wrapped.len();
    if len > MAX_WRAPPED { Err(KeyringError::WrappedTooLong { len, max: MAX_WRAPPED }) } else { Ok(wrapped) }
}

fn seal_lasting(lasting: &SecretKey, epoch: &Epoch, gallery_id: &[u8; 16]) -> Result<Vec<u8>, KeyringError> {
    const { assert!(SEAL_OVERHEAD + SecretKey::LEN <= MAX_WRAPPED) };
    Ok(seal_bytes(&epoch.master, &lasting_place(epoch.number, gallery_id), lasting.expose())?)
}

fn master_context(epoch: u32, gallery_id: &[u8; 16]) -> Vec<u8> {
    associated(b"master-key", &[gallery_id, &epoch.to_be_bytes()])
}

fn lasting_place(epoch: u32, gallery_id: &[u8; 16]) -> Vec<u8> {
    associated(b"lasting-key", &[gallery_id, &epoch.to_be_bytes()])
}

fn code(master: &SecretKey, signed: &[u8]) -> [u8; CODE_LEN] {
    kdf::hmac(&master.derive(b"keyring", &[]), &[signed])
}

#[cfg(test)]
#[path = "keyring_tests.rs"]
mod tests;
