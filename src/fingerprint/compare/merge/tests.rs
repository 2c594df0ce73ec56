//! Tests of merging.

use proptest::prelude::*;

use super::*;
use crate::fingerprint::minutia::MinutiaKind;
use crate::fingerprint::template::RidgeFlow;
use crate::modality::Comparator;
use crate::score::Score;

fn score(a: &FingerTemplate, b: &FingerTemplate) -> Score {
    Comparator::<Finger>::new().compare_templates(a, b).unwrap()
}

fn minutia(width: u16) -> impl Strategy<Value = Minutia> {
    (0..width, 0..width, 0u16..256, 0u8..3, 0u8..=100).prop_map(|(x, y, d, k, quality)| Minutia {
        x: f32::from(x),
        y: f32::from(y),
        direction: Angle::from_radians(f32::from(d) * std::f32::consts::TAU / 256.0),
        kind: [MinutiaKind::Ending, MinutiaKind::Bifurcation, MinutiaKind::Other][usize::from(k)],
        quality,
    })
}

/// Any template, with or without a ridge flow of any shape.
fn anything() -> impl Strategy<Value = FingerTemplate> {
    let flow = (1u16..40, 0u16..30, 0u16..30, any::<u8>()).prop_map(|(cell, columns, rows, fill)| RidgeFlow {
        cell,
        columns,
        rows,
        orientation: vec![fill; usize::from(columns) * usize::from(rows)],
        coherence: vec![fill.wrapping_mul(3); usize::from(columns) * usize::from(rows)],
        period: vec![fill.wrapping_mul(7); usize::from(columns) * usize::from(rows)],
    });
    let width = prop_oneof![Just(1u16), Just(300), Just(16_384)];
    let minutiae = width.prop_flat_map(|w| proptest::collection::vec(minutia(w), 0..120));
    (any::<u32>(), minutiae, proptest::option::of(flow)).prop_map(|(side, minutiae, flow)| {
        let template = FingerTemplate::new(side, side, minutiae).unwrap();
        match flow {
            Some(flow) => template.with_ridge_flow(flow).unwrap(),
            None => template,
        }
    })
}

/// The part of a print left of `to`, rotated and moved into a frame of its own, with every 17th minutia replaced.
fn impression(minutiae: &[Minutia], from: f32, to: f32, turn: f32, strangers: usize) -> FingerTemplate {
    let (s, c) = turn.sin_cos();
    let shown = minutiae.iter().enumerate().filter(|(_, m)| (from..to).contains(&m.x)).map(|(i, m)| {
        let (x, y) = (m.x - 150.0, 150.0 - m.y);
        let (x, y) = (c * x - s * y, s * x + c * y);
        let slip = if i % 17 == strangers { 60.0 } else { 0.0 };
        Minutia { x: 400.0 + x + slip, y: 400.0 - y, direction: m.direction.turned(turn), quality: 70, ..*m }
    });
    FingerTemplate::new(800, 800, shown.collect()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn anything_merges_to_something_in_range(all in proptest::collection::vec(anything(), 1..5), same in any::<bool>()) {
        let mut all = all;
        if same {
            all.push(all[0].clone());
        }
        let merged = Finger::default().merge(&all).unwrap();
        prop_assert_eq!(merged.used[0], merged.base);
        prop_assert!(merged.used.len() <= all.len());
        let again = Finger::default().merge(&all).unwrap();
        prop_assert!(again.template == merged.template);
    }

    #[test]
    fn halves_make_a_whole(all in proptest::collection::vec(minutia(300), 60..80), turn in -3.0f32..3.0) {
        let (left, right) = (impression(&all, 0.0, 200.0, 0.0, 3), impression(&all, 100.0, 300.0, turn, 9));
        let whole = impression(&all, 0.0, 300.0, 0.5, 17);
        let merged = Finger::default().merge(&[left.clone(), right.clone()]).unwrap();
        prop_assert_eq!(merged.used.len(), 2);
        let of = |t: &FingerTemplate| score(&whole, t).decibels();
        prop_assert!(of(&merged.template) > of(&left).max(of(&right)), "{} {} {}", of(&merged.template), of(&left), of(&right));
    }
}

#[test]
fn none_one_and_too_many() {
    let empty = FingerTemplate::new(1, 1, Vec::new()).unwrap();
    let finger = Finger::default();
    assert_eq!(finger.merge(&[]).unwrap_err(), MergeError::Empty);
    assert_eq!(finger.merge(&vec![empty.clone(); 17]).unwrap_err(), MergeError::TooMany { count: 17 });
    assert!(finger.merge(std::slice::from_ref(&empty)).unwrap().template == empty);
    // Nothing agrees with nothing: the base alone is used.
    assert_eq!(finger.merge(&[empty.clone(), empty]).unwrap().used, [0]);
}

#[test]
fn many_coincident_minutiae_cost_little() {
    let one = Minutia { x: 50.0, y: 50.0, direction: Angle::from_degrees(0.0), kind: MinutiaKind::Ending, quality: 90 };
    let crowd = FingerTemplate::new(100, 100, vec![one; FingerTemplate::MAX_MINUTIAE]).unwrap();
    let merged = Finger::default().merge(&vec![crowd; 16]).unwrap();
    assert!(merged.template.minutiae().len() <= FingerTemplate::MAX_MINUTIAE);
}

/// A flow of one orientation in the picture, where `shown` is true; `turn` rotates it into the impression's frame.
fn flow(turn: f32, shown: impl Fn(f32) -> bool) -> RidgeFlow {
    let (s, c) = turn.sin_cos();
    let coherence = (0..50 * 50).map(|i| {
        let (u, v) = ((i % 50) as f32 * 16.0 - 392.0, 392.0 - (i / 50) as f32 * 16.0);
        let (x, y) = (c * u + s * v + 150.0, -s * u + c * v);
        u8::from(shown(x) && (-150.0..150.0).contains(&y)) * 200
    });
    let orientation = ((0.5 + turn) * (256.0 / std::f32::consts::PI)).rem_euclid(256.0) as u8;
    RidgeFlow {
        cell: 16,
        columns: 50,
        rows: 50,
        orientation: vec![orientation; 2500],
        coherence: coherence.collect(),
        period: vec![72; 2500],
    }
}

#[test]
fn ridge_flow_reaches_as_far_as_the_impressions_do() {
    let mut state = 1u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % below) as f32
    };
    let all: Vec<Minutia> = (0..80)
        .map(|_| Minutia {
            x: next(300),
            y: next(300),
            direction: Angle::from_degrees(next(360)),
            kind: MinutiaKind::Ending,
            quality: 70,
        })
        .collect();
    let turn = 0.8;
    let left = impression(&all, 0.0, 220.0, 0.0, 3).with_ridge_flow(flow(0.0, |x| (0.0..220.0).contains(&x))).unwrap();
    let right =
        impression(&all, 80.0, 300.0, turn, 9).with_ridge_flow(flow(turn, |x| (80.0..300.0).contains(&x))).unwrap();
    let merged = Finger::default().merge(&[left.clone(), right]).unwrap();
    assert_eq!(merged.used.len(), 2);
    let flow = merged.template.ridge_flow().unwrap();
    let foreground = |f: &RidgeFlow| f.coherence.iter().filter(|c| **c > 0).count() as f32;
    // 300 columns of picture instead of 220, and half a cell where grids do not meet.
    let grown = foreground(flow) / foreground(left.ridge_flow().unwrap());
    assert!((1.25..1.55).contains(&grown), "{grown}");
    let expected = (0.5 + if merged.base == 0 { 0.0 } else { turn }) * (256.0 / std::f32::consts::PI);
    for (o, _) in flow.orientation.iter().zip(&flow.coherence).filter(|(_, c)| **c > 0) {
        let off = (f32::from(*o) - expected + 128.0).rem_euclid(256.0) - 128.0;
        assert!(off.abs() < 6.0, "{off} of 256 steps");
    }
}
