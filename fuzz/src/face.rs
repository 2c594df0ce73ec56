//! Targets for embeddings of any numbers.

use half::f16;
use selfsame::{Comparator, Embedding, Face};

/// Components as `f32`, and the same bytes as `f16`.
pub fn embedding(data: &[u8]) {
    let (quads, _) = data.as_chunks::<4>();
    let components: Vec<f32> = quads.iter().map(|q| f32::from_le_bytes(*q)).collect();
    let (pairs, _) = data.as_chunks::<2>();
    let halves: Vec<f16> = pairs.iter().map(|p| f16::from_le_bytes(*p)).collect();
    check(Embedding::from_slice(&components).ok(), &components);
    let widened: Vec<f32> = halves.iter().map(|h| h.to_f32()).collect();
    check(Embedding::from_f16(&halves).ok(), &widened);
    // Two of half the length.
    let (left, right) = components.split_at(components.len() / 2);
    if let (Ok(a), Ok(b)) = (Embedding::from_slice(left), Embedding::from_slice(right)) {
        let comparator = Comparator::<Face>::new();
        let scores = (comparator.compare_templates(&a, &b), comparator.compare_templates(&b, &a));
        assert_eq!(scores.0.is_ok(), a.dimension() == b.dimension());
        if let (Ok(ab), Ok(ba)) = scores {
            assert_eq!(ab, ba);
            assert!((-1.0..=1.0).contains(&ab.value()));
        }
    }
}

fn check(embedding: Option<Embedding>, components: &[f32]) {
    let fits = (Embedding::MIN_DIMENSION..=Embedding::MAX_DIMENSION).contains(&components.len());
    let valid = fits && components.iter().all(|c| c.is_finite()) && components.iter().any(|&c| c != 0.0);
    assert_eq!(embedding.is_some(), valid);
    let Some(embedding) = embedding else { return };
    assert_eq!(embedding.dimension(), components.len());
    let squares: f64 = embedding.as_slice().iter().map(|&c| f64::from(c).powi(2)).sum();
    assert!((squares - 1.0).abs() < 1e-6);
    assert_eq!(Embedding::from_slice(embedding.as_slice()).as_ref(), Ok(&embedding));
    let own = Comparator::<Face>::new().compare_templates(&embedding, &embedding);
    assert!(own.is_ok_and(|c| c.value() > 0.999_99));
}
