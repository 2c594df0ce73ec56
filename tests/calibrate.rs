//! Calibrations from labeled embeddings.

use selfsame::eval::EvalError;
use selfsame::eval::face::calibrate;
use selfsame::face::compare::CalibrationError;
use selfsame::synth::FaceGenerator;
use selfsame::{Embedding, Fmr};

fn rates() -> Vec<Fmr> {
    [1e-1, 1e-2, 1e-3, 1e-4, 1e-12].into_iter().map(|far| Fmr::new(far).unwrap()).collect()
}

fn people(count: u64) -> (Vec<Embedding>, Vec<i64>) {
    let generator = FaceGenerator::new(7);
    let mut embeddings = Vec::new();
    let mut labels = Vec::new();
    for person in 0..count {
        for image in 0..2 {
            embeddings.push(generator.embedding(person, image));
            labels.push(person as i64);
        }
    }
    (embeddings, labels)
}

#[test]
fn thresholds_are_those_of_sorted_cosines() {
    let (embeddings, labels) = people(60);
    let report = calibrate(&embeddings, &labels, &[], &rates()).unwrap();
    let mut cosines = Vec::new();
    for i in 0..embeddings.len() {
        for j in i + 1..embeddings.len() {
            if labels[i] != labels[j] {
                let pairs = embeddings[i].as_slice().iter().zip(embeddings[j].as_slice());
                cosines.push(pairs.map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>());
            }
        }
    }
    cosines.sort_by(|a, b| b.total_cmp(a));
    assert_eq!((report.identities, report.comparisons), (60, cosines.len() as u64));
    // 7,080 comparisons back 23.7 dB and reach 43.7.
    let [tenth, hundredth, thousandth, last] = &report.thresholds[..] else { panic!("{:?}", report.thresholds) };
    assert!(tenth.backed && hundredth.backed && !thousandth.backed && !last.backed);
    for (threshold, rank) in [(tenth, 708), (hundredth, 71)] {
        let cosine = f64::from(threshold.cosine.value());
        assert!((cosine - cosines[rank - 1]).abs() < 2e-3, "{cosine} {}", cosines[rank - 1]);
        let passed = cosines.iter().filter(|c| **c >= cosine).count() as i64;
        assert!((threshold.false_matches as i64 - passed).abs() <= 1);
        let interval = threshold.interval.unwrap();
        assert!(interval.low < cosine && cosine < interval.high && interval.high - interval.low < 0.1);
    }
    assert!(thousandth.interval.is_none() && thousandth.cosine > hundredth.cosine);
}

#[test]
fn same_at_any_number_of_threads() {
    let (embeddings, labels) = people(30);
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let run = || format!("{:?}", calibrate(&embeddings, &labels, &[(1, 5)], &rates()).unwrap());
    assert_eq!(on(1).install(run), on(3).install(run));
}

#[test]
fn half_of_the_people_predict_the_other_half() {
    let (embeddings, labels) = people(500);
    let report = calibrate(&embeddings, &labels, &[], &rates()).unwrap();
    for threshold in report.thresholds.iter().take(3) {
        let (far, passed) = threshold.left_out.unwrap();
        let wanted = threshold.far.get();
        assert!(far > wanted / 1.5 && far < wanted * 1.5, "{wanted}: {far} from {passed}");
    }
}

#[test]
fn what_cannot_be_calibrated_is_refused() {
    let (embeddings, labels) = people(5);
    let of = |labels: &[i64], embeddings: &[Embedding]| calibrate(embeddings, labels, &[], &rates());
    assert!(matches!(of(&labels[1..], &embeddings), Err(EvalError::Length { .. })));
    assert!(matches!(of(&[4; 10], &embeddings), Err(EvalError::NoImpostor)));
    assert!(matches!(
        of(&labels, &embeddings),
        Err(EvalError::Calibration(CalibrationError::TooFew { count: 40, .. }))
    ));
    assert!(matches!(of(&[], &[]), Err(EvalError::NoImpostor)));
}
