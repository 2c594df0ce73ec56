//! Fingers: the signs of the neighborhoods of the best minutiae, each under the rotation of its slot.

use std::fmt;

use super::block::CodeBlock;
use super::code::{Code, Kind, mark};
use super::error::{CodeError, ProtectError};
use super::evidence::{self, Sides};
use super::key::{KeyTag, ProtectionKey};
use super::neighborhood::neighborhoods;
#[cfg(feature = "eval")]
use super::params::WORD;
use super::params::{DIMENSION, FINGER_FORM, FINGER_WORDS, NEIGHBORHOOD_BITS, NEIGHBORHOOD_WORDS, NEIGHBORHOODS};
use super::rotation::Rotation;
use super::stream::Stream;
use crate::fingerprint::template::FingerTemplate;
use crate::gallery::seal::SecretKey;
use crate::modality::{Modality, Segment, Stored};
use crate::score::Score;
use crate::simd::wide;

/// Makes codes of fingers, and probes for them, under one key.
///
/// The neighborhood of each of the 32 best minutiae is described (minutiae around it, and the ridge flow where the
/// template has it) and rotated as the key determines, and the signs are kept: 256 bits each. A code contains neither
/// positions nor directions nor the number of minutiae: empty slots are filled with noise. A code takes 1,044 bytes.
///
/// Each of the 32 slots of a code has a rotation of its own, and key and print determine which neighborhood gets which
/// slot. So the distances between the parts of one code are noise to anyone without the key: under one rotation they
/// were the finger's own, and linked a code to its renewal. The cost is that stored codes are not compared with each
/// other: of two, only neighborhoods with the same slot in both correspond. A search uses a [`FingerCodeProbe`], which
/// holds each neighborhood as it would be in every slot, 32 KiB, and is made from a template and the key.
///
/// ```
/// use selfsame::protect::{FingerProtector, ProtectedFinger, ProtectionKey};
/// use selfsame::gallery::seal::SecretKey;
/// use selfsame::synth::TemplateGenerator;
/// use selfsame::Comparator;
///
/// let protector = FingerProtector::new(&ProtectionKey::new(&SecretKey::random()?, 0));
/// let people = TemplateGenerator::new(1);
/// let stored = protector.protect(&people.probe(1, 2));
/// let comparator = Comparator::<ProtectedFinger>::new();
/// let mated = comparator.compare(&protector.probe(&people.probe(1, 1)), &stored)?;
/// let other = comparator.compare(&protector.probe(&people.probe(2, 1)), &stored)?;
/// assert!(mated > other);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FingerProtector {
    /// One rotation per slot, or a single one for all.
    rotations: Vec<Rotation>,
    filling: SecretKey,
    mark: (u32, KeyTag),
}

/// The words of a neighborhood in one slot.
type Part = [u64; NEIGHBORHOOD_WORDS];

impl FingerProtector {
    /// Creates a protector for a key.
    #[must_use]
    pub fn new(key: &ProtectionKey) -> Self {
        Self::with_rotations(key, NEIGHBORHOODS)
    }

    /// Uses one rotation for all slots, as codes of form 1 did: the distances between the parts of such a code are the
    /// finger's own. It serves to measure the benefit of separate rotations.
    #[cfg(feature = "eval")]
    pub(crate) fn of_one_rotation(key: &ProtectionKey) -> Self {
        Self::with_rotations(key, 1)
    }

    fn with_rotations(key: &ProtectionKey, count: usize) -> Self {
        let rotation = |slot| {
            let of_slot = key.purpose(b"protect/finger-slot", [usize::from(FINGER_FORM), slot]);
            Rotation::new(&of_slot, DIMENSION, NEIGHBORHOOD_BITS)
        };
        Self {
            rotations: (0..count).map(rotation).collect(),
            filling: key.purpose(b"protect/filling", [usize::from(FINGER_FORM), 0]),
            mark: mark(key),
        }
    }

    /// Makes the code of a template, for storage.
    #[must_use]
    pub fn protect(&self, template: &FingerTemplate) -> FingerCode {
        self.of_vectors(&best(template))
    }

    /// Makes a probe from a template, for comparison with codes of the same key. It takes 32 times as many rotations as
    /// a code.
    #[must_use]
    pub fn probe(&self, template: &FingerTemplate) -> FingerCodeProbe {
        self.probe_of_vectors(&best(template))
    }

    /// A vector as stored in a slot.
    fn part(&self, vector: &[f32], slot: usize) -> Part {
        let rotation = self.rotations.get(slot % self.rotations.len().max(1));
        rotation.and_then(|r| r.signs_of(vector).first_chunk().copied()).unwrap_or_default()
    }

    /// Random numbers for a purpose, determined by key and print: if two prints had the same noise, codes would be
    /// similar where there is nothing.
    fn of_print(&self, label: &[u8], vectors: &[impl AsRef<[f32]>]) -> SecretKey {
        let mut parts: Vec<Part> = vectors.iter().map(|v| self.part(v.as_ref(), 0)).collect();
        parts.sort_unstable();
        let seen: Vec<u8> = parts.as_flattened().iter().flat_map(|word| word.to_le_bytes()).collect();
        self.filling.derive(label, &seen)
    }

    /// The code of vectors, one per slot.
    pub(crate) fn of_vectors(&self, vectors: &[impl AsRef<[f32]>]) -> FingerCode {
        let vectors = vectors.get(..NEIGHBORHOODS).unwrap_or(vectors);
        let chosen = self.of_print(b"protect/slots", vectors);
        let mut chosen = Stream::new(&chosen);
        let mut slots: [usize; NEIGHBORHOODS] = std::array::from_fn(|slot| slot);
        for i in (1..NEIGHBORHOODS).rev() {
            slots.swap(i, chosen.below(i as u32 + 1) as usize);
        }
        let filling = self.of_print(b"protect/noise", vectors);
        let mut noise = Stream::new(&filling);
        let mut parts = [Part::default(); NEIGHBORHOODS];
        for (i, slot) in slots.into_iter().enumerate() {
            if let Some(part) = parts.get_mut(slot) {
                *part = match vectors.get(i) {
                    Some(vector) => self.part(vector.as_ref(), slot),
                    None => std::array::from_fn(|_| noise.next_word()),
                };
            }
        }
        // Word by word, so that a comparison takes one word of several slots at once.
        let words = (0..NEIGHBORHOOD_WORDS).flat_map(|w| parts.iter().map(move |part| part[w])).collect();
        FingerCode(Code::new(self.mark, words))
    }

    /// The probe of vectors.
    pub(crate) fn probe_of_vectors(&self, vectors: &[impl AsRef<[f32]>]) -> FingerCodeProbe {
        let vectors = vectors.get(..NEIGHBORHOODS).unwrap_or(vectors);
        // The noise differs from that of the code of the same print.
        let filling = self.of_print(b"protect/probe", vectors);
        let mut noise = Stream::new(&filling);
        let mut words = Vec::with_capacity(NEIGHBORHOODS * FINGER_WORDS);
        for vector in vectors {
            let parts: [Part; NEIGHBORHOODS] = std::array::from_fn(|slot| self.part(vector.as_ref(), slot));
            words.extend((0..NEIGHBORHOOD_WORDS).flat_map(|w| parts.iter().map(move |part| part[w])));
        }
        words.resize_with(NEIGHBORHOODS * FINGER_WORDS, || noise.next_word());
        FingerCodeProbe { mark: self.mark, words: words.into_boxed_slice() }
    }

    /// The vectors in the slots, as far as someone with the key can tell from the code (noise among them).
    #[cfg(feature = "eval")]
    pub(crate) fn invert(&self, code: &FingerCode) -> Vec<Vec<f32>> {
        let sign = |word: u64, bit: usize| if word >> bit & 1 == 1 { 1.0 } else { -1.0 };
        (0..NEIGHBORHOODS)
            .zip(self.rotations.iter().cycle())
            .map(|(slot, rotation)| {
                let words = code.part(slot);
                rotation.back(words.into_iter().flat_map(|word| (0..WORD).map(move |bit| sign(word, bit))))
            })
            .collect()
    }
}

/// The vectors of the best minutiae's neighborhoods.
fn best(template: &FingerTemplate) -> Vec<[f32; DIMENSION]> {
    let mut found = neighborhoods(template);
    found.sort_by_key(|n| std::cmp::Reverse(n.quality));
    found.truncate(NEIGHBORHOODS);
    found.into_iter().map(|n| n.vector).collect()
}

impl fmt::Debug for FingerProtector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FingerProtector").finish_non_exhaustive()
    }
}

/// A finger prepared for comparison with codes of a key. Do not store it: the distances between its parts are the
/// finger's own, unlike those in a code. `Debug` shows no bits.
#[derive(Clone)]
pub struct FingerCodeProbe {
    mark: (u32, KeyTag),
    /// For each neighborhood, the words of a code with it in every slot.
    words: Box<[u64]>,
}

impl FingerCodeProbe {
    /// The version of the key that the probe was made with.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.mark.0
    }

    /// The tag of that key.
    #[must_use]
    pub fn tag(&self) -> KeyTag {
        self.mark.1
    }
}

impl fmt::Debug for FingerCodeProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FingerCodeProbe").field("version", &self.version()).finish_non_exhaustive()
    }
}

/// A protected finger. `Debug` shows no bits.
#[derive(Clone, PartialEq, Eq)]
pub struct FingerCode(Code);

impl FingerCode {
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

    /// The code as 1,044 bytes. Protect them like templates: see [`crate::protect`] for what they reveal without the
    /// key. They do not show whether someone changed or swapped them; sealing does.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode(Kind::Finger)
    }

    /// Reads a code from bytes.
    ///
    /// # Errors
    /// [`CodeError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, CodeError> {
        Code::decode(bytes, Kind::Finger).map(Self)
    }

    fn words(&self) -> &[u64] {
        &self.0.words
    }

    /// The words of a slot.
    #[cfg(feature = "eval")]
    pub(crate) fn part(&self, slot: usize) -> Part {
        std::array::from_fn(|w| self.0.words.get(w * NEIGHBORHOODS + slot).copied().unwrap_or(0))
    }

    /// A probe made from the code alone by an attacker who treats all slots as one.
    #[cfg(feature = "eval")]
    pub(crate) fn as_probe(&self) -> FingerCodeProbe {
        let of_all_slots = (0..NEIGHBORHOODS).flat_map(|i| self.part(i)).flat_map(|word| [word; NEIGHBORHOODS]);
        FingerCodeProbe { mark: (self.0.version, self.0.tag), words: of_all_slots.collect() }
    }
}

impl fmt::Debug for FingerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show("FingerCode", f)
    }
}

/// Codes of fingers as a modality of [`crate::Comparator`] and [`crate::index::Index`].
///
/// [`FingerProtector::probe`] makes a probe, which `compare` and `identify` take as it is; `prepare` refuses, because a
/// stored code cannot be a probe.
///
/// The score is in decibels of false match rate like that of [`crate::Finger`], measured up to 45 dB. It is the same on
/// every machine and does not depend on the rotation or position of a print. Swapping probe and code changes it as much
/// as the signs of other rotations differ. It is weaker than that of [`crate::Finger`], which knows the positions of
/// the minutiae.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProtectedFinger {}

impl ProtectedFinger {
    /// The evidence before calibration.
    #[doc(hidden)]
    pub fn raw(&self, probe: &FingerCodeProbe, code: &FingerCode) -> f32 {
        wide::run(Sides { probe: &probe.words, code: code.words() })
    }
}

impl Modality for ProtectedFinger {
    type Template = FingerCode;
    type Probe = FingerCodeProbe;
    type Reference = FingerCode;
    type Score = Score;
    type Segment = CodeBlock;
    type Scratch = ();
    type Error = ProtectError;

    fn prepare(&self, _: &FingerCode) -> Result<FingerCodeProbe, ProtectError> {
        Err(ProtectError::NotAProbe)
    }

    fn reference(&self, template: &FingerCode) -> Result<FingerCode, ProtectError> {
        Ok(template.clone())
    }

    fn compare(&self, probe: &FingerCodeProbe, reference: &FingerCode, (): &mut ()) -> Result<Score, ProtectError> {
        reference.0.matches(probe.tag(), FINGER_WORDS)?;
        Ok(evidence::score(self.raw(probe, reference)))
    }

    fn new_segment(&self) -> CodeBlock {
        CodeBlock::default()
    }

    fn check_segment(&self, segment: &CodeBlock, reference: &FingerCode) -> Result<(), ProtectError> {
        segment.takes(&reference.0)
    }

    fn value(score: Score) -> f32 {
        score.decibels()
    }

    fn mean(scores: &[Score]) -> Score {
        Score::mean(scores)
    }

    fn compare_row(
        &self,
        probe: &FingerCodeProbe,
        segment: &CodeBlock,
        row: usize,
        (): &mut (),
    ) -> Result<Score, ProtectError> {
        segment.is_of(probe.tag())?;
        let (words, _) = segment.rows(row..row + 1);
        Ok(evidence::score(wide::run(Sides { probe: &probe.words, code: words })))
    }
}

impl Stored for ProtectedFinger {
    fn describe(&self) -> String {
        format!("codes of fingers, form {}", Kind::Finger.form())
    }

    fn encode_row(&self, segment: &CodeBlock, row: usize, out: &mut Vec<u8>) {
        segment.encode(row, out);
    }

    fn decode_row(&self, segment: &mut CodeBlock, bytes: &[u8]) -> Option<()> {
        segment.decode(bytes, |words| Kind::Finger.has(words))
    }
}

impl Segment<FingerCode> for CodeBlock {
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
