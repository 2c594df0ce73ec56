//! The model that made embeddings.

use std::fmt;
use std::sync::Arc;

use super::error::{EmbeddingError, FaceError};
use super::params::{MAX_DIMENSION, MIN_DIMENSION};

/// Longest name and version of a model, bytes.
const LONGEST: usize = 256;

/// A face-recognition model: name, version and dimension. Embeddings of two models cannot be compared, even if their
/// dimensions are equal, so an index holds those of one model. It is cheap to clone.
///
/// ```
/// use selfsame::face::embedding::FaceModel;
/// let model = FaceModel::new("mobilefacenet", "2", 512)?;
/// assert_eq!(model.to_string(), "mobilefacenet 2 (512 dimensions)");
/// assert_ne!(model, FaceModel::new("mobilefacenet", "3", 512)?);
/// assert!(FaceModel::new("mobilefacenet", "2", 5000).is_err());
/// # Ok::<(), selfsame::face::embedding::FaceError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FaceModel(Arc<Parts>);

#[derive(PartialEq, Eq, Hash)]
struct Parts {
    name: Box<str>,
    version: Box<str>,
    dimension: usize,
}

impl FaceModel {
    /// Describes a model.
    ///
    /// # Errors
    /// [`FaceError::ModelName`] when name or version is not 1 to 256 bytes long, [`FaceError::Embedding`] when the
    /// dimension is not between [`MIN_DIMENSION`](super::Embedding::MIN_DIMENSION) and [`MAX_DIMENSION`](super::Embedding::MAX_DIMENSION).
    pub fn new(name: impl AsRef<str>, version: impl AsRef<str>, dimension: usize) -> Result<Self, FaceError> {
        let (name, version) = (name.as_ref(), version.as_ref());
        for (what, text) in [("name", name), ("version", version)] {
            if text.is_empty() || text.len() > LONGEST {
                return Err(FaceError::ModelName { what, length: text.len() });
            }
        }
        if !(MIN_DIMENSION..=MAX_DIMENSION).contains(&dimension) {
            return Err(EmbeddingError::Dimension { dimension }.into());
        }
        Ok(Self(Arc::new(Parts { name: name.into(), version: version.into(), dimension })))
    }

    /// Name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.0.version
    }

    /// Dimension of the embeddings.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.0.dimension
    }

    /// Rejects another model.
    ///
    /// # Errors
    /// [`FaceError::Model`].
    pub fn check(&self, other: &Self) -> Result<(), FaceError> {
        if self == other {
            return Ok(());
        }
        Err(FaceError::Model { held: self.to_string(), given: other.to_string() })
    }
}

impl fmt::Display for FaceModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({} dimensions)", self.0.name, self.0.version, self.0.dimension)
    }
}

impl fmt::Debug for FaceModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaceModel({self})")
    }
}
