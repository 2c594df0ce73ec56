//! Pictures for people: minutiae over the print, and every stage of an extraction.
//!
//! A picture shows biometric content. It is made for looking at an extraction, not for keeping.

mod marks;
mod overlay;
pub mod params;
mod picture;
mod stages;
mod svg;

pub use overlay::overlay;
pub use picture::{DrawError, Picture, print_png};
pub use stages::StagePictures;
pub use svg::{overlay_svg, template_svg};
