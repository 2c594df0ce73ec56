//! Limits and formats of a gallery.

/// Version of the gallery's format; a later one is refused (design).
pub(super) const FORMAT: u16 = 1;
/// How a record's plaintext is to be read: as `gallery::record` of format 1 writes it (design).
pub(super) const RECORD_KIND: u16 = 1;
/// Longest metadata of a subject, bytes (design: small, it is opened with the gallery).
pub(super) const MAX_METADATA: usize = 4096;
/// Most records of one subject (design: ten fingers and a face, 64 of each).
pub(super) const MAX_RECORDS: usize = 11 * 64;
/// Most impressions of one finger, or pictures of a face (design: more add nothing to accuracy).
pub(super) const MAX_IMPRESSIONS: usize = 64;
/// Longest sealed manifest, bytes (design).
pub(super) const MAX_MANIFEST: usize = 4096;
/// Subjects whose keys are sealed anew in one commit of a rotation (design: some 2 MB).
pub(super) const ROTATED_PER_COMMIT: usize = 10_000;
/// People enrolled in one commit of a batch, unless the caller says otherwise (design: some 30 MB).
pub(super) const ENROLLED_PER_COMMIT: usize = 10_000;
/// Candidates of each probe that are compared in full with everything given, beyond those asked for (design).
pub(super) const EXTRA_CANDIDATES: usize = 16;

/// Keys in the state table.
pub(super) const MANIFEST: &[u8] = b"manifest";
/// Where the end of the log stands.
pub(super) const CHAIN: &[u8] = b"chain";

/// Name of the file of records in a gallery's folder.
pub(super) const RECORDS_FILE: &str = "records.redb";
/// Name of the file where failed openings are noted until the next one that succeeds.
pub(super) const FAILED_FILE: &str = "failed-openings";
/// Most failed openings that are noted (design: 32 kB; more says nothing new).
pub(super) const MAX_FAILED: usize = 4096;
/// Searches whose events may wait for a commit, unless the policy says otherwise (design).
pub(super) const IDENTIFY_EVENTS: usize = 256;
/// How long the event of a search may wait, milliseconds (design).
pub(super) const IDENTIFY_WAIT_MS: u64 = 1000;

/// Name of the keyring's file.
pub(super) const KEYRING_FILE: &str = "keyring";
