//! ISO/IEC 19794-2:2011 finger minutiae record.

use super::fields::{Rules, admitted, end, position, quality, resolution, side, signature, size, views, whole};
use super::fmr::{Dialect, MAGIC, read_extensions, read_minutiae, write_extensions, write_minutiae};
use super::iso2005::room;
use super::model::{Capture, Device, Record, SampleQuality, View};
use super::number::length;
use crate::bytes::Writer;
use crate::format::error::{FormatError, Reader};

/// Version, shared with ANSI/INCITS 378-2009.
pub(super) const VERSION: &[u8] = b"030\0";
/// Size of the header and offset of the length, bytes.
pub(super) const HEADER: usize = 15;
pub(super) const LENGTH_AT: usize = 8;
/// Smallest representation, bytes.
const MIN_VIEW: usize = 34;
/// An unknown time: all bits set.
const NO_TIME: [u8; 9] = [0xFF; 9];

pub(super) fn decode(bytes: &[u8], rules: Rules<'_>) -> Result<Record, FormatError> {
    let mut r = Reader::new(bytes);
    signature(&mut r, MAGIC, "a finger minutiae record")?;
    signature(&mut r, VERSION, "an ISO/IEC 19794-2:2011 record")?;
    whole(r.u32("record length")?, LENGTH_AT, bytes, rules)?;
    let offset = r.offset();
    let count = usize::from(r.u16("number of representations")?);
    let flag_at = r.offset();
    let certified = match r.u8("certification flag")? {
        0 => false,
        1 => true,
        value => {
            let (what, value) = ("certification flag", value.into());
            return Err(FormatError::Value { what, offset: flag_at, value, expected: "0 or 1 is allowed" });
        }
    };
    views(&r, offset, count, MIN_VIEW, rules.limits)?;
    let mut views = Vec::with_capacity(count);
    for _ in 0..count {
        let (start, offset) = (r.left(), r.offset());
        let declared = r.u32("representation length")?;
        let view = read_view(&mut r, certified, rules)?;
        let actual = u64::try_from(start.saturating_sub(r.left())).unwrap_or(u64::MAX);
        let what = "the representation length";
        if !rules.passes(what, offset, declared.into(), actual) {
            return Err(FormatError::Length { what, offset, declared: declared.into(), actual });
        }
        views.push(view);
    }
    end(&r, rules)?;
    let device = views.first().and_then(|v| v.capture.as_deref());
    let device = device.map(|c| Device { vendor: c.vendor, id: c.device, ..Device::default() }).unwrap_or_default();
    Ok(Record { device, views, ..Record::default() })
}

/// The fields about capture and quality that begin a representation in the standards of 2011; `quality` reads a score.
pub(crate) fn read_capture(
    r: &mut Reader<'_>,
    certified: bool,
    quality: fn(&mut Reader<'_>) -> Result<u8, FormatError>,
) -> Result<(Capture, Vec<SampleQuality>), FormatError> {
    let time = r.array("capture time")?;
    let technology = r.u8("sensor technology")?;
    let (vendor, device) = (r.u16("sensor vendor")?, r.u16("sensor type")?);
    let mut qualities = Vec::new();
    for _ in 0..r.u8("number of qualities")? {
        let score = quality(r)?;
        qualities.push(SampleQuality {
            score,
            vendor: r.u16("quality vendor")?,
            algorithm: r.u16("quality algorithm")?,
        });
    }
    let certifications = if certified {
        let count = usize::from(r.u8("number of certifications")?);
        let (triples, _) = r.take(count.saturating_mul(3), "certifications")?.as_chunks::<3>();
        Some(triples.to_vec())
    } else {
        None
    };
    Ok((Capture { time, technology, vendor, device, certifications }, qualities))
}

fn read_view(r: &mut Reader<'_>, certified: bool, rules: Rules<'_>) -> Result<View, FormatError> {
    let (capture, qualities) = read_capture(r, certified, quality)?;
    let (position, number) = (position(r)?, r.u8("representation number")?);
    let x_resolution = resolution(r, "horizontal resolution")?;
    let y_resolution = resolution(r, "vertical resolution")?;
    let impression = r.u8("impression type")?;
    let (width, height) = (side(r, "image width")?, side(r, "image height")?);
    let offset = r.offset();
    let shape = r.u8("minutia size")?;
    let five_bytes = match shape >> 4 {
        5 => true,
        6 => false,
        value => {
            let (what, value) = ("minutia size", value.into());
            return Err(FormatError::Value { what, offset, value, expected: "5 or 6 bytes are allowed" });
        }
    };
    let count = usize::from(r.u8("number of minutiae")?);
    rules.limits.check_minutiae(count)?;
    let minutiae = read_minutiae(r, count, rules.image(width, height), Dialect::Iso, !five_bytes)?;
    rules.outside(&minutiae, width, height);
    let (extensions, _) = read_extensions(r, Dialect::Iso, false, rules)?;
    let capture = Some(Box::new(capture));
    let frame = View { width, height, x_resolution, y_resolution, ending: shape & 0x0F, five_bytes, ..View::default() };
    Ok(View { position, number, impression, qualities, minutiae, extensions, capture, ..frame })
}

pub(super) fn encode(record: &Record) -> Vec<u8> {
    let mut out = Writer::with_capacity(HEADER.saturating_add(room(record)));
    out.bytes(MAGIC);
    out.bytes(VERSION);
    out.u32(0);
    out.u16(u16::try_from(record.views.len()).unwrap_or(u16::MAX));
    let certified = record.views.iter().any(|v| v.capture.as_ref().is_some_and(|c| c.certifications.is_some()));
    out.u8(certified.into());
    for view in &record.views {
        let at = out.len();
        out.u32(0);
        write_view(&mut out, view, record.device, certified);
        let total = length(out.len().saturating_sub(at));
        out.put(at, &total.to_be_bytes());
    }
    let total = length(out.len());
    out.put(LENGTH_AT, &total.to_be_bytes());
    out.finish()
}

fn write_view(out: &mut Writer, view: &View, device: Device, certified: bool) {
    let unknown = Capture { time: NO_TIME, vendor: device.vendor, device: device.id, ..Capture::default() };
    let capture = view.capture.as_deref().unwrap_or(&unknown);
    out.bytes(&capture.time);
    out.u8(capture.technology);
    out.u16(capture.vendor);
    out.u16(capture.device);
    let qualities = view.qualities.get(..view.qualities.len().min(255)).unwrap_or_default();
    out.u8(u8::try_from(qualities.len()).unwrap_or(0));
    for quality in qualities {
        out.u8(quality.score);
        out.u16(quality.vendor);
        out.u16(quality.algorithm);
    }
    if certified {
        let all = capture.certifications.as_deref().unwrap_or_default();
        let kept = all.get(..all.len().min(255)).unwrap_or_default();
        out.u8(u8::try_from(kept.len()).unwrap_or(0));
        out.bytes(kept.as_flattened());
    }
    out.u8(view.position.code());
    out.u8(view.number);
    let ((width, height), (x, y)) = (size(view), admitted(view));
    out.u16(x);
    out.u16(y);
    out.u8(view.impression);
    out.u16(width);
    out.u16(height);
    out.u8(if view.five_bytes { 0x50 } else { 0x60 } | view.ending & 0x0F);
    out.u8(u8::try_from(view.minutiae.len()).unwrap_or(u8::MAX));
    write_minutiae(out, &view.minutiae, Dialect::Iso, !view.five_bytes);
    write_extensions(out, &view.extensions, Dialect::Iso, true);
}
