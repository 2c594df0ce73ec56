//! Extraction as a whole and per stage, on synthetic prints of 388 x 374 pixels: time, memory, batches.
//!
//! `cargo bench --bench extract` first checks the minutiae against the ground truth. With `SELFSAME_IMAGES` set to a
//! folder of images at 500 ppi, it times those as well.
//!
//! `cargo bench --bench extract -- sizes` prints time and peak memory of images from 512 to 4096 pixels a side, and how
//! much longer the first print of a process takes than later ones.

#[path = "../tests/common/allocated.rs"]
mod allocated;

use std::hint::black_box;
use std::time::{Duration, Instant};

use allocated::peak_of;
use criterion::Criterion;
use selfsame::fingerprint::extract::{Model, Stage, TraceSink, ridge_period};
use selfsame::synth::{ImpressionSettings, Level, PrintGenerator, Sensor, SyntheticImpression};
use selfsame::{Extractor, FingerImage, FingerTemplate, Limits, Ppi};

const SEED: u64 = 20;
const PRINTS: u64 = 6;
/// Frame of a common optical sensor, pixels at 500 ppi.
const FRAME: (usize, usize) = (388, 374);
/// A minutia counts as found within this distance, pixels, and this difference of direction, degrees.
const TOLERANCE: (f32, f32) = (8.0, 20.0);
/// Least share of true minutiae that must be found before anything is timed.
const LEAST_RECALL: f64 = 0.8;
const STAGE_RUNS: u32 = 30;

/// Threads of the batches timed.
const THREADS: [usize; 3] = [1, 2, 4];
/// Images of a batch.
const BATCH: usize = 96;
/// Sides of square images, pixels. Each shows the content of the first, repeated by reflection.
const SIDES: [usize; 4] = [512, 1024, 2048, 4096];
/// Pixels that are extracted one image after the other for a figure of time, whatever their size, and how often; the least counts.
const TIMED_PIXELS: usize = 4096 * 4096;
const TIMED_RUNS: usize = 4;
/// Processes whose first print is timed, and prints after it in each.
const PROCESSES: (usize, usize) = (9, 20);

/// A method and how its extractor is made.
type Method = (&'static str, fn() -> Extractor);

/// The extractors are made when asked for, because that is part of the first print.
const METHODS: [Method; 3] = [
    ("learned", Extractor::new),
    ("learned-small", || Extractor::learned(Model::small())),
    ("classical", Extractor::classical),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["sizes"] => return METHODS.iter().for_each(|(name, extractor)| sizes(name, extractor())),
        ["first", method] => return first(method),
        _ => {}
    }
    let impressions: Vec<_> = (0..PRINTS)
        .map(|n| {
            PrintGenerator::new(SEED).finger(n).impression(0, ImpressionSettings::new(Level::Good, Sensor::Optical))
        })
        .collect();
    let images: Vec<FingerImage> = impressions.iter().map(|i| framed(&i.image, FRAME)).collect();
    let folder: Option<Vec<FingerImage>> = std::env::var_os("SELFSAME_IMAGES").map(|folder| {
        let files = std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path());
        let decode = |path| FingerImage::decode(&std::fs::read(path).ok()?, Ppi::P500, &Limits::default()).ok();
        files.filter_map(decode).collect()
    });
    println!("machine: {:.2} GB/s copy, one thread", copy_rate());
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(4))
        .configure_from_args();
    for (name, extractor) in METHODS.map(|(name, extractor)| (name, extractor())) {
        let (mut found, mut all) = (0, 0);
        for impression in &impressions {
            let template = extractor.extract(&impression.image).expect("a good synthetic print has minutiae");
            found += recalled(&template, impression);
            all += impression.truth.minutiae().len();
        }
        let recall = found as f64 / all as f64;
        assert!(recall >= LEAST_RECALL, "only {recall:.2} of {all} true minutiae were found");
        println!("\n{name}: {found} of {all} true minutiae found");
        stages(&extractor, &images);
        memory(&extractor, "388 x 374, synthetic", &images);
        batches(&extractor, &images);
        if let Some(images) = &folder {
            println!("{} images of the folder:", images.len());
            stages(&extractor, images);
            memory(&extractor, "the folder's images", images);
        }
        let mut next = images.iter().cycle();
        criterion.bench_function(&format!("extract/{name}/388x374"), |b| {
            b.iter(|| black_box(extractor.extract(next.next().expect("cycle"))).is_ok());
        });
    }
    // The check of the resolution, which every extraction contains.
    let mut next = images.iter().cycle();
    criterion.bench_function("extract/ridge_period/388x374", |b| {
        b.iter(|| black_box(ridge_period(next.next().expect("cycle"))).is_some());
    });
    criterion.final_summary();
}

fn recalled(template: &FingerTemplate, impression: &SyntheticImpression) -> usize {
    let near = |t: &selfsame::Minutia| {
        template.minutiae().iter().any(|m| {
            (m.x - t.x).hypot(m.y - t.y) <= TOLERANCE.0
                && m.direction.difference(t.direction).abs() <= TOLERANCE.1.to_radians()
        })
    };
    impression.truth.minutiae().iter().filter(|t| near(t)).count()
}

/// The image cropped or padded with white to `frame`, about its center.
fn framed(image: &FingerImage, frame: (usize, usize)) -> FingerImage {
    let (w, h) = (image.width() as usize, image.height() as usize);
    let mut pixels = vec![255u8; frame.0 * frame.1];
    for (y, row) in pixels.chunks_exact_mut(frame.0).enumerate() {
        for (x, pixel) in row.iter_mut().enumerate() {
            let column = (x + w / 2).checked_sub(frame.0 / 2).filter(|c| *c < w);
            let line = (y + h / 2).checked_sub(frame.1 / 2).filter(|l| *l < h);
            if let (Some(c), Some(l)) = (column, line) {
                *pixel = image.pixels()[l * w + c];
            }
        }
    }
    FingerImage::from_gray8(frame.0 as u32, frame.1 as u32, Ppi::P500, &pixels).expect("the frame is valid")
}

/// Prints the time from one visible stage to the next: the least of [`STAGE_RUNS`] runs per image, averaged over
/// images.
fn stages(extractor: &Extractor, images: &[FingerImage]) {
    struct Clock {
        last: Instant,
        times: Vec<(&'static str, Duration)>,
    }
    impl TraceSink for Clock {
        fn wants(&mut self, name: &'static str) -> bool {
            self.times.push((name, self.last.elapsed()));
            self.last = Instant::now();
            false
        }

        fn stage(&mut self, _: &'static str, _: Stage<'_>) {}
    }
    let mut sums: Vec<(&'static str, Duration)> = Vec::new();
    for image in images {
        let mut least: Vec<(&'static str, Duration)> = Vec::new();
        for _ in 0..STAGE_RUNS {
            let mut clock = Clock { last: Instant::now(), times: Vec::new() };
            let _ = black_box(extractor.extract_traced(image, &mut clock));
            clock.times.push(("template", clock.last.elapsed()));
            if least.is_empty() {
                least = clock.times;
            } else {
                least.iter_mut().zip(clock.times).for_each(|(l, t)| l.1 = l.1.min(t.1));
            }
        }
        if sums.is_empty() {
            sums = least;
        } else {
            sums.iter_mut().zip(least).for_each(|(s, l)| s.1 += l.1);
        }
    }
    let total: f64 = sums.iter().map(|t| t.1.as_secs_f64()).sum();
    println!("{:>9}  {:>5}  up to the stage named (least of {STAGE_RUNS} runs)", "ms", "%");
    for (name, spent) in &sums {
        let spent = spent.as_secs_f64();
        println!("{:>9.3}  {:>5.1}  {name}", spent / images.len() as f64 * 1e3, 100.0 * spent / total);
    }
    println!("{:>9.3}  {:>5.1}  together", total / images.len() as f64 * 1e3, 100.0);
}

/// Prints the peak memory of an extraction besides the image.
fn memory(extractor: &Extractor, what: &str, images: &[FingerImage]) {
    let per_pixel =
        images.iter().map(|image| peak(extractor, image) as f64 / f64::from(image.width() * image.height()));
    println!("{:>9.1}  bytes per pixel at most ({what})", per_pixel.fold(0.0, f64::max));
}

/// Most bytes that an extraction holds besides the image.
fn peak(extractor: &Extractor, image: &FingerImage) -> usize {
    peak_of(|| black_box(extractor.extract(image)).map(drop)).1
}

/// Prints time and memory for images of several sizes, and the ratio of a process's first print.
fn sizes(name: &str, extractor: Extractor) {
    let settings = ImpressionSettings::new(Level::Good, Sensor::Optical);
    let tile = framed(&PrintGenerator::new(SEED).finger(0).impression(0, settings).image, (SIDES[0], SIDES[0]));
    println!("{name:<14} {:>8} {:>9} {:>7} {:>8}", "ns/pixel", "to first", "MB", "bytes/px");
    let mut first = 0.0;
    for side in SIDES {
        let fold = |v: usize| if (v / SIDES[0]).is_multiple_of(2) { v % SIDES[0] } else { SIDES[0] - 1 - v % SIDES[0] };
        let at = |i: usize| tile.pixels()[fold(i / side) * SIDES[0] + fold(i % side)];
        let pixels: Vec<u8> = (0..side * side).map(at).collect();
        let image = FingerImage::from_gray8(side as u32, side as u32, Ppi::P500, &pixels).expect("the size is valid");
        // An image of several prints is refused at the end, after all work.
        let count = TIMED_PIXELS / pixels.len();
        let seconds = (0..TIMED_RUNS).map(|_| {
            let start = spent();
            (0..count).for_each(|_| drop(black_box(extractor.extract(&image))));
            (spent() - start) / count as f64
        });
        let time = seconds.fold(f64::MAX, f64::min) * 1e9 / pixels.len() as f64;
        first = if side == SIDES[0] { time } else { first };
        let peak = peak(&extractor, &image) as f64;
        println!(
            "{side:>5} squared  {time:>8.2} {:>9.2} {:>7.1} {:>8.2}",
            time / first,
            peak / 1e6,
            peak / pixels.len() as f64
        );
    }
    let program = std::env::current_exe().expect("this program");
    let runs = (0..PROCESSES.0).map(|_| {
        let run = std::process::Command::new(&program).args(["first", name]).output().expect("a process");
        let text = String::from_utf8(run.stdout).expect("numbers");
        let [first, later] =
            text.split_whitespace().map(|n| n.parse::<f64>().expect("a number")).collect::<Vec<_>>()[..]
        else {
            panic!("two numbers");
        };
        (first, later)
    });
    let (first, later) = runs.fold((f64::MAX, f64::MAX), |least, run| (least.0.min(run.0), least.1.min(run.1)));
    println!(
        "first print of a process: {:.2} ms, later ones {:.2} ms, {:.2} times (least of {} processes)",
        first * 1e3,
        later * 1e3,
        first / later,
        PROCESSES.0
    );
}

/// Seconds that this thread was on a processor, where the system tells them (to some milliseconds), and otherwise the time of
/// day: an extraction of seconds is never undisturbed on a busy machine.
fn spent() -> f64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |n| n / 1e9)
}

/// Prints the seconds of this process's first print and the median of later ones.
fn first(method: &str) {
    let (_, extractor) = METHODS.iter().find(|(name, _)| *name == method).expect("a method");
    let file = include_bytes!("../fixtures/print_0_1_optical_good.png");
    let image = FingerImage::decode(file, Ppi::P500, &Limits::default()).expect("an image");
    let mut times: Vec<f64> = (0..=PROCESSES.1)
        .map(|_| {
            let start = Instant::now();
            black_box(extractor().extract(&image)).expect("a good print");
            start.elapsed().as_secs_f64()
        })
        .collect();
    let first = times.remove(0);
    times.sort_by(f64::total_cmp);
    println!("{first} {}", times[times.len() / 2]);
}

/// Prints the rate of batches on several numbers of threads.
fn batches(extractor: &Extractor, images: &[FingerImage]) {
    let batch: Vec<&FingerImage> = images.iter().cycle().take(BATCH).collect();
    let mut single = 0.0;
    for threads in THREADS {
        let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads).build() else { continue };
        let rate = (0..5).map(|_| {
            let start = Instant::now();
            black_box(pool.install(|| extractor.extract_batch(&batch)));
            BATCH as f64 / start.elapsed().as_secs_f64()
        });
        let rate = rate.fold(0.0, f64::max);
        single = if threads == 1 { rate } else { single };
        println!("{rate:>9.0}  prints per second in a batch on {threads} threads ({:.2} times one)", rate / single);
    }
}

/// Bytes copied per second beyond the caches, GB/s (read and write counted once).
fn copy_rate() -> f64 {
    let source = vec![1u8; 256 << 20];
    let mut target = vec![0u8; 256 << 20];
    let pass = |target: &mut Vec<u8>| {
        let start = Instant::now();
        target.copy_from_slice(black_box(&source));
        black_box(target);
        (256 << 20) as f64 / start.elapsed().as_secs_f64() / 1e9
    };
    (0..4).map(|_| pass(&mut target)).fold(0.0, f64::max)
}
