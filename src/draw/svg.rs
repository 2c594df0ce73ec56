//! The overlay as SVG text, with the print inside as PNG.

use std::fmt::Write as _;

use base64ct::{Base64, Encoding};
use image::RgbImage;

use super::marks::{color, enlarged};
use super::params::{LINE, RADIUS, SCALE};
use super::picture::{DrawError, Picture};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::image::FingerImage;

/// Like [`overlay`](super::overlay()), as a self-contained SVG file: sharp at any size.
///
/// # Errors
/// [`DrawError`] when the print cannot be encoded.
pub fn overlay_svg(image: &FingerImage, minutiae: &[Minutia]) -> Result<String, DrawError> {
    let (width, height) = (image.width(), image.height());
    let gray: RgbImage = enlarged(width, height, 1, |x, y| {
        image.pixels().get(y as usize * width as usize + x as usize).copied().unwrap_or(255)
    });
    let print = Base64::encode_string(&Picture(gray).to_png()?);
    let mut out = String::with_capacity(print.len() + 200 * minutiae.len() + 1000);
    // Writing to a String does not fail. Pixel centers are whole numbers, so the picture begins at -0.5.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"-0.5 -0.5 {width} {height}\">",
        width * SCALE,
        height * SCALE
    );
    let _ = writeln!(
        out,
        "<image x=\"-0.5\" y=\"-0.5\" width=\"{width}\" height=\"{height}\" href=\"data:image/png;base64,{print}\"/>"
    );
    marks(&mut out, minutiae);
    out.push_str("</svg>\n");
    Ok(out)
}

/// Marks of minutiae. Writing to a String does not fail.
fn marks(out: &mut String, minutiae: &[Minutia]) {
    for m in minutiae {
        let [r, g, b] = color(m.kind);
        let (sin, cos) = m.direction.radians().sin_cos();
        let _ = write!(out, "<g fill=\"none\" stroke=\"#{r:02x}{g:02x}{b:02x}\">");
        if m.kind == MinutiaKind::Bifurcation {
            let side = 2.0 * RADIUS;
            let (x, y) = (m.x - RADIUS, m.y - RADIUS);
            let _ = write!(out, "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{side}\" height=\"{side}\"/>");
        } else {
            let _ = write!(out, "<circle cx=\"{:.2}\" cy=\"{:.2}\" r=\"{RADIUS}\"/>", m.x, m.y);
        }
        let _ = writeln!(
            out,
            "<line x1=\"{:.2}\" y1=\"{:.2}\" x2=\"{:.2}\" y2=\"{:.2}\"/></g>",
            m.x + RADIUS * cos,
            m.y - RADIUS * sin,
            m.x + LINE * cos,
            m.y - LINE * sin
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Angle;
    use crate::image::Ppi;

    #[test]
    fn each_minutia_is_drawn_in_its_direction() {
        let image = FingerImage::from_gray8(64, 64, Ppi::P500, &[255; 4096]).unwrap();
        let up =
            Minutia { x: 20.0, y: 30.0, direction: Angle::from_degrees(90.0), kind: MinutiaKind::Ending, quality: 1 };
        let fork = Minutia { kind: MinutiaKind::Bifurcation, ..up };
        let svg = overlay_svg(&image, &[up, fork]).unwrap();
        assert!(svg.contains("<circle cx=\"20.00\" cy=\"30.00\""));
        assert!(svg.contains("<rect x=\"17.00\" y=\"27.00\""));
        // 90 degrees points up: y gets smaller.
        assert_eq!(svg.matches("x2=\"20.00\" y2=\"19.00\"").count(), 2);
    }
}
