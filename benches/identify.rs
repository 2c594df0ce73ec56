//! Identification 1:N through the index: faces and fingerprints, single probes and batches, one and two threads.
//!
//! `cargo bench --bench identify`. Each search is checked before it is timed: the list must be what one comparison after
//! the other gives, at one and two threads, and most mates must come first. `SELFSAME_BENCH_ROWS=10000,1000000` sets the face galleries,
//! `SELFSAME_BENCH_PRINTS=1000,10000` the fingerprint ones. All people are synthetic.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput};
use rayon::prelude::*;
use selfsame::index::{Index, Search};
use selfsame::synth::{FaceGenerator, TemplateGenerator};
use selfsame::{Comparator, Face, Finger, Modality, SubjectId};

const CANDIDATES: usize = 10;
const THREADS: [usize; 2] = [1, 2];
/// Probes whose list is compared with a naive search.
const CHECKED: usize = 2;
const SEED: u64 = 1;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(1500))
        .configure_from_args();
    faces(&mut criterion);
    fingers(&mut criterion);
    criterion.final_summary();
}

fn sizes(variable: &str, default: &[usize]) -> Vec<usize> {
    match std::env::var(variable) {
        Ok(list) => list.split(',').filter_map(|n| n.trim().parse().ok()).collect(),
        Err(_) => default.to_vec(),
    }
}

fn name(number: usize) -> SubjectId {
    SubjectId::new(format!("{number:08}")).expect("a short name")
}

fn faces(criterion: &mut Criterion) {
    let people = FaceGenerator::new(SEED);
    for size in sizes("SELFSAME_BENCH_ROWS", &[10_000, 100_000]) {
        let title = format!("identify/faces/{size}");
        let templates: Vec<_> = (0..size as u64).into_par_iter().map(|i| people.embedding(i, 0)).collect();
        let mates: Vec<usize> = (0..32).map(|p| p * 7919 % size).collect();
        let probes: Vec<_> = mates.iter().map(|&mate| people.embedding(mate as u64, 1)).collect();
        searches::<Face>(criterion, &title, templates, &probes, &mates, &[1, 2, 8, 32]);
    }
}

fn fingers(criterion: &mut Criterion) {
    let people = TemplateGenerator::new(SEED);
    for size in sizes("SELFSAME_BENCH_PRINTS", &[1000]) {
        let title = format!("identify/prints/{size}");
        let templates: Vec<_> = (0..size as u64).into_par_iter().map(|i| people.reference(i)).collect();
        let mates: Vec<usize> = (0..2).map(|p| p * 7919 % size).collect();
        let probes: Vec<_> = mates.iter().map(|&mate| people.probe(mate as u64, 0)).collect();
        searches::<Finger>(criterion, &title, templates, &probes, &mates, &[1]);
    }
}

/// What an index must find: every template compared, the best first, the smaller id first among equals.
fn naive<M: Modality + Default>(templates: &[M::Template], probe: &M::Template) -> Vec<(M::Score, usize)> {
    let comparator = Comparator::<M>::new();
    let score = |(number, template)| (comparator.compare_templates(probe, template).expect("comparable"), number);
    let mut all: Vec<_> = templates.par_iter().enumerate().map(score).collect();
    all.sort_by_key(|&(score, number)| (std::cmp::Reverse(score), number));
    all.truncate(CANDIDATES);
    all
}

fn searches<M: Modality + Default>(
    criterion: &mut Criterion,
    title: &str,
    templates: Vec<M::Template>,
    probes: &[M::Template],
    mates: &[usize],
    batches: &[usize],
) {
    let mut index = Index::<M>::builder().build().expect("default settings");
    let start = Instant::now();
    for (number, template) in templates.iter().enumerate() {
        index.insert(name(number), template).expect("all of one kind");
    }
    let (each, size) = (start.elapsed().as_secs_f64() * 1e6 / templates.len() as f64, templates.len());
    println!("{title}: {} bytes each, enrolled in {each:.1} us each", index.bytes() / size);

    let search = Search::top(CANDIDATES);
    let expected: Vec<_> = probes.iter().take(CHECKED).map(|probe| naive::<M>(&templates, probe)).collect();
    drop(templates);
    let probes: Vec<_> = probes.iter().map(|p| index.prepare(p).expect("all of one kind")).collect();
    let pools = THREADS.map(|n| rayon::ThreadPoolBuilder::new().num_threads(n).build().expect("threads"));
    for pool in &pools {
        let found = pool.install(|| index.identify_batch(&probes, &search)).expect("comparable");
        for (list, expected) in found.iter().zip(&expected) {
            let expected: Vec<_> = expected.iter().map(|&(score, number)| (score, name(number))).collect();
            let list: Vec<_> = list.iter().map(|c| (c.score, c.subject.clone())).collect();
            assert!(list == expected, "not what a naive search finds");
        }
        let first = found.iter().zip(mates).filter(|(l, m)| l.first().is_some_and(|c| c.subject == name(**m))).count();
        assert!(2 * first > mates.len(), "{first} of {} mates come first", mates.len());
    }

    let mut group = criterion.benchmark_group(title);
    for (threads, pool) in THREADS.iter().zip(&pools) {
        for &batch in batches {
            group.throughput(Throughput::Elements((size * batch) as u64));
            group.bench_function(BenchmarkId::new(format!("{batch} probes"), format!("{threads} threads")), |b| {
                b.iter(|| pool.install(|| index.identify_batch(black_box(&probes[..batch]), &search)));
            });
        }
    }
}
