//! A gallery that is always encrypted on disk: enrollment, verification and identification over sealed records.
//!
//! ```
//! use std::sync::Arc;
//!
//! use selfsame::gallery::{Gallery, GallerySearch, Samples};
//! use selfsame::gallery::seal::{RawKey, SecretKey};
//! use selfsame::synth::{Level, PrintGenerator};
//! use selfsame::{Extractor, FingerPosition, Fmr, SubjectId, Threshold};
//!
//! let extractor = Extractor::new();
//! let print = |k| extractor.extract(&PrintGenerator::new(1).finger(0).impression(k, Level::Good).image);
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("door");
//! let key = Arc::new(RawKey::new(SecretKey::random()?)); // a passphrase, a key file, a key service: see selfsame::gallery::seal
//! let gallery = Gallery::builder(key.clone()).create(&path)?;
//! let jo = SubjectId::new("jo")?;
//! gallery.enroll(&jo, &Samples::new().finger(FingerPosition::RightIndex, print(0)?))?;
//! drop(gallery);
//!
//! let gallery = Gallery::builder(key).open(&path)?; // opens and checks every record
//! let probe = Samples::new().finger(FingerPosition::RightIndex, print(1)?);
//! let threshold = Threshold::at_fmr(Fmr::new(1e-4)?)?;
//! assert!(gallery.verify(&jo, &probe, threshold)?.matched);
//! let found = gallery.identify(&probe, &GallerySearch::top(1).at_least(threshold.score()))?;
//! assert_eq!(found[0].subject, jo);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **On disk** a gallery is a folder: a keyring, a file of records, a log, a file of hashes over the log, and a lock
//! file (`docs/gallery-format.md` has the bytes). Records and log are ciphertext under keyed names; the keyring holds
//! the master key, wrapped by the caller's [`KeyProvider`](seal::KeyProvider). Each record is sealed for its gallery, subject, finger,
//! impression and version, and is in a block that carries a code over the block and all before it, so a record that is
//! changed, moved, copied, removed or put back is detected.
//!
//! **An acknowledged change persists.** A change is durable when its method returns. A full or failing disk, a kill or
//! a power failure loses nothing that was acknowledged; after a failed write nothing more is written until the gallery
//! is opened again.
//!
//! **In memory** nothing is encrypted: anyone who can read the memory of the process can read the gallery.
//!
//! # Threat model
//!
//! | The attacker | Result | Test |
//! |---|---|---|
//! | reads the files | learns how many records and commits there are, and lengths in steps | `gallery::nothing_secret_is_in_the_files_or_in_debug_texts` |
//! | writes the files too | can destroy them; a change, move, removal or replay is refused on opening or reported by [`Gallery::check`] | `gallery::every_swap_of_two_records_is_seen`, `gallery_damage` |
//! | restores all files to an old state, or substitutes another gallery of the same passphrase | is refused with an [`Anchor`] (for the second, [`GalleryBuilder::expect_id`] also serves), and **not detected without** | `gallery::an_old_copy_a_fork_and_another_gallery_are_noticed_with_an_anchor` |
//! | reads the memory of the process | has everything | `seal::nothing_secret_is_in_any_text`, for texts only |
//! | has the keys | can do everything, and write another log; only an anchor or a signed checkpoint kept elsewhere reveals it | `gallery_log::proofs_convince_without_a_key_and_checkpoints_are_signed` |
//! | has an old keyring and its passphrase | opens old copies of the files, and nothing written after a rotation | `gallery::a_rotation_replaces_every_key_and_keeps_the_log` |
//! | has the current keys and the disk after [`Gallery::erase`] | opens nothing of the erased subjects, not even in old copies of the other files; an old copy of the *keyring* with its passphrase still opens an old copy of the records | `stops::stopped_at_every_request` |
//! | submits probe after probe | sees only decisions, and must wait after failures, with [`GalleryBuilder::decisions_only`] and [`GalleryBuilder::attempts`] | `gallery::attempts_are_limited_and_scores_kept_back` |
//!
//! `SECURITY.md` has the details and the limits.
//!
//! # Threads
//!
//! A handle is cheap to clone and can be used from any number of threads, including jobs of a rayon pool. Searches and
//! verifications continue while another thread enrolls, rotates keys, checks or exports; changes wait for each other.
//! The caller's own code (iterators, progress, visitors, providers, anchors) is never called with a lock held, and may
//! use the gallery.

mod anchor;
mod anchoring;
mod archive;
mod attempts;
mod builder;
mod check;
mod compact;
mod create;
pub mod disk;
mod enroll;
mod error;
mod export;
mod handle;
mod index_file;
mod info;
mod journal;
mod ledger;
mod load;
pub mod log;
mod log_policy;
mod log_query;
mod opening;
mod params;
mod people;
mod person;
mod proofs;
mod readonly;
mod record;
mod remove;
mod report;
mod rewrite;
mod samples;
pub mod seal;
mod search;
mod threads;
mod turns;
mod walk;

#[cfg(fuzzing)]
use crate::face::compare::{Face, Form};
#[cfg(fuzzing)]
use crate::fingerprint::compare::Finger;

pub use anchor::{Anchor, AnchorError, AnchorState, FileAnchor, MemoryAnchor};
pub use archive::LogArchive;
pub use attempts::AttemptLimit;
pub use builder::GalleryBuilder;
pub use enroll::BatchOptions;
pub use error::GalleryError;
pub use export::Exported;
pub use handle::Gallery;
pub use index_file::{IndexFileError, IndexWriter, OnDisk, OnDiskError};
pub use info::{Info, Listed};
pub use log_policy::LogPolicy;
pub use log_query::{LogEntry, LogQuery};
pub use proofs::{ConsistencyProof, InclusionProof};
pub use readonly::Unlogged;
pub use remove::Sample;
pub use report::{CheckReport, Problem, ProblemKind};
pub use samples::Samples;
pub use search::{GallerySearch, Identified, Verified};

/// Opens, reads and writes back the content of the files, for the fuzz target `journal`.
#[cfg(fuzzing)]
#[doc(hidden)]
pub fn check_journal(data: &[u8]) {
    journal::check(data);
}

/// What the frames of an index's file hold once they are opened, read and written back: for the fuzz target `index_file`.
#[cfg(fuzzing)]
#[doc(hidden)]
pub fn check_index_rows(data: &[u8]) {
    let Some((first, data)) = data.split_first() else { return };
    let probe = || {
        let at = |n: u16| f32::from(n * n * 7 % 400);
        let minutia = |n| crate::fingerprint::minutia::Minutia {
            x: at(n),
            y: at(n + 5),
            direction: crate::geometry::Angle::from_degrees(at(n + 9)),
            kind: crate::fingerprint::minutia::MinutiaKind::Ending,
            quality: 50,
        };
        let template = crate::FingerTemplate::new(400, 400, (0..40).map(minutia).collect());
        crate::modality::Modality::prepare(&Finger::default(), &template.unwrap_or_else(|_| unreachable!("it fits")))
            .unwrap_or_else(|error| match error {})
    };
    let faces = |rows, scans: &[Form]| {
        scans.iter().try_fold(Face::default().with_rows(rows)?, |face, scan| face.with_scan(*scan))
    };
    let face = match first % 6 {
        0 => return index_file::check::group(&Finger::default(), data),
        5 => return index_file::check::table(&Finger::default(), data, &probe()),
        1 => faces(Form::F32, &[Form::I8, Form::Bit]),
        2 => faces(Form::F16, &[]),
        3 => faces(Form::I8, &[Form::Bit]),
        _ => faces(Form::Bit, &[]),
    };
    face.into_iter().for_each(|face| index_file::check::group(&face, data));
}
