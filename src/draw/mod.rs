//! Pictures for viewing: minutiae over the print, and every stage of an extraction.
//!
//! A picture shows biometric content. It is meant for inspecting an extraction, not for storage.

mod marks;
mod overlay;
mod params;
mod picture;
mod stages;
mod svg;

pub use overlay::overlay;
pub use picture::{DrawError, Picture, print_png};
pub use stages::StagePictures;
pub use svg::{overlay_svg, template_svg};
