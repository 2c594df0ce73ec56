//! One image of the edition of 2011, with its own header.

use super::super::error::{FormatError, Reader};
use super::super::record::read_capture;
use super::model::{NOT_JUDGED, Representation, View};
use crate::bytes::Writer;
use crate::limits::Limits;

/// Smallest length of a representation: a header without blocks, and no image.
const MIN: u32 = 41;

pub(super) fn is_unit(byte: &u8) -> bool {
    matches!(byte, 1 | 2)
}

/// The unit of resolutions.
pub(super) fn unit(r: &mut Reader<'_>) -> Result<u8, FormatError> {
    let offset = r.offset();
    let unit = r.u8("unit of the resolution")?;
    if is_unit(&unit) {
        return Ok(unit);
    }
    let (what, value) = ("unit of the resolution", unit.into());
    Err(FormatError::Value { what, offset, value, expected: "1 or 2 is allowed" })
}

pub(super) fn non_zero(r: &mut Reader<'_>, what: &'static str) -> Result<u8, FormatError> {
    let offset = r.offset();
    match r.u8(what)? {
        0 => Err(FormatError::Value { what, offset, value: 0, expected: "at least 1 is needed" }),
        value => Ok(value),
    }
}

/// Reads the images of a record of 2011.
pub(super) fn read(r: &mut Reader<'_>, count: u16, certified: bool, limits: &Limits) -> Result<Vec<View>, FormatError> {
    limits.check_views(count.into())?;
    let mut views = Vec::new();
    for _ in 0..count {
        let (offset, what) = (r.offset(), "length of a representation");
        let length = r.u32(what)?;
        let wrong = FormatError::Value { what, offset, value: length.into(), expected: "at least 41 is needed" };
        let rest = length.checked_sub(4).filter(|_| length >= MIN).ok_or(wrong)?;
        let rest = usize::try_from(rest).unwrap_or(usize::MAX);
        views.push(view(r.part(rest, "representation")?, certified)?);
    }
    Ok(views)
}

/// One image, from the bytes after its length.
fn view(mut r: Reader<'_>, certified: bool) -> Result<View, FormatError> {
    // Scores are kept unchanged.
    let (capture, qualities) = read_capture(&mut r, certified, |r| r.u8("quality"))?;
    let (position, number) = (r.u8("finger position")?, r.u8("representation number")?);
    let scale_unit = unit(&mut r)?;
    let scan_resolution = (r.u16("scan resolution")?, r.u16("scan resolution")?);
    let image_resolution = (r.u16("image resolution")?, r.u16("image resolution")?);
    let (depth, compression) = (r.u8("pixel depth")?, r.u8("compression")?);
    let impression = r.u8("impression type")?;
    let (width, height) = (r.u16("image width")?, r.u16("image height")?);
    let length = usize::try_from(r.u32("length of the image")?).unwrap_or(usize::MAX);
    let data = r.take(length, "image")?.to_vec();
    let extended = r.take(r.left(), "extended data")?.to_vec();
    let quality = qualities.first().map_or(NOT_JUDGED, |q| q.score);
    let representation = Representation {
        capture,
        qualities,
        scale_unit,
        scan_resolution,
        image_resolution,
        depth,
        compression,
        extended,
    };
    let representation = Some(Box::new(representation));
    Ok(View { position, count: 1, number, quality, impression, width, height, reserved: 0, data, representation })
}

/// The header of a record of 2011 after its length: images, whether they have certifications, positions.
pub(super) fn header(r: &mut Reader<'_>) -> Result<(u16, bool, u8), FormatError> {
    let offset = r.offset();
    let count = r.u16("number of representations")?;
    if count == 0 {
        let (what, expected) = ("number of representations", "at least 1 is needed");
        return Err(FormatError::Value { what, offset, value: 0, expected });
    }
    let offset = r.offset();
    let certified = match r.u8("certification flag")? {
        0 => false,
        1 => true,
        value => {
            let (what, value) = ("certification flag", value.into());
            return Err(FormatError::Value { what, offset, value, expected: "0 or 1 is allowed" });
        }
    };
    Ok((count, certified, non_zero(r, "number of positions")?))
}

/// Appends the images to `out`.
pub(super) fn write(out: &mut Writer, views: &[View], certified: bool) -> Result<(), FormatError> {
    for view in views {
        let what = "an image without a header of its own in a record of 2011";
        let own = view.representation.as_deref().ok_or(FormatError::Unsupported { what, offset: 0 })?;
        let capture = &own.capture;
        let mut body = Writer::default();
        body.bytes(&capture.time);
        body.u8(capture.technology);
        body.u16s(&[capture.vendor, capture.device]);
        body.u8(counted("qualities of an image", own.qualities.len())?);
        for quality in &own.qualities {
            body.u8(quality.score);
            body.u16s(&[quality.vendor, quality.algorithm]);
        }
        if certified {
            let all = capture.certifications.as_deref().unwrap_or_default();
            body.u8(counted("certifications of a device", all.len())?);
            body.bytes(all.as_flattened());
        }
        body.bytes(&[view.position, view.number, own.scale_unit]);
        let (scan, image) = (own.scan_resolution, own.image_resolution);
        body.u16s(&[scan.0, scan.1, image.0, image.1]);
        body.bytes(&[own.depth, own.compression, view.impression]);
        body.u16s(&[view.width, view.height]);
        body.u32(long("bytes in an image", view.data.len(), 0)?);
        body.bytes(&view.data);
        body.bytes(&own.extended);
        out.u32(long("bytes in a representation", body.len(), 4)?);
        out.bytes(&body.finish());
    }
    Ok(())
}

fn counted(what: &'static str, count: usize) -> Result<u8, FormatError> {
    u8::try_from(count).map_err(|_| FormatError::Capacity { format: "a finger image record", what, count, max: 255 })
}

/// A length of 4 bytes that counts `more` additional bytes.
pub(super) fn long(what: &'static str, count: usize, more: usize) -> Result<u32, FormatError> {
    let max = usize::try_from(u32::MAX).unwrap_or(usize::MAX).saturating_sub(more);
    let too_large = FormatError::Capacity { format: "a finger image record", what, count, max };
    u32::try_from(count.saturating_add(more)).map_err(|_| too_large)
}
