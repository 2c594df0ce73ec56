//! Minutiae of a Type-9 record in the block of INCITS 378 (fields 9.128 to 9.137), to a template record.
//!
//! Field numbers and the items of a minutia were confirmed with two implementations of ANSI/NIST-ITL 1-2011 (INTERPOL's profile of it
//! and the Python library `mdedonno1337/NIST`). Ridge counts, cores and deltas (9.138 to 9.141) stay fields.

use super::super::error::FormatError;
use super::super::record::{self, PIXELS_PER_CM, RecordKind, RecordMinutia, SampleQuality};
use super::field::Field;
use super::tagged::TaggedRecord;
use crate::fingerprint::position::FingerPosition;
use crate::fingerprint::template::FingerTemplate;
use crate::geometry::Angle;
use crate::image::CM_PER_INCH;
use crate::limits::Limits;

/// Width and height of the image, pixels.
const WIDTH: u16 = 128;
const HEIGHT: u16 = 129;
/// Unit of the resolutions: 1 pixels per inch, 2 pixels per cm.
const UNIT: u16 = 130;
/// Resolution across and down.
const ACROSS: u16 = 131;
const DOWN: u16 = 132;
/// Number of the view.
const VIEW: u16 = 133;
/// Finger position.
const POSITION: u16 = 134;
/// Finger position and number of minutiae in the standard form.
const FINGER: u16 = 6;
const STANDARD_COUNT: u16 = 10;
/// Quality, then the vendor and algorithm that computed it.
const QUALITY: u16 = 135;
/// Number of minutiae, and the minutiae.
const COUNT: u16 = 136;
const MINUTIAE: u16 = 137;
/// Number of steps of a direction (2 degrees each).
const STEPS: u8 = 180;

impl TaggedRecord {
    /// Whether this is a Type-9 record with minutiae in the INCITS 378 block.
    #[must_use]
    pub fn is_incits(&self) -> bool {
        self.kind == 9 && self.field(COUNT).is_some()
    }

    /// The code of the finger that a record of minutiae states.
    pub(super) fn minutiae_position(&self) -> Option<u8> {
        let field = if self.is_incits() { self.field(POSITION)? } else { self.field(FINGER)? };
        // The standard form may list several possible fingers.
        let mut all = field.subfields().flatten().filter(|item| !item.is_empty());
        let (Some(only), None) = (all.next(), all.next()) else { return None };
        std::str::from_utf8(only).ok()?.trim().parse().ok()
    }

    /// The number of minutiae that a record of minutiae states; 0 when it is not a number.
    pub(super) fn minutiae_count(&self) -> Option<usize> {
        let field = if self.is_incits() { self.field(COUNT) } else { self.field(STANDARD_COUNT) };
        Some(field.and_then(Field::whole).and_then(|n| usize::try_from(n).ok()).unwrap_or(0))
    }

    /// The minutiae of a Type-9 record in the INCITS 378 block, as a record of one view;
    /// [`record::Record::to_templates`] converts it to a template, and [`encode`](crate::format::encode) writes it in
    /// any format.
    ///
    /// # Errors
    /// [`FormatError`] for another record, for fields that are missing or wrong, for minutiae outside the image, or for
    /// more minutiae than `limits` allow.
    ///
    /// ```
    /// use selfsame::Limits;
    /// use selfsame::format::an2k::{Field, TaggedRecord};
    /// let fields = [(128, "388"), (129, "374"), (130, "1"), (131, "500"), (132, "500"), (136, "1")];
    /// let fields = fields.map(|(number, value)| Field::new(number, value));
    /// let minutia = Field::new(137, "1\x1F100\x1F70\x1F23\x1F1\x1F80");
    /// let record = TaggedRecord::new(9, fields.into_iter().chain([minutia]).collect())?;
    /// let template = &record.incits(&Limits::default())?.to_templates()?[0];
    /// assert_eq!((template.minutiae()[0].x, template.minutiae()[0].direction.degrees().round()), (100.0, 45.0));
    /// # Ok::<(), selfsame::format::FormatError>(())
    /// ```
    pub fn incits(&self, limits: &Limits) -> Result<record::Record, FormatError> {
        let header = |reason| FormatError::Header { offset: 0, reason };
        if self.kind != 9 {
            return Err(FormatError::Unsupported { what: "a record other than Type-9", offset: 0 });
        }
        let number = |field| self.field(field).and_then(Field::whole);
        let count = number(COUNT).ok_or(header("a minutiae record gives no number of INCITS 378 minutiae (9.136)"))?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        limits.check_minutiae(count)?;
        let side =
            |field, reason| number(field).and_then(|n| u16::try_from(n).ok()).filter(|&n| n > 0).ok_or(header(reason));
        let width = side(WIDTH, "a minutiae record gives no width (9.128)")?;
        let height = side(HEIGHT, "a minutiae record gives no height (9.129)")?;
        let (x_resolution, y_resolution) = (self.per_cm(ACROSS)?, self.per_cm(DOWN)?);
        let mut minutiae = Vec::new();
        let field = self.field(MINUTIAE).filter(|_| count > 0);
        for mut items in field.iter().flat_map(|field| field.subfields()) {
            if minutiae.len() == count {
                return Err(header("a record holds more minutiae than it declares (9.137)"));
            }
            // The index of the minutia comes first.
            items.next();
            let mut item = || std::str::from_utf8(items.next()?).ok()?.trim().parse::<u16>().ok();
            let values = [item(), item(), item(), item(), item()];
            let minutia = minutia(values).ok_or(header("a minutia does not have the form of INCITS 378 (9.137)"))?;
            if minutia.x >= f32::from(width) || minutia.y >= f32::from(height) {
                return Err(FormatError::Outside { offset: 0 });
            }
            minutiae.push(minutia);
        }
        if minutiae.len() != count {
            return Err(header("a record holds fewer minutiae than it declares (9.137)"));
        }
        let position = number(POSITION).and_then(|n| FingerPosition::from_code(u8::try_from(n).ok()?));
        let byte = |field| number(field).and_then(|n| u8::try_from(n).ok());
        let view = record::View {
            position: position.unwrap_or_default(),
            number: byte(VIEW).unwrap_or(0),
            impression: byte(3).unwrap_or(0),
            qualities: self.quality().into_iter().collect(),
            width: width.into(),
            height: height.into(),
            x_resolution,
            y_resolution,
            minutiae,
            ..record::View::default()
        };
        Ok(record::Record { views: vec![view], ..record::Record::default() })
    }

    /// A resolution in pixels per cm; 500 ppi if it is not given.
    fn per_cm(&self, field: u16) -> Result<u16, FormatError> {
        let wrong =
            FormatError::Header { offset: 0, reason: "a minutiae record gives a wrong resolution (9.130 to 9.132)" };
        let Some(field) = self.field(field) else { return Ok(PIXELS_PER_CM) };
        let value = field.whole().and_then(|n| u16::try_from(n).ok()).filter(|&n| n > 0).ok_or(wrong.clone())?;
        match self.field(UNIT).and_then(Field::whole) {
            Some(1) => Ok(rounded(f32::from(value) / CM_PER_INCH).max(1)),
            Some(2) => Ok(value),
            _ => Err(wrong),
        }
    }

    /// The quality of the print, when there is one from 0 to 100.
    fn quality(&self) -> Option<SampleQuality> {
        let mut items = self.field(QUALITY)?.subfields().next()?;
        let score = std::str::from_utf8(items.next()?)
            .ok()?
            .trim()
            .parse()
            .ok()
            .filter(|&q| q <= FingerTemplate::MAX_QUALITY)?;
        Some(SampleQuality { score, vendor: 0, algorithm: 0 })
    }
}

/// A minutia from its items: x, y, direction, kind, quality.
fn minutia([x, y, direction, kind, quality]: [Option<u16>; 5]) -> Option<RecordMinutia> {
    let direction = u8::try_from(direction?).ok().filter(|&d| d < STEPS)?;
    Some(RecordMinutia {
        x: f32::from(x?),
        y: f32::from(y?),
        // A code stands for the interval of 2 degrees that ends at twice its value.
        direction: Angle::from_degrees(2.0 * f32::from(direction) - 1.0),
        kind: match kind? {
            0 => RecordKind::Other,
            1 => RecordKind::Ending,
            2 => RecordKind::Bifurcation,
            _ => return None,
        },
        quality: u8::try_from(quality?).ok().filter(|&q| q <= FingerTemplate::MAX_QUALITY)?,
        reserved: 0,
    })
}

/// A resolution per cm, at most 25,801.
#[allow(clippy::as_conversions, reason = "the conversion saturates, and that is wanted")]
fn rounded(value: f32) -> u16 {
    value.round() as u16
}
