//! Faces through the public API.

use selfsame::face::compare::CosineCalibration;
use selfsame::face::embedding::FaceError;
use selfsame::{Comparator, Cosine, Embedding, Face, Fmr, Threshold};

/// A vector of independent components in about -1.7..1.7, from a linear congruential generator.
fn components(dimension: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    };
    (0..dimension).map(|_| next() + next() + next()).collect()
}

#[test]
fn a_cosine_is_that_of_the_vectors_in_double_precision() {
    let comparator = Comparator::<Face>::new();
    for (dimension, seed) in [(64, 1), (65, 2), (127, 3), (512, 4), (1000, 5), (4096, 6)] {
        let (a, b) = (components(dimension, seed), components(dimension, seed + 100));
        let sum = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(&x, &y)| f64::from(x) * f64::from(y)).sum::<f64>();
        let exact = sum(&a, &b) / (sum(&a, &a) * sum(&b, &b)).sqrt();
        let (a, b) = (Embedding::from_slice(&a).unwrap(), Embedding::from_slice(&b).unwrap());
        let cosine = comparator.compare_templates(&a, &b).unwrap();
        assert!((f64::from(cosine.value()) - exact).abs() < 5e-7, "dimension {dimension}");
        assert_eq!(cosine, comparator.compare_templates(&b, &a).unwrap(), "symmetric");
        assert!(comparator.compare_templates(&a, &a).unwrap().value() > 0.999_999);
    }
}

#[test]
fn scale_does_not_matter() {
    let comparator = Comparator::<Face>::new();
    let a = components(512, 7);
    let b = Embedding::from_slice(&components(512, 8)).unwrap();
    let reference = comparator.compare_templates(&Embedding::from_slice(&a).unwrap(), &b).unwrap();
    for factor in [1e-30f32, 0.25, 1e30] {
        let scaled: Vec<f32> = a.iter().map(|v| v * factor).collect();
        let cosine = comparator.compare_templates(&Embedding::from_slice(&scaled).unwrap(), &b).unwrap();
        assert!((cosine.value() - reference.value()).abs() < 1e-6, "{factor}");
    }
}

#[test]
fn different_dimensions_are_a_typed_error() {
    let (a, b) = (Embedding::from_slice(&[1.0; 128]).unwrap(), Embedding::from_slice(&[1.0; 512]).unwrap());
    let refused = Comparator::<Face>::new().compare_templates(&a, &b);
    assert_eq!(refused, Err(FaceError::Dimension { expected: 512, given: 128 }));
    let text = refused.unwrap_err().to_string();
    assert!(text.contains("128") && text.contains("512"), "{text}");
}

#[test]
fn a_calibration_from_strangers_predicts_the_rate_among_other_strangers() {
    let comparator = Comparator::<Face>::new();
    let people: Vec<_> = (0..700).map(|s| Embedding::from_slice(&components(64, s)).unwrap()).collect();
    let impostors = |range: std::ops::Range<usize>| {
        let mut cosines = Vec::new();
        for i in range.clone() {
            for j in range.start..i {
                cosines.push(comparator.compare_templates(&people[i], &people[j]).unwrap());
            }
        }
        cosines
    };
    let model = CosineCalibration::from_impostors(&impostors(0..350)).unwrap();
    let (others, fmr) = (impostors(350..700), Fmr::new(1e-2).unwrap());
    let threshold: Cosine = model.threshold_at(fmr).unwrap();
    let rate = others.iter().filter(|c| **c >= threshold).count() as f64 / others.len() as f64;
    assert!((0.007..0.013).contains(&rate), "{rate}");
    let judged = others.iter().filter(|c| model.score(**c).meets(Threshold::at_fmr(fmr).unwrap())).count() as f64;
    assert!((judged / others.len() as f64 - rate).abs() < 1e-3);
}
