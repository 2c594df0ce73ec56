use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::*;
use crate::gallery::seal::error::KeyError;
use crate::gallery::seal::provider::{Argon2Cost, Passphrase, RawKey};

const ID: [u8; 16] = [7; 16];

fn raw(byte: u8) -> RawKey {
    RawKey::new(SecretKey::from_bytes(&[byte; 32]))
}

/// A key derived by a keyring.
fn derived(keyring: &Keyring) -> [u8; 32] {
    *keyring.derive(b"records").expose()
}

#[test]
fn it_comes_back() {
    let first = Keyring::create(&raw(1), ID).unwrap();
    for keyring in [first.next(&raw(1)).unwrap(), first] {
        let bytes = keyring.encode();
        let again = Keyring::open(&bytes, &raw(1)).unwrap();
        assert_eq!((again.gallery_id(), again.generation()), (ID, keyring.generation()));
        assert_eq!(derived(&again), derived(&keyring));
        assert_eq!(again.encode(), bytes);
    }
}

#[test]
fn every_changed_bit_and_every_cut_is_refused() {
    let bytes = Keyring::create(&raw(1), ID).unwrap().encode();
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(Keyring::open(&changed, &raw(1)).is_err(), "bit {bit}");
    }
    assert!((0..bytes.len()).all(|end| Keyring::open(&bytes[..end], &raw(1)).is_err()));
    assert!((1..bytes.len()).all(|start| Keyring::open(&bytes[start..], &raw(1)).is_err()));
    assert!(Keyring::open(&[&bytes[..], &[0]].concat(), &raw(1)).is_err());
    // The last bytes are the code alone: everything else matches.
    let mut changed = bytes;
    *changed.last_mut().unwrap() ^= 1;
    assert!(matches!(Keyring::open(&changed, &raw(1)), Err(KeyringError::NotAuthentic)));
}

#[test]
fn parts_of_two_keyrings_do_not_mix() {
    let (a, b) = (Keyring::create(&raw(1), ID).unwrap(), Keyring::create(&raw(1), ID).unwrap());
    let (bytes, other) = (a.encode(), b.encode());
    assert_eq!(bytes.len(), other.len());
    for cut in 30..bytes.len() - 1 {
        for (front, back) in [(&bytes, &other), (&other, &bytes)] {
            let mixed = [&front[..cut], &back[cut..]].concat();
            // At either end the two may be equal, and then nothing is mixed.
            let whole = mixed == bytes || mixed == other;
            assert_eq!(Keyring::open(&mixed, &raw(1)).is_ok(), whole, "mixed at {cut}");
        }
    }
    // A generation or a gallery cannot be mistaken for another.
    let other = Keyring::create(&raw(1), [8; 16]).unwrap().encode();
    assert!(Keyring::open(&[&other[..22], &bytes[22..]].concat(), &raw(1)).is_err());
    let next = a.next(&raw(1)).unwrap().encode();
    assert!(Keyring::open(&[&next[..26], &bytes[26..]].concat(), &raw(1)).is_err());
}

#[test]
fn mistakes_are_told_apart() {
    let bytes = Keyring::create(&raw(1), ID).unwrap().encode();
    let open = |bytes: &[u8]| Keyring::open(bytes, &raw(1)).unwrap_err();
    assert!(matches!(Keyring::open(&bytes, &raw(2)), Err(KeyringError::Key(KeyError::WrongKey))));
    let phrase = Passphrase::new("open sesame".to_owned()).unwrap();
    assert!(matches!(Keyring::open(&bytes, &phrase), Err(KeyringError::Key(KeyError::Malformed { .. }))));
    assert!(matches!(open(b"hello"), KeyringError::Malformed { offset: 0, .. }));
    assert!(matches!(open(b""), KeyringError::Malformed { offset: 0, .. }));
    let mut newer = bytes.clone();
    newer[5] = 2;
    assert!(matches!(open(&newer), KeyringError::NewerVersion { version: 2 }));
    assert!(matches!(open(&bytes[..60]), KeyringError::Malformed { .. }));
    assert!(matches!(open(&vec![0; MAX_KEYRING + 1]), KeyringError::TooLong { .. }));
}

#[test]
fn generations_share_nothing_but_the_gallery() {
    let first = Keyring::create(&raw(1), ID).unwrap();
    let second = first.next(&raw(2)).unwrap();
    assert_eq!((second.gallery_id(), second.generation()), (ID, 2));
    assert_ne!(derived(&first), derived(&second));
    let (old, new) = (first.encode(), second.encode());
    assert!(!new[26..].windows(16).any(|w| old[26..].windows(16).any(|o| o == w)));
    assert!(Keyring::open(&new, &raw(1)).is_err() && Keyring::open(&old, &raw(2)).is_err());
    // An old copy still opens with the old key, as the documentation says.
    assert_eq!(derived(&Keyring::open(&old, &raw(1)).unwrap()), derived(&first));
}

#[test]
fn another_passphrase_is_no_weaker() {
    let strong = Argon2Cost::new(65 << 10, 3, 1).unwrap();
    let old = Passphrase::with_cost("open sesame".to_owned(), strong).unwrap();
    let first = Keyring::create(&old, ID).unwrap();
    let next = first.next(&Passphrase::new("another passphrase".to_owned()).unwrap()).unwrap();
    let cost = Passphrase::cost_of(&next.wrapped).unwrap();
    assert!(cost.memory_kib() >= strong.memory_kib() && cost.passes() >= strong.passes());
}

#[test]
fn generations_end() {
    let mut keyring = Keyring::create(&raw(1), ID).unwrap();
    keyring.generation = u32::MAX;
    assert!(matches!(keyring.next(&raw(1)), Err(KeyringError::NoMoreGenerations)));
}

/// Returns `len` bytes, and fails at the call `fails_at`, counted from 0.
struct Service {
    len: usize,
    fails_at: usize,
    calls: AtomicUsize,
}

impl KeyProvider for Service {
    fn wrap(&self, key: &SecretKey, _: &[u8]) -> Result<Vec<u8>, KeyError> {
        if self.calls.fetch_add(1, Ordering::Relaxed) == self.fails_at {
            return Err(KeyError::Provider("the line is dead".into()));
        }
        Ok(key.expose().iter().copied().chain(std::iter::repeat(0)).take(self.len).collect())
    }

    fn unwrap(&self, wrapped: &[u8], _: &[u8]) -> Result<SecretKey, KeyError> {
        SecretKey::from_slice(&wrapped[..32]).ok_or(KeyError::WrongKey)
    }

    fn describe(&self) -> &'static str {
        "test"
    }
}

#[test]
fn a_failing_provider_is_told() {
    let service = |len, fails_at| Service { len, fails_at, calls: AtomicUsize::new(0) };
    let keyring = Keyring::create(&raw(1), ID).unwrap();
    let failed = keyring.next(&service(40, 0));
    assert!(matches!(failed, Err(KeyringError::Key(KeyError::Provider(_)))));
    let failed = keyring.next(&service(MAX_WRAPPED + 1, 9));
    assert!(matches!(failed, Err(KeyringError::WrappedTooLong { .. })));
    // The longest keyring there is.
    let longest = keyring.next(&service(MAX_WRAPPED, 9)).unwrap();
    let bytes = longest.encode();
    assert!(bytes.len() <= MAX_KEYRING && bytes.len() > MAX_WRAPPED);
    assert_eq!(derived(&Keyring::open(&bytes, &service(0, 9)).unwrap()), derived(&longest));
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Keyring::open(&bytes, &raw(1)).is_err());
        let claimed = [MAGIC, &KEYRING_VERSION.to_be_bytes(), &ID, &bytes].concat();
        prop_assert!(Keyring::open(&claimed, &raw(1)).is_err());
    }
}
