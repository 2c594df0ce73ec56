//! Targets for faces aligned by arbitrary landmarks, calibration files, and rows of plain floats.

use selfsame::Cosine;
use selfsame::face::align::{AlignError, AlignedFace, InputForm, Landmarks, Layout, RgbView};
use selfsame::face::compare::CosineCalibration;
use selfsame::format::npy::NpyArray;
use selfsame::format::raw::{RawRows, encode_in_the_clear};

use super::bytes::Bytes;

/// Largest side of a picture, pixels.
const MAX_SIDE: usize = 256;

/// The input is two sides, a byte for the kind of landmarks, landmarks, then pixels (repeated as needed).
pub fn align_face(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let (width, height) = (usize::from(bytes.u8()), usize::from(bytes.u8()));
    let kind = bytes.u8();
    let mut number = || match kind % 3 {
        // Any bits of a float, or fixed-point numbers around a picture, or tenths of a pixel.
        0 => f32::from_bits(u32::from(bytes.u16()) << 16 | u32::from(bytes.u16())),
        1 => f32::from(bytes.u16() as i16) / 32.0,
        _ => f32::from(bytes.u16()) / 10.0,
    };
    let points: [(f32, f32); 5] = std::array::from_fn(|_| (number(), number()));
    let pixels: Vec<u8> = match bytes.rest() {
        [] => vec![kind; 3 * width * height],
        rest => rest.iter().copied().cycle().take(3 * width * height).collect(),
    };
    let picture = RgbView::new(&pixels, width, height);
    assert_eq!(picture.is_ok(), width > 0 && height > 0);
    assert!(width.max(height) < MAX_SIDE);
    let landmarks = Landmarks::new(points);
    if points.iter().any(|(x, y)| !(x.is_finite() && y.is_finite())) {
        assert!(matches!(landmarks, Err(AlignError::NotFinite { .. })));
    }
    let (Ok(picture), Ok(landmarks)) = (picture, landmarks) else { return };
    let way = landmarks.similarity();
    assert!(way.scale() > 0.0 && way.scale() < 12.0);
    match AlignedFace::from_picture(&picture, &landmarks) {
        Err(error) => assert!(matches!(error, AlignError::Outside { .. })),
        Ok(face) => {
            assert_eq!(face.pixels().len(), 3 * AlignedFace::SIDE * AlignedFace::SIDE);
            let brightest = pixels.iter().max();
            assert!(face.pixels().iter().max() <= brightest);
            assert_eq!(AlignedFace::from_picture(&picture, &landmarks).as_ref(), Ok(&face));
            assert!(face.to_input(&InputForm::default(), Layout::Pixels).iter().all(|v| (-1.0..=1.0).contains(v)));
        }
    }
}

/// A calibration's file.
pub fn decode_calibration(data: &[u8]) {
    let Ok(model) = CosineCalibration::decode(data) else { return };
    assert_eq!(model.encode(), data);
    assert!(model.backed_to() <= model.reach());
    let mut last = None;
    for step in -20..=20i16 {
        let Ok(cosine) = Cosine::new(f32::from(step) / 20.0) else { continue };
        let score = model.score(cosine);
        assert!(last <= Some(score) && score <= model.reach());
        last = Some(score);
    }
}

/// A dimension, then rows of floats.
pub fn decode_raw(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let columns = usize::from(bytes.u16());
    let Ok(rows) = RawRows::new(bytes.rest(), columns) else { return };
    assert_eq!(rows.rows() * columns * 4, bytes.rest().len());
    let mut row = vec![0.0; columns];
    let mut all = Vec::new();
    for number in 0..rows.rows() {
        assert!(rows.read(number, &mut row).is_some());
        all.extend_from_slice(&row);
    }
    assert!(rows.read(rows.rows(), &mut row).is_none());
    assert_eq!(encode_in_the_clear(&all), bytes.rest());
    assert!(NpyArray::from_floats(rows.rows(), columns, all).is_ok());
}
