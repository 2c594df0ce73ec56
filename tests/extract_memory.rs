//! The most memory that an extraction holds besides the image, counted by the allocator.

#[path = "common/allocated.rs"]
mod allocated;

use allocated::peak_of;
use selfsame::fingerprint::template::ExtractionMethod;
use selfsame::synth::{ImpressionSettings, Level, PrintGenerator, Sensor};
use selfsame::{Extractor, FingerImage, Ppi};

/// Side of the image, pixels.
const SIDE: usize = 2048;
/// Side of one print in the image, pixels.
const TILE: usize = 512;

/// Prints side by side, each the mirror image of its neighbors, so that all of the image has ridges.
fn image() -> FingerImage {
    let settings = ImpressionSettings::new(Level::Good, Sensor::Optical);
    let print = PrintGenerator::new(20).finger(0).impression(0, settings).image;
    let (width, height) = (print.width() as usize, print.height() as usize);
    let fold = |v: usize, side: usize| {
        let v = if (v / TILE).is_multiple_of(2) { v % TILE } else { TILE - 1 - v % TILE };
        (v + side / 2).checked_sub(TILE / 2).filter(|v| *v < side)
    };
    let pixel = |i: usize| match (fold(i % SIDE, width), fold(i / SIDE, height)) {
        (Some(x), Some(y)) => print.pixels()[y * width + x],
        _ => 255,
    };
    let pixels: Vec<u8> = (0..SIDE * SIDE).map(pixel).collect();
    FingerImage::from_gray8(SIDE as u32, SIDE as u32, Ppi::P500, &pixels).expect("an image")
}

/// One test, because the count is that of the process.
#[test]
fn memory_is_a_few_bytes_per_pixel() {
    let image = image();
    // Most bytes per pixel. The rows that the network holds are as many in an image of any height, so that their share is larger
    // than in one of 4096 by 4096.
    let cases = [
        (ExtractionMethod::Classical, false, 5.7),
        (ExtractionMethod::Learned, false, 7.5),
        (ExtractionMethod::Learned, true, 9.0),
    ];
    for (method, parallel, most) in cases {
        let builder = Extractor::builder().unchecked().parallel(parallel);
        let builder = if method == ExtractionMethod::Classical { builder.classical() } else { builder };
        let extractor = builder.build().expect("settings");
        if extractor.method() != method {
            continue; // A build without the network.
        }
        let (template, peak) = peak_of(|| extractor.extract(&image).expect("prints"));
        assert!(template.minutiae().len() > 100);
        let peak = peak as f64 / (SIDE * SIDE) as f64;
        assert!(peak <= most, "{method:?}, parallel {parallel}: {peak:.2} bytes per pixel");
        // The count counts: no method does without the normalized picture.
        assert!(peak >= 1.0, "{method:?}: {peak:.2} bytes per pixel");
    }
}
