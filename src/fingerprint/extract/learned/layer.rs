//! One convolution: its weights, and rows of its output.

use super::plane::Plane;
use crate::simd::conv::{self, GROUP, Weights, Window};
use crate::simd::instruction_set::InstructionSet;

/// A convolution with square taps, and the scaling of its sums.
pub(super) struct Layer {
    weights: Weights,
    /// Step of a sum in steps of the output, per output; zero for padding outputs.
    scale: Vec<f32>,
    /// In steps of the output, per output.
    bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
    size: usize,
    stride: usize,
    dilation: usize,
}

impl Layer {
    /// Makes a layer from weights by output, input, row and column. `Err` names the mismatch.
    pub fn new(
        weights: &[i8],
        shape: [usize; 4],
        scale: &[f32],
        bias: &[f32],
        stride: usize,
        dilation: usize,
    ) -> Result<Self, &'static str> {
        let [outputs, inputs, size, columns] = shape;
        if size != columns || !(1..=8).contains(&size) {
            return Err("taps are not square or too many");
        }
        if outputs == 0 || outputs > MAX_CHANNELS || inputs == 0 || inputs > MAX_CHANNELS {
            return Err("number of channels is out of range");
        }
        if scale.len() != outputs || bias.len() != outputs {
            return Err("scale or bias has a wrong number of outputs");
        }
        if !scale.iter().chain(bias).all(|v| v.abs() <= MAX_FACTOR) {
            return Err("scale or bias is out of range");
        }
        if weights.contains(&i8::MIN) {
            return Err("a weight is -128");
        }
        // Groups are pixels of a line if there is one channel, and channels of a pixel if there are many.
        let (groups, ordered) = if inputs == 1 {
            let across = size.div_ceil(GROUP);
            let mut ordered = vec![0i8; outputs * size * across * GROUP];
            for (to, from) in ordered.chunks_exact_mut(across * GROUP).zip(weights.chunks_exact(size)) {
                to[..size].copy_from_slice(from);
            }
            (size * across, ordered)
        } else {
            if !inputs.is_multiple_of(GROUP) {
                return Err("number of inputs is not a multiple of four");
            }
            let places = size * size;
            let mut ordered = vec![0i8; weights.len()];
            for (to, from) in ordered.chunks_exact_mut(places * inputs).zip(weights.chunks_exact(places * inputs)) {
                for (channel, taps) in from.chunks_exact(places).enumerate() {
                    for (place, &tap) in taps.iter().enumerate() {
                        to[place * inputs + channel] = tap;
                    }
                }
            }
            (places * inputs / GROUP, ordered)
        };
        if groups > conv::MAX_GROUPS {
            return Err("too many weights per output");
        }
        let weights = Weights::new(groups, outputs, &ordered);
        let fill = |values: &[f32]| {
            let mut filled = values.to_vec();
            filled.resize(weights.outputs(), 0.0);
            filled
        };
        Ok(Self { scale: fill(scale), bias: fill(bias), weights, inputs, outputs, size, stride, dilation })
    }

    /// Number of input channels.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Number of output channels.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Lines and pixels that the taps reach upwards and to the left.
    fn reach(&self) -> usize {
        if self.size % 2 == 1 { self.size / 2 * self.dilation } else { 0 }
    }

    /// Columns and rows of the output for a plane whose sides are multiples of the stride.
    pub fn made(&self, from: &Plane) -> (usize, usize) {
        (from.width() / self.stride, from.height() / self.stride)
    }

    /// First line of a plane that row `y` of the output reads.
    pub fn first_line(&self, from: &Plane, y: usize) -> usize {
        y * self.stride + from.margin() - self.reach()
    }

    /// Rows of the output for which a plane has all lines.
    pub fn ready(&self, from: &Plane) -> usize {
        let span = self.first_line(from, 0) + (self.size - 1) * self.dilation;
        let rows = from.lines().checked_sub(span + 1).map_or(0, |more| more / self.stride + 1);
        rows.min(self.made(from).1)
    }

    /// First byte of each group of a row's first position, from the first line that the row reads.
    ///
    /// # Panics
    /// When the plane's channels or margin do not fit.
    pub fn offsets(&self, from: &Plane) -> Vec<usize> {
        assert_eq!(from.channels(), self.inputs, "channels must fit");
        let before = from.margin().checked_sub(self.reach()).expect("the margin covers the taps");
        let at = |row: usize, column: usize| row * from.stride() + (before + column) * from.channels();
        if self.inputs == 1 {
            let across = self.size.div_ceil(GROUP);
            (0..self.size).flat_map(|row| (0..across).map(move |g| at(row, 0) + g * GROUP)).collect()
        } else {
            let places =
                (0..self.size * self.size).map(|p| (p / self.size * self.dilation, p % self.size * self.dilation));
            places
                .flat_map(|(row, column)| (0..self.inputs / GROUP).map(move |g| at(row, column) + g * GROUP))
                .collect()
        }
    }

    /// Sums of row `y` of the output; `offsets` are those of the plane.
    pub fn sums<'s>(
        &self,
        set: InstructionSet,
        from: &Plane,
        offsets: &[usize],
        y: usize,
        sums: &'s mut Vec<i32>,
    ) -> &'s [i32] {
        sums.resize(from.width() / self.stride * self.weights.outputs(), 0);
        let bytes = from.lines_from(self.first_line(from, y));
        conv::row(set, &self.weights, Window { bytes, step: self.stride * self.inputs, offsets }, sums);
        sums
    }

    /// Rectifies sums.
    pub fn activate(&self, set: InstructionSet, sums: &[i32], row: &mut [u8]) {
        conv::activate(set, sums, &self.scale, &self.bias, self.outputs, row);
    }

    /// Adds other activations `share` times to sums and rectifies.
    pub fn activate_with(&self, set: InstructionSet, sums: &[i32], (others, share): (&[u8], f32), row: &mut [u8]) {
        conv::activate_with(set, sums, &self.scale, &self.bias, self.outputs, others, share, row);
    }

    /// Adds values to sums and rectifies.
    pub fn activate_with_values(&self, set: InstructionSet, sums: &[i32], values: &[f32], row: &mut [u8]) {
        conv::activate_with_values(set, sums, &self.scale, &self.bias, self.outputs, values, row);
    }

    /// Sums as values, without rectification.
    pub fn values(&self, set: InstructionSet, sums: &[i32], values: &mut [f32]) {
        conv::scaled(set, sums, &self.scale, &self.bias, self.outputs, values);
    }
}

/// Most channels of a plane.
const MAX_CHANNELS: usize = 256;
/// Largest scale or bias: with sums below 2^24, nothing overflows.
pub(super) const MAX_FACTOR: f32 = 1e6;
