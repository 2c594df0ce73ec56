//! Tests of all pairs, and a population for the tests of this folder.

use super::all_pairs;
use crate::eval::{EvalError, ScoreSet};
use crate::face::embedding::Embedding;
use crate::score::Fmr;

/// Embeddings of `people` people with `images` images each; every person has an axis, every image some noise.
pub(super) fn population(people: usize, images: usize) -> (Vec<Embedding>, Vec<i64>) {
    let mut embeddings = Vec::new();
    let mut labels = Vec::new();
    for person in 0..people {
        for image in 0..images {
            let component = |i: usize| {
                let noise = (((person * 131 + image * 31 + i * 17) * 2_654_435_761) % 1000) as f32 / 1000.0 - 0.5;
                if i % people == person { 1.0 + noise } else { 0.6 * noise }
            };
            embeddings.push(Embedding::from_slice(&(0..96).map(component).collect::<Vec<_>>()).unwrap());
            labels.push(100 - person as i64);
        }
    }
    (embeddings, labels)
}

#[test]
fn agrees_with_comparing_one_by_one() {
    let (embeddings, labels) = population(12, 4);
    let report = all_pairs(&embeddings, &labels, &[]).unwrap();
    let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
    for i in 0..embeddings.len() {
        for j in i + 1..embeddings.len() {
            let dot = |k: usize| f64::from(embeddings[i].as_slice()[k]) * f64::from(embeddings[j].as_slice()[k]);
            let cosine: f64 = (0..96).map(dot).sum();
            if labels[i] == labels[j] { &mut genuine } else { &mut impostor }.push(cosine);
        }
    }
    let naive = ScoreSet::new(genuine, impostor).unwrap();
    assert_eq!((report.plain.genuine(), report.plain.impostor()), (naive.genuine(), naive.impostor()));
    assert_eq!((report.identities, report.with_mates), (12, 12));
    assert!((report.plain.eer() - naive.eer()).abs() < 1e-3);
    // All identities have the same number of pairs, so balancing changes nothing.
    assert!((report.balanced.eer() - report.plain.eer()).abs() < 1e-9);
    assert!((report.histogram.impostor.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    let (threshold, tar) = report.tar_at(Fmr::new(0.01).unwrap());
    let interval = report.tar_interval(threshold).unwrap();
    assert!(interval.low <= tar && tar <= interval.high);
}

#[test]
fn same_at_any_number_of_threads() {
    let (embeddings, labels) = population(9, 3);
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let one = on(1).install(|| all_pairs(&embeddings, &labels, &[]).unwrap());
    let three = on(3).install(|| all_pairs(&embeddings, &labels, &[]).unwrap());
    assert_eq!(one.balanced.det(), three.balanced.det());
    assert_eq!(one.genuine, three.genuine);
}

#[test]
fn excluded_pairs_count_nowhere_and_bad_input_is_refused() {
    let (embeddings, labels) = population(3, 2);
    let all = all_pairs(&embeddings, &labels, &[]).unwrap();
    let fewer = all_pairs(&embeddings, &labels, &[(2, 0), (0, 1)]).unwrap();
    assert_eq!(all.plain.impostor() - fewer.plain.impostor(), 1);
    assert_eq!(all.plain.genuine() - fewer.plain.genuine(), 1);
    assert!(matches!(all_pairs(&embeddings, &labels[1..], &[]), Err(EvalError::Length { .. })));
    assert!(matches!(all_pairs(&embeddings, &[5; 6], &[]), Err(EvalError::NoImpostor)));
    assert!(matches!(all_pairs(&embeddings, &[1, 2, 3, 4, 5, 6], &[]), Err(EvalError::NoGenuine)));
    let mut mixed = embeddings;
    mixed[3] = Embedding::from_slice(&[1.0; 64]).unwrap();
    assert!(matches!(all_pairs(&mixed, &labels, &[]), Err(EvalError::Embedding { index: 3, .. })));
}
