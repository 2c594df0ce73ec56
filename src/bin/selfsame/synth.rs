//! `selfsame synth`

use std::time::Instant;

use rayon::prelude::*;
use selfsame::draw::print_png;
use selfsame::eval::extraction::JUDGED_MARGIN;
use selfsame::format::npy::NpyArray;
use selfsame::format::{Record, TemplateFormat, encode};
use selfsame::image::ImageError;
use selfsame::synth::{
    FaceGenerator, ImpressionSettings, Level, PrintGenerator, Sensor, SyntheticImpression, TemplateGenerator,
};
use selfsame::{FingerImage, Ppi};
use serde_json::json;

use crate::args::{PrintLevel, PrintSensor, SynthFacesArgs, SynthPrintsArgs, SynthTemplatesArgs, TemplateKind};
use crate::eval_extract::JUDGED;
use crate::failure::Failure;
use crate::outcome::{Outcome, shown_path};
use crate::{progress, write};

/// Most numbers in an array of embeddings: 4 GiB of them.
const MAX_NUMBERS: usize = 1 << 30;

/// Fingerprint images with ground truth.
pub fn prints(args: &SynthPrintsArgs) -> Result<Outcome, Failure> {
    let start = Instant::now();
    let judged = args.output.join(JUDGED);
    write::folder(&judged)?;
    let generator = PrintGenerator::new(args.seed);
    let bar = progress::bar("fingers", args.fingers as usize);
    let minutiae = per_finger(args.fingers, |finger| {
        let master = generator.finger(u64::from(finger));
        let mut minutiae = 0;
        for impression in 0..args.impressions {
            let settings = ImpressionSettings::new(level(args.level, impression), sensor(args.sensor));
            let made = master.impression(u64::from(impression), settings);
            let stem = args.output.join(name(finger, impression));
            let png = print_png(&made.image).map_err(|e| Failure::at(&stem, e))?;
            write::file(&stem.with_extension("png"), &png)?;
            write::file(&stem.with_extension("csv"), made.truth.to_csv().as_bytes())?;
            let stem = judged.join(name(finger, impression));
            let counting = judged_image(&made).map_err(|e| Failure::at(&stem, e))?;
            let png = print_png(&counting).map_err(|e| Failure::at(&stem, e))?;
            write::file(&stem.with_extension("png"), &png)?;
            minutiae += made.truth.minutiae().len();
        }
        bar.inc(1);
        Ok(minutiae)
    })?;
    bar.finish_and_clear();
    let count = u64::from(args.fingers) * u64::from(args.impressions);
    let mean = minutiae as f64 / count.max(1) as f64;
    let text = format!(
        "{count} images of {} fingers at 500 ppi with their true minutiae ({mean:.1} on average) in {}; {:.1} s\n",
        args.fingers,
        shown_path(&args.output),
        start.elapsed().as_secs_f64()
    );
    let json = json!({"output": args.output.display().to_string(), "fingers": args.fingers, "impressions": args.impressions,
        "seed": args.seed, "ppi": 500, "mean_minutiae": mean, "seconds": start.elapsed().as_secs_f64()});
    Ok(Outcome::done(text, json))
}

/// White where found and missed minutiae count: away from the edge of the print, cores and deltas.
fn judged_image(made: &SyntheticImpression) -> Result<FingerImage, ImageError> {
    let (width, height) = (made.image.width(), made.image.height());
    let counts = |x: u32, y: u32| made.truth.is_judged(x as f32, y as f32, JUDGED_MARGIN);
    let pixels: Vec<u8> = (0..width * height).map(|i| if counts(i % width, i / width) { 255 } else { 0 }).collect();
    FingerImage::from_gray8(width, height, Ppi::P500, &pixels)
}

/// Minutiae templates: the first impression of each finger is the reference, the others vary.
pub fn templates(args: &SynthTemplatesArgs) -> Result<Outcome, Failure> {
    let start = Instant::now();
    write::folder(&args.output)?;
    let generator = TemplateGenerator::new(args.seed);
    let (format, extension) = match args.format {
        TemplateKind::Iso => (TemplateFormat::Iso2005, "iso"),
        TemplateKind::Csv => (TemplateFormat::Csv, "csv"),
    };
    let bar = progress::bar("fingers", args.fingers as usize);
    let minutiae = per_finger(args.fingers, |finger| {
        let mut minutiae = 0;
        for impression in 0..args.impressions {
            let template = match impression.checked_sub(1) {
                None => generator.reference(u64::from(finger)),
                Some(k) => generator.probe(u64::from(finger), u64::from(k)),
            };
            let path = args.output.join(name(finger, impression)).with_extension(extension);
            let record = Record::from_templates(std::slice::from_ref(&template));
            write::file(&path, &encode(&record, format).0)?;
            minutiae += template.minutiae().len();
        }
        bar.inc(1);
        Ok(minutiae)
    })?;
    bar.finish_and_clear();
    let count = u64::from(args.fingers) * u64::from(args.impressions);
    let mean = minutiae as f64 / count.max(1) as f64;
    let text = format!(
        "{count} templates of {} fingers ({mean:.1} minutiae on average) in {}; {:.1} s\n",
        args.fingers,
        shown_path(&args.output),
        start.elapsed().as_secs_f64()
    );
    let json = json!({"output": args.output.display().to_string(), "fingers": args.fingers, "impressions": args.impressions,
        "seed": args.seed, "mean_minutiae": mean, "seconds": start.elapsed().as_secs_f64()});
    Ok(Outcome::done(text, json))
}

/// Face embeddings with labels.
pub fn faces(args: &SynthFacesArgs) -> Result<Outcome, Failure> {
    let start = Instant::now();
    write::folder(&args.output)?;
    let rows = args.identities as usize * args.images as usize;
    if rows.checked_mul(FaceGenerator::DIMENSION).is_none_or(|n| n > MAX_NUMBERS) {
        let most = MAX_NUMBERS / FaceGenerator::DIMENSION;
        return Err(Failure::usage(format!("{rows} embeddings are requested, but at most {most} can be made at once")));
    }
    let generator = FaceGenerator::new(args.seed);
    let people: Vec<Vec<f32>> = (0..args.identities)
        .into_par_iter()
        .map(|i| {
            let identity = generator.identity(u64::from(i));
            (0..args.images).flat_map(|k| identity.sample(u64::from(k))).collect()
        })
        .collect();
    let (embeddings, labels) = (args.output.join("embeddings.npy"), args.output.join("labels.npy"));
    let array = NpyArray::from_floats(rows, FaceGenerator::DIMENSION, people.concat())
        .map_err(|e| Failure::at(&embeddings, e))?;
    write::file(&embeddings, &array.encode())?;
    let numbers = (0..i64::from(args.identities)).flat_map(|i| (0..args.images).map(move |_| i)).collect();
    write::file(&labels, &NpyArray::from_ints(numbers).encode())?;
    let text = format!(
        "{rows} embeddings of {} people, {} dimensions, in {}; {:.1} s\n",
        args.identities,
        FaceGenerator::DIMENSION,
        shown_path(&args.output),
        start.elapsed().as_secs_f64()
    );
    let json = json!({"embeddings": embeddings.display().to_string(), "labels": labels.display().to_string(),
        "identities": args.identities, "images": args.images, "dimension": FaceGenerator::DIMENSION,
        "seed": args.seed, "seconds": start.elapsed().as_secs_f64()});
    Ok(Outcome::done(text, json))
}

/// Runs `make` for each finger in parallel and adds up the results; the first failure in order is returned.
fn per_finger(fingers: u32, make: impl Fn(u32) -> Result<usize, Failure> + Sync + Send) -> Result<usize, Failure> {
    let made: Vec<Result<usize, Failure>> = (0..fingers).into_par_iter().map(make).collect();
    made.into_iter().sum()
}

/// `FINGER_IMPRESSION`, both counted from 1.
fn name(finger: u32, impression: u32) -> String {
    format!("{}_{}", u64::from(finger) + 1, u64::from(impression) + 1)
}

fn level(level: PrintLevel, impression: u32) -> Level {
    match level {
        PrintLevel::Clean => Level::Clean,
        PrintLevel::Good => Level::Good,
        PrintLevel::Medium => Level::Medium,
        PrintLevel::Hard => Level::Hard,
        PrintLevel::Broken => Level::Broken,
        PrintLevel::Mixed => match impression % 3 {
            0 => Level::Good,
            1 => Level::Medium,
            _ => Level::Hard,
        },
    }
}

fn sensor(sensor: PrintSensor) -> Sensor {
    match sensor {
        PrintSensor::Optical => Sensor::Optical,
        PrintSensor::Capacitive => Sensor::Capacitive,
        PrintSensor::Thermal => Sensor::ThermalSweep,
    }
}
