//! A template over its print or alone, with cores, deltas, qualities and a legend.

use super::params::{FAINT, LARGEST_ENLARGED, SCALE};
use super::picture::{DrawError, Picture};
use super::scene::{Ink, Place, Scene, Shape};
use super::{raster, symbols, vector};
use crate::fingerprint::template::FingerTemplate;
use crate::image::FingerImage;

/// Least width of a picture with a legend, pixels.
const LEAST_WIDTH: u32 = 260;

/// Draws everything that a template holds over its print: minutiae by kind (circle, square, diamond) with lines in their
/// directions and colors of their quality, cores and deltas with their directions; and a legend below. Prints of up to 2
/// million pixels are enlarged twice.
///
/// ```
/// use selfsame::draw::annotated;
/// use selfsame::{FingerImage, FingerTemplate, Ppi};
/// let image = FingerImage::from_gray8(300, 400, Ppi::P500, &[200; 120_000])?;
/// let picture = annotated(&image, &FingerTemplate::new(300, 400, Vec::new())?);
/// assert_eq!(picture.width(), 600);
/// assert!(picture.height() > 800);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn annotated(image: &FingerImage, template: &FingerTemplate) -> Picture {
    raster::pixels(&scene((image.width(), image.height()), Some(image), template))
}

/// Like [`annotated`], as a self-contained SVG file.
///
/// # Errors
/// [`DrawError`] when the print cannot be encoded.
///
/// ```
/// use selfsame::draw::annotated_svg;
/// use selfsame::{FingerImage, FingerTemplate, Ppi};
/// let image = FingerImage::from_gray8(40, 50, Ppi::P500, &[200; 2000])?;
/// let svg = annotated_svg(&image, &FingerTemplate::new(40, 50, Vec::new())?)?;
/// assert!(svg.contains(">ridge ending</text>"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn annotated_svg(image: &FingerImage, template: &FingerTemplate) -> Result<String, DrawError> {
    vector::svg(&scene((image.width(), image.height()), Some(image), template))
}

/// A template without its print, drawn like [`annotated`], as a self-contained SVG file.
///
/// ```
/// use selfsame::FingerTemplate;
/// use selfsame::draw::template_svg;
/// assert!(template_svg(&FingerTemplate::new(388, 374, Vec::new())?).starts_with("<svg"));
/// # Ok::<(), selfsame::fingerprint::template::TemplateError>(())
/// ```
#[must_use]
pub fn template_svg(template: &FingerTemplate) -> String {
    // Only a print can fail to be encoded.
    vector::svg(&scene((template.width(), template.height()), None, template)).unwrap_or_default()
}

fn scene<'a>((width, height): (u32, u32), image: Option<&'a FingerImage>, template: &FingerTemplate) -> Scene<'a> {
    let unit = if u64::from(width) * u64::from(height) <= LARGEST_ENLARGED { SCALE } else { 1 };
    let (wide, high) = (width.saturating_mul(unit).max(LEAST_WIDTH), height.saturating_mul(unit));
    let entries = symbols::entries();
    let (_, needed) = symbols::laid_out(&entries, wide as f32);
    let mut scene = Scene { width: wide, height: high.saturating_add(needed as u32), shapes: Vec::new() };
    if let Some(image) = image {
        scene.shapes.push(Shape::Print { image, at: (0.0, 0.0), scale: unit as f32 });
    } else {
        scene.outline(
            &[(0.5, 0.5), (wide as f32 - 0.5, 0.5), (wide as f32 - 0.5, high as f32), (0.5, high as f32)],
            Ink::new(FAINT, 1.0),
        );
    }
    template_at(&mut scene, template, (0.0, 0.0), unit as f32);
    symbols::legend(&mut scene, entries, high as f32);
    scene
}

/// Draws a template, its upper left corner at a place.
fn template_at(scene: &mut Scene<'_>, template: &FingerTemplate, at: Place, unit: f32) {
    for m in template.minutiae() {
        let ink = Ink::new(symbols::quality_color(m.quality), 1.0 + 0.4 * unit);
        symbols::minutia(scene, placed(at, (m.x, m.y), unit), m, ink, unit);
    }
    for p in template.singular_points() {
        symbols::singular(scene, placed(at, (p.x, p.y), unit), p, unit);
    }
}

/// The place of a position of a print whose upper left corner is at `at`; the center of its first pixel is 0.
pub(super) fn placed(at: Place, (x, y): (f32, f32), unit: f32) -> Place {
    (at.0 + (x + 0.5) * unit, at.1 + (y + 0.5) * unit)
}

#[cfg(test)]
mod tests {
    use super::super::params::{BLUE, PURPLE, VERMILION};
    use super::*;
    use crate::fingerprint::minutia::{Minutia, MinutiaKind};
    use crate::fingerprint::singular::{SingularKind, SingularPoint};
    use crate::geometry::Angle;
    use crate::image::Ppi;

    fn template() -> FingerTemplate {
        let m = |x, quality, kind| Minutia { x, y: 50.0, direction: Angle::from_degrees(90.0), kind, quality };
        let minutiae = vec![m(20.0, 90, MinutiaKind::Ending), m(60.0, 5, MinutiaKind::Bifurcation)];
        let point = |kind, y| SingularPoint { kind, x: 100.0, y, direction: Angle::from_degrees(270.0) };
        let points = vec![point(SingularKind::Core, 40.0), point(SingularKind::Delta, 90.0)];
        FingerTemplate::new(150, 120, minutiae).unwrap().with_singular_points(points).unwrap()
    }

    #[test]
    fn pixels_and_vectors_show_quality_and_singular_points() {
        let image = FingerImage::from_gray8(150, 120, Ppi::P500, &[255; 18_000]).unwrap();
        let picture = annotated(&image, &template());
        // The edges of strokes are smoothed.
        let is_near = |pixel: [u8; 3], color: [u8; 3]| pixel.into_iter().zip(color).all(|(p, c)| p.abs_diff(c) <= 40);
        let has = |color: [u8; 3], rows: std::ops::Range<u32>| {
            let pixels = rows.flat_map(|y| (0..picture.width()).map(move |x| (x, y)));
            pixels.filter(|(x, y)| is_near(picture.0.get_pixel(*x, *y).0, color)).count()
        };
        // The lines point up, from the first pixel above the circle on.
        assert!(has(BLUE, 78..94) > 20 && has(VERMILION, 78..94) > 20);
        assert!(has(PURPLE, 60..240) > 100);
        // The legend is below the print.
        assert!(has(BLUE, 240..picture.height()) > 100);
        let svg = annotated_svg(&image, &template()).unwrap();
        assert!(svg.contains("data:image/png;base64,") && svg.contains(">delta with its arms</text>"));
        assert_eq!(
            svg.matches("stroke=\"#8c0096\"").count(),
            template_svg(&template()).matches("stroke=\"#8c0096\"").count()
        );
        assert!(!template_svg(&template()).contains("<image"));
    }

    #[test]
    fn a_hostile_size_does_no_harm() {
        let huge = FingerTemplate::new(u32::MAX, u32::MAX, Vec::new()).unwrap();
        assert!(template_svg(&huge).len() < 10_000);
    }
}
