//! The overlay as SVG text, with the print inside as PNG.

use std::fmt::Write as _;

use image::RgbImage;

use super::marks::{color, enlarged};
use super::params::{LINE, RADIUS, SCALE};
use super::picture::{DrawError, Picture};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::singular::SingularKind;
use crate::fingerprint::template::FingerTemplate;
use crate::image::FingerImage;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Like [`overlay`](super::overlay()), as a self-contained SVG file: sharp at any size.
///
/// # Errors
/// [`DrawError`] when the print cannot be encoded.
pub fn overlay_svg(image: &FingerImage, minutiae: &[Minutia]) -> Result<String, DrawError> {
    let (width, height) = (image.width(), image.height());
    let gray: RgbImage = enlarged(width, height, 1, |x, y| {
        image.pixels().get(y as usize * width as usize + x as usize).copied().unwrap_or(255)
    });
    let print = base64(&Picture(gray).to_png()?);
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

/// A template without its print as a self-contained SVG file: minutiae as in [`overlay`](super::overlay()), cores and deltas as larger
/// circles and triangles.
///
/// ```
/// use selfsame::FingerTemplate;
/// use selfsame::draw::template_svg;
/// assert!(template_svg(&FingerTemplate::new(388, 374, Vec::new())?).starts_with("<svg"));
/// # Ok::<(), selfsame::fingerprint::template::TemplateError>(())
/// ```
#[must_use]
pub fn template_svg(template: &FingerTemplate) -> String {
    let (width, height) = (template.width(), template.height());
    let mut out = String::with_capacity(200 * template.minutiae().len() + 1000);
    // Writing to a String does not fail.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"-0.5 -0.5 {width} {height}\">",
        u64::from(width) * u64::from(SCALE),
        u64::from(height) * u64::from(SCALE)
    );
    let _ = writeln!(out, "<rect x=\"-0.5\" y=\"-0.5\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>");
    marks(&mut out, template.minutiae());
    for p in template.singular_points() {
        let (r, (x, y)) = (2.0 * RADIUS, (p.x, p.y));
        let _ = match p.kind {
            SingularKind::Core => {
                writeln!(out, "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{r}\" fill=\"none\" stroke=\"#000000\"/>")
            }
            SingularKind::Delta => {
                let (left, right, top, bottom) = (x - r, x + r, y - r, y + r);
                writeln!(
                    out,
                    "<path d=\"M{x:.2} {top:.2} L{left:.2} {bottom:.2} L{right:.2} {bottom:.2} Z\" fill=\"none\" \
                     stroke=\"#000000\"/>"
                )
            }
        };
    }
    out.push_str("</svg>\n");
    out
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

fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut bits = 0u32;
        for i in 0..3 {
            bits = bits << 8 | u32::from(chunk.get(i).copied().unwrap_or(0));
        }
        for i in 0..4 {
            let digit = BASE64.get((bits >> (18 - 6 * i) & 63) as usize).copied().unwrap_or(b'=');
            out.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Angle;
    use crate::image::Ppi;

    #[test]
    fn base64_of_the_standard() {
        // RFC 4648, section 10.
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

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
