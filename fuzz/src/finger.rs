//! Targets for extraction from any pixels, and comparison of any minutiae.

use selfsame::fingerprint::extract::Model;
use selfsame::fingerprint::template::RidgeFlow;
use selfsame::geometry::Angle;
use selfsame::{Comparator, Extractor, Finger, FingerImage, FingerTemplate, Minutia, MinutiaKind, Ppi, Score};
use sha2::{Digest, Sha256};

use super::bytes::Bytes;

/// Longest side of an image, pixels: small, so that many images are tested.
const MAX_SIDE: u32 = 160;
/// Most minutiae of one template in a comparison.
const MAX_MINUTIAE: usize = 48;

/// The input is two side lengths, a mode, then pixels, repeated as needed.
pub fn extract_image(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let mut side = || FingerImage::MIN_SIDE + u32::from(bytes.u8()) % (MAX_SIDE - FingerImage::MIN_SIDE + 1);
    let (width, height) = (side(), side());
    let (mode, pixels) = (bytes.u8(), bytes.rest());
    let ripple = |i: usize| {
        // Waves under the input, so that some inputs resemble ridges.
        let (x, y) = ((i % width as usize) as f32, (i / width as usize) as f32);
        let phase = x * f32::from(mode % 16) * 0.06 + y * f32::from(mode / 16) * 0.06;
        (127.0 + 100.0 * phase.sin()) as u8
    };
    let pixel = |i: usize| {
        let own = if pixels.is_empty() { 0 } else { pixels[i % pixels.len()] };
        if mode == 0 { own } else { own.wrapping_add(ripple(i)) }
    };
    let all: Vec<u8> = (0..(width * height) as usize).map(pixel).collect();
    let Ok(image) = FingerImage::from_gray8(width, height, Ppi::P500, &all) else { panic!("a plain image is refused") };
    for extractor in [Extractor::new(), Extractor::classical()] {
        check_extraction(&extractor, &image);
    }
}

/// Checks that minutiae lie in the image, and that a second extraction gives the same ones.
fn check_extraction(extractor: &Extractor, image: &FingerImage) {
    let (width, height) = (image.width(), image.height());
    let found = extractor.extract(image).ok();
    if let Some(template) = &found {
        for m in template.minutiae() {
            assert!((0.0..width as f32).contains(&m.x) && (0.0..height as f32).contains(&m.y));
            assert!((1..=100).contains(&m.quality));
        }
        assert!(template.quality().is_none_or(|q| q <= 100));
    }
    assert!(found == extractor.extract(image).ok());
}

/// The input is a network's weights. A fuzzer cannot guess a checksum, so the file is also tested with a valid one.
/// Accepted weights must run.
pub fn decode_model(data: &[u8]) {
    let signed = signed(data).unwrap_or_default();
    for bytes in [data, &signed] {
        let Ok(model) = Model::decode(bytes) else { continue };
        assert!(Model::decode(bytes).as_ref() == Ok(&model), "weights changed on their way");
        let ripple = |i: usize| (127.0 + 100.0 * ((i % 48) as f32 * 0.7 + (i / 48) as f32 * 0.1).sin()) as u8;
        let pixels: Vec<u8> = (0..48 * 40).map(ripple).collect();
        let Ok(image) = FingerImage::from_gray8(48, 40, Ppi::P500, &pixels) else { panic!("a plain image is refused") };
        check_extraction(&Extractor::learned(model), &image);
    }
}

/// Weights whose checksum in the metadata is replaced by the valid one, which has the same length.
fn signed(data: &[u8]) -> Option<Vec<u8>> {
    let header = u64::from_le_bytes(data.get(..8)?.try_into().ok()?);
    let tensors = data.get(usize::try_from(header).ok()?.checked_add(8)?..)?;
    let key = br#""sha256":""#;
    let at = data.windows(key.len()).position(|w| w == key)? + key.len();
    let sum: String = Sha256::digest(tensors).iter().map(|b| format!("{b:02x}")).collect();
    let mut signed = data.to_vec();
    signed.get_mut(at..at + sum.len())?.copy_from_slice(sum.as_bytes());
    Some(signed)
}

/// Two templates, one after the other.
pub fn compare_templates(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let (a, b) = (template(&mut bytes), template(&mut bytes));
    let comparator = Comparator::<Finger>::new();
    let score = |a: &FingerTemplate, b: &FingerTemplate| match comparator.compare_templates(a, b) {
        Ok(score) => score,
        Err(never) => match never {},
    };
    let ab = score(&a, &b);
    assert_eq!(ab, score(&b, &a));
    for s in [ab, score(&a, &a), score(&b, &b)] {
        assert!((0.0..=Score::MAX).contains(&s.decibels()));
    }
}

/// The input is a count of impressions, then for each one a template and, depending on a byte, a ridge flow.
pub fn merge_impressions(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let count = usize::from(bytes.u8() % 6);
    let mut all: Vec<FingerTemplate> = Vec::new();
    for _ in 0..count {
        let shape = bytes.u8();
        // Sometimes repeat an earlier one, so that impressions agree.
        let again = all.get(usize::from(shape >> 4)).filter(|_| shape & 8 > 0).cloned();
        let one = again.unwrap_or_else(|| template(&mut bytes));
        let one = if shape & 1 > 0 { flowing(one, &mut bytes) } else { one };
        all.push(one);
    }
    let finger = Finger::default();
    match finger.merge(&all) {
        Ok(merged) => {
            assert!(merged.used.first() == Some(&merged.base) && merged.used.len() <= count);
            assert!(finger.merge(&all).is_ok_and(|again| again.template == merged.template));
        }
        Err(_) => assert_eq!(count, 0),
    }
}

/// The template with a ridge flow of any grid.
fn flowing(template: FingerTemplate, bytes: &mut Bytes<'_>) -> FingerTemplate {
    let (cell, columns, rows) = (u16::from(bytes.u8()) + 1, bytes.u8() % 40, bytes.u8() % 40);
    let cells = usize::from(columns) * usize::from(rows);
    let mut fill = || (0..cells).map(|_| bytes.u8()).collect::<Vec<_>>();
    let (orientation, coherence, period) = (fill(), fill(), fill());
    let flow = RidgeFlow { cell, columns: columns.into(), rows: rows.into(), orientation, coherence, period };
    match template.with_ridge_flow(flow) {
        Ok(template) => template,
        Err(error) => panic!("a whole grid is refused: {error}"),
    }
}

/// A count, then seven bytes per minutia; the top bits of the count spread positions or crowd them.
fn template(bytes: &mut Bytes<'_>) -> FingerTemplate {
    let head = bytes.u8();
    let (count, scale) = (usize::from(head & 63).min(MAX_MINUTIAE), [1.0, 0.1, 0.01, 0.0][usize::from(head >> 6)]);
    let minutiae = (0..count)
        .map(|_| Minutia {
            x: f32::from(bytes.u16() & 0x3fff) * scale,
            y: f32::from(bytes.u16() & 0x3fff) * scale,
            direction: Angle::from_degrees(f32::from(bytes.u8()) * (360.0 / 256.0)),
            kind: [MinutiaKind::Ending, MinutiaKind::Bifurcation, MinutiaKind::Other][usize::from(bytes.u8() % 3)],
            quality: bytes.u8() % 101,
        })
        .collect();
    match FingerTemplate::new(388, 374, minutiae) {
        Ok(template) => template,
        Err(error) => panic!("minutiae in range are refused: {error}"),
    }
}
