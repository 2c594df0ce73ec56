//! Stored embeddings as probes, and in files.

use std::hash::Hasher;

use super::cosine::Cosine;
use super::face::Face;
use super::form::{Form, Forms};
use super::probe::FaceProbe;
use super::segment::{FaceSegment, components};
use crate::face::embedding::Embedding;
use crate::modality::{InTheClear, SelfSearch, Stored};

impl SelfSearch for Face {
    fn probe_of_row(&self, segment: &FaceSegment, row: usize) -> Option<FaceProbe> {
        // A row of floats has unit length and is used unchanged.
        let embedding = components(segment, row, Embedding::from_slice)?.ok()?;
        Some(FaceProbe::new(&embedding, self.forms.rows))
    }

    fn digest_row(&self, segment: &FaceSegment, row: usize, hasher: &mut dyn Hasher) {
        components(segment, row, |components| {
            hasher.write(&(components.len() as u64).to_le_bytes());
            components.iter().for_each(|value| hasher.write(&value.to_bits().to_le_bytes()));
        });
    }

    fn digest_score(&self, score: Cosine, hasher: &mut dyn Hasher) {
        hasher.write(&score.value().to_bits().to_le_bytes());
    }
}

impl InTheClear for Face {
    fn read_row(&self, segment: &FaceSegment, row: usize) -> Option<Vec<f32>> {
        components(segment, row, <[f32]>::to_vec)
    }
}

impl Stored for Face {
    fn describe(&self) -> String {
        let Forms { rows, scan_bytes, scan_bits } = self.forms;
        let mut text = format!("faces, form 1, rows of {rows}");
        for (kept, form) in [(scan_bytes, Form::I8), (scan_bits, Form::Bit)] {
            if kept {
                text.push_str(&format!(", scan of {form}"));
            }
        }
        match self.model() {
            Some(model) => format!("{text}, of the model {model}"),
            None => text,
        }
    }

    fn encode_row(&self, segment: &FaceSegment, row: usize, out: &mut Vec<u8>) {
        segment.encode_row(row, out);
    }

    fn decode_row(&self, segment: &mut FaceSegment, bytes: &[u8]) -> Option<()> {
        segment.decode_row(bytes)
    }
}
