//! Constants of embedding.

/// Largest model file unless the caller says otherwise, bytes: the largest ArcFace networks have about 260 MB.
pub(super) const MAX_MODEL_BYTES: usize = 1 << 30;

/// Bytes of the file's SHA-256 that become part of the model's version.
pub(super) const DIGEST_BYTES: usize = 8;

/// Most pictures that a model may take at a time: more would be memory for nothing.
pub(super) const MAX_BATCH: usize = 256;

/// Mean cosine of the embeddings of different people from which something is wrong with a model's inputs. Models of faces are
/// trained to bring it near 0; measured on LFW it is below 0.1.
pub(super) const ALIKE: f32 = 0.5;

/// Sides of a detector's input where its file leaves them open, pixels (SCRFD and YuNet are measured with 640).
pub(super) const DETECTOR_SIDE: usize = 640;

/// Longest side of a detector's input, pixels.
pub(super) const MAX_DETECTOR_SIDE: usize = 4096;

/// Least score of a face (InsightFace's default for SCRFD).
pub(super) const SCORE: f32 = 0.5;

/// Overlap, intersection by union, from which two faces are one (InsightFace's default).
pub(super) const OVERLAP: f32 = 0.4;

/// Most faces of a picture.
pub(super) const MAX_FACES: usize = 256;

/// Channels of a group that takes the place of single channels. Of 2, 4 and 8, the embedding of a MobileFaceNet-shaped network takes
/// least time with 4 (rten 0.24, AVX2).
pub(super) const GROUP: u64 = 4;

/// Most weights per channel of a convolution that is regrouped: a window as large as the map, at the end of face networks, has one
/// place, and single channels do less there.
pub(super) const MOST_TAPS: usize = 25;
