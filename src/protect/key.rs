//! The key that protected templates are made with.

use std::fmt;

use crate::gallery::seal::SecretKey;

/// Distinguishes codes of one key from those of another. It is derived one-way from the key, and does not depend on the
/// person.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyTag(pub(super) [u8; 8]);

impl fmt::Debug for KeyTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyTag({:016x})", u64::from_be_bytes(self.0))
    }
}

/// The key of protected templates: determined by a secret and the number of renewals.
/// With one secret per gallery, 1:N search is fast because a probe is transformed once; but then every known pair of a
/// sample and its code reveals something about everyone else's codes. With a secret per subject, known pairs of others
/// have other keys, and the probe is transformed for each subject.
/// for each subject.
///
/// ```
/// use selfsame::protect::ProtectionKey;
/// use selfsame::gallery::seal::SecretKey;
/// let secret = SecretKey::random()?;
/// let (first, second) = (ProtectionKey::new(&secret, 0), ProtectionKey::new(&secret, 1));
/// assert_ne!(first.tag(), second.tag());
/// assert_eq!(first.tag(), ProtectionKey::new(&secret, 0).tag());
/// # Ok::<(), selfsame::gallery::seal::SealError>(())
/// ```
pub struct ProtectionKey {
    key: SecretKey,
    version: u32,
    tag: KeyTag,
}

impl ProtectionKey {
    /// Derives the key of a secret for a version: 0 at first, one more for each renewal.
    #[must_use]
    pub fn new(secret: &SecretKey, version: u32) -> Self {
        let key = secret.derive(b"protect/key", &version.to_be_bytes());
        let told = key.derive(b"protect/tag", &[]);
        let tag = KeyTag(told.expose().first_chunk().copied().unwrap_or_default());
        Self { key, version, tag }
    }

    /// The version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The tag that marks its codes.
    #[must_use]
    pub fn tag(&self) -> KeyTag {
        self.tag
    }

    /// The key for one kind of template and one size of it.
    pub(super) fn purpose(&self, label: &[u8], sizes: [usize; 2]) -> SecretKey {
        let sizes = sizes.map(|n| (n as u32).to_be_bytes());
        self.key.derive(label, sizes.as_flattened())
    }
}

impl fmt::Debug for ProtectionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtectionKey").field("version", &self.version).field("tag", &self.tag).finish_non_exhaustive()
    }
}
