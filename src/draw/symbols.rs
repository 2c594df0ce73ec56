//! Symbols of minutiae, cores and deltas, and their legend.

use super::params::{
    BLUE, FAINT, FAIR, GOOD, GRAY, LETTER, LINE, OCHER, PURPLE, RADIUS, ROW, SINGULAR_LINE, SINGULAR_RADIUS, TEXT,
    VERMILION,
};
use super::scene::{Color, Ink, Place, Scene, Shape};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::singular::{SingularKind, SingularPoint};
use crate::geometry::Angle;

/// The color of a quality.
pub(super) fn quality_color(quality: u8) -> Color {
    match quality {
        0 => GRAY,
        q if q >= GOOD => BLUE,
        q if q >= FAIR => OCHER,
        _ => VERMILION,
    }
}

/// What lies beneath a mark, so that it is seen on dark ridges.
fn halo(ink: Ink) -> Ink {
    Ink { color: [255; 3], width: ink.width + 2.0, opacity: 0.75 }
}

/// Draws a minutia at a place: a circle for an ending, a square for a bifurcation, a diamond for others, with a line in its
/// direction. `unit` is the size of a pixel of the print.
pub(super) fn minutia(scene: &mut Scene<'_>, at: Place, m: &Minutia, ink: Ink, unit: f32) {
    minutia_in(scene, at, m, halo(ink), unit);
    minutia_in(scene, at, m, ink, unit);
}

fn minutia_in(scene: &mut Scene<'_>, (x, y): Place, m: &Minutia, ink: Ink, unit: f32) {
    let r = RADIUS * unit;
    match m.kind {
        MinutiaKind::Ending => scene.shapes.push(Shape::Circle { center: (x, y), radius: r, ink }),
        MinutiaKind::Bifurcation => {
            scene.outline(&[(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)], ink)
        }
        MinutiaKind::Other => {
            let r = 1.3 * r;
            scene.outline(&[(x, y - r), (x + r, y), (x, y + r), (x - r, y)], ink);
        }
    }
    ray(scene, (x, y), m.direction, (r, LINE * unit), ink);
}

/// Draws a core or a delta at a place: a circle that opens where its loop does, a triangle with its three arms.
pub(super) fn singular(scene: &mut Scene<'_>, at: Place, point: &SingularPoint, unit: f32) {
    let ink = Ink::new(PURPLE, 2.0);
    singular_in(scene, at, point, halo(ink), unit);
    singular_in(scene, at, point, ink, unit);
}

fn singular_in(scene: &mut Scene<'_>, (x, y): Place, point: &SingularPoint, ink: Ink, unit: f32) {
    let (r, long) = (SINGULAR_RADIUS * unit, SINGULAR_LINE * unit);
    match point.kind {
        SingularKind::Core => {
            scene.shapes.push(Shape::Circle { center: (x, y), radius: r, ink });
            ray(scene, (x, y), point.direction, (r, long), ink);
        }
        SingularKind::Delta => {
            let arms = [0.0, 1.0, 2.0].map(|k| point.direction.turned(std::f32::consts::TAU * k / 3.0));
            // The triangle's corners are where the arms begin.
            let corners = arms.map(|a| (x + r * a.radians().cos(), y - r * a.radians().sin()));
            scene.outline(&corners, ink);
            arms.iter().for_each(|arm| ray(scene, (x, y), *arm, (r, long), ink));
        }
    }
}

/// Draws a line in a direction, between two distances from a place.
fn ray(scene: &mut Scene<'_>, (x, y): Place, direction: Angle, (from, to): (f32, f32), ink: Ink) {
    let (sin, cos) = direction.radians().sin_cos();
    scene.line([(x + from * cos, y - from * sin), (x + to * cos, y - to * sin)], ink);
}

/// What an entry of a legend shows before its words.
pub(super) enum Sign {
    Kind(MinutiaKind, Color),
    Singular(SingularKind),
    /// A short line.
    Stroke(Ink),
    /// A patch.
    Patch(Color, f32),
    Nothing,
}

/// The entries that explain a drawn template.
pub(super) fn entries() -> Vec<(Sign, String)> {
    let kind = |kind, words: &str| (Sign::Kind(kind, FAINT), words.to_owned());
    let quality = |color, words: String| (Sign::Patch(color, 1.0), words);
    vec![
        kind(MinutiaKind::Ending, "ridge ending"),
        kind(MinutiaKind::Bifurcation, "bifurcation"),
        kind(MinutiaKind::Other, "other minutia"),
        (Sign::Nothing, "lines: directions".to_owned()),
        (Sign::Singular(SingularKind::Core), "core, opens along its line".to_owned()),
        (Sign::Singular(SingularKind::Delta), "delta with its arms".to_owned()),
        quality(BLUE, format!("quality {GOOD}-100")),
        quality(OCHER, format!("quality {FAIR}-{}", GOOD - 1)),
        quality(VERMILION, format!("quality 1-{}", FAIR - 1)),
        quality(GRAY, "quality not stated".to_owned()),
    ]
}

/// Where the entries of a legend go in a picture of this width, and the height that they need, pixels.
pub(super) fn laid_out(entries: &[(Sign, String)], width: f32) -> (Vec<Place>, f32) {
    let (mut x, mut y) = (8.0, 0.0);
    let mut places = Vec::with_capacity(entries.len());
    for (sign, words) in entries {
        let needed = sign_width(sign) + LETTER * words.chars().count() as f32 + 16.0;
        if x > 8.0 && x + needed > width {
            (x, y) = (8.0, y + ROW + 4.0);
        }
        places.push((x, y));
        x += needed;
    }
    (places, y + ROW + 12.0)
}

fn sign_width(sign: &Sign) -> f32 {
    match sign {
        Sign::Nothing => 0.0,
        Sign::Singular(_) => 34.0,
        _ => 30.0,
    }
}

/// Draws a legend whose first row is at `top`.
pub(super) fn legend(scene: &mut Scene<'_>, entries: Vec<(Sign, String)>, top: f32) {
    let (places, _) = laid_out(&entries, scene.width as f32);
    let direction = Angle::from_degrees(0.0);
    for ((sign, words), (x, y)) in entries.into_iter().zip(places) {
        let (middle, base) = (top + y + 12.0, top + y + 17.0);
        let wide = sign_width(&sign);
        match sign {
            Sign::Kind(kind, color) => {
                let m = Minutia { x: 0.0, y: 0.0, direction, kind, quality: 0 };
                minutia(scene, (x + 7.0, middle), &m, Ink::new(color, 1.5), 1.4);
            }
            Sign::Singular(kind) => {
                singular(scene, (x + 12.0, middle), &SingularPoint { kind, x: 0.0, y: 0.0, direction }, 1.0);
            }
            Sign::Stroke(ink) => scene.line([(x, middle), (x + 18.0, middle)], ink),
            Sign::Patch(color, opacity) => {
                let places =
                    vec![(x, middle - 6.0), (x + 18.0, middle - 6.0), (x + 18.0, middle + 6.0), (x, middle + 6.0)];
                scene.shapes.push(Shape::Area { places, color, opacity });
            }
            Sign::Nothing => {}
        }
        scene.text((x + wide, base), words, TEXT);
    }
}
