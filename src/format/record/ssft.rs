//! This crate's own template, version 2: a round trip preserves every bit.
//!
//! | bytes | field |
//! |---|---|
//! | 4, 1, 1 | `SSFT`, version 2, number of views |
//! | 4 | length of the whole |
//! | 1, 1, 1 | of each view: finger, view number, impression type, then its template |
//!
//! A template, which galleries keep without the header:
//!
//! | bytes | field |
//! |---|---|
//! | 4, 4 | width and height, pixels at 500 ppi |
//! | 1, 1, 1, 1 | quality, a bit for each reason, pattern class, method; 255 means unknown, except in the reasons |
//! | 1, then 13 each | cores and deltas: kind, x, y, direction |
//! | 2, then 14 each | minutiae: x, y, direction, kind, quality |
//! | 1 | 0, or 1 for ridge flow: cell, columns, rows (2 bytes each), then orientation, coherence and period of all cells |
//!
//! Numbers are big-endian; positions (pixels) and directions (radians) are 32-bit floats.

use std::f32::consts::TAU;

use super::convert::{template, view};
use super::fields::{Rules, end, position, signature, views, whole};
use super::model::{Record, View};
use super::number::length;
use crate::bytes::Writer;
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::quality::{QualityReason, QualityReasons};
use crate::fingerprint::singular::{PatternClass, SingularKind, SingularPoint};
use crate::fingerprint::template::{ExtractionMethod, FingerTemplate, RidgeFlow};
use crate::format::error::{FormatError, Reader};
use crate::geometry::Angle;
use crate::limits::Limits;

pub(super) const MAGIC: &[u8] = b"SSFT";
const VERSION: u8 = 2;
/// Offset of the length, and size of the header, bytes.
const LENGTH_AT: usize = 6;
const HEADER: usize = 10;
/// Size of a view's fields before the template, and of an empty template, bytes.
const VIEW: usize = 3;
const TEMPLATE: usize = 16;
/// Sizes of a minutia, a core or delta, and the header of ridge flow, bytes.
const MINUTIA: usize = 14;
const SINGULAR: usize = 13;
const FLOW: usize = 6;
/// Code for unknown.
const UNKNOWN: u8 = 255;
/// Meanings of the codes.
const METHODS: [ExtractionMethod; 2] = [ExtractionMethod::Learned, ExtractionMethod::Classical];
const KINDS: [MinutiaKind; 3] = [MinutiaKind::Ending, MinutiaKind::Bifurcation, MinutiaKind::Other];
const SINGULARS: [SingularKind; 2] = [SingularKind::Core, SingularKind::Delta];

pub(super) fn decode(bytes: &[u8], rules: Rules<'_>) -> Result<Record, FormatError> {
    let mut r = Reader::new(bytes);
    signature(&mut r, MAGIC, "a selfsame template")?;
    code(&mut r, "version", |v| (v == VERSION).then_some(()), "version 2 is supported")?;
    let offset = r.offset();
    let count = usize::from(r.u8("number of views")?);
    whole(r.u32("record length")?, LENGTH_AT, bytes, rules)?;
    views(&r, offset, count, VIEW.saturating_add(TEMPLATE), rules.limits)?;
    let mut views = Vec::with_capacity(count);
    for _ in 0..count {
        let position = position(&mut r)?;
        let (number, impression) = (r.u8("view number")?, r.u8("impression type")?);
        views.push(View { position, number, impression, ..view(&read_template(&mut r, rules.limits)?) });
    }
    end(&r, rules)?;
    Ok(Record { views, ..Record::default() })
}

/// Reads a template without a header, as [`encode_template`] writes it.
#[cfg(any(test, feature = "gallery"))]
pub(crate) fn decode_template(bytes: &[u8], limits: &Limits) -> Result<FingerTemplate, FormatError> {
    limits.check_bytes(bytes.len())?;
    let mut r = Reader::new(bytes);
    let template = read_template(&mut r, limits)?;
    end(&r, Rules::strict(limits))?;
    Ok(template)
}

/// Reads a byte that is a code; other values are rejected.
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

/// Reads an index into a list.
fn one<T: Copy>(r: &mut Reader<'_>, what: &'static str, list: &[T]) -> Result<T, FormatError> {
    code(r, what, |n| list.get(usize::from(n)).copied(), "this number is not defined")
}

/// Reads an index into a list, or [`UNKNOWN`].
fn known<T: Copy>(r: &mut Reader<'_>, what: &'static str, list: &[T]) -> Result<Option<T>, FormatError> {
    if r.peek() == Some(UNKNOWN) { r.u8(what).map(|_| None) } else { one(r, what, list).map(Some) }
}

fn read_template(r: &mut Reader<'_>, limits: &Limits) -> Result<FingerTemplate, FormatError> {
    let (width, height) = (r.u32("image width")?, r.u32("image height")?);
    let quality = r.u8("sample quality")?;
    let reasons = reasons_of(r.u8("reasons")?);
    let (pattern, method) = (known(r, "pattern", &PatternClass::ALL)?, known(r, "method", &METHODS)?);
    let mut singular = Vec::new();
    for _ in 0..r.u8("number of cores and deltas")? {
        let kind = one(r, "core or delta", &SINGULARS)?;
        let (x, y, direction) = place(r)?;
        singular.push(SingularPoint { kind, x, y, direction });
    }
    let count = usize::from(r.u16("number of minutiae")?);
    limits.check_minutiae(count)?;
    let mut area = r.part(count.saturating_mul(MINUTIA), "minutiae")?;
    let mut minutiae = Vec::with_capacity(count);
    for _ in 0..count {
        let (x, y, direction) = place(&mut area)?;
        let kind = one(&mut area, "minutia kind", &KINDS)?;
        minutiae.push(Minutia { x, y, direction, kind, quality: area.u8("minutia quality")? });
    }
    let mut template =
        FingerTemplate::new(width, height, minutiae)?.with_singular_points(singular)?.with_quality_reasons(reasons);
    if quality != UNKNOWN {
        template = template.with_quality(quality)?;
    }
    if let Some(pattern) = pattern {
        template = template.with_pattern(pattern);
    }
    if let Some(method) = method {
        template = template.with_method(method);
    }
    if code(r, "ridge flow", |f| (f <= 1).then_some(f == 1), "0 or 1 is allowed")? {
        let (cell, columns, rows) = (r.u16("cell")?, r.u16("columns")?, r.u16("rows")?);
        let cells = usize::from(columns).saturating_mul(rows.into());
        let mut grid = || r.take(cells, "ridge flow").map(<[u8]>::to_vec);
        let (orientation, coherence, period) = (grid()?, grid()?, grid()?);
        template = template.with_ridge_flow(RidgeFlow { cell, columns, rows, orientation, coherence, period })?;
    }
    Ok(template)
}

/// Reads a position, and a direction below a full turn.
fn place(r: &mut Reader<'_>) -> Result<(f32, f32, Angle), FormatError> {
    let (x, y) = (f32::from_bits(r.u32("x")?), f32::from_bits(r.u32("y")?));
    let offset = r.offset();
    let direction = f32::from_bits(r.u32("direction")?);
    if !(0.0..TAU).contains(&direction) {
        return Err(FormatError::Header { offset, reason: "a direction is not from 0 to a full turn" });
    }
    Ok((x, y, Angle::from_radians(direction)))
}

/// The reasons of a byte, one bit each.
fn reasons_of(bits: u8) -> QualityReasons {
    let set = |i: usize| bits.checked_shr(u32::try_from(i).unwrap_or(8)).is_some_and(|b| b & 1 == 1);
    QualityReason::ALL.into_iter().enumerate().filter(|(i, _)| set(*i)).map(|(_, r)| r).collect()
}

pub(super) fn encode(record: &Record) -> Vec<u8> {
    // Data that no template can hold were already removed and reported.
    let templates: Vec<_> = record.views.iter().filter_map(|v| template(v).ok().map(|t| (v, t))).collect();
    let room = templates.iter().fold(HEADER, |sum, (_, t)| sum.saturating_add(VIEW).saturating_add(size(t)));
    let mut out = Writer::with_capacity(room);
    out.bytes(MAGIC);
    out.u8(VERSION);
    out.u8(u8::try_from(templates.len()).unwrap_or(u8::MAX));
    out.u32(0);
    for (view, template) in &templates {
        out.bytes(&[view.position.code(), view.number, view.impression]);
        write_template(&mut out, template);
    }
    let total = length(out.len());
    out.put(LENGTH_AT, &total.to_be_bytes());
    out.finish()
}

/// Writes a template without a header. All memory is allocated at once, so no copy stays behind.
#[cfg(any(test, feature = "gallery"))]
pub(crate) fn encode_template(template: &FingerTemplate) -> Vec<u8> {
    let mut out = Writer::with_capacity(size(template));
    write_template(&mut out, template);
    out.finish()
}

/// Size of a template, bytes.
fn size(template: &FingerTemplate) -> usize {
    let flow = template.ridge_flow().map_or(0, |f| f.orientation.len().saturating_mul(3).saturating_add(FLOW));
    let minutiae = template.minutiae().len().saturating_mul(MINUTIA);
    let singular = template.singular_points().len().saturating_mul(SINGULAR);
    [minutiae, singular, flow].into_iter().fold(TEMPLATE, usize::saturating_add)
}

fn write_template(out: &mut Writer, template: &FingerTemplate) {
    out.u32(template.width());
    out.u32(template.height());
    let reasons = template.quality_reasons();
    let reasons = QualityReason::ALL.iter().rev().fold(0, |bits, r| bits << 1 | u8::from(reasons.contains(*r)));
    let (pattern, method) = (number_in(&PatternClass::ALL, template.pattern()), number_in(&METHODS, template.method()));
    out.bytes(&[template.quality().unwrap_or(UNKNOWN), reasons, pattern, method]);
    out.u8(u8::try_from(template.singular_points().len()).unwrap_or(u8::MAX));
    for point in template.singular_points() {
        out.u8(number_in(&SINGULARS, Some(point.kind)));
        write_place(out, point.x, point.y, point.direction);
    }
    out.u16(u16::try_from(template.minutiae().len()).unwrap_or(u16::MAX));
    for m in template.minutiae() {
        write_place(out, m.x, m.y, m.direction);
        out.bytes(&[number_in(&KINDS, Some(m.kind)), m.quality]);
    }
    out.u8(template.ridge_flow().is_some().into());
    if let Some(flow) = template.ridge_flow() {
        out.u16s(&[flow.cell, flow.columns, flow.rows]);
        [&flow.orientation, &flow.coherence, &flow.period].iter().for_each(|grid| out.bytes(grid));
    }
}

fn write_place(out: &mut Writer, x: f32, y: f32, direction: Angle) {
    [x, y, direction.radians()].iter().for_each(|v| out.u32(v.to_bits()));
}

fn number_in<T: PartialEq>(list: &[T], value: Option<T>) -> u8 {
    let place = value.and_then(|value| list.iter().position(|v| *v == value));
    place.and_then(|i| u8::try_from(i).ok()).unwrap_or(UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_range_are_refused() {
        let bare = encode_template(&FingerTemplate::new(0, 0, Vec::new()).unwrap());
        let read = |bytes: &[u8]| decode_template(bytes, &Limits::default());
        assert_eq!(bare.len(), TEMPLATE);
        assert!(read(&bare).is_ok() && read(&[&bare[..], &[0]].concat()).is_err());
        assert!((0..bare.len()).all(|end| read(&bare[..end]).is_err()));
        for (at, bad) in [(8, 101), (10, 5), (11, 2), (12, 31), (13, 1), (15, 2)] {
            let mut bytes = bare.clone();
            bytes[at] = bad;
            assert!(read(&bytes).is_err(), "byte {at}");
        }
        let minutia = |x, y, direction, quality| {
            let mut out = Writer::default();
            out.bytes(&bare[..14]);
            out.u8(1);
            [x, y, direction].iter().for_each(|v: &f32| out.u32(v.to_bits()));
            out.bytes(&[0, quality, 0]);
            read(&out.finish()).is_ok()
        };
        assert!(minutia(1.0, 2.0, 3.0, 100));
        assert!(!minutia(1.0, 2.0, TAU, 100) && !minutia(1.0, 2.0, -0.1, 100) && !minutia(1.0, 2.0, f32::NAN, 100));
        assert!(!minutia(f32::NAN, 2.0, 3.0, 100) && !minutia(1.0, 16_384.0, 3.0, 100) && !minutia(1.0, 2.0, 3.0, 101));
    }
}
