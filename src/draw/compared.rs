//! Two prints side by side, with what they have in common and why they match or not.

use super::annotated::placed;
use super::params::{FAINT, GREEN, LARGEST_SIDE, LETTER, OCHER, PURPLE, ROW, SCALE, TABLE, TEXT};
use super::picture::{DrawError, Picture};
use super::scene::{Ink, Place, Scene, Shape};
use super::symbols::{self, Sign};
use super::{raster, vector, verdict};
use crate::fingerprint::compare::explanation::Explanation;
use crate::fingerprint::minutia::MinutiaKind;
use crate::fingerprint::template::FingerTemplate;
use crate::image::FingerImage;
use crate::score::Threshold;

/// White between the prints and around them, pixels of the picture.
const GAP: f32 = 24.0;
/// Color of the overlap.
const REGION: [u8; 3] = [70, 150, 230];
/// Opacity of the overlap.
const REGION_OPACITY: f32 = 0.16;

/// One print of a comparison's picture.
///
/// ```
/// use selfsame::FingerTemplate;
/// use selfsame::draw::ShownPrint;
/// let template = FingerTemplate::new(388, 374, Vec::new())?;
/// let print = ShownPrint { template: &template, image: None, name: "left thumb" };
/// assert_eq!(print.name, "left thumb");
/// # Ok::<(), selfsame::fingerprint::template::TemplateError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ShownPrint<'a> {
    /// Its template.
    pub template: &'a FingerTemplate,
    /// Its image, to lie beneath; without one, the minutiae are drawn on white.
    pub image: Option<&'a FingerImage>,
    /// What stands above it; untrusted text is safe here.
    pub name: &'a str,
}

/// A comparison to draw: both prints side by side, the region that both show, the minutiae that coincide joined by lines, and
/// the evidence as a table.
///
/// It shows two fingers: it is as sensitive as the prints themselves.
///
/// ```
/// use selfsame::draw::{Compared, ShownPrint};
/// use selfsame::synth::TemplateGenerator;
/// use selfsame::{Comparator, Finger, Fmr, Threshold};
/// let fingers = TemplateGenerator::new(1);
/// let (a, b) = (fingers.probe(0, 0), fingers.reference(0));
/// let explanation = Comparator::<Finger>::new().explain(&a, &b);
/// let compared = Compared {
///     probe: ShownPrint { template: &a, image: None, name: "a" },
///     reference: ShownPrint { template: &b, image: None, name: "b" },
///     explanation: &explanation,
///     threshold: Threshold::at_fmr(Fmr::new(1e-4)?)?,
/// };
/// assert!(compared.to_svg()?.contains("the evidence, as it adds up"));
/// assert!(compared.to_picture().width() >= 800);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// The print on the left.
    pub probe: ShownPrint<'a>,
    /// The print on the right.
    pub reference: ShownPrint<'a>,
    /// What the comparison of the two templates found.
    pub explanation: &'a Explanation,
    /// The score that makes a match.
    pub threshold: Threshold,
}

impl Compared<'_> {
    /// As pixels, at most some 2,100 wide.
    #[must_use]
    pub fn to_picture(&self) -> Picture {
        raster::pixels(&self.scene())
    }

    /// As a self-contained SVG file.
    ///
    /// # Errors
    /// [`DrawError`] when a print cannot be encoded.
    pub fn to_svg(&self) -> Result<String, DrawError> {
        vector::svg(&self.scene())
    }

    fn scene(&self) -> Scene<'_> {
        let prints = [&self.probe, &self.reference];
        let sizes = prints.map(|print| match print.image {
            Some(image) => (image.width() as f32, image.height() as f32),
            None => (print.template.width().max(1) as f32, print.template.height().max(1) as f32),
        });
        // Both at one scale, or lengths could not be compared.
        let longest = sizes.iter().fold(1.0, |most: f32, (w, h)| most.max(*w).max(*h));
        let unit = (LARGEST_SIDE / longest).min(SCALE as f32);
        let [left, right] = sizes.map(|(w, h)| (w * unit, h * unit));
        let width = (left.0 + right.0 + 3.0 * GAP).max(TABLE);
        // In the middle of their halves where the table is wider.
        let spare = (width - left.0 - right.0 - 3.0 * GAP) / 2.0;
        let lines = verdict::lines(self.explanation, self.threshold);
        let top = 20.0 + (lines.len() as f32 + 2.0) * ROW;
        let corners = [(GAP + spare, top), (width - GAP - spare - right.0, top)];

        let mut scene = Scene { width: width as u32, height: 0, shapes: Vec::new() };
        for (i, line) in lines.iter().enumerate() {
            let at = (GAP, 28.0 + i as f32 * ROW);
            if i == 0 { scene.heading(at, line, TEXT) } else { scene.text(at, line, TEXT) }
        }
        for ((print, at), (w, h)) in prints.into_iter().zip(corners).zip([left, right]) {
            let room = (w.max(width / 2.0 - GAP) / LETTER) as usize;
            let name_at = if at.0 > width / 2.0 { at.0 } else { GAP.max(at.0 - spare) };
            scene.text((name_at, at.1 - 8.0), shortened(print.name, room), FAINT);
            if let Some(image) = print.image {
                scene.shapes.push(Shape::Print { image, at, scale: unit });
            }
            let frame = [at, (at.0 + w, at.1), (at.0 + w, at.1 + h), (at.0, at.1 + h)];
            scene.outline(&frame, Ink::new([200; 3], 1.0));
        }
        self.common(&mut scene, corners, unit);
        let below = top + left.1.max(right.1) + 10.0;
        let entries = entries();
        let (_, needed) = symbols::laid_out(&entries, width);
        symbols::legend(&mut scene, entries, below);
        let end = verdict::table(&mut scene, self.explanation, (GAP, below + needed + 10.0));
        scene.height = end as u32;
        scene
    }

    /// The overlap, the minutiae, and the lines between pairs.
    fn common(&self, scene: &mut Scene<'_>, corners: [Place; 2], unit: f32) {
        let e = self.explanation;
        for (at, region) in corners.into_iter().zip([&e.overlap.probe, &e.overlap.reference]) {
            let places: Vec<Place> = region.iter().map(|p| placed(at, *p, unit)).collect();
            scene.outline(&places, Ink { color: REGION, width: 1.5, opacity: 0.9 });
            scene.shapes.push(Shape::Area { places, color: REGION, opacity: REGION_OPACITY });
        }
        let minutiae = [self.probe.template.minutiae(), self.reference.template.minutiae()];
        for pair in &e.pairs {
            let (Some(m), Some(n)) = (minutiae[0].get(pair.probe), minutiae[1].get(pair.reference)) else { continue };
            let ends = [placed(corners[0], (m.x, m.y), unit), placed(corners[1], (n.x, n.y), unit)];
            // Pairs that hardly agree are faint.
            scene.line(ends, Ink { color: GREEN, width: 1.2, opacity: 0.25 + 0.6 * pair.agreement });
        }
        for (side, (at, all)) in corners.into_iter().zip(minutiae).enumerate() {
            for (number, m) in all.iter().enumerate() {
                let paired = e.pairs.iter().any(|p| [p.probe, p.reference].get(side) == Some(&number));
                let color = if paired { GREEN } else { OCHER };
                symbols::minutia(scene, placed(at, (m.x, m.y), unit), m, Ink::new(color, 0.9 + 0.4 * unit), unit);
            }
            let points = [self.probe.template, self.reference.template];
            for p in points.get(side).map_or(&[][..], |t| t.singular_points()) {
                symbols::singular(scene, placed(at, (p.x, p.y), unit), p, unit);
            }
        }
    }
}

fn entries() -> Vec<(Sign, String)> {
    let pair = Ink { color: GREEN, width: 1.5, opacity: 0.9 };
    let mut all = vec![
        (Sign::Kind(MinutiaKind::Ending, GREEN), "minutia with a partner".to_owned()),
        (Sign::Kind(MinutiaKind::Ending, OCHER), "minutia without".to_owned()),
        (Sign::Stroke(pair), "pair, fainter where it agrees less".to_owned()),
        (Sign::Patch(REGION, 0.4), "shown by both prints".to_owned()),
        (Sign::Kind(MinutiaKind::Bifurcation, FAINT), "square: bifurcation".to_owned()),
    ];
    all.push((Sign::Patch(PURPLE, 1.0), "cores and deltas".to_owned()));
    all
}

/// The end of a name that has no room: it tells files apart.
fn shortened(name: &str, room: usize) -> String {
    let name = crate::text::shown(name).to_string();
    let long = name.chars().count();
    if long <= room {
        return name;
    }
    let kept: String = name.chars().skip(long - room.saturating_sub(3)).collect();
    format!("...{kept}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::compare::Finger;
    use crate::image::Ppi;
    use crate::modality::Comparator;
    use crate::score::Score;

    #[test]
    fn hostile_names_and_sizes_do_no_harm() {
        let empty = FingerTemplate::new(u32::MAX, 1, Vec::new()).unwrap();
        let image = FingerImage::from_gray8(40, 50, Ppi::P500, &[9; 2000]).unwrap();
        let explanation = Comparator::<Finger>::new().explain(&empty, &empty);
        let long = "x".repeat(5000);
        let compared = Compared {
            probe: ShownPrint { template: &empty, image: None, name: "</text><script>\u{202e}&\"'" },
            reference: ShownPrint { template: &empty, image: Some(&image), name: &long },
            explanation: &explanation,
            threshold: Threshold::at_score(Score::from_decibels(40.0)),
        };
        let svg = compared.to_svg().unwrap();
        assert!(svg.contains("&lt;/text&gt;&lt;script&gt;\\u{202e}&amp;&quot;&#39;") && !svg.contains("<script"));
        assert!(svg.len() < 10_000 && svg.contains(">...xxx"));
        let picture = compared.to_picture();
        assert!(picture.width() < 2200 && picture.height() < 2200, "{picture:?}");
    }
}
