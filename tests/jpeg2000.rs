//! JPEG 2000: a file of another encoder, inside records too, and hostile files.
#![cfg(feature = "jpeg2000")]

use std::path::Path;

use selfsame::format::finger_image::{Edition, FingerImageRecord, ImageEncoding};
use selfsame::image::{Gray8, ImageError};
use selfsame::{FingerImage, FingerPosition, Limits, Ppi};

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn picture(name: &str) -> Gray8 {
    Gray8::decode(&fixture(name), &Limits::default()).expect("a picture")
}

/// The part of the print that the other encoder was given.
fn part() -> Gray8 {
    let print = picture("print_0_0_optical_clean.png");
    let rows = print.pixels().chunks_exact(print.width() as usize).skip(120).take(131);
    Gray8::new(129, 131, rows.flat_map(|row| row[110..239].to_vec()).collect()).expect("pixels")
}

#[test]
fn a_file_without_loss_gives_every_pixel() {
    assert!(picture("jpeg2000_openjpeg.jp2") == part());
    let image = FingerImage::decode(&fixture("jpeg2000_openjpeg.jp2"), Ppi::P500, &Limits::default()).expect("decodes");
    assert_eq!((image.width(), image.height()), (129, 131));
}

#[test]
fn it_is_read_inside_a_record() {
    let images = [(&part(), FingerPosition::RightThumb)];
    let mut record =
        FingerImageRecord::from_images(Edition::Iso2005, &images, Ppi::P500, ImageEncoding::Raw).expect("a record");
    record.compression = 4;
    record.views[0].data = fixture("jpeg2000_openjpeg.jp2");
    let read = FingerImageRecord::decode(&record.encode().expect("encodes"), &Limits::default()).expect("decodes");
    assert!(read.image(0, &Limits::default()).expect("an image") == part());
}

#[test]
fn hostile_files_give_a_typed_error() {
    let bytes = fixture("jpeg2000_openjpeg.jp2");
    let limits = Limits { max_pixels: 1 << 15, ..Limits::default() };
    for cut in (0..bytes.len()).step_by(7) {
        let _ = Gray8::decode(&bytes[..cut], &limits);
    }
    let start = bytes.windows(4).position(|w| w == [0xFF, 0x4F, 0xFF, 0x51]).expect("a code stream");
    // Each byte of the boxes and of the header, and some of the rest.
    for at in (0..start + 150).chain((start + 150..bytes.len()).step_by(11)) {
        for flip in [0x01, 0x10, 0x80, 0xFF] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            if let Ok(image) = Gray8::decode(&changed, &limits) {
                assert!(image.pixels().len() <= limits.max_pixels);
            }
        }
    }
    let few = Limits { max_pixels: 10_000, ..limits };
    assert!(matches!(Gray8::decode(&bytes, &few), Err(ImageError::Limit(_))));
    let mut many = bytes;
    many[start + 40..start + 42].copy_from_slice(&[0x3F, 0xFF]);
    assert!(matches!(Gray8::decode(&many, &limits), Err(ImageError::Damaged { format: "JPEG 2000", .. })));
}

#[test]
fn more_tiles_than_can_be_numbered_are_refused_before_memory_is_asked_for() {
    let bytes = fixture("jpeg2000_openjpeg.jp2");
    let start = bytes.windows(4).position(|w| w == [0xFF, 0x4F, 0xFF, 0x51]).expect("a code stream");
    let of_tiles = |side: u32| {
        let mut changed = bytes.clone();
        for at in [24, 28] {
            changed[start + at..start + at + 4].copy_from_slice(&side.to_be_bytes());
        }
        // A picture that lies far out in a wide grid has as many tiles before it.
        for at in [8, 12, 16, 20] {
            let field = start + at..start + at + 4;
            let value = u32::from_be_bytes(changed[field.clone()].try_into().expect("four bytes"));
            changed[field].copy_from_slice(&(value + 60_000).to_be_bytes());
        }
        Gray8::decode(&changed, &Limits::default())
    };
    for side in [1, 7, 200] {
        let Err(ImageError::Damaged { reason, .. }) = of_tiles(side) else { panic!("{side} is taken") };
        assert!(reason.contains("tiles"), "{reason}");
    }
}
