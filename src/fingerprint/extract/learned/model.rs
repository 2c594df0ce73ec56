//! Weights: reading, checking, and the models of this crate.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions
    )
)]

use std::fmt;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::layer::{Layer, MAX_FACTOR};
use super::network::{Network, Pair};

/// Weights of a minutiae network. Cheap to clone.
///
/// Three come with the crate; their model card, `src/fingerprint/extract/learned/weights/README.md`, describes their
/// training and limits. The tools in `training/` train others.
///
/// ```
/// use selfsame::fingerprint::extract::Model;
/// let model = Model::standard();
/// assert_eq!(model.name(), "standard");
/// assert!(Model::decode(b"not weights").is_err());
/// ```
#[derive(Clone)]
pub struct Model {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    trained_on: String,
    sha256: String,
    weights: usize,
    network: Network,
}

/// The reason why weights cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The weights have too many bytes.
    #[error("{bytes} bytes of weights, at most {max} are allowed", max = Model::MAX_BYTES)]
    TooLarge {
        /// Number of bytes given.
        bytes: usize,
    },
    /// Not in the safetensors format, or damaged.
    #[error("not a file of weights in the safetensors format")]
    Format,
    /// The format's metadata do not name this kind of network.
    #[error("not the weights of a minutiae network")]
    Kind,
    /// The tensors do not match the checksum in the metadata.
    #[error("the weights do not match their checksum")]
    Checksum,
    /// A tensor is missing.
    #[error("tensor {0} is missing")]
    Missing(String),
    /// A tensor has a type, shape or values that do not fit its place in the network.
    #[error("tensor {name} does not fit: {reason}")]
    Tensor {
        /// Name of the tensor.
        name: String,
        /// The mismatch.
        reason: &'static str,
    },
    /// Layers do not fit together.
    #[error("layers do not fit together: {0}")]
    Network(&'static str),
}

/// Format name in the metadata of weights.
const FORMAT: &str = "selfsame minutiae network 1";
/// Size of the header's length field at the start, bytes.
const LENGTH_FIELD: usize = 8;
/// Most pairs at one resolution.
const MAX_PAIRS: usize = 8;

static STANDARD: &[u8] = include_bytes!("weights/standard.safetensors");
static SYNTHETIC: &[u8] = include_bytes!("weights/synthetic.safetensors");
static SMALL: &[u8] = include_bytes!("weights/small.safetensors");

impl Model {
    /// Most bytes that weights may have.
    pub const MAX_BYTES: usize = 2 << 20;

    /// The most accurate of the crate's models, trained on synthetic prints and adapted to real ones. It is read once
    /// per process, which takes a few milliseconds; further calls are free.
    #[must_use]
    pub fn standard() -> Self {
        static MODEL: LazyLock<Model> = LazyLock::new(|| shipped(STANDARD));
        MODEL.clone()
    }

    /// As large as the standard model and trained on synthetic prints alone: no person's finger was used.
    #[must_use]
    pub fn synthetic() -> Self {
        static MODEL: LazyLock<Model> = LazyLock::new(|| shipped(SYNTHETIC));
        MODEL.clone()
    }

    /// The fastest of the crate's models: it takes about a third of the time, for enrolling millions.
    #[must_use]
    pub fn small() -> Self {
        static MODEL: LazyLock<Model> = LazyLock::new(|| shipped(SMALL));
        MODEL.clone()
    }

    /// Reads weights in the safetensors format, as `training/export.py` writes them, and checks that they are complete
    /// and consistent. Weights from other sources are safe to read and to run, but need not find minutiae.
    ///
    /// # Errors
    /// [`ModelError`] names the fault.
    pub fn decode(bytes: &[u8]) -> Result<Self, ModelError> {
        Self::read(bytes, |data, sum| {
            let sha256 = Sha256::digest(data).iter().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            });
            sha256 == sum
        })
    }

    /// Reads weights; `has_sum` says whether the checksum of the metadata is that of the tensors' bytes.
    fn read(bytes: &[u8], has_sum: impl FnOnce(&[u8], &str) -> bool) -> Result<Self, ModelError> {
        if bytes.len() > Self::MAX_BYTES {
            return Err(ModelError::TooLarge { bytes: bytes.len() });
        }
        let (header, metadata) = SafeTensors::read_metadata(bytes).map_err(|_| ModelError::Format)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|_| ModelError::Format)?;
        let about = metadata.metadata().as_ref().ok_or(ModelError::Kind)?;
        let text = |key: &str| about.get(key).filter(|v| v.len() <= 200).cloned().unwrap_or_default();
        if text("format") != FORMAT {
            return Err(ModelError::Kind);
        }
        let data = header.checked_add(LENGTH_FIELD).and_then(|start| bytes.get(start..)).ok_or(ModelError::Format)?;
        let sha256 = text("sha256");
        if !has_sum(data, &sha256) {
            return Err(ModelError::Checksum);
        }
        let reader = Reader { tensors };
        let network = reader.network()?;
        network.check().map_err(ModelError::Network)?;
        let count = |t: &TensorView<'_>| t.data().len().checked_div(t.dtype().bitsize().div_ceil(8)).unwrap_or(0);
        let weights = reader.tensors.iter().map(|(_, t)| count(&t)).sum();
        Ok(Self {
            inner: Arc::new(Inner { name: text("name"), trained_on: text("trained_on"), sha256, weights, network }),
        })
    }

    /// Name of the model.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Its training data, as stated in the file.
    #[must_use]
    pub fn trained_on(&self) -> &str {
        &self.inner.trained_on
    }

    /// SHA-256 of its tensors, hexadecimal; it distinguishes models.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.inner.sha256
    }

    /// Number of weights.
    #[must_use]
    pub fn weights(&self) -> usize {
        self.inner.weights
    }

    pub(super) fn network(&self) -> &Network {
        &self.inner.network
    }
}

impl PartialEq for Model {
    fn eq(&self, other: &Self) -> bool {
        self.inner.sha256 == other.inner.sha256
    }
}

impl Eq for Model {}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model").field("name", &self.name()).field("sha256", &self.sha256()).finish_non_exhaustive()
    }
}

/// Weights of the crate. Their checksum was compared by a test, and is not again when the first print waits for it.
#[allow(clippy::expect_used, reason = "these bytes are part of the crate, not input")]
fn shipped(bytes: &[u8]) -> Model {
    Model::read(bytes, |_, _| true).expect("a test reads the weights that come with the crate")
}

struct Reader<'a> {
    tensors: SafeTensors<'a>,
}

impl Reader<'_> {
    fn has(&self, name: &str) -> bool {
        self.tensors.tensor(name).is_ok()
    }

    fn network(&self) -> Result<Network, ModelError> {
        let single = |_| 1;
        Ok(Network {
            stem: self.sized("stem", 7, 2, 1)?,
            full: if self.has("full.weight") { Some(self.sized("full", 3, 1, 1)?) } else { None },
            down2: self.sized("down2", 3, 2, 1)?,
            quarter: self.pairs("quarter", single)?,
            down3: self.sized("down3", 3, 2, 1)?,
            eighth: self.pairs("eighth", single)?,
            down4: self.sized("down4", 3, 2, 1)?,
            sixteenth: self.pairs("sixteenth", |i| if i == 0 { 1 } else { 2 })?,
            up4: self.sized("up4", 1, 1, 1)?,
            merge3_share: self.share("merge3.share")?,
            merge3: self.sized("merge3", 3, 1, 1)?,
            up3: self.sized("up3", 1, 1, 1)?,
            fine: self.sized("fine", 2, 2, 1)?,
            side: self.sized("side", 1, 1, 1)?,
            merge2: self.sized("merge2", 3, 1, 1)?,
            last: self.pairs("last", single)?,
            head: self.sized("head", 1, 1, 1)?,
        })
    }

    /// Pairs `name.0`, `name.1` and so on, as many as there are.
    fn pairs(&self, name: &str, dilation: impl Fn(usize) -> usize) -> Result<Vec<Pair>, ModelError> {
        (0..MAX_PAIRS)
            .map(|i| (i, format!("{name}.{i}")))
            .take_while(|(_, here)| self.has(&format!("{here}.share")))
            .map(|(i, here)| {
                Ok(Pair {
                    a: self.sized(&format!("{here}.a"), 3, 1, dilation(i))?,
                    b: self.sized(&format!("{here}.b"), 3, 1, 1)?,
                    share: self.share(&format!("{here}.share"))?,
                })
            })
            .collect()
    }

    fn sized(&self, name: &str, size: usize, stride: usize, dilation: usize) -> Result<Layer, ModelError> {
        let full = format!("{name}.weight");
        let wrong = |reason| ModelError::Tensor { name: full.clone(), reason };
        let tensor = self.tensors.tensor(&full).map_err(|_| ModelError::Missing(full.clone()))?;
        let shape = <[usize; 4]>::try_from(tensor.shape()).map_err(|_| wrong("not four dimensions"))?;
        if tensor.dtype() != Dtype::I8 {
            return Err(wrong("not of type I8"));
        }
        if shape[2] != size {
            return Err(wrong("wrong number of taps"));
        }
        let weights: Vec<i8> = tensor.data().iter().map(|&b| i8::from_le_bytes([b])).collect();
        let (scale, bias) = (self.floats(&format!("{name}.scale"))?, self.floats(&format!("{name}.bias"))?);
        Layer::new(&weights, shape, &scale, &bias, stride, dilation).map_err(wrong)
    }

    fn share(&self, name: &str) -> Result<f32, ModelError> {
        match self.floats(name)?[..] {
            [share] if (0.0..=MAX_FACTOR).contains(&share) => Ok(share),
            _ => Err(ModelError::Tensor { name: name.into(), reason: "not one number in range" }),
        }
    }

    fn floats(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        let tensor = self.tensors.tensor(name).map_err(|_| ModelError::Missing(name.into()))?;
        if tensor.dtype() != Dtype::F32 {
            return Err(ModelError::Tensor { name: name.into(), reason: "not of type F32" });
        }
        let (fours, _) = tensor.data().as_chunks::<4>();
        Ok(fours.iter().map(|b| f32::from_le_bytes(*b)).collect())
    }
}
