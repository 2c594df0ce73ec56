//! Templates of SourceAFIS 3.x: a CBOR map with columns of positions, directions and types.
//!
//! Directions there are clockwise; positions are pixels at 500 ppi.

use std::f32::consts::TAU;

use super::cbor::{container, head, more, number, skip, text, write_head};
use super::fields::{Rules, end};
use super::model::{Record, RecordKind, RecordMinutia, View};
use super::number::{length, round_u16};
use crate::bytes::Writer;
use crate::format::error::{FormatError, Reader};
use crate::geometry::Angle;
use crate::limits::Limits;

/// The version that is written.
const VERSION: &[u8] = b"3.18.1-selfsame";
/// Largest absolute coordinate.
const MAX_POSITION: f32 = 10_000.0;
/// Largest image side.
pub(super) const MAX_SIDE: u32 = 10_000;
/// Major types.
const UNSIGNED: u8 = 0;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
/// The first byte of a float of 32 bits.
const FLOAT: u8 = 0xFA;
/// A key that is unlikely in any other map.
const TELLING: &[u8] = b"positionsX";

/// Whether a map begins here and names positions.
pub(super) fn detect(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|b| b >> 5 == MAP) && bytes.windows(TELLING.len()).any(|w| w == TELLING)
}

pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Record, FormatError> {
    let mut r = Reader::new(bytes);
    let mut left = container(&mut r, MAP, "a map is needed")?;
    let (mut width, mut height) = (None, None);
    let (mut xs, mut ys, mut directions, mut types) = (None, None, None, None);
    while more(&mut r, &mut left)? {
        match text(&mut r)? {
            b"width" => width = Some(side(&mut r)?),
            b"height" => height = Some(side(&mut r)?),
            b"positionsX" => xs = Some(column(&mut r, limits, -MAX_POSITION, MAX_POSITION)?),
            b"positionsY" => ys = Some(column(&mut r, limits, -MAX_POSITION, MAX_POSITION)?),
            b"directions" => directions = Some(column(&mut r, limits, 0.0, TAU)?),
            b"types" => types = Some((r.offset(), text(&mut r)?)),
            _ => skip(&mut r, 0)?,
        }
    }
    end(&r, Rules::strict(limits))?;
    let missing =
        FormatError::Header { offset: 0, reason: "width, height, positions, directions or types are missing" };
    let (Some(width), Some(height), Some(xs), Some(ys), Some(directions), Some((at, types))) =
        (width, height, xs, ys, directions, types)
    else {
        return Err(missing);
    };
    if xs.len() != ys.len() || xs.len() != directions.len() || xs.len() != types.len() {
        return Err(FormatError::Header { offset: 0, reason: "positions, directions and types differ in number" });
    }
    let mut minutiae = Vec::with_capacity(xs.len());
    for (((x, y), direction), kind) in xs.iter().zip(&ys).zip(&directions).zip(types) {
        let kind = match kind {
            b'E' => RecordKind::Ending,
            b'B' => RecordKind::Bifurcation,
            _ => return Err(FormatError::Header { offset: at, reason: "a type is neither E nor B" }),
        };
        let direction = Angle::from_radians(TAU - direction);
        minutiae.push(RecordMinutia { x: *x, y: *y, direction, kind, quality: 0, reserved: 0 });
    }
    let view = View { width, height, minutiae, ..View::default() };
    Ok(Record { views: vec![view], ..Record::default() })
}

fn side(r: &mut Reader<'_>) -> Result<u32, FormatError> {
    let offset = r.offset();
    match head(r)? {
        (UNSIGNED, Some(value)) if value <= MAX_SIDE.into() => Ok(u32::try_from(value).unwrap_or(0)),
        _ => Err(FormatError::Header { offset, reason: "an image side is not 0 to 10000" }),
    }
}

fn column(r: &mut Reader<'_>, limits: &Limits, least: f32, most: f32) -> Result<Vec<f32>, FormatError> {
    let mut left = container(r, ARRAY, "an array is needed")?;
    // A value takes at least a byte, so this reserves at most four times the size of the input.
    let told = left.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let mut values = Vec::with_capacity(told.min(r.left()));
    while more(r, &mut left)? {
        let offset = r.offset();
        let value = number(r)?;
        if !(least..=most).contains(&value) {
            return Err(FormatError::Header { offset, reason: "a number is out of range" });
        }
        values.push(value);
        limits.check_minutiae(values.len())?;
    }
    Ok(values)
}

pub(super) fn encode(record: &Record) -> Vec<u8> {
    let none = View::default();
    let view = record.views.first().unwrap_or(&none);
    let count = length(view.minutiae.len());
    let mut out = Writer::with_capacity(view.minutiae.len().saturating_mul(12).saturating_add(128));
    write_head(&mut out, MAP, 7);
    name(&mut out, b"version");
    name(&mut out, VERSION);
    for (key, side) in [(&b"width"[..], view.width), (b"height", view.height)] {
        name(&mut out, key);
        write_head(&mut out, UNSIGNED, side.min(MAX_SIDE));
    }
    name(&mut out, b"positionsX");
    write_column(&mut out, count, view.minutiae.iter().map(|m| m.x));
    name(&mut out, b"positionsY");
    write_column(&mut out, count, view.minutiae.iter().map(|m| m.y));
    name(&mut out, b"directions");
    write_head(&mut out, ARRAY, count);
    for m in &view.minutiae {
        // Less than a full turn, as readers require.
        let clockwise = Angle::from_radians(TAU - m.direction.radians()).radians();
        out.u8(FLOAT);
        out.bytes(&clockwise.to_be_bytes());
    }
    name(&mut out, b"types");
    write_head(&mut out, TEXT, count);
    for m in &view.minutiae {
        out.u8(if m.kind == RecordKind::Bifurcation { b'B' } else { b'E' });
    }
    out.finish()
}

fn write_column(out: &mut Writer, count: u32, values: impl Iterator<Item = f32>) {
    write_head(out, ARRAY, count);
    for value in values {
        // A negative n is written as -1 - n.
        let (major, value) = if value < -0.5 { (1, -1.0 - value) } else { (UNSIGNED, value) };
        write_head(out, major, round_u16(value).min(10_000).into());
    }
}

fn name(out: &mut Writer, text: &[u8]) {
    write_head(out, TEXT, length(text.len()));
    out.bytes(text);
}
