//! WSQ: decoding and encoding a synthetic print of 500 x 500 pixels on one thread.
//!
//! `cargo bench --bench wsq` first checks that an encoded print is decoded to a similar print.

use std::hint::black_box;
use std::time::Duration;

use criterion::Criterion;
use selfsame::image::wsq::{decode, encode};
use selfsame::synth::{ImpressionSettings, Level, PrintGenerator, Sensor};
use selfsame::{Limits, Ppi};

const SEED: u64 = 9;
const SIDE: u32 = 500;
/// Bit rates of archives, and the least signal-to-noise ratio that a print must keep, dB.
const RATES: [(f32, f64); 2] = [(0.75, 25.0), (2.25, 30.0)];

fn main() {
    let settings = ImpressionSettings::new(Level::Good, Sensor::Optical);
    let print = PrintGenerator::new(SEED).finger(0).impression(0, settings).image;
    // The print does not fill the square, so it is mirrored at its edges.
    let mirrored = |i: usize, n: usize| if i < n { i } else { 2 * n - 1 - i };
    let (width, height) = (print.width() as usize, print.height() as usize);
    let pixel = |i: usize| {
        let (x, y) = (mirrored(i % SIDE as usize, width), mirrored(i / SIDE as usize, height));
        print.pixels()[y * width + x]
    };
    let pixels: Vec<u8> = (0..(SIDE * SIDE) as usize).map(pixel).collect();
    let (w, h) = (SIDE, SIDE);
    let limits = Limits::default();
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    for (bpp, least) in RATES {
        let write = || encode(w, h, &pixels, Some(Ppi::P500), bpp).expect("encodes");
        let bytes = write();
        let back = decode(&bytes, &limits).expect("decodes").image;
        let differences = back.pixels().iter().zip(&pixels).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
        let psnr = 10.0 * (255.0f64.powi(2) * f64::from(w * h) / differences.sum::<f64>()).log10();
        println!("{w} x {h} at {bpp} bpp: {} bytes, {psnr:.1} dB", bytes.len());
        assert!((back.width(), back.height()) == (w, h) && psnr > least, "the print is lost: {psnr:.1} dB");
        criterion.bench_function(&format!("wsq/encode_{bpp}"), |b| b.iter(|| black_box(write())));
        criterion
            .bench_function(&format!("wsq/decode_{bpp}"), |b| b.iter(|| black_box(decode(&bytes, &limits)).is_ok()));
    }
    criterion.final_summary();
}
