//! Limits and formats of a gallery.

use crate::fingerprint::position::FingerPosition;

/// Version of the gallery's format; a later one is refused (design).
pub(super) const FORMAT: u16 = 1;
/// Longest metadata of a subject, bytes (design: short, because it is sealed with the subject's name).
pub(super) const MAX_METADATA: usize = 4096;
/// Longest calibration stored, bytes (design: 500 points; a head has room for it with everything else).
pub(super) const MAX_CALIBRATION: usize = 4096;
/// Most impressions of one finger, or pictures of a face (design: more add nothing to accuracy).
pub(super) const MAX_IMPRESSIONS: usize = 64;
/// Most records of one subject: the maximum for each finger, for fingers of unknown position, and for the face.
pub(super) const MAX_RECORDS: usize = (FingerPosition::ALL.len() + 1) * MAX_IMPRESSIONS;
/// People per commit of a batch, unless the caller says otherwise (design: some 30 MB).
pub(super) const ENROLLED_PER_COMMIT: usize = 10_000;
/// Most events per commit (design: 15 MB with the longest names of actors, less than the most that is sealed at once).
pub(super) const MAX_EVENTS: usize = 48_000;
/// Candidates per probe that are compared in full with everything given, beyond those asked for (design).
pub(super) const EXTRA_CANDIDATES: usize = 16;

/// Body of a full block, bytes (design: large enough that codes and calls cost nothing, small enough to hold dozens in
/// memory).
pub(super) const BLOCK_BODY: usize = 1 << 20;
/// Longest body of a block that is read, bytes: the longest record by itself.
pub(super) const MAX_BLOCK: u64 = 17 << 20;
/// Bytes of blocks that one thread reads, checks and opens at a time (design: some thousand records, which fill segments of an index).
pub(super) const WINDOW: u64 = 8 << 20;
/// Events of a group that the log's index completes: what is read at least to show one of them (design: under a millisecond, and the
/// filter of a group is made for so many subjects).
pub(super) const EVENTS_PER_GROUP: u64 = 512;
/// Events per frame when a rotation rewrites the log: a group.
pub(super) const EVENTS_PER_FRAME: usize = 512;
/// Events of a frame of an archive (design: some hundred kilobytes).
pub(super) const ARCHIVED_AT_ONCE: usize = 4096;
/// Bytes of the log that are read at a time (design: a group of the log's index).
pub(super) const READ_AHEAD: u64 = 128 << 10;
/// Groups of the log that are checked beside one another before the next (design: some megabytes).
pub(super) const GROUPS_AT_ONCE: usize = 64;
/// Marks of the log's index that are read and checked at a time (design: 700 kB).
pub(super) const MARKS_AT_ONCE: u64 = 512;
/// Most problems that a check report lists (design: for more, read the files).
pub(super) const LISTED_PROBLEMS: usize = 1000;
/// Subjects whose records are sealed or opened on several threads before the next are (design: some 20 MB).
pub(super) const SEALED_AT_ONCE: usize = 4096;

/// A compaction begins by itself when more than the file's length by this no longer counts (design: each byte is then copied four times
/// in its life at most, and the file is at most a quarter longer than what it holds).
pub(super) const COMPACTED_SHARE: u64 = 5;
/// And when at least so many bytes no longer count (design: less is not worth a file).
pub(super) const COMPACTED_FROM: u64 = 8 << 20;
/// Subjects that a compaction copies before it looks whether it must end (design: some milliseconds).
pub(super) const COPIED_AT_ONCE: usize = 1024;

/// Name of the lock file.
pub(super) const LOCK_FILE: &str = "lock";
/// Name of a keyring that is being written.
pub(super) const NEW_KEYRING_FILE: &str = "keyring.new";
/// Name of the file that notes failed openings until the next success.
pub(super) const FAILED_FILE: &str = "failed-openings";
/// Most failed openings that are noted (design: more adds no information).
pub(super) const MAX_FAILED: u64 = 4096;
/// Searches whose events may wait for a commit, unless the policy says otherwise (design).
pub(super) const IDENTIFY_EVENTS: usize = 256;
/// How long the event of a search may wait, milliseconds (design).
pub(super) const IDENTIFY_WAIT_MS: u64 = 1000;
/// Sleep between two tries of an opening that waits for another process, milliseconds (design).
pub(super) const LOCK_POLL_MS: u64 = 10;

/// Distance between the two slots of an anchor's file, bytes: what a disk writes in one step.
pub(super) const ANCHOR_SLOT: u64 = 512;
/// Longest wait for a lock on an anchor's file held by another, seconds (design).
pub(super) const ANCHOR_PATIENCE_S: u64 = 10;

/// Consecutive failed attempts with one subject before there is a wait (NIST SP 800-63B, 5.2.3).
pub(super) const ATTEMPTS_SUBJECT: u16 = 5;
/// The same for one actor, who may be a door that many people use (design).
pub(super) const ATTEMPTS_ACTOR: u16 = 20;
/// The first wait, seconds (NIST SP 800-63B, 5.2.3).
pub(super) const ATTEMPTS_FIRST_S: u64 = 30;
/// The longest wait, seconds (design: a user locked out by another's failures gets in within the hour).
pub(super) const ATTEMPTS_MOST_S: u64 = 3600;
/// Rows of failed attempts that are kept (design: they fit the log's head).
pub(super) const MAX_ATTEMPTS: usize = 256;
