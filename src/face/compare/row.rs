//! Rows of faces as bytes, exactly as a segment holds them.
//!
//! ```text
//! row = dimension u16 | of the first row: name length u16, name, version length u16, version (both lengths 0 without a model) | components
//! components = floats f32 each, or halves u16 each, or scale f32 and bytes u8 each; bits behind bytes, or alone
//! ```
//!
//! Numbers are little-endian. What follows from the components (a scan's bytes and bits beside floats) is made again.

use half::f16;

use super::form::Form;
use super::segment::{FaceSegment, Narrow};
use crate::face::embedding::FaceModel;
use crate::modality::Segment;
use crate::simd::chunk::{Chunk, as_floats, as_floats_mut, chunks_for};

impl FaceSegment {
    pub(super) fn encode_row(&self, row: usize, out: &mut Vec<u8>) {
        let layout = *self.layout();
        out.extend_from_slice(&(layout.dimension as u16).to_le_bytes());
        if row == 0 {
            for text in [self.model().map_or("", FaceModel::name), self.model().map_or("", FaceModel::version)] {
                out.extend_from_slice(&(text.len() as u16).to_le_bytes());
                out.extend_from_slice(text.as_bytes());
            }
        }
        if matches!(layout.forms.rows, Form::F32 | Form::F16) {
            let mut chunks = vec![Chunk::ZERO; layout.width()];
            self.load(row, &mut chunks);
            let components = as_floats(&chunks).get(..layout.dimension).unwrap_or_default();
            match layout.forms.rows {
                Form::F32 => components.iter().for_each(|v| out.extend_from_slice(&v.to_le_bytes())),
                _ => components.iter().for_each(|v| out.extend_from_slice(&f16::from_f32(*v).to_le_bytes())),
            }
            return;
        }
        let mut narrow = Default::default();
        let Some(scale) = self.narrow(row, &mut narrow) else { return };
        let [bytes, bits] = narrow;
        if !bytes.is_empty() {
            out.extend_from_slice(&scale.to_le_bytes());
        }
        out.extend_from_slice(&bytes);
        out.extend_from_slice(&bits);
    }

    pub(super) fn decode_row(&mut self, bytes: &[u8]) -> Option<()> {
        let mut rest = bytes;
        let dimension = usize::from(number(&mut rest)?);
        let mut model = None;
        if self.is_empty() {
            let mut text = || {
                let length = usize::from(number(&mut rest)?);
                let (text, after) = rest.split_at_checked(length)?;
                rest = after;
                std::str::from_utf8(text).ok()
            };
            let (name, version) = (text()?, text()?);
            model = match (name, version) {
                ("", "") => None,
                _ => Some(FaceModel::new(name, version, dimension).ok()?),
            };
        }
        let forms = self.layout().forms;
        match forms.rows {
            Form::F32 => {
                let (values, []) = rest.as_chunks::<4>() else { return None };
                self.floats_of(model, dimension, values.iter().map(|v| f32::from_le_bytes(*v)))
            }
            Form::F16 => {
                let (values, []) = rest.as_chunks::<2>() else { return None };
                self.floats_of(model, dimension, values.iter().map(|v| f16::from_le_bytes(*v).to_f32()))
            }
            Form::I8 => {
                let (scale, components) = rest.split_first_chunk()?;
                let (bytes, bits) = components.split_at_checked(dimension)?;
                let bits = if forms.bits() { Some(bits) } else { bits.is_empty().then_some(None)? };
                let bytes = Some((bytes, f32::from_le_bytes(*scale)));
                self.restore_narrow(model, dimension, Narrow { bytes, bits })
            }
            Form::Bit => self.restore_narrow(model, dimension, Narrow { bytes: None, bits: Some(rest) }),
        }
    }

    fn floats_of(
        &mut self,
        model: Option<FaceModel>,
        dimension: usize,
        values: impl ExactSizeIterator<Item = f32>,
    ) -> Option<()> {
        if values.len() != dimension {
            return None;
        }
        let mut chunks = vec![Chunk::ZERO; chunks_for(dimension)];
        as_floats_mut(&mut chunks).iter_mut().zip(values).for_each(|(to, from)| *to = from);
        self.restore_floats(model, &chunks, dimension)
    }
}

fn number(bytes: &mut &[u8]) -> Option<u16> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u16::from_le_bytes(*number))
}
