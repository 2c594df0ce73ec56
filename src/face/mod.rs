//! Faces: embeddings of unit length and their cosine.
//!
//! ```
//! use selfsame::{Comparator, Cosine, Embedding, Face};
//! let a = Embedding::from_slice(&(0..128).map(|i| (i as f32 * 0.7).sin()).collect::<Vec<_>>())?;
//! let b = Embedding::from_slice(&(0..128).map(|i| (i as f32 * 0.7 + 0.2).sin()).collect::<Vec<_>>())?;
//! // The threshold is the embedding model's, never the library's.
//! let threshold = Cosine::new(0.35)?;
//! assert!(Comparator::<Face>::new().compare_templates(&a, &b)? >= threshold);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod align;
pub mod compare;
#[cfg(feature = "onnx")]
pub mod embed;
pub mod embedding;
