//! The most memory that an extraction holds besides the image, counted by the allocator.

// The only unsafe code forwards calls to the system's allocator.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use selfsame::fingerprint::template::ExtractionMethod;
use selfsame::synth::{ImpressionSettings, Level, PrintGenerator, Sensor};
use selfsame::{Extractor, FingerImage, Ppi};

/// The system's allocator, counting bytes.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is forwarded to the system allocator; the counts touch no memory of the caller. What is moved counts
// twice, by the default form of `realloc`.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        PEAK.fetch_max(HELD.fetch_add(layout.size(), Relaxed) + layout.size(), Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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
        let before = HELD.load(Relaxed);
        PEAK.store(before, Relaxed);
        let template = extractor.extract(&image).expect("prints");
        assert!(template.minutiae().len() > 100);
        let peak = (PEAK.load(Relaxed) - before) as f64 / (SIDE * SIDE) as f64;
        assert!(peak <= most, "{method:?}, parallel {parallel}: {peak:.2} bytes per pixel");
        // The count counts: no method does without the normalized picture.
        assert!(peak >= 1.0, "{method:?}: {peak:.2} bytes per pixel");
    }
}
