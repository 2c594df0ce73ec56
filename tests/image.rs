//! Fingerprint images from files and slices: every format decodes to the same pixels, every kind of bad input gives a
//! typed error.
#![cfg(feature = "decode")]

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageBuffer, ImageFormat, Luma};
use proptest::prelude::*;
use selfsame::image::ImageError;
use selfsame::{FingerImage, Limits, Ppi};

const WIDTH: u32 = 61;
const HEIGHT: u32 = 47;

fn pattern() -> GrayImage {
    GrayImage::from_fn(WIDTH, HEIGHT, |x, y| Luma([(x * 3 + y * 5) as u8]))
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("encodes");
    bytes.into_inner()
}

fn decode(bytes: &[u8]) -> Result<FingerImage, ImageError> {
    FingerImage::decode(bytes, Ppi::P500, &Limits::default())
}

#[test]
fn lossless_formats_give_the_same_pixels() {
    let gray = DynamicImage::ImageLuma8(pattern());
    for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp, ImageFormat::Pnm] {
        let image = decode(&encoded(&gray, format)).unwrap_or_else(|e| panic!("{format:?}: {e}"));
        assert_eq!(image.pixels(), pattern().as_raw().as_slice(), "{format:?}");
    }
}

#[test]
fn sixteen_bits_and_color_become_the_same_gray() {
    let wide = ImageBuffer::from_fn(WIDTH, HEIGHT, |x, y| Luma([u16::from((x * 3 + y * 5) as u8) * 257]));
    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        let image = decode(&encoded(&DynamicImage::ImageLuma16(wide.clone()), format)).expect("decodes");
        assert_eq!(image.pixels(), pattern().as_raw().as_slice(), "{format:?}");
    }
    let color = DynamicImage::ImageLuma8(pattern()).into_rgb8();
    let image = decode(&encoded(&DynamicImage::ImageRgb8(color), ImageFormat::Png)).expect("decodes");
    for (a, b) in image.pixels().iter().zip(pattern().as_raw()) {
        assert!(a.abs_diff(*b) <= 1, "luma of gray {b} became {a}");
    }
    let raw: Vec<u16> = wide.into_raw();
    let image = FingerImage::from_gray16(WIDTH, HEIGHT, Ppi::P500, &raw).expect("accepted");
    assert_eq!(image.pixels(), pattern().as_raw().as_slice());
}

#[test]
fn jpeg_stays_close() {
    let smooth = GrayImage::from_fn(64, 64, |x, y| Luma([(x + y + 40) as u8]));
    let image = decode(&encoded(&DynamicImage::ImageLuma8(smooth.clone()), ImageFormat::Jpeg)).expect("decodes");
    for (a, b) in image.pixels().iter().zip(smooth.as_raw()) {
        assert!(a.abs_diff(*b) <= 6, "{b} became {a}");
    }
}

#[test]
fn resolution_scales_the_size() {
    let pixels = vec![200u8; 569 * 600];
    let image = FingerImage::from_gray8(569, 600, Ppi::new(569.0).expect("valid"), &pixels).expect("accepted");
    assert_eq!((image.width(), image.height()), (500, 527));
    for bad in [0.0, -500.0, 99.0, 5000.0, f32::NAN, f32::INFINITY] {
        assert!(matches!(Ppi::new(bad), Err(ImageError::Resolution { .. })), "{bad}");
    }
}

#[test]
fn bad_input_gives_a_typed_error() {
    assert!(matches!(decode(b""), Err(ImageError::Empty)));
    assert!(matches!(decode(b"this is a letter, not a picture\n"), Err(ImageError::UnknownFormat)));
    let png = encoded(&DynamicImage::ImageLuma8(pattern()), ImageFormat::Png);
    for cut in [9, 20, 40, png.len() / 2] {
        assert!(matches!(decode(&png[..cut]), Err(ImageError::Damaged { format: "PNG", .. })), "cut at {cut}");
    }
    let tiny = encoded(&DynamicImage::ImageLuma8(GrayImage::new(1, 1)), ImageFormat::Png);
    assert!(matches!(decode(&tiny), Err(ImageError::TooSmall { width: 1, height: 1 })));
    assert!(matches!(FingerImage::from_gray8(0, 0, Ppi::P500, &[]), Err(ImageError::TooSmall { .. })));
    let short = FingerImage::from_gray8(100, 100, Ppi::P500, &[0; 9_999]);
    assert!(matches!(short, Err(ImageError::Length { expected: 10_000, actual: 9_999, .. })));
    let overflow = FingerImage::from_gray8(u32::MAX, u32::MAX, Ppi::P500, &[0; 4]);
    assert!(matches!(overflow, Err(ImageError::Length { .. })));
}

#[test]
fn a_bomb_is_refused_by_its_header() {
    // A PNG and a PGM that announce 20,000 x 20,000 pixels.
    let mut png = encoded(&DynamicImage::ImageLuma8(pattern()), ImageFormat::Png);
    png[16..20].copy_from_slice(&20_000u32.to_be_bytes());
    png[20..24].copy_from_slice(&20_000u32.to_be_bytes());
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    assert!(matches!(decode(&png), Err(ImageError::Limit(e)) if e.value == 400_000_000), "{:?}", decode(&png));
    assert!(matches!(decode(b"P5\n20000 20000\n255\n"), Err(ImageError::Limit(_))));
    let limits = Limits { max_bytes: 10, ..Limits::default() };
    assert!(matches!(FingerImage::decode(&png, Ppi::P500, &limits), Err(ImageError::Limit(_))));
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |mut crc, &b| {
        crc ^= u32::from(b);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
        crc
    })
}

#[cfg(feature = "ndarray")]
#[test]
fn a_view_of_any_stride_is_read_in_order() {
    let array =
        ndarray::Array2::from_shape_vec((HEIGHT as usize, WIDTH as usize), pattern().into_raw()).expect("shape");
    let straight = FingerImage::from_array(array.view(), Ppi::P500).expect("accepted");
    let turned = FingerImage::from_array(array.t(), Ppi::P500).expect("accepted");
    assert_eq!((turned.width(), turned.height()), (HEIGHT, WIDTH));
    let (w, h) = (WIDTH as usize, HEIGHT as usize);
    assert!((0..w * h).all(|i| straight.pixels()[i] == turned.pixels()[(i % w) * h + i / w]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn damaged_files_never_panic(at in 0usize..2000, bytes in proptest::collection::vec(any::<u8>(), 1..8), which in 0usize..5) {
        let formats = [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp, ImageFormat::Pnm, ImageFormat::Jpeg];
        let mut file = encoded(&DynamicImage::ImageLuma8(pattern()), formats[which]);
        let at = at % file.len();
        for (target, b) in file[at..].iter_mut().zip(bytes) {
            *target = b;
        }
        let limits = Limits { max_pixels: 1 << 16, ..Limits::default() };
        if let Ok(image) = FingerImage::decode(&file, Ppi::P500, &limits) {
            prop_assert_eq!(image.pixels().len(), (image.width() * image.height()) as usize);
            prop_assert!(image.pixels().len() <= 1 << 16);
        }
    }

    #[test]
    fn any_size_and_resolution_is_accepted_or_refused(w in 0u32..200, h in 0u32..200, ppi in 100f32..4000.0) {
        let pixels = vec![7u8; (w * h) as usize];
        match FingerImage::from_gray8(w, h, Ppi::new(ppi).expect("in range"), &pixels) {
            Ok(image) => prop_assert!(image.pixels().iter().all(|&p| p == 7)),
            Err(e) => prop_assert!(matches!(e, ImageError::TooSmall { .. } | ImageError::Limit(_)), "{}", e),
        }
    }
}
