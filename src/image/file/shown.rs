//! Transparency as viewers show it on paper.

use image::{DynamicImage, Rgba};

/// Composes transparent pixels on white: what is hidden in the file stays hidden. Returns whether there were any.
pub(super) fn on_white(image: &mut DynamicImage) -> bool {
    if !image.color().has_alpha() {
        return false;
    }
    let mut pixels = image.to_rgba8();
    let mut found = false;
    for Rgba([red, green, blue, alpha]) in pixels.pixels_mut() {
        let share = u32::from(*alpha);
        found |= share < 255;
        for color in [red, green, blue] {
            let sum = u32::from(*color)
                .saturating_mul(share)
                .saturating_add(255_u32.saturating_sub(share).saturating_mul(255));
            *color = u8::try_from(sum.saturating_add(127) / 255).unwrap_or(u8::MAX);
        }
        *alpha = 255;
    }
    *image = DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(pixels).into_rgb8());
    found
}
