//! What the user can ask of a sealed gallery.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use selfsame::{FingerPosition, Fmr, Ppi};

use super::extraction::{ExtractionArgs, fmr, ppi};
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
    /// Remove subjects; their sealed bytes stay in the file until the next rotation of keys.
    Delete(SubjectsArgs),
    /// Remove subjects and destroy the keys of their records: old blocks of the files open no more.
    Erase(SubjectsArgs),
    /// Remove one impression of a finger, or one picture of a face, of a subject who has others.
    RemoveSample(RemoveSampleArgs),
    /// Show the names of the subjects and what is enrolled of each, page by page.
    List(ListArgs),
    /// Show what the gallery is: its id, how many are in it, where its log stands.
    Info(OpenArgs),
    /// Show what was done, by whom and when.
    Log(LogArgs),
    /// Sign the log as it is, for somebody outside to keep.
    Checkpoint(CheckpointArgs),
    /// Prove that an entry is in the log, or that the log goes on from a checkpoint.
    Prove(ProveArgs),
    /// Check a proof against a checkpoint, without the gallery and without its key: exit code 1 when it does not convince.
    VerifyProof(VerifyProofArgs),
    /// Read and verify everything: exit code 1 when something is wrong, with what and where. Nothing is written to what is damaged.
    Check(OpenArgs),
    /// New keys for everything; another passphrase too if one is given.
    RotateKeys(RotateKeysArgs),
    /// Write all templates in the clear.
    Export(ExportArgs),
    /// Enroll what an export wrote, or folders of prints, one per subject.
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
    /// File that remembers how far the gallery had come, best on another machine's disk: an old copy, a fork and another gallery are then refused. A
    /// gallery that was made with one is opened with it only.
    #[arg(long, value_name = "FILE")]
    pub anchor: Option<PathBuf>,
    /// Go on with the anchor that is given, which must be new, or with none: the one that the gallery had is lost.
    #[arg(long)]
    pub new_anchor: bool,
    /// Refuse any gallery but that of this id (`gallery info` shows it).
    #[arg(long, value_name = "HEX", value_parser = gallery_id)]
    pub gallery_id: Option<[u8; 16]>,
    /// How long to wait for another process that has the gallery open, seconds.
    #[arg(long, value_name = "SECONDS", default_value = "10")]
    pub wait: u64,
    /// Take a passphrase of fewer than 8 characters.
    #[arg(long)]
    pub allow_short_passphrase: bool,
    /// Open a keyring whose passphrase costs more to try than twice what new ones cost: up to 1 GiB and 16 passes.
    #[arg(long)]
    pub accept_costly_passphrase: bool,
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

/// Opening a gallery without writing to it, as many at once as there are.
#[derive(Args, Debug)]
pub struct ReadArgs {
    /// Open the gallery to be read only, on a read-only disk too; nothing of it is logged, and failed attempts are not counted.
    #[arg(long, conflicts_with = "events")]
    pub unlogged: bool,
    /// Open the gallery to be read only; what is done is written to the end of this file, an event a line (JSON). Failed attempts are not counted.
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
}

/// What a comparison tells, and how often it may fail.
#[derive(Args, Debug)]
pub struct DecisionArgs {
    /// Show scores. Whoever sees them climbs to a match in about a hundred tries.
    #[arg(long)]
    pub scores: bool,
    /// Do not make anybody wait after failed attempts [default: 30 seconds after 5 in a row with a subject or 20 of an actor, doubled up to an hour].
    #[arg(long)]
    pub unlimited: bool,
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
    pub decision: DecisionArgs,
    #[command(flatten)]
    pub read: ReadArgs,
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
    pub decision: DecisionArgs,
    #[command(flatten)]
    pub read: ReadArgs,
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
    /// Only what was done with this subject, who must be enrolled now.
    #[arg(long, value_name = "SUBJECT")]
    pub subject: Option<String>,
    /// Only events of this kind: enroll, verify, erase and so on.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct RemoveSampleArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Name of the subject.
    pub subject: String,
    /// Which finger; without it a picture of the face is meant.
    #[arg(long, value_name = "FINGER", value_parser = position)]
    pub position: Option<FingerPosition>,
    /// Which impression or picture, as `gallery list` shows it.
    #[arg(long, value_name = "N")]
    pub sample: u16,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct ListArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Only subjects behind this one, in the order of their names.
    #[arg(long, value_name = "SUBJECT")]
    pub after: Option<String>,
    /// At most this many.
    #[arg(long, value_name = "N", default_value = "100")]
    pub count: NonZeroUsize,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct CheckpointArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// File of 32 random bytes that only its owner can read: the signing key, which is none of the gallery's. Made when it is not there.
    #[arg(long, value_name = "FILE")]
    pub signing_key: PathBuf,
    /// File for the checkpoint [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct ProveArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Number of the entry that is to be proved; without it, that the log goes on from the checkpoint.
    #[arg(long, value_name = "N")]
    pub entry: Option<u64>,
    /// Checkpoint of the log at which, or from which on, something is to be proved.
    #[arg(long, value_name = "FILE", required_unless_present = "entry")]
    pub checkpoint: Option<PathBuf>,
    /// Later checkpoint, up to which it is to be proved that the log goes on [default: the log as it is now].
    #[arg(long, value_name = "FILE", requires = "checkpoint", conflicts_with = "entry")]
    pub newer: Option<PathBuf>,
    /// Key that signed the checkpoints, 64 hexadecimal digits.
    #[arg(long, value_name = "HEX", requires = "checkpoint", value_parser = public_key)]
    pub public_key: Option<[u8; 32]>,
    /// File for the proof [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct VerifyProofArgs {
    /// Proof that `gallery prove` wrote.
    pub proof: PathBuf,
    /// Checkpoint of the log in which the entry is said to be, or from which the log is said to go on.
    #[arg(long, value_name = "FILE")]
    pub checkpoint: PathBuf,
    /// Checkpoint of the later log, when it is to be proved that it goes on from the first.
    #[arg(long, value_name = "FILE")]
    pub newer: Option<PathBuf>,
    /// Key that signed the checkpoints, 64 hexadecimal digits.
    #[arg(long, value_name = "HEX", value_parser = public_key)]
    pub public_key: [u8; 32],
}

#[derive(Args, Debug)]
pub struct OpenArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct RotateKeysArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
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
    /// Needed, because whoever reads what is written can make fingers of it.
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

fn gallery_id(text: &str) -> Result<[u8; 16], String> {
    hex(text).ok_or_else(|| "32 hexadecimal digits are needed".to_owned())
}

fn public_key(text: &str) -> Result<[u8; 32], String> {
    hex(text).ok_or_else(|| "64 hexadecimal digits are needed".to_owned())
}

/// As many bytes as are wanted, of twice as many hexadecimal digits.
pub fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}
