//! Cost of sealing: opening and checking a gallery, a durable enrollment, and a search compared with the unsealed
//! index. Cost of renewable templates: making codes and searching them.
//!
//! `cargo bench --bench protect` checks every result before timing it. `SELFSAME_BENCH_SEALED=100000` sets the number
//! of people, and `SELFSAME_BENCH_DIR` the folder, whose disk the enrollment waits for.

use std::hint::black_box;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use selfsame::face::compare::Form;
use selfsame::face::embedding::FaceModel;
use selfsame::gallery::seal::{KeyProvider, Passphrase, RawKey, SecretKey, open_bytes, seal_bytes};
use selfsame::gallery::{BatchOptions, Gallery, GallerySearch, LogPolicy, Samples};
use selfsame::index::{Index, Search};
use selfsame::protect::{FaceProtector, FingerProtector, ProtectedFace, ProtectedFinger, ProtectionKey};
use selfsame::synth::{FaceGenerator, TemplateGenerator};
use selfsame::{Cosine, Embedding, Extractor, Face, Finger, FingerPosition, FingerTemplate, Fmr, SubjectId};

const DIMENSION: usize = 512;
/// Enrollments that are timed.
const ENROLLMENTS: usize = 300;
/// Searches that are timed.
const SEARCHES: usize = 20;

fn main() {
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let count = std::env::var("SELFSAME_BENCH_SEALED").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let folder = match std::env::var_os("SELFSAME_BENCH_DIR") {
        Some(path) => tempfile::tempdir_in(path),
        None => tempfile::tempdir(),
    }
    .expect("a folder");
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    one.install(|| {
        parts(folder.path());
        codes(count);
        faces(&folder.path().join("faces"), count);
        fingers(&folder.path().join("fingers"), count);
        enrollments(folder.path());
    });
}

fn key() -> Arc<dyn KeyProvider> {
    Arc::new(RawKey::new(SecretKey::from_bytes(&[1; 32])))
}

fn id(n: usize) -> SubjectId {
    SubjectId::new(format!("person-{n:07}")).expect("a name")
}

fn model() -> FaceModel {
    FaceModel::new("bench", "1", DIMENSION).expect("a model")
}

fn calibration() -> selfsame::face::compare::CosineCalibration {
    let rows = [(1e-2, 0.182), (1e-3, 0.246), (1e-4, 0.308), (1e-5, 0.370)];
    let rows = rows.map(|(fmr, cosine)| (Fmr::new(fmr).expect("a rate"), Cosine::new(cosine).expect("a cosine")));
    selfsame::face::compare::CosineCalibration::from_table(&rows).expect("a table")
}

/// CPU seconds of this thread, if the system reports them; other work on a shared machine does not count.
fn computed() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    told.and_then(|t| t.split(' ').next()?.parse::<f64>().ok()).map_or(f64::NAN, |nanoseconds| nanoseconds / 1e9)
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
fn parts(folder: &Path) {
    let words = vec![1u64; (256 << 20) / 8];
    let read = least(5, || assert_ne!(black_box(&words).iter().fold(0u64, |a, b| a.wrapping_add(*b)), 0));
    println!("machine: reads {:.1} GB/s on one thread", 0.268 / read);
    let mut file = std::fs::File::create(folder.join("sync")).expect("a file");
    let sync = least(50, || {
        file.write_all(&[1; 4096]).expect("written");
        file.sync_data().expect("synced");
    });
    println!("machine: 4 KiB written and synced in {:.0} us", 1e6 * sync);
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

/// Opens a gallery three times: returns the last one, the least seconds, and the least CPU seconds.
fn opening(open: impl Fn() -> Gallery) -> (Gallery, f64, f64) {
    let (mut gallery, mut cpu) = (None, f64::INFINITY);
    let wall = least(3, || {
        drop(gallery.take());
        let before = computed();
        gallery = Some(open());
        cpu = cpu.min(computed() - before);
    });
    (gallery.expect("opened"), wall, cpu)
}

fn told(what: &str, path: &Path, count: usize, enrolled: Duration, (opened, cpu): (f64, f64)) {
    let files = std::fs::read_dir(path).expect("a folder").flatten();
    let bytes: u64 = files.map(|entry| entry.metadata().map_or(0, |m| m.len())).sum();
    println!(
        "{count} {what}: enrolled in {:.2} s, {:.0} bytes each on the disk; opened and checked in {opened:.2} s, {cpu:.2} s of them computing ({:.1} us each)",
        enrolled.as_secs_f64(),
        bytes as f64 / count as f64,
        1e6 * cpu / count as f64
    );
}

/// Rotates all keys and erases one subject.
fn rewritten(gallery: &Gallery, count: usize) {
    let start = Instant::now();
    gallery.rotate_keys().expect("rotated");
    let rotated = start.elapsed();
    let start = Instant::now();
    assert_eq!(gallery.erase(&[id(count - 1)]).expect("erased"), 1);
    println!("  new keys in {:.2} s, one erased in {:.2} s", rotated.as_secs_f64(), start.elapsed().as_secs_f64());
}

fn faces(path: &Path, count: usize) {
    let generator = FaceGenerator::new(1);
    let embeddings: Vec<Embedding> = (0..count as u64).map(|n| generator.embedding(n, 0)).collect();
    let builder = || Gallery::builder(key()).face_calibration(calibration());
    let gallery = builder().face_model(model()).create(path).expect("made");
    let start = Instant::now();
    let people = embeddings.iter().enumerate().map(|(n, e)| (id(n), Samples::new().face(e.clone())));
    gallery.enroll_batch(people, BatchOptions::new()).expect("enrolled");
    let enrolled = start.elapsed();
    drop(gallery);
    let (gallery, wall, cpu) = opening(|| builder().open(path).expect("opens"));
    told("faces", path, count, enrolled, (wall, cpu));
    let mut index = Index::new(Face::of(model()).with_scan(Form::I8).expect("narrower"));
    embeddings.iter().enumerate().for_each(|(n, e)| index.add(id(n), e).expect("added"));
    let probes: Vec<Embedding> = (0..SEARCHES as u64).map(|n| generator.embedding(n * 37 % count as u64, 1)).collect();
    let sealed = |probe: &Embedding| gallery.identify(&Samples::new().face(probe.clone()), &GallerySearch::top(10));
    let plain =
        |probe: &Embedding| index.identify(&index.prepare(probe).expect("a probe"), &Search::top(10)).expect("found");
    for probe in &probes {
        let (a, b) = (sealed(probe).expect("found"), plain(probe));
        assert!(a[0].subject == b[0].subject || a.iter().any(|c| c.subject == b[0].subject && c.score == a[0].score));
    }
    searches(&probes, |p| drop(black_box(sealed(p))), |p| drop(black_box(plain(p))));
    rewritten(&gallery, count);
}

fn fingers(path: &Path, count: usize) {
    let templates = templates(count);
    let gallery = Gallery::builder(key()).create(path).expect("made");
    let start = Instant::now();
    let finger = |t: &FingerTemplate| Samples::new().finger(FingerPosition::RightIndex, t.clone());
    let people = templates.iter().enumerate().map(|(n, t)| (id(n), finger(t)));
    gallery.enroll_batch(people, BatchOptions::new()).expect("enrolled");
    let enrolled = start.elapsed();
    drop(gallery);
    let (gallery, wall, cpu) = opening(|| Gallery::builder(key()).open(path).expect("opens"));
    told("fingerprints with ridge flow", path, count, enrolled, (wall, cpu));
    let mut index = Index::<Finger>::default();
    let references = least(1, || {
        for (n, t) in templates.iter().enumerate() {
            index.add(id(n), (t, FingerPosition::RightIndex.label(0))).expect("added");
        }
    });
    println!("  of which making the references of an index takes {references:.2} s");
    let probes: Vec<&FingerTemplate> = templates.iter().step_by((count / SEARCHES).max(1)).take(SEARCHES / 4).collect();
    let sealed = |probe: &FingerTemplate| gallery.identify(&finger(probe), &GallerySearch::top(10)).expect("found");
    let plain = |probe: &FingerTemplate| {
        let probe = index.prepare(probe).expect("prepared");
        index.identify(&probe, &Search::top(10)).expect("found")
    };
    for probe in &probes {
        let (a, b) = (sealed(probe), plain(probe));
        assert!(a[0].subject == b[0].subject && a[0].score == Some(b[0].score));
    }
    searches(&probes, |p| drop(black_box(sealed(p))), |p| drop(black_box(plain(p))));
    rewritten(&gallery, count);
}

/// Extracted templates, with their ridge flow, of a few prints; and minutiae of the same number of others.
fn templates(count: usize) -> Vec<FingerTemplate> {
    let generator = TemplateGenerator::new(5);
    let print = selfsame::synth::PrintGenerator::new(5).finger(0).impression(0, selfsame::synth::Level::Good).image;
    let real = Extractor::new().extract(&print).expect("extracted");
    let flow = real.ridge_flow().expect("ridge flow").clone();
    let with_flow = |n| generator.reference(n).with_ridge_flow(flow.clone()).expect("fits");
    (0..count as u64).map(with_flow).collect()
}

fn searches<P>(probes: &[P], mut sealed: impl FnMut(&P), mut plain: impl FnMut(&P)) {
    let (mut a, mut b) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..3 {
        a = a.min(least(1, || probes.iter().for_each(&mut sealed)));
        b = b.min(least(1, || probes.iter().for_each(&mut plain)));
    }
    let each = 1e3 / probes.len() as f64;
    println!(
        "  1:N, one thread: {:.3} ms in the gallery, {:.3} ms in the unsealed index, ratio {:.3}",
        a * each,
        b * each,
        a / b
    );
}

fn enrollments(folder: &Path) {
    let templates = templates(ENROLLMENTS);
    let gallery = Gallery::builder(key()).log_policy(LogPolicy::each()).create(folder.join("single")).expect("made");
    let mut times: Vec<f64> = templates
        .into_iter()
        .enumerate()
        .map(|(n, t)| {
            let start = Instant::now();
            gallery.enroll(&id(n), &Samples::new().finger(FingerPosition::RightIndex, t)).expect("enrolled");
            1e3 * start.elapsed().as_secs_f64()
        })
        .collect();
    assert_eq!(gallery.len(), ENROLLMENTS);
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("a durable enrollment: median {:.2} ms, p99 {:.2} ms, with the disk's syncs", at(0.5), at(0.99));
}
