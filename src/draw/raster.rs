//! A picture as pixels.

use image::{Rgb, RgbImage};

use super::letters;
use super::picture::Picture;
use super::scene::{Color, Place, Scene, Shape};
use crate::text::shown;

/// Rows of a letter above the base line.
const ASCENT: f32 = 11.0;

/// The picture in pixels, smoothed.
pub(super) fn pixels(scene: &Scene<'_>) -> Picture {
    let mut paper = RgbImage::from_pixel(scene.width, scene.height, Rgb([255; 3]));
    for shape in &scene.shapes {
        match shape {
            Shape::Print { image, at, scale } => {
                let (w, h) = (image.width() as f32 * scale, image.height() as f32 * scale);
                let gray = |x: f32, y: f32| {
                    let index = y as usize * image.width() as usize + x as usize;
                    image.pixels().get(index).copied().unwrap_or(255)
                };
                within(&mut paper, (at.0, at.1), (at.0 + w, at.1 + h), |x, y, pixel| {
                    let (x, y) = ((x - at.0) / scale, (y - at.1) / scale);
                    if x >= 0.0 && y >= 0.0 && x < image.width() as f32 && y < image.height() as f32 {
                        pixel.0 = [gray(x, y); 3];
                    }
                });
            }
            Shape::Line { places, ink } => {
                for pair in places.windows(2) {
                    let &[from, to] = pair else { continue };
                    segment(&mut paper, from, to, ink.width, |pixel, cover| {
                        blend(pixel, ink.color, cover * ink.opacity);
                    });
                }
            }
            Shape::Area { places, color, opacity } => {
                let (low, high) = bounds(places);
                within(&mut paper, low, high, |x, y, pixel| {
                    if is_inside(places, (x, y)) {
                        blend(pixel, *color, *opacity);
                    }
                });
            }
            Shape::Circle { center, radius, ink } => {
                let reach = radius + ink.width;
                let (low, high) = ((center.0 - reach, center.1 - reach), (center.0 + reach, center.1 + reach));
                within(&mut paper, low, high, |x, y, pixel| {
                    let off = ((x - center.0).hypot(y - center.1) - radius).abs();
                    blend(pixel, ink.color, (0.5 + ink.width / 2.0 - off).clamp(0.0, 1.0) * ink.opacity);
                });
            }
            Shape::Text { at, text, color, is_bold, is_end } => {
                let text = shown(text).to_string();
                let long = (text.chars().count() as u32 * letters::WIDTH) as f32;
                let (left, top) = ((at.0 - if *is_end { long } else { 0.0 }).round(), (at.1 - ASCENT).round());
                letters::dots(&text, |x, y| {
                    for bold in 0..=u32::from(*is_bold) {
                        let (x, y) = (left + (x + bold) as f32, top + y as f32);
                        if x >= 0.0
                            && y >= 0.0
                            && let Some(pixel) = paper.get_pixel_mut_checked(x as u32, y as u32)
                        {
                            pixel.0 = *color;
                        }
                    }
                });
            }
        }
    }
    Picture(paper)
}

/// Calls `each` with the center of every pixel of the paper between two corners.
fn within(paper: &mut RgbImage, low: Place, high: Place, mut each: impl FnMut(f32, f32, &mut Rgb<u8>)) {
    // A cast from NaN is 0.
    let (left, top) = (low.0.floor().max(0.0) as u32, low.1.floor().max(0.0) as u32);
    let (right, bottom) = ((high.0.ceil() as u32).min(paper.width()), (high.1.ceil() as u32).min(paper.height()));
    for y in top..bottom {
        for x in left..right {
            if let Some(pixel) = paper.get_pixel_mut_checked(x, y) {
                each(x as f32 + 0.5, y as f32 + 0.5, pixel);
            }
        }
    }
}

/// Calls `each` with the pixels that a straight stroke covers, and with how much of each.
fn segment(paper: &mut RgbImage, from: Place, to: Place, width: f32, mut each: impl FnMut(&mut Rgb<u8>, f32)) {
    let (low, high) = bounds(&[from, to]);
    let reach = width / 2.0 + 1.0;
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let square = dx * dx + dy * dy;
    within(paper, (low.0 - reach, low.1 - reach), (high.0 + reach, high.1 + reach), |x, y, pixel| {
        let along = if square > 0.0 { ((x - from.0) * dx + (y - from.1) * dy) / square } else { 0.0 };
        let along = along.clamp(0.0, 1.0);
        let off = (x - from.0 - along * dx).hypot(y - from.1 - along * dy);
        let cover = (0.5 + width / 2.0 - off).clamp(0.0, 1.0);
        if cover > 0.0 {
            each(pixel, cover);
        }
    });
}

fn bounds(places: &[Place]) -> (Place, Place) {
    let start = ((f32::INFINITY, f32::INFINITY), (f32::NEG_INFINITY, f32::NEG_INFINITY));
    places.iter().fold(start, |(l, h), p| ((l.0.min(p.0), l.1.min(p.1)), (h.0.max(p.0), h.1.max(p.1))))
}

/// Whether a place is inside a polygon: a ray from it crosses an odd number of edges.
fn is_inside(places: &[Place], at: Place) -> bool {
    let mut is_odd = false;
    let mut last = places.last().copied().unwrap_or(at);
    for &p in places {
        if (p.1 > at.1) != (last.1 > at.1) && at.0 < p.0 + (at.1 - p.1) / (last.1 - p.1) * (last.0 - p.0) {
            is_odd = !is_odd;
        }
        last = p;
    }
    is_odd
}

fn blend(pixel: &mut Rgb<u8>, color: Color, cover: f32) {
    for (channel, to) in pixel.0.iter_mut().zip(color) {
        *channel = (f32::from(*channel) + cover * (f32::from(to) - f32::from(*channel))).round() as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::super::scene::Ink;
    use super::*;

    #[test]
    fn shapes_are_where_they_should_be_and_nothing_outside_fails() {
        let mut scene = Scene { width: 40, height: 30, shapes: Vec::new() };
        scene.line([(-100.0, 10.0), (20.0, 10.0)], Ink::new([255, 0, 0], 2.0));
        scene.shapes.push(Shape::Area {
            places: vec![(30.0, 20.0), (39.0, 20.0), (39.0, 29.0)],
            color: [0, 0, 255],
            opacity: 1.0,
        });
        scene.shapes.push(Shape::Circle { center: (20.0, 25.0), radius: 3.0, ink: Ink::new([0, 255, 0], 1.0) });
        scene.line([(f32::NAN, 3.0), (5.0, f32::INFINITY)], Ink::new([0; 3], 1.0));
        scene.text((-1e9, 1e9), "outside", [0; 3]);
        let picture = pixels(&scene);
        let at = |x: u32, y: u32| picture.0.get_pixel(x, y).0;
        assert_eq!((at(5, 9), at(5, 10), at(5, 13)), ([255, 0, 0], [255, 0, 0], [255; 3]));
        assert_eq!((at(37, 21), at(31, 27)), ([0, 0, 255], [255; 3]));
        assert!(at(23, 25)[1] == 255 && at(23, 25)[0] < 255);
        assert_eq!(at(20, 25), [255; 3]);
    }
}
