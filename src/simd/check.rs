//! Comparison of every kernel on every instruction set with the readable form, on inputs from arbitrary bytes, for
//! fuzzing.

use super::bits as bitmaps;
use super::chunk::{self, Chunk};
use super::instruction_set::{bits, on_every_set};
use super::motion::{self, Motion, Pairs};
use super::near::{self, Points, Tolerance};
use super::nearest::{self, Nearest};
use super::popcount::{self, Masked};
use super::wide::{Kernels, Task};
use super::{dot, gabor, look_up, panel, rows, unit};

/// Words of bit vectors.
const PLANES: usize = 6;
/// Bits of their words that count.
const COUNTED: u64 = (1 << 52) - 1;
/// Longest generated list.
const LONG: usize = 200;

/// Bytes that are converted to numbers, followed by zeros.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn u8(&mut self) -> u8 {
        match self.0.split_first() {
            Some((first, rest)) => {
                self.0 = rest;
                *first
            }
            None => 0,
        }
    }

    fn i16(&mut self) -> i16 {
        i16::from_le_bytes([self.u8(), self.u8()])
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.u8()))
    }

    /// A number from -128 to 128 whose sums are not exact, or any finite number.
    fn float(&mut self) -> f32 {
        let value = f32::from(self.i16());
        if value.to_bits().is_multiple_of(7) { value * 1e-7 } else { value / 256.0 }
    }

    /// A number from 0 to `most`.
    fn up_to(&mut self, most: usize) -> usize {
        usize::from(self.i16().unsigned_abs()) % (most + 1)
    }

    fn list<T>(&mut self, count: usize, mut of: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..count).map(|_| of(self)).collect()
    }
}

/// Runs one kernel, chosen by the first byte, on numbers from the other bytes.
///
/// # Panics
/// If an instruction set gives different bits than the readable form.
pub fn check(data: &[u8]) {
    let mut bytes = Bytes(data);
    let kernels: &[fn(&mut Bytes<'_>)] = &[
        products,
        sums_of_bytes,
        sums_of_bits,
        quantized,
        reached,
        lines_of_bitmaps,
        #[cfg(feature = "neural")]
        convolved,
        filtered,
        neighbors,
        descriptors,
        paired,
        #[cfg(feature = "gallery")]
        transformed,
        lengths,
        image_rows,
    ];
    let kernel = kernels[usize::from(bytes.u8()) % kernels.len()];
    kernel(&mut bytes);
}

fn products(bytes: &mut Bytes<'_>) {
    let (width, rows, probes) = (bytes.up_to(8) + 1, bytes.up_to(20), bytes.up_to(17));
    let chunks = |bytes: &mut Bytes<'_>, count| bytes.list(count, |b| Chunk(std::array::from_fn(|_| b.float())));
    let (stored, own) = (chunks(bytes, rows * width), chunks(bytes, probes * width));
    let probes: Vec<&[Chunk]> = own.chunks_exact(width).collect();
    on_every_set(|set| {
        let mut out = vec![f32::NAN; probes.len() * rows];
        dot::dot_rows_on(set, &probes, &stored, width, &mut out);
        bits(&out)
    });
    if let (Some(a), Some(b)) = (probes.first(), stored.get(..width)) {
        assert_eq!(dot::dot(a, b).to_bits(), dot::dot(b, a).to_bits(), "a product is symmetric");
        assert_eq!(chunk::as_floats(a).len(), width * chunk::LANES);
    }
}

type Put = fn(&mut [panel::Line], usize, &[u8]);
type Get = fn(&[panel::Line], usize, &mut [u8]);

fn panel_of(bytes: &mut Bytes<'_>, length: usize, (put, get): (Put, Get)) -> Vec<panel::Line> {
    let mut panel = vec![panel::Line::ZERO; panel::lines_for(length)];
    for row in 0..panel::ROWS {
        let stored = bytes.list(length, Bytes::u8);
        put(&mut panel, row, &stored);
        let mut back = vec![0; length];
        get(&panel, row, &mut back);
        assert_eq!(back, stored, "a row of a panel");
    }
    panel
}

fn sums_of_bytes(bytes: &mut Bytes<'_>) {
    let (length, count) = (bytes.up_to(63) + 1, bytes.up_to(panel::MAX_PROBES - 1) + 1);
    let probes = bytes.list(count, |b| b.list(length, |b| (b.u8() as i8).max(-127)));
    let panel = panel_of(bytes, length, (panel::put_row, panel::get_row));
    let prepared = panel::ByteProbes::new(&probes.iter().map(Vec::as_slice).collect::<Vec<_>>());
    on_every_set(|set| {
        let mut sums = [[0; panel::ROWS]; panel::MAX_PROBES];
        panel::byte_sums(set, &prepared, &panel, &mut sums);
        sums[..count].to_vec()
    });
}

fn sums_of_bits(bytes: &mut Bytes<'_>) {
    let (length, count) = (8 * panel::STEP * (bytes.up_to(7) + 1), bytes.up_to(panel::MAX_PROBES - 1) + 1);
    let probes = bytes.list(count, |b| b.list(length, |b| b.u8() % (1 << panel::PLANES)));
    let panel = panel_of(bytes, length / 8, (panel::put_bits, panel::get_bits));
    let prepared = panel::BitProbes::new(&probes.iter().map(Vec::as_slice).collect::<Vec<_>>());
    on_every_set(|set| {
        let mut sums = [[0; panel::ROWS]; panel::MAX_PROBES];
        panel::bit_sums(set, &prepared, &panel, &mut sums);
        let limit = sums[0][0];
        (sums[..count].to_vec(), panel::within(set, &sums[0], limit))
    });
}

fn quantized(bytes: &mut Bytes<'_>) {
    let count = bytes.up_to(LONG);
    let vector = bytes.list(count, Bytes::float);
    on_every_set(|set| {
        let mut out = vec![0; vector.len()];
        (panel::quantize(set, &vector, &mut out), out)
    });
}

fn reached(bytes: &mut Bytes<'_>) {
    let sums = std::array::from_fn(|_| i32::from(bytes.i16()) * 64);
    let scales = std::array::from_fn(|_| bytes.float().abs());
    let errors = std::array::from_fn(|_| bytes.float().abs());
    let bound = panel::Bound { scale: bytes.float(), norm: bytes.float(), rest: bytes.float() };
    let bar = bytes.float();
    on_every_set(|set| {
        let mut up = 0;
        panel::reaching(set, &sums, &scales, &errors, bound, bar, &mut up);
        up
    });
}

fn lines_of_bitmaps(bytes: &mut Bytes<'_>) {
    let words = bitmaps::WORDS * (bytes.up_to(2) + 1);
    let lines: [Vec<u64>; 3] = std::array::from_fn(|_| bytes.list(words + 2, Bytes::u64));
    let lines = [&*lines[0], &*lines[1], &*lines[2]];
    let second = bytes.u8() & 1 == 1;
    on_every_set(|set| {
        let mut out = [(); 3].map(|()| vec![0; words]);
        bitmaps::thinned(set, lines, second, &mut out[0]);
        bitmaps::bent(set, lines, &mut out[1]);
        bitmaps::nodes(set, lines, &mut out[2]);
        out
    });
}

#[cfg(feature = "neural")]
fn convolved(bytes: &mut Bytes<'_>) {
    use super::conv;
    let (groups, outputs, positions) = (bytes.up_to(11) + 1, bytes.up_to(39) + 1, bytes.up_to(19) + 1);
    let step = bytes.up_to(7) + 1;
    let weights = bytes.list(groups * outputs * conv::GROUP, |b| (b.u8() as i8).max(-127));
    let reach = (positions - 1) * step + conv::GROUP;
    let offsets = bytes.list(groups, |b| b.up_to(30));
    let plane = bytes.list(reach + 30, |b| b.u8().min(conv::MAX_ACTIVATION));
    let weights = conv::Weights::new(groups, outputs, &weights);
    let window = conv::Window { bytes: &plane, step, offsets: &offsets };
    let (scale, bias) = (bytes.list(weights.outputs(), Bytes::float), bytes.list(weights.outputs(), Bytes::float));
    let (others, values) = (
        bytes.list(positions * outputs, |b| b.u8().min(conv::MAX_ACTIVATION)),
        bytes.list(positions * outputs, Bytes::float),
    );
    let share = bytes.float();
    on_every_set(|set| {
        let mut sums = vec![0; positions * weights.outputs()];
        conv::row(set, &weights, window, &mut sums);
        let mut out = [(); 4].map(|()| vec![0u8; positions * outputs]);
        let [a, b, c, d] = &mut out;
        conv::activate(set, &sums, &scale, &bias, outputs, a);
        conv::activate_with(set, &sums, &scale, &bias, outputs, &others, share, b);
        conv::activate_with_values(set, &sums, &scale, &bias, outputs, &values, c);
        conv::add_half(set, &others, share, outputs, &values, d);
        let mut floats = [(); 2].map(|()| vec![0f32; positions * outputs]);
        conv::scaled(set, &sums, &scale, &bias, outputs, &mut floats[0]);
        conv::add_half_to(set, outputs, &values, &mut floats[1]);
        (sums, out, bits(&floats.concat()))
    });
}

fn filtered(bytes: &mut Bytes<'_>) {
    let kernels = bytes.list(2, |b| {
        let radius = b.up_to(gabor::MARGIN);
        let taps = b.list((2 * radius + 1) * (2 * radius + 1), |b| (b.u8() as i8).clamp(-64, 64));
        gabor::Kernel::new(radius, &taps, 1.0 / 64.0)
    });
    let mut lines = Box::new([[0u8; gabor::LINE]; gabor::LINES]);
    let (seed, rest) = (bytes.u64(), bytes.0);
    for (at, pixel) in lines.as_flattened_mut().iter_mut().enumerate() {
        // Repeat the remaining bytes, modified on each pass.
        let turn = seed.rotate_left(at as u32 % 61) as u8;
        *pixel = rest.get(at % rest.len().max(1)).copied().unwrap_or(0) ^ if at < rest.len() { 0 } else { turn };
    }
    let chosen = std::array::from_fn(|at| match (seed >> (at % 61)) & 3 {
        0 => gabor::NONE,
        odd => (odd & 1) as u16,
    });
    on_every_set(|set| {
        let mut tile = gabor::Tile::new();
        tile.fill(set, &lines);
        let mut out = [[7i16; 16]; gabor::TILE_COLUMNS * gabor::TILE_ROWS];
        gabor::filter(set, &tile, &kernels.iter().collect::<Vec<_>>(), &chosen, &mut out);
        out
    });
}

/// Results of the kernels of a whole computation.
struct Neighbors<'a> {
    a: (&'a Points, usize),
    b: (&'a Points, usize, usize),
    tolerance: Tolerance<'a>,
    sets: [Masked<'a, PLANES>; 2],
    stride: usize,
    rows: usize,
}

impl Task for Neighbors<'_> {
    type Output = (Vec<u64>, u64, Vec<u32>);

    #[inline(always)]
    fn run(self, kernels: impl Kernels) -> Self::Output {
        let mut near = [0; near::MOST];
        kernels.near(self.a, self.b, self.tolerance, &mut near);
        let above = kernels.above(&self.b.0.x[..self.b.2.min(near::GROUP)], self.a.0.x[0]);
        let mut alike = vec![9.0f32; self.rows * self.stride];
        kernels.similarities(self.sets[0], self.sets[1], 20, self.stride, &mut alike);
        (near.to_vec(), above, bits(&alike))
    }
}

fn neighbors(bytes: &mut Bytes<'_>) {
    let (rows, n, alike) = (bytes.up_to(near::MOST), bytes.up_to(near::MOST), bytes.up_to(11));
    let start = [0, near::GROUP][usize::from(bytes.u8() & 1)];
    let points = |bytes: &mut Bytes<'_>, count: usize| {
        let mut points = Points::default();
        for i in 0..count {
            (points.x[i], points.y[i], points.direction[i]) = (bytes.float(), bytes.float(), bytes.i16().into());
        }
        points
    };
    let (a, b) = (points(bytes, rows), points(bytes, n));
    let distance2 = std::array::from_fn(|_| bytes.float().abs());
    let tolerance = Tolerance { distance2: &distance2, turn: bytes.i16().unsigned_abs() };
    let planes = [alike, alike / 2 + 1].map(|count| bytes.list(PLANES * count, |b| b.u64() & b.u64()));
    let masks = [alike, alike / 2 + 1].map(|count| bytes.list(count, |b| b.u64() | b.u64()));
    let stride = masks[1].len().next_multiple_of(popcount::LANES);
    let task = || Neighbors {
        a: (&a, rows),
        b: (&b, start, n),
        tolerance,
        sets: [0, 1].map(|i| Masked { planes: &planes[i], masks: &masks[i] }),
        stride,
        rows: masks[0].len(),
    };
    on_every_set(|set| set.run(task()));
}

fn descriptors(bytes: &mut Bytes<'_>) {
    let (groups, n) = (bytes.up_to(6), bytes.up_to(90));
    let probe: Vec<nearest::Group<PLANES>> =
        bytes.list(groups, |b| std::array::from_fn(|_| std::array::from_fn(|_| b.u64() & b.u64() & COUNTED)));
    let planes = bytes.list(n * PLANES, |b| b.u64() & b.u64());
    nearest_by(&probe, [0, 3], &planes, n);
    nearest_by(&probe, [0, 1, 2, 3, 4, 5], &planes, n);
}

fn nearest_by<const W: usize>(probe: &[nearest::Group<PLANES>], sections: [usize; W], planes: &[u64], n: usize) {
    on_every_set(|set| {
        let mut found = vec![Nearest::NONE; 3];
        nearest::nearest(set, probe, sections, (planes, n), COUNTED, &mut found);
        found
    });
}

struct Explained<'a> {
    pairs: &'a Pairs,
    count: usize,
    motion: Motion,
    reach: [f32; motion::MOST],
    turned: i32,
}

impl Task for Explained<'_> {
    type Output = f32;

    #[inline(always)]
    fn run(self, kernels: impl Kernels) -> f32 {
        kernels.explained(self.pairs, self.count, &self.motion, &self.reach, self.turned)
    }
}

fn paired(bytes: &mut Bytes<'_>) {
    let (groups, words) = (bytes.up_to(motion::MOST / nearest::LANES), bytes.up_to(31) + 1);
    let count = groups * nearest::LANES;
    let (x, y) = (bytes.list(words, Bytes::u64), bytes.list(words, Bytes::u64));
    let direction = bytes.list(words.div_ceil(2), Bytes::u64);
    let points = look_up::Points { x: &x, y: &y, direction: &direction, step: 0.25 };
    let found = bytes.list(count, |b| {
        let ones = b.up_to(312);
        Nearest::new(b.up_to(ones) as i64, ones as i64, b.up_to((4 * words).min(nearest::MOST) - 1))
    });
    let ones = bytes.list(count, |b| b.up_to(312) as i32);
    let mut pairs = Pairs::default();
    on_every_set(|set| {
        let Pairs { weight, bx, by, turn, .. } = &mut pairs;
        look_up::look_up(set, &found, &ones, points, [weight, bx, by], turn);
        (bits(&pairs.weight), bits(&pairs.bx), bits(&pairs.by), pairs.turn)
    });
    (pairs.ax, pairs.ay) = (std::array::from_fn(|_| bytes.float()), std::array::from_fn(|_| bytes.float()));
    let (from, to) = ((bytes.float(), bytes.float()), (bytes.float(), bytes.float()));
    let unit = (bytes.float() / 128.0, bytes.float() / 128.0);
    let motion = Motion { from, to, turn: i32::from(bytes.u8()), unit };
    let (reach, turned) = ([bytes.float().abs() / 128.0; motion::MOST], i32::from(bytes.u8()));
    on_every_set(|set| set.run(Explained { pairs: &pairs, count, motion, reach, turned }).to_bits());
}

#[cfg(feature = "gallery")]
fn transformed(bytes: &mut Bytes<'_>) {
    let values = {
        let count = 1 << bytes.up_to(9);
        bytes.list(count, Bytes::float)
    };
    let signs = bytes.list(values.len().div_ceil(64), Bytes::u64);
    on_every_set(|set| {
        let mut out = values.clone();
        super::hadamard::flip(set, &mut out, &signs);
        super::hadamard::hadamard(set, &mut out);
        bits(&out)
    });
}

fn lengths(bytes: &mut Bytes<'_>) {
    let count = bytes.up_to(LONG);
    let components = bytes.list(count, |b| f32::from_bits(u32::from_le_bytes(std::array::from_fn(|_| b.u8()))));
    let finite: Vec<f32> = components.iter().copied().filter(|v| v.is_finite()).collect();
    let (_, _, all) = on_every_set(|set| {
        let (mut sums, mut out, mut all) = ([0.0; unit::SUMS], vec![0.0; finite.len()], false);
        unit::add_squares(set, &finite, &mut sums);
        unit::divide(set, &finite, sums.iter().sum::<f64>().max(1e-30), &mut out);
        unit::all_finite(set, &components, &mut all);
        (sums.map(f64::to_bits), bits(&out), all)
    });
    assert_eq!(all, finite.len() == components.len());
}

fn image_rows(bytes: &mut Bytes<'_>) {
    let count = bytes.up_to(LONG - 1) + 1;
    let (pixels, words) = (bytes.list(count, Bytes::u8), bytes.list(count, Bytes::i16));
    let (a, b) = (bytes.list(count, |b| b.float() / 16.0), bytes.list(count, Bytes::float));
    on_every_set(|set| rows::every_kernel(set, &pixels, &words, &a, &b));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Replays the corpus of fuzzing, as `tests/corpus.rs` does for the other targets.
    #[test]
    fn seeds_of_the_fuzz_target_pass() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/simd_kernels");
        let seeds = std::fs::read_dir(&folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
        assert!(seeds.map(|seed| check(&seed)).count() >= 14);
    }

    /// Kernels differ in their tails, so every length is tested.
    #[test]
    fn every_kernel_agrees_on_made_up_bytes() {
        let mut state = 7u64;
        for round in 0..14 * 12u8 {
            let made: Vec<u8> = (0..3000)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 56) as u8
                })
                .collect();
            check(&[&[round], &made[..]].concat());
        }
        check(&[]);
    }
}
