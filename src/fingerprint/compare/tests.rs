//! Tests of the whole comparison.

use proptest::prelude::*;

use super::{Finger, Scratch};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::template::FingerTemplate;
use crate::geometry::Angle;
use crate::modality::{Comparator, Modality};
use crate::score::Score;

fn score(a: &FingerTemplate, b: &FingerTemplate) -> Score {
    Comparator::<Finger>::new().compare_templates(a, b).unwrap()
}

fn minutia() -> impl Strategy<Value = Minutia> {
    (0u16..300, 0u16..400, 0u16..256, 0u8..3, 0u8..=100).prop_map(|(x, y, d, k, quality)| Minutia {
        x: 100.0 + f32::from(x),
        y: 100.0 + f32::from(y),
        direction: Angle::from_radians(f32::from(d) * std::f32::consts::TAU / 256.0),
        kind: [MinutiaKind::Ending, MinutiaKind::Bifurcation, MinutiaKind::Other][usize::from(k)],
        quality,
    })
}

fn template(minutiae: Vec<Minutia>) -> FingerTemplate {
    FingerTemplate::new(600, 700, minutiae).unwrap()
}

fn print(count: std::ops::Range<usize>) -> impl Strategy<Value = FingerTemplate> {
    proptest::collection::vec(minutia(), count).prop_map(template)
}

/// The print turned about (300, 350) and moved.
fn moved(t: &FingerTemplate, turn: f32, dx: f32, dy: f32) -> FingerTemplate {
    let (s, c) = turn.sin_cos();
    let minutiae = t.minutiae().iter().map(|m| {
        let (x, y) = (m.x - 300.0, 350.0 - m.y);
        let (x, y) = (c * x - s * y, s * x + c * y);
        Minutia { x: 700.0 + x + dx, y: 700.0 - y + dy, direction: m.direction.turned(turn), ..*m }
    });
    FingerTemplate::new(1400, 1400, minutiae.collect()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn symmetric_to_the_last_bit(a in print(0..60), b in print(0..60)) {
        prop_assert_eq!(score(&a, &b).decibels().to_bits(), score(&b, &a).decibels().to_bits());
    }

    #[test]
    fn turning_and_moving_change_little(a in print(20..50), turn in -3.1f32..3.1, dx in -50f32..50.0, dy in -50f32..50.0) {
        let itself = score(&a, &a).decibels();
        let turned = score(&a, &moved(&a, turn, dx, dy)).decibels();
        prop_assert!(itself > 60.0 && turned > 0.9 * itself, "{itself} {turned}");
    }

    #[test]
    fn order_of_minutiae_is_nothing(a in print(2..60), b in print(2..60)) {
        let mut shuffled = b.minutiae().to_vec();
        shuffled.reverse();
        prop_assert_eq!(score(&a, &b), score(&a, &template(shuffled)));
    }

    #[test]
    fn strangers_score_low(a in print(25..60), b in print(25..60)) {
        prop_assert!(score(&a, &b).decibels() < 45.0);
    }
}

#[test]
fn degenerate_templates_score_low() {
    let one = Minutia { x: 5.0, y: 5.0, direction: Angle::from_degrees(10.0), kind: MinutiaKind::Ending, quality: 1 };
    let at = |x: f32, y: f32| Minutia { x, y, ..one };
    let cases = [
        vec![],
        vec![one],
        vec![one, at(40.0, 90.0)],
        vec![one; 1024],
        vec![at(16_383.0, 16_383.0); 3],
        vec![at(0.0, 0.0), at(16_383.0, 16_383.0), at(0.0, 16_383.0)],
        (0..1024).map(|i| at((i % 32) as f32, (i / 32) as f32)).collect(),
        (0..300).map(|i| at(i as f32, 100.0)).collect(),
    ];
    let finger = Finger::default();
    let mut scratch = Scratch::default();
    let prints: Vec<_> = cases
        .iter()
        .map(|c| finger.prepare(&FingerTemplate::new(16_384, 16_384, c.clone()).unwrap()).unwrap())
        .collect();
    for a in &prints[..6] {
        for b in &prints {
            let s = finger.compare(a, b, &mut scratch).unwrap();
            assert!(s.decibels() < 20.0, "{} and {} minutiae: {s}", a.len(), b.len());
        }
    }
    for b in &prints {
        assert_eq!(finger.compare(&prints[0], b, &mut scratch).unwrap(), Score::ZERO);
    }
}
