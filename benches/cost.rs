//! Fixed jobs whose instructions `.ci/cost` counts. `cargo bench --bench cost` runs all of them once and checks their results;
//! `-- JOB SET` runs one (`SET` is `best` or `scalar`): once for the check, and once inside `counted`, which is what is counted.
//! `-- --list` lists them.

use std::hint::black_box;

use selfsame::index::{Index, Search};
use selfsame::synth::{FaceGenerator, TemplateGenerator};
use selfsame::{
    Comparator, Embedding, Extractor, Face, Finger, FingerImage, FingerTemplate, Fmr, Limits, Modality, Ppi, SubjectId,
    Threshold,
};

const JOBS: [(&str, fn()); 8] = [
    ("extract-learned", || extract(&Extractor::new())),
    ("extract-classical", || extract(&Extractor::classical())),
    ("prepare-probes", || prepare(|comparator, template| drop(black_box(comparator.prepare(template))))),
    ("prepare-references", || prepare(|comparator, template| drop(black_box(comparator.reference(template))))),
    ("compare-prepared", compare),
    ("identify-prints", identify_prints),
    ("identify-face", || identify_faces(1)),
    ("identify-face-batch", || identify_faces(32)),
];

const SEED: u64 = 47;
/// Minutiae of a template that is prepared or compared, and by how many they may differ.
const MINUTIAE: (usize, usize) = (47, 8);
/// Fingers that are prepared or compared.
const FINGERS: usize = 32;
/// Prints in the index.
const PRINTS: u64 = 600;
/// Faces in the index.
const FACES: u64 = 2000;
const CANDIDATES: usize = 10;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    let (job, set) = (arguments.next(), arguments.next());
    if job.as_deref() == Some("--list") {
        return JOBS.iter().for_each(|(name, _)| println!("{name}"));
    }
    if set.as_deref() == Some("scalar") {
        assert!(selfsame::without_kernels(), "no kernel ran before");
    }
    // Work that is spread over the caller's threads stays on this one, where it is counted.
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let wanted: Vec<_> = JOBS.iter().filter(|(name, _)| job.as_ref().is_none_or(|job| job == name)).collect();
    assert!(!wanted.is_empty(), "no such job");
    alone.install(|| wanted.iter().for_each(|(_, job)| job()));
}

/// Its name tells callgrind what to count.
#[inline(never)]
fn counted<T>(job: impl FnOnce() -> T) -> T {
    black_box(job())
}

fn extract(extractor: &Extractor) {
    let file = include_bytes!("../fixtures/print_0_1_optical_good.png");
    let image = FingerImage::decode(file, Ppi::P500, &Limits::default()).expect("an image");
    let expected = extractor.extract(&image).expect("a good print");
    assert!((25..=90).contains(&expected.minutiae().len()), "{} minutiae", expected.minutiae().len());
    let template = counted(|| extractor.extract(&image)).expect("a good print");
    assert!(template == expected, "the same print gave another template");
}

/// Templates of two impressions each of several fingers.
fn fingers() -> Vec<(FingerTemplate, FingerTemplate)> {
    let generator = TemplateGenerator::new(SEED);
    let close = |t: &FingerTemplate| t.minutiae().len().abs_diff(MINUTIAE.0) <= MINUTIAE.1;
    let pairs = (0..).map(|i| (generator.reference(i), generator.probe(i, 0)));
    pairs.filter(|(a, b)| close(a) && close(b)).take(FINGERS).collect()
}

fn prepare(one: impl Fn(&Comparator<Finger>, &FingerTemplate)) {
    let (comparator, fingers) = (Comparator::new(), fingers());
    one(&comparator, &fingers[0].0);
    counted(|| fingers.iter().for_each(|(_, template)| one(&comparator, template)));
}

fn compare() {
    let comparator = Comparator::<Finger>::new();
    let prepare = |(a, b)| (comparator.prepare(&a).expect("valid"), comparator.reference(&b).expect("valid"));
    let prepared: Vec<_> = fingers().into_iter().map(prepare).collect();
    let threshold = Threshold::at_fmr(Fmr::new(1e-3).expect("a rate")).expect("a backed rate");
    let mut scratch = <Finger as Modality>::Scratch::default();
    let mut matches = |apart: usize| {
        let pairs = prepared.iter().zip(prepared.iter().cycle().skip(apart));
        pairs
            .filter(|((probe, _), (_, reference))| {
                comparator.compare_with(probe, reference, &mut scratch).expect("comparable").meets(threshold)
            })
            .count()
    };
    // Each with its mate, and with three strangers.
    let mut all = || [0, 1, 2, 3].map(&mut matches);
    let [mates, strangers @ ..] = all();
    assert!(mates * 10 >= FINGERS * 8, "only {mates} mates match");
    assert!(strangers.iter().sum::<usize>() * 20 <= FINGERS * 3, "{strangers:?} strangers match");
    assert_eq!(counted(all)[0], mates);
}

fn identify_prints() {
    let generator = TemplateGenerator::new(SEED);
    let mut index = Index::<Finger>::default();
    for i in 0..PRINTS {
        index.insert(name(i), &generator.reference(i)).expect("valid");
    }
    let mates = [0, PRINTS / 2];
    let probes = mates.map(|i| index.prepare(&generator.probe(i, 0)).expect("valid"));
    identify(&index, &probes, &mates);
}

fn identify_faces(probes: u64) {
    let generator = FaceGenerator::new(SEED);
    let mut index = Index::<Face>::default();
    for i in 0..FACES {
        index.insert(name(i), &generator.embedding(i, 0)).expect("of one kind");
    }
    let mates: Vec<u64> = (0..probes).collect();
    let probes: Vec<_> = mates.iter().map(|&i| generator.embedding(i, 1)).collect();
    let probes: Vec<_> = probes.iter().map(|p: &Embedding| index.prepare(p).expect("of one kind")).collect();
    identify(&index, &probes, &mates);
}

/// An exact search for each probe, whose mate must come first in most lists.
fn identify<M: Modality>(index: &Index<M>, probes: &[M::Probe], mates: &[u64]) {
    let search = Search::top(CANDIDATES);
    let first = index.identify(&probes[0], &search).expect("comparable");
    assert_eq!(first.len(), CANDIDATES);
    assert_eq!(first[0].subject, name(mates[0]));
    let lists = counted(|| index.identify_batch(probes, &search)).expect("comparable");
    let found = lists.iter().zip(mates).filter(|(list, mate)| list[0].subject == name(**mate)).count();
    assert!(found * 10 >= mates.len() * 8, "only {found} mates come first");
}

fn name(number: u64) -> SubjectId {
    SubjectId::new(format!("{number:08}")).expect("a short name")
}
