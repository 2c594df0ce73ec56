//! ISO/IEC 19794-2 formats for cards: bare minutiae, 5 bytes (normal) or 3 (compact). Finger, order and number belong to the
//! card's own data objects.

use super::fields::holding;
use super::fmr::{Dialect, kind, kind_code, read_minutiae, write_minutiae};
use super::model::{Record, RecordMinutia, View};
use super::number::{direction, nearest_direction, round_u8};
use crate::bytes::Writer;
use crate::format::error::{FormatError, Reader};
use crate::limits::Limits;

/// Units of a coordinate, per cm: 0.01 mm.
pub(super) const NORMAL_UNITS_PER_CM: u16 = 1000;
/// Units of a coordinate, per cm: 0.1 mm.
pub(super) const COMPACT_UNITS_PER_CM: u16 = 100;
/// Steps of a direction in the compact format: 6 bits.
const COMPACT_STEPS: u16 = 64;
/// Size of a minutia, bytes.
const NORMAL: usize = 5;
const COMPACT: usize = 3;

pub(super) fn decode_normal(bytes: &[u8], limits: &Limits) -> Result<Record, FormatError> {
    let count = count(bytes, NORMAL, limits)?;
    let mut r = Reader::new(bytes);
    let minutiae = read_minutiae(&mut r, count, (u32::MAX, u32::MAX), Dialect::Iso, false)?;
    Ok(record(minutiae, NORMAL_UNITS_PER_CM))
}

pub(super) fn decode_compact(bytes: &[u8], limits: &Limits) -> Result<Record, FormatError> {
    count(bytes, COMPACT, limits)?;
    let (triples, _) = bytes.as_chunks::<COMPACT>();
    let minutia = |&[x, y, both]: &[u8; 3]| RecordMinutia {
        x: x.into(),
        y: y.into(),
        direction: direction(u16::from(both & 0x3F), COMPACT_STEPS),
        kind: kind(u16::from(both >> 6)),
        quality: 0,
        reserved: 0,
    };
    Ok(record(triples.iter().map(minutia).collect(), COMPACT_UNITS_PER_CM))
}

fn record(minutiae: Vec<RecordMinutia>, resolution: u16) -> Record {
    let (width, height) = holding(&minutiae);
    let view = View { width, height, minutiae, x_resolution: resolution, y_resolution: resolution, ..View::default() };
    Record { views: vec![view], ..Record::default() }
}

fn count(bytes: &[u8], size: usize, limits: &Limits) -> Result<usize, FormatError> {
    let (count, rest) = (bytes.len().checked_div(size).unwrap_or(0), bytes.len().checked_rem(size).unwrap_or(0));
    if rest != 0 {
        let offset = bytes.len().saturating_sub(rest);
        return Err(FormatError::Truncated { what: "minutia", offset, needed: size, available: rest });
    }
    limits.check_minutiae(count)?;
    Ok(count)
}

pub(super) fn encode_normal(record: &Record) -> Vec<u8> {
    let mut out = Writer::default();
    if let Some(view) = record.views.first() {
        write_minutiae(&mut out, &view.minutiae, Dialect::Iso, false);
    }
    out.finish()
}

pub(super) fn encode_compact(record: &Record) -> Vec<u8> {
    let mut out = Writer::default();
    for m in record.views.first().map(|v| v.minutiae.as_slice()).unwrap_or_default() {
        let both = kind_code(m.kind) << 6 | nearest_direction(m.direction, COMPACT_STEPS);
        out.bytes(&[round_u8(m.x), round_u8(m.y), u8::try_from(both).unwrap_or(0)]);
    }
    out.finish()
}
