//! Synthetic data: fixtures come back bit by bit, items do not depend on order or threads.

use selfsame::synth::{
    FaceGenerator, ImpressionSettings, Level, PrintGenerator, Sensor, SyntheticImpression, TemplateGenerator,
};

/// Seed of the fixtures.
const SEED: u64 = 1;

/// The fixtures: finger, impression, sensor, level.
const FIXTURES: [(u64, u64, Sensor, Level); 9] = [
    (0, 0, Sensor::Optical, Level::Clean),
    (0, 1, Sensor::Optical, Level::Good),
    (0, 2, Sensor::Optical, Level::Medium),
    (2, 0, Sensor::Optical, Level::Hard),
    (2, 1, Sensor::Optical, Level::Broken),
    (3, 0, Sensor::Optical, Level::Good),
    (3, 1, Sensor::Capacitive, Level::Good),
    (3, 2, Sensor::Capacitive, Level::Hard),
    (4, 0, Sensor::ThermalSweep, Level::Good),
];

fn make((finger, impression, sensor, level): (u64, u64, Sensor, Level)) -> SyntheticImpression {
    PrintGenerator::new(SEED).finger(finger).impression(impression, ImpressionSettings::new(level, sensor))
}

#[cfg(all(feature = "decode", feature = "draw"))]
mod fixtures {
    use std::fs;
    use std::path::{Path, PathBuf};

    use image::ImageEncoder;
    use image::codecs::png::{CompressionType, FilterType, PngEncoder};
    use selfsame::{FingerImage, Limits, Ppi};

    use super::*;

    fn name((finger, impression, sensor, level): (u64, u64, Sensor, Level)) -> String {
        format!("print_{finger}_{impression}_{}_{}", sensor.name(), level.name())
    }

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
    }

    #[test]
    fn fixtures_come_back_bit_by_bit() {
        for fixture in FIXTURES {
            let made = make(fixture);
            let base = folder().join(name(fixture));
            let bytes = fs::read(base.with_extension("png")).expect("the picture is there");
            let image = FingerImage::decode(&bytes, Ppi::P500, &Limits::default()).expect("the picture is a PNG");
            assert!(made.image == image, "{}: other pixels", name(fixture));
            let truth = fs::read_to_string(base.with_extension("csv")).expect("the ground truth is there");
            assert!(made.truth.to_csv() == truth, "{}: other ground truth", name(fixture));
        }
    }

    /// Writes the fixtures: `cargo test --release --test synth -- --ignored write_fixtures`.
    #[test]
    #[ignore = "writes into fixtures/"]
    fn write_fixtures() {
        for fixture in FIXTURES {
            let made = make(fixture);
            let base = folder().join(name(fixture));
            let mut png = Vec::new();
            PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive)
                .write_image(made.image.pixels(), made.image.width(), made.image.height(), image::ExtendedColorType::L8)
                .expect("pixels fit");
            fs::write(base.with_extension("png"), png).expect("fixtures/ is writable");
            fs::write(base.with_extension("csv"), made.truth.to_csv()).expect("fixtures/ is writable");
        }
    }
}

#[test]
fn fingers_do_not_depend_on_order_or_threads() {
    let generator = PrintGenerator::new(9).with_size(200, 240);
    let alone = generator.finger(2).impression(1, Level::Medium);
    let together: Vec<SyntheticImpression> = std::thread::scope(|scope| {
        let tasks: Vec<_> = (0..3)
            .map(|n| {
                scope.spawn({
                    let g = generator.clone();
                    move || g.finger(n).impression(1, Level::Medium)
                })
            })
            .collect();
        tasks.into_iter().map(|t| t.join().expect("no panic")).collect()
    });
    assert!(together[2].image == alone.image);
    assert_eq!(together[2].truth.to_csv(), alone.truth.to_csv());
    assert!(together[1].image != alone.image);
}

/// FNV-1a.
fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn templates_and_faces_keep_their_bits() {
    let generator = TemplateGenerator::new(1);
    let templates = (0..50).flat_map(|i| [generator.reference(i), generator.probe(i, 2)]);
    let bytes = templates.flat_map(|t| {
        let words = |m: &selfsame::Minutia| [m.x.to_bits(), m.y.to_bits(), m.direction.radians().to_bits()];
        t.minutiae().iter().flat_map(words).flat_map(u32::to_le_bytes).collect::<Vec<u8>>()
    });
    let people = FaceGenerator::new(1);
    let faces = (0..20).flat_map(|i| people.sample(i, i)).flat_map(|x| x.to_bits().to_le_bytes());
    assert_eq!((hash(bytes), hash(faces)), (TEMPLATES, FACES));
}

/// Known answers.
const TEMPLATES: u64 = 7_912_877_257_801_821_844;
const FACES: u64 = 5_586_274_693_751_762_499;

#[test]
fn the_truth_makes_a_template() {
    let made = make(FIXTURES[1]);
    let template = made.truth.to_template().expect("a truth fits a template");
    assert_eq!(template.minutiae(), made.truth.minutiae());
    let flow = template.ridge_flow().expect("the truth has ridge flow");
    let covered = flow.coherence.iter().filter(|c| **c > 0).count() as f32;
    let visible = made.truth.mask().iter().filter(|m| **m).count() as f32 / 64.0;
    assert!((covered / visible - 1.0).abs() < 0.1, "{covered} cells for {visible}");
    for m in made.truth.minutiae() {
        assert!(made.truth.is_inside(m.x, m.y, 0.0));
    }
}
