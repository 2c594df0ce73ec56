//! Pictures for viewing: templates over their prints, every stage of an extraction, and why two prints matched or not.
//!
//! | picture | file |
//! |---|---|
//! | a template with qualities, cores, deltas and a legend | `annotated`, `symbols` |
//! | two prints, what they have in common, and the evidence | `compared`, `verdict`, `symbols` |
//! | shapes of those two, as SVG or as pixels | `scene`; `vector`; `raster`, `letters` |
//! | minutiae alone | `overlay`, `svg`, `marks` |
//! | the stages of an extraction | `stages`, `marks` |
//!
//! A picture shows biometric content. It is meant for inspecting an extraction, not for storage.

mod annotated;
mod compared;
mod letters;
mod marks;
mod overlay;
mod params;
mod picture;
mod raster;
mod scene;
mod stages;
mod svg;
mod symbols;
mod vector;
mod verdict;

pub use annotated::{annotated, annotated_svg, template_svg};
pub use compared::{Compared, ShownPrint};
pub use overlay::overlay;
pub use picture::{DrawError, Picture, print_png};
pub use stages::StagePictures;
pub use svg::overlay_svg;
