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
/// Quality from which a minutia is good.
pub const GOOD: u8 = 70;
/// Quality from which a minutia is fair.
pub const FAIR: u8 = 40;
/// Color of good minutiae. Blue, ocher and vermilion differ for color-blind eyes too.
pub const BLUE: [u8; 3] = [0, 96, 190];
/// Color of fair minutiae.
pub const OCHER: [u8; 3] = [196, 122, 0];
/// Color of poor minutiae.
pub const VERMILION: [u8; 3] = [206, 40, 20];
/// Color of minutiae without a stated quality.
pub const GRAY: [u8; 3] = [105, 105, 105];
/// Color of cores and deltas.
pub const PURPLE: [u8; 3] = [140, 0, 150];
/// Color of pairs.
pub const GREEN: [u8; 3] = [0, 132, 74];
/// Color of text.
pub const TEXT: [u8; 3] = [28, 28, 28];
/// Color of text that matters less, and of rules.
pub const FAINT: [u8; 3] = [110, 110, 110];
/// Radius of a core's circle and a delta's triangle, pixels of the print.
pub const SINGULAR_RADIUS: f32 = 6.0;
/// Length of the lines of cores and deltas, pixels of the print.
pub const SINGULAR_LINE: f32 = 16.0;
/// Height of a line of text, pixels of the picture.
pub const ROW: f32 = 18.0;
/// Width of a letter, pixels of the picture.
pub const LETTER: f32 = 8.0;
/// Most pixels of the picture along a side of a print in the picture of a comparison.
pub const LARGEST_SIDE: f32 = 1000.0;
/// Least width of the picture of a comparison, pixels: its table.
pub const TABLE: f32 = 820.0;
