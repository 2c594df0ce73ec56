//! `selfsame demo`: a small synthetic population, enrolled from files and searched, for both modalities.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;
use selfsame::draw::print_png;
use selfsame::face::compare::CosineCalibration;
use selfsame::format::npy::{NpyArray, NpyData};
use selfsame::index::{Index, Search};
use selfsame::synth::{FaceGenerator, Level, PrintGenerator};
use selfsame::{
    Comparator, Cosine, Embedding, Face, Finger, FingerImage, Fmr, Limits, Modality, Ppi, Score, SubjectId, Threshold,
};
use serde_json::{Value, json};

use crate::args::DemoArgs;
use crate::failure::{Failure, Kind};
use crate::outcome::{Outcome, number};
use crate::{interrupt, sample, write};

/// Enrolled fingers; the same number of strangers' fingers is never seen before the search.
const FINGERS: u64 = 12;
/// Probes of enrolled people, and of strangers, per modality.
const PROBES: u64 = 5;
/// Enrolled faces.
const FACES: u64 = 500;
/// Other people whose comparisons calibrate cosines: two million pairs, which reach 48 dB; the search needs 47 dB.
const CALIBRATION: u64 = 2000;
/// A search for a finger may return a stranger at this rate.
const FINGER_FPIR: f64 = 1e-3;
/// A search for a face may return a stranger at this rate; a lower rate would need more comparisons to calibrate it.
const FACE_FPIR: f64 = 1e-2;

/// A line of the table.
struct Line {
    modality: &'static str,
    probe: String,
    mate: Option<String>,
    best: Option<String>,
    score: Score,
    matched: bool,
    /// The time from the probe's file or numbers to the candidate, in milliseconds.
    milliseconds: f64,
}

impl Line {
    fn is_right(&self) -> bool {
        if self.matched { self.best == self.mate } else { self.mate.is_none() }
    }
}

pub fn run(args: &DemoArgs) -> Result<Outcome, Failure> {
    let start = Instant::now();
    let (watched, folder) = interrupt::watched(tempfile::tempdir, |folder| folder.path())
        .map_err(|e| Failure::new("cannot create a temporary folder", e).of(Kind::Output))?;
    let rate = |fpir| Fmr::new(fpir).map_err(|e| Failure::new("threshold", e));
    let mut out = format!("synthetic population in a temporary folder, seed {}\n", args.seed);
    let mut lines = fingers(args, folder.path(), rate(FINGER_FPIR)?, &mut out)?;
    lines.extend(faces(args.seed, folder.path(), rate(FACE_FPIR)?, &mut out)?);
    let _ = writeln!(
        out,
        "\n{:<8} {:<14} {:<12} {:<12} {:>8}  {:<9} {:>10}",
        "", "probe", "in truth", "best", "score", "decision", "time"
    );
    for l in &lines {
        let decision = if l.matched { "match" } else { "no match" };
        let _ = writeln!(
            out,
            "{:<8} {:<14} {:<12} {:<12} {:5.1} dB  {decision:<9} {:7.2} ms{}",
            l.modality,
            l.probe,
            l.mate.as_deref().unwrap_or("stranger"),
            l.best.as_deref().unwrap_or("-"),
            l.score.decibels(),
            l.milliseconds,
            if l.is_right() { "" } else { "   wrong" }
        );
    }
    let right = lines.iter().filter(|l| l.is_right()).count();
    let seconds = start.elapsed().as_secs_f64();
    let _ = writeln!(out, "\n{right} of {} decisions are right; {seconds:.1} s in all", lines.len());
    let json = json!({
        "seed": args.seed, "fingers": FINGERS, "faces": FACES, "finger_fpir": FINGER_FPIR, "face_fpir": FACE_FPIR,
        "right": right, "decisions": lines.iter().map(told).collect::<Vec<_>>(), "seconds": seconds,
    });
    // The folder is removed with the value.
    drop(folder);
    drop(watched);
    Ok(Outcome::done(out, json))
}

fn told(l: &Line) -> Value {
    json!({"modality": l.modality, "probe": l.probe, "mate": l.mate, "best": l.best, "score": number(l.score.decibels()),
        "match": l.matched, "right": l.is_right(), "milliseconds": l.milliseconds})
}

fn finger_name(finger: u64) -> String {
    format!("finger-{:02}", finger + 1)
}

fn fingers(args: &DemoArgs, folder: &Path, fpir: Fmr, out: &mut String) -> Result<Vec<Line>, Failure> {
    // Impression 0 of the first fingers is enrolled, impression 1 of some of them and of strangers is searched for.
    let start = Instant::now();
    let generator = PrintGenerator::new(args.seed);
    let wanted: Vec<(u64, u64)> =
        (0..FINGERS).map(|f| (f, 0)).chain((0..PROBES).flat_map(|f| [(f, 1), (FINGERS + f, 0)])).collect();
    let fingers: Vec<u64> = (0..FINGERS + PROBES).collect();
    let made: Vec<Result<(), Failure>> = fingers
        .par_iter()
        .map(|&finger| {
            let master = generator.finger(finger);
            for &(_, impression) in wanted.iter().filter(|(f, _)| *f == finger) {
                let made = master.impression(impression, Level::Medium);
                let path = folder.join(format!("{}_{}.png", finger_name(finger), impression + 1));
                write::file(&path, &print_png(&made.image).map_err(|e| Failure::at(&path, e))?)?;
            }
            Ok(())
        })
        .collect();
    made.into_iter().collect::<Result<(), Failure>>()?;
    let making = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let extractor = sample::extractor(&args.extraction)?;
    let load = |finger: u64, impression: u64| -> Result<_, Failure> {
        let path = folder.join(format!("{}_{}.png", finger_name(finger), impression + 1));
        let limits = Limits::default();
        let image = FingerImage::decode(&sample::bytes(&path, &limits)?, Ppi::P500, &limits)
            .map_err(|e| Failure::at(&path, e))?;
        extractor.extract(&image).map_err(|e| Failure::at(&path, e))
    };
    let templates: Vec<_> = (0..FINGERS).into_par_iter().map(|f| load(f, 0)).collect();
    let mut index = Index::<Finger>::default();
    for (finger, template) in (0..FINGERS).zip(templates) {
        // A print that yields no template is a failure to enroll; its owner becomes a stranger.
        if let Ok(template) = template {
            let subject = SubjectId::new(finger_name(finger)).map_err(|e| Failure::new("name", e))?;
            index.insert(subject, &template).map_err(|e| Failure::new("enrolling", e))?;
        }
    }
    let threshold = Threshold::at_fpir(fpir, index.references());
    let _ = writeln!(
        out,
        "fingers: {} images made in {making:.2} s; {} enrolled in {:.2} s; match from {:.1} dB (FPIR {:e})",
        wanted.len(),
        index.len(),
        start.elapsed().as_secs_f64(),
        threshold.score().decibels(),
        fpir.get()
    );

    let mut lines = Vec::new();
    for (finger, impression) in (0..PROBES).map(|f| (f, 1)).chain((0..PROBES).map(|f| (FINGERS + f, 0))) {
        let start = Instant::now();
        let best = match load(finger, impression) {
            Ok(template) => {
                let probe = index.prepare(&template).map_err(|e| Failure::new("probe", e))?;
                index.identify(&probe, &Search::top(1)).map_err(|e| Failure::new("search", e))?.pop()
            }
            Err(_) => None,
        };
        let milliseconds = 1000.0 * start.elapsed().as_secs_f64();
        let score = best.as_ref().map_or(Score::ZERO, |c| c.score);
        lines.push(Line {
            modality: "finger",
            probe: format!("{}_{}", finger_name(finger), impression + 1),
            mate: (finger < FINGERS).then(|| finger_name(finger)),
            best: best.map(|c| c.subject.to_string()),
            score,
            matched: score.meets(threshold),
            milliseconds,
        });
    }
    Ok(lines)
}

fn face_name(person: u64) -> String {
    format!("person-{:03}", person + 1)
}

fn faces(seed: u64, folder: &Path, fpir: Fmr, out: &mut String) -> Result<Vec<Line>, Failure> {
    // The gallery is stored in a file first, as embeddings of a model would be.
    let start = Instant::now();
    let people = FaceGenerator::new(seed);
    let path = folder.join("embeddings.npy");
    let numbers: Vec<f32> = (0..FACES).flat_map(|i| people.sample(i, 0)).collect();
    let array = NpyArray::from_floats(FACES as usize, FaceGenerator::DIMENSION, numbers);
    write::file(&path, &array.map_err(|e| Failure::at(&path, e))?.encode())?;
    // A cosine means nothing until the model's impostors have been compared; these people are not in the gallery.
    let calibration = calibrate(&people, 2 * FACES)?;
    let making = start.elapsed().as_secs_f64();

    let start = Instant::now();
    let limits = Limits::default();
    let array = NpyArray::decode(&sample::bytes(&path, &limits)?, &limits).map_err(|e| Failure::at(&path, e))?;
    let columns = array.columns().max(1);
    let NpyData::Float(values) = array.into_data() else { return Err(Failure::plain("embeddings must be floats")) };
    let mut index = Index::<Face>::default();
    for (person, row) in (0..FACES).zip(values.chunks_exact(columns)) {
        let embedding = Embedding::from_slice(row).map_err(|e| Failure::at(&path, e))?;
        let subject = SubjectId::new(face_name(person)).map_err(|e| Failure::new("name", e))?;
        index.insert(subject, &embedding).map_err(|e| Failure::new("enrolling", e))?;
    }
    let threshold = Threshold::at_fpir(fpir, index.references());
    let _ = writeln!(
        out,
        "faces: {} embeddings made and calibrated on {} pairs of others in {making:.2} s; {} enrolled in {:.2} s; match from {:.1} dB (FPIR {:e}); the calibration reaches {:.1} dB",
        FACES,
        CALIBRATION * (CALIBRATION - 1) / 2,
        index.len(),
        start.elapsed().as_secs_f64(),
        threshold.score().decibels(),
        fpir.get(),
        calibration.reach().decibels()
    );

    let mut lines = Vec::new();
    for (person, image) in (0..PROBES).map(|p| (p * 7, 1)).chain((0..PROBES).map(|p| (FACES + p, 0))) {
        let embedding = people.embedding(person, image);
        let start = Instant::now();
        let probe = index.prepare(&embedding).map_err(|e| Failure::new("probe", e))?;
        let best = index.identify(&probe, &Search::top(1)).map_err(|e| Failure::new("search", e))?.pop();
        let milliseconds = 1000.0 * start.elapsed().as_secs_f64();
        let score = best.as_ref().map_or(Score::ZERO, |c| calibration.score(c.score));
        lines.push(Line {
            modality: "face",
            probe: format!("{}_{}", face_name(person), image + 1),
            mate: (person < FACES).then(|| face_name(person)),
            best: best.map(|c| c.subject.to_string()),
            score,
            matched: score.meets(threshold),
            milliseconds,
        });
    }
    Ok(lines)
}

/// Converts cosines to decibels by the comparisons of [`CALIBRATION`] people from number `first` on.
fn calibrate(people: &FaceGenerator, first: u64) -> Result<CosineCalibration, Failure> {
    let failed = |e: <Face as Modality>::Error| Failure::new("calibrating", e);
    let comparator = Comparator::<Face>::new();
    let others: Vec<Embedding> = (0..CALIBRATION).into_par_iter().map(|i| people.embedding(first + i, 0)).collect();
    let references = others.iter().map(|o| comparator.reference(o)).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    let rows: Vec<Result<Vec<Cosine>, _>> = others
        .par_iter()
        .enumerate()
        .map(|(i, other)| {
            let probe = comparator.prepare(other)?;
            references.iter().skip(i + 1).map(|r| comparator.compare(&probe, r)).collect()
        })
        .collect();
    let cosines = rows.into_iter().collect::<Result<Vec<_>, _>>().map_err(failed)?.concat();
    CosineCalibration::from_impostors(&cosines).map_err(|e| Failure::new("calibrating", e))
}
