//! Face search, held against a list of all embeddings.

use std::collections::{BTreeMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use half::f16;
use proptest::prelude::*;
use selfsame::face::compare::Form;
use selfsame::face::embedding::{FaceError, FaceModel};
use selfsame::format::raw::{RawRows, encode_in_the_clear};
use selfsame::index::{Candidate, Fusion, Index, IndexError, Mode, Search};
use selfsame::synth::FaceGenerator;
use selfsame::{Comparator, Cosine, Embedding, Face, SubjectId};

const LAYOUTS: [(Form, &[Form]); 7] = [
    (Form::F32, &[]),
    (Form::F32, &[Form::I8]),
    (Form::F32, &[Form::I8, Form::Bit]),
    (Form::F16, &[]),
    (Form::F16, &[Form::I8]),
    (Form::I8, &[Form::Bit]),
    (Form::Bit, &[]),
];

fn model(dimension: usize) -> FaceModel {
    FaceModel::new("test", "1", dimension).unwrap()
}

fn build(dimension: usize, (rows, scans): (Form, &[Form])) -> Index<Face> {
    let face = Face::of(model(dimension)).with_rows(rows).unwrap();
    Index::new(scans.iter().fold(face, |face, scan| face.with_scan(*scan).unwrap()))
}

fn search(index: &Index<Face>, probe: &Embedding, search: &Search<'_, Cosine>) -> Vec<Candidate<Cosine>> {
    index.identify(&index.prepare(probe).unwrap(), search).unwrap()
}

fn search_batch(index: &Index<Face>, probes: &[Embedding], search: &Search<'_, Cosine>) -> Vec<Vec<Candidate<Cosine>>> {
    let prepared: Vec<_> = probes.iter().map(|p| index.prepare(p).unwrap()).collect();
    index.identify_batch(&prepared, search).unwrap()
}

fn enroll(index: &mut Index<Face>, embeddings: &[Embedding]) {
    assert_eq!(index.extend((0..).map(id).zip(embeddings).map(|(name, e)| (name, 0, e))), Ok(embeddings.len()));
}

fn id(name: impl ToString) -> SubjectId {
    SubjectId::new(name.to_string()).unwrap()
}

/// What rows of a form hold, by the definition of the form.
fn stored(form: Form, embedding: &Embedding) -> Vec<f32> {
    let v = embedding.as_slice();
    match form {
        Form::F32 => v.to_vec(),
        Form::F16 => v.iter().map(|c| f16::from_f32(*c).to_f32()).collect(),
        Form::I8 => {
            let scale = v.iter().fold(0f32, |m, c| m.max(c.abs())) / 127.0;
            v.iter().map(|c| (c * (1.0 / scale)).round_ties_even() * scale).collect()
        }
        _ => v.iter().map(|c| if *c < 0.0 { -1.0 } else { 1.0 } * (1.0 / (v.len() as f32).sqrt())).collect(),
    }
}

/// The dot product by its definition: sixteen sums, added by halves.
fn product(a: &[f32], b: &[f32]) -> Cosine {
    let mut sums = [0f32; 16];
    for (i, (x, y)) in a.iter().zip(b).enumerate() {
        sums[i % 16] = x.mul_add(*y, sums[i % 16]);
    }
    for half in [8, 4, 2, 1] {
        for l in 0..half {
            sums[l] += sums[l + half];
        }
    }
    Cosine::new(sums[0].clamp(-1.0, 1.0)).unwrap()
}

type Rows = Vec<(Vec<f32>, u64)>;

/// Compares with everything and sorts everything.
fn naive(
    gallery: &BTreeMap<SubjectId, Rows>,
    probe: &Embedding,
    top: usize,
    least: Option<Cosine>,
    fusion: Fusion,
    wants: impl Fn(&SubjectId, u64) -> bool,
) -> Vec<(String, u32)> {
    let mut all: Vec<(SubjectId, Cosine)> = Vec::new();
    for (subject, rows) in gallery {
        let wanted = rows.iter().filter(|(_, label)| wants(subject, *label));
        let mut scores: Vec<Cosine> = wanted.map(|(row, _)| product(probe.as_slice(), row)).collect();
        scores.sort();
        let score = match fusion {
            Fusion::Mean if scores.len() > 1 => {
                let sum: f64 = scores.iter().map(|s| f64::from(s.value())).sum();
                Some(Cosine::new((sum / scores.len() as f64) as f32).unwrap())
            }
            _ => scores.last().copied(),
        };
        all.extend(score.filter(|s| least.is_none_or(|l| *s >= l)).map(|score| (subject.clone(), score)));
    }
    all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all.truncate(top);
    all.into_iter().map(|(subject, score)| (subject.to_string(), score.value().to_bits())).collect()
}

/// Bits of what was found: equality of floats is not enough.
fn bits(found: &[Candidate<Cosine>]) -> Vec<(String, u32)> {
    found.iter().map(|c| (c.subject.to_string(), c.score.value().to_bits())).collect()
}

#[derive(Clone, Debug)]
enum Operation {
    Add(u8, u8, u64),
    Update(u8, Vec<u8>),
    Remove(u8),
    Partition,
    Search { probe: u8, top: usize, least: Option<f32>, mean: bool, label: Option<u64>, only: Option<u8> },
}

fn operation() -> impl Strategy<Value = Operation> {
    let search = (
        any::<u8>(),
        1usize..20,
        prop::option::of(-1.0f32..=1.0),
        any::<bool>(),
        prop::option::of(0u64..3),
        prop::option::of(any::<u8>()),
    );
    prop_oneof![
        8 => (any::<u8>(), any::<u8>(), 0u64..3).prop_map(|(s, t, l)| Operation::Add(s, t, l)),
        1 => (any::<u8>(), prop::collection::vec(any::<u8>(), 1..4)).prop_map(|(s, t)| Operation::Update(s, t)),
        2 => any::<u8>().prop_map(Operation::Remove),
        1 => Just(Operation::Partition),
        2 => search.prop_map(|(probe, top, least, mean, label, only)| Operation::Search { probe, top, least, mean, label, only }),
    ]
}

/// One of 256 embeddings: look-alikes, negatives of them and exact doubles.
fn face(dimension: usize, kind: u8) -> Embedding {
    let base = |i: usize, k: usize| ((i * i * 7 + i * (k % 24) + k % 24) as f32 * 0.37).sin();
    let kind = usize::from(kind) / 2;
    let sign = if kind % 5 == 4 { -1.0 } else { 1.0 };
    let components: Vec<f32> = (0..dimension).map(|i| sign * (base(i, kind) + 0.6 * base(i, 3))).collect();
    Embedding::from_slice(&components).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_history_answers_as_a_list_does(
        operations in prop::collection::vec(operation(), 1..500),
        dimension in prop::sample::select(vec![64usize, 67, 100, 512]),
        layout in 0usize..LAYOUTS.len(),
        threads in 1usize..4,
    ) {
        let layout = LAYOUTS[layout];
        let mut index = build(dimension, layout);
        let mut gallery: BTreeMap<SubjectId, Rows> = BTreeMap::new();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let name = |s: u8| id(s % 60);
        for operation in operations {
            match operation {
                Operation::Add(s, t, label) => {
                    let embedding = face(dimension, t);
                    index.add(name(s), (&embedding, label)).unwrap();
                    gallery.entry(name(s)).or_default().push((stored(layout.0, &embedding), label));
                }
                Operation::Update(s, kinds) => {
                    let embeddings: Vec<Embedding> = kinds.iter().map(|t| face(dimension, *t)).collect();
                    match gallery.get_mut(&name(s)) {
                        Some(rows) => {
                            index.replace(&name(s), &embeddings).unwrap();
                            *rows = embeddings.iter().map(|e| (stored(layout.0, e), 0)).collect();
                        }
                        None => prop_assert_eq!(index.replace(&name(s), &embeddings), Err(IndexError::Unknown)),
                    }
                }
                Operation::Remove(s) => {
                    let had = gallery.remove(&name(s)).map_or(0, |rows| rows.len());
                    prop_assert_eq!(index.remove(&name(s)), had);
                }
                Operation::Partition => pool.install(|| index.partition()).unwrap(),
                Operation::Search { probe, top, least, mean, label, only } => {
                    let probe = face(dimension, probe);
                    let least = least.map(|l| Cosine::new(l).unwrap());
                    let fusion = if mean { Fusion::Mean } else { Fusion::Max };
                    let wants_label = |l: u64| label.is_none_or(|wanted| wanted == l);
                    let odd = |s: &SubjectId| s.as_str().parse::<usize>().unwrap() % 3 != 1;
                    let set: Option<HashSet<SubjectId>> = only.map(|o| (0..o % 60).map(id).collect());
                    let mut search = Search::top(top).fusion(fusion).filter_label(&wants_label).filter(&odd);
                    if let Some(least) = least {
                        search = search.at_least(least);
                    }
                    if let Some(set) = &set {
                        search = search.only(set);
                    }
                    let expected = naive(&gallery, &probe, top, least, fusion, |s, l| {
                        wants_label(l) && odd(s) && set.as_ref().is_none_or(|set| set.contains(s))
                    });
                    let probe = index.prepare(&probe).unwrap();
                    let found = pool.install(|| index.identify(&probe, &search)).unwrap();
                    prop_assert_eq!(bits(&found), expected.clone());
                    // All partitions hold everybody, whatever happened since they were made.
                    let visiting = |rows| search.clone().mode(Mode::Partitions { visited: usize::MAX, rows });
                    match pool.install(|| index.identify(&probe, &visiting(100_000))) {
                        Ok(found) => prop_assert_eq!(bits(&found), expected.clone()),
                        Err(error) => {
                            prop_assert!(index.partitions().is_none());
                            prop_assert_eq!(error, IndexError::NoPartitions);
                        }
                    }
                    if index.partitions().is_some() && matches!(layout, (Form::F32, [_, Form::Bit]) | (Form::Bit, _)) {
                        for rows in [1, 7, 60] {
                            let expected = index.identify(&probe, &search.clone().mode(Mode::Shortlist { rows }));
                            let found = pool.install(|| index.identify(&probe, &visiting(rows)));
                            prop_assert_eq!(found, expected);
                        }
                    }
                    // A shortlist of everybody loses nobody.
                    match pool.install(|| index.identify(&probe, &search.mode(Mode::Shortlist { rows: 100_000 }))) {
                        Ok(found) => prop_assert_eq!(bits(&found), expected),
                        Err(error) => {
                            prop_assert!(layout.0 > Form::I8 && layout.1.is_empty());
                            prop_assert_eq!(error, IndexError::NoShortlist);
                        }
                    }
                }
            }
            prop_assert_eq!(index.len(), gallery.len());
            prop_assert_eq!(index.references(), gallery.values().map(Vec::len).sum::<usize>());
        }
        let mut names: Vec<SubjectId> = index.subjects().cloned().collect();
        names.sort();
        prop_assert!(names.iter().eq(gallery.keys()));
    }
}

/// Look-alikes of a synthetic population; 3,000 people in every layout.
#[test]
fn batches_and_single_probes_find_what_brute_force_finds() {
    let people = FaceGenerator::new(3);
    let gallery: Vec<Embedding> = (0..3000).map(|i| people.embedding(i, 0)).collect();
    let probes: Vec<Embedding> = (0..77).map(|i| people.embedding(i * 50, 1)).collect();
    let names: Vec<SubjectId> = (0..3000).map(id).collect();
    let comparator = Comparator::<Face>::new();
    for layout in LAYOUTS {
        let mut index = build(512, layout);
        enroll(&mut index, &gallery);
        let top = Search::top(10);
        let rows: BTreeMap<_, _> =
            names.iter().cloned().zip(gallery.iter().map(|e| vec![(stored(layout.0, e), 0)])).collect();
        let batch = search_batch(&index, &probes, &top);
        for (probe, found) in probes.iter().zip(&batch) {
            assert_eq!(bits(found), naive(&rows, probe, 10, None, Fusion::Max, |_, _| true), "{layout:?}");
            if layout.0 == Form::F32 {
                let same = |c: &Candidate<Cosine>| {
                    let reference = &gallery[c.subject.as_str().parse::<usize>().unwrap()];
                    comparator.compare_templates(probe, reference).unwrap() == c.score
                };
                assert!(found.iter().all(same));
            }
        }
        for (probe, found) in probes.iter().zip(&batch).take(9) {
            assert_eq!(bits(&search(&index, probe, &top)), bits(found));
        }
        // Every number of probes has kernels of its own.
        for count in 1..18 {
            assert_eq!(search_batch(&index, &probes[..count], &top), batch[..count]);
        }
        let everybody = search(&index, &probes[0], &Search::top(usize::MAX));
        assert_eq!(bits(&everybody), naive(&rows, &probes[0], 4000, None, Fusion::Max, |_, _| true));
    }
}

/// Rows that bytes cannot tell apart, in few and in many dimensions: the bound must leave all of them in.
#[test]
fn what_bytes_cannot_tell_apart_floats_do() {
    for (dimension, spike) in [(64, 1.0), (512, 1.0), (512, 40.0), (1000, 300.0), (4096, 60.0)] {
        let component = |i: usize, seed: usize| ((i * 31 + seed * 17) as f32 * 0.618).sin();
        let face = |seed: usize| {
            let mut v: Vec<f32> = (0..dimension).map(|i| component(i, 0) + 3e-4 * component(i * i, seed)).collect();
            v[dimension / 2] = spike;
            Embedding::from_slice(&v).unwrap()
        };
        let embeddings: Vec<Embedding> = (0..700).map(face).collect();
        let names: Vec<SubjectId> = (0..700).map(id).collect();
        for layout in LAYOUTS.into_iter().filter(|layout| layout.0 != Form::Bit) {
            let mut index = build(dimension, layout);
            enroll(&mut index, &embeddings);
            let rows: BTreeMap<_, _> =
                names.iter().cloned().zip(embeddings.iter().map(|e| vec![(stored(layout.0, e), 0)])).collect();
            for seed in [3, 900] {
                let probe = face(seed);
                let found = search(&index, &probe, &Search::top(7));
                let expected = naive(&rows, &probe, 7, None, Fusion::Max, |_, _| true);
                assert_eq!(bits(&found), expected, "{layout:?}, {dimension} dimensions, {spike}");
            }
        }
    }
}

#[test]
fn rows_that_all_point_the_other_way_are_ranked_by_id() {
    let mut ties = 0;
    for seed in 0..24 {
        let generator = FaceGenerator::new(seed);
        let probe = generator.embedding(0, 0);
        let opposite: Vec<f32> = probe.as_slice().iter().map(|c| -c).collect();
        for layout in LAYOUTS {
            let mut index = build(probe.dimension(), layout);
            // More than make a bar, and in panels before the last row.
            for k in 0..64 {
                index.insert(id(format!("b{k:02}")), &Embedding::from_slice(&opposite).unwrap()).unwrap();
            }
            // A hair away, so that its product may lie below that of the others; both count as -1.
            let mut near = opposite.clone();
            near.iter_mut().step_by(7).for_each(|c| *c *= 1.0 + 4e-7 * (seed as f32 - 8.0));
            index.insert(id("a"), &Embedding::from_slice(&near).unwrap()).unwrap();
            let score =
                |row: &[f32]| product(probe.as_slice(), &stored(layout.0, &Embedding::from_slice(row).unwrap()));
            let found = search(&index, &probe, &Search::top(1));
            let first = if score(&near) >= score(&opposite) { "a" } else { "b00" };
            assert_eq!(found[0].subject.as_str(), first, "seed {seed}, {layout:?}");
            ties += usize::from(score(&near) == score(&opposite) && score(&near).value() == -1.0);
        }
    }
    assert!(ties > 20, "{ties}");
}

#[test]
fn a_shortlist_finds_the_enrolled() {
    let people = FaceGenerator::new(5);
    let gallery: Vec<Embedding> = (0..5000).map(|i| people.embedding(i, 0)).collect();
    let (mut same, mut asked) = (0, 0);
    for scan in [Form::I8, Form::Bit] {
        let mut index = build(512, (Form::F32, &[scan]));
        enroll(&mut index, &gallery);
        for i in 0..200 {
            let probe = people.embedding(i * 25, 1);
            let exact = search(&index, &probe, &Search::top(1));
            let found = search(&index, &probe, &Search::top(1).mode(Mode::Shortlist { rows: 100 }));
            if exact[0].subject == id(i * 25) {
                asked += 1;
                same += usize::from(found == exact);
            }
        }
    }
    assert!(asked > 380 && same >= asked - 1, "{same} of {asked}");
}

#[test]
fn the_answer_does_not_depend_on_threads() {
    let people = FaceGenerator::new(8);
    let mut index = build(512, (Form::F32, &[Form::I8, Form::Bit]));
    for i in 0..6000 {
        index.add(id(i % 4000), &people.embedding(i, 0)).unwrap();
    }
    let probes: Vec<Embedding> = (0..20).map(|i| people.embedding(i * 7, 1)).collect();
    for mode in [Mode::Exact, Mode::Shortlist { rows: 50 }] {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| search_batch(&index, &probes, &Search::top(10).mode(mode)))
        };
        let one = on(1);
        assert!((2..6).all(|threads| on(threads) == one), "{mode:?}");
    }
}

/// A writer moves one person between two faces; no search may see both or neither, nor half of a pair of embeddings.
#[test]
fn searches_see_one_moment_while_another_thread_writes() {
    let people = FaceGenerator::new(9);
    let mut index = build(512, (Form::F32, &[Form::I8, Form::Bit]));
    for i in 0..700 {
        index.insert(id(i), &people.embedding(i, 0)).unwrap();
    }
    let (a, b) = (people.embedding(10_000, 0), people.embedding(10_001, 0));
    let moving = id("moving");
    index.add(moving.clone(), &a).unwrap();
    index.add(moving.clone(), &a).unwrap();
    let shared = Mutex::new(index);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut rounds = 0;
            while !stop.load(Ordering::Relaxed) && rounds < 5000 {
                let embeddings = if rounds % 2 == 0 { vec![&b] } else { vec![&a, &a] };
                let new = people.embedding(20_000 + rounds, 0);
                let mut index = shared.lock().unwrap();
                index.replace(&moving, embeddings).unwrap();
                index.insert(id(format!("new-{rounds}")), &new).unwrap();
                if rounds > 5 {
                    assert_eq!(index.remove(&id(format!("new-{}", rounds - 5))), 1);
                }
                rounds += 1;
            }
        });
        for round in 0..150 {
            let mode = if round % 2 == 0 { Mode::Exact } else { Mode::Shortlist { rows: 2000 } };
            let snapshot = shared.lock().unwrap().snapshot();
            let all = Search::top(5000).mode(mode);
            let [found_a, found_b]: [Vec<Candidate<Cosine>>; 2] =
                search_batch(&snapshot, &[a.clone(), b.clone()], &all).try_into().unwrap();
            assert_eq!((found_a.len(), found_b.len()), (snapshot.len(), snapshot.len()));
            let score = |found: &[Candidate<Cosine>]| found.iter().find(|c| c.subject == moving).unwrap().score.value();
            let (is_a, is_b) = (score(&found_a) > 0.999, score(&found_b) > 0.999);
            assert!(is_a != is_b, "the person has exactly one of the faces");
            assert_eq!(snapshot.references(), snapshot.len() + usize::from(is_a));
            assert_eq!(bits(&search(&snapshot, &a, &all)), bits(&found_a), "a snapshot stays what it is");
        }
        stop.store(true, Ordering::Relaxed);
        writer.join().unwrap();
    });
}

#[test]
fn embeddings_of_other_models_are_refused_and_change_nothing() {
    let mut index = build(64, (Form::F32, &[Form::I8]));
    let good = Embedding::from_slice(&[1.0; 64]).unwrap();
    index.insert(id("a"), &good).unwrap();
    let longer = Embedding::from_slice(&[1.0; 65]).unwrap();
    let refused = IndexError::Modality(FaceError::Dimension { expected: 64, given: 65 });
    assert_eq!(index.insert(id("b"), &longer), Err(refused.clone()));
    assert_eq!(index.replace(&id("a"), [&good, &longer]), Err(refused));
    let other = FaceModel::new("test", "2", 64).unwrap();
    let of_other = other.embedding(&[1.0; 64]).unwrap();
    let refused = FaceError::Model { held: model(64).to_string(), given: other.to_string() };
    assert_eq!(index.insert(id("b"), &of_other), Err(IndexError::Modality(refused.clone())));
    assert_eq!(index.prepare(&of_other).map(|_| ()), Err(refused));
    assert_eq!((index.len(), index.references()), (1, 1));
    index.add(id("a"), &model(64).embedding(&[1.0; 64]).unwrap()).unwrap();
    assert!(FaceModel::new("", "1", 64).is_err() && FaceModel::new("m", "x".repeat(300), 64).is_err());
    assert!(model(64).embedding(&[1.0; 65]).is_err() && good.with_model(&model(100)).is_err());
}

#[test]
fn what_is_exported_in_the_clear_makes_the_same_gallery() {
    let generator = FaceGenerator::new(5);
    for layout in LAYOUTS {
        let mut index = build(512, layout);
        let mut expected: Vec<(SubjectId, Vec<f32>, u64)> = Vec::new();
        // One to three embeddings each; some people go again, so that rows move.
        for person in 0..60u64 {
            for k in 0..=person % 3 {
                let embedding = generator.embedding(person, k);
                index.add(id(format!("p{person}")), (&embedding, person + k)).unwrap();
                if person % 4 != 1 {
                    expected.push((id(format!("p{person}")), stored(layout.0, &embedding), person + k));
                }
            }
        }
        (0..60).filter(|p| p % 4 == 1).for_each(|p| _ = index.remove(&id(format!("p{p}"))));
        expected.sort_by(|a, b| a.0.cmp(&b.0));
        let mut exported = Vec::new();
        let count = index.export_in_the_clear(&mut |subject, row, label| {
            exported.push((subject.clone(), row.to_vec(), label));
            true
        });
        assert_eq!((count, index.references()), (expected.len(), expected.len()));
        assert!(exported == expected, "{layout:?}");
        let mut few = 0;
        let stopped = index.export_in_the_clear(&mut |_, _, _| {
            few += 1;
            few < 3
        });
        assert_eq!((few, stopped), (3, 3));
    }
    // Floats come back to the same answers by way of plain bytes.
    let mut index = build(512, LAYOUTS[1]);
    (0..200).for_each(|p| index.insert(id(p), &generator.embedding(p, 0)).unwrap());
    let (mut names, mut bytes) = (Vec::new(), Vec::new());
    index.export_in_the_clear(&mut |subject, row, _| {
        names.push(subject.clone());
        bytes.extend(encode_in_the_clear(row));
        true
    });
    let mut copy = build(512, LAYOUTS[1]);
    let rows = RawRows::new(&bytes, 512).unwrap();
    let mut floats = vec![0.0; 512];
    for (row, name) in names.into_iter().enumerate() {
        rows.read(row, &mut floats).unwrap();
        copy.insert(name, &Embedding::from_slice(&floats).unwrap()).unwrap();
    }
    for p in 0..20 {
        let found = |index: &Index<Face>| bits(&search(index, &generator.embedding(p, 1), &Search::top(5)));
        assert_eq!(found(&index), found(&copy));
    }
}

#[test]
fn memory_stays_within_three_percent_of_the_forms() {
    let people = FaceGenerator::new(1);
    let embeddings: Vec<Embedding> = (0..8192).map(|i| people.embedding(i % 100, i / 100)).collect();
    for layout in LAYOUTS.into_iter().filter(|layout| layout.0 != Form::Bit) {
        let mut index = build(512, layout);
        enroll(&mut index, &embeddings[..1]);
        let before = index.bytes();
        enroll(&mut index, &embeddings);
        let forms: usize = std::iter::once(&layout.0).chain(layout.1).map(|form| form.bytes(512)).sum();
        // Names and their tables are no rows.
        let names = 8192 * 160;
        let (stored, held) = (8192 * forms, index.bytes() - before);
        assert!(
            held >= stored && held as f64 <= 1.03 * stored as f64 + f64::from(names),
            "{layout:?}: {held} of {stored}"
        );
        (0..8192).for_each(|n| assert!(index.remove(&id(n)) > 0));
        assert!(index.bytes() < names as usize, "{} are left", index.bytes());
    }
}

#[cfg(feature = "ndarray")]
#[test]
fn views_of_any_stride_are_taken() {
    let array = ndarray::Array2::from_shape_fn((64, 3), |(i, j)| ((i * 3 + j) as f32).sin());
    let strided = Embedding::from_array(array.column(1)).unwrap();
    assert_eq!(strided, Embedding::from_slice(&array.column(1).to_vec()).unwrap());
}

#[test]
fn debug_shows_counts_only() {
    let mut index = build(64, (Form::F32, &[Form::I8]));
    let embedding = model(64).embedding(&[1.0; 64]).unwrap();
    index.insert(id("ada"), &embedding).unwrap();
    let shown = format!("{index:?} {:?} {embedding:?}", index.prepare(&embedding).unwrap());
    assert!(!shown.contains("ada") && !shown.contains("0.125") && shown.contains("subjects: 1"), "{shown}");
}

/// What a search by partitions finds of what the exact search finds first at 0.4 or above, of all probes.
fn kept(index: &Index<Face>, probes: &[Embedding], visited: usize) -> (usize, usize) {
    let least = Search::top(1).at_least(Cosine::new(0.4).unwrap());
    let exact = search_batch(index, probes, &least);
    let found = search_batch(index, probes, &least.mode(Mode::Partitions { visited, rows: 100 }));
    let same = exact.iter().zip(&found).filter(|(exact, found)| !exact.is_empty() && exact == found).count();
    (same, exact.iter().filter(|found| !found.is_empty()).count())
}

#[test]
fn partitions_find_the_enrolled_however_the_index_grew() {
    let people = FaceGenerator::new(5);
    let gallery: Vec<Embedding> = (0..6000).map(|i| people.embedding(i, 0)).collect();
    let probes: Vec<Embedding> = (0..400).map(|i| people.embedding(i * 15, 1)).collect();
    let mut trained = build(512, LAYOUTS[2]);
    enroll(&mut trained, &gallery);
    trained.partition().unwrap();
    // From nothing: partitions come of cutting others.
    let mut grown = build(512, LAYOUTS[0]);
    grown.partition().unwrap();
    assert_eq!(grown.partitions(), Some(0));
    enroll(&mut grown, &gallery);
    // Trained on a tenth.
    let mut drifted = build(512, LAYOUTS[4]);
    enroll(&mut drifted, &gallery[..600]);
    drifted.partition().unwrap();
    assert_eq!(drifted.partitions(), Some(19));
    for (n, embedding) in gallery.iter().enumerate().skip(600) {
        drifted.insert(id(n), embedding).unwrap();
    }
    for (index, what) in [(&trained, "trained"), (&grown, "grown"), (&drifted, "drifted")] {
        let partitions = index.partitions().unwrap();
        // None has more than 128 rows, and cutting leaves at least 64.
        assert!((47..=188).contains(&partitions), "{what}: {partitions}");
        let (found, asked) = kept(index, &probes, partitions / 2);
        assert!(asked > 370 && found * 100 >= asked * 98, "{what}: {found} of {asked}");
        // Batches and single probes, at any number of threads.
        let search_of = Search::top(5).mode(Mode::Partitions { visited: 9, rows: 30 });
        let found = search_batch(index, &probes[..50], &search_of);
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let one = |probe| pool.install(|| search(index, probe, &search_of));
            assert_eq!(probes[..50].iter().map(one).collect::<Vec<_>>(), found);
        }
    }
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let mut again = build(512, LAYOUTS[2]);
    enroll(&mut again, &gallery);
    alone.install(|| again.partition()).unwrap();
    let search_of = Search::top(5).mode(Mode::Partitions { visited: 2, rows: 10 });
    assert_eq!(search_batch(&again, &probes, &search_of), search_batch(&trained, &probes, &search_of));
}

#[test]
fn partitions_belong_to_a_snapshot_and_stand_removal() {
    let people = FaceGenerator::new(6);
    let gallery: Vec<Embedding> = (0..1000).map(|i| people.embedding(i, 0)).collect();
    let mut index = build(512, LAYOUTS[1]);
    enroll(&mut index, &gallery);
    let bare = index.snapshot();
    index.partition().unwrap();
    let snapshot = index.snapshot();
    let search_of = Search::top(3).mode(Mode::Partitions { visited: 8, rows: 20 });
    let probes: Vec<Embedding> = (0..50).map(|i| people.embedding(i * 20, 1)).collect();
    let before = search_batch(&snapshot, &probes, &search_of);
    (0..1000).filter(|n| n % 20 != 0).for_each(|n| assert_eq!(index.remove(&id(n)), 1));
    assert_eq!(search_batch(&snapshot, &probes, &search_of), before);
    let left = search_batch(&index, &probes, &search_of);
    assert!(left.iter().flatten().all(|c| c.subject.as_str().parse::<usize>().unwrap() % 20 == 0));
    assert!(
        left.iter().enumerate().filter(|(i, found)| found.first().is_some_and(|c| c.subject == id(i * 20))).count()
            > 45
    );
    // When it is empty, it takes another dimension.
    (0..1000).step_by(20).for_each(|n| assert_eq!(index.remove(&id(n)), 1));
    assert_eq!(index.partitions(), Some(0));
    assert!(search_batch(&index, &probes, &search_of).iter().all(Vec::is_empty));
    let bare = bare.identify(&bare.prepare(&probes[0]).unwrap(), &search_of);
    assert_eq!(bare, Err(IndexError::NoPartitions));
    let mut index = Index::<Face>::default();
    index.insert(id(0), &gallery[0]).unwrap();
    index.partition().unwrap();
    index.remove(&id(0));
    index.insert(id(1), &face(64, 1)).unwrap();
    index.insert(id(2), &face(64, 3)).unwrap();
    let one = Search::top(1).mode(Mode::Partitions { visited: 1, rows: 1 });
    assert_eq!(search(&index, &face(64, 1), &one)[0].subject, id(1));
    let refused = index.identify(&index.prepare(&gallery[0]).unwrap(), &one);
    assert_eq!(refused, Err(IndexError::Modality(FaceError::Dimension { expected: 64, given: 512 })));
}

#[test]
fn equal_rows_are_cut_into_partitions_too() {
    let mut index = build(64, LAYOUTS[0]);
    index.partition().unwrap();
    let kinds = [face(64, 2), face(64, 8)];
    (0..1000).for_each(|n| index.insert(id(format!("{n:04}")), &kinds[usize::from(n % 10 == 0)]).unwrap());
    assert!(index.partitions().is_some_and(|n| n >= 8));
    let found = search(&index, &kinds[1], &Search::top(50).mode(Mode::Partitions { visited: usize::MAX, rows: 90 }));
    let expected: Vec<String> = (0..50).map(|n| format!("{:04}", 10 * n)).collect();
    assert_eq!(found.iter().map(|c| c.subject.to_string()).collect::<Vec<_>>(), expected);
}
