//! Dot products of face embeddings: each instruction set, one probe and several, in cache and out of it.
//!
//! `cargo bench --bench face` also prints the machine's speed at the same time (read bandwidth, fused multiply-adds of
//! one thread), because times on a shared machine mean little without it. `SELFSAME_BENCH_ROWS=10000,1000000` sets the
//! galleries.
#![allow(unsafe_code)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput};

#[allow(dead_code, unused_imports)]
#[path = "../src/simd/mod.rs"]
mod simd;

use simd::chunk::{Chunk, chunks_for};
use simd::dot::dot_rows_on;
use simd::instruction_set::InstructionSet;

const DIMENSION: usize = 512;
/// Rows per call in a scan, as in an index.
const SPAN: usize = 256;
/// A gallery that stays in the second-level cache: 128 KiB.
const CACHED_ROWS: usize = 64;
/// Memory for measuring the bandwidth, bytes: larger than any cache.
const READ_BYTES: usize = 512 << 20;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(1200))
        .configure_from_args();
    println!("machine, one thread: read {:.1} GB/s, f32 FMA {:.0} GFLOP/s", read_bandwidth(), fma_rate());
    scan_cached(&mut criterion);
    for rows in galleries() {
        scan_memory(&mut criterion, rows);
    }
    println!("machine, one thread: read {:.1} GB/s, f32 FMA {:.0} GFLOP/s", read_bandwidth(), fma_rate());
    criterion.final_summary();
}

fn galleries() -> Vec<usize> {
    match std::env::var("SELFSAME_BENCH_ROWS") {
        Ok(list) => list.split(',').filter_map(|n| n.trim().parse().ok()).collect(),
        Err(_) => vec![10_000, 100_000],
    }
}

/// Gigabytes per second of the best of five passes over memory.
fn read_bandwidth() -> f64 {
    let words = vec![1u64; READ_BYTES / 8];
    let pass = || {
        let start = Instant::now();
        let mut sums = [0u64; 16];
        for chunk in black_box(&words).chunks_exact(16) {
            for (sum, word) in sums.iter_mut().zip(chunk) {
                *sum ^= word;
            }
        }
        black_box(sums);
        READ_BYTES as f64 / start.elapsed().as_secs_f64() / 1e9
    };
    (0..5).map(|_| pass()).fold(0.0, f64::max)
}

/// Giga floating-point operations per second of fused multiply-adds in registers; 0 where unknown.
fn fma_rate() -> f64 {
    const STEPS: usize = 4_000_000;
    let timed = |flops: f64, run: &dyn Fn()| {
        run();
        let start = Instant::now();
        run();
        flops * STEPS as f64 / start.elapsed().as_secs_f64() / 1e9
    };
    #[cfg(target_arch = "x86_64")]
    {
        #[target_feature(enable = "avx512f")]
        fn wide(steps: usize) {
            chains::<12, 16>(steps);
        }
        #[target_feature(enable = "avx2,fma")]
        fn narrow(steps: usize) {
            chains::<12, 8>(steps);
        }
        match InstructionSet::best() {
            // SAFETY: the value proves that this machine has the set.
            InstructionSet::Avx512(_) => return timed(12.0 * 16.0 * 2.0, &|| unsafe { wide(black_box(STEPS)) }),
            // SAFETY: as above.
            InstructionSet::Avx2(_) => return timed(12.0 * 8.0 * 2.0, &|| unsafe { narrow(black_box(STEPS)) }),
            InstructionSet::Scalar => {}
        }
    }
    #[cfg(target_arch = "aarch64")]
    if InstructionSet::best() != InstructionSet::Scalar {
        return timed(20.0 * 4.0 * 2.0, &|| chains::<20, 4>(black_box(STEPS)));
    }
    let _ = timed;
    0.0
}

/// `C` independent chains of fused multiply-adds on `L` lanes.
#[inline(always)]
fn chains<const C: usize, const L: usize>(steps: usize) {
    let factor = black_box([0.999f32; L]);
    let mut sums = black_box([[1.0f32; L]; C]);
    for _ in 0..steps {
        for sum in &mut sums {
            for (s, f) in sum.iter_mut().zip(&factor) {
                *s = s.mul_add(*f, *f);
            }
        }
    }
    black_box(sums);
}

/// Seeded rows (splitmix64), components about -0.1..0.1.
fn rows(count: usize, seed: u64) -> Vec<Chunk> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 * (0.2 / (1u64 << 24) as f32) - 0.1
    };
    (0..count * chunks_for(DIMENSION)).map(|_| Chunk(std::array::from_fn(|_| next()))).collect()
}

/// All rows against all probes, span by span.
fn scan(set: InstructionSet, probes: &[&[Chunk]], rows: &[Chunk], out: &mut Vec<f32>) -> f32 {
    let width = chunks_for(DIMENSION);
    let mut highest = f32::MIN;
    for span in rows.chunks(SPAN * width) {
        out.resize(probes.len() * span.len() / width, 0.0);
        dot_rows_on(set, probes, span, width, out);
        highest = out.iter().fold(highest, |h, &v| h.max(v));
    }
    highest
}

/// Every instruction set must give the result of the scalar form, to the bit.
fn check(set: InstructionSet, probes: &[&[Chunk]], rows: &[Chunk]) {
    let some = &rows[..rows.len().min(1003 * chunks_for(DIMENSION))];
    let highest = |set| scan(set, probes, some, &mut Vec::new()).to_bits();
    assert_eq!(highest(set), highest(InstructionSet::Scalar), "{set:?} differs from the scalar form");
}

fn scan_cached(criterion: &mut Criterion) {
    let gallery = rows(CACHED_ROWS, 1);
    let probe_rows = rows(32, 2);
    let mut group = criterion.benchmark_group(format!("dot/{DIMENSION}/cached"));
    for set in InstructionSet::available() {
        for count in [1, 4, 32] {
            if set == InstructionSet::Scalar && count > 1 {
                continue;
            }
            let probes: Vec<_> = probe_rows.chunks_exact(chunks_for(DIMENSION)).take(count).collect();
            check(set, &probes, &gallery);
            group.throughput(Throughput::Elements((CACHED_ROWS * count) as u64));
            let mut out = Vec::new();
            group.bench_function(BenchmarkId::new(format!("{set:?}"), format!("{count} probes")), |b| {
                b.iter(|| scan(set, black_box(&probes), black_box(&gallery), &mut out));
            });
        }
    }
}

fn scan_memory(criterion: &mut Criterion, count: usize) {
    let gallery = rows(count, 3);
    let probe_rows = rows(32, 4);
    let mut group = criterion.benchmark_group(format!("dot/{DIMENSION}/{count} rows"));
    for set in InstructionSet::available().filter(|&set| set != InstructionSet::Scalar) {
        for probe_count in [1, 2, 8, 32] {
            let probes: Vec<_> = probe_rows.chunks_exact(chunks_for(DIMENSION)).take(probe_count).collect();
            check(set, &probes, &gallery);
            group.throughput(Throughput::Elements((count * probe_count) as u64));
            let mut out = Vec::new();
            group.bench_function(BenchmarkId::new(format!("{set:?}"), format!("{probe_count} probes")), |b| {
                b.iter(|| scan(set, black_box(&probes), black_box(&gallery), &mut out));
            });
        }
    }
}
