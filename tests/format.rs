//! Templates and `.npy` through the public API: round trips, hostile bytes, options of decoding.

use proptest::prelude::*;
use selfsame::format::npy::{NpyArray, NpyData, NpyRows};
use selfsame::format::{
    DecodeOptions, FormatError, Lost, Mending, Record, RecordKind, RecordMinutia, TemplateFormat, View, decode, detect,
    encode,
};
use selfsame::geometry::Angle;
use selfsame::{FingerPosition, FingerTemplate, Limits, Minutia, MinutiaKind, Ppi};

fn limits() -> Limits {
    Limits::default()
}

fn written(templates: &[FingerTemplate], format: TemplateFormat) -> Vec<u8> {
    encode(&Record::from_templates(templates), format).0
}

fn read(bytes: &[u8], ppi: Option<Ppi>) -> Result<Vec<FingerTemplate>, FormatError> {
    decode(bytes, &DecodeOptions { ppi, ..DecodeOptions::default() }, &limits())?.to_templates()
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn iso_round_trip_within_its_own_rounding(templates in prop::collection::vec(template(255), 1..4)) {
        let bytes = written(&templates, TemplateFormat::Iso2005);
        let back = read(&bytes, None).unwrap();
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
        prop_assert_eq!(written(&back, TemplateFormat::Iso2005), bytes);
    }

    #[test]
    fn csv_round_trip_keeps_every_bit_but_the_angle_s_last(a in template(300)) {
        let bytes = written(std::slice::from_ref(&a), TemplateFormat::Csv);
        let back = read(&bytes, None).unwrap();
        prop_assert_eq!(back[0].minutiae().len(), a.minutiae().len());
        for (m, n) in a.minutiae().iter().zip(back[0].minutiae()) {
            prop_assert_eq!((m.x, m.y, m.kind, m.quality), (n.x, n.y, n.kind, n.quality));
            prop_assert!(m.direction.difference(n.direction).abs() < 2e-6);
        }
    }

    #[test]
    fn decoders_never_panic_on_noise(noise in prop::collection::vec(any::<u8>(), 0..400), prefix in 0usize..6) {
        let prefixes: [&[u8]; 6] = [b"", b"FMR\0 20\0", b"x,y,angle_degrees,type,quality\n", b"9,9\n", b"\x93NUMPY\x01\0", b"FMR\0"];
        let mut bytes = prefixes[prefix].to_vec();
        bytes.extend(noise);
        for ppi in [None, Some(Ppi::P500)] {
            for format in [None].into_iter().chain(TemplateFormat::ALL.map(Some)) {
                for lenient in [false, true] {
                    let _ = decode(&bytes, &DecodeOptions { format, ppi, lenient, ..DecodeOptions::default() }, &limits());
                }
            }
        }
        let _ = NpyArray::decode(&bytes, &limits());
    }

    #[test]
    fn mutated_csv_never_panics(a in template(5), at in any::<prop::sample::Index>(), value in any::<u8>()) {
        for format in [TemplateFormat::Csv, TemplateFormat::CsvPixels] {
            let mut bytes = written(std::slice::from_ref(&a), format);
            let i = at.index(bytes.len());
            bytes[i] = value;
            let _ = read(&bytes, Some(Ppi::P500));
            let options = DecodeOptions { format: Some(format), ppi: Some(Ppi::P500), ..DecodeOptions::default() };
            let _ = decode(&bytes, &options, &limits());
        }
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
fn npy_of_other_machines_and_orders_is_read() {
    let read = |descr: &str, order: &str, shape: &str, data: &[u8]| {
        let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
        let bytes = npy(&header, data);
        let array = NpyArray::decode(&bytes, &limits()).unwrap_or_else(|e| panic!("{descr} {shape}: {e}"));
        if let (NpyData::Float(values), Ok(rows)) = (array.data(), NpyRows::new(&bytes)) {
            // Row by row it is the same.
            let mut row = vec![0.0; array.columns()];
            for (index, expected) in values.chunks(array.columns()).enumerate() {
                assert!(rows.read(index, &mut row).is_some() && row == expected, "{descr} {order} {shape}");
            }
            assert!(rows.read(array.rows(), &mut row).is_none());
        }
        (array.rows(), array.columns(), array.dimensions(), array.into_data())
    };
    let floats = |values: &[f32]| values.iter().flat_map(|v| v.to_be_bytes()).collect::<Vec<u8>>();
    let six = [1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0];
    assert!(read(">f4", "False", "(2, 3)", &floats(&six)) == (2, 3, 2, NpyData::Float(six.to_vec())));
    // Column after column.
    let turned = NpyData::Float(vec![1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
    assert!(read(">f4", "True", "(2, 3)", &floats(&six)) == (2, 3, 2, turned));
    for shape in ["(2, 1, 3)", "(1, 2, 3)", "(2, 3, 1)", "(2,3)"] {
        assert!(read(">f4", "False", shape, &floats(&six)) == (2, 3, 2, NpyData::Float(six.to_vec())), "{shape}");
    }
    let wide: Vec<u8> = [1.5f64, -0.25].iter().flat_map(|v| v.to_be_bytes()).collect();
    assert!(read(">f8", "True", "(2,)", &wide) == (2, 1, 1, NpyData::Float(vec![1.5, -0.25])));
    assert!(read(">f2", "False", "(1,)", &[0x3E, 0x00]).3 == NpyData::Float(vec![1.5]));
    for (descr, data, value) in [
        ("<u2", &[0xFF, 0xFE][..], 0xFEFF),
        (">u2", &[0xFF, 0xFE], 0xFFFE),
        (">i2", &[0xFF, 0xFE], -2),
        ("<u4", &[0, 0, 0, 0x80], 1 << 31),
        (">i4", &[0x80, 0, 0, 0], -(1 << 31)),
        (">u8", &[0, 0, 0, 0, 0, 0, 0, 9], 9),
        (">i8", &[0xFF; 8], -1),
        ("|i1", &[0x80], -128),
        ("|u1", &[0x80], 128),
    ] {
        assert!(read(descr, "False", "(1,)", data).3 == NpyData::Int(vec![value]), "{descr}");
    }
    let wide = |text: &str, big: bool| {
        let units = text.chars().map(u32::from);
        units.flat_map(|c| if big { c.to_be_bytes() } else { c.to_le_bytes() }).collect::<Vec<u8>>()
    };
    let words = || NpyData::Text(vec!["Ada".to_owned(), "Zo\u{EB}".to_owned(), String::new()]);
    assert!(read("<U4", "False", "(3,)", &wide("Ada\0Zo\u{EB}\0\0\0\0\0", false)) == (3, 1, 1, words()));
    assert!(read(">U4", "False", "(3,)", &wide("Ada\0Zo\u{EB}\0\0\0\0\0", true)).3 == words());
    assert!(read("|S4", "False", "(3,)", "Ada\0Zo\u{EB}\0\0\0\0".as_bytes()).3 == words());
    // Labels are written and read again.
    let bytes =
        npy("{'descr': '<U4', 'fortran_order': False, 'shape': (3,), }", &wide("Ada\0Zo\u{EB}\0\0\0\0\0", false));
    let labels = NpyArray::decode(&bytes, &limits()).unwrap();
    assert!(NpyArray::decode(&labels.encode(), &limits()).unwrap() == labels);
    assert!(NpyRows::new(&bytes).unwrap_err().to_string().contains("text, not floats"));
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
    let header = |descr: &str, order: &str, shape: &str| {
        format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}")
    };
    for (descr, order, shape, bytes, named) in [
        ("'<f4'", "False", "(2, 2, 2)", 32, "three dimensions"),
        ("'<f4'", "False", "(1, 2, 1, 2)", 16, "more than three"),
        ("'<f4'", "False", "()", 4, "the shape"),
        ("'<f4'", "Maybe", "(1,)", 4, "fortran_order"),
        ("'|O'", "False", "(1,)", 4, "Python objects"),
        ("'<c8'", "False", "(1,)", 8, "complex"),
        ("'<M8[us]'", "False", "(1,)", 8, "dates"),
        ("'|V8'", "False", "(1,)", 8, "plain bytes"),
        ("'<f16'", "False", "(1,)", 16, "more than 64 bits"),
        ("'=f4'", "False", "(1,)", 4, "byte order"),
        ("'|f4'", "False", "(1,)", 4, "byte order"),
        ("'<U0'", "False", "(1,)", 0, "no length"),
        ("[('x', '<f4')]", "False", "(1,)", 4, "named fields"),
        ("'<q7'", "False", "(1,)", 4, "element type"),
    ] {
        let error = refused(&header(descr, order, shape), &vec![0; bytes]);
        assert!(matches!(error, FormatError::Header { .. }) && error.to_string().contains(named), "{descr}: {error}");
    }
    // More than the largest integer with a sign, and what is no character.
    let text = |descr: &str, data: &[u8]| refused(&header(descr, "False", "(1,)"), data).to_string();
    assert!(text("'<u8'", &[255; 8]).contains("above the largest"));
    assert!(text("'<U1'", &[255; 4]).contains("no character"));
    assert!(text("'|S2'", &[255; 2]).contains("no character"));
    let zip = NpyArray::decode(b"PK\x03\x04 and so on", &limits()).unwrap_err().to_string();
    assert!(zip.contains("this is a ZIP archive, not a NumPy .npy file: unpack it first"), "{zip}");
    assert!(matches!(
        refused("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", &[0; 4]),
        FormatError::Header { .. }
    ));
    assert_eq!(NpyArray::decode(b"", &limits()).unwrap_err(), FormatError::Empty);
    assert!(matches!(NpyArray::decode(b"FMR\0", &limits()), Err(FormatError::Kind { .. })));
    assert!(matches!(NpyArray::decode(b"hello", &limits()), Err(FormatError::Signature { .. })));
}

#[test]
fn resolution_of_the_record_is_honored() {
    let direction = Angle::from_degrees(45.0);
    let minutia = RecordMinutia { x: 200.0, y: 100.0, direction, kind: RecordKind::Ending, quality: 0, reserved: 0 };
    let record = |x_resolution, y_resolution| {
        let minutiae = vec![minutia];
        let view = View { width: 800, height: 600, x_resolution, y_resolution, minutiae, ..View::default() };
        Record { views: vec![view], ..Record::default() }
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
    let good = written(&[template], TemplateFormat::Iso2005);
    let with = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        read(&bytes, None).unwrap_err().to_string()
    };
    assert_eq!(
        with(11, 31),
        "the record length at offset 8 is 31 bytes, the input has 30; a lenient reading (`DecodeOptions::lenient`) would \
         mend it: the record length at offset 8 says 31 bytes, 30 were taken"
    );
    assert_eq!(with(19, 20), "horizontal resolution at offset 18 is 20: 99 to 1575 pixels per cm are allowed");
    assert_eq!(with(27, 3), "truncated at offset 28: minutiae needs 18 bytes, 2 are left");
    assert_eq!(with(29, 3), "truncated at offset 30: extension area needs 3 bytes, 0 are left");
    assert_eq!(with(24, 11), "finger position at offset 24 is 11: 0 to 10 are allowed");
    let csv = |text: &str| read(text.as_bytes(), Some(Ppi::P500)).unwrap_err().to_string();
    assert_eq!(csv("x,y,angle_degrees,type,quality\n1,2,3,E,40\n1,NaN,3,E,40\n"), "line 3: a position is not a number");
    assert_eq!(csv("x,y,angle_degrees,type,quality\n1,2,3,E\n"), "line 2: too few fields");
    assert_eq!(csv("388,374\n1,2,3,X,0.5\n"), "line 2: the type is not E, B or O");
    assert_eq!(csv("hello"), "not a template: the bytes match none of the formats that can be detected");
    assert_eq!(csv(""), "the input is empty");
    assert_eq!(read(b"388,374\n", None).unwrap_err(), FormatError::PpiMissing);
}

#[test]
fn pixel_csv_is_rescaled() {
    let text = "569,569\n100,200,0.7853982,E,0.95\n300,400,-1.5707964,B,0\n";
    let t = read(text.as_bytes(), Some(Ppi::new(569.0).unwrap())).unwrap().remove(0);
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
    let two = Record::from_templates(&[big.clone(), big]);
    assert_eq!(encode(&two, TemplateFormat::Iso2005).1.iter().collect::<Vec<_>>(), [(Lost::Minutiae, 2)]);
    assert_eq!(encode(&two, TemplateFormat::Csv).1.iter().collect::<Vec<_>>(), [(Lost::Views, 1), (Lost::Sizes, 1)]);
    assert_eq!(encode(&two, TemplateFormat::CsvPixels).1.iter().collect::<Vec<_>>(), [(Lost::Views, 1)]);
}

#[test]
fn the_finger_and_the_view_are_chosen() {
    let of = |position, number| View { position, number, width: 300, height: 400, ..View::default() };
    let (thumb, index) = (FingerPosition::RightThumb, FingerPosition::RightIndex);
    let views = vec![of(thumb, 0), of(index, 0), of(index, 1)];
    let (bytes, _) = encode(&Record { views, ..Record::default() }, TemplateFormat::Iso2005);
    let found = |finger, view| {
        let read = decode(&bytes, &DecodeOptions { finger, view, ..DecodeOptions::default() }, &limits());
        read.map(|record| record.views.iter().map(|v| (v.position, v.number)).collect::<Vec<_>>())
    };
    assert_eq!(found(None, None).unwrap().len(), 3);
    assert_eq!(found(Some(index), None).unwrap(), [(index, 0), (index, 1)]);
    assert_eq!(found(None, Some(0)).unwrap(), [(thumb, 0), (index, 0)]);
    assert_eq!(found(Some(index), Some(1)).unwrap(), [(index, 1)]);
    for (finger, view) in [(thumb, Some(1)), (FingerPosition::LeftThumb, None)] {
        let error = found(Some(finger), view).unwrap_err();
        assert!(matches!(&error, FormatError::NoView { inside } if inside.len() == 3), "{error}");
        assert!(error.to_string().contains("place 2: right index finger, view number 1, live plain, 0 minutiae"));
    }
}

#[test]
fn lenient_decoding_reads_on_where_makers_were_careless() {
    let minutia = |x| {
        let direction = Angle::from_degrees(45.0);
        RecordMinutia { x, y: 9.0, direction, kind: RecordKind::Ending, quality: 50, reserved: 0 }
    };
    let view = View { width: 300, height: 400, minutiae: vec![minutia(20.0), minutia(299.0)], ..View::default() };
    let record = Record { views: vec![view], ..Record::default() };
    for format in &TemplateFormat::ALL[..5] {
        let (mut bytes, losses) = encode(&record, *format);
        assert!(losses.is_empty());
        // The image is declared narrower than a minutia's place.
        let width = bytes.windows(2).position(|w| w == 300u16.to_be_bytes()).unwrap();
        bytes[width..width + 2].copy_from_slice(&200u16.to_be_bytes());
        let read =
            |bytes: &[u8], lenient| decode(bytes, &DecodeOptions { lenient, ..DecodeOptions::default() }, &limits());
        let reason = |read: Result<Record, FormatError>| match read {
            Err(FormatError::Mendable { reason, mendings }) => (*reason, mendings),
            other => panic!("{format:?}: {other:?}"),
        };
        let outside = vec![Mending::Outside { minutiae: 1 }];
        assert!(matches!(reason(read(&bytes, false)), (FormatError::Outside { .. }, m) if m == outside), "{format:?}");
        assert_eq!(detect(&bytes), Some(*format));
        let mended = outside;
        let outside = read(&bytes, true).unwrap();
        assert_eq!(outside.mendings, mended);
        assert_eq!((outside.views[0].minutiae.len(), outside.views[0].width), (2, 200));
        assert_eq!(outside.to_templates().unwrap()[0].minutiae()[1].x, 299.0);
        // What follows the end, as in a field of fixed size.
        let (padded, _) = encode(&record, *format);
        let padded = [padded.as_slice(), &[0; 9]].concat();
        assert!(matches!(reason(read(&padded, false)), (FormatError::Length { .. }, _)), "{format:?}");
        assert_eq!(read(&padded, true).unwrap().views[0].minutiae.len(), 2, "{format:?}");
        // A cut record stays an error.
        assert!(read(&padded[..padded.len() - 12], true).is_err(), "{format:?}");
    }
}

#[test]
fn the_first_editions_are_detected_by_their_lengths() {
    let one = Record { views: vec![View { width: 300, height: 400, ..View::default() }], ..Record::default() };
    let (short, _) = encode(&one, TemplateFormat::Ansi2004);
    let (long, _) = encode(&Record { long_length: true, ..one.clone() }, TemplateFormat::Ansi2004);
    for bytes in [short, long] {
        assert_eq!(detect(&bytes), Some(TemplateFormat::Ansi2004));
        let templates = read(&bytes, None).unwrap();
        assert_eq!((templates[0].width(), templates[0].height()), (300, 400));
    }
    // Wrong lengths are those of the edition whose length is likely.
    let (iso, _) = encode(&one, TemplateFormat::Iso2005);
    for (high, low, ansi) in [(0, 23, true), (0, 31, false), (26, 0, true), (30, 0, true), (0, 0xFFFF, false)] {
        let mut wrong = iso.clone();
        wrong[8..10].copy_from_slice(&u16::to_be_bytes(high));
        wrong[10..12].copy_from_slice(&u16::to_be_bytes(low));
        let expected = if ansi { TemplateFormat::Ansi2004 } else { TemplateFormat::Iso2005 };
        assert_eq!(detect(&wrong), Some(expected), "{high} {low}");
        assert!(read(&wrong, None).is_err());
    }
    // An edition that nobody knows.
    let mut unknown = iso;
    unknown[4..8].copy_from_slice(b"040\0");
    assert!(matches!(read(&unknown, None), Err(FormatError::Unsupported { offset: 4, .. })));
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
        ["(6)", "(6,,)", "(2,3,,)", "(2,3,4)", "(,)", "()", "6", "(-6,)", "(6, x)", "(2, 3", "(99999999999999999999,)"]
    {
        assert!(read("|u1", shape, &[0; 6]).is_err(), "{shape}");
    }
}
