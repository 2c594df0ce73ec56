//! Which format the bytes are, and its decoder, within limits.

use std::borrow::Cow;
use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};

use super::super::error::ImageError;
use super::note::ImageNote;
use super::options::ImageOptions;
use super::raw::Raw;
use super::{jpeg, shown, stated, tiff};
use crate::bytes::FileKind;
use crate::limits::Limits;

/// Most bytes of one decoded pixel (RGBA, 16 bits).
const MAX_PIXEL_BYTES: u64 = 8;
/// Memory that a decoder may hold besides the decoded pixels, bytes.
const DECODER_OVERHEAD: u64 = 16 << 20;

/// A decoded file.
pub(crate) struct Opened {
    /// The pixels as viewers show them.
    pub(crate) image: DynamicImage,
    /// The resolution that the file states, ppi.
    pub(crate) stated: Option<f32>,
    /// What was assumed.
    pub(crate) notes: Vec<ImageNote>,
}

/// Decodes a file within limits, which are checked before anything of the size of the image is asked for.
pub(crate) fn open(bytes: &[u8], options: &ImageOptions, limits: &Limits) -> Result<Opened, ImageError> {
    if bytes.is_empty() {
        return Err(ImageError::Empty);
    }
    limits.check_bytes(bytes.len())?;
    let mut notes = Vec::new();
    let mut bytes = Cow::Borrowed(bytes);
    let format = match image::guess_format(&bytes) {
        Ok(format) => format,
        Err(_) => return Err(unknown(&bytes)),
    };
    let (mut raw, stated) = match format {
        ImageFormat::Jpeg => {
            options.only_page()?;
            jpeg::decode(&bytes, limits)?
        }
        ImageFormat::Tiff => {
            let pages = tiff::pages(&bytes)?;
            let page = match (options.chosen(), pages.len()) {
                (None, 0 | 1) => 0,
                (None, pages) => return Err(ImageError::SeveralPages { pages }),
                (Some(page), pages) if page >= pages.max(1) => return Err(ImageError::NoSuchPage { page, pages }),
                (Some(page), _) => page,
            };
            if pages.len() > 1 {
                notes.push(ImageNote::Page { page, pages: pages.len() });
            }
            // Decoders read the first page.
            if let Some(page) = pages.get(page).filter(|page| !tiff::begins_with(&bytes, page)) {
                tiff::begin_with(bytes.to_mut(), page);
            }
            (by_library(&bytes, format, "TIFF", limits)?, pages.get(page).and_then(|page| page.ppi))
        }
        ImageFormat::Png => {
            options.only_page()?;
            (by_library(&bytes, format, "PNG", limits)?, stated::png(&bytes))
        }
        ImageFormat::Bmp => {
            options.only_page()?;
            (by_library(&bytes, format, "BMP", limits)?, stated::bmp(&bytes))
        }
        ImageFormat::Pnm => {
            options.only_page()?;
            (by_library(&bytes, format, "PNM", limits)?, None)
        }
        _ => return Err(unknown(&bytes)),
    };
    if raw.has_profile {
        notes.push(ImageNote::ProfileIgnored);
    }
    if shown::on_white(&mut raw.image) {
        notes.push(ImageNote::OnWhite);
    }
    if raw.orientation != Orientation::NoTransforms {
        let orientation = raw.orientation.to_exif();
        if options.refuses_turned() {
            return Err(ImageError::NotUpright { orientation });
        }
        raw.image.apply_orientation(raw.orientation);
        notes.push(ImageNote::Turned { orientation });
    }
    Ok(Opened { image: raw.image, stated, notes })
}

/// Decodes through the `image` crate.
fn by_library(bytes: &[u8], format: ImageFormat, name: &'static str, limits: &Limits) -> Result<Raw, ImageError> {
    let damaged = |e: image::ImageError| ImageError::Damaged { format: name, reason: e.to_string() };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut bounds = image::Limits::default();
    let pixels = u64::try_from(limits.max_pixels).unwrap_or(u64::MAX).saturating_mul(MAX_PIXEL_BYTES);
    bounds.max_alloc = Some(pixels.saturating_add(DECODER_OVERHEAD));
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    limits.check_pixels(width, height)?;
    // What cannot be read of them is as if it were not there.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let has_profile = decoder.icc_profile().is_ok_and(|profile| profile.is_some());
    Ok(Raw { image: DynamicImage::from_decoder(decoder).map_err(damaged)?, orientation, has_profile })
}

/// The error for bytes that are no image this crate reads.
fn unknown(bytes: &[u8]) -> ImageError {
    FileKind::of(bytes).map_or(ImageError::UnknownFormat, |kind| ImageError::Foreign { kind })
}
