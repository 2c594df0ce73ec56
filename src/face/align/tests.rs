use proptest::prelude::*;

use super::params::{SIDE, TEMPLATE};
use super::*;

fn landmarks(points: [(f64, f64); 5]) -> Result<Landmarks, AlignError> {
    Landmarks::new(points.map(|(x, y)| (x as f32, y as f32)))
}

/// The template seen in a picture through `s`.
fn seen(s: Similarity) -> [(f64, f64); 5] {
    TEMPLATE.map(|p| s.apply(p))
}

/// A picture whose channels are linear in x and y: bilinear interpolation gives back the line.
fn slope(width: usize, height: usize) -> Vec<u8> {
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            pixels.extend([(20 + x) as u8, (10 + y) as u8, (5 + (x + y) / 2) as u8]);
        }
    }
    pixels
}

#[test]
fn a_face_in_its_place_is_copied() {
    let pixels = slope(SIDE, SIDE);
    let face = AlignedFace::from_picture(&RgbView::new(&pixels, SIDE, SIDE).unwrap(), &landmarks(TEMPLATE).unwrap());
    // Landmarks are rounded to single precision, which moves no pixel by half a step.
    assert_eq!(face.unwrap().pixels(), pixels);
}

#[test]
fn linear_pictures_stay_linear_under_turn_scale_and_shift() {
    let (width, height) = (230, 240);
    let pixels = slope(width, height);
    let picture = RgbView::new(&pixels, width, height).unwrap();
    let turned = |degrees: f64, scale: f64, u: f64, v: f64| {
        let angle = degrees.to_radians();
        Similarity { a: scale * angle.cos(), b: scale * angle.sin(), u, v }
    };
    for s in [
        turned(0.0, 1.0, 30.0, 40.0),
        turned(20.0, 1.3, 60.0, 20.0),
        turned(180.0, 0.9, 180.0, 190.0),
        turned(-75.0, 1.1, 30.0, 200.0),
    ] {
        let face = AlignedFace::from_picture(&picture, &landmarks(seen(s)).unwrap()).unwrap();
        let mut looked_at = 0;
        for (i, pixel) in face.pixels().as_chunks::<3>().0.iter().enumerate() {
            let (x, y) = s.apply(((i % SIDE) as f64, (i / SIDE) as f64));
            if x >= 0.0 && y >= 0.0 && x <= (width - 1) as f64 && y <= (height - 1) as f64 {
                looked_at += 1;
                assert!((f64::from(pixel[0]) - 20.0 - x).abs() < 0.51, "{x} {y} {pixel:?}");
                assert!((f64::from(pixel[1]) - 10.0 - y).abs() < 0.51, "{x} {y} {pixel:?}");
            } else if x < -1.0 || y < -1.0 || x > width as f64 || y > height as f64 {
                assert_eq!(*pixel, [0; 3], "{x} {y}");
            }
        }
        assert!(looked_at > SIDE * SIDE / 2, "{looked_at}");
    }
}

#[test]
fn what_is_no_face_is_refused_with_a_reason() {
    for (at, bad) in [(0, f64::NAN), (3, f64::INFINITY), (4, f64::NEG_INFINITY)] {
        let mut points = TEMPLATE;
        points[at].1 = bad;
        assert_eq!(landmarks(points), Err(AlignError::NotFinite { landmark: at }));
    }
    assert_eq!(landmarks([(40.0, 40.0); 5]), Err(AlignError::TooClose));
    assert_eq!(landmarks(TEMPLATE.map(|(x, y)| (x / 20.0, y / 20.0))), Err(AlignError::TooClose));
    let [left, right, nose, mouth_left, mouth_right] = TEMPLATE;
    assert_eq!(landmarks([right, left, nose, mouth_right, mouth_left]), Err(AlignError::NotAFace));
    assert_eq!(landmarks([mouth_left, mouth_right, nose, left, right]), Err(AlignError::NotAFace));
    // A face seen from the side has almost no width, one seen from above almost no height; in order they still are
    // faces.
    assert!(landmarks(TEMPLATE.map(|(x, _)| (x, 0.0))).is_ok());
    let line = [left.0, right.0, nose.0, mouth_right.0, mouth_left.0].map(|x| (x, 0.0));
    assert_eq!(landmarks(line), Err(AlignError::NotAFace));
    assert!(landmarks(TEMPLATE.map(|(_, y)| (0.0, y))).is_ok());
    let huge = landmarks(TEMPLATE.map(|(x, y)| (x * 1e36, y * 1e36))).unwrap();
    let pixels = [0; 3 * 64 * 64];
    let picture = RgbView::new(&pixels, 64, 64).unwrap();
    assert_eq!(AlignedFace::from_picture(&picture, &huge), Err(AlignError::Outside { landmark: 0 }));
    let beside = landmarks(TEMPLATE.map(|(x, y)| (x / 2.0 + 60.0, y / 2.0))).unwrap();
    assert_eq!(AlignedFace::from_picture(&picture, &beside), Err(AlignError::Outside { landmark: 1 }));
}

#[test]
fn pictures_are_checked() {
    assert_eq!(RgbView::new(&[], 0, 5).unwrap_err(), AlignError::Empty { width: 0, height: 5 });
    let bad = RgbView::new(&[0; 11], 2, 2).unwrap_err();
    assert_eq!(bad, AlignError::Bytes { width: 2, height: 2, bytes: 11 });
    assert!(RgbView::new(&[0; 12], usize::MAX, 2).is_err());
    assert!(AlignedFace::from_pixels(&[0; 3 * 112 * 111], SIDE).is_err());
}

#[test]
fn planes_follow_the_form_of_the_input() {
    let mut pixels = vec![0; 3 * SIDE * SIDE];
    pixels[..6].copy_from_slice(&[255, 0, 51, 10, 20, 30]);
    let face = AlignedFace::from_pixels(&pixels, SIDE).unwrap();
    let plane = SIDE * SIDE;
    let usual = face.to_input(&InputForm::default(), Layout::Planes);
    assert_eq!(usual.len(), 3 * plane);
    assert_eq!((usual[0], usual[plane], usual[2 * plane]), (1.0, -1.0, -0.6));
    let form = InputForm { colors: Colors::Bgr, ..InputForm::of(0.0, 1.0) };
    let plain = face.to_input(&form, Layout::Planes);
    assert_eq!((plain[0], plain[1], plain[plane + 1], plain[2 * plane + 1]), (51.0, 30.0, 20.0, 10.0));
    assert_eq!(face.to_input(&form, Layout::Pixels)[..6], [51.0, 0.0, 255.0, 30.0, 20.0, 10.0]);
    // Means and divisors are those of the colors, in either order.
    let form = InputForm { mean: [1.0, 2.0, 3.0], divisor: [1.0, 2.0, 4.0], ..form };
    assert_eq!(face.to_input(&form, Layout::Pixels)[3..6], [27.0 / 4.0, 18.0 / 2.0, 9.0]);
}

#[test]
fn faces_of_other_sides_have_the_same_layout() {
    let pixels = slope(230, 240);
    let picture = RgbView::new(&pixels, 230, 240).unwrap();
    let points = landmarks(seen(Similarity { a: 1.2, b: 0.2, u: 40.0, v: 30.0 })).unwrap();
    let face = |side| AlignedFace::from_picture_of_side(&picture, &points, side);
    let usual = face(SIDE).unwrap();
    assert_eq!(AlignedFace::from_picture(&picture, &points).as_ref(), Ok(&usual));
    let at = |face: &AlignedFace, x: usize, y: usize| face.pixels()[3 * (y * face.side() + x)];
    let double = face(2 * SIDE).unwrap();
    let wider = face(128).unwrap();
    for (x, y) in [(20, 30), (56, 56), (90, 70)] {
        assert!(at(&usual, x, y).abs_diff(at(&double, 2 * x, 2 * y)) <= 1);
        assert!(at(&usual, x, y).abs_diff(at(&wider, x + 8, y)) <= 1);
    }
    assert_eq!((face(96).unwrap().side(), face(160).unwrap().pixels().len()), (96, 3 * 160 * 160));
    assert_eq!((face(31), face(1025)), (Err(AlignError::Side { side: 31 }), Err(AlignError::Side { side: 1025 })));
}

#[test]
fn debug_shows_neither_pixels_nor_positions() {
    let pixels = [7; 3 * 112 * 112];
    let picture = RgbView::new(&pixels, 112, 112).unwrap();
    let points = landmarks(TEMPLATE).unwrap();
    let face = AlignedFace::from_picture(&picture, &points).unwrap();
    let shown = format!("{picture:?} {points:?} {face:?}");
    assert_eq!(shown, "RgbView { width: 112, height: 112, .. } Landmarks(..) AlignedFace { .. }");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pixels_lie_between_those_of_the_picture(
        bytes in prop::collection::vec(any::<u8>(), 3 * 20 * 30),
        degrees in -180.0f64..180.0,
        scale in 0.1f64..0.4,
        (u, v) in (0.0f64..20.0, 0.0f64..30.0),
    ) {
        let angle = degrees.to_radians();
        let s = Similarity { a: scale * angle.cos(), b: scale * angle.sin(), u, v };
        let points = landmarks(seen(s)).unwrap();
        let picture = RgbView::new(&bytes, 20, 30).unwrap();
        match AlignedFace::from_picture(&picture, &points) {
            Ok(face) => {
                for channel in 0..3 {
                    let most = bytes.iter().skip(channel).step_by(3).max().unwrap();
                    prop_assert!(face.pixels().iter().skip(channel).step_by(3).all(|p| p <= most));
                }
                prop_assert_eq!(AlignedFace::from_picture(&picture, &points).unwrap(), face);
            }
            Err(error) => {
                let outside = matches!(error, AlignError::Outside { .. });
                prop_assert!(outside);
            }
        }
    }
}
