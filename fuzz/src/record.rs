//! Targets for untrusted template records.

use selfsame::format::{DecodeOptions, FormatError, Record, TemplateFormat, decode, detect, encode};
use selfsame::{Limits, Ppi};

/// Low limits that a damaged header soon exceeds.
fn limits() -> Limits {
    Limits { max_bytes: 1 << 16, max_pixels: 1 << 16, max_minutiae: 256, max_views: 16 }
}

/// Limits wide enough for any encoding of a record within [`limits`].
fn wide() -> Limits {
    Limits { max_bytes: 1 << 24, max_pixels: usize::MAX, ..limits() }
}

fn decoded(data: &[u8], format: impl Into<Option<TemplateFormat>>, limits: &Limits) -> Result<Record, FormatError> {
    let options = DecodeOptions { format: format.into(), ppi: Some(Ppi::P500), ..DecodeOptions::default() };
    let strict = decode(data, &options, limits);
    let lenient = decode(data, &DecodeOptions { lenient: true, ..options }, limits);
    match (&strict, &lenient) {
        (Ok(record), _) => {
            assert!(record.mendings.is_empty(), "a strict reading mends");
            assert!(strict == lenient, "what is read strictly reads otherwise when it need not be");
        }
        (Err(FormatError::Mendable { mendings, .. }), Ok(mended)) => {
            assert!(!mendings.is_empty() && *mendings == mended.mendings, "a mending was not told");
            let views = &mended.views;
            assert!(views.len() <= limits.max_views);
            assert!(views.iter().all(|v| v.minutiae.len() <= limits.max_minutiae));
            let _ = mended.to_templates();
        }
        (Err(_), Ok(_)) => panic!("mended without a word"),
        (Err(FormatError::Mendable { .. }), Err(_)) => panic!("a lenient reading was promised"),
        (Err(_), Err(_)) => {}
    }
    strict
}

fn read(data: &[u8], format: TemplateFormat) -> Option<Record> {
    let record = decoded(data, format, &limits()).ok()?;
    assert!(data.len() <= limits().max_bytes && record.views.len() <= limits().max_views);
    assert!(record.views.iter().all(|v| v.minutiae.len() <= limits().max_minutiae));
    Some(record)
}

/// A decoded record is written, read again, and written the same; a record of a standard is written unchanged.
fn one(data: &[u8], format: TemplateFormat) {
    let Some(record) = read(data, format) else { return };
    let _ = record.to_templates();
    let (bytes, _) = encode(&record, format);
    let inside = record.wrapper.as_ref().map_or(format, |w| w.inner);
    let exact = !matches!(
        inside,
        TemplateFormat::XytNist | TemplateFormat::XytM1 | TemplateFormat::SourceAfis | TemplateFormat::Ssft
    );
    assert!(!exact || bytes == data, "a record of {format:?} changed");
    if bytes.is_empty() {
        return;
    }
    let Ok(again) = decoded(&bytes, format, &wide()) else { panic!("{format:?} is not read back") };
    assert!(encode(&again, format).0 == bytes, "what was rounded once did not stay");
}

macro_rules! decoders {
    ($($(#[$doc:meta])* $name:ident: $format:ident;)*) => {
        $($(#[$doc])* pub fn $name(data: &[u8]) {
            one(data, TemplateFormat::$format);
        })*
    };
}

decoders! {
    /// ISO/IEC 19794-2:2005.
    record_iso2005: Iso2005;
    /// ISO/IEC 19794-2:2011.
    record_iso2011: Iso2011;
    /// ANSI/INCITS 378-2004.
    record_ansi2004: Ansi2004;
    /// ANSI/INCITS 378-2009.
    record_ansi2009: Ansi2009;
    /// ANSI/INCITS 378-2009 with its first amendment.
    record_ansi2009am1: Ansi2009Am1;
    /// Normal card.
    record_card: CardNormal;
    /// Compact card.
    record_card_compact: CardCompact;
    /// NBIS text, NIST.
    record_xyt: XytNist;
    /// NBIS text, M1.
    record_xyt_m1: XytM1;
    /// SourceAFIS.
    record_sourceafis: SourceAfis;
    /// PIV header.
    record_piv: Piv;
    /// This crate's own.
    record_ssft: Ssft;
}

/// Checks that detection and decoding agree: decoding without a format must use the detected format.
pub fn record_detect(data: &[u8]) {
    let told = detect(data);
    let plain = decoded(data, None, &limits());
    match told {
        Some(format) => assert!(plain == decoded(data, format, &limits())),
        None => assert!(plain.is_err()),
    }
}

/// Checks that the answer depends only on the bytes of a cut record, not on the memory after them; a cut record that
/// states its length is rejected.
pub fn record_cut(data: &[u8]) {
    let Some((&at, file)) = data.split_first() else { return };
    let cut = usize::from(at) % (file.len() + 1);
    // The same bytes elsewhere, with other bytes after them.
    let elsewhere = [file, &[0xAA]].concat();
    for format in TemplateFormat::ALL {
        let whole = decoded(file, format, &limits());
        assert!(whole == decoded(&elsewhere[..file.len()], format, &limits()));
        let part = decoded(&file[..cut], format, &limits());
        // Text of it is another way to the same record.
        let text: String = file.iter().map(|b| format!("{b:02x}")).collect();
        let _ = decoded(text.as_bytes(), format, &wide());
        assert!(part == decoded(&[&file[..cut]].concat(), format, &limits()));
        let bare = matches!(
            format,
            TemplateFormat::CardNormal
                | TemplateFormat::CardCompact
                | TemplateFormat::XytNist
                | TemplateFormat::XytM1
                | TemplateFormat::Csv
                | TemplateFormat::CsvPixels
        );
        assert!(bare || cut == file.len() || whole.is_err() || part.is_err(), "{format:?} was cut and is whole");
    }
}

/// Every accepted record is written in every format and read back.
pub fn record_convert(data: &[u8]) {
    let Some((&choice, file)) = data.split_first() else { return };
    let formats = TemplateFormat::ALL;
    let Some(record) = read(file, formats[usize::from(choice) % formats.len()]) else { return };
    for format in formats {
        let (bytes, _) = encode(&record, format);
        if bytes.is_empty() {
            continue;
        }
        let wide = Limits { max_minutiae: 1 << 16, ..wide() };
        assert!(decoded(&bytes, format, &wide).is_ok(), "{format:?} is not read back");
    }
}
