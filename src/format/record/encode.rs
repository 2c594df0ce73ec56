//! A record to bytes.

use super::loss::{Losses, fit};
use super::model::Record;
use super::template_format::TemplateFormat;
use super::{ansi2004, ansi2009, card, csv, iso2005, iso2011, piv, sourceafis, ssft, xyt};

/// Writes a record in any format, and reports the data that the format cannot hold.
///
/// ```
/// use selfsame::format::{Lost, Record, TemplateFormat, View, encode};
/// let view = View { impression: 1, ..View::default() };
/// let record = Record { views: vec![view], ..Record::default() };
/// let (bytes, losses) = encode(&record, TemplateFormat::CardCompact);
/// assert!(bytes.is_empty() && losses.count(Lost::Impressions) == 1);
/// ```
#[must_use]
pub fn encode(record: &Record, format: TemplateFormat) -> (Vec<u8>, Losses) {
    let (record, losses) = fit(record, format);
    let bytes = match format {
        TemplateFormat::Piv => piv::encode(&record, &plain(&record, piv::inner(&record))),
        format => plain(&record, format),
    };
    (bytes, losses)
}

/// Writes a record that fits the format, without a wrapper.
fn plain(record: &Record, format: TemplateFormat) -> Vec<u8> {
    match format {
        TemplateFormat::Iso2005 => iso2005::encode(record),
        TemplateFormat::Iso2011 => iso2011::encode(record),
        TemplateFormat::Ansi2004 | TemplateFormat::Piv => ansi2004::encode(record),
        TemplateFormat::Ansi2009 => ansi2009::encode(record, ansi2009::VERSION),
        TemplateFormat::Ansi2009Am1 => ansi2009::encode(record, ansi2009::AMENDED),
        TemplateFormat::CardNormal => card::encode_normal(record),
        TemplateFormat::CardCompact => card::encode_compact(record),
        TemplateFormat::XytNist => xyt::encode(record, false),
        TemplateFormat::XytM1 => xyt::encode(record, true),
        TemplateFormat::SourceAfis => sourceafis::encode(record),
        TemplateFormat::Csv => csv::encode(record),
        TemplateFormat::CsvPixels => csv::encode_pixels(record),
        TemplateFormat::Ssft => ssft::encode(record),
    }
}
