//! Fingerprint images: 8-bit gray at 500 ppi, ridges dark.

mod error;
#[cfg(feature = "decode")]
mod file;
mod finger;
mod gray;
#[cfg(feature = "jpeg2000")]
mod jpeg2000;
mod params;
mod ppi;
mod resample;
pub mod wsq;

pub use error::ImageError;
#[cfg(feature = "decode")]
pub(crate) use file::open;
#[cfg(feature = "decode")]
pub use file::{ImageFile, ImageNote, ImageOptions};
pub use finger::FingerImage;
pub use gray::Gray8;
pub(crate) use params::CM_PER_INCH;
pub use ppi::Ppi;
pub(crate) use resample::scale_to_500;
