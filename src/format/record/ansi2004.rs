//! ANSI/INCITS 378-2004 finger minutiae record.

use super::fields::{Rules, end, resolution, side, signature, views, whole};
use super::fmr::Dialect;
use super::iso2005::{MAGIC, MIN_VIEW, joined, read_view, room, split, write_frame, write_view};
use super::model::{Device, Record, View};
use super::number::length;
use crate::bytes::Writer;
use crate::format::error::{FormatError, Reader};

/// Size of the header with the short length, and of the shortest record, bytes.
pub(super) const HEADER: u16 = 26;

pub(super) fn decode(bytes: &[u8], rules: Rules<'_>) -> Result<Record, FormatError> {
    let mut r = Reader::new(bytes);
    signature(&mut r, MAGIC, "an ANSI/INCITS 378-2004 record")?;
    let short = r.u16("record length")?;
    let long_length = short == 0;
    let (declared, offset) = match short {
        0 => (r.u32("record length")?, MAGIC.len().saturating_add(2)),
        short => (short.into(), MAGIC.len()),
    };
    whole(declared, offset, bytes, rules)?;
    let (vendor, subformat) = (r.u16("product owner")?, r.u16("product type")?);
    let device = Device { vendor, subformat, ..split(r.u16("device id")?) };
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
        views.push(read_view(&mut r, &frame, Dialect::Ansi, rules)?);
    }
    end(&r, rules)?;
    Ok(Record { device, reserved, long_length, views, ..Record::default() })
}

pub(super) fn encode(record: &Record) -> Vec<u8> {
    let mut body = Writer::with_capacity(usize::from(HEADER).saturating_add(room(record)));
    body.u16(record.device.vendor);
    body.u16(record.device.subformat);
    body.u16(joined(record.device));
    write_frame(&mut body, record);
    for view in &record.views {
        write_view(&mut body, view, Dialect::Ansi);
    }
    let body = body.finish();
    let mut out = Writer::with_capacity(body.len().saturating_add(14));
    out.bytes(MAGIC);
    match u16::try_from(body.len().saturating_add(10)) {
        Ok(short) if !record.long_length => out.u16(short),
        _ => {
            out.u16(0);
            out.u32(length(body.len().saturating_add(14)));
        }
    }
    out.bytes(&body);
    out.finish()
}
