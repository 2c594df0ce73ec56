//! Cosine comparison of embeddings.
