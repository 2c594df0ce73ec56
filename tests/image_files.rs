//! Files of every kind that a folder of strangers holds.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, ImageFormat, Luma, LumaA, Rgb, RgbImage, Rgba};

use selfsame::face::align::RgbPicture;
use selfsame::image::{ImageError, ImageFile, ImageNote, ImageOptions};
use selfsame::{Limits, Ppi};

fn limits() -> Limits {
    Limits::default()
}

fn decode(bytes: &[u8]) -> Result<ImageFile, ImageError> {
    ImageFile::decode(bytes, &ImageOptions::default(), &limits())
}

/// Something with detail everywhere.
fn pattern(width: u32, height: u32) -> GrayImage {
    GrayImage::from_fn(width, height, |x, y| Luma([((x * x + 3 * y * y + x * y * 7) % 251) as u8]))
}

fn jpeg(image: &DynamicImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality)).unwrap();
    bytes
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn a_jpeg_cut_anywhere_is_refused_also_when_its_end_is_put_back() {
    let gray = DynamicImage::ImageLuma8(pattern(75, 61));
    let color =
        DynamicImage::ImageRgb8(RgbImage::from_fn(75, 61, |x, y| Rgb([(x * 3) as u8, (y * 4) as u8, (x * y) as u8])));
    let (mut cuts, mut taken) = (0, 0);
    for (image, quality) in [(&gray, 30), (&gray, 95), (&color, 60)] {
        let whole = jpeg(image, quality);
        assert!(decode(&whole).is_ok() && RgbPicture::decode(&whole, &limits()).is_ok());
        for len in 0..whole.len() {
            assert!(decode(&whole[..len]).is_err(), "{len} of {} bytes", whole.len());
            assert!(RgbPicture::decode(&whole[..len], &limits()).is_err());
            let mut ended = whole[..len].to_vec();
            ended.extend([0xFF, 0xD9]);
            // The last bytes may be padding: then the picture is whole.
            if let Ok(cut) = decode(&ended) {
                assert!(cut.image == decode(&whole).unwrap().image, "{len} of {} bytes and an end", whole.len());
                taken += 1;
            }
            cuts += 1;
        }
    }
    println!("{cuts} cuts; {taken} of them left out nothing of the picture");
}

#[test]
fn a_jpeg_of_many_scans_that_say_nothing_is_refused_soon() {
    let whole = jpeg(&DynamicImage::ImageLuma8(pattern(40, 40)), 50);
    let scan = whole.windows(2).position(|w| w == [0xFF, 0xDA]).unwrap();
    let data = &whole[scan..whole.len() - 2];
    let mut many = whole[..scan].to_vec();
    (0..5000).for_each(|_| many.extend(data));
    many.extend([0xFF, 0xD9]);
    assert!(matches!(decode(&many), Err(ImageError::Damaged { format: "JPEG", .. })));
}

#[test]
fn every_other_codec_refuses_half_a_file() {
    let image = DynamicImage::ImageLuma8(pattern(70, 60));
    for format in [ImageFormat::Png, ImageFormat::Tiff, ImageFormat::Bmp, ImageFormat::Pnm] {
        let whole = encoded(&image, format);
        let full = decode(&whole).unwrap();
        for len in 0..whole.len() {
            // What follows the last pixel may be missing.
            if let Ok(cut) = decode(&whole[..len]) {
                assert!(cut.image == full.image, "{format:?}: {len} of {} bytes", whole.len());
            }
        }
    }
}

/// An EXIF segment that states an orientation, put behind the start of a JPEG.
fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let length = (exif.len() + 2) as u16;
    [&jpeg[..2], &[0xFF, 0xE1], &length.to_be_bytes(), &exif, &jpeg[2..]].concat()
}

#[test]
fn orientation_is_applied_or_refused() {
    // One dark corner, on blocks of eight so that nothing smears.
    let corner = GrayImage::from_fn(32, 16, |x, y| Luma([if x < 8 && y < 8 { 0 } else { 255 }]));
    let bytes = jpeg(&DynamicImage::ImageLuma8(corner), 100);
    for (orientation, size, dark) in [
        (1, (32, 16), (2, 2)),
        (2, (32, 16), (29, 2)),
        (3, (32, 16), (29, 13)),
        (4, (32, 16), (2, 13)),
        (5, (16, 32), (2, 2)),
        (6, (16, 32), (13, 2)),
        (7, (16, 32), (13, 29)),
        (8, (16, 32), (2, 29)),
    ] {
        let turned = with_orientation(&bytes, orientation);
        let file = decode(&turned).unwrap();
        assert_eq!((file.image.width(), file.image.height()), size, "{orientation}");
        let at = |(x, y): (u32, u32)| file.image.pixels()[(y * size.0 + x) as usize];
        assert!(at(dark) < 30, "{orientation}");
        let notes: &[ImageNote] = if orientation == 1 { &[] } else { &[ImageNote::Turned { orientation }] };
        assert_eq!(file.notes, notes);
        let picture = RgbPicture::decode(&turned, &limits()).unwrap();
        assert_eq!((picture.view().width(), picture.view().height()), (size.0 as usize, size.1 as usize));
        let refused = ImageFile::decode(&turned, &ImageOptions::default().upright(), &limits());
        assert_eq!(refused.is_err(), orientation != 1);
    }
}

#[test]
fn what_is_transparent_is_white() {
    let rgba = image::RgbaImage::from_fn(20, 10, |x, _| Rgba([0, 0, 0, if x < 10 { 0 } else { 255 }]));
    let gray = image::GrayAlphaImage::from_fn(20, 10, |x, _| LumaA([0, if x < 10 { 0 } else { 255 }]));
    for image in [DynamicImage::ImageRgba8(rgba), DynamicImage::ImageLumaA8(gray)] {
        let bytes = encoded(&image, ImageFormat::Png);
        let file = decode(&bytes).unwrap();
        assert_eq!(file.notes, [ImageNote::OnWhite]);
        assert!(file.image.pixels().chunks(20).all(|row| row[..10] == [255; 10] && row[10..] == [0; 10]));
        assert_eq!(RgbPicture::decode(&bytes, &limits()).unwrap().view().width(), 20);
    }
    let opaque = image::RgbaImage::from_pixel(4, 4, Rgba([9, 9, 9, 255]));
    assert!(decode(&encoded(&DynamicImage::ImageRgba8(opaque), ImageFormat::Png)).unwrap().notes.is_empty());
}

/// A TIFF of gray pages, each of one level and of a kind, with a resolution.
fn tiff(pages: &[(u8, u32)], is_little: bool) -> Vec<u8> {
    let two = |v: u16| if is_little { v.to_le_bytes() } else { v.to_be_bytes() };
    let four = |v: u32| if is_little { v.to_le_bytes() } else { v.to_be_bytes() };
    let mut bytes = if is_little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
    bytes.extend(four(8));
    const SIDE: u32 = 12;
    for (number, (level, kind)) in pages.iter().enumerate() {
        let entries: [(u16, u16, u32, u32); 12] = [
            (254, 4, 1, *kind),
            (256, 4, 1, SIDE),
            (257, 4, 1, SIDE),
            (258, 3, 1, 8),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, 1, bytes.len() as u32 + 2 + 12 * 12 + 4 + 8),
            (277, 3, 1, 1),
            (278, 4, 1, SIDE),
            (279, 4, 1, SIDE * SIDE),
            (282, 5, 1, bytes.len() as u32 + 2 + 12 * 12 + 4),
            (296, 3, 1, 2),
        ];
        bytes.extend(two(entries.len() as u16));
        for (tag, form, count, value) in entries {
            bytes.extend(two(tag));
            bytes.extend(two(form));
            bytes.extend(four(count));
            if form == 3 {
                bytes.extend(two(value as u16));
                bytes.extend([0, 0]);
            } else {
                bytes.extend(four(value));
            }
        }
        let next = bytes.len() as u32 + 4 + 8 + SIDE * SIDE;
        bytes.extend(four(if number + 1 < pages.len() { next } else { 0 }));
        bytes.extend(four(5000));
        bytes.extend(four(10));
        bytes.extend(std::iter::repeat_n(*level, (SIDE * SIDE) as usize));
    }
    bytes
}

#[test]
fn a_page_is_chosen_or_the_file_is_refused() {
    for is_little in [true, false] {
        let one = decode(&tiff(&[(7, 0)], is_little)).unwrap();
        assert_eq!((one.image.pixels()[0], one.stated, one.notes.len()), (7, Some(500.0), 0));
        // A smaller copy is no page.
        assert!(decode(&tiff(&[(7, 0), (9, 1)], is_little)).unwrap().notes.is_empty());
        let three = tiff(&[(1, 0), (2, 2), (3, 2)], is_little);
        assert_eq!(decode(&three), Err(ImageError::SeveralPages { pages: 3 }));
        assert!(RgbPicture::decode(&three, &limits()).is_err());
        for page in 0..3 {
            let file = ImageFile::decode(&three, &ImageOptions::default().page(page), &limits()).unwrap();
            assert_eq!(file.image.pixels()[0], page as u8 + 1);
            assert_eq!(file.notes, [ImageNote::Page { page, pages: 3 }]);
        }
        let beyond = ImageFile::decode(&three, &ImageOptions::default().page(3), &limits());
        assert_eq!(beyond, Err(ImageError::NoSuchPage { page: 3, pages: 3 }));
        let mut circle = three.clone();
        let last = circle.len() - 144 - 8 - 4;
        circle[last..last + 4].copy_from_slice(&if is_little { 8u32.to_le_bytes() } else { 8u32.to_be_bytes() });
        assert!(matches!(decode(&circle), Err(ImageError::Damaged { format: "TIFF", .. })));
    }
}

#[test]
fn a_stated_resolution_is_reported_and_used_only_without_the_callers_word() {
    let image = DynamicImage::ImageLuma8(pattern(300, 300));
    let png = encoded(&image, ImageFormat::Png);
    let mut phys = Vec::from(*b"pHYs");
    phys.extend(39_370u32.to_be_bytes());
    phys.extend(39_370u32.to_be_bytes());
    phys.push(1);
    let sum = crc(&phys);
    let chunk = [&9u32.to_be_bytes()[..], &phys, &sum.to_be_bytes()].concat();
    let stated = [&png[..33], &chunk, &png[33..]].concat();
    let file = decode(&stated).unwrap();
    assert_eq!(file.stated, Some(1000.0));
    assert_eq!(file.clone().finger(None, &limits()).unwrap().width(), 150);
    assert_eq!(file.finger(Some(Ppi::P500), &limits()).unwrap().width(), 300);
    let silent = decode(&png).unwrap();
    assert_eq!(silent.finger(None, &limits()), Err(ImageError::NoResolution { stated: None }));
    let mut bmp = encoded(&image, ImageFormat::Bmp);
    bmp[38..42].copy_from_slice(&2835u32.to_le_bytes());
    let software = decode(&bmp).unwrap();
    assert!(software.finger(None, &limits()).unwrap_err().to_string().contains("72 ppi"));
    bmp[38..42].copy_from_slice(&19_685u32.to_le_bytes());
    assert_eq!(decode(&bmp).unwrap().stated, Some(500.0));
    let mut jfif = jpeg(&image, 80);
    assert_eq!(&jfif[6..10], b"JFIF");
    jfif[13] = 1;
    jfif[14..18].copy_from_slice(&[1, 0xF4, 1, 0xF4]);
    assert_eq!(decode(&jfif).unwrap().stated, Some(500.0));
}

/// The checksum of a PNG's chunk.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
    })
}

#[test]
fn what_is_no_image_is_named() {
    for (bytes, name) in [
        (&b"II+\0\x08\0\0\0"[..], "BigTIFF"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "WebP"),
        (b"\0\0\0\x18ftypheic\0\0", "HEIC"),
        (b"GIF89a\x01\0", "GIF"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04\x14\0", "ZIP"),
        (b"\x1F\x8B\x08\0\0\0", "gzip"),
    ] {
        assert!(decode(bytes).unwrap_err().to_string().contains(name), "{name}");
    }
    assert_eq!(decode(b"nothing known"), Err(ImageError::UnknownFormat));
    assert_eq!(decode(b""), Err(ImageError::Empty));
}
