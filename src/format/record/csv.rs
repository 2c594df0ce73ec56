//! Minutiae as comma-separated text.

use std::fmt::Write as _;

use super::fields::holding;
use super::model::{Record, RecordKind, RecordMinutia, View};
use super::number::round_u8;
use super::scale::{rescale, scaled_side};
use super::template_format::TemplateFormat;
use crate::fingerprint::template::FingerTemplate;
use crate::format::error::FormatError;
use crate::geometry::Angle;
use crate::image::{Ppi, scale_to_500};
use crate::limits::Limits;

/// The first line of this crate's CSV.
const HEADER: &str = "x,y,angle_degrees,type,quality";
/// Longest first line that detection reads, bytes.
const LONGEST_HEADER: usize = 64;
/// Approximate length of a written line, bytes.
const LINE: usize = 40;
/// Largest side that the pixel CSV may declare, pixels at any allowed resolution.
#[allow(clippy::as_conversions, reason = "a power of two is exact")]
const LARGEST_SIDE: f32 = MAX_SIDE as f32;
/// The same as an integer.
pub(super) const MAX_SIDE: u32 = 131_072;

/// Detects the kind of CSV from the first line.
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

/// Reads the CSV with the header [`HEADER`]. The image size is not in the file.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Record, FormatError> {
    let mut lines = lines(text(bytes)?);
    if lines.next().map(|(_, line)| line) != Some(HEADER) {
        return Err(FormatError::Line { line: 1, reason: "the header x,y,angle_degrees,type,quality is missing" });
    }
    let mut minutiae = Vec::new();
    for (number, line) in lines {
        limits.check_minutiae(minutiae.len().saturating_add(1))?;
        let [x, y, angle, kind, quality] = fields(line, number)?;
        let wrong = FormatError::Line { line: number, reason: "the quality is not a whole number of 0 to 100" };
        minutiae.push(RecordMinutia {
            x: position(x, number)?,
            y: position(y, number)?,
            direction: Angle::from_degrees(finite(angle, number, "the angle is not a number")?),
            kind: parse_kind(kind, number)?,
            quality: quality.parse().ok().filter(|q| *q <= FingerTemplate::MAX_QUALITY).ok_or(wrong)?,
            reserved: 0,
        });
    }
    let (width, height) = holding(&minutiae);
    Ok(record(View { width, height, minutiae, ..View::default() }))
}

/// Reads the CSV of a minutiae network, in pixels of an image at `ppi`.
pub(super) fn decode_pixels(bytes: &[u8], ppi: Ppi, limits: &Limits) -> Result<Record, FormatError> {
    let mut lines = lines(text(bytes)?);
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
        minutiae.push(RecordMinutia {
            x: rescale(position(x, number)?, scale),
            y: rescale(position(y, number)?, scale),
            direction: Angle::from_radians(finite(direction, number, "the direction is not a number")?),
            kind: parse_kind(kind, number)?,
            quality: round_u8(quality * 100.0).clamp(1, 100),
            reserved: 0,
        });
    }
    let (width, height) = (scaled_side(whole(width), scale), scaled_side(whole(height), scale));
    Ok(record(View { width, height, minutiae, ..View::default() }))
}

fn record(view: View) -> Record {
    Record { views: vec![view], ..Record::default() }
}

/// Writes the first view with the header [`HEADER`], each number in the shortest form that reads back as the same
/// value.
pub(super) fn encode(record: &Record) -> Vec<u8> {
    let view = record.views.first();
    let row = |m: &RecordMinutia| (m.direction.degrees(), f32::from(m.quality.min(FingerTemplate::MAX_QUALITY)));
    write(HEADER.to_owned(), view, row)
}

/// Writes the first view in the format of a minutiae network, at 500 ppi.
pub(super) fn encode_pixels(record: &Record) -> Vec<u8> {
    let view = record.views.first();
    let (width, height) = view.map_or((1, 1), |v| (v.width.clamp(1, MAX_SIDE), v.height.clamp(1, MAX_SIDE)));
    let row = |m: &RecordMinutia| (m.direction.radians(), f32::from(m.quality.clamp(1, 100)) / 100.0);
    write(format!("{width},{height}"), view, row)
}

/// Writes a line and the minutiae; `row` gives the direction and quality of each.
fn write(first: String, view: Option<&View>, row: impl Fn(&RecordMinutia) -> (f32, f32)) -> Vec<u8> {
    let minutiae = view.map(|v| v.minutiae.as_slice()).unwrap_or_default();
    let mut out = first;
    out.reserve(minutiae.len().saturating_mul(LINE));
    out.push('\n');
    for m in minutiae {
        let kind = match m.kind {
            RecordKind::Ending => 'E',
            RecordKind::Bifurcation => 'B',
            RecordKind::Other | RecordKind::Reserved => 'O',
        };
        let (direction, quality) = row(m);
        // Writing to a String does not fail.
        let _ = writeln!(out, "{},{},{direction},{kind},{quality}", m.x, m.y);
    }
    out.into_bytes()
}

fn text(bytes: &[u8]) -> Result<&str, FormatError> {
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

/// An integer from a float with an integral value.
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

fn parse_kind(field: &str, line: usize) -> Result<RecordKind, FormatError> {
    match field {
        "E" => Ok(RecordKind::Ending),
        "B" => Ok(RecordKind::Bifurcation),
        "O" => Ok(RecordKind::Other),
        _ => Err(FormatError::Line { line, reason: "the type is not E, B or O" }),
    }
}
