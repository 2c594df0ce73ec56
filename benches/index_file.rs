//! An index written to one sealed file and opened again.
//!
//! `cargo bench --bench index_file` checks that the opened index gives the same answers before it times anything.
//! `SELFSAME_BENCH_INDEX=1000000` sets the number of references (100,000 unless set), and `SELFSAME_BENCH_DIR` the folder.

use std::fs;
use std::hint::black_box;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Instant;

use selfsame::face::compare::Form;
use selfsame::gallery::seal::{RawKey, SecretKey, open_bytes, seal_bytes};
use selfsame::index::{Index, Search};
use selfsame::modality::Stored;
use selfsame::synth::{FaceGenerator, TemplateGenerator};
use selfsame::{Embedding, Face, Finger, FingerTemplate, SubjectId};

/// Templates that differ; references beyond these are of other people with the same templates.
const DIFFERENT: usize = 2000;

fn main() {
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let count = std::env::var("SELFSAME_BENCH_INDEX").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000);
    let folder = match std::env::var_os("SELFSAME_BENCH_DIR") {
        Some(path) => tempfile::tempdir_in(path),
        None => tempfile::tempdir(),
    }
    .expect("a folder");
    machine(folder.path());
    let generator = TemplateGenerator::new(5);
    let print = selfsame::synth::PrintGenerator::new(5).finger(0).impression(0, selfsame::synth::Level::Good).image;
    let real = selfsame::Extractor::new().extract(&print).expect("extracted");
    let flow = real.ridge_flow().expect("ridge flow").clone();
    let prints: Vec<FingerTemplate> =
        (0..DIFFERENT as u64).map(|n| generator.reference(n).with_ridge_flow(flow.clone()).expect("fits")).collect();
    kept("prints with ridge flow", folder.path(), Finger::default(), count, &prints);
    let generator = FaceGenerator::new(1);
    let faces: Vec<Embedding> = (0..DIFFERENT as u64).map(|n| generator.embedding(n, 0)).collect();
    let with_bytes = Face::default().with_scan(Form::I8).expect("narrower");
    kept("faces, floats with bytes beside them", folder.path(), with_bytes, count, &faces);
    let bytes = Face::default().with_rows(Form::I8).expect("a form");
    kept("faces, bytes", folder.path(), bytes, count, &faces);
}

/// Least seconds of some rounds.
fn least(rounds: usize, mut work: impl FnMut()) -> f64 {
    (0..rounds).map(|_| Instant::now()).fold(f64::INFINITY, |least, _| {
        let start = Instant::now();
        work();
        least.min(start.elapsed().as_secs_f64())
    })
}

fn machine(folder: &Path) {
    const LEN: usize = 4 << 20;
    let key = SecretKey::from_bytes(&[2; 32]);
    let plain = vec![7; LEN];
    let sealed = seal_bytes(&key, b"bench", &plain).expect("sealed");
    assert_eq!(*open_bytes(&key, b"bench", &sealed).expect("opens"), plain);
    let (seal, open) = (
        least(5, || drop(black_box(seal_bytes(&key, b"bench", &plain)))),
        least(5, || drop(black_box(open_bytes(&key, b"bench", &sealed)))),
    );
    let path = folder.join("read");
    fs::File::create(&path).expect("a file").write_all(&vec![1; 64 * LEN]).expect("written");
    let read = least(3, || {
        let mut bytes = Vec::new();
        fs::File::open(&path).expect("a file").read_to_end(&mut bytes).expect("read");
        black_box(bytes);
    });
    fs::remove_file(path).expect("removed");
    let rate = |seconds: f64| LEN as f64 / seconds / 1e9;
    println!(
        "machine: 4 MiB sealed at {:.2} GB/s and opened at {:.2} GB/s on one thread, files read from memory at {:.1} GB/s",
        rate(seal),
        rate(open),
        64.0 * rate(read)
    );
}

fn kept<M: Stored>(what: &str, folder: &Path, modality: M, count: usize, templates: &[M::Template])
where
    M::Template: Clone,
{
    let mut index = Index::new(modality.clone());
    let id = |n: usize| SubjectId::new(format!("person-{n:07}")).expect("a name");
    let start = Instant::now();
    let rows = (0..count).map(|n| (id(n), 0, templates[n % templates.len()].clone()));
    index.extend(rows).expect("added");
    let prepared = start.elapsed().as_secs_f64();
    let (path, key) = (folder.join("index"), RawKey::new(SecretKey::from_bytes(&[1; 32])));
    let start = Instant::now();
    index.save(&path, &key).expect("saved");
    let saved = start.elapsed().as_secs_f64();
    let load = || Index::load(modality.clone(), &path, &key).expect("opens");
    let again = load();
    let probes: Vec<M::Probe> = templates.iter().step_by(499).map(|t| index.prepare(t).expect("a probe")).collect();
    let found = |index: &Index<M>| {
        let lists = index.identify_batch(&probes, &Search::top(5)).expect("found");
        lists.into_iter().flatten().map(|c| (c.subject, c.score)).collect::<Vec<_>>()
    };
    assert!(found(&index) == found(&again) && again.len() == count);
    drop((index, again));
    let len = fs::metadata(&path).expect("a file").len() as f64;
    let all = least(3, || drop(black_box(load())));
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let single = one.install(|| least(2, || drop(black_box(load()))));
    println!(
        "{count} {what}: {:.0} bytes each; prepared in {prepared:.2} s, written and synced in {saved:.2} s, opened in {all:.2} s on {} threads \
         ({:.2} GB/s), {single:.2} s on one ({:.2} us each)",
        len / count as f64,
        rayon::current_num_threads(),
        len / all / 1e9,
        1e6 * single / count as f64
    );
}
