//! A sealed gallery and its log as they grow.
//!
//! `cargo bench --bench gallery` enrolls people, opens, searches, rotates and erases, then fills a log and reads pages and proofs from it.
//! Results are checked before they are timed. Times of opening are stated as ratios to the time of reading the same bytes from memory and
//! opening them with the cipher alone, in the same run and on as many threads.
//!
//! `SELFSAME_BENCH_GALLERY=1000000` sets the number of people (20,000 unless set), `SELFSAME_BENCH_EVENTS` that of events (100,000), and
//! `SELFSAME_BENCH_DIR` the folder, whose disk the syncs wait for.

use std::fs;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;
use selfsame::face::embedding::FaceModel;
use selfsame::format::{Record, TemplateFormat, encode};
use selfsame::gallery::log::{EventKind, verify_consistency, verify_inclusion};
use selfsame::gallery::seal::{KeyProvider, RawKey, SecretKey, open_bytes, seal_bytes};
use selfsame::gallery::{BatchOptions, Gallery, GalleryBuilder, GallerySearch, LogPolicy, LogQuery, Samples};
use selfsame::synth::{FaceGenerator, Level, PrintGenerator, TemplateGenerator};
use selfsame::{Cosine, Extractor, FingerPosition, FingerTemplate, Fmr, SubjectId, Threshold};

const DIMENSION: usize = 512;
/// Samples that differ; other people have the same.
const DIFFERENT: usize = 2000;
/// Durable enrollments that are timed.
const ENROLLMENTS: usize = 300;

fn main() {
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    if let Some(path) = std::env::var_os("SELFSAME_BENCH_OPENED") {
        let gallery = builder().open(path).expect("opens");
        println!("{} {}", gallery.records(), peak());
        return;
    }
    let number = |name| std::env::var(name).ok().and_then(|n: String| n.parse().ok());
    let people = number("SELFSAME_BENCH_GALLERY").unwrap_or(20_000);
    let events = number("SELFSAME_BENCH_EVENTS").unwrap_or(100_000);
    let folder = match std::env::var_os("SELFSAME_BENCH_DIR") {
        Some(path) => tempfile::tempdir_in(path),
        None => tempfile::tempdir(),
    }
    .expect("a folder");
    let mut file = fs::File::create(folder.path().join("sync")).expect("a file");
    let sync = least(50, || {
        file.write_all(&[1; 4096]).expect("written");
        file.sync_data().expect("synced");
    });
    println!("machine: {} threads; 4 KiB written and synced in {:.0} us", threads(), 1e6 * sync);
    let generator = FaceGenerator::new(1);
    let faces: Vec<Samples> = (0..DIFFERENT as u64).map(|n| Samples::new().face(generator.embedding(n, 0))).collect();
    let with_model = || builder().face_model(FaceModel::new("bench", "1", DIMENSION).expect("a model"));
    let probes: Vec<Samples> = (0..5).map(|n| Samples::new().face(generator.embedding(n * 37, 1))).collect();
    kept("faces", &folder.path().join("faces"), with_model, people, &faces, &probes, 4.0 * DIMENSION as f64);
    let templates = templates();
    let finger = |t: &FingerTemplate| Samples::new().finger(FingerPosition::RightIndex, t.clone());
    let bytes: usize = templates
        .iter()
        .map(|t| encode(&Record::from_templates(std::slice::from_ref(t)), TemplateFormat::Ssft).0.len())
        .sum();
    let prints: Vec<Samples> = templates.iter().map(finger).collect();
    let payload = bytes as f64 / DIFFERENT as f64;
    kept("prints", &folder.path().join("prints"), builder, people, &prints, &prints[..3], payload);
    log(events);
}

fn threads() -> usize {
    rayon::current_num_threads()
}

fn key() -> Arc<dyn KeyProvider> {
    Arc::new(RawKey::new(SecretKey::from_bytes(&[1; 32])))
}

fn builder() -> GalleryBuilder {
    let rows = [(1e-2, 0.182), (1e-3, 0.246), (1e-4, 0.308), (1e-5, 0.370)];
    let rows = rows.map(|(fmr, cosine)| (Fmr::new(fmr).expect("a rate"), Cosine::new(cosine).expect("a cosine")));
    let calibration = selfsame::face::compare::CosineCalibration::from_table(&rows).expect("a table");
    Gallery::builder(key()).compact_by_hand().face_calibration(calibration)
}

fn id(n: usize) -> SubjectId {
    SubjectId::new(format!("person-{n:07}")).expect("a name")
}

fn seconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// Least seconds of some rounds.
fn least(rounds: usize, mut work: impl FnMut()) -> f64 {
    (0..rounds).map(|_| seconds(&mut work)).fold(f64::INFINITY, f64::min)
}

/// Templates with the ridge flow of a synthetic print.
fn templates() -> Vec<FingerTemplate> {
    let generator = TemplateGenerator::new(5);
    let print = PrintGenerator::new(5).finger(0).impression(0, Level::Good).image;
    let flow = Extractor::new().extract(&print).expect("extracted").ridge_flow().expect("ridge flow").clone();
    (0..DIFFERENT as u64).map(|n| generator.reference(n).with_ridge_flow(flow.clone()).expect("fits")).collect()
}

/// Bytes of a file.
fn size(path: &Path, name: &str) -> f64 {
    fs::metadata(path.join(name)).map_or(0.0, |m| m.len() as f64)
}

/// Seconds of reading so many bytes from memory and opening them with the cipher, in pieces of 4 kB on all threads.
fn limit(bytes: f64) -> f64 {
    const PIECE: usize = 4096;
    const PIECES: usize = 8192;
    let key = SecretKey::from_bytes(&[2; 32]);
    let plain: Vec<u8> = (0..PIECE).map(|n| n as u8).collect();
    let sealed: Vec<Vec<u8>> =
        (0..PIECES).into_par_iter().map(|_| seal_bytes(&key, b"bench", &plain).expect("sealed")).collect();
    let time = least(3, || {
        let open = |sealed: &Vec<u8>| {
            let copy = black_box(sealed.clone());
            open_bytes(&key, b"bench", &copy).is_ok_and(|opened| *opened == plain)
        };
        assert!(sealed.par_iter().all(open));
    });
    time * bytes / (PIECE * PIECES) as f64
}

/// Peak of this process's memory, bytes, where the system tells it.
fn peak() -> f64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    1024.0 * line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(f64::NAN)
}

/// Peak of the memory of a process that opens a gallery, bytes.
fn peak_of_opening(path: &Path, records: usize) -> f64 {
    let exe = std::env::current_exe().expect("a program");
    let output = std::process::Command::new(exe).env("SELFSAME_BENCH_OPENED", path).output().expect("run");
    let text = String::from_utf8(output.stdout).expect("text");
    let (opened, peak) = text.trim().split_once(' ').expect("two numbers");
    assert_eq!(opened.parse(), Ok(records));
    peak.parse().expect("a number")
}

fn kept(
    what: &str,
    path: &Path,
    builder: impl Fn() -> GalleryBuilder + Sync,
    count: usize,
    samples: &[Samples],
    probes: &[Samples],
    payload: f64,
) {
    let gallery = builder().create(path).expect("made");
    let people = (0..count).map(|n| (id(n), samples[n % samples.len()].clone()));
    let enrolled = seconds(|| assert_eq!(gallery.enroll_batch(people, BatchOptions::new()).expect("enrolled"), count));
    let bytes = size(path, "records.1");
    println!(
        "{count} {what}: enrolled in {enrolled:.2} s ({:.0} thousand/s on {} threads); {:.0} bytes each on the disk, template or embedding {payload:.0}",
        count as f64 / enrolled / 1e3,
        threads(),
        bytes / count as f64
    );
    let found = |gallery: &Gallery| {
        let search = GallerySearch::top(5);
        probes.iter().map(|p| gallery.identify(p, &search).expect("found")[0].subject.clone()).collect::<Vec<_>>()
    };
    let before = found(&gallery);
    singly(&gallery, samples, count);
    drop(gallery);
    let open = || builder().open(path).expect("opens");
    let again = open();
    assert!(found(&again) == before && again.len() == count + ENROLLMENTS);
    drop(again);
    let most = peak_of_opening(path, count + ENROLLMENTS);
    let all = least(3, || drop(black_box(open())));
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let (single, alone) = one.install(|| (least(2, || drop(black_box(open()))), limit(bytes)));
    println!(
        "  opened in {all:.2} s on {} threads, {:.2} times the cipher alone; {single:.2} s on one ({:.2} us each), {:.2} times",
        threads(),
        all / limit(bytes),
        1e6 * single / count as f64,
        single / alone
    );
    println!("  peak of the memory of a process that opens it: {:.0} bytes each", most / count as f64);
    let gallery = open();
    let checked = seconds(|| assert!(gallery.check().expect("checked").is_sound()));
    let gone: Vec<_> = (0..count * 3 / 10).map(id).collect();
    let deleted: usize = gone.chunks(40_000).map(|some| gallery.delete(some).expect("deleted")).sum();
    let mut freed = 0;
    let compacted = seconds(|| freed = gallery.compact().expect("compacted"));
    let left = gallery.info().record_bytes as f64 / (gallery.records() as f64);
    println!(
        "  {deleted} deleted: compacted in {compacted:.2} s, {:.0} MB freed, {left:.0} bytes each are left",
        freed as f64 / 1e6
    );
    let rotated = seconds(|| gallery.rotate_keys().expect("rotated"));
    let erased = seconds(|| assert_eq!(gallery.erase(&[id(count - 1)]).expect("erased"), 1));
    println!("  checked in {checked:.2} s, new keys in {rotated:.2} s, one erased in {erased:.2} s");
    drop(gallery);
    fs::remove_dir_all(path).expect("removed");
}

fn singly(gallery: &Gallery, samples: &[Samples], count: usize) {
    let mut times: Vec<f64> = (0..ENROLLMENTS)
        .map(|n| 1e3 * seconds(|| gallery.enroll(&id(count + n), &samples[n % samples.len()]).expect("enrolled")))
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "  a durable enrollment at this size: median {:.2} ms, p99 {:.2} ms, with the disk's syncs",
        at(0.5),
        at(0.99)
    );
}

/// Events of verifications, each a commit of its own; pages of them, and proofs.
fn log(events: usize) {
    const SUBJECTS: usize = 1000;
    let builder = || Gallery::builder(key()).log_policy(LogPolicy::each());
    let template = TemplateGenerator::new(3).reference(1);
    let few =
        FingerTemplate::new(template.width(), template.height(), template.minutiae()[..4].to_vec()).expect("fits");
    let sample = Samples::new().finger(FingerPosition::RightIndex, few);
    let memory = selfsame::gallery::disk::MemoryDisk::new();
    let gallery = builder().create_on(memory.clone()).expect("made");
    let people = (0..SUBJECTS).map(|n| (id(n), sample.clone()));
    gallery.enroll_batch(people, BatchOptions::new()).expect("enrolled");
    let start = memory.get("log.1").map_or(0, |bytes| bytes.len());
    let threshold = Threshold::at_fmr(Fmr::new(1e-3).expect("a rate")).expect("a threshold");
    let door = gallery.acting_as(selfsame::gallery::log::Actor::new("door 12").expect("a name"));
    let many = seconds(|| {
        for n in 0..events {
            // Each subject comes about as often as every other, and the last one is seldom seen.
            let subject = if n % (events / 20).max(1) == 7 { SUBJECTS - 1 } else { n * 7919 % (SUBJECTS - 1) };
            let _ = black_box(door.verify(&id(subject), &sample, threshold));
        }
    });
    let bytes: usize =
        ["log.1", "log-hashes.1", "log-index.1"].iter().filter_map(|n| memory.get(n)).map(|b| b.len()).sum();
    println!(
        "{events} events, each committed alone: {:.1} us each in memory; {:.0} bytes each with hashes and index",
        1e6 * many / events as f64,
        (bytes - start) as f64 / events as f64
    );
    let (size, root) = gallery.log_root().expect("a root");
    let rare = gallery.number_of(&id(SUBJECTS - 1)).expect("enrolled");
    gallery.check().expect("checked");
    let middle =
        gallery.log(LogQuery::first(1).starting_at(size / 2)).expect("read")[0].event.as_ref().expect("an event").time;
    drop((door, gallery));
    let copy = memory.copy();
    let opened = seconds(|| drop(builder().open_on(copy).expect("opens")));
    let gallery = builder().open_on(memory.clone()).expect("opens");
    let told = |what: &str, query: LogQuery, least_found: usize| {
        let first = seconds(|| assert!(gallery.log(query).expect("read").len() >= least_found));
        println!("  {what}: {:.1} ms", 1e3 * first.min(least(2, || drop(black_box(gallery.log(query))))));
    };
    told("a page of 100 from the middle on", LogQuery::first(100).since(middle), 100);
    told("the 20 events of a rare subject", LogQuery::first(21).subject(rare), 20);
    told("a page of 100 of a frequent kind", LogQuery::first(100).kind(EventKind::Verify), 100);
    told("all of a rare kind", LogQuery::first(100).kind(EventKind::Check), 1);
    let mut worst = (0.0_f64, 0.0_f64);
    for number in (0..20).map(|n| n * (size - 1) / 20) {
        worst.0 = worst.0.max(seconds(|| {
            let proof = gallery.prove_inclusion_in(number, size).expect("proved");
            assert!(verify_inclusion(&proof.leaf, number, size, &proof.path, &root));
        }));
        worst.1 = worst.1.max(seconds(|| {
            let early = gallery.prove_consistency_to(number + 1, size).expect("proved");
            let then = gallery.prove_consistency_to(number + 1, number + 1).expect("proved").root;
            assert!(verify_consistency(number + 1, size, &then, &early.root, &early.path));
        }));
    }
    let checked = seconds(|| assert!(gallery.check().expect("checked").is_sound()));
    println!(
        "  opened in {:.1} ms; slowest of 20 proofs that an entry is there {:.1} ms, that the log goes on {:.1} ms; checked at {:.0} MB/s",
        1e3 * opened,
        1e3 * worst.0,
        1e3 * worst.1,
        bytes as f64 / checked / 1e6
    );
    let mut archive = None;
    let archived =
        seconds(|| archive = Some(gallery.archive_log(size / 2, &*key(), &mut std::io::sink()).expect("archived")));
    let archive = archive.expect("an archive");
    let retired = seconds(|| assert_eq!(gallery.retire_log(size / 2).expect("retired"), archive.end));
    let proof = gallery.prove_consistency_to(archive.end, size).expect("proved");
    assert!(verify_consistency(archive.end, size, &archive.root, &root, &proof.path));
    println!("  half of it archived in {archived:.2} s and retired in {retired:.2} s");
}
