//! A face detector of the user: from a picture to faces with their landmarks.

use std::fmt;
use std::path::Path;

use rten::{DataType, NodeId, ValueType};

use super::error::EmbedError;
use super::file;
use super::heads::{Heads, Raw};
use super::params::{DETECTOR_SIDE, MAX_DETECTOR_SIDE, MAX_FACES, MAX_MODEL_BYTES, OVERLAP, SCORE};
use super::runtime::{Runtime, described, fixed};
use crate::face::align::{Colors, InputForm, Landmarks, Letterbox, RgbView};
use crate::limits::Limits;

/// A face that a detector found. `Debug` shows the score only.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct DetectedFace {
    /// The detector's confidence, 0 to 1.
    pub score: f32,
    /// Left, top, right and bottom in the picture, pixels.
    pub frame: [f32; 4],
    /// Eyes, nose and corners of the mouth.
    pub landmarks: Landmarks,
}

impl DetectedFace {
    /// Area of the frame, square pixels.
    #[must_use]
    pub fn area(&self) -> f32 {
        let [left, top, right, bottom] = self.frame;
        (right - left).max(0.0) * (bottom - top).max(0.0)
    }
}

impl fmt::Debug for DetectedFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DetectedFace").field("score", &self.score).finish_non_exhaustive()
    }
}

/// A face-detection model in ONNX format with landmarks, of the layout of SCRFD or of YuNet; this crate contains none.
///
/// The picture is scaled to fit the model's input, which is 640 x 640 pixels where the file leaves it open, and filled with black
/// on the right and below. Which layout a model has is seen from its outputs: nine of them (scores, frames and landmarks at steps of
/// 8, 16 and 32 pixels, two anchors each) are SCRFD's, twelve (with a class and an object score, one anchor each) YuNet's.
///
/// ```no_run
/// use selfsame::Limits;
/// use selfsame::face::align::RgbPicture;
/// use selfsame::face::embed::{FaceDetector, FaceEmbedder};
/// let detector = FaceDetector::load("scrfd_500m_kps.onnx")?;
/// let embedder = FaceEmbedder::builder("mobilefacenet", "2").load("mobilefacenet.onnx")?;
/// let picture = RgbPicture::decode(&std::fs::read("ada.jpg")?, &Limits::default())?;
/// let faces = detector.detect(&picture.view())?;
/// let [face] = faces.as_slice() else { return Err("one face is needed".into()) };
/// let embedding = embedder.embed(&picture.view(), &face.landmarks)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FaceDetector {
    runtime: Runtime,
    outputs: Vec<NodeId>,
    heads: Heads,
    width: usize,
    height: usize,
}

impl FaceDetector {
    /// Reads a model from a file of at most 1 GiB.
    ///
    /// # Errors
    /// As [`FaceDetector::decode`], and [`EmbedError::Read`].
    pub fn load(path: impl AsRef<Path>) -> Result<Self, EmbedError> {
        Self::decode(file::read(path.as_ref(), MAX_MODEL_BYTES)?)
    }

    /// Reads a model from the bytes of a file, and runs it once on a black picture to learn the layout of its outputs. The bytes are a
    /// program: take them only from a trusted source.
    ///
    /// # Errors
    /// [`EmbedError`] when the bytes are not a model, its input is not one picture in planes of colors with sides that are multiples
    /// of 32, or its outputs have neither SCRFD's nor YuNet's layout.
    pub fn decode(bytes: Vec<u8>) -> Result<Self, EmbedError> {
        Limits { max_bytes: MAX_MODEL_BYTES, ..Limits::default() }.check_bytes(bytes.len())?;
        let runtime = Runtime::load(bytes, rayon::current_num_threads())?;
        let info = runtime.input();
        let refused = || EmbedError::DetectorInput { shape: described(info.as_ref()) };
        let floats =
            info.as_ref().and_then(|info| info.dtype()).is_none_or(|d| d == ValueType::Tensor(DataType::Float));
        let shape =
            info.as_ref().and_then(|info| info.shape().map(|shape| shape.iter().map(fixed).collect::<Vec<_>>()));
        let (height, width) = match shape.as_deref() {
            None => (None, None),
            Some(&[None | Some(1), None | Some(3), height, width]) => (height, width),
            Some(_) => return Err(refused()),
        };
        let (height, width) = (height.unwrap_or(DETECTOR_SIDE), width.unwrap_or(DETECTOR_SIDE));
        let usable = |side: usize| side.is_multiple_of(32) && (32..=MAX_DETECTOR_SIDE).contains(&side);
        if !floats || !usable(height) || !usable(width) {
            return Err(refused());
        }
        let outputs = runtime.outputs().to_vec();
        let black = vec![0.0; width.saturating_mul(height).saturating_mul(3)];
        let made = runtime.run([1, 3, height, width], black, &outputs)?;
        let heads = Heads::of(&made, width, height).ok_or_else(|| EmbedError::DetectorOutputs {
            shapes: made.iter().map(|output| format!("{:?}", output.shape)).collect::<Vec<_>>().join(", "),
        })?;
        Ok(Self { runtime, outputs, heads, width, height })
    }

    /// The faces in a picture with a score of at least 0.5, the most certain first, none of which covers another by more than 0.4; at
    /// most 256. What the model calls a face but whose landmarks are not laid out as one is left out.
    ///
    /// # Errors
    /// [`EmbedError::Run`], [`EmbedError::Panicked`] or [`EmbedError::DetectorOutputs`] when the model fails.
    pub fn detect(&self, picture: &RgbView<'_>) -> Result<Vec<DetectedFace>, EmbedError> {
        let boxed = Letterbox::of(picture, self.width, self.height);
        // The forms that both families were trained with.
        let form = match self.heads {
            Heads::Scrfd => InputForm::of(127.5, 128.0),
            Heads::YuNet => InputForm { colors: Colors::Bgr, ..InputForm::of(0.0, 1.0) },
        };
        let made = self.runtime.run([1, 3, self.height, self.width], boxed.to_planes(&form), &self.outputs)?;
        if Heads::of(&made, self.width, self.height) != Some(self.heads) {
            return Err(EmbedError::DetectorOutputs { shapes: "different from run to run".to_owned() });
        }
        let mut raw = self.heads.decode(&made, self.width, self.height, SCORE);
        // The order of equal scores is that of the model's places.
        raw.sort_by(|a, b| b.score.total_cmp(&a.score));
        let mut faces: Vec<DetectedFace> = Vec::new();
        let mut frames: Vec<[f32; 4]> = Vec::new();
        for Raw { score, frame, points } in raw {
            if frames.iter().any(|other| overlap(other, &frame) > OVERLAP) {
                continue;
            }
            let [left, top, right, bottom] = frame;
            let ((left, top), (right, bottom)) = (boxed.back((left, top)), boxed.back((right, bottom)));
            let Ok(landmarks) = Landmarks::new(points.map(|point| boxed.back(point))) else { continue };
            frames.push(frame);
            faces.push(DetectedFace { score, frame: [left, top, right, bottom], landmarks });
            if faces.len() == MAX_FACES {
                break;
            }
        }
        Ok(faces)
    }
}

impl fmt::Debug for FaceDetector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { heads, width, height, .. } = self;
        let mut shown = f.debug_struct("FaceDetector");
        shown.field("heads", heads).field("width", width).field("height", height).finish_non_exhaustive()
    }
}

/// Area of the intersection by that of the union.
fn overlap(a: &[f32; 4], b: &[f32; 4]) -> f32 {
    let side = |low: f32, high: f32| (high - low).max(0.0);
    let area = |frame: &[f32; 4]| side(frame[0], frame[2]) * side(frame[1], frame[3]);
    let both = side(a[0].max(b[0]), a[2].min(b[2])) * side(a[1].max(b[1]), a[3].min(b[3]));
    both / (area(a) + area(b) - both).max(f32::MIN_POSITIVE)
}
