//! Bytes of a format that is known to a record.

use super::detect::detect;
use super::fields::Rules;
use super::model::Record;
use super::template_format::TemplateFormat;
use super::{ansi2004, ansi2009, card, csv, iso2005, iso2011, piv, sourceafis, ssft, xyt};
use crate::format::error::FormatError;
use crate::image::Ppi;

/// Reads a record in a format; `ppi` is the resolution of pixels whose file does not state it.
pub(super) fn read(
    bytes: &[u8],
    format: TemplateFormat,
    ppi: Option<Ppi>,
    rules: Rules<'_>,
) -> Result<Record, FormatError> {
    if format != TemplateFormat::Piv {
        return plain(bytes, format, ppi, rules);
    }
    let (wrapper, inside) = piv::decode(bytes, rules, |inside| match detect(inside) {
        Some(TemplateFormat::Piv) | None => Err(FormatError::UnknownFormat),
        Some(inner) => Ok(inner),
    })?;
    // Offsets in errors about the inner record count from its own start.
    let record = plain(inside, wrapper.inner, ppi, rules)?;
    Ok(Record { wrapper: Some(Box::new(wrapper)), ..record })
}

/// Reads a record without a wrapper.
fn plain(bytes: &[u8], format: TemplateFormat, ppi: Option<Ppi>, rules: Rules<'_>) -> Result<Record, FormatError> {
    match format {
        TemplateFormat::Iso2005 => iso2005::decode(bytes, rules),
        TemplateFormat::Iso2011 => iso2011::decode(bytes, rules),
        TemplateFormat::Ansi2004 | TemplateFormat::Piv => ansi2004::decode(bytes, rules),
        TemplateFormat::Ansi2009 => ansi2009::decode(bytes, ansi2009::VERSION, rules),
        TemplateFormat::Ansi2009Am1 => ansi2009::decode(bytes, ansi2009::AMENDED, rules),
        TemplateFormat::CardNormal => card::decode_normal(bytes, rules.limits),
        TemplateFormat::CardCompact => card::decode_compact(bytes, rules.limits),
        TemplateFormat::XytNist => xyt::decode(bytes, false, rules.limits),
        TemplateFormat::XytM1 => xyt::decode(bytes, true, rules.limits),
        TemplateFormat::SourceAfis => sourceafis::decode(bytes, rules.limits),
        TemplateFormat::Csv => csv::decode(bytes, rules.limits),
        TemplateFormat::CsvPixels => csv::decode_pixels(bytes, ppi.ok_or(FormatError::PpiMissing)?, rules.limits),
        TemplateFormat::Ssft => ssft::decode(bytes, rules),
    }
}
