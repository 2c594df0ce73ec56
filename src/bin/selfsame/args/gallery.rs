//! What the user can ask of a sealed gallery.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use selfsame::{FingerPosition, Fmr, Ppi};

use super::{ExtractionArgs, fmr, ppi};
use crate::time;

#[derive(Subcommand, Debug)]
pub enum GalleryCommand {
    /// Make a new gallery in a new folder.
    Create(CreateArgs),
    /// Add prints, templates or face embeddings to a subject, new or known.
    Enroll(EnrollArgs),
    /// Put new samples of a finger, or of the face, in the place of the enrolled ones.
    Update(EnrollArgs),
    /// Find out who it is: exit code 1 when nobody reaches the threshold.
    Identify(GalleryIdentifyArgs),
    /// Find out whether it is this subject: exit code 1 when not.
    Verify(VerifyArgs),
    /// Remove subjects; their sealed bytes may stay in free pages of the file for a while.
    Delete(SubjectsArgs),
    /// Remove subjects and destroy the keys of their records: old pages of the file open no more.
    Erase(SubjectsArgs),
    /// Show what was done, by whom and when.
    Log(LogArgs),
    /// Read and verify everything: exit code 1 when something is wrong, with what and where.
    Check(OpenArgs),
    /// New master keys; another passphrase too if one is given.
    RotateKeys(RotateKeysArgs),
    /// Write all templates in the clear.
    Export(ExportArgs),
    /// Enrol what an export wrote, or folders of prints, one per subject.
    Import(ImportArgs),
}

/// Where the gallery's key comes from, and who asks.
#[derive(Args, Debug)]
pub struct KeyArgs {
    /// File that holds the passphrase (a line break at its end does not count). Without it the variable SELFSAME_PASSPHRASE is read, and
    /// without that the passphrase is asked for.
    #[arg(long, value_name = "FILE", conflicts_with = "key_file")]
    pub passphrase_file: Option<PathBuf>,
    /// File of 32 random bytes that only its owner can read, instead of a passphrase. `create` makes it when it is not there.
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// File that remembers how far the gallery had come, best on another machine's disk: an old copy of the gallery is then refused.
    #[arg(long, value_name = "FILE")]
    pub anchor: Option<PathBuf>,
    /// Who acts, for the log.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub actor: String,
}

/// The key that takes the place of another.
#[derive(Args, Debug)]
pub struct NewKeyArgs {
    /// File that holds the new passphrase.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["new_key_file", "new_passphrase"])]
    pub new_passphrase_file: Option<PathBuf>,
    /// Ask for a new passphrase.
    #[arg(long, conflicts_with = "new_key_file")]
    pub new_passphrase: bool,
    /// Key file that takes the passphrase's place; made when it is not there.
    #[arg(long, value_name = "FILE")]
    pub new_key_file: Option<PathBuf>,
}

impl NewKeyArgs {
    pub fn is_asked_for(&self) -> bool {
        self.new_passphrase || self.new_passphrase_file.is_some() || self.new_key_file.is_some()
    }
}

/// How files become samples.
#[derive(Args, Debug)]
pub struct SampleArgs {
    /// Resolution of images and of CSV templates in pixels, pixels per inch.
    #[arg(long, value_name = "N", value_parser = ppi)]
    pub ppi: Option<Ppi>,
    /// Which finger: right-thumb, right-index, right-middle, right-ring, right-little, left-thumb and so on.
    #[arg(long, value_name = "FINGER", default_value = "unknown", value_parser = position)]
    pub position: FingerPosition,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
}

#[derive(Args, Debug)]
pub struct CreateArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Model that makes the embeddings of faces: NAME/VERSION/DIMENSION.
    #[arg(long, value_name = "MODEL")]
    pub face_model: Option<String>,
    /// What the model's cosines mean: a file that `selfsame calibrate` wrote. Without one faces are kept and not judged.
    #[arg(long, value_name = "FILE")]
    pub face_calibration: Option<PathBuf>,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct EnrollArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Name of the subject.
    pub subject: String,
    /// Prints, templates, or embeddings (.npy), all of this subject; prints of one finger.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Text of yours that is sealed with the subject, at most 4096 bytes.
    #[arg(long, value_name = "TEXT")]
    pub metadata: Option<String>,
    #[command(flatten)]
    pub samples: SampleArgs,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct GalleryIdentifyArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Print, template or embedding; several count together.
    #[arg(required = true, value_name = "PROBE")]
    pub probe: Vec<PathBuf>,
    /// Show at most this many subjects.
    #[arg(long, value_name = "K", default_value = "5")]
    pub top: NonZeroUsize,
    /// Match at this false match rate of one comparison.
    #[arg(long, value_name = "RATE", value_parser = fmr, conflicts_with = "fpir")]
    pub fmr: Option<Fmr>,
    /// Match so that a search returns a stranger at this rate, whatever the size of the gallery.
    #[arg(long, value_name = "RATE", value_parser = fmr, default_value = "1e-2")]
    pub fpir: Fmr,
    #[command(flatten)]
    pub samples: SampleArgs,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Name of the subject.
    pub subject: String,
    /// Print, template or embedding; several count together.
    #[arg(required = true, value_name = "PROBE")]
    pub probe: Vec<PathBuf>,
    /// Match when the score stands for at most this false match rate.
    #[arg(long, value_name = "RATE", default_value = "1e-4", value_parser = fmr)]
    pub fmr: Fmr,
    #[command(flatten)]
    pub samples: SampleArgs,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct SubjectsArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Names of the subjects. When one is not enrolled nothing is removed.
    #[arg(required = true, value_name = "SUBJECT")]
    pub subjects: Vec<String>,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct LogArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Only from this day or moment on, UTC: 2026-11-27 or 2026-11-27T18:30:00Z.
    #[arg(long, value_name = "TIME", value_parser = time::parse)]
    pub since: Option<u64>,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct OpenArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct RotateKeysArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Change the passphrase or key only, which takes no time however large the gallery, and keep the master keys.
    #[arg(long)]
    pub only_passphrase: bool,
    #[command(flatten)]
    pub new: NewKeyArgs,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct ExportArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Folder for a folder per subject: FINGER_N.iso (ISO/IEC 19794-2:2005) and face_N.npy.
    pub output: PathBuf,
    /// Needed, because what is written is readable by everybody.
    #[arg(long)]
    pub in_the_clear: bool,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct ImportArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Folder with a folder per subject, which holds prints, templates and embeddings. FINGER_N.* says which finger.
    pub folder: PathBuf,
    /// Pass over subjects that are enrolled already.
    #[arg(long)]
    pub skip_enrolled: bool,
    #[command(flatten)]
    pub samples: SampleArgs,
    #[command(flatten)]
    pub key: KeyArgs,
}

/// Names of the fingers, in the order of their codes.
const FINGERS: [&str; 11] = [
    "unknown",
    "right-thumb",
    "right-index",
    "right-middle",
    "right-ring",
    "right-little",
    "left-thumb",
    "left-index",
    "left-middle",
    "left-ring",
    "left-little",
];

pub fn position(text: &str) -> Result<FingerPosition, String> {
    let code = FINGERS.iter().position(|name| *name == text).and_then(|code| u8::try_from(code).ok());
    code.and_then(FingerPosition::from_code).ok_or_else(|| format!("one of {} is needed", FINGERS.join(", ")))
}

pub fn position_name(position: FingerPosition) -> &'static str {
    FINGERS.get(usize::from(position.code())).copied().unwrap_or("unknown")
}
