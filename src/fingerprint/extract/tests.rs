//! Tests of the whole pipeline on synthetic patterns and hostile images.

use std::f32::consts::TAU;

use super::*;
use crate::fingerprint::template::FingerTemplate;
use crate::geometry::Angle;
use crate::image::{FingerImage, Ppi};

pub(super) fn image(width: usize, height: usize, f: impl Fn(usize, usize) -> u8) -> FingerImage {
    let pixels: Vec<u8> = (0..width * height).map(|i| f(i % width, i / width)).collect();
    FingerImage::from_gray8(width as u32, height as u32, Ppi::P500, &pixels).unwrap()
}

/// AM-FM pattern: parallel ridges of 9 pixels with a minutia at each vortex of the phase `(x, y, turn)`.
pub(super) fn vortices(size: usize, vortices: &[(f32, f32, f32)]) -> FingerImage {
    image(size, size, |x, y| {
        let (x, y) = (x as f32, y as f32);
        let phase = TAU * x / 9.0 + vortices.iter().map(|&(vx, vy, turn)| turn * (y - vy).atan2(x - vx)).sum::<f32>();
        (128.0 + 100.0 * phase.cos()) as u8
    })
}

pub(super) const VORTICES: [(f32, f32, f32); 6] = [
    (90.0, 80.0, 1.0),
    (180.0, 100.0, -1.0),
    (100.0, 170.0, -1.0),
    (200.0, 190.0, 1.0),
    (150.0, 230.0, -1.0),
    (140.0, 60.0, 1.0),
];

/// Extractors of every method.
fn extractors() -> Vec<Extractor> {
    vec![
        Extractor::classical(),
        #[cfg(feature = "neural")]
        Extractor::new(),
        #[cfg(feature = "neural")]
        Extractor::learned(Model::small()),
    ]
}

#[test]
fn finds_the_vortices_of_a_pattern() {
    for extractor in extractors() {
        let template = extractor.extract(&vortices(300, &VORTICES)).unwrap();
        assert_eq!(template.method(), Some(extractor.method()));
        are_the_vortices(&template);
    }
}

fn are_the_vortices(template: &FingerTemplate) {
    assert_eq!(template.minutiae().len(), VORTICES.len());
    for (x, y, turn) in VORTICES {
        let near =
            template.minutiae().iter().find(|m| (m.x - x).hypot(m.y - y) < 8.0).expect("a minutia near the vortex");
        // Ridges run along y. Phase grows by one ridge period (9 pixels) more on one side of the vortex, so a ridge
        // begins there: a positive turn adds a ridge where y is larger.
        let expected = Angle::from_degrees(if turn > 0.0 { EXPECTED_POSITIVE } else { EXPECTED_POSITIVE + 180.0 });
        assert!(near.direction.difference(expected).abs() < 0.4, "{turn}: {}", near.direction.degrees());
        assert!(near.quality > 40);
    }
    let flow = template.ridge_flow().unwrap();
    let middle = 9 * usize::from(flow.columns) + 9;
    assert!((i32::from(flow.orientation[middle]) - 128).abs() < 12, "ridges run along y");
    assert!((f32::from(flow.period[middle]) / 8.0 - 9.0).abs() < 1.0);
    assert!(template.quality().unwrap() > 20);
}

/// Direction of a minutia with a positive turn, degrees: where y is larger (down), `phase` runs the other way round the
/// vortex, the row holds one ridge fewer there, so the ridge that ends lies above.
const EXPECTED_POSITIVE: f32 = 90.0;

#[test]
fn same_image_same_template() {
    let image = vortices(300, &VORTICES);
    for extractor in extractors() {
        assert!(extractor.extract(&image).unwrap() == extractor.extract(&image).unwrap());
    }
}

#[test]
fn hostile_images_give_typed_errors() {
    extractors().iter().for_each(refuses_what_is_no_print);
}

fn refuses_what_is_no_print(extractor: &Extractor) {
    for (width, height) in [(32, 32), (300, 400), (33, 1000), (401, 37)] {
        for level in [0u8, 1, 128, 255] {
            assert_eq!(extractor.extract(&image(width, height, |_, _| level)), Err(ExtractError::NoFingerprint));
        }
        let noise = image(width, height, |x, y| {
            let h = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77);
            let h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
            ((h ^ (h >> 12)).wrapping_mul(0x297A_2D39) >> 24) as u8
        });
        assert!(extractor.extract(&noise).is_err(), "noise {width} x {height}");
    }
    let checks = image(300, 300, |x, y| if (x + y) % 2 == 0 { 0 } else { 255 });
    assert!(extractor.extract(&checks).is_err());
    let stripes = image(300, 300, |x, _| if x % 9 < 4 { 0 } else { 255 });
    assert!(matches!(extractor.extract(&stripes), Err(ExtractError::TooFewMinutiae { .. })));
}

#[test]
fn settings_are_kept() {
    let image = vortices(300, &VORTICES);
    let few = Extractor::builder().max_minutiae(4).build().unwrap().extract(&image).unwrap();
    assert_eq!(few.minutiae().len(), 4);
    assert!(few.minutiae().windows(2).all(|w| w[0].quality >= w[1].quality));
    assert!(Extractor::builder().max_minutiae(3).build().is_err());
    assert!(Extractor::builder().max_minutiae(256).build().is_err());
    assert!(Extractor::builder().min_quality(101).build().is_err());
}

#[test]
fn all_stages_are_shown() {
    struct Names(Vec<&'static str>);
    impl TraceSink for Names {
        fn stage(&mut self, name: &'static str, _: Stage<'_>) {
            self.0.push(name);
        }
    }
    let mut names = Names(Vec::new());
    Extractor::classical().extract_traced(&vortices(300, &VORTICES), &mut names).unwrap();
    assert_eq!(names.0.first(), Some(&"normalized"));
    assert_eq!(names.0.last(), Some(&"minutiae"));
    assert_eq!(names.0.len(), 19);
}

#[test]
fn a_batch_gives_what_single_images_give() {
    let images: Vec<FingerImage> =
        (0..7).map(|i| if i == 3 { image(64, 64, |_, _| 9) } else { vortices(200 + 16 * i, &VORTICES) }).collect();
    let extractor = Extractor::new();
    let single: Vec<_> = images.iter().map(|i| extractor.extract(i)).collect();
    assert!(single.iter().any(Result::is_ok) && single[3].is_err());
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(|| extractor.extract_batch(&images)) == single);
    }
}
