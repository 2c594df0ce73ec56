//! Two impressions of one synthetic finger side by side, with their minutiae and lines between corresponding ones: the
//! picture in the README.
//!
//! `cargo run --release --example draw_match -- docs/match.png`

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ImageEncoder, Rgb, RgbImage};
use selfsame::draw::overlay;
use selfsame::fingerprint::compare::explanation::MatchedPair;
use selfsame::synth::{ImpressionSettings, Level, PrintGenerator, Sensor};
use selfsame::{Comparator, Extractor, Finger, Minutia};

/// Minutiae below this quality are not drawn.
const LEAST_QUALITY: u8 = 40;
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
    let explanation = Comparator::<Finger>::new().explain(&a, &b);
    let good = |m: &&Minutia| m.quality >= LEAST_QUALITY;
    let ends = |pair: &MatchedPair| Some([a.minutiae().get(pair.probe)?, b.minutiae().get(pair.reference)?]);
    let pairs = explanation.pairs.iter().filter_map(ends).filter(|ends| ends.iter().all(good));
    let pairs: Vec<[&Minutia; 2]> = pairs.collect();

    let [a, b] = [&a, &b].map(|print| print.minutiae().iter().filter(good).copied().collect::<Vec<_>>());
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
    for [from, to] in &pairs {
        let to = (to.x * scale + (width + GAP) as f32, to.y * scale);
        line(&mut picture, (from.x * scale, from.y * scale), to);
    }
    let mut png = Vec::new();
    PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::NoFilter).write_image(
        picture.as_raw(),
        picture.width(),
        picture.height(),
        image::ExtendedColorType::Rgb8,
    )?;
    let (score, count) = (explanation.score, pairs.len());
    println!("{score:.1} dB, {count} of {} and {} minutiae correspond, {} bytes", a.len(), b.len(), png.len());
    std::fs::write(path, png)?;
    Ok(())
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
