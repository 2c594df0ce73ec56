//! A picture as SVG text.

use std::fmt::Write as _;

use base64ct::{Base64, Encoding};

use super::picture::{DrawError, print_png};
use super::scene::{Color, Ink, Scene, Shape};
use crate::text::markup;

/// Size of text, pixels: letters are narrower than the cells of a picture in pixels.
const TEXT: u32 = 13;

/// The picture as a self-contained SVG file.
pub(super) fn svg(scene: &Scene<'_>) -> Result<String, DrawError> {
    let (width, height) = (scene.width, scene.height);
    let mut out = String::with_capacity(200 * scene.shapes.len() + 1000);
    // Writing to a String does not fail.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"{TEXT}\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>"
    );
    for shape in &scene.shapes {
        let _ = match shape {
            Shape::Print { image, at, scale } => {
                let (w, h) = (image.width() as f32 * scale, image.height() as f32 * scale);
                let (x, y, png) = (at.0, at.1, Base64::encode_string(&print_png(image)?));
                writeln!(
                    out,
                    "<image x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" href=\"data:image/png;base64,{png}\"/>"
                )
            }
            Shape::Line { places, ink } => {
                let places: Vec<_> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
                writeln!(out, "<polyline points=\"{}\" {}/>", places.join(" "), stroke(ink))
            }
            Shape::Area { places, color, opacity } => {
                let places: Vec<_> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
                let color = hex(*color);
                writeln!(out, "<polygon points=\"{}\" fill=\"{color}\" fill-opacity=\"{opacity}\"/>", places.join(" "))
            }
            Shape::Circle { center: (x, y), radius, ink } => {
                writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" {}/>", stroke(ink))
            }
            Shape::Text { at: (x, y), text, color, is_bold, is_end } => {
                let bold = if *is_bold { " font-weight=\"bold\"" } else { "" };
                let end = if *is_end { " text-anchor=\"end\"" } else { "" };
                let (color, text) = (hex(*color), markup(text));
                writeln!(out, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{color}\"{bold}{end}>{text}</text>")
            }
        };
    }
    out.push_str("</svg>\n");
    Ok(out)
}

fn hex([r, g, b]: Color) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn stroke(ink: &Ink) -> String {
    let mut text = format!("fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"", hex(ink.color), ink.width);
    if ink.opacity < 1.0 {
        let _ = write!(text, " stroke-opacity=\"{}\"", ink.opacity);
    }
    text
}
