//! Any history of a face index, with any forms to scan, held against a list.

use std::collections::BTreeMap;

use selfsame::face::index::{FaceFusion, FaceIndex, FaceIndexError, FaceMode, FaceModel, FaceSearch, Form};
use selfsame::format::npy::{NpyArray, NpyData, NpyRows};
use selfsame::index::Candidate;
use selfsame::{Comparator, Cosine, Embedding, Face, Limits, SubjectId};

use super::bytes::Bytes;

/// Dimension of all embeddings: the last chunk and the last step are not full.
const DIMENSION: usize = 67;

type Model = BTreeMap<SubjectId, Vec<(Embedding, u64)>>;

/// A byte for the storage, then operations of three or four bytes.
pub fn face_index_ops(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let form = bytes.u8();
    let Ok(model) = FaceModel::new("fuzzed", "1", DIMENSION) else { panic!("a model is refused") };
    let mut builder = FaceIndex::builder(model);
    for (bit, scan) in [(2, Form::I8), (4, Form::Bit)] {
        if form & bit != 0 {
            builder = builder.scan(scan);
        }
    }
    let Ok(index) = builder.build() else { panic!("a narrower form is refused") };
    let mut gallery = Model::new();
    let mut snapshots = Vec::new();
    while !bytes.is_empty() {
        let (operation, subject) = (bytes.u8(), name(bytes.u8()));
        match operation % 8 {
            0..=2 => {
                // Many at once, so that panels and segments fill.
                let (kind, times) = (bytes.u8(), usize::from(operation / 8) + 1);
                for _ in 0..times {
                    let label = u64::from(kind % 3);
                    assert_eq!(index.add_labeled(&subject, &template(kind), label), Ok(()));
                    gallery.entry(subject.clone()).or_default().push((template(kind), label));
                }
            }
            3 => {
                let kind = bytes.u8();
                let known = gallery.contains_key(&subject);
                let refused = if known { Err(FaceIndexError::Duplicate) } else { Ok(()) };
                assert_eq!(index.insert(&subject, &template(kind)), refused);
                if !known {
                    gallery.insert(subject, vec![(template(kind), 0)]);
                }
            }
            4 => {
                let kind = bytes.u8();
                let held = gallery.get_mut(&subject);
                let refused = if held.is_some() { Ok(()) } else { Err(FaceIndexError::Unknown) };
                assert_eq!(index.update(&subject, [&template(kind), &template(kind / 2)]), refused);
                if let Some(held) = held {
                    *held = vec![(template(kind), 0), (template(kind / 2), 0)];
                }
            }
            5 => assert_eq!(index.remove(&subject), gallery.remove(&subject).map_or(0, |held| held.len())),
            6 if snapshots.len() < 3 => snapshots.push((index.snapshot(), gallery.clone())),
            _ => {
                let (kind, how) = (bytes.u8(), bytes.u8());
                let fusion = if how & 1 == 0 { FaceFusion::Max } else { FaceFusion::Mean };
                let top = usize::from(how / 16) + 1;
                let label = |label: u64| how & 2 == 0 || label != 1;
                let mut search = FaceSearch::top(top).fusion(fusion);
                if how & 2 != 0 {
                    search = search.filter_label(&label);
                }
                let (snapshot, held) = match snapshots.last() {
                    Some((snapshot, held)) if how & 4 != 0 => (snapshot.clone(), held),
                    _ => (index.snapshot(), &gallery),
                };
                let probe = template(kind);
                let expected = best(held, &probe, top, fusion, label);
                assert!(snapshot.search(&probe, &search).is_ok_and(|found| found == expected));
                let all = FaceMode::Rescored { scan: Form::Bit, shortlist: 1 << 20 };
                match snapshot.search(&probe, &search.mode(all)) {
                    Ok(found) => assert!(found == expected),
                    Err(error) => assert!(error == FaceIndexError::NoScan(Form::Bit) && form & 4 == 0),
                }
            }
        }
        assert_eq!((index.len(), index.embeddings()), (gallery.len(), gallery.values().map(Vec::len).sum()));
    }
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

fn best(
    gallery: &Model,
    probe: &Embedding,
    top: usize,
    fusion: FaceFusion,
    label: impl Fn(u64) -> bool,
) -> Vec<Candidate<Cosine>> {
    let comparator = Comparator::<Face>::new();
    let score = |rows: &[(Embedding, u64)]| {
        let wanted = rows.iter().filter(|(_, l)| label(*l));
        let mut scores: Vec<Cosine> = wanted.filter_map(|(r, _)| comparator.compare_templates(probe, r).ok()).collect();
        scores.sort();
        match fusion {
            FaceFusion::Mean if scores.len() > 1 => {
                let sum: f64 = scores.iter().map(|s| f64::from(s.value())).sum();
                Cosine::new((sum / scores.len() as f64) as f32).ok()
            }
            _ => scores.last().copied(),
        }
    };
    let mut all: Vec<_> =
        gallery.iter().filter_map(|(s, rows)| Some(Candidate { subject: s.clone(), score: score(rows)? })).collect();
    all.sort_by_key(|c| std::cmp::Reverse(c.score));
    all.truncate(top);
    all
}

/// A `.npy` file as a whole and row by row.
pub fn decode_npy(data: &[u8]) {
    let limits = Limits { max_bytes: 1 << 20, ..Limits::default() };
    let (whole, rows) = (NpyArray::decode(data, &limits), NpyRows::new(data));
    let Ok(rows) = rows else {
        assert!(whole.is_err() || whole.is_ok_and(|array| matches!(array.data(), NpyData::Int(_))));
        return;
    };
    let Ok(whole) = whole else {
        assert!(data.len() > limits.max_bytes);
        return;
    };
    assert_eq!((whole.rows(), whole.columns()), (rows.rows(), rows.columns()));
    let NpyData::Float(values) = whole.data() else { panic!("rows of integers are read") };
    // Without rows there may be any number of columns.
    let mut row = vec![0.0; values.len().min(rows.columns())];
    for (number, values) in values.chunks_exact(rows.columns().max(1)).enumerate() {
        assert!(rows.read(number, &mut row).is_some());
        assert!(row.iter().zip(values).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
    assert!(rows.read(rows.rows(), &mut row).is_none());
}
