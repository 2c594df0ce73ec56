//! The samples taken from a person at one time.

use std::fmt;

use crate::face::embedding::Embedding;
use crate::fingerprint::position::FingerPosition;
use crate::fingerprint::template::FingerTemplate;

/// Samples of one person, to enroll or to search for. `Debug` shows counts only.
///
/// ```
/// use selfsame::gallery::Samples;
/// use selfsame::{FingerPosition, FingerTemplate};
/// let template = FingerTemplate::new(388, 374, Vec::new())?;
/// let samples = Samples::new().finger(FingerPosition::RightIndex, template).metadata(b"site 3".to_vec());
/// assert_eq!(format!("{samples:?}"), "Samples { fingers: 1, faces: 0 }");
/// # Ok::<(), selfsame::fingerprint::template::TemplateError>(())
/// ```
#[derive(Clone, Default)]
pub struct Samples {
    pub(super) fingers: Vec<(FingerPosition, FingerTemplate)>,
    pub(super) faces: Vec<Embedding>,
    pub(super) metadata: Option<Vec<u8>>,
}

impl Samples {
    /// An empty set of samples.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finger. [`FingerPosition::Unknown`] compares with all fingers.
    #[must_use]
    pub fn finger(mut self, position: FingerPosition, template: FingerTemplate) -> Self {
        self.fingers.push((position, template));
        self
    }

    /// Adds a face. If the embedding names its model, the model is checked; otherwise it is assumed to be the
    /// gallery's.
    #[must_use]
    pub fn face(mut self, embedding: Embedding) -> Self {
        self.faces.push(embedding);
        self
    }

    /// Sets the caller's metadata, at most 4096 bytes, which are sealed and returned unchanged. A search does not use
    /// them.
    #[must_use]
    pub fn metadata(mut self, bytes: Vec<u8>) -> Self {
        self.metadata = Some(bytes);
        self
    }

    /// Whether there are no fingers and no faces.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fingers.is_empty() && self.faces.is_empty()
    }
}

impl fmt::Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Samples").field("fingers", &self.fingers.len()).field("faces", &self.faces.len()).finish()
    }
}
