//! Cost of sealing bytes and of a passphrase. Cost of renewable templates: making codes and searching them.
//!
//! `cargo bench --bench protect` checks every result before timing it. `SELFSAME_BENCH_CODES=100000` sets the number
//! of people.

use std::hint::black_box;
use std::time::Instant;

use selfsame::gallery::seal::{KeyProvider, Passphrase, SecretKey, open_bytes, seal_bytes};
use selfsame::index::{Index, Search};
use selfsame::protect::{FaceProtector, FingerProtector, ProtectedFace, ProtectedFinger, ProtectionKey};
use selfsame::synth::{FaceGenerator, TemplateGenerator};
use selfsame::{Embedding, FingerTemplate, SubjectId};

const DIMENSION: usize = 512;
/// Searches that are timed.
const SEARCHES: usize = 20;

fn main() {
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let count = std::env::var("SELFSAME_BENCH_CODES").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    one.install(|| {
        parts();
        codes(count);
    });
}

fn id(n: usize) -> SubjectId {
    SubjectId::new(format!("person-{n:07}")).expect("a name")
}

/// Least seconds of some rounds.
fn least(rounds: usize, mut work: impl FnMut()) -> f64 {
    let round = |_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    (0..rounds).map(round).fold(f64::INFINITY, f64::min)
}

/// Times of the machine and of single operations.
fn parts() {
    let words = vec![1u64; (256 << 20) / 8];
    let read = least(5, || assert_ne!(black_box(&words).iter().fold(0u64, |a, b| a.wrapping_add(*b)), 0));
    println!("machine: reads {:.1} GB/s on one thread", 0.268 / read);
    let secret = SecretKey::from_bytes(&[2; 32]);
    let sealed = seal_bytes(&secret, b"bench", &[7; 1400]).expect("sealed");
    assert_eq!(*open_bytes(&secret, b"bench", &sealed).expect("opens"), [7; 1400]);
    let opening = least(2000, || drop(black_box(open_bytes(&secret, b"bench", &sealed))));
    let sealing = least(2000, || drop(black_box(seal_bytes(&secret, b"bench", &[7; 1400]))));
    println!("1400 bytes on their own: sealed in {:.1} us, opened in {:.1} us", 1e6 * sealing, 1e6 * opening);
    let passphrase = Passphrase::new("four words of passphrase".to_owned()).expect("a passphrase");
    let wrapped = passphrase.wrap(&secret, b"bench").expect("wrapped");
    let argon = least(3, || assert!(passphrase.unwrap(&wrapped, b"bench").is_ok()));
    println!("a passphrase (Argon2id, 64 MiB, 3 passes): {:.0} ms", 1e3 * argon);
}

/// Renewable templates: codes made and searched.
fn codes(count: usize) {
    let key = ProtectionKey::new(&SecretKey::from_bytes(&[3; 32]), 0);
    let protector = FaceProtector::new(&key, DIMENSION, DIMENSION).expect("settings");
    let people = FaceGenerator::new(1);
    let faces: Vec<Embedding> = (0..200).map(|n| people.embedding(n, 0)).collect();
    let making = least(20, || faces.iter().for_each(|f| drop(black_box(protector.protect(f))))) / faces.len() as f64;
    let mut index = Index::<ProtectedFace>::default();
    for n in 0..count {
        let code = protector.protect(&people.embedding(n as u64, 0)).expect("it fits");
        index.insert(id(n), &code).expect("inserted");
    }
    // The probe is the enrolled sample itself, to which no code is nearer; other samples are a matter of accuracy.
    let probe = protector.protect(&people.embedding(77, 0)).expect("it fits");
    let probe = index.prepare(&probe).expect("a probe");
    let found = || index.identify(&probe, &Search::top(1)).expect("searched");
    assert_eq!(found()[0].subject, id(77));
    let searching = least(SEARCHES, || drop(black_box(found())));
    println!(
        "faces as codes of {DIMENSION} bits: made in {:.1} us; 1:{count} in {:.2} ms, {:.0} M/s",
        1e6 * making,
        1e3 * searching,
        count as f64 / searching / 1e6
    );
    let protector = FingerProtector::new(&key);
    let people = TemplateGenerator::new(1);
    let templates: Vec<FingerTemplate> = (0..200).map(|n| people.reference(n)).collect();
    let making = least(5, || templates.iter().for_each(|t| drop(black_box(protector.protect(t))))) / 200.0;
    let mut index = Index::<ProtectedFinger>::default();
    let count = count.min(20_000);
    for n in 0..count {
        index.insert(id(n), &protector.protect(&people.reference(n as u64))).expect("inserted");
    }
    let probe = protector.probe(&people.reference(77));
    let probing = least(5, || templates.iter().take(20).for_each(|t| drop(black_box(protector.probe(t))))) / 20.0;
    let found = || index.identify(&probe, &Search::top(1)).expect("searched");
    assert_eq!(found()[0].subject, id(77));
    let searching = least(SEARCHES, || drop(black_box(found())));
    println!(
        "fingers as codes: made in {:.0} us, probes in {:.2} ms; 1:{count} in {:.1} ms, {:.2} M/s",
        1e6 * making,
        1e3 * probing,
        1e3 * searching,
        count as f64 / searching / 1e6
    );
}
