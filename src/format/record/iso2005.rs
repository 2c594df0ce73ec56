//! ISO/IEC 19794-2:2005 finger minutiae record.

use super::fields::{
    Rules, admitted, end, first_quality, plain_quality, position, quality, resolution, side, signature, size, views,
    whole,
};
use super::fmr::{Dialect, read_extensions, read_minutiae, write_extensions, write_minutiae};
use super::model::{Device, ExtensionLength, Record, View};
use super::number::length;
use crate::bytes::Writer;
use crate::format::error::{FormatError, Reader};

/// The first bytes, shared with ANSI/INCITS 378-2004.
pub(super) const MAGIC: &[u8] = b"FMR\0 20\0";
/// Smallest view, bytes.
pub(super) const MIN_VIEW: usize = 6;
/// Header, bytes.
const HEADER: usize = 24;

pub(super) fn decode(bytes: &[u8], rules: Rules<'_>) -> Result<Record, FormatError> {
    let mut r = Reader::new(bytes);
    signature(&mut r, MAGIC, "an ISO/IEC 19794-2:2005 record")?;
    whole(r.u32("record length")?, MAGIC.len(), bytes, rules)?;
    let device = r.u16("device id")?;
    let (width, height) = (side(&mut r, "image width")?, side(&mut r, "image height")?);
    let x_resolution = resolution(&mut r, "horizontal resolution")?;
    let y_resolution = resolution(&mut r, "vertical resolution")?;
    let offset = r.offset();
    let count = usize::from(r.u8("number of views")?);
    let reserved = r.u8("reserved byte")?;
    views(&r, offset, count, MIN_VIEW, rules.limits)?;
    let frame = View { width, height, x_resolution, y_resolution, ..View::default() };
    let mut views = Vec::with_capacity(count);
    for _ in 0..count {
        views.push(read_view(&mut r, &frame, Dialect::Iso, rules)?);
    }
    end(&r, rules)?;
    Ok(Record { device: split(device), reserved, views, ..Record::default() })
}

pub(super) fn encode(record: &Record) -> Vec<u8> {
    let mut out = Writer::with_capacity(HEADER.saturating_add(room(record)));
    out.bytes(MAGIC);
    out.u32(0);
    out.u16(joined(record.device));
    write_frame(&mut out, record);
    for view in &record.views {
        write_view(&mut out, view, Dialect::Iso);
    }
    let total = length(out.len());
    out.put(MAGIC.len(), &total.to_be_bytes());
    out.finish()
}

/// Approximate size of the views, bytes.
pub(super) fn room(record: &Record) -> usize {
    record.views.iter().fold(0, |sum, v| sum.saturating_add(v.minutiae.len().saturating_mul(6)).saturating_add(64))
}

/// 4 bits of certification, 12 of the device.
pub(super) fn split(field: u16) -> Device {
    let certification = u8::try_from(field >> 12).unwrap_or(0);
    Device { certification, id: field & 0x0FFF, ..Device::default() }
}

/// The inverse of [`split`]; higher bits are cut off.
pub(super) fn joined(device: Device) -> u16 {
    u16::from(device.certification & 0x0F) << 12 | device.id & 0x0FFF
}

/// Image size and resolution of all views, their number, and the reserved byte.
pub(super) fn write_frame(out: &mut Writer, record: &Record) {
    let (width, height) = record.views.iter().map(size).fold((1, 1), |(w, h), (x, y)| (w.max(x), h.max(y)));
    let first = View::default();
    let (x_resolution, y_resolution) = admitted(record.views.first().unwrap_or(&first));
    out.u16s(&[width, height, x_resolution, y_resolution]);
    out.u8(u8::try_from(record.views.len()).unwrap_or(u8::MAX));
    out.u8(record.reserved);
}

/// Reads a view of this edition or of ANSI/INCITS 378-2004, with the image of `frame`.
pub(super) fn read_view(
    r: &mut Reader<'_>,
    frame: &View,
    dialect: Dialect,
    rules: Rules<'_>,
) -> Result<View, FormatError> {
    let position = position(r)?;
    let both = r.u8("view number and impression type")?;
    let qualities = plain_quality(quality(r)?);
    let count = usize::from(r.u8("number of minutiae")?);
    rules.limits.check_minutiae(count)?;
    let minutiae = read_minutiae(r, count, rules.image(frame.width, frame.height), dialect, true)?;
    rules.outside(&minutiae, frame.width, frame.height);
    let (extensions, extension_length) = read_extensions(r, dialect, dialect == Dialect::Iso, rules)?;
    let (number, impression) = (both >> 4, both & 0x0F);
    Ok(View { position, number, impression, qualities, minutiae, extensions, extension_length, ..frame.clone() })
}

/// Writes a view of this edition or of ANSI/INCITS 378-2004.
pub(super) fn write_view(out: &mut Writer, view: &View, dialect: Dialect) {
    out.u8(view.position.code());
    out.u8(view.number << 4 | view.impression & 0x0F);
    out.u8(first_quality(view));
    out.u8(u8::try_from(view.minutiae.len()).unwrap_or(u8::MAX));
    write_minutiae(out, &view.minutiae, dialect, true);
    let inclusive = dialect == Dialect::Ansi || view.extension_length == ExtensionLength::Inclusive;
    write_extensions(out, &view.extensions, dialect, inclusive);
}
