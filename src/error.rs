//! One error for all of the crate.

use std::convert::Infallible;

use thiserror::Error;

/// Any error of this crate, for callers who pass errors on with `?`. Each operation returns a narrower type, which becomes this one.
///
/// ```
/// use selfsame::{Embedding, Error, Fmr, Threshold};
/// fn threshold(rate: f64) -> Result<Threshold, Error> {
///     Ok(Threshold::at_fmr(Fmr::new(rate)?)?)
/// }
/// assert!(matches!(threshold(2.0), Err(Error::Fmr(_))));
/// assert!(matches!(threshold(1e-9), Err(Error::Threshold(_))));
/// # let refused: Result<Embedding, Error> = Embedding::from_slice(&[]).map_err(Error::from);
/// # assert!(refused.is_err());
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// An image.
    #[error(transparent)]
    Image(#[from] crate::image::ImageError),
    /// A WSQ file.
    #[error(transparent)]
    Wsq(#[from] crate::image::wsq::WsqError),
    /// An extraction.
    #[error(transparent)]
    Extract(#[from] crate::fingerprint::extract::ExtractError),
    /// The settings of an extractor.
    #[error(transparent)]
    Extractor(#[from] crate::fingerprint::extract::ExtractorBuilderError),
    /// The weights of a network.
    #[cfg(feature = "neural")]
    #[error(transparent)]
    Model(#[from] crate::fingerprint::extract::ModelError),
    /// The content of a template.
    #[error(transparent)]
    Template(#[from] crate::fingerprint::template::TemplateError),
    /// Impressions to be merged.
    #[error(transparent)]
    Merge(#[from] crate::fingerprint::compare::merge::MergeError),
    /// A file of templates, images or rows.
    #[error(transparent)]
    Format(#[from] crate::format::FormatError),
    /// A limit on untrusted input.
    #[error(transparent)]
    Limit(#[from] crate::limits::LimitError),
    /// A false match rate.
    #[error(transparent)]
    Fmr(#[from] crate::score::FmrError),
    /// A threshold.
    #[error(transparent)]
    Threshold(#[from] crate::score::ThresholdError),
    /// A subject's name.
    #[error(transparent)]
    SubjectId(#[from] crate::subject::SubjectIdError),
    /// An embedding.
    #[error(transparent)]
    Embedding(#[from] crate::face::embedding::EmbeddingError),
    /// An embedding that does not fit a model or another embedding.
    #[error(transparent)]
    Face(#[from] crate::face::embedding::FaceError),
    /// A cosine.
    #[error(transparent)]
    Cosine(#[from] crate::face::compare::CosineError),
    /// Forms of rows.
    #[error(transparent)]
    Form(#[from] crate::face::compare::FormError),
    /// A calibration of cosines.
    #[error(transparent)]
    Calibration(#[from] crate::face::compare::CalibrationError),
    /// Landmarks or a picture of a face.
    #[error(transparent)]
    Align(#[from] crate::face::align::AlignError),
    /// A face model.
    #[cfg(feature = "onnx")]
    #[error(transparent)]
    Embed(#[from] crate::face::embed::EmbedError),
    /// A search or a change of an index of any modality.
    #[error(transparent)]
    Index(Box<dyn std::error::Error + Send + Sync>),
    /// The checkpoint of a search for duplicates.
    #[error(transparent)]
    DedupCheckpoint(#[from] crate::index::CheckpointError),
    /// A picture.
    #[cfg(feature = "draw")]
    #[error(transparent)]
    Draw(#[from] crate::draw::DrawError),
    /// An evaluation.
    #[cfg(feature = "eval")]
    #[error(transparent)]
    Eval(#[from] crate::eval::EvalError),
    /// A gallery.
    #[cfg(feature = "gallery")]
    #[error(transparent)]
    Gallery(#[from] crate::gallery::GalleryError),
    /// The file of an index.
    #[cfg(feature = "gallery")]
    #[error(transparent)]
    IndexFile(#[from] crate::gallery::IndexFileError),
    /// A key, or what wraps it.
    #[cfg(feature = "gallery")]
    #[error(transparent)]
    Key(#[from] crate::gallery::seal::KeyError),
    /// A keyring.
    #[cfg(feature = "gallery")]
    #[error(transparent)]
    Keyring(#[from] crate::gallery::seal::KeyringError),
    /// Sealed bytes.
    #[cfg(feature = "gallery")]
    #[error(transparent)]
    Seal(#[from] crate::gallery::seal::SealError),
    /// An anchor.
    #[cfg(feature = "gallery")]
    #[error(transparent)]
    Anchor(#[from] crate::gallery::AnchorError),
    /// The name of an actor.
    #[cfg(feature = "gallery")]
    #[error(transparent)]
    Actor(#[from] crate::gallery::log::ActorError),
    /// A signed checkpoint of a log.
    #[cfg(feature = "checkpoints")]
    #[error(transparent)]
    Checkpoint(#[from] crate::gallery::log::checkpoint::CheckpointError),
    /// Renewable templates.
    #[cfg(feature = "gallery")]
    #[error(transparent)]
    Protect(#[from] crate::protect::ProtectError),
    /// The bytes of a renewable template.
    #[cfg(feature = "gallery")]
    #[error(transparent)]
    Code(#[from] crate::protect::CodeError),
    /// A renewal.
    #[cfg(feature = "gallery")]
    #[error(transparent)]
    Renew(#[from] crate::protect::RenewError),
    /// A file or a stream.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl<E: std::error::Error + Send + Sync + 'static> From<crate::index::IndexError<E>> for Error {
    fn from(error: crate::index::IndexError<E>) -> Self {
        Self::Index(Box::new(error))
    }
}

/// Prints can always be compared.
impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
