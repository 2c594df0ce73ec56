//! What a format's decoder gives.

use image::DynamicImage;
use image::metadata::Orientation;

/// The pixels as they are in the file, and what the file says of them.
pub(super) struct Raw {
    pub(super) image: DynamicImage,
    pub(super) orientation: Orientation,
    pub(super) has_profile: bool,
}
