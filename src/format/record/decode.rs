//! Bytes to a record.

use super::detect::detect;
use super::fields::Rules;
use super::model::{Record, View};
use super::template_format::TemplateFormat;
use super::{ansi2004, ansi2009, card, csv, fmr, iso2005, iso2011, piv, sourceafis, ssft, xyt};
use crate::fingerprint::position::FingerPosition;
use crate::format::error::FormatError;
use crate::image::Ppi;
use crate::limits::Limits;

/// Options for reading a template.
///
/// ```
/// use selfsame::format::{DecodeOptions, TemplateFormat, decode};
/// use selfsame::{FingerPosition, Limits};
/// // Bare minutiae of a card: x and y in 0.1 mm, kind and direction.
/// let card = DecodeOptions { format: Some(TemplateFormat::CardCompact), ..DecodeOptions::default() };
/// let record = decode(&[40, 90, 0x48], &card, &Limits::default())?;
/// assert_eq!(record.views[0].minutiae[0].direction.degrees(), 45.0);
/// let thumb = DecodeOptions { finger: Some(FingerPosition::RightThumb), ..card };
/// assert!(decode(&[40, 90, 0x48], &thumb, &Limits::default()).is_err());
/// # Ok::<(), selfsame::format::FormatError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DecodeOptions {
    /// The format; with `None` it is detected from the bytes.
    pub format: Option<TemplateFormat>,
    /// Resolution of the image that the pixels of a [`TemplateFormat::CsvPixels`] belong to; the other formats ignore it.
    pub ppi: Option<Ppi>,
    /// Keep the views of this finger only.
    pub finger: Option<FingerPosition>,
    /// Keep the views of this number only.
    pub view: Option<u8>,
    /// Also accept standard records with minutiae outside the declared image or with bytes after their end.
    pub lenient: bool,
}

/// Reads a template in any format, with everything that the format holds; [`Record::to_templates`] converts it to
/// templates.
///
/// # Errors
/// [`FormatError`] when the bytes are empty, of no known format, damaged, larger than `limits`, or hold no view that
/// matches `options`; [`FormatError::PpiMissing`] for pixels of an unknown resolution.
///
/// ```
/// use selfsame::Limits;
/// use selfsame::format::{DecodeOptions, decode};
/// let csv = "x,y,angle_degrees,type,quality\n101.5,77,45,E,80\n";
/// let record = decode(csv.as_bytes(), &DecodeOptions::default(), &Limits::default())?;
/// assert_eq!(record.to_templates()?[0].minutiae()[0].x, 101.5);
/// # Ok::<(), selfsame::format::FormatError>(())
/// ```
pub fn decode(bytes: &[u8], options: &DecodeOptions, limits: &Limits) -> Result<Record, FormatError> {
    limits.check_bytes(bytes.len())?;
    let format = options.format.or_else(|| detect(bytes));
    // A card record may be empty; every other format has at least a header or a line.
    if bytes.is_empty() && !matches!(format, Some(TemplateFormat::CardNormal | TemplateFormat::CardCompact)) {
        return Err(FormatError::Empty);
    }
    let rules = Rules { limits, lenient: options.lenient };
    let mut record = match format {
        Some(TemplateFormat::Piv) => {
            let (wrapper, inside) = piv::decode(bytes, rules, |inside| match detect(inside) {
                Some(TemplateFormat::Piv) | None => Err(FormatError::UnknownFormat),
                Some(inner) => Ok(inner),
            })?;
            // Offsets in errors about the inner record count from its own start.
            let record = plain(inside, wrapper.inner, options.ppi, rules)?;
            Record { wrapper: Some(Box::new(wrapper)), ..record }
        }
        Some(format) => plain(bytes, format, options.ppi, rules)?,
        None if bytes.starts_with(fmr::MAGIC) => {
            let what = "a finger minutiae record of an unknown edition";
            return Err(FormatError::Unsupported { what, offset: fmr::MAGIC.len() });
        }
        None => return Err(FormatError::UnknownFormat),
    };
    let wanted = |view: &View| {
        options.finger.is_none_or(|finger| view.position == finger) && options.view.is_none_or(|n| view.number == n)
    };
    record.views.retain(wanted);
    if record.views.is_empty() { Err(FormatError::NoView) } else { Ok(record) }
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
