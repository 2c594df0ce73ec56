//! Stored prints as probes, in files, and by their sketches.

use std::hash::Hasher;

use super::comparison::Scratch;
use super::finger::Finger;
use super::packed::{FingerReference, PackedRef};
use super::params::{self, FORM};
use super::probe::FingerProbe;
use super::segment::FingerSegment;
use super::sketch::{FingerSketches, Sketch};
use crate::modality::{Ranks, Rows, Segment, SelfSearch, Sketched, Stored};
use crate::score::Score;

impl SelfSearch for Finger {
    fn probe_of_row(&self, block: &FingerSegment, row: usize) -> Option<FingerProbe> {
        block.row(row).map(|print| FingerProbe::from(print.to_packed()))
    }

    fn digest_row(&self, block: &FingerSegment, row: usize, hasher: &mut dyn Hasher) {
        let Some(print) = block.row(row) else { return };
        hasher.write(&(print.len() as u64).to_le_bytes());
        for word in print.words() {
            hasher.write(&word.to_le_bytes());
        }
    }

    fn digest_score(&self, score: Score, hasher: &mut dyn Hasher) {
        hasher.write(&score.decibels().to_bits().to_le_bytes());
    }
}

/// A row is `minutiae u16 | words u64 each`, little-endian.
impl Stored for Finger {
    const GROUP_BYTES: usize = params::GROUP_BYTES;

    fn describe(&self) -> String {
        format!("prints, form {FORM}")
    }

    fn encode_row(&self, block: &FingerSegment, row: usize, out: &mut Vec<u8>) {
        block.row(row).into_iter().for_each(|print| encode(print, out));
    }

    fn decode_row(&self, block: &mut FingerSegment, bytes: &[u8]) -> Option<()> {
        block.push(FingerReference::decode(bytes)?);
        Some(())
    }

    fn encode_sketch(&self, block: &FingerSegment, row: usize, out: &mut Vec<u8>) {
        block.row(row).into_iter().for_each(|print| Sketch::new(print).encode(out));
    }
}

impl Sketched for Finger {
    type Sketches = FingerSketches;

    fn new_sketches(&self) -> FingerSketches {
        FingerSketches::default()
    }

    fn decode_sketch(&self, sketches: &mut FingerSketches, bytes: &[u8]) -> Option<()> {
        sketches.decode(bytes)
    }

    fn rank_sketches<R: Ranks>(
        &self,
        probes: &[&FingerProbe],
        sketches: &FingerSketches,
        rows: Rows<'_>,
        scratch: &mut Scratch,
        ranks: &mut [R],
    ) {
        for (probe, ranks) in probes.iter().zip(ranks) {
            for row in rows.iter() {
                let Some(sketch) = sketches.get(row) else { break };
                ranks.rank(row, scratch.coarse.sketched(probe.sought(), sketch));
            }
        }
    }
}

impl FingerReference {
    /// Appends the reference as bytes, the same on every platform: `minutiae u16 | words u64 each`, little-endian.
    #[cfg(feature = "gallery")]
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        encode(self.get(), out);
    }

    /// The reference that these bytes hold; `None` when they are not those of any. They are of the current [`FORM`].
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (len, words) = bytes.split_first_chunk()?;
        let (words, []) = words.as_chunks::<8>() else { return None };
        let words: Vec<u64> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
        Self::from_words(usize::from(u16::from_le_bytes(*len)), &words)
    }
}

fn encode(print: PackedRef<'_>, out: &mut Vec<u8>) {
    out.reserve(2 + size_of_val(print.words()));
    out.extend_from_slice(&(print.len() as u16).to_le_bytes());
    print.words().iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
}
