//! Face search compared with `numkong`, in one process and on the same data. It needs a C compiler.
//!
//! `cargo run --release --manifest-path benches/peers/Cargo.toml`, with `SELFSAME_BENCH_FACES=100000,1000000` for the galleries.
//! The two take turns; each time is the best of several rounds (median in brackets). The byte scan of `numkong` is not
//! exact: its ten best may differ from those of the floats, as the column `same ten` shows.

use std::hint::black_box;
use std::time::Instant;

use numkong::{Dot, Dots};
use rayon::prelude::*;
use selfsame::face::compare::Form;
use selfsame::index::{Index, Search};
use selfsame::synth::FaceGenerator;
use selfsame::{Embedding, SubjectId};

const DIMENSION: usize = 512;
const THREADS: usize = 2;
const TOP: usize = 10;
const ROUNDS: usize = 9;
/// Rows of a product of matrices: 128 KiB of bytes.
const TILE: usize = 256;

type Best = Vec<(f32, usize)>;

fn main() {
    numkong::configure_thread();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build().expect("threads start");
    let galleries = std::env::var("SELFSAME_BENCH_FACES").unwrap_or_else(|_| "100000,1000000".into());
    pool.install(|| galleries.split(',').filter_map(|n| n.trim().parse().ok()).for_each(gallery));
}

fn offer(best: &mut Best, entry: (f32, usize)) {
    if best.len() < TOP || entry.0 > best[TOP - 1].0 {
        let at = best.partition_point(|b| b.0 >= entry.0);
        best.insert(at, entry);
        best.truncate(TOP);
    }
}

fn merged(parts: Vec<Vec<Best>>) -> Vec<Best> {
    let mut all: Vec<Best> = vec![Vec::new(); parts[0].len()];
    for part in parts {
        for (best, list) in all.iter_mut().zip(part) {
            list.into_iter().for_each(|entry| offer(best, entry));
        }
    }
    all
}

/// Bytes with a scale.
fn bytes(vector: &[f32]) -> (Vec<i8>, f32) {
    let scale = vector.iter().fold(0f32, |m, v| m.max(v.abs())) / 127.0;
    (vector.iter().map(|v| (v / scale).round() as i8).collect(), scale)
}

fn turns(runs: &mut [(&str, &mut dyn FnMut() -> Vec<Best>)], exact: usize, each: usize) {
    let mut times = vec![Vec::new(); runs.len()];
    let mut found = vec![Vec::new(); runs.len()];
    for _ in 0..ROUNDS {
        for ((run, times), found) in runs.iter_mut().zip(&mut times).zip(&mut found) {
            let start = Instant::now();
            *found = black_box((run.1)());
            times.push(start.elapsed().as_secs_f64());
        }
    }
    for (n, times) in times.iter_mut().enumerate() {
        times.sort_by(f64::total_cmp);
        let rows = |list: &Best| list.iter().map(|b| b.1).collect::<Vec<_>>();
        let same = found[n].iter().zip(&found[exact]).filter(|(a, b)| rows(a) == rows(b)).count();
        println!(
            "  {:<40} {:9.2} ms ({:.2})  {:6.3} ns each  same ten {} of {}",
            runs[n].0,
            times[0] * 1e3,
            times[times.len() / 2] * 1e3,
            times[0] * 1e9 / each as f64,
            same,
            found[n].len()
        );
    }
}

fn gallery(count: usize) {
    let people = FaceGenerator::new(1);
    let mut index = Index::new(Face::default().with_scan(Form::I8).expect("narrower"));
    let rows: Vec<Embedding> = (0..count as u64).into_par_iter().map(|i| people.embedding(i, 0)).collect();
    let names: Vec<SubjectId> = (0..count).map(|i| SubjectId::new(format!("{i:07}")).expect("a name")).collect();
    let samples = names.iter().zip(&rows).map(|(name, row)| (name.clone(), 0, row));
    index.extend(samples).expect("rows are enrolled");
    let floats: Vec<f32> = rows.iter().flat_map(|r| r.as_slice().iter().copied()).collect();
    let quantized: Vec<(Vec<i8>, f32)> = rows.par_iter().map(|r| bytes(r.as_slice())).collect();
    let scales: Vec<f32> = quantized.iter().map(|q| q.1).collect();
    let narrow: Vec<i8> = quantized.into_iter().flat_map(|q| q.0).collect();
    drop(rows);
    let part = count.div_ceil(THREADS);

    for batch in [1, 32, 256] {
        if count * batch > 40_000_000 {
            continue;
        }
        println!("{count} faces, {batch} probes, {THREADS} threads");
        let probes: Vec<Embedding> = (0..batch as u64).map(|i| people.embedding(i * 97, 1)).collect();
        let views: Vec<&[f32]> = probes.iter().map(Embedding::as_slice).collect();
        let narrow_probes: Vec<(Vec<i8>, f32)> = views.iter().map(|p| bytes(p)).collect();
        let search = Search::top(TOP);
        let mut ours = || {
            let prepared: Vec<_> = probes.iter().map(|p| index.prepare(p).expect("a probe")).collect();
            let found = index.identify_batch(&prepared, &search).expect("a search");
            let row = |c: &selfsame::index::Candidate<selfsame::Cosine>| {
                (c.score.value(), c.subject.as_str().parse().expect("a number"))
            };
            found.iter().map(|list| list.iter().map(row).collect()).collect()
        };
        // One product after another, with rows in the outer loop.
        let by_rows = |product: &(dyn Fn(usize, usize) -> f32 + Sync)| {
            let parts = (0..THREADS).into_par_iter().with_max_len(1).map(|t| {
                numkong::configure_thread();
                let mut best: Vec<Best> = vec![Vec::new(); batch];
                for row in t * part..((t + 1) * part).min(count) {
                    best.iter_mut().enumerate().for_each(|(p, best)| offer(best, (product(p, row), row)));
                }
                best
            });
            merged(parts.collect())
        };
        let mut single_floats = || {
            by_rows(&|p, row| {
                f32::dot(views[p], &floats[row * DIMENSION..][..DIMENSION]).expect("equal lengths") as f32
            })
        };
        let mut single_bytes = || {
            by_rows(&|p, row| {
                let sum = i8::dot(&narrow_probes[p].0, &narrow[row * DIMENSION..][..DIMENSION]).expect("equal lengths");
                sum as f32 * scales[row] * narrow_probes[p].1
            })
        };
        // Products of matrices, tile after tile.
        let packed_floats: Vec<f32> = views.concat();
        let packed_bytes: Vec<i8> = narrow_probes.iter().flat_map(|p| p.0.iter().copied()).collect();
        let mut tiled_floats = || tiles(count, batch, part, &packed_floats, &floats, &|sum: f64, _, _| sum as f32);
        let mut tiled_bytes = || {
            tiles(count, batch, part, &packed_bytes, &narrow, &|sum: i32, p, row| {
                sum as f32 * scales[row] * narrow_probes[p].1
            })
        };
        turns(
            &mut [
                ("selfsame, Exact", &mut ours),
                ("numkong dot, floats", &mut single_floats),
                ("numkong dot, bytes (not exact)", &mut single_bytes),
                ("numkong packed dots, floats", &mut tiled_floats),
                ("numkong packed dots, bytes (not exact)", &mut tiled_bytes),
            ],
            0,
            count * batch,
        );
    }
}

/// The best of each probe by products of tiles of rows with all probes.
fn tiles<T, S: Copy + Default + Send>(
    count: usize,
    batch: usize,
    part: usize,
    probes: &[T],
    rows: &[T],
    score: &(dyn Fn(S, usize, usize) -> f32 + Sync),
) -> Vec<Best>
where
    T: Dots<Accumulator = S> + Sync,
{
    let mut packed = vec![0u8; T::dots_packed_size(batch, DIMENSION)];
    let stride = DIMENSION * size_of::<T>();
    // SAFETY: `batch` rows of `DIMENSION` numbers, and the requested number of bytes.
    unsafe { T::dots_pack(probes.as_ptr(), batch, DIMENSION, stride, packed.as_mut_ptr()) };
    let parts = (0..THREADS).into_par_iter().with_max_len(1).map(|t| {
        numkong::configure_thread();
        let mut best: Vec<Best> = vec![Vec::new(); batch];
        let mut sums = vec![S::default(); TILE * batch];
        let end = ((t + 1) * part).min(count);
        for first in (t * part..end).step_by(TILE) {
            let height = (end - first).min(TILE);
            let tile = &rows[first * DIMENSION..][..height * DIMENSION];
            // SAFETY: the tile has `height` rows, `sums` has as many rows of `batch` sums, and the probes were packed.
            unsafe {
                T::dots_packed(
                    tile.as_ptr(),
                    packed.as_ptr(),
                    sums.as_mut_ptr(),
                    height,
                    batch,
                    DIMENSION,
                    stride,
                    batch * size_of::<S>(),
                );
            }
            for (row, sums) in sums.chunks_exact(batch).take(height).enumerate() {
                for (p, (best, &sum)) in best.iter_mut().zip(sums).enumerate() {
                    offer(best, (score(sum, p, first + row), first + row));
                }
            }
        }
        best
    });
    merged(parts.collect())
}
