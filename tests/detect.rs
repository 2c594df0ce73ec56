//! Detectors of the user: networks with the outputs of SCRFD and of YuNet that "find" what the test says.
#![cfg(feature = "onnx")]

mod onnx;

use onnx::{Side, model, node, tensor, value};
use selfsame::face::align::{Landmarks, RgbPicture};
use selfsame::face::embed::{DetectedFace, EmbedError, FaceDetector};

/// Side of the detector's input.
const SIDE: usize = 128;
const STEPS: [usize; 3] = [8, 16, 32];
/// A face of 40 pixels around (0, 0): eyes, nose, corners of the mouth.
const FACE: [(f32, f32); 5] = [(-8.0, -8.0), (8.0, -8.0), (0.0, 1.0), (-6.0, 9.0), (6.0, 9.0)];

/// A face that the network is to find: step, column, row, anchor, score and shift from the place, pixels.
#[derive(Clone, Copy)]
struct Wanted {
    step: usize,
    place: (usize, usize),
    anchor: usize,
    score: f32,
    shift: (f32, f32),
}

/// A network whose outputs do not depend on the picture.
fn network(anchors: usize, wanted: &[Wanted]) -> Vec<u8> {
    let scrfd = anchors == 2;
    let (mut nodes, mut weights, mut outputs) = (Vec::new(), Vec::new(), Vec::new());
    let mut give = |name: String, each: u64, numbers: Vec<f32>| {
        let count = numbers.len() as u64 / each;
        let shape: Vec<u64> = if scrfd { vec![count, each] } else { vec![1, count, each] };
        weights.push(tensor(&format!("{name}_of"), &shape, &numbers));
        nodes.push(node("Identity", &[&format!("{name}_of")], &name, &[]));
        let shape: Vec<Side> = shape.into_iter().map(Side::Of).collect();
        outputs.push(value(&name, 1, &shape));
    };
    for step in STEPS {
        let across = SIDE / step;
        let count = across * across * anchors;
        let (mut scores, mut frames, mut points) = (vec![0.02; count], vec![0.0; 4 * count], vec![0.0; 10 * count]);
        for one in wanted.iter().filter(|one| one.step == step) {
            let at = (one.place.1 * across + one.place.0) * anchors + one.anchor;
            let size = step as f32;
            let (dx, dy) = (one.shift.0 / size, one.shift.1 / size);
            scores[at] = one.score;
            let frame = if scrfd {
                [20.0 / size - dx, 20.0 / size - dy, 20.0 / size + dx, 20.0 / size + dy]
            } else {
                [dx, dy, (40.0 / size).ln(), (40.0 / size).ln()]
            };
            frames[4 * at..4 * at + 4].copy_from_slice(&frame);
            for (k, (x, y)) in FACE.into_iter().enumerate() {
                points[10 * at + 2 * k] = x / size + dx;
                points[10 * at + 2 * k + 1] = y / size + dy;
            }
        }
        if scrfd {
            give(format!("score_{step}"), 1, scores);
        } else {
            // The score is the root of a product.
            give(format!("cls_{step}"), 1, scores.clone());
            give(format!("obj_{step}"), 1, scores);
        }
        give(format!("bbox_{step}"), 4, frames);
        give(format!("kps_{step}"), 10, points);
    }
    let side = SIDE as u64;
    let input = value("input", 1, &[Side::Of(1), Side::Of(3), Side::Of(side), Side::Of(side)]);
    model(&nodes, &weights, &[input], &outputs)
}

fn picture(width: usize, height: usize) -> RgbPicture {
    RgbPicture::new(vec![90; 3 * width * height], width, height).unwrap()
}

const FACES: [Wanted; 4] = [
    Wanted { step: 8, place: (3, 4), anchor: 0, score: 0.7, shift: (0.0, 0.0) },
    // The same face, seen better from the next place.
    Wanted { step: 8, place: (4, 4), anchor: 0, score: 0.9, shift: (-7.0, 1.0) },
    Wanted { step: 32, place: (2, 2), anchor: 0, score: 0.95, shift: (10.0, 0.0) },
    // Not certain enough.
    Wanted { step: 16, place: (1, 6), anchor: 0, score: 0.4, shift: (0.0, 0.0) },
];

#[test]
fn faces_are_found_in_the_picture_with_their_landmarks() {
    for anchors in [2, 1] {
        let wanted = FACES.map(|one| Wanted { anchor: anchors - 1, ..one });
        let detector = FaceDetector::decode(network(anchors, &wanted)).unwrap();
        // The picture is twice as wide as the input.
        let found = detector.detect(&picture(256, 200).view()).unwrap();
        let scores: Vec<f32> = found.iter().map(|face| face.score).collect();
        assert_eq!(scores, [0.95, 0.9], "{anchors} anchors");
        for (face, (x, y)) in found.iter().zip([(74.0, 64.0), (25.0, 33.0)]) {
            // Centers of pixels: a place of the input is 2 x + 0.5 in the picture.
            let expected = Landmarks::new(FACE.map(|(dx, dy)| (2.0 * (x + dx) + 0.5, 2.0 * (y + dy) + 0.5))).unwrap();
            let (a, b) = (face.landmarks.similarity(), expected.similarity());
            assert!((a.u - b.u).abs() < 1e-3 && (a.v - b.v).abs() < 1e-3 && (a.a - b.a).abs() < 1e-5, "{a:?} {b:?}");
            let corners =
                [2.0 * (x - 20.0) + 0.5, 2.0 * (y - 20.0) + 0.5, 2.0 * (x + 20.0) + 0.5, 2.0 * (y + 20.0) + 0.5];
            assert!(face.frame.iter().zip(corners).all(|(a, b)| (a - b).abs() < 1e-3), "{corners:?}");
            assert!((face.area() - 6400.0).abs() < 1.0);
        }
        assert_eq!(detector.detect(&picture(1, 300).view()).map(|faces| faces.len()), Ok(2));
        let shown = format!("{detector:?} {:?}", found[0]);
        assert!(!shown.contains("landmarks") && shown.contains("128"), "{shown}");
    }
}

#[test]
fn nonsense_is_no_face() {
    // Points that are no face, and numbers that are no numbers.
    let detector = FaceDetector::decode(network(2, &[])).unwrap();
    assert_eq!(detector.detect(&picture(64, 64).view()), Ok(Vec::<DetectedFace>::new()));
    let bad = Wanted { step: 8, place: (1, 1), anchor: 0, score: f32::NAN, shift: (0.0, 0.0) };
    let worse = Wanted { score: 0.9, shift: (f32::NAN, f32::INFINITY), ..bad };
    let detector = FaceDetector::decode(network(1, &[bad, Wanted { place: (5, 5), ..worse }])).unwrap();
    assert_eq!(detector.detect(&picture(64, 64).view()), Ok(Vec::new()));
}

#[test]
fn other_networks_are_refused_with_their_shapes() {
    let refused = FaceDetector::decode(onnx::tiny(64)).map(|_| ());
    assert!(matches!(refused, Err(EmbedError::DetectorInput { .. })), "{refused:?}");
    let whole = network(2, &FACES);
    for end in (0..whole.len()).step_by(97) {
        assert!(FaceDetector::decode(whole[..end].to_vec()).is_err(), "{end}");
    }
    let input = value("input", 1, &[Side::Of(1), Side::Of(3), Side::Named("h"), Side::Named("w")]);
    let out = value("out", 1, &[Side::Named("n")]);
    let other = model(&[node("Flatten", &["input"], "out", &[])], &[], &[input], &[out]);
    let refused = FaceDetector::decode(other).map(|_| ());
    assert!(
        matches!(&refused, Err(EmbedError::DetectorOutputs { shapes }) if shapes.contains("1228800")),
        "{refused:?}"
    );
}
