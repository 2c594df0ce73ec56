//! The extractor against exact ground truth, on synthetic prints of every level and sensor.
//!
//! A minutia counts where [`GroundTruth::is_judged`], found ones and true ones alike. Run with `--nocapture` to see the table.

use selfsame::eval::extraction::{ExtractionCounts, JUDGED_MARGIN, Tolerance};
#[cfg(feature = "neural")]
use selfsame::fingerprint::extract::Model;
use selfsame::fingerprint::singular::SingularPoint;
use selfsame::synth::{GroundTruth, ImpressionSettings, Level, MasterPrint, PrintGenerator, Sensor};
use selfsame::{Extractor, FingerTemplate, Minutia, MinutiaKind};

/// Seed of the fingers; not the fixtures'.
const SEED: u64 = 4177;
/// Fingers per table.
const FINGERS: u64 = 10;

/// What must be reached on a level: precision, recall and F1 at least, RMS of position (pixels) and direction (degrees)
/// at most. Measured values with a margin of 2.5 (clean) to 9 points (broken), 0.35 pixels and 1 degree.
struct Bounds {
    level: Level,
    precision: f64,
    recall: f64,
    f1: f64,
    position: f64,
    angle: f64,
}

/// Errors of matched minutiae in the frame of the true one.
#[derive(Default)]
struct Bias {
    count: f64,
    /// Pixels towards the true direction.
    along: f64,
    /// Pixels to the left of it, seen on the screen.
    across: f64,
    /// Degrees counter-clockwise.
    angle: f64,
}

impl Bias {
    fn add(&mut self, truth: &[Minutia], found: &[Minutia]) {
        for t in truth {
            let near = found
                .iter()
                .map(|f| ((f.x - t.x).hypot(f.y - t.y), f))
                .filter(|(d, f)| *d < 8.0 && f.direction.difference(t.direction).to_degrees().abs() < 20.0)
                .min_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((_, f)) = near {
                let (sine, cosine) = t.direction.radians().sin_cos();
                let (dx, dy) = (f.x - t.x, t.y - f.y);
                self.count += 1.0;
                self.along += f64::from(dx * cosine + dy * sine);
                self.across += f64::from(dy * cosine - dx * sine);
                self.angle += f64::from(f.direction.difference(t.direction).to_degrees());
            }
        }
    }

    fn mean(&self) -> [f64; 3] {
        [self.along, self.across, self.angle].map(|v| v / self.count.max(1.0))
    }
}

fn fair(truth: &GroundTruth, minutiae: &[Minutia]) -> Vec<Minutia> {
    minutiae.iter().copied().filter(|m| truth.is_judged(m.x, m.y, JUDGED_MARGIN)).collect()
}

/// Extracts impression 0 of every finger and adds up.
fn measure(extractor: &Extractor, fingers: &[MasterPrint], settings: &ImpressionSettings) -> (ExtractionCounts, Bias) {
    let (mut counts, mut bias) = (ExtractionCounts::default(), Bias::default());
    for finger in fingers {
        let impression = finger.impression(0, settings);
        let found = extractor.extract(&impression.image).map_or(Vec::new(), |t: FingerTemplate| t.minutiae().to_vec());
        let (truth, found) = (fair(&impression.truth, impression.truth.minutiae()), fair(&impression.truth, &found));
        counts.add(&ExtractionCounts::compare(&truth, &found, Tolerance::default()));
        bias.add(&truth, &found);
    }
    (counts, bias)
}

fn check(extractor: &Extractor, sensor: Sensor, fingers: &[MasterPrint], bounds: &[Bounds]) {
    for b in bounds {
        let (counts, bias) = measure(extractor, fingers, &ImpressionSettings::new(b.level, sensor));
        let [along, across, angle] = bias.mean();
        println!(
            "{:10} {:6} {counts}; bias along {along:+.2} px, across {across:+.2} px, {angle:+.2} degrees",
            sensor.name(),
            b.level.name()
        );
        let place = format!("{} {}", sensor.name(), b.level.name());
        assert!(counts.precision() >= b.precision, "{place}: precision {:.3} < {}", counts.precision(), b.precision);
        assert!(counts.recall() >= b.recall, "{place}: recall {:.3} < {}", counts.recall(), b.recall);
        assert!(counts.f1() >= b.f1, "{place}: F1 {:.3} < {}", counts.f1(), b.f1);
        assert!(counts.position_rms() <= b.position, "{place}: position {:.2} > {}", counts.position_rms(), b.position);
        assert!(counts.angle_rms() <= b.angle, "{place}: angle {:.2} > {}", counts.angle_rms(), b.angle);
        if matches!(b.level, Level::Clean | Level::Good | Level::Medium) {
            // Nothing may be systematic.
            assert!(along.abs() < 0.75, "{place}: bias along {along:.2}");
            assert!(across.abs() < 0.5, "{place}: bias across {across:.2}");
            assert!(angle.abs() < 1.5, "{place}: bias of direction {angle:.2}");
        }
    }
}

const fn bounds(level: Level, precision: f64, recall: f64, f1: f64, position: f64, angle: f64) -> Bounds {
    Bounds { level, precision, recall, f1, position, angle }
}

#[test]
fn image_filters_read_every_level_as_well_as_measured() {
    let classical = Extractor::classical();
    let generator = PrintGenerator::new(SEED);
    let fingers: Vec<MasterPrint> = (0..FINGERS).map(|n| generator.finger(n)).collect();
    let optical = [
        bounds(Level::Clean, 0.97, 0.93, 0.95, 1.52, 4.3),
        bounds(Level::Good, 0.96, 0.93, 0.94, 1.76, 4.4),
        bounds(Level::Medium, 0.95, 0.92, 0.94, 2.37, 5.1),
        bounds(Level::Hard, 0.81, 0.81, 0.81, 3.07, 5.5),
        bounds(Level::Broken, 0.67, 0.51, 0.58, 3.57, 6.6),
    ];
    check(&classical, Sensor::Optical, &fingers, &optical);
    let half = &fingers[..fingers.len() / 2];
    let capacitive = [
        bounds(Level::Good, 0.96, 0.91, 0.93, 1.70, 4.0),
        bounds(Level::Medium, 0.94, 0.93, 0.93, 2.35, 4.3),
        bounds(Level::Hard, 0.80, 0.79, 0.79, 3.50, 5.6),
    ];
    check(&classical, Sensor::Capacitive, half, &capacitive);
    let thermal = [
        bounds(Level::Good, 0.96, 0.90, 0.93, 1.82, 4.1),
        bounds(Level::Medium, 0.96, 0.91, 0.93, 2.60, 4.3),
        bounds(Level::Hard, 0.86, 0.82, 0.84, 3.45, 5.7),
    ];
    check(&classical, Sensor::ThermalSweep, half, &thermal);
}

#[cfg(feature = "neural")]
#[test]
fn the_network_reads_every_level_as_well_as_measured() {
    let generator = PrintGenerator::new(SEED);
    let fingers: Vec<MasterPrint> = (0..FINGERS).map(|n| generator.finger(n)).collect();
    let optical = [
        bounds(Level::Clean, 0.97, 0.97, 0.97, 0.8, 3.9),
        bounds(Level::Good, 0.96, 0.97, 0.97, 1.1, 4.0),
        bounds(Level::Medium, 0.93, 0.95, 0.94, 1.9, 4.5),
        bounds(Level::Hard, 0.74, 0.87, 0.80, 2.8, 5.5),
        bounds(Level::Broken, 0.52, 0.56, 0.54, 3.2, 6.5),
    ];
    check(&Extractor::new(), Sensor::Optical, &fingers, &optical);
    let half = &fingers[..fingers.len() / 2];
    let capacitive = [
        bounds(Level::Good, 0.97, 0.96, 0.97, 1.2, 4.3),
        bounds(Level::Medium, 0.91, 0.95, 0.93, 2.0, 4.5),
        bounds(Level::Hard, 0.72, 0.81, 0.76, 2.9, 5.4),
    ];
    check(&Extractor::new(), Sensor::Capacitive, half, &capacitive);
    let thermal = [
        bounds(Level::Good, 0.96, 0.96, 0.96, 1.2, 4.3),
        bounds(Level::Medium, 0.92, 0.96, 0.94, 2.2, 4.8),
        bounds(Level::Hard, 0.78, 0.89, 0.83, 2.9, 5.1),
    ];
    check(&Extractor::new(), Sensor::ThermalSweep, half, &thermal);
}

#[cfg(feature = "neural")]
#[test]
fn the_small_network_reads_every_level_as_well_as_measured() {
    let generator = PrintGenerator::new(SEED);
    let fingers: Vec<MasterPrint> = (0..FINGERS).map(|n| generator.finger(n)).collect();
    let optical = [
        bounds(Level::Clean, 0.97, 0.97, 0.97, 0.9, 4.6),
        bounds(Level::Good, 0.97, 0.97, 0.97, 1.2, 4.7),
        bounds(Level::Medium, 0.93, 0.96, 0.94, 2.0, 5.5),
        bounds(Level::Hard, 0.71, 0.85, 0.77, 3.1, 6.9),
        bounds(Level::Broken, 0.47, 0.52, 0.49, 3.3, 7.2),
    ];
    println!("small:");
    check(&Extractor::learned(Model::small()), Sensor::Optical, &fingers, &optical);
}

#[test]
fn unusual_ridge_periods_are_read() {
    for (shortest, longest, f1) in [(6.0, 6.6, 0.93), (12.0, 13.0, 0.94)] {
        let generator = PrintGenerator::new(SEED).with_period(shortest, longest);
        let fingers: Vec<MasterPrint> = (0..4).map(|n| generator.finger(n)).collect();
        for extractor in [Extractor::new(), Extractor::classical()] {
            let (counts, _) = measure(&extractor, &fingers, &Level::Good.into());
            println!("{} period {shortest} to {longest}: {counts}", extractor.method());
            assert!(counts.f1() >= f1, "period {shortest} to {longest}: F1 {:.3}", counts.f1());
        }
    }
}

#[test]
fn kinds_are_read_right_on_clean_prints() {
    let generator = PrintGenerator::new(SEED + 1);
    let fingers: Vec<MasterPrint> = (0..4).map(|n| generator.finger(n)).collect();
    for extractor in [Extractor::new(), Extractor::classical()] {
        let (counts, _) = measure(&extractor, &fingers, &Level::Clean.into());
        assert!(counts.kind_known > 60);
        assert!(counts.kind_accuracy() > 0.97, "{} {:.3}", extractor.method(), counts.kind_accuracy());
    }
    let kinds = fingers[0].impression(0, Level::Clean).truth;
    let endings = kinds.minutiae().iter().filter(|m| m.kind == MinutiaKind::Ending).count();
    let forks = kinds.minutiae().iter().filter(|m| m.kind == MinutiaKind::Bifurcation).count();
    assert!(endings > 3 && forks > 3, "{endings} endings, {forks} bifurcations");
}

/// How well cores, deltas and classes are told.
#[derive(Default)]
struct Singular {
    truth: usize,
    found: usize,
    right: usize,
    /// Squared distances of right ones, pixels.
    squared: f32,
    /// Straightness: mean of cos of twice the angle between direction and true ridges ahead.
    straight: f32,
    classes: usize,
    class_known: usize,
    class_right: usize,
}

fn singular(extractor: &Extractor, fingers: &[MasterPrint], level: Level) -> Singular {
    let mut sum = Singular::default();
    for finger in fingers {
        let impression = finger.impression(0, level);
        let Ok(template) = extractor.extract(&impression.image) else { continue };
        let truth = &impression.truth;
        // A point close to the edge may be seen or not.
        let points: Vec<_> = truth.singular_points().iter().filter(|p| truth.is_inside(p.1, p.2, 32.0)).collect();
        let found: Vec<_> = template.singular_points().iter().filter(|p| truth.is_inside(p.x, p.y, 32.0)).collect();
        sum.truth += points.len();
        sum.found += found.len();
        for (kind, x, y) in points {
            let apart = |p: &&&SingularPoint| (p.x - x).hypot(p.y - y);
            let same = found.iter().filter(|p| p.kind == *kind && apart(p) < 24.0);
            if let Some(p) = same.min_by(|a, b| apart(a).total_cmp(&apart(b))) {
                sum.right += 1;
                sum.squared += apart(&p).powi(2);
                let (sin, cos) = p.direction.radians().sin_cos();
                let cell = GroundTruth::CELL as f32;
                let (column, row) = ((p.x + 30.0 * cos) / cell, (p.y - 30.0 * sin) / cell);
                let orientation = truth.orientation()[row as usize * truth.cells().0 as usize + column as usize];
                sum.straight += (2.0 * (orientation - p.direction.radians())).cos();
            }
        }
        sum.classes += 1;
        if let Some(class) = template.pattern() {
            sum.class_known += 1;
            sum.class_right += usize::from(class == finger.class());
            if class != finger.class() {
                println!("{class:?} {:?} {:?}", finger.class(), template.singular_points());
            }
        }
    }
    sum
}

/// Bounds: measured 0.96 to 1.00, 4 to 7 pixels, 0.72 to 0.79 along the ridges, and classes right of 37 of 37, 35 of 36 and 29 of 34.
#[test]
fn cores_deltas_and_classes_are_told() {
    let generator = PrintGenerator::new(SEED + 2);
    let fingers: Vec<MasterPrint> = (0..40).map(|n| generator.finger(n)).collect();
    let mut wrong = Vec::new();
    for extractor in [Extractor::new(), Extractor::classical()] {
        for (level, least, rms, class) in
            [(Level::Good, 0.95, 7.0, 0.95), (Level::Medium, 0.93, 8.0, 0.9), (Level::Hard, 0.9, 9.0, 0.75)]
        {
            let s = singular(&extractor, &fingers, level);
            let (right, found, truth) = (s.right as f32, s.found as f32, s.truth as f32);
            let (precision, recall) = (right / found, right / truth);
            let (position, straight) = ((s.squared / right).sqrt(), s.straight / right);
            let line = format!(
                "{} {}: {truth} cores and deltas, precision {precision:.3}, recall {recall:.3}, position RMS {position:.1} px, \
                 along the ridges {straight:.2}; class told of {} of {}, right {}",
                extractor.method(),
                level.name(),
                s.class_known,
                s.classes,
                s.class_right
            );
            println!("{line}");
            let classes = s.class_right as f32 / s.class_known as f32;
            let told = s.class_known * 4 >= s.classes * 3 && classes >= class;
            if !(truth > 40.0 && precision >= least && recall >= least && position <= rms && straight > 0.65 && told) {
                wrong.push(line);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
