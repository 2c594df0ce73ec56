//! Some rows of the gallery, in the forms that it keeps.

use half::f16;
use half::slice::HalfFloatSliceExt;

use super::blocks::Blocks;
use super::form::Form;
use super::params::{BIT_PANELS_PER_BLOCK, BYTE_PANELS_PER_BLOCK, FLOAT_ROWS_PER_BLOCK, SEGMENT_PANELS, SEGMENT_ROWS};
use crate::face::embedding::Embedding;
use crate::simd::chunk::{Chunk, LANES, as_floats, as_floats_mut, chunks_for};
use crate::simd::instruction_set::InstructionSet;
use crate::simd::panel::{Line, OFFSET, ROWS, get_row, lines_for, pack_signs, put_row, quantize};

/// In which forms a gallery keeps its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) dimension: usize,
    /// What scores are computed from.
    pub(super) rows: Form,
    /// Whether there are bytes to scan.
    pub(super) bytes: bool,
    /// Whether there are bits to scan.
    pub(super) bits: bool,
}

impl Layout {
    /// Chunks of a row of floats.
    pub(super) fn width(&self) -> usize {
        chunks_for(self.dimension)
    }

    /// Lines of a panel of bytes.
    pub(super) fn byte_lines(&self) -> usize {
        lines_for(self.dimension)
    }

    /// Lines of a panel of bits.
    pub(super) fn bit_lines(&self) -> usize {
        lines_for(self.bit_bytes())
    }

    /// Bytes of a row of bits, whole steps.
    fn bit_bytes(&self) -> usize {
        self.dimension.div_ceil(8).next_multiple_of(4)
    }

    /// Bytes per row of the stated forms.
    pub(super) fn bytes_per_row(&self) -> usize {
        let scan = |form, held| if held && form != self.rows { form_bytes(form, self.dimension) } else { 0 };
        form_bytes(self.rows, self.dimension) + scan(Form::I8, self.bytes) + scan(Form::Bit, self.bits)
    }
}

fn form_bytes(form: Form, dimension: usize) -> usize {
    form.bytes(dimension)
}

/// Up to [`SEGMENT_ROWS`] rows.
#[derive(Clone, Default)]
pub(super) struct Segment {
    floats: Blocks<Chunk, FLOAT_ROWS_PER_BLOCK>,
    halves: Blocks<f16, FLOAT_ROWS_PER_BLOCK>,
    bytes: Blocks<Line, BYTE_PANELS_PER_BLOCK>,
    /// Per row of `bytes`, whole panels.
    scales: Blocks<f32, SEGMENT_PANELS>,
    errors: Blocks<f32, SEGMENT_PANELS>,
    bits: Blocks<Line, BIT_PANELS_PER_BLOCK>,
    /// Per row its subject.
    pub(super) slots: Vec<u32>,
    /// Per row the caller's label; empty while all of them are 0.
    labels: Vec<u64>,
}

/// Buffers of a change.
#[derive(Clone, Default)]
pub(super) struct Buffers {
    floats: Vec<Chunk>,
    bytes: Vec<u8>,
}

impl Segment {
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.len() >= SEGMENT_ROWS
    }

    /// The label of a row.
    pub(super) fn label(&self, row: usize) -> u64 {
        self.labels.get(row).copied().unwrap_or(0)
    }

    /// Appends a row. The segment must have room.
    pub(super) fn push(
        &mut self,
        layout: &Layout,
        embedding: &Embedding,
        slot: u32,
        label: u64,
        buffers: &mut Buffers,
    ) {
        let row = self.len();
        let set = InstructionSet::best();
        match layout.rows {
            Form::F32 => {
                if let Some(floats) = self.floats.push(row, layout.width(), Chunk::ZERO) {
                    floats.copy_from_slice(embedding.chunks());
                }
            }
            Form::F16 => {
                if let Some(halves) = self.halves.push(row, layout.width() * LANES, f16::ZERO) {
                    halves.convert_from_f32_slice(as_floats(embedding.chunks()));
                }
            }
            _ => {}
        }
        // What a scan must bound is what the row holds, not what was given.
        let components = match layout.rows {
            Form::F16 => {
                buffers.floats.resize(layout.width(), Chunk::ZERO);
                self.load(layout, row, &mut buffers.floats);
                as_floats(&buffers.floats).get(..layout.dimension).unwrap_or_default()
            }
            _ => embedding.as_slice(),
        };
        if layout.bytes {
            buffers.bytes.clear();
            buffers.bytes.resize(layout.dimension, OFFSET);
            let quantized = quantize(set, components, &mut buffers.bytes);
            let panel = row / ROWS;
            if row.is_multiple_of(ROWS) {
                self.bytes.push(panel, layout.byte_lines(), Line([[OFFSET; 4]; ROWS / 2]));
                self.scales.push(panel, ROWS, 0.0);
                self.errors.push(panel, ROWS, 0.0);
            }
            if let Some(lines) = self.bytes.get_mut(panel, layout.byte_lines()) {
                put_row(lines, row % ROWS, &buffers.bytes);
            }
            // Rows that are bytes themselves are what they are.
            let error = if layout.rows == Form::I8 { 0.0 } else { quantized.error };
            set_at(&mut self.scales, row, quantized.scale);
            set_at(&mut self.errors, row, error);
        }
        if layout.bits {
            buffers.bytes.clear();
            buffers.bytes.resize(layout.bit_bytes(), 0);
            pack_signs(components, &mut buffers.bytes);
            if row.is_multiple_of(ROWS) {
                self.bits.push(row / ROWS, layout.bit_lines(), Line::ZERO);
            }
            if let Some(lines) = self.bits.get_mut(row / ROWS, layout.bit_lines()) {
                put_row(lines, row % ROWS, &buffers.bytes);
            }
        }
        self.slots.push(slot);
        if label != 0 && self.labels.is_empty() {
            self.labels.resize(row, 0);
        }
        if label != 0 || !self.labels.is_empty() {
            self.labels.push(label);
        }
    }

    /// Removes a row; the last one takes its place.
    pub(super) fn swap_remove(&mut self, layout: &Layout, row: usize, buffers: &mut Buffers) {
        let Some(last) = self.len().checked_sub(1).filter(|last| row <= *last) else { return };
        match layout.rows {
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
        if layout.bytes {
            let blank = vec![OFFSET; layout.dimension];
            move_row(&mut self.bytes, layout.byte_lines(), last, row, &blank, &mut buffers.bytes);
            self.bytes.truncate(panels, layout.byte_lines());
            for values in [&mut self.scales, &mut self.errors] {
                let moved = values.get(last / ROWS, 1, ROWS).and_then(|v| v.get(last % ROWS)).copied().unwrap_or(0.0);
                set_at(values, row, moved);
                set_at(values, last, 0.0);
                values.truncate(panels, ROWS);
            }
        }
        if layout.bits {
            let blank = vec![0; layout.bit_bytes()];
            move_row(&mut self.bits, layout.bit_lines(), last, row, &blank, &mut buffers.bytes);
            self.bits.truncate(panels, layout.bit_lines());
        }
        self.slots.swap_remove(row);
        if !self.labels.is_empty() {
            self.labels.swap_remove(row);
        }
        if self.slots.is_empty() {
            // Gives the memory back.
            *self = Self::default();
        }
    }

    /// Rows of floats of one panel, when that is what rows are.
    pub(super) fn floats(&self, layout: &Layout, first: usize, count: usize) -> Option<&[Chunk]> {
        self.floats.get(first, count, layout.width())
    }

    /// Writes the row as floats: what scores are computed from.
    pub(super) fn load(&self, layout: &Layout, row: usize, out: &mut [Chunk]) {
        let width = layout.width();
        if layout.rows == Form::F32 {
            if let Some(floats) = self.floats.get(row, 1, width) {
                out.copy_from_slice(floats);
            }
            return;
        }
        let floats = as_floats_mut(out);
        match layout.rows {
            Form::F16 => {
                if let Some(halves) = self.halves.get(row, 1, width * LANES) {
                    halves.convert_to_f32_slice(floats);
                }
            }
            Form::I8 => {
                let Some(panel) = self.byte_panel(layout, row / ROWS) else { return };
                let mut bytes = [OFFSET; Embedding::MAX_DIMENSION];
                let Some(bytes) = bytes.get_mut(..layout.dimension) else { return };
                get_row(panel.lines, row % ROWS, bytes);
                let scale = panel.scales.get(row % ROWS).copied().unwrap_or(0.0);
                for (float, byte) in floats.iter_mut().zip(bytes) {
                    *float = (i32::from(*byte) - i32::from(OFFSET)) as f32 * scale;
                }
            }
            _ => {
                let Some(panel) = self.bit_panel(layout, row / ROWS) else { return };
                let mut bytes = [0; Embedding::MAX_DIMENSION / 8];
                let Some(bytes) = bytes.get_mut(..layout.bit_bytes()) else { return };
                get_row(panel, row % ROWS, bytes);
                let one = 1.0 / (layout.dimension as f32).sqrt();
                for (i, float) in floats.iter_mut().take(layout.dimension).enumerate() {
                    let negative = bytes.get(i / 8).is_some_and(|b| b >> (i % 8) & 1 == 1);
                    *float = if negative { -one } else { one };
                }
            }
        }
    }

    /// A panel of bytes.
    pub(super) fn byte_panel(&self, layout: &Layout, panel: usize) -> Option<BytePanel<'_>> {
        let lines = self.bytes.get(panel, 1, layout.byte_lines())?;
        let scales = self.scales.get(panel, 1, ROWS)?.first_chunk()?;
        let errors = self.errors.get(panel, 1, ROWS)?.first_chunk()?;
        Some(BytePanel { lines, scales, errors })
    }

    /// A panel of bits.
    pub(super) fn bit_panel(&self, layout: &Layout, panel: usize) -> Option<&[Line]> {
        self.bits.get(panel, 1, layout.bit_lines())
    }

    /// Memory held, bytes.
    pub(super) fn memory(&self) -> usize {
        size_of::<Self>()
            + self.floats.memory()
            + self.halves.memory()
            + self.bytes.memory()
            + self.bits.memory()
            + self.scales.memory()
            + self.errors.memory()
            + self.slots.capacity() * 4
            + self.labels.capacity() * 8
    }
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

/// Copies a row of panels over another one and blanks it.
fn move_row<const PER: usize>(
    panels: &mut Blocks<Line, PER>,
    lines: usize,
    from: usize,
    to: usize,
    blank: &[u8],
    buffer: &mut Vec<u8>,
) {
    buffer.clear();
    buffer.extend_from_slice(blank);
    if let Some(panel) = panels.get_mut(from / ROWS, lines) {
        get_row(panel, from % ROWS, buffer);
        put_row(panel, from % ROWS, blank);
    }
    if from != to
        && let Some(panel) = panels.get_mut(to / ROWS, lines)
    {
        put_row(panel, to % ROWS, buffer);
    }
}
