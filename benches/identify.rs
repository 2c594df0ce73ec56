//! Identification 1:N: growth of time and memory with the gallery, exactly and through a shortlist, with 1 to all
//! threads.
//!
//! `cargo bench --bench identify` checks results before timing: the best list of some probes must equal that of single
//! comparisons, most mates must come first, the mates of the shortlist must be those of the exact search at the rate
//! stated below, and every list must be the same with any number of threads.
//!
//! `SELFSAME_BENCH_PRINTS=1000,1000000` sets the galleries of prints (a million take 2.2 GB and some minutes to make,
//! so they are not in the default), `SELFSAME_BENCH_ROWS` those of faces, `SELFSAME_BENCH_SECONDS` the approximate time
//! for each cell, `SELFSAME_BENCH_THREADS=1,2` the threads. `SELFSAME_BENCH_ON_DISK=1000000` (or `none`) sets the galleries of
//! prints whose references stay in a sealed file, in the folder `SELFSAME_BENCH_DIR`: a print takes 2.9 kB there; "ranking" is a shortlist of
//! one row. All people are synthetic. The columns are k, the number of
//! requested candidates; penetration, the share that is compared in full; and references searched per second. An
//! exponent of 1 means that time is proportional to the gallery's size.

use std::hint::black_box;
use std::time::Instant;

use rayon::prelude::*;
use selfsame::gallery::seal::{RawKey, SecretKey};
use selfsame::gallery::{IndexWriter, OnDisk};
use selfsame::index::{Candidate, Index, Mode, Search};
use selfsame::synth::{FaceGenerator, TemplateGenerator};
use selfsame::{Comparator, Face, Finger, Modality, SubjectId};

const CANDIDATES: usize = 10;
/// Other numbers of candidates, with all threads.
const OTHER_CANDIDATES: [usize; 2] = [1, 100];
const SEED: u64 = 1;
/// Probes with a mate in the gallery that are searched for before and during the timing.
const PROBES: usize = 20;
/// Probes whose list is compared with a naive search, in the smallest gallery.
const CHECKED: usize = 2;
/// Least share of the mates ranked first by the exact search that the shortlist ranks first as well.
const AGREEMENT: f64 = 0.95;
/// Most full comparisons of a checked or timed exact search of prints; larger galleries are only shortlisted.
const EXHAUSTIVE_PRINTS: usize = 10_000;

fn main() {
    let seconds = std::env::var("SELFSAME_BENCH_SECONDS").ok().and_then(|s| s.parse().ok()).unwrap_or(1.0);
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let powers: Vec<usize> = std::iter::successors(Some(1), |n| Some(n * 2)).take_while(|n| *n < all).collect();
    let threads = numbers("SELFSAME_BENCH_THREADS", &[&powers[..], &[all]].concat());
    let run = Run { seconds, threads };

    let people = TemplateGenerator::new(SEED);
    let shortlist = |size: usize| match Mode::shortlist(size) {
        Mode::Shortlist { rows } => rows,
        _ => size,
    };
    let sizes = numbers("SELFSAME_BENCH_PRINTS", &[1000, 10_000, 100_000]);
    run.sweep::<Finger>(
        "prints",
        &sizes,
        shortlist,
        EXHAUSTIVE_PRINTS,
        |i| people.reference(i),
        |i| people.probe(i, 0),
    );

    run.on_disk(&numbers("SELFSAME_BENCH_ON_DISK", &[10_000, 100_000]), &people);

    let people = FaceGenerator::new(SEED);
    let sizes = numbers("SELFSAME_BENCH_ROWS", &[1000, 10_000, 100_000]);
    run.sweep::<Face>("faces", &sizes, |size| size, usize::MAX, |i| people.embedding(i, 0), |i| people.embedding(i, 1));
}

fn numbers(variable: &str, default: &[usize]) -> Vec<usize> {
    match std::env::var(variable) {
        Ok(list) => list.split(',').filter_map(|n| n.trim().parse().ok()).filter(|n| *n > 0).collect(),
        Err(_) => default.to_vec(),
    }
}

fn name(number: usize) -> SubjectId {
    SubjectId::new(format!("{number:08}")).expect("a short name")
}

struct Run {
    seconds: f64,
    threads: Vec<usize>,
}

/// Seconds of a search by gallery size, for one mode and number of threads.
type Times = Vec<(f64, f64)>;

/// An index of references made one by one.
fn enrolled<M: Modality + Default>(
    title: &str,
    size: usize,
    reference: &(impl Fn(u64) -> M::Template + Sync),
) -> Index<M> {
    let mut index = Index::<M>::default();
    let start = Instant::now();
    // Templates are made in parts, so that a million of them are never in memory together.
    for part in (0..size).collect::<Vec<_>>().chunks(10_000) {
        let templates: Vec<_> = part.par_iter().map(|&i| reference(i as u64)).collect();
        for (&number, template) in part.iter().zip(&templates) {
            index.insert(name(number), template).expect("all of one kind");
        }
    }
    let made = start.elapsed().as_secs_f64();
    println!("\n{title}, N = {size}: {} bytes per template, made and enrolled in {made:.2} s", index.bytes() / size);
    index
}

impl Run {
    fn sweep<M: Modality + Default>(
        &self,
        title: &str,
        sizes: &[usize],
        shortlist: impl Fn(usize) -> usize,
        exact_up_to: usize,
        reference: impl Fn(u64) -> M::Template + Sync,
        probe: impl Fn(u64) -> M::Template,
    ) {
        let mut times: Vec<(String, Times)> = Vec::new();
        for &size in sizes {
            let index = enrolled::<M>(title, size, &reference);
            println!(
                "{:<11} {:>7} {:>4} {:>11} {:>7} {:>12} {:>14}",
                "mode", "threads", "k", "penetration", "mates", "ms/search", "templates/s"
            );
            let mates: Vec<usize> = (0..PROBES).map(|p| p * 7919 % size).collect();
            let probes: Vec<_> =
                mates.iter().map(|&m| index.prepare(&probe(m as u64)).expect("all of one kind")).collect();
            if Some(&size) == sizes.iter().min() && size <= exact_up_to {
                check_naive(&index, &reference, &mates[..CHECKED], &probe);
            }
            let count = shortlist(size);
            let mut modes = Vec::new();
            if size <= exact_up_to {
                modes.push(("exact", Mode::Exact, 1.0, CANDIDATES));
            }
            if count < size {
                let mode = Mode::Shortlist { rows: count };
                modes.extend(
                    std::iter::once(CANDIDATES)
                        .chain(OTHER_CANDIDATES)
                        .map(|k| ("shortlist", mode, count.max(k) as f64 / size as f64, k)),
                );
            }
            let mut found_first = None;
            for (label, mode, penetration, candidates) in modes {
                let search = Search::top(candidates).mode(mode);
                let mut lists: Option<Vec<Vec<Candidate<M::Score>>>> = None;
                let usual = candidates == CANDIDATES;
                let skipped = if usual { 0 } else { self.threads.len().saturating_sub(1) };
                for &threads in &self.threads[skipped..] {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
                    let (found, seconds) = pool.install(|| self.timed(&index, &probes, &search));
                    let first = first_of(&found, &mates);
                    match &lists {
                        None => check_mates(label, &first, found_first.as_deref()),
                        Some(lists) => {
                            assert!(found.iter().zip(lists).all(|(a, b)| a == b), "{threads} threads find others");
                        }
                    }
                    println!(
                        "{label:<11} {threads:>7} {candidates:>4} {penetration:>11.4} {:>3}/{:<3} {:>12.3} {:>14.0}",
                        first.iter().filter(|f| **f).count(),
                        first.len(),
                        1000.0 * seconds,
                        size as f64 / seconds
                    );
                    if lists.as_ref().is_none_or(|l| l.len() < found.len()) {
                        if lists.is_none() {
                            found_first.get_or_insert(first);
                        }
                        lists = Some(found);
                    }
                    let key = format!("{label}, {threads} threads");
                    if !usual {
                        continue;
                    }
                    match times.iter_mut().find(|(k, _)| *k == key) {
                        Some((_, list)) => list.push((size as f64, seconds)),
                        None => times.push((key, vec![(size as f64, seconds)])),
                    }
                }
            }
        }
        println!();
        for (key, times) in times.iter().filter(|(_, times)| times.len() > 1) {
            println!("{title}, {key}: time grows as N^{:.2}", exponent(times));
        }
    }

    /// Prints whose references stay in a file: memory, and time by length of the shortlist.
    fn on_disk(&self, sizes: &[usize], people: &TemplateGenerator) {
        let folder = match std::env::var_os("SELFSAME_BENCH_DIR") {
            Some(path) => tempfile::tempdir_in(path),
            None => tempfile::tempdir(),
        }
        .expect("a folder");
        let (path, key) = (folder.path().join("prints.index"), RawKey::new(SecretKey::from_bytes(&[1; 32])));
        let mut ranking: Times = Vec::new();
        for &size in sizes {
            let start = Instant::now();
            let mut writer = IndexWriter::create(Finger::default(), &path, &key).expect("a file");
            for part in (0..size).collect::<Vec<_>>().chunks(20 * Finger::SEGMENT_ROWS) {
                let rows: Vec<_> = part.par_iter().map(|&i| (name(i), 0, people.reference(i as u64))).collect();
                let mut index = Index::<Finger>::default();
                index.extend(rows).expect("all of one kind");
                writer = writer.append(&index).expect("written");
            }
            writer.finish().expect("written");
            let made = start.elapsed().as_secs_f64();
            let start = Instant::now();
            let index = Index::open(Finger::default(), &path, &key).expect("opens");
            println!(
                "\nprints on disk, N = {size}: {:.0} bytes each in memory, {:.0} in the file; written in {made:.1} s, opened in {:.2} s; {}",
                index.bytes() as f64 / size as f64,
                std::fs::metadata(&path).expect("a file").len() as f64 / size as f64,
                start.elapsed().as_secs_f64(),
                resident()
            );
            let mates: Vec<usize> = (0..PROBES).map(|p| p * 7919 % size).collect();
            let probes: Vec<_> =
                mates.iter().map(|&m| index.prepare(&people.probe(m as u64, 0)).expect("a print")).collect();
            println!("{:<11} {:>7} {:>7} {:>12} {:>14}", "rows", "threads", "mates", "ms/search", "templates/s");
            for rows in [1, size / 5000, size / 1000, size / 200] {
                let rows = rows.max(1);
                let mut lists: Option<Vec<Vec<Candidate<_>>>> = None;
                for &threads in &self.threads {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
                    let search = Search::top(CANDIDATES.min(rows)).mode(Mode::Shortlist { rows });
                    let (found, seconds) = pool.install(|| self.timed::<OnDisk<Finger>>(&index, &probes, &search));
                    let first = first_of(&found, &mates);
                    if let Some(lists) = &lists {
                        assert!(found.iter().zip(lists).all(|(a, b)| a == b), "{threads} threads find others");
                    }
                    let count = first.iter().filter(|f| **f).count();
                    assert!(
                        rows < size / 1000 || 2 * count >= first.len(),
                        "{count} of {} mates come first",
                        first.len()
                    );
                    println!(
                        "{:<11} {threads:>7} {count:>3}/{:<3} {:>12.3} {:>14.0}",
                        if rows == 1 { "ranking".to_owned() } else { rows.to_string() },
                        first.len(),
                        1000.0 * seconds,
                        size as f64 / seconds
                    );
                    if rows == 1 && threads == 1 {
                        ranking.push((size as f64, seconds));
                    }
                    lists.get_or_insert(found);
                }
            }
        }
        if ranking.len() > 1 {
            println!("\nprints on disk, ranking, 1 thread: time grows as N^{:.2}", exponent(&ranking));
        }
    }

    /// Searches for the probes in turn until the time is up, each at most once and at least two in total; returns lists
    /// and mean seconds.
    fn timed<M: Modality>(
        &self,
        index: &Index<M>,
        probes: &[M::Probe],
        search: &Search<'_, M::Score>,
    ) -> (Vec<Vec<Candidate<M::Score>>>, f64) {
        let start = Instant::now();
        let mut found = Vec::new();
        for probe in probes {
            found.push(index.identify(black_box(probe), search).expect("comparable"));
            if found.len() >= 2 && start.elapsed().as_secs_f64() > self.seconds {
                break;
            }
        }
        let mut searches = found.len();
        // Short searches are repeated for a steadier mean.
        while start.elapsed().as_secs_f64() < 0.2 * self.seconds {
            black_box(index.identify(black_box(&probes[searches % probes.len()]), search).expect("comparable"));
            searches += 1;
        }
        (found, start.elapsed().as_secs_f64() / searches as f64)
    }
}

/// Memory of the process, where the system tells it.
fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status.lines().filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join(", ")
}

/// Whether each mate comes first in its list.
fn first_of<S>(found: &[Vec<Candidate<S>>], mates: &[usize]) -> Vec<bool> {
    found.iter().zip(mates).map(|(list, mate)| list.first().is_some_and(|c| c.subject == name(*mate))).collect()
}

/// Most mates come first; a shortlist finds nearly all that the exact search found.
fn check_mates(label: &str, first: &[bool], exact: Option<&[bool]>) {
    let count = first.iter().filter(|f| **f).count();
    match exact {
        None => assert!(2 * count >= first.len(), "{label}: {count} of {} mates come first", first.len()),
        Some(exact) => {
            let both = first.iter().zip(exact).filter(|(c, e)| **e && **c).count();
            let held = first.iter().zip(exact).filter(|(_, e)| **e).count();
            // The number of probes within the time varies; one weak mate of a dozen is more than the share that may be
            // missing.
            assert!(
                (both + 1) as f64 >= AGREEMENT * held as f64,
                "{label}: {both} of {held} mates as the exact search"
            );
        }
    }
}

/// The index must find the same as single comparisons and sorting.
fn check_naive<M: Modality + Default>(
    index: &Index<M>,
    reference: &(impl Fn(u64) -> M::Template + Sync),
    mates: &[usize],
    probe: &impl Fn(u64) -> M::Template,
) {
    let comparator = Comparator::<M>::new();
    for &mate in mates {
        let probe = probe(mate as u64);
        let prepared = comparator.prepare(&probe).expect("all of one kind");
        let mut all: Vec<_> = (0..index.references())
            .into_par_iter()
            .map(|i| {
                let reference = comparator.reference(&reference(i as u64)).expect("all of one kind");
                (comparator.compare(&prepared, &reference).expect("comparable"), i)
            })
            .collect();
        all.sort_by_key(|&(score, number)| (std::cmp::Reverse(score), number));
        all.truncate(CANDIDATES);
        let found = index.identify(&prepared, &Search::top(CANDIDATES)).expect("comparable");
        assert!(
            found.iter().map(|c| (c.score, &c.subject)).eq(all
                .iter()
                .map(|(s, i)| (*s, name(*i)))
                .collect::<Vec<_>>()
                .iter()
                .map(|(s, n)| (*s, n))),
            "not what a naive search finds"
        );
    }
}

/// The slope of the least-squares line of log time over log size.
fn exponent(times: &Times) -> f64 {
    let n = times.len() as f64;
    let logs: Vec<(f64, f64)> = times.iter().map(|(size, time)| (size.ln(), time.ln())).collect();
    let (x, y) = logs.iter().fold((0.0, 0.0), |s, l| (s.0 + l.0 / n, s.1 + l.1 / n));
    let (xy, xx) = logs.iter().fold((0.0, 0.0), |s, l| (s.0 + (l.0 - x) * (l.1 - y), s.1 + (l.0 - x).powi(2)));
    xy / xx
}
