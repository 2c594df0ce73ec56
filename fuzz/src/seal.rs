//! Targets for untrusted sealed bytes and keyrings.

use hmac::{Hmac, KeyInit, Mac};
use selfsame::gallery::seal::{
    KeyError, KeyProvider, Keyring, RawKey, SEAL_OVERHEAD, SealError, SecretKey, open_bytes, seal_bytes,
};
use sha2::Sha256;

use super::bytes::Bytes;

/// The key of the seeds.
const KEY: [u8; 32] = [0x42; 32];

/// A change and a place, then bytes that are opened as sealed ones and sealed as contents.
pub fn sealed_record(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let (at, flip, place) = (bytes.u16(), bytes.u8().max(1), [bytes.u8(); 12]);
    let (key, rest) = (SecretKey::from_bytes(&KEY), bytes.rest());
    match open_bytes(&key, &place, rest) {
        Ok(plaintext) => assert!(plaintext.len() + SEAL_OVERHEAD == rest.len()),
        Err(error) => assert!(error == SealError::NotAuthentic),
    }
    let Ok(mut sealed) = seal_bytes(&key, &place, rest) else { panic!("a short record is not sealed") };
    assert!(open_bytes(&key, &place, &sealed).is_ok_and(|plaintext| *plaintext == rest));
    assert!(open_bytes(&key, &place[1..], &sealed).is_err());
    let at = usize::from(at) % sealed.len();
    assert!(open_bytes(&key, &place, &sealed[..at]).is_err());
    sealed[at] ^= flip;
    assert!(open_bytes(&key, &place, &sealed).is_err());
}

/// A provider whose wrapped keys are the keys themselves, so that a fuzzer can write them.
struct Clear;

impl KeyProvider for Clear {
    fn wrap(&self, key: &SecretKey, _: &[u8]) -> Result<Vec<u8>, KeyError> {
        Ok(key.expose().to_vec())
    }

    fn unwrap(&self, wrapped: &[u8], _: &[u8]) -> Result<SecretKey, KeyError> {
        SecretKey::from_slice(wrapped).ok_or(KeyError::WrongKey)
    }

    fn describe(&self) -> &'static str {
        "none"
    }
}

/// A keyring. A fuzzer cannot guess its code, so it is also tested with the valid one if the wrapped key is in the
/// clear.
pub fn keyring(data: &[u8]) {
    let raw = RawKey::new(SecretKey::from_bytes(&KEY));
    check(data, &raw);
    check(data, &Clear);
    // Signature 4, version 2, gallery 16, generation 4, length 2, then the master key.
    let (Some(master), Some((signed, _))) = (data.get(28..60), data.split_last_chunk::<32>()) else { return };
    let Some(master) = SecretKey::from_slice(master) else { return };
    let Ok(mut code) = Hmac::<Sha256>::new_from_slice(master.derive(b"keyring", &[]).expose()) else { return };
    code.update(signed);
    check(&[signed, &code.finalize().into_bytes()].concat(), &Clear);
}

fn check(bytes: &[u8], provider: &dyn KeyProvider) {
    let Ok(keyring) = Keyring::open(bytes, provider) else { return };
    assert!(keyring.encode() == bytes, "a keyring changed on its way");
    let next = keyring.next(provider);
    assert!(next.is_ok() == (keyring.generation() < u32::MAX));
    if let Ok(next) = next {
        assert!(next.gallery_id() == keyring.gallery_id() && next.generation() == keyring.generation() + 1);
        assert!(Keyring::open(&next.encode(), provider).is_ok());
    }
}
