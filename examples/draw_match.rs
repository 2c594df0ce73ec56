//! Two impressions of one synthetic finger side by side, with their minutiae and lines between corresponding ones: the
//! picture in the README.
//!
//! `cargo run --release --example draw_match -- docs/match.png`

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ImageEncoder, Rgb, RgbImage};
use selfsame::draw::overlay;
use selfsame::synth::{ImpressionSettings, Level, PrintGenerator, Sensor};
use selfsame::{Comparator, Extractor, Finger, FingerTemplate, Minutia};

/// Minutiae below this quality are not drawn.
const LEAST_QUALITY: u8 = 40;
/// Minutiae of both prints correspond within this distance in pixels and this difference of directions in degrees.
const NEAR: (f32, f32) = (9.0, 15.0);
/// White pixels between the prints.
const GAP: u32 = 24;
const GREEN: [f32; 3] = [0.0, 150.0, 70.0];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("expected: OUT.png")?;
    let settings = ImpressionSettings {
        width: 230,
        height: 260,
        grain: 0.0,
        background: 0.0,
        unevenness: 0.1,
        contact: (0.9, 0.95),
        ..ImpressionSettings::new(Level::Good, Sensor::Optical)
    };
    let finger = PrintGenerator::new(1).with_size(250, 280).finger(4);
    let images = [0, 1].map(|k| finger.impression(k, settings.clone()).image);
    let extractor = Extractor::new();
    let [a, b] = [extractor.extract(&images[0])?, extractor.extract(&images[1])?];
    let score = Comparator::<Finger>::new().compare_templates(&a, &b)?;

    let [a, b] = [shown(&a), shown(&b)];
    let [left, right] = [overlay(&images[0], &a), overlay(&images[1], &b)];
    let (width, height) = (left.width(), left.height().max(right.height()));
    let mut picture = RgbImage::from_pixel(width + GAP + right.width(), height, Rgb([255; 3]));
    for (part, x) in [(&left, 0), (&right, width + GAP)] {
        let part = RgbImage::from_raw(part.width(), part.height(), part.rgb().to_vec()).ok_or("a picture's size")?;
        image::imageops::replace(&mut picture, &part, i64::from(x), 0);
    }
    // Few shades of gray keep the file small.
    for pixel in picture.pixels_mut().filter(|p| p.0[0] == p.0[1] && p.0[1] == p.0[2]) {
        pixel.0 = [((u32::from(pixel.0[0]) * 5 + 127) / 255 * 51) as u8; 3];
    }
    let scale = width as f32 / images[0].width() as f32;
    let pairs = corresponding(&a, &b);
    for &(i, j) in &pairs {
        let from = (a[i].x * scale, a[i].y * scale);
        line(&mut picture, from, (b[j].x * scale + (width + GAP) as f32, b[j].y * scale));
    }
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::NoFilter).write_image(
        picture.as_raw(),
        picture.width(),
        picture.height(),
        image::ExtendedColorType::Rgb8,
    )?;
    println!("{score:.1} dB, {} of {} and {} minutiae correspond, {} bytes", pairs.len(), a.len(), b.len(), png.len());
    std::fs::write(path, png)?;
    Ok(())
}

fn shown(template: &FingerTemplate) -> Vec<Minutia> {
    template.minutiae().iter().filter(|m| m.quality >= LEAST_QUALITY).copied().collect()
}

/// The pairs of minutiae that coincide after the rotation and shift with the most pairs. The cost is quadratic in the
/// pairs, so this is for a picture only.
fn corresponding(a: &[Minutia], b: &[Minutia]) -> Vec<(usize, usize)> {
    let mut best = Vec::new();
    for (first, second) in a.iter().flat_map(|x| b.iter().map(move |y| (x, y))) {
        let turn = second.direction.difference(first.direction);
        let (sin, cos) = turn.sin_cos();
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for (i, m) in a.iter().enumerate() {
            // Directions are counter-clockwise, and y points down.
            let (dx, dy) = (m.x - first.x, m.y - first.y);
            let (x, y) = (second.x + cos * dx + sin * dy, second.y - sin * dx + cos * dy);
            let near = |n: &Minutia| {
                let angle = n.direction.difference(m.direction.turned(turn)).abs().to_degrees();
                ((n.x - x).hypot(n.y - y), angle)
            };
            let free = b.iter().enumerate().filter(|(j, _)| pairs.iter().all(|p| p.1 != *j));
            let inside = free.map(|(j, n)| (j, near(n))).filter(|(_, (d, angle))| *d <= NEAR.0 && *angle <= NEAR.1);
            if let Some((j, _)) = inside.min_by(|x, y| x.1.0.total_cmp(&y.1.0)) {
                pairs.push((i, j));
            }
        }
        if pairs.len() > best.len() {
            best = pairs;
        }
    }
    best
}

/// Draws a thin, half-transparent line.
fn line(picture: &mut RgbImage, from: (f32, f32), to: (f32, f32)) {
    let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil();
    for step in 0..=steps as u32 {
        let t = step as f32 / steps;
        let (x, y) = (from.0 + t * (to.0 - from.0), from.1 + t * (to.1 - from.1));
        if let Some(pixel) = picture.get_pixel_mut_checked(x.round() as u32, y.round() as u32) {
            for (channel, green) in pixel.0.iter_mut().zip(GREEN) {
                *channel = (0.35 * f32::from(*channel) + 0.65 * green) as u8;
            }
        }
    }
}
