//! Limits and formats of a gallery.

use crate::fingerprint::position::FingerPosition;

/// Version of the gallery's format; a later one is refused (design).
pub(super) const FORMAT: u16 = 1;
/// Longest metadata of a subject, bytes (design: small, it is sealed with the subject's name).
pub(super) const MAX_METADATA: usize = 4096;
/// Longest calibration that is stored, bytes (design: 500 points; a head has room for it beside everything else).
pub(super) const MAX_CALIBRATION: usize = 4096;
/// Most impressions of one finger, or pictures of a face (design: more add nothing to accuracy).
pub(super) const MAX_IMPRESSIONS: usize = 64;
/// Most records of one subject: so many of each finger, of fingers whose position is not known, and of the face.
pub(super) const MAX_RECORDS: usize = (FingerPosition::ALL.len() + 1) * MAX_IMPRESSIONS;
/// People enrolled in one commit of a batch, unless the caller says otherwise (design: some 30 MB).
pub(super) const ENROLLED_PER_COMMIT: usize = 10_000;
/// Most events of one commit (design: with the longest names of actors 15 MB, less than is sealed at once).
pub(super) const MAX_EVENTS: usize = 48_000;
/// Candidates of each probe that are compared in full with everything given, beyond those asked for (design).
pub(super) const EXTRA_CANDIDATES: usize = 16;

/// Body of a block that is full, bytes (design: large enough that codes and calls cost nothing, small enough to be held in memory by the dozen).
pub(super) const BLOCK_BODY: usize = 1 << 20;
/// Longest body of a block that is read, bytes: the longest record, alone.
pub(super) const MAX_BLOCK: u64 = 17 << 20;
/// Blocks that are read before they are checked beside each other, bytes (design).
pub(super) const READ_AHEAD: usize = 16 << 20;
/// Events of a frame that a rotation writes anew (design: a megabyte or so).
pub(super) const EVENTS_PER_FRAME: usize = 4096;
/// Most problems that a report of a check lists (design: whoever reads more of them reads the files).
pub(super) const LISTED_PROBLEMS: usize = 1000;
/// Subjects whose records are opened beside each other when a gallery is opened (design: some 10 MB).
pub(super) const OPENED_AT_ONCE: usize = 4096;

/// Name of the file that is locked.
pub(super) const LOCK_FILE: &str = "lock";
/// Name of a keyring that is being written.
pub(super) const NEW_KEYRING_FILE: &str = "keyring.new";
/// Name of the file where failed openings are noted until the next one that succeeds.
pub(super) const FAILED_FILE: &str = "failed-openings";
/// Most failed openings that are noted (design: more says nothing new).
pub(super) const MAX_FAILED: u64 = 4096;
/// Searches whose events may wait for a commit, unless the policy says otherwise (design).
pub(super) const IDENTIFY_EVENTS: usize = 256;
/// How long the event of a search may wait, milliseconds (design).
pub(super) const IDENTIFY_WAIT_MS: u64 = 1000;
/// How long an opening that waits for another process sleeps between two tries, milliseconds (design).
pub(super) const LOCK_POLL_MS: u64 = 10;

/// Distance of the two slots of an anchor's file, bytes: what a disk writes in one step.
pub(super) const ANCHOR_SLOT: u64 = 512;
/// How long another's lock on an anchor's file is waited for, seconds (design).
pub(super) const ANCHOR_PATIENCE_S: u64 = 10;

/// Failed attempts in a row before there is a wait, with one subject (NIST SP 800-63B, 5.2.3).
pub(super) const ATTEMPTS_SUBJECT: u16 = 5;
/// The same of one actor, who may be a door that many people use (design).
pub(super) const ATTEMPTS_ACTOR: u16 = 20;
/// The first wait, seconds (NIST SP 800-63B, 5.2.3).
pub(super) const ATTEMPTS_FIRST_S: u64 = 30;
/// The longest wait, seconds (design: whoever is locked out by somebody else's failures gets in within the hour).
pub(super) const ATTEMPTS_MOST_S: u64 = 3600;
/// Rows of failed attempts that are kept (design: they fit the log's head).
pub(super) const MAX_ATTEMPTS: usize = 256;
