//! What the user can ask for.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use selfsame::{Fmr, Ppi};

/// Finds out whether two fingerprints or two faces belong to the same person.
///
/// Exit code 0: done, or a match; 1: no match; 2: error.
#[derive(Parser, Debug)]
#[command(name = "selfsame", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// Print the result as JSON.
    #[arg(long, global = true)]
    pub json: bool,
    /// Threads to use [default: all cores]. Results do not depend on it.
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Extract the minutiae of a fingerprint image.
    Extract(ExtractArgs),
    /// Compare two fingerprints (images or templates): exit code 1 when they do not match.
    Compare(CompareArgs),
    /// Measure error rates.
    Eval {
        #[command(subcommand)]
        command: EvalCommand,
    },
}

#[derive(Subcommand, Debug)]
pub enum EvalCommand {
    /// Verification error rates of a folder of fingerprints.
    Fingerprint(EvalFingerprintArgs),
    /// Verification and identification rates of face embeddings.
    Face(EvalFaceArgs),
    /// Extracted minutiae against ground truth.
    Extract(EvalExtractArgs),
}

#[derive(Args, Debug)]
pub struct ExtractArgs {
    /// PNG, TIFF, BMP, PNM or JPEG image, ridges dark.
    pub image: PathBuf,
    /// Resolution of the image, pixels per inch.
    #[arg(long, value_name = "N", value_parser = ppi)]
    pub ppi: Ppi,
    /// Where the template goes: .iso (ISO/IEC 19794-2:2005) or .csv (x,y,angle_degrees,type,quality at 500 ppi).
    #[arg(short, long, value_name = "OUT")]
    pub output: Option<PathBuf>,
    /// Folder for a PNG of each stage of the extraction.
    #[arg(long, value_name = "DIR")]
    pub stages: Option<PathBuf>,
    /// Picture of the minutiae over the print: .png or .svg.
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
}

#[derive(Args, Debug)]
pub struct CompareArgs {
    /// Image or template.
    pub a: PathBuf,
    /// Image or template.
    pub b: PathBuf,
    /// Resolution of images and of CSV templates in pixels, pixels per inch.
    #[arg(long, value_name = "N", value_parser = ppi)]
    pub ppi: Option<Ppi>,
    /// Match when the score stands for at most this false match rate.
    #[arg(long, value_name = "RATE", default_value = "1e-4", value_parser = fmr)]
    pub fmr: Fmr,
}

#[derive(Args, Debug)]
pub struct EvalFingerprintArgs {
    /// Folder of FINGER_IMPRESSION.{tif,tiff,png,bmp,pgm,jpg,jpeg,iso,csv}, the name split at its last underscore. Of
    /// several files with one name the first in this order counts. Other files are ignored, with a note.
    pub dir: PathBuf,
    /// Resolution of images and of CSV templates in pixels, pixels per inch.
    #[arg(long, value_name = "N", value_parser = ppi)]
    pub ppi: Option<Ppi>,
    /// Write all scores as CSV: probe,reference,score.
    #[arg(long, value_name = "OUT.csv")]
    pub scores: Option<PathBuf>,
    /// Folder for report.txt, report.json, det.svg and scores.svg.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct EvalFaceArgs {
    /// NumPy array (.npy) of floats, one embedding per row.
    pub embeddings: PathBuf,
    /// NumPy array of integers: whose embedding each row is.
    pub labels: PathBuf,
    /// NumPy array of integers, one pair per row: row, row, same (1 or 0) and, if wanted, fold.
    #[arg(long, value_name = "PAIRS.npy")]
    pub pairs: Option<PathBuf>,
    /// NumPy array of pairs of rows that show one person under two labels: they count as no impostors, and not as
    /// strangers.
    #[arg(long, value_name = "PAIRS.npy")]
    pub label_errors: Option<PathBuf>,
    /// Folder for report.txt, report.json, det.svg and scores.svg.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct EvalExtractArgs {
    /// Folder of images, each with its true minutiae in a CSV of the same name (x,y,angle_degrees,type,quality at 500
    /// ppi).
    pub dir: PathBuf,
    /// Resolution of the images, pixels per inch.
    #[arg(long, value_name = "N", default_value = "500", value_parser = ppi)]
    pub ppi: Ppi,
    /// Folder for report.txt and report.json.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
}

fn ppi(text: &str) -> Result<Ppi, String> {
    let number = text.parse().map_err(|_| "not a number".to_owned())?;
    Ppi::new(number).map_err(|e| e.to_string())
}

fn fmr(text: &str) -> Result<Fmr, String> {
    let number = text.parse().map_err(|_| "not a number".to_owned())?;
    Fmr::new(number).map_err(|e| e.to_string())
}
