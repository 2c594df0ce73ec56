//! A face embedding: a direction in the space of some model.

mod error;
mod model;
mod params;
mod vector;

pub use error::{EmbeddingError, FaceError};
pub use model::FaceModel;
pub use vector::Embedding;
