//! Bytes to a record.

use super::detect::detect;
use super::fields::Rules;
use super::fmr;
use super::mend::mend;
use super::model::{Record, View};
use super::read::read;
use super::template_format::TemplateFormat;
use crate::bytes::FileKind;
use crate::fingerprint::position::FingerPosition;
use crate::format::error::FormatError;
use crate::format::mending::Mending;
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
    /// Keep only the view at this place in the record, from 0. In some records all views have the same finger and number.
    pub place: Option<usize>,
    /// Mend what breaks the standard but can be read in one way only, and say so in [`Record::mendings`]: padding after a
    /// record, a wrong length, a length of extensions that is off by a few bytes, a draft's header, minutiae outside the
    /// declared image, and records as Base64 or hexadecimal text.
    pub lenient: bool,
}

/// Reads a template in any format, with everything that the format holds; [`Record::to_templates`] converts it to
/// templates.
///
/// Several views may match `options`; [`Record::to_template`] insists on one.
///
/// # Errors
/// [`FormatError`] when the bytes are empty, of no known format, damaged, or larger than `limits`;
/// [`FormatError::NoView`] with a list of the views when none matches `options`; [`FormatError::PpiMissing`] for pixels of
/// an unknown resolution; [`FormatError::Mendable`] for a record that [`DecodeOptions::lenient`] would read.
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
    let mut record = match as_it_is(bytes, options, limits) {
        Ok(record) => record,
        Err(error @ (FormatError::Empty | FormatError::PpiMissing)) => return Err(error),
        Err(error) => match mend(bytes, options.format, options.ppi, limits) {
            None => return Err(error),
            Some(mended) if options.lenient => mended.record,
            Some(mended) => {
                let mendings = mended.record.mendings;
                let reason = match mendings.first() {
                    Some(&Mending::Text(encoding)) => FormatError::Text { encoding, inside: mended.format.name() },
                    _ => error,
                };
                return Err(FormatError::Mendable { reason: Box::new(reason), mendings });
            }
        },
    };
    let wanted = |view: &View| {
        options.finger.is_none_or(|finger| view.position == finger) && options.view.is_none_or(|n| view.number == n)
    };
    let inside = record.contents();
    let mut places = 0..;
    record.views.retain(|view| {
        let place = places.next();
        options.place.is_none_or(|wanted| place == Some(wanted)) && wanted(view)
    });
    if record.views.is_empty() { Err(FormatError::NoView { inside }) } else { Ok(record) }
}

/// Reads a record that breaks no rule.
fn as_it_is(bytes: &[u8], options: &DecodeOptions, limits: &Limits) -> Result<Record, FormatError> {
    let format = options.format.or_else(|| detect(bytes));
    // A card record may be empty; every other format has at least a header or a line.
    if bytes.is_empty() && !matches!(format, Some(TemplateFormat::CardNormal | TemplateFormat::CardCompact)) {
        return Err(FormatError::Empty);
    }
    match (format, FileKind::of(bytes)) {
        (Some(format), _) => read(bytes, format, options.ppi, Rules::strict(limits)),
        (None, Some(FileKind::MinutiaeRecord)) => {
            let what = "a finger minutiae record of an unknown edition";
            Err(FormatError::Unsupported { what, offset: fmr::MAGIC.len() })
        }
        (None, Some(kind)) => Err(FormatError::Kind { kind, expected: "a fingerprint template" }),
        (None, None) => Err(FormatError::UnknownFormat),
    }
}
