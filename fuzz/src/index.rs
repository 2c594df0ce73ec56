//! Target for any history of an index, with any forms to scan, compared with a list.

use std::collections::BTreeMap;

use selfsame::face::compare::Form;
use selfsame::face::embedding::FaceModel;
use selfsame::index::{Candidate, Fusion, Index, IndexError, Mode, Search};
use selfsame::{Comparator, Cosine, Embedding, Face, SubjectId};

use super::bytes::Bytes;

/// Dimension of all embeddings: the last chunk and the last step are not full.
const DIMENSION: usize = 67;

type Model = BTreeMap<SubjectId, Vec<(Embedding, u64)>>;

/// A byte for the forms, then operations of three or four bytes.
pub fn index_ops(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let form = bytes.u8();
    let Ok(model) = FaceModel::new("fuzzed", "1", DIMENSION) else { panic!("a model is refused") };
    let scans = [(2, Form::I8), (4, Form::Bit)].into_iter().filter(|(bit, _)| form & bit != 0);
    let face = scans.fold(Face::of(model), |face, (_, scan)| match face.with_scan(scan) {
        Ok(face) => face,
        Err(error) => panic!("a narrower form is refused: {error}"),
    });
    let mut index = Index::new(face);
    let mut gallery = Model::new();
    let mut snapshots: Vec<(Index<Face>, Model)> = Vec::new();
    while !bytes.is_empty() {
        let (operation, subject) = (bytes.u8(), name(bytes.u8()));
        match operation % 8 {
            0..=2 => {
                // Many at once, so that panels and segments fill.
                let (kind, times) = (bytes.u8(), usize::from(operation / 8) + 1);
                for _ in 0..times {
                    let label = u64::from(kind % 3);
                    assert_eq!(index.add(subject.clone(), (&template(kind), label)), Ok(()));
                    gallery.entry(subject.clone()).or_default().push((template(kind), label));
                }
            }
            3 => {
                let kind = bytes.u8();
                let known = gallery.contains_key(&subject);
                let refused = if known { Err(IndexError::Duplicate) } else { Ok(()) };
                assert_eq!(index.insert(subject.clone(), &template(kind)), refused);
                if !known {
                    gallery.insert(subject, vec![(template(kind), 0)]);
                }
            }
            4 => {
                let kind = bytes.u8();
                let held = gallery.get_mut(&subject);
                if kind.is_multiple_of(4) {
                    let sample = usize::from(kind / 64);
                    let held = held.filter(|held| sample < held.len());
                    assert_eq!(index.remove_sample(&subject, sample), held.is_some());
                    held.into_iter().for_each(|held| _ = held.remove(sample));
                    gallery.retain(|_, held| !held.is_empty());
                } else {
                    let refused = if held.is_some() { Ok(()) } else { Err(IndexError::Unknown) };
                    assert_eq!(index.replace(&subject, [&template(kind), &template(kind / 2)]), refused);
                    if let Some(held) = held {
                        *held = vec![(template(kind), 0), (template(kind / 2), 0)];
                    }
                }
            }
            5 => assert_eq!(index.remove(&subject), gallery.remove(&subject).map_or(0, |held| held.len())),
            6 if snapshots.len() < 3 => snapshots.push((index.snapshot(), gallery.clone())),
            _ => {
                let (kind, how) = (bytes.u8(), bytes.u8());
                let fusion = if how & 1 == 0 { Fusion::Max } else { Fusion::Mean };
                let top = usize::from(how / 16) + 1;
                let label = |label: u64| how & 2 == 0 || label != 1;
                let mut search = Search::top(top).fusion(fusion);
                if how & 2 != 0 {
                    search = search.filter_label(&label);
                }
                if how & 8 != 0 {
                    assert_eq!(index.partition(), Ok(()));
                }
                let (index, held) = match snapshots.last() {
                    Some((snapshot, held)) if how & 4 != 0 => (snapshot, held),
                    _ => (&index, &gallery),
                };
                let probe = template(kind);
                let expected = best(held, &probe, top, fusion, label);
                let Ok(probe) = index.prepare(&probe) else { panic!("a probe is refused") };
                assert!(index.identify(&probe, &search).is_ok_and(|found| shown(&found) == expected));
                let visiting = |rows| search.clone().mode(Mode::Partitions { visited: usize::MAX, rows });
                match index.identify(&probe, &visiting(1 << 20)) {
                    Ok(found) => assert!(shown(&found) == expected),
                    Err(error) => assert!(error == IndexError::NoPartitions && index.partitions().is_none()),
                }
                if index.partitions().is_some() && form & 4 != 0 {
                    let shortlist = index.identify(&probe, &search.clone().mode(Mode::Shortlist { rows: 3 }));
                    assert!(index.identify(&probe, &visiting(3)) == shortlist);
                }
                match index.identify(&probe, &search.mode(Mode::Shortlist { rows: 1 << 20 })) {
                    Ok(found) => assert!(shown(&found) == expected),
                    Err(error) => assert!(error == IndexError::NoShortlist && form & 6 == 0),
                }
            }
        }
        assert_eq!((index.len(), index.references()), (gallery.len(), gallery.values().map(Vec::len).sum()));
    }
}

type Shown = (SubjectId, Cosine, usize, u64);

fn shown(found: &[Candidate<Cosine>]) -> Vec<Shown> {
    found.iter().map(|c| (c.subject.clone(), c.score, c.sample, c.label)).collect()
}

fn name(number: u8) -> SubjectId {
    match SubjectId::new(format!("{}", number % 20)) {
        Ok(name) => name,
        Err(error) => panic!("a short name is refused: {error}"),
    }
}

/// One of 32 directions, so that scores tie.
fn template(kind: u8) -> Embedding {
    let kind = usize::from(kind % 32) + 1;
    let components: Vec<f32> = (0..DIMENSION).map(|i| (i * kind % 11) as f32 - 4.9).collect();
    match Embedding::from_slice(&components) {
        Ok(embedding) => embedding,
        Err(error) => panic!("a direction is refused: {error}"),
    }
}

fn best(gallery: &Model, probe: &Embedding, top: usize, fusion: Fusion, label: impl Fn(u64) -> bool) -> Vec<Shown> {
    let comparator = Comparator::<Face>::new();
    let of_subject = |(subject, rows): (&SubjectId, &Vec<(Embedding, u64)>)| {
        let wanted = rows.iter().enumerate().filter(|(_, (_, l))| label(*l));
        let compared = wanted.filter_map(|(n, (r, l))| Some((comparator.compare_templates(probe, r).ok()?, n, *l)));
        let mut scores: Vec<(Cosine, usize, u64)> = compared.collect();
        // The first of the best.
        let (score, sample, label) = scores.iter().rev().max_by_key(|s| s.0).copied()?;
        scores.sort();
        let sum: f64 = scores.iter().map(|s| f64::from(s.0.value())).sum();
        let mean = Cosine::new((sum / scores.len() as f64) as f32).ok()?;
        Some((subject.clone(), if fusion == Fusion::Mean { mean } else { score }, sample, label))
    };
    let mut all: Vec<Shown> = gallery.iter().filter_map(of_subject).collect();
    all.sort_by_key(|found| std::cmp::Reverse(found.1));
    all.truncate(top);
    all
}
