//! Template codecs and `.npy` through the public API: round trips, hostile bytes, and real records where they are at hand.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use selfsame::format::iso19794_2::{FingerMinutiaeRecord, RawMinutia, RawView};
use selfsame::format::npy::{NpyArray, NpyData, NpyRows};
use selfsame::format::{
    FormatError, Record, RecordFormat, TemplateFormat, View, decode_templates, encode_record, encode_templates,
};
use selfsame::geometry::Angle;
use selfsame::{FingerTemplate, Limits, Minutia, MinutiaKind, Ppi};

fn limits() -> Limits {
    Limits::default()
}

fn minutia() -> impl Strategy<Value = Minutia> {
    (0.0f32..=387.0, 0.0f32..=373.0, 0.0f32..360.0, 0usize..3, 0u8..=100).prop_map(|(x, y, angle, kind, quality)| {
        Minutia {
            x,
            y,
            direction: Angle::from_degrees(angle),
            kind: [MinutiaKind::Ending, MinutiaKind::Bifurcation, MinutiaKind::Other][kind],
            quality,
        }
    })
}

fn template(most: usize) -> impl Strategy<Value = FingerTemplate> {
    (prop::collection::vec(minutia(), 0..=most), 0u8..=100).prop_map(|(minutiae, quality)| {
        let template = FingerTemplate::new(388, 374, minutiae).unwrap();
        if quality == 0 { template } else { template.with_quality(quality).unwrap() }
    })
}

fn record() -> impl Strategy<Value = FingerMinutiaeRecord> {
    let raw = (any::<u16>(), any::<u16>(), any::<u8>(), any::<u8>()).prop_map(|(x, y, angle, quality)| RawMinutia {
        type_and_x: x,
        reserved_and_y: y,
        angle,
        quality,
    });
    let view = (0u8..=10, 0u8..16, 0u8..16, 0u8..=100, prop::collection::vec(raw, 0..20), any::<Vec<u8>>()).prop_map(
        |(position, view, impression, quality, minutiae, extensions)| RawView {
            position,
            view,
            impression,
            quality,
            minutiae,
            extensions,
        },
    );
    (any::<u16>(), 99u16..=1575, 99u16..=1575, any::<u8>(), prop::collection::vec(view, 0..5)).prop_map(
        |(device, x_resolution, y_resolution, reserved, views)| FingerMinutiaeRecord {
            device,
            width: 0x4000,
            height: 0x4000,
            x_resolution,
            y_resolution,
            reserved,
            views,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn iso_round_trip_within_its_own_rounding(templates in prop::collection::vec(template(255), 1..4)) {
        let bytes = encode_templates(&templates, TemplateFormat::Iso19794_2).unwrap();
        let back = decode_templates(&bytes, None, None, &limits()).unwrap();
        prop_assert_eq!(back.len(), templates.len());
        for (a, b) in templates.iter().zip(&back) {
            prop_assert_eq!((b.width(), b.height(), b.quality()), (388, 374, a.quality()));
            prop_assert_eq!(a.minutiae().len(), b.minutiae().len());
            for (m, n) in a.minutiae().iter().zip(b.minutiae()) {
                prop_assert!((m.x - n.x).abs() <= 0.5 && (m.y - n.y).abs() <= 0.5);
                prop_assert!(m.direction.difference(n.direction).abs().to_degrees() <= 0.7032);
                prop_assert_eq!((m.kind, m.quality), (n.kind, n.quality));
            }
        }
        // What has been rounded once stays.
        prop_assert_eq!(encode_templates(&back, TemplateFormat::Iso19794_2).unwrap(), bytes);
    }

    #[test]
    fn csv_round_trip_keeps_every_bit_but_the_angle_s_last(a in template(300)) {
        let bytes = encode_templates(std::slice::from_ref(&a), TemplateFormat::Csv).unwrap();
        let back = decode_templates(&bytes, None, None, &limits()).unwrap();
        prop_assert_eq!(back[0].minutiae().len(), a.minutiae().len());
        for (m, n) in a.minutiae().iter().zip(back[0].minutiae()) {
            prop_assert_eq!((m.x, m.y, m.kind, m.quality), (n.x, n.y, n.kind, n.quality));
            prop_assert!(m.direction.difference(n.direction).abs() < 2e-6);
        }
    }

    #[test]
    fn raw_records_come_back_byte_for_byte(record in record()) {
        let bytes = record.encode().unwrap();
        let back = FingerMinutiaeRecord::decode(&bytes, &limits()).unwrap();
        prop_assert_eq!(&back, &record);
        prop_assert_eq!(back.encode().unwrap(), bytes);
        // Rescaling may leave the range of a template; it must not panic.
        let _ = back.to_templates();
    }

    #[test]
    fn decoders_never_panic_on_noise(noise in prop::collection::vec(any::<u8>(), 0..400), prefix in 0usize..6) {
        let prefixes: [&[u8]; 6] = [b"", b"FMR\0 20\0", b"x,y,angle_degrees,type,quality\n", b"9,9\n", b"\x93NUMPY\x01\0", b"FMR\0"];
        let mut bytes = prefixes[prefix].to_vec();
        bytes.extend(noise);
        for ppi in [None, Some(Ppi::P500)] {
            let _ = decode_templates(&bytes, None, ppi, &limits());
            for format in [TemplateFormat::Iso19794_2, TemplateFormat::Csv, TemplateFormat::CsvPixels] {
                let _ = decode_templates(&bytes, format, ppi, &limits());
            }
        }
        let _ = NpyArray::decode(&bytes, &limits());
    }

    #[test]
    fn mutated_records_never_panic(record in record(), at in any::<prop::sample::Index>(), value in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut bytes = record.encode().unwrap();
        let i = at.index(bytes.len());
        bytes[i] = value;
        let whole = FingerMinutiaeRecord::decode(&bytes, &limits());
        if let Ok(record) = whole {
            prop_assert_eq!(record.encode().unwrap(), bytes.clone());
            let _ = record.to_templates();
        }
        let cut = cut.index(bytes.len());
        prop_assert!(FingerMinutiaeRecord::decode(&bytes[..cut], &limits()).is_err());
    }

    #[test]
    fn mutated_csv_never_panics(a in template(5), at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let mut bytes = encode_templates(&[a], TemplateFormat::Csv).unwrap();
        let i = at.index(bytes.len());
        bytes[i] = value;
        let _ = decode_templates(&bytes, None, Some(Ppi::P500), &limits());
        let _ = decode_templates(&bytes, TemplateFormat::CsvPixels, Some(Ppi::P500), &limits());
    }
}

fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn npy_reads_each_element_type() {
    let floats: Vec<u8> = [1.5f32, -2.0, 0.25, 8.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    let array =
        NpyArray::decode(&npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", &floats), &limits())
            .unwrap();
    assert_eq!((array.rows(), array.columns(), array.dimensions()), (2, 2, 2));
    assert!(*array.data() == NpyData::Float(vec![1.5, -2.0, 0.25, 8.0]));
    // 1.5 and -2 as IEEE half floats.
    let array = NpyArray::decode(
        &npy("{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }", &[0x00, 0x3E, 0x00, 0xC0]),
        &limits(),
    )
    .unwrap();
    assert_eq!((array.rows(), array.columns(), array.dimensions()), (2, 1, 1));
    assert!(array.into_data() == NpyData::Float(vec![1.5, -2.0]));
    let ints = NpyArray::decode(
        &npy("{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }", &[7, 0, 0, 0, 255, 255, 255, 255]),
        &limits(),
    )
    .unwrap();
    assert!(ints.into_data() == NpyData::Int(vec![7, -1]));
}

#[test]
fn npy_round_trip_and_header_of_numpy() {
    let floats = NpyArray::from_floats(3, 2, vec![0.0, -0.0, 1e-40, f32::MAX, f32::INFINITY, 0.1]).unwrap();
    let bytes = floats.encode();
    assert_eq!(bytes.len(), 128 + 24);
    assert_eq!(&bytes[..10], b"\x93NUMPY\x01\x00\x76\x00");
    assert_eq!(bytes[127], b'\n');
    assert!(NpyArray::decode(&bytes, &limits()).unwrap() == floats);
    let ints = NpyArray::from_ints(vec![i64::MIN, -1, 0, i64::MAX]);
    assert!(NpyArray::decode(&ints.encode(), &limits()).unwrap() == ints);
    assert!(matches!(NpyArray::from_floats(2, 2, vec![0.0; 5]), Err(FormatError::Length { .. })));
}

#[test]
fn npy_refuses_what_it_cannot_read() {
    let refused = |header: &str, data: &[u8]| NpyArray::decode(&npy(header, data), &limits()).unwrap_err();
    assert!(matches!(
        refused("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", &[0; 15]),
        FormatError::Length { declared: 16, actual: 15, .. }
    ));
    let huge = "{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551615, 18446744073709551615), }";
    assert!(matches!(refused(huge, &[]), FormatError::Header { .. }));
    assert!(matches!(
        refused("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", &[0; 16]),
        FormatError::Header { .. }
    ));
    assert!(matches!(
        refused("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1), }", &[0; 4]),
        FormatError::Header { .. }
    ));
    assert!(matches!(
        refused("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", &[0; 4]),
        FormatError::Header { .. }
    ));
    assert_eq!(NpyArray::decode(b"", &limits()).unwrap_err(), FormatError::Empty);
    assert!(matches!(NpyArray::decode(b"FMR\0", &limits()), Err(FormatError::Signature { .. })));
}

#[test]
fn resolution_of_the_record_is_honored() {
    let raw = |x: u16, y: u16| RawMinutia { type_and_x: 1 << 14 | x, reserved_and_y: y, angle: 32, quality: 0 };
    let view = RawView {
        position: 1,
        view: 0,
        impression: 0,
        quality: 60,
        minutiae: vec![raw(200, 100)],
        extensions: Vec::new(),
    };
    let record = |x_resolution, y_resolution| FingerMinutiaeRecord {
        device: 0,
        width: 800,
        height: 600,
        x_resolution,
        y_resolution,
        reserved: 0,
        views: vec![view.clone()],
    };
    let at_1000 = record(394, 394).to_templates().unwrap().remove(0);
    let m = at_1000.minutiae()[0];
    assert_eq!((at_1000.width(), at_1000.height()), (400, 300));
    assert!((m.x - 99.7).abs() < 0.1 && (m.y - 49.7).abs() < 0.1);
    assert!((m.direction.degrees() - 45.0).abs() < 1e-3);
    // Twice as dense across as down: 45 degrees in its pixels are atan(2) on the finger.
    let oblong = record(394, 197).to_templates().unwrap().remove(0);
    let m = oblong.minutiae()[0];
    assert!((m.x - 99.7).abs() < 0.1 && m.y == 100.0);
    assert!((m.direction.degrees() - 63.4).abs() < 0.2, "{}", m.direction.degrees());
}

#[test]
fn errors_name_the_place() {
    let template = FingerTemplate::new(388, 374, Vec::new()).unwrap();
    let good = encode_templates(&[template], TemplateFormat::Iso19794_2).unwrap();
    let with = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        decode_templates(&bytes, None, None, &limits()).unwrap_err().to_string()
    };
    assert_eq!(with(11, 31), "the record length at offset 8 is 31 bytes, the input has 30");
    assert_eq!(with(19, 20), "horizontal resolution at offset 18 is 20: 99 to 1575 pixels per cm are allowed");
    assert_eq!(with(27, 3), "truncated at offset 28: minutiae needs 18 bytes, 2 are left");
    assert_eq!(with(29, 3), "truncated at offset 30: extension area needs 3 bytes, 0 are left");
    assert_eq!(with(24, 11), "finger position at offset 24 is 11: 0 to 10 are allowed");
    let csv = |text: &str| decode_templates(text.as_bytes(), None, Some(Ppi::P500), &limits()).unwrap_err().to_string();
    assert_eq!(csv("x,y,angle_degrees,type,quality\n1,2,3,E,40\n1,NaN,3,E,40\n"), "line 3: a position is not a number");
    assert_eq!(csv("x,y,angle_degrees,type,quality\n1,2,3,E\n"), "line 2: too few fields");
    assert_eq!(csv("388,374\n1,2,3,X,0.5\n"), "line 2: the type is not E, B or O");
    assert_eq!(csv("hello"), "not a template: none of the formats that are told by their bytes");
    assert_eq!(csv(""), "the input is empty");
    assert_eq!(decode_templates(b"388,374\n", None, None, &limits()).unwrap_err(), FormatError::PpiMissing);
}

#[test]
fn pixel_csv_is_rescaled() {
    let text = "569,569\n100,200,0.7853982,E,0.95\n300,400,-1.5707964,B,0\n";
    let t = decode_templates(text.as_bytes(), None, Some(Ppi::new(569.0).unwrap()), &limits()).unwrap().remove(0);
    assert_eq!((t.width(), t.height()), (500, 500));
    let (m, n) = (t.minutiae()[0], t.minutiae()[1]);
    assert!((m.x - (100.5 * 500.0 / 569.0 - 0.5)).abs() < 1e-3);
    assert!((m.direction.degrees() - 45.0).abs() < 1e-3 && (n.direction.degrees() - 270.0).abs() < 1e-3);
    assert_eq!((m.quality, n.quality), (95, 1));
    assert_eq!((m.kind, n.kind), (MinutiaKind::Ending, MinutiaKind::Bifurcation));
}

#[test]
fn formats_say_what_they_cannot_hold() {
    let m = Minutia { x: 1.0, y: 1.0, direction: Angle::default(), kind: MinutiaKind::Ending, quality: 1 };
    let big = FingerTemplate::new(388, 374, vec![m; 256]).unwrap();
    let iso = encode_templates(std::slice::from_ref(&big), TemplateFormat::Iso19794_2).unwrap_err();
    assert_eq!(iso.to_string(), "ISO/IEC 19794-2:2005 holds at most 255 minutiae in a view, not 256");
    let two = encode_templates(&[big.clone(), big.clone()], TemplateFormat::Csv).unwrap_err();
    assert!(matches!(two, FormatError::Capacity { count: 2, max: 1, .. }));
    assert!(matches!(encode_templates(&[big], TemplateFormat::CsvPixels), Err(FormatError::ReadOnly(_))));
}

/// The folder with real records, when it is there.
fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/fingerprint");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is absent", folder.display());
    None
}

fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|e| e.path()) {
        if path.is_dir() {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

#[test]
fn records_of_another_maker_come_back_byte_for_byte() {
    let Some(data) = data() else { return };
    let mut found = Vec::new();
    files(&data, "iso", &mut found);
    let (invalid, valid): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|p| p.components().any(|c| c.as_os_str() == "invalid_iso"));
    assert_eq!(valid.len(), 640);
    for path in valid {
        let bytes = std::fs::read(&path).unwrap();
        let record =
            FingerMinutiaeRecord::decode(&bytes, &limits()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(record.encode().unwrap(), bytes, "{}", path.display());
        assert_eq!(record.to_templates().unwrap().len(), 1);
    }
    assert!(!invalid.is_empty());
    for path in invalid {
        let error = FingerMinutiaeRecord::decode(&std::fs::read(&path).unwrap(), &limits()).unwrap_err();
        assert!(error.to_string().contains("at offset"), "{}: {error}", path.display());
    }
}

#[test]
fn records_of_ansi_are_no_records_of_iso() {
    let one = Record { views: vec![View { width: 300, height: 400, ..View::default() }], ..Record::default() };
    let (short, _) = encode_record(&one, RecordFormat::Ansi2004);
    let (long, _) = encode_record(&Record { long_length: true, ..one.clone() }, RecordFormat::Ansi2004);
    for bytes in [short, long] {
        let refused = FingerMinutiaeRecord::decode(&bytes, &limits()).unwrap_err();
        assert!(matches!(refused, FormatError::Unsupported { offset: 8, .. }), "{refused}");
        // Without a format, they are what they are.
        let templates = decode_templates(&bytes, None, None, &limits()).unwrap();
        assert_eq!((templates[0].width(), templates[0].height()), (300, 400));
        assert_eq!(TemplateFormat::detect(&bytes), None);
    }
    // The lengths decide: these are ISO, and wrong.
    let (iso, _) = encode_record(&one, RecordFormat::Iso2005);
    for (high, low) in [(0, 23), (0, 31), (26, 0), (30, 0), (0, 0xFFFF)] {
        let mut wrong = iso.clone();
        wrong[8..10].copy_from_slice(&u16::to_be_bytes(high));
        wrong[10..12].copy_from_slice(&u16::to_be_bytes(low));
        let ansi = usize::from(high) == wrong.len();
        match FingerMinutiaeRecord::decode(&wrong, &limits()).unwrap_err() {
            FormatError::Unsupported { offset: 8, .. } => assert!(ansi, "{high} {low}"),
            FormatError::Length { offset: 8, .. } => assert!(!ansi, "{high} {low}"),
            other => panic!("{high} {low}: {other}"),
        }
    }
}

#[test]
fn rows_of_an_array_are_read_one_by_one() {
    let values: Vec<f32> = (0..12).map(|i| i as f32 * 0.5).collect();
    let bytes = NpyArray::from_floats(4, 3, values.clone()).unwrap().encode();
    let rows = NpyRows::new(&bytes).unwrap();
    assert_eq!((rows.rows(), rows.columns()), (4, 3));
    for (i, row) in values.chunks(3).enumerate() {
        let mut out = [9.0; 4];
        rows.read(i, &mut out).unwrap();
        assert_eq!((&out[..3], out[3]), (row, 9.0));
    }
    assert!(rows.read(4, &mut [0.0; 3]).is_none() && rows.read(usize::MAX, &mut [0.0; 3]).is_none());
    assert!(NpyRows::new(&NpyArray::from_ints(vec![1, 2]).encode()).is_err());
    // The same numbers in 2 and in 8 bytes.
    let header = |descr: &str| format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (4, 3), }}\n");
    let file = |descr: &str, data: Vec<u8>| {
        let header = header(descr);
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        [b"\x93NUMPY\x01\x00".as_slice(), &length, header.as_bytes(), &data].concat()
    };
    let doubles = file("<f8", values.iter().flat_map(|v| f64::from(*v).to_le_bytes()).collect());
    let halves: Vec<u16> =
        vec![0, 0x3800, 0x3C00, 0x3E00, 0x4000, 0x4100, 0x4200, 0x4300, 0x4400, 0x4480, 0x4500, 0x4580];
    let halves = file("<f2", halves.iter().flat_map(|v| v.to_le_bytes()).collect());
    for bytes in [doubles, halves] {
        let rows = NpyRows::new(&bytes).unwrap();
        let mut out = [0.0; 3];
        rows.read(3, &mut out).unwrap();
        assert_eq!(out, [4.5, 5.0, 5.5]);
        let NpyData::Float(all) = NpyArray::decode(&bytes, &limits()).unwrap().into_data() else { panic!("floats") };
        assert_eq!(all, values);
    }
}

#[test]
fn headers_of_arrays_are_of_any_length_up_to_a_bound() {
    for (length, fits) in [(80, true), (4096, true), (4097, false), (60_000, false)] {
        let header = format!("{:<length$}", "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }");
        let length = u16::try_from(length).unwrap().to_le_bytes();
        let bytes = [b"\x93NUMPY\x01\x00".as_slice(), &length, header.as_bytes(), &[7, 8]].concat();
        assert_eq!(NpyArray::decode(&bytes, &limits()).is_ok(), fits, "{}", header.len());
    }
}

#[test]
fn every_element_type_is_read_with_its_sign() {
    let read = |descr: &str, shape: &str, data: &[u8]| {
        NpyArray::decode(
            &npy(&format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"), data),
            &limits(),
        )
    };
    let ints = |descr: &str, data: &[u8]| match read(descr, "(2,)", data).unwrap().into_data() {
        NpyData::Int(values) => values,
        _ => panic!("{descr} is no float"),
    };
    assert_eq!(ints("|i1", &[0xFF, 0x7F]), [-1, 127]);
    assert_eq!(ints("|u1", &[0xFF, 0x7F]), [255, 127]);
    assert_eq!(ints("|b1", &[0, 1]), [0, 1]);
    assert_eq!(ints("<i2", &[0xFE, 0xFF, 0, 1]), [-2, 256]);
    assert_eq!(ints("<i4", &[0xFD, 0xFF, 0xFF, 0xFF, 0, 0, 1, 0]), [-3, 65_536]);
    assert_eq!(ints("<i8", &[[0xFC, 0xFF, 0xFF, 0xFF], [0xFF; 4], [0; 4], [1, 0, 0, 0]].concat()), [-4, 1 << 32]);
    for descr in [">i2", "<u2", "<f1", "|S1", "i4", ""] {
        assert!(read(descr, "(2,)", &[0; 8]).is_err(), "{descr}");
    }
    for (shape, count) in [("(6,)", 6), ("(6, )", 6), ("(2, 3)", 6), ("(2,3,)", 6), ("(0,)", 0), ("(0, 7)", 0)] {
        assert!(read("|u1", shape, &vec![0; count]).is_ok(), "{shape}");
    }
    for shape in
        ["(6)", "(6,,)", "(2,3,,)", "(2,3,1)", "(,)", "()", "6", "(-6,)", "(6, x)", "(2, 3", "(99999999999999999999,)"]
    {
        assert!(read("|u1", shape, &[0; 6]).is_err(), "{shape}");
    }
}
