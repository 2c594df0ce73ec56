//! ANSI/NIST-ITL files: the layout byte by byte, images of each kind of record, round trips, and hostile files.
#![cfg(feature = "decode")]

use proptest::prelude::*;
use selfsame::format::an2k::{Absence, An2kFile, Field, FixedImage, Note, Record, TaggedRecord, Transaction};
use selfsame::format::finger_image::{ImageCoding, ImageEncoding};
use selfsame::format::{FormatError, Mending, TextEncoding, decode_text};
use selfsame::geometry::Angle;
use selfsame::image::{Gray8, wsq};
use selfsame::{FingerPosition, FingerTemplate, Limits, Minutia, MinutiaKind, Ppi};

const TRANSACTION: Transaction<'_> =
    Transaction { kind: "DEMO", date: "20261127", destination: "DAI000000", origin: "ORI000000", control: "1234" };

fn ridges(w: u32, h: u32) -> Gray8 {
    let pixel = |i: u32| (128.0 + 100.0 * ((i % w) as f32 * 0.7 + (i / w) as f32 * 0.2).sin()) as u8;
    Gray8::new(w, h, (0..w * h).map(pixel).collect()).expect("pixels")
}

fn decode(bytes: &[u8]) -> Result<An2kFile, FormatError> {
    An2kFile::decode(bytes, &Limits::default())
}

fn finger(idc: u8, encoding: ImageEncoding) -> Record {
    let (image, position) = (ridges(90, 100), FingerPosition::LeftIndex);
    let record = TaggedRecord::finger_image(idc, &image, position, Ppi::P500, encoding, "ORI000000", "20261127");
    Record::Tagged(record.expect("a record"))
}

fn fixed() -> FixedImage {
    let image = ridges(90, 100);
    FixedImage {
        idc: 1,
        impression: 0,
        positions: [7, 255, 255, 255, 255, 255],
        resolution: 0,
        width: 90,
        height: 100,
        compression: 1,
        data: wsq::encode(90, 100, image.pixels(), None, 2.25).expect("encodes"),
    }
}

fn file() -> An2kFile {
    let mut file = An2kFile::new(&TRANSACTION);
    let minutiae =
        vec![Field::new(2, "02"), Field::new(3, "0"), Field::new(4, "U"), Field::new(300, b"7\x1F8\x1E9".to_vec())];
    let records = [
        Record::Fixed(fixed()),
        Record::Tagged(TaggedRecord::new(9, minutiae).expect("a record")),
        finger(3, ImageEncoding::Wsq(0.75)),
        finger(4, ImageEncoding::Raw),
        finger(5, ImageEncoding::Png),
        Record::Binary { kind: 7, bytes: vec![6, 1, 2, 3] },
    ];
    records.into_iter().for_each(|record| file.push(record).expect("allowed"));
    file
}

#[test]
fn a_new_file_has_the_fields_of_the_standard() {
    let bytes = An2kFile::new(&TRANSACTION).encode().expect("encodes");
    let text = "1.001:133\x1D1.002:0400\x1D1.003:1\x1F0\x1D1.004:DEMO\x1D1.005:20261127\x1D1.007:DAI000000\x1D\
                1.008:ORI000000\x1D1.009:1234\x1D1.011:00.00\x1D1.012:00.00\x1C";
    assert_eq!(String::from_utf8(bytes).expect("text"), text.replace("133", &text.len().to_string()));
}

#[test]
fn a_file_of_another_hand_is_read_and_written_back() {
    // Two digits in numbers and a padded length, as old files have; fields this crate knows nothing of.
    let first = b"1.01:00048\x1D1.02:0201\x1D1.03:1\x1F2\x1E2\x1F00\x1E4\x1F01\x1D1.11:19.69\x1C";
    let second = b"2.001:31\x1D2.002:00\x1D2.999:a:b\x1Ec\x1C";
    let mut bytes = [&first[..], second].concat();
    bytes[5..10].copy_from_slice(format!("{:05}", first.len()).as_bytes());
    let at = first.len() + 6;
    bytes[at..at + 2].copy_from_slice(format!("{:02}", second.len()).as_bytes());
    let image = [0, 0, 0, 18 + 6, 1, 0, 7, 255, 255, 255, 255, 255, 1, 0, 3, 0, 2, 0, 10, 0x1C, 0x1D, 40, 50, 60];
    bytes.extend(image);
    let file = decode(&bytes).expect("decodes");
    assert_eq!(file.records().iter().map(Record::kind).collect::<Vec<_>>(), [1, 2, 4]);
    assert_eq!(file.image(2, &Limits::default()).expect("an image").pixels(), [10, 0x1C, 0x1D, 40, 50, 60]);
    assert!((file.ppi(2).expect("a resolution").get() - 500.1).abs() < 0.1);
    assert_eq!(file.encode().expect("encodes"), bytes);
}

#[test]
fn everything_survives_a_round_trip() {
    let written = file();
    let bytes = written.encode().expect("encodes");
    let read = decode(&bytes).expect("decodes");
    assert_eq!(read.records().len(), 7);
    assert_eq!(read.encode().expect("encodes"), bytes);
    let kinds = "1\x1F6\x1E4\x1F01\x1E9\x1F02\x1E14\x1F03\x1E14\x1F04\x1E14\x1F05\x1E7\x1F06";
    let Record::Tagged(first) = &read.records()[0] else { panic!("no fields") };
    assert_eq!(first.field(3).and_then(Field::text), Some(kinds));
    assert_eq!(first.field(11).and_then(Field::text), Some("19.69"));
    let Record::Tagged(minutiae) = &read.records()[2] else { panic!("no fields") };
    assert_eq!(minutiae.field(300).map(Field::value), Some(&b"7\x1F8\x1E9"[..]));
    for index in [1, 3, 4, 5] {
        let image = read.image(index, &Limits::default()).expect("an image");
        let far = image.pixels().iter().zip(ridges(90, 100).pixels()).map(|(a, b)| a.abs_diff(*b)).max();
        assert!(far <= Some(if index <= 3 { 60 } else { 0 }), "record {index}: {far:?}");
        assert_eq!(read.ppi(index).expect("a resolution"), Ppi::P500);
        assert_eq!(read.finger_image(index, &Limits::default()).expect("an image").height(), 100);
    }
    for index in [0, 2, 6, 7] {
        assert!(matches!(read.image(index, &Limits::default()), Err(FormatError::Unsupported { .. })));
    }
}

#[test]
fn files_are_told_by_their_first_tag() {
    assert!(An2kFile::detect(&file().encode().expect("encodes")));
    assert!(An2kFile::detect(b"1.01:99\x1D1.02:0201\x1C"));
    for other in [&b""[..], b"1.001", b"1.5 2 3\n", b"1.002:0500", b"2.001:4\x1C", b"FIR\x00010\x00"] {
        assert!(!An2kFile::detect(other));
    }
}

#[test]
fn images_are_found_with_their_finger() {
    let file = file();
    assert_eq!(file.images().collect::<Vec<_>>(), [1, 3, 4, 5]);
    let left = Some(FingerPosition::LeftIndex);
    assert_eq!((0..8).map(|i| file.position(i)).collect::<Vec<_>>(), [None, left, None, left, left, left, None, None]);
    assert!((0..8).all(|i| file.ppi(i).is_ok() == file.position(i).is_some()));
    let mut palm = fixed();
    palm.positions[0] = 21;
    let mut other = An2kFile::new(&TRANSACTION);
    other.push(Record::Fixed(palm)).expect("allowed");
    assert_eq!((other.images().collect::<Vec<_>>(), other.position(1)), (vec![1], None));
}

#[test]
fn a_latent_is_read_as_a_finger_is() {
    let Record::Tagged(print) = finger(1, ImageEncoding::Png) else { panic!("no fields") };
    let fields = print.fields()[1..].to_vec();
    let mut file = An2kFile::new(&TRANSACTION);
    file.push(Record::Tagged(TaggedRecord::new(13, fields).expect("a record"))).expect("allowed");
    let read = decode(&file.encode().expect("encodes")).expect("decodes");
    assert_eq!(read.image(1, &Limits::default()).expect("an image"), ridges(90, 100));
}

#[test]
fn minutiae_of_another_hand_are_read() {
    // As NIST's mindtct writes a print of 300 x 200 pixels at 500 ppi: 1524 x 1016 units of 0.01 mm.
    let mrc =
        "001\x1F05080155135\x1F02\x1FA\x1F002,03\x1E002\x1F00000000090\x1F63\x1FB\x1E003\x1F15191010359\x1F01\x1FD";
    let field = |n, v: &str| Field::new(n, v);
    let fields = |format, count, mrc: &str| {
        let all = vec![
            field(2, "01"),
            field(3, "4"),
            field(4, format),
            field(5, "NIST_LFS_VER2\x1FA"),
            field(6, "00"),
            field(7, "T\x1FUN"),
            field(10, count),
            field(11, "1"),
            field(12, mrc),
        ];
        TaggedRecord::new(9, all).expect("a record")
    };
    let limits = Limits::default();
    let template = fields("S", "3", mrc).template(300, 200, &limits).expect("minutiae");
    let near = |a: f32, b: f32| assert!((a - b).abs() < 0.01, "{a} is not {b}");
    let [first, second, third] = template.minutiae() else { panic!("three of them") };
    near(first.x, 100.0);
    near(first.y, (1016.0 - 1.0 - 155.0) * 500.0 / 2540.0);
    near(first.direction.degrees(), 315.0);
    assert_eq!((first.kind, first.quality), (MinutiaKind::Ending, 100));
    assert_eq!((second.kind, second.quality, second.x), (MinutiaKind::Bifurcation, 1, 0.0));
    near(second.direction.degrees(), 270.0);
    near(second.y, 1015.0 * 500.0 / 2540.0);
    assert_eq!((third.kind, third.quality), (MinutiaKind::Other, 0));
    near(third.y, 5.0 * 500.0 / 2540.0);

    assert!(matches!(fields("U", "3", mrc).template(300, 200, &limits), Err(FormatError::Unsupported { .. })));
    assert!(matches!(fields("S", "2", mrc).template(300, 200, &limits), Err(FormatError::Header { .. })));
    assert!(matches!(fields("S", "4", mrc).template(300, 200, &limits), Err(FormatError::Header { .. })));
    assert!(matches!(fields("S", "3", mrc).template(200, 200, &limits), Err(FormatError::Outside { .. })));
    assert!(matches!(fields("S", "4000000000", mrc).template(300, 200, &limits), Err(FormatError::Limit(_))));
    for bad in [
        "001\x1F0508\x1F02\x1FA",
        "001\x1F0508015513x\x1F02\x1FA",
        "001\x1F05080155135\x1F64\x1FA",
        "001\x1F05080155135\x1F02\x1FZ",
        "",
        "001",
    ] {
        assert!(
            matches!(fields("S", "1", bad).template(300, 200, &limits), Err(FormatError::Header { .. })),
            "{bad:?}"
        );
    }
}

/// A Type-9 record of INCITS 378 fields, as INTERPOL's profile of ANSI/NIST-ITL 1-2011 lays them out.
fn incits(changes: &[(u16, &str)]) -> TaggedRecord {
    let fields = [
        (2, "01"),
        (3, "0"),
        (4, "U"),
        (126, "001B\x1F0201\x1F0"),
        (127, "NONE\x1F0"),
        (128, "388"),
        (129, "374"),
        (130, "1"),
        (131, "500"),
        (132, "500"),
        (133, "2"),
        (134, "7"),
        (135, "64\x1F001B\x1F1"),
        (136, "3"),
        (137, "1\x1F100\x1F70\x1F23\x1F1\x1F80\x1E2\x1F0\x1F373\x1F0\x1F2\x1F0\x1E3\x1F387\x1F0\x1F179\x1F0\x1F100"),
    ];
    let value = |number: u16, value: &'static str| {
        let changed = changes.iter().find(|(n, _)| *n == number);
        Field::new(number, changed.map_or(value, |(_, new)| new))
    };
    let fields = fields.map(|(number, text)| value(number, text));
    TaggedRecord::new(9, fields.into_iter().filter(|f| f.text() != Some("-")).collect()).expect("a record")
}

#[test]
fn minutiae_of_the_incits_block_are_read() {
    use selfsame::format::RecordKind;
    let record = incits(&[]);
    assert!(record.is_incits());
    let read = record.incits(&Limits::default()).expect("reads");
    let view = &read.views[0];
    assert_eq!((view.position, view.number, view.impression), (FingerPosition::LeftIndex, 2, 0));
    assert_eq!((view.width, view.height, view.x_resolution, view.y_resolution), (388, 374, 197, 197));
    assert_eq!(view.qualities.iter().map(|q| q.score).collect::<Vec<_>>(), [64]);
    let found: Vec<_> =
        view.minutiae.iter().map(|m| (m.x, m.y, m.direction.degrees().round(), m.kind, m.quality)).collect();
    let (end, fork, other) = (RecordKind::Ending, RecordKind::Bifurcation, RecordKind::Other);
    assert_eq!(found, [(100.0, 70.0, 45.0, end, 80), (0.0, 373.0, 359.0, fork, 0), (387.0, 0.0, 357.0, other, 100)]);
    let template = read.to_templates().expect("a template").remove(0);
    assert_eq!((template.width(), template.minutiae()[0].x, template.quality()), (388, 100.0, Some(64)));
    // Through a file, too.
    let mut file = An2kFile::new(&TRANSACTION);
    file.push(Record::Tagged(record.clone())).expect("allowed");
    let again = decode(&file.encode().expect("encodes")).expect("decodes");
    let Record::Tagged(again) = &again.records()[1] else { panic!("a record of fields") };
    assert_eq!(again.incits(&Limits::default()).expect("reads"), read);
}

#[test]
fn resolutions_of_the_incits_block_are_per_inch_or_per_cm_or_not_known() {
    let scales = |changes: &[(u16, &str)]| {
        let view = incits(changes).incits(&Limits::default()).expect("reads").views.remove(0);
        (view.x_resolution, view.y_resolution)
    };
    assert_eq!(scales(&[(131, "1000"), (132, "508")]), (394, 200));
    assert_eq!(scales(&[(130, "2"), (131, "394"), (132, "200")]), (394, 200));
    assert_eq!(scales(&[(130, "-"), (131, "-"), (132, "-")]), (197, 197));
    assert_eq!(scales(&[(131, "1"), (132, "65535")]), (1, 25801));
}

#[test]
fn lies_in_the_incits_block_are_refused() {
    let minutia = "1\x1F100\x1F70\x1F23\x1F1\x1F80";
    for changes in [
        &[(136, "2")][..],
        &[(136, "4")],
        &[(136, "x")],
        &[(136, "-")],
        &[(136, "4000000000")],
        &[(137, "-")],
        &[(128, "0")],
        &[(128, "387")],
        &[(129, "373")],
        &[(128, "70000")],
        &[(128, "-")],
        &[(129, "-")],
        &[(130, "0")],
        &[(130, "-")],
        &[(131, "0")],
        &[(132, "65536")],
        &[(136, "1"), (137, "1\x1F100\x1F70\x1F180\x1F1\x1F80")],
        &[(136, "1"), (137, "1\x1F100\x1F70\x1F23\x1F3\x1F80")],
        &[(136, "1"), (137, "1\x1F100\x1F70\x1F23\x1F1\x1F101")],
        &[(136, "1"), (137, "1\x1F100\x1F70\x1F23\x1F1")],
        &[(136, "1"), (137, "1\x1F-1\x1F70\x1F23\x1F1\x1F80")],
    ] {
        assert!(incits(changes).incits(&Limits::default()).is_err(), "{changes:?}");
    }
    let one = incits(&[(136, "1"), (137, minutia), (134, "99"), (133, "999"), (135, "101")]);
    let view = one.incits(&Limits::default()).expect("reads").views.remove(0);
    assert_eq!((view.position, view.number, view.qualities.len()), (FingerPosition::Unknown, 0, 0));
    let none = incits(&[(136, "0"), (137, "-")]).incits(&Limits::default()).expect("reads");
    assert!(none.views[0].minutiae.is_empty());
    let few = Limits { max_minutiae: 2, ..Limits::default() };
    assert!(matches!(incits(&[]).incits(&few), Err(FormatError::Limit(_))));
    let image = TaggedRecord::new(14, vec![Field::new(136, "0")]).expect("a record");
    assert!(!image.is_incits() && image.incits(&Limits::default()).is_err());
}

#[test]
fn what_cannot_be_written_is_refused() {
    for kind in [0, 1, 3, 4, 8, 100] {
        assert!(TaggedRecord::new(kind, Vec::new()).is_err(), "type {kind}");
    }
    assert!(TaggedRecord::new(9, vec![Field::new(5, b"a\x1Db".to_vec())]).is_err());
    assert!(TaggedRecord::new(9, vec![Field::new(999, b"a\x1Cb".to_vec()), Field::new(5, "")]).is_err());
    assert!(TaggedRecord::new(9, vec![Field::new(1, "12")]).is_err());
    assert!(An2kFile::new(&TRANSACTION).push(Record::Binary { kind: 9, bytes: Vec::new() }).is_err());
    let template = |minutiae| FingerTemplate::new(100, 100, minutiae).expect("a template");
    let write = |system: &str| TaggedRecord::minutiae(1, &template(Vec::new()), FingerPosition::Unknown, system);
    assert!(write("a name").is_ok());
    for separator in ["a\x1Eb", "a\x1Fb", "a\x1Db", "a\x1Cb"] {
        assert!(write(separator).is_err());
    }
    // 2500 pixels are more than 9999 units, whatever the image says of its width.
    let far = Minutia { x: 2500.0, y: 5.0, direction: Angle::default(), kind: MinutiaKind::Ending, quality: 0 };
    let far = TaggedRecord::minutiae(1, &template(vec![far]), FingerPosition::Unknown, "a name");
    assert!(matches!(far, Err(FormatError::Capacity { max: 1968, .. })));
    let sly = Transaction { kind: "A\x1D1.005:19000101", ..TRANSACTION };
    let read = decode(&An2kFile::new(&sly).encode().expect("encodes")).expect("decodes");
    let Record::Tagged(first) = &read.records()[0] else { panic!("no fields") };
    assert_eq!(first.field(5).and_then(Field::text), Some("20261127"));
}

#[test]
fn lying_fields_are_refused() {
    let replaced = |from: &str, to: &str| {
        let bytes = file().encode().expect("encodes");
        let at = bytes.windows(from.len()).position(|w| w == from.as_bytes()).expect("it is there");
        let mut changed = bytes.clone();
        changed.splice(at..at + from.len(), to.bytes());
        changed
    };
    for (from, to) in [
        ("1\x1F6\x1E4", "1\x1F7\x1E4"),
        ("1\x1F6\x1E4", "2\x1F6\x1E4"),
        ("1\x1F6\x1E4", "1\x1F6\x1E1"),
        ("\x1E9\x1F02", "\x1E8\x1F02"),
        ("9.001:", "9.001:9999999"),
        ("9.001:", "9.001:-"),
        ("9.001:", "9.001:x"),
        ("9.001:", "9.002:"),
        ("9.001:", "8.001:"),
        ("9.002:", "7.002:"),
        ("9.002:", "9:002:"),
        ("1.001:", "2.001:"),
    ] {
        assert!(decode(&replaced(from, to)).is_err(), "{from:?} as {to:?}");
    }
    let read = decode(&replaced("14.012:8", "14.012:9")).expect("decodes");
    assert!(read.image(3, &Limits::default()).is_err());
    // The image itself leaves no doubt.
    let size = Note::Size { record: 3, stated: Some((91, 100)), actual: (90, 100) };
    let coding = Note::Coding { record: 3, stated: None, actual: ImageCoding::Wsq };
    for (from, to, note) in [("14.006:90", "14.006:91", size), ("14.011:WSQ20", "14.011:JPEGL", coding)] {
        let read = decode(&replaced(from, to)).expect("decodes");
        assert_eq!(read.image(3, &Limits::default()).expect("an image").width(), 90, "{from:?} as {to:?}");
        assert_eq!(read.notes(), [note]);
    }
    let huge = decode(&{
        let mut bytes = replaced("14.006:90", "14.006:4294967295");
        // The record is longer by eight bytes.
        let at = bytes.windows(7).position(|w| w == b"14.001:").expect("it is there") + 7;
        let end = at + bytes[at..].iter().position(|&b| b == 0x1D).expect("it ends");
        let length: usize = std::str::from_utf8(&bytes[at..end]).expect("text").parse().expect("a number");
        bytes.splice(at..end, (length + 8).to_string().bytes());
        bytes
    });
    let huge = huge.expect("decodes");
    assert_eq!(huge.image(3, &Limits::default()).expect("an image").width(), 90);
    assert!(matches!(huge.notes(), [Note::Size { record: 3, actual: (90, 100), .. }]));
    let few = Limits { max_views: 5, ..Limits::default() };
    assert!(matches!(An2kFile::decode(&file().encode().expect("encodes"), &few), Err(FormatError::Limit(_))));
}

#[test]
fn cut_anywhere_it_is_refused() {
    let bytes = file().encode().expect("encodes");
    for cut in 0..bytes.len() {
        assert!(decode(&bytes[..cut]).is_err(), "cut at {cut}");
    }
    let Err(FormatError::Mendable { reason, .. }) = decode(&[bytes, vec![0]].concat()) else {
        panic!("a byte too many")
    };
    assert!(matches!(*reason, FormatError::Length { .. }));
    // More fields than a record may have.
    let many: Vec<Field> = (0..5000).map(|_| Field::new(5, "")).collect();
    let mut file = An2kFile::new(&TRANSACTION);
    file.push(Record::Tagged(TaggedRecord::new(2, many).expect("a record"))).expect("allowed");
    assert!(matches!(decode(&file.encode().expect("encodes")), Err(FormatError::Header { .. })));
}

/// The file with the text replaced once; the lengths of records are written anew by the caller.
fn spliced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|w| w == from).expect("it is there");
    let mut changed = bytes.to_vec();
    changed.splice(at..at + from.len(), to.iter().copied());
    changed
}

fn of(records: impl IntoIterator<Item = Record>) -> An2kFile {
    let mut file = An2kFile::new(&TRANSACTION);
    records.into_iter().for_each(|record| file.push(record).expect("allowed"));
    file
}

/// A Type-14 record of a finger, with some fields changed or, without a value, left out.
fn changed(idc: u8, position: FingerPosition, encoding: ImageEncoding, changes: &[(u16, Option<&str>)]) -> Record {
    let record = TaggedRecord::finger_image(idc, &ridges(90, 100), position, Ppi::P500, encoding, "ORI", "20261127");
    let record = record.expect("a record");
    let fields = record.fields()[1..].iter().filter_map(|field| {
        match changes.iter().find(|(number, _)| *number == field.number()) {
            Some((number, value)) => value.map(|value| Field::new(*number, value)),
            None => Some(field.clone()),
        }
    });
    let new = changes.iter().filter(|(number, _)| record.field(*number).is_none());
    let new = new.filter_map(|(number, value)| value.map(|value| Field::new(*number, value)));
    let mut all: Vec<Field> = fields.chain(new).collect();
    all.sort_by_key(Field::number);
    Record::Tagged(TaggedRecord::new(14, all).expect("a record"))
}

#[test]
fn a_finger_is_chosen_and_never_another_one() {
    let (thumb, little) = (FingerPosition::RightThumb, FingerPosition::LeftLittle);
    let file = of([changed(1, thumb, ImageEncoding::Png, &[]), changed(2, little, ImageEncoding::Raw, &[])]);
    let file = decode(&file.encode().expect("encodes")).expect("decodes");
    assert_eq!((file.choose_image(Some(thumb)), file.choose_image(Some(little))), (Ok(1), Ok(2)));
    let several = file.choose_image(None).expect_err("two images");
    assert!(matches!(&several, FormatError::SeveralRecords { inside } if inside.len() == 2));
    let none = file.choose_image(Some(FingerPosition::LeftIndex)).expect_err("no such finger");
    let lines = "record 1: Type-14, right thumb, 90 x 100 pixels, 500 ppi, PNG; \
                 record 2: Type-14, left little finger, 90 x 100 pixels, 500 ppi, raw pixels";
    assert!(matches!(&none, FormatError::NoRecord { inside } if inside.len() == 2));
    assert!(none.to_string().contains(lines) && several.to_string().contains(lines), "{none}\n{several}");
    assert!(matches!(file.choose_minutiae(None), Err(FormatError::NoRecord { inside }) if inside.is_empty()));
    // Two images of one finger are a choice, too.
    let twice = of([finger(1, ImageEncoding::Png), finger(2, ImageEncoding::Png)]);
    let left = Some(FingerPosition::LeftIndex);
    assert!(matches!(twice.choose_image(left), Err(FormatError::SeveralRecords { inside }) if inside.len() == 2));
    // Of the palm nothing is chosen as a finger.
    let palm = of([changed(1, thumb, ImageEncoding::Png, &[(13, Some("21"))])]);
    assert_eq!(palm.choose_image(None), Ok(1));
    let error = palm.choose_image(Some(FingerPosition::Unknown)).expect_err("a palm").to_string();
    assert!(error.contains("position 21"), "{error}");
}

#[test]
fn fingers_without_an_image_are_passed_over_with_a_note() {
    let thumb = FingerPosition::RightThumb;
    let gone = [(6, None), (7, None), (8, None), (9, None), (10, None), (11, None), (12, None), (999, None)];
    for (reason, absence, shown) in [
        (Some("1\x1FXX"), Absence::Amputated, "record 1 (right thumb) holds no image: the finger is amputated"),
        (
            Some("1\x1FUP"),
            Absence::Unprintable,
            "record 1 (right thumb) holds no image: the finger could not be printed",
        ),
        (None, Absence::Unstated, "record 1 (right thumb) holds no image"),
    ] {
        let changes: Vec<_> = gone.into_iter().chain([(18, reason)]).collect();
        let file = of([changed(1, thumb, ImageEncoding::Raw, &changes), finger(2, ImageEncoding::Png)]);
        let bytes = file.encode().expect("encodes");
        let file = decode(&bytes).expect("decodes");
        assert_eq!((file.images().collect::<Vec<_>>(), file.choose_image(None)), (vec![2], Ok(2)));
        assert_eq!(file.notes(), [Note::NoImage { record: 1, position: Some(thumb), reason: absence }]);
        assert_eq!(file.notes()[0].to_string(), shown);
        assert!(file.image(1, &Limits::default()).is_err() && file.image(2, &Limits::default()).is_ok());
        assert!(matches!(file.choose_image(Some(thumb)), Err(FormatError::NoRecord { .. })));
        assert_eq!(file.encode().expect("encodes"), bytes);
    }
    let empty = FixedImage { data: Vec::new(), positions: [1, 255, 255, 255, 255, 255], ..fixed() };
    let file = decode(&of([Record::Fixed(empty)]).encode().expect("encodes")).expect("decodes");
    assert!(matches!(file.notes(), [Note::NoImage { record: 1, reason: Absence::Unstated, .. }]));
    assert_eq!(file.images().count(), 0);
}

#[test]
fn an_image_is_read_as_what_its_bytes_are() {
    let gray = image::GrayImage::from_raw(90, 100, ridges(90, 100).pixels().to_vec()).expect("pixels");
    let written = |format| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        gray.write_to(&mut bytes, format).expect("encodes");
        bytes.into_inner()
    };
    let (jpeg, png) = (written(image::ImageFormat::Jpeg), written(image::ImageFormat::Png));
    for (data, compression, stated, actual) in [
        (jpeg.clone(), 1, Some(ImageCoding::Wsq), ImageCoding::Jpeg),
        (png.clone(), 1, Some(ImageCoding::Wsq), ImageCoding::Png),
        (fixed().data, 2, Some(ImageCoding::Jpeg), ImageCoding::Wsq),
        (png.clone(), 0, Some(ImageCoding::Raw), ImageCoding::Png),
        (jpeg.clone(), 99, None, ImageCoding::Jpeg),
    ] {
        // The size is stated wrong, too.
        let record = FixedImage { data: data.clone(), compression, width: 800, height: 750, ..fixed() };
        let bytes = of([Record::Fixed(record)]).encode().expect("encodes");
        let file = decode(&bytes).expect("decodes");
        let image = file.image(1, &Limits::default()).unwrap_or_else(|e| panic!("{actual}: {e}"));
        assert_eq!((image.width(), image.height()), (90, 100));
        let coding = Note::Coding { record: 1, stated, actual };
        assert_eq!(file.notes(), [coding, Note::Size { record: 1, stated: Some((800, 750)), actual: (90, 100) }]);
        let summary = file.contents()[0];
        assert_eq!((summary.size, summary.coding), (Some((90, 100)), Some(actual)));
        assert_eq!(file.encode().expect("encodes"), bytes);
        // A damaged image stays an error, and pixels without a coding need their size.
        let cut = FixedImage { data: data[..data.len() / 2].to_vec(), compression, ..fixed() };
        let cut = decode(&of([Record::Fixed(cut)]).encode().expect("encodes")).expect("decodes");
        if actual != ImageCoding::Jpeg {
            assert!(cut.image(1, &Limits::default()).is_err(), "{actual}");
        }
    }
    let raw = changed(1, FingerPosition::RightThumb, ImageEncoding::Raw, &[(6, Some("71"))]);
    let file = decode(&of([raw]).encode().expect("encodes")).expect("decodes");
    assert!(matches!(file.image(1, &Limits::default()), Err(FormatError::Length { .. })) && file.notes().is_empty());
    // Pixels that happen to begin as a file does are pixels.
    let mut pixels = vec![7; 90 * 100];
    pixels[..8].copy_from_slice(b"\x89PNG\r\n\x1a\n");
    let odd = FixedImage { data: pixels.clone(), compression: 0, ..fixed() };
    let file = decode(&of([Record::Fixed(odd)]).encode().expect("encodes")).expect("decodes");
    assert_eq!(file.image(1, &Limits::default()).expect("an image").pixels(), pixels);
    // A Type-14 record without a size or a coding.
    let bare = changed(1, FingerPosition::RightThumb, ImageEncoding::Png, &[(6, None), (11, None)]);
    let file = decode(&of([bare]).encode().expect("encodes")).expect("decodes");
    assert_eq!(file.image(1, &Limits::default()).expect("an image"), ridges(90, 100));
    assert_eq!(file.notes().len(), 2);
}

#[test]
fn white_space_after_the_end_is_noted_and_zeros_need_leniency() {
    let bytes = file().encode().expect("encodes");
    for space in ["\r\n", "\n", " \n\t"] {
        let with = [&bytes[..], space.as_bytes()].concat();
        let read = decode(&with).expect("decodes");
        assert_eq!(read.notes(), [Note::Trailing { offset: bytes.len(), bytes: space.len() }]);
        assert_eq!(read.encode().expect("encodes"), with);
    }
    for (padding, mended) in [(vec![0; 9], true), (vec![255; 700], true), (vec![1; 9], false), (vec![0, 0, 7], false)] {
        let with = [&bytes[..], &padding].concat();
        let strict = decode(&with).expect_err("padding");
        assert_eq!(matches!(strict, FormatError::Mendable { .. }), mended, "{strict}");
        let read = An2kFile::decode_lenient(&with, &Limits::default());
        assert_eq!(read.is_ok(), mended);
        if let Ok(read) = read {
            let padding = Mending::Padding { offset: bytes.len(), bytes: padding.len() };
            assert_eq!(read.notes(), [Note::Mended(padding)]);
            assert_eq!(read.encode().expect("encodes"), with);
        }
    }
}

#[test]
fn a_wrong_list_of_records_is_mended_when_every_record_is_read() {
    let fingers = of([finger(1, ImageEncoding::Png), Record::Fixed(fixed()), finger(2, ImageEncoding::Png)]);
    let bytes = fingers.encode().expect("encodes");
    let list = b"1\x1F3\x1E14\x1F01\x1E4\x1F01\x1E14\x1F02";
    let with = |new: &[u8]| {
        let changed = spliced(&bytes, list, new);
        // The first record states its own length.
        let old = bytes.iter().position(|&b| b == 0x1C).expect("it ends") + 1;
        let new = changed.iter().position(|&b| b == 0x1C).expect("it ends") + 1;
        spliced(&changed, format!("1.001:{old}\x1D").as_bytes(), format!("1.001:{new}\x1D").as_bytes())
    };
    let whole = decode(&with(list)).expect("reads");
    for (new, used) in [
        // A wrong number, a missing entry, an entry of another type, and one entry for many.
        (&b"1\x1F2\x1E14\x1F01\x1E4\x1F01\x1E14\x1F02"[..], Some(3)),
        (b"1\x1F2\x1E14\x1F01\x1E4\x1F01", Some(3)),
        (b"1\x1F3\x1E13\x1F01\x1E4\x1F01\x1E14\x1F02", Some(3)),
        (b"1\x1F1\x1E4\x1F01", Some(3)),
        // The record without a tag is in no list, or the list names a record that is not there.
        (b"1\x1F2\x1E14\x1F01\x1E14\x1F02", None),
        (b"1\x1F4\x1E14\x1F01\x1E4\x1F01\x1E14\x1F02\x1E14\x1F03", None),
        (b"1\x1F4\x1E14\x1F01\x1E4\x1F01\x1E14\x1F02\x1E4\x1F03", None),
    ] {
        let bytes = with(new);
        let read = An2kFile::decode_lenient(&bytes, &Limits::default());
        assert_eq!(matches!(decode(&bytes), Err(FormatError::Mendable { .. })), used.is_some(), "{new:?}");
        assert_eq!(read.is_ok(), used.is_some(), "{new:?}: {read:?}");
        let Some(used) = used else { continue };
        let read = read.expect("reads");
        assert_eq!(read.records()[1..], whole.records()[1..]);
        assert!(matches!(read.notes(), [Note::Mended(Mending::Counts { used: n, .. })] if *n == used));
        assert_eq!(read.encode().expect("encodes"), bytes);
    }
    // Also between two records.
    for cut in 0..bytes.len() {
        assert!(An2kFile::decode_lenient(&bytes[..cut], &Limits::default()).is_err(), "cut at {cut}");
    }
}

#[test]
fn text_of_a_file_is_named_and_read_leniently() {
    let bytes = file().encode().expect("encodes");
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let strict = decode(hex.as_bytes()).expect_err("text").to_string();
    assert!(strict.starts_with("this is hexadecimal text of a record (ANSI/NIST-ITL)"), "{strict}");
    let read = An2kFile::decode_lenient(hex.as_bytes(), &Limits::default()).expect("reads");
    assert_eq!(read.notes(), [Note::Mended(Mending::Text(TextEncoding::Hexadecimal))]);
    assert_eq!(read.encode().expect("encodes"), bytes);
    assert_eq!(decode_text(hex.as_bytes()), Some((TextEncoding::Hexadecimal, bytes.clone())));
    assert_eq!(decode_text(&bytes), None);
}

#[test]
fn minutiae_in_the_standard_form_are_read_without_an_image_and_with_one() {
    let place = |x, y, kind| Minutia { x, y, direction: Angle::from_degrees(30.0), kind, quality: 60 };
    let minutiae = vec![place(20.0, 30.0, MinutiaKind::Ending), place(60.0, 70.0, MinutiaKind::Bifurcation)];
    let template = FingerTemplate::new(90, 100, minutiae).expect("a template");
    let ring = FingerPosition::RightRing;
    let record = |idc| Record::Tagged(TaggedRecord::minutiae(idc, &template, ring, "demo").expect("a record"));
    let limits = Limits::default();
    let alone = decode(&of([record(1)]).encode().expect("encodes")).expect("decodes");
    assert_eq!(alone.contents()[0].to_string(), "record 1: Type-9, right ring finger, 2 minutiae");
    let index = alone.choose_minutiae(Some(ring)).expect("one");
    let read = alone.minutiae(index, &limits).expect("reads");
    assert_eq!((read.views[0].position, read.views[0].minutiae.len()), (ring, 2));
    let read = read.to_template().expect("a template");
    // Right up to one shift downwards.
    let [a, b] = read.minutiae() else { panic!("two") };
    assert!((b.x - a.x - 40.0).abs() < 0.3 && (b.y - a.y - 40.0).abs() < 0.3);
    assert!((a.x - 20.0).abs() < 0.2 && a.y < 1.0 && read.height() < 100, "{} {}", a.y, read.height());
    // The image with the same number gives the height; another one does not.
    for (idc, known) in [(1, true), (2, false)] {
        let both =
            decode(&of([finger(idc, ImageEncoding::Png), record(1)]).encode().expect("encodes")).expect("decodes");
        let index = both.choose_minutiae(None).expect("one");
        let read = both.minutiae(index, &limits).expect("reads").to_template().expect("a template");
        assert_eq!(read.height() == 100, known);
        if known {
            assert!((read.minutiae()[0].y - 30.0).abs() < 0.2);
        }
        assert_eq!((both.contents().len(), both.choose_image(None)), (2, Ok(1)));
    }
    assert!(alone.minutiae(0, &limits).is_err() && file().minutiae(1, &limits).is_err());
    // A writer that ends its list with a separator and leaves qualities out.
    let mrc = "1\x1F01000200045\x1F\x1FA\x1F\x1E2\x1F02000100045\x1F\x1FB\x1E";
    let fields = [(2, "01"), (3, "0"), (4, "S"), (6, "03"), (10, "2"), (12, mrc)].map(|(n, v)| Field::new(n, v));
    let record = TaggedRecord::new(9, fields.to_vec()).expect("a record");
    assert!(record.is_standard() && !record.is_incits());
    let read = record.standard(None, &limits).expect("reads");
    assert_eq!((read.views[0].minutiae.len(), read.views[0].minutiae[0].quality), (2, 0));
    assert_eq!(read.views[0].position, FingerPosition::RightMiddle);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_read_is_written_back(at in any::<prop::sample::Index>(), new in any::<u8>()) {
        let mut bytes = file().encode().expect("encodes");
        let at = at.index(bytes.len());
        bytes[at] = new;
        let limits = Limits { max_pixels: 1 << 14, ..Limits::default() };
        let lenient = An2kFile::decode_lenient(&bytes, &limits);
        if let Ok(read) = An2kFile::decode(&bytes, &limits) {
            prop_assert_eq!(lenient.as_ref(), Ok(&read));
            prop_assert_eq!(read.encode().expect("encodes"), bytes);
            for i in 0..read.records().len() {
                if let Ok(image) = read.image(i, &limits) {
                    prop_assert!(image.pixels().len() <= 1 << 14);
                }
            }
        }
    }

    #[test]
    fn minutiae_come_back(list in proptest::collection::vec((0f32..499.0, 0f32..399.0, 0f32..360.0, 0u8..=100, 0u8..3), 0..80)) {
        let minutia = |&(x, y, degrees, quality, kind): &(f32, f32, f32, u8, u8)| Minutia {
            x,
            y,
            direction: Angle::from_degrees(degrees),
            kind: [MinutiaKind::Ending, MinutiaKind::Bifurcation, MinutiaKind::Other][usize::from(kind)],
            quality,
        };
        let template = FingerTemplate::new(500, 400, list.iter().map(minutia).collect()).expect("in range");
        let record = TaggedRecord::minutiae(3, &template, FingerPosition::LeftRing, "selfsame").expect("a record");
        let mut file = An2kFile::new(&TRANSACTION);
        file.push(Record::Tagged(record)).expect("allowed");
        let read = decode(&file.encode().expect("encodes")).expect("decodes");
        let Record::Tagged(again) = &read.records()[1] else { panic!("no fields") };
        let again = again.template(500, 400, &Limits::default()).expect("minutiae");
        prop_assert_eq!(again.minutiae().len(), template.minutiae().len());
        for (a, b) in again.minutiae().iter().zip(template.minutiae()) {
            // Half a unit of position, half a degree, and the steps of quality.
            prop_assert!((a.x - b.x).abs() < 0.11 && (a.y - b.y).abs() < 0.21, "position");
            prop_assert!(a.direction.difference(b.direction).abs() < 0.51f32.to_radians(), "direction");
            prop_assert!(a.kind == b.kind && a.quality.abs_diff(b.quality) <= 1, "kind and quality");
        }
    }

    #[test]
    fn any_fields_come_back(values in proptest::collection::vec((2u16..998, "[ -~\u{1E}\u{1F}]{0,20}"), 0..30), data in proptest::collection::vec(any::<u8>(), 0..60)) {
        let mut fields: Vec<Field> = values.iter().map(|(number, value)| Field::new(*number, value.as_str())).collect();
        fields.push(Field::new(999, data));
        let record = TaggedRecord::new(14, fields).expect("a record");
        let mut file = An2kFile::new(&TRANSACTION);
        file.push(Record::Tagged(record.clone())).expect("allowed");
        let read = decode(&file.encode().expect("encodes")).expect("decodes");
        let Record::Tagged(again) = &read.records()[1] else { panic!("no fields") };
        prop_assert_eq!(&again.fields()[1..], &record.fields()[1..]);
    }
}
