//! Extraction and comparison, one at a time.

use std::hint::black_box;

use rayon::prelude::*;
use selfsame::fingerprint::extract::Model;
use selfsame::synth::{ImpressionSettings, Level, PrintGenerator, Sensor};
use selfsame::{Comparator, Extractor, Finger, FingerImage, FingerTemplate};

use super::clock::Clock;
use super::given::{SEED, wrong};
use super::table::{Row, Table};
use crate::failure::Failure;

/// Different prints.
const PRINTS: u64 = 4;
/// A comparison takes microseconds: so many are timed together.
const TOGETHER: usize = 64;
/// Least minutiae of a synthetic print of good quality.
const LEAST_MINUTIAE: usize = 10;

fn print(finger: u64, impression: u64) -> FingerImage {
    let settings = ImpressionSettings::new(Level::Good, Sensor::Optical);
    PrintGenerator::new(SEED).finger(finger).impression(impression, settings).image
}

pub fn extraction(clock: Clock, table: &mut Table) -> Result<(), Failure> {
    let prints: Vec<FingerImage> = (0..PRINTS).into_par_iter().map(|n| print(n, 0)).collect();
    let Some(first) = prints.first() else { return Ok(()) };
    let pixels = first.width() * first.height();
    table.title(format!("extraction of a synthetic print of {} x {} pixels", first.width(), first.height()));
    let methods = [
        ("learned", Extractor::learned(Model::standard())),
        ("learned-small", Extractor::learned(Model::small())),
        ("classical", Extractor::classical()),
    ];
    for (n, (name, extractor)) in methods.iter().enumerate() {
        let clock = clock.part(1.0 / (methods.len() - n) as f64);
        let extract = |print: &FingerImage| extractor.extract(print).ok();
        for print in &prints {
            let (once, again) = (extract(print), extract(print));
            let fits = once.as_ref().is_some_and(|template| template.minutiae().len() >= LEAST_MINUTIAE);
            if !fits || once != again {
                return Err(wrong("an extraction"));
            }
        }
        let mut turn = prints.iter().cycle();
        let one = clock.part(0.5).timed(|| drop(black_box(turn.next().and_then(extract))));
        let many = prints.len() * rayon::current_num_threads() * 2;
        let all = clock.timed(|| {
            let extracted = (0..many).into_par_iter().filter_map(|n| extract(&prints[n % prints.len()])).count();
            assert_eq!(extracted, many);
        });
        table.add(Row::time(*name, one).note(format!("{:.0} ns per pixel", 1e9 * one.median / pixels as f64)));
        table.add(Row::rate(format!("{name}, all threads"), many as f64 / all.median, "prints/s"));
    }
    Ok(())
}

pub fn comparison(clock: Clock, table: &mut Table) -> Result<(), Failure> {
    let extractor = Extractor::new();
    let extract =
        |finger, impression| extractor.extract(&print(finger, impression)).map_err(|_| wrong("an extraction"));
    let references = (0..PRINTS).map(|n| extract(n, 0)).collect::<Result<Vec<FingerTemplate>, Failure>>()?;
    let probes = (0..PRINTS).map(|n| extract(n, 1)).collect::<Result<Vec<FingerTemplate>, Failure>>()?;
    let minutiae = references.iter().map(|t| t.minutiae().len()).sum::<usize>() / references.len().max(1);
    table.title(format!("comparison of extracted prints, {minutiae} minutiae"));
    let comparator = Comparator::<Finger>::new();
    let (Ok(prepared), Ok(ready)) = (
        references.iter().map(|t| comparator.reference(t)).collect::<Result<Vec<_>, _>>(),
        probes.iter().map(|t| comparator.prepare(t)).collect::<Result<Vec<_>, _>>(),
    );
    let mut scratch = Default::default();
    let mut score = |probe: usize, reference: usize| {
        let Ok(score) = comparator.compare_with(&ready[probe], &prepared[reference], &mut scratch);
        score
    };
    for finger in 0..references.len() {
        let own = score(finger, finger);
        let Ok(again) = comparator.compare_templates(&probes[finger], &references[finger]);
        if own != again || (0..references.len()).any(|other| other != finger && score(finger, other) >= own) {
            return Err(wrong("a comparison"));
        }
    }
    let count = references.len();
    let mates = clock.part(0.25).each(TOGETHER, |n| score(n % count, n % count));
    let others = clock.part(0.33).each(TOGETHER, |n| score(n % count, (n + 1) % count));
    let probe = clock.part(0.5).each(TOGETHER, |n| comparator.prepare(&probes[n % count]));
    let reference = clock.each(TOGETHER, |n| comparator.reference(&references[n % count]));
    table.add(Row::time("same finger, both prepared", mates));
    table.add(Row::time("different fingers, both prepared", others));
    table.add(Row::time("preparing a probe", probe));
    table.add(Row::time("preparing a reference", reference));
    Ok(())
}
