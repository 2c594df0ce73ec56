//! Names of the people in a gallery.

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

/// The caller's name of a subject: 1 to 256 bytes of UTF-8, ordered bytewise. Cheap to clone.
///
/// ```
/// use selfsame::SubjectId;
/// let id = SubjectId::new("employee-4711")?;
/// assert_eq!(id.as_str(), "employee-4711");
/// assert!(SubjectId::new("").is_err());
/// # Ok::<(), selfsame::subject::SubjectIdError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectId(Arc<str>);

/// A subject id that is empty or too long.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a subject id must have 1 to {max} bytes, not {len}", max = SubjectId::MAX_LEN)]
#[non_exhaustive]
pub struct SubjectIdError {
    /// The length that was given, bytes.
    pub len: usize,
}

impl SubjectId {
    /// Longest id, bytes.
    pub const MAX_LEN: usize = 256;

    /// An id from text.
    ///
    /// # Errors
    /// [`SubjectIdError`] when it is empty or longer than [`SubjectId::MAX_LEN`] bytes.
    pub fn new(id: impl AsRef<str>) -> Result<Self, SubjectIdError> {
        let id = id.as_ref();
        if id.is_empty() || id.len() > Self::MAX_LEN {
            return Err(SubjectIdError { len: id.len() });
        }
        Ok(Self(id.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubjectId({:?})", &*self.0)
    }
}

impl fmt::Display for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
