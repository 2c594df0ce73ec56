//! Whether embeddings look as if the form of the model's input were wrong.

use super::params::ALIKE;
use crate::face::embedding::Embedding;

/// The mean cosine of embeddings of different people when it is so high that something is wrong, `None` when it is as it should be
/// or when there are fewer than four. A wrong mean, divisor or order of colors, or faces that were not aligned, make the faces of
/// all people alike, and no single embedding shows it.
///
/// The cost is one sum of all embeddings.
///
/// ```
/// use selfsame::Embedding;
/// use selfsame::face::embed::mean_cosine_if_alike;
/// let embedding = |n: usize| Embedding::from_slice(&std::array::from_fn::<f32, 64, _>(|i| if i == n { 1.0 } else { 0.2 }));
/// let faces = (0..8).map(embedding).collect::<Result<Vec<_>, _>>()?;
/// assert!(mean_cosine_if_alike(&faces).is_some_and(|cosine| cosine > 0.7));
/// # Ok::<(), selfsame::face::embedding::EmbeddingError>(())
/// ```
#[must_use]
pub fn mean_cosine_if_alike(embeddings: &[Embedding]) -> Option<f32> {
    let count = embeddings.len();
    if count < 4 {
        return None;
    }
    // Embeddings have length 1: the square of their sum is the sum of all cosines, each with itself among them.
    let mut sum = vec![0f64; embeddings.first()?.dimension()];
    for embedding in embeddings {
        sum.iter_mut().zip(embedding.as_slice()).for_each(|(sum, &value)| *sum += f64::from(value));
    }
    let (square, count) = (sum.iter().map(|v| v * v).sum::<f64>(), count as f64);
    let mean = ((square - count) / (count * (count - 1.0))) as f32;
    (mean > ALIKE).then_some(mean)
}
