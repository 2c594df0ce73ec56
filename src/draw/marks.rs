//! Marks on pixels.

use image::{Rgb, RgbImage};
use imageproc::drawing::{draw_antialiased_line_segment_mut, draw_hollow_circle_mut, draw_hollow_rect_mut};
use imageproc::pixelops::interpolate;
use imageproc::rect::Rect;

use super::params::{BIFURCATION, ENDING, LARGEST_ENLARGED, LINE, OTHER, RADIUS, SCALE, WEIGHT};
use crate::fingerprint::minutia::{Minutia, MinutiaKind};
use crate::fingerprint::singular::{SingularKind, SingularPoint};

/// Enlargement of a print of this size.
pub(super) fn scale_for(width: u32, height: u32) -> u32 {
    if u64::from(width) * u64::from(height) <= LARGEST_ENLARGED { SCALE } else { 1 }
}

/// The color of a kind of minutia.
pub(super) fn color(kind: MinutiaKind) -> [u8; 3] {
    match kind {
        MinutiaKind::Ending => ENDING,
        MinutiaKind::Bifurcation => BIFURCATION,
        MinutiaKind::Other => OTHER,
    }
}

/// A picture of `width * scale` by `height * scale` pixels with the gray of `pixel(x, y)`.
pub(super) fn enlarged(width: u32, height: u32, scale: u32, pixel: impl Fn(u32, u32) -> u8) -> RgbImage {
    RgbImage::from_fn(width * scale, height * scale, |x, y| Rgb([pixel(x / scale, y / scale); 3]))
}

/// Position in the enlarged picture of a position of the print (the center of the first pixel is 0).
fn placed(v: f32, scale: u32) -> f32 {
    (v + 0.5) * scale as f32 - 0.5
}

/// Draws cores, each with a line where it opens, and deltas, each with three lines.
pub(super) fn singular(picture: &mut RgbImage, points: &[SingularPoint], scale: u32) {
    for p in points {
        let (color, ways) = match p.kind {
            SingularKind::Core => (Rgb(ENDING), 1),
            SingularKind::Delta => (Rgb(BIFURCATION), 3),
        };
        let (x, y) = (placed(p.x, scale), placed(p.y, scale));
        if ways == 1 {
            draw_hollow_circle_mut(
                picture,
                (x.round() as i32, y.round() as i32),
                (RADIUS * scale as f32) as i32,
                color,
            );
        }
        for way in 0..ways {
            let direction = p.direction.turned(std::f32::consts::TAU * way as f32 / 3.0);
            let (sin, cos) = direction.radians().sin_cos();
            let reach = LINE * scale as f32;
            line(picture, (x, y), (x + reach * cos, y - reach * sin), color);
        }
    }
}

/// Draws minutiae.
pub(super) fn minutiae(picture: &mut RgbImage, minutiae: &[Minutia], scale: u32) {
    for m in minutiae {
        let color = Rgb(color(m.kind));
        let (x, y) = (placed(m.x, scale), placed(m.y, scale));
        let radius = (RADIUS * scale as f32).round() as i32;
        let (column, row) = (x.round() as i32, y.round() as i32);
        for radius in radius..radius + WEIGHT {
            if m.kind == MinutiaKind::Bifurcation {
                let side = 2 * radius.unsigned_abs() + 1;
                draw_hollow_rect_mut(picture, Rect::at(column - radius, row - radius).of_size(side, side), color);
            } else {
                draw_hollow_circle_mut(picture, (column, row), radius, color);
            }
        }
        let (sin, cos) = m.direction.radians().sin_cos();
        let from = (x + cos * radius as f32, y - sin * radius as f32);
        let to = (x + cos * LINE * scale as f32, y - sin * LINE * scale as f32);
        for i in 0..WEIGHT {
            // Side by side across the line.
            let (dx, dy) = (i as f32 * sin, i as f32 * cos);
            line(picture, (from.0 + dx, from.1 + dy), (to.0 + dx, to.1 + dy), color);
        }
    }
}

/// Draws a stroke from one point to another, without points outside the picture.
pub(super) fn line(picture: &mut RgbImage, from: (f32, f32), to: (f32, f32), color: Rgb<u8>) {
    let whole = |p: (f32, f32)| (p.0.round() as i32, p.1.round() as i32);
    draw_antialiased_line_segment_mut(picture, whole(from), whole(to), color, interpolate);
}
