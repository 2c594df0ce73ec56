//! ISO/IEC 19794-2:2005 finger minutiae record.
//!
//! [`FingerMinutiaeRecord`] keeps every field as it stands in the bytes, so that encoding what was decoded gives the same
//! bytes; [`FingerMinutiaeRecord::to_templates`] turns it into templates in pixels at 500 ppi.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

use std::f32::consts::TAU;
use std::fmt;

use super::reader::Reader;
use super::{FormatError, rescale, rescale_side, scale_to_500};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::template::FingerTemplate;
use crate::geometry::Angle;
use crate::limits::Limits;

/// The first bytes of a record.
pub const MAGIC: &[u8] = b"FMR\0";
/// The version that follows them.
const VERSION: &[u8] = b" 20\0";
/// Fixed header, bytes (clause 7.3).
const HEADER: usize = 24;
/// That of ANSI/INCITS 378-2004, bytes.
const ANSI_HEADER: usize = 26;
/// A minutia, bytes.
const MINUTIA: usize = 6;
/// Smallest resolution that the standard admits, pixels per cm (clause 7.3.6).
const MIN_PIXELS_PER_CM: u16 = 99;
/// Largest resolution taken as meant, pixels per cm: 4000 ppi.
const MAX_PIXELS_PER_CM: u16 = 1575;
/// 500 ppi as the standard writes it, pixels per cm.
const PIXELS_PER_CM: u16 = 197;
/// Centimeters per inch.
const CM_PER_INCH: f32 = 2.54;
/// Largest sample quality (clause 7.4.1.4).
const MAX_QUALITY: u8 = 100;
/// Smallest encoding of one view: header, no minutia, empty extension area; bytes.
const MIN_VIEW: usize = 6;
/// Views of one finger: the view number has 4 bits.
const MAX_VIEWS_PER_FINGER: usize = 16;
/// Minutiae of one view: the count has 8 bits.
const MAX_MINUTIAE: usize = 255;
/// Largest finger position code: left little finger.
const MAX_POSITION: u8 = 10;
/// Largest coordinate: 14 bits.
const MAX_COORDINATE: u16 = 0x3FFF;

/// A minutia as it stands in the record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RawMinutia {
    /// 2 bits of type (0 other, 1 ending, 2 bifurcation, 3 reserved), 14 bits of x in pixels of the record.
    pub type_and_x: u16,
    /// 2 reserved bits, 14 bits of y in pixels of the record.
    pub reserved_and_y: u16,
    /// Direction in units of 360/256 degrees, counter-clockwise from +x.
    pub angle: u8,
    /// Quality 1..=100; 0 is not reported.
    pub quality: u8,
}

impl fmt::Debug for RawMinutia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawMinutia { .. }")
    }
}

/// One view (impression) of a finger as it stands in the record.
#[derive(Clone, PartialEq, Eq)]
pub struct RawView {
    /// Finger position: 0 unknown, 1..=5 right thumb to little finger, 6..=10 left.
    pub position: u8,
    /// View number (0..=15) of this finger.
    pub view: u8,
    /// Impression type (0..=15): 0 live plain, 1 live rolled, 2 non-live plain, 3 non-live rolled, 8 swipe.
    pub impression: u8,
    /// Sample quality 0..=100.
    pub quality: u8,
    /// The minutiae.
    pub minutiae: Vec<RawMinutia>,
    /// The extension area without its length field, as it is.
    pub extensions: Vec<u8>,
}

impl fmt::Debug for RawView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawView")
            .field("position", &self.position)
            .field("view", &self.view)
            .field("minutiae", &self.minutiae.len())
            .field("extension_bytes", &self.extensions.len())
            .finish_non_exhaustive()
    }
}

/// A finger minutiae record as it stands in the bytes.
///
/// ```
/// use selfsame::format::iso19794_2::FingerMinutiaeRecord;
/// use selfsame::{FingerTemplate, Limits};
/// let record = FingerMinutiaeRecord::from_templates(&[FingerTemplate::new(388, 374, Vec::new())?])?;
/// let bytes = record.encode()?;
/// assert_eq!(bytes.len(), 30);
/// assert_eq!(FingerMinutiaeRecord::decode(&bytes, &Limits::default())?, record);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FingerMinutiaeRecord {
    /// 4 bits of equipment certification, 12 bits of device id.
    pub device: u16,
    /// Image width, pixels.
    pub width: u16,
    /// Image height, pixels.
    pub height: u16,
    /// Horizontal resolution, pixels per cm.
    pub x_resolution: u16,
    /// Vertical resolution, pixels per cm.
    pub y_resolution: u16,
    /// The byte after the number of views.
    pub reserved: u8,
    /// The views.
    pub views: Vec<RawView>,
}

impl FingerMinutiaeRecord {
    /// Reads a record; its length field must be the length of `bytes`.
    ///
    /// # Errors
    /// [`FormatError`] with the offset of what is wrong. A minutia outside the declared image is refused.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, FormatError> {
        limits.check_bytes(bytes.len())?;
        let mut r = Reader::new(bytes);
        if r.take(4, "signature")? != MAGIC {
            return Err(FormatError::Signature { expected: "a finger minutiae record", offset: 0 });
        }
        let version = r.take(4, "version")?;
        if version != VERSION {
            return Err(match version {
                b"030\0" => {
                    FormatError::Unsupported { what: "an ISO/IEC 19794-2:2011 or ANSI 378-2009 record", offset: 4 }
                }
                b"035\0" => FormatError::Unsupported { what: "an ANSI 378-2009/Am1 record", offset: 4 },
                _ => FormatError::Signature { expected: "an ISO/IEC 19794-2:2005 record", offset: 4 },
            });
        }
        refuse_ansi(bytes)?;
        let length = r.u32("record length")?;
        let (declared, actual) = (u64::from(length), size(bytes.len()));
        if declared != actual {
            return Err(FormatError::Length { what: "the record length", offset: 8, declared, actual });
        }
        let device = r.u16("device id")?;
        let width = non_zero(&mut r, "image width")?;
        let height = non_zero(&mut r, "image height")?;
        let x_resolution = resolution(&mut r, "horizontal resolution")?;
        let y_resolution = resolution(&mut r, "vertical resolution")?;
        let count = usize::from(r.u8("number of views")?);
        limits.check_views(count)?;
        let reserved = r.u8("reserved byte")?;
        let mut views = Vec::with_capacity(count.min(r.left().checked_div(MIN_VIEW).unwrap_or(0)));
        for _ in 0..count {
            views.push(view(&mut r, width, height, limits)?);
        }
        if r.left() > 0 {
            let offset = r.offset();
            return Err(FormatError::Length {
                what: "the end of the last view",
                offset,
                declared: size(offset),
                actual,
            });
        }
        Ok(Self { device, width, height, x_resolution, y_resolution, reserved, views })
    }

    /// Writes the record, field by field as it is held.
    ///
    /// # Errors
    /// [`FormatError::Capacity`] when a count does not fit its field: 255 views, 255 minutiae, 65,535 extension bytes.
    pub fn encode(&self) -> Result<Vec<u8>, FormatError> {
        let views = fit_u8(self.views.len(), "views")?;
        let body = |v: &RawView| v.minutiae.len().saturating_mul(MINUTIA).saturating_add(v.extensions.len());
        let room = |room: usize, v: &RawView| room.saturating_add(MIN_VIEW).saturating_add(body(v));
        let mut out = Vec::with_capacity(self.views.iter().fold(HEADER, room));
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(VERSION);
        out.extend_from_slice(&[0; 4]);
        for field in [self.device, self.width, self.height, self.x_resolution, self.y_resolution] {
            out.extend_from_slice(&field.to_be_bytes());
        }
        out.extend_from_slice(&[views, self.reserved]);
        for view in &self.views {
            let minutiae = fit_u8(view.minutiae.len(), "minutiae in a view")?;
            out.extend_from_slice(&[view.position, view.view << 4 | view.impression & 15, view.quality, minutiae]);
            for m in &view.minutiae {
                out.extend_from_slice(&m.type_and_x.to_be_bytes());
                out.extend_from_slice(&m.reserved_and_y.to_be_bytes());
                out.extend_from_slice(&[m.angle, m.quality]);
            }
            let length = view.extensions.len();
            let length = u16::try_from(length)
                .map_err(|_| capacity("bytes in an extension area", length, usize::from(u16::MAX)))?;
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(&view.extensions);
        }
        let length = u32::try_from(out.len()).unwrap_or(u32::MAX).to_be_bytes();
        for (o, b) in out.iter_mut().skip(8).zip(length) {
            *o = b;
        }
        Ok(out)
    }

    /// One template per view, in pixels at 500 ppi by the record's own resolution.
    ///
    /// Sample quality 0 counts as not reported. Quality of a minutia above 100 counts as 100.
    ///
    /// # Errors
    /// [`FormatError::Template`] when positions leave the range of a template after rescaling.
    pub fn to_templates(&self) -> Result<Vec<FingerTemplate>, FormatError> {
        let sx = scale_to_500(f32::from(self.x_resolution) * CM_PER_INCH);
        let sy = scale_to_500(f32::from(self.y_resolution) * CM_PER_INCH);
        let (width, height) = (rescale_side(f32::from(self.width), sx), rescale_side(f32::from(self.height), sy));
        let template = |view: &RawView| {
            let minutiae = view.minutiae.iter().map(|m| minutia(m, sx, sy)).collect();
            let template = FingerTemplate::new(width, height, minutiae)?;
            Ok(if view.quality == 0 { template } else { template.with_quality(view.quality)? })
        };
        self.views.iter().map(template).collect()
    }

    /// A record of templates as views 0, 1, ... of one unknown finger, at 197 pixels per cm.
    ///
    /// # Errors
    /// [`FormatError::Capacity`] above 16 views, 255 minutiae in one, or an image wider or higher than 16,383 pixels.
    pub fn from_templates(templates: &[FingerTemplate]) -> Result<Self, FormatError> {
        if templates.len() > MAX_VIEWS_PER_FINGER {
            return Err(capacity("views of one finger", templates.len(), MAX_VIEWS_PER_FINGER));
        }
        let (mut width, mut height) = (1u16, 1u16);
        let mut views = Vec::with_capacity(templates.len());
        for (number, template) in templates.iter().enumerate() {
            if template.minutiae().len() > MAX_MINUTIAE {
                return Err(capacity("minutiae in a view", template.minutiae().len(), MAX_MINUTIAE));
            }
            let side = |pixels: u32| match u16::try_from(pixels) {
                Ok(p) if p <= MAX_COORDINATE => Ok(p),
                _ => Err(capacity(
                    "pixels in an image side",
                    usize::try_from(pixels).unwrap_or(usize::MAX),
                    MAX_COORDINATE.into(),
                )),
            };
            (width, height) = (width.max(side(template.width())?), height.max(side(template.height())?));
            let minutiae: Vec<_> = template.minutiae().iter().map(raw_minutia).collect();
            for m in &minutiae {
                // The record must hold its own minutiae, also of a template whose image size was not known.
                width = width.max((m.type_and_x & MAX_COORDINATE).saturating_add(1));
                height = height.max((m.reserved_and_y & MAX_COORDINATE).saturating_add(1));
            }
            let quality = template.quality().unwrap_or(0);
            views.push(RawView {
                position: 0,
                view: u8::try_from(number).unwrap_or(u8::MAX),
                impression: 0,
                quality,
                minutiae,
                extensions: Vec::new(),
            });
        }
        let resolution = PIXELS_PER_CM;
        Ok(Self { device: 0, width, height, x_resolution: resolution, y_resolution: resolution, reserved: 0, views })
    }
}

/// A length of memory as a field of an error.
fn size(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// The nearest whole number, saturating.
#[allow(clippy::as_conversions, reason = "the conversion saturates, and that is wanted")]
fn whole(value: f32) -> u16 {
    value.round() as u16
}

fn capacity(what: &'static str, count: usize, max: usize) -> FormatError {
    FormatError::Capacity { format: "ISO/IEC 19794-2:2005", what, count, max }
}

fn fit_u8(count: usize, what: &'static str) -> Result<u8, FormatError> {
    u8::try_from(count).map_err(|_| capacity(what, count, usize::from(u8::MAX)))
}

/// ANSI/INCITS 378-2004 has the same signature but a 16-bit length (or 0 and a 32-bit one) at offset 8.
fn refuse_ansi(bytes: &[u8]) -> Result<(), FormatError> {
    let mut r = Reader::new(bytes);
    r.take(8, "signature")?;
    let (high, low) = (r.u16("record length")?, r.u16("record length")?);
    let ansi = usize::from(high) >= ANSI_HEADER || (high == 0 && usize::from(low) < HEADER);
    // A record that is shorter than its own header is no better as ISO than as ANSI; the length decides.
    if ansi && (usize::from(high) == bytes.len() || (high == 0 && low == 0)) {
        return Err(FormatError::Unsupported { what: "an ANSI/INCITS 378-2004 record", offset: 8 });
    }
    Ok(())
}

fn non_zero(r: &mut Reader<'_>, what: &'static str) -> Result<u16, FormatError> {
    let offset = r.offset();
    match r.u16(what)? {
        0 => Err(FormatError::Value { what, offset, value: 0, expected: "at least 1 is needed" }),
        value => Ok(value),
    }
}

fn resolution(r: &mut Reader<'_>, what: &'static str) -> Result<u16, FormatError> {
    let offset = r.offset();
    let value = r.u16(what)?;
    if (MIN_PIXELS_PER_CM..=MAX_PIXELS_PER_CM).contains(&value) {
        return Ok(value);
    }
    Err(FormatError::Value { what, offset, value: value.into(), expected: "99 to 1575 pixels per cm are allowed" })
}

fn view(r: &mut Reader<'_>, width: u16, height: u16, limits: &Limits) -> Result<RawView, FormatError> {
    let offset = r.offset();
    let position = r.u8("finger position")?;
    if position > MAX_POSITION {
        let (what, value) = ("finger position", position.into());
        return Err(FormatError::Value { what, offset, value, expected: "0 to 10 are allowed" });
    }
    let view_and_impression = r.u8("view number and impression type")?;
    let offset = r.offset();
    let quality = r.u8("sample quality")?;
    if quality > MAX_QUALITY {
        let (what, value) = ("sample quality", quality.into());
        return Err(FormatError::Value { what, offset, value, expected: "0 to 100 are allowed" });
    }
    let count = usize::from(r.u8("number of minutiae")?);
    limits.check_minutiae(count)?;
    let offset = r.offset();
    let mut area = Reader::new(r.take(count.saturating_mul(MINUTIA), "minutiae")?);
    let mut minutiae = Vec::with_capacity(count);
    for index in 0..count {
        let m = RawMinutia {
            type_and_x: area.u16("minutia x")?,
            reserved_and_y: area.u16("minutia y")?,
            angle: area.u8("minutia direction")?,
            quality: area.u8("minutia quality")?,
        };
        if m.type_and_x & MAX_COORDINATE >= width || m.reserved_and_y & MAX_COORDINATE >= height {
            return Err(FormatError::Outside { offset: offset.saturating_add(index.saturating_mul(MINUTIA)) });
        }
        minutiae.push(m);
    }
    let length = usize::from(r.u16("extension area length")?);
    let extensions = r.take(length, "extension area")?.to_vec();
    let (view, impression) = (view_and_impression >> 4, view_and_impression & 15);
    Ok(RawView { position, view, impression, quality, minutiae, extensions })
}

fn minutia(m: &RawMinutia, sx: f32, sy: f32) -> Minutia {
    let radians = f32::from(m.angle) * (TAU / 256.0);
    let direction = if sx == sy {
        Angle::from_radians(radians)
    } else {
        // Pixels that are not square turn directions.
        Angle::from_radians((radians.sin() * sy).atan2(radians.cos() * sx))
    };
    Minutia {
        x: rescale(f32::from(m.type_and_x & MAX_COORDINATE), sx),
        y: rescale(f32::from(m.reserved_and_y & MAX_COORDINATE), sy),
        direction,
        kind: match m.type_and_x >> 14 {
            1 => MinutiaKind::Ending,
            2 => MinutiaKind::Bifurcation,
            _ => MinutiaKind::Other,
        },
        quality: m.quality.min(MAX_QUALITY),
    }
}

fn raw_minutia(m: &Minutia) -> RawMinutia {
    let kind = match m.kind {
        MinutiaKind::Other => 0,
        MinutiaKind::Ending => 1,
        MinutiaKind::Bifurcation => 2,
    };
    let coordinate = |v: f32| whole(v).min(MAX_COORDINATE);
    RawMinutia {
        type_and_x: kind << 14 | coordinate(m.x),
        reserved_and_y: coordinate(m.y),
        // A direction that rounds to a whole turn is 0.
        angle: u8::try_from(whole(m.direction.radians() * (256.0 / TAU))).unwrap_or(0),
        quality: m.quality,
    }
}
