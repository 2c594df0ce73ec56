//! The index against a naive one: a list of all references, compared one by one and sorted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::atomic::AtomicBool;

use proptest::prelude::*;
use selfsame::face::compare::FaceError;
use selfsame::index::{BuildError, Candidate, Index, IndexError, Mode, Search};
use selfsame::modality::Block;
use selfsame::synth::TemplateGenerator;
use selfsame::{Comparator, Cosine, Embedding, Face, Finger, FingerTemplate, Minutia, Modality, SubjectId};

const DIMENSION: usize = 64;

fn id(number: u8) -> SubjectId {
    SubjectId::new(format!("s{number:03}")).unwrap()
}

/// Few distinct directions, so that scores tie often.
fn embedding(kind: u8) -> Embedding {
    let components: Vec<f32> =
        (0..DIMENSION).map(|i| ((i as u8).wrapping_mul(kind % 23 + 1) % 7) as f32 - 3.0).collect();
    Embedding::from_slice(&components).unwrap()
}

/// What the index is held against.
#[derive(Default)]
struct Oracle(BTreeMap<SubjectId, Vec<Embedding>>);

impl Oracle {
    fn search(&self, probe: &Embedding, top: usize, allow: impl Fn(&SubjectId) -> bool) -> Vec<Candidate<Cosine>> {
        let comparator = Comparator::<Face>::new();
        let best = |references: &[Embedding]| {
            references.iter().map(|r| comparator.compare_templates(probe, r).unwrap()).max().unwrap()
        };
        let mut all: Vec<_> = (self.0.iter())
            .filter(|(subject, _)| allow(subject))
            .map(|(subject, references)| Candidate { subject: subject.clone(), score: best(references) })
            .collect();
        // Stable, and the map is sorted by id.
        all.sort_by_key(|c| std::cmp::Reverse(c.score));
        all.truncate(top);
        all
    }

    fn references(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, u8),
    Remove(u8),
    Search { probe: u8, top: usize, least: Option<f32>, only: Option<Vec<u8>>, odd: bool },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let search = (any::<u8>(), 1usize..40, prop::option::of(-1.0f32..=1.0), any::<bool>()).prop_flat_map(
        |(probe, top, least, odd)| {
            let only = prop::option::weighted(0.3, prop::collection::vec(0u8..50, 0..20));
            only.prop_map(move |only| Step::Search { probe, top, least, only, odd })
        },
    );
    let step = prop_oneof![
        6 => (0u8..40, any::<u8>()).prop_map(|(s, e)| Step::Insert(s, e)),
        2 => (0u8..40).prop_map(Step::Remove),
        2 => search,
    ];
    prop::collection::vec(step, 0..150)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_history_searches_like_the_naive_list(steps in steps(), shard_rows in 1usize..20) {
        let mut index = Index::<Face>::builder().shard_rows(shard_rows).build().unwrap();
        let mut oracle = Oracle::default();
        for step in steps {
            match step {
                Step::Insert(subject, kind) => {
                    index.insert(id(subject), &embedding(kind)).unwrap();
                    oracle.0.entry(id(subject)).or_default().push(embedding(kind));
                }
                Step::Remove(subject) => {
                    let expected = oracle.0.remove(&id(subject)).map_or(0, |r| r.len());
                    prop_assert_eq!(index.remove(&id(subject)), expected);
                }
                Step::Search { probe, top, least, only, odd } => {
                    let least = least.map(|l| Cosine::new(l).unwrap());
                    let only: Option<HashSet<SubjectId>> = only.map(|o| o.into_iter().map(id).collect());
                    let filter = |subject: &SubjectId| !odd || subject.as_str().ends_with(['1', '3', '5', '7', '9']);
                    let mut search = Search::top(top).filter(&filter);
                    if let Some(least) = least {
                        search = search.at_least(least);
                    }
                    if let Some(only) = &only {
                        search = search.only(only);
                    }
                    let probe = embedding(probe);
                    let mut expected = oracle.search(&probe, top, |subject| {
                        filter(subject) && only.as_ref().is_none_or(|o| o.contains(subject))
                    });
                    expected.retain(|c| least.is_none_or(|l| c.score >= l));
                    let found = index.identify(&index.prepare(&probe).unwrap(), &search).unwrap();
                    prop_assert_eq!(found, expected);
                }
            }
            prop_assert_eq!(index.len(), oracle.0.len());
            prop_assert_eq!(index.references(), oracle.references());
        }
        for subject in 0..40 {
            prop_assert_eq!(index.contains(&id(subject)), oracle.0.contains_key(&id(subject)));
        }
    }

    #[test]
    fn a_batch_finds_what_single_searches_find(
        members in prop::collection::vec((0u8..60, any::<u8>()), 0..200),
        probes in prop::collection::vec(any::<u8>(), 0..150),
        top in 1usize..9,
    ) {
        let mut index = Index::<Face>::builder().shard_rows(64).build().unwrap();
        for (subject, kind) in members {
            index.insert(id(subject), &embedding(kind)).unwrap();
        }
        let probes: Vec<_> = probes.into_iter().map(|p| index.prepare(&embedding(p)).unwrap()).collect();
        let single: Vec<_> = probes.iter().map(|p| index.identify(p, &Search::top(top)).unwrap()).collect();
        prop_assert_eq!(index.identify_batch(&probes, &Search::top(top)).unwrap(), single);
    }
}

#[test]
fn the_list_is_the_same_at_any_number_of_threads() {
    let mut index = Index::<Face>::builder().shard_rows(100).build().unwrap();
    for i in 0..3000u32 {
        let subject = SubjectId::new(format!("{:05}", i.wrapping_mul(2_654_435_761) % 2500)).unwrap();
        index.insert(subject, &embedding((i % 251) as u8)).unwrap();
    }
    let probes: Vec<_> = (0..10).map(|p| index.prepare(&embedding(p)).unwrap()).collect();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| index.identify_batch(&probes, &Search::top(40)).unwrap())
    };
    let one = run(1);
    assert!(one.iter().all(|list| list.len() == 40));
    for threads in [2, 4] {
        assert_eq!(run(threads), one, "{threads} threads");
    }
}

#[test]
fn an_empty_index_has_no_candidates() {
    let mut index = Index::<Face>::builder().build().unwrap();
    let probe = index.prepare(&embedding(1)).unwrap();
    assert_eq!(index.identify(&probe, &Search::top(5)).unwrap(), []);
    assert_eq!(index.identify_batch(&[], &Search::top(5)).unwrap(), Vec::<Vec<_>>::new());
    index.insert(id(1), &embedding(1)).unwrap();
    assert_eq!(index.remove(&id(1)), 1);
    assert_eq!(index.remove(&id(1)), 0);
    assert!(index.is_empty() && index.references() == 0);
    assert_eq!(index.identify(&probe, &Search::top(5)).unwrap(), []);
}

#[test]
fn more_candidates_than_subjects_gives_all_of_them() {
    let mut index = Index::<Face>::builder().build().unwrap();
    for subject in 0..9 {
        for _ in 0..3 {
            index.insert(id(subject), &embedding(subject)).unwrap();
        }
    }
    let probe = index.prepare(&embedding(4)).unwrap();
    let found = index.identify(&probe, &Search::top(usize::MAX)).unwrap();
    assert_eq!(found.len(), 9);
    assert_eq!(found[0].subject, id(4));
    assert_eq!(found.iter().map(|c| &c.subject).collect::<HashSet<_>>().len(), 9);
}

#[test]
fn another_dimension_is_refused_and_changes_nothing() {
    let mut index = Index::<Face>::builder().shard_rows(2).build().unwrap();
    for subject in 0..4 {
        index.insert(id(subject), &embedding(subject)).unwrap();
    }
    let other = Embedding::from_slice(&[1.0; 128]).unwrap();
    let refused = |probe, reference| IndexError::Modality(FaceError::DimensionMismatch { probe, reference });
    // A new shard would take it; the index must not.
    assert_eq!(index.insert(id(9), &other), Err(refused(128, DIMENSION)));
    assert_eq!((index.len(), index.references(), index.contains(&id(9))), (4, 4, false));
    let probe = index.prepare(&other).unwrap();
    assert_eq!(index.identify(&probe, &Search::top(1)), Err(refused(128, DIMENSION)));
    for subject in 0..4 {
        index.remove(&id(subject));
    }
    // Empty again, it takes any dimension.
    assert_eq!(index.insert(id(9), &other), Ok(()));
}

#[test]
fn bad_settings_and_canceled_searches_are_errors() {
    for rows in [0, usize::MAX] {
        assert_eq!(Index::<Face>::builder().shard_rows(rows).build().unwrap_err(), BuildError::ShardRows { rows });
    }
    let mut index = Index::<Face>::builder().build().unwrap();
    index.insert(id(1), &embedding(1)).unwrap();
    let probe = index.prepare(&embedding(1)).unwrap();
    assert_eq!(index.identify(&probe, &Search::top(0)), Err(IndexError::NoCandidates));
    let flag = AtomicBool::new(true);
    assert_eq!(index.identify(&probe, &Search::top(1).cancel(&flag)), Err(IndexError::Canceled));
    flag.store(false, std::sync::atomic::Ordering::Relaxed);
    assert_eq!(index.identify(&probe, &Search::top(1).cancel(&flag)).unwrap().len(), 1);
}

#[test]
fn a_search_can_be_canceled_while_it_runs() {
    let mut index = Index::<Face>::builder().shard_rows(10).build().unwrap();
    for subject in 0..200 {
        index.insert(id(subject), &embedding(subject)).unwrap();
    }
    let flag = AtomicBool::new(false);
    let canceling = |_: &SubjectId| {
        flag.store(true, std::sync::atomic::Ordering::Relaxed);
        true
    };
    let probe = index.prepare(&embedding(1)).unwrap();
    let only: HashSet<_> = (0..200).step_by(2).map(id).collect();
    let search = Search::top(1).filter(&canceling).only(&only).cancel(&flag);
    assert_eq!(index.identify(&probe, &search), Err(IndexError::Canceled));
}

#[test]
fn memory_is_given_back() {
    let mut index = Index::<Face>::builder().shard_rows(16).build().unwrap();
    for subject in 0..=255 {
        index.insert(id(subject), &embedding(subject)).unwrap();
    }
    let full = index.bytes();
    assert!(full >= 256 * DIMENSION * 4);
    for subject in 0..=255 {
        index.remove(&id(subject));
    }
    assert!(index.bytes() < full / 2, "{} of {full} bytes", index.bytes());
}

#[test]
fn debug_shows_counts_only() {
    let mut index = Index::<Face>::builder().build().unwrap();
    index.insert(id(1), &embedding(1)).unwrap();
    let shown = format!("{index:?}");
    assert_eq!(shown, "Index { modality: Face, subjects: 1, references: 1, shards: 1, .. }");
}

#[test]
fn prints_are_found_as_one_comparison_after_the_other_finds_them() {
    let people = TemplateGenerator::new(11);
    let mut index = Index::<Finger>::builder().shard_rows(7).build().unwrap();
    let mut enrolled: BTreeMap<SubjectId, Vec<FingerTemplate>> = BTreeMap::new();
    for i in 0..30u8 {
        // Every third subject has two impressions; every fifth one leaves again.
        for k in 0..1 + u64::from(i % 3 == 0) {
            let template = people.probe(u64::from(i), k);
            index.insert(id(i), &template).unwrap();
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
            let mut all: Vec<_> = (enrolled.iter())
                .map(|(subject, r)| Candidate { subject: subject.clone(), score: best(r).unwrap() })
                .collect();
            all.sort_by_key(|c| std::cmp::Reverse(c.score));
            all.truncate(9);
            all
        })
        .collect();
    assert_eq!(expected[0][0].subject, id(0), "the mate is found");
    let prepared: Vec<_> = probes.iter().map(|p| index.prepare(p).unwrap()).collect();
    for threads in [1, 2, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| index.identify_batch(&prepared, &Search::top(9)).unwrap());
        assert_eq!(found, expected, "{threads} threads");
        let all = Search::top(9).mode(Mode::Cascade { shortlist: usize::MAX });
        assert_eq!(pool.install(|| index.identify_batch(&prepared, &all).unwrap()), expected, "a shortlist of all");
    }
}

/// Whole numbers that are alike when they are near; coarsely, when they are near in steps of ten, and finer, in steps of
/// three.
#[derive(Clone, Debug, Default)]
struct Number {
    coarse: bool,
    finer: bool,
}

fn apart(a: i64, b: i64, step: i64) -> i64 {
    (a.div_euclid(step) - b.div_euclid(step)).abs()
}

#[derive(Clone, Default)]
struct Numbers(Vec<i64>);

impl Block<i64> for Numbers {
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

impl Modality for Number {
    type Template = i64;
    type Probe = i64;
    type Reference = i64;
    type Score = i64;
    type Block = Numbers;
    type Scratch = ();
    type Error = std::convert::Infallible;

    fn prepare(&self, template: &i64) -> Result<i64, Self::Error> {
        Ok(*template)
    }
    fn reference(&self, template: &i64) -> Result<i64, Self::Error> {
        Ok(*template)
    }
    fn compare(&self, probe: &i64, reference: &i64, (): &mut ()) -> Result<i64, Self::Error> {
        Ok(-(probe - reference).abs())
    }
    fn new_block(&self) -> Numbers {
        Numbers::default()
    }
    fn check_block(&self, _: &Numbers, _: &i64) -> Result<(), Self::Error> {
        Ok(())
    }
    fn compare_rows(
        &self,
        probe: &i64,
        block: &Numbers,
        rows: Range<usize>,
        (): &mut (),
        out: &mut Vec<i64>,
    ) -> Result<(), Self::Error> {
        out.extend(block.0[rows].iter().map(|r| -(probe - r).abs()));
        Ok(())
    }
    fn coarse_rows(&self, probe: &i64, block: &Numbers, rows: Range<usize>, (): &mut (), out: &mut Vec<f32>) -> bool {
        out.extend(block.0[rows].iter().map(|r| -(apart(*probe, *r, 10) as f32)));
        self.coarse
    }
    fn finer_rows(&self, probe: &i64, block: &Numbers, rows: Range<usize>, (): &mut (), out: &mut Vec<f32>) -> bool {
        out.extend(block.0[rows].iter().map(|r| -(apart(*probe, *r, 3) as f32)));
        self.finer
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_cascade_is_the_exact_search_of_its_shortlist(
        members in prop::collection::vec((any::<u8>(), 0i64..300), 1..250),
        removed in prop::collection::vec(any::<u8>(), 0..30),
        probe in 0i64..300,
        top in 1usize..4,
        shortlist in 0usize..30,
        shard_rows in 1usize..30,
        odd: bool,
        finer: bool,
    ) {
        let filter = |subject: &SubjectId| !odd || subject.as_str().ends_with(['1', '3', '5', '7', '9']);
        // One reference each, so that the shortlist does not depend on the order of rows.
        let mut members: HashMap<SubjectId, i64> = members.into_iter().map(|(s, n)| (id(s), n)).collect();
        let mut index = Index::builder().modality(Number { coarse: true, finer }).shard_rows(shard_rows).build().unwrap();
        for (subject, number) in &members {
            index.insert(subject.clone(), number).unwrap();
        }
        for subject in removed.into_iter().map(id) {
            index.remove(&subject);
            members.remove(&subject);
        }
        let mut allowed: Vec<_> = members.into_iter().filter(|(subject, _)| filter(subject)).collect();
        if index.references() > shortlist.max(top) {
            let shortlist = shortlist.max(top);
            allowed.sort_by_key(|(subject, n)| (apart(probe, *n, 10), subject.clone()));
            if finer {
                // One in 16, at least four times the shortlist.
                allowed.truncate((allowed.len() / 16).max(4 * shortlist));
                allowed.sort_by_key(|(subject, n)| (apart(probe, *n, 3), subject.clone()));
            }
            allowed.truncate(shortlist);
        }
        allowed.sort_by_key(|(subject, n)| ((probe - n).abs(), subject.clone()));
        allowed.truncate(top);
        let expected: Vec<_> =
            allowed.into_iter().map(|(subject, n)| Candidate { subject, score: -(probe - n).abs() }).collect();
        let search = Search::top(top).filter(&filter).mode(Mode::Cascade { shortlist });
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let found = pool.install(|| index.identify(&probe, &search)).unwrap();
            prop_assert_eq!(&found, &expected);
        }
    }
}

#[test]
fn a_cascade_without_a_coarse_form_is_exhaustive() {
    let mut index = Index::builder().modality(Number { coarse: false, finer: true }).shard_rows(7).build().unwrap();
    for n in 0..100u8 {
        index.insert(id(n), &i64::from(n)).unwrap();
    }
    let found = index.identify(&42, &Search::top(3).mode(Mode::Cascade { shortlist: 5 })).unwrap();
    assert_eq!(found, index.identify(&42, &Search::top(3)).unwrap());
    assert_eq!(found[0].subject, id(42));
}

/// Numbers as above; a comparison with a number of the forbidden kind (odd) fails the test.
#[derive(Clone, Debug, Default)]
struct EvenOnly(Number);

impl Modality for EvenOnly {
    type Template = i64;
    type Probe = i64;
    type Reference = i64;
    type Score = i64;
    type Block = Numbers;
    type Scratch = ();
    type Error = std::convert::Infallible;

    fn prepare(&self, template: &i64) -> Result<i64, Self::Error> {
        Ok(*template)
    }
    fn reference(&self, template: &i64) -> Result<i64, Self::Error> {
        Ok(*template)
    }
    fn compare(&self, probe: &i64, reference: &i64, (): &mut ()) -> Result<i64, Self::Error> {
        assert!(reference % 2 == 0, "{reference} was compared");
        Ok(-(probe - reference).abs())
    }
    fn new_block(&self) -> Numbers {
        Numbers::default()
    }
    fn check_block(&self, _: &Numbers, _: &i64) -> Result<(), Self::Error> {
        Ok(())
    }
    fn compare_rows(
        &self,
        probe: &i64,
        block: &Numbers,
        rows: Range<usize>,
        (): &mut (),
        out: &mut Vec<i64>,
    ) -> Result<(), Self::Error> {
        block.0[rows].iter().try_for_each(|r| self.compare(probe, r, &mut ()).map(|score| out.push(score)))
    }
    fn coarse_rows(&self, probe: &i64, block: &Numbers, rows: Range<usize>, (): &mut (), out: &mut Vec<f32>) -> bool {
        self.0.coarse_rows(probe, block, rows, &mut (), out)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn references_of_other_labels_are_never_compared(
        members in prop::collection::vec((any::<u8>(), 0i64..300), 1..150),
        removed in prop::collection::vec(any::<u8>(), 0..30),
        probe in 0i64..300,
        top in 1usize..8,
        shard_rows in 1usize..30,
        coarse: bool,
    ) {
        let modality = EvenOnly(Number { coarse, finer: false });
        let mut index = Index::builder().modality(modality).shard_rows(shard_rows).build().unwrap();
        let mut best: BTreeMap<SubjectId, Vec<i64>> = BTreeMap::new();
        for (subject, number) in members {
            index.insert_labeled(id(subject), &number, 10 + number.rem_euclid(2) as u64).unwrap();
            best.entry(id(subject)).or_default().push(number);
        }
        for subject in removed.into_iter().map(id) {
            index.remove(&subject);
            best.remove(&subject);
        }
        let only: HashSet<SubjectId> = best.keys().take(40).cloned().collect();
        let mut expected: Vec<_> = (best.into_iter())
            .filter_map(|(subject, numbers)| {
                let score = numbers.iter().filter(|n| **n % 2 == 0).map(|n| -(probe - n).abs()).max()?;
                Some(Candidate { subject, score })
            })
            .collect();
        expected.sort_by_key(|c| std::cmp::Reverse(c.score));
        let narrowed: Vec<_> = expected.iter().filter(|c| only.contains(&c.subject)).take(top).cloned().collect();
        expected.truncate(top);
        let even = |label: u64| label == 10;
        let search = Search::top(top).filter_label(&even);
        prop_assert_eq!(&index.identify(&probe, &search).unwrap(), &expected);
        prop_assert_eq!(index.identify(&probe, &search.clone().only(&only)).unwrap(), narrowed);
        // A shortlist as long as the gallery, and one that may miss but must not compare what is not wanted.
        let all = search.clone().mode(Mode::Cascade { shortlist: 150 });
        prop_assert_eq!(&index.identify(&probe, &all).unwrap(), &expected);
        index.identify(&probe, &search.mode(Mode::Cascade { shortlist: 3 })).unwrap();
        let none = |_: u64| false;
        prop_assert_eq!(index.identify(&probe, &Search::top(top).filter_label(&none)).unwrap(), []);
    }
}

#[test]
fn a_cascade_of_prints_finds_mates_however_they_are_turned() {
    let people = TemplateGenerator::new(5);
    let mut index = Index::<Finger>::builder().build().unwrap();
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
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let search = Search::top(1).mode(Mode::Cascade { shortlist: 4 });
                pool.install(|| index.identify(&probe, &search)).unwrap()
            };
            let best = search(1);
            assert_eq!(best, search(3));
            *found += usize::from(best[0].subject.as_str() == format!("{:03}", i * 19));
        }
    }
    assert!(found.iter().all(|&f| f >= 19), "{found:?} of 20 mates are found");
}
