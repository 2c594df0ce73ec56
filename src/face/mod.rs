//! Faces: embeddings of unit length and their cosine.

pub mod compare;
pub mod embedding;
