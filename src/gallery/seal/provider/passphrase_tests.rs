use std::time::{Duration, Instant};

use argon2::{AssociatedData, ParamsBuilder};
use proptest::prelude::*;

use super::*;
use crate::gallery::seal::testing::hex;

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
    // The outer key is given, so the difference does not come from Argon2id: the header itself is bound.
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
    // The cost is in the wrapped key, whatever cost the provider wraps at.
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
    // There are 1500 refusals; one pass of work alone takes some 10 ms.
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    assert!(Argon2Cost::new(19 << 10, 2, 1).is_ok_and(|cost| cost == Argon2Cost::LEAST));
    assert!(Argon2Cost::new(1 << 20, 16, 16).is_ok());
}

fn cost(memory_kib: u32, passes: u32) -> Argon2Cost {
    Argon2Cost::new(memory_kib, passes, 4).unwrap()
}

fn usual(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned()).unwrap()
}

fn key() -> SecretKey {
    SecretKey::from_bytes(&[2; 32])
}

/// A wrapped key that demands `cost`, made without the work; it does not open.
fn asking(cost: Argon2Cost) -> Vec<u8> {
    [head(cost, &[1; SALT_LEN]), vec![0; 137 - 33]].concat()
}

#[test]
fn a_file_cannot_make_opening_dear_before_any_work() {
    let refused = |provider: &Passphrase, asked: Argon2Cost| {
        let begun = Instant::now();
        let error = provider.unwrap(&asking(asked), b"").unwrap_err();
        // The cheapest of these takes longer.
        assert!(begun.elapsed() < Duration::from_millis(50), "{:?}", begun.elapsed());
        match error {
            KeyError::TooExpensive { memory_kib, passes, most_memory_kib, most_work } => {
                assert_eq!((memory_kib, passes), (asked.memory_kib, asked.passes));
                assert!(error.to_string().contains("Passphrase::accept_cost_up_to"), "{error}");
                (most_memory_kib, most_work)
            }
            error => panic!("{error:?}"),
        }
    };
    let default = (128 << 10, 384 << 10);
    let provider = usual("open sesame");
    for asked in
        [cost(1 << 20, 16), cost((128 << 10) + 1, 2), cost(128 << 10, 4), cost(64 << 10, 7), cost(25 << 10, 16)]
    {
        assert_eq!(refused(&provider, asked), default);
        assert_eq!(refused(&cheap("open sesame"), asked), default);
    }
    // Up to the limit it is tried; then it does not open because it is not authentic.
    for asked in [cost(128 << 10, 3), cost(24 << 10, 16)] {
        assert!(matches!(provider.unwrap(&asking(asked), b""), Err(KeyError::WrongKey)));
    }
    // A more expensive provider accepts twice its own cost, and what the caller allows.
    let dear = usual("open sesame").at_cost(cost(256 << 10, 4));
    assert_eq!(refused(&dear, cost(1 << 20, 3)), (512 << 10, 2 << 20));
    let told = usual("open sesame").accept_cost_up_to(cost(200 << 10, 2));
    assert_eq!(refused(&told, cost(200 << 10, 3)), (200 << 10, 400 << 10));
    assert!(matches!(told.unwrap(&asking(cost(200 << 10, 2)), b""), Err(KeyError::WrongKey)));
    assert_eq!(refused(&usual("open sesame").accept_cost_up_to(Argon2Cost::LEAST), cost(1 << 20, 2)), default);
}

#[test]
fn what_was_opened_is_not_wrapped_weaker() {
    let strong = cost(96 << 10, 3);
    let wrapped = usual("open sesame").at_cost(strong).wrap(&key(), b"here").unwrap();
    let provider = usual("open sesame");
    // A key that does not open has no influence.
    assert!(provider.unwrap(&wrapped, b"there").is_err());
    assert!(provider.unwrap(&asking(cost(100 << 10, 3)), b"here").is_err());
    let cost_again = |provider: &Passphrase| Passphrase::cost_of(&provider.wrap(&key(), b"here").unwrap());
    assert_eq!(cost_again(&provider), Some(Argon2Cost::default()));
    assert_eq!(provider.unwrap(&wrapped, b"here").unwrap().expose(), key().expose());
    assert_eq!(cost_again(&provider), Some(strong));
    // A weaker one later changes nothing, and a given cost stays.
    provider.unwrap(&cheap("open sesame").wrap(&key(), b"here").unwrap(), b"here").unwrap();
    assert_eq!(cost_again(&provider), Some(strong));
    let given = cheap("open sesame");
    given.unwrap(&wrapped, b"here").unwrap();
    assert_eq!(cost_again(&given), Some(Argon2Cost::LEAST));
    assert_eq!(cost_again(&usual("another passphrase").at_least(strong)), Some(strong));
    assert_eq!(cost_again(&usual("another passphrase").at_least(Argon2Cost::LEAST)), Some(Argon2Cost::default()));
}

#[test]
fn another_passphrase_is_not_weaker_than_the_one_it_replaces() {
    let strong = cost(96 << 10, 3);
    let again = |provider: &Passphrase, previous: &[u8]| {
        let wrapped = provider.wrap_like(&key(), b"here", previous)?;
        assert_eq!(provider.unwrap(&wrapped, b"here")?.expose(), key().expose());
        Ok::<_, KeyError>(Passphrase::cost_of(&wrapped).unwrap())
    };
    assert_eq!(again(&usual("another passphrase"), &asking(strong)).unwrap(), strong);
    assert_eq!(again(&usual("another passphrase"), &asking(Argon2Cost::LEAST)).unwrap(), Argon2Cost::default());
    assert_eq!(again(&cheap("another passphrase"), &asking(strong)).unwrap(), Argon2Cost::LEAST);
    // A key wrapped by another provider has no cost.
    assert_eq!(again(&usual("another passphrase"), b"SSKF and more").unwrap(), Argon2Cost::default());
    // A cost above what the provider would open again is refused before it locks anyone out.
    let dear = cost(160 << 10, 2);
    assert!(matches!(again(&usual("another passphrase"), &asking(dear)), Err(KeyError::TooExpensive { .. })));
    let told = usual("another passphrase").accept_cost_up_to(dear);
    let both = again(&told, &asking(dear)).unwrap();
    assert_eq!(both, dear);
}

#[test]
fn costs_are_joined_within_the_limit() {
    let limit = Limit::above(Argon2Cost::default());
    let mut joined = 0;
    for (a, b) in [(100, 3), (19, 16), (24, 16), (23, 15), (128, 3), (90, 4), (64, 6), (127, 2), (30, 12)]
        .into_iter()
        .flat_map(|a| [(19, 2), (24, 16), (64, 3), (100, 3), (128, 2), (128, 3), (22, 16)].map(|b| (a, b)))
    {
        let [a, b] = [a, b].map(|(mib, passes)| cost(mib << 10, passes));
        assert!(limit.admits(a) && limit.admits(b));
        let both = a.and(b, limit);
        assert!(both.is_at_least(a) && both.is_at_least(b) && limit.admits(both), "{a:?} {b:?} {both:?}");
        assert_eq!(b.and(a, limit), both);
        joined += usize::from(both != a && both != b);
    }
    assert!(joined > 10, "{joined}");
    // The same holds at the outermost bounds.
    let (wide, long) = (cost(1 << 20, 2), cost(512 << 10, 16));
    let both = wide.and(long, Limit { memory_kib: u32::MAX, work: u64::MAX });
    assert!(both.is_at_least(wide) && both.is_at_least(long));
}

#[test]
fn one_passphrase_opens_however_it_was_typed() {
    let made = cheap("cr\u{e8}me br\u{fb}l\u{e9}e \u{d55c}\u{ae00}");
    let wrapped = made.wrap(&key(), b"here").unwrap();
    for same in [
        "cre\u{300}me bru\u{302}le\u{301}e \u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}",
        "\u{feff}cr\u{e8}me\u{a0}br\u{fb}l\u{e9}e\u{3000}\u{d55c}\u{ae00}",
    ] {
        assert!(cheap(same).unwrap(&wrapped, b"here").is_ok(), "{}", same.escape_unicode());
    }
    for other in [
        "creme brulee \u{d55c}\u{ae00}",
        "Cr\u{e8}me br\u{fb}l\u{e9}e \u{d55c}\u{ae00}",
        "cr\u{e8}me  br\u{fb}l\u{e9}e \u{d55c}\u{ae00}",
    ] {
        assert!(matches!(cheap(other).unwrap(&wrapped, b"here"), Err(KeyError::WrongKey)));
    }
    // A ligature differs from its letters, as in every system that compares by NFC.
    let fish = cheap("the fish is fresh").wrap(&key(), b"here").unwrap();
    assert!(matches!(cheap("the \u{fb01}sh is fresh").unwrap(&fish, b"here"), Err(KeyError::WrongKey)));
}

#[test]
fn a_passphrase_of_few_letters_is_refused_unless_it_is_meant() {
    // There are seven letters however they are written: composition counts, not bytes or a byte order mark.
    for short in [
        "a",
        "1234567",
        "\u{feff}1234567",
        "e\u{301}e\u{301}e\u{301}e\u{301}567",
        "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}",
    ] {
        let error = Passphrase::new(short.to_owned()).unwrap_err();
        assert!(matches!(error, KeyError::ShortPassphrase { characters: 1..=7, least: 8 }), "{error:?}");
        assert!(error.to_string().contains("Passphrase::of_any_length"));
        assert!(Passphrase::with_cost(short.to_owned(), Argon2Cost::LEAST).is_err());
        assert!(Passphrase::of_any_length(short.to_owned()).is_ok());
    }
    for long in ["12345678", "\u{e9}\u{e9}\u{e9}\u{e9}5678", "\u{1f600}2345678"] {
        assert!(Passphrase::new(long.to_owned()).is_ok());
    }
    let forced = || Passphrase::of_any_length("1234".to_owned()).unwrap().at_cost(Argon2Cost::LEAST);
    let wrapped = forced().wrap(&key(), b"here").unwrap();
    assert!(forced().unwrap(&wrapped, b"here").is_ok());
    for empty in ["", "\u{feff}"] {
        assert!(matches!(Passphrase::of_any_length(empty.to_owned()), Err(KeyError::EmptyPassphrase)));
    }
    let error = Passphrase::new("open\nsesame".to_owned()).unwrap_err();
    assert_eq!(error.to_string(), "a passphrase must not contain a control character (character 5)");
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
