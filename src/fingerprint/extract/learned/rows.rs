//! Rows of a layer's output as far as those of its input suffice, on one thread or many.

use rayon::prelude::*;

use super::layer::Layer;
use super::plane::Plane;
use crate::simd::conv;
use crate::simd::instruction_set::InstructionSet;

/// Means of computation; the results do not depend on them.
#[derive(Clone, Copy)]
pub(super) struct Means {
    /// Kernels.
    pub set: InstructionSet,
    /// Rows per task in rayon's pool; with `None` the calling thread does all work.
    pub band: Option<usize>,
    /// Pixels of the image that are taken at once, about.
    pub step: usize,
}

/// Intermediate results of a row; each belongs to one thread at a time.
#[derive(Default)]
pub(super) struct Scratch {
    sums: Vec<i32>,
    halves: Vec<f32>,
    values: Vec<f32>,
}

/// Calls `work(y, rows, scratch)` for every `N` new rows of a plane up to row `end`; `y` is the first of them divided by
/// `N`.
fn grow<const N: usize>(
    to: &mut Plane,
    end: usize,
    means: Means,
    scratch: &mut Scratch,
    work: impl Fn(usize, [&mut [u8]; N], &mut Scratch) + Sync,
) {
    let (first, stride, inner) = (to.rows() / N, to.stride(), to.inner());
    let lines = to.add(end);
    let some = |(i, lines): (usize, &mut [u8]), scratch: &mut Scratch| {
        let mut rows = lines.chunks_exact_mut(stride).map(|line| &mut line[inner.clone()]);
        work(first + i, std::array::from_fn(|_| rows.next().expect("N lines")), scratch);
    };
    match means.band {
        None => lines.chunks_exact_mut(N * stride).enumerate().for_each(|lines| some(lines, scratch)),
        Some(band) => {
            let each = lines.par_chunks_exact_mut(N * stride).enumerate().with_min_len(band.div_ceil(N).max(1));
            each.for_each_init(Scratch::default, |scratch, lines| some(lines, scratch));
        }
    }
}

/// A layer, and where its taps lie in the plane it reads.
pub(super) struct Taps<'n> {
    pub layer: &'n Layer,
    offsets: Vec<usize>,
}

impl<'n> Taps<'n> {
    pub fn new(layer: &'n Layer, from: &Plane) -> Self {
        Self { layer, offsets: layer.offsets(from) }
    }

    fn sums<'s>(&self, means: Means, from: &Plane, y: usize, sums: &'s mut Vec<i32>) -> &'s [i32] {
        self.layer.sums(means.set, from, &self.offsets, y, sums)
    }

    /// Row `y` of the output as values.
    fn values<'v>(
        &self,
        means: Means,
        from: &Plane,
        y: usize,
        sums: &mut Vec<i32>,
        values: &'v mut Vec<f32>,
    ) -> &'v mut [f32] {
        let sums = self.sums(means, from, y, sums);
        values.resize(self.layer.made(from).0 * self.layer.outputs(), 0.0);
        self.layer.values(means.set, sums, values);
        values
    }

    /// Appends all rows that the plane suffices for to `values`, from row `first` on.
    pub fn all_values(&self, means: Means, from: &Plane, first: usize, values: &mut Vec<f32>) {
        let length = self.layer.made(from).0 * self.layer.outputs();
        let rows = self.layer.ready(from).saturating_sub(first);
        let start = values.len();
        values.resize(start + rows * length, 0.0);
        let one = |(i, row): (usize, &mut [f32]), sums: &mut Vec<i32>| {
            self.layer.values(means.set, self.sums(means, from, first + i, sums), row);
        };
        let rows = &mut values[start..];
        match means.band {
            None => {
                let mut sums = Vec::new();
                rows.chunks_exact_mut(length.max(1)).enumerate().for_each(|row| one(row, &mut sums));
            }
            Some(band) => {
                let each = rows.par_chunks_exact_mut(length.max(1)).enumerate().with_min_len(band.max(1));
                each.for_each_init(Vec::new, |sums, row| one(row, sums));
            }
        }
    }
}

/// A layer at work: its taps and its output.
pub(super) struct Work<'n> {
    taps: Taps<'n>,
    pub made: Plane,
}

impl<'n> Work<'n> {
    /// `margin` is the reach of the taps that read the output.
    pub fn new(layer: &'n Layer, from: &Plane, margin: usize) -> Self {
        let (width, height) = layer.made(from);
        Self { taps: Taps::new(layer, from), made: Plane::new(width, height, layer.outputs(), margin, 0) }
    }

    /// First line of the input that the next row reads.
    pub fn needs(&self, from: &Plane) -> usize {
        self.taps.layer.first_line(from, self.made.rows())
    }

    /// Convolves and rectifies.
    pub fn run(&mut self, means: Means, scratch: &mut Scratch, from: &Plane) {
        let Self { taps, made } = self;
        let end = taps.layer.ready(from);
        grow(made, end, means, scratch, |y, [row], scratch| {
            let sums = taps.sums(means, from, y, &mut scratch.sums);
            taps.layer.activate(means.set, sums, row);
        });
    }

    /// Convolves, adds another plane `share` times and rectifies.
    pub fn run_with(&mut self, means: Means, scratch: &mut Scratch, from: &Plane, (other, share): (&Plane, f32)) {
        let Self { taps, made } = self;
        let end = taps.layer.ready(from).min(other.rows());
        grow(made, end, means, scratch, |y, [row], scratch| {
            let sums = taps.sums(means, from, y, &mut scratch.sums);
            taps.layer.activate_with(means.set, sums, (other.row(y), share), row);
        });
    }
}

/// Activations times `share`, with a layer's values of half the resolution added, rectified.
pub(super) struct Joined<'n> {
    up: Taps<'n>,
    share: f32,
    pub made: Plane,
}

impl<'n> Joined<'n> {
    pub fn new(up: &'n Layer, coarse: &Plane, fine: &Plane, share: f32) -> Self {
        let made = Plane::new(fine.width(), fine.height(), fine.channels(), 1, 0);
        Self { up: Taps::new(up, coarse), share, made }
    }

    pub fn run(&mut self, means: Means, scratch: &mut Scratch, coarse: &Plane, fine: &Plane) {
        let Self { up, share, made } = self;
        let end = 2 * coarse.rows().min(fine.rows() / 2);
        grow(made, end, means, scratch, |y, rows: [_; 2], scratch| {
            let halves = up.values(means, coarse, y, &mut scratch.sums, &mut scratch.values);
            for (i, row) in rows.into_iter().enumerate() {
                conv::add_half(means.set, fine.row(2 * y + i), *share, fine.channels(), halves, row);
            }
        });
    }
}

/// A layer of a plane, with the values of two others added: one of the plane of double resolution, and one of half.
pub(super) struct Merged<'n> {
    pub side: Taps<'n>,
    pub fine: Taps<'n>,
    up: Taps<'n>,
    pub made: Plane,
}

/// What [`Merged`] reads.
#[derive(Clone, Copy)]
pub(super) struct Three<'p> {
    pub double: &'p Plane,
    pub same: &'p Plane,
    pub half: &'p Plane,
}

impl<'n> Merged<'n> {
    pub fn new([fine, side, up]: [&'n Layer; 3], from: Three<'_>) -> Self {
        let (width, height) = side.made(from.same);
        Self {
            side: Taps::new(side, from.same),
            fine: Taps::new(fine, from.double),
            up: Taps::new(up, from.half),
            made: Plane::new(width, height, side.outputs(), 1, 0),
        }
    }

    pub fn run(&mut self, means: Means, scratch: &mut Scratch, from: Three<'_>) {
        let Self { side, fine, up, made } = self;
        let pairs = from.half.rows().min(from.same.rows() / 2).min(from.double.rows() / 4);
        grow(made, 2 * pairs, means, scratch, |y, rows: [_; 2], Scratch { sums, halves, values }| {
            let halves = up.values(means, from.half, y, sums, halves);
            for (i, row) in rows.into_iter().enumerate() {
                let values = fine.values(means, from.double, 2 * y + i, sums, values);
                conv::add_half_to(means.set, fine.layer.outputs(), halves, values);
                let sums = side.sums(means, from.same, 2 * y + i, sums);
                side.layer.activate_with_values(means.set, sums, values, row);
            }
        });
    }
}
