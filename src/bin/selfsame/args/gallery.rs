//! Arguments of sealed galleries.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use selfsame::{FingerPosition, Fmr, Ppi};

use super::extraction::{BatchArgs, ExtractionArgs, ForceArgs, file, fmr, ppi};
use super::values::{gallery_id, position, public_key};
use crate::time;

#[derive(Subcommand, Debug)]
pub enum GalleryCommand {
    /// Create a gallery in a new folder.
    Create(CreateArgs),
    /// Add prints, templates or face embeddings to a subject, new or known.
    Enroll(EnrollArgs),
    /// Replace the enrolled samples of a finger, or of the face.
    Update(EnrollArgs),
    /// Identify a person: exit code 1 when nobody reaches the threshold.
    Identify(GalleryIdentifyArgs),
    /// Verify that a person is this subject: exit code 1 when not.
    Verify(VerifyArgs),
    /// Remove subjects; their sealed bytes stay in the file until it is compacted, and open with the gallery's keys.
    Delete(SubjectsArgs),
    /// Remove subjects and destroy the keys of their records: old blocks of the files no longer open, and the log keeps hashes of what it said of them.
    Erase(SubjectsArgs),
    /// Remove one impression of a finger, or one picture of a face, of a subject who has others.
    RemoveSample(RemoveSampleArgs),
    /// Show the names and samples of the subjects, page by page.
    List(ListArgs),
    /// Show the gallery's id, its counts and the state of its log.
    Info(OpenArgs),
    /// Show what was done, by whom and when.
    Log(LogArgs),
    /// Sign the current log, for an outsider to keep.
    Checkpoint(CheckpointArgs),
    /// Prove that an entry is in the log, or that the log extends a checkpoint.
    Prove(ProveArgs),
    /// Check a proof against a checkpoint, without the gallery and its key: exit code 1 when it does not hold.
    VerifyProof(VerifyProofArgs),
    /// Read and verify everything: exit code 1 and a report when something is wrong. Nothing is written to a damaged
    /// gallery.
    Check(OpenArgs),
    /// Free the bytes of records that were replaced or removed. A change that leaves more than a fifth of them does it by itself.
    Compact(CompactArgs),
    /// Remove the oldest entries of the log, by new keys; they can be kept in a sealed archive.
    RetireLog(RetireLogArgs),
    /// Show the entries of an archive of the log, and check that all of them are there.
    ReadArchive(ReadArchiveArgs),
    /// Replace all keys, and the passphrase if a new one is given.
    RotateKeys(RotateKeysArgs),
    /// Write all templates unencrypted.
    Export(ExportArgs),
    /// Enroll an export, or folders of prints, one per subject.
    Import(ImportArgs),
}

/// The source of the gallery's key, and the actor.
#[derive(Args, Debug)]
pub struct KeyArgs {
    /// File with the passphrase (a line break at its end is ignored; - is standard input). Without it the variable
    /// SELFSAME_PASSPHRASE is read, and without that the passphrase is asked for.
    #[arg(long, value_name = "FILE", conflicts_with = "key_file")]
    pub passphrase_file: Option<PathBuf>,
    /// File of 32 random bytes that only its owner can read, instead of a passphrase. `create` creates it if it is
    /// missing.
    #[arg(long, value_name = "FILE", value_parser = file)]
    pub key_file: Option<PathBuf>,
    /// File that remembers how far the gallery has come, best on another machine's disk: an old copy, a fork and
    /// another gallery are then refused. A gallery created with one opens only with it.
    #[arg(long, value_name = "FILE", value_parser = file)]
    pub anchor: Option<PathBuf>,
    /// Continue with the given anchor, which must be new, or without one: the gallery's anchor is lost.
    #[arg(long)]
    pub new_anchor: bool,
    /// Refuse any gallery without this id (`gallery info` shows it).
    #[arg(long, value_name = "HEX", value_parser = gallery_id)]
    pub gallery_id: Option<[u8; 16]>,
    /// Seconds to wait for another process that has the gallery open.
    #[arg(long, value_name = "SECONDS", default_value = "10")]
    pub wait: u64,
    /// Accept a passphrase of fewer than 8 characters.
    #[arg(long)]
    pub allow_short_passphrase: bool,
    /// Open a keyring whose passphrase costs more than twice the default to try: up to 1 GiB and 16 passes.
    #[arg(long)]
    pub accept_costly_passphrase: bool,
    /// Name of the actor, for the log.
    #[arg(long, value_name = "NAME", default_value = "")]
    pub actor: String,
}

/// The key that replaces another.
#[derive(Args, Debug)]
pub struct NewKeyArgs {
    /// File with the new passphrase.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["new_key_file", "new_passphrase"])]
    pub new_passphrase_file: Option<PathBuf>,
    /// Ask for a new passphrase.
    #[arg(long, conflicts_with = "new_key_file")]
    pub new_passphrase: bool,
    /// Key file that replaces the passphrase; created if it is missing.
    #[arg(long, value_name = "FILE", value_parser = file)]
    pub new_key_file: Option<PathBuf>,
}

/// Opening a gallery without writing to it, in any number of processes at once.
#[derive(Args, Debug)]
pub struct ReadArgs {
    /// Open the gallery read-only, on a read-only disk too; nothing is logged, and failed attempts are not counted.
    #[arg(long, conflicts_with = "events")]
    pub unlogged: bool,
    /// Open the gallery read-only; events are appended to this file, one per line (JSON). Failed attempts are not
    /// counted.
    #[arg(long, value_name = "FILE", value_parser = file)]
    pub events: Option<PathBuf>,
}

/// What a comparison reveals, and how often it may fail.
#[derive(Args, Debug)]
pub struct DecisionArgs {
    /// Show scores. They let an attacker climb to a match in about a hundred tries.
    #[arg(long)]
    pub scores: bool,
    /// Do not impose a wait after failed attempts [default: 30 seconds after 5 in a row with a subject or 20 by an
    /// actor, doubled up to an hour].
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
    /// The finger: right-thumb, right-index, right-middle, right-ring, right-little, left-thumb and so on.
    #[arg(long, value_name = "FINGER", default_value = "unknown", value_parser = position)]
    pub position: FingerPosition,
    #[command(flatten)]
    pub extraction: ExtractionArgs,
}

#[derive(Args, Debug)]
pub struct CreateArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Model that computes the embeddings of faces: NAME/VERSION/DIMENSION.
    #[arg(long, value_name = "MODEL")]
    pub face_model: Option<String>,
    /// Calibration of the model's cosines, a file written by `selfsame calibrate`. Without one faces are stored but not
    /// compared.
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
    /// Your own text to seal with the subject, at most 4096 bytes.
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
    /// Print, template or embedding; several are combined.
    #[arg(required = true, value_name = "PROBE")]
    pub probe: Vec<PathBuf>,
    /// Show at most this many subjects.
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
    /// Print, template or embedding; several are combined.
    #[arg(required = true, value_name = "PROBE")]
    pub probe: Vec<PathBuf>,
    /// Match when the score corresponds to at most this false match rate [default: 1e-4].
    #[arg(long, value_name = "RATE", value_parser = fmr)]
    pub fmr: Option<Fmr>,
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
    /// Names of the subjects. If any is not enrolled, nothing is removed.
    #[arg(required = true, value_name = "SUBJECT")]
    pub subjects: Vec<String>,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct LogArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Only entries from this day or time on, UTC: 2026-11-27 or 2026-11-27T18:30:00Z.
    #[arg(long, value_name = "TIME", value_parser = time::parse)]
    pub since: Option<u64>,
    /// Only entries about this subject, who must be enrolled now.
    #[arg(long, value_name = "SUBJECT")]
    pub subject: Option<String>,
    /// Only events of this kind: enroll, verify, erase and so on.
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Only entries with this number or a higher one.
    #[arg(long, value_name = "NUMBER", default_value = "0")]
    pub from: u64,
    /// At most this many entries.
    #[arg(long, value_name = "N", default_value = "100")]
    pub count: NonZeroUsize,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct CompactArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("which").required(true).args(["before", "until"]))]
#[command(group = ArgGroup::new("kept").required(true).args(["archive", "without_archive"]))]
pub struct RetireLogArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Remove the entries before this day or time, UTC: 2026-11-27 or 2026-11-27T18:30:00Z. Up to 63 of the last of them stay.
    #[arg(long, value_name = "TIME", value_parser = time::parse)]
    pub before: Option<u64>,
    /// Remove the entries before this number, rounded down to a multiple of 64.
    #[arg(long, value_name = "NUMBER")]
    pub until: Option<u64>,
    /// New file for the entries, sealed under the gallery's passphrase or key of now.
    #[arg(long, value_name = "FILE")]
    pub archive: Option<PathBuf>,
    /// Keep the entries nowhere.
    #[arg(long)]
    pub without_archive: bool,
    #[command(flatten)]
    pub force: ForceArgs,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct ReadArchiveArgs {
    /// Archive that `gallery retire-log` wrote.
    pub archive: PathBuf,
    /// Only entries with this number or a higher one.
    #[arg(long, value_name = "NUMBER", default_value = "0")]
    pub from: u64,
    /// At most this many entries.
    #[arg(long, value_name = "N", default_value = "100")]
    pub count: NonZeroUsize,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct RemoveSampleArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Name of the subject.
    pub subject: String,
    /// The finger; without it a picture of the face is removed.
    #[arg(long, value_name = "FINGER", value_parser = position)]
    pub position: Option<FingerPosition>,
    /// Number of the impression or picture, as `gallery list` shows it.
    #[arg(long, value_name = "N")]
    pub sample: u16,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct ListArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Only subjects after this one, in the order of their names.
    #[arg(long, value_name = "SUBJECT")]
    pub after: Option<String>,
    /// At most this many subjects.
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
    /// File of 32 random bytes that only its owner can read: the signing key, which is not one of the gallery's keys.
    /// Created if it is missing.
    #[arg(long, value_name = "FILE", value_parser = file)]
    pub signing_key: PathBuf,
    /// File for the checkpoint [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub force: ForceArgs,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct ProveArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Number of the entry to prove; without it, prove that the log extends the checkpoint.
    #[arg(long, value_name = "N")]
    pub entry: Option<u64>,
    /// Checkpoint of the log for the proof: the entry is proved in it, or the later log is proved to extend it.
    #[arg(long, value_name = "FILE", required_unless_present = "entry")]
    pub checkpoint: Option<PathBuf>,
    /// Later checkpoint that is proved to extend the first [default: the current log].
    #[arg(long, value_name = "FILE", requires = "checkpoint", conflicts_with = "entry")]
    pub newer: Option<PathBuf>,
    /// Key that signed the checkpoints, 64 hexadecimal digits.
    #[arg(long, value_name = "HEX", requires = "checkpoint", value_parser = public_key)]
    pub public_key: Option<[u8; 32]>,
    /// File for the proof [default: standard output].
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub force: ForceArgs,
    #[command(flatten)]
    pub read: ReadArgs,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct VerifyProofArgs {
    /// Proof that `gallery prove` wrote.
    pub proof: PathBuf,
    /// Checkpoint of the log that should contain the entry, or that the later log should extend.
    #[arg(long, value_name = "FILE")]
    pub checkpoint: PathBuf,
    /// Checkpoint of the later log, when the proof is that it extends the first.
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
    /// Output folder, with a folder per subject: FINGER_N.iso (ISO/IEC 19794-2:2005) and face_N.npy.
    pub output: PathBuf,
    /// Required, because anyone who reads the export can make fake fingers from it.
    #[arg(long)]
    pub in_the_clear: bool,
    #[command(flatten)]
    pub key: KeyArgs,
}

#[derive(Args, Debug)]
pub struct ImportArgs {
    /// Folder of the gallery.
    pub gallery: PathBuf,
    /// Folder with a folder per subject, which holds prints, templates and embeddings. The name FINGER_N.* gives the
    /// finger.
    pub folder: PathBuf,
    /// Skip subjects who are already enrolled.
    #[arg(long)]
    pub skip_enrolled: bool,
    #[command(flatten)]
    pub batch: BatchArgs,
    #[command(flatten)]
    pub samples: SampleArgs,
    #[command(flatten)]
    pub key: KeyArgs,
}
