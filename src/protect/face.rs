//! Faces: the signs of a rotated embedding.

use std::fmt;

use super::block::CodeBlock;
use super::code::{Code, Kind, mark};
use super::error::{CodeError, ProtectError};
use super::key::{KeyTag, ProtectionKey};
use super::params::{FACES_PER_TASK, LEAST_FACE_WORDS, MOST_FACE_WORDS, WORD};
use super::rotation::Rotation;
use crate::face::compare::Cosine;
use crate::face::embedding::Embedding;
use crate::modality::{Modality, Offers, Rows, Segment, Stored};
use crate::simd::wide::{self, Kernels, Task};

/// Makes codes of faces under one key.
///
/// The embedding is rotated as the key determines (a product of Walsh-Hadamard transforms and signs, in the manner of
/// Ailon and Chazelle's transform) and the signs are kept: two embeddings at an angle of `a` differ in a share of
/// `a / pi` of the bits. Making a code costs some thousand additions per component: microseconds, once per probe.
///
/// ```
/// use selfsame::protect::{FaceProtector, ProtectedFace, ProtectionKey};
/// use selfsame::gallery::seal::SecretKey;
/// use selfsame::{Comparator, Embedding};
///
/// let key = ProtectionKey::new(&SecretKey::random()?, 0);
/// let protector = FaceProtector::new(&key, 512, 512)?;
/// let face = |phase: f32| Embedding::from_slice(&(0..512).map(|i| (i as f32 * 0.37 + phase).sin()).collect::<Vec<_>>());
/// let enrolled = protector.protect(&face(0.0)?)?;
/// let comparator = Comparator::<ProtectedFace>::new();
/// let score = comparator.compare_templates(&protector.protect(&face(0.2)?)?, &enrolled)?;
/// assert!((score.value() - 0.2f32.cos()).abs() < 0.2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FaceProtector {
    rotation: Rotation,
    mark: (u32, KeyTag),
}

impl FaceProtector {
    /// Creates a protector for embeddings of `dimension` components and codes of `bits` bits, a multiple of 64 up to
    /// 4096. As many bits as dimensions lose little accuracy; fewer lose more, and an attacker, with the key or with
    /// known pairs, learns less from them, though always enough.
    ///
    /// # Errors
    /// [`ProtectError::Bits`], [`ProtectError::Dimension`].
    pub fn new(key: &ProtectionKey, dimension: usize, bits: usize) -> Result<Self, ProtectError> {
        if !bits.is_multiple_of(WORD) || !(LEAST_FACE_WORDS..=MOST_FACE_WORDS).contains(&(bits / WORD)) {
            return Err(ProtectError::Bits { bits });
        }
        let range = Embedding::MIN_DIMENSION..=Embedding::MAX_DIMENSION;
        if !range.contains(&dimension) {
            return Err(ProtectError::Dimension { expected: dimension.clamp(*range.start(), *range.end()), dimension });
        }
        let key_of_faces = key.purpose(b"protect/face", [dimension, bits]);
        Ok(Self { rotation: Rotation::new(&key_of_faces, dimension, bits), mark: mark(key) })
    }

    /// Makes the code of an embedding.
    ///
    /// # Errors
    /// [`ProtectError::Dimension`] for an embedding of another dimension.
    pub fn protect(&self, embedding: &Embedding) -> Result<FaceCode, ProtectError> {
        let (expected, dimension) = (self.rotation.dimension(), embedding.dimension());
        if expected != dimension {
            return Err(ProtectError::Dimension { expected, dimension });
        }
        Ok(FaceCode(Code::new(self.mark, self.rotation.signs_of(embedding.as_slice()))))
    }

    /// The rotation, for measurements of what a leaked key reveals.
    #[cfg(feature = "eval")]
    pub(crate) fn rotation(&self) -> &Rotation {
        &self.rotation
    }
}

impl fmt::Debug for FaceProtector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceProtector").field("bits", &self.rotation.bits()).finish_non_exhaustive()
    }
}

/// A protected face. `Debug` shows no bits.
#[derive(Clone, PartialEq, Eq)]
pub struct FaceCode(Code);

impl FaceCode {
    /// The number of bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.0.bits()
    }

    /// The version of the key that the code was made with.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.0.version
    }

    /// The tag of that key.
    #[must_use]
    pub fn tag(&self) -> KeyTag {
        self.0.tag
    }

    /// The code as bytes: 20, and one for each 8 bits. Protect them like templates: see [`crate::protect`] for what
    /// they reveal without the key. They do not show whether someone changed or swapped them; sealing does.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode(Kind::Face)
    }

    /// Reads a code from bytes.
    ///
    /// # Errors
    /// [`CodeError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, CodeError> {
        Code::decode(bytes, Kind::Face).map(Self)
    }

    pub(crate) fn words(&self) -> &[u64] {
        &self.0.words
    }
}

impl fmt::Debug for FaceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show("FaceCode", f)
    }
}

/// Codes of faces as a modality of [`crate::Comparator`] and [`crate::index::Index`]. The score estimates the cosine of
/// the two embeddings from the share of bits that differ: with 512 bits to within 0.07 (one standard deviation, where
/// the cosine is 0).
#[derive(Clone, Copy, Debug, Default)]
pub struct ProtectedFace {}

/// A code prepared as a probe.
pub struct FaceCodeProbe {
    code: FaceCode,
    /// The cosine for each number of differing bits.
    cosines: Box<[Cosine]>,
}

impl fmt::Debug for FaceCodeProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FaceCodeProbe").field(&self.code).finish()
    }
}

/// The cosine that corresponds to `apart` differing bits of `bits`.
fn cosine(apart: usize, bits: usize) -> Cosine {
    Cosine::rounded((std::f64::consts::PI * apart as f64 / bits.max(1) as f64).cos() as f32)
}

fn apart(a: &[u64], b: &[u64]) -> usize {
    a.iter().zip(b).map(|(a, b)| (a ^ b).count_ones() as usize).sum()
}

/// Counts the differing bits between a code and each of many rows.
struct Scan<'a> {
    probe: &'a [u64],
    rows: &'a [u64],
    cosines: &'a [Cosine],
    out: &'a mut Vec<Cosine>,
}

impl Scan<'_> {
    /// Rows of constant width, so that the loop over words is unrolled.
    #[inline(always)]
    fn of_width<const W: usize>(self) -> bool {
        let Ok(probe) = <&[u64; W]>::try_from(self.probe) else { return false };
        self.out.extend(self.rows.as_chunks::<W>().0.iter().map(|row| {
            let apart: u64 = (0..W).map(|w| u64::from((probe[w] ^ row[w]).count_ones())).sum();
            self.cosines.get(apart as usize).copied().unwrap_or(cosine(1, 1))
        }));
        true
    }
}

impl Task for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: impl Kernels) {
        let Self { probe, rows, cosines, out } = self;
        if (Scan { probe, rows, cosines, out: &mut *out }).of_width::<8>() {
            return;
        }
        out.extend(
            rows.chunks_exact(probe.len().max(1))
                .map(|row| cosines.get(apart(probe, row)).copied().unwrap_or(cosine(1, 1))),
        );
    }
}

impl Modality for ProtectedFace {
    type Template = FaceCode;
    type Probe = FaceCodeProbe;
    type Reference = FaceCode;
    type Score = Cosine;
    type Segment = CodeBlock;
    type Scratch = Vec<Cosine>;
    type Error = ProtectError;

    const SEGMENT_ROWS: usize = FACES_PER_TASK;

    fn rows_per_task(_: Option<usize>, _: usize) -> usize {
        FACES_PER_TASK
    }

    fn prepare(&self, template: &FaceCode) -> Result<FaceCodeProbe, ProtectError> {
        let cosines = (0..=template.bits()).map(|apart| cosine(apart, template.bits())).collect();
        Ok(FaceCodeProbe { code: template.clone(), cosines })
    }

    fn reference(&self, template: &FaceCode) -> Result<FaceCode, ProtectError> {
        Ok(template.clone())
    }

    fn compare(
        &self,
        probe: &FaceCodeProbe,
        reference: &FaceCode,
        _: &mut Vec<Cosine>,
    ) -> Result<Cosine, ProtectError> {
        probe.code.0.matches(reference.0.tag, reference.0.words.len())?;
        let apart = apart(probe.code.words(), reference.words());
        Ok(probe.cosines.get(apart).copied().unwrap_or(cosine(1, 1)))
    }

    fn new_segment(&self) -> CodeBlock {
        CodeBlock::default()
    }

    fn check_segment(&self, segment: &CodeBlock, reference: &FaceCode) -> Result<(), ProtectError> {
        segment.takes(&reference.0)
    }

    fn value(score: Cosine) -> f32 {
        score.value()
    }

    fn mean(scores: &[Cosine]) -> Cosine {
        Cosine::mean(scores)
    }

    fn compare_row(
        &self,
        probe: &FaceCodeProbe,
        segment: &CodeBlock,
        row: usize,
        _: &mut Vec<Cosine>,
    ) -> Result<Cosine, ProtectError> {
        segment.takes(&probe.code.0)?;
        let (words, _) = segment.rows(row..row + 1);
        let apart = apart(probe.code.words(), words);
        Ok(probe.cosines.get(apart).copied().unwrap_or(cosine(1, 1)))
    }

    fn scan<O: Offers<Cosine>>(
        &self,
        probes: &[&FaceCodeProbe],
        segment: &CodeBlock,
        rows: Rows<'_>,
        scores: &mut Vec<Cosine>,
        offers: &mut [O],
    ) -> Result<(), ProtectError> {
        let (words, _) = segment.rows(rows.range());
        for (probe, offers) in probes.iter().zip(offers) {
            segment.takes(&probe.code.0)?;
            scores.clear();
            wide::run(Scan { probe: probe.code.words(), rows: words, cosines: &probe.cosines, out: scores });
            let first = rows.range().start;
            for (row, &score) in rows.iter().filter_map(|row| Some((row, scores.get(row - first)?))) {
                offers.exact(row, score);
            }
        }
        Ok(())
    }
}

impl Stored for ProtectedFace {
    fn describe(&self) -> String {
        format!("codes of faces, form {}", Kind::Face.form())
    }

    fn encode_row(&self, segment: &CodeBlock, row: usize, out: &mut Vec<u8>) {
        segment.encode(row, out);
    }

    fn decode_row(&self, segment: &mut CodeBlock, bytes: &[u8]) -> Option<()> {
        segment.decode(bytes, |words| Kind::Face.has(words))
    }
}

impl Segment<FaceCode> for CodeBlock {
    fn push(&mut self, reference: FaceCode) {
        self.add(&reference.0);
    }

    fn swap_remove(&mut self, row: usize) {
        self.take_out(row);
    }

    fn len(&self) -> usize {
        self.count()
    }

    fn bytes(&self) -> usize {
        self.held()
    }
}
