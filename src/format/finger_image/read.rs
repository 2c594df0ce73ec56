//! Bytes to a finger image record.

use super::super::reader::Reader;
use super::{Edition, FingerImageRecord, FormatError, MAGIC, VERSION, VIEW_HEADER, View};
use crate::limits::Limits;

impl FingerImageRecord {
    /// Reads a record of either standard; its length field must be the length of `bytes`.
    ///
    /// # Errors
    /// [`FormatError`] with the offset of what is wrong.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, FormatError> {
        limits.check_bytes(bytes.len())?;
        match read(bytes, Edition::Iso2005, limits) {
            Ok(record) => Ok(record),
            Err(as_iso) => match read(bytes, Edition::Ansi2004, limits) {
                Ok(record) => Ok(record),
                // What is neither is told by the standard whose unit of resolution stands at its place.
                Err(as_ansi) if bytes.get(23).is_some_and(is_unit) && !bytes.get(19).is_some_and(is_unit) => {
                    Err(as_ansi)
                }
                Err(_) => Err(as_iso),
            },
        }
    }
}

fn is_unit(byte: &u8) -> bool {
    matches!(byte, 1 | 2)
}

fn read(bytes: &[u8], edition: Edition, limits: &Limits) -> Result<FingerImageRecord, FormatError> {
    let mut r = Reader::new(bytes);
    if r.take(4, "signature")? != MAGIC {
        return Err(FormatError::Signature { expected: "a finger image record", offset: 0 });
    }
    match r.take(4, "version")? {
        VERSION => {}
        b"020\0" => {
            return Err(FormatError::Unsupported {
                what: "an ISO/IEC 19794-4:2011 or ANSI 381-2009 record",
                offset: 4,
            });
        }
        _ => return Err(FormatError::Signature { expected: "a finger image record of version 010", offset: 4 }),
    }
    let high = u64::from(r.u16("record length")?);
    let declared = (high << 32) | u64::from(r.u32("record length")?);
    let actual = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if declared != actual {
        return Err(FormatError::Length { what: "the record length", offset: 8, declared, actual });
    }
    let product = match edition {
        Edition::Iso2005 => (0, 0),
        Edition::Ansi2004 => (r.u16("product owner")?, r.u16("product type")?),
    };
    let device = r.u16("device id")?;
    let acquisition_level = r.u16("acquisition level")?;
    let fingers = non_zero(&mut r, "number of fingers")?;
    let offset = r.offset();
    let scale_unit = r.u8("unit of the resolution")?;
    if !is_unit(&scale_unit) {
        let (what, value) = ("unit of the resolution", scale_unit.into());
        return Err(FormatError::Value { what, offset, value, expected: "1 or 2 is allowed" });
    }
    let scan_resolution = (r.u16("scan resolution")?, r.u16("scan resolution")?);
    let image_resolution = (r.u16("image resolution")?, r.u16("image resolution")?);
    let depth = r.u8("pixel depth")?;
    let compression = r.u8("compression")?;
    let reserved = r.u16("reserved bytes")?;
    let mut views = Vec::new();
    while r.left() > 0 || views.len() < usize::from(fingers) {
        limits.check_views(views.len().saturating_add(1))?;
        views.push(view(&mut r)?);
    }
    Ok(FingerImageRecord {
        edition,
        product,
        device,
        acquisition_level,
        fingers,
        scale_unit,
        scan_resolution,
        image_resolution,
        depth,
        compression,
        reserved,
        views,
    })
}

fn non_zero(r: &mut Reader<'_>, what: &'static str) -> Result<u8, FormatError> {
    let offset = r.offset();
    match r.u8(what)? {
        0 => Err(FormatError::Value { what, offset, value: 0, expected: "at least 1 is needed" }),
        value => Ok(value),
    }
}

fn view(r: &mut Reader<'_>) -> Result<View, FormatError> {
    let (what, offset) = ("length of a view", r.offset());
    let length = r.u32(what)?;
    let wrong = FormatError::Value { what, offset, value: length.into(), expected: "at least 14 is needed" };
    let data = usize::try_from(length).ok().and_then(|n| n.checked_sub(VIEW_HEADER)).ok_or(wrong)?;
    Ok(View {
        position: r.u8("finger position")?,
        count: r.u8("number of views")?,
        number: r.u8("view number")?,
        quality: r.u8("quality")?,
        impression: r.u8("impression type")?,
        width: r.u16("image width")?,
        height: r.u16("image height")?,
        reserved: r.u8("reserved byte")?,
        data: r.take(data, "image")?.to_vec(),
    })
}
