//! Embeddings of faces with a model of the user (feature `onnx`).
//!
//! This crate contains no face-recognition model: it runs any network in ONNX format that takes one aligned face of 112
//! x 112 pixels in color and gives one vector of 64 to 4096 floats, as ArcFace and MobileFaceNet do. The network runs
//! in `rten`, in this process, on the CPU. One face is embedded on one thread, so its embedding does not depend on the
//! number of threads; call it from the threads of a rayon pool to embed many. Between machines an embedding may differ
//! in its last bits, as with any float runtime.
//!
//! ```no_run
//! use selfsame::face::align::{Landmarks, RgbPicture};
//! use selfsame::face::embed::FaceEmbedder;
//! use selfsame::index::Index;
//! use selfsame::{Face, Limits, SubjectId};
//!
//! let embedder = FaceEmbedder::builder("mobilefacenet", "2").load("mobilefacenet.onnx")?;
//! let picture = RgbPicture::decode(&std::fs::read("ada.png")?, &Limits::default())?;
//! let landmarks = Landmarks::new([(70.0, 92.0), (108.0, 90.0), (90.0, 112.0), (75.0, 135.0), (105.0, 134.0)])?;
//! let mut index = Index::new(Face::of(embedder.model().clone()));
//! index.insert(SubjectId::new("ada")?, &embedder.embed(&picture.view(), &landmarks)?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod params;
mod runtime;

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

pub use error::EmbedError;

use crate::face::align::{AlignedFace, InputForm, Landmarks, RgbView};
use crate::face::embedding::{Embedding, FaceModel};
use crate::limits::Limits;
use runtime::Network;

/// A face-recognition model that is ready to run. `Debug` shows the model's name.
pub struct FaceEmbedder {
    network: Network,
    form: InputForm,
    model: FaceModel,
    digest: [u8; 32],
}

/// Settings of a [`FaceEmbedder`].
#[derive(Clone, Debug)]
pub struct FaceEmbedderBuilder {
    name: String,
    version: String,
    form: InputForm,
    max_bytes: usize,
}

impl FaceEmbedderBuilder {
    /// Sets the form of the model's input; the default is [`InputForm::default`].
    #[must_use]
    pub fn input(mut self, form: InputForm) -> Self {
        self.form = form;
        self
    }

    /// Sets the largest file size, bytes; the default is 1 GiB.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Reads the model from a file; weights in separate files are not read.
    ///
    /// # Errors
    /// As [`FaceEmbedderBuilder::decode`], and [`EmbedError::Read`].
    pub fn load(self, path: impl AsRef<Path>) -> Result<FaceEmbedder, EmbedError> {
        let failed = |e: std::io::Error| EmbedError::Read(e.kind());
        let mut bytes = Vec::new();
        // One byte more than allowed shows that the file is too large.
        let most = (self.max_bytes as u64).saturating_add(1);
        File::open(path).map_err(failed)?.take(most).read_to_end(&mut bytes).map_err(failed)?;
        self.decode(bytes)
    }

    /// Reads the model from the bytes of a file, and runs it once on a gray picture to check its output.
    ///
    /// The bytes are a program: take them only from a trusted source. The size of the file is bounded, but the memory
    /// that a network allocates while it runs is not. A panic of the runtime becomes an error, unless the program is
    /// built to abort on panics.
    ///
    /// # Errors
    /// [`EmbedError`] when the bytes are too many or not a model, the model's input or output differs from [the
    /// module](self) description, the form of the input is not finite, or name and version are not 1 to 239 bytes.
    pub fn decode(self, bytes: Vec<u8>) -> Result<FaceEmbedder, EmbedError> {
        Limits { max_bytes: self.max_bytes, ..Limits::default() }.check_bytes(bytes.len())?;
        if !self.form.is_valid() {
            return Err(EmbedError::Form);
        }
        let digest: [u8; 32] = Sha256::digest(&bytes).into();
        let network = Network::load(bytes, rayon::current_num_threads())?;
        let gray = AlignedFace::from_pixels(&[GRAY; 3 * AlignedFace::SIDE * AlignedFace::SIDE])?;
        let dimension = Embedding::from_slice(&network.run(gray.to_input(&self.form))?)?.dimension();
        let short: String = digest.iter().take(params::DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect();
        let version = if self.version.is_empty() { String::new() } else { format!("{} {short}", self.version) };
        let model = FaceModel::new(&self.name, version, dimension)?;
        Ok(FaceEmbedder { network, form: self.form, model, digest })
    }
}

/// The byte of a gray picture: not quite the middle, which the usual form of the input makes zero.
const GRAY: u8 = 150;

impl FaceEmbedder {
    /// Settings for a model with this name and version.
    #[must_use]
    pub fn builder(name: impl Into<String>, version: impl Into<String>) -> FaceEmbedderBuilder {
        FaceEmbedderBuilder {
            name: name.into(),
            version: version.into(),
            form: InputForm::default(),
            max_bytes: params::MAX_MODEL_BYTES,
        }
    }

    /// The model for an index or a gallery of faces: its version is the one given and the first 16 digits of the file's
    /// SHA-256, so embeddings of two different files are never compared, even under the same name.
    #[must_use]
    pub fn model(&self) -> &FaceModel {
        &self.model
    }

    /// Dimension of the embeddings.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.model.dimension()
    }

    /// SHA-256 of the file.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Aligns a face and embeds it.
    ///
    /// # Errors
    /// [`EmbedError::Align`], and as [`FaceEmbedder::embed_aligned`].
    pub fn embed(&self, picture: &RgbView<'_>, landmarks: &Landmarks) -> Result<Embedding, EmbedError> {
        self.embed_aligned(&AlignedFace::from_picture(picture, landmarks)?)
    }

    /// Embeds an aligned face.
    ///
    /// # Errors
    /// [`EmbedError::Run`] or [`EmbedError::Panicked`] when the model fails, [`EmbedError::Output`] or [`EmbedError::Embedding`]
    /// when its output is not an embedding, [`EmbedError::Model`] when its dimension has changed.
    pub fn embed_aligned(&self, face: &AlignedFace) -> Result<Embedding, EmbedError> {
        let output = self.network.run(face.to_input(&self.form))?;
        Ok(self.model.embedding(&output)?)
    }
}

impl fmt::Debug for FaceEmbedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceEmbedder").field("model", &self.model).field("form", &self.form).finish_non_exhaustive()
    }
}
