//! Cost and gain of a shortlist: false negatives (FNIR) at a false positive rate (FPIR) of 1e-2, exact search against
//! shortlists, for each population.
//!
//! `cargo run --release --example shortlist_cost -- [--size N] [--shortlists 50,100] [--probes P] [--check C]
//! [--leave-out LIST] [--on-disk] [FOLDER:PPI ...]`
//!
//! The gallery is N synthetic templates and, of each finger of the folders (`FINGER_IMPRESSION`, images or ISO and CSV
//! templates), the first impression; probes are P other impressions of synthetic fingers and all others of the folders.
//! `--leave-out` names a file of impressions to leave out, one per line. The threshold is the calibrated one of the
//! gallery's size. With `--on-disk` the references stay in a sealed file, and shortlists are ranked by sketches.
//!
//! A shortlist adds no stranger and changes no score, so its cost is exactly the share of mates that reach the
//! threshold but are missing from the shortlist; an exact search is not needed to measure it. `--check` still compares
//! C probes and C strangers exactly: the mates' scores must be those of single comparisons.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::time::Instant;

use rayon::prelude::*;
use selfsame::format::{DecodeOptions, decode, detect};
use selfsame::gallery::seal::{RawKey, SecretKey};
use selfsame::index::{Candidate, Index, Mode, Search};
use selfsame::synth::TemplateGenerator;
use selfsame::{
    Comparator, Extractor, Finger, FingerImage, FingerTemplate, Fmr, Limits, Modality, Ppi, Score, SubjectId, Threshold,
};

const SEED: u64 = 1;
const FPIR: f64 = 1e-2;
/// Synthetic templates in memory at a time.
const PART: u64 = 10_000;

type Failure = Box<dyn Error + Send + Sync>;

struct Options {
    size: u64,
    shortlists: Vec<usize>,
    probes: u64,
    check: usize,
    leave_out: BTreeSet<String>,
    on_disk: bool,
    folders: Vec<String>,
}

/// A probe, its mate in the gallery, and the score of the two; no template when extraction failed.
struct Probe {
    population: usize,
    template: Option<FingerTemplate>,
    mate: SubjectId,
    score: Score,
}

fn main() -> Result<(), Failure> {
    let options = read_options()?;
    let people = TemplateGenerator::new(SEED);
    let mut index = Index::<Finger>::default();
    for start in (0..options.size).step_by(PART as usize) {
        let numbers: Vec<u64> = (start..options.size.min(start + PART)).collect();
        let made: Vec<_> = numbers.par_iter().map(|&i| people.reference(i)).collect();
        for (i, template) in numbers.iter().zip(&made) {
            index.insert(synthetic(*i)?, template)?;
        }
    }
    // Spread over the gallery.
    let mut probes: Vec<Probe> = (0..options.probes)
        .into_par_iter()
        .map(|i| {
            let enrolled = i * 7919 % options.size.max(1);
            probe(0, Some(people.probe(enrolled, i / options.size)), synthetic(enrolled)?, &people.reference(enrolled))
        })
        .collect::<Result<_, Failure>>()?;
    let mut names = vec!["synthetic".to_owned()];
    for folder in &options.folders {
        mix_in(folder, &options.leave_out, &mut names, &mut index, &mut probes)?;
    }
    if options.on_disk {
        let (folder, key) = (tempfile::tempdir()?, RawKey::new(SecretKey::random()?));
        let path = folder.path().join("prints.index");
        index.save(&path, &key)?;
        drop(index);
        return measured(&options, &Index::open(Finger::default(), &path, &key)?, &probes, &names, &people);
    }
    measured(&options, &index, &probes, &names, &people)
}

/// A kind of index of prints.
trait Prints: Modality<Template = FingerTemplate, Score = Score> {}

impl<M: Modality<Template = FingerTemplate, Score = Score>> Prints for M {}

/// Checks some searches and prints what shortlists lose.
fn measured<M: Prints>(
    options: &Options,
    index: &Index<M>,
    probes: &[Probe],
    names: &[String],
    people: &TemplateGenerator,
) -> Result<(), Failure> {
    let threshold = Threshold::at_fpir(Fmr::new(FPIR)?, index.references());
    println!(
        "gallery {} ({} bytes each), {} probes with a mate, threshold {:.1} dB, {} threads",
        index.references(),
        index.bytes() / index.references().max(1),
        probes.len(),
        threshold.score().decibels(),
        rayon::current_num_threads()
    );
    check(options, index, probes, people, threshold)?;

    println!(
        "{:<11}{:>12}{:>11}{:>13}{:>8}{:>8}",
        "shortlist", "penetration", "ms/search", "templates/s", "FNIR", "added"
    );
    let mut added: Vec<Vec<bool>> = Vec::new();
    for &shortlist in &options.shortlists {
        let start = Instant::now();
        let lost: Vec<bool> = probes.iter().map(|p| loses(index, p, shortlist, threshold)).collect::<Result<_, _>>()?;
        let seconds = start.elapsed().as_secs_f64() / probes.len().max(1) as f64;
        let missed = probes.iter().filter(|p| !p.score.meets(threshold)).count();
        let count = lost.iter().filter(|l| **l).count();
        println!(
            "{shortlist:<11}{:>12.5}{:>11.2}{:>13.0}{:>7.2}%{:>7.2}%",
            shortlist as f64 / index.references() as f64,
            1000.0 * seconds,
            index.references() as f64 / seconds,
            percent(missed + count, probes.len()),
            percent(count, probes.len())
        );
        added.push(lost);
    }
    println!("\nFNIR of the exact search and, for each shortlist, what it adds (percent of the mates)");
    for (population, name) in names.iter().enumerate() {
        let of = |p: &&Probe| p.population == population;
        let all = probes.iter().filter(of).count();
        let missed = probes.iter().filter(of).filter(|p| !p.score.meets(threshold)).count();
        print!("{name:<26}{all:>6} mates {:>7.2}", percent(missed, all));
        for lost in &added {
            let lost = probes.iter().zip(lost).filter(|(p, lost)| of(p) && **lost).count();
            print!("  +{:.2}", percent(lost, all));
        }
        println!();
    }
    Ok(())
}

/// Whether a mate that reaches the threshold is missing from the shortlist.
fn loses<M: Prints>(index: &Index<M>, probe: &Probe, shortlist: usize, threshold: Threshold) -> Result<bool, Failure> {
    let Some(template) = &probe.template else { return Ok(false) };
    let search = Search::top(10).at_least(threshold.score()).mode(Mode::Shortlist { rows: shortlist });
    let found = index.identify(&index.prepare(template)?, &search)?;
    Ok(probe.score.meets(threshold) && score_of(&found, &probe.mate) != Some(probe.score))
}

/// Compares some probes and some strangers exactly.
fn check<M: Prints>(
    options: &Options,
    index: &Index<M>,
    probes: &[Probe],
    people: &TemplateGenerator,
    threshold: Threshold,
) -> Result<(), Failure> {
    let search = Search::top(10).at_least(threshold.score());
    let step = (probes.len() / options.check.max(1)).max(1);
    let checked: Vec<&Probe> =
        probes.iter().filter(|p| p.template.is_some()).step_by(step).take(options.check).collect();
    for probe in &checked {
        let Some(template) = &probe.template else { continue };
        let found = index.identify(&index.prepare(template)?, &search)?;
        let expected = probe.score.meets(threshold).then_some(probe.score);
        assert_eq!(score_of(&found, &probe.mate), expected, "the exact search finds what a comparison finds");
    }
    let mut alarms = 0;
    for i in 0..options.check as u64 {
        let found = index.identify(&index.prepare(&people.probe(options.size + i, 0))?, &search)?;
        alarms += usize::from(!found.is_empty());
    }
    println!("{} mates checked exactly; {alarms} of {} strangers reach the threshold", checked.len(), options.check);
    Ok(())
}

fn score_of(found: &[Candidate<Score>], name: &SubjectId) -> Option<Score> {
    found.iter().find(|c| c.subject == *name).map(|c| c.score)
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

fn synthetic(i: u64) -> Result<SubjectId, Failure> {
    Ok(SubjectId::new(format!("synthetic-{i}"))?)
}

fn probe(
    population: usize,
    template: Option<FingerTemplate>,
    mate: SubjectId,
    enrolled: &FingerTemplate,
) -> Result<Probe, Failure> {
    let score = match &template {
        Some(template) => Comparator::<Finger>::new().compare_templates(template, enrolled)?,
        None => Score::ZERO,
    };
    Ok(Probe { population, template, mate, score })
}

/// Enrolls the first impression of every finger of a folder of images; the others are probes.
fn mix_in(
    folder: &str,
    leave_out: &BTreeSet<String>,
    names: &mut Vec<String>,
    index: &mut Index<Finger>,
    probes: &mut Vec<Probe>,
) -> Result<(), Failure> {
    let (folder, ppi) = folder.rsplit_once(':').ok_or("expected FOLDER:PPI")?;
    let ppi = Ppi::new(ppi.parse()?)?;
    let population = names.len();
    // The last two parts of the path.
    names.push(folder.rsplitn(3, '/').take(2).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/"));
    let paths: BTreeSet<_> = std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    let made: Vec<(String, Option<FingerTemplate>)> = (paths.into_iter().collect::<Vec<_>>())
        .into_par_iter()
        .filter_map(|path| {
            let stem = path.file_stem()?.to_str()?;
            let (finger, _) = stem.rsplit_once('_')?;
            if leave_out.contains(stem) || path.is_dir() {
                return None;
            }
            Some((finger.to_owned(), template(&std::fs::read(&path).ok()?, ppi)))
        })
        .collect();
    let mut fingers: BTreeMap<&str, Vec<&Option<FingerTemplate>>> = BTreeMap::new();
    for (finger, template) in &made {
        fingers.entry(finger).or_default().push(template);
    }
    for (finger, impressions) in fingers {
        let Some(at) = impressions.iter().position(|t| t.is_some()) else { continue };
        let Some(enrolled) = impressions[at] else { continue };
        let mate = SubjectId::new(format!("{population}-{finger}"))?;
        index.insert(mate.clone(), enrolled)?;
        let others = impressions.into_par_iter().enumerate().filter(|(i, _)| *i != at);
        let made = others.map(|(_, t)| probe(population, t.clone(), mate.clone(), enrolled));
        probes.extend(made.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(())
}

/// The template in a file, or extracted from its image.
fn template(bytes: &[u8], ppi: Ppi) -> Option<FingerTemplate> {
    let limits = Limits::default();
    match detect(bytes) {
        format @ Some(_) => {
            let options = DecodeOptions { format, ppi: Some(ppi), ..DecodeOptions::default() };
            decode(bytes, &options, &limits).ok()?.to_templates().ok()?.pop()
        }
        None => Extractor::new().extract(&FingerImage::decode(bytes, ppi, &limits).ok()?).ok(),
    }
}

fn read_options() -> Result<Options, Failure> {
    let mut options = Options {
        size: 10_000,
        shortlists: vec![20, 50, 100, 200],
        probes: 1000,
        check: 20,
        leave_out: BTreeSet::new(),
        on_disk: false,
        folders: Vec::new(),
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--size" => options.size = value()?.parse()?,
            "--shortlists" => options.shortlists = value()?.split(',').map(str::parse).collect::<Result<_, _>>()?,
            "--probes" => options.probes = value()?.parse()?,
            "--check" => options.check = value()?.parse()?,
            "--on-disk" => options.on_disk = true,
            "--leave-out" => {
                options.leave_out = std::fs::read_to_string(value()?)?.lines().map(|l| l.trim().to_owned()).collect();
            }
            _ => options.folders.push(argument),
        }
    }
    Ok(options)
}
