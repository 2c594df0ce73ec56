//! Embeddings by a network of the shape of MobileFaceNet: time per face and per multiply-add, beside the machine's fused
//! multiply-adds in the same run.
//!
//! `cargo bench --features onnx --bench embed` prints it. `SELFSAME_BENCH_NETWORK=net.onnx` also writes the network, so that another runtime
//! can be measured on the same file.

#[path = "../tests/onnx/mod.rs"]
mod onnx;

use std::hint::black_box;
use std::time::Instant;

use selfsame::face::align::{AlignedFace, Landmarks, RgbPicture};
use selfsame::face::embed::FaceEmbedder;

/// Faces per thread; the shortest and the median time are printed.
const FACES: usize = 60;

fn main() {
    let (network, cost) = onnx::mobile(&onnx::mobile_layers([5, 1, 6, 1, 2]));
    if let Some(path) = std::env::var_os("SELFSAME_BENCH_NETWORK") {
        std::fs::write(path, &network).expect("the network is written");
    }
    let embedder = FaceEmbedder::builder("mobile", "1").decode(network).expect("a network");
    let pixels = (0..3 * 200 * 220).map(|i| (i * 7 % 251) as u8).collect();
    let picture = RgbPicture::new(pixels, 200, 220).expect("a picture");
    let places = [(60.0, 90.0), (120.0, 80.0), (95.0, 118.0), (74.0, 156.0), (124.0, 148.0)];
    let face = AlignedFace::from_picture(&picture.view(), &Landmarks::new(places).expect("landmarks")).expect("a face");
    let mut times: Vec<f64> = (0..FACES)
        .map(|_| {
            let start = Instant::now();
            black_box(embedder.embed_aligned(black_box(&face))).expect("an embedding");
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    for (name, time) in [("shortest", times[0]), ("median", times[FACES / 2])] {
        let (each, rate) = (time * 1e12 / cost as f64, cost as f64 / time / 1e9);
        println!(
            "one face, one thread, {name}: {:.2} ms, {each:.1} ps per multiply-add, {rate:.1} billion/s",
            time * 1e3
        );
    }
    println!(
        "{:.0} million multiply-adds per face; machine, one thread, baseline instructions: {:.1} billion/s",
        cost as f64 / 1e6,
        machine()
    );
}

/// Billions of multiplications with an addition per second, in registers, as the compiler makes them without knowing the processor.
fn machine() -> f64 {
    const ROUNDS: usize = 4_000_000;
    let run = || {
        // The compiler must not know the numbers, or it knows the sums.
        let (factor, term) = black_box((0.999_f32, 0.002_f32));
        let mut sums = black_box([1f32; 32]);
        let start = Instant::now();
        for _ in 0..ROUNDS {
            sums.iter_mut().for_each(|sum| *sum = *sum * factor + term);
        }
        let sums = black_box(sums);
        assert!(sums.iter().all(|sum| (sum - 2.0).abs() < 1e-2), "{sums:?}");
        (ROUNDS * sums.len()) as f64 / start.elapsed().as_secs_f64() / 1e9
    };
    (0..5).map(|_| run()).fold(0.0, f64::max)
}
