//! A key in a file of its own.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use super::super::error::KeyError;
use super::super::key::SecretKey;
use super::super::new_file;
use super::key_provider::KeyProvider;
use super::raw::RawKey;

/// A key in a file of exactly 32 random bytes that only its owner may read: on a stick, on another disk, from a secret
/// store.
///
/// ```
/// use selfsame::gallery::seal::{KeyFile, Keyring};
/// # let folder = std::env::temp_dir().join(format!("selfsame-key-file-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let path = folder.join("gallery.key");
/// let keyring = Keyring::create(&KeyFile::create(&path)?, [7; 16])?;
/// let again = Keyring::open(&keyring.encode(), &KeyFile::open(&path)?)?;
/// assert_eq!(again.derive(b"door").expose(), keyring.derive(b"door").expose());
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct KeyFile(RawKey);

impl KeyFile {
    /// Creates a key file with a new random key and mode 600. The file must not exist yet.
    ///
    /// # Errors
    /// [`KeyError::Io`] when it cannot be created or already exists, [`KeyError::Random`].
    pub fn create(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let key = SecretKey::random()?;
        new_file::create(path.as_ref(), key.expose())?;
        Ok(Self(RawKey::new(key)))
    }

    /// Reads a key file. Where files have Unix modes, a file that the group or others may read, write or execute is
    /// refused; elsewhere the caller must restrict access to it.
    ///
    /// # Errors
    /// [`KeyError::Io`], [`KeyError::FileTooOpen`], and [`KeyError::Malformed`] for anything but a file of exactly 32
    /// bytes.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        let path = path.as_ref();
        // Checked before opening too, because opening a pipe waits for a writer.
        if !std::fs::metadata(path)?.is_file() {
            return Err(KeyError::Malformed { what: "the key file is not a regular file" });
        }
        let file = File::open(path)?;
        check_mode(&file)?;
        let mut bytes = Zeroizing::new([0; SecretKey::LEN + 1]);
        let mut filled = 0;
        while let Some(free) = bytes.get_mut(filled..).filter(|free| !free.is_empty()) {
            match (&file).read(free)? {
                0 => break,
                n => filled = filled.saturating_add(n),
            }
        }
        let key = bytes.get(..filled).and_then(SecretKey::from_slice);
        key.map(|key| Self(RawKey::new(key))).ok_or(KeyError::Malformed { what: "a key file has exactly 32 bytes" })
    }
}

#[cfg(unix)]
fn check_mode(file: &File) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(KeyError::FileTooOpen { mode }) }
}

#[cfg(not(unix))]
fn check_mode(_: &File) -> Result<(), KeyError> {
    Ok(())
}

impl KeyProvider for KeyFile {
    fn wrap(&self, key: &SecretKey, context: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.0.wrap(key, context)
    }

    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<SecretKey, KeyError> {
        self.0.unwrap(wrapped, context)
    }

    fn describe(&self) -> &'static str {
        "key file"
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;

    use super::*;

    #[test]
    fn only_a_file_of_32_bytes_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for len in [0, 1, 31, 32, 33, 64, 100_000] {
            let mut key =
                new_file::owner_only(OpenOptions::new().write(true).create(true).truncate(true)).open(&path).unwrap();
            key.write_all(&vec![7; len]).unwrap();
            match KeyFile::open(&path) {
                Ok(_) => assert_eq!(len, 32),
                Err(error) => assert!(len != 32 && matches!(error, KeyError::Malformed { .. }), "{error:?}"),
            }
        }
        assert!(matches!(KeyFile::open(folder.path()), Err(KeyError::Malformed { .. })));
        assert!(matches!(KeyFile::open(folder.path().join("none")), Err(KeyError::Io(_))));
    }

    #[test]
    fn a_key_file_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        KeyFile::create(&path).unwrap();
        let before = fs::read(&path).unwrap();
        assert_eq!(before.len(), 32);
        assert!(
            matches!(KeyFile::create(&path), Err(KeyError::Io(e)) if e.kind() == std::io::ErrorKind::AlreadyExists)
        );
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_may_touch_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        KeyFile::create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        for mode in 0o600..=0o677 {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            match KeyFile::open(&path) {
                Ok(_) => assert_eq!(mode, 0o600),
                Err(KeyError::FileTooOpen { mode: told }) => assert_eq!(told, mode),
                Err(error) => panic!("{error:?}"),
            }
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(KeyFile::open(&path).is_ok());
    }
}
