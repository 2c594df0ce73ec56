//! The resolution that PNG and BMP files state.

/// Inches of a meter.
const INCHES: f32 = 39.370_08;
/// Where a PNG's first chunk begins, bytes.
const PNG_CHUNKS: usize = 8;
/// Unit of a PNG's pixel dimensions: meter.
const PER_METER: u8 = 1;
/// Where a BMP states pixels per meter, bytes.
const BMP_RESOLUTION: usize = 38;

/// From the chunk `pHYs`, which comes before the pixels.
pub(super) fn png(bytes: &[u8]) -> Option<f32> {
    let mut rest = bytes.get(PNG_CHUNKS..)?;
    loop {
        let length = usize::try_from(u32::from_be_bytes(*rest.first_chunk()?)).ok()?;
        let name = rest.get(4..8)?;
        let data = rest.get(8..8_usize.checked_add(length)?)?;
        match name {
            b"pHYs" => {
                let (x, unit) = (u32::from_be_bytes(*data.first_chunk()?), *data.get(8)?);
                return (unit == PER_METER).then(|| ppi(x)).flatten();
            }
            b"IDAT" | b"IEND" => return None,
            _ => rest = rest.get(length.checked_add(12)?..)?,
        }
    }
}

/// From the header.
pub(super) fn bmp(bytes: &[u8]) -> Option<f32> {
    ppi(u32::from_le_bytes(*bytes.get(BMP_RESOLUTION..)?.first_chunk()?))
}

/// Rounded as whoever wrote it meant it: 19,685 per meter are 500 per inch.
#[allow(clippy::as_conversions, reason = "single precision holds every resolution that is meant")]
fn ppi(per_meter: u32) -> Option<f32> {
    (per_meter > 0).then(|| (per_meter as f32 / INCHES * 10.0).round() / 10.0)
}
