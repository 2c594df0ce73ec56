//! Constants of the face generator, fitted on the cosines of real embeddings.

/// Share of the variance between identities from the small pool, and the pool's size: likeness within large groups.
pub(super) const SMALL_POOL: (f32, usize) = (0.184_565_74, 80);
/// The same for the large pool: likeness of kin and doubles.
pub(super) const LARGE_POOL: (f32, usize) = (0.356_145_65, 1329);
/// Trace of the covariance within identities.
pub(super) const WITHIN_TRACE: f32 = 0.402_614;
/// Deviation of the logarithm of the scatter of an identity's images.
pub(super) const SCATTER_DEVIATION: f64 = 0.30;
/// Share of images that hardly show the identity, for example because of blur or a wrong face.
pub(super) const STRANGERS: f32 = 0.010;
/// Rounds of sign changes and Hadamard transforms that rotate the eigenbasis to an arbitrary one.
pub(super) const ROTATION_ROUNDS: usize = 3;
