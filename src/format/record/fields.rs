//! Fields with a range, and functions that encoders share.

use super::model::{PIXELS_PER_CM, RecordMinutia, SampleQuality, View};
use super::number::{round_u16, round_u32};
use crate::fingerprint::position::FingerPosition;
use crate::fingerprint::template::FingerTemplate;
use crate::format::error::{FormatError, Reader};
use crate::limits::Limits;

/// Qualities not computed and failed, in the later editions.
const SPECIAL_QUALITY: u8 = 254;
/// Largest resolution that is taken literally, pixels per cm: 4000 ppi.
const MAX_RESOLUTION: u16 = 1575;
/// Smallest resolution that the standards allow, pixels per cm.
const MIN_RESOLUTION: u16 = 99;

/// Rules for reading a record.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub(super) limits: &'a Limits,
    /// Minutiae outside the image and bytes after the end are accepted.
    pub(super) lenient: bool,
}

impl Rules<'_> {
    /// The image that minutiae must lie in.
    pub(super) fn image(self, width: u32, height: u32) -> (u32, u32) {
        if self.lenient { (u32::MAX, u32::MAX) } else { (width, height) }
    }
}

/// The bytes must begin with `magic`.
pub(super) fn signature(r: &mut Reader<'_>, magic: &[u8], expected: &'static str) -> Result<(), FormatError> {
    let offset = r.offset();
    if r.take(magic.len(), "signature")? == magic {
        return Ok(());
    }
    Err(FormatError::Signature { expected, offset })
}

/// A length that must equal the length of the input.
pub(super) fn whole(declared: u32, offset: usize, bytes: &[u8], rules: Rules<'_>) -> Result<(), FormatError> {
    let actual = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if u64::from(declared) == actual || (rules.lenient && u64::from(declared) < actual) {
        return Ok(());
    }
    Err(FormatError::Length { what: "the record length", offset, declared: declared.into(), actual })
}

/// No bytes may be left, unless `lenient` is set.
pub(super) fn end(r: &Reader<'_>, lenient: bool) -> Result<(), FormatError> {
    if r.left() == 0 || lenient {
        return Ok(());
    }
    let actual = u64::try_from(r.left()).unwrap_or(u64::MAX);
    Err(FormatError::Length { what: "what follows the record", offset: r.offset(), declared: 0, actual })
}

pub(super) fn side(r: &mut Reader<'_>, what: &'static str) -> Result<u32, FormatError> {
    let offset = r.offset();
    match r.u16(what)? {
        0 => Err(FormatError::Value { what, offset, value: 0, expected: "at least 1 is needed" }),
        value => Ok(value.into()),
    }
}

pub(super) fn resolution(r: &mut Reader<'_>, what: &'static str) -> Result<u16, FormatError> {
    let offset = r.offset();
    let value = r.u16(what)?;
    if (MIN_RESOLUTION..=MAX_RESOLUTION).contains(&value) {
        return Ok(value);
    }
    Err(FormatError::Value { what, offset, value: value.into(), expected: "99 to 1575 pixels per cm are allowed" })
}

pub(super) fn position(r: &mut Reader<'_>) -> Result<FingerPosition, FormatError> {
    let offset = r.offset();
    let code = r.u8("finger position")?;
    let wrong =
        FormatError::Value { what: "finger position", offset, value: code.into(), expected: "0 to 10 are allowed" };
    FingerPosition::from_code(code).ok_or(wrong)
}

/// A sample quality; `special` allows the values for not computed and failed.
pub(super) fn quality(r: &mut Reader<'_>, special: bool) -> Result<u8, FormatError> {
    let offset = r.offset();
    let value = r.u8("sample quality")?;
    if value <= FingerTemplate::MAX_QUALITY || (special && value >= SPECIAL_QUALITY) {
        return Ok(value);
    }
    let (what, value) = ("sample quality", value.into());
    Err(FormatError::Value { what, offset, value, expected: "0 to 100 are allowed" })
}

/// A quality from formats that hold a score without its origin.
pub(super) fn plain_quality(score: u8) -> Vec<SampleQuality> {
    if score == 0 { Vec::new() } else { vec![SampleQuality { score, vendor: 0, algorithm: 0 }] }
}

/// The first quality, or 0; those beyond the scale become 0.
pub(super) fn first_quality(view: &View) -> u8 {
    view.qualities.first().map_or(0, |q| if q.score > FingerTemplate::MAX_QUALITY { 0 } else { q.score })
}

/// Checks a declared number of views of at least `size` bytes each against the limits and the bytes left.
pub(super) fn views(
    r: &Reader<'_>,
    offset: usize,
    count: usize,
    size: usize,
    limits: &Limits,
) -> Result<(), FormatError> {
    limits.check_views(count)?;
    if count == 0 {
        return Err(FormatError::Value { what: "number of views", offset, value: 0, expected: "at least 1 is needed" });
    }
    if count > r.left().checked_div(size).unwrap_or(0) {
        let value = u64::try_from(count).unwrap_or(u64::MAX);
        return Err(FormatError::Value {
            what: "number of views",
            offset,
            value,
            expected: "the record is too short for them",
        });
    }
    Ok(())
}

/// A view's resolution, clamped to the range of the standards.
pub(super) fn admitted(view: &View) -> (u16, u16) {
    let admit = |r: u16| if r == 0 { PIXELS_PER_CM } else { r.clamp(MIN_RESOLUTION, MAX_RESOLUTION) };
    (admit(view.x_resolution), admit(view.y_resolution))
}

/// The smallest image that holds the minutiae.
pub(super) fn holding(minutiae: &[RecordMinutia]) -> (u32, u32) {
    let side = |of: fn(&RecordMinutia) -> f32| round_u32(minutiae.iter().map(of).fold(0.0, f32::max).ceil());
    (side(|m| m.x).saturating_add(1), side(|m| m.y).saturating_add(1))
}

/// The view's image size, enlarged to hold its minutiae, within 1 and 65,535.
pub(super) fn size(view: &View) -> (u16, u16) {
    let grown = |side: u16, coordinate: f32| {
        side.max(round_u16(coordinate).min(FingerTemplate::MAX_COORDINATE).saturating_add(1))
    };
    let side = |side: u32| u16::try_from(side).unwrap_or(u16::MAX).max(1);
    let start = (side(view.width), side(view.height));
    view.minutiae.iter().fold(start, |(w, h), m| (grown(w, m.x), grown(h, m.y)))
}
