//! Tests of segments, scans and ranks against single comparisons.

use super::groups::FaceScratch;
use super::segment::FaceSegment;
use super::*;
use crate::face::embedding::{Embedding, FaceError, FaceModel};
use crate::modality::Segment;
use crate::modality::{Modality, Offers, Ranks, Rows};

fn embedding(dimension: usize, seed: usize) -> Embedding {
    let components: Vec<f32> = (0..dimension).map(|i| ((i * i + seed * 31 + 7) as f32).sin()).collect();
    Embedding::from_slice(&components).unwrap()
}

fn segment(face: &Face, dimension: usize, rows: usize) -> FaceSegment {
    let mut segment = face.new_segment();
    for seed in 0..rows {
        segment.push(face.reference(&embedding(dimension, seed)).unwrap());
    }
    segment
}

fn every_form() -> Vec<Face> {
    let rows = |form| Face::default().with_rows(form).unwrap();
    let with = |face: Face, scan| face.with_scan(scan).unwrap();
    vec![
        rows(Form::F32),
        with(rows(Form::F32), Form::I8),
        with(with(rows(Form::F32), Form::I8), Form::Bit),
        with(rows(Form::F16), Form::I8),
        rows(Form::F16),
        rows(Form::I8),
        rows(Form::Bit),
    ]
}

/// A scan's offers: rows with lower and upper bounds of their scores.
struct Offered(f32, Vec<(usize, f32, f32)>);

impl Offers<Cosine> for Offered {
    fn bar(&self) -> f32 {
        self.0
    }
    fn exact(&mut self, row: usize, score: Cosine) {
        self.bounded(row, Face::value(score), Face::value(score));
    }
    fn bounded(&mut self, row: usize, low: f32, high: f32) {
        self.1.push((row, low, high));
    }
}

impl Ranks for Offered {
    fn bar(&self) -> f32 {
        self.0
    }
    fn rank(&mut self, row: usize, rank: f32) {
        self.1.push((row, rank, rank));
    }
}

#[test]
fn a_scan_offers_every_row_with_what_its_score_lies_between() {
    for face in every_form() {
        for (dimension, range, mask) in
            [(64, 0..70, None), (100, 3..69, Some([0xff0f_0f01, u32::MAX, 7])), (512, 40..41, None)]
        {
            let segment = segment(&face, dimension, 70);
            let probes: Vec<_> = (0..11).map(|s| face.prepare(&embedding(dimension, s + 10)).unwrap()).collect();
            let probes: Vec<_> = probes.iter().collect();
            let rows = mask.as_ref().map_or(Rows::all(range.clone()), |mask| Rows::wanted(range.clone(), mask));
            let expected: Vec<usize> = rows.iter().collect();
            let mut scratch = FaceScratch::default();
            for bar in [f32::NEG_INFINITY, 0.2] {
                let mut offered: Vec<_> = probes.iter().map(|_| Offered(bar, Vec::new())).collect();
                face.scan(&probes, &segment, rows.clone(), &mut scratch, &mut offered).unwrap();
                for (probe, offered) in probes.iter().zip(&offered) {
                    let scores = |row| face.compare_row(probe, &segment, row, &mut FaceScratch::default()).unwrap();
                    for &(row, low, high) in &offered.1 {
                        let score = Face::value(scores(row));
                        assert!((low..=high).contains(&score), "{face:?} row {row}: {low} <= {score} <= {high}");
                    }
                    let seen: Vec<usize> = offered.1.iter().map(|(row, ..)| *row).collect();
                    let reach: Vec<usize> =
                        expected.iter().copied().filter(|&row| Face::value(scores(row)) >= bar).collect();
                    assert!(
                        reach.iter().all(|row| seen.contains(row)) && seen.iter().all(|row| expected.contains(row))
                    );
                }
            }
        }
    }
}

#[test]
fn ranks_put_the_same_vector_first() {
    for face in every_form().into_iter().filter(|face| face.stages() > 0) {
        let segment = segment(&face, 256, 70);
        let probes: Vec<_> = [3, 33, 69].map(|s| face.prepare(&embedding(256, s)).unwrap()).into_iter().collect();
        let probes: Vec<_> = probes.iter().collect();
        let mut ranked: Vec<_> = probes.iter().map(|_| Offered(f32::NEG_INFINITY, Vec::new())).collect();
        face.rank(0, &probes, &segment, Rows::all(0..70), &mut FaceScratch::default(), &mut ranked).unwrap();
        for (Offered(_, ranks), expected) in ranked.iter().zip([3, 33, 69]) {
            assert_eq!(ranks.len(), 70);
            assert_eq!(ranks.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap().0, expected);
        }
    }
}

#[test]
fn a_row_of_floats_scores_as_the_embedding() {
    let face = Face::default().with_scan(Form::I8).unwrap();
    let segment = segment(&face, 100, 40);
    let probe = face.prepare(&embedding(100, 12)).unwrap();
    for row in 0..40 {
        let reference = face.reference(&embedding(100, row)).unwrap();
        let expected = face.compare(&probe, &reference, &mut FaceScratch::default());
        assert_eq!(face.compare_row(&probe, &segment, row, &mut FaceScratch::default()), expected);
    }
}

#[test]
fn other_dimensions_and_models_are_refused_with_both() {
    let face = Face::default();
    let segment = segment(&face, 128, 2);
    let (probe, reference) = (face.prepare(&embedding(512, 0)).unwrap(), face.reference(&embedding(512, 0)).unwrap());
    let refused = FaceError::Dimension { expected: 128, given: 512 };
    assert_eq!(face.check_segment(&segment, &reference), Err(refused.clone()));
    let mut offered = [Offered(f32::NEG_INFINITY, Vec::new())];
    let scratch = &mut FaceScratch::default();
    assert_eq!(face.scan(&[&probe], &segment, Rows::all(0..2), scratch, &mut offered), Err(refused.clone()));
    assert_eq!(face.compare_row(&probe, &segment, 0, scratch), Err(refused.clone()));
    assert!(offered[0].1.is_empty());
    let other = face.reference(&embedding(128, 0)).unwrap();
    assert_eq!(face.compare(&probe, &other, scratch), Err(refused));

    let models: Vec<_> =
        ["1", "2"].map(|version| FaceModel::new("example", version, 128).unwrap()).into_iter().collect();
    let [first, second] = [0, 1].map(|n| embedding(128, n).with_model(&models[n]).unwrap());
    let refused = |error: &FaceError| matches!(error, FaceError::Model { .. });
    assert!(refused(
        &face.compare(&face.prepare(&first).unwrap(), &face.reference(&second).unwrap(), scratch).unwrap_err()
    ));
    let strict = Face::of(models[0].clone());
    assert!(refused(&strict.prepare(&second).unwrap_err()) && refused(&strict.reference(&second).unwrap_err()));
    assert!(strict.prepare(&first).is_ok() && strict.prepare(&embedding(128, 3)).is_ok());
    assert!(refused(&strict.check_segment(&strict.new_segment(), &face.reference(&second).unwrap()).unwrap_err()));
}

#[test]
fn removal_moves_the_last_row_into_the_gap() {
    for face in every_form() {
        let mut segment = segment(&face, 64, 70);
        let mut expected: Vec<usize> = (0..70).collect();
        let probe = face.prepare(&embedding(64, 5)).unwrap();
        let score = |segment: &FaceSegment, row| face.compare_row(&probe, segment, row, &mut FaceScratch::default());
        let alone: Vec<_> = (0..70).map(|row| score(&segment, row)).collect();
        let kept = segment.clone();
        for step in 0..70 {
            let row = step * 7919 % expected.len();
            segment.swap_remove(row);
            segment.swap_remove(expected.len());
            expected.swap_remove(row);
            assert_eq!(segment.len(), expected.len());
            for (row, &was) in expected.iter().enumerate() {
                assert_eq!(score(&segment, row), alone[was], "{face:?}");
            }
        }
        assert!((0..70).all(|row| score(&kept, row) == alone[row]), "a clone does not change");
        // When it is empty again, it accepts any dimension.
        let other = face.reference(&embedding(128, 1)).unwrap();
        assert_eq!(face.check_segment(&segment, &other), Ok(()));
        segment.push(other);
        assert_eq!(segment.len(), 1);
    }
}

#[test]
fn a_row_pushed_unchecked_resembles_nobody() {
    let face = Face::default();
    let mut segment = segment(&face, 64, 1);
    segment.push(face.reference(&embedding(128, 0)).unwrap());
    let probe = face.prepare(&embedding(64, 0)).unwrap();
    let score = |row| face.compare_row(&probe, &segment, row, &mut FaceScratch::default()).unwrap().value();
    assert!(score(0) > 0.999_999);
    assert_eq!(score(1), 0.0);
}

#[test]
fn scans_that_save_nothing_are_refused() {
    let rows = |form| Face::default().with_rows(form).unwrap();
    for (rows_form, scan) in
        [(Form::I8, Form::I8), (Form::Bit, Form::I8), (Form::Bit, Form::Bit), (Form::F32, Form::F16)]
    {
        assert_eq!(rows(rows_form).with_scan(scan).unwrap_err(), FormError { rows: rows_form, scan });
    }
    assert!(rows(Form::F32).with_scan(Form::I8).unwrap().with_rows(Form::I8).is_err());
}

#[test]
fn debug_shows_no_components() {
    let face = Face::default();
    let shown = format!("{:?} {:?}", segment(&face, 64, 3), face.prepare(&embedding(64, 0)).unwrap());
    assert_eq!(shown, "FaceSegment { dimension: 64, rows: 3, .. } FaceProbe(Embedding { dimension: 64, .. })");
}
