//! Face search compared with the machine's speed at the same time: read bandwidth and 8-bit arithmetic of two threads.
//!
//! `cargo bench --bench face_search`. Every search is checked before it is timed. Times on a shared machine mean
//! little: each is the best of several rounds that alternate with the reference, and the ratio of the two is what
//! matters. `SELFSAME_BENCH_FACES=10000,100000,1000000` sets the galleries; the largest one also shows insertion, recall
//! and memory.
#![allow(unsafe_code)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;
use selfsame::face::compare::{Cosine, FaceProbe, Form};
use selfsame::format::npy::{NpyArray, NpyRows};
use selfsame::index::{Candidates, Index, Mode, Search};
use selfsame::synth::FaceGenerator;
use selfsame::{Embedding, Face, SubjectId};

const DIMENSION: usize = 512;
const THREADS: usize = 2;
const TOP: usize = 10;
/// Rounds of each measurement.
const ROUNDS: usize = 25;
/// Memory for measuring the bandwidth, bytes: larger than any cache.
const READ_BYTES: usize = 512 << 20;
/// Bytes that a thread reads per run.
const READ_RUN: usize = 1 << 20;
/// Probes whose recall is measured.
const RECALL_PROBES: usize = 2000;
/// Cosines from which on the first of the exact search counts: false match rates of about 1e-5 and 1e-6.
const FOUND_AT: [f32; 2] = [0.40, 0.45];

fn main() {
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build().expect("threads start");
    pool.install(|| {
        let words = vec![1u64; READ_BYTES / 8];
        println!("{THREADS} threads, {DIMENSION} dimensions, top {TOP}; best of {ROUNDS} rounds (median)");
        let galleries = galleries();
        for &count in &galleries {
            gallery(count, &words, count == galleries.iter().copied().max().unwrap_or(0));
        }
    });
}

fn galleries() -> Vec<usize> {
    match std::env::var("SELFSAME_BENCH_FACES") {
        Ok(list) => list.split(',').filter_map(|n| n.trim().parse().ok()).collect(),
        Err(_) => vec![10_000, 100_000, 1_000_000],
    }
}

/// Best and median seconds of two functions called in turn.
fn in_turn(mut a: impl FnMut(), mut b: impl FnMut(), rounds: usize) -> [(f64, f64); 2] {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        for (which, times) in times.iter_mut().enumerate() {
            let start = Instant::now();
            if which == 0 {
                a()
            } else {
                b()
            }
            times.push(start.elapsed());
        }
    }
    times.map(|mut times: Vec<Duration>| {
        times.sort();
        (times[0].as_secs_f64(), times[times.len() / 2].as_secs_f64())
    })
}

/// Reads the words on all threads.
fn read(words: &[u64]) {
    words.par_chunks(READ_RUN / 8).for_each(|run| {
        let mut sums = [0u64; 32];
        for chunk in run.chunks_exact(32) {
            for (sum, word) in sums.iter_mut().zip(chunk) {
                *sum ^= word;
            }
        }
        black_box(sums);
    });
}

/// Performs `operations` multiplications and additions of bytes in registers, on all threads: bytes where there are
/// instructions that cannot overflow, otherwise bytes widened to 16 bits. `false` if there are neither.
fn multiply(operations: f64) -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::*;
        const CHAINS: usize = 12;
        #[target_feature(enable = "avx512f,avx512vnni")]
        fn chains(steps: usize) {
            let (a, b) = black_box((_mm512_set1_epi8(3), _mm512_set1_epi8(-5)));
            let mut sums = [_mm512_setzero_si512(); CHAINS];
            for _ in 0..steps {
                for sum in &mut sums {
                    *sum = _mm512_dpbusd_epi32(*sum, a, b);
                }
            }
            black_box(sums);
        }
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni") {
            let steps = operations / (THREADS * CHAINS * 128) as f64;
            // SAFETY: the instructions were found on this machine.
            (0..THREADS).into_par_iter().with_max_len(1).for_each(|_| unsafe { chains(steps as usize) });
            return true;
        }
        #[target_feature(enable = "avx2")]
        fn wide(steps: usize) {
            let (a, b) = black_box((_mm256_set1_epi16(3), _mm256_set1_epi16(-5)));
            let mut sums = [_mm256_setzero_si256(); CHAINS];
            for _ in 0..steps {
                for sum in &mut sums {
                    // Otherwise the product would be computed once.
                    *sum = _mm256_add_epi32(_mm256_madd_epi16(_mm256_xor_si256(a, *sum), b), *sum);
                }
            }
            black_box(sums);
        }
        if is_x86_feature_detected!("avx2") {
            let steps = operations / (THREADS * CHAINS * 32) as f64;
            // SAFETY: the instructions were found on this machine.
            (0..THREADS).into_par_iter().with_max_len(1).for_each(|_| unsafe { wide(steps as usize) });
            return true;
        }
    }
    let _ = operations;
    false
}

fn gallery(count: usize, words: &[u64], largest: bool) {
    let people = FaceGenerator::new(1);
    let values: Vec<f32> = (0..count as u64).into_par_iter().flat_map_iter(|i| people.sample(i, 0)).collect();
    let names: Vec<SubjectId> = (0..count).map(|i| SubjectId::new(format!("{i:07}")).expect("a name")).collect();
    let probes: Vec<Embedding> = (0..RECALL_PROBES.min(count))
        .into_par_iter()
        .map(|i| people.embedding((i * (count / RECALL_PROBES.min(count))) as u64, 1))
        .collect();
    println!("\n{count} faces");
    let indexes = insert(&names, values.clone(), largest);
    let [index, bytes] = &indexes;
    check(index, &names, &values, &probes);
    let i8_bytes = count * Form::I8.bytes(DIMENSION);
    let bit_bytes = count * Form::Bit.bytes(DIMENSION);
    let exact = Search::top(TOP);
    let probes = prepared(index, &probes);
    let mut turn = 0;
    let mut next = |n: usize| {
        turn = (turn + n) % (probes.len() - n);
        &probes[turn..turn + n]
    };
    // Searches of one probe, compared with reading the same bytes.
    let reads = |bytes: usize, from: usize| {
        let count = (bytes / 8).min(words.len());
        let from = from % (words.len() - count + 1);
        &words[from..from + count]
    };
    let mut single = |what: &str, bytes: usize, index: &Index<Face>, search: &Search<'_, Cosine>| {
        // Use another part of memory each time, so that no cache holds it.
        let mut from = 0;
        let count = reads(bytes, 0).len();
        let [r, s] = in_turn(
            || {
                read(reads(bytes, from));
                from += count;
            },
            || _ = black_box(index.identify(&next(1)[0], search).expect("a search")),
            if bytes < 100 << 20 { 4 * ROUNDS } else { ROUNDS },
        );
        let share = bytes as f64 / (count * 8) as f64;
        let (best, median) = (r.0 * share, r.1 * share);
        println!(
            "  {what:<44} {:8.2} ms ({:.2})   reading {:4} MB: {:6.2} ms ({:.2}), {:.1} GB/s   ratio {:.2} (medians {:.2})",
            s.0 * 1e3,
            s.1 * 1e3,
            bytes >> 20,
            best * 1e3,
            median * 1e3,
            bytes as f64 / best / 1e9,
            s.0 / best,
            s.1 / median
        );
    };
    single("1 probe, exact (floats after bytes)", i8_bytes, index, &exact);
    for shortlist in [100, 300, 1000] {
        let search = Search::top(TOP).mode(Mode::Shortlist { rows: shortlist });
        single(&format!("1 probe, shortlist of {shortlist} by bits"), bit_bytes, index, &search);
    }
    let search = Search::top(TOP).mode(Mode::Shortlist { rows: 20 });
    single("1 probe, shortlist of 20 by bytes", i8_bytes, bytes, &search);

    batches(index, &probes, count);
    partitions(index, &probes, count);
    peers(&values, people.embedding(0, 1).as_slice(), count);
    if largest {
        recall(&indexes, &probes, count);
        let stored = count * [Form::F32, Form::I8, Form::Bit].map(|form| form.bytes(DIMENSION)).iter().sum::<usize>();
        let beside = index.bytes().saturating_sub(stored);
        println!(
            "  memory: {:.1} MB in floats, bytes and bits, {:.1} MB beside with names ({:.2} %)",
            stored as f64 / 1e6,
            beside as f64 / 1e6,
            100.0 * beside as f64 / stored as f64
        );
    }
}

/// Searches of several probes, compared with the arithmetic of their first pass.
fn batches(index: &Index<Face>, probes: &[FaceProbe], count: usize) {
    let exact = Search::top(TOP);
    let mut turn = 0;
    let mut next = |n: usize| {
        turn = (turn + n) % (probes.len() - n);
        &probes[turn..turn + n]
    };
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread starts");
    for batch in [2, 4, 8, 32, 256] {
        let operations = (count * batch * DIMENSION * 2) as f64;
        let rounds = if operations > 1e11 { 5 } else { ROUNDS };
        let [m, s] = in_turn(
            || _ = multiply(operations),
            || _ = black_box(index.identify_batch(next(batch), &exact).expect("a search")),
            rounds,
        );
        let bits = Search::top(TOP).mode(Mode::Shortlist { rows: 100 });
        let some = &probes[..batch.min(probes.len())];
        let [one, b] = in_turn(
            || _ = alone.install(|| black_box(index.identify_batch(some, &exact).expect("a search"))),
            || _ = black_box(index.identify_batch(some, &bits).expect("a search")),
            rounds.div_ceil(3),
        );
        println!(
            "  {:<44} {:8.2} ms ({:.2})   on one thread {:.2} times as long; a shortlist of 100 by bits {:.2} ms, exact {:.2} times as long",
            format!("{batch} probes, exact"),
            s.0 * 1e3,
            s.1 * 1e3,
            one.0 / s.0,
            b.0 * 1e3,
            s.0 / b.0
        );
        println!(
            "  {:<44} {:8.2} ms ({:.2})   {:5.3} ns each   multiplications alone: {:6.2} ms, {:.0} Gop/s   share of peak {:.0} % (medians {:.0} %)",
            "",
            s.0 * 1e3,
            s.1 * 1e3,
            s.0 * 1e9 / (count * batch) as f64,
            m.0 * 1e3,
            operations / m.0 / 1e9,
            100.0 * m.0 / s.0,
            100.0 * m.1 / s.1
        );
    }
}

/// Searches by partitions, on one thread: time, and what they find of what the exact search finds first.
fn partitions(index: &Index<Face>, probes: &[FaceProbe], count: usize) {
    let mut index = index.snapshot();
    let start = Instant::now();
    index.partition().expect("faces");
    println!(
        "  {} partitions, built in {:.1} s on {THREADS} threads",
        index.partitions().unwrap_or(0),
        start.elapsed().as_secs_f64()
    );
    let exact = index.identify_batch(probes, &Search::top(1)).expect("a search");
    let top = |rows, visited| Search::top(TOP).mode(Mode::Partitions { visited, rows });
    // All partitions give what a shortlist of all rows gives.
    let shortlist = Search::top(TOP).mode(Mode::Shortlist { rows: 100 });
    let some = &probes[..probes.len().min(50)];
    assert!(index.identify_batch(some, &top(100, usize::MAX)) == index.identify_batch(some, &shortlist), "all visited");
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread starts");
    for (visited, rows) in [(32, 100), (64, 100), (128, 30), (128, 100), (256, 100), (512, 100)] {
        let found = index.identify_batch(probes, &top(rows, visited)).expect("a search");
        for (probe, found) in some.iter().zip(&found) {
            let one = alone.install(|| index.identify(probe, &top(rows, visited))).expect("a search");
            assert!(&one == found, "batches and one by one");
        }
        let kept = FOUND_AT.map(|least| {
            let asked = |i: &usize| exact[*i].first().is_some_and(|c| c.score.value() >= least);
            let asked: Vec<usize> = (0..probes.len()).filter(asked).collect();
            let same = asked.iter().filter(|i| found[**i].first() == exact[**i].first()).count();
            100.0 * same as f64 / asked.len().max(1) as f64
        });
        let mut turn = 0;
        let mut next = || {
            turn = (turn + 7) % probes.len();
            &probes[turn]
        };
        let [one, _] = alone.install(|| {
            in_turn(
                || _ = black_box(index.identify(next(), &top(rows, visited)).expect("a search")),
                || (),
                20 * ROUNDS,
            )
        });
        println!(
            "  1 probe, {visited:>3} partitions, best {rows:>3}, 1 thread {:8.3} ms ({:.3})   {:.1} ns per face; first of exact at {} or above {:.2} %, at {} {:.2} %",
            one.0 * 1e3,
            one.1 * 1e3,
            one.0 * 1e9 / count as f64,
            FOUND_AT[0],
            kept[0],
            FOUND_AT[1],
            kept[1]
        );
    }
    let [batch, _] =
        in_turn(|| _ = black_box(index.identify_batch(&probes[..256], &top(100, 128)).expect("a search")), || (), 5);
    println!("  256 probes, 128 partitions, best 100: {:.2} ms on {THREADS} threads", batch.0 * 1e3);
}

fn prepared(index: &Index<Face>, probes: &[Embedding]) -> Vec<FaceProbe> {
    probes.iter().map(|probe| index.prepare(probe).expect("a probe")).collect()
}

/// Indexes filled from a memory-mapped file: with bytes and bits to scan, and with bytes alone.
fn insert(names: &[SubjectId], values: Vec<f32>, largest: bool) -> [Index<Face>; 2] {
    let file = tempfile::tempfile().expect("a temporary file");
    let bytes = NpyArray::from_floats(names.len(), DIMENSION, values).expect("a table").encode();
    std::io::Write::write_all(&mut &file, &bytes).expect("the file is written");
    // Otherwise writing to the disk would continue during the timing.
    file.sync_all().expect("the file is written");
    drop(bytes);
    // SAFETY: the temporary file is not shared.
    let map = unsafe { memmap2::Mmap::map(&file) }.expect("the file is mapped");
    let rows = NpyRows::new(&map).expect("an array");
    let filled = |scans: &[Form]| {
        let face = scans.iter().fold(Face::default(), |face, scan| face.with_scan(*scan).expect("narrower"));
        let mut index = Index::new(face);
        let start = Instant::now();
        let mut floats = [0.0; DIMENSION];
        for (row, name) in names.iter().enumerate() {
            rows.read(row, &mut floats).expect("a row");
            index.insert(name.clone(), &Embedding::from_slice(&floats).expect("an embedding")).expect("room");
        }
        if largest {
            let seconds = start.elapsed().as_secs_f64();
            println!("  insert from a mapped .npy, 1 thread, floats and {scans:?}: {seconds:.2} s");
        }
        index
    };
    if largest {
        filled(&[]);
    }
    [filled(&[Form::I8, Form::Bit]), filled(&[Form::I8])]
}

/// An exact search must give the result of comparing all rows, to the bit.
fn check(index: &Index<Face>, names: &[SubjectId], values: &[f32], probes: &[Embedding]) {
    let mut plain = Index::<Face>::default();
    let some = &probes[..probes.len().min(300)];
    for (name, row) in names.iter().zip(values.chunks_exact(DIMENSION)) {
        plain.insert(name.clone(), &Embedding::from_slice(row).expect("an embedding")).expect("room");
    }
    let expected = plain.identify_batch(&prepared(&plain, some), &Search::top(TOP)).expect("a search");
    let some = prepared(index, some);
    assert!(index.identify_batch(&some, &Search::top(TOP)).expect("a search") == expected, "exact in batches");
    for (probe, expected) in some.iter().zip(&expected).take(20) {
        assert!(&index.identify(probe, &Search::top(TOP)).expect("a search") == expected, "exact one by one");
    }
    println!("  exact: {} searches give what comparing all rows as floats gives, to the bit", some.len() + 20);
}

/// The same search in plain Rust, on floats.
fn peers(values: &[f32], probe: &[f32], count: usize) {
    let best = |scores: &mut dyn Iterator<Item = f32>| {
        let mut top: Vec<(f32, usize)> = Vec::new();
        for entry in scores.zip(0..) {
            if top.len() < TOP || entry.0 > top[TOP - 1].0 {
                let at = top.partition_point(|t| t.0 >= entry.0);
                top.insert(at, entry);
                top.truncate(TOP);
            }
        }
        top
    };
    let search = |dot: &(dyn Fn(&[f32], &[f32]) -> f32 + Sync)| {
        let parts: Vec<Vec<(f32, usize)>> = values
            .par_chunks(values.len().div_ceil(THREADS * DIMENSION) * DIMENSION)
            .map(|part| best(&mut part.chunks_exact(DIMENSION).map(|row| dot(row, probe))))
            .collect();
        black_box(parts);
    };
    let report = |what: &str, dot: &(dyn Fn(&[f32], &[f32]) -> f32 + Sync)| {
        let [t, _] = in_turn(|| search(dot), || (), 5);
        println!("  peer, 1 probe: {what:<29} {:8.2} ms ({:.2})", t.0 * 1e3, t.1 * 1e3);
    };
    report("zip and sum", &|a, b| a.iter().zip(b).map(|(x, y)| x * y).sum());
    report("a loop of 16 sums", &|a, b| {
        let mut sums = [0f32; 16];
        for (a, b) in a.chunks_exact(16).zip(b.chunks_exact(16)) {
            for l in 0..16 {
                sums[l] += a[l] * b[l];
            }
        }
        sums.iter().sum()
    });
    report("ndarray dot of rows", &|a, b| ArrayView1::from(a).dot(&ArrayView1::from(b)));
    if count > 200_000 {
        return;
    }
    let table = ArrayView2::from_shape((count, DIMENSION), values).expect("a table");
    for batch in [32, 256] {
        let rows = probe.repeat(batch);
        let right = ArrayView2::from_shape((batch, DIMENSION), &rows).expect("a table");
        let [t, _] = in_turn(
            || {
                let halves = table.axis_chunks_iter(ndarray::Axis(0), count.div_ceil(THREADS)).collect::<Vec<_>>();
                halves.into_par_iter().for_each(|half| {
                    let products = right.dot(&half.t());
                    products.rows().into_iter().for_each(|row| _ = black_box(best(&mut row.iter().copied())));
                });
            },
            || (),
            3,
        );
        println!("  peer, {batch} probes: ndarray matrix product {:8.2} ms ({:.2})", t.0 * 1e3, t.1 * 1e3);
    }
}

/// How often a shortlist contains the exact search's first candidate, for probes whose first candidate is the right
/// person.
fn recall([bits, bytes]: &[Index<Face>; 2], probes: &[FaceProbe], count: usize) {
    let step = count / probes.len();
    let exact: Vec<Candidates<Face>> = bits.identify_batch(probes, &Search::top(TOP)).expect("a search");
    let right = |i: usize| exact[i].first().is_some_and(|c| c.subject.as_str() == format!("{:07}", i * step));
    for (index, scan, rows) in [
        (bits, "bits", 10),
        (bits, "bits", 30),
        (bits, "bits", 100),
        (bits, "bits", 300),
        (bits, "bits", 1000),
        (bytes, "bytes", 10),
    ] {
        let found = index.identify_batch(probes, &Search::top(TOP).mode(Mode::Shortlist { rows })).expect("a search");
        let asked = (0..probes.len()).filter(|&i| right(i)).count();
        let first = |i: &usize| found[*i].first() == exact[*i].first();
        let held = (0..probes.len()).filter(|&i| right(i)).filter(first).count();
        let all = (0..probes.len()).filter(first).count();
        let ten: usize = (0..probes.len()).map(|i| exact[i].iter().filter(|c| found[i].contains(c)).count()).sum();
        println!(
            "  recall by {scan}, shortlist {rows}: right person {:.2} % of {asked}, first of exact {:.2} % of {}, ten of exact {:.2} %",
            100.0 * held as f64 / asked as f64,
            100.0 * all as f64 / probes.len() as f64,
            probes.len(),
            100.0 * ten as f64 / (TOP * probes.len()) as f64
        );
    }
}
