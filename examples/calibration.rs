//! How the decibels of a fingerprint score were fitted: raw similarities of impostor comparisons, their quantiles and tail.
//!
//! `cargo run --release --example calibration -- [--plain] [--synthetic FINGERS] [FOLDER:PPI ...]`
//!
//! Folders hold `FINGER_IMPRESSION` images; fingers of one person (`PERSON-FINGER`) are not compared with one another, because
//! such sets hold labelling errors. Prints of one folder are compared with one another and with those of all other folders.
//! `--synthetic` adds a population of synthetic fingers, one impression each, of all sensors and levels up to hard.
//! `--plain` leaves ridge flow out. Prints, per population, the raw similarity at each decibel with the interval of a
//! bootstrap over fingers, and the tail.

use std::error::Error;
use std::path::Path;

use rayon::prelude::*;
use selfsame::synth::{ImpressionSettings, Level, PrintGenerator, Sensor};
use selfsame::{Comparator, Extractor, Finger, FingerImage, FingerTemplate, Limits, Modality, Ppi};

const SEED: u64 = 2026;
/// Decibels of false match rate that are tabulated.
const DECIBELS: [f64; 13] = [1.0, 3.0, 6.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0];
/// Comparisons that must lie beyond a tabulated quantile.
const LEAST_BEYOND: f64 = 20.0;
/// The tail is fitted to comparisons beyond this rate.
const TAIL_RATE: f64 = 1e-4;
const REPLICATES: u64 = 50;

type Print = <Finger as Modality>::Reference;
type Failure = Box<dyn Error + Send + Sync>;

struct Sample {
    population: usize,
    finger: usize,
    person: usize,
    print: Print,
}

fn main() -> Result<(), Failure> {
    let mut plain = false;
    let mut synthetic = 0u64;
    let mut folders = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--plain" => plain = true,
            "--synthetic" => synthetic = arguments.next().ok_or("--synthetic needs a number")?.parse()?,
            folder => folders.push(folder.to_owned()),
        }
    }
    let mut samples = Vec::new();
    let mut names = Names::default();
    for (population, folder) in folders.iter().enumerate() {
        let (path, ppi) = folder.rsplit_once(':').ok_or("expected FOLDER:PPI")?;
        read(Path::new(path), Ppi::new(ppi.parse()?)?, population, plain, &mut names, &mut samples)?;
    }
    grow(synthetic, folders.len(), plain, &mut names, &mut samples)?;
    println!("{} prints of {} fingers", samples.len(), names.known.len());

    // (raw similarity, finger, finger) of every comparison, apart for pairs within one population and across two.
    let comparator = Comparator::<Finger>::new();
    let compared: Vec<Vec<(f32, u32, u32)>> = (0..samples.len())
        .into_par_iter()
        .map_init(Default::default, |scratch, i| {
            let a = &samples[i];
            let others = samples[i + 1..].iter().filter(|b| b.person != a.person);
            let mut raw = |b: &Sample| comparator.modality().features(&a.print, &b.print, scratch).0;
            others.map(|b| (raw(b), code(a, b, folders.len()), (a.finger.min(b.finger)) as u32)).collect()
        })
        .collect();
    let all: Vec<_> = compared.into_iter().flatten().collect();
    for (kind, name) in
        [(0, "real, within a set"), (1, "real, across sets"), (2, "synthetic"), (3, "real and synthetic")]
    {
        let part: Vec<_> = all.iter().filter(|c| c.1 == kind).copied().collect();
        table(name, part);
    }
    table("all", all);
    Ok(())
}

/// Which kind of comparison: 0 within a real set, 1 across real sets, 2 both synthetic, 3 mixed.
fn code(a: &Sample, b: &Sample, synthetic: usize) -> u32 {
    match (a.population == synthetic, b.population == synthetic) {
        (true, true) => 2,
        (false, false) => u32::from(a.population != b.population),
        _ => 3,
    }
}

/// Numbers for names.
#[derive(Default)]
struct Names {
    known: std::collections::HashMap<String, usize>,
    people: std::collections::HashMap<String, usize>,
}

impl Names {
    fn number(&mut self, population: usize, finger: &str) -> (usize, usize) {
        let person = finger.split('-').next().unwrap_or(finger);
        let next = self.known.len();
        let finger = *self.known.entry(format!("{population}/{finger}")).or_insert(next);
        let next = self.people.len();
        (finger, *self.people.entry(format!("{population}/{person}")).or_insert(next))
    }
}

fn prepared(template: FingerTemplate, plain: bool) -> Result<Print, Failure> {
    let template = if plain {
        FingerTemplate::new(template.width(), template.height(), template.minutiae().to_vec())?
    } else {
        template
    };
    Ok(Comparator::<Finger>::new().reference(&template)?)
}

fn read(
    folder: &Path,
    ppi: Ppi,
    population: usize,
    plain: bool,
    names: &mut Names,
    samples: &mut Vec<Sample>,
) -> Result<(), Failure> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    files
        .retain(|f| f.extension().is_some_and(|e| ["png", "tif", "tiff", "bmp", "pgm", "jpg"].iter().any(|k| e == *k)));
    files.sort();
    let found: Vec<_> = files
        .par_iter()
        .map(|file| -> Result<Option<(String, Print)>, Failure> {
            let image = FingerImage::decode(&std::fs::read(file)?, ppi, &Limits::default())?;
            let stem = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            let finger = stem.rsplit_once('_').map_or(stem.as_str(), |s| s.0).to_owned();
            Extractor::new().extract(&image).ok().map(|t| Ok((finger, prepared(t, plain)?))).transpose()
        })
        .collect::<Result<_, _>>()?;
    for (name, print) in found.into_iter().flatten() {
        let (finger, person) = names.number(population, &name);
        samples.push(Sample { population, finger, person, print });
    }
    Ok(())
}

fn grow(
    fingers: u64,
    population: usize,
    plain: bool,
    names: &mut Names,
    samples: &mut Vec<Sample>,
) -> Result<(), Failure> {
    let generator = PrintGenerator::new(SEED);
    let levels = [Level::Good, Level::Medium, Level::Hard];
    let sensors = [Sensor::Optical, Sensor::Optical, Sensor::Capacitive, Sensor::ThermalSweep];
    let made: Vec<_> = (0..fingers)
        .into_par_iter()
        .map(|n| -> Result<Option<Print>, Failure> {
            let settings = ImpressionSettings::new(levels[n as usize % 3], sensors[(n as usize / 3) % 4]);
            let impression = generator.finger(n).impression(0, settings);
            Extractor::new().extract(&impression.image).ok().map(|t| prepared(t, plain)).transpose()
        })
        .collect::<Result<_, _>>()?;
    for (n, print) in made.into_iter().enumerate().filter_map(|(n, p)| Some((n, p?))) {
        let (finger, person) = names.number(population, &n.to_string());
        samples.push(Sample { population, finger, person, print });
    }
    Ok(())
}

fn table(name: &str, mut compared: Vec<(f32, u32, u32)>) {
    if compared.len() < 1000 {
        return;
    }
    compared.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let n = compared.len() as f64;
    println!("\n{name}: {} comparisons, highest raw similarity {:.2}", compared.len(), compared[0].0);
    println!("{:>5} {:>9} {:>19}", "dB", "raw", "95 % interval");
    // The bootstrap draws fingers; only the tail that any quantile needs is kept.
    let deepest = (n * 10f64.powf(-0.3)) as usize;
    for decibels in DECIBELS {
        let beyond = n * 10f64.powf(-decibels / 10.0);
        if beyond < LEAST_BEYOND {
            break;
        }
        let value = compared[beyond as usize].0;
        if beyond as usize > deepest / 10 {
            println!("{decibels:>5.0} {value:>9.3}");
            continue;
        }
        let mut replicates: Vec<f32> = (0..REPLICATES).map(|r| quantile(&compared, r, beyond / n)).collect();
        replicates.sort_by(f32::total_cmp);
        let (low, high) = (replicates[1], replicates[REPLICATES as usize - 2]);
        println!("{decibels:>5.0} {value:>9.3} {low:>9.3} {high:>9.3}");
    }
    // Exponential tail (a generalised Pareto distribution of shape 0): mean excess over the threshold.
    let tail = ((n * TAIL_RATE) as usize).max(LEAST_BEYOND as usize * 2);
    let threshold = compared[tail].0;
    let excess = compared[..tail].iter().map(|c| f64::from(c.0 - threshold)).sum::<f64>() / tail as f64;
    let slope = 10.0 / std::f64::consts::LN_10 / excess;
    let sd = slope / (tail as f64).sqrt();
    println!("tail beyond {:.1} dB: {slope:.2} +- {sd:.2} dB per unit", -10.0 * (tail as f64 / n).log10());
}

/// The raw similarity at `rate` when fingers are drawn with replacement; a comparison counts as often as its finger.
fn quantile(sorted: &[(f32, u32, u32)], replicate: u64, rate: f64) -> f32 {
    let weight = |finger: u32| {
        // Poisson(1) weights from a hash: the usual stand-in for drawing with replacement.
        let mut h = (u64::from(finger) << 20 | replicate).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        h = (h ^ (h >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mut uniform = ((h ^ (h >> 32)) >> 11) as f64 / (1u64 << 53) as f64;
        let (mut k, mut p) = (0u32, (-1f64).exp());
        while uniform > p && k < 10 {
            uniform -= p;
            k += 1;
            p /= f64::from(k);
        }
        f64::from(k)
    };
    let wanted = rate * sorted.len() as f64;
    let mut sum = 0.0;
    for c in sorted {
        sum += weight(c.2);
        if sum >= wanted {
            return c.0;
        }
    }
    sorted.last().map_or(0.0, |c| c.0)
}
