//! Minutiae of a Type-9 record in the standard format (fields 9.005 to 9.012), to templates and back.
//!
//! Positions are in units of 0.01 mm from the lower left corner of the image; directions are those of ISO/IEC 19794-2
//! rotated by 180 degrees; qualities go from 2 (best) to 63. Confirmed with the records that NIST's `mindtct` writes.

use std::f32::consts::PI;

use super::super::error::FormatError;
use super::super::record;
use super::field::{Field, RS, US};
use super::tagged::TaggedRecord;
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::position::FingerPosition;
use crate::fingerprint::template::FingerTemplate;
use crate::geometry::Angle;
use crate::image::{CM_PER_INCH, Ppi};
use crate::limits::Limits;

/// Pixels at 500 ppi in one unit of 0.01 mm.
const PIXELS_PER_UNIT: f32 = Ppi::P500.get() / (1000.0 * CM_PER_INCH);
/// Largest coordinate: four digits.
const MAX_UNITS: f32 = 9999.0;
/// Worst quality, and the best.
const WORST: f32 = 63.0;
const BEST: f32 = 2.0;
/// Quality for "not reported".
const NO_QUALITY: &str = "01";
/// Bytes of positions and direction: `XXXXYYYYTTT`.
const PLACE: usize = 11;
/// The format field of the standard format.
const STANDARD: &str = "S";

impl TaggedRecord {
    /// Whether this is a Type-9 record with minutiae in the standard format (9.005 to 9.012).
    #[must_use]
    pub fn is_standard(&self) -> bool {
        self.kind == 9
            && self.field(4).and_then(Field::text).map(str::trim) == Some(STANDARD)
            && self.field(10).is_some()
    }

    /// The minutiae of a Type-9 record in the standard format, as a record of one view with its finger and impression.
    ///
    /// `size` is the size of the image at 500 ppi, which the record does not state. Without it, the smallest image that
    /// holds all minutiae is taken, so that positions are right up to one shift.
    ///
    /// # Errors
    /// As [`TaggedRecord::template`].
    ///
    /// ```
    /// use selfsame::format::an2k::TaggedRecord;
    /// use selfsame::geometry::Angle;
    /// use selfsame::{FingerPosition, FingerTemplate, Limits, Minutia, MinutiaKind};
    /// let minutia = Minutia { x: 100.0, y: 70.0, direction: Angle::from_degrees(45.0), kind: MinutiaKind::Ending, quality: 80 };
    /// let template = FingerTemplate::new(388, 374, vec![minutia])?;
    /// let record = TaggedRecord::minutiae(1, &template, FingerPosition::RightIndex, "selfsame")?;
    /// let again = record.standard(None, &Limits::default())?;
    /// assert_eq!(again.views[0].position, FingerPosition::RightIndex);
    /// assert!((again.views[0].minutiae[0].x - 100.0).abs() < 0.2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn standard(&self, size: Option<(u32, u32)>, limits: &Limits) -> Result<record::Record, FormatError> {
        let (width, height) = size.unwrap_or_else(|| self.smallest());
        let template = self.template(width, height, limits)?;
        let mut record = record::Record::from_templates(std::slice::from_ref(&template));
        for view in &mut record.views {
            view.position = self.minutiae_position().and_then(FingerPosition::from_code).unwrap_or_default();
            view.impression =
                self.field(3).and_then(Field::whole).and_then(|code| u8::try_from(code).ok()).unwrap_or(0);
        }
        Ok(record)
    }

    /// Width and height of the smallest image at 500 ppi that holds all minutiae.
    fn smallest(&self) -> (u32, u32) {
        let places = self.field(12).into_iter().flat_map(Field::subfields).filter_map(|mut items| items.nth(1));
        let numbers = places.filter_map(|place| {
            let text = std::str::from_utf8(place).ok()?.trim();
            Some((text.get(0..4)?.parse::<u16>().ok()?, text.get(4..8)?.parse::<u16>().ok()?))
        });
        let (x, y) = numbers.fold((0, 0), |(x, y), place| (place.0.max(x), place.1.max(y)));
        (pixels(x), pixels(y))
    }

    /// The minutiae of a Type-9 record in the standard format, of an image of `width` by `height` pixels at 500 ppi
    /// (which the record itself does not state).
    ///
    /// # Errors
    /// [`FormatError`] for another type of record or format, for fields that are missing or wrong, for minutiae outside the
    /// image, or for more minutiae than `limits` allow.
    ///
    /// ```
    /// use selfsame::format::an2k::TaggedRecord;
    /// use selfsame::geometry::Angle;
    /// use selfsame::{FingerPosition, FingerTemplate, Limits, Minutia, MinutiaKind};
    /// let minutia = Minutia { x: 100.0, y: 70.0, direction: Angle::from_degrees(45.0), kind: MinutiaKind::Ending, quality: 80 };
    /// let template = FingerTemplate::new(388, 374, vec![minutia])?;
    /// let record = TaggedRecord::minutiae(1, &template, FingerPosition::RightIndex, "selfsame")?;
    /// let again = record.template(388, 374, &Limits::default())?;
    /// assert!((again.minutiae()[0].x - 100.0).abs() < 0.2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn template(&self, width: u32, height: u32, limits: &Limits) -> Result<FingerTemplate, FormatError> {
        let header = |reason| FormatError::Header { offset: 0, reason };
        if self.kind != 9 || self.field(4).and_then(Field::text).map(str::trim) != Some(STANDARD) {
            return Err(FormatError::Unsupported {
                what: "a record other than Type-9 in the standard format",
                offset: 0,
            });
        }
        let count =
            self.field(10).and_then(Field::whole).ok_or(header("a record gives no number of minutiae (9.010)"))?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        limits.check_minutiae(count)?;
        let mut minutiae = Vec::new();
        let field = self.field(12).filter(|_| count > 0);
        let value = field.map(Field::value).unwrap_or_default();
        // Some writers end the list with a separator.
        let value = value.strip_suffix(&[RS]).unwrap_or(value);
        let list = value.split(|&b| b == RS).map(|subfield| subfield.split(|&b| b == US));
        for mut items in list.filter(|_| field.is_some()) {
            if minutiae.len() == count {
                return Err(header("a record holds more minutiae than it declares (9.012)"));
            }
            items.next();
            let item = |item: Option<&'_ [u8]>| item.and_then(|i| std::str::from_utf8(i).ok()).map(str::to_owned);
            let (place, quality, kind) = (item(items.next()), item(items.next()), item(items.next()));
            let read = read(place.as_deref(), quality.as_deref(), kind.as_deref(), height);
            let minutia = read.ok_or(header("a minutia does not have the standard form (9.012)"))?;
            let (right, bottom) = (single(width), single(height));
            if !(0.0..right.max(1.0)).contains(&minutia.x) || !(0.0..bottom.max(1.0)).contains(&minutia.y) {
                return Err(FormatError::Outside { offset: 0 });
            }
            minutiae.push(minutia);
        }
        if minutiae.len() != count {
            return Err(header("a record holds fewer minutiae than it declares (9.012)"));
        }
        Ok(FingerTemplate::new(width, height, minutiae)?)
    }

    /// A Type-9 record of a template in the standard format, without ridge counts. `idc` links it to its image, and
    /// `system` names the system that found the minutiae.
    ///
    /// # Errors
    /// [`FormatError::Capacity`] for a template that is wider or higher than 9999 units of 0.01 mm (1968 pixels);
    /// [`FormatError::Value`] for a separator in `system`.
    pub fn minutiae(
        idc: u8,
        template: &FingerTemplate,
        position: FingerPosition,
        system: &str,
    ) -> Result<Self, FormatError> {
        let far = [template.width(), template.height()].into_iter().max().unwrap_or(0);
        let count = usize::try_from(far).unwrap_or(usize::MAX);
        let too_far = FormatError::Capacity { format: "a Type-9 record", what: "pixels in a side", count, max: 1968 };
        let height = units(single(template.height()));
        if units(single(far)) > MAX_UNITS {
            return Err(too_far);
        }
        let mut list = Vec::new();
        for (m, index) in template.minutiae().iter().zip(1..) {
            let (x, y) = (units(m.x), (height - 1.0 - units(m.y)).max(0.0));
            if x > MAX_UNITS || y > MAX_UNITS {
                return Err(too_far);
            }
            let degrees = m.direction.turned(PI).degrees().round() % 360.0;
            let quality = match m.quality {
                0 => NO_QUALITY.to_owned(),
                quality => format!("{:02.0}", WORST - f32::from(quality) / 100.0 * (WORST - BEST)),
            };
            let kind = match m.kind {
                MinutiaKind::Ending => 'A',
                MinutiaKind::Bifurcation => 'B',
                MinutiaKind::Other => 'D',
            };
            list.push(format!(
                "{index:03}{us}{x:04.0}{y:04.0}{degrees:03.0}{us}{quality}{us}{kind}",
                us = char::from(US)
            ));
        }
        if system.bytes().any(|b| b == RS || b == US) {
            let (what, expected) = ("name of the system", "it must hold no separator");
            return Err(FormatError::Value { what, offset: 0, value: 5, expected });
        }
        let us = char::from(US);
        let mut fields = vec![
            Field::new(2, format!("{idc:02}")),
            Field::new(3, "0"),
            Field::new(4, STANDARD),
            Field::new(5, format!("{system}{us}A")),
            Field::new(6, format!("{:02}", position.code())),
            Field::new(7, format!("T{us}UN")),
            Field::new(10, list.len().to_string()),
            Field::new(11, "0"),
        ];
        if !list.is_empty() {
            fields.push(Field::new(12, list.join(&char::from(RS).to_string())));
        }
        Self::new(9, fields)
    }
}

/// A minutia from its items.
fn read(place: Option<&str>, quality: Option<&str>, kind: Option<&str>, height: u32) -> Option<Minutia> {
    let place = place.map(str::trim).filter(|p| p.len() == PLACE && p.bytes().all(|b| b.is_ascii_digit()))?;
    let number = |range| place.get(range).and_then(|digits: &str| digits.parse::<f32>().ok());
    let (x, y, degrees) = (number(0..4)?, number(4..8)?, number(8..11)?);
    let from_top = units(single(height)) - 1.0 - y;
    // Positions that rounding put just outside are moved back inside.
    let from_top = if (-1.0..0.0).contains(&from_top) { 0.0 } else { from_top };
    let quality = match quality.map(str::trim).filter(|q| !q.is_empty()).map_or(Some(0), |q| q.parse::<u8>().ok())? {
        0 | 1 => 0,
        quality @ 2..=63 => whole(((WORST - f32::from(quality)) / (WORST - BEST) * 100.0).round().max(1.0)),
        _ => return None,
    };
    Some(Minutia {
        x: x * PIXELS_PER_UNIT,
        y: from_top * PIXELS_PER_UNIT,
        direction: Angle::from_degrees(degrees).turned(PI),
        kind: match kind?.trim() {
            "A" => MinutiaKind::Ending,
            "B" => MinutiaKind::Bifurcation,
            "C" | "D" => MinutiaKind::Other,
            _ => return None,
        },
        quality,
    })
}

/// Units of 0.01 mm of a length in pixels, whole.
fn units(pixels: f32) -> f32 {
    (pixels / PIXELS_PER_UNIT).round()
}

/// Pixels of the smallest side that holds a place in units of 0.01 mm.
#[allow(clippy::as_conversions, reason = "the conversion saturates, and that is wanted")]
fn pixels(place: u16) -> u32 {
    ((f32::from(place) + 1.0) * PIXELS_PER_UNIT).ceil() as u32
}

/// A side as a float; sides beyond 24 bits are rejected elsewhere.
#[allow(clippy::as_conversions, reason = "rounding to the nearest single is what is wanted")]
fn single(value: u32) -> f32 {
    value as f32
}

/// A quality, at most 100.
#[allow(clippy::as_conversions, reason = "the conversion saturates, and that is wanted")]
fn whole(value: f32) -> u8 {
    value as u8
}
