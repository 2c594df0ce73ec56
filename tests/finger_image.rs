//! Finger image records: both standards, every coding, the layout byte by byte, and hostile records.
#![cfg(feature = "decode")]

use std::io::Cursor;

use image::{GrayImage, ImageFormat};
use proptest::prelude::*;
use selfsame::format::finger_image::{Edition, FingerImageRecord, ImageCoding, ImageEncoding, Representation};
use selfsame::format::{Capture, FormatError, Mending, SampleQuality, TextEncoding};
use selfsame::image::{Gray8, ImageError};
use selfsame::{FingerPosition, Limits, Ppi};

const OLD: [Edition; 2] = [Edition::Iso2005, Edition::Ansi2004];
const ALL: [Edition; 3] = [Edition::Iso2005, Edition::Ansi2004, Edition::Iso2011];

fn ridges(w: u32, h: u32) -> Gray8 {
    let pixel = |i: u32| (128.0 + 100.0 * ((i % w) as f32 * 0.7 + (i / w) as f32 * 0.2).sin()) as u8;
    Gray8::new(w, h, (0..w * h).map(pixel).collect()).expect("pixels")
}

fn record(edition: Edition, encoding: ImageEncoding) -> FingerImageRecord {
    let (a, b) = (ridges(90, 100), ridges(110, 86));
    let images = [(&a, FingerPosition::RightIndex), (&b, FingerPosition::LeftThumb)];
    FingerImageRecord::from_images(edition, &images, Ppi::P500, encoding).expect("a record")
}

fn bytes(edition: Edition) -> Vec<u8> {
    record(edition, ImageEncoding::Wsq(0.75)).encode().expect("encodes")
}

fn decode(bytes: &[u8]) -> Result<FingerImageRecord, FormatError> {
    FingerImageRecord::decode(bytes, &Limits::default())
}

/// A record written down by hand from the tables of NIST's BioMDI (`fir.h`, `fivr.c`).
fn by_hand(ansi: bool) -> Vec<u8> {
    let mut out = b"FIR\x00010\x00".to_vec();
    let header = if ansi { 36 } else { 32 };
    out.extend([0, 0, 0, 0, 0, header + 14 + 6]);
    if ansi {
        out.extend([0x00, 0x2A, 0x12, 0x34]); // CBEFF product: owner, type
    }
    out.extend([0x80, 0x07]); // device, with the compliance bit in ANSI
    out.extend([0, 31, 1, 2]); // acquisition level, fingers, unit: cm
    out.extend([0, 197, 0, 197, 0, 197, 0, 197]); // scan and image resolution
    out.extend([8, 0, 0, 0]); // depth, raw, reserved
    out.extend([0, 0, 0, 20, 7, 1, 1, 254, 0, 0, 3, 0, 2, 0]); // length, finger, views, number, quality, impression, 3 x 2
    out.extend([10, 20, 30, 40, 50, 60]);
    out
}

#[test]
fn layouts_are_those_of_the_standards() {
    for (ansi, edition) in [(false, Edition::Iso2005), (true, Edition::Ansi2004)] {
        let bytes = by_hand(ansi);
        let record = decode(&bytes).expect("decodes");
        assert_eq!(record.edition, edition);
        assert_eq!(record.product, if ansi { (0x2A, 0x1234) } else { (0, 0) });
        assert_eq!((record.device, record.acquisition_level, record.fingers, record.scale_unit), (0x8007, 31, 1, 2));
        assert_eq!((record.image_resolution, record.depth, record.coding(0)), ((197, 197), 8, Some(ImageCoding::Raw)));
        assert!((record.ppi(0).expect("in range").get() - 500.38).abs() < 0.01);
        let view = &record.views[0];
        assert_eq!((view.position, view.quality, view.width, view.height), (7, 254, 3, 2));
        let image = record.image(0, &Limits::default()).expect("an image");
        assert_eq!((image.width(), image.pixels()), (3, &[10, 20, 30, 40, 50, 60][..]));
        assert_eq!(record.encode().expect("encodes"), bytes);
    }
}

/// A record of 2011 written down by hand from the tables of two implementations (MOSIP's and IDEMIA's).
fn by_hand_2011(certified: bool) -> Vec<u8> {
    let mut image = vec![0x07, 0xEA, 11, 28, 17, 30, 59, 0x03, 0xE7]; // 2026-11-28 17:30:59.999
    image.extend([9, 0x12, 0x34, 0x56, 0x78]); // technology, vendor, type
    image.extend([2, 80, 0, 15, 0, 1, 255, 0, 0, 0, 0]); // two qualities
    if certified {
        image.extend([1, 0, 7, 3]); // one certification
    }
    image.extend([7, 0, 2]); // left index finger, its first image, pixels per cm
    image.extend([0, 197, 0, 197, 1, 138, 1, 138]); // scanned at 197, given at 394
    image.extend([8, 0, 29]); // depth, raw, impression not known
    image.extend([0, 3, 0, 2, 0, 0, 0, 6, 10, 20, 30, 40, 50, 60]);
    image.extend([0, 3, 0, 6, b'o', b'k']); // a comment
    let mut out = b"FIR\x00020\x00".to_vec();
    out.extend((16 + 4 + image.len() as u32).to_be_bytes());
    out.extend([0, 1, certified.into(), 1]); // images, certifications, positions
    out.extend((4 + image.len() as u32).to_be_bytes());
    out.extend(image);
    out
}

#[test]
fn the_layout_of_2011_is_that_of_two_implementations() {
    for certified in [false, true] {
        let bytes = by_hand_2011(certified);
        let record = decode(&bytes).expect("decodes");
        assert_eq!((record.edition, record.fingers, record.views.len()), (Edition::Iso2011, 1, 1));
        let view = &record.views[0];
        assert_eq!((view.position, view.number, view.quality, view.impression), (7, 0, 80, 29));
        let quality = |score, vendor, algorithm| SampleQuality { score, vendor, algorithm };
        let own = Representation {
            capture: Capture {
                time: [0x07, 0xEA, 11, 28, 17, 30, 59, 0x03, 0xE7],
                technology: 9,
                vendor: 0x1234,
                device: 0x5678,
                certifications: certified.then(|| vec![[0, 7, 3]]),
            },
            qualities: vec![quality(80, 15, 1), quality(255, 0, 0)],
            scale_unit: 2,
            scan_resolution: (197, 197),
            image_resolution: (394, 394),
            depth: 8,
            compression: 0,
            extended: vec![0, 3, 0, 6, b'o', b'k'],
        };
        assert_eq!(view.representation.as_deref(), Some(&own));
        assert!((record.ppi(0).expect("in range").get() - 1000.76).abs() < 0.01);
        let image = record.image(0, &Limits::default()).expect("an image");
        assert_eq!((image.width(), image.pixels()), (3, &[10, 20, 30, 40, 50, 60][..]));
        assert_eq!(record.encode().expect("encodes"), bytes);
        let mut bare = record.clone();
        bare.views[0].representation = None;
        assert!(matches!(bare.encode(), Err(FormatError::Unsupported { .. })));
        let mut many = record.clone();
        many.views[0].representation.as_mut().expect("its own header").qualities = vec![quality(1, 2, 3); 256];
        assert!(matches!(many.encode(), Err(FormatError::Capacity { count: 256, max: 255, .. })));
    }
}

#[test]
fn codes_of_compression_belong_to_their_edition() {
    for (edition, code, coding) in [
        (Edition::Iso2005, 4, Some(ImageCoding::Jpeg2000)),
        (Edition::Iso2005, 5, Some(ImageCoding::Png)),
        (Edition::Iso2005, 6, None),
        (Edition::Iso2011, 1, None),
        (Edition::Iso2011, 3, Some(ImageCoding::Jpeg)),
        (Edition::Iso2011, 4, Some(ImageCoding::Jpeg2000)),
        (Edition::Iso2011, 5, Some(ImageCoding::Jpeg2000)),
        (Edition::Iso2011, 6, Some(ImageCoding::Png)),
        (Edition::Iso2011, 7, None),
    ] {
        let mut record = record(edition, ImageEncoding::Raw);
        record.compression = code;
        if let Some(own) = &mut record.views[0].representation {
            own.compression = code;
        }
        assert_eq!(record.coding(0), coding, "{edition:?} {code}");
        assert_eq!(record.coding(2), None);
        assert!(matches!(record.ppi(2), Err(FormatError::Capacity { count: 3, max: 2, .. })));
    }
}

#[test]
fn debug_shows_sizes_and_no_pixels() {
    let record = decode(&by_hand_2011(false)).expect("decodes");
    let shown = format!("{:?}", record.views[0]);
    assert!(shown.contains("position: 7") && shown.contains("bytes: 6"), "{shown}");
    assert!(!shown.contains("10, 20"), "{shown}");
}

#[test]
fn lying_fields_of_2011_are_refused() {
    let good = by_hand_2011(true);
    let changed = |at: usize, new: &[u8]| {
        let mut bad = good.clone();
        bad[at..at + new.len()].copy_from_slice(new);
        decode(&bad).expect_err("a lie")
    };
    assert!(matches!(changed(8, &[0xFF; 4]), FormatError::Length { offset: 8, .. }));
    assert!(matches!(changed(12, &[0, 0]), FormatError::Value { offset: 12, value: 0, .. }));
    assert!(matches!(changed(12, &[0, 2]), FormatError::Truncated { .. }));
    assert!(matches!(changed(14, &[2]), FormatError::Value { offset: 14, value: 2, .. }));
    assert!(matches!(changed(15, &[0]), FormatError::Value { offset: 15, .. }));
    for length in [0u32, 3, 40] {
        assert!(matches!(changed(16, &length.to_be_bytes()), FormatError::Value { offset: 16, .. }));
    }
    assert!(matches!(changed(16, &[0xFF; 4]), FormatError::Truncated { offset: 20, .. }));
    // One byte short of what is there.
    let shorter = (good.len() as u32 - 16 - 1).to_be_bytes();
    assert!(matches!(changed(16, &shorter), FormatError::Length { .. }));
    // Every block inside must end inside: qualities, certifications, the image.
    for (at, new) in [(34, &[255][..]), (45, &[255]), (67, &[0xFF; 4])] {
        assert!(matches!(changed(at, new), FormatError::Truncated { .. }), "{at}");
    }
    assert!(matches!(changed(51, &[3]), FormatError::Value { offset: 51, value: 3, .. }));
    let few = Limits { max_views: 1, ..Limits::default() };
    assert!(matches!(FingerImageRecord::decode(&bytes(Edition::Iso2011), &few), Err(FormatError::Limit(_))));
}

#[test]
fn every_coding_comes_back() {
    let limits = Limits::default();
    for edition in ALL {
        for encoding in [ImageEncoding::Raw, ImageEncoding::Png, ImageEncoding::Wsq(2.25)] {
            let written = record(edition, encoding);
            let read = decode(&written.encode().expect("encodes")).expect("decodes");
            assert_eq!(read, written);
            assert_eq!(read.coding(0), Some(encoding.coding()));
            for (i, original) in [ridges(90, 100), ridges(110, 86)].iter().enumerate() {
                let image = read.image(i, &limits).expect("an image");
                let furthest = image.pixels().iter().zip(original.pixels()).map(|(a, b)| a.abs_diff(*b)).max();
                let allowed = if matches!(encoding, ImageEncoding::Wsq(_)) { 40 } else { 0 };
                assert!(furthest <= Some(allowed), "{edition:?} {encoding:?}: {furthest:?}");
                assert_eq!(read.finger_image(i, &limits).expect("an image").width(), original.width());
            }
            assert!(matches!(read.image(2, &limits), Err(FormatError::Capacity { max: 2, .. })));
        }
    }
}

#[test]
fn jpeg_inside_is_read() {
    let image = ridges(90, 100);
    let mut jpeg = Cursor::new(Vec::new());
    let gray = GrayImage::from_raw(90, 100, image.pixels().to_vec()).expect("pixels");
    gray.write_to(&mut jpeg, ImageFormat::Jpeg).expect("encodes");
    let mut record = record(Edition::Iso2005, ImageEncoding::Raw);
    record.compression = 3;
    record.views[0].data = jpeg.into_inner();
    let read =
        decode(&record.encode().expect("encodes")).expect("decodes").image(0, &Limits::default()).expect("reads");
    assert!(read.pixels().iter().zip(image.pixels()).all(|(a, b)| a.abs_diff(*b) < 60));
    // What is promised to be JPEG is not read as anything else.
    record.views[0].data = image.to_png().expect("encodes");
    assert!(matches!(record.image(0, &Limits::default()), Err(FormatError::Signature { .. })));
}

#[test]
fn what_is_not_read_is_named() {
    let limits = Limits::default();
    let mut packed = record(Edition::Iso2005, ImageEncoding::Raw);
    packed.compression = 1;
    assert!(matches!(packed.image(0, &limits), Err(FormatError::Unsupported { .. })));
    let mut deep = record(Edition::Iso2005, ImageEncoding::Raw);
    deep.depth = 16;
    assert!(matches!(deep.image(0, &limits), Err(FormatError::Unsupported { .. })));
    let mut newer = bytes(Edition::Iso2005);
    newer[4..8].copy_from_slice(b"030\0");
    assert!(matches!(decode(&newer), Err(FormatError::Signature { offset: 4, .. })));
    let mut oblong = record(Edition::Iso2005, ImageEncoding::Raw);
    oblong.image_resolution = (500, 250);
    assert!(matches!(oblong.ppi(0), Err(FormatError::Unsupported { .. })));
    oblong.image_resolution = (0, 0);
    assert!(matches!(oblong.ppi(0), Err(FormatError::Image(ImageError::Resolution { .. }))));
    let none = FingerImageRecord::from_images(Edition::Iso2005, &[], Ppi::P500, ImageEncoding::Raw);
    assert!(matches!(none, Err(FormatError::Capacity { count: 0, .. })));
}

#[test]
fn lying_fields_are_refused() {
    let limits = Limits::default();
    for edition in OLD {
        let good = bytes(edition);
        let start = if edition == Edition::Iso2005 { 32 } else { 36 };
        for length in [0u32, 13, 15, u32::MAX] {
            let mut bad = good.clone();
            bad[start..start + 4].copy_from_slice(&length.to_be_bytes());
            assert!(decode(&bad).is_err(), "{edition:?}: a view of {length} bytes");
        }
        let mut long = good.clone();
        long[8..14].copy_from_slice(&[0xFF; 6]);
        assert!(matches!(decode(&long), Err(FormatError::Length { offset: 8, .. })));
        let mut trailing = good.clone();
        trailing.push(0);
        let Err(FormatError::Mendable { reason, .. }) = decode(&trailing) else { panic!("a byte too many") };
        assert!(matches!(*reason, FormatError::Length { .. }));
        let mut fingers = good.clone();
        fingers[start - 14] = 3;
        assert!(decode(&fingers).is_err(), "three fingers of two");
        fingers[start - 14] = 0;
        assert!(decode(&fingers).is_err(), "no finger");
        // The image is larger than the record says, or the other way round.
        let mut record = record(edition, ImageEncoding::Wsq(0.75));
        record.views[0].width += 1;
        assert!(matches!(record.image(0, &limits), Err(FormatError::Value { value: 90, .. })));
        record.views[0].width = u16::MAX;
        record.views[0].height = u16::MAX;
        assert!(matches!(record.image(0, &limits), Err(FormatError::Limit(_))));
        record.compression = 0;
        record.views[0].width = 91;
        record.views[0].height = 100;
        assert!(matches!(record.image(0, &limits), Err(FormatError::Length { declared: 9100, .. })));
    }
    let few = Limits { max_views: 1, ..limits };
    assert!(matches!(FingerImageRecord::decode(&bytes(Edition::Iso2005), &few), Err(FormatError::Limit(_))));
}

#[test]
fn padding_and_text_are_mended_with_a_report() {
    let limits = Limits::default();
    for edition in ALL {
        let good = bytes(edition);
        let whole = (decode(&good).expect("reads"), Vec::new());
        assert_eq!(FingerImageRecord::decode_lenient(&good, &limits), Ok(whole.clone()));
        let hex: String = good.iter().map(|b| format!("{b:02x}")).collect();
        for value in [0, 255] {
            let mut padded = good.clone();
            padded.resize(good.len() + 99, value);
            let (read, mendings) = FingerImageRecord::decode_lenient(&padded, &limits).expect("reads");
            assert!(read == whole.0 && mendings == [Mending::Padding { offset: good.len(), bytes: 99 }]);
            assert!(matches!(decode(&padded), Err(FormatError::Mendable { mendings: told, .. }) if told == mendings));
            // Cut off, it is not whole with padding either.
            for cut in good.len() - 60..good.len() - 16 {
                let mut cut = good[..cut].to_vec();
                cut.resize(good.len() + 99, value);
                assert!(FingerImageRecord::decode_lenient(&cut, &limits).is_err(), "{edition:?}");
            }
        }
        let (read, mendings) = FingerImageRecord::decode_lenient(hex.as_bytes(), &limits).expect("reads");
        assert!(read == whole.0 && mendings == [Mending::Text(TextEncoding::Hexadecimal)]);
        let strict = decode(hex.as_bytes()).expect_err("text").to_string();
        assert!(strict.starts_with("this is hexadecimal text of a record (finger images)"), "{strict}");
        let second = [&good[..], &good[..]].concat();
        assert_eq!(FingerImageRecord::decode_lenient(&second, &limits).err(), decode(&second).err());
    }
    let png = decode(b"\x89PNG\r\n\x1a\n\0\0\0\x0d").expect_err("an image").to_string();
    assert!(png.contains("this is a PNG image, not a finger image record"), "{png}");
}

#[test]
fn cut_anywhere_it_is_refused() {
    for edition in ALL {
        let good = bytes(edition);
        for cut in 0..good.len() {
            assert!(decode(&good[..cut]).is_err(), "{edition:?} cut at {cut}");
            // With a length that fits, too.
            let mut fits = good[..cut].to_vec();
            if let Some(field) = fits.get_mut(8..14) {
                field.copy_from_slice(&(cut as u64).to_be_bytes()[2..]);
                assert!(decode(&fits).is_err_and(|e| !e.to_string().is_empty()), "{edition:?} cut at {cut}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_read_is_written_back(at in any::<prop::sample::Index>(), new in any::<u8>(), edition in 0..3usize) {
        let mut bytes = bytes(ALL[edition]);
        let at = at.index(bytes.len());
        bytes[at] = new;
        let limits = Limits { max_pixels: 1 << 14, ..Limits::default() };
        if let Ok(record) = FingerImageRecord::decode(&bytes, &limits) {
            prop_assert_eq!(record.encode().expect("encodes"), bytes);
            for i in 0..record.views.len() {
                if let Ok(image) = record.image(i, &limits) {
                    prop_assert!(image.pixels().len() <= 1 << 14);
                }
            }
        }
    }
}
