//! Embeddings of faces with a model of the user (feature `onnx`).
//!
//! This crate contains no face-recognition model: it runs any network in ONNX format that takes square pictures of aligned faces
//! in color and gives one vector of 64 to 4096 floats for each, as ArcFace, MobileFaceNet and FaceNet do. The network runs in `rten`,
//! in this process, on the CPU. One face is embedded on one thread, so its embedding does not depend on the number of threads;
//! [`FaceEmbedder::embed_batch`] embeds many on all threads of a rayon pool. Between machines an embedding may differ in its last
//! bits, as with any float runtime.
//!
//! The file says how large faces are, whether colors come in planes or pixel by pixel, and how many pictures go in at a time. Exports
//! that list weights as inputs, contain dropout or a switch for training, or store numbers in half precision, are taken as well. What
//! no file says is the [`InputForm`]: look it up.
//!
//! | step | file |
//! |---|---|
//! | what exporters add and the runtime does not take, or takes slowly | `export`, `groups`; the fields of files: `fields` |
//! | loaded and run without a panic | `runtime` |
//! | the network, its input and output | `network` |
//! | whether embeddings look as if the form were wrong | `alike` |
//! | faces and landmarks with a detector of the user | `detector`, `heads` |
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

mod alike;
mod detector;
mod error;
mod export;
mod fields;
mod file;
mod groups;
mod heads;
mod network;
mod params;
mod runtime;

use std::fmt;
use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

pub use alike::mean_cosine_if_alike;
pub use detector::{DetectedFace, FaceDetector};
pub use error::EmbedError;

use crate::face::align::{AlignedFace, Colors, InputForm, Landmarks, RgbView};
use crate::face::embedding::{Embedding, FaceModel};
use crate::limits::Limits;
use network::Network;

/// Rewrites a file as for the runtime: for the fuzz target `onnx_export`.
#[cfg(fuzzing)]
#[doc(hidden)]
pub fn check_export(data: &[u8]) {
    let mended = export::mended(data.to_vec());
    // Half floats of one byte each become four, and channels become groups of four.
    assert!(mended.len() <= data.len().saturating_mul(20).saturating_add(64), "{} of {}", mended.len(), data.len());
}

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
    side: Option<usize>,
    output: Option<String>,
    max_bytes: usize,
}

impl FaceEmbedderBuilder {
    /// Sets the form of the model's input; the default is [`InputForm::default`].
    #[must_use]
    pub fn input(mut self, form: InputForm) -> Self {
        self.form = form;
        self
    }

    /// Sets the width and height of faces, pixels, for a model whose file leaves them open; the default is 112. A file that says
    /// otherwise is refused.
    #[must_use]
    pub fn side(mut self, side: usize) -> Self {
        self.side = Some(side);
        self
    }

    /// Chooses one of several outputs by its name; the default is the only one.
    #[must_use]
    pub fn output(mut self, name: impl Into<String>) -> Self {
        self.output = Some(name.into());
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
        let bytes = file::read(path.as_ref(), self.max_bytes)?;
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
        let network = Network::load(bytes, self.side, self.output.as_deref(), rayon::current_num_threads())?;
        let side = network.input().side;
        let gray = AlignedFace::from_pixels(&vec![GRAY; side.saturating_mul(side).saturating_mul(3)], side)?;
        let outputs = network.run(&[gray.to_input(&self.form, network.input().layout)])?;
        let [output] = outputs.as_slice() else { return Err(EmbedError::Output { shape: "nothing".to_owned() }) };
        let dimension = Embedding::from_slice(output)?.dimension();
        let version = if self.version.is_empty() {
            String::new()
        } else {
            format!("{} {}", self.version, self.fingerprint(&digest, side))
        };
        let model = FaceModel::new(&self.name, version, dimension)?;
        Ok(FaceEmbedder { network, form: self.form, model, digest })
    }

    /// Hexadecimal digits of everything that determines an embedding of an aligned face.
    fn fingerprint(&self, digest: &[u8; 32], side: usize) -> String {
        let mut all = Sha256::new();
        all.update(digest);
        all.update((side as u64).to_le_bytes());
        self.form.mean.iter().chain(&self.form.divisor).for_each(|number| all.update(number.to_le_bytes()));
        all.update([u8::from(self.form.colors == Colors::Bgr)]);
        all.update(self.output.as_deref().unwrap_or_default());
        all.finalize().iter().take(params::DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect()
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
            side: None,
            output: None,
            max_bytes: params::MAX_MODEL_BYTES,
        }
    }

    /// The model for an index or a gallery of faces: its version is the one given and 16 hexadecimal digits that change with the file,
    /// the output, the side and the form of the input. So embeddings that are not comparable are never compared, even under the same
    /// name.
    #[must_use]
    pub fn model(&self) -> &FaceModel {
        &self.model
    }

    /// Dimension of the embeddings.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.model.dimension()
    }

    /// Width and height of the faces that the model takes, pixels.
    #[must_use]
    pub fn side(&self) -> usize {
        self.network.input().side
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
        self.embed_aligned(&AlignedFace::from_picture_of_side(picture, landmarks, self.side())?)
    }

    /// Embeds an aligned face.
    ///
    /// # Errors
    /// [`EmbedError::Side`] when the face is of another side than the model takes, [`EmbedError::Run`] or [`EmbedError::Panicked`]
    /// when the model fails, [`EmbedError::Output`] or [`EmbedError::Embedding`] when its output is not an embedding,
    /// [`EmbedError::Model`] when its dimension has changed.
    pub fn embed_aligned(&self, face: &AlignedFace) -> Result<Embedding, EmbedError> {
        let [embedding] = <[_; 1]>::try_from(self.together(&[face])).map_err(|_| EmbedError::Panicked)?;
        embedding
    }

    /// Embeds aligned faces over rayon's current thread pool, in their order, as many at a time as the model takes. Results are
    /// those of [`FaceEmbedder::embed_aligned`] on each for a model that takes one face at a time; for others they may differ from
    /// them in the last bits.
    ///
    /// # Errors
    /// One [`EmbedError`] per face without an embedding; the others are not affected, except those that a model of several faces at a
    /// time takes together with it.
    #[must_use]
    pub fn embed_batch(&self, faces: &[AlignedFace]) -> Vec<Result<Embedding, EmbedError>> {
        let groups = faces.par_chunks(self.network.input().batch);
        groups.flat_map_iter(|group| self.together(&group.iter().collect::<Vec<_>>())).collect()
    }

    /// Embeds at most as many faces as the model takes at a time.
    fn together(&self, faces: &[&AlignedFace]) -> Vec<Result<Embedding, EmbedError>> {
        let input = self.network.input();
        if let Some(other) = faces.iter().find(|face| face.side() != input.side) {
            let error = EmbedError::Side { side: other.side(), needed: input.side };
            return vec![Err(error); faces.len()];
        }
        let pictures: Vec<Vec<f32>> = faces.iter().map(|face| face.to_input(&self.form, input.layout)).collect();
        match self.network.run(&pictures) {
            Ok(outputs) if outputs.len() == faces.len() => {
                outputs.iter().map(|output| Ok(self.model.embedding(output)?)).collect()
            }
            Ok(outputs) => {
                let shape = format!("{} vectors for {} faces", outputs.len(), faces.len());
                vec![Err(EmbedError::Output { shape }); faces.len()]
            }
            Err(error) => vec![Err(error); faces.len()],
        }
    }
}

impl fmt::Debug for FaceEmbedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceEmbedder").field("model", &self.model).field("form", &self.form).finish_non_exhaustive()
    }
}
