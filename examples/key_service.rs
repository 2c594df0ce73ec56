//! A gallery whose keys are wrapped by your own service, such as a KMS or HSM; here a struct simulates it.
//!
//! `cargo run --release --example key_service`

use std::error::Error;
use std::sync::Arc;

use selfsame::gallery::Gallery;
use selfsame::gallery::seal::{KeyError, KeyProvider, SecretKey, associated, open_bytes, seal_bytes};

/// Simulates a service that never releases its key: it only wraps and unwraps.
struct Service {
    key: SecretKey,
}

impl KeyProvider for Service {
    fn wrap(&self, key: &SecretKey, context: &[u8]) -> Result<Vec<u8>, KeyError> {
        // A real provider sends the key and the context to the service, over a trusted channel.
        Ok(seal_bytes(&self.key, &associated(b"my-service", &[context]), key.expose())?)
    }

    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<SecretKey, KeyError> {
        let bytes = open_bytes(&self.key, &associated(b"my-service", &[context]), wrapped)?;
        SecretKey::from_slice(&bytes).ok_or(KeyError::WrongKey)
    }

    fn describe(&self) -> &'static str {
        "my key service"
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("gallery");
    let service = Arc::new(Service { key: SecretKey::random()? });
    drop(Gallery::builder(service.clone()).create(&path)?);
    let gallery = Gallery::builder(service).open(&path)?;
    println!("made, closed and opened again with the help of the service: {gallery:?}");
    drop(gallery);
    let stranger = Arc::new(Service { key: SecretKey::random()? });
    match Gallery::builder(stranger).open(&path) {
        Err(e) => println!("with another service: {e}"),
        Ok(_) => return Err("another service opened it".into()),
    }
    Ok(())
}
