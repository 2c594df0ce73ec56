//! Arguments of evaluations.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use selfsame::Ppi;

use super::extraction::{BatchArgs, ExtractionArgs, ExtractorKind, ForceArgs, ppi};

#[derive(Subcommand, Debug)]
pub enum EvalCommand {
    /// Verification error rates of a folder of fingerprints.
    Fingerprint(EvalFingerprintArgs),
    /// Verification and identification rates of face embeddings.
    Face(EvalFaceArgs),
    /// Extracted minutiae against ground truth.
    Extract(EvalExtractArgs),
    /// Renewable templates: accuracy, unlinkability, and what a leaked key reveals.
    Protect {
        #[command(subcommand)]
        command: EvalProtectCommand,
    },
}

#[derive(Subcommand, Debug)]
pub enum EvalProtectCommand {
    /// Codes of face embeddings.
    Faces(EvalProtectFacesArgs),
    /// Codes of a folder of fingerprints.
    Fingers(EvalProtectFingersArgs),
}

#[derive(Args, Debug)]
pub struct EvalProtectFacesArgs {
    /// NumPy array (.npy) of floats, one embedding per row.
    pub embeddings: PathBuf,
    /// NumPy array of integers: the person of each row.
    pub labels: PathBuf,
    /// NumPy array of pairs of rows that show one person under two labels; they are not counted as impostors.
    #[arg(long, value_name = "PAIRS.npy")]
    pub label_errors: Option<PathBuf>,
    /// Bits of a code, a multiple of 64 up to 4096; give several to compare.
    #[arg(long, value_name = "N,N,...", value_delimiter = ',', default_values_t = [128, 256, 512, 1024])]
    pub bits: Vec<usize>,
    /// Numbers of known pairs for attacks without a key, of pictures and codes and of old and renewed codes; give
    /// several to compare. Half of the people are left to attack.
    #[arg(long, value_name = "N,N,...", value_delimiter = ',', default_values_t = [10, 50, 200, 1000])]
    pub known: Vec<usize>,
}

#[derive(Args, Debug)]
pub struct EvalProtectFingersArgs {
    /// Folders of FINGER_IMPRESSION.{tif,tiff,png,bmp,pgm,jpg,jpeg,wsq,fir,an2,iso,csv,fmr,ansi,piv,ssft,cbor,xyt}; the
    /// name is split at its last underscore.
    #[arg(required = true)]
    pub dirs: Vec<PathBuf>,
    /// Resolution of images and of CSV templates in pixels, pixels per inch.
    #[arg(long, value_name = "N", value_parser = ppi)]
    pub ppi: Option<Ppi>,
    /// Also print the evidence of impostor comparisons at the rates in the calibration table.
    #[arg(long)]
    pub calibrate: bool,
    #[command(flatten)]
    pub batch: BatchArgs,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
}

#[derive(Args, Debug)]
pub struct EvalFingerprintArgs {
    /// Folder of FINGER_IMPRESSION.{tif,tiff,png,bmp,pgm,jpg,jpeg,wsq,fir,an2,iso,csv,fmr,ansi,piv,ssft,cbor,xyt}; the
    /// name is split at its last underscore. Of several files with one name the first in this order counts. Other files
    /// are ignored, with a note.
    pub dir: PathBuf,
    /// Resolution of images and of CSV templates in pixels, pixels per inch.
    #[arg(long, value_name = "N", value_parser = ppi)]
    pub ppi: Option<Ppi>,
    /// Also enroll the first K impressions of each finger (in order of their names) and compare the others with them:
    /// the first alone, the best of all, and one merged reference.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub enroll: Option<u8>,
    /// Method that finds minutiae in the reference of each pair, if it differs from the probe's: measures how well
    /// templates of two methods compare.
    #[arg(long, value_name = "METHOD", value_enum, conflicts_with = "enroll")]
    pub reference_extractor: Option<ExtractorKind>,
    /// Write all scores as CSV: probe,reference,score; - is standard output.
    #[arg(long, value_name = "OUT.csv")]
    pub scores: Option<PathBuf>,
    #[command(flatten)]
    pub force: ForceArgs,
    /// Folder for index.html (one page with everything, without scripts), report.txt, report.json, det.svg and scores.svg.
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// Put pictures of the N worst genuine and the N best impostor pairs into index.html. They show people's fingers: whoever
    /// gets the page gets the prints.
    #[arg(long, value_name = "N", requires = "report", value_parser = clap::value_parser!(u8).range(1..=50))]
    pub show_prints: Option<u8>,
    #[command(flatten)]
    pub batch: BatchArgs,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
}

#[derive(Args, Debug)]
pub struct EvalFaceArgs {
    /// NumPy array (.npy) of floats, one embedding per row.
    pub embeddings: PathBuf,
    /// NumPy array of integers: the person of each row.
    pub labels: PathBuf,
    /// NumPy array of integers, one pair per row: row, row, same (1 or 0) and, optionally, fold.
    #[arg(long, value_name = "PAIRS.npy")]
    pub pairs: Option<PathBuf>,
    /// NumPy array of pairs of rows that show one person under two labels; they are counted neither as impostors nor as
    /// strangers.
    #[arg(long, value_name = "PAIRS.npy")]
    pub label_errors: Option<PathBuf>,
    /// Folder for index.html (one page with everything, without scripts), report.txt, report.json, det.svg and scores.svg.
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
    #[command(flatten)]
    pub batch: BatchArgs,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
}
