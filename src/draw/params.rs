//! Sizes and colors of pictures.

/// Enlargement of a print of ordinary size.
pub const SCALE: u32 = 2;
/// Prints with more pixels are not enlarged.
pub const LARGEST_ENLARGED: u64 = 2_000_000;
/// Radius of a minutia's mark, pixels of the print: a third of a ridge period.
pub const RADIUS: f32 = 3.0;
/// Length of the line in a minutia's direction, pixels of the print: more than one ridge period.
pub const LINE: f32 = 11.0;
/// Thickness of marks, pixels of the picture.
pub const WEIGHT: i32 = 2;
/// Color of endings.
pub const ENDING: [u8; 3] = [214, 30, 30];
/// Color of bifurcations.
pub const BIFURCATION: [u8; 3] = [20, 80, 220];
/// Color of minutiae of other or unknown kind.
pub const OTHER: [u8; 3] = [0, 140, 60];
/// Color of orientation strokes.
pub const STROKE: [u8; 3] = [200, 60, 0];
/// Share of a print's darkness that is kept under orientation strokes, so that they stand out.
pub const FADED: f32 = 0.45;
/// Least distance of drawn orientation strokes, pixels of the print.
pub const STROKE_SPACING: usize = 8;
