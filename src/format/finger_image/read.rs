//! Bytes to a finger image record.

use super::super::error::{FormatError, Reader};
use super::super::mending::{Mending, is_padding};
use super::super::text::TextEncoding;
use super::model::{Edition, FingerImageRecord, MAGIC, VERSION, VERSION_2011, VIEW_HEADER, View};
use super::representation::{self, is_unit, non_zero, unit};
use crate::bytes::FileKind;
use crate::limits::Limits;

/// Bytes at the end of a record that are not all padding, unless it was cut.
const LIKE_PADDING: usize = 16;
/// Offset of the length, in all editions.
const LENGTH_AT: usize = 8;

impl FingerImageRecord {
    /// Reads a record of any [`Edition`]; its length field must equal the length of `bytes`.
    ///
    /// # Errors
    /// [`FormatError`] with the offset of the fault; [`FormatError::Mendable`] for a record that
    /// [`FingerImageRecord::decode_lenient`] reads.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, FormatError> {
        let reason = match Self::as_it_is(bytes, limits) {
            Ok(record) => return Ok(record),
            Err(error @ FormatError::Limit(_)) => return Err(error),
            Err(error) => error,
        };
        let Some((_, mendings)) = Self::mend(bytes, limits) else { return Err(reason) };
        let reason = match mendings.first() {
            Some(&Mending::Text(encoding)) => FormatError::Text { encoding, inside: "finger images" },
            _ => reason,
        };
        Err(FormatError::Mendable { reason: Box::new(reason), mendings })
    }

    /// Reads a record and mends what can be read in one way only: padding after the length that the record states, and
    /// Base64 or hexadecimal text. The list says what was mended.
    ///
    /// # Errors
    /// As [`FingerImageRecord::decode`], for what cannot be mended.
    ///
    /// ```
    /// use selfsame::format::Mending;
    /// use selfsame::format::finger_image::{Edition, FingerImageRecord, ImageEncoding};
    /// use selfsame::image::Gray8;
    /// use selfsame::{FingerPosition, Limits, Ppi};
    /// let image = Gray8::new(30, 40, vec![200; 30 * 40]).expect("pixels");
    /// let views = [(&image, FingerPosition::RightIndex)];
    /// let record = FingerImageRecord::from_images(Edition::Iso2005, &views, Ppi::P500, ImageEncoding::Raw)?;
    /// let mut bytes = record.encode()?;
    /// bytes.resize(2048, 0);
    /// assert!(FingerImageRecord::decode(&bytes, &Limits::default()).is_err());
    /// let (again, mendings) = FingerImageRecord::decode_lenient(&bytes, &Limits::default())?;
    /// assert!(again == record && matches!(mendings[..], [Mending::Padding { .. }]));
    /// # Ok::<(), selfsame::format::FormatError>(())
    /// ```
    pub fn decode_lenient(bytes: &[u8], limits: &Limits) -> Result<(Self, Vec<Mending>), FormatError> {
        match Self::as_it_is(bytes, limits) {
            Ok(record) => Ok((record, Vec::new())),
            Err(error @ FormatError::Limit(_)) => Err(error),
            Err(error) => Self::mend(bytes, limits).ok_or(error),
        }
    }

    fn mend(bytes: &[u8], limits: &Limits) -> Option<(Self, Vec<Mending>)> {
        if bytes.starts_with(MAGIC) {
            let (record, mending) = Self::padded(bytes, limits)?;
            return Some((record, vec![mending]));
        }
        TextEncoding::ALL.into_iter().find_map(|encoding| {
            let inside = encoding.decode(bytes).filter(|inside| inside.starts_with(MAGIC))?;
            let text = Mending::Text(encoding);
            match Self::as_it_is(&inside, limits) {
                Ok(record) => Some((record, vec![text])),
                Err(_) => Self::padded(&inside, limits).map(|(record, padding)| (record, vec![text, padding])),
            }
        })
    }

    /// A record that ends where it says, before padding.
    fn padded(bytes: &[u8], limits: &Limits) -> Option<(Self, Mending)> {
        let wide = bytes.get(MAGIC.len()..).is_some_and(|rest| rest.starts_with(VERSION));
        let end = if wide { LENGTH_AT.checked_add(6)? } else { LENGTH_AT.checked_add(4)? };
        let field = bytes.get(LENGTH_AT..end)?;
        let length = field.iter().fold(0u64, |sum, &b| sum << 8 | u64::from(b));
        let offset = usize::try_from(length).ok()?;
        let (record, rest) = bytes.split_at_checked(offset)?;
        // An image that was cut off in a field of fixed size ends in bytes of the padding, too.
        let cut = record.iter().rev().take(LIKE_PADDING).all(|b| rest.first() == Some(b));
        if rest.is_empty() || cut || !is_padding(rest) {
            return None;
        }
        Some((Self::as_it_is(record, limits).ok()?, Mending::Padding { offset, bytes: rest.len() }))
    }

    fn as_it_is(bytes: &[u8], limits: &Limits) -> Result<Self, FormatError> {
        limits.check_bytes(bytes.len())?;
        if let Some(kind) = FileKind::of(bytes).filter(|kind| *kind != FileKind::ImageRecord) {
            return Err(FormatError::Kind { kind, expected: "a finger image record" });
        }
        if bytes.get(MAGIC.len()..).is_some_and(|rest| rest.starts_with(VERSION_2011)) {
            return read_2011(bytes, limits);
        }
        match read(bytes, Edition::Iso2005, limits) {
            Ok(record) => Ok(record),
            Err(as_iso) => match read(bytes, Edition::Ansi2004, limits) {
                Ok(record) => Ok(record),
                // If neither fits, the error is that of the standard whose unit-of-resolution field is valid.
                Err(as_ansi) if bytes.get(23).is_some_and(is_unit) && !bytes.get(19).is_some_and(is_unit) => {
                    Err(as_ansi)
                }
                Err(_) => Err(as_iso),
            },
        }
    }
}

fn read(bytes: &[u8], edition: Edition, limits: &Limits) -> Result<FingerImageRecord, FormatError> {
    let mut r = Reader::new(bytes);
    if r.take(4, "signature")? != MAGIC {
        return Err(FormatError::Signature { expected: "a finger image record", offset: 0 });
    }
    match r.take(4, "version")? {
        VERSION => {}
        _ => return Err(FormatError::Signature { expected: "a finger image record of version 010", offset: 4 }),
    }
    let high = u64::from(r.u16("record length")?);
    whole((high << 32) | u64::from(r.u32("record length")?), bytes)?;
    let product = match edition {
        Edition::Iso2005 | Edition::Iso2011 => (0, 0),
        Edition::Ansi2004 => (r.u16("product owner")?, r.u16("product type")?),
    };
    let device = r.u16("device id")?;
    let acquisition_level = r.u16("acquisition level")?;
    let fingers = non_zero(&mut r, "number of fingers")?;
    let scale_unit = unit(&mut r)?;
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

/// A record of the edition of 2011, whose images have headers of their own.
fn read_2011(bytes: &[u8], limits: &Limits) -> Result<FingerImageRecord, FormatError> {
    let mut r = Reader::new(bytes);
    if r.take(MAGIC.len(), "signature")? != MAGIC {
        return Err(FormatError::Signature { expected: "a finger image record", offset: 0 });
    }
    r.take(VERSION_2011.len(), "version")?;
    whole(r.u32("record length")?.into(), bytes)?;
    let (count, certified, fingers) = representation::header(&mut r)?;
    let views = representation::read(&mut r, count, certified, limits)?;
    if r.left() > 0 {
        let (what, offset) = ("the end of the last image", r.offset());
        let declared = u64::try_from(offset).unwrap_or(u64::MAX);
        let actual = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        return Err(FormatError::Length { what, offset, declared, actual });
    }
    // Fields that the older editions hold once for all images come from the first image.
    let first = views.first().and_then(|v| v.representation.as_deref());
    Ok(FingerImageRecord {
        edition: Edition::Iso2011,
        product: (0, 0),
        device: first.map_or(0, |own| own.capture.device),
        acquisition_level: 0,
        fingers,
        scale_unit: first.map_or(1, |own| own.scale_unit),
        scan_resolution: first.map_or((0, 0), |own| own.scan_resolution),
        image_resolution: first.map_or((0, 0), |own| own.image_resolution),
        depth: first.map_or(8, |own| own.depth),
        compression: first.map_or(0, |own| own.compression),
        reserved: 0,
        views,
    })
}

/// The declared length must be the length of the input.
fn whole(declared: u64, bytes: &[u8]) -> Result<(), FormatError> {
    let actual = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let wrong = FormatError::Length { what: "the record length", offset: 8, declared, actual };
    if declared == actual { Ok(()) } else { Err(wrong) }
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
        representation: None,
    })
}
