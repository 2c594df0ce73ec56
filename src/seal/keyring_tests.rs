use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;

use super::super::provider::{Argon2Cost, Passphrase, RawKey};
use super::*;

const ID: [u8; 16] = [7; 16];

fn raw(byte: u8) -> RawKey {
    RawKey::new(SecretKey::from_bytes(&[byte; 32]))
}

fn rotating() -> Keyring {
    let mut keyring = Keyring::create(&raw(1), ID).unwrap();
    keyring.begin_epoch(&raw(1)).unwrap();
    keyring
}

/// All keys that a keyring gives.
fn keys(keyring: &Keyring) -> Vec<[u8; 32]> {
    let mut keys = vec![*keyring.tag_key().expose(), *keyring.log_key().expose(), *keyring.manifest_key().expose()];
    for epoch in [Some(keyring.epoch()), keyring.previous_epoch()].into_iter().flatten() {
        keys.push(*keyring.record_key(epoch).unwrap().expose());
        keys.push(*keyring.manifest_key_of(epoch).unwrap().expose());
    }
    keys
}

#[test]
fn it_comes_back() {
    for keyring in [Keyring::create(&raw(1), ID).unwrap(), rotating()] {
        let bytes = keyring.encode();
        let again = Keyring::open(&bytes, &raw(1)).unwrap();
        assert_eq!((again.gallery_id(), again.epoch()), (ID, keyring.epoch()));
        assert_eq!(again.previous_epoch(), keyring.previous_epoch());
        assert_eq!(keys(&again), keys(&keyring));
        assert_eq!(again.encode(), bytes);
    }
}

#[test]
fn every_changed_bit_and_every_cut_is_refused() {
    for keyring in [Keyring::create(&raw(1), ID).unwrap(), rotating()] {
        let bytes = keyring.encode();
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(Keyring::open(&changed, &raw(1)).is_err(), "bit {bit}");
        }
        assert!((0..bytes.len()).all(|end| Keyring::open(&bytes[..end], &raw(1)).is_err()));
        assert!((1..bytes.len()).all(|start| Keyring::open(&bytes[start..], &raw(1)).is_err()));
        assert!(Keyring::open(&[&bytes[..], &[0]].concat(), &raw(1)).is_err());
        // The last bytes are the code alone: everything else fits.
        let mut changed = bytes.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(matches!(Keyring::open(&changed, &raw(1)), Err(KeyringError::NotAuthentic)));
    }
}

#[test]
fn parts_of_two_keyrings_do_not_mix() {
    let (a, b) = (Keyring::create(&raw(1), ID).unwrap(), Keyring::create(&raw(1), ID).unwrap());
    let (bytes, other) = (a.encode(), b.encode());
    assert_eq!(bytes.len(), other.len());
    for cut in 30..bytes.len() - 1 {
        for (front, back) in [(&bytes, &other), (&other, &bytes)] {
            let mixed = [&front[..cut], &back[cut..]].concat();
            // At either end the two may agree, and then nothing is mixed.
            let whole = mixed == bytes || mixed == other;
            assert_eq!(Keyring::open(&mixed, &raw(1)).is_ok(), whole, "mixed at {cut}");
        }
    }
    // The current epoch's entry cannot be taken for another's, nor a gallery's for another's.
    let other = Keyring::create(&raw(1), [8; 16]).unwrap().encode();
    assert!(Keyring::open(&[&other[..22], &bytes[22..]].concat(), &raw(1)).is_err());
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
fn a_new_passphrase_keeps_the_keys() {
    for mut keyring in [Keyring::create(&raw(1), ID).unwrap(), rotating()] {
        let (before, old) = (keys(&keyring), keyring.encode());
        let phrase = Passphrase::with_cost("open sesame".to_owned(), Argon2Cost::LEAST).unwrap();
        keyring.rewrap(&phrase).unwrap();
        assert_eq!(keys(&keyring), before);
        let again = Keyring::open(&keyring.encode(), &phrase).unwrap();
        assert_eq!(keys(&again), before);
        assert!(Keyring::open(&keyring.encode(), &raw(1)).is_err());
        // An old copy still opens with the old key: that is what the documentation says.
        assert_eq!(keys(&Keyring::open(&old, &raw(1)).unwrap()), before);
    }
}

#[test]
fn a_rotation_changes_record_keys_and_keeps_tags() {
    let mut keyring = Keyring::create(&raw(1), ID).unwrap();
    let (tag, log) = (*keyring.tag_key().expose(), *keyring.log_key().expose());
    let (record, manifest) = (*keyring.record_key(1).unwrap().expose(), *keyring.manifest_key().expose());
    assert!(matches!(keyring.finish_epoch(), Err(KeyringError::NotRotating)));
    keyring.begin_epoch(&raw(1)).unwrap();
    assert!(matches!(keyring.begin_epoch(&raw(1)), Err(KeyringError::Rotating)));
    // As after a crash: from here on only what was saved.
    let mut keyring = Keyring::open(&keyring.encode(), &raw(1)).unwrap();
    assert_eq!((keyring.epoch(), keyring.previous_epoch()), (2, Some(1)));
    assert_eq!(keyring.record_key(1).unwrap().expose(), &record);
    assert_ne!(keyring.record_key(2).unwrap().expose(), &record);
    assert_eq!(keyring.manifest_key_of(1).unwrap().expose(), &manifest);
    assert_ne!(keyring.manifest_key().expose(), &manifest);
    keyring.finish_epoch().unwrap();
    let keyring = Keyring::open(&keyring.encode(), &raw(1)).unwrap();
    assert!(matches!(keyring.record_key(1), Err(KeyringError::NoSuchEpoch { epoch: 1 })));
    assert!(matches!(keyring.manifest_key_of(3), Err(KeyringError::NoSuchEpoch { epoch: 3 })));
    assert_eq!((keyring.tag_key().expose(), keyring.log_key().expose()), (&tag, &log));
    assert_eq!((keyring.epoch(), keyring.previous_epoch()), (2, None));
}

#[test]
fn the_old_master_key_is_gone_after_a_rotation() {
    let mut keyring = Keyring::create(&raw(1), ID).unwrap();
    let old = keyring.current.wrapped.clone();
    let holds = |bytes: &[u8]| bytes.windows(16).any(|w| old.windows(16).any(|o| o == w));
    assert!(holds(&keyring.encode()));
    keyring.begin_epoch(&raw(1)).unwrap();
    assert!(holds(&keyring.encode()));
    keyring.finish_epoch().unwrap();
    assert!(!holds(&keyring.encode()));
}

#[test]
fn a_rotation_needs_the_provider_that_opens_the_keyring() {
    let mut keyring = Keyring::create(&raw(1), ID).unwrap();
    let before = keyring.encode();
    assert!(matches!(keyring.begin_epoch(&raw(2)), Err(KeyringError::Key(KeyError::WrongKey))));
    assert_eq!(keyring.encode(), before);
}

#[test]
fn epochs_end() {
    let mut keyring = Keyring::create(&raw(1), ID).unwrap();
    keyring.current.number = u32::MAX;
    keyring.current.wrapped = wrap(&keyring.current.master, u32::MAX, &ID, &raw(1)).unwrap();
    assert!(matches!(keyring.begin_epoch(&raw(1)), Err(KeyringError::NoMoreEpochs)));
}

/// Gives `len` bytes, and fails at the call `fails_at`, counted from 0.
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
fn a_failing_provider_changes_nothing() {
    let service = |len, fails_at| Service { len, fails_at, calls: AtomicUsize::new(0) };
    let mut keyring = rotating();
    let before = keyring.encode();
    for fails_at in [0, 1] {
        let failed = keyring.rewrap(&service(40, fails_at));
        assert!(matches!(failed, Err(KeyringError::Key(KeyError::Provider(_)))));
        assert_eq!(keyring.encode(), before);
    }
    let failed = keyring.rewrap(&service(MAX_WRAPPED + 1, 9));
    assert!(matches!(failed, Err(KeyringError::WrappedTooLong { .. })));
    assert_eq!(keyring.encode(), before);
    // The longest keyring there is.
    keyring.rewrap(&service(MAX_WRAPPED, 9)).unwrap();
    let bytes = keyring.encode();
    assert!(bytes.len() <= MAX_KEYRING && bytes.len() > 2 * MAX_WRAPPED);
    assert_eq!(keys(&Keyring::open(&bytes, &service(0, 9)).unwrap()), keys(&keyring));
}

#[test]
fn files_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gallery.keys");
    let mut keyring = Keyring::create(&raw(1), ID).unwrap();
    for _ in 0..3 {
        keyring.save(&path).unwrap();
        let again = Keyring::open(&Keyring::load(&path).unwrap(), &raw(1)).unwrap();
        assert_eq!(keys(&again), keys(&keyring));
        keyring.begin_epoch(&raw(1)).unwrap();
        keyring.save(&path).unwrap();
        assert_eq!(keys(&Keyring::open(&Keyring::load(&path).unwrap(), &raw(1)).unwrap()), keys(&keyring));
        keyring.finish_epoch().unwrap();
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    fs::write(&path, vec![0; 1 << 20]).unwrap();
    assert!(matches!(Keyring::load(&path), Err(KeyringError::TooLong { .. })));
    assert!(matches!(Keyring::load(folder.path().join("none")), Err(KeyringError::Io(_))));
    assert!(matches!(Keyring::load(folder.path()), Err(KeyringError::Io(_))));
    assert!(matches!(keyring.save(folder.path().join("none/keys")), Err(KeyringError::Io(_))));
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Keyring::open(&bytes, &raw(1)).is_err());
        let claimed = [MAGIC, &KEYRING_VERSION.to_be_bytes(), &ID, &bytes].concat();
        prop_assert!(Keyring::open(&claimed, &raw(1)).is_err());
    }
}
