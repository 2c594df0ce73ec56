//! Sources of the key that is kept outside the files.

mod environment;
mod key_file;
mod key_provider;
mod opaque;
mod passphrase;
mod raw;

pub use environment::EnvironmentKey;
pub use key_file::KeyFile;
pub use key_provider::KeyProvider;
pub use passphrase::{Argon2Cost, Passphrase};
pub use raw::RawKey;
