//! The index against a naive one: a list of all references, compared one by one and sorted.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use selfsame::face::embedding::FaceError;
use selfsame::index::{Candidate, Fusion, Index, IndexError, Mode, Search};
use selfsame::modality::{Offers, Ranks, Rows, Segment};
use selfsame::synth::TemplateGenerator;
use selfsame::{Comparator, Embedding, Face, Finger, FingerTemplate, Minutia, Modality, SubjectId};

fn id(number: u8) -> SubjectId {
    SubjectId::new(format!("s{number:03}")).unwrap()
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

/// What of a candidate is compared.
fn shown<S: Copy>(found: &[Candidate<S>]) -> Vec<(SubjectId, S, usize, u64)> {
    found.iter().map(|c| (c.subject.clone(), c.score, c.sample, c.label)).collect()
}

/// Whole numbers that are alike when they are near, coarsely in steps of ten, and finer in steps of three. Few of them, so that
/// scores tie often; segments are so small that a history fills many.
#[derive(Clone, Debug, Default)]
struct Number {
    /// Whether a scan offers bounds instead of scores.
    bounds: bool,
    stages: usize,
    /// Whether to compare with an odd number fails the test.
    even: bool,
}

fn apart(a: i64, b: i64, step: i64) -> i64 {
    (a.div_euclid(step) - b.div_euclid(step)).abs()
}

#[derive(Clone, Default)]
struct Numbers(Vec<i64>);

impl Segment<i64> for Numbers {
    fn push(&mut self, reference: i64) {
        self.0.push(reference);
    }
    fn swap_remove(&mut self, row: usize) {
        self.0.swap_remove(row);
    }
    fn len(&self) -> usize {
        self.0.len()
    }
    fn bytes(&self) -> usize {
        self.0.capacity() * 8
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is out of range")]
struct OutOfRange(i64);

impl Modality for Number {
    type Template = i64;
    type Probe = i64;
    type Reference = i64;
    type Score = i64;
    type Segment = Numbers;
    type Scratch = ();
    type Error = OutOfRange;

    const SEGMENT_ROWS: usize = 7;
    const PROBES_PER_PASS: usize = 3;

    fn rows_per_task(_: Option<usize>, _: usize) -> usize {
        3
    }
    fn prepare(&self, template: &i64) -> Result<i64, OutOfRange> {
        Ok(*template)
    }
    fn reference(&self, template: &i64) -> Result<i64, OutOfRange> {
        if *template < 1_000_000 { Ok(*template) } else { Err(OutOfRange(*template)) }
    }
    fn compare(&self, probe: &i64, reference: &i64, (): &mut ()) -> Result<i64, OutOfRange> {
        assert!(!self.even || reference % 2 == 0, "{reference} was compared");
        Ok(-(probe - reference).abs())
    }
    fn new_segment(&self) -> Numbers {
        Numbers::default()
    }
    fn check_segment(&self, _: &Numbers, _: &i64) -> Result<(), OutOfRange> {
        Ok(())
    }
    fn value(score: i64) -> f32 {
        score as f32
    }
    fn mean(scores: &[i64]) -> i64 {
        scores.iter().sum::<i64>() / scores.len() as i64
    }
    fn compare_row(&self, probe: &i64, segment: &Numbers, row: usize, (): &mut ()) -> Result<i64, OutOfRange> {
        self.compare(probe, &segment.0[row], &mut ())
    }
    fn scan<O: Offers<i64>>(
        &self,
        probes: &[&i64],
        segment: &Numbers,
        rows: Rows<'_>,
        (): &mut (),
        offers: &mut [O],
    ) -> Result<(), OutOfRange> {
        for (probe, offers) in probes.iter().zip(offers) {
            for row in rows.iter() {
                let score = self.compare_row(probe, segment, row, &mut ())?;
                // Bounds that are wider for some rows than for others.
                let width = (segment.0[row] % 5) as f32;
                if !self.bounds {
                    offers.exact(row, score);
                } else if score as f32 + width >= offers.bar() {
                    offers.bounded(row, score as f32 - 2.0 * width, score as f32 + width);
                }
            }
        }
        Ok(())
    }
    fn stages(&self) -> usize {
        self.stages
    }
    fn rank<R: Ranks>(
        &self,
        stage: usize,
        probes: &[&i64],
        segment: &Numbers,
        rows: Rows<'_>,
        (): &mut (),
        ranks: &mut [R],
    ) -> Result<(), OutOfRange> {
        for (probe, ranks) in probes.iter().zip(ranks) {
            for row in rows.iter() {
                let rank = -apart(**probe, segment.0[row], [10, 3][stage]) as f32;
                if rank >= ranks.bar() {
                    ranks.rank(row, rank);
                }
            }
        }
        Ok(())
    }
}

/// What the index is held against: of each subject numbers and labels.
#[derive(Clone, Default)]
struct Oracle(BTreeMap<SubjectId, Vec<(i64, u64)>>);

impl Oracle {
    fn search(
        &self,
        (probe, top, least, fusion): (i64, usize, Option<i64>, Fusion),
        wants: impl Fn(&SubjectId, u64) -> bool,
    ) -> Vec<(SubjectId, i64, usize, u64)> {
        let mut all = Vec::new();
        for (subject, samples) in &self.0 {
            let wanted = samples.iter().enumerate().filter(|(_, (_, label))| wants(subject, *label));
            let scored: Vec<_> = wanted.map(|(n, (number, label))| (-(probe - number).abs(), n, *label)).collect();
            // The first of the best.
            let Some(&(best, sample, label)) = scored.iter().rev().max_by_key(|s| s.0) else { continue };
            let sum = scored.iter().map(|s| s.0).sum::<i64>();
            let score = if fusion == Fusion::Mean { sum / scored.len() as i64 } else { best };
            if least.is_none_or(|least| score >= least) {
                all.push((subject.clone(), score, sample, label));
            }
        }
        // Stable, and the map is sorted by id.
        all.sort_by_key(|found| std::cmp::Reverse(found.1));
        all.truncate(top);
        all
    }

    fn references(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, i64, u64),
    Add(u8, i64, u64),
    Replace(u8, Vec<(i64, u64)>),
    Remove(u8),
    RemoveSample(u8, usize),
    Extend(Vec<(u8, i64, u64)>),
    Snapshot,
    Search {
        probes: Vec<i64>,
        top: usize,
        least: Option<i64>,
        only: Option<Vec<u8>>,
        odd: bool,
        label: Option<u64>,
        mean: bool,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let number = || 0i64..120;
    let search = (
        prop::collection::vec(number(), 1..5),
        1usize..40,
        prop::option::of(-60i64..1),
        prop::option::weighted(0.3, prop::collection::vec(0u8..50, 0..20)),
        any::<bool>(),
        prop::option::weighted(0.3, 0u64..3),
        any::<bool>(),
    );
    let search = search.prop_map(|(probes, top, least, only, odd, label, mean)| Step::Search {
        probes,
        top,
        least,
        only,
        odd,
        label,
        mean,
    });
    let row = || (0u8..40, number(), 0u64..3);
    let step = prop_oneof![
        3 => row().prop_map(|(s, n, l)| Step::Insert(s, n, l)),
        6 => row().prop_map(|(s, n, l)| Step::Add(s, n, l)),
        1 => (0u8..40, prop::collection::vec((number(), 0u64..3), 0..4)).prop_map(|(s, r)| Step::Replace(s, r)),
        2 => (0u8..40).prop_map(Step::Remove),
        2 => (0u8..40, 0usize..4).prop_map(|(s, n)| Step::RemoveSample(s, n)),
        1 => prop::collection::vec((0u8..40, prop_oneof![30 => number(), 1 => Just(2_000_000)], 0u64..3), 0..20).prop_map(Step::Extend),
        1 => Just(Step::Snapshot),
        3 => search,
    ];
    prop::collection::vec(step, 0..150)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_history_searches_like_the_naive_list(steps in steps(), bounds: bool, stages in 0usize..3, threads in 1usize..4) {
        let mut index = Index::new(Number { bounds, stages, even: false });
        let mut oracle = Oracle::default();
        let mut kept: Vec<(Index<Number>, Oracle)> = Vec::new();
        let pool = pool(threads);
        for step in steps {
            match step {
                Step::Insert(s, number, label) => {
                    let done = index.insert(id(s), (&number, label));
                    prop_assert_eq!(done == Err(IndexError::Duplicate), oracle.0.contains_key(&id(s)));
                    oracle.0.entry(id(s)).or_insert_with(|| vec![(number, label)]);
                }
                Step::Add(s, number, label) => {
                    index.add(id(s), (&number, label)).unwrap();
                    oracle.0.entry(id(s)).or_default().push((number, label));
                }
                Step::Replace(s, rows) => {
                    let done = index.replace(&id(s), rows.iter().map(|(number, label)| (number, *label)));
                    match oracle.0.get_mut(&id(s)) {
                        None => prop_assert_eq!(done, Err(IndexError::Unknown)),
                        Some(_) if rows.is_empty() => prop_assert_eq!(done, Err(IndexError::NoSample)),
                        Some(held) => *held = rows,
                    }
                }
                Step::Remove(s) => {
                    let expected = oracle.0.remove(&id(s)).map_or(0, |r| r.len());
                    prop_assert_eq!(index.remove(&id(s)), expected);
                }
                Step::RemoveSample(s, sample) => {
                    let held = oracle.0.get_mut(&id(s)).filter(|held| sample < held.len());
                    prop_assert_eq!(index.remove_sample(&id(s), sample), held.is_some());
                    held.into_iter().for_each(|held| _ = held.remove(sample));
                    oracle.0.retain(|_, held| !held.is_empty());
                }
                Step::Extend(rows) => {
                    let bad = rows.iter().position(|row| row.1 >= 1_000_000);
                    let done = index.extend(rows.iter().map(|(s, number, label)| (id(*s), *label, *number)));
                    match bad {
                        Some(row) => {
                            let reason = Box::new(IndexError::Modality(OutOfRange(2_000_000)));
                            prop_assert_eq!(done, Err(IndexError::Row { row, reason }));
                        }
                        None => {
                            prop_assert_eq!(done, Ok(rows.len()));
                            rows.iter().for_each(|(s, n, l)| oracle.0.entry(id(*s)).or_default().push((*n, *l)));
                        }
                    }
                }
                Step::Snapshot => kept.push((index.snapshot(), oracle.clone())),
                Step::Search { probes, top, least, only, odd, label, mean } => {
                    let only: Option<HashSet<SubjectId>> = only.map(|o| o.into_iter().map(id).collect());
                    let filter = |subject: &SubjectId| !odd || subject.as_str().ends_with(['1', '3', '5', '7', '9']);
                    let labels = |l: u64| label.is_none_or(|wanted| wanted == l);
                    let fusion = if mean { Fusion::Mean } else { Fusion::Max };
                    let mut search = Search::top(top).filter(&filter).fusion(fusion).filter_label(&labels);
                    if let Some(least) = least {
                        search = search.at_least(least);
                    }
                    if let Some(only) = &only {
                        search = search.only(only);
                    }
                    let wants = |subject: &SubjectId, label: u64| {
                        filter(subject) && labels(label) && only.as_ref().is_none_or(|o| o.contains(subject))
                    };
                    for (index, oracle) in kept.iter().map(|(i, o)| (i, o)).chain([(&index, &oracle)]) {
                        let expected: Vec<_> = probes.iter().map(|p| oracle.search((*p, top, least, fusion), wants)).collect();
                        let found = pool.install(|| index.identify_batch(&probes, &search)).unwrap();
                        prop_assert!(found.iter().map(|found| shown(found)).eq(expected.iter().cloned()));
                        let one = pool.install(|| index.identify(&probes[0], &search)).unwrap();
                        prop_assert_eq!(shown(&one), expected[0].clone());
                        // A shortlist of everybody loses nobody.
                        match pool.install(|| index.identify(&probes[0], &search.clone().mode(Mode::Shortlist { rows: 500 }))) {
                            Ok(found) => prop_assert_eq!(shown(&found), expected[0].clone()),
                            Err(error) => prop_assert!(stages == 0 && error == IndexError::NoShortlist),
                        }
                    }
                }
            }
            prop_assert_eq!(index.len(), oracle.0.len());
            prop_assert_eq!(index.references(), oracle.references());
        }
        for subject in (0..40).map(id) {
            let held = oracle.0.get(&subject);
            prop_assert_eq!(index.contains(&subject), held.is_some());
            prop_assert!(index.samples(&subject).eq(held.into_iter().flatten().map(|(_, label)| *label)));
            let best = held.and_then(|held| held.iter().map(|(n, _)| -(50 - n).abs()).max());
            prop_assert_eq!(index.verify(&subject, &50), best.ok_or(IndexError::Unknown));
        }
        let mut names: Vec<_> = index.subjects().cloned().collect();
        names.sort();
        prop_assert!(names.iter().eq(oracle.0.keys()));
    }

    #[test]
    fn a_shortlist_search_is_the_exact_one_of_its_rows(
        members in prop::collection::btree_map(any::<u8>(), 0i64..300, 1..250),
        removed in prop::collection::vec(any::<u8>(), 0..30),
        probe in 0i64..300,
        top in 1usize..4,
        rows in 0usize..30,
        odd: bool,
        stages in 1usize..3,
    ) {
        let filter = |subject: &SubjectId| !odd || subject.as_str().ends_with(['1', '3', '5', '7', '9']);
        let mut members: BTreeMap<SubjectId, i64> = members.into_iter().map(|(s, n)| (id(s), n)).collect();
        let mut index = Index::new(Number { stages, ..Number::default() });
        for (subject, number) in &members {
            index.insert(subject.clone(), number).unwrap();
        }
        for subject in removed.into_iter().map(id) {
            index.remove(&subject);
            members.remove(&subject);
        }
        let references = index.references();
        let mut allowed: Vec<_> = members.into_iter().filter(|(subject, _)| filter(subject)).collect();
        let kept = rows.max(top);
        if references > kept {
            allowed.sort_by_key(|(subject, n)| (apart(probe, *n, 10), subject.clone()));
            if stages == 2 {
                // One in 16, at least four times the shortlist.
                allowed.truncate((references / 16).max(4 * kept));
                allowed.sort_by_key(|(subject, n)| (apart(probe, *n, 3), subject.clone()));
            }
            allowed.truncate(kept);
        }
        allowed.sort_by_key(|(subject, n)| ((probe - n).abs(), subject.clone()));
        allowed.truncate(top);
        let expected: Vec<_> = allowed.into_iter().map(|(subject, n)| (subject, -(probe - n).abs(), 0, 0)).collect();
        let search = Search::top(top).filter(&filter).mode(Mode::Shortlist { rows });
        for threads in [1, 2] {
            let found = pool(threads).install(|| index.identify(&probe, &search)).unwrap();
            prop_assert_eq!(shown(&found), expected.clone());
        }
    }

    #[test]
    fn references_of_other_labels_are_never_compared(
        members in prop::collection::vec((any::<u8>(), 0i64..300), 1..150),
        probe in 0i64..300,
        top in 1usize..8,
        stages in 1usize..3,
        bounds: bool,
    ) {
        let mut index = Index::new(Number { bounds, stages, even: true });
        for (subject, number) in members {
            index.add(id(subject), (&number, 10 + number.rem_euclid(2) as u64)).unwrap();
        }
        let only: HashSet<SubjectId> = index.subjects().take(40).cloned().collect();
        let even = |label: u64| label == 10;
        let search = Search::top(top).filter_label(&even);
        for mode in [Mode::Exact, Mode::Shortlist { rows: 150 }, Mode::Shortlist { rows: 3 }] {
            index.identify(&probe, &search.clone().mode(mode)).unwrap();
            index.identify(&probe, &search.clone().mode(mode).only(&only).fusion(Fusion::Mean)).unwrap();
        }
        let none = |_: u64| false;
        prop_assert_eq!(index.identify(&probe, &Search::top(top).filter_label(&none)).unwrap(), []);
    }
}

#[test]
fn the_list_is_the_same_at_any_number_of_threads() {
    let mut index = Index::new(Number { bounds: true, stages: 2, even: false });
    for i in 0..3000u32 {
        let subject = SubjectId::new(format!("{:05}", i.wrapping_mul(2_654_435_761) % 2500)).unwrap();
        index.add(subject, &i64::from(i % 251)).unwrap();
    }
    let probes: Vec<i64> = (0..10).map(|p| p * 25).collect();
    for mode in [Mode::Exact, Mode::Shortlist { rows: 50 }] {
        let run =
            |threads| pool(threads).install(|| index.identify_batch(&probes, &Search::top(40).mode(mode)).unwrap());
        let one = run(1);
        assert!(one.iter().all(|list| list.len() == 40));
        assert!((2..5).all(|threads| run(threads) == one), "{mode:?}");
    }
}

#[test]
fn an_empty_index_has_no_candidates() {
    let mut index = Index::new(Number { stages: 2, ..Number::default() });
    for search in [Search::top(5), Search::top(usize::MAX), Search::top(5).mode(Mode::Shortlist { rows: 3 })] {
        assert_eq!(index.identify(&1, &search).unwrap(), []);
        assert_eq!(index.identify_batch(&[], &search).unwrap(), Vec::<Vec<_>>::new());
    }
    index.insert(id(1), &1).unwrap();
    assert_eq!((index.remove(&id(1)), index.remove(&id(1))), (1, 0));
    assert!(index.is_empty() && index.references() == 0);
    assert_eq!(index.identify(&1, &Search::top(5)).unwrap(), []);
    // More than there are is all there are.
    for subject in 0..9 {
        (0..3).for_each(|n| index.add(id(subject), &(i64::from(subject) + n)).unwrap());
    }
    let found = index.identify(&8, &Search::top(usize::MAX)).unwrap();
    assert_eq!((found.len(), found[0].subject.clone(), found[0].sample), (9, id(6), 2));
}

#[test]
fn what_cannot_be_done_is_an_error_and_changes_nothing() {
    let mut index = Index::<Face>::default();
    let face = |dimension: usize, kind: usize| {
        let components: Vec<f32> = (0..dimension).map(|i| ((i * kind) as f32).cos()).collect();
        Embedding::from_slice(&components).unwrap()
    };
    for subject in 0..4 {
        index.insert(id(subject), &face(64, usize::from(subject))).unwrap();
    }
    let refused = || IndexError::Modality(FaceError::Dimension { expected: 64, given: 128 });
    assert_eq!(index.insert(id(9), &face(128, 1)), Err(refused()));
    assert_eq!(index.replace(&id(1), [&face(64, 7), &face(128, 1)]), Err(refused()));
    assert_eq!(
        index.extend([(id(10), 0, face(64, 3)), (id(11), 0, face(128, 3))]),
        Err(IndexError::Row { row: 1, reason: Box::new(refused()) })
    );
    assert_eq!(
        (index.len(), index.references(), index.contains(&id(9)), index.contains(&id(10))),
        (4, 4, false, false)
    );
    let probe = index.prepare(&face(128, 1)).unwrap();
    assert_eq!(index.identify(&probe, &Search::top(1)), Err(refused()));
    assert_eq!(index.verify(&id(1), &probe), Err(refused()));
    let probe = index.prepare(&face(64, 1)).unwrap();
    assert!(index.verify(&id(1), &probe).unwrap().value() > 0.999_999);
    assert_eq!(index.identify(&probe, &Search::top(0)), Err(IndexError::NoCandidates));
    assert_eq!(index.identify(&probe, &Search::top(1).mode(Mode::Shortlist { rows: 9 })), Err(IndexError::NoShortlist));
    let flag = AtomicBool::new(true);
    assert_eq!(index.identify(&probe, &Search::top(1).cancel(&flag)), Err(IndexError::Canceled));
    flag.store(false, Ordering::Relaxed);
    assert_eq!(index.identify(&probe, &Search::top(1).cancel(&flag)).unwrap().len(), 1);
    for subject in 0..4 {
        index.remove(&id(subject));
    }
    // Empty again, it takes any dimension.
    assert_eq!(index.insert(id(9), &face(128, 1)), Ok(()));
}

#[test]
fn a_search_can_be_canceled_while_it_runs() {
    for mode in [Mode::Exact, Mode::Shortlist { rows: 50 }] {
        let mut index = Index::new(Number { stages: 2, ..Number::default() });
        for subject in 0..200 {
            index.insert(id(subject), &i64::from(subject)).unwrap();
        }
        let flag = AtomicBool::new(false);
        let canceling = |_: &SubjectId| {
            flag.store(true, Ordering::Relaxed);
            true
        };
        let only: HashSet<_> = (0..200).step_by(2).map(id).collect();
        let search = Search::top(1).filter(&canceling).only(&only).cancel(&flag).mode(mode);
        assert_eq!(index.identify(&1, &search), Err(IndexError::Canceled), "{mode:?}");
    }
}

#[test]
fn memory_is_given_back() {
    let mut index = Index::new(Number::default());
    for subject in 0..=255 {
        index.insert(id(subject), &i64::from(subject)).unwrap();
    }
    let full = index.bytes();
    assert!(full >= 256 * 8);
    for subject in 0..=255 {
        index.remove(&id(subject));
    }
    assert!(index.bytes() < full, "{} of {full} bytes", index.bytes());
}

#[test]
fn debug_shows_counts_only() {
    let mut index = Index::<Finger>::default();
    index.insert(id(1), &TemplateGenerator::new(1).reference(1)).unwrap();
    assert_eq!(format!("{index:?}"), "Index { modality: Finger, subjects: 1, references: 1, .. }");
}

#[test]
fn prints_are_found_as_one_comparison_after_the_other_finds_them() {
    let people = TemplateGenerator::new(11);
    let mut index = Index::<Finger>::default();
    let mut enrolled: BTreeMap<SubjectId, Vec<FingerTemplate>> = BTreeMap::new();
    for i in 0..30u8 {
        // Every third subject has two impressions; every fifth one leaves again.
        for k in 0..1 + u64::from(i % 3 == 0) {
            let template = people.probe(u64::from(i), k);
            index.add(id(i), &template).unwrap();
            enrolled.entry(id(i)).or_default().push(template);
        }
        if i % 5 == 4 {
            assert_eq!(index.remove(&id(i - 3)), enrolled.remove(&id(i - 3)).map_or(0, |r| r.len()));
        }
    }
    let comparator = Comparator::<Finger>::new();
    let probes: Vec<FingerTemplate> = (0..6).map(|i| people.probe(i, 9)).collect();
    let expected: Vec<Vec<_>> = probes
        .iter()
        .map(|probe| {
            let best = |r: &[FingerTemplate]| r.iter().map(|r| comparator.compare_templates(probe, r).unwrap()).max();
            let mut all: Vec<_> = (enrolled.iter()).map(|(subject, r)| (subject.clone(), best(r).unwrap())).collect();
            all.sort_by_key(|found| std::cmp::Reverse(found.1));
            all.truncate(9);
            all
        })
        .collect();
    assert_eq!(expected[0][0].0, id(0), "the mate is found");
    let prepared: Vec<_> = probes.iter().map(|p| index.prepare(p).unwrap()).collect();
    let named = |found: Vec<Vec<Candidate<_>>>| -> Vec<Vec<_>> {
        found.into_iter().map(|list| list.into_iter().map(|c| (c.subject, c.score)).collect()).collect()
    };
    for threads in [1, 2, 4] {
        for mode in [Mode::Exact, Mode::Shortlist { rows: usize::MAX }, Mode::Shortlist { rows: 37 }] {
            let search = Search::top(9).mode(mode);
            let found = pool(threads).install(|| index.identify_batch(&prepared, &search).unwrap());
            let best =
                |lists: &[Vec<_>]| lists.iter().map(|list: &Vec<(SubjectId, _)>| list[0].clone()).collect::<Vec<_>>();
            match mode {
                Mode::Shortlist { rows: 37 } => assert_eq!(best(&named(found)), best(&expected)),
                _ => assert_eq!(named(found), expected, "{threads} threads, {mode:?}"),
            }
        }
    }
}

#[test]
fn a_shortlist_of_prints_finds_mates_however_they_are_turned() {
    let people = TemplateGenerator::new(5);
    let mut index = Index::<Finger>::default();
    for i in 0..400 {
        index.insert(SubjectId::new(format!("{i:03}")).unwrap(), &people.reference(i)).unwrap();
    }
    let turned = |template: &FingerTemplate, degrees: f32| {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let turn = |m: &Minutia| {
            let (dx, dy) = (m.x - 200.0, m.y - 200.0);
            let (x, y) = (500.0 + cos * dx + sin * dy, 500.0 - sin * dx + cos * dy);
            Minutia { x, y, direction: m.direction.turned(degrees.to_radians()), ..*m }
        };
        FingerTemplate::new(1000, 1000, template.minutiae().iter().map(turn).collect()).unwrap()
    };
    let mut found = [0; 5];
    for i in 0..20 {
        let probe = people.probe(i * 19, 0);
        for (found, degrees) in found.iter_mut().zip([0.0f32, 45.0, 90.0, 180.0, 300.0]) {
            let probe = index.prepare(&turned(&probe, degrees)).unwrap();
            let search = |threads: usize| {
                let search = Search::top(1).mode(Mode::Shortlist { rows: 4 });
                pool(threads).install(|| index.identify(&probe, &search)).unwrap()
            };
            let best = search(1);
            assert_eq!(best, search(3));
            *found += usize::from(best[0].subject.as_str() == format!("{:03}", i * 19));
        }
    }
    assert!(found.iter().all(|&f| f >= 19), "{found:?} of 20 mates are found");
}
