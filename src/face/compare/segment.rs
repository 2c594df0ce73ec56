//! A segment of rows of faces, in the configured forms.

use std::fmt;

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::blocks::Blocks;
use super::form::{Form, Forms};
use super::params::{
    BIT_PANELS_PER_BLOCK, BYTE_PANELS_PER_BLOCK, FLOAT_ROWS_PER_BLOCK, LONGEST_BYTES, LONGEST_FLOATS, LONGEST_HALVES,
    SEGMENT_PANELS,
};
use super::probe::FaceReference;
use crate::face::embedding::{Embedding, FaceError, FaceModel};
use crate::modality::Segment;
use crate::simd::chunk::{Chunk, LANES, as_floats, as_floats_mut, chunks_for};
use crate::simd::dot::dot;
use crate::simd::instruction_set::InstructionSet;
use crate::simd::panel::{Line, OFFSET, ROWS, get_bits, get_row, lines_for, pack_signs, put_bits, put_row, quantize};

/// Widths of the rows of a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) dimension: usize,
    pub(super) forms: Forms,
}

impl Layout {
    /// Chunks of a row of floats.
    pub(super) fn width(&self) -> usize {
        chunks_for(self.dimension)
    }

    /// Lines of a panel of bytes.
    fn byte_lines(&self) -> usize {
        lines_for(self.dimension)
    }

    /// Lines of a panel of bits.
    fn bit_lines(&self) -> usize {
        lines_for(self.bit_bytes())
    }

    /// Bytes of a row of bits, whole steps.
    fn bit_bytes(&self) -> usize {
        self.dimension.div_ceil(8).next_multiple_of(4)
    }
}

/// Embeddings in rows. A clone shares its blocks; a change copies the ones it touches. `Debug` shows counts only.
#[derive(Clone, Default)]
pub struct FaceSegment {
    layout: Layout,
    /// The model of the rows, if the first of them named it.
    model: Option<FaceModel>,
    rows: usize,
    floats: Blocks<Chunk, FLOAT_ROWS_PER_BLOCK>,
    halves: Blocks<f16, FLOAT_ROWS_PER_BLOCK>,
    bytes: Blocks<Line, BYTE_PANELS_PER_BLOCK>,
    /// Per row of `bytes`, whole panels.
    scales: Blocks<f32, SEGMENT_PANELS>,
    errors: Blocks<f32, SEGMENT_PANELS>,
    bits: Blocks<Line, BIT_PANELS_PER_BLOCK>,
}

impl FaceSegment {
    pub(super) fn new(forms: Forms) -> Self {
        Self { layout: Layout { dimension: 0, forms }, ..Self::default() }
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Rejects embeddings that cannot be compared with the rows.
    pub(super) fn check(&self, embedding: &Embedding) -> Result<(), FaceError> {
        if self.rows == 0 {
            return Ok(());
        }
        let (expected, given) = (self.layout.dimension, embedding.dimension());
        if expected != given {
            return Err(FaceError::Dimension { expected, given });
        }
        match (&self.model, embedding.model()) {
            (Some(held), Some(given)) => held.check(given),
            _ => Ok(()),
        }
    }

    /// Rows of floats of one block, if the rows are floats.
    pub(super) fn floats(&self, first: usize, count: usize) -> Option<&[Chunk]> {
        self.floats.get(first, count, self.layout.width())
    }

    /// Writes the row as the floats that scores are computed from.
    pub(super) fn load(&self, row: usize, out: &mut [Chunk]) {
        let Layout { dimension, forms } = self.layout;
        let width = self.layout.width();
        if forms.rows == Form::F32 {
            if let Some(floats) = self.floats.get(row, 1, width) {
                out.copy_from_slice(floats);
            }
            return;
        }
        let floats = as_floats_mut(out);
        match forms.rows {
            Form::F16 => {
                if let Some(halves) = self.halves.get(row, 1, width * LANES) {
                    halves.convert_to_f32_slice(floats);
                }
            }
            Form::I8 => {
                let Some(panel) = self.byte_panel(row / ROWS) else { return };
                let mut bytes = [OFFSET; Embedding::MAX_DIMENSION];
                let Some(bytes) = bytes.get_mut(..dimension) else { return };
                get_row(panel.lines, row % ROWS, bytes);
                let scale = panel.scales.get(row % ROWS).copied().unwrap_or(0.0);
                for (float, byte) in floats.iter_mut().zip(bytes) {
                    *float = (i32::from(*byte) - i32::from(OFFSET)) as f32 * scale;
                }
            }
            _ => {
                let Some(panel) = self.bit_panel(row / ROWS) else { return };
                let mut bytes = [0; Embedding::MAX_DIMENSION / 8];
                let Some(bytes) = bytes.get_mut(..self.layout.bit_bytes()) else { return };
                get_bits(panel, row % ROWS, bytes);
                let one = 1.0 / (dimension as f32).sqrt();
                for (i, float) in floats.iter_mut().take(dimension).enumerate() {
                    let negative = bytes.get(i / 8).is_some_and(|b| b >> (i % 8) & 1 == 1);
                    *float = if negative { -one } else { one };
                }
            }
        }
    }

    /// A panel of bytes.
    #[inline]
    pub(super) fn byte_panel(&self, panel: usize) -> Option<BytePanel<'_>> {
        let lines = self.bytes.get(panel, 1, self.layout.byte_lines())?;
        let scales = self.scales.get(panel, 1, ROWS)?.first_chunk()?;
        let errors = self.errors.get(panel, 1, ROWS)?.first_chunk()?;
        Some(BytePanel { lines, scales, errors })
    }

    /// A panel of bits.
    #[inline]
    pub(super) fn bit_panel(&self, panel: usize) -> Option<&[Line]> {
        self.bits.get(panel, 1, self.layout.bit_lines())
    }

    pub(super) fn model(&self) -> Option<&FaceModel> {
        self.model.as_ref()
    }

    /// Appends a row of floats: the embedding, or what a row of halves made of it. `None`, and nothing changed, when a segment like this
    /// holds no such row.
    pub(super) fn restore_floats(
        &mut self,
        model: Option<FaceModel>,
        chunks: &[Chunk],
        dimension: usize,
    ) -> Option<()> {
        let longest = if self.layout.forms.rows == Form::F16 { LONGEST_HALVES } else { LONGEST_FLOATS };
        let components = as_floats(chunks).get(..dimension)?;
        // Not a number is not shorter either.
        let is_short = dot(chunks, chunks) <= longest * longest;
        if !is_short || !self.begin(model, dimension) {
            return None;
        }
        self.push_components(components, chunks);
        Some(())
    }

    /// As [`FaceSegment::restore_floats`], of a row of bytes with its scale, or of bits.
    pub(super) fn restore_narrow(
        &mut self,
        model: Option<FaceModel>,
        dimension: usize,
        narrow: Narrow<'_>,
    ) -> Option<()> {
        let Layout { forms, .. } = self.layout;
        let probe = Layout { dimension, forms };
        let fits = match narrow.bytes {
            Some((bytes, scale)) => {
                let length: f32 =
                    bytes.iter().map(|b| f32::from(*b) - f32::from(OFFSET)).map(|v| v * v).sum::<f32>().sqrt();
                forms.bytes() && bytes.len() == dimension && scale >= 0.0 && length * scale <= LONGEST_BYTES
            }
            None => !forms.bytes(),
        };
        let bits_fit = narrow.bits.map_or(!forms.bits(), |bits| forms.bits() && bits.len() == probe.bit_bytes());
        if !fits || !bits_fit || !self.begin(model, dimension) {
            return None;
        }
        if let Some((bytes, scale)) = narrow.bytes {
            self.put_bytes(bytes, scale, 0.0);
        }
        if let Some(bits) = narrow.bits {
            self.put_bits(bits);
        }
        self.rows += 1;
        Some(())
    }

    /// Whether a row of this dimension can be the next; of the first row, dimension and model become the segment's.
    fn begin(&mut self, model: Option<FaceModel>, dimension: usize) -> bool {
        let allowed = (Embedding::MIN_DIMENSION..=Embedding::MAX_DIMENSION).contains(&dimension);
        if self.rows == 0 && allowed && model.as_ref().is_none_or(|model| model.dimension() == dimension) {
            (self.layout.dimension, self.model) = (dimension, model);
            return true;
        }
        self.rows > 0 && self.layout.dimension == dimension && model.is_none()
    }

    /// The row's bytes and scale, where they are what scores are computed from, and its bits, where they follow from nothing else.
    pub(super) fn narrow(&self, row: usize, buffer: &mut [Vec<u8>; 2]) -> Option<f32> {
        let [bytes, bits] = buffer;
        let mut row_scale = 0.0;
        if self.layout.forms.bytes() {
            let panel = self.byte_panel(row / ROWS)?;
            bytes.resize(self.layout.dimension, 0);
            get_row(panel.lines, row % ROWS, bytes);
            row_scale = panel.scales.get(row % ROWS).copied()?;
        }
        if self.layout.forms.bits() {
            bits.resize(self.layout.bit_bytes(), 0);
            get_bits(self.bit_panel(row / ROWS)?, row % ROWS, bits);
        }
        Some(row_scale)
    }

    fn put_bytes(&mut self, bytes: &[u8], scale: f32, error: f32) {
        let (row, layout) = (self.rows, self.layout);
        let panel = row / ROWS;
        if row.is_multiple_of(ROWS) {
            self.bytes.push(panel, layout.byte_lines(), Line([[OFFSET; 4]; ROWS / 2]));
            self.scales.push(panel, ROWS, 0.0);
            self.errors.push(panel, ROWS, 0.0);
        }
        if let Some(lines) = self.bytes.get_mut(panel, layout.byte_lines()) {
            put_row(lines, row % ROWS, bytes);
        }
        set_at(&mut self.scales, row, scale);
        set_at(&mut self.errors, row, error);
    }

    fn put_bits(&mut self, bits: &[u8]) {
        let (row, layout) = (self.rows, self.layout);
        if row.is_multiple_of(ROWS) {
            self.bits.push(row / ROWS, layout.bit_lines(), Line::ZERO);
        }
        if let Some(lines) = self.bits.get_mut(row / ROWS, layout.bit_lines()) {
            put_bits(lines, row % ROWS, bits);
        }
    }

    /// Appends a vector; of the first row, the dimension becomes the segment's.
    pub(super) fn push_vector(&mut self, vector: &[f32]) {
        if self.rows == 0 {
            self.layout.dimension = vector.len();
        }
        let mut chunks = vec![Chunk::ZERO; self.layout.width()];
        as_floats_mut(&mut chunks)
            .iter_mut()
            .take(self.layout.dimension)
            .zip(vector)
            .for_each(|(to, from)| *to = *from);
        self.push_components(as_floats(&chunks).get(..self.layout.dimension).unwrap_or_default(), &chunks);
    }

    fn push_components(&mut self, components: &[f32], chunks: &[Chunk]) {
        let (row, layout, set) = (self.rows, self.layout, InstructionSet::best());
        let mut widened = Vec::new();
        let components = match layout.forms.rows {
            Form::F32 => {
                if let Some(floats) = self.floats.push(row, layout.width(), Chunk::ZERO) {
                    floats.copy_from_slice(chunks);
                }
                components
            }
            Form::F16 => {
                if let Some(halves) = self.halves.push(row, layout.width() * LANES, f16::ZERO) {
                    halves.convert_from_f32_slice(as_floats(chunks));
                }
                // A scan must bound the stored row, not the given embedding.
                widened.resize(layout.width(), Chunk::ZERO);
                self.load(row, &mut widened);
                as_floats(&widened).get(..layout.dimension).unwrap_or_default()
            }
            _ => components,
        };
        let mut buffer = Vec::new();
        if layout.forms.bytes() {
            buffer.resize(layout.dimension, OFFSET);
            let quantized = quantize(set, components, &mut buffer);
            // Rows that are bytes themselves are exact.
            let error = if layout.forms.rows == Form::I8 { 0.0 } else { quantized.error };
            self.put_bytes(&buffer, quantized.scale, error);
        }
        if layout.forms.bits() {
            buffer.clear();
            buffer.resize(layout.bit_bytes(), 0);
            pack_signs(components, &mut buffer);
            self.put_bits(&buffer);
        }
        self.rows += 1;
    }
}

impl Segment<FaceReference> for FaceSegment {
    fn push(&mut self, FaceReference(embedding): FaceReference) {
        if self.rows == 0 {
            self.layout.dimension = embedding.dimension();
            self.model = embedding.model().cloned();
        }
        if embedding.dimension() == self.layout.dimension {
            self.push_components(embedding.as_slice(), embedding.chunks());
        } else {
            // An unchecked embedding becomes a row of zeros, so that rows keep their numbers.
            let chunks = vec![Chunk::ZERO; self.layout.width()];
            let zeros = as_floats(&chunks).get(..self.layout.dimension).unwrap_or_default();
            self.push_components(zeros, &chunks);
        }
    }

    fn swap_remove(&mut self, row: usize) {
        let Some(last) = self.rows.checked_sub(1).filter(|last| row <= *last) else { return };
        let layout = self.layout;
        match layout.forms.rows {
            Form::F32 => {
                self.floats.copy(last, row, layout.width());
                self.floats.truncate(last, layout.width());
            }
            Form::F16 => {
                self.halves.copy(last, row, layout.width() * LANES);
                self.halves.truncate(last, layout.width() * LANES);
            }
            _ => {}
        }
        let panels = last.div_ceil(ROWS);
        if layout.forms.bytes() {
            let blank = vec![OFFSET; layout.dimension];
            move_row(&mut self.bytes, (get_row, put_row), layout.byte_lines(), (last, row), &blank);
            self.bytes.truncate(panels, layout.byte_lines());
            for values in [&mut self.scales, &mut self.errors] {
                let moved = values.get(last / ROWS, 1, ROWS).and_then(|v| v.get(last % ROWS)).copied().unwrap_or(0.0);
                set_at(values, row, moved);
                set_at(values, last, 0.0);
                values.truncate(panels, ROWS);
            }
        }
        if layout.forms.bits() {
            let blank = vec![0; layout.bit_bytes()];
            move_row(&mut self.bits, (get_bits, put_bits), layout.bit_lines(), (last, row), &blank);
            self.bits.truncate(panels, layout.bit_lines());
        }
        self.rows = last;
        if last == 0 {
            // Frees the memory, and accepts any dimension again.
            *self = Self::new(layout.forms);
        }
    }

    fn len(&self) -> usize {
        self.rows
    }

    fn bytes(&self) -> usize {
        let (floats, halves) = (self.floats.memory(), self.halves.memory());
        let narrow = self.bytes.memory() + self.scales.memory() + self.errors.memory() + self.bits.memory();
        size_of::<Self>() + floats + halves + narrow
    }
}

impl fmt::Debug for FaceSegment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaceSegment")
            .field("dimension", &self.layout.dimension)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

/// Calls `with` on the components of a row; `None` when there is no such row.
pub(super) fn components<T>(segment: &FaceSegment, row: usize, with: impl FnOnce(&[f32]) -> T) -> Option<T> {
    let layout = segment.layout();
    let mut chunks = vec![Chunk::ZERO; layout.width()];
    segment.load(row, &mut chunks);
    let components = as_floats(&chunks).get(..layout.dimension)?;
    (row < segment.len()).then(|| with(components))
}

/// A row of bytes with their scale, of bits, or of both.
pub(super) struct Narrow<'a> {
    pub(super) bytes: Option<(&'a [u8], f32)>,
    pub(super) bits: Option<&'a [u8]>,
}

/// Rows of bytes with their scales and errors.
pub(super) struct BytePanel<'a> {
    pub(super) lines: &'a [Line],
    pub(super) scales: &'a [f32; ROWS],
    pub(super) errors: &'a [f32; ROWS],
}

fn set_at(values: &mut Blocks<f32, SEGMENT_PANELS>, row: usize, value: f32) {
    if let Some(place) = values.get_mut(row / ROWS, ROWS).and_then(|v| v.get_mut(row % ROWS)) {
        *place = value;
    }
}

/// Reads a row of a panel.
type Get = fn(&[Line], usize, &mut [u8]);
/// Writes a row of a panel.
type Put = fn(&mut [Line], usize, &[u8]);

/// Copies a row of panels over another one and blanks it.
fn move_row<const PER: usize>(
    panels: &mut Blocks<Line, PER>,
    (get, put): (Get, Put),
    lines: usize,
    (from, to): (usize, usize),
    blank: &[u8],
) {
    let mut buffer = blank.to_vec();
    if let Some(panel) = panels.get_mut(from / ROWS, lines) {
        get(panel, from % ROWS, &mut buffer);
        put(panel, from % ROWS, blank);
    }
    if from != to
        && let Some(panel) = panels.get_mut(to / ROWS, lines)
    {
        put(panel, to % ROWS, &buffer);
    }
}
