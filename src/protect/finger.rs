//! Fingers: the signs of the rotated neighbourhoods of the best minutiae.

use std::fmt;
use std::ops::Range;

use super::block::CodeBlock;
use super::code::{Code, Kind, mark};
use super::error::{CodeError, ProtectError};
use super::evidence::{self, Sides};
use super::key::{KeyTag, ProtectionKey};
use super::neighbourhood::neighbourhoods;
use super::params::{DIMENSION, FINGER_WORDS, NEIGHBOURHOOD_BITS, NEIGHBOURHOOD_WORDS, NEIGHBOURHOODS, WORD};
use super::rotation::Rotation;
use super::stream::Stream;
use crate::fingerprint::template::FingerTemplate;
use crate::modality::{Block, Modality};
use crate::score::Score;
use crate::seal::SecretKey;
use crate::simd::wide;

/// Makes codes of fingers under one key.
///
/// Of the 32 best minutiae the neighbourhood is described (minutiae around it, and the ridge flow where the template carries it), rotated as
/// the key says, and the signs are kept: 256 bits each. Neither places nor directions nor the number of minutiae are in a code: what is
/// missing is filled up with noise, and the order is that of the bits. A code takes 1,044 bytes; making one costs some 150 microseconds.
///
/// ```
/// use selfsame::protect::{FingerProtector, ProtectedFinger, ProtectionKey};
/// use selfsame::seal::SecretKey;
/// use selfsame::synth::TemplateGenerator;
/// use selfsame::Comparator;
///
/// let protector = FingerProtector::new(&ProtectionKey::new(&SecretKey::random()?, 0));
/// let people = TemplateGenerator::new(1);
/// let code = |finger, impression| protector.protect(&people.probe(finger, impression));
/// let comparator = Comparator::<ProtectedFinger>::new();
/// let mated = comparator.compare_templates(&code(1, 1), &code(1, 2))?;
/// let other = comparator.compare_templates(&code(1, 1), &code(2, 1))?;
/// assert!(mated > other);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FingerProtector {
    rotation: Rotation,
    filling: SecretKey,
    mark: (u32, KeyTag),
}

impl FingerProtector {
    /// For a key.
    #[must_use]
    pub fn new(key: &ProtectionKey) -> Self {
        let of_fingers = key.purpose(b"protect/finger", [DIMENSION, NEIGHBOURHOOD_BITS]);
        Self {
            rotation: Rotation::new(&of_fingers, DIMENSION, NEIGHBOURHOOD_BITS),
            filling: key.purpose(b"protect/filling", [0, 0]),
            mark: mark(key),
        }
    }

    /// The code of a template.
    #[must_use]
    pub fn protect(&self, template: &FingerTemplate) -> FingerCode {
        let mut found = neighbourhoods(template);
        found.sort_by_key(|n| std::cmp::Reverse(n.quality));
        found.truncate(NEIGHBOURHOODS);
        let signs = found.iter().map(|n| self.rotation.signs_of(&n.vector));
        self.fill_up(signs.filter_map(|s| s.first_chunk().copied()).collect())
    }

    /// The code of some neighbourhoods.
    fn fill_up(&self, mut codes: Vec<[u64; NEIGHBOURHOOD_WORDS]>) -> FingerCode {
        codes.truncate(NEIGHBOURHOODS);
        codes.sort_unstable();
        // Noise of this very print, or codes would be alike in what is not there.
        let seen: Vec<u8> = codes.as_flattened().iter().flat_map(|word| word.to_le_bytes()).collect();
        let filling = self.filling.derive(b"protect/noise", &seen);
        let mut noise = Stream::new(&filling);
        codes.resize_with(NEIGHBOURHOODS, || std::array::from_fn(|_| noise.next_word()));
        codes.sort_unstable();
        // Word after word, so that a comparison takes one word of several neighbourhoods at once.
        let words = (0..NEIGHBOURHOOD_WORDS).flat_map(|w| codes.iter().map(move |code| code[w])).collect();
        FingerCode(Code::new(self.mark, words))
    }

    /// The vectors of the neighbourhoods, as far as whoever has the key can tell from the code (noise among them).
    pub(crate) fn invert(&self, code: &FingerCode) -> Vec<Vec<f32>> {
        let sign = |word: u64, bit: usize| if word >> bit & 1 == 1 { 1.0 } else { -1.0 };
        (0..NEIGHBOURHOODS)
            .map(|j| {
                let words = code.neighbourhood(j);
                self.rotation.back(words.into_iter().flat_map(|word| (0..WORD).map(move |bit| sign(word, bit))))
            })
            .collect()
    }

    /// The code of vectors, as many as it has neighbourhoods.
    pub(crate) fn of_vectors(&self, vectors: &[Vec<f32>]) -> FingerCode {
        let signs = vectors.iter().map(|v| self.rotation.signs_of(v));
        self.fill_up(signs.filter_map(|s| s.first_chunk().copied()).collect())
    }
}

impl fmt::Debug for FingerProtector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FingerProtector").finish_non_exhaustive()
    }
}

/// A protected finger. `Debug` shows no bits.
#[derive(Clone, PartialEq, Eq)]
pub struct FingerCode(Code);

impl FingerCode {
    /// Version of the key that it was made with.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.0.version
    }

    /// Tag of that key.
    #[must_use]
    pub fn tag(&self) -> KeyTag {
        self.0.tag
    }

    /// As 1,044 bytes. They tell nothing while the key is secret; they do not tell either whether somebody changed or swapped them, which
    /// sealing is for.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode(Kind::Finger)
    }

    /// From bytes.
    ///
    /// # Errors
    /// [`CodeError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, CodeError> {
        Code::decode(bytes, Kind::Finger).map(Self)
    }

    fn words(&self) -> &[u64] {
        &self.0.words
    }

    /// The words of neighbourhood `j`.
    fn neighbourhood(&self, j: usize) -> [u64; NEIGHBOURHOOD_WORDS] {
        std::array::from_fn(|w| self.0.words.get(w * NEIGHBOURHOODS + j).copied().unwrap_or(0))
    }
}

impl fmt::Debug for FingerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show("FingerCode", f)
    }
}

/// Codes of fingers as a modality of [`crate::Comparator`] and [`crate::index::Index`].
///
/// The score is in decibels of false match rate like that of [`crate::Finger`], measured up to 45 dB. It is symmetric, the same on every
/// machine, and does not depend on how a print lies. It is weaker than that of [`crate::Finger`], which knows where the minutiae are.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProtectedFinger {}

impl ProtectedFinger {
    /// The evidence before calibration.
    #[doc(hidden)]
    pub fn raw(&self, a: &FingerCode, b: &FingerCode) -> f32 {
        wide::run(Sides { a: a.words(), b: b.words() })
    }
}

impl Modality for ProtectedFinger {
    type Template = FingerCode;
    type Probe = FingerCode;
    type Reference = FingerCode;
    type Score = Score;
    type Block = CodeBlock;
    type Scratch = ();
    type Error = ProtectError;

    fn prepare(&self, template: &FingerCode) -> Result<FingerCode, ProtectError> {
        Ok(template.clone())
    }

    fn reference(&self, template: &FingerCode) -> Result<FingerCode, ProtectError> {
        Ok(template.clone())
    }

    fn compare(&self, probe: &FingerCode, reference: &FingerCode, (): &mut ()) -> Result<Score, ProtectError> {
        probe.0.matches(reference.0.tag, FINGER_WORDS)?;
        Ok(evidence::score(self.raw(probe, reference)))
    }

    fn new_block(&self) -> CodeBlock {
        CodeBlock::default()
    }

    fn check_block(&self, block: &CodeBlock, reference: &FingerCode) -> Result<(), ProtectError> {
        block.takes(&reference.0)
    }

    fn compare_rows(
        &self,
        probe: &FingerCode,
        block: &CodeBlock,
        rows: Range<usize>,
        (): &mut (),
        out: &mut Vec<Score>,
    ) -> Result<(), ProtectError> {
        block.takes(&probe.0)?;
        let (words, width) = block.rows(rows);
        let raw = words.chunks_exact(width).map(|row| wide::run(Sides { a: probe.words(), b: row }));
        out.extend(raw.map(evidence::score));
        Ok(())
    }
}

impl Block<FingerCode> for CodeBlock {
    fn push(&mut self, reference: FingerCode) {
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
