//! This crate's own compact template, version 1.
//!
//! | bytes | field |
//! |---|---|
//! | 4, 1, 1 | `SSFT`, version 1, number of views |
//! | 4 | length of the whole |
//! | 7 | of each view: finger, view number, impression type, quality (255 unknown), reasons, pattern class, method |
//! | 2, 2, 2 | width and height in pixels at 500 ppi, number of minutiae |
//! | 7 each | x and y in quarters of a pixel (2 bytes each), kind (2 bits) and direction (14 bits), quality |
//! | 1, 1 | number of cores and of deltas |
//! | 5 or more each | x and y as above, 0 or 1 for directions, then 1 of a core or 3 of a delta (2 bytes each, 14 bits) |
//! | 1 | 0, or 1 for ridge flow: cell, columns, rows (2 bytes each), a bit per cell for the print, then 12 bits for each cell of the print: orientation 5, coherence 3, period 4 |

use super::fields::{Rules, end, first_quality, plain_quality, position, quality, signature, views, whole};
use super::flow::{read_flow, write_flow};
use super::fmr::{MAX_SINGULAR, kind, kind_code};
use super::model::{Core, Delta, Extension, Record, RecordMinutia, View};
use super::number::{direction, length, nearest_direction, round_u16};
use super::writer::Writer;
use crate::fingerprint::quality::{QualityReason, QualityReasons};
use crate::fingerprint::singular::PatternClass;
use crate::fingerprint::template::ExtractionMethod;
use crate::format::FormatError;
use crate::format::reader::Reader;
use crate::geometry::Angle;
use crate::limits::Limits;

pub(super) const MAGIC: &[u8] = b"SSFT";
const VERSION: u8 = 1;
/// Where the length stands.
const LENGTH_AT: usize = 6;
/// Smallest view, bytes.
const MIN_VIEW: usize = 16;
/// A minutia, bytes.
const MINUTIA: usize = 7;
/// Steps of a direction.
const STEPS: u16 = 1 << 14;
/// Units of a coordinate in a pixel.
const UNITS: f32 = 4.0;
/// Quality that is not known.
const UNKNOWN: u8 = 255;

pub(super) fn decode(bytes: &[u8], rules: Rules<'_>) -> Result<Record, FormatError> {
    let mut r = Reader::new(bytes);
    signature(&mut r, MAGIC, "a compact template")?;
    code(&mut r, "version", |v| (v == VERSION).then_some(()), "version 1 is read")?;
    let offset = r.offset();
    let count = usize::from(r.u8("number of views")?);
    whole(r.u32("record length")?, LENGTH_AT, bytes, rules)?;
    views(&r, offset, count, MIN_VIEW, rules.limits)?;
    let mut views = Vec::with_capacity(count);
    for _ in 0..count {
        views.push(read_view(&mut r, rules.limits)?);
    }
    end(&r, rules.lenient)?;
    Ok(Record { views, ..Record::default() })
}

/// A byte that stands for something; others are refused.
fn code<T>(
    r: &mut Reader<'_>,
    what: &'static str,
    of: impl Fn(u8) -> Option<T>,
    expected: &'static str,
) -> Result<T, FormatError> {
    let offset = r.offset();
    let byte = r.u8(what)?;
    of(byte).ok_or(FormatError::Value { what, offset, value: byte.into(), expected })
}

fn read_view(r: &mut Reader<'_>, limits: &Limits) -> Result<View, FormatError> {
    let position = position(r)?;
    let (number, impression) = (r.u8("view number")?, r.u8("impression type")?);
    let qualities = match r.peek() {
        Some(UNKNOWN) => r.u8("sample quality").map(|_| Vec::new())?,
        _ => match quality(r, false)? {
            0 => vec![super::model::SampleQuality { score: 0, vendor: 0, algorithm: 0 }],
            score => plain_quality(score),
        },
    };
    let reasons = code(r, "reasons", reasons_of, "there are 7 reasons")?;
    let pattern = code(r, "pattern", pattern_of, "0 to 5 are allowed")?;
    let method = code(r, "method", method_of, "0 to 2 are allowed")?;
    let (width, height) = (r.u16("image width")?.into(), r.u16("image height")?.into());
    let count = usize::from(r.u16("number of minutiae")?);
    limits.check_minutiae(count)?;
    let (chunks, _) = r.take(count.saturating_mul(MINUTIA), "minutiae")?.as_chunks::<MINUTIA>();
    let minutiae = chunks.iter().map(|&[x0, x1, y0, y1, d0, d1, quality]| {
        let both = u16::from_be_bytes([d0, d1]);
        RecordMinutia {
            x: f32::from(u16::from_be_bytes([x0, x1])) / UNITS,
            y: f32::from(u16::from_be_bytes([y0, y1])) / UNITS,
            direction: direction(both & (STEPS - 1), STEPS),
            kind: kind(both >> 14),
            quality,
            reserved: 0,
        }
    });
    let minutiae = minutiae.collect();
    let number_of = |n: u8| (usize::from(n) <= MAX_SINGULAR).then_some(n);
    let cores = code(r, "number of cores", number_of, "0 to 15 are allowed")?;
    let deltas = code(r, "number of deltas", number_of, "0 to 15 are allowed")?;
    let cores = (0..cores).map(|_| read_core(r)).collect::<Result<Vec<_>, _>>()?;
    let deltas = (0..deltas).map(|_| read_delta(r)).collect::<Result<Vec<_>, _>>()?;
    let none = cores.is_empty() && deltas.is_empty();
    let extensions = if none { Vec::new() } else { vec![Extension::Singular { cores, deltas }] };
    let ridge_flow = if flag(r, "ridge flow")? { Some(read_flow(r)?) } else { None };
    let frame = View { width, height, reasons, pattern, method, ridge_flow, ..View::default() };
    Ok(View { position, number, impression, qualities, minutiae, extensions, ..frame })
}

fn flag(r: &mut Reader<'_>, what: &'static str) -> Result<bool, FormatError> {
    code(r, what, |f| (f <= 1).then_some(f == 1), "0 or 1 is allowed")
}

fn place(r: &mut Reader<'_>) -> Result<(f32, f32, bool), FormatError> {
    let (x, y) = (r.u16("x")?, r.u16("y")?);
    Ok((f32::from(x) / UNITS, f32::from(y) / UNITS, flag(r, "directions")?))
}

fn angle(r: &mut Reader<'_>) -> Result<Angle, FormatError> {
    let offset = r.offset();
    match r.u16("direction")? {
        code if code < STEPS => Ok(direction(code, STEPS)),
        code => {
            let (what, value) = ("direction", code.into());
            Err(FormatError::Value { what, offset, value, expected: "14 bits are allowed" })
        }
    }
}

fn read_core(r: &mut Reader<'_>) -> Result<Core, FormatError> {
    let (x, y, directed) = place(r)?;
    Ok(Core { x, y, direction: if directed { Some(angle(r)?) } else { None } })
}

fn read_delta(r: &mut Reader<'_>) -> Result<Delta, FormatError> {
    let (x, y, directed) = place(r)?;
    let directions = if directed { Some([angle(r)?, angle(r)?, angle(r)?]) } else { None };
    Ok(Delta { x, y, directions })
}

fn reasons_of(bits: u8) -> Option<QualityReasons> {
    let set = |i: usize| bits.checked_shr(u32::try_from(i).unwrap_or(8)).is_some_and(|b| b & 1 == 1);
    let reasons = QualityReason::ALL.into_iter().enumerate().filter(|(i, _)| set(*i)).map(|(_, r)| r).collect();
    (bits < 0x80).then_some(reasons)
}

fn reasons_code(reasons: QualityReasons) -> u8 {
    QualityReason::ALL.iter().rev().fold(0, |bits, r| bits << 1 | u8::from(reasons.contains(*r)))
}

fn pattern_of(code: u8) -> Option<Option<PatternClass>> {
    match code {
        0 => Some(None),
        code => PatternClass::ALL.get(usize::from(code).saturating_sub(1)).copied().map(Some),
    }
}

fn method_of(code: u8) -> Option<Option<ExtractionMethod>> {
    match code {
        0 => Some(None),
        1 => Some(Some(ExtractionMethod::Learned)),
        2 => Some(Some(ExtractionMethod::Classical)),
        _ => None,
    }
}

pub(super) fn encode(record: &Record) -> Vec<u8> {
    let mut out = Writer::with_capacity(1024);
    out.bytes(MAGIC);
    out.u8(VERSION);
    out.u8(u8::try_from(record.views.len()).unwrap_or(u8::MAX));
    out.u32(0);
    for view in &record.views {
        write_view(&mut out, view);
    }
    let total = length(out.len());
    out.put(LENGTH_AT, &total.to_be_bytes());
    out.finish()
}

fn write_view(out: &mut Writer, view: &View) {
    let quality = if view.qualities.is_empty() { UNKNOWN } else { first_quality(view) };
    let pattern = view.pattern.and_then(|p| PatternClass::ALL.iter().position(|c| *c == p));
    let pattern = pattern.and_then(|p| u8::try_from(p.saturating_add(1)).ok()).unwrap_or(0);
    let method = match view.method {
        None => 0,
        Some(ExtractionMethod::Learned) => 1,
        Some(ExtractionMethod::Classical) => 2,
    };
    let head =
        [view.position.code(), view.number, view.impression, quality, reasons_code(view.reasons), pattern, method];
    out.bytes(&head);
    out.u16(u16::try_from(view.width).unwrap_or(u16::MAX));
    out.u16(u16::try_from(view.height).unwrap_or(u16::MAX));
    out.u16(u16::try_from(view.minutiae.len()).unwrap_or(u16::MAX));
    for m in &view.minutiae {
        out.u16(round_u16(m.x * UNITS));
        out.u16(round_u16(m.y * UNITS));
        out.u16(kind_code(m.kind) << 14 | nearest_direction(m.direction, STEPS));
        out.u8(m.quality);
    }
    let (cores, deltas): (Vec<_>, Vec<_>) =
        (view.cores().take(MAX_SINGULAR).collect(), view.deltas().take(MAX_SINGULAR).collect());
    out.u8(u8::try_from(cores.len()).unwrap_or(0));
    out.u8(u8::try_from(deltas.len()).unwrap_or(0));
    for core in cores {
        write_point(out, core.x, core.y, core.direction.as_ref().map(std::slice::from_ref));
    }
    for delta in deltas {
        write_point(out, delta.x, delta.y, delta.directions.as_ref().map(|d| &d[..]));
    }
    out.u8(view.ridge_flow.is_some().into());
    if let Some(flow) = &view.ridge_flow {
        write_flow(out, flow);
    }
}

fn write_point(out: &mut Writer, x: f32, y: f32, directions: Option<&[Angle]>) {
    out.u16(round_u16(x * UNITS));
    out.u16(round_u16(y * UNITS));
    out.u8(directions.is_some().into());
    for direction in directions.unwrap_or_default() {
        out.u16(nearest_direction(*direction, STEPS));
    }
}
