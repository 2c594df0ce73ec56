//! Tests: layers against their definition, damaged weights, and the whole network on every instruction set.

use std::collections::HashMap;

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use sha2::{Digest, Sha256};

use super::layer::Layer;
use super::plane::Plane;
use super::rows::{Joined, Merged, Scratch, Taps, Three, Work};
use super::*;
use crate::fingerprint::extract::tests::{VORTICES, vortices};
use crate::fingerprint::extract::{Extractor, trace};
use crate::fingerprint::minutia::Minutia;
use crate::simd::instruction_set::on_every_set;

/// Numbers from a small generator (splitmix64).
fn numbers(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// A plane with all rows.
fn plane(
    width: usize,
    height: usize,
    channels: usize,
    margin: usize,
    fill: u8,
    next: &mut impl FnMut() -> u64,
) -> Plane {
    let mut plane = Plane::new(width, height, channels, margin, fill);
    let (stride, inner) = (plane.stride(), plane.inner());
    for line in plane.add(height).chunks_exact_mut(stride) {
        line[inner.clone()].iter_mut().for_each(|v| *v = (next() % 128) as u8);
    }
    plane
}

/// Gives `to` the rows of `from` up to row `end`.
fn copy_rows(from: &Plane, to: &mut Plane, end: usize) {
    let (first, stride, inner) = (to.rows(), to.stride(), to.inner());
    for (i, line) in to.add(end).chunks_exact_mut(stride).enumerate() {
        line[inner.clone()].copy_from_slice(from.row(first + i));
    }
}

/// An empty plane like another.
fn like(plane: &Plane, fill: u8) -> Plane {
    Plane::new(plane.width(), plane.height(), plane.channels(), plane.margin(), fill)
}

/// A convolution by its definition.
struct Naive<'a> {
    weights: &'a [i8],
    shape: [usize; 4],
    scale: &'a [f32],
    bias: &'a [f32],
    stride: usize,
    dilation: usize,
}

impl Naive<'_> {
    fn value(&self, from: &Plane, outside: i32, x: usize, y: usize, output: usize) -> f32 {
        let [_, inputs, size, _] = self.shape;
        let before = if size % 2 == 1 { size / 2 * self.dilation } else { 0 } as isize;
        let mut sum = 0i32;
        for input in 0..inputs {
            for (row, column) in (0..size * size).map(|i| (i / size, i % size)) {
                let px = (x * self.stride + column * self.dilation) as isize - before;
                let py = (y * self.stride + row * self.dilation) as isize - before;
                let inside = (0..from.width() as isize).contains(&px) && (0..from.height() as isize).contains(&py);
                let value = if inside {
                    i32::from(from.row(py as usize)[px as usize * from.channels() + input])
                } else {
                    outside
                };
                sum += value * i32::from(self.weights[((output * inputs + input) * size + row) * size + column]);
            }
        }
        sum as f32 * self.scale[output] + self.bias[output]
    }
}

fn rounded(value: f32) -> u8 {
    (value.clamp(0.0, 127.0) + 0.5) as u8
}

/// Weights, scale and bias of a layer of any shape.
fn random_weights(shape: [usize; 4], next: &mut impl FnMut() -> u64) -> (Vec<i8>, Vec<f32>, Vec<f32>) {
    let [outputs, inputs, size, _] = shape;
    let weights = (0..shape.iter().product()).map(|_| (next() % 255) as i8).map(|w| w.max(-127)).collect();
    let spread = 1.0 / (127.0 * (inputs * size * size) as f32).sqrt();
    let scale = (0..outputs).map(|_| spread * (0.01 + (next() % 100) as f32 / 300.0)).collect();
    (weights, scale, (0..outputs).map(|_| (next() % 120) as f32).collect())
}

fn every_means() -> impl Iterator<Item = Means> {
    InstructionSet::available()
        .flat_map(|set| [None, Some(1), Some(3)].into_iter().map(move |band| Means { set, band, step: 0 }))
}

#[test]
fn layers_are_what_their_definition_says() {
    // Inputs, outputs, taps, stride, dilation, value outside.
    let cases = [
        (1, 16, 7, 2, 1, 64),
        (16, 16, 3, 1, 1, 0),
        (16, 32, 3, 2, 1, 0),
        (96, 96, 3, 1, 2, 0),
        (64, 64, 3, 1, 1, 0),
        (32, 48, 1, 1, 1, 0),
        (16, 48, 2, 2, 1, 0),
        (48, 28, 1, 1, 1, 0),
    ];
    let mut next = numbers(3);
    for (inputs, outputs, size, stride, dilation, outside) in cases {
        let shape = [outputs, inputs, size, size];
        let (weights, scale, bias) = random_weights(shape, &mut next);
        let naive = Naive { weights: &weights, shape, scale: &scale, bias: &bias, stride, dilation };
        let layer = Layer::new(&weights, shape, &scale, &bias, stride, dilation).unwrap();
        let (width, height) = (22, 14);
        let whole = plane(width, height, inputs, 4, outside as u8, &mut next);
        let (w, h) = (width / stride, height / stride);
        let other = plane(w, h, outputs, 1, 0, &mut next);
        // All rows at once, or some by some while those above are dropped.
        for (means, step) in every_means().flat_map(|means| [height, 2 * stride, 1].map(|step| (means, step))) {
            let mut scratch = Scratch::default();
            let mut from = like(&whole, outside as u8);
            let (mut plain, mut with) = (Work::new(&layer, &from, 2), Work::new(&layer, &from, 1));
            let (taps, mut values) = (Taps::new(&layer, &from), Vec::new());
            for end in (0..height).step_by(step).map(|start| start + step) {
                copy_rows(&whole, &mut from, end);
                let done = plain.made.rows();
                plain.run(means, &mut scratch, &from);
                with.run_with(means, &mut scratch, &from, (&other, 0.4));
                taps.all_values(means, &from, done, &mut values);
                from.release(plain.needs(&from));
            }
            assert_eq!((plain.made.rows(), with.made.rows(), values.len()), (h, h, w * h * outputs));
            for (x, y, o) in (0..w * h * outputs).map(|i| (i / outputs % w, i / outputs / w, i % outputs)) {
                let at = (y * w + x) * outputs + o;
                let v = naive.value(&whole, outside, x, y, o);
                let set = means.set;
                assert_eq!(plain.made.row(y)[x * outputs + o], rounded(v), "{shape:?} {set:?} {step}");
                let sum = v + f32::from(other.row(y)[x * outputs + o]) * 0.4;
                assert_eq!(with.made.row(y)[x * outputs + o], rounded(sum), "{shape:?} {set:?} {step}");
                assert_eq!(values[at].to_bits(), v.to_bits(), "{shape:?} {set:?} {step}");
            }
        }
    }
}

#[test]
fn sums_of_several_planes_are_what_their_definition_says() {
    let mut next = numbers(5);
    let (width, height) = (12, 8);
    let double = plane(2 * width, 2 * height, 16, 1, 0, &mut next);
    let same = plane(width, height, 32, 1, 0, &mut next);
    let half = plane(width / 2, height / 2, 64, 2, 0, &mut next);
    let shapes = [[48, 16, 2, 2], [48, 32, 1, 1], [48, 64, 1, 1], [32, 64, 1, 1]];
    let parts = shapes.map(|shape| random_weights(shape, &mut next));
    let layer = |i: usize, stride| Layer::new(&parts[i].0, shapes[i], &parts[i].1, &parts[i].2, stride, 1).unwrap();
    let naive = |i: usize, stride| Naive {
        weights: &parts[i].0,
        shape: shapes[i],
        scale: &parts[i].1,
        bias: &parts[i].2,
        stride,
        dilation: 1,
    };
    let (fine, side, up, up_to_same) = (layer(0, 2), layer(1, 1), layer(2, 1), layer(3, 1));
    for means in every_means() {
        let mut scratch = Scratch::default();
        let three = Three { double: &double, same: &same, half: &half };
        let mut merged = Merged::new([&fine, &side, &up], three);
        merged.run(means, &mut scratch, three);
        let mut joined = Joined::new(&up_to_same, &half, &same, 0.7);
        joined.run(means, &mut scratch, &half, &same);
        for (x, y) in (0..width * height).map(|i| (i % width, i / width)) {
            for o in 0..48 {
                let added = naive(0, 2).value(&double, 0, x, y, o) + naive(2, 1).value(&half, 0, x / 2, y / 2, o);
                let expected = rounded(naive(1, 1).value(&same, 0, x, y, o) + added);
                assert_eq!(merged.made.row(y)[x * 48 + o], expected);
            }
            for o in 0..32 {
                let own = f32::from(same.row(y)[x * 32 + o]) * 0.7;
                let expected = rounded(own + naive(3, 1).value(&half, 0, x / 2, y / 2, o));
                assert_eq!(joined.made.row(y)[x * 32 + o], expected);
            }
        }
    }
}

#[test]
fn layers_that_do_not_fit_are_refused() {
    let good = |shape: [usize; 4], weight: i8, scale: f32| {
        let weights = vec![weight; shape.iter().product()];
        Layer::new(&weights, shape, &vec![scale; shape[0]], &vec![0.0; shape[0]], 1, 1).is_ok()
    };
    assert!(good([16, 16, 3, 3], 1, 0.1));
    assert!(!good([16, 16, 3, 5], 1, 0.1));
    assert!(!good([16, 18, 3, 3], 1, 0.1));
    assert!(!good([0, 16, 3, 3], 1, 0.1));
    assert!(!good([16, 256, 3, 3], 1, 0.1), "sums would not be exact");
    assert!(!good([16, 16, 3, 3], -128, 0.1));
    assert!(!good([16, 16, 3, 3], 1, f32::NAN));
    assert!(!good([16, 16, 3, 3], 1, f32::INFINITY));
}

#[test]
fn shipped_weights_are_read() {
    for (model, name, bytes) in [
        (Model::standard(), "standard", include_bytes!("weights/standard.safetensors").as_slice()),
        (Model::synthetic(), "synthetic", include_bytes!("weights/synthetic.safetensors").as_slice()),
        (Model::small(), "small", include_bytes!("weights/small.safetensors").as_slice()),
    ] {
        assert_eq!(model.name(), name);
        assert!(Model::decode(bytes).as_ref() == Ok(&model), "{name}: the checksum is another");
        assert!(model.trained_on().contains("synthetic"));
        assert!(bytes.len() <= Model::MAX_BYTES);
        let card = include_str!("weights/README.md");
        assert!(card.contains(model.sha256()), "the model card names other weights than {}", model.sha256());
    }
    assert_eq!(Model::synthetic().trained_on(), "synthetic prints");
    assert!(Model::small().weights() * 2 < Model::standard().weights());
}

/// Type, shape and bytes by name.
type Tensors = HashMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

/// The small model's tensors and metadata after `change`, as a file with a valid checksum.
fn changed(change: impl FnOnce(&mut Tensors, &mut HashMap<String, String>)) -> Vec<u8> {
    let bytes = include_bytes!("weights/small.safetensors");
    let file = safetensors::SafeTensors::deserialize(bytes).unwrap();
    let (_, metadata) = safetensors::SafeTensors::read_metadata(bytes).unwrap();
    let mut about = metadata.metadata().clone().unwrap();
    let mut tensors: Tensors =
        file.iter().map(|(n, t)| (n.to_owned(), (t.dtype(), t.shape().to_vec(), t.data().to_vec()))).collect();
    change(&mut tensors, &mut about);
    let views = || {
        let view = |d: &Dtype, s: &Vec<usize>, b| TensorView::new(*d, s.clone(), b).unwrap();
        tensors.iter().map(|(n, (d, s, b))| (n.clone(), view(d, s, b))).collect::<Vec<_>>()
    };
    let first = safetensors::serialize(views(), Some(about.clone())).unwrap();
    let header = u64::from_le_bytes(first[..8].try_into().unwrap()) as usize;
    let sum = Sha256::digest(&first[8 + header..]).iter().map(|b| format!("{b:02x}")).collect::<String>();
    about.insert("sha256".into(), sum);
    safetensors::serialize(views(), Some(about)).unwrap()
}

#[test]
fn weights_that_are_changed_are_refused() {
    let untouched = changed(|_, _| ());
    assert!(Model::decode(&untouched).is_ok());
    let tensor = |bytes: &[u8]| matches!(Model::decode(bytes), Err(ModelError::Tensor { .. }));

    let mut flipped = untouched.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(Model::decode(&flipped), Err(ModelError::Checksum));
    for length in [0, 7, 8, 100, untouched.len() - 1] {
        assert_eq!(Model::decode(&untouched[..length]), Err(ModelError::Format), "{length}");
    }
    assert!(matches!(Model::decode(&vec![0; Model::MAX_BYTES + 1]), Err(ModelError::TooLarge { .. })));
    assert_eq!(Model::decode(&changed(|_, about| drop(about.remove("format")))), Err(ModelError::Kind));
    let missing = changed(|tensors, _| drop(tensors.remove("merge2.scale")));
    assert_eq!(Model::decode(&missing), Err(ModelError::Missing("merge2.scale".into())));
    assert!(tensor(&changed(|tensors, _| tensors.get_mut("head.bias").unwrap().0 = Dtype::I32)));
    assert!(tensor(&changed(|tensors, _| tensors.get_mut("stem.weight").unwrap().1.reverse())));
    assert!(tensor(&changed(|tensors, _| tensors.get_mut("up3.weight").unwrap().2[5] = 0x80)));
    let infinite = f32::INFINITY.to_le_bytes();
    assert!(tensor(&changed(|tensors, _| tensors.get_mut("merge3.share").unwrap().2.copy_from_slice(&infinite))));
    assert!(tensor(&changed(|tensors, _| tensors.get_mut("side.bias").unwrap().2[..4].copy_from_slice(&infinite))));
    // One layer takes the place of another of a different size.
    let swapped = changed(|tensors, _| {
        for part in ["weight", "scale", "bias"] {
            let other = tensors[&format!("eighth.0.a.{part}")].clone();
            tensors.insert(format!("merge2.{part}"), other);
        }
    });
    assert!(matches!(Model::decode(&swapped), Err(ModelError::Network(_))));
}

#[test]
fn every_set_any_bands_and_any_steps_give_the_same_outputs() {
    let image = vortices(300, &VORTICES);
    let model = Model::small();
    let pixels = normalize::normalize(&image).pixels;
    let run = |set, band, step| {
        let mut all = Vec::new();
        // The network's multiple divides neither side.
        let input =
            |y: usize, row: &mut [u8]| row.iter_mut().zip(pixels.row(y + 100)).for_each(|(to, from)| *to = from / 2);
        model.network().run(Means { set, band, step }, (300, 170), input, |y, outputs| {
            assert_eq!(all.len(), y * outputs.len(), "rows come from the top down");
            all.extend(outputs.iter().map(|v| v.to_bits()));
        });
        assert_eq!(all.len(), 304 / 4 * 176 / 4 * OUTPUTS);
        all
    };
    // The whole picture layer by layer, then as few rows at once as there can be.
    let ways =
        [(None, usize::MAX), (None, 0), (None, 48 * 304), (Some(1), usize::MAX), (Some(1), 0), (Some(5), 48 * 304)];
    let [whole, others @ ..] = on_every_set(|set| ways.map(|(band, step)| run(set, band, step)));
    assert!(others.iter().all(|other| *other == whole));
    let serial = Extractor::new().extract(&image).unwrap();
    let parallel = Extractor::builder().parallel(true).build().unwrap();
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(|| parallel.extract(&image)).unwrap() == serial);
    }
}

#[test]
fn steps_do_not_change_what_is_found() {
    // Vortices all over, in images that neither a step nor the network's multiple divides.
    let spread = |size: usize| -> Vec<(f32, f32, f32)> {
        let places = (60..size - 40).step_by(90).flat_map(|y| (60..size - 40).step_by(80).map(move |x| (x, y)));
        places.enumerate().map(|(i, (x, y))| (x as f32, y as f32, if i % 2 == 0 { 1.0 } else { -1.0 })).collect()
    };
    for size in [333, 1030] {
        let image = vortices(size, &spread(size));
        let found = |step, band| {
            let means = Means { set: InstructionSet::best(), band, step };
            let Ok(found) = find_by(means, &Model::small(), &image, &mut trace::NoTrace) else { panic!("ridges") };
            let bits = |m: &Minutia| ([m.x, m.y, m.direction.radians()].map(f32::to_bits), m.kind, m.quality);
            (found.minutiae.iter().map(bits).collect::<Vec<_>>(), found.flow, found.quality)
        };
        // With all rows in one step, every layer runs over the whole picture before the next one does.
        let whole = found(usize::MAX, None);
        assert!(whole.0.len() > 8);
        for (step, band) in [(0, None), (params::STEP, None), (params::PARALLEL_STEP, Some(params::BAND))] {
            assert!(found(step, band) == whole, "{size}, {step}");
        }
    }
}

#[test]
fn maxima_are_kept_once() {
    let (columns, rows) = (6, 5);
    let mut outputs = vec![0f32; columns * rows * OUTPUTS];
    for places in outputs.chunks_exact_mut(OUTPUTS) {
        places[..4 * MINUTIA_CHANNELS].chunks_exact_mut(MINUTIA_CHANNELS).for_each(|p| p[0] = -20.0);
    }
    // Two equal neighbors, and the corner.
    let mut put = |x: usize, y: usize, values: [f32; MINUTIA_CHANNELS]| {
        let at = (y / 2 * columns + x / 2) * OUTPUTS + (y % 2 * 2 + x % 2) * MINUTIA_CHANNELS;
        outputs[at..at + MINUTIA_CHANNELS].copy_from_slice(&values);
    };
    put(4, 4, [5.0, 0.0, 1.0, 1.0, 0.25, -0.5]);
    put(5, 4, [5.0, 0.0, 1.0, 1.0, 0.25, -0.5]);
    put(0, 0, [9.0, -1.0, 0.0, -1.0, 0.0, 0.0]);
    put(1, 0, [9.0, -1.0, 0.0, -1.0, 0.0, 0.0]);
    let within = |size| {
        let mut peaks = Peaks::new(columns, rows, size);
        outputs.chunks_exact(columns * OUTPUTS).enumerate().for_each(|(y, row)| peaks.take(y, row));
        peaks.found().1
    };
    let mut found = within((24, 20));
    assert_eq!(found.len(), 2, "{} found", found.len());
    found.sort_by(|a, b| a.y.total_cmp(&b.y));
    assert_eq!((found[1].x, found[1].y), (2.0 * 4.75 - 0.5, 2.0 * 4.0 - 0.5));
    assert!((found[1].direction.degrees() - 90.0).abs() < 1e-3);
    assert!((found[0].direction.degrees() - 180.0).abs() < 1e-3);
    assert_eq!(found[1].kind, crate::MinutiaKind::Ending);
    assert_eq!(found[0].kind, crate::MinutiaKind::Bifurcation);
    // Minutiae outside the image are dropped.
    assert_eq!(within((8, 8)).len(), 1);
}

#[test]
fn stages_of_the_network_are_shown() {
    struct Names(Vec<&'static str>);
    impl trace::TraceSink for Names {
        fn stage(&mut self, name: &'static str, _: Stage<'_>) {
            self.0.push(name);
        }
    }
    let mut names = Names(Vec::new());
    Extractor::new().extract_traced(&vortices(300, &VORTICES), &mut names).unwrap();
    assert_eq!(names.0, ["normalized", "foreground", "orientation", "period", "heat", "singular", "minutiae"]);
}
