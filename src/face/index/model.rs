//! What made the embeddings.

use std::fmt;
use std::sync::Arc;

use half::f16;

use super::error::FaceIndexError;
use crate::face::embedding::{Embedding, EmbeddingError};

/// Longest name and version of a model, bytes.
const LONGEST: usize = 256;

/// A face-recognition model: name, version and dimension. Embeddings of two models cannot be compared, not even where their
/// dimension is the same, so an index holds those of one. Cheap to clone.
///
/// ```
/// use selfsame::face::index::FaceModel;
/// let model = FaceModel::new("mobilefacenet", "2", 512)?;
/// assert_eq!(model.to_string(), "mobilefacenet 2 (512 dimensions)");
/// assert_ne!(model, FaceModel::new("mobilefacenet", "3", 512)?);
/// assert!(FaceModel::new("mobilefacenet", "2", 5000).is_err());
/// # Ok::<(), selfsame::face::index::FaceIndexError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FaceModel {
    name: Arc<str>,
    version: Arc<str>,
    dimension: usize,
}

impl FaceModel {
    /// A model.
    ///
    /// # Errors
    /// [`FaceIndexError::ModelName`] when name or version have not 1 to 256 bytes, [`FaceIndexError::Embedding`] when the
    /// dimension is not between [`Embedding::MIN_DIMENSION`] and [`Embedding::MAX_DIMENSION`].
    pub fn new(name: impl AsRef<str>, version: impl AsRef<str>, dimension: usize) -> Result<Self, FaceIndexError> {
        let (name, version) = (name.as_ref(), version.as_ref());
        for (what, text) in [("name", name), ("version", version)] {
            if text.is_empty() || text.len() > LONGEST {
                return Err(FaceIndexError::ModelName { what, length: text.len() });
            }
        }
        if !(Embedding::MIN_DIMENSION..=Embedding::MAX_DIMENSION).contains(&dimension) {
            return Err(EmbeddingError::Dimension { dimension }.into());
        }
        Ok(Self { name: name.into(), version: version.into(), dimension })
    }

    /// Name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Dimension of the embeddings.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// What this model made of a face, to be checked wherever it goes.
    ///
    /// # Errors
    /// [`FaceIndexError::Dimension`] or [`FaceIndexError::Embedding`].
    pub fn embedding<'a>(&self, input: impl Into<FaceInput<'a>>) -> Result<ModelEmbedding, FaceIndexError> {
        Ok(ModelEmbedding { model: self.clone(), embedding: self.read(&input.into())?.into_owned() })
    }

    /// Refuses another model.
    ///
    /// # Errors
    /// [`FaceIndexError::Model`].
    pub fn check(&self, other: &Self) -> Result<(), FaceIndexError> {
        if self == other {
            return Ok(());
        }
        Err(FaceIndexError::Model { held: self.to_string(), given: other.to_string() })
    }

    /// The embedding that an input holds or becomes.
    pub(super) fn read<'a>(&self, input: &'a FaceInput<'_>) -> Result<std::borrow::Cow<'a, Embedding>, FaceIndexError> {
        use std::borrow::Cow;
        let given = input.dimension();
        if given != self.dimension {
            return Err(FaceIndexError::Dimension { expected: self.dimension, given });
        }
        Ok(match input {
            FaceInput::Floats(components) => Cow::Owned(Embedding::from_slice(components)?),
            FaceInput::Halves(components) => Cow::Owned(Embedding::from_f16(components)?),
            FaceInput::Embedding(embedding) => Cow::Borrowed(embedding),
            FaceInput::Of(embedding) => {
                self.check(&embedding.model)?;
                Cow::Borrowed(&embedding.embedding)
            }
            #[cfg(feature = "ndarray")]
            FaceInput::Array(components) => Cow::Owned(Embedding::from_array(components.view())?),
        })
    }
}

impl fmt::Display for FaceModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({} dimensions)", self.name, self.version, self.dimension)
    }
}

impl fmt::Debug for FaceModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaceModel({self})")
    }
}

/// An embedding that knows its model. `Debug` shows the model only.
#[derive(Clone, PartialEq)]
pub struct ModelEmbedding {
    model: FaceModel,
    embedding: Embedding,
}

impl ModelEmbedding {
    /// What made it.
    #[must_use]
    pub fn model(&self) -> &FaceModel {
        &self.model
    }

    /// The embedding.
    #[must_use]
    pub fn embedding(&self) -> &Embedding {
        &self.embedding
    }
}

impl fmt::Debug for ModelEmbedding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelEmbedding").field("model", &self.model).finish_non_exhaustive()
    }
}

/// What an index takes for an embedding: numbers as a model gave them, which are scaled to unit length and must be finite
/// and not all zero, or an [`Embedding`]. Numbers are taken for the work of the index's model; a [`ModelEmbedding`] is
/// checked.
#[derive(Clone)]
#[non_exhaustive]
pub enum FaceInput<'a> {
    /// Single precision.
    Floats(&'a [f32]),
    /// Half precision.
    Halves(&'a [f16]),
    /// An embedding.
    Embedding(&'a Embedding),
    /// An embedding that knows its model.
    Of(&'a ModelEmbedding),
    /// A view of any stride.
    #[cfg(feature = "ndarray")]
    Array(ndarray::ArrayView1<'a, f32>),
}

impl FaceInput<'_> {
    fn dimension(&self) -> usize {
        match self {
            Self::Floats(components) => components.len(),
            Self::Halves(components) => components.len(),
            Self::Embedding(embedding) => embedding.dimension(),
            Self::Of(embedding) => embedding.embedding.dimension(),
            #[cfg(feature = "ndarray")]
            Self::Array(components) => components.len(),
        }
    }
}

impl fmt::Debug for FaceInput<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceInput").field("dimension", &self.dimension()).finish_non_exhaustive()
    }
}

impl<'a> From<&'a [f32]> for FaceInput<'a> {
    fn from(components: &'a [f32]) -> Self {
        Self::Floats(components)
    }
}

impl<'a, const N: usize> From<&'a [f32; N]> for FaceInput<'a> {
    fn from(components: &'a [f32; N]) -> Self {
        Self::Floats(components)
    }
}

impl<'a> From<&'a Vec<f32>> for FaceInput<'a> {
    fn from(components: &'a Vec<f32>) -> Self {
        Self::Floats(components)
    }
}

impl<'a> From<&'a [f16]> for FaceInput<'a> {
    fn from(components: &'a [f16]) -> Self {
        Self::Halves(components)
    }
}

impl<'a> From<&'a Embedding> for FaceInput<'a> {
    fn from(embedding: &'a Embedding) -> Self {
        Self::Embedding(embedding)
    }
}

impl<'a> From<&'a ModelEmbedding> for FaceInput<'a> {
    fn from(embedding: &'a ModelEmbedding) -> Self {
        Self::Of(embedding)
    }
}

#[cfg(feature = "ndarray")]
impl<'a> From<ndarray::ArrayView1<'a, f32>> for FaceInput<'a> {
    fn from(components: ndarray::ArrayView1<'a, f32>) -> Self {
        Self::Array(components)
    }
}
