//! Sealing and keys: what a gallery needs so that its files tell nothing and change unnoticed nowhere.
//!
//! ```text
//! KeyProvider: passphrase, key file, environment variable, or a key service of the caller
//!   wraps  gallery master key, one per epoch          the keyring, a small file of its own
//!            record key of the epoch                  seals the keys of subjects
//!              subject key, one per subject           derives the keys of that subject's records
//!            manifest key of the epoch
//!            lasting key: the same in every epoch     derives the keys of tags and of the log
//! ```
//!
//! Everything sealed is bound to its place and committed to its key ([`seal_bytes`]). Keys are wiped when dropped. This module does not keep
//! out who reads the memory of this process, nor who has the keys, nor who has an old copy of the files together with its passphrase;
//! and who can write the files can put old ones in their place.

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
mod file;
#[cfg(test)]
mod golden;
mod header;
mod kdf;
mod key;
mod keyring;
mod params;
mod provider;
mod reader;
mod record;
mod subject;
#[cfg(test)]
mod testing;

pub use zeroize::Zeroizing;

pub use cipher::{SEAL_OVERHEAD, associated, open_bytes, seal_bytes};
pub use error::{KeyError, KeyringError, SealError};
pub(crate) use file::replace as replace_file;
pub use header::SealedHeader;
pub(crate) use kdf::hmac as authentication_code;
pub use key::SecretKey;
pub use keyring::Keyring;
pub use provider::{Argon2Cost, EnvironmentKey, KeyFile, KeyProvider, Passphrase, RawKey};
pub(crate) use reader::Reader;
pub use record::{Padding, open, seal, seal_padded};
pub use subject::{record_key_of, subject_tag, unwrap_subject_key, wrap_subject_key};
