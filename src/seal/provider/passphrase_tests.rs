use std::time::{Duration, Instant};

use argon2::{AssociatedData, ParamsBuilder};
use proptest::prelude::*;

use super::super::super::testing::hex;
use super::*;

fn cheap(text: &str) -> Passphrase {
    Passphrase::with_cost(text.to_owned(), Argon2Cost::LEAST).unwrap()
}

#[test]
fn argon2id_is_that_of_rfc_9106() {
    // Section 5.3.
    let params = ParamsBuilder::new()
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .data(AssociatedData::new(&[4; 12]).unwrap())
        .output_len(32)
        .build()
        .unwrap();
    let argon2 = Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params.clone()).unwrap();
    let (mut tag, mut memory) = ([0; 32], vec![Block::new(); params.block_count()]);
    argon2.hash_password_into_with_memory(&[1; 32], &[2; 16], &mut tag, &mut memory).unwrap();
    assert_eq!(hex(&tag), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

#[test]
fn every_changed_bit_is_refused_even_by_the_right_key() {
    let provider = cheap("open sesame");
    let key = SecretKey::from_bytes(&[2; 32]);
    let wrapped = provider.wrap(&key, b"here").unwrap();
    assert_eq!(wrapped.len(), 137);
    let envelope = Envelope::read(&wrapped).unwrap();
    let outer = provider.key(envelope.cost, &envelope.salt).unwrap();
    assert_eq!(envelope.open(&outer, b"here").unwrap().expose(), key.expose());
    assert!(matches!(envelope.open(&outer, b"there"), Err(KeyError::WrongKey)));
    // The outer key is given, so this is not Argon2id giving another one: the head itself is bound.
    for bit in 0..wrapped.len() * 8 {
        let mut changed = wrapped.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let error = Envelope::read(&changed).and_then(|e| e.open(&outer, b"here")).unwrap_err();
        let expected = match bit / 8 {
            0..4 => matches!(error, KeyError::Malformed { .. }),
            4 => matches!(error, KeyError::NewerVersion { .. }),
            5..17 => matches!(error, KeyError::OutOfBounds { .. } | KeyError::WrongKey),
            _ => matches!(error, KeyError::WrongKey),
        };
        assert!(expected, "bit {bit}: {error:?}");
    }
    for end in 0..wrapped.len() {
        assert!(matches!(Envelope::read(&wrapped[..end]), Err(KeyError::Malformed { .. })), "cut at {end}");
    }
    assert!(Envelope::read(&[&wrapped[..], &[0]].concat()).is_err());
}

#[test]
fn the_passphrase_decides() {
    let key = SecretKey::from_bytes(&[2; 32]);
    let wrapped = cheap("open sesame").wrap(&key, b"here").unwrap();
    // What it costs stands in the wrapped key, whatever the provider wraps at.
    let again = Passphrase::new("open sesame".to_owned()).unwrap();
    assert_eq!(again.unwrap(&wrapped, b"here").unwrap().expose(), key.expose());
    for wrong in ["Open sesame", "open sesame ", "open sesam"] {
        assert!(matches!(cheap(wrong).unwrap(&wrapped, b"here"), Err(KeyError::WrongKey)));
    }
    let mut salted = wrapped.clone();
    salted[20] ^= 1;
    assert!(matches!(again.unwrap(&salted, b"here"), Err(KeyError::WrongKey)));
    assert_ne!(cheap("open sesame").wrap(&key, b"here").unwrap()[17..33], wrapped[17..33], "the salt is new each time");
    assert!(matches!(Passphrase::new(String::new()), Err(KeyError::EmptyPassphrase)));
}

#[test]
fn the_usual_cost_is_that_of_the_recommendation() {
    let key = SecretKey::from_bytes(&[2; 32]);
    let provider = Passphrase::new("open sesame".to_owned()).unwrap();
    let wrapped = provider.wrap(&key, b"").unwrap();
    assert_eq!(wrapped[5..17], [0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4]);
    assert_eq!(provider.unwrap(&wrapped, b"").unwrap().expose(), key.expose());
}

#[test]
fn costs_out_of_bounds_are_refused_before_any_work() {
    let wrapped = cheap("open sesame").wrap(&SecretKey::from_bytes(&[2; 32]), b"").unwrap();
    let begun = Instant::now();
    let refused = |at: usize, value: u32, name: &str| {
        let mut changed = wrapped.clone();
        changed[at..at + 4].copy_from_slice(&value.to_be_bytes());
        match cheap("open sesame").unwrap(&changed, b"").unwrap_err() {
            KeyError::OutOfBounds { what, value: told, .. } => assert_eq!((what, told), (name, value)),
            error => panic!("{error:?}"),
        }
    };
    for _ in 0..100 {
        for value in [0, 1, 8, (19 << 10) - 1, (1 << 20) + 1, u32::MAX] {
            refused(5, value, "memory, KiB");
        }
        for value in [0, 1, 17, 1 << 20, u32::MAX] {
            refused(9, value, "passes");
        }
        for value in [0, 17, 1 << 24, u32::MAX] {
            refused(13, value, "lanes");
        }
    }
    // 1500 refusals; one pass of work alone takes some 10 ms.
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(Argon2Cost::new(19 << 10, 2, 1).is_ok_and(|cost| cost == Argon2Cost::LEAST));
    assert!(Argon2Cost::new(1 << 20, 16, 16).is_ok());
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200), numbers: [u32; 3]) {
        prop_assert!(Envelope::read(&bytes).is_err());
        let claimed = [MAGIC, &[WRAPPED_VERSION], numbers.map(u32::to_be_bytes).as_flattened(), &bytes].concat();
        if let Ok(envelope) = Envelope::read(&claimed) {
            prop_assert!((19 << 10..=1 << 20).contains(&envelope.cost.memory_kib));
            prop_assert!(envelope.open(&SecretKey::from_bytes(&[1; 32]), b"").is_err());
        }
    }
}
