//! Any history of an index, held against a list.

use std::collections::BTreeMap;

use selfsame::index::{Candidate, Index, Search};
use selfsame::{Comparator, Cosine, Embedding, Face, SubjectId};

use super::bytes::Bytes;

/// Subjects that a history speaks of.
const SUBJECTS: u8 = 12;
/// Dimension of all embeddings.
const DIMENSION: usize = 64;

/// A shard capacity, then operations of two to four bytes.
pub fn index_ops(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let rows = usize::from(bytes.u8() % 8) + 1;
    let Ok(mut index) = Index::<Face>::builder().shard_rows(rows).build() else {
        panic!("a capacity in range is refused")
    };
    let mut model: BTreeMap<SubjectId, Vec<Embedding>> = BTreeMap::new();
    while !bytes.is_empty() {
        let operation = bytes.u8();
        let subject = name(bytes.u8());
        match operation % 4 {
            0 | 1 => {
                let template = template(bytes.u8());
                assert!(index.insert(subject.clone(), &template).is_ok());
                model.entry(subject).or_default().push(template);
            }
            2 => assert_eq!(index.remove(&subject), model.remove(&subject).map_or(0, |references| references.len())),
            _ => {
                let (probe, top) = (template(bytes.u8()), usize::from(bytes.u8() % 16) + 1);
                let Ok(prepared) = index.prepare(&probe) else { panic!("a probe is refused") };
                assert!(
                    index
                        .identify(&prepared, &Search::top(top))
                        .is_ok_and(|found| found == search(&model, &probe, top))
                );
            }
        }
        assert_eq!(index.len(), model.len());
        assert_eq!(index.references(), model.values().map(Vec::len).sum::<usize>());
    }
}

fn name(number: u8) -> SubjectId {
    match SubjectId::new(((b'a' + number % SUBJECTS) as char).to_string()) {
        Ok(name) => name,
        Err(error) => panic!("a short name is refused: {error}"),
    }
}

/// One of 16 directions, so that scores tie.
fn template(kind: u8) -> Embedding {
    let kind = usize::from(kind % 16) + 1;
    let components: Vec<f32> = (0..DIMENSION).map(|i| (i * kind % 7) as f32 - 3.0).collect();
    match Embedding::from_slice(&components) {
        Ok(embedding) => embedding,
        Err(error) => panic!("a direction is refused: {error}"),
    }
}

fn search(model: &BTreeMap<SubjectId, Vec<Embedding>>, probe: &Embedding, top: usize) -> Vec<Candidate<Cosine>> {
    let comparator = Comparator::<Face>::new();
    let best =
        |references: &[Embedding]| references.iter().filter_map(|r| comparator.compare_templates(probe, r).ok()).max();
    let mut all: Vec<_> =
        model.iter().filter_map(|(s, r)| Some(Candidate { subject: s.clone(), score: best(r)? })).collect();
    all.sort_by_key(|c| std::cmp::Reverse(c.score));
    all.truncate(top);
    all
}
