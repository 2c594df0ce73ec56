//! Sizes and bounds of sealing and keys. Those of formats never change within a version of the format.

/// Start of every domain label of a derived key and of associated data.
pub(super) const DOMAIN: &[u8] = b"selfsame/v1/";

/// Nonce of XChaCha20, bytes: random nonces of 192 bits do not repeat at any number of messages.
pub(super) const NONCE_LEN: usize = 24;
/// Commitment to the key, bytes: collisions cost 2^128.
pub(super) const COMMITMENT_LEN: usize = 32;
/// Tag of Poly1305, bytes.
pub(super) const TAG_LEN: usize = 16;
/// Longest plaintext that is sealed at once, bytes. A template has some kilobytes.
pub(super) const MAX_PLAINTEXT: usize = 16 << 20;
/// Length of the field after the padding that holds the length of a record's plaintext, bytes.
pub(super) const TRAILER_LEN: usize = 4;
/// Smallest size class of padded records, bytes: most templates of one print without its ridge flow.
pub(super) const SMALLEST_CLASS: usize = 1024;

/// Version of keys wrapped by the providers of this crate.
pub(super) const WRAPPED_VERSION: u8 = 1;
/// Salt of Argon2id, bytes (RFC 9106, 3.1).
pub(super) const SALT_LEN: usize = 16;
/// Memory of Argon2id, KiB: default (RFC 9106, second recommendation), least (OWASP), most that any caller may ask for.
pub(super) const ARGON2_KIB: (u32, u32, u32) = (64 << 10, 19 << 10, 1 << 20);
/// Passes of Argon2id: default, least, most; sources as above.
pub(super) const ARGON2_PASSES: (u32, u32, u32) = (3, 2, 16);
/// Lanes of Argon2id: default, least, most; sources as above.
pub(super) const ARGON2_LANES: (u32, u32, u32) = (4, 1, 16);
/// A wrapped key may demand this many times the memory and the work that the provider itself would spend, unless the
/// caller allows more: a file from somebody else takes a second, not minutes and a gibibyte.
pub(super) const ARGON2_ACCEPTED: u64 = 2;
/// Shortest passphrase, characters after normalization (NIST SP 800-63B, 5.1.1.2: at least 8, each code point counts as
/// one).
pub(super) const LEAST_PASSPHRASE: usize = 8;

/// Version of the keyring.
pub(super) const KEYRING_VERSION: u16 = 1;
/// Longest wrapped key in a keyring, bytes: those of key services have hundreds.
pub(super) const MAX_WRAPPED: usize = 4096;
/// Longest keyring, bytes: a wrapped key and less than 100 bytes more.
pub(super) const MAX_KEYRING: usize = 5 << 10;
/// Step of the lengths of small records, bytes (design: a name 40 letters longer is not visible).
pub(super) const STEP: usize = 128;
