//! Sealed bytes and keyrings from strangers.

use hmac::{Hmac, KeyInit, Mac};
use selfsame::seal::{
    KeyError, KeyProvider, Keyring, Padding, RawKey, SEAL_OVERHEAD, SealError, SealedHeader, SecretKey, open,
    seal_padded,
};
use sha2::Sha256;

use super::bytes::Bytes;

/// The key of the seeds.
const KEY: [u8; 32] = [0x42; 32];

/// A place of a record, then what may be the sealed record of it, or what is sealed and changed there.
pub fn sealed_record(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let (padding, at, flip) =
        (if bytes.u8() & 1 == 0 { Padding::None } else { Padding::Classes }, bytes.u16(), bytes.u8().max(1));
    let header = SealedHeader {
        gallery_id: [bytes.u8(); 16],
        epoch: u32::from(bytes.u16()),
        subject_tag: [bytes.u8(); 32],
        modality: bytes.u8(),
        position: bytes.u8(),
        slot: bytes.u16(),
        kind: bytes.u16(),
        version: u64::from(bytes.u16()),
    };
    let (key, rest) = (SecretKey::from_bytes(&KEY), bytes.rest());
    match open(&key, &header, rest) {
        Ok(plaintext) => assert!(plaintext.len() + SEAL_OVERHEAD <= rest.len()),
        Err(error) => assert!(error == SealError::NotAuthentic),
    }
    let Ok(mut sealed) = seal_padded(&key, &header, rest, padding) else { panic!("a short record is not sealed") };
    assert!(open(&key, &header, &sealed).is_ok_and(|plaintext| *plaintext == rest));
    let elsewhere = SealedHeader { version: header.version + 1, ..header };
    assert!(open(&key, &elsewhere, &sealed).is_err());
    let at = usize::from(at) % sealed.len();
    assert!(open(&key, &header, &sealed[..at]).is_err());
    sealed[at] ^= flip;
    assert!(open(&key, &header, &sealed).is_err());
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

/// A keyring. A fuzzer does not guess its code, so it also comes with the right one where the wrapped key is in the clear.
pub fn keyring(data: &[u8]) {
    let raw = RawKey::new(SecretKey::from_bytes(&KEY));
    check(data, &raw);
    check(data, &Clear);
    // Signature 4, version 2, gallery 16, number of epochs 1, epoch 4, length 2, then the master key.
    let (Some(master), Some((signed, _))) = (data.get(29..61), data.split_last_chunk::<32>()) else { return };
    let Some(master) = SecretKey::from_slice(master) else { return };
    let Ok(mut code) = Hmac::<Sha256>::new_from_slice(master.derive(b"keyring", &[]).expose()) else { return };
    code.update(signed);
    check(&[signed, &code.finalize().into_bytes()].concat(), &Clear);
}

fn check(bytes: &[u8], provider: &dyn KeyProvider) {
    let Ok(mut keyring) = Keyring::open(bytes, provider) else { return };
    assert!(keyring.encode() == bytes, "a keyring changed on its way");
    let (epoch, tag) = (keyring.epoch(), keyring.tag_key());
    assert!(keyring.record_key(epoch).is_ok());
    if let Some(previous) = keyring.previous_epoch() {
        assert!(previous + 1 == epoch && keyring.record_key(previous).is_ok());
        assert!(keyring.finish_epoch().is_ok());
    }
    assert!(keyring.begin_epoch(provider).is_ok() == (epoch < u32::MAX));
    let again = Keyring::open(&keyring.encode(), provider);
    assert!(again.is_ok_and(|again| again.tag_key().expose() == tag.expose()));
}
