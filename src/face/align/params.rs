//! Constants of alignment.

/// Landmarks of a face.
pub(super) const LANDMARKS: usize = 5;

/// Usual side of an aligned face, pixels.
pub(super) const SIDE: usize = 112;

/// Sides that an aligned face may have, pixels.
pub(super) const SIDES: std::ops::RangeInclusive<usize> = 32..=1024;

/// Side of a wider frame around the same template, pixels: the template of [`SIDE`] lies [`WIDER_SHIFT`] to the right in it
/// (InsightFace, `face_align.estimate_norm`).
pub(super) const WIDER_SIDE: usize = 128;

/// See [`WIDER_SIDE`], pixels.
pub(super) const WIDER_SHIFT: f64 = 8.0;

/// Positions of the landmarks in an aligned face, pixels (x right, y down, the first pixel's center at 0): the eye on
/// the left of the picture, the one on the right, the tip of the nose, the corners of the mouth on the left and on the
/// right. ArcFace and later models were trained with these points (InsightFace, `face_align.arcface_dst`).
pub(super) const TEMPLATE: [(f64, f64); LANDMARKS] =
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)];

/// Least root mean square distance of the landmarks from their mean, pixels. It is 23 for the template: a face below
/// this bound would be enlarged twelve times.
pub(super) const MIN_SPREAD: f64 = 2.0;

/// Least agreement of the landmarks with the template, 0 to 1 (the length of the complex correlation). Faces seen from the front
/// reach 0.95 and more, a face whose width has vanished 0.78; landmarks with left and right, or eyes and mouth, exchanged 0.23.
pub(super) const MIN_AGREEMENT: f64 = 0.5;

/// How far beyond the picture a landmark may lie, as a share of the picture's longer side: detectors place landmarks of faces
/// that are cut off a little outside.
pub(super) const OUTSIDE: f64 = 0.5;
