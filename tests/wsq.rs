//! WSQ: the reference decoder's pixels, round trips at the archives' bit rates, and hostile files.
#![cfg(feature = "decode")]

use std::path::Path;

use proptest::prelude::*;
use selfsame::image::wsq::{WsqError, decode, encode};
use selfsame::image::{Gray8, ImageError};
use selfsame::{FingerImage, Limits, Ppi};

const SOB: u16 = 0xFFA3;
const SOF: u16 = 0xFFA2;
const DTT: u16 = 0xFFA4;
const DQT: u16 = 0xFFA5;
const DHT: u16 = 0xFFA6;
const EOI: u16 = 0xFFA1;

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn picture(name: &str) -> Gray8 {
    Gray8::decode(&fixture(name), &Limits::default()).expect("a picture")
}

fn psnr(a: &[u8], b: &[u8]) -> f64 {
    let sum: f64 = a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    10.0 * (255.0f64.powi(2) * a.len() as f64 / sum).log10()
}

/// A small file of ridges; 96 x 104 pixels.
fn small() -> Vec<u8> {
    let pixel = |i: usize| (128.0 + 100.0 * ((i % 96) as f32 * 0.7 + (i / 96) as f32 * 0.2).sin()) as u8;
    encode(96, 104, &(0..96 * 104).map(pixel).collect::<Vec<_>>(), Some(Ppi::P500), 0.75).expect("encodes")
}

/// Where the body of the first segment of a kind begins.
fn body(bytes: &[u8], marker: u16) -> usize {
    bytes.windows(2).position(|w| w == marker.to_be_bytes()).expect("the segment is there") + 4
}

/// The file with other bytes at a place.
fn with(mut bytes: Vec<u8>, at: usize, new: &[u8]) -> Vec<u8> {
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

/// The file without the first segment of a kind.
fn without(mut bytes: Vec<u8>, marker: u16) -> Vec<u8> {
    let at = body(&bytes, marker);
    let length = usize::from(u16::from_be_bytes([bytes[at - 2], bytes[at - 1]]));
    bytes.drain(at - 4..at - 2 + length);
    bytes
}

fn error(bytes: &[u8]) -> WsqError {
    decode(bytes, &Limits::default()).map(|d| d.image).expect_err("refused")
}

#[test]
fn pixels_are_those_of_the_reference_decoder() {
    let decoded = decode(&fixture("wsq_nbis.wsq"), &Limits::default()).expect("decodes");
    let reference = picture("wsq_nbis.png");
    assert_eq!((decoded.image.width(), decoded.image.height(), decoded.ppi), (129, 131, Some(500)));
    let pairs = decoded.image.pixels().iter().zip(reference.pixels());
    let (mut different, mut furthest) = (0, 0);
    pairs.for_each(|(a, b)| {
        different += u32::from(a != b);
        furthest = furthest.max(a.abs_diff(*b));
    });
    assert!(furthest <= 1 && different < 20, "{different} pixels differ, by {furthest} at most");
}

#[test]
fn a_block_without_coefficients_may_have_a_table_without_codes() {
    // NIST's encoder writes such tables for a flat picture.
    let flat = fixture("wsq_nbis_flat.wsq");
    let decoded = decode(&flat, &Limits::default()).expect("decodes");
    assert_eq!((decoded.image.width(), decoded.image.height(), decoded.ppi), (96, 88, Some(500)));
    assert!(decoded.image.pixels().iter().all(|&p| p == 200));
    let mut coded = flat;
    let at = body(&coded, SOB);
    coded.splice(at + 1..at + 1, [0x55, 0x55]);
    assert!(matches!(error(&coded), WsqError::Code { .. }));
}

#[test]
fn sides_at_which_decoders_disagree_are_refused() {
    // NIST's own decoder makes noise of what its encoder wrote here.
    assert_eq!(error(&fixture("wsq_nbis_35x35.wsq")), WsqError::TooSmall { width: 35, height: 35 });
    for (w, h) in [(1, 1), (80, 200), (200, 80), (80, 80)] {
        let refused = encode(w, h, &vec![9; (w * h) as usize], None, 0.75);
        assert_eq!(refused, Err(WsqError::TooSmall { width: w, height: h }));
    }
    for side in 81..=96 {
        let pixel = |i: u32| (128.0 + 90.0 * ((i % side) as f32 * 0.7 + (i / side) as f32 * 0.3).sin()) as u8;
        let pixels: Vec<u8> = (0..side * side).map(pixel).collect();
        let bytes = encode(side, side, &pixels, Some(Ppi::P500), 2.25).expect("encodes");
        let psnr = psnr(&pixels, decode(&bytes, &Limits::default()).expect("decodes").image.pixels());
        assert!(psnr > 22.0, "{side}: {psnr:.1} dB");
    }
}

#[test]
fn prints_keep_their_ridges_at_the_rates_of_archives() {
    for name in ["print_0_0_optical_clean.png", "print_3_1_capacitive_good.png", "print_4_0_thermal_good.png"] {
        let image = picture(name);
        let (w, h) = (image.width(), image.height());
        for (bpp, least_ratio, least_psnr) in [(0.75, 8.0, 26.0), (2.25, 3.0, 33.0)] {
            let bytes = encode(w, h, image.pixels(), Some(Ppi::P500), bpp).expect("encodes");
            let decoded = decode(&bytes, &Limits::default()).expect("decodes");
            assert_eq!((decoded.image.width(), decoded.image.height(), decoded.ppi), (w, h, Some(500)));
            let ratio = image.pixels().len() as f64 / bytes.len() as f64;
            let psnr = psnr(image.pixels(), decoded.image.pixels());
            println!("{name} at {bpp}: {ratio:.1} times smaller, {psnr:.1} dB");
            assert!(ratio > least_ratio && psnr > least_psnr, "{name} at {bpp}: {ratio:.1} to 1, {psnr:.1} dB");
            assert_eq!(encode(w, h, image.pixels(), Some(Ppi::P500), bpp), Ok(bytes));
        }
    }
}

#[test]
fn a_finger_image_reads_it_by_its_first_bytes() {
    let image = FingerImage::decode(&small(), Ppi::P500, &Limits::default()).expect("decodes");
    assert_eq!((image.width(), image.height()), (96, 104));
    let few = Limits { max_pixels: 9_000, ..Limits::default() };
    assert!(matches!(FingerImage::decode(&small(), Ppi::P500, &few), Err(ImageError::Limit(e)) if e.value == 9_984));
    let damaged = FingerImage::decode(&small()[..300], Ppi::P500, &few);
    assert!(matches!(damaged, Err(ImageError::Damaged { format: "WSQ", .. })));
}

#[test]
fn more_bits_never_cost_quality() {
    // A slow wave: few sub-bands hold nearly all of it, and their bins grow narrow. The second one has sub-bands of a few samples.
    for (w, h) in [(348, 260), (97, 85)] {
        let pixel = |i: u32| (118.0 + 80.0 * ((i % w) as f32 * 0.008 + (i / w) as f32 * 0.136).sin()) as u8;
        let pixels: Vec<u8> = (0..w * h).map(pixel).collect();
        let mut last = 30.0;
        for bpp in [0.75, 1.5, 2.25, 3.5, 5.0] {
            let bytes = encode(w, h, &pixels, None, bpp).expect("encodes");
            let psnr = psnr(&pixels, decode(&bytes, &Limits::default()).expect("decodes").image.pixels());
            assert!(psnr > last - 0.5, "{w} x {h} at {bpp}: {psnr:.1} dB after {last:.1}");
            last = psnr;
        }
    }
}

#[test]
fn flat_and_small_images_come_back() {
    for (w, h, level) in [(81, 81, 0), (81, 90, 255), (400, 83, 17), (300, 200, 128)] {
        let pixels = vec![level; (w * h) as usize];
        let bytes = encode(w, h, &pixels, None, 0.75).expect("encodes");
        let decoded = decode(&bytes, &Limits::default()).expect("decodes");
        assert_eq!((decoded.image.pixels(), decoded.ppi), (pixels.as_slice(), None));
    }
}

#[test]
fn what_cannot_be_written_is_refused() {
    assert!(matches!(encode(0, 5, &[], None, 0.75), Err(WsqError::Size { .. })));
    assert!(matches!(encode(5, 5, &[0; 24], None, 0.75), Err(WsqError::Size { actual: 24, .. })));
    assert!(matches!(encode(65_536, 1, &[0; 65_536], None, 0.75), Err(WsqError::Size { .. })));
    assert!(matches!(encode(u32::MAX, u32::MAX, &[0; 9], None, 0.75), Err(WsqError::Size { .. })));
    for bpp in [0.0, -1.0, 5.1, f32::NAN, f32::INFINITY] {
        assert!(matches!(encode(5, 5, &[0; 25], None, bpp), Err(WsqError::BitRate { .. })), "{bpp}");
    }
}

#[test]
fn cut_anywhere_it_is_refused() {
    let bytes = small();
    for cut in 0..bytes.len() {
        let error = error(&bytes[..cut]);
        assert_eq!(matches!(error, WsqError::Signature), cut < 2, "cut at {cut}: {error}");
    }
}

#[test]
fn a_changed_byte_never_panics() {
    let bytes = small();
    let limits = Limits { max_pixels: 1 << 14, ..Limits::default() };
    for at in 0..bytes.len() {
        for flip in [0x01, 0x80, 0xFF] {
            let changed = with(bytes.clone(), at, &[bytes[at] ^ flip]);
            if let Ok(decoded) = decode(&changed, &limits) {
                assert!(decoded.image.pixels().len() <= limits.max_pixels);
            }
        }
    }
}

#[test]
fn dimensions_are_checked_before_anything_is_held() {
    let huge = with(small(), body(&small(), SOF) + 2, &[0xFF, 0xFF, 0xFF, 0xFF]);
    assert!(matches!(error(&huge), WsqError::Limit(e) if e.value == 65_535 * 65_535));
    let none = with(small(), body(&small(), SOF) + 4, &[0, 0]);
    assert!(matches!(error(&none), WsqError::Value { what: "width", value: 0, .. }));
    let bytes = Limits { max_bytes: 100, ..Limits::default() };
    assert!(matches!(decode(&small(), &bytes), Err(WsqError::Limit(_))));
    // Fewer or more coefficients than the image has.
    let smaller = with(small(), body(&small(), SOF) + 2, &[0, 90]);
    assert!(matches!(error(&smaller), WsqError::Coefficients { .. }));
    let larger = with(small(), body(&small(), SOF) + 2, &[0, 120]);
    assert!(matches!(error(&larger), WsqError::Coefficients { .. }));
}

#[test]
fn tables_that_lie_are_refused() {
    for length in [0u16, 1] {
        let short = with(small(), body(&small(), DQT) - 2, &length.to_be_bytes());
        assert!(matches!(error(&short), WsqError::Value { what: "quantization table", .. }), "{length}");
    }
    let short = with(small(), body(&small(), DQT) - 2, &[0, 9]);
    assert!(matches!(error(&short), WsqError::Truncated { .. }));
    let long = with(small(), body(&small(), DQT) - 2, &[0xFF, 0xFF]);
    assert!(matches!(error(&long), WsqError::Truncated { what: "quantization table", .. }));
    let even = with(small(), body(&small(), DTT), &[8, 8]);
    assert!(matches!(error(&even), WsqError::Unsupported { .. }));
    let many = with(small(), body(&small(), DHT), &[8]);
    assert!(matches!(error(&many), WsqError::Value { what: "Huffman table number", value: 8, .. }));
    let crowded = with(small(), body(&small(), DHT) + 1, &[3]);
    assert!(matches!(error(&crowded), WsqError::Value { what: "Huffman table", .. }));
    let undefined = with(small(), body(&small(), SOB), &[7]);
    assert!(matches!(error(&undefined), WsqError::Value { what: "Huffman table number", value: 7, .. }));
    let marker = with(small(), body(&small(), SOB) - 4, &[0xFF, 0xA7]);
    assert!(matches!(error(&marker), WsqError::Unsupported { .. }));
    let marker = with(small(), body(&small(), DQT) - 4, &[0xFF, 0xD8]);
    assert!(matches!(error(&marker), WsqError::Value { what: "marker", value: 0xFFD8, .. }));
}

#[test]
fn missing_tables_are_named() {
    assert_eq!(error(&without(small(), DTT)), WsqError::Missing { what: "transform table" });
    assert_eq!(error(&without(small(), DQT)), WsqError::Missing { what: "quantization table" });
    assert!(matches!(error(&without(small(), DHT)), WsqError::Value { what: "Huffman table number", value: 0, .. }));
}

#[test]
fn tables_of_zeros_give_a_flat_image_or_an_error() {
    // No sub-band is coded, and the blocks still hold coefficients.
    let bins = with(small(), body(&small(), DQT), &[0; 387]);
    assert!(matches!(error(&bins), WsqError::Coefficients { expected: 0, .. }));
    // Filters of zeros give the mean everywhere.
    let at = body(&small(), DTT);
    let taps = (0..9).fold(small(), |bytes, tap| with(bytes, at + 2 + 6 * tap + 2, &[0; 4]));
    let flat = decode(&taps, &Limits::default()).expect("decodes").image;
    assert!(flat.pixels().iter().all(|p| p == &flat.pixels()[0]));
}

#[test]
fn numbers_beyond_all_sense_saturate() {
    // Exponent 0: taps of thousands of millions, and their products overflow to infinity.
    let at = body(&small(), DTT);
    let taps = (0..9).fold(small(), |bytes, tap| with(bytes, at + 2 + 6 * tap, &[0, 0, 0xFF, 0xFF, 0xFF, 0xFF]));
    assert_eq!(decode(&taps, &Limits::default()).expect("decodes").image.pixels().len(), 96 * 104);
}

#[test]
fn there_are_no_blocks_without_end() {
    let bytes = small();
    let end = bytes.len() - 2;
    let many = |n: usize| [&bytes[..end], &[0xFF, 0xA3, 0, 3, 0].repeat(n), &bytes[end..]].concat();
    assert_eq!(decode(&many(61), &Limits::default()), decode(&bytes, &Limits::default()));
    assert!(matches!(error(&many(62)), WsqError::Value { what: "marker", value: 0xFFA3, .. }));
}

#[test]
fn bytes_after_the_end_are_left_alone() {
    let mut bytes = small();
    assert_eq!(bytes[bytes.len() - 2..], EOI.to_be_bytes());
    bytes.extend([0; 9]);
    assert_eq!(decode(&bytes, &Limits::default()), decode(&small(), &Limits::default()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_pixels_come_back_near_what_they_were(w in 81u32..160, h in 81u32..160, seed in any::<u32>(), bpp in 0.1f32..5.0) {
        // A plane wave, a slope and a little noise.
        let (a, b) = ((seed % 97) as f32 / 120.0, (seed / 97 % 89) as f32 / 110.0);
        let noise = |i: u32| (i.wrapping_mul(seed | 1) >> 28) as f32;
        let pixel = |i: u32| {
            let (x, y) = ((i % w) as f32, (i / w) as f32);
            (110.0 + 80.0 * (a * x + b * y).sin() + 0.2 * x + noise(i)) as u8
        };
        let pixels: Vec<u8> = (0..w * h).map(pixel).collect();
        let bytes = encode(w, h, &pixels, None, bpp).expect("encodes");
        let decoded = decode(&bytes, &Limits::default()).expect("decodes");
        prop_assert_eq!((decoded.image.width(), decoded.image.height()), (w, h));
        let least = if bpp > 2.0 { 28.0 } else { 8.0 };
        let psnr = psnr(&pixels, decoded.image.pixels());
        prop_assert!(psnr > least, "{} dB at {} for {} x {}", psnr, bpp, w, h);
    }

    #[test]
    fn bytes_after_the_signature_never_panic(tail in proptest::collection::vec(any::<u8>(), 0..400)) {
        let bytes = [&[0xFF, 0xA0][..], &tail].concat();
        prop_assert!(decode(&bytes, &Limits::default()).is_err());
    }
}
