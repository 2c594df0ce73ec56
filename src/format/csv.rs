//! Minutiae as comma-separated text.
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

use std::fmt::Write as _;

use super::{FormatError, TemplateFormat, rescale, rescale_side, scale_to_500};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::template::FingerTemplate;
use crate::geometry::Angle;
use crate::image::Ppi;
use crate::limits::Limits;

/// The first line of this crate's CSV.
pub const HEADER: &str = "x,y,angle_degrees,type,quality";
/// Longest first line that is looked at, bytes.
const LONGEST_HEADER: usize = 64;
/// Bytes of a line that is written, about.
const LINE: usize = 40;
/// Largest side that the pixel CSV may declare, pixels at any resolution that is admitted.
const LARGEST_SIDE: f32 = 131_072.0;

/// Tells the two kinds of CSV by the first line.
pub(super) fn detect(bytes: &[u8]) -> Option<TemplateFormat> {
    let head = bytes.get(..bytes.len().min(LONGEST_HEADER))?;
    let line = head.split(|b| *b == b'\n').next()?;
    let line = std::str::from_utf8(line).ok()?.trim_start_matches('\u{feff}').trim();
    if line == HEADER {
        return Some(TemplateFormat::Csv);
    }
    let mut fields = line.split(',');
    let number = |f: Option<&str>| f.is_some_and(|t| t.trim().parse::<f32>().is_ok_and(f32::is_finite));
    let size = number(fields.next()) && number(fields.next()) && fields.next().is_none();
    size.then_some(TemplateFormat::CsvPixels)
}

/// Reads the CSV with the header [`HEADER`]: pixels at 500 ppi, degrees counter-clockwise from +x, type `E` (ending), `B`
/// (bifurcation) or `O` (other), quality 0..=100 (0 is not reported).
///
/// The image size is not in the file: the template's is the smallest that holds all minutiae.
///
/// # Errors
/// [`FormatError::Line`] with the number of the line that is wrong; [`FormatError::Limit`].
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<FingerTemplate, FormatError> {
    let text = text(bytes, limits)?;
    let mut lines = lines(text);
    if lines.next().map(|(_, line)| line) != Some(HEADER) {
        return Err(FormatError::Line { line: 1, reason: "the header x,y,angle_degrees,type,quality is missing" });
    }
    let mut minutiae = Vec::new();
    for (number, line) in lines {
        limits.check_minutiae(minutiae.len().saturating_add(1))?;
        let [x, y, angle, kind, quality] = fields(line, number)?;
        minutiae.push(Minutia {
            x: position(x, number)?,
            y: position(y, number)?,
            direction: Angle::from_degrees(finite(angle, number, "the angle is not a number")?),
            kind: parse_kind(kind, number)?,
            quality: match quality.parse() {
                Ok(q @ 0..=100u8) => q,
                _ => {
                    return Err(FormatError::Line {
                        line: number,
                        reason: "the quality is not a whole number of 0 to 100",
                    });
                }
            },
        });
    }
    let side = |of: fn(&Minutia) -> f32| whole(minutiae.iter().map(of).fold(0.0, f32::max).ceil()).saturating_add(1);
    let (width, height) = (side(|m| m.x), side(|m| m.y));
    Ok(FingerTemplate::new(width, height, minutiae)?)
}

/// Reads the CSV of a minutiae network: a line `width,height`, then `x,y,direction,type,quality` with pixels of the image
/// at `ppi`, radians counter-clockwise from +x, type `E` or `B`, quality 0..1.
///
/// # Errors
/// [`FormatError::Line`] with the number of the line that is wrong; [`FormatError::Limit`].
pub fn decode_pixels(bytes: &[u8], ppi: Ppi, limits: &Limits) -> Result<FingerTemplate, FormatError> {
    let text = text(bytes, limits)?;
    let mut lines = lines(text);
    let (_, first) = lines.next().ok_or(FormatError::Empty)?;
    let [width, height] = fields(first, 1)?;
    let side = |field: &str| match finite(field, 1, "width and height are not numbers")? {
        side if (1.0..=LARGEST_SIDE).contains(&side) => Ok(side),
        _ => Err(FormatError::Line { line: 1, reason: "width or height is out of range" }),
    };
    let (width, height) = (side(width)?, side(height)?);
    limits.check_pixels(whole(width), whole(height))?;
    let scale = scale_to_500(ppi.get());
    let mut minutiae = Vec::new();
    for (number, line) in lines {
        limits.check_minutiae(minutiae.len().saturating_add(1))?;
        let [x, y, direction, kind, quality] = fields(line, number)?;
        let quality = finite(quality, number, "the quality is not a number")?;
        if !(0.0..=1.0).contains(&quality) {
            return Err(FormatError::Line { line: number, reason: "the quality is not within 0 and 1" });
        }
        minutiae.push(Minutia {
            x: rescale(position(x, number)?, scale),
            y: rescale(position(y, number)?, scale),
            direction: Angle::from_radians(finite(direction, number, "the direction is not a number")?),
            kind: parse_kind(kind, number)?,
            quality: u8::try_from(whole((quality * 100.0).round())).unwrap_or(100).max(1),
        });
    }
    Ok(FingerTemplate::new(rescale_side(width, scale), rescale_side(height, scale), minutiae)?)
}

/// Writes one template with the header [`HEADER`], numbers as short as they still give the same value when read.
///
/// # Errors
/// [`FormatError::Capacity`] unless there is exactly one.
pub fn encode(templates: &[FingerTemplate]) -> Result<Vec<u8>, FormatError> {
    let [template] = templates else {
        return Err(FormatError::Capacity { format: "CSV", what: "view", count: templates.len(), max: 1 });
    };
    let mut out = String::with_capacity(HEADER.len().saturating_add(template.minutiae().len().saturating_mul(LINE)));
    out.push_str(HEADER);
    out.push('\n');
    for m in template.minutiae() {
        let kind = match m.kind {
            MinutiaKind::Ending => 'E',
            MinutiaKind::Bifurcation => 'B',
            MinutiaKind::Other => 'O',
        };
        // Writing to a String does not fail.
        let _ = writeln!(out, "{},{},{},{kind},{}", m.x, m.y, m.direction.degrees(), m.quality);
    }
    Ok(out.into_bytes())
}

fn text<'a>(bytes: &'a [u8], limits: &Limits) -> Result<&'a str, FormatError> {
    limits.check_bytes(bytes.len())?;
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let valid = bytes.get(..e.valid_up_to()).unwrap_or_default();
        let before = valid.iter().filter(|b| **b == b'\n').count();
        FormatError::Line { line: before.saturating_add(1), reason: "not UTF-8 text" }
    })?;
    Ok(text.trim_start_matches('\u{feff}'))
}

/// Trimmed lines with their numbers; empty ones after the first are skipped.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines().map(str::trim)).filter(|(n, line)| *n == 1 || !line.is_empty())
}

fn fields<const N: usize>(line: &str, number: usize) -> Result<[&str; N], FormatError> {
    let mut fields = [""; N];
    let mut given = line.split(',');
    for field in &mut fields {
        *field = given.next().ok_or(FormatError::Line { line: number, reason: "too few fields" })?.trim();
    }
    match given.next() {
        None => Ok(fields),
        Some(_) => Err(FormatError::Line { line: number, reason: "too many fields" }),
    }
}

fn finite(field: &str, line: usize, reason: &'static str) -> Result<f32, FormatError> {
    field.parse().ok().filter(|v: &f32| v.is_finite()).ok_or(FormatError::Line { line, reason })
}

/// A whole number from a float that is one.
#[allow(clippy::as_conversions, reason = "the conversion saturates, and that is wanted")]
fn whole(value: f32) -> u32 {
    value as u32
}

fn position(field: &str, line: usize) -> Result<f32, FormatError> {
    let value = finite(field, line, "a position is not a number")?;
    if (0.0..=LARGEST_SIDE).contains(&value) {
        return Ok(value);
    }
    Err(FormatError::Line { line, reason: "a position is out of range" })
}

fn parse_kind(field: &str, line: usize) -> Result<MinutiaKind, FormatError> {
    match field {
        "E" => Ok(MinutiaKind::Ending),
        "B" => Ok(MinutiaKind::Bifurcation),
        "O" => Ok(MinutiaKind::Other),
        _ => Err(FormatError::Line { line, reason: "the type is not E, B or O" }),
    }
}
