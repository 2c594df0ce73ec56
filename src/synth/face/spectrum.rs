//! Statistics of a real 512-dimensional embedding model, which the generator imitates.

/// Dimension of the embeddings.
pub(super) const DIMENSION: usize = 512;

/// Eigenvalues between identities, diagonal within identities, mean; see `data/README.md`.
const DATA: &[u8; 3 * 4 * DIMENSION] = include_bytes!("../data/face512_spectrum.f32le");

/// Standard deviations and mean per coordinate, in the basis of the covariance between identities.
pub(super) struct Spectrum {
    pub(super) between: Vec<f32>,
    pub(super) within: Vec<f32>,
    pub(super) mean: Vec<f32>,
}

impl Spectrum {
    pub(super) fn new() -> Self {
        let (words, _) = DATA.as_chunks::<4>();
        let mut values = words.iter().map(|w| f32::from_le_bytes(*w));
        let mut next = || values.by_ref().take(DIMENSION).collect::<Vec<f32>>();
        let deviations = |v: Vec<f32>| v.into_iter().map(|x| x.max(0.0).sqrt()).collect();
        let (between, within) = (deviations(next()), deviations(next()));
        Self { between, within, mean: next() }
    }
}
