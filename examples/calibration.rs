//! The fit of a fingerprint score's decibels: raw similarities of impostor comparisons, their quantiles and tail.
//!
//! `cargo run --release --example calibration -- [--plain] [--synthetic FINGERS] [FOLDER:PPI[:GROUP] ...]`
//!
//! Folders hold `FINGER_IMPRESSION` images or templates (.iso, .csv); fingers of one person (`PERSON-FINGER`) are not
//! compared with one another, because such sets hold labeling errors. Prints of one folder are compared with one another
//! and with those of all other folders. Folders that hold the same fingers, such as the templates of two extractors, belong
//! in one `GROUP`; without one, a folder is its own group. If most comparisons of a print with another finger are among
//! the most similar of all, the print shows that finger under another name: these comparisons are left out and counted.
//! `--synthetic` adds a population of synthetic fingers, one impression each, of all sensors and levels up to hard.
//! `--plain` leaves ridge flow out. For each population the program prints the raw similarity at each decibel with the
//! interval of a bootstrap over fingers, and the tail.

#[path = "support/prints.rs"]
mod prints;

use std::collections::{HashMap, HashSet};

use prints::Failure;
use rayon::prelude::*;
use selfsame::synth::{ImpressionSettings, Level, PrintGenerator, Sensor};
use selfsame::{Comparator, Extractor, Finger, FingerTemplate, Modality};

const SEED: u64 = 2026;
/// Tabulated decibels of false match rate.
const DECIBELS: [f64; 13] = [1.0, 3.0, 6.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0];
/// Comparisons that must lie beyond a tabulated quantile.
const LEAST_BEYOND: f64 = 20.0;
/// The tail is fitted to comparisons beyond this rate.
const TAIL_RATE: f64 = 1e-4;
const REPLICATES: u64 = 50;
/// Comparisons beyond this rate, dB, are among the most similar of all.
const DOUBLE: f64 = 45.0;
/// Fewest comparisons of a print with a finger that show whether it is that finger.
const LEAST_DOUBLE: usize = 3;

type Print = <Finger as Modality>::Reference;

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
    let mut groups: Vec<String> = Vec::new();
    for folder in &folders {
        let (path, ppi, group) = prints::argument(folder)?;
        let group = group.unwrap_or_else(|| path.display().to_string());
        let population = groups.iter().position(|g| *g == group).unwrap_or(groups.len());
        if population == groups.len() {
            groups.push(group);
        }
        for print in prints::read(&path, ppi, plain)? {
            let (finger, person) = names.number(population, print.name.subject(), print.person());
            let Some(template) = print.template else { continue };
            samples.push(Sample { population, finger, person, print: prepared(&template)? });
        }
    }
    grow(synthetic, groups.len(), plain, &mut names, &mut samples)?;
    println!("{} prints of {} fingers", samples.len(), names.known.len());

    let comparator = Comparator::<Finger>::new();
    let compared: Vec<Vec<Compared>> = (0..samples.len())
        .into_par_iter()
        .map_init(Default::default, |scratch, i| {
            let a = &samples[i];
            let others = samples.iter().enumerate().skip(i + 1).filter(|(_, b)| b.person != a.person);
            let mut compare = |(j, b): (usize, &Sample)| Compared {
                raw: comparator.modality().features(&a.print, &b.print, scratch).0,
                kind: kind(a, b, groups.len()),
                prints: (i as u32, j as u32),
                fingers: (a.finger as u32, b.finger as u32),
            };
            others.map(&mut compare).collect()
        })
        .collect();
    let mut all = compared.into_iter().flatten().collect::<Vec<_>>();
    all.sort_unstable_by(|a, b| b.raw.total_cmp(&a.raw));
    leave_out_doubles(&mut all);
    for (name, kinds) in [
        ("real, within a set", &[Kind::Within][..]),
        ("real, across sets", &[Kind::Across]),
        ("real", &[Kind::Within, Kind::Across]),
        ("synthetic", &[Kind::Synthetic]),
        ("real and synthetic", &[Kind::Mixed]),
        ("all", &[Kind::Within, Kind::Across, Kind::Synthetic, Kind::Mixed]),
    ] {
        let part: Vec<_> = all.iter().filter(|c| kinds.contains(&c.kind)).copied().collect();
        table(name, &part, names.known.len());
    }
    Ok(())
}

/// One impostor comparison.
#[derive(Clone, Copy)]
struct Compared {
    raw: f32,
    kind: Kind,
    prints: (u32, u32),
    fingers: (u32, u32),
}

/// Kind of the compared prints.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Two of one real set.
    Within,
    /// Two of different real sets.
    Across,
    /// Two synthetic ones.
    Synthetic,
    /// A real and a synthetic one.
    Mixed,
}

fn kind(a: &Sample, b: &Sample, synthetic: usize) -> Kind {
    match (a.population == synthetic, b.population == synthetic) {
        (true, true) => Kind::Synthetic,
        (false, false) if a.population == b.population => Kind::Within,
        (false, false) => Kind::Across,
        _ => Kind::Mixed,
    }
}

/// Numbering of names.
#[derive(Default)]
struct Names {
    known: HashMap<String, usize>,
    people: HashMap<String, usize>,
}

impl Names {
    fn number(&mut self, population: usize, finger: &str, person: &str) -> (usize, usize) {
        let next = self.known.len();
        let finger = *self.known.entry(format!("{population}/{finger}")).or_insert(next);
        let next = self.people.len();
        (finger, *self.people.entry(format!("{population}/{person}")).or_insert(next))
    }
}

fn prepared(template: &FingerTemplate) -> Result<Print, Failure> {
    Ok(Comparator::<Finger>::new().reference(template)?)
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
            let Ok(template) = Extractor::new().extract(&impression.image) else { return Ok(None) };
            let template = if plain { prints::minutiae_only(&template)? } else { template };
            prepared(&template).map(Some)
        })
        .collect::<Result<_, _>>()?;
    for (n, print) in made.into_iter().enumerate().filter_map(|(n, p)| Some((n, p?))) {
        let (finger, person) = names.number(population, &n.to_string(), &n.to_string());
        samples.push(Sample { population, finger, person, print });
    }
    Ok(())
}

/// Leaves out comparisons of a real print with a finger that it shows under another name: most of its comparisons with
/// that finger's prints, not one by chance, are among the most similar of all. `all` is in descending order.
fn leave_out_doubles(all: &mut Vec<Compared>) {
    let high = (all.len() as f64 * 10f64.powf(-DOUBLE / 10.0)) as usize;
    let pairs = |c: &Compared| [(c.prints.0, c.fingers.1), (c.prints.1, c.fingers.0)];
    let real = |c: &&Compared| matches!(c.kind, Kind::Within | Kind::Across);
    let mut alike: HashMap<(u32, u32), (usize, usize)> =
        all[..high].iter().filter(real).flat_map(pairs).map(|p| (p, (0, 0))).collect();
    for (at, c) in all.iter().enumerate().filter(|(_, c)| real(c)) {
        for pair in pairs(c) {
            if let Some((most, of)) = alike.get_mut(&pair) {
                *most += usize::from(at < high);
                *of += 1;
            }
        }
    }
    alike.retain(|_, (most, of)| *of >= LEAST_DOUBLE && 2 * *most > *of);
    let before = all.len();
    all.retain(|c| pairs(c).iter().all(|p| !alike.contains_key(p)));
    let fingers: HashSet<_> = alike.keys().map(|k| k.1).collect();
    println!("left out: {} comparisons that show one of {} fingers twice", before - all.len(), fingers.len());
}

/// Prints the quantiles of comparisons in descending order.
fn table(name: &str, compared: &[Compared], fingers: usize) {
    if compared.len() < 1000 {
        return;
    }
    let n = compared.len() as f64;
    println!("\n{name}: {} comparisons, highest raw similarity {:.2}", compared.len(), compared[0].raw);
    println!("{:>5} {:>9} {:>19}", "dB", "raw", "95 % interval");
    let rates: Vec<f64> = DECIBELS.iter().map(|d| 10f64.powf(-d / 10.0)).filter(|r| n * r >= LEAST_BEYOND).collect();
    let mut replicates: Vec<Vec<f32>> =
        (0..REPLICATES).into_par_iter().map(|r| quantiles(compared, r, fingers, &rates)).collect();
    for (k, (rate, decibels)) in rates.iter().zip(DECIBELS).enumerate() {
        replicates.sort_by(|p, q| p[k].total_cmp(&q[k]));
        let (low, high) = (replicates[1][k], replicates[REPLICATES as usize - 2][k]);
        println!("{decibels:>5.0} {:>9.3} {low:>9.3} {high:>9.3}", compared[(n * rate) as usize].raw);
    }
    // Exponential tail (a generalized Pareto distribution of shape 0): mean excess over the threshold.
    let tail = ((n * TAIL_RATE) as usize).max(LEAST_BEYOND as usize * 2);
    let threshold = compared[tail].raw;
    let excess = compared[..tail].iter().map(|c| f64::from(c.raw - threshold)).sum::<f64>() / tail as f64;
    let slope = 10.0 / std::f64::consts::LN_10 / excess;
    let sd = slope / (tail as f64).sqrt();
    println!("tail beyond {:.1} dB: {slope:.2} +- {sd:.2} dB per unit", -10.0 * (tail as f64 / n).log10());
}

/// The raw similarities at the decreasing `rates` when fingers are drawn with replacement; a comparison's weight is the
/// product of its two fingers' counts.
fn quantiles(sorted: &[Compared], replicate: u64, fingers: usize, rates: &[f64]) -> Vec<f32> {
    let weights: Vec<f64> = (0..fingers as u64).map(|finger| poisson(finger << 20 | replicate)).collect();
    let weight = |c: &Compared| weights[c.fingers.0 as usize] * weights[c.fingers.1 as usize];
    let total: f64 = sorted.iter().map(weight).sum();
    // From the smallest rate up, in one pass from the highest similarity down.
    let mut out = Vec::with_capacity(rates.len());
    let mut sum = 0.0;
    for c in sorted {
        sum += weight(c);
        while out.len() < rates.len() && sum >= total * rates[rates.len() - 1 - out.len()] {
            out.push(c.raw);
        }
    }
    out.resize(rates.len(), sorted.last().map_or(0.0, |c| c.raw));
    out.reverse();
    out
}

/// A Poisson variable of mean 1 from a hash: the usual approximation of drawing with replacement.
fn poisson(of: u64) -> f64 {
    let mut h = of.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    h = (h ^ (h >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mut uniform = ((h ^ (h >> 32)) >> 11) as f64 / (1u64 << 53) as f64;
    let (mut k, mut p) = (0u32, (-1f64).exp());
    while uniform > p && k < 10 {
        uniform -= p;
        k += 1;
        p /= f64::from(k);
    }
    f64::from(k)
}
