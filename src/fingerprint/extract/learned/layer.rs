//! One convolution over a plane, row by row, on one thread or many.

use rayon::prelude::*;

use super::plane::Plane;
use crate::simd::conv::{self, GROUP, Weights, Window};
use crate::simd::instruction_set::InstructionSet;

/// Means of computation; the results do not depend on them.
#[derive(Clone, Copy)]
pub(super) struct Means {
    /// Kernels.
    pub set: InstructionSet,
    /// Rows per task in rayon's pool; with `None` the calling thread does all work.
    pub band: Option<usize>,
}

/// Calls `work(y, row, scratch)` for every row; a scratch belongs to one thread at a time.
fn each_row<T: Send>(means: Means, rows: impl Iterator<Item = T>, work: impl Fn(usize, T, &mut Vec<i32>) + Sync) {
    match means.band {
        None => {
            let mut scratch = Vec::new();
            rows.enumerate().for_each(|(y, row)| work(y, row, &mut scratch));
        }
        Some(band) => {
            let rows: Vec<(usize, T)> = rows.enumerate().collect();
            rows.into_par_iter()
                .with_min_len(band.max(1))
                .for_each_init(Vec::new, |scratch, (y, row)| work(y, row, scratch));
        }
    }
}

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

    /// Columns and rows of the output for a plane whose sides are multiples of the stride.
    fn made(&self, from: &Plane) -> (usize, usize) {
        (from.width() / self.stride, from.height() / self.stride)
    }

    /// First byte of each group, from the upper margin of the row at the top of the taps.
    fn offsets(&self, from: &Plane) -> Vec<usize> {
        let reach = if self.size % 2 == 1 { self.size / 2 * self.dilation } else { 0 };
        let before = from.margin().checked_sub(reach).expect("the margin covers the taps");
        let at = |row: usize, column: usize| (before + row) * from.stride() + (before + column) * from.channels();
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

    /// Sums of row `y` of the output.
    fn sums<'s>(
        &self,
        means: Means,
        from: &Plane,
        offsets: &[usize],
        y: usize,
        width: usize,
        scratch: &'s mut Vec<i32>,
    ) -> &'s [i32] {
        scratch.resize(width * self.weights.outputs(), 0);
        let step = self.stride * from.channels();
        let bytes = from.row_with_margin(y * self.stride);
        conv::row(means.set, &self.weights, Window { bytes, step, offsets }, scratch);
        scratch
    }

    fn plane(&self, from: &Plane, margin: usize) -> Plane {
        assert_eq!(from.channels(), self.inputs, "channels must fit");
        let (width, height) = self.made(from);
        Plane::new(width, height, self.outputs, margin, 0)
    }

    /// Convolves and rectifies.
    pub fn run(&self, means: Means, from: &Plane, margin: usize) -> Plane {
        let mut to = self.plane(from, margin);
        let (offsets, width) = (self.offsets(from), to.width());
        each_row(means, to.rows_mut(), |y, row, scratch| {
            let sums = self.sums(means, from, &offsets, y, width, scratch);
            conv::activate(means.set, sums, &self.scale, &self.bias, self.outputs, row);
        });
        to
    }

    /// Convolves, adds another plane `share` times and rectifies.
    pub fn run_with(&self, means: Means, from: &Plane, other: &Plane, share: f32, margin: usize) -> Plane {
        let mut to = self.plane(from, margin);
        let (offsets, width) = (self.offsets(from), to.width());
        each_row(means, to.rows_mut(), |y, row, scratch| {
            let sums = self.sums(means, from, &offsets, y, width, scratch);
            conv::activate_with(means.set, sums, &self.scale, &self.bias, self.outputs, other.row(y), share, row);
        });
        to
    }

    /// Convolves, adds values of the same size and rectifies.
    pub fn run_with_values(&self, means: Means, from: &Plane, values: &[f32], margin: usize) -> Plane {
        let mut to = self.plane(from, margin);
        let (offsets, width) = (self.offsets(from), to.width());
        let length = to.width() * self.outputs;
        each_row(means, to.rows_mut(), |y, row, scratch| {
            let sums = self.sums(means, from, &offsets, y, width, scratch);
            let values = &values[y * length..][..length];
            conv::activate_with_values(means.set, sums, &self.scale, &self.bias, self.outputs, values, row);
        });
        to
    }

    /// Convolves without rectification: values row by row.
    pub fn values(&self, means: Means, from: &Plane) -> Vec<f32> {
        assert_eq!(from.channels(), self.inputs, "channels must fit");
        let (width, height) = self.made(from);
        let mut to = vec![0f32; width * height * self.outputs];
        let offsets = self.offsets(from);
        each_row(means, to.chunks_exact_mut((width * self.outputs).max(1)), |y, row, scratch| {
            let sums = self.sums(means, from, &offsets, y, width, scratch);
            conv::scaled(means.set, sums, &self.scale, &self.bias, self.outputs, row);
        });
        to
    }

    /// As [`Layer::values`], with values of half the resolution added.
    pub fn values_with_half(&self, means: Means, from: &Plane, halves: &[f32]) -> Vec<f32> {
        let mut to = self.values(means, from);
        let length = from.width() / self.stride * self.outputs;
        let half = length / 2;
        each_row(means, to.chunks_exact_mut(length.max(1)), |y, row, _| {
            conv::add_half_to(means.set, self.outputs, &halves[y / 2 * half..][..half], row);
        });
        to
    }
}

/// Multiplies a plane by `share`, adds values of half the resolution, and rectifies.
pub(super) fn add_half(means: Means, plane: &Plane, share: f32, halves: &[f32], margin: usize) -> Plane {
    let channels = plane.channels();
    let mut to = Plane::new(plane.width(), plane.height(), channels, margin, 0);
    let half = plane.width() / 2 * channels;
    each_row(means, to.rows_mut(), |y, row, _| {
        conv::add_half(means.set, plane.row(y), share, channels, &halves[y / 2 * half..][..half], row);
    });
    to
}

/// Most channels of a plane.
const MAX_CHANNELS: usize = 256;
/// Largest scale or bias: with sums below 2^24, nothing overflows.
pub(super) const MAX_FACTOR: f32 = 1e6;
