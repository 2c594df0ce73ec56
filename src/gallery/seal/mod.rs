//! Sealing and keys: what a gallery needs to keep its files confidential and to detect changes to them.
//!
//! ```text
//! KeyProvider: passphrase, key file, environment variable, or a key service of the caller
//!   wraps  master key, one per generation           the keyring, a small file of its own
//!            derives every other key of the generation: names, records, blocks, log
//! ```
//!
//! Everything sealed is bound to its place and committed to its key ([`seal_bytes`]). Keys are wiped when dropped. This
//! module does not protect against someone who reads the memory of this process, has the keys, or has an old copy of
//! the files with its passphrase; and anyone who can write the files can replace them with old ones.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

mod cipher;
mod error;
#[cfg(test)]
mod golden;
mod kdf;
mod key;
mod keyring;
mod mac;
mod new_file;
mod params;
mod provider;
mod record;
#[cfg(test)]
mod testing;

pub use zeroize::Zeroizing;

pub use cipher::{SEAL_OVERHEAD, associated, open_bytes, seal_bytes};
pub use error::{KeyError, KeyringError, SealError};
pub use key::SecretKey;
pub use keyring::Keyring;
pub(crate) use keyring::{HEAD as KEYRING_HEAD, MAGIC as KEYRING_MAGIC};
pub(crate) use mac::{authentication_code, fast_authentication_code};
pub use provider::{Argon2Cost, EnvironmentKey, KeyFile, KeyProvider, Passphrase, RawKey};
pub(crate) use record::{Opened, Padding, RecordCipher};
