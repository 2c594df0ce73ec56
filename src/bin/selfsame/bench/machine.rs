//! What the machine can do at most, measured in the same run: reading memory, and multiplying.

use std::hint::black_box;

use rayon::prelude::*;

use super::clock::Clock;

/// Bytes that are read: more than caches hold.
const BYTES: usize = 256 << 20;
/// Words that a thread reads at a time.
const WORDS: usize = 1 << 16;
/// Multiplications and additions of one call.
const STEPS: usize = 1 << 16;
/// Numbers that are worked on side by side.
const LANES: usize = 64;

/// Gigabytes per second that all threads of the pool read.
pub fn bandwidth(clock: Clock) -> f64 {
    let words: Vec<u64> = (0..(BYTES / 8) as u64).into_par_iter().collect();
    let sum = |words: &[u64]| words.iter().fold(0_u64, |sum, word| sum.wrapping_add(*word));
    let read = || words.par_chunks(WORDS).map(sum).reduce(|| 0, u64::wrapping_add);
    let expected = (0..(BYTES / 8) as u64).fold(0_u64, u64::wrapping_add);
    let timing = clock.timed(|| assert_eq!(black_box(read()), expected));
    BYTES as f64 / timing.least / 1e9
}

/// Thousand millions of multiplications with additions of floats per second, in plain Rust, on all threads of the pool.
pub fn arithmetic(clock: Clock) -> f64 {
    let threads = rayon::current_num_threads();
    let work = |seed: usize| {
        let mut lanes = [black_box(seed as f32); LANES];
        let (factor, more) = (black_box(0.999_f32), black_box(0.001_f32));
        for _ in 0..STEPS {
            lanes.iter_mut().for_each(|lane| *lane = *lane * factor + more);
        }
        lanes.iter().sum::<f32>()
    };
    let timing = clock.timed(|| {
        let sum: f32 = (0..threads).into_par_iter().map(work).sum();
        assert!(black_box(sum).is_finite());
    });
    (threads * STEPS * LANES) as f64 / timing.least / 1e9
}
