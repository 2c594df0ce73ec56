//! What sealing and keys promise from outside: nothing secret in any text or file, keys from the environment.
#![cfg(feature = "gallery")]

use std::error::Error;
use std::fmt::Debug;
use std::fs;
use std::process::Command;

use selfsame::gallery::seal::{
    Argon2Cost, EnvironmentKey, KeyError, KeyFile, KeyProvider, Keyring, KeyringError, Passphrase, RawKey, SealError,
    SecretKey, open_bytes, seal_bytes,
};

/// A secret of 32 bytes that is easily found.
const CANARY: &[u8; 32] = b"canary-in-a-cage-sings-all-day-!";

/// Whether bytes or text hold eight bytes of the canary in a row: as they are, hexadecimal, or as a list of numbers.
fn sings(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let spelt = |part: &[u8], separator: &str, f: &dyn Fn(u8) -> String| {
        part.iter().map(|&b| f(b)).collect::<Vec<_>>().join(separator)
    };
    CANARY.windows(8).any(|part| {
        bytes.windows(8).any(|w| w == part)
            || text.contains(&spelt(part, "", &|b| format!("{b:02x}")))
            || text.contains(&spelt(part, ", ", &|b| format!("{b}")))
            || text.contains(&spelt(part, ", ", &|b| format!("{b:#04x}")))
    })
}

fn texts(value: &dyn Debug) -> String {
    // Lines of the long form are joined, so that a list of numbers is found in it too.
    format!("{value:?} {}", format!("{value:#?}").split_whitespace().collect::<Vec<_>>().join(" "))
}

fn error_texts(error: &dyn Error) -> String {
    let mut text = texts(&error) + &error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text += &(texts(&inner) + &inner.to_string());
        source = inner.source();
    }
    text
}

#[test]
fn the_canary_is_heard() {
    assert!(sings(CANARY) && sings(&[&[0; 3][..], &CANARY[5..14]].concat()));
    assert!(sings(texts(&CANARY).as_bytes()) && sings(texts(&&CANARY[20..]).as_bytes()));
    let hex: String = CANARY.iter().map(|b| format!("{b:02X}")).collect();
    assert!(sings(hex.as_bytes()) && !sings(b"canary") && !sings(&[0; 100]));
}

#[test]
fn nothing_secret_is_in_any_text() {
    let key = || SecretKey::from_bytes(CANARY);
    let phrase = || Passphrase::with_cost(String::from_utf8(CANARY.to_vec()).unwrap(), Argon2Cost::LEAST).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    KeyFile::create(&file).unwrap();
    fs::write(&file, CANARY).unwrap();
    let key_file = KeyFile::open(&file).unwrap();
    let keyring = Keyring::create(&key_file, [1; 16]).unwrap();
    let opened = open_bytes(&key(), b"", &seal_bytes(&key(), b"", CANARY).unwrap()).unwrap();
    let shown: [&dyn Debug; 7] =
        [&key(), &RawKey::new(key()), &phrase(), &key_file, &keyring, &opened, &key().derive(b"a", b"b")];
    for value in shown {
        assert!(!sings(texts(value).as_bytes()), "{value:?}");
    }

    let sealed = seal_bytes(&key(), b"place", CANARY).unwrap();
    let wrapped = phrase().wrap(&key(), CANARY).unwrap();
    let mut weak = wrapped.clone();
    weak[5..9].fill(0);
    let mut errors: Vec<Box<dyn Error>> = vec![
        Box::new(open_bytes(&key(), b"elsewhere", &sealed).unwrap_err()),
        Box::new(open_bytes(&key(), b"place", CANARY).unwrap_err()),
        Box::new(SecretKey::from_slice(&CANARY[1..]).ok_or(SealError::NotAuthentic).unwrap_err()),
        Box::new(phrase().unwrap(&wrapped, b"elsewhere").unwrap_err()),
        Box::new(phrase().unwrap(&weak, CANARY).unwrap_err()),
        Box::new(phrase().unwrap(CANARY, CANARY).unwrap_err()),
        Box::new(RawKey::new(key()).unwrap(&wrapped, b"").unwrap_err()),
        Box::new(Keyring::open(&keyring.encode(), &RawKey::new(SecretKey::random().unwrap())).unwrap_err()),
        Box::new(Keyring::open(CANARY, &key_file).unwrap_err()),
        Box::new(Keyring::open(&keyring.encode()[..50], &key_file).unwrap_err()),
        Box::new(EnvironmentKey::read("SELFSAME_NO_SUCH_VARIABLE").unwrap_err()),
    ];
    fs::write(&file, [&CANARY[..], CANARY].concat()).unwrap();
    errors.push(Box::new(KeyFile::open(&file).unwrap_err()));
    errors.push(Box::new(KeyFile::create(&file).unwrap_err()));
    for error in errors {
        assert!(!sings(error_texts(&*error).as_bytes()), "{error:?}");
    }
}

#[test]
fn nothing_secret_is_in_any_sealed_byte() {
    let key = || SecretKey::from_bytes(CANARY);
    let id = std::str::from_utf8(CANARY).unwrap();
    let keyring = Keyring::create(&RawKey::new(key()), [1; 16]).unwrap();
    let next = keyring.next(&RawKey::new(key())).unwrap();
    let phrase = Passphrase::with_cost(id.to_owned(), Argon2Cost::LEAST).unwrap();
    let made = [
        seal_bytes(&key(), b"place", CANARY).unwrap(),
        phrase.wrap(&key(), CANARY).unwrap(),
        keyring.encode(),
        next.encode(),
    ];
    for bytes in made {
        assert!(!sings(&bytes), "{} bytes", bytes.len());
    }
}

/// Variables cannot be set safely in a test's own process, so this test starts itself again with them set.
#[test]
fn a_key_comes_from_the_environment() {
    const NAME: &str = "SELFSAME_TEST_KEY";
    const WRAPPED: &str = "SELFSAME_TEST_WRAPPED";
    let secret = SecretKey::from_bytes(&[7; 32]);
    if let Ok(path) = std::env::var(WRAPPED) {
        let provider = EnvironmentKey::read(NAME).unwrap();
        let key = provider.unwrap(&fs::read(path).unwrap(), b"here").unwrap();
        assert_eq!(key.expose(), secret.expose());
        println!("unwrapped with the {}", provider.describe());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wrapped");
    fs::write(&path, RawKey::new(SecretKey::from_bytes(CANARY)).wrap(&secret, b"here").unwrap()).unwrap();
    let run = |value: &str| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "a_key_comes_from_the_environment", "--nocapture"]);
        command.env(NAME, value).env(WRAPPED, &path).output().unwrap()
    };
    let hex: String = CANARY.iter().map(|b| format!("{b:02x}")).collect();
    let right = run(&hex);
    assert!(right.status.success());
    assert!(String::from_utf8_lossy(&right.stdout).contains("unwrapped with the environment variable"));
    let wrong = [hex.replace('c', "d"), hex[2..].to_owned()].map(|value| run(&value));
    for output in wrong {
        assert!(!output.status.success());
        // A panic message of a caller who unwraps the error shows no key either.
        assert!(!sings(&output.stdout) && !sings(&output.stderr));
        assert!(!String::from_utf8_lossy(&output.stderr).contains(&hex[4..60]));
    }
    assert!(matches!(EnvironmentKey::read(NAME), Err(KeyError::NotSet { name }) if name == NAME));
}

#[test]
fn a_wrong_kind_of_provider_is_told() {
    let raw = RawKey::new(SecretKey::from_bytes(CANARY));
    let keyring = Keyring::create(&raw, [1; 16]).unwrap();
    let phrase = Passphrase::new("open sesame".to_owned()).unwrap();
    let error = Keyring::open(&keyring.encode(), &phrase).unwrap_err();
    assert!(matches!(&error, KeyringError::Key(KeyError::Malformed { .. })));
    assert_eq!(error.to_string(), "malformed: not wrapped with a passphrase");
}
