//! The pages of a TIFF file, which decoders of single images read the first of.

use super::super::error::ImageError;

/// Most pages that are followed.
const MAX_PAGES: usize = 1000;
/// Tags: what a page is, resolution and its unit.
const SUBFILE_TYPE: u16 = 254;
const X_RESOLUTION: u16 = 282;
const RESOLUTION_UNIT: u16 = 296;
/// Bit of the subfile type: a smaller copy of another page.
const REDUCED: u32 = 1;
/// Units of a resolution.
const PER_INCH: u16 = 2;
const PER_CM: u16 = 3;
const CM_PER_INCH: f32 = 2.54;

/// A page.
pub(super) struct Page {
    /// Where its directory is, bytes.
    offset: u32,
    /// Its resolution.
    pub(super) ppi: Option<f32>,
    is_little: bool,
}

/// Numbers in a file's byte order.
struct Fields<'a> {
    bytes: &'a [u8],
    is_little: bool,
}

impl Fields<'_> {
    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }
}

/// The pages, without smaller copies of others. A chain that leads nowhere ends there: the decoder says what is wrong with the
/// page that is read.
pub(super) fn pages(bytes: &[u8]) -> Result<Vec<Page>, ImageError> {
    let fields = Fields { bytes, is_little: bytes.starts_with(b"II") };
    let mut pages = Vec::new();
    let mut seen = Vec::new();
    let mut next = fields.u32(4).filter(|next| *next > 0);
    while let Some(offset) = next {
        if seen.contains(&offset) {
            return Err(ImageError::Damaged {
                format: "TIFF",
                reason: "its pages follow one another in a circle".into(),
            });
        }
        if seen.len() == MAX_PAGES {
            return Err(ImageError::Damaged { format: "TIFF", reason: "more than 1,000 pages".into() });
        }
        seen.push(offset);
        let Some((page, after)) = page(&fields, offset) else { break };
        pages.extend(page);
        next = after.filter(|after| *after > 0);
    }
    Ok(pages)
}

/// The page at an offset, unless it is a smaller copy, and where the next is.
fn page(fields: &Fields<'_>, offset: u32) -> Option<(Option<Page>, Option<u32>)> {
    let start = usize::try_from(offset).ok()?;
    let count = usize::from(fields.u16(start)?);
    let (mut kind, mut resolution, mut unit) = (0, None, PER_INCH);
    for entry in 0..count {
        let at = start.checked_add(2)?.checked_add(entry.checked_mul(12)?)?;
        let value = at.checked_add(8)?;
        match fields.u16(at)? {
            SUBFILE_TYPE => kind = fields.u32(value)?,
            X_RESOLUTION => resolution = fields.u32(value).and_then(|at| rational(fields, at)),
            RESOLUTION_UNIT => unit = fields.u16(value)?,
            _ => {}
        }
    }
    let ppi = match unit {
        PER_INCH => resolution,
        PER_CM => resolution.map(|per_cm| per_cm * CM_PER_INCH),
        _ => None,
    };
    let next = start.checked_add(2)?.checked_add(count.checked_mul(12)?).and_then(|at| fields.u32(at));
    let page = Page { offset, ppi: ppi.filter(|ppi| *ppi > 1.0), is_little: fields.is_little };
    Some(((kind & REDUCED == 0).then_some(page), next))
}

#[allow(clippy::as_conversions, reason = "a quotient of 32-bit numbers, rounded to single precision")]
fn rational(fields: &Fields<'_>, at: u32) -> Option<f32> {
    let at = usize::try_from(at).ok()?;
    let (above, below) = (fields.u32(at)?, fields.u32(at.checked_add(4)?)?);
    (below > 0).then(|| (f64::from(above) / f64::from(below)) as f32)
}

/// Whether a page is the first one.
pub(super) fn begins_with(bytes: &[u8], page: &Page) -> bool {
    bytes.get(4..8) == Some(&page.place())
}

/// Makes a page the first one.
pub(super) fn begin_with(bytes: &mut [u8], page: &Page) {
    if let Some(place) = bytes.get_mut(4..8) {
        place.copy_from_slice(&page.place());
    }
}

impl Page {
    /// Where its directory is, as the header of the file says it.
    fn place(&self) -> [u8; 4] {
        if self.is_little { self.offset.to_le_bytes() } else { self.offset.to_be_bytes() }
    }
}
