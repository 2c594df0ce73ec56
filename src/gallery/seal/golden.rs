//! Version 1 of every format, written by another implementation (`fixtures/make_seal_v1.py`): data sealed with a
//! released version opens with every later one.

use chacha20poly1305::{AeadInOut, Tag, XNonce};

use super::cipher::{message_keys, seal_at};
use super::params::NONCE_LEN;
use super::testing::{hex, unhex};
use super::*;

struct Golden(Vec<(&'static str, Vec<u8>)>);

impl Golden {
    fn read() -> Self {
        let text = include_str!("../../../fixtures/seal_v1.txt");
        Self(text.lines().map(|line| line.split_once(' ').unwrap()).map(|(name, hex)| (name, unhex(hex))).collect())
    }

    fn bytes(&self, name: &str) -> &[u8] {
        self.0
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, bytes)| bytes.as_slice())
            .unwrap_or_else(|| panic!("no {name}"))
    }

    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().unwrap()
    }

    fn key(&self, name: &str) -> SecretKey {
        SecretKey::from_bytes(&self.array(name))
    }

    fn holds(&self, name: &str, bytes: &[u8]) {
        assert_eq!(hex(bytes), hex(self.bytes(name)), "{name}");
    }
}

#[test]
fn derived_keys_and_sealed_bytes() {
    let golden = Golden::read();
    let (key, nonce) = (golden.key("key"), golden.array("nonce"));
    golden.holds("derived_door_north", key.derive(b"door", b"north").expose());
    golden.holds("sealed", &seal_at(&key, &nonce, b"place", golden.bytes("plaintext")).unwrap());
    assert_eq!(*open_bytes(&key, b"place", golden.bytes("sealed")).unwrap(), golden.bytes("plaintext"));
}

#[test]
fn records() {
    let golden = Golden::read();
    let cipher = RecordCipher::new(&golden.key("key"));
    for (name, padding) in
        [("record", Padding::None), ("record_steps", Padding::Steps), ("record_classes", Padding::Classes)]
    {
        assert_eq!(
            cipher.open(b"place", golden.bytes(name), &mut Opened::default()).unwrap(),
            golden.bytes("plaintext")
        );
        let again = cipher.seal(b"place", golden.bytes("plaintext"), padding).unwrap();
        assert_eq!(again.len(), golden.bytes(name).len());
    }
}

/// The cipher alone opens these bytes under two keys, to two plaintexts; with the commitment each opens under only its
/// own key.
#[test]
fn nothing_opens_under_two_keys() {
    let golden = Golden::read();
    let (nonce, tag): ([u8; NONCE_LEN], [u8; 16]) = (golden.array("nonce"), golden.array("two_keys_tag"));
    let keys = [golden.key("key"), golden.key("two_keys_other")];
    let mut plaintexts = Vec::new();
    let commitments = keys.each_ref().map(|key| {
        let (cipher, commitment) = message_keys(key, &nonce, b"place");
        let mut body = golden.bytes("two_keys_ciphertext").to_vec();
        cipher
            .decrypt_inout_detached(&XNonce::from(nonce), b"place", body.as_mut_slice().into(), &Tag::from(tag))
            .expect("the cipher accepts both keys");
        plaintexts.push(body);
        commitment
    });
    assert_ne!(plaintexts[0], plaintexts[1]);
    for (i, commitment) in commitments.iter().enumerate() {
        let sealed = [&nonce[..], commitment, golden.bytes("two_keys_ciphertext"), &tag].concat();
        for (j, key) in keys.iter().enumerate() {
            assert_eq!(open_bytes(key, b"place", &sealed).is_ok(), i == j, "commitment {i}, key {j}");
        }
    }
}

#[test]
fn wrapped_keys() {
    let golden = Golden::read();
    let (key, inner, nonce) = (golden.key("key"), golden.key("inner_key"), golden.array("nonce"));
    let raw = RawKey::new(key);
    golden.holds("inner_key", raw.unwrap(golden.bytes("wrapped_raw"), b"here").unwrap().expose());
    let text = String::from_utf8(golden.bytes("passphrase").to_vec()).unwrap();
    let provider = Passphrase::with_cost(text, Argon2Cost::LEAST).unwrap();
    golden.holds("inner_key", provider.unwrap(golden.bytes("wrapped_passphrase"), b"here").unwrap().expose());
    golden.holds("wrapped_passphrase", &provider.wrap_at(&golden.array("salt"), &nonce, &inner, b"here").unwrap());
}

#[test]
fn keyrings() {
    let golden = Golden::read();
    let text = String::from_utf8(golden.bytes("passphrase").to_vec()).unwrap();
    let providers: [(&str, Box<dyn KeyProvider>); 2] = [
        ("keyring", Box::new(RawKey::new(golden.key("key")))),
        ("keyring_passphrase", Box::new(Passphrase::new(text).unwrap())),
    ];
    for (name, provider) in providers {
        let keyring = Keyring::open(golden.bytes(name), &*provider).unwrap();
        golden.holds(name, &keyring.encode());
        golden.holds("gallery_id", &keyring.gallery_id());
        golden.holds("keyring_records_key", keyring.derive(b"records").expose());
        assert_eq!(keyring.generation(), 2);
    }
}
