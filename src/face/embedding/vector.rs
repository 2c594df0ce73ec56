//! The embedding vector.

use std::fmt;

use half::f16;

use super::error::{EmbeddingError, FaceError};
use super::model::FaceModel;
use super::params::{MAX_DIMENSION, MIN_DIMENSION};
use crate::simd::chunk::{Chunk, as_floats, as_floats_mut, chunks_for};
use crate::simd::instruction_set::InstructionSet;
use crate::simd::unit::{SUMS, add_squares, all_finite, divide};

/// The output of a face-recognition model for one aligned face: a vector of 64 to 4096 finite numbers, kept at unit
/// length in single precision.
///
/// Two embeddings may only be compared when the same model made them. The library checks the dimension, and the model
/// of embeddings that name it: see [`Embedding::with_model`].
///
/// It takes `4 * dimension` bytes, rounded up to whole cache lines. `Debug` shows the dimension only.
///
/// ```
/// use selfsame::Embedding;
/// let e = Embedding::from_slice(&[3.0; 100])?;
/// assert_eq!(e.dimension(), 100);
/// assert!((e.as_slice()[0] - 0.1).abs() < 1e-7);
/// assert!(Embedding::from_slice(&[0.0; 100]).is_err());
/// assert!(Embedding::from_slice(&[f32::NAN; 100]).is_err());
/// # Ok::<(), selfsame::face::embedding::EmbeddingError>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Embedding {
    dimension: usize,
    /// Components of unit length; the last chunk is padded with zeros.
    chunks: Box<[Chunk]>,
    model: Option<FaceModel>,
}

impl Embedding {
    /// Fewest dimensions.
    pub const MIN_DIMENSION: usize = MIN_DIMENSION;
    /// Most dimensions.
    pub const MAX_DIMENSION: usize = MAX_DIMENSION;

    /// Makes an embedding from a model's output of any nonzero length, scaled to unit length in double precision.
    /// Numbers that have unit length to the precision of `f32` are kept unchanged, so that `from_slice(e.as_slice())`
    /// equals `e`.
    ///
    /// # Errors
    /// [`EmbeddingError`] when there are fewer than 64 or more than 4096, one is not finite, or all are zero.
    pub fn from_slice(components: &[f32]) -> Result<Self, EmbeddingError> {
        let dimension = components.len();
        if !(Self::MIN_DIMENSION..=Self::MAX_DIMENSION).contains(&dimension) {
            return Err(EmbeddingError::Dimension { dimension });
        }
        let set = InstructionSet::best();
        let mut finite = false;
        all_finite(set, components, &mut finite);
        if !finite && let Some(index) = components.iter().position(|c| !c.is_finite()) {
            return Err(EmbeddingError::NotFinite { index });
        }
        // Squares of f32 neither overflow nor vanish in f64.
        let mut squares = [0.0; SUMS];
        add_squares(set, components, &mut squares);
        let norm = squares.iter().sum::<f64>().sqrt();
        if norm <= 0.0 {
            return Err(EmbeddingError::Zero { dimension });
        }
        // Rounding to f32 moves each component, hence the norm, by at most half an epsilon (more only below 1e-38).
        let scale = if (norm - 1.0).abs() <= f64::from(f32::EPSILON) { 1.0 } else { norm };
        let mut chunks = vec![Chunk::ZERO; chunks_for(dimension)].into_boxed_slice();
        divide(set, components, scale, as_floats_mut(&mut chunks));
        Ok(Self { dimension, chunks, model: None })
    }

    /// Makes an embedding from half-precision numbers; otherwise like [`Embedding::from_slice`].
    ///
    /// ```
    /// use selfsame::half::f16;
    /// use selfsame::Embedding;
    /// let e = Embedding::from_f16(&[f16::from_f32(0.5); 64])?;
    /// assert_eq!(e.as_slice()[0], 0.125);
    /// # Ok::<(), selfsame::face::embedding::EmbeddingError>(())
    /// ```
    ///
    /// # Errors
    /// See [`Embedding::from_slice`].
    pub fn from_f16(components: &[f16]) -> Result<Self, EmbeddingError> {
        Self::from_components(components.len(), components.iter().map(|c| c.to_f32()))
    }

    /// Makes an embedding from a view of any stride, for example one row of a model's output; otherwise like
    /// [`Embedding::from_slice`].
    ///
    /// ```
    /// use selfsame::ndarray::Array2;
    /// use selfsame::Embedding;
    /// let output = Array2::<f32>::ones((2, 128));
    /// let e = Embedding::from_array(output.row(1))?;
    /// assert_eq!(e.dimension(), 128);
    /// # Ok::<(), selfsame::face::embedding::EmbeddingError>(())
    /// ```
    ///
    /// # Errors
    /// See [`Embedding::from_slice`].
    #[cfg(feature = "ndarray")]
    pub fn from_array(components: ndarray::ArrayView1<'_, f32>) -> Result<Self, EmbeddingError> {
        Self::from_components(components.len(), components.iter().copied())
    }

    /// Makes an embedding from components of another type or order.
    fn from_components(dimension: usize, components: impl Iterator<Item = f32>) -> Result<Self, EmbeddingError> {
        // Nothing is allocated beyond the largest dimension.
        if dimension > Self::MAX_DIMENSION {
            return Err(EmbeddingError::Dimension { dimension });
        }
        Self::from_slice(&components.collect::<Vec<_>>())
    }

    /// Sets the model of the embedding, which is checked wherever it is used.
    ///
    /// # Errors
    /// [`FaceError::Dimension`] when the model has another dimension.
    pub fn with_model(mut self, model: &FaceModel) -> Result<Self, FaceError> {
        if model.dimension() != self.dimension {
            return Err(FaceError::Dimension { expected: model.dimension(), given: self.dimension });
        }
        self.model = Some(model.clone());
        Ok(self)
    }

    /// The model that made it, if known.
    #[must_use]
    pub fn model(&self) -> Option<&FaceModel> {
        self.model.as_ref()
    }

    /// Number of components.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The components, of unit length.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        let floats = as_floats(&self.chunks);
        floats.get(..self.dimension).unwrap_or(floats)
    }

    /// The components in the layout of kernels.
    pub(crate) fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }
}

impl FaceModel {
    /// Makes an embedding of this model, which is rejected where another model's are expected.
    ///
    /// ```
    /// use selfsame::face::embedding::FaceModel;
    /// let model = FaceModel::new("example", "1", 64)?;
    /// assert_eq!(model.embedding(&[0.5; 64])?.model(), Some(&model));
    /// # Ok::<(), selfsame::face::embedding::FaceError>(())
    /// ```
    ///
    /// # Errors
    /// [`FaceError::Dimension`] or [`FaceError::Embedding`].
    pub fn embedding(&self, components: &[f32]) -> Result<Embedding, FaceError> {
        let (expected, given) = (self.dimension(), components.len());
        if expected != given {
            return Err(FaceError::Dimension { expected, given });
        }
        Embedding::from_slice(components)?.with_model(self)
    }

    /// Rejects embeddings of another dimension, and those marked as another model's.
    ///
    /// # Errors
    /// [`FaceError::Dimension`] or [`FaceError::Model`].
    pub fn check_embedding(&self, embedding: &Embedding) -> Result<(), FaceError> {
        let (expected, given) = (self.dimension(), embedding.dimension());
        if expected != given {
            return Err(FaceError::Dimension { expected, given });
        }
        embedding.model().map_or(Ok(()), |model| self.check(model))
    }
}

impl fmt::Debug for Embedding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedding").field("dimension", &self.dimension).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn norm(e: &Embedding) -> f64 {
        e.as_slice().iter().map(|&c| f64::from(c).powi(2)).sum::<f64>().sqrt()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn any_finite_direction_gets_unit_length_once(
            components in prop::collection::vec(prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL | prop::num::f32::ZERO, 64..200),
        ) {
            prop_assume!(components.iter().any(|&c| c != 0.0));
            let e = Embedding::from_slice(&components).unwrap();
            prop_assert!((norm(&e) - 1.0).abs() < 1e-6);
            let again = Embedding::from_slice(e.as_slice()).unwrap();
            prop_assert!(again.as_slice().iter().zip(e.as_slice()).all(|(a, b)| a.to_bits() == b.to_bits()));
            prop_assert!(e.as_slice().iter().zip(&components).all(|(u, c)| *u == 0.0 || u.signum() == c.signum()));
        }
    }

    #[test]
    fn extremes_neither_overflow_nor_vanish() {
        for value in [f32::MAX, f32::MIN_POSITIVE, f32::from_bits(1)] {
            let e = Embedding::from_slice(&[value; 4096]).unwrap();
            assert!((e.as_slice()[4095] - 1.0 / 64.0).abs() < 1e-8, "{value:e}");
        }
    }

    #[test]
    fn each_refusal_names_its_reason() {
        assert_eq!(Embedding::from_slice(&[1.0; 63]), Err(EmbeddingError::Dimension { dimension: 63 }));
        assert_eq!(Embedding::from_slice(&[1.0; 4097]), Err(EmbeddingError::Dimension { dimension: 4097 }));
        assert_eq!(Embedding::from_slice(&[-0.0; 64]), Err(EmbeddingError::Zero { dimension: 64 }));
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut components = [1.0; 80];
            components[77] = bad;
            assert_eq!(Embedding::from_slice(&components), Err(EmbeddingError::NotFinite { index: 77 }));
        }
        assert_eq!(Embedding::from_f16(&[f16::INFINITY; 64]), Err(EmbeddingError::NotFinite { index: 0 }));
    }

    #[test]
    fn padding_is_zero() {
        let e = Embedding::from_slice(&[1.0; 65]).unwrap();
        assert_eq!(e.chunks().len(), 5);
        assert_eq!(e.chunks()[4].0[1..], [0.0; 15]);
    }

    #[cfg(feature = "ndarray")]
    #[test]
    fn strided_views_are_read_in_order() {
        let column_major = ndarray::Array2::from_shape_fn((70, 3), |(i, j)| (i * 3 + j) as f32 + 1.0);
        let expected: Vec<f32> = (0..70).map(|i| (i * 3 + 2) as f32 + 1.0).collect();
        let e = Embedding::from_array(column_major.column(2)).unwrap();
        assert_eq!(e, Embedding::from_slice(&expected).unwrap());
    }

    #[test]
    fn debug_shows_no_components() {
        let text = format!("{:?}", Embedding::from_slice(&[1.0; 64]).unwrap());
        assert_eq!(text, "Embedding { dimension: 64, .. }");
    }
}
