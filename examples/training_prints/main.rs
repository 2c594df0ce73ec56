//! Writes training data for the learned extractor: pictures with minutiae and maps of orientation, period and mask.
//!
//! ```text
//! cargo run --release --example training_prints -- synthetic OUT FINGERS [IMPRESSIONS [SEED]]
//! cargo run --release --example training_prints -- real OUT FOLDER:PPI ...
//! ```
//!
//! `synthetic` draws every property of finger, skin and sensor at random from wide ranges, and writes the exact truth.
//! `real` takes pictures `NAME.png` whose minutiae another extractor wrote into `leader/NAME.csv`, and adds the maps
//! that this crate's classical extractor finds; where the two disagree, labels count less. It writes three files per
//! picture:
//!
//! | file | content |
//! |---|---|
//! | `NAME.png` | the picture at 500 ppi |
//! | `NAME.csv` | a header, then `x,y,angle,type,quality`: pixels, degrees counter-clockwise from +x, `E`, `B`, `O` (kind undecided) with a quality of 0 to 100, or `U` with a radius in place of the quality: the presence of a minutia is undecided |
//! | `NAME.maps.png` | four maps below one another, a byte per cell of 8 pixels: orientation in 256ths of a half turn, period in 16ths of a pixel, confidence of both, and the foreground |

mod settings;

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use selfsame::draw::print_png;
use selfsame::fingerprint::extract::{Stage, TraceSink};
use selfsame::format::{DecodeOptions, TemplateFormat, decode};
use selfsame::synth::{GroundTruth, PrintGenerator, SyntheticImpression};
use selfsame::{Extractor, FingerImage, Limits, Minutia, MinutiaKind, Ppi};

/// Error of this program.
type Failure = Box<dyn Error + Send + Sync>;

/// Side of a cell of the maps, pixels.
const CELL: usize = GroundTruth::CELL as usize;
/// Two minutiae are the same within this distance, pixels, and this difference of direction, radians.
const AGREEMENT: (f32, f32) = (10.0, 0.5);
/// Radius of the disc around an undecided minutia, pixels.
const UNDECIDED_RADIUS: f32 = 8.0;
/// Steps of a stored period per pixel.
const PERIOD_STEPS: f32 = 16.0;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = "training_prints synthetic OUT FINGERS [IMPRESSIONS [SEED]] | real OUT FOLDER:PPI ...";
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["synthetic", out, fingers, ref rest @ ..] => {
            let number = |i: usize, default: u64| rest.get(i).map_or(Ok(default), |s| s.parse());
            synthetic(Path::new(out), fingers.parse()?, number(0, 3)?, number(1, 1)?)
        }
        ["real", out, ref folders @ ..] if !folders.is_empty() => {
            folders.iter().try_for_each(|folder| real(Path::new(out), folder))
        }
        _ => Err(usage.into()),
    }
}

/// Writes synthetic impressions; existing ones are kept, so that a run can be repeated and enlarged.
fn synthetic(out: &Path, fingers: u64, impressions: u64, seed: u64) -> Result<(), Failure> {
    std::fs::create_dir_all(out)?;
    (0..fingers).into_par_iter().try_for_each(|finger| {
        let stem = |k: u64| out.join(format!("s{seed}_{finger}_{k}"));
        if (0..impressions).all(|k| stem(k).with_extension("maps.png").exists()) {
            return Ok(());
        }
        let (shortest, longest) = settings::periods(seed, finger);
        let master = PrintGenerator::new(seed).with_period(shortest, longest).finger(finger);
        (0..impressions).try_for_each(|k| {
            let SyntheticImpression { image, truth, .. } = master.impression(k, settings::draw(seed, finger, k));
            write(&stem(k), &image, &truth_csv(&truth), &truth_maps(&truth))
        })
    })
}

/// Writes the pictures of a folder with another extractor's minutiae and this crate's maps.
fn real(out: &Path, folder: &str) -> Result<(), Failure> {
    let (folder, ppi) = folder.rsplit_once(':').ok_or("expected FOLDER:PPI")?;
    let (folder, ppi) = (Path::new(folder), Ppi::new(ppi.parse()?)?);
    std::fs::create_dir_all(out)?;
    let set = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.retain(|f| f.extension().is_some_and(|e| e == "png" || e == "tif"));
    files.sort();
    files.par_iter().try_for_each(|file| {
        let name = file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let image = FingerImage::decode(&std::fs::read(file)?, ppi, &Limits::default())?;
        let labels = std::fs::read(folder.join("leader").join(&name).with_extension("csv"))?;
        let options =
            DecodeOptions { format: Some(TemplateFormat::CsvPixels), ppi: Some(ppi), ..DecodeOptions::default() };
        let labels = decode(&labels, &options, &Limits::default())?.to_templates()?;
        let mut maps = Maps::new(&image);
        let Ok(own) = Extractor::classical().extract_traced(&image, &mut maps) else {
            return Ok(()); // nothing to learn from a picture without a print
        };
        let labels = labels.first().map(|t| t.minutiae()).unwrap_or_default();
        let (minutiae, undecided) = agreed(labels, own.minutiae());
        write(&out.join(format!("{set}_{name}")), &image, &csv(&minutiae, &undecided), &maps)
    })
}

/// Lowers the weight of labels that the crate's own image filters do not confirm; minutiae that only the filters find
/// are undecided.
fn agreed(labels: &[Minutia], own: &[Minutia]) -> (Vec<Minutia>, Vec<(f32, f32, f32)>) {
    let seen = |m: &Minutia, by: &[Minutia]| {
        let close = |o: &Minutia| (o.x - m.x).hypot(o.y - m.y) < AGREEMENT.0;
        by.iter().any(|o| close(o) && o.direction.difference(m.direction).abs() < AGREEMENT.1)
    };
    let weighed = |m: &Minutia| Minutia { quality: if seen(m, own) { m.quality } else { m.quality / 2 }, ..*m };
    let doubted = own.iter().filter(|m| !seen(m, labels)).map(|m| (m.x, m.y, UNDECIDED_RADIUS)).collect();
    (labels.iter().map(weighed).collect(), doubted)
}

fn write(stem: &Path, image: &FingerImage, csv: &str, maps: &Maps) -> Result<(), Failure> {
    std::fs::write(stem.with_extension("png"), print_png(image)?)?;
    std::fs::write(stem.with_extension("csv"), csv)?;
    std::fs::write(stem.with_extension("maps.png"), maps.png()?)?;
    Ok(())
}

fn csv(minutiae: &[Minutia], undecided: &[(f32, f32, f32)]) -> String {
    let mut text = String::from("x,y,angle,type,quality\n");
    for m in minutiae {
        let kind = match m.kind {
            MinutiaKind::Ending => 'E',
            MinutiaKind::Bifurcation => 'B',
            MinutiaKind::Other => 'O',
        };
        let _ = writeln!(text, "{:.2},{:.2},{:.2},{kind},{}", m.x, m.y, m.direction.degrees(), m.quality);
    }
    for (x, y, radius) in undecided {
        let _ = writeln!(text, "{x:.2},{y:.2},0,U,{radius:.1}");
    }
    text
}

fn truth_csv(truth: &GroundTruth) -> String {
    csv(truth.minutiae(), truth.undecided())
}

/// The maps of a picture.
struct Maps {
    columns: usize,
    rows: usize,
    orientation: Vec<u8>,
    period: Vec<u8>,
    trust: Vec<u8>,
    mask: Vec<u8>,
}

impl Maps {
    fn new(image: &FingerImage) -> Self {
        let (columns, rows) = ((image.width() as usize).div_ceil(CELL), (image.height() as usize).div_ceil(CELL));
        let empty = vec![0; columns * rows];
        Self { columns, rows, orientation: empty.clone(), period: empty.clone(), trust: empty.clone(), mask: empty }
    }

    /// Sets each cell of `map` from the position of its middle, pixels.
    fn fill(map: &mut [u8], columns: usize, value: impl Fn(usize, usize) -> u8) {
        for (i, out) in map.iter_mut().enumerate() {
            *out = value(i % columns * CELL + CELL / 2, i / columns * CELL + CELL / 2);
        }
    }

    fn png(&self) -> Result<Vec<u8>, Failure> {
        let values = [&self.orientation, &self.period, &self.trust, &self.mask].map(Vec::as_slice).concat();
        let (width, height) = (u32::try_from(self.columns)?, u32::try_from(4 * self.rows)?);
        let mut out = Vec::new();
        use image::ImageEncoder as _;
        image::codecs::png::PngEncoder::new(&mut out).write_image(
            &values,
            width,
            height,
            image::ExtendedColorType::L8,
        )?;
        Ok(out)
    }
}

fn orientation_byte(radians: f32) -> u8 {
    ((radians / std::f32::consts::PI * 256.0).round().rem_euclid(256.0)) as u8
}

fn truth_maps(truth: &GroundTruth) -> Maps {
    let (columns, rows) = (truth.cells().0 as usize, truth.cells().1 as usize);
    let orientation = truth.orientation().iter().map(|&o| orientation_byte(o)).collect();
    let period: Vec<u8> = truth.period().iter().map(|&p| (p * PERIOD_STEPS).round().clamp(0.0, 255.0) as u8).collect();
    let trust = period.iter().map(|&p| if p > 0 { 255 } else { 0 }).collect();
    let mut mask = vec![0; columns * rows];
    let (width, height) = (truth.width() as usize, truth.height() as usize);
    Maps::fill(&mut mask, columns, |x, y| {
        let at = y.min(height - 1) * width + x.min(width - 1);
        if truth.mask().get(at).copied().unwrap_or(false) { 255 } else { 0 }
    });
    Maps { columns, rows, orientation, period, trust, mask }
}

impl TraceSink for Maps {
    fn wants(&mut self, name: &'static str) -> bool {
        matches!(name, "mask" | "coherence" | "orientation" | "period")
    }

    fn stage(&mut self, name: &'static str, stage: Stage<'_>) {
        let columns = self.columns;
        match (name, stage) {
            ("mask", Stage::Bitmap(bits)) => Self::fill(&mut self.mask, columns, |x, y| {
                if bits.get(x.min(bits.width() - 1), y.min(bits.height() - 1)) { 255 } else { 0 }
            }),
            ("coherence", Stage::BlockMap { values, cell, .. }) => Self::fill(&mut self.trust, columns, |x, y| {
                (255.0 * values.get(x / cell, y / cell).unwrap_or(0.0)).clamp(0.0, 255.0) as u8
            }),
            ("period", Stage::BlockMap { values, cell, .. }) => Self::fill(&mut self.period, columns, |x, y| {
                (PERIOD_STEPS * values.get(x / cell, y / cell).unwrap_or(0.0)).round().clamp(0.0, 255.0) as u8
            }),
            ("orientation", Stage::Orientation { values, cell }) => {
                Self::fill(&mut self.orientation, columns, |x, y| {
                    orientation_byte(values.get(x / cell, y / cell).filter(|v| v.is_finite()).unwrap_or(0.0))
                });
                for (trust, mask) in self.trust.iter_mut().zip(&self.mask) {
                    *trust = if *mask == 0 { 0 } else { *trust };
                }
            }
            _ => {}
        }
    }
}
