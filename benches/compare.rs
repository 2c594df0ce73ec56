//! Fingerprint comparison: preparing a probe and a reference, comparing two templates, and one prepared comparison, separately for
//! genuine and impostor pairs.
//!
//! `cargo bench --bench compare` first checks that the genuine pairs match and the impostor pairs do not. Of each job it prints the
//! least time of many runs, which other work on the machine disturbs little, and then criterion's estimate.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Criterion;
use selfsame::synth::TemplateGenerator;
use selfsame::{Comparator, Finger, FingerTemplate, Fmr, Modality, Threshold};

const SEED: u64 = 47;
const FINGERS: u64 = 64;
/// Runs of each job on each finger, of which the least time counts.
const RUNS: usize = 300;
/// Approximate number of minutiae of the compared templates, as in published figures of other engines.
const MINUTIAE: usize = 47;

type Probe = <Finger as Modality>::Probe;
type Reference = <Finger as Modality>::Reference;
type Scratch = <Finger as Modality>::Scratch;

fn main() {
    let generator = TemplateGenerator::new(SEED);
    // Fingers whose two impressions both have close to the wanted number of minutiae.
    let close = |t: &FingerTemplate| t.minutiae().len().abs_diff(MINUTIAE) <= 8;
    let people: Vec<(FingerTemplate, FingerTemplate)> = (0..)
        .map(|i| (generator.reference(i), generator.probe(i, 0)))
        .filter(|(a, b)| close(a) && close(b))
        .take(FINGERS as usize)
        .collect();
    let mean = people.iter().map(|p| p.0.minutiae().len() + p.1.minutiae().len()).sum::<usize>();
    println!("{FINGERS} fingers, {:.1} minutiae per template", mean as f64 / (2 * people.len()) as f64);

    let comparator = Comparator::<Finger>::new();
    let prepared: Vec<(Probe, Reference)> = people
        .iter()
        .map(|(a, b)| {
            let probe = comparator.prepare(b).expect("a valid template");
            (probe, comparator.reference(a).expect("a valid template"))
        })
        .collect();
    let mut scratch = Scratch::default();
    let threshold = Threshold::at_fmr(Fmr::new(1e-3).expect("a rate")).expect("a backed rate");
    let score = |i: usize, j: usize, scratch: &mut Scratch| {
        comparator.compare_with(&prepared[i].0, &prepared[j].1, scratch).expect("comparable")
    };
    let n = prepared.len();
    let genuine = (0..n).filter(|&i| score(i, i, &mut scratch).meets(threshold)).count();
    let impostor = (0..n).filter(|&i| score(i, (i + 1) % n, &mut scratch).meets(threshold)).count();
    println!("match at FMR 1e-3: {genuine} of {n} genuine pairs, {impostor} of {n} impostor pairs");
    assert!(genuine * 10 >= n * 8, "too few genuine pairs match");
    assert!(impostor * 20 <= n, "too many impostor pairs match");

    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut k = 0;
    let mut next = move || {
        k = (k + 1) % n;
        k
    };
    type Job<'a> = (&'a str, &'a dyn Fn(usize, &mut Scratch));
    let jobs: [Job<'_>; 5] = [
        ("prepare_probe", &|i, _| drop(black_box(comparator.prepare(&people[i].1)))),
        ("prepare_reference", &|i, _| drop(black_box(comparator.reference(&people[i].1)))),
        ("templates", &|i, _| {
            black_box(comparator.compare_templates(&people[i].1, &people[(i + 7) % n].0)).expect("valid templates");
        }),
        ("impostor", &|i, scratch| {
            black_box(score(i, (i + 7) % n, scratch));
        }),
        ("genuine", &|i, scratch| {
            black_box(score(i, i, scratch));
        }),
    ];
    for (name, job) in jobs {
        let mut least = vec![f64::INFINITY; n];
        for run in 0..RUNS * n {
            let i = run % n;
            let start = Instant::now();
            job(i, &mut scratch);
            least[i] = least[i].min(start.elapsed().as_secs_f64());
        }
        println!("{name}: {:.1} us at least", least.iter().sum::<f64>() / n as f64 * 1e6);
        criterion.bench_function(&format!("compare/{name}"), |b| b.iter(|| job(next(), &mut scratch)));
    }
    criterion.final_summary();
}
