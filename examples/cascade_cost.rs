//! What a cascade costs and gains: misses (FNIR) at a false positive rate (FPIR) of 1e-2, exhaustive against shortlists.
//!
//! `cargo run --release --example cascade_cost -- [N] [SHORTLISTS] [PROBES] [FOLDER]`, for example
//! `-- 10000 50,100,200,500 300 prints/`. The gallery is N synthetic templates, searched with synthetic probes of enrolled
//! fingers and of strangers. Templates of a folder (FINGER_IMPRESSION.iso or .csv) are mixed in: the first impression of each
//! finger is enrolled, the others are probes, and every second finger of the folder stays a stranger.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;
use selfsame::format::{TemplateFormat, decode_templates};
use selfsame::index::{Index, Mode, Search};
use selfsame::synth::TemplateGenerator;
use selfsame::{Finger, FingerTemplate, Limits, Ppi, Score, SubjectId};

const SEED: u64 = 1;
const FPIR: f64 = 1e-2;

/// A template that is searched for, and the name of its finger where it is enrolled.
struct Probe {
    template: FingerTemplate,
    mate: Option<SubjectId>,
}

/// What one search gave: the score of the mate (none for strangers and misses) and the best score of anybody else.
#[derive(Clone, Copy)]
struct Outcome {
    mate: Option<Score>,
    other: Score,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let size: u64 = args.next().map_or(Ok(10_000), |n| n.parse())?;
    let sizes = args.next().unwrap_or_else(|| "50,100,200,500,1000".to_owned());
    let shortlists: Vec<usize> = sizes.split(',').map(str::parse).collect::<Result<_, _>>()?;
    let count: u64 = args.next().map_or(Ok(200), |n| n.parse())?;

    let people = TemplateGenerator::new(SEED);
    let mut index = Index::<Finger>::builder().build()?;
    for i in 0..size {
        index.insert(SubjectId::new(format!("synthetic-{i}"))?, &people.reference(i))?;
    }
    let mut probes = Vec::new();
    for i in 0..count {
        // Spread over the gallery; strangers lie beyond it.
        let enrolled = i * 7919 % size.max(1);
        let mate = Some(SubjectId::new(format!("synthetic-{enrolled}"))?);
        probes.push(Probe { template: people.probe(enrolled, 0), mate });
        probes.push(Probe { template: people.probe(size + i, 0), mate: None });
    }
    if let Some(folder) = args.next() {
        mix_in(Path::new(&folder), &mut index, &mut probes)?;
    }
    let mated = probes.iter().filter(|p| p.mate.is_some()).count();
    println!(
        "gallery {}, probes {mated} with a mate and {} without, {} threads",
        index.references(),
        probes.len() - mated,
        rayon::current_num_threads()
    );
    println!(
        "{:>11} {:>11} {:>8} {:>8} {:>8} {:>9} {:>10} {:>12}",
        "shortlist", "penetration", "rank 1", "FNIR", "lost", "threshold", "ms/search", "templates/s"
    );

    let mut threshold = None;
    let mut exhaustive: Vec<Outcome> = Vec::new();
    for shortlist in [None].into_iter().chain(shortlists.into_iter().map(Some)) {
        let mode = shortlist.map_or(Mode::Exhaustive, |shortlist| Mode::Cascade { shortlist });
        let start = Instant::now();
        let outcomes = search(&index, &probes, mode)?;
        let seconds = start.elapsed().as_secs_f64();
        // All are held against the threshold of the exhaustive search, so that what is lost is what the shortlist lost.
        let at = *threshold.get_or_insert_with(|| threshold_of(&probes, &outcomes));
        let hit = |o: &Outcome| o.mate.is_some_and(|score| score >= at);
        let first = outcomes.iter().filter(|o| o.mate.is_some_and(|score| score > o.other)).count();
        let missed = mated - outcomes.iter().filter(|o| hit(o)).count();
        let lost = exhaustive.iter().zip(&outcomes).filter(|(e, o)| hit(e) && !hit(o)).count();
        let rate = |n: usize| n as f64 / mated.max(1) as f64;
        println!(
            "{:>11} {:>11.4} {:>8.4} {:>8.4} {:>8.4} {:>6.1} dB {:>10.2} {:>12.0}",
            shortlist.map_or("exhaustive".to_owned(), |s| s.to_string()),
            shortlist.map_or(1.0, |s| s as f64 / index.references().max(1) as f64).min(1.0),
            rate(first),
            rate(missed),
            rate(lost),
            at.decibels(),
            1000.0 * seconds / probes.len() as f64,
            (probes.len() * index.references()) as f64 / seconds
        );
        if exhaustive.is_empty() {
            exhaustive = outcomes;
        }
    }
    println!("lost: share of mates that the exhaustive search finds above the threshold and the shortlist loses");
    Ok(())
}

fn search(index: &Index<Finger>, probes: &[Probe], mode: Mode) -> Result<Vec<Outcome>, Box<dyn Error>> {
    let search = Search::top(2).mode(mode);
    let mut outcomes = Vec::with_capacity(probes.len());
    for probe in probes {
        let found = index.identify(&index.prepare(&probe.template)?, &search)?;
        let is_mate = |name: &SubjectId| probe.mate.as_ref() == Some(name);
        outcomes.push(Outcome {
            mate: found.iter().find(|c| is_mate(&c.subject)).map(|c| c.score),
            other: found.iter().find(|c| !is_mate(&c.subject)).map_or(Score::ZERO, |c| c.score),
        });
    }
    Ok(outcomes)
}

/// The lowest threshold that at most `FPIR` of the strangers reach.
fn threshold_of(probes: &[Probe], outcomes: &[Outcome]) -> Score {
    let strangers = probes.iter().zip(outcomes).filter(|(p, _)| p.mate.is_none());
    let mut scores: Vec<Score> = strangers.map(|(_, o)| o.other).collect();
    scores.sort_by(|a, b| b.cmp(a));
    let allowed = (FPIR * scores.len() as f64).floor() as usize;
    // Just above the first score that must not be reached.
    scores.get(allowed).map_or(Score::ZERO, |s| Score::from_decibels(s.decibels().next_up()))
}

/// Enrols the first impression of every second finger of a folder of templates; the rest are probes.
fn mix_in(folder: &Path, index: &mut Index<Finger>, probes: &mut Vec<Probe>) -> Result<(), Box<dyn Error>> {
    let paths: BTreeSet<_> = std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    let limits = Limits::default();
    let read: Vec<_> = (paths.into_iter().collect::<Vec<_>>())
        .into_par_iter()
        .filter_map(|path| {
            let (finger, _) = path.file_stem()?.to_str()?.rsplit_once('_')?;
            let bytes = std::fs::read(&path).ok()?;
            let format = TemplateFormat::detect(&bytes)?;
            let template = decode_templates(&bytes, format, Some(Ppi::P500), &limits).ok()?.pop()?;
            Some((finger.to_owned(), template))
        })
        .collect();
    let mut fingers: Vec<String> = Vec::new();
    for (finger, template) in read {
        let known = fingers.last() == Some(&finger);
        if !known {
            fingers.push(finger.clone());
        }
        let enrolled = fingers.len() % 2 == 1;
        let name = SubjectId::new(format!("folder-{finger}"))?;
        if enrolled && !known {
            index.insert(name, &template)?;
        } else {
            probes.push(Probe { template, mate: enrolled.then_some(name) });
        }
    }
    println!("{}: {} fingers", folder.display(), fingers.len());
    Ok(())
}
