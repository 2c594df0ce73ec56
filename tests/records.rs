//! Records of every template format through the public API: byte vectors, round trips, hostile bytes, real records.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use selfsame::fingerprint::quality::QualityReason;
use selfsame::fingerprint::singular::{PatternClass, SingularKind, SingularPoint};
use selfsame::fingerprint::template::{ExtractionMethod, RidgeFlow};
use selfsame::format::an2k::An2kFile;
use selfsame::format::{
    Capture, Core, DecodeOptions, Delta, Device, Extension, ExtensionLength, FileKind, FormatError, Lost, Mending,
    Record, RecordKind, RecordMinutia, SampleQuality, TemplateFormat, TextEncoding, View, decode, decode_text, detect,
    encode,
};
use selfsame::geometry::Angle;
use selfsame::synth::{Level, PrintGenerator, TemplateGenerator};
use selfsame::{
    Comparator, Extractor, Finger, FingerPosition, FingerTemplate, Limits, Minutia, MinutiaKind, Ppi, Score,
};

fn limits() -> Limits {
    Limits::default()
}

fn read(bytes: &[u8], format: impl Into<Option<TemplateFormat>>, limits: &Limits) -> Result<Record, FormatError> {
    decode(bytes, &DecodeOptions { format: format.into(), ppi: Some(Ppi::P500), ..DecodeOptions::default() }, limits)
}

fn decoded(bytes: &[u8], format: TemplateFormat) -> Record {
    read(bytes, format, &limits()).unwrap_or_else(|e| panic!("{format:?}: {e}"))
}

fn refused(bytes: &[u8], format: TemplateFormat) -> String {
    read(bytes, format, &limits()).expect_err("is refused").to_string()
}

/// Decodes, checks that detection agrees and that writing gives the same bytes without losses.
fn same(bytes: &[u8], format: TemplateFormat) -> Record {
    assert_eq!(detect(bytes), Some(format));
    let record = decoded(bytes, format);
    let (again, losses) = encode(&record, format);
    assert_eq!(again, bytes, "{format:?}");
    // The image's size is not in the text; the smallest that holds all is no more than a guess.
    let guessed = format == TemplateFormat::XytNist && losses.iter().eq([(Lost::Sizes, 1)]);
    assert!(losses.is_empty() || guessed, "{format:?}: {losses}");
    record
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|c| u8::from_str_radix(std::str::from_utf8(c).unwrap(), 16).unwrap()).collect()
}

/// A view of ISO-2005: right index, view 0, plain, quality 80, an ending at (100, 50), 45 degrees, and a fork with the reserved
/// bits set, then an extension area.
fn iso2005(area: &str) -> Vec<u8> {
    let area = hex(area);
    let total = 24 + 4 + 12 + 2 + area.len();
    let mut out = hex("464d5200 20323000");
    out.extend((total as u32).to_be_bytes());
    out.extend(hex("8abc 0184 0176 00c5 00c6 01 07"));
    out.extend(hex("02 00 50 02  4064 0032 20 3c  8010 c020 ff 00"));
    out.extend((area.len() as u16).to_be_bytes());
    out.extend(area);
    out
}

#[test]
fn iso_2005_by_hand() {
    let record = same(&iso2005(""), TemplateFormat::Iso2005);
    assert_eq!(record.device, Device { certification: 8, id: 0xABC, ..Device::default() });
    let view = &record.views[0];
    assert_eq!((view.position, view.width, view.height), (FingerPosition::RightIndex, 388, 374));
    assert_eq!((view.x_resolution, view.y_resolution, view.number, view.impression), (197, 198, 0, 0));
    let (m, n) = (view.minutiae[0], view.minutiae[1]);
    assert_eq!((m.x, m.y, m.kind, m.quality, m.direction.degrees()), (100.0, 50.0, RecordKind::Ending, 60, 45.0));
    assert_eq!((n.kind, n.reserved, n.quality), (RecordKind::Bifurcation, 3, 0));
    let template = record.to_templates().unwrap().remove(0);
    assert_eq!((template.width(), template.quality()), (388, Some(80)));
    // 197 pixels per cm is 500.38 ppi: nothing is rescaled.
    assert_eq!(template.minutiae()[0].x, 100.0);
}

#[test]
fn both_lengths_of_extensions_are_read_and_written_back() {
    // Cores and deltas: one core with a direction, one delta without.
    let data = "01 4040 0030 40 01 0050 0060";
    let exclusive = same(&iso2005(&format!("0002 000b {data} 0101 0003 010203")), TemplateFormat::Iso2005);
    let inclusive = same(&iso2005(&format!("0002 000f {data} 0101 0007 010203")), TemplateFormat::Iso2005);
    assert_eq!(exclusive.views[0].extension_length, ExtensionLength::Standard);
    assert_eq!(inclusive.views[0].extension_length, ExtensionLength::Inclusive);
    assert_eq!(exclusive.views[0].extensions, inclusive.views[0].extensions);
    let core = exclusive.views[0].cores().next().unwrap();
    assert_eq!((core.x, core.y, core.direction), (64.0, 48.0, Some(Angle::from_degrees(90.0))));
    assert_eq!(exclusive.views[0].deltas().next().unwrap().directions, None);
    assert_eq!(exclusive.views[0].extensions[1], Extension::Other { code: 0x0101, data: vec![1, 2, 3] });
    assert!(refused(&iso2005("0101 0009 010203"), TemplateFormat::Iso2005).contains("offset 44"));
}

#[test]
fn extensions_that_are_not_as_their_type_says_stay_bytes() {
    // Zero cell width (a division by zero elsewhere), 0 and 17 bits, cut cores, 16 deltas, ridge counts that are no triples.
    for area in [
        "0003 0004 00080401",
        "0003 0004 08080001",
        "0003 0004 08081101",
        "0002 0003 02 4040",
        "0002 0002 0010",
        "0001 0003 010203",
    ] {
        let record = same(&iso2005(area), TemplateFormat::Iso2005);
        assert!(matches!(record.views[0].extensions[..], [Extension::Other { .. }]), "{area}");
    }
    let record = same(&iso2005("0001 0007 01 000102 000103 0003 0005 10 10 04 1234"), TemplateFormat::Iso2005);
    assert!(
        matches!(record.views[0].extensions[0], Extension::RidgeCounts { method: 1, ref counts } if counts.len() == 2)
    );
    assert!(matches!(record.views[0].extensions[1], Extension::Zones { bits: 4, ref packed, .. } if packed.len() == 2));
}

#[test]
fn ansi_2004_by_hand_short_and_long() {
    let body = "001b 0201 1002 0184 0176 00c4 00c8 01 00  07 10 50 01  4064 0032 17 3c  0000";
    let short = hex(&format!("464d5200 20323000 0026 {body}"));
    let long = hex(&format!("464d5200 20323000 0000 0000002a {body}"));
    for bytes in [&short, &long] {
        let record = same(bytes, TemplateFormat::Ansi2004);
        assert_eq!((record.device.vendor, record.device.subformat, record.device.id), (27, 0x0201, 2));
        let view = &record.views[0];
        assert_eq!((view.position, view.number), (FingerPosition::LeftIndex, 1));
        assert_eq!((view.width, view.height, view.x_resolution, view.y_resolution), (388, 374, 196, 200));
        // Code 23 stands for (44, 46] degrees.
        assert!((view.minutiae[0].direction.degrees() - 45.0).abs() < 1e-4);
    }
    let mut wrong = short.clone();
    wrong[36 - 2] = 180;
    assert!(refused(&wrong, TemplateFormat::Ansi2004).contains("minutia direction at offset 34"));
    // The same signature as ISO, told by the length.
    assert!(refused(&short, TemplateFormat::Iso2005).contains("record length"));
}

#[test]
fn ansi_cores_share_one_flag() {
    let record = |area: &str| {
        let area = hex(area);
        let head = hex("001b 0201 0000 0184 0176 00c5 00c5 01 00  00 00 00 00");
        let total = 8 + 2 + head.len() + 2 + area.len();
        let mut out = hex("464d5200 20323000");
        out.extend((total as u16).to_be_bytes());
        out.extend(head);
        out.extend((area.len() as u16).to_be_bytes());
        out.extend(area);
        out
    };
    let with = same(&record("0002 0012 41 0040 0030 17 41 0050 0060 01 3c 78"), TemplateFormat::Ansi2004);
    assert!((with.views[0].cores().next().unwrap().direction.unwrap().degrees() - 45.0).abs() < 1e-4);
    assert!(with.views[0].deltas().next().unwrap().directions.is_some());
    // Extension lengths below their own header: an underflow elsewhere.
    for length in 0..4 {
        let error = refused(&record(&format!("0002 000{length}")), TemplateFormat::Ansi2004);
        assert!(error.contains("extension length"), "{error}");
    }
    // Mixed directions have no place here.
    let mut mixed = with.clone();
    let Extension::Singular { cores, .. } = &mut mixed.views[0].extensions[0] else { panic!("cores") };
    cores.push(Core { x: 1.0, y: 2.0, direction: None });
    let (bytes, losses) = encode(&mixed, TemplateFormat::Ansi2004);
    assert_eq!(losses.count(Lost::SingularDirections), 1);
    assert_eq!(decoded(&bytes, TemplateFormat::Ansi2004).views[0].cores().count(), 2);
}

#[test]
fn ansi_2009_and_its_amendment_by_hand() {
    let body = "0000003a 001b 0201 c0 1234 01 00  07 00 00 50 0011 0022 0184 0176 00c4 00c8 01  4064 0032 17 3c  \
                000c 0101 000c 0102030405060708";
    let bytes = hex(&format!("464d5200 30333000 {body}"));
    let record = same(&bytes, TemplateFormat::Ansi2009);
    assert_eq!((record.device.certification, record.device.id), (0xC0, 0x1234));
    assert_eq!(record.views[0].qualities, [SampleQuality { score: 80, vendor: 17, algorithm: 34 }]);
    let view = &record.views[0];
    assert_eq!((view.width, view.height, view.x_resolution, view.y_resolution), (388, 374, 196, 200));
    same(&hex(&format!("464d5200 30333500 {body}")), TemplateFormat::Ansi2009Am1);
}

fn iso2011(minutia_size: &str, minutiae: &str) -> Vec<u8> {
    let view = hex(&format!(
        "07ea 0b 1b 0c 22 00 01f4  14 0011 0022  02 50 0011 0001 5a 0012 0002  01 0003 01  06 00 00c4 00c8 00 0184 0176 \
         {minutia_size} 02 {minutiae} 0000"
    ));
    let mut out = hex("464d5200 30333000");
    out.extend((15 + 4 + view.len() as u32).to_be_bytes());
    out.extend(hex("0001 01"));
    out.extend((4 + view.len() as u32).to_be_bytes());
    out.extend(view);
    out
}

#[test]
fn iso_2011_by_hand_with_five_and_six_bytes() {
    let six = same(&iso2011("61", "4064 0032 20 3c 8010 0020 ff 00"), TemplateFormat::Iso2011);
    let five = same(&iso2011("50", "4064 0032 20 8010 0020 ff"), TemplateFormat::Iso2011);
    assert_eq!((five.views[0].five_bytes, five.views[0].ending, six.views[0].ending), (true, 0, 1));
    let view = &six.views[0];
    assert_eq!((view.position, view.qualities.len(), view.minutiae[0].quality), (FingerPosition::LeftThumb, 2, 60));
    let capture = view.capture.as_deref().unwrap();
    assert_eq!(capture.certifications.as_deref(), Some(&[[0, 3, 1]][..]));
    // The first sensor stands for the record's, and the other way round.
    assert_eq!((six.device.vendor, six.device.id, capture.vendor, capture.device), (0x11, 0x22, 0x11, 0x22));
    let device = Device { vendor: 0x1234, id: 0x5678, ..Device::default() };
    let bare = Record { device, views: vec![View { capture: None, ..view.clone() }], ..Record::default() };
    let again = decoded(&encode(&bare, TemplateFormat::Iso2011).0, TemplateFormat::Iso2011);
    assert_eq!(again.device, device);
    assert_eq!((view.width, view.height, view.x_resolution, view.y_resolution), (388, 374, 196, 200));
    assert_eq!((view.number, view.impression, capture.technology), (0, 0, 0x14));
    let (_, losses) = encode(&six, TemplateFormat::Iso2005);
    assert_eq!((losses.count(Lost::Captures), losses.count(Lost::Qualities)), (1, 1));
    // A representation that says it is longer than it is.
    let mut wrong = iso2011("61", "4064 0032 20 3c 8010 0020 ff 00");
    wrong[18] -= 1;
    assert!(refused(&wrong, TemplateFormat::Iso2011).contains("offset 15"));
}

#[test]
fn cards_by_hand() {
    // 40.0 and 90 tenths of a millimeter, ending, 8 of 64 steps: 45 degrees.
    let bytes = [40, 90, 0x48, 255, 0, 0x80 | 63];
    let record = decoded(&bytes, TemplateFormat::CardCompact);
    assert_eq!(encode(&record, TemplateFormat::CardCompact).0, bytes);
    let template = record.to_templates().unwrap().remove(0);
    let m = template.minutiae()[0];
    // 4 mm are 78.7 pixels at 500 ppi.
    assert!((m.x - 4.0 / 25.4 * 500.0).abs() < 0.6 && (m.y - 9.0 / 25.4 * 500.0).abs() < 0.6);
    assert_eq!((m.kind, m.direction.degrees()), (MinutiaKind::Ending, 45.0));
    assert!(refused(&bytes[..5], TemplateFormat::CardCompact).contains("offset 3"));
    let bytes = hex("4190 0384 20 8010 0020 ff");
    let record = decoded(&bytes, TemplateFormat::CardNormal);
    assert_eq!(encode(&record, TemplateFormat::CardNormal).0, bytes);
    assert!((record.to_templates().unwrap()[0].minutiae()[0].x - 78.7).abs() < 0.6);
    assert!(decoded(b"", TemplateFormat::CardCompact).views[0].minutiae.is_empty());
    // Beyond 25.5 mm nothing is kept.
    let far = Minutia { x: 600.0, y: 9.0, direction: Angle::default(), kind: MinutiaKind::Ending, quality: 0 };
    let record = Record::from_templates(&[FingerTemplate::new(700, 20, vec![far]).unwrap()]);
    assert_eq!(encode(&record, TemplateFormat::CardCompact).1.count(Lost::Minutiae), 1);
}

#[test]
fn xyt_by_hand_in_both_conventions() {
    let text = b"10 200 90 80\n30 40 350 0\n";
    let record = same(text, TemplateFormat::XytNist);
    let (m, n) = (record.views[0].minutiae[0], record.views[0].minutiae[1]);
    // y from the bottom, the opposite direction.
    assert_eq!((m.x, m.y, n.y, m.quality), (10.0, 0.0, 160.0, 80));
    assert!((m.direction.degrees() - 270.0).abs() < 1e-3 && (n.direction.degrees() - 170.0).abs() < 1e-3);
    let m1 = decoded(b"10 200 90 80\n", TemplateFormat::XytM1);
    assert_eq!(m1.views[0].minutiae[0].y, 200.0);
    // Units of 2 degrees: 90 stands for 180 to 182.
    assert!((m1.views[0].minutiae[0].direction.degrees() - 181.0).abs() < 1e-3);
    assert_eq!(encode(&m1, TemplateFormat::XytM1).0, b"10 200 90 80\n");
    assert!(refused(b"1 2 180\n", TemplateFormat::XytM1).contains("line 1"));
    assert!(refused(b"1 2 3 4\n1 2 360 4\n", TemplateFormat::XytNist).contains("line 2"));
    for bad in [&b"1 2\n"[..], b"1 2 3 4 5\n", b"1 -2 3\n", b"1 2 3 101\n", b"99999 1 1 1\n", b"\xFF\n"] {
        assert!(read(bad, TemplateFormat::XytNist, &limits()).is_err());
    }
}

/// A map as Jackson writes it: indefinite, an unknown key, whole and broken numbers of several widths.
fn sourceafis() -> Vec<u8> {
    let mut out = vec![0xBF];
    let text = |out: &mut Vec<u8>, t: &str| {
        out.push(0x60 | t.len() as u8);
        out.extend(t.bytes());
    };
    text(&mut out, "version");
    text(&mut out, "3.18.1-java");
    text(&mut out, "width");
    out.extend(hex("19 0184"));
    text(&mut out, "height");
    out.extend(hex("18 64"));
    text(&mut out, "more");
    out.extend(hex("9f 01 a1 6161 f5 ff"));
    text(&mut out, "positionsX");
    out.extend(hex("9f 18 64 05 ff"));
    text(&mut out, "positionsY");
    out.extend(hex("82 18 32 06"));
    text(&mut out, "directions");
    // 90 degrees as a float of 64 bits, 0 as one of 16.
    out.extend(hex("82 fb 3ff921fb54442d18 f9 0000"));
    text(&mut out, "types");
    text(&mut out, "EB");
    out.push(0xFF);
    out
}

#[test]
fn sourceafis_by_hand() {
    let bytes = sourceafis();
    assert_eq!(detect(&bytes), Some(TemplateFormat::SourceAfis));
    let record = decoded(&bytes, TemplateFormat::SourceAfis);
    let view = &record.views[0];
    assert_eq!((view.width, view.height, view.minutiae[0].x, view.minutiae[1].y), (388, 100, 100.0, 6.0));
    // Clockwise there: 90 is 270 here.
    assert!((view.minutiae[0].direction.degrees() - 270.0).abs() < 1e-3);
    assert_eq!(view.minutiae[1].kind, RecordKind::Bifurcation);
    let (again, losses) = encode(&record, TemplateFormat::SourceAfis);
    assert!(losses.is_empty());
    let back = decoded(&again, TemplateFormat::SourceAfis);
    assert_eq!(back.views[0].minutiae.len(), 2);
    assert!((back.views[0].minutiae[0].direction.difference(view.minutiae[0].direction)).abs() < 1e-6);
    for cut in 0..bytes.len() {
        assert!(read(&bytes[..cut], TemplateFormat::SourceAfis, &limits()).is_err(), "{cut}");
    }
    // Nested without end, and an array that claims 2^63 numbers.
    let mut deep = hex("a1 6161");
    deep.extend([0x81; 1000]);
    assert!(refused(&deep, TemplateFormat::SourceAfis).contains("deeply"));
    let mut huge = hex("a1 6a");
    huge.extend(b"positionsX");
    huge.extend(hex("9b 8000000000000000 01"));
    assert!(refused(&huge, TemplateFormat::SourceAfis).contains("truncated"));
}

#[test]
fn piv_by_hand() {
    let inside =
        hex("464d5200 20323000 0026 001b 0201 1002 0184 0176 00c5 00c5 01 00  07 10 50 01  4064 0032 17 3c  0000");
    let mut bytes = hex("03 0d 00000026 0004 001b 0201");
    bytes.extend([0x20; 24]);
    bytes.extend(hex("000008 80 50"));
    bytes.extend(b"a creator's name\0\0");
    bytes.extend([0xD1; 25]);
    bytes.extend([0; 4]);
    assert_eq!(bytes.len(), 88);
    bytes.extend(&inside);
    bytes.extend(hex("deadbeef"));
    let record = same(&bytes, TemplateFormat::Piv);
    let wrapper = record.wrapper.as_deref().unwrap();
    let shown = format!("{wrapper:?}");
    assert!(shown.contains("Ansi2004") && shown.contains("signature_bytes: 4") && !shown.contains("222"), "{shown}");
    assert_eq!((wrapper.inner, &wrapper.signature[..]), (TemplateFormat::Ansi2004, &hex("deadbeef")[..]));
    let (plain, losses) = encode(&record, TemplateFormat::Ansi2004);
    assert_eq!(plain, inside);
    assert_eq!(losses.count(Lost::Wrappers), 1);
    // A record that had no wrapper gets one.
    let fresh = encode(&decoded(&inside, TemplateFormat::Ansi2004), TemplateFormat::Piv).0;
    assert_eq!(same(&fresh, TemplateFormat::Piv).views, record.views);
    for cut in 0..bytes.len() {
        assert!(read(&bytes[..cut], TemplateFormat::Piv, &limits()).is_err(), "{cut}");
    }
}

#[test]
fn what_a_header_promises_is_not_believed() {
    // 255 views in a tiny body, lengths beyond the input, sides and resolutions of 0, trailing bytes.
    let good = iso2005("");
    let with = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        refused(&bytes, TemplateFormat::Iso2005)
    };
    assert!(with(22, 255).contains("176") || with(22, 255).contains("too short"));
    assert!(with(22, 20).contains("too short"));
    assert!(with(8, 255).contains("record length"));
    assert!(with(11, 3).contains("record length"));
    let mut flat = good.clone();
    (flat[16], flat[17]) = (0, 0);
    assert!(refused(&flat, TemplateFormat::Iso2005).contains("image height at offset 16"));
    flat[17] = 0x32;
    assert!(refused(&flat, TemplateFormat::Iso2005).contains("minutia at offset 28 lies outside"));
    assert!(with(22, 0).contains("number of views at offset 22"));
    assert!(with(19, 0).contains("resolution at offset 18"));
    assert!(with(24, 11).contains("finger position at offset 24"));
    assert!(with(26, 101).contains("sample quality at offset 26"));
    assert!(with(27, 255).contains("offset 28"));
    let mut trailing = good.clone();
    trailing.push(0);
    assert!(refused(&trailing, TemplateFormat::Iso2005).contains("record length"));
    trailing[11] += 1;
    assert!(refused(&trailing, TemplateFormat::Iso2005).contains("what follows the record"));
    assert_eq!(read(b"", None, &limits()), Err(FormatError::Empty));
    assert_eq!(read(b"hello", None, &limits()), Err(FormatError::UnknownFormat));
    let few = Limits { max_minutiae: 1, ..limits() };
    assert!(matches!(read(&good, None, &few), Err(FormatError::Limit(_))));
    let small = Limits { max_bytes: 10, ..limits() };
    assert!(matches!(read(&good, None, &small), Err(FormatError::Limit(_))));
}

#[test]
fn what_an_extension_area_has_no_room_for_is_named() {
    let other = |code, size| Extension::Other { code, data: vec![7; size] };
    let counts = Extension::RidgeCounts { method: 1, counts: vec![[0, 1, 2]; 20] };
    for format in [
        TemplateFormat::Iso2005,
        TemplateFormat::Iso2011,
        TemplateFormat::Ansi2004,
        TemplateFormat::Ansi2009,
        TemplateFormat::Ansi2009Am1,
    ] {
        // The largest that fits, exactly; then one byte more; then what follows the one that does not fit.
        for (extensions, kept, lost) in [
            (vec![other(0x101, 65_531)], 1, vec![]),
            (vec![other(0x101, 65_532)], 0, vec![(Lost::Extensions, 1)]),
            (vec![other(0x101, 65_531), counts.clone()], 1, vec![(Lost::RidgeCounts, 1)]),
            (vec![other(0x101, 65_532), counts.clone(), other(0x102, 70_000)], 1, vec![(Lost::Extensions, 2)]),
            (vec![counts.clone(), other(0x101, 65_535 - 4 - 65)], 2, vec![]),
        ] {
            let view = View { width: 300, height: 300, extensions, ..View::default() };
            let (bytes, losses) = encode(&Record { views: vec![view.clone()], ..Record::default() }, format);
            assert_eq!(losses.iter().collect::<Vec<_>>(), lost, "{format:?}");
            let again = decoded(&bytes, format);
            assert_eq!(again.views[0].extensions.len(), kept, "{format:?}");
            assert!(again.views[0].extensions.iter().all(|e| view.extensions.contains(e)));
        }
    }
}

#[test]
fn too_many_minutiae_lose_the_worst_and_their_ridge_counts() {
    let m = |quality| Minutia { x: 9.0, y: 9.0, direction: Angle::default(), kind: MinutiaKind::Ending, quality };
    let minutiae = (0..300).map(|i| m((i % 100) as u8 + 1)).collect();
    let mut record = Record::from_templates(&[FingerTemplate::new(20, 20, minutiae).unwrap()]);
    record.views[0].extensions.push(Extension::RidgeCounts { method: 0, counts: vec![[0, 1, 2]] });
    let (bytes, losses) = encode(&record, TemplateFormat::Iso2005);
    assert_eq!((losses.count(Lost::Minutiae), losses.count(Lost::RidgeCounts)), (45, 1));
    assert_eq!(losses.to_string(), "minutiae (45), ridge counts (1)");
    let back = decoded(&bytes, TemplateFormat::Iso2005);
    assert_eq!(back.views[0].minutiae.len(), 255);
    assert!(back.views[0].minutiae.iter().all(|m| m.quality >= 15));
}

/// A template with one of everything, and its bytes as a galleries' record holds them, written down by hand.
fn ssft() -> (FingerTemplate, Vec<u8>) {
    let place = |x, y, radians, kind, quality| Minutia { x, y, direction: Angle::from_radians(radians), kind, quality };
    let point = |x, y, radians, kind| SingularPoint { x, y, direction: Angle::from_radians(radians), kind };
    let grid = |first: u8| vec![first, first + 1];
    let flow = RidgeFlow { cell: 8, columns: 2, rows: 1, orientation: grid(3), coherence: grid(0), period: grid(72) };
    let minutiae = vec![
        place(100.125, 50.0, 0.78125, MinutiaKind::Ending, 60),
        place(16_383.0, 0.0, 6.25, MinutiaKind::Bifurcation, 0),
        place(1.5, 90.0, 0.0, MinutiaKind::Other, 100),
    ];
    let points = vec![
        point(190.25, 150.5, 1.5, SingularKind::Core),
        // Not the lowest of the three ways out: kept all the same.
        point(90.0, 300.75, 1.5, SingularKind::Delta),
    ];
    let template = FingerTemplate::new(388, 70_000, minutiae)
        .and_then(|t| t.with_quality(77))
        .and_then(|t| t.with_singular_points(points))
        .and_then(|t| t.with_ridge_flow(flow))
        .unwrap()
        .with_pattern(PatternClass::RightLoop)
        .with_method(ExtractionMethod::Classical)
        .with_quality_reasons(QualityReason::ALL.into_iter().step_by(3).collect());
    let bytes = hex("00000184 00011170  4d 49 03 01 \
         02  00 433e4000 43168000 3fc00000  01 42b40000 43966000 3fc00000 \
         0003  42c84000 42480000 3f480000 00 3c  467ffc00 00000000 40c80000 01 00  3fc00000 42b40000 00000000 02 64 \
         01  0008 0002 0001  0304 0001 4849");
    (template, bytes)
}

#[test]
fn the_own_format_by_hand() {
    let (template, bytes) = ssft();
    let file =
        [hex("53534654 02 01"), (13 + bytes.len() as u32).to_be_bytes().to_vec(), hex("02 03 01"), bytes].concat();
    let record = same(&file, TemplateFormat::Ssft);
    let view = &record.views[0];
    assert_eq!((view.position, view.number, view.impression), (FingerPosition::RightIndex, 3, 1));
    assert_eq!(record.to_templates().unwrap(), [template]);
    for cut in 0..file.len() {
        assert!(read(&file[..cut], TemplateFormat::Ssft, &limits()).is_err(), "{cut}");
    }
}

/// Templates that use all a template can hold.
fn template() -> impl Strategy<Value = FingerTemplate> {
    let place = || {
        (0.0f32..=FingerTemplate::MAX_POSITION, 0.0f32..=FingerTemplate::MAX_POSITION, 0.0f32..std::f32::consts::TAU)
    };
    let minutia = (place(), 0usize..3, 0u8..=100).prop_map(|((x, y, d), kind, quality)| {
        let kind = [MinutiaKind::Ending, MinutiaKind::Bifurcation, MinutiaKind::Other][kind];
        Minutia { x, y, direction: Angle::from_radians(d), kind, quality }
    });
    let point = (place(), any::<bool>()).prop_map(|((x, y, d), core)| {
        let kind = if core { SingularKind::Core } else { SingularKind::Delta };
        SingularPoint { x, y, direction: Angle::from_radians(d), kind }
    });
    let flow = (1u16.., 0u16..9, 0u16..9).prop_flat_map(|(cell, columns, rows)| {
        let cells = usize::from(columns * rows);
        let grid = || prop::collection::vec(any::<u8>(), cells..=cells);
        (grid(), grid(), grid()).prop_map(move |(orientation, coherence, period)| RidgeFlow {
            cell,
            columns,
            rows,
            orientation,
            coherence,
            period,
        })
    });
    let size = (any::<u32>(), any::<u32>());
    let known = (prop::option::of(0u8..=100), 0u8..128, prop::option::of(0usize..5), prop::option::of(any::<bool>()));
    let minutiae = prop::collection::vec(minutia, 0..70);
    let points = prop::collection::vec(point, 0..=FingerTemplate::MAX_SINGULAR_POINTS);
    (size, known, minutiae, points, prop::option::of(flow)).prop_map(|(size, known, minutiae, points, flow)| {
        let (quality, reasons, pattern, learned) = known;
        let reasons = QualityReason::ALL.into_iter().enumerate().filter(|(i, _)| reasons >> i & 1 == 1).map(|(_, r)| r);
        let mut template = FingerTemplate::new(size.0, size.1, minutiae).and_then(|t| t.with_singular_points(points));
        if let Some(quality) = quality {
            template = template.and_then(|t| t.with_quality(quality));
        }
        if let Some(flow) = flow {
            template = template.and_then(|t| t.with_ridge_flow(flow));
        }
        let mut template = template.unwrap().with_quality_reasons(reasons.collect());
        if let Some(pattern) = pattern {
            template = template.with_pattern(PatternClass::ALL[pattern]);
        }
        match learned {
            None => template,
            Some(true) => template.with_method(ExtractionMethod::Learned),
            Some(false) => template.with_method(ExtractionMethod::Classical),
        }
    })
}

/// The templates after a walk through the own format, which loses nothing.
fn through_own(templates: &[FingerTemplate]) -> Vec<FingerTemplate> {
    let (bytes, losses) = encode(&Record::from_templates(templates), TemplateFormat::Ssft);
    assert!(losses.is_empty(), "{losses}");
    decoded(&bytes, TemplateFormat::Ssft).to_templates().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_own_format_is_exact(templates in prop::collection::vec(template(), 1..4)) {
        let again = through_own(&templates);
        prop_assert!(again == templates, "a template changed");
        let compare = |a, b| Comparator::<Finger>::new().compare_templates(a, b);
        for (a, b) in templates.iter().zip(&again) {
            prop_assert_eq!(compare(a, &templates[0]), compare(b, &again[0]));
        }
    }
}

/// Scores of what was extracted, ridge flow and all, and of synthetic mates.
#[test]
fn scores_are_those_of_before_in_the_own_format() {
    let score = |a: &FingerTemplate, b: &FingerTemplate| Comparator::<Finger>::new().compare_templates(a, b).unwrap();
    let people = TemplateGenerator::new(11);
    let master = PrintGenerator::new(11).finger(0);
    let extracted = |k| Extractor::new().extract(&master.impression(k, Level::Good).image).unwrap();
    let pairs = (0..10).map(|i| [people.reference(i), people.probe(i, 0)]).chain([[extracted(0), extracted(1)]]);
    for pair in pairs {
        let again = through_own(&pair);
        let before = score(&pair[0], &pair[1]);
        assert!(again == pair && before > Score::ZERO && score(&again[0], &again[1]) == before);
    }
}

fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/fingerprint");
    let folder = if folder.is_dir() { folder } else { PathBuf::from(std::env::var_os("SELFSAME_DATA")?) };
    folder.is_dir().then_some(folder)
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()) {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "iso") {
            found.push(path);
        }
    }
}

#[test]
fn records_of_another_maker_come_back_byte_for_byte() {
    let Some(data) = data() else { return println!("skipped: no real records here") };
    let mut found = Vec::new();
    files(&data, &mut found);
    let bad = |p: &PathBuf| p.components().any(|c| c.as_os_str() == "invalid_iso");
    let (invalid, valid): (Vec<_>, Vec<_>) = found.into_iter().partition(bad);
    assert_eq!((valid.len(), invalid.len()), (640, 3));
    for path in valid {
        let bytes = std::fs::read(&path).unwrap();
        let record = same(&bytes, TemplateFormat::Iso2005);
        assert_eq!(record.to_templates().unwrap().len(), 1, "{}", path.display());
    }
    for path in invalid {
        let error = refused(&std::fs::read(&path).unwrap(), TemplateFormat::Iso2005);
        assert!(error.contains("offset"), "{}: {error}", path.display());
    }
}

fn angle() -> impl Strategy<Value = Angle> {
    (0.0f32..360.0).prop_map(Angle::from_degrees)
}

fn extension() -> impl Strategy<Value = Extension> {
    let core = (0u16..388, 0u16..374, prop::option::of(angle()));
    let delta = (0u16..388, 0u16..374, prop::option::of([angle(), angle(), angle()]));
    prop_oneof![
        (0u8..3, prop::collection::vec(any::<[u8; 3]>(), 0..9))
            .prop_map(|(method, counts)| Extension::RidgeCounts { method, counts }),
        (prop::collection::vec(core, 0..4), prop::collection::vec(delta, 0..4)).prop_map(|(cores, deltas)| {
            Extension::Singular {
                cores: cores
                    .into_iter()
                    .map(|(x, y, direction)| Core { x: x.into(), y: y.into(), direction })
                    .collect(),
                deltas: deltas
                    .into_iter()
                    .map(|(x, y, directions)| Delta { x: x.into(), y: y.into(), directions })
                    .collect(),
            }
        }),
        (1u8.., 1u8.., 1u8..=8, any::<Vec<u8>>()).prop_map(|(cell_width, cell_height, bits, packed)| {
            Extension::Zones { cell_width, cell_height, bits, packed }
        }),
        (0x0100u16.., any::<Vec<u8>>()).prop_map(|(code, data)| Extension::Other { code, data }),
    ]
}

fn record() -> impl Strategy<Value = Record> {
    let minutia = (0u16..388, 0u16..374, angle(), 0usize..3, 0u8..=100).prop_map(|(x, y, direction, kind, quality)| {
        let kind = [RecordKind::Other, RecordKind::Ending, RecordKind::Bifurcation][kind];
        RecordMinutia { x: x.into(), y: y.into(), direction, kind, quality, reserved: 0 }
    });
    let view = (
        0u8..=10,
        0u8..16,
        0u8..9,
        1u8..=100,
        prop::collection::vec(minutia, 0..60),
        prop::collection::vec(extension(), 0..3),
    );
    let view = view.prop_map(|(position, number, impression, score, minutiae, extensions)| View {
        position: FingerPosition::from_code(position).unwrap(),
        number,
        impression,
        qualities: vec![SampleQuality { score, vendor: 0, algorithm: 0 }],
        width: 388,
        height: 374,
        minutiae,
        extensions,
        capture: (number > 7).then(|| Box::new(Capture { technology: 3, ..Capture::default() })),
        ..View::default()
    });
    (any::<u16>(), 0u8..16, 0u16..0x1000, prop::collection::vec(view, 0..4)).prop_map(
        |(vendor, certification, id, views)| Record {
            device: Device { vendor, subformat: 0, certification, id },
            views,
            ..Record::default()
        },
    )
}

/// Largest error of a direction, degrees; twice the rounding error of a coordinate, pixels at 500 ppi.
fn quantum(format: TemplateFormat) -> (f32, f32) {
    use TemplateFormat as F;
    match format {
        F::Iso2005 | F::Iso2011 | F::CardNormal => (0.704, 0.2),
        F::Ansi2004 | F::Ansi2009 | F::Ansi2009Am1 | F::Piv | F::XytM1 => (1.001, 0.01),
        F::CardCompact => (2.82, 2.0),
        F::XytNist => (0.501, 0.01),
        _ => (0.02, 0.01),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_format_keeps_what_it_does_not_report(record in record(), which in 0usize..TemplateFormat::ALL.len()) {
        let format = TemplateFormat::ALL[which];
        let (bytes, losses) = encode(&record, format);
        // Text without a line is no text.
        prop_assume!(!bytes.is_empty() && !record.views.is_empty());
        let back = read(&bytes, format, &limits()).unwrap();
        let (angle, pixels) = quantum(format);
        let views = record.views.len() - losses.count(Lost::Views);
        prop_assert_eq!(back.views.len(), views);
        let (mut kept, mut total) = (0, 0);
        let (was, is) = (record.to_templates().unwrap(), back.to_templates().unwrap());
        for ((a, b), (s, t)) in record.views.iter().zip(&back.views).zip(was.iter().zip(&is)) {
            (kept, total) = (kept + b.minutiae.len(), total + a.minutiae.len());
            if losses.count(Lost::Positions) == 0 { prop_assert_eq!(a.position, b.position); }
            if losses.count(Lost::Numbers) == 0 { prop_assert_eq!(a.number, b.number); }
            if losses.count(Lost::Impressions) == 0 { prop_assert_eq!(a.impression, b.impression); }
            if losses.count(Lost::Qualities) == 0 { prop_assert_eq!(&a.qualities, &b.qualities); }
            if losses.count(Lost::Sizes) == 0 { prop_assert_eq!((a.width, a.height), (b.width, b.height)); }
            let other = [Lost::RidgeCounts, Lost::Zones, Lost::Extensions, Lost::SingularPoints].map(|l| losses.count(l));
            let fmr = TemplateFormat::ALL[..5].contains(&format) || format == TemplateFormat::Piv;
            if other == [0; 4] && fmr { prop_assert_eq!(a.extensions.len(), b.extensions.len()); }
            if other[3] == 0 { prop_assert_eq!(a.cores().count(), b.cores().count()); }
            if losses.count(Lost::Minutiae) > 0 { continue; }
            // NBIS text counts from the bottom of an image whose height it does not say.
            let shift = if format == TemplateFormat::XytNist {
                s.minutiae().iter().zip(t.minutiae()).map(|(m, n)| m.y - n.y).next().unwrap_or(0.0)
            } else { 0.0 };
            for (m, n) in s.minutiae().iter().zip(t.minutiae()) {
                prop_assert!((m.x - n.x).abs() <= pixels && (m.y - n.y - shift).abs() <= pixels, "{} {} {} {}", m.x, n.x, m.y, n.y);
                prop_assert!(m.direction.difference(n.direction).abs().to_degrees() <= angle);
                if losses.count(Lost::Kinds) == 0 { prop_assert_eq!(m.kind, n.kind); }
                if losses.count(Lost::MinutiaQualities) == 0 { prop_assert_eq!(m.quality, n.quality); }
            }
        }
        let views_lost = losses.count(Lost::Views) > 0;
        prop_assert!(views_lost || kept + losses.count(Lost::Minutiae) == total);
        // What has been rounded once stays, and is detected from its bytes; the CSV counts in degrees, which round each time.
        if format != TemplateFormat::Csv { prop_assert_eq!(&encode(&back, format).0, &bytes); }
        if !matches!(format, TemplateFormat::CardNormal | TemplateFormat::CardCompact | TemplateFormat::XytM1) {
            prop_assert_eq!(detect(&bytes), Some(format));
        }
        // Everything but text and cards knows where it ends.
        let bare = [TemplateFormat::CardNormal, TemplateFormat::CardCompact, TemplateFormat::XytNist, TemplateFormat::XytM1,
            TemplateFormat::Csv, TemplateFormat::CsvPixels];
        if !bare.contains(&format) {
            for cut in (0..bytes.len()).step_by(7) {
                prop_assert!(read(&bytes[..cut], format, &limits()).is_err());
            }
        }
    }

    #[test]
    fn changed_bytes_never_panic(record in record(), which in 0usize..TemplateFormat::ALL.len(), at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let format = TemplateFormat::ALL[which];
        let mut bytes = encode(&record, format).0;
        if bytes.is_empty() { return Ok(()); }
        let i = at.index(bytes.len());
        bytes[i] = value;
        for from in TemplateFormat::ALL {
            let Ok(record) = read(&bytes, from, &limits()) else { continue };
            let _ = record.to_templates();
            for write in TemplateFormat::ALL {
                let _ = encode(&record, write);
            }
        }
    }
}

/// Numbers that stand nowhere but in places: whatever is shown of a record must not have them.
#[test]
fn nothing_that_is_shown_of_a_record_tells_a_place() {
    let at =
        |x: f32, y: f32| Minutia { x, y, direction: Angle::from_degrees(77.0), kind: MinutiaKind::Ending, quality: 0 };
    let template = FingerTemplate::new(400, 500, vec![at(237.0, 239.0), at(241.0, 251.0)]).expect("a template");
    let core = SingularPoint { x: 233.0, y: 229.0, kind: SingularKind::Core, direction: Angle::from_degrees(77.0) };
    let template = template.with_singular_points(vec![core]).expect("fits");
    let record = Record::from_templates(std::slice::from_ref(&template));
    let mut shown = format!("{template:?} {record:?}");
    for view in &record.views {
        shown += &format!("{view:?} {:?} {:?}", view.minutiae, view.extensions);
    }
    for format in TemplateFormat::ALL {
        let (bytes, losses) = encode(&record, format);
        let read = decoded(&bytes, format);
        shown += &format!(" {read:?} {:?} {losses} {losses:?}", read.views);
    }
    for place in ["237", "239", "241", "251", "233", "229", "77"] {
        assert!(!shown.contains(place), "{place} in {shown}");
    }
}

#[test]
fn text_of_a_very_high_image_is_read_back() {
    let minutia = RecordMinutia {
        x: 10.0,
        y: 20.0,
        direction: Angle::from_degrees(90.0),
        kind: RecordKind::Ending,
        quality: 50,
        reserved: 0,
    };
    let view = View { width: 300, height: 41_846, minutiae: vec![minutia], ..View::default() };
    let record = Record { views: vec![view], ..Record::default() };
    for format in [TemplateFormat::XytNist, TemplateFormat::XytM1] {
        let (bytes, losses) = encode(&record, format);
        assert_eq!((decoded(&bytes, format).views[0].minutiae.len(), losses.count(Lost::Sizes)), (1, 1), "{format:?}");
    }
}

#[test]
fn formats_have_names_of_their_own() {
    let names: std::collections::BTreeSet<_> = TemplateFormat::ALL.iter().flat_map(|f| [f.id(), f.name()]).collect();
    assert_eq!(names.len(), 2 * TemplateFormat::ALL.len());
    assert!(names.iter().all(|name| name.len() > 2));
    assert_eq!(TemplateFormat::from_id("iso1999"), None);
}

#[test]
fn qualities_beyond_a_hundred_are_not_computed_or_failed() {
    let early = |quality: u8| {
        let mut bytes = iso2005("");
        bytes[26] = quality;
        read(&bytes, TemplateFormat::Iso2005, &limits()).is_ok()
    };
    let late = |quality: u8| {
        let body =
            format!("00000028 001b 0201 c0 1234 01 00  07 00 00 {quality:02x} 0011 0022 0184 0176 00c4 00c8 00 0000");
        read(&hex(&format!("464d5200 30333000 {body}")), TemplateFormat::Ansi2009, &limits()).is_ok()
    };
    for (quality, both, later) in [
        (0, true, true),
        (100, true, true),
        (101, false, false),
        (253, false, false),
        (254, true, true),
        (255, true, true),
    ] {
        assert_eq!((early(quality), late(quality)), (both, later), "{quality}");
    }
}

/// What a template does not hold is named, and what is left can be read.
#[test]
fn the_own_format_tells_what_is_no_part_of_a_template() {
    let direction = Some(Angle::default());
    let core = |x| Core { x, y: 1.0, direction };
    let lost = |change: &dyn Fn(&mut View)| {
        let mut view = View { width: 300, height: 300, ..View::default() };
        change(&mut view);
        let (bytes, losses) =
            encode(&Record { views: vec![view.clone(), View::default()], ..Record::default() }, TemplateFormat::Ssft);
        let kept = if losses.count(Lost::Views) > 0 { 1 } else { 2 };
        assert_eq!(decoded(&bytes, TemplateFormat::Ssft).to_templates().unwrap().len(), kept);
        losses.iter().collect::<Vec<_>>()
    };
    let singular = |cores: Vec<Core>, directions| {
        let deltas = vec![Delta { x: 5.0, y: 5.0, directions }];
        vec![Extension::Singular { cores, deltas }]
    };
    let ways = |degrees: [f32; 3]| Some(degrees.map(Angle::from_degrees));
    assert_eq!(lost(&|_| {}), []);
    assert_eq!(lost(&|v| v.extensions = singular(vec![core(1.0); 29], ways([10.0, 131.0, 249.0]))), []);
    assert_eq!(lost(&|v| v.extensions = singular(vec![core(1.0); 31], None)), [(Lost::SingularPoints, 2)]);
    assert_eq!(
        lost(&|v| v.extensions = singular(vec![core(16_384.0)], ways([0.0, 120.0, 240.0]))),
        [(Lost::SingularPoints, 1)]
    );
    let without = Core { direction: None, ..core(1.0) };
    assert_eq!(
        lost(&|v| v.extensions = singular(vec![without], ways([0.0, 90.0, 240.0]))),
        [(Lost::SingularDirections, 2)]
    );
    let minutia = |x: f32| RecordMinutia {
        x,
        y: 3.0,
        direction: Angle::default(),
        kind: RecordKind::Other,
        quality: 0,
        reserved: 0,
    };
    assert_eq!(
        lost(&|v| v.minutiae = vec![minutia(16_383.0), minutia(16_383.2), minutia(-0.1)]),
        [(Lost::Minutiae, 2)]
    );
    assert_eq!(lost(&|v| v.minutiae = vec![minutia(7.0); 1025]), [(Lost::Minutiae, 1)]);
    let flow =
        RidgeFlow { cell: 8, columns: 2, rows: 2, orientation: vec![1; 3], coherence: vec![1; 4], period: vec![1; 4] };
    assert_eq!(lost(&|v| v.ridge_flow = Some(flow.clone())), [(Lost::Views, 1)]);
}

#[test]
fn each_format_has_its_own_largest_place() {
    let at = |x: f32, y: f32| {
        let direction = Angle::default();
        let minutia = RecordMinutia { x, y, direction, kind: RecordKind::Ending, quality: 0, reserved: 0 };
        Record { views: vec![View { minutiae: vec![minutia], ..View::default() }], ..Record::default() }
    };
    let kept = |x, y, format| encode(&at(x, y), format).1.count(Lost::Minutiae) == 0;
    for (x, y, sourceafis, xyt) in [
        (10_000.0, 3.0, true, true),
        (10_001.0, 3.0, false, true),
        (3.0, 10_001.0, false, true),
        (-10_000.0, 3.0, true, false),
        (-10_001.0, 3.0, false, false),
        (3.0, -1.0, true, false),
        (16_383.0, 3.0, false, true),
        (16_384.0, 3.0, false, false),
    ] {
        assert_eq!(kept(x, y, TemplateFormat::SourceAfis), sourceafis, "{x} {y}");
        assert_eq!(kept(x, y, TemplateFormat::XytNist), xyt, "{x} {y}");
        assert_eq!(kept(x, y, TemplateFormat::Iso2005), xyt, "{x} {y}");
    }
}

/// What each format keeps of each part of a record, one part at a time.
#[test]
fn each_part_is_kept_or_told_as_lost() {
    use TemplateFormat as F;
    let fmr = [F::Iso2005, F::Iso2011, F::Ansi2004, F::Ansi2009, F::Ansi2009Am1];
    let ansi = [F::Ansi2004, F::Ansi2009, F::Ansi2009Am1];
    let later = [F::Iso2011, F::Ansi2009, F::Ansi2009Am1];
    let own = [F::Ssft];
    let none = [F::CardNormal; 0];
    type Change = fn(&mut Record);
    type Keepers<'a> = [&'a [F]; 2];
    fn point(r: &mut Record, kind: RecordKind, quality: u8, reserved: u8) {
        let direction = Angle::default();
        r.views[0].minutiae.push(RecordMinutia { x: 9.0, y: 9.0, direction, kind, quality, reserved });
    }
    fn quality(r: &mut Record, score: u8, vendor: u16, algorithm: u16) {
        r.views[0].qualities.push(SampleQuality { score, vendor, algorithm });
    }
    fn capture(r: &mut Record, capture: Capture) {
        r.views[0].capture = Some(Box::new(capture));
    }
    const NO_TIME: [u8; 9] = [0xFF; 9];
    let parts: Vec<(&str, Lost, Keepers<'_>, Change)> = vec![
        ("vendor", Lost::Equipment, [&ansi, &[F::Iso2011]], |r| r.device.vendor = 5),
        ("subformat", Lost::Equipment, [&ansi, &none], |r| r.device.subformat = 5),
        ("certification", Lost::Equipment, [&ansi, &[F::Iso2005]], |r| r.device.certification = 15),
        ("long certification", Lost::Equipment, [&[F::Ansi2009], &[F::Ansi2009Am1]], |r| r.device.certification = 16),
        ("device", Lost::DeviceIds, [&fmr, &none], |r| r.device.id = 0x0FFF),
        ("long device", Lost::DeviceIds, [&later, &none], |r| r.device.id = 0x1000),
        ("reserved byte", Lost::Reserved, [&ansi, &[F::Iso2005]], |r| r.reserved = 3),
        ("position", Lost::Positions, [&fmr, &own], |r| r.views[0].position = FingerPosition::LeftThumb),
        ("number", Lost::Numbers, [&fmr, &own], |r| r.views[0].number = 15),
        ("high number", Lost::Numbers, [&later, &own], |r| r.views[0].number = 16),
        ("impression", Lost::Impressions, [&fmr, &own], |r| r.views[0].impression = 15),
        ("high impression", Lost::Impressions, [&later, &own], |r| r.views[0].impression = 16),
        ("quality", Lost::Qualities, [&fmr, &own], |r| quality(r, 50, 0, 0)),
        ("best quality", Lost::Qualities, [&fmr, &own], |r| quality(r, 100, 0, 0)),
        ("failed quality", Lost::Qualities, [&fmr, &none], |r| quality(r, 255, 0, 0)),
        ("vendor of quality", Lost::QualityOrigins, [&later, &none], |r| quality(r, 50, 1, 0)),
        ("algorithm of quality", Lost::QualityOrigins, [&later, &none], |r| quality(r, 50, 0, 1)),
        ("width", Lost::Sizes, [&fmr, &[F::Ssft, F::SourceAfis, F::CsvPixels]], |r| r.views[0].width = 300),
        ("height", Lost::Sizes, [&fmr, &[F::Ssft, F::SourceAfis, F::CsvPixels]], |r| r.views[0].height = 300),
        ("time", Lost::Captures, [&[F::Iso2011], &none], |r| capture(r, Capture::default())),
        ("technology", Lost::Captures, [&[F::Iso2011], &none], |r| {
            capture(r, Capture { time: NO_TIME, technology: 1, ..Capture::default() })
        }),
        ("certificates", Lost::Captures, [&[F::Iso2011], &none], |r| {
            capture(r, Capture { time: NO_TIME, certifications: Some(Vec::new()), ..Capture::default() })
        }),
        ("pattern", Lost::Patterns, [&own, &none], |r| r.views[0].pattern = Some(PatternClass::Whorl)),
        ("reasons", Lost::Reasons, [&own, &none], |r| {
            r.views[0].reasons = QualityReason::ALL.into_iter().take(1).collect();
        }),
        ("method", Lost::Methods, [&own, &none], |r| r.views[0].method = Some(ExtractionMethod::Classical)),
        (
            "ending",
            Lost::Kinds,
            [&fmr, &[F::Ssft, F::CardNormal, F::CardCompact, F::SourceAfis, F::Csv, F::CsvPixels]],
            |r| {
                point(r, RecordKind::Ending, 0, 0);
            },
        ),
        (
            "other kind",
            Lost::Kinds,
            [&fmr, &[F::Ssft, F::CardNormal, F::CardCompact, F::XytNist, F::XytM1, F::Csv, F::CsvPixels]],
            |r| {
                point(r, RecordKind::Other, 0, 0);
            },
        ),
        ("reserved kind", Lost::Kinds, [&fmr, &[F::CardNormal, F::CardCompact]], |r| {
            point(r, RecordKind::Reserved, 0, 0);
        }),
        (
            "quality of a minutia",
            Lost::MinutiaQualities,
            [&fmr, &[F::Ssft, F::XytNist, F::XytM1, F::Csv, F::CsvPixels]],
            |r| {
                point(r, RecordKind::Other, 100, 0);
            },
        ),
        ("quality above 100", Lost::MinutiaQualities, [&fmr, &none], |r| point(r, RecordKind::Other, 101, 0)),
        ("reserved bits", Lost::Reserved, [&fmr, &[F::CardNormal]], |r| point(r, RecordKind::Other, 0, 1)),
        ("ridge counts", Lost::RidgeCounts, [&fmr, &none], |r| {
            r.views[0].extensions.push(Extension::RidgeCounts { method: 1, counts: vec![[0, 0, 1]] });
        }),
        ("zones", Lost::Zones, [&fmr, &none], |r| {
            let (cell_width, cell_height, bits, packed) = (9, 9, 8, vec![1]);
            r.views[0].extensions.push(Extension::Zones { cell_width, cell_height, bits, packed });
        }),
        ("vendor's own", Lost::Extensions, [&fmr, &none], |r| {
            r.views[0].extensions.push(Extension::Other { code: 0x101, data: vec![1] });
        }),
        ("core", Lost::SingularPoints, [&fmr, &own], |r| {
            let core = Core { x: 1.0, y: 1.0, direction: None };
            r.views[0].extensions.push(Extension::Singular { cores: vec![core; 15], deltas: Vec::new() });
        }),
        ("delta", Lost::SingularPoints, [&fmr, &own], |r| {
            let delta = Delta { x: 1.0, y: 1.0, directions: None };
            r.views[0].extensions.push(Extension::Singular { cores: Vec::new(), deltas: vec![delta; 15] });
        }),
    ];
    for (part, lost, keepers, change) in parts {
        let mut record = Record { views: vec![View::default()], ..Record::default() };
        change(&mut record);
        for format in TemplateFormat::ALL.into_iter().filter(|f| *f != F::Piv) {
            let losses = encode(&record, format).1;
            let kept = keepers.iter().any(|list| list.contains(&format));
            assert_eq!(losses.count(lost) == 0, kept, "{part} in {format:?}: {losses}");
        }
    }
    // Numbers of what is lost.
    let mut record = Record { views: vec![View::default()], ..Record::default() };
    for _ in 0..256 {
        quality(&mut record, 50, 1, 1);
    }
    let count = |record: &Record, format, lost| encode(record, format).1.count(lost);
    assert_eq!(count(&record, F::Iso2011, Lost::Qualities), 1);
    assert_eq!(count(&record, F::Ansi2009, Lost::Qualities), 255);
    assert_eq!(count(&record, F::XytNist, Lost::Qualities), 256);
    assert_eq!(count(&record, F::Iso2005, Lost::QualityOrigins), 256);
    let core = |directed: bool| Core { x: 1.0, y: 1.0, direction: directed.then(Angle::default) };
    let delta = |directed: bool| Delta { x: 1.0, y: 1.0, directions: directed.then(|| [Angle::default(); 3]) };
    let singular = |cores: &[bool], deltas: &[bool]| {
        let cores = cores.iter().map(|d| core(*d)).collect();
        let deltas = deltas.iter().map(|d| delta(*d)).collect();
        let extensions = vec![Extension::Singular { cores, deltas }];
        Record { views: vec![View { extensions, ..View::default() }], ..Record::default() }
    };
    let mixed = singular(&[true, false, true], &[true, false]);
    assert_eq!(count(&mixed, F::Ansi2004, Lost::SingularDirections), 3);
    assert_eq!(count(&mixed, F::Iso2005, Lost::SingularDirections), 0);
    assert_eq!(count(&singular(&[true; 2], &[false; 2]), F::Ansi2009, Lost::SingularDirections), 0);
    let many = singular(&[false; 17], &[false; 16]);
    assert_eq!(count(&many, F::Iso2005, Lost::SingularPoints), 3);
    assert_eq!(count(&many, F::Ssft, Lost::SingularPoints), 3);
    assert_eq!(count(&many, F::XytM1, Lost::SingularPoints), 33);
    let five = View { five_bytes: true, ..View::default() };
    let mut five = Record { views: vec![five], ..Record::default() };
    point(&mut five, RecordKind::Ending, 7, 0);
    assert_eq!(count(&five, F::Iso2011, Lost::MinutiaQualities), 1);
    assert_eq!(count(&five, F::Iso2005, Lost::MinutiaQualities), 0);
    let views = |n: usize| Record { views: vec![View::default(); n], ..Record::default() };
    for (format, most) in [(F::Iso2005, 255), (F::Iso2011, 176), (F::Ssft, 255), (F::XytNist, 1), (F::CardNormal, 1)] {
        assert_eq!(count(&views(most), format, Lost::Views), 0, "{format:?}");
        assert_eq!(count(&views(most + 2), format, Lost::Views), 2, "{format:?}");
    }
}

#[test]
fn sourceafis_has_places_below_zero_and_bounded_sides() {
    let at = |x: f32, y: f32| RecordMinutia {
        x,
        y,
        direction: Angle::default(),
        kind: RecordKind::Ending,
        quality: 0,
        reserved: 0,
    };
    let minutiae = vec![at(-1.0, 0.0), at(-300.0, 24.0), at(-10_000.0, 10_000.0), at(-0.4, 255.0), at(256.0, -24.0)];
    let view = View { width: 10_000, height: 10_000, minutiae, ..View::default() };
    let record = Record { views: vec![view], ..Record::default() };
    let bytes = encode(&record, TemplateFormat::SourceAfis).0;
    let again = decoded(&bytes, TemplateFormat::SourceAfis);
    let places: Vec<_> = again.views[0].minutiae.iter().map(|m| (m.x, m.y)).collect();
    assert_eq!(places, [(-1.0, 0.0), (-300.0, 24.0), (-10_000.0, 10_000.0), (0.0, 255.0), (256.0, -24.0)]);
    // 10,000 is 0x2710; one more is refused.
    let at = bytes.windows(3).position(|w| w == [0x19, 0x27, 0x10]).unwrap();
    let mut wide = bytes.clone();
    wide[at + 2] = 0x11;
    assert!(refused(&wide, TemplateFormat::SourceAfis).contains("image side"));
}

/// Reads leniently, whatever the format.
fn lenient(bytes: &[u8]) -> Result<Record, FormatError> {
    decode(bytes, &DecodeOptions { lenient: true, ..DecodeOptions::default() }, &limits())
}

/// Reads leniently, and checks that a strict reading is refused and names the same mendings.
fn mended(bytes: &[u8]) -> Record {
    let read = lenient(bytes).unwrap_or_else(|e| panic!("{e}"));
    match decode(bytes, &DecodeOptions::default(), &limits()) {
        Err(FormatError::Mendable { reason, mendings }) => {
            assert_eq!(mendings, read.mendings);
            let shown = FormatError::Mendable { reason: reason.clone(), mendings }.to_string();
            assert!(shown.starts_with(&reason.to_string()) && shown.contains("lenient"), "{shown}");
        }
        other => panic!("{other:?}"),
    }
    assert!(!read.mendings.is_empty() && read.mendings.iter().all(|m| !m.to_string().is_empty()));
    read
}

/// Neither a strict nor a lenient reading has an answer, and the refusal promises none.
fn hopeless(bytes: &[u8]) {
    let strict = decode(bytes, &DecodeOptions::default(), &limits()).expect_err("is refused");
    assert_eq!(lenient(bytes).expect_err("is refused"), strict);
    assert!(!matches!(strict, FormatError::Mendable { .. }), "{strict}");
}

/// The record without what was mended.
fn content(record: Record) -> Record {
    Record { mendings: Vec::new(), ..record }
}

/// A record of two views, with extensions, that every one of the formats holds.
fn two_views(format: TemplateFormat) -> (Record, Vec<u8>) {
    let minutia =
        |x, y, kind| RecordMinutia { x, y, direction: Angle::from_degrees(45.0), kind, quality: 50, reserved: 0 };
    let vendor = |code, size| Extension::Other { code, data: (1..=size).collect() };
    let view = |number, extensions| View {
        position: FingerPosition::RightIndex,
        number,
        qualities: vec![SampleQuality { score: 80, vendor: 0, algorithm: 0 }],
        width: 300,
        height: 400,
        minutiae: vec![minutia(20.0, 30.0, RecordKind::Ending), minutia(200.0, 9.0, RecordKind::Bifurcation)],
        extensions,
        ..View::default()
    };
    let own = format == TemplateFormat::Ssft;
    let extensions = if own { Vec::new() } else { vec![vendor(0x101, 7), vendor(0x102, 9)] };
    let record = Record { views: vec![view(0, extensions.clone()), view(1, extensions)], ..Record::default() };
    let (bytes, losses) = encode(&record, format);
    assert!(losses.is_empty(), "{format:?}: {losses}");
    (decoded(&bytes, format), bytes)
}

/// The formats of records that state their length.
const MEASURED: [TemplateFormat; 7] = [
    TemplateFormat::Iso2005,
    TemplateFormat::Iso2011,
    TemplateFormat::Ansi2004,
    TemplateFormat::Ansi2009,
    TemplateFormat::Ansi2009Am1,
    TemplateFormat::Piv,
    TemplateFormat::Ssft,
];

#[test]
fn a_quality_that_was_not_computed_is_none() {
    for format in &MEASURED[..6] {
        for score in [254, 255] {
            let (mut record, _) = two_views(*format);
            record.views.iter_mut().for_each(|v| v.qualities = vec![SampleQuality { score, vendor: 0, algorithm: 0 }]);
            let (bytes, losses) = encode(&record, *format);
            assert!(losses.is_empty(), "{format:?}: {losses}");
            let read = same(&bytes, *format);
            assert_eq!(read.views[0].qualities[0].score, score);
            assert!(read.to_templates().unwrap().iter().all(|t| t.quality().is_none()));
        }
    }
    // What no edition defines is not written.
    let mut record = two_views(TemplateFormat::Iso2005).0;
    record.views[0].qualities[0].score = 200;
    assert!(
        decoded(&encode(&record, TemplateFormat::Iso2005).0, TemplateFormat::Iso2005).views[0].qualities.is_empty()
    );
}

#[test]
fn views_of_one_finger_and_number_are_chosen_by_their_place() {
    let (mut record, _) = two_views(TemplateFormat::Ansi2004);
    record.views.iter_mut().for_each(|v| (v.position, v.number) = (FingerPosition::Unknown, 0));
    record.views[1].minutiae.pop();
    let (bytes, _) = encode(&record, TemplateFormat::Ansi2004);
    let read = |options: DecodeOptions| decode(&bytes, &options, &limits());
    let all = read(DecodeOptions::default()).unwrap();
    assert_eq!(all.to_templates().unwrap().len(), 2);
    let error = all.to_template().unwrap_err();
    assert!(matches!(&error, FormatError::SeveralViews { inside } if *inside == all.contents()));
    let shown = error.to_string();
    assert!(shown.contains("place 1: unknown finger, view number 0, live plain, 1 minutiae"), "{shown}");
    for (place, count) in [(0, 2), (1, 1)] {
        let one = read(DecodeOptions { place: Some(place), ..DecodeOptions::default() }).unwrap();
        assert_eq!(one.to_template().unwrap().minutiae().len(), count);
        assert_eq!(one.only_view().unwrap().minutiae.len(), count);
    }
    let by_number = read(DecodeOptions { view: Some(0), ..DecodeOptions::default() }).unwrap();
    assert!(by_number.to_template().is_err());
    for none in [
        DecodeOptions { place: Some(2), ..DecodeOptions::default() },
        DecodeOptions { view: Some(1), ..DecodeOptions::default() },
        DecodeOptions { place: Some(0), finger: Some(FingerPosition::LeftThumb), ..DecodeOptions::default() },
    ] {
        assert_eq!(read(none).unwrap_err(), FormatError::NoView { inside: all.contents() });
    }
    assert!(matches!(Record::default().only_view(), Err(FormatError::NoView { .. })));
}

#[test]
fn padding_of_fields_of_fixed_size_is_left_out() {
    for format in MEASURED {
        let (record, bytes) = two_views(format);
        for size in [bytes.len() + 1, 512, 2048] {
            for value in [0, 255] {
                let mut padded = bytes.clone();
                padded.resize(size, value);
                let read = mended(&padded);
                assert_eq!(read.mendings, [Mending::Padding { offset: bytes.len(), bytes: size - bytes.len() }]);
                assert!(content(read) == record, "{format:?}");
            }
        }
        let read = mended(&[&bytes[..], b"\r\n"].concat());
        assert!(content(read) == record);
        // What is not padding is more than the record: a second one, or a byte that means something.
        for more in [&bytes[..], &[0, 0, 0, 9], &[1], &[0, 255]] {
            hopeless(&[&bytes[..], more].concat());
        }
    }
    let text = b"10 200 90 80\n30 40 350 0\n";
    let read = mended(&[&text[..], &[0; 100]].concat());
    assert_eq!(read.mendings, [Mending::Padding { offset: text.len(), bytes: 100 }]);
    assert!(content(read) == decoded(text, TemplateFormat::XytNist));
}

#[test]
fn a_cut_record_is_no_answer_with_padding_either() {
    for format in MEASURED {
        let (record, bytes) = two_views(format);
        for cut in 0..bytes.len() {
            for (size, value) in [(cut, 0), (2048, 0), (2048, 255)] {
                let mut padded = bytes[..cut].to_vec();
                padded.resize(size, value);
                // Bytes that padding replaces as they were are not missing.
                let whole = bytes[cut..].iter().all(|&b| b == value) && size > cut;
                // What a vendor's data were nobody can tell, but the views and minutiae must all be there.
                let read = lenient(&padded);
                let same = |read: &Record| {
                    let of = |r: &Record| {
                        r.views.iter().map(|v| (v.minutiae.clone(), v.position, v.number)).collect::<Vec<_>>()
                    };
                    of(read) == of(&record)
                };
                assert!(whole || read.as_ref().map_or(true, same), "{format:?} cut at {cut}, {value}: {read:?}");
            }
        }
    }
    // A record whose last minutiae are padding.
    let bytes = iso2005("");
    let mut padded = bytes[..34].to_vec();
    padded.resize(384, 0);
    hopeless(&padded);
}

#[test]
fn a_wrong_length_is_mended_when_all_else_is_right() {
    for (format, at, wide) in [
        (TemplateFormat::Iso2005, 8, 4),
        (TemplateFormat::Ansi2004, 8, 2),
        (TemplateFormat::Iso2011, 8, 4),
        (TemplateFormat::Ansi2009, 8, 4),
        (TemplateFormat::Ansi2009Am1, 8, 4),
        (TemplateFormat::Ssft, 6, 4),
    ] {
        let (record, bytes) = two_views(format);
        let length = bytes.len() as u32;
        for wrong in [0, 1, 26, 30, length - 1, length + 1, length + 4, 2048, 60_000] {
            let mut changed = bytes.clone();
            changed[at..at + wide].copy_from_slice(&wrong.to_be_bytes()[4 - wide..]);
            if (format, wrong) == (TemplateFormat::Ansi2004, 0) {
                // A length of 0 is one of 4 more bytes, which are not there.
                hopeless(&changed);
                continue;
            }
            let read = mended(&changed);
            let (declared, used) = (wrong.into(), length.into());
            assert_eq!(read.mendings, [Mending::Length { what: "the record length", offset: at, declared, used }]);
            assert!(content(read) == record, "{format:?} {wrong}");
            // With padding it may be a cut record, unless the length counts the padding.
            changed.resize(2048, 0);
            if wrong != 2048 {
                assert!(lenient(&changed).is_err(), "{format:?} {wrong}");
                continue;
            }
            let read = mended(&changed);
            let padding = Mending::Padding { offset: bytes.len(), bytes: 2048 - bytes.len() };
            let length = Mending::Length { what: "the record length", offset: at, declared, used };
            assert_eq!(read.mendings, [length, padding]);
            assert!(content(read) == record);
        }
    }
    // A representation's own length.
    let (record, mut bytes) = two_views(TemplateFormat::Iso2011);
    bytes[18] += 1;
    let read = mended(&bytes);
    assert!(matches!(read.mendings[..], [Mending::Length { what: "the representation length", offset: 15, .. }]));
    assert!(content(read) == record);
}

#[test]
fn lengths_of_extensions_that_are_off_are_mended_when_one_reading_is_left() {
    for format in &MEASURED[..5] {
        let (record, bytes) = two_views(*format);
        // The areas: 7 and 9 bytes in two extensions, counted with or without their headers.
        let places: Vec<usize> = (0..bytes.len() - 3).filter(|&i| bytes[i..].starts_with(&[1, 1, 0])).collect();
        assert_eq!(places.len(), 2, "{format:?}");
        for start in places {
            let second = start + 4 + 7;
            assert_eq!(bytes[second..second + 2], [1, 2]);
            for (field, what) in [(start - 2, "area"), (start + 2, "first"), (second + 2, "second")] {
                for by in [1i32, -1] {
                    let declared = u16::from_be_bytes([bytes[field], bytes[field + 1]]);
                    let wrong = (i32::from(declared) + by) as u16;
                    let mut changed = bytes.clone();
                    changed[field..field + 2].copy_from_slice(&wrong.to_be_bytes());
                    let read = lenient(&changed).unwrap_or_else(|e| panic!("{format:?} {what} {by}: {e}"));
                    let mending = Mending::ExtensionLength { offset: field, declared: wrong, used: declared };
                    assert_eq!(mended(&changed).mendings, [mending], "{format:?} {what} {by}");
                    assert!(content(read) == record, "{format:?} {what} {by}");
                }
            }
            // Two that are wrong in a way that cancels out are two readings, or none.
            let mut changed = bytes.clone();
            changed[start + 3] += 1;
            changed[second + 3] -= 2;
            hopeless(&changed);
        }
    }
}

#[test]
fn headers_of_drafts_are_known_by_their_number() {
    for (format, versions) in [
        (TemplateFormat::Iso2005, [&b"FMR\x0020\0\0"[..], b"FMR\x00020\0", b"FMR 20 \0"]),
        (TemplateFormat::Ansi2004, [b"FMR\x00 10\0", b"FMR\x00010\0", b"FMR\x00 20 "]),
        (TemplateFormat::Ansi2009, [b"FMR\x00 30\0", b"FMR\x0030\0\0", b"FMR\x00030 "]),
        (TemplateFormat::Ansi2009Am1, [b"FMR\x00 35\0", b"FMR\x0035\0\0", b"FMR\x00035 "]),
    ] {
        let (record, bytes) = two_views(format);
        for version in versions {
            let mut changed = bytes.clone();
            changed[..8].copy_from_slice(version.get(..8).unwrap());
            let read = mended(&changed);
            assert_eq!(read.mendings, [Mending::Draft { edition: format.name() }], "{version:?}");
            assert!(content(read) == record);
            // Nothing else may be wrong then.
            changed.push(0);
            hopeless(&changed);
        }
        let mut unknown = bytes;
        for version in [b"040\0", b" 99\0", b"abc\0", b"\0\0\0\0"] {
            unknown[4..8].copy_from_slice(version);
            hopeless(&unknown);
        }
    }
}

/// Base64 with its usual alphabet.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0, |sum, &b| sum << 8 | u32::from(b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[test]
fn text_of_a_record_is_named_and_read_leniently() {
    for format in MEASURED.into_iter().chain([TemplateFormat::SourceAfis]) {
        let (record, bytes) = match format {
            TemplateFormat::SourceAfis => (decoded(&sourceafis(), format), sourceafis()),
            format => two_views(format),
        };
        let lines = |text: String| {
            let lines: Vec<_> =
                text.as_bytes().chunks(76).map(|c| std::str::from_utf8(c).unwrap().to_owned()).collect();
            lines.join("\r\n") + "\n"
        };
        let hex: String = bytes.iter().map(|b| format!("{b:02X}")).collect();
        let url = base64(&bytes).replace('+', "-").replace('/', "_").replace('=', "");
        for (text, encoding) in [
            (base64(&bytes), TextEncoding::Base64),
            (lines(base64(&bytes)), TextEncoding::Base64),
            (url, TextEncoding::Base64),
            (hex.clone(), TextEncoding::Hexadecimal),
            (hex.to_lowercase(), TextEncoding::Hexadecimal),
            (lines(hex.clone()), TextEncoding::Hexadecimal),
        ] {
            let read = mended(text.as_bytes());
            assert_eq!(read.mendings, [Mending::Text(encoding)], "{format:?}");
            assert!(content(read) == record, "{format:?}");
            let strict = decode(text.as_bytes(), &DecodeOptions::default(), &limits()).unwrap_err().to_string();
            let named = format!("this is {encoding} text of a record ({})", format.name());
            assert!(strict.starts_with(&named), "{strict}");
            assert_eq!(decode_text(text.as_bytes()), Some((encoding, bytes.clone())));
        }
        hopeless(&base64(&bytes).as_bytes()[..base64(&bytes).len() / 8 * 4]);
        hopeless(base64(&base64(&bytes).into_bytes()).as_bytes());
        if format != TemplateFormat::SourceAfis {
            let mut padded = bytes.clone();
            padded.resize(2048, 0);
            let read = mended(base64(&padded).as_bytes());
            assert!(matches!(read.mendings[..], [Mending::Text(TextEncoding::Base64), Mending::Padding { .. }]));
            assert!(content(read) == record);
        }
    }
}

#[test]
fn files_of_other_kinds_are_named() {
    for (bytes, kind, part) in [
        (&b"II\x2B\0\x08\0\0\0"[..], FileKind::BigTiff, "a BigTIFF image, not a fingerprint template: save"),
        (b"\x1F\x8B\x08\0\0\0\0\0", FileKind::Gzip, "a gzip stream, not a fingerprint template: unpack it first"),
        (b"PK\x03\x04\x14\0\0\0", FileKind::Zip, "a ZIP archive"),
        (b"%PDF-1.7\n", FileKind::Pdf, "a PDF document"),
        (b"\0\0\0\x1Cftypheic\0\0\0\0", FileKind::Heic, "a HEIC image"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", FileKind::Webp, "a WebP image"),
        (b"\xFF\x4F\xFF\x51\0\x29", FileKind::Jpeg2000, "a JPEG 2000 image"),
        (b"\x89PNG\r\n\x1A\n\0\0\0\x0D", FileKind::Png, "a PNG image, not a fingerprint template"),
    ] {
        let error = decode(bytes, &DecodeOptions::default(), &limits()).unwrap_err();
        assert!(matches!(error, FormatError::Kind { kind: found, .. } if found == kind), "{error}");
        assert!(error.to_string().contains(part), "{error}");
        hopeless(bytes);
    }
    if cfg!(not(feature = "jpeg2000")) {
        assert_eq!(FileKind::Jpeg2000.advice(), Some("build with the feature `jpeg2000` to read such images"));
    }
}

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/records").join(name);
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// One print as other software hands it over: with a quality that was not computed, twice, padded, and as Type-9 minutiae.
#[test]
fn a_print_is_the_same_in_every_record_of_it() {
    let strict = |bytes: &[u8]| decode(bytes, &DecodeOptions::default(), &limits());
    let bytes = fixture("ansi378_2004_quality254.ansi");
    let print = strict(&bytes).unwrap();
    assert_eq!(encode(&print, TemplateFormat::Ansi2004).0, bytes);
    let print = print.to_template().unwrap();
    assert_eq!((print.minutiae().len(), print.quality()), (39, None));
    let both = strict(&fixture("ansi378_2004_two_views.ansi")).unwrap();
    assert!(matches!(both.to_template(), Err(FormatError::SeveralViews { inside }) if inside.len() == 2));
    let second = DecodeOptions { place: Some(1), ..DecodeOptions::default() };
    let second = decode(&fixture("ansi378_2004_two_views.ansi"), &second, &limits()).unwrap().to_template().unwrap();
    assert_eq!((second.minutiae(), second.quality()), (print.minutiae(), Some(77)));
    let padded = mended(&fixture("iso2005_zero_padded_synthetic.iso"));
    assert_eq!(padded.mendings, [Mending::Padding { offset: 264, bytes: 200 }]);
    let padded = padded.to_template().unwrap();
    assert_eq!((padded.minutiae().len(), padded.quality()), (39, Some(77)));
    let file = An2kFile::decode(&fixture("type9_S_only.an2"), &limits()).unwrap();
    let index = file.choose_minutiae(Some(FingerPosition::RightThumb)).unwrap();
    assert!(file.notes().is_empty() && file.choose_image(None).is_err());
    let read = file.minutiae(index, &limits()).unwrap().to_template().unwrap();
    assert_eq!(read.minutiae().len(), 39);
    let shift = print.minutiae()[0].y - read.minutiae()[0].y;
    for (a, b) in print.minutiae().iter().zip(read.minutiae()) {
        assert!((a.x - b.x).abs() < 0.7 && (a.y - b.y - shift).abs() < 1.0, "{} {}", a.x - b.x, a.y - b.y - shift);
        assert!(a.direction.difference(b.direction).abs() < 0.06 && a.kind == b.kind);
    }
    let score = Comparator::<Finger>::new().compare_templates(&print, &read).unwrap();
    assert!(score.decibels() > 60.0, "{score:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_lenient_reading_never_differs_from_a_strict_one(
        format in 0usize..7, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        cut in prop::option::of(any::<prop::sample::Index>()), padding in 0usize..40, value in prop::sample::select(vec![0u8, 255, 7]),
    ) {
        let (_, mut bytes) = two_views(MEASURED[format]);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes.resize(bytes.len() + padding, value);
        let (strict, lenient) = (decode(&bytes, &DecodeOptions::default(), &limits()), lenient(&bytes));
        match strict {
            Ok(record) => {
                prop_assert!(record.mendings.is_empty());
                prop_assert!(lenient.as_ref() == Ok(&record));
            }
            Err(FormatError::Mendable { mendings, .. }) => prop_assert_eq!(lenient.map(|r| r.mendings), Ok(mendings)),
            Err(error) => prop_assert_eq!(lenient.err(), Some(error)),
        }
    }
}
