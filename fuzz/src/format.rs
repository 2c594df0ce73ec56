//! Targets for untrusted files.

use selfsame::format::an2k::{self, An2kFile, Note, TaggedRecord};
use selfsame::format::finger_image::FingerImageRecord;
use selfsame::format::npy::NpyArray;
use selfsame::format::{DecodeOptions, Lost, Record, TemplateFormat, View, decode, encode};
use selfsame::image::{Gray8, wsq};
use selfsame::index::DedupCheckpoint;
use selfsame::{FingerImage, FingerPosition, Limits, Ppi};

/// Low limits that a damaged header soon exceeds.
fn limits() -> Limits {
    Limits { max_bytes: 1 << 16, max_pixels: 1 << 16, max_minutiae: 256, max_views: 16 }
}

/// An image file, read at three resolutions.
pub fn decode_image(data: &[u8]) {
    for ppi in [500.0, 100.0, 4000.0] {
        let Ok(ppi) = Ppi::new(ppi) else { panic!("a resolution in range is refused") };
        if let Ok(image) = FingerImage::decode(data, ppi, &limits()) {
            assert!(data.len() <= limits().max_bytes);
            let pixels = image.width() as usize * image.height() as usize;
            assert_eq!(image.pixels().len(), pixels);
            assert!(pixels <= limits().max_pixels);
            assert!(image.width().min(image.height()) >= FingerImage::MIN_SIDE);
        }
    }
}

/// A WSQ file. A decoded image is written and read again: it must keep its size, and the result must be reproducible.
pub fn decode_wsq(data: &[u8]) {
    let Ok(decoded) = wsq::decode(data, &limits()) else { return };
    let image = decoded.image;
    let (w, h) = (image.width(), image.height());
    assert!(image.pixels().len() <= limits().max_pixels && image.pixels().len() as u64 == u64::from(w) * u64::from(h));
    let Ok(bytes) = wsq::encode(w, h, image.pixels(), None, 2.25) else { panic!("pixels are refused") };
    assert!(wsq::encode(w, h, image.pixels(), None, 2.25).is_ok_and(|again| again == bytes));
    let wide = Limits { max_bytes: 1 << 24, ..limits() };
    let Ok(again) = wsq::decode(&bytes, &wide) else { panic!("what was written is refused") };
    assert!((again.image.width(), again.image.height()) == (w, h));
}

/// A finger image record.
pub fn finger_image_record(data: &[u8]) {
    let Ok(record) = FingerImageRecord::decode(data, &limits()) else { return };
    assert!(record.encode().is_ok_and(|bytes| bytes == data), "a record changed on its way");
    assert!(record.views.len() <= limits().max_views);
    for index in 0..record.views.len() {
        within_limits(record.image(index, &limits()).ok());
        let _ = record.finger_image(index, &limits());
    }
}

/// An ANSI/NIST-ITL file.
pub fn an2k_file(data: &[u8]) {
    let lenient = An2kFile::decode_lenient(data, &limits());
    let Ok(file) = An2kFile::decode(data, &limits()) else {
        let mended = |file: &An2kFile| file.notes().iter().any(|note| matches!(note, Note::Mended(_)));
        assert!(lenient.as_ref().map_or(true, mended), "mended without a word");
        return;
    };
    assert!(lenient.as_ref() == Ok(&file), "a lenient reading differs");
    assert!(file.images().count() <= file.contents().len());
    for summary in file.contents().iter().filter(|summary| summary.minutiae.is_some()) {
        let _ = file.minutiae(summary.index, &limits());
    }
    assert!(file.encode().is_ok_and(|bytes| bytes == data), "a file changed on its way");
    assert!(file.records().len() <= limits().max_views + 1);
    for index in 0..file.records().len() {
        within_limits(file.image(index, &limits()).ok());
        let _ = file.finger_image(index, &limits());
    }
    for record in file.records() {
        if let an2k::Record::Tagged(record) = record
            && let Ok(read) = record.incits(&limits())
        {
            assert!(read.views.len() == 1 && read.views[0].minutiae.len() <= limits().max_minutiae);
            assert!(read.to_templates().is_ok(), "a record makes no template");
        }
        if let an2k::Record::Tagged(record) = record
            && let Ok(template) = record.template(500, 500, &limits())
        {
            assert!(template.minutiae().len() <= limits().max_minutiae);
            assert!(TaggedRecord::minutiae(1, &template, FingerPosition::Unknown, "fuzz").is_ok());
        }
    }
}

fn within_limits(image: Option<Gray8>) {
    assert!(image.is_none_or(|image| image.pixels().len() <= limits().max_pixels));
}

/// A template or array file; the first byte selects the format.
pub fn decode_template(data: &[u8]) {
    let Some((&choice, file)) = data.split_first() else { return };
    let format = match choice % 5 {
        0 => None,
        1 => Some(TemplateFormat::Iso2005),
        2 => Some(TemplateFormat::Csv),
        3 => Some(TemplateFormat::CsvPixels),
        _ => return array(file),
    };
    let options = DecodeOptions { format, ppi: (choice < 128).then_some(Ppi::P500), ..DecodeOptions::default() };
    let (strict, lenient) = (decode(file, &options, &limits()), DecodeOptions { lenient: true, ..options });
    let lenient = decode(file, &lenient, &limits());
    let Ok(record) = strict else {
        let mended = |record: &Record| !record.mendings.is_empty() && record.views.len() <= limits().max_views;
        assert!(lenient.as_ref().map_or(true, mended), "mended without a word");
        return;
    };
    assert!(record.mendings.is_empty() && lenient.as_ref() == Ok(&record), "a lenient reading differs");
    assert!(record.views.len() <= limits().max_views);
    assert!(record.views.iter().all(|v| v.minutiae.len() <= limits().max_minutiae));
    // A record of a standard must be preserved to the byte.
    assert!(format != Some(TemplateFormat::Iso2005) || encode(&record, TemplateFormat::Iso2005).0 == file);
    for format in [TemplateFormat::Csv, TemplateFormat::Iso2005] {
        let (bytes, losses) = encode(&record, format);
        let wide = Limits { max_bytes: 1 << 24, ..limits() };
        let Ok(again) = decode(&bytes, &DecodeOptions { format: Some(format), ..options }, &wide) else {
            panic!("{format:?} is not read back")
        };
        let count = |views: &[View]| views.iter().map(|v| v.minutiae.len()).sum::<usize>();
        let kept = again.views.len() < record.views.len() || losses.count(Lost::Minutiae) > 0;
        assert!(kept || count(&again.views) == count(&record.views), "minutiae went without a word");
    }
}

fn array(file: &[u8]) {
    if let Ok(array) = NpyArray::decode(file, &limits()) {
        assert!(array.rows().checked_mul(array.columns()).is_some_and(|n| n <= file.len()));
    }
}

/// A checkpoint of a search for duplicates. A fuzzer cannot guess a checksum, so the text is also tested with a valid
/// one.
pub fn dedup_checkpoint(data: &[u8]) {
    let body = data.iter().rposition(|&b| b == b'\n').map_or(data, |end| &data[..=end]);
    let signed = [body, format!("checksum {:016x}\n", fnv1a(body)).as_bytes()].concat();
    for bytes in [data, &signed] {
        let Ok(checkpoint) = DedupCheckpoint::from_bytes(bytes) else { continue };
        let written = checkpoint.to_bytes();
        assert!(DedupCheckpoint::from_bytes(&written).as_ref() == Ok(&checkpoint), "a checkpoint changed on its way");
    }
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}
