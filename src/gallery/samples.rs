//! What is taken of a person at once.

use std::fmt;

use crate::face::embedding::Embedding;
use crate::face::index::{FaceIndexError, FaceInput, FaceModel, ModelEmbedding};
use crate::fingerprint::position::FingerPosition;
use crate::fingerprint::template::FingerTemplate;

/// Samples of one person: to enroll, or to search for. `Debug` shows counts only.
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
    pub(super) faces: Vec<Face>,
    pub(super) metadata: Option<Vec<u8>>,
}

/// An embedding, and what made it if that is known.
#[derive(Clone)]
pub(super) struct Face {
    pub(super) embedding: Embedding,
    pub(super) model: Option<FaceModel>,
}

impl Samples {
    /// Nothing yet.
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

    /// Adds a face, taken for the work of the gallery's model.
    #[must_use]
    pub fn face(mut self, embedding: Embedding) -> Self {
        self.faces.push(Face { embedding, model: None });
        self
    }

    /// Adds a face that knows its model, which is checked.
    #[must_use]
    pub fn face_of(mut self, embedding: &ModelEmbedding) -> Self {
        self.faces.push(Face { embedding: embedding.embedding().clone(), model: Some(embedding.model().clone()) });
        self
    }

    /// Sets metadata of the caller's, which are sealed and given back as they are. At most 4096 bytes; not used in a search.
    #[must_use]
    pub fn metadata(mut self, bytes: Vec<u8>) -> Self {
        self.metadata = Some(bytes);
        self
    }

    /// Whether there is neither finger nor face.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fingers.is_empty() && self.faces.is_empty()
    }
}

impl Face {
    /// Refuses what the gallery's model did not make.
    pub(super) fn check(&self, model: &FaceModel) -> Result<(), FaceIndexError> {
        if let Some(made_by) = &self.model {
            model.check(made_by)?;
        }
        model.embedding(FaceInput::Embedding(&self.embedding)).map(drop)
    }
}

impl fmt::Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Samples").field("fingers", &self.fingers.len()).field("faces", &self.faces.len()).finish()
    }
}
