//! Duplicates inside a gallery against two plain loops; stopped and taken up again anywhere.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use proptest::prelude::*;
use selfsame::face::compare::Form;
use selfsame::index::{
    CheckpointError, Dedup, DedupCheckpoint, DedupOptions, DedupProgress, Duplicate, Index, IndexError,
};
use selfsame::synth::TemplateGenerator;
use selfsame::{Comparator, Cosine, Embedding, Face, Finger, Modality, Score, SubjectId};

fn id(number: u64) -> SubjectId {
    SubjectId::new(format!("s{number:03}")).unwrap()
}

/// Few distinct directions, so that scores tie often.
fn embedding(kind: u8) -> Embedding {
    let components: Vec<f32> = (0..64).map(|i| ((i as u8).wrapping_mul(kind % 23 + 1) % 7) as f32 - 3.0).collect();
    Embedding::from_slice(&components).unwrap()
}

fn naive<M: Modality + Default>(members: &[(SubjectId, M::Template)], at_least: M::Score) -> Vec<Duplicate<M::Score>> {
    let comparator = Comparator::<M>::new();
    let mut best: BTreeMap<(SubjectId, SubjectId), M::Score> = BTreeMap::new();
    for (i, (a, p)) in members.iter().enumerate() {
        for (b, q) in &members[i + 1..] {
            let score = comparator.compare_templates(p, q).unwrap();
            if a != b && score >= at_least {
                let key = if a < b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
                let held = best.entry(key).or_insert(score);
                *held = score.max(*held);
            }
        }
    }
    let mut all: Vec<_> = best.into_iter().map(|((a, b), score)| Duplicate { a, b, score }).collect();
    all.sort_by_key(|d| std::cmp::Reverse(d.score));
    all
}

/// With bytes to scan or without.
fn faces(members: &[(SubjectId, Embedding)], bytes: bool) -> Index<Face> {
    let face = Face::default();
    let mut index = Index::new(if bytes { face.with_scan(Form::I8).unwrap() } else { face });
    for (subject, template) in members {
        index.add(subject.clone(), template).unwrap();
    }
    index
}

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn all_pairs_are_found_however_the_work_is_cut(
        members in prop::collection::vec((0u64..40, any::<u8>()), 0..150),
        gone in prop::collection::vec(0u64..40, 0..6),
        least in -0.2f32..1.0,
        bytes: bool,
        block_rows in 1usize..150,
        stop_after in 0usize..30,
    ) {
        let mut members: Vec<_> = members.into_iter().map(|(s, kind)| (id(s), embedding(kind))).collect();
        let mut index = faces(&members, bytes);
        for subject in gone.into_iter().map(id) {
            index.remove(&subject);
            members.retain(|m| m.0 != subject);
        }
        let least = Cosine::new(least).unwrap();
        let expected = naive::<Face>(&members, least);
        let options = DedupOptions::at_least(least).block_rows(block_rows);
        for threads in [1, 3] {
            let found = pool(threads).install(|| index.duplicates(&options)).unwrap();
            prop_assert_eq!(&found, &expected);
        }
        // Stopped after some blocks, written down, read, taken up with blocks of another size.
        let mut first = Dedup::new(&index, options.clone());
        for _ in 0..stop_after {
            first.step().unwrap();
        }
        let kept = first.checkpoint().to_bytes();
        let read = DedupCheckpoint::from_bytes(&kept).unwrap();
        let mut second = Dedup::resume(&index, options.block_rows(7), &read).unwrap();
        prop_assert_eq!(second.progress(), first.progress());
        prop_assert_eq!(second.checkpoint().to_bytes(), kept);
        while second.step().unwrap() {}
        prop_assert_eq!(second.duplicates(), expected);
        let end = second.progress();
        prop_assert!(end.comparisons_done == end.comparisons && end.rows_done == index.references());
    }
}

#[test]
fn prints_enrolled_twice_are_found() {
    let people = TemplateGenerator::new(3);
    let mut members: Vec<_> = (0..24).map(|i| (id(i), people.reference(i))).collect();
    members.extend([(id(100), people.probe(4, 0)), (id(101), people.probe(17, 0)), (id(5), people.probe(5, 1))]);
    let mut index = Index::<Finger>::default();
    for (subject, template) in &members {
        index.add(subject.clone(), template).unwrap();
    }
    let least = Score::from_decibels(35.0);
    let expected = naive::<Finger>(&members, least);
    let named = |found: &[Duplicate<Score>], a, b| found.iter().any(|d| d.a == id(a) && d.b == id(b));
    assert!(named(&expected, 4, 100) && named(&expected, 17, 101), "{expected:?}");
    assert!(!named(&expected, 5, 5), "two impressions of one subject are no duplicate");
    for threads in [1, 2] {
        let found = pool(threads).install(|| index.duplicates(&DedupOptions::at_least(least).block_rows(8)));
        assert_eq!(found.unwrap(), expected, "{threads} threads");
    }
}

#[test]
fn progress_adds_up_and_small_galleries_have_no_pairs() {
    let members: Vec<_> = (0..30).map(|i| (id(i), embedding(i as u8))).collect();
    let index = faces(&members, true);
    let (calls, last) = (AtomicUsize::new(0), std::sync::Mutex::new(None));
    let report = |p: &DedupProgress| {
        calls.fetch_add(1, Ordering::Relaxed);
        let before = last.lock().unwrap().replace(*p);
        assert!(before.is_none_or(|b: DedupProgress| b.comparisons_done <= p.comparisons_done));
    };
    index.duplicates(&DedupOptions::at_least(Cosine::new(0.9).unwrap()).block_rows(4).progress(&report)).unwrap();
    let last = last.into_inner().unwrap().unwrap();
    assert_eq!(calls.into_inner(), 8);
    assert_eq!((last.comparisons_done, last.comparisons, last.rows_done), (435, 435, 30));
    for count in [0, 1] {
        let index = faces(&members[..count], false);
        assert_eq!(index.duplicates(&DedupOptions::at_least(Cosine::new(-1.0).unwrap())).unwrap(), []);
    }
}

#[test]
fn a_canceled_search_stands_where_its_last_block_ended() {
    let members: Vec<_> = (0..200).map(|i| (id(i), embedding(i as u8))).collect();
    let index = faces(&members, true);
    let flag = AtomicBool::new(false);
    let options = DedupOptions::at_least(Cosine::new(0.5).unwrap()).block_rows(16);
    let whole = index.duplicates(&options).unwrap();
    assert!(whole.len() > 10);
    // The flag goes up while a search runs, as another thread would do it.
    let report = |p: &DedupProgress| flag.store(p.rows_done == 64, Ordering::Relaxed);
    let watched = options.clone().cancel(&flag).progress(&report);
    let mut dedup = Dedup::new(&index, watched);
    let refused = loop {
        match dedup.step() {
            Ok(true) => {}
            other => break other,
        }
    };
    assert_eq!(refused, Err(IndexError::Canceled));
    assert_eq!(dedup.progress().rows_done, 64);
    let checkpoint = dedup.checkpoint();
    flag.store(false, Ordering::Relaxed);
    while dedup.step().unwrap() {}
    assert_eq!(dedup.duplicates(), whole);
    let mut again = Dedup::resume(&index, options, &checkpoint).unwrap();
    while again.step().unwrap() {}
    assert_eq!(again.duplicates(), whole);
}

#[test]
fn a_threshold_that_admits_all_is_stopped() {
    let members: Vec<_> = (0..100).map(|i| (id(i), embedding(i as u8))).collect();
    let index = faces(&members, true);
    let all = DedupOptions::at_least(Cosine::new(-1.0).unwrap());
    assert_eq!(index.duplicates(&all.clone().at_most(4949)), Err(IndexError::TooManyPairs { limit: 4949 }));
    assert_eq!(index.duplicates(&all.at_most(4950)).unwrap().len(), 4950);
}

#[test]
fn a_checkpoint_is_refused_for_anything_else() {
    let members: Vec<_> = (0..40).map(|i| (id(i), embedding(i as u8))).collect();
    let index = faces(&members, true);
    let options = DedupOptions::at_least(Cosine::new(0.9).unwrap()).block_rows(5);
    let mut dedup = Dedup::new(&index, options.clone());
    dedup.step().unwrap();
    dedup.step().unwrap();
    let checkpoint = dedup.checkpoint();
    let other = Some(IndexError::Checkpoint(CheckpointError::OtherGallery));
    let refused = |members: &[(SubjectId, Embedding)], options| {
        assert_eq!(Dedup::resume(&faces(members, true), options, &checkpoint).err(), other);
    };
    // One more, one less, one renamed, one replaced, two exchanged, another threshold.
    let mut changed = members.clone();
    changed.push((id(41), embedding(3)));
    refused(&changed, options.clone());
    refused(&members[..39], options.clone());
    changed = members.clone();
    changed[20].0 = id(99);
    refused(&changed, options.clone());
    changed = members.clone();
    changed[39].1 = Embedding::from_slice(&[1.0; 64]).unwrap();
    refused(&changed, options.clone());
    changed = members.clone();
    changed.swap(3, 30);
    refused(&changed, options);
    refused(&members, DedupOptions::at_least(Cosine::new(0.8).unwrap()));
    // Without bytes the rows are the same in the same order.
    let options = DedupOptions::at_least(Cosine::new(0.9).unwrap());
    assert!(Dedup::resume(&faces(&members, false), options, &checkpoint).is_ok());
    let text = String::from_utf8(checkpoint.to_bytes()).unwrap();
    assert!(!text.contains("s0"), "no names: {text}");
}

#[test]
fn a_shortlist_finds_the_pairs_of_prints_with_the_same_scores() {
    let people = TemplateGenerator::new(21);
    let mut index = Index::<Finger>::default();
    for i in 0..150 {
        index.insert(id(i), &people.reference(i)).unwrap();
    }
    // Every tenth finger stands there under another name.
    for i in (0..150).step_by(10) {
        index.insert(id(200 + i), &people.probe(i, 0)).unwrap();
    }
    let least = Score::from_decibels(60.0);
    let all = index.duplicates(&DedupOptions::at_least(least)).unwrap();
    assert!(all.len() >= 12);
    let options = || DedupOptions::at_least(least).block_rows(7).shortlist(3);
    for threads in [1, 3] {
        assert_eq!(pool(threads).install(|| index.duplicates(&options())).unwrap(), all);
    }
    // A shortlist of nothing finds nothing: what is found went through the shortlist.
    assert_eq!(index.duplicates(&options().shortlist(0)).unwrap(), []);
    // It is part of what a checkpoint belongs to.
    let mut dedup = Dedup::new(&index, options());
    dedup.step().unwrap();
    let kept = dedup.checkpoint();
    let mut dedup = Dedup::resume(&index, options(), &kept).unwrap();
    while dedup.step().unwrap() {}
    assert_eq!(dedup.duplicates(), all);
    for other in [options().shortlist(4), DedupOptions::at_least(least)] {
        let refused = Dedup::resume(&index, other, &kept).unwrap_err();
        assert_eq!(refused, IndexError::Checkpoint(CheckpointError::OtherGallery));
    }
    let most = options().at_most(3);
    assert_eq!(index.duplicates(&most), Err(IndexError::TooManyPairs { limit: 3 }));
}

#[test]
fn a_shortlist_of_faces_needs_bytes_or_bits() {
    let members: Vec<_> = (0..60u8).map(|i| (id(u64::from(i)), embedding(i))).collect();
    let options = DedupOptions::at_least(Cosine::new(0.9).unwrap());
    let all = faces(&members, true).duplicates(&options).unwrap();
    assert!(!all.is_empty());
    assert_eq!(faces(&members, true).duplicates(&options.clone().shortlist(60)).unwrap(), all);
    assert_eq!(faces(&members, false).duplicates(&options.shortlist(60)), Err(IndexError::NoShortlist));
}
