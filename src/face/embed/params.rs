//! Constants of embedding.

/// Largest model file unless the caller says otherwise, bytes: the largest ArcFace networks have about 260 MB.
pub(super) const MAX_MODEL_BYTES: usize = 1 << 30;

/// Bytes of the file's SHA-256 that become part of the model's version.
pub(super) const DIGEST_BYTES: usize = 8;
