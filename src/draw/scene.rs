//! A picture as a list of shapes, before it becomes SVG or pixels.

use crate::image::FingerImage;

/// A place, pixels of the picture from its upper left corner.
pub(super) type Place = (f32, f32);
/// Red, green, blue.
pub(super) type Color = [u8; 3];

/// One shape.
pub(super) enum Shape<'a> {
    /// A print, its upper left corner at a place, each of its pixels as a square of `scale`.
    Print { image: &'a FingerImage, at: Place, scale: f32 },
    /// A stroke through places.
    Line { places: Vec<Place>, ink: Ink },
    /// The inside of a polygon.
    Area { places: Vec<Place>, color: Color, opacity: f32 },
    /// A circle's line.
    Circle { center: Place, radius: f32, ink: Ink },
    /// A line of text that begins at a place on its base line, or ends there.
    Text { at: Place, text: String, color: Color, is_bold: bool, is_end: bool },
}

/// How a stroke looks.
#[derive(Clone, Copy)]
pub(super) struct Ink {
    pub(super) color: Color,
    /// Pixels of the picture.
    pub(super) width: f32,
    /// 0..=1.
    pub(super) opacity: f32,
}

impl Ink {
    /// An opaque stroke.
    pub(super) fn new(color: Color, width: f32) -> Self {
        Self { color, width, opacity: 1.0 }
    }
}

/// A picture on white paper.
pub(super) struct Scene<'a> {
    /// Pixels.
    pub(super) width: u32,
    /// Pixels.
    pub(super) height: u32,
    /// Later ones lie on earlier ones.
    pub(super) shapes: Vec<Shape<'a>>,
}

impl Scene<'_> {
    /// Adds a stroke.
    pub(super) fn line(&mut self, places: impl Into<Vec<Place>>, ink: Ink) {
        self.shapes.push(Shape::Line { places: places.into(), ink });
    }

    /// Adds a closed stroke.
    pub(super) fn outline(&mut self, places: &[Place], ink: Ink) {
        self.line(places.iter().chain(places.first()).copied().collect::<Vec<_>>(), ink);
    }

    /// Adds text that begins at a place.
    pub(super) fn text(&mut self, at: Place, text: impl Into<String>, color: Color) {
        self.shapes.push(Shape::Text { at, text: text.into(), color, is_bold: false, is_end: false });
    }

    /// Adds bold text that begins at a place.
    pub(super) fn heading(&mut self, at: Place, text: impl Into<String>, color: Color) {
        self.shapes.push(Shape::Text { at, text: text.into(), color, is_bold: true, is_end: false });
    }

    /// Adds text that ends at a place.
    pub(super) fn number(&mut self, at: Place, text: impl Into<String>, color: Color) {
        self.shapes.push(Shape::Text { at, text: text.into(), color, is_bold: false, is_end: true });
    }
}
