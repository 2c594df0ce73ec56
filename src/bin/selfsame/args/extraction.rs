//! Arguments of several commands.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use selfsame::{Fmr, Ppi};

/// How images become templates.
#[derive(Args, Debug)]
pub struct ExtractionArgs {
    /// Method that finds minutiae in images.
    #[arg(long, value_name = "METHOD", value_enum, default_value = "learned")]
    pub extractor: ExtractorKind,
    /// Network weights to use instead of the crate's own (safetensors, from training/export.py).
    #[arg(long, value_name = "FILE", conflicts_with = "extractor")]
    pub weights: Option<PathBuf>,
    /// Believe that each image shows one print at the resolution given, and neither count prints nor measure ridges.
    #[arg(long)]
    pub unchecked: bool,
}

/// How bad files among many are taken.
#[derive(Args, Debug)]
pub struct BatchArgs {
    /// Stop at the first file that cannot be used, with the exit code of its error, instead of leaving it out.
    #[arg(long)]
    pub strict: bool,
}

/// How existing files are taken.
#[derive(Args, Debug)]
pub struct ForceArgs {
    /// Replace a file that exists.
    #[arg(long)]
    pub force: bool,
}

/// A method that finds minutiae.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ExtractorKind {
    /// A network, trained on synthetic prints and adapted to real ones.
    Learned,
    /// A network trained only on synthetic prints.
    LearnedSynthetic,
    /// A smaller network: a third of the time, but less accurate.
    LearnedSmall,
    /// Image filters.
    Classical,
}

pub fn ppi(text: &str) -> Result<Ppi, String> {
    let number = text.parse().map_err(|_| "not a number".to_owned())?;
    Ppi::new(number).map_err(|e| e.to_string())
}

pub fn fmr(text: &str) -> Result<Fmr, String> {
    let number = text.parse().map_err(|_| "not a number".to_owned())?;
    Fmr::new(number).map_err(|e| e.to_string())
}

/// A file that must have a name.
pub fn file(text: &str) -> Result<PathBuf, String> {
    if text == "-" {
        Err("a file with a name is needed here, not standard input or output".to_owned())
    } else {
        Ok(text.into())
    }
}
