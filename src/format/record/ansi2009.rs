//! ANSI/INCITS 378-2009 finger minutiae record, and its first amendment, which differs in the version.

use super::fields::{Rules, admitted, end, position, quality, resolution, side, signature, size, views, whole};
use super::fmr::{Dialect, MAGIC, read_extensions, read_minutiae, write_extensions, write_minutiae};
use super::iso2005::room;
use super::model::{Device, Record, SampleQuality, View};
use super::number::length;
use crate::bytes::Writer;
use crate::format::error::{FormatError, Reader};

/// Version of 2009, shared with ISO/IEC 19794-2:2011.
pub(super) const VERSION: &[u8] = b"030\0";
/// Version of the first amendment.
pub(super) const AMENDED: &[u8] = b"035\0";
/// Size of the header and offset of the length, bytes.
const HEADER: usize = 21;
const LENGTH_AT: usize = 8;
/// Smallest view, bytes.
const MIN_VIEW: usize = 19;

pub(super) fn decode(bytes: &[u8], version: &[u8], rules: Rules<'_>) -> Result<Record, FormatError> {
    let mut r = Reader::new(bytes);
    signature(&mut r, MAGIC, "a finger minutiae record")?;
    signature(&mut r, version, "an ANSI/INCITS 378-2009 record")?;
    whole(r.u32("record length")?, LENGTH_AT, bytes, rules)?;
    let (vendor, subformat) = (r.u16("product owner")?, r.u16("product type")?);
    let (certification, id) = (r.u8("certification")?, r.u16("device id")?);
    let device = Device { vendor, subformat, certification, id };
    let offset = r.offset();
    let count = usize::from(r.u8("number of views")?);
    let reserved = r.u8("reserved byte")?;
    views(&r, offset, count, MIN_VIEW, rules.limits)?;
    let mut views = Vec::with_capacity(count);
    for _ in 0..count {
        views.push(read_view(&mut r, rules)?);
    }
    end(&r, rules)?;
    Ok(Record { device, reserved, views, ..Record::default() })
}

fn read_view(r: &mut Reader<'_>, rules: Rules<'_>) -> Result<View, FormatError> {
    let position = position(r)?;
    let (number, impression) = (r.u8("view number")?, r.u8("impression type")?);
    let score = quality(r)?;
    let (vendor, algorithm) = (r.u16("quality vendor")?, r.u16("quality algorithm")?);
    let unknown = (score, vendor, algorithm) == (0, 0, 0);
    let qualities = if unknown { Vec::new() } else { vec![SampleQuality { score, vendor, algorithm }] };
    let (width, height) = (side(r, "image width")?, side(r, "image height")?);
    let x_resolution = resolution(r, "horizontal resolution")?;
    let y_resolution = resolution(r, "vertical resolution")?;
    let count = usize::from(r.u8("number of minutiae")?);
    rules.limits.check_minutiae(count)?;
    let minutiae = read_minutiae(r, count, rules.image(width, height), Dialect::Ansi, true)?;
    rules.outside(&minutiae, width, height);
    let (extensions, _) = read_extensions(r, Dialect::Ansi, false, rules)?;
    let frame = View { width, height, x_resolution, y_resolution, ..View::default() };
    Ok(View { position, number, impression, qualities, minutiae, extensions, ..frame })
}

pub(super) fn encode(record: &Record, version: &[u8]) -> Vec<u8> {
    let mut out = Writer::with_capacity(HEADER.saturating_add(room(record)));
    out.bytes(MAGIC);
    out.bytes(version);
    out.u32(0);
    out.u16(record.device.vendor);
    out.u16(record.device.subformat);
    out.u8(record.device.certification);
    out.u16(record.device.id);
    out.u8(u8::try_from(record.views.len()).unwrap_or(u8::MAX));
    out.u8(record.reserved);
    for view in &record.views {
        let quality = view.qualities.first().copied();
        let quality = quality.unwrap_or(SampleQuality { score: 0, vendor: 0, algorithm: 0 });
        out.bytes(&[view.position.code(), view.number, view.impression, quality.score]);
        let ((width, height), (x, y)) = (size(view), admitted(view));
        out.u16s(&[quality.vendor, quality.algorithm, width, height, x, y]);
        out.u8(u8::try_from(view.minutiae.len()).unwrap_or(u8::MAX));
        write_minutiae(&mut out, &view.minutiae, Dialect::Ansi, true);
        write_extensions(&mut out, &view.extensions, Dialect::Ansi, true);
    }
    let total = length(out.len());
    out.put(LENGTH_AT, &total.to_be_bytes());
    out.finish()
}
