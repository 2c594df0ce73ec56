//! Arguments of the command line.

#[cfg(feature = "onnx")]
mod embed;
pub mod eval;
mod examples;
mod extraction;
pub mod gallery;
pub mod values;

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use selfsame::format::TemplateFormat;
use selfsame::{FingerPosition, Fmr, Ppi};

#[cfg(feature = "onnx")]
pub use self::embed::EmbedArgs;
use self::eval::EvalCommand;
pub use self::extraction::{BatchArgs, ExtractionArgs, ExtractorKind, ForceArgs};
use self::extraction::{file, fmr, ppi};

/// Decides whether two fingerprints or two faces belong to the same person.
///
/// `-` in place of a file is standard input or output.
#[derive(Parser, Debug)]
#[command(name = "selfsame", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// Print the result, or the error, as one JSON document.
    #[arg(long, global = true)]
    pub json: bool,
    /// Threads to use [default: all cores]. Results do not depend on it.
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub read: ReadArgs,
}

/// What is read of a file that holds several prints, and how strictly.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Files of several prints")]
pub struct ReadArgs {
    /// Read the print of this finger from files and records that hold several (`right-thumb`).
    #[arg(long, global = true, value_name = "FINGER", value_parser = values::position)]
    pub finger: Option<FingerPosition>,
    /// Read the view of this number from a record of templates or images.
    #[arg(long, global = true, value_name = "N")]
    pub view: Option<u8>,
    /// Read the view at this place of a record of templates, counted from 0, where fingers and numbers are not stated.
    #[arg(long, global = true, value_name = "N")]
    pub place: Option<usize>,
    /// Read this page of a TIFF file, counted from 0.
    #[arg(long, global = true, value_name = "N")]
    pub page: Option<usize>,
    /// Mend records that break their standard but can be read in one way only; each mending is reported.
    #[arg(long, global = true)]
    pub lenient: bool,
    /// Refuse images that are turned or mirrored by their EXIF or TIFF orientation, instead of turning them.
    #[arg(long, global = true)]
    pub upright: bool,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Extract the minutiae of a fingerprint image.
    Extract(ExtractArgs),
    /// Compare two fingerprints (images or templates): exit code 1 when they do not match.
    Compare(CompareArgs),
    /// Search a folder of fingerprints for the owners of probes: exit code 1 when no probe matches.
    Identify(IdentifyArgs),
    /// Find the prints of a folder that show the same finger.
    Dedup(DedupArgs),
    /// Keep people in a sealed gallery: enroll, identify, verify, erase, read the log.
    Gallery {
        #[command(subcommand)]
        command: gallery::GalleryCommand,
    },
    /// Write a fingerprint image in another format, pixel for pixel.
    ConvertImage(ConvertImageArgs),
    /// Write a template in another format, and report what that format cannot hold.
    Convert(ConvertArgs),
    /// Show what a record or an image file holds, and the resolution that its ridges fit.
    Inspect(InspectArgs),
    /// Measure error rates.
    Eval {
        #[command(subcommand)]
        command: EvalCommand,
    },
    /// Make an embedding of a face in a picture with your own face-recognition model (ONNX).
    #[cfg(feature = "onnx")]
    Embed(EmbedArgs),
    /// Find the thresholds of a face-recognition model: the cosine for each false accept rate.
    Calibrate(CalibrateArgs),
    /// Make synthetic data with ground truth.
    Synth {
        #[command(subcommand)]
        command: SynthCommand,
    },
    /// Enroll a small synthetic population and identify its members and strangers.
    Demo(DemoArgs),
    /// Measure this machine on synthetic people: extraction, comparison, searches at growing numbers, a gallery.
    Bench(BenchArgs),
    /// Print a script that completes this command in a shell.
    Completions(CompletionsArgs),
    /// Write the manual pages into a folder.
    Man(ManArgs),
}

/// The command with its examples.
pub fn command() -> clap::Command {
    examples::added(Cli::command())
}

#[derive(Subcommand, Debug)]
pub enum SynthCommand {
    /// Fingerprint images, each with its true minutiae in a CSV of the same name.
    Prints(SynthPrintsArgs),
    /// Minutiae templates without images.
    Templates(SynthTemplatesArgs),
    /// Face embeddings: embeddings.npy and labels.npy.
    Faces(SynthFacesArgs),
}

#[derive(Args, Debug)]
pub struct ExtractArgs {
    /// PNG, TIFF, BMP, PNM, JPEG or WSQ image, ridges dark; - is standard input.
    pub image: PathBuf,
    /// Resolution of the image, pixels per inch.
    #[arg(long, value_name = "N", value_parser = ppi)]
    pub ppi: Ppi,
    /// Output file for the template: a name that ends in .iso or .fmr (ISO/IEC 19794-2:2005), .ansi (ANSI/INCITS
    /// 378-2004), .xyt, .cbor, .piv, .csv (x,y,angle_degrees,type,quality at 500 ppi) or .ssft (this crate's own
    /// format, which keeps everything). With --format any name, or - for standard output.
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Format of the template: iso2005, iso2011, ansi2004, ansi2009, ansi2009am1, card, card-compact, xyt, xyt-m1,
    /// sourceafis, piv, csv, csv-pixels, ssft [default: from the name].
    #[arg(long, value_name = "F", value_parser = template_format, requires = "output")]
    pub format: Option<TemplateFormat>,
    /// Folder for a PNG of each stage of the extraction.
    #[arg(long, value_name = "DIR")]
    pub stages: Option<PathBuf>,
    /// Picture of the minutiae over the print, with their qualities, cores, deltas and a legend: .png or .svg.
    #[arg(long, value_name = "OUT")]
    pub overlay: Option<PathBuf>,
    /// Keep at most this many minutiae, the best.
    #[arg(long, value_name = "N")]
    pub max_minutiae: Option<usize>,
    /// Drop minutiae below this quality (0 to 100).
    #[arg(long, value_name = "Q")]
    pub min_quality: Option<u8>,
    /// The sensor shows ridges bright: invert the image first.
    #[arg(long)]
    pub invert: bool,
    #[command(flatten)]
    pub force: ForceArgs,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
}

#[derive(Args, Debug)]
pub struct ConvertImageArgs {
    /// PNG, TIFF, BMP, PNM, JPEG, JPEG 2000 or WSQ image, finger image record or ANSI/NIST-ITL file (its first image); - is
    /// standard input.
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// Output file for the image: .wsq (lossy), .png (lossless) or .fir (a finger image record). With --format any
    /// name, or - for standard output.
    #[arg(value_name = "OUT")]
    pub output: PathBuf,
    /// Format to write [default: from the name].
    #[arg(long, value_name = "F", value_enum)]
    pub format: Option<ImageTarget>,
    /// Resolution of the image, pixels per inch; WSQ keeps it in a comment [default: from the record].
    #[arg(long, value_name = "N", value_parser = ppi)]
    pub ppi: Option<Ppi>,
    /// Bits per pixel of a WSQ image (0.1 to 5): 0.75 is about 15 times smaller, 2.25 about 5 times.
    #[arg(long, value_name = "BPP", default_value_t = 0.75)]
    pub bpp: f32,
    /// Standard of a finger image record.
    #[arg(long, value_name = "E", value_enum, default_value_t = ImageEdition::Iso2005)]
    pub edition: ImageEdition,
    /// Store the image in a finger image record as PNG, without loss, instead of WSQ.
    #[arg(long)]
    pub lossless: bool,
    #[command(flatten)]
    pub force: ForceArgs,
}

/// Formats of images that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImageTarget {
    Wsq,
    Png,
    Fir,
}

/// Standards of finger image records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImageEdition {
    Iso2005,
    Iso2011,
    Ansi2004,
}

#[derive(Args, Debug)]
pub struct ConvertArgs {
    /// Template record; - is standard input.
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// Output file; - is standard output.
    #[arg(value_name = "OUT")]
    pub output: PathBuf,
    /// Format to write: iso2005, iso2011, ansi2004, ansi2009, ansi2009am1, card, card-compact, xyt, xyt-m1, sourceafis,
    /// piv, csv, csv-pixels, ssft [default: from the name].
    #[arg(long, value_name = "F", value_parser = template_format)]
    pub format: Option<TemplateFormat>,
    /// Format to read [default: detected from the bytes, which is not possible for card formats and xyt-m1].
    #[arg(long, value_name = "F", value_parser = template_format)]
    pub from: Option<TemplateFormat>,
    #[command(flatten)]
    pub force: ForceArgs,
}

#[derive(Args, Debug)]
pub struct InspectArgs {
    /// Template record, finger image record, ANSI/NIST-ITL file or image; - is standard input.
    pub file: PathBuf,
    /// Format to read [default: detected from the bytes].
    #[arg(long, value_name = "F", value_parser = template_format)]
    pub format: Option<TemplateFormat>,
    /// Draw the first view.
    #[arg(long, value_name = "PICTURE")]
    pub svg: Option<PathBuf>,
    #[command(flatten)]
    pub force: ForceArgs,
}

fn template_format(text: &str) -> Result<TemplateFormat, String> {
    let known = || TemplateFormat::ALL.map(TemplateFormat::id).join(", ");
    TemplateFormat::from_id(text).ok_or_else(|| format!("none of {}", known()))
}

#[derive(Args, Debug)]
pub struct CompareArgs {
    /// Image or template; - is standard input.
    pub a: PathBuf,
    /// Image or template.
    pub b: PathBuf,
    /// Resolution of images and of CSV templates in pixels, pixels per inch.
    #[arg(long, value_name = "N", value_parser = ppi)]
    pub ppi: Option<Ppi>,
    /// Match when the score corresponds to at most this false match rate [default: 1e-4].
    #[arg(long, value_name = "RATE", value_parser = fmr)]
    pub fmr: Option<Fmr>,
    /// Picture of why they match or not: both prints side by side, the pairs of minutiae, the region that both show, and
    /// the evidence as a table: .png or .svg. It shows the prints.
    #[arg(long, value_name = "OUT")]
    pub picture: Option<PathBuf>,
    #[command(flatten)]
    pub force: ForceArgs,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
}

#[derive(Args, Debug)]
pub struct IdentifyArgs {
    /// Folder of images and templates (images tif, tiff, png, bmp, pgm, jpg, jpeg, wsq, fir, an2; templates iso, csv,
    /// fmr, ansi, piv, ssft, cbor, xyt). Each file is a subject, named after the file without its extension.
    pub gallery: PathBuf,
    /// Images or templates to search for; - is standard input.
    #[arg(required = true, value_name = "PROBE")]
    pub probes: Vec<PathBuf>,
    /// Resolution of images and of CSV templates in pixels, pixels per inch.
    #[arg(long, value_name = "N", value_parser = ppi)]
    pub ppi: Option<Ppi>,
    /// Show this many candidates for each probe.
    #[arg(long, value_name = "K", default_value = "5")]
    pub top: NonZeroUsize,
    /// Match at this false match rate of one comparison.
    #[arg(long, value_name = "RATE", value_parser = fmr, conflicts_with = "fpir")]
    pub fmr: Option<Fmr>,
    /// Match so that a search returns a stranger at this rate, whatever the size of the gallery [default: 1e-2, and
    /// at most 1e-4 per comparison].
    #[arg(long, value_name = "RATE", value_parser = fmr)]
    pub fpir: Option<Fmr>,
    #[command(flatten)]
    pub batch: BatchArgs,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
}

#[derive(Args, Debug)]
pub struct DedupArgs {
    /// Folder of images and templates (images tif, tiff, png, bmp, pgm, jpg, jpeg, wsq, fir, an2; templates iso, csv,
    /// fmr, ansi, piv, ssft, cbor, xyt). Each file is compared with every other.
    pub gallery: PathBuf,
    /// Resolution of images and of CSV templates in pixels, pixels per inch.
    #[arg(long, value_name = "N", value_parser = ppi)]
    pub ppi: Option<Ppi>,
    /// Report pairs at this false match rate of one comparison.
    #[arg(long, value_name = "RATE", value_parser = fmr, conflicts_with = "fpir")]
    pub fmr: Option<Fmr>,
    /// Report pairs so that the whole search reports a false one at this rate, whatever the size of the gallery
    /// [default: 1e-2, and at most 1e-4 per comparison].
    #[arg(long, value_name = "RATE", value_parser = fmr)]
    pub fpir: Option<Fmr>,
    #[command(flatten)]
    pub batch: BatchArgs,
    /// Compare each print in full only with the N most similar of those that follow. This makes large galleries
    /// feasible but may miss pairs: with N = 1 % of a gallery of 10,000 none of 3,551 mates above the threshold was
    /// lost.
    #[arg(long, value_name = "N")]
    pub shortlist: Option<NonZeroUsize>,
    /// Keep the state of the search in this file; if it exists, resume from it. It holds no templates, belongs to this
    /// gallery, threshold and shortlist, and is kept when the search is done.
    #[arg(long, value_name = "FILE", value_parser = file)]
    pub checkpoint: Option<PathBuf>,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
}

#[derive(Args, Debug)]
pub struct CalibrateArgs {
    /// NumPy array (.npy) of floats, one embedding per row; all of one model.
    pub embeddings: PathBuf,
    /// NumPy array of integers: the person of each row.
    pub labels: PathBuf,
    /// NumPy array of pairs of rows that show one person under two labels; they are left out.
    #[arg(long, value_name = "PAIRS.npy")]
    pub label_errors: Option<PathBuf>,
    /// File for the calibration, for `selfsame gallery create --face-calibration`.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub force: ForceArgs,
}

#[derive(Args, Debug)]
pub struct SynthPrintsArgs {
    /// Number of fingers.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub fingers: u32,
    /// Impressions of each finger.
    #[arg(long, value_name = "M", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub impressions: u32,
    /// Seed of all random choices: the same seed makes the same files.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Folder for FINGER_IMPRESSION.png and FINGER_IMPRESSION.csv.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// How hard impressions are to read; mixed: good, medium and hard in turn.
    #[arg(long, value_enum, default_value_t = PrintLevel::Medium)]
    pub level: PrintLevel,
    /// Sensor that fingers are pressed on.
    #[arg(long, value_enum, default_value_t = PrintSensor::Optical)]
    pub sensor: PrintSensor,
}

/// Levels of difficulty.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintLevel {
    Clean,
    Good,
    Medium,
    Hard,
    Broken,
    Mixed,
}

/// Kinds of sensor.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintSensor {
    Optical,
    Capacitive,
    Thermal,
}

#[derive(Args, Debug)]
pub struct SynthTemplatesArgs {
    /// Number of fingers.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub fingers: u32,
    /// Impressions of each finger.
    #[arg(long, value_name = "M", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub impressions: u32,
    /// Seed of all random choices: the same seed makes the same files.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Folder for FINGER_IMPRESSION.iso or .csv.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// ISO/IEC 19794-2:2005 or CSV.
    #[arg(long, value_enum, default_value_t = TemplateKind::Iso)]
    pub format: TemplateKind,
}

/// Encodings of templates.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TemplateKind {
    Iso,
    Csv,
}

#[derive(Args, Debug)]
pub struct SynthFacesArgs {
    /// Number of people.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub identities: u32,
    /// Embeddings of each person.
    #[arg(long, value_name = "M", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    pub images: u32,
    /// Seed of all random choices: the same seed makes the same files.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Folder for embeddings.npy (floats, one embedding per row) and labels.npy (integers).
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
}

#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Seed of the population.
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
}

#[derive(Args, Debug)]
pub struct BenchArgs {
    /// Numbers of people to search among. A million prints take 2.4 GB and, on two cores, two minutes to make.
    #[arg(long, value_name = "N,N,...", value_delimiter = ',', default_value = "1000,10000,100000")]
    pub people: Vec<NonZeroUsize>,
    /// Time for all of it. What does not fit is left out and named.
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    pub seconds: NonZeroU64,
    /// File for the growth of searches, one page (SVG).
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Folder on the disk whose galleries are measured; the gallery is removed at the end [default: the system's folder
    /// for temporary files].
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    #[command(flatten)]
    pub force: ForceArgs,
}

#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// Shell to write for.
    pub shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub struct ManArgs {
    /// Folder for the pages: selfsame.1, selfsame-compare.1 and so on.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}
